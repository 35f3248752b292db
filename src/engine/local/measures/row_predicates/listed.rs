//! Whether values are in a list.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

use crate::model::{DAY_MICROS, DataType, Value, ValueList, composed_list, nfc};
use crate::plan::Plan;
use crate::scalar::{Cell, canonical, compare};
use crate::source::Bits;

use crate::engine::local::batch::cells::Cells;
use crate::engine::local::batch::column_rules::{ColumnRules, place_of};
use crate::engine::local::compiled::{Compiled, Listed};
use crate::engine::local::measures::row_predicates::tested::Tested;
use crate::engine::local::prepare_error::PrepareError;

/// A list of values made ready for looking up.
#[derive(Debug)]
pub(crate) struct List {
    values: Arc<Listed>,
    /// The values composed, where that makes others of them.
    composed: Option<Arc<Listed>>,
    /// Of a code list, the column with the day on which a code must be valid; else it is `day`.
    at: Option<usize>,
    day: i32,
}

impl List {
    pub(super) fn prepare(
        list: &ValueList,
        data_type: DataType,
        rules: &[ColumnRules],
        plan: &Plan,
        compiled: &Compiled,
    ) -> Result<Self, PrepareError> {
        let at = match list {
            ValueList::Values(_) => None,
            ValueList::Codelist { at, .. } => at.as_ref().map(|at| place_of(rules, at)).transpose()?,
        };
        let values = compiled.list(list, data_type, plan)?;
        let is_other = |text: &String| matches!(nfc(text), Cow::Owned(_));
        let are_others = data_type == DataType::Text
            && match list {
                ValueList::Values(values) => values.iter().any(is_other),
                ValueList::Codelist { name, .. } => {
                    plan.codes(name).is_some_and(|codes| codes.iter().any(|entry| is_other(&entry.code)))
                }
            };
        let composed = || compiled.list(&composed_list(list), data_type, plan);
        let composed = are_others.then(composed).transpose()?;
        Ok(Self { values, composed, at, day: plan.as_of.day })
    }

    /// How many of these rows, which are not in the list, are in it once texts are composed.
    pub(super) fn found_composed(&self, cells: &Cells<'_>, column: usize, failed: &Bits) -> u64 {
        let Some(texts) = cells.text(column).filter(|_| cells.data_type(column) == DataType::Text) else { return 0 };
        let values = self.composed.as_ref().unwrap_or(&self.values);
        let is_found = |row: &usize| {
            let Some(text) = texts.get(*row) else { return false };
            let text = nfc(text);
            if self.composed.is_none() && matches!(text, Cow::Borrowed(_)) {
                return false;
            }
            match &**values {
                Listed::Texts(texts) => texts.contains(&text),
                Listed::Dated(codes) => {
                    let day = self.at.map_or(Ok(Some(self.day)), |at| day_of(cells, at, *row));
                    let is_valid =
                        |day: i32, spans: &[(i32, i32)]| spans.iter().any(|(from, to)| (*from..=*to).contains(&day));
                    matches!(day, Ok(Some(day)) if codes.get(&*text).is_some_and(|spans| is_valid(day, spans)))
                }
                Listed::Numbers(_) | Listed::Typed(_) => false,
            }
        };
        failed.ones().filter(is_found).count() as u64
    }
}

/// The day of a row in the column of validity; `None` where it is missing.
fn day_of(cells: &Cells<'_>, at: usize, row: usize) -> Result<Option<i32>, Unreadable> {
    match cells.cell(at, row) {
        Cell::Unreadable => Err(Unreadable),
        Cell::Value(value) => Ok(match value.to_microsecond() {
            Value::Date(day) => Some(day),
            Value::Datetime(micros) => Some(i32::try_from(micros.div_euclid(DAY_MICROS)).unwrap_or(i32::MAX)),
            _ => None,
        }),
    }
}

/// A value that is not of its type.
struct Unreadable;

pub(crate) fn listed(cells: &Cells<'_>, column: usize, list: &List, negated: bool) -> Tested {
    let there = cells.present(column);
    // Values of other types, such as UUIDs, must parse before they can be in a list.
    let plain = cells.data_type(column) == DataType::Text;
    match (&*list.values, cells.text(column)) {
        (Listed::Texts(texts), Some(_)) if plain => {
            Tested::split(there, &cells.text_bits(column, |text| texts.contains(text) != negated))
        }
        (Listed::Dated(codes), Some(_)) if plain && list.at.is_none() => {
            let valid = |text: &str| {
                codes.get(text).is_some_and(|spans| spans.iter().any(|(from, to)| (*from..=*to).contains(&list.day)))
            };
            Tested::split(there, &cells.text_bits(column, |text| valid(text) != negated))
        }
        _ => listed_row_by_row(cells, column, list, negated),
    }
}

fn listed_row_by_row(cells: &Cells<'_>, column: usize, list: &List, negated: bool) -> Tested {
    let rows = cells.rows();
    let none = || Bits::none(rows);
    let mut tested = Tested {
        passed: none(),
        failed: none(),
        unreadable: none(),
        matching: None,
        reasons: Vec::new(),
        kinds: Vec::new(),
    };
    let mut buffer = String::new();
    for row in cells.present(column).ones() {
        let Cell::Value(value) = cells.cell(column, row) else {
            tested.failed.set(row);
            tested.unreadable.set(row);
            continue;
        };
        buffer.clear();
        buffer.push_str(&canonical(&value));
        let has = match &*list.values {
            Listed::Texts(texts) | Listed::Numbers(texts) => texts.contains(&buffer),
            Listed::Typed(values) => values.iter().any(|known| compare(known, &value).is_some_and(Ordering::is_eq)),
            Listed::Dated(codes) => {
                let day = match list.at.map_or(Ok(Some(list.day)), |at| day_of(cells, at, row)) {
                    Ok(Some(day)) => day,
                    Ok(None) => continue,
                    Err(Unreadable) => {
                        tested.failed.set(row);
                        tested.unreadable.set(row);
                        continue;
                    }
                };
                let spans = codes.get(&buffer);
                spans.is_some_and(|spans| spans.iter().any(|(from, to)| (*from..=*to).contains(&day)))
            }
        };
        if has == negated { tested.failed.set(row) } else { tested.passed.set(row) }
    }
    tested
}
