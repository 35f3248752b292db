//! The failing rows of one measure that are named.

use std::collections::BTreeMap;

use crate::model::RowRef;
use crate::source::{Batch, Bits, Place};

use crate::engine::local::rows::records::AllRecords;
use crate::engine::local::rows::sink::{RowNumber, position_of};

/// The first failing rows of a measure in the order of the files, whatever the order in which batches come, and whether
/// a row fails at once or turns out to fail after all rows were seen.
#[derive(Debug)]
pub(crate) struct FailedRows {
    /// The most that are kept.
    most: usize,
    /// By batch and position there: the line on which the row starts, in files that have lines.
    rows: BTreeMap<(Place, usize), Option<u64>>,
}

impl FailedRows {
    /// None yet, and at most so many.
    pub(crate) const fn new(most: usize) -> Self {
        Self { most, rows: BTreeMap::new() }
    }

    /// Takes in the failing rows of a batch.
    pub(crate) fn enter_batch(&mut self, batch: &Batch, failed: &Bits) {
        let line = |row: usize| batch.lines.as_ref().and_then(|lines| lines.get(row).copied());
        for row in failed.ones() {
            // All that follow come after those that are kept, too.
            if !self.enter(batch.place, row, || line(row)) {
                break;
            }
        }
    }

    /// Takes in a failing row; returns whether it is one of the first.
    fn enter(&mut self, place: Place, row: usize, line: impl FnOnce() -> Option<u64>) -> bool {
        if self.rows.len() >= self.most {
            if self.rows.last_key_value().is_none_or(|(last, _)| (place, row) >= *last) {
                return false;
            }
            self.rows.pop_last();
        }
        self.rows.insert((place, row), line());
        true
    }

    /// Takes in a row that turned out to fail after all rows were seen.
    pub(crate) fn enter_late(&mut self, row: RowNumber, records: &AllRecords) {
        if let Some(place) = records.place_of(row) {
            self.enter(place, position_of(row), || records.line_of(row));
        }
    }

    /// Only those of batches up to and with a place.
    pub(crate) fn up_to(mut self, last: Place) -> Self {
        self.rows.retain(|(place, _), _| *place <= last);
        self
    }

    /// The places of the rows in their files.
    pub(crate) fn refer(&self, records: &AllRecords) -> Vec<RowRef> {
        self.rows.iter().map(|((place, row), line)| records.row(*place, *row, *line)).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_first_rows_are_kept_whatever_the_order(
            failing in proptest::collection::btree_set((0..3_u32, 0..4_u32, 0..9_usize), 0..40),
            order in any::<prop::sample::Index>(),
            most in 0..9_usize,
            late: bool,
        ) {
            let rows: Vec<_> = failing.iter().map(|(file, part, row)| (Place { file: *file, part: *part }, *row)).collect();
            let mut shuffled = rows.clone();
            if !shuffled.is_empty() {
                shuffled.rotate_left(order.index(rows.len()));
                shuffled.chunks_mut(3).for_each(<[_]>::reverse);
            }
            let mut kept = FailedRows::new(most);
            for (place, row) in shuffled {
                if late {
                    kept.enter(place, row, || Some(row as u64));
                } else {
                    let mut failed = Bits::none(9);
                    failed.set(row);
                    let lines = Some(Arc::new((0..9).collect()));
                    kept.enter_batch(&Batch { place, rows: 9, columns: Vec::new(), malformed: Vec::new(), lines }, &failed);
                }
            }
            let expected: Vec<_> = rows.into_iter().take(most).map(|(place, row)| ((place, row), Some(row as u64))).collect();
            prop_assert_eq!(kept.rows.into_iter().collect::<Vec<_>>(), expected);
        }
    }
}
