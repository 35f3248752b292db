//! Whether values are in a list.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::model::{DAY_MICROS, DataType, Value, ValueList};
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
        Ok(Self { values, at, day: plan.as_of.day })
    }
}

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
                let at = |at| match cells.cell(at, row) {
                    Cell::Value(value) => Cell::Value(value.to_microsecond()),
                    Cell::Unreadable => Cell::Unreadable,
                };
                let day = match list.at.map(at) {
                    None => list.day,
                    Some(Cell::Value(Value::Date(day))) => day,
                    Some(Cell::Value(Value::Datetime(micros))) => {
                        i32::try_from(micros.div_euclid(DAY_MICROS)).unwrap_or(i32::MAX)
                    }
                    Some(Cell::Value(_)) => continue,
                    Some(Cell::Unreadable) => {
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
