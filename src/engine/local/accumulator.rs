//! Measures that keep data of each row, and have their reading once all rows were seen.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::model::{Reading, RowRef};
use crate::source::{Batch, Bits, Place};

use crate::engine::local::batch::cells::Cells;
use crate::engine::local::groups::failing::FailingGroups;
use crate::engine::local::rows::records::AllRecords;
use crate::engine::local::rows::sink::{RowNumber, Sinks, position_of};

/// The rows of a batch, as input of an accumulator.
pub(crate) struct BatchInput<'a, 'c> {
    /// The batch.
    pub batch: &'a Batch,
    /// Its number, the upper half of its row numbers.
    pub number: u32,
    /// Its cells.
    pub cells: &'a Cells<'c>,
    /// Rows in scope; `None`: all.
    pub scope: Option<&'a Bits>,
}

/// The rows of a batch by what an accumulator does with them. Rows in neither set are not applicable.
#[derive(Debug)]
pub(crate) struct Classified {
    /// Rows whose outcome is known once all rows were seen.
    pub pending: Bits,
    /// Rows that fail at once, since they are unparseable. Disjoint from `pending`.
    pub unreadable: Bits,
}

impl Classified {
    /// The rows of two sets as far as they are in scope.
    pub(crate) fn in_scope(pending: Bits, unreadable: Bits, scope: Option<&Bits>) -> Self {
        match scope {
            Some(scope) => Self { pending: pending.and(scope), unreadable: unreadable.and(scope) },
            None => Self { pending, unreadable },
        }
    }
}

/// Rows whose outcome was known before the end.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Entered {
    /// Rows out of scope, or without a value to judge.
    pub not_applicable: u64,
    /// Rows that failed because they are unparseable, or because it is unknown whether they are in scope.
    pub unreadable: u64,
}

/// All rows were seen.
pub(crate) struct End<'a> {
    /// Take the pending rows that turn out to fail, or to be not applicable.
    pub sinks: Sinks<'a>,
    /// The rows whose outcome is known already.
    pub entered: Entered,
    /// All rows of the dataset.
    pub rows: u64,
    /// Take the groups that turn out to fail, where they are wanted.
    pub groups: Option<&'a FailingGroups>,
    records: Option<&'a AllRecords>,
    spent: AtomicU64,
}

impl<'a> End<'a> {
    /// The end of a dataset.
    pub(crate) const fn new(sinks: Sinks<'a>, entered: Entered, rows: u64) -> Self {
        Self { sinks, entered, rows, groups: None, records: None, spent: AtomicU64::new(0) }
    }

    /// Knows where the rows are.
    pub(crate) const fn among(mut self, records: &'a AllRecords) -> Self {
        self.records = Some(records);
        self
    }

    /// Hands on the groups that fail.
    pub(crate) const fn naming(mut self, groups: Option<&'a FailingGroups>) -> Self {
        self.groups = groups;
        self
    }

    /// What orders rows as the files do: the batch and the position there.
    pub(crate) fn order(&self, row: RowNumber) -> (Option<Place>, usize) {
        (self.records.and_then(|records| records.place_of(row)), position_of(row))
    }

    /// The place of a row in its file.
    pub(crate) fn refer(&self, row: RowNumber) -> Option<RowRef> {
        self.records?.refer(row)
    }

    /// Books nanoseconds of workers. An accumulator that books none counts as one worker for the whole time.
    pub(crate) fn spend(&self, nanoseconds: u64) {
        self.spent.fetch_add(nanoseconds, Ordering::Relaxed);
    }

    /// The nanoseconds that were booked.
    pub(crate) fn spent(&self) -> u64 {
        self.spent.load(Ordering::Relaxed)
    }
}

/// A measure that keeps data of each row.
pub(crate) trait Accumulator: Send + Sync {
    /// Takes in a batch. Called from many threads.
    ///
    /// # Errors
    /// Where entries must be spilled and cannot be written.
    fn extend(&self, input: &BatchInput<'_, '_>) -> io::Result<Classified>;

    /// Rows that fail where it is unknown whether they are in scope. `None`: all; the rest are not applicable whatever
    /// the scope says.
    fn depends_on_scope(&self, _cells: &Cells<'_>) -> Option<Bits> {
        None
    }

    /// The reading. The caller fills in the first failing rows, and how failures are spread over a sample.
    ///
    /// # Errors
    /// Where spilled entries cannot be read back, or the user stopped the audit.
    fn finish(self: Box<Self>, end: &End<'_>) -> io::Result<Reading>;
}
