//! The rows of a query as batches.

use std::fmt::Write as _;
use std::sync::Arc;

use rusqlite::Row;
use rusqlite::types::ValueRef;

use super::problems::explain;
use crate::model::{Decimal, FaultKind};
use crate::source::batch::Rows;
use crate::source::error::Problem;
use crate::source::faults::Tally;
use crate::source::files::text_values::of_bytes;
use crate::source::files::typed_cells::{BATCH_ROWS, CELL_BYTES, Given, MAX_TEXT, TypedCells, Value, written};
use crate::source::text_column::TextColumn;

/// A value in the type of its column, where that is not text.
fn typed(value: ValueRef<'_>, given: Given) -> Value {
    match (given, value) {
        (_, ValueRef::Null) => Value::Missing,
        (Given::Integer, ValueRef::Integer(number)) => Value::Integer(number),
        (Given::Float, ValueRef::Real(number)) => Value::Float(number),
        (Given::Decimal, ValueRef::Integer(number)) => Value::Decimal(Decimal::from(number)),
        (Given::Decimal, ValueRef::Real(number)) => {
            Decimal::from_float(number).map_or(Value::Unreadable, Value::Decimal)
        }
        _ => Value::Unreadable,
    }
}

/// A batch that is made of rows.
pub(super) struct Batch<'p> {
    /// For each column of the query the place among those that are asked for.
    slots: &'p [Option<usize>],
    names: Vec<&'p str>,
    /// For each column of the query, whether its values are bytes.
    binary: &'p [bool],
    builders: Vec<TypedCells>,
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
    pub(super) fn new(
        slots: &'p [Option<usize>],
        (names, binary): (Vec<&'p str>, &'p [bool]),
        given: &[Given],
        before: u64,
    ) -> Self {
        Self {
            slots,
            names,
            binary,
            builders: given.iter().map(|given| TypedCells::new(*given)).collect(),
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
            self.bytes += CELL_BYTES;
            let mut span = TextColumn::ABSENT;
            match value {
                ValueRef::Blob(bytes) if self.binary.get(position) == Some(&true) => {
                    self.bytes += bytes.len();
                    if bytes.len() > MAX_TEXT {
                        self.fault(position, FaultKind::OversizedCell, "has more than 16 MiB");
                    } else if slot.is_some() {
                        span = written(&mut self.text, |text| text.push_str(&of_bytes(bytes)));
                    }
                }
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
                        span = written(&mut self.text, |text| text.push_str(&String::from_utf8_lossy(bytes)));
                    }
                }
                _ => {}
            }
            let Some(slot) = *slot else { continue };
            if self.builders.get(slot).is_some_and(|builder| builder.given() == Given::Text) {
                match value {
                    ValueRef::Integer(number) => {
                        span = written(&mut self.text, |text| text.push_str(&number.to_string()));
                    }
                    ValueRef::Real(number) => {
                        span = written(&mut self.text, |text| match Decimal::from_float(number) {
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
                builder.push(match builder.given() {
                    Given::Text | Given::Binary => Value::Text(span),
                    given => typed(value, given),
                });
            }
        }
        self.count += 1;
        Ok(())
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
