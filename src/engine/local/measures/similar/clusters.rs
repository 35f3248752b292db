//! Rows that pairs hold together.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};

use super::values::Row;

/// Sets of rows, each named by its first row. Joined from many threads; the sets do not depend on the order of joining.
#[derive(Debug)]
pub(super) struct Clusters {
    /// For each row another row of its set that comes before it, or itself.
    before: Vec<AtomicU32>,
}

impl Clusters {
    /// Every row by itself.
    pub(super) fn new(rows: usize) -> Self {
        Self { before: (0..u32::try_from(rows).unwrap_or(u32::MAX)).map(AtomicU32::new).collect() }
    }

    /// The first row of a set.
    fn first(&self, mut row: Row) -> Row {
        loop {
            let before = self.before[row as usize].load(Ordering::Relaxed);
            if before == row {
                return row;
            }
            let further = self.before[before as usize].load(Ordering::Relaxed);
            // Shortens the way for those who come later; where it fails, somebody else did.
            let _ = self.before[row as usize].compare_exchange(before, further, Ordering::Relaxed, Ordering::Relaxed);
            row = further;
        }
    }

    /// Joins the sets of two rows.
    pub(super) fn join(&self, one: Row, other: Row) {
        let (mut one, mut other) = (one, other);
        loop {
            (one, other) = (self.first(one), self.first(other));
            if one == other {
                return;
            }
            let (low, high) = if one < other { (one, other) } else { (other, one) };
            let joined = self.before[high as usize].compare_exchange(high, low, Ordering::Relaxed, Ordering::Relaxed);
            if joined.is_ok() {
                return;
            }
        }
    }

    /// How many rows the set of each first row has.
    fn sizes(&self) -> Vec<u32> {
        let mut sizes = vec![0; self.before.len()];
        for row in 0..self.before.len() {
            sizes[self.first(u32::try_from(row).unwrap_or(u32::MAX)) as usize] += 1;
        }
        sizes
    }

    /// Sets of more than one row, rows of the largest, rows of all of them.
    pub(super) fn summary(&self) -> (u64, u64, u64) {
        let sizes = self.sizes().into_iter().filter(|size| *size > 1).map(u64::from);
        sizes.fold((0, 0, 0), |(sets, largest, rows), size| (sets + 1, largest.max(size), rows + size))
    }

    /// The rows of sets of more than one, each with the number of its set: sets are numbered from 1 in the order of their
    /// first rows.
    pub(super) fn members(&self) -> impl Iterator<Item = (Row, u64)> + '_ {
        let sizes = self.sizes();
        let mut numbers: BTreeMap<Row, u64> = BTreeMap::new();
        (0..u32::try_from(self.before.len()).unwrap_or(u32::MAX)).filter_map(move |row| {
            let first = self.first(row);
            let next = numbers.len() as u64 + 1;
            (sizes[first as usize] > 1).then(|| (row, *numbers.entry(first).or_insert(next)))
        })
    }
}

#[cfg(test)]
mod tests {
    use rayon::prelude::*;

    use super::*;

    #[test]
    fn sets_do_not_hang_on_the_order_of_joining() {
        for step in [1, 7, 11] {
            let clusters = Clusters::new(1000);
            (0..1000_u32).into_par_iter().for_each(|at| {
                let row = at * step % 1000;
                // Rows of one remainder by 10, but for the remainder 3.
                if row >= 10 && row % 10 != 3 {
                    clusters.join(row, row - 10);
                }
            });
            assert_eq!(clusters.summary(), (9, 100, 900));
            assert!(clusters.members().all(|(row, _)| row % 10 != 3));
            let numbers: Vec<u64> = clusters.members().take(12).map(|(_, number)| number).collect();
            assert_eq!(numbers, [1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3]);
            assert_eq!(clusters.members().count(), 900);
        }
        assert_eq!(Clusters::new(0).summary(), (0, 0, 0));
    }
}
