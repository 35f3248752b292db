//! Measures of rows by what others have: duplicates, groups, segments.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{
    Anonymity, ComparisonForm, DataType, DuplicateTally, GroupTally, Grouped, KeySpec, MOST_SEGMENTS, Reading, Segment,
    SegmentValue, Unmeasured,
};
use crate::scalar::{fold, nfc};
use crate::text::without_invisible;

use super::rows::{Column, Key, Read, Row, Table, Unreadable, is_of_type, key, whole_key};
use super::scope::{Measured, Outcome, Scoped, count, fail, grouped, tally};

/// Rows whose key occurs more than once.
pub(super) fn duplicate_keys(spec: &KeySpec, rows: &Scoped<'_>) -> Result<Measured, Unmeasured> {
    let columns = rows.table.columns(&spec.columns)?;
    Ok(duplicates(rows, |row| key(&columns, row)))
}

/// Rows that occur more than once in these columns; missing cells equal each other.
pub(super) fn duplicate_rows(columns: &[String], rows: &Scoped<'_>) -> Result<Measured, Unmeasured> {
    let columns = rows.table.columns(columns)?;
    Ok(duplicates(rows, |row| if columns.is_empty() { Ok(None) } else { whole_key(&columns, row).map(Some) }))
}

fn duplicates<K: Ord>(rows: &Scoped<'_>, key: impl FnMut(&Row) -> Read<K>) -> Measured {
    let (mut outcomes, keys) = rows.gather(key);
    let evaluated = keys.len() as u64;
    let groups: Vec<Vec<usize>> = grouped(keys).into_values().filter(|rows| rows.len() > 1).collect();
    fail(&mut outcomes, groups.iter().flatten());
    let duplicated = groups.iter().map(Vec::len).sum::<usize>() as u64;
    let reading = Reading::Duplicates(DuplicateTally {
        evaluated,
        duplicated,
        groups: groups.len() as u64,
        surplus: duplicated - groups.len() as u64,
        not_applicable: count(&outcomes, Outcome::NotApplicable),
        unreadable: count(&outcomes, Outcome::Unreadable),
        failing_rows: Vec::new(),
    });
    Measured { reading, outcomes }
}

/// Rows by what the rows of their group have together.
pub(super) fn measure(asked: &Grouped, rows: &Scoped<'_>) -> Result<Measured, Unmeasured> {
    match asked {
        Grouped::Determines { from, to, form, minority } => determines((from, to), form, *minority, rows),
        Grouped::Anonymous { quasi_identifiers, k, sensitive, l } => {
            anonymous(quasi_identifiers, *k, sensitive, *l, rows)
        }
    }
}

/// A text as a comparison takes it.
pub(super) fn formed(text: &str, form: &ComparisonForm) -> String {
    match form {
        ComparisonForm::Exact | ComparisonForm::Tolerance(_) => text.to_owned(),
        ComparisonForm::Nfc => nfc(text).into_owned(),
        ComparisonForm::Folded => fold(text).into_owned(),
    }
}

fn determines(
    (from, to): (&KeySpec, &KeySpec),
    form: &ComparisonForm,
    minority: bool,
    rows: &Scoped<'_>,
) -> Result<Measured, Unmeasured> {
    let (from, to) = (rows.table.columns(&from.columns)?, rows.table.columns(&to.columns)?);
    let right_side = |row: &Row| -> Read<Key> {
        let by_value = key(&to, row)?;
        Ok(match form {
            ComparisonForm::Exact | ComparisonForm::Tolerance(_) => by_value,
            // The text as it is written, compared in this form.
            form => by_value.map(|_| to.iter().filter_map(|column| Some(formed(&column.shown(row)?, form))).collect()),
        })
    };
    let (mut outcomes, sides) = rows.gather(|row| match (key(&from, row), right_side(row)) {
        (Ok(None), _) | (_, Ok(None)) => Ok(None),
        (Ok(Some(left)), Ok(Some(right))) => Ok(Some((left, right))),
        _ => Err(Unreadable),
    });
    let mut groups: BTreeMap<Key, BTreeMap<Key, Vec<usize>>> = BTreeMap::new();
    for (at, (left, right)) in sides {
        groups.entry(left).or_default().entry(right).or_default().push(at);
    }
    let mut failing = 0;
    for sides in groups.values().filter(|sides| sides.len() > 1) {
        failing += 1;
        let most = sides.values().map(Vec::len).max();
        let is_common = |side: &&Vec<usize>| Some(side.len()) == most;
        let passes =
            minority && sides.len() <= Grouped::MOST_RIGHT_SIDES && sides.values().filter(is_common).count() == 1;
        fail(&mut outcomes, sides.values().filter(|side| !(passes && is_common(side))).flatten());
    }
    let groups = groups.len() as u64;
    let reading = Reading::Groups(GroupTally { rows: tally(&outcomes), groups, failing, anonymity: None });
    Ok(Measured { reading, outcomes })
}

fn anonymous(
    quasi_identifiers: &KeySpec,
    k: u64,
    sensitive: &[String],
    l: u64,
    rows: &Scoped<'_>,
) -> Result<Measured, Unmeasured> {
    let columns = rows.table.columns(&quasi_identifiers.columns)?;
    let sensitive = rows.table.columns(sensitive)?;
    let (mut outcomes, keys) = rows.gather(|row| whole_key(&columns, row).map(Some));
    let mut anonymity = Anonymity::default();
    let (mut groups, mut failing) = (0, 0);
    for positions in grouped(keys).into_values() {
        let members: Vec<&Row> = positions.iter().filter_map(|at| rows.table.rows.get(*at)).collect();
        let size = members.len() as u64;
        let has_unreadable = |row: &&&Row| sensitive.iter().any(|column| sensitive_value(column, row).is_err());
        anonymity.unreadable_sensitive += members.iter().filter(has_unreadable).count() as u64;
        let different = |column: &&Column| {
            let values = members.iter().filter_map(|row| sensitive_value(column, row).ok().flatten());
            values.collect::<BTreeSet<String>>().len() as u64
        };
        let (under_k, under_l) = (size < k, sensitive.iter().any(|column| different(column) < l));
        anonymity.smallest = if groups == 0 { size } else { anonymity.smallest.min(size) };
        anonymity.groups_under_k += u64::from(under_k);
        anonymity.rows_under_k += if under_k { size } else { 0 };
        anonymity.groups_under_l += u64::from(under_l);
        anonymity.rows_under_l += if under_l { size } else { 0 };
        groups += 1;
        if under_k || under_l {
            failing += 1;
            fail(&mut outcomes, &positions);
        }
    }
    let reading = Reading::Groups(GroupTally { rows: tally(&outcomes), groups, failing, anonymity: Some(anonymity) });
    Ok(Measured { reading, outcomes })
}

/// A sensitive value: texts that look the same are one.
fn sensitive_value(column: &Column, row: &Row) -> Read<String> {
    if !column.data_type.is_textual() {
        return column.written(row, column.data_type);
    }
    let Some(text) = column.shown(row) else { return Ok(None) };
    match fold(&without_invisible(&text)).into_owned() {
        shown if shown.is_empty() => Ok(None),
        shown if column.data_type == DataType::Uuid && !is_of_type(&shown, column.data_type) => Err(Unreadable),
        shown => Ok(Some(shown)),
    }
}

/// The outcomes of rows by the values of some columns.
pub(super) fn segments(names: &[String], table: &Table, outcomes: &[Outcome]) -> Result<Vec<Segment>, Unmeasured> {
    let columns = table.columns(names)?;
    let mut groups: BTreeMap<Vec<SegmentValue>, Vec<Outcome>> = BTreeMap::new();
    for (row, outcome) in table.rows.iter().zip(outcomes) {
        let value = |column: &&Column| match column.written(row, column.data_type) {
            Ok(None) => SegmentValue::Missing,
            Ok(Some(text)) => SegmentValue::Value(text),
            Err(Unreadable) => SegmentValue::Unreadable,
        };
        groups.entry(columns.iter().map(value).collect()).or_default().push(*outcome);
    }
    if groups.len() > MOST_SEGMENTS {
        return Err(Unmeasured::unreadable(format!(
            "`segment` makes more than {MOST_SEGMENTS} groups by {}; take columns with fewer values",
            names.join(", ")
        )));
    }
    let segment = |(values, outcomes): (Vec<SegmentValue>, Vec<Outcome>)| {
        let rows = tally(&outcomes);
        Segment { values, passed: rows.passed, failed: rows.failed, not_applicable: rows.not_applicable }
    };
    Ok(groups.into_iter().map(segment).collect())
}
