//! Measures that look into other datasets: keys, agreement, coverage, entities.

use std::collections::{BTreeMap, BTreeSet};

use num_bigint::BigInt;

use crate::model::{
    Comparison, ComparisonForm, CoverTally, Covers, DataType, Entities, EntitySide, EntityTally, Expected, Kept,
    KeySpec, Lookup, MatchTally, NAMED_VALUES, Reading, Unmeasured, Value, ValueList,
};

use super::data::Data;
use super::groups::formed;
use super::numbers::{Exact, exact, magnitude};
use super::rows::{Column, Key, Read, Row, Unreadable, key, read, written_of_list};
use super::scope::{Measured, Outcome, Scoped, fail, tally};

/// The rows of one dataset by key.
#[derive(Debug, Default)]
pub(super) struct ByKey<'t> {
    pub rows: BTreeMap<Key, Vec<&'t Row>>,
    /// Rows in scope with a missing key part.
    pub without_key: u64,
    /// Rows whose key is unreadable, or for which it is unknown whether they are in scope.
    pub unreadable: u64,
}

impl<'t> ByKey<'t> {
    /// Sorts the rows in scope by the columns of a key; without columns all have one key.
    pub(super) fn of(rows: &Scoped<'t>, spec: &KeySpec) -> Result<Self, Unmeasured> {
        let columns = rows.table.columns(&spec.columns)?;
        let mut sorted = Self { unreadable: rows.doubts(), ..Self::default() };
        for (_, row) in rows.rows() {
            match key(&columns, row) {
                Ok(Some(key)) => sorted.rows.entry(key).or_default().push(row),
                Ok(None) => sorted.without_key += 1,
                Err(Unreadable) => sorted.unreadable += 1,
            }
        }
        Ok(sorted)
    }

    /// The rows that a lookup keeps. Where only keys matter, rows for which it is unknown whether they are in scope are kept
    /// if the lookup asks for them. They count as unreadable only if they have a key.
    pub(super) fn of_lookup(lookup: &Lookup, data: &'t Data<'_>) -> Result<Self, Unmeasured> {
        let table = data.other(&lookup.dataset)?;
        let rows = Scoped::new(table, lookup.filter.as_ref(), data.plan.as_of)?;
        let mut sorted = Self::of(&rows, &lookup.key)?;
        if let Kept::Keys | Kept::DoubtfulKeys = lookup.kept {
            let columns = table.columns(&lookup.key.columns)?;
            for row in rows.doubtful() {
                match key(&columns, row) {
                    Ok(None) => sorted.unreadable -= 1,
                    Ok(Some(key)) if lookup.kept == Kept::DoubtfulKeys => {
                        sorted.rows.entry(key).or_default().push(row);
                    }
                    Ok(Some(_)) | Err(Unreadable) => {}
                }
            }
        }
        Ok(sorted)
    }
}

/// Whether the key of each row occurs in another dataset, or (`negated`) does not.
pub(super) fn found(
    spec: &KeySpec,
    lookup: &Lookup,
    negated: bool,
    rows: &Scoped<'_>,
    data: &Data<'_>,
) -> Result<Measured, Unmeasured> {
    let (columns, others) = (rows.table.columns(&spec.columns)?, ByKey::of_lookup(lookup, data)?);
    let outcomes = rows.judge(|row| match key(&columns, row) {
        Ok(Some(key)) => Outcome::from(others.rows.contains_key(&key) != negated),
        Ok(None) => Outcome::NotApplicable,
        Err(Unreadable) => Outcome::Unreadable,
    });
    let mut counted = tally(&outcomes);
    counted.other_unreadable = others.unreadable;
    Ok(Measured { reading: Reading::Rows(counted), outcomes })
}

/// One compared fact of a row.
#[derive(Debug, Clone, PartialEq)]
enum Fact {
    Missing,
    Unreadable,
    Text(String),
    Number(Exact),
    /// Whether it is over 0.
    Infinite(bool),
}

/// A column that is compared.
struct Compared<'t> {
    column: &'t Column,
    form: &'t ComparisonForm,
    data_type: DataType,
}

impl Compared<'_> {
    fn fact(&self, row: &Row) -> Fact {
        fn of<T>(found: Read<T>, fact: impl FnOnce(T) -> Fact) -> Fact {
            match found {
                Ok(None) => Fact::Missing,
                Ok(Some(found)) => fact(found),
                Err(Unreadable) => Fact::Unreadable,
            }
        }
        match (self.form, self.data_type) {
            (ComparisonForm::Tolerance(_), data_type) => {
                of(read(self.column.cell_as(row, data_type, None)), |value| match value {
                    Value::Float(number) if number.is_infinite() => Fact::Infinite(number > 0.0),
                    Value::Float(number) => shortest(number).map_or(Fact::Unreadable, Fact::Number),
                    value => exact(&value).map_or(Fact::Unreadable, Fact::Number),
                })
            }
            (form, data_type) => of(self.column.written(row, data_type), |text| Fact::Text(formed(&text, form))),
        }
    }
}

/// The shortest decimal that parses as a finite float, of however many digits.
fn shortest(number: f64) -> Option<Exact> {
    let text = format!("{number:e}");
    let (digits, power) = text.split_once('e')?;
    let places = digits.split_once('.').map_or(0, |(_, places)| places.len());
    let units = Exact::from(digits.replace('.', "").parse::<BigInt>().ok()?);
    let last = power.parse::<i32>().ok()? - i32::try_from(places).ok()?;
    Some(units * Exact::from(BigInt::from(10)).pow(last))
}

/// Whether two facts agree in a form.
fn agree(form: &ComparisonForm, one: &Fact, other: &Fact) -> bool {
    match (one, other, form) {
        (Fact::Unreadable, ..) | (_, Fact::Unreadable, _) => false,
        (Fact::Number(one), Fact::Number(other), ComparisonForm::Tolerance(by)) => {
            magnitude(&(one - other)) <= by.fraction()
        }
        _ => one == other,
    }
}

/// Whether the rows with the same key in another dataset agree on every fact.
pub(super) fn agrees(
    spec: &KeySpec,
    lookup: &Lookup,
    compare: &[Comparison],
    rows: &Scoped<'_>,
    data: &Data<'_>,
) -> Result<Measured, Unmeasured> {
    let (columns, others) = (rows.table.columns(&spec.columns)?, ByKey::of_lookup(lookup, data)?);
    let other = data.other(&lookup.dataset)?;
    let pairs = compare.iter().map(|pair| {
        let of = |column| Compared { column, form: &pair.form, data_type: pair.data_type };
        Ok((of(rows.table.column(&pair.column)?), of(other.column(&pair.to)?)))
    });
    let pairs: Vec<(Compared<'_>, Compared<'_>)> = pairs.collect::<Result<_, Unmeasured>>()?;
    let mut matching = MatchTally::default();
    let outcomes = rows.judge(|row| {
        let partners = match key(&columns, row) {
            Ok(Some(key)) => others.rows.get(&key),
            Ok(None) => return Outcome::NotApplicable,
            Err(Unreadable) => return Outcome::Unreadable,
        };
        let Some(partners) = partners else {
            matching.unmatched += 1;
            return Outcome::NotApplicable;
        };
        let (mut agrees, mut unreadable) = (true, false);
        for (ours, theirs) in &pairs {
            let (fact, facts) = (ours.fact(row), partners.iter().map(|row| theirs.fact(row)).collect::<Vec<_>>());
            unreadable |= fact == Fact::Unreadable || facts.contains(&Fact::Unreadable);
            agrees &= facts.iter().all(|theirs| agree(ours.form, &fact, theirs));
        }
        matching.matched += 1;
        matching.ambiguous += u64::from(partners.len() > 1 && !pairs.is_empty());
        matching.differing += u64::from(!agrees);
        if !agrees && unreadable { Outcome::Unreadable } else { agrees.into() }
    });
    let mut counted = tally(&outcomes);
    counted.other_unreadable = others.unreadable;
    counted.matching = (!rows.table.rows.is_empty()).then_some(matching);
    Ok(Measured { reading: Reading::Rows(counted), outcomes })
}

/// Which of the expected values occur in a column.
pub(super) fn covers(wanted: &Covers, rows: &Scoped<'_>, data: &Data<'_>) -> Result<Measured, Unmeasured> {
    let column = rows.table.column(&wanted.column)?;
    let (outcomes, values) = rows.gather(|row| column.written(row, column.data_type));
    let values: BTreeSet<String> = values.into_iter().map(|(_, value)| value).collect();
    // A row without a value has no counterpart, in scope or not.
    let beside = rows.doubtful().filter(|row| column.is_missing(row)).count() as u64;
    let unreadable = tally(&outcomes).unreadable - beside;
    let tally = match &wanted.expected {
        Expected::Keys(lookup) => {
            let others = ByKey::of_lookup(lookup, data)?;
            let found = others.rows.keys().filter(|key| matches!(key.as_slice(), [key] if values.contains(key)));
            CoverTally {
                expected: others.rows.len() as u64,
                found: found.count() as u64,
                missing: Vec::new(),
                unreadable,
                other_unreadable: others.unreadable,
            }
        }
        Expected::Listed(list) => {
            let mut known = BTreeSet::new();
            // What is no value of the type cannot occur, and is missing like any other.
            let is_new = |(_, written): &(String, Option<String>)| {
                written.as_ref().is_none_or(|written| known.insert(written.clone()))
            };
            let texts = expected(list, data)?.into_iter().map(|text| {
                let written = written_of_list(&text, column.data_type);
                (text, written)
            });
            let texts: Vec<(String, Option<String>)> = texts.filter(is_new).collect();
            let occurs = |written: &Option<String>| written.as_ref().is_some_and(|written| values.contains(written));
            let missing = texts.iter().filter(|(_, written)| !occurs(written)).map(|(text, _)| text.clone());
            CoverTally {
                expected: texts.len() as u64,
                found: texts.iter().filter(|(_, written)| occurs(written)).count() as u64,
                missing: missing.take(NAMED_VALUES).collect(),
                unreadable,
                other_unreadable: 0,
            }
        }
    };
    Ok(Reading::Covered(tally).into())
}

/// The values of a list that are expected on the day of the audit, in its order.
fn expected(list: &ValueList, data: &Data<'_>) -> Result<Vec<String>, Unmeasured> {
    let day = data.plan.as_of.day;
    match list {
        ValueList::Values(values) => Ok(values.clone()),
        ValueList::Codelist { name, .. } => {
            let entries = data.plan.codes(name);
            let entries =
                entries.ok_or_else(|| Unmeasured::unreadable(format!("the plan lacks the code list {name}")))?;
            let valid = entries.iter().filter(|entry| {
                entry.valid_from.is_none_or(|from| from <= day) && entry.valid_to.is_none_or(|to| day <= to)
            });
            Ok(valid.map(|entry| entry.code.clone()).collect())
        }
    }
}

/// What several datasets say about the same entities.
pub(super) fn entities(wanted: &Entities, rows: &Scoped<'_>, data: &Data<'_>) -> Result<Measured, Unmeasured> {
    let mut sides = vec![ByKey::of(rows, &wanted.key)?];
    // For each dataset the column of each fact that it has.
    let mut columns: Vec<BTreeMap<usize, Vec<Compared<'_>>>> = vec![BTreeMap::new()];
    for (at, fact) in wanted.facts.iter().enumerate() {
        let compared =
            Compared { column: rows.table.column(&fact.column)?, form: &fact.form, data_type: fact.data_type };
        columns[0].entry(at).or_default().push(compared);
    }
    for peer in &wanted.peers {
        sides.push(ByKey::of_lookup(&peer.lookup, data)?);
        let (table, mut facts) = (data.other(&peer.lookup.dataset)?, BTreeMap::<usize, Vec<_>>::new());
        for (at, fact) in peer.facts.iter().zip(&peer.lookup.facts) {
            let compared =
                Compared { column: table.column(&fact.column)?, form: &fact.form, data_type: fact.data_type };
            facts.entry(*at).or_default().push(compared);
        }
        columns.push(facts);
    }
    let none = vec![0; wanted.facts.len()];
    let mut tally = EntityTally { conflicts: none.clone(), gaps: none, ..EntityTally::default() };
    let side = |side: &ByKey<'_>| EntitySide {
        without_key: side.without_key,
        unreadable: side.unreadable,
        ..EntitySide::default()
    };
    tally.sides = sides.iter().map(side).collect();
    let keys: BTreeSet<&Key> = sides.iter().flat_map(|side| side.rows.keys()).collect();
    let mut failing: BTreeSet<&Key> = BTreeSet::new();
    for key in keys {
        let members: Vec<&[&Row]> =
            sides.iter().map(|side| side.rows.get(key).map_or(&[][..], Vec::as_slice)).collect();
        let datasets = members.iter().filter(|rows| !rows.is_empty()).count();
        let everywhere = datasets == sides.len();
        tally.entities += 1;
        tally.in_every += u64::from(everywhere);
        for (side, rows) in tally.sides.iter_mut().zip(&members) {
            side.entities += u64::from(!rows.is_empty());
            side.only += u64::from(!rows.is_empty() && datasets == 1);
            side.repeated += u64::from(rows.len() > 1);
        }
        if datasets < 2 && !wanted.everywhere {
            continue;
        }
        let (mut conflicting, mut unreadable) = (false, false);
        for at in 0..wanted.facts.len() {
            let facts = members.iter().zip(&columns).flat_map(|(rows, columns)| {
                let columns = columns.get(&at).map(Vec::as_slice).unwrap_or_default();
                rows.iter().flat_map(move |row| columns.iter().map(move |column| column.fact(row)))
            });
            let (all, form) = (facts.collect::<Vec<Fact>>(), &wanted.facts[at].form);
            let present: Vec<&Fact> = all.iter().filter(|fact| **fact != Fact::Missing).collect();
            let is_unreadable = all.contains(&Fact::Unreadable);
            let same = !is_unreadable && all_agree(form, &present);
            let gap = same && !present.is_empty() && present.len() < all.len();
            tally.gaps[at] += u64::from(gap);
            tally.conflicts[at] += u64::from(gap || !same);
            conflicting |= gap || !same;
            unreadable |= is_unreadable;
        }
        let fails = conflicting || wanted.everywhere && !everywhere;
        tally.judged += 1;
        tally.failed += u64::from(fails);
        tally.conflicting += u64::from(conflicting);
        tally.unreadable += u64::from(unreadable);
        if fails {
            failing.insert(key);
        }
    }
    let own = rows.table.columns(&wanted.key.columns)?;
    let (mut outcomes, keys) = rows.gather(|row| key(&own, row));
    fail(&mut outcomes, keys.iter().filter(|(_, key)| failing.contains(key)).map(|(at, _)| at));
    Ok(Measured { reading: Reading::Entities(tally), outcomes })
}

/// Whether each two facts agree: of numbers, the least and the greatest.
fn all_agree(form: &ComparisonForm, facts: &[&Fact]) -> bool {
    let number = |fact: &Fact| match fact {
        Fact::Number(number) => Some(number.clone()),
        _ => None,
    };
    let by_size = |one: &&&Fact, other: &&&Fact| number(one).cmp(&number(other));
    let ends = [facts.iter().min_by(by_size), facts.iter().max_by(by_size)];
    ends.into_iter().flatten().all(|end| facts.iter().all(|fact| agree(form, end, fact)))
}
