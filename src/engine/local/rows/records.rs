//! What a pass keeps of the rows it has seen: how many there were in each batch, and which of them are clean.
//!
//! As a rule only the number of unclean rows of a batch is kept. Where other rules judge rows after all rows were seen, one
//! bit a row is kept.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use crate::model::RowRef;
use crate::source::{Batch, Bits, Place};

use crate::engine::local::memory::KeyMemory;
use crate::engine::local::rows::sink::{RowNumber, batch_of, position_of};

/// The batches so far, by number.
#[derive(Debug)]
pub(crate) struct Records {
    memory: Arc<KeyMemory>,
    /// Rows are named after all were seen.
    samples_later: bool,
    /// Rows turn out to fail then, and are not clean.
    judges_later: bool,
    batches: Mutex<BTreeMap<u32, Seen>>,
}

/// A batch that was seen.
#[derive(Debug)]
struct Seen {
    place: Place,
    rows: usize,
    unclean: u64,
    /// The same, row by row, where rows fail later.
    bits: Option<Mutex<Bits>>,
    lines: Lines,
}

impl Seen {
    /// Bytes that it takes in memory.
    fn bytes(&self) -> usize {
        let lines = match &self.lines {
            Lines::Starts(_, starts) => starts.rows() / 8,
            Lines::Shared { starts, again, .. } => (starts.rows() + again.rows()) / 8,
            Lines::None | Lines::Running(_) => 0,
        };
        size_of::<Self>() + lines + if self.bits.is_some() { self.rows / 8 } else { 0 }
    }
}

/// The lines on which the rows of a batch start.
#[derive(Debug)]
enum Lines {
    /// The format has no lines, or no row will be named.
    None,
    /// Each row on the line after the one before.
    Running(u64),
    /// Of the lines from the first on, those on which a row starts.
    Starts(u64, Bits),
    /// The same, where several rows start on a line: `again` are those that start on the line of the row before.
    Shared { first: u64, starts: Bits, again: Bits },
}

impl Lines {
    fn of(batch: &Batch) -> Self {
        let Some((lines, first, last)) =
            batch.lines.as_deref().and_then(|lines| Some((lines, *lines.first()?, *lines.last()?)))
        else {
            return Self::None;
        };
        if (first..).zip(lines).all(|(expected, line)| expected == *line) {
            return Self::Running(first);
        }
        let after = |line: u64| usize::try_from(line.saturating_sub(first)).unwrap_or_default();
        let mut starts = Bits::none(after(last) + 1);
        for line in lines {
            starts.set(after(*line));
        }
        let again = Bits::from_fn(lines.len(), |row| row > 0 && lines[row] == lines[row - 1]);
        if again.is_empty() { Self::Starts(first, starts) } else { Self::Shared { first, starts, again } }
    }

    fn at(&self, row: usize) -> Option<u64> {
        match self {
            Self::None => None,
            Self::Running(first) => Some(first + row as u64),
            Self::Starts(first, starts) => starts.ones().nth(row).map(|after| first + after as u64),
            Self::Shared { first, starts, again } => {
                let same = again.ones().take_while(|at| *at <= row).count();
                starts.ones().nth(row - same).map(|after| first + after as u64)
            }
        }
    }
}

impl Records {
    /// No batch yet. `samples_later`: rows are named after all were seen; `judges_later`: rows turn out to fail then, and
    /// are not clean.
    pub(crate) fn new(memory: &Arc<KeyMemory>, samples_later: bool, judges_later: bool) -> Self {
        Self { memory: Arc::clone(memory), samples_later, judges_later, batches: Mutex::default() }
    }

    /// Enters a batch and its rows that are not clean.
    ///
    /// # Errors
    /// Where keys must be spilled to make room and cannot be written.
    pub(crate) fn enter(&self, number: u32, batch: &Batch, unclean: Bits) -> io::Result<()> {
        let seen = Seen {
            place: batch.place,
            rows: batch.rows,
            unclean: unclean.count(),
            bits: self.judges_later.then(|| Mutex::new(unclean)),
            lines: if self.samples_later { Lines::of(batch) } else { Lines::None },
        };
        let bytes = seen.bytes();
        self.batches.lock().unwrap_or_else(PoisonError::into_inner).insert(number, seen);
        self.memory.take(bytes)
    }

    /// All batches were seen.
    pub(crate) fn complete(self) -> AllRecords {
        let seen = self.batches.into_inner().unwrap_or_else(PoisonError::into_inner);
        let by_place = seen.iter().map(|(number, seen)| (seen.place, *number)).collect();
        // There is a gap where a batch was abandoned.
        let count = seen.last_key_value().map_or(0, |(number, _)| *number as usize + 1);
        let mut batches: Vec<Option<Seen>> = (0..count).map(|_| None).collect();
        for (number, seen) in seen {
            batches[number as usize] = Some(seen);
        }
        AllRecords { memory: self.memory, batches, by_place }
    }
}

/// All rows of a dataset.
#[derive(Debug)]
pub(crate) struct AllRecords {
    memory: Arc<KeyMemory>,
    batches: Vec<Option<Seen>>,
    by_place: BTreeMap<Place, u32>,
}

impl Drop for AllRecords {
    fn drop(&mut self) {
        self.memory.give_back(self.batches.iter().flatten().map(Seen::bytes).sum());
    }
}

impl AllRecords {
    /// How many.
    pub(crate) fn rows(&self) -> u64 {
        self.batches.iter().flatten().map(|seen| seen.rows as u64).sum()
    }

    /// In how many batches they came.
    pub(crate) fn batches(&self) -> u64 {
        self.by_place.len() as u64
    }

    /// How many rows of a file are in the batches up to and with a place.
    pub(crate) fn rows_up_to(&self, file: u32, last: Place) -> u64 {
        let end = last.min(Place { file, part: u32::MAX });
        let first = Place { file, part: 0 };
        if end < first {
            return 0;
        }
        let seen = self.by_place.range(first..=end).filter_map(|(_, number)| self.batch(*number));
        seen.map(|seen| seen.rows as u64).sum()
    }

    /// The rows of each batch, in file order.
    pub(crate) fn counts(&self) -> impl Iterator<Item = (Place, u64)> {
        self.by_place.iter().filter_map(|(place, number)| Some((*place, self.batch(*number)?.rows as u64)))
    }

    /// The lines on which the rows of a batch start; `None` where the format has no lines.
    pub(crate) fn lines_of(&self, place: Place) -> Option<Vec<u64>> {
        let seen = self.batch(*self.by_place.get(&place)?)?;
        match &seen.lines {
            Lines::None => None,
            Lines::Running(first) => Some((*first..).take(seen.rows).collect()),
            Lines::Starts(first, starts) => Some(starts.ones().map(|after| first + after as u64).collect()),
            Lines::Shared { first, starts, again } => {
                let mut lines = starts.ones().map(|after| first + after as u64);
                let mut line = *first;
                let next = |row| {
                    if !again.get(row) {
                        line = lines.next().unwrap_or(line);
                    }
                    line
                };
                Some((0..seen.rows).map(next).collect())
            }
        }
    }

    /// The batch in which a row is.
    pub(crate) fn place_of(&self, row: RowNumber) -> Option<Place> {
        self.batch(batch_of(row)).map(|seen| seen.place)
    }

    /// The line on which a row starts.
    pub(crate) fn line_of(&self, row: RowNumber) -> Option<u64> {
        self.batch(batch_of(row))?.lines.at(position_of(row))
    }

    /// The place of a row in its file.
    pub(crate) fn refer(&self, row: RowNumber) -> Option<RowRef> {
        let seen = self.batch(batch_of(row))?;
        Some(self.row(seen.place, position_of(row), seen.lines.at(position_of(row))))
    }

    /// How many are clean.
    pub(crate) fn clean(&self) -> u64 {
        let unclean = |seen: &Seen| match &seen.bits {
            Some(bits) => bits.lock().unwrap_or_else(PoisonError::into_inner).count(),
            None => seen.unclean,
        };
        self.batches.iter().flatten().map(|seen| seen.rows as u64 - unclean(seen)).sum()
    }

    fn batch(&self, number: u32) -> Option<&Seen> {
        self.batches.get(number as usize)?.as_ref()
    }

    /// Marks rows, in order, as not clean.
    pub(crate) fn mark(&self, rows: &[RowNumber]) {
        for rows in rows.chunk_by(|a, b| a >> 32 == b >> 32) {
            let seen = rows.first().and_then(|row| self.batch(batch_of(*row)));
            if let Some(bits) = seen.and_then(|seen| seen.bits.as_ref()) {
                let mut bits = bits.lock().unwrap_or_else(PoisonError::into_inner);
                for row in rows {
                    bits.set(position_of(*row));
                }
            }
        }
    }

    /// The place of a row of a batch in its file.
    pub(crate) fn row(&self, place: Place, row: usize, line: Option<u64>) -> RowRef {
        let first = Place { file: place.file, part: 0 };
        let before = self.by_place.range(first..place).filter_map(|(_, number)| self.batch(*number));
        let record = before.map(|seen| seen.rows as u64).sum::<u64>() + row as u64 + 1;
        RowRef { file: place.file, record, line }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(lines: Option<Vec<u64>>) -> Batch {
        let rows = lines.as_ref().map_or(4, Vec::len);
        Batch {
            place: Place { file: 0, part: 0 },
            rows,
            columns: Vec::new(),
            malformed: Vec::new(),
            lines: lines.map(Arc::new),
        }
    }

    #[test]
    fn lines_come_back_as_they_were() {
        let all = |lines: Option<Vec<u64>>| {
            let held = Lines::of(&batch(lines));
            (0..4).map(|row| held.at(row)).collect::<Vec<_>>()
        };
        assert_eq!(all(None), [None; 4]);
        assert_eq!(all(Some(vec![7, 8, 9, 10])), [7, 8, 9, 10].map(Some));
        assert_eq!(all(Some(vec![7, 9, 10, 300])), [7, 9, 10, 300].map(Some));
        // Records of JSON may start on one line.
        for lines in [[1, 1, 1, 1], [7, 7, 9, 9], [7, 9, 9, 300], [1, 2, 3, 3]] {
            assert_eq!(all(Some(lines.to_vec())), lines.map(Some));
        }
    }
}
