//! Rows by number, and sinks for rows whose outcome is known after all rows were seen.

use std::io;

use crate::engine::{Progress, Reason};

/// So many rows are handed on at a time.
const LOT: usize = 1 << 12;

/// A row: the number of its batch, then its position there.
pub(crate) type RowNumber = u64;

/// The number of a row.
#[inline]
pub(crate) const fn row_number(batch: u32, row: usize) -> RowNumber {
    (batch as u64) << 32 | row as u64
}

/// A row whose outcome turned out after all rows were seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LateRow {
    /// Its number.
    pub row: RowNumber,
    /// Why it has that outcome.
    pub reason: Reason,
}

/// Takes rows as they are found.
pub(crate) trait Sink: Sync {
    /// Takes rows in no order, some at a time. Called from many threads.
    fn take(&self, rows: &[LateRow]);

    /// Whether the search is to end without a result.
    fn is_stopped(&self) -> bool;
}

/// Rows that are collected before they are handed on.
pub(crate) struct Rows<'a> {
    sink: &'a dyn Sink,
    waiting: Vec<LateRow>,
}

impl<'a> Rows<'a> {
    pub(crate) const fn new(sink: &'a dyn Sink) -> Self {
        Self { sink, waiting: Vec::new() }
    }

    /// The sink that takes them.
    pub(crate) const fn sink(&self) -> &'a dyn Sink {
        self.sink
    }

    /// Goes on, unless the user stopped the audit.
    pub(crate) fn go_on(&self) -> io::Result<()> {
        if self.sink.is_stopped() { Err(io::ErrorKind::Interrupted.into()) } else { Ok(()) }
    }

    pub(crate) fn push(&mut self, row: RowNumber) {
        self.push_for(row, Reason::Sole);
    }

    pub(crate) fn push_for(&mut self, row: RowNumber, reason: Reason) {
        self.waiting.push(LateRow { row, reason });
        if self.waiting.len() >= LOT {
            self.flush();
        }
    }

    fn flush(&mut self) {
        self.sink.take(&self.waiting);
        self.waiting.clear();
    }
}

impl Drop for Rows<'_> {
    fn drop(&mut self) {
        if !self.waiting.is_empty() {
            self.flush();
        }
    }
}

/// The sinks for rows whose outcome is known after all rows were seen.
#[derive(Clone, Copy)]
pub(crate) struct Sinks<'a> {
    /// Takes those that fail.
    pub failed: &'a dyn Sink,
    /// Takes those that are not applicable.
    pub not_applicable: &'a dyn Sink,
}

impl<'a> Sinks<'a> {
    /// For a measure whose rows are all applicable.
    pub(crate) const fn of_failed(failed: &'a dyn Sink) -> Self {
        Self { failed, not_applicable: failed }
    }
}

/// Rows on their way to both sinks.
pub(crate) struct LateRows<'a> {
    /// Rows that fail.
    pub failed: Rows<'a>,
    /// Rows that are not applicable.
    pub not_applicable: Rows<'a>,
}

impl<'a> LateRows<'a> {
    /// None yet.
    pub(crate) const fn new(sinks: Sinks<'a>) -> Self {
        Self { failed: Rows::new(sinks.failed), not_applicable: Rows::new(sinks.not_applicable) }
    }

    /// Goes on, unless the user stopped the audit.
    pub(crate) fn go_on(&self) -> io::Result<()> {
        self.failed.go_on()
    }
}

pub(crate) const fn batch_of(row: RowNumber) -> u32 {
    (row >> 32) as u32
}

#[expect(clippy::cast_possible_truncation, reason = "the lower half")]
pub(crate) const fn position_of(row: RowNumber) -> usize {
    row as u32 as usize
}

/// A sink where no rows are needed.
pub(crate) struct Unasked<'a>(pub(crate) &'a dyn Progress);

impl Sink for Unasked<'_> {
    fn take(&self, _: &[LateRow]) {}

    fn is_stopped(&self) -> bool {
        self.0.cancelled()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::{Mutex, PoisonError};

    use super::{LateRow, RowNumber, Sink};

    /// Keeps the rows that it is handed.
    #[derive(Default)]
    pub(crate) struct KeptRows(pub(crate) Mutex<Vec<RowNumber>>);

    impl Sink for KeptRows {
        fn take(&self, rows: &[LateRow]) {
            let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            kept.extend(rows.iter().map(|late| late.row));
        }

        fn is_stopped(&self) -> bool {
            false
        }
    }
}
