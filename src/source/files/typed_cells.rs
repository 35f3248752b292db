//! The cells of one column of a batch, one after the other, where each cell has a type of its own.

use std::sync::Arc;

use crate::model::Decimal;
use crate::source::bits::Bits;
use crate::source::column::{Column, Typed};
use crate::source::text_column::TextColumn;

/// The most rows of a batch.
pub(super) const BATCH_ROWS: usize = 1 << 15;

/// Bytes that a cell counts for in the size of a batch, besides its text.
pub(super) const CELL_BYTES: usize = 8;

/// The longest text of a cell.
pub(super) const MAX_TEXT: usize = 16 << 20;

/// The type in which the cells of a column are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Given {
    Text,
    /// Bytes as text, or in hex where they are not UTF-8.
    Binary,
    Integer,
    Float,
    Decimal,
    Date,
    Datetime,
    Boolean,
}

/// A cell in the type of its column.
#[derive(Debug, Clone, Copy)]
pub(super) enum Value {
    /// It holds nothing.
    Missing,
    /// It holds what the type of the column does not.
    Unreadable,
    /// Where its text is in that of the batch.
    Text((u32, u32)),
    /// A whole number, or microseconds since 1970-01-01T00:00:00.
    Integer(i64),
    Float(f64),
    Decimal(Decimal),
    /// Days since 1970-01-01.
    Date(i32),
    Boolean(bool),
}

/// The values, in the type of the column.
#[derive(Debug)]
enum Values {
    Text(Vec<(u32, u32)>),
    Integer(Vec<i64>),
    Float(Vec<f64>),
    Decimal(Vec<Decimal>),
    Date(Vec<i32>),
    Boolean(Vec<bool>),
}

/// Whether a row has a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Missing,
    Valid,
    Unreadable,
}

/// One column of a batch.
#[derive(Debug)]
pub(super) struct TypedCells {
    given: Given,
    values: Values,
    states: Vec<State>,
}

impl TypedCells {
    /// A column without rows.
    pub(super) const fn new(given: Given) -> Self {
        let values = match given {
            Given::Text | Given::Binary => Values::Text(Vec::new()),
            Given::Integer | Given::Datetime => Values::Integer(Vec::new()),
            Given::Float => Values::Float(Vec::new()),
            Given::Decimal => Values::Decimal(Vec::new()),
            Given::Date => Values::Date(Vec::new()),
            Given::Boolean => Values::Boolean(Vec::new()),
        };
        Self { given, values, states: Vec::new() }
    }

    /// The type in which its cells are given.
    pub(super) const fn given(&self) -> Given {
        self.given
    }

    /// Makes it so many rows long. Rows that are added have no value.
    pub(super) fn fill(&mut self, rows: usize) {
        match &mut self.values {
            Values::Text(spans) => spans.resize(rows, TextColumn::ABSENT),
            Values::Integer(values) => values.resize(rows, 0),
            Values::Float(values) => values.resize(rows, 0.0),
            Values::Decimal(values) => values.resize(rows, Decimal::ZERO),
            Values::Date(values) => values.resize(rows, 0),
            Values::Boolean(values) => values.resize(rows, false),
        }
        self.states.resize(rows, State::Missing);
    }

    /// Adds a cell. One of another type is unreadable.
    #[inline]
    pub(super) fn push(&mut self, value: Value) {
        match (&mut self.values, value) {
            (Values::Text(spans), Value::Text(span)) => spans.push(span),
            (Values::Integer(values), Value::Integer(value)) => values.push(value),
            (Values::Float(values), Value::Float(value)) => values.push(value),
            (Values::Decimal(values), Value::Decimal(value)) => values.push(value),
            (Values::Date(values), Value::Date(value)) => values.push(value),
            (Values::Boolean(values), Value::Boolean(value)) => values.push(value),
            (_, value) => {
                let row = self.states.len();
                self.fill(row + 1);
                if !matches!(value, Value::Missing) {
                    self.states[row] = State::Unreadable;
                }
                return;
            }
        }
        self.states.push(State::Valid);
    }

    /// The column of a batch with that text.
    pub(super) fn column(self, text: &Arc<str>) -> Column {
        let states = self.states;
        let all = |state: State| Bits::of(&states, |found| *found == state);
        let valid = states.iter().any(|state| *state != State::Valid).then(|| all(State::Valid));
        let unreadable = Some(all(State::Unreadable)).filter(|unreadable| !unreadable.is_empty());
        match self.values {
            Values::Text(spans) => Column::Text(TextColumn::Spans { text: Arc::clone(text), spans }),
            Values::Integer(values) if self.given == Given::Datetime => {
                Column::Datetime(Typed { values, valid, unreadable })
            }
            Values::Integer(values) => Column::Integer(Typed { values, valid, unreadable }),
            Values::Float(values) => Column::Float(Typed { values, valid, unreadable }),
            Values::Decimal(values) => Column::Decimal(Typed { values, valid, unreadable }),
            Values::Date(values) => Column::Date(Typed { values, valid, unreadable }),
            Values::Boolean(values) => Column::Boolean(Typed { values, valid, unreadable }),
        }
    }
}

/// Writes a text, and says where it is; absent where it is beyond what a place can say.
pub(super) fn written(text: &mut String, write: impl FnOnce(&mut String)) -> (u32, u32) {
    let start = text.len();
    write(text);
    match (u32::try_from(start), u32::try_from(text.len())) {
        (Ok(start), Ok(end)) => (start, end),
        _ => TextColumn::ABSENT,
    }
}
