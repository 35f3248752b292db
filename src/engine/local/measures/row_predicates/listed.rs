//! Whether values are in a list.

use std::cmp::Ordering;
use std::collections::HashMap;

use crate::model::{DAY_MICROS, DataType, Value, ValueList};
use crate::plan::Plan;
use crate::scalar::{Cell, TextSet, canonical, compare, parse_value, write_decimal};
use crate::source::Bits;

use crate::engine::local::batch::cells::Cells;
use crate::engine::local::batch::column_rules::{ColumnRules, place_of};
use crate::engine::local::measures::row_predicates::tested::Tested;
use crate::engine::local::prepare_error::PrepareError;

/// A list of values made ready for looking up.
#[derive(Debug)]
pub(crate) enum List {
    /// Texts.
    Texts(TextSet),
    /// Decimals, in the writing that keeps all their digits.
    Decimals(TextSet),
    /// Values of another type.
    Typed(Vec<Value>),
    /// Codes with the days on which they are valid.
    Dated { codes: HashMap<String, Vec<(i32, i32)>>, at: Option<usize>, day: i32 },
}

impl List {
    pub(super) fn prepare(
        list: &ValueList,
        data_type: DataType,
        rules: &[ColumnRules],
        plan: &Plan,
    ) -> Result<Self, PrepareError> {
        match list {
            ValueList::Values(values) if data_type.is_textual() => Ok(Self::Texts(TextSet::new(values))),
            ValueList::Values(values) if data_type == DataType::Decimal => {
                let read = |text: &String| canonical_decimal(text).ok_or(PrepareError::ListedValue(data_type));
                values
                    .iter()
                    .map(read)
                    .collect::<Result<Vec<_>, _>>()
                    .map(|values| Self::Decimals(TextSet::new(&values)))
            }
            ValueList::Values(values) => {
                let read =
                    |text: &String| parse_value(text, data_type, None).ok_or(PrepareError::ListedValue(data_type));
                values.iter().map(read).collect::<Result<_, _>>().map(Self::Typed)
            }
            ValueList::Codelist { name, at } => {
                let entries = plan.codelists.get(name).ok_or_else(|| PrepareError::NoCodelist(name.clone()))?;
                let at = at.as_ref().map(|at| place_of(rules, at)).transpose()?;
                let mut codes: HashMap<String, Vec<(i32, i32)>> = HashMap::new();
                for entry in entries {
                    // A code of a typed column compares in the canonical writing of its type.
                    let decimal = || canonical_decimal(&entry.code).filter(|_| data_type == DataType::Decimal);
                    let read = || Some(canonical(&parse_value(&entry.code, data_type, None)?).into_owned());
                    let code = decimal().or_else(read).unwrap_or_else(|| entry.code.clone());
                    codes
                        .entry(code)
                        .or_default()
                        .push((entry.valid_from.unwrap_or(i32::MIN), entry.valid_to.unwrap_or(i32::MAX)));
                }
                Ok(Self::Dated { codes, at, day: plan.as_of.day })
            }
        }
    }
}

/// A listed decimal as cells are written for comparing.
fn canonical_decimal(text: &str) -> Option<String> {
    let value = parse_value(text, DataType::Decimal, None)?;
    let mut written = String::new();
    if !write_decimal(text, &mut written) {
        written.push_str(&canonical(&value));
    }
    Some(written)
}

pub(crate) fn listed(cells: &Cells<'_>, column: usize, list: &List, negated: bool) -> Tested {
    let there = cells.present(column);
    // Values of other types, such as UUIDs, must parse before they can be in a list.
    let plain = cells.data_type(column) == DataType::Text;
    match (list, cells.text(column)) {
        (List::Texts(texts), Some(_)) if plain => {
            Tested::split(there, &cells.text_bits(column, |text| texts.contains(text) != negated))
        }
        (List::Dated { codes, at: None, day }, Some(_)) if plain => {
            let valid = |text: &str| {
                codes.get(text).is_some_and(|spans| spans.iter().any(|(from, to)| (*from..=*to).contains(day)))
            };
            Tested::split(there, &cells.text_bits(column, |text| valid(text) != negated))
        }
        _ => listed_row_by_row(cells, column, list, negated),
    }
}

fn listed_row_by_row(cells: &Cells<'_>, column: usize, list: &List, negated: bool) -> Tested {
    let rows = cells.rows();
    let none = || Bits::none(rows);
    let mut tested = Tested { passed: none(), failed: none(), unreadable: none(), matching: None, reasons: Vec::new() };
    let mut buffer = String::new();
    for row in cells.present(column).ones() {
        let Cell::Value(value) = cells.cell(column, row) else {
            tested.failed.set(row);
            tested.unreadable.set(row);
            continue;
        };
        buffer.clear();
        if cells.data_type(column) == DataType::Decimal {
            cells.write_canonical(column, row, DataType::Decimal, &mut buffer);
        } else {
            buffer.push_str(&canonical(&value));
        }
        let has = match list {
            List::Texts(texts) | List::Decimals(texts) => texts.contains(&buffer),
            List::Typed(values) => values.iter().any(|known| compare(known, &value).is_some_and(Ordering::is_eq)),
            List::Dated { codes, at, day } => {
                let day = match at.map(|at| cells.cell(at, row)) {
                    None => *day,
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
