//! Nested values as JSON text, as lines of JSON have them: a struct is an object, a list is an array, a map is an array of
//! objects of a key and a value.

use std::fmt::Write as _;

use polars_arrow::array::{Array, FixedSizeListArray, ListArray, MapArray, StructArray};
use polars_arrow::bitmap::Bitmap;
use polars_arrow::datatypes::{ArrowDataType as Stored, Field};

use super::array_values::{Convert, array};
use super::text_values::texts;
use crate::model::Value;
use crate::source::column::{Column, Typed};

/// Values are followed this deep.
const MAX_DEPTH: usize = 64;

/// What is written for a value that cannot be read.
const UNREADABLE: &str = "\"\u{fffd}\"";

/// How the cells of a field are read.
type Conversion = fn(&Field) -> Convert;

/// Cells of structs, lists or maps as JSON text; `None` where a type inside of them is not read.
pub(super) fn json(cells: &dyn Array, conversion: Conversion) -> Option<Column> {
    let values = Values::of(cells, |_| None, conversion, 0)?;
    let mut made = Vec::with_capacity(cells.len());
    for row in 0..cells.len() {
        let is_there = cells.validity().is_none_or(|valid| valid.get_bit(row));
        made.push(is_there.then(|| {
            let mut text = String::new();
            values.write(row, &mut text);
            text
        }));
    }
    Some(texts(made.into_iter()))
}

/// Values of one type, with their validity.
struct Values {
    valid: Option<Bitmap>,
    kind: Kind,
}

enum Kind {
    Leaves(Column),
    Objects(Vec<(String, Values)>),
    Arrays { starts: Vec<usize>, items: Box<Values> },
}

impl Values {
    fn of(cells: &dyn Array, leaves: Convert, conversion: Conversion, depth: usize) -> Option<Self> {
        if depth > MAX_DEPTH {
            return None;
        }
        let list = |starts: Vec<usize>, items: &dyn Array, field: &Field| {
            let items = Box::new(Self::of(items, conversion(field), conversion, depth + 1)?);
            Some(Kind::Arrays { starts, items })
        };
        let kind = match cells.dtype().to_storage() {
            Stored::Struct(fields) => {
                let values = array::<StructArray>(cells)?.values().iter().map(AsRef::as_ref);
                let member = |(field, values): (&Field, &dyn Array)| {
                    let values = Self::of(values, conversion(field), conversion, depth + 1)?;
                    Some((field.name.to_string(), values))
                };
                Kind::Objects(fields.iter().zip(values).map(member).collect::<Option<_>>()?)
            }
            Stored::List(field) => {
                let cells = array::<ListArray<i32>>(cells)?;
                let starts = cells.offsets().iter().map(|at| usize::try_from(*at).ok()).collect::<Option<_>>()?;
                list(starts, cells.values().as_ref(), field)?
            }
            Stored::LargeList(field) => {
                let cells = array::<ListArray<i64>>(cells)?;
                let starts = cells.offsets().iter().map(|at| usize::try_from(*at).ok()).collect::<Option<_>>()?;
                list(starts, cells.values().as_ref(), field)?
            }
            Stored::Map(field, _) => {
                let cells = array::<MapArray>(cells)?;
                let starts = cells.offsets().iter().map(|at| usize::try_from(*at).ok()).collect::<Option<_>>()?;
                list(starts, cells.field().as_ref(), field)?
            }
            Stored::FixedSizeList(field, size) => {
                let starts = (0..=cells.len()).map(|row| row * size).collect();
                list(starts, array::<FixedSizeListArray>(cells)?.values().as_ref(), field)?
            }
            _ => Kind::Leaves(leaves(cells)?),
        };
        Some(Self { valid: cells.validity().cloned(), kind })
    }

    fn write(&self, row: usize, text: &mut String) {
        if self.valid.as_ref().is_some_and(|valid| !valid.get_bit(row)) {
            text.push_str("null");
            return;
        }
        match &self.kind {
            Kind::Leaves(leaves) => write_leaf(leaves, row, text),
            Kind::Objects(members) => {
                text.push('{');
                for (at, (name, values)) in members.iter().enumerate() {
                    if at > 0 {
                        text.push(',');
                    }
                    push_quoted(name, text);
                    text.push(':');
                    values.write(row, text);
                }
                text.push('}');
            }
            Kind::Arrays { starts, items } => {
                text.push('[');
                let (start, end) = (starts[row], starts[row + 1]);
                for item in start..end {
                    if item > start {
                        text.push(',');
                    }
                    items.write(item, text);
                }
                text.push(']');
            }
        }
    }
}

/// Writes the value of a row as JSON.
pub(super) fn write_leaf(leaves: &Column, row: usize, text: &mut String) {
    fn of<T: Copy>(cells: &Typed<T>, row: usize) -> Result<Option<T>, ()> {
        if cells.unreadable.as_ref().is_some_and(|rows| rows.get(row)) {
            return Err(());
        }
        let is_there = cells.valid.as_ref().is_none_or(|rows| rows.get(row));
        Ok(cells.values.get(row).copied().filter(|_| is_there))
    }
    let number = |value: Result<Option<Value>, ()>, text: &mut String| match value {
        Ok(Some(value)) => drop(write!(text, "{value}")),
        Ok(None) => text.push_str("null"),
        Err(()) => text.push_str(UNREADABLE),
    };
    let quoted = |value: Result<Option<Value>, ()>, text: &mut String| match value {
        Ok(Some(value)) => push_quoted(&value.to_string(), text),
        Ok(None) => text.push_str("null"),
        Err(()) => text.push_str(UNREADABLE),
    };
    match leaves {
        Column::Text(cells) => match cells.get(row) {
            Some(cell) => push_quoted(cell, text),
            None => text.push_str("null"),
        },
        Column::Integer(cells) => number(of(cells, row).map(|cell| cell.map(Value::Integer)), text),
        Column::Decimal(cells) => number(of(cells, row).map(|cell| cell.map(Value::Decimal)), text),
        Column::Float(cells) => match of(cells, row) {
            // JSON has no numbers for these.
            Ok(Some(cell)) if !cell.is_finite() => push_quoted(&Value::Float(cell).to_string(), text),
            cell => number(cell.map(|cell| cell.map(Value::Float)), text),
        },
        Column::Boolean(cells) => number(of(cells, row).map(|cell| cell.map(Value::Boolean)), text),
        Column::Date(cells) => quoted(of(cells, row).map(|cell| cell.map(Value::Date)), text),
        Column::Datetime(cells) => quoted(of(cells, row).map(|cell| cell.map(Value::Datetime)), text),
        Column::Nanoseconds(cells) => quoted(of(cells, row).map(|cell| cell.map(Value::of_instant)), text),
    }
}

/// Appends a JSON string.
pub(super) fn push_quoted(text: &str, to: &mut String) {
    // A string is always written.
    to.push_str(&serde_json::Value::from(text).to_string());
}
