//! The rows of a query as batches.

use std::fmt::Write as _;
use std::sync::Arc;

use rusqlite::Row;
use rusqlite::types::ValueRef;

use super::columns::Given;
use super::problems::explain;
use crate::model::{Decimal, FaultKind};
use crate::source::batch::Rows;
use crate::source::bits::Bits;
use crate::source::column::{Column, Typed};
use crate::source::error::Problem;
use crate::source::faults::Tally;
use crate::source::text_column::TextColumn;

/// The most rows of a batch.
const BATCH_ROWS: usize = 1 << 15;

/// Bytes that a value counts for in the size of a batch, besides its text.
const VALUE_BYTES: usize = 8;

/// The longest text of a value.
const MAX_TEXT: usize = 16 << 20;

/// The values of one column of a batch.
enum Values {
    Text(Vec<(u32, u32)>),
    Integer(Vec<i64>),
    Float(Vec<f64>),
    Decimal(Vec<Decimal>),
}

/// Whether a row has a value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Missing,
    Valid,
    Unreadable,
}

struct Builder {
    values: Values,
    states: Vec<State>,
}

impl Builder {
    const fn new(given: Given) -> Self {
        let values = match given {
            Given::Text => Values::Text(Vec::new()),
            Given::Integer => Values::Integer(Vec::new()),
            Given::Float => Values::Float(Vec::new()),
            Given::Decimal => Values::Decimal(Vec::new()),
        };
        Self { values, states: Vec::new() }
    }

    /// Adds a value; `text` is what a text column gets.
    fn push(&mut self, value: ValueRef<'_>, span: (u32, u32)) {
        let is_there = !matches!(value, ValueRef::Null);
        let mut is_valid = is_there;
        match &mut self.values {
            Values::Text(spans) => spans.push(span),
            Values::Integer(values) => {
                let found = if let ValueRef::Integer(value) = value { Some(value) } else { None };
                is_valid = found.is_some();
                values.push(found.unwrap_or_default());
            }
            Values::Float(values) => {
                let found = if let ValueRef::Real(value) = value { Some(value) } else { None };
                is_valid = found.is_some();
                values.push(found.unwrap_or_default());
            }
            Values::Decimal(values) => {
                let found = match value {
                    ValueRef::Integer(value) => Some(Decimal::from(value)),
                    ValueRef::Real(value) => Decimal::from_float(value),
                    ValueRef::Null | ValueRef::Text(_) | ValueRef::Blob(_) => None,
                };
                is_valid = found.is_some();
                values.push(found.unwrap_or(Decimal::ZERO));
            }
        }
        self.states.push(match (is_there, is_valid) {
            (false, _) => State::Missing,
            (true, true) => State::Valid,
            (true, false) => State::Unreadable,
        });
    }

    fn column(self, text: &Arc<str>) -> Column {
        let states = self.states;
        let all = |state: State| Bits::of(&states, |found| *found == state);
        let valid = all(State::Valid);
        let valid = (valid.count() < states.len() as u64).then_some(valid);
        let unreadable = Some(all(State::Unreadable)).filter(|unreadable| !unreadable.is_empty());
        match self.values {
            Values::Text(spans) => Column::Text(TextColumn::Spans { text: Arc::clone(text), spans }),
            Values::Integer(values) => Column::Integer(Typed { values, valid, unreadable }),
            Values::Float(values) => Column::Float(Typed { values, valid, unreadable }),
            Values::Decimal(values) => Column::Decimal(Typed { values, valid, unreadable }),
        }
    }
}

/// A batch that is made of rows.
pub(super) struct Batch<'p> {
    /// For each column of the query the place among those that are asked for.
    slots: &'p [Option<usize>],
    names: Vec<&'p str>,
    builders: Vec<Builder>,
    text: String,
    malformed: Vec<u32>,
    tally: Tally,
    count: usize,
    /// Records before it.
    before: u64,
    /// Bytes of all its values, also of columns that nobody asked for, so that every scan cuts in the same places.
    bytes: usize,
}

impl<'p> Batch<'p> {
    /// A batch behind so many records.
    pub(super) fn new(slots: &'p [Option<usize>], names: Vec<&'p str>, given: &[Given], before: u64) -> Self {
        Self {
            slots,
            names,
            builders: given.iter().map(|given| Builder::new(*given)).collect(),
            text: String::new(),
            malformed: Vec::new(),
            tally: Tally::default(),
            count: 0,
            before,
            bytes: 0,
        }
    }

    /// Whether no row may be added.
    pub(super) const fn is_full(&self, block: usize) -> bool {
        self.bytes >= block || self.count >= BATCH_ROWS
    }

    /// Adds a row.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub(super) fn add(&mut self, row: &Row<'_>) -> Result<(), Problem> {
        for (position, slot) in self.slots.iter().enumerate() {
            let value = row.get_ref(position).map_err(|error| explain(&error))?;
            self.bytes += VALUE_BYTES;
            let mut span = TextColumn::ABSENT;
            match value {
                ValueRef::Blob(_) => self.fault(position, FaultKind::BinaryValue, "is binary"),
                ValueRef::Text(bytes) if bytes.len() > MAX_TEXT => {
                    self.fault(position, FaultKind::OversizedCell, "has more than 16 MiB of text");
                }
                ValueRef::Text(bytes) => {
                    self.bytes += bytes.len();
                    let is_valid = str::from_utf8(bytes).is_ok();
                    if !is_valid {
                        self.fault(position, FaultKind::Undecodable, "is not UTF-8");
                    }
                    if memchr::memchr(0, bytes).is_some() {
                        self.fault(position, FaultKind::NulByte, "has a NUL byte");
                    }
                    if slot.is_some() {
                        span = self.write(|text| text.push_str(&String::from_utf8_lossy(bytes)));
                    }
                }
                _ => {}
            }
            let Some(slot) = *slot else { continue };
            if self.builders.get(slot).is_some_and(|builder| matches!(builder.values, Values::Text(_))) {
                match value {
                    ValueRef::Integer(number) => span = self.write(|text| text.push_str(&number.to_string())),
                    ValueRef::Real(number) => {
                        span = self.write(|text| match Decimal::from_float(number) {
                            Some(decimal) => text.push_str(&decimal.to_string()),
                            None => {
                                // Writing to a text does not fail.
                                let _ = write!(text, "{number:e}");
                            }
                        });
                    }
                    _ => {}
                }
            }
            if let Some(builder) = self.builders.get_mut(slot) {
                builder.push(value, span);
            }
        }
        self.count += 1;
        Ok(())
    }

    /// Writes a text, and says where it is.
    fn write(&mut self, write: impl FnOnce(&mut String)) -> (u32, u32) {
        let start = self.text.len();
        write(&mut self.text);
        match (u32::try_from(start), u32::try_from(self.text.len())) {
            (Ok(start), Ok(end)) => (start, end),
            _ => TextColumn::ABSENT,
        }
    }

    #[cold]
    fn fault(&mut self, position: usize, kind: FaultKind, what: &str) {
        let row = u32::try_from(self.count).unwrap_or(u32::MAX);
        if self.malformed.last() != Some(&row) {
            self.malformed.push(row);
        }
        let record = self.before + self.count as u64 + 1;
        let name = self.names.get(position).copied().unwrap_or_default();
        self.tally.fault(0, kind, || format!("record {record}: the value of `{}` {what}", name.escape_debug()));
    }

    /// The rows, and what was counted of them.
    pub(super) fn finish(mut self) -> (Rows, Tally, u64) {
        self.tally.records = self.count as u64;
        self.tally.malformed = self.malformed.len() as u64;
        let text: Arc<str> = Arc::from(self.text);
        let columns = self.builders.into_iter().map(|builder| builder.column(&text)).collect();
        let mut rows = Rows::ready(self.count, columns, self.malformed, None);
        // One worker reads the database: the others help with what is made of its rows.
        rows.scarce = true;
        (rows, self.tally, self.before + self.count as u64)
    }
}
