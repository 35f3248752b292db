//! Which parts of a file can be read by themselves, and which of them a sample takes.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::batch::{BATCH_ROWS, narrow, parts};
use super::draw::jitter;

/// The least rows of a slice, unless the group has fewer.
const SLICE_ROWS: usize = 8;

/// The parts of a file that can be read without what is before them.
#[derive(Debug)]
pub(super) enum Layout {
    /// Nothing, for this reason.
    Stream(&'static str),
    /// Any of these bytes.
    Bytes(Range<u64>),
    /// Parts that are decoded whole.
    Chunks {
        /// Their sizes, in rows or in bytes.
        sizes: Vec<u64>,
        /// The least that a sample of the dataset takes, in the same unit.
        least: u64,
    },
}

/// What a sample takes of a file, in file order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Picks {
    /// The records that start in these bytes; each range except the one at the start of the data begins with a
    /// record.
    Bytes(Vec<Range<u64>>),
    /// Slices of chunks.
    Slices(Vec<Slices>),
}

/// Slices of one chunk, evenly spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Slices {
    /// Position of the chunk in the file.
    pub(super) chunk: usize,
    size: u64,
    take: u64,
    count: usize,
    start: u64,
}

impl Slices {
    /// About `take` of the `size` rows or bytes of a chunk in `count` slices; `start` moves them.
    pub(super) fn new(chunk: usize, size: u64, take: u64, count: usize, start: u64) -> Self {
        Self { chunk, size, take: take.clamp(1.min(size), size), count, start }
    }

    /// The most batches that they make: the last slice may continue at the beginning, and long ones are cut. Where sizes
    /// are in bytes, a row takes at least a bit.
    pub(super) fn parts(&self) -> u32 {
        let cuts = usize::try_from(self.take).unwrap_or(usize::MAX) / (BATCH_ROWS / 8);
        narrow(self.count.saturating_add(2).saturating_add(cuts))
    }

    /// The slices of a chunk of that many rows: they do not overlap.
    fn ranges(&self, rows: usize) -> Vec<Range<usize>> {
        let take = usize::try_from(u128::from(self.take) * rows as u128 / u128::from(self.size.max(1)));
        let take = take.unwrap_or(rows).clamp(1.min(rows), rows);
        let count = self.count.min(take.div_ceil(SLICE_ROWS)).max(1);
        let shift = usize::try_from(self.start % (rows as u64).max(1)).unwrap_or_default() / count;
        let mut ranges = Vec::with_capacity(count + 1);
        let gap = (rows - take) / count;
        for at in 0..count {
            // Slices and the gaps between them, each laid out evenly; then each slice is moved within the gap behind it.
            let taken = |at: usize| at * take / count;
            let moved = usize::try_from(jitter(self.start, at as u64, gap as u64)).unwrap_or_default();
            let start = shift + taken(at) + at * (rows - take) / count + moved;
            let end = start + taken(at + 1) - taken(at);
            if end > rows && start < rows {
                ranges.push(0..end - rows);
            }
            if start >= rows {
                ranges.push(start - rows..end - rows);
            } else if start < end {
                ranges.push(start..end.min(rows));
            }
        }
        ranges.sort_unstable_by_key(|range| range.start);
        ranges
    }

    /// The batches that the slices of a chunk of that many rows make; `None` where they are more than
    /// [`parts`](Self::parts), since they would have positions of the next chunk.
    pub(super) fn batches(&self, rows: usize) -> Option<Vec<Range<usize>>> {
        let cut =
            |range: Range<usize>| parts(range.len()).map(move |part| range.start + part.start..range.start + part.end);
        let batches: Vec<_> = self.ranges(rows).into_iter().flat_map(cut).collect();
        (batches.len() <= self.parts() as usize).then_some(batches)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_take_what_is_asked_once_each() {
        for rows in [1, 7, 100, 1_000, 99_999] {
            for take in [1, 5, 99, 1_000, 50_000] {
                for start in [0, 1, 12_345, u64::MAX] {
                    let slices = Slices { chunk: 0, size: rows as u64, take: take.min(rows as u64), count: 16, start };
                    let ranges = slices.ranges(rows);
                    assert!(ranges.windows(2).all(|pair| pair[0].end <= pair[1].start), "{rows} {take} {start}");
                    assert!(ranges.last().is_none_or(|last| last.end <= rows));
                    let taken: u64 = ranges.iter().map(|range| range.len() as u64).sum();
                    assert_eq!(taken, take.min(rows as u64), "{rows} {take} {start}: {ranges:?}");
                    assert!(ranges.len() <= slices.parts() as usize);
                }
            }
        }
    }

    #[test]
    fn no_rhythm_of_the_rows_meets_slices() {
        // Ten of a hundred rows, always the same ones, and slices a thousand rows apart.
        let slices = Slices { chunk: 0, size: 100_000, take: 13_000, count: 100, start: 7 };
        let failing = slices.ranges(100_000).into_iter().flatten().filter(|row| row % 100 < 10).count();
        assert!((1_000..1_600).contains(&failing), "{failing}");
    }
}
