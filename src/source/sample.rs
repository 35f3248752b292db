//! Which parts of a dataset a sample reads.
//!
//! Every row has the same chance to be drawn, and the draw hangs on nothing but the sizes of the files and the share, so
//! it is the same in every run and at any number of threads. Text is drawn as blocks of bytes, one in each of as many equal
//! stretches of all files, somewhere in it: at a fixed step they would always meet rows that come in a rhythm at the same
//! beat. Row groups and record batches can only be decoded whole: where
//! there are many, a few are drawn in proportion to their size, and the rows that are judged are slices that lie evenly
//! over each.

use std::ops::Range;

use super::Source;
use super::batch::Place;
use super::scan::narrow;
use super::typed::{self, BATCH_ROWS};
use crate::model::Share;

/// Blocks that a sample aims at: as few as bear an estimate of the differences between them, with a margin.
const BLOCKS: u64 = 512;

/// The least blocks of text. Under this a sample is made larger than asked.
const LEAST_BLOCKS: u64 = 100;

/// The sizes of a block of text in bytes.
const BLOCK_BYTES: Range<u64> = 4 << 10..1 << 20;

/// The least row groups that are drawn where there are more: few, since each is decoded whole, but enough to tell how they
/// differ.
const GROUPS: u64 = 8;

/// The least rows of a slice, unless the group has fewer.
const SLICE_ROWS: usize = 8;

/// What of a file can be read without what stands before it.
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
#[derive(Debug, Clone)]
pub(super) enum Picks {
    /// The records that start in these bytes; where a range does not start the file, its start is that of a record.
    Bytes(Vec<Range<u64>>),
    /// Slices of chunks.
    Slices(Vec<Slices>),
}

/// Slices of one chunk, evenly spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slices {
    /// Position of the chunk in the file.
    pub(super) chunk: usize,
    size: u64,
    take: u64,
    count: usize,
    start: u64,
}

/// The parts of a dataset that a sample reads.
#[derive(Debug, Clone)]
pub struct Sample {
    asked: Share,
    files: Vec<Picks>,
    /// Whether only some of the row groups were drawn.
    groups_drawn: bool,
    /// Stored bytes to be read, about.
    bytes: u64,
    /// The share that is read, by size.
    share: Share,
}

impl Sample {
    /// The share that was asked for.
    pub fn asked(&self) -> Share {
        self.asked
    }

    /// About how many stored bytes are read.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The share that is read by the sizes of what was drawn, which may differ from that of the rows.
    pub fn share(&self) -> Share {
        self.share
    }

    /// The row group or record batch of a batch, by the positions of file and chunk; `None` where all were drawn, or the
    /// file has none.
    pub fn group_of(&self, place: Place) -> Option<(u32, u32)> {
        let Some(Picks::Slices(slices)) = self.files.get(place.file as usize).filter(|_| self.groups_drawn) else {
            return None;
        };
        let mut first = 0;
        let chunk = slices.iter().find(|slices| {
            first += slices.parts();
            place.part < first
        })?;
        Some((place.file, narrow(chunk.chunk)))
    }

    /// What is taken of a file.
    pub(super) fn picks(&self, file: usize) -> Option<&Picks> {
        self.files.get(file)
    }
}

impl Source {
    /// Draws about `share` of the rows. More are drawn where so few could not bear an estimate.
    ///
    /// # Errors
    /// Why nothing can be left out, so that the dataset is to be read in full.
    pub fn sample(&self, share: Share) -> Result<Sample, String> {
        let mut layouts = Vec::with_capacity(self.files.len());
        for file in &self.files {
            match file.table.layout() {
                Layout::Stream(reason) => return Err(reason.to_owned()),
                layout => layouts.push(layout),
            }
        }
        let spans: Option<Vec<Range<u64>>> = layouts
            .iter()
            .map(|layout| if let Layout::Bytes(span) = layout { Some(span.clone()) } else { None })
            .collect();
        match spans {
            Some(spans) => self.sample_bytes(share, &spans),
            None => self.sample_chunks(share, &layouts),
        }
    }

    fn sample_bytes(&self, share: Share, spans: &[Range<u64>]) -> Result<Sample, String> {
        let total: u64 = spans.iter().map(|span| span.end - span.start).sum();
        let wanted = share.take(total).max(LEAST_BLOCKS * BLOCK_BYTES.start);
        worthwhile(wanted, total)?;
        let size = (wanted / BLOCKS).clamp(BLOCK_BYTES.start, BLOCK_BYTES.end);
        let count = wanted / size;
        let mut files = vec![Vec::new(); spans.len()];
        let mut take = |from: u64, to: u64| {
            let mut first = 0;
            for (span, picks) in spans.iter().zip(&mut files) {
                let length = span.end - span.start;
                let (low, high) = (from.max(first), to.min(first + length));
                if low < high {
                    picks.push(span.start + low - first..span.start + high - first);
                }
                first += length;
            }
        };
        for place in places(total, count, size) {
            take(place, (place + size).min(total));
            // What runs over the end goes on at the beginning, or rows at the beginning were drawn less often.
            take(0, (place + size).saturating_sub(total));
        }
        let mut drawn = 0;
        let mut picked = Vec::with_capacity(files.len());
        for (file, mut ranges) in self.files.iter().zip(files) {
            ranges.sort_unstable_by_key(|range| range.start);
            drawn += ranges.iter().map(|range| range.end - range.start).sum::<u64>();
            picked.push(Picks::Bytes(file.table.align(ranges)?));
        }
        Ok(Sample { asked: share, files: picked, groups_drawn: false, bytes: drawn, share: Share::of(drawn, total) })
    }

    fn sample_chunks(&self, share: Share, layouts: &[Layout]) -> Result<Sample, String> {
        let mut chunks = Vec::new();
        let mut enough = 0;
        for (file, layout) in layouts.iter().enumerate() {
            if let Layout::Chunks { sizes, least } = layout {
                enough = enough.max(*least);
                chunks.extend(sizes.iter().enumerate().map(|(chunk, size)| (file, chunk, *size)));
            }
        }
        let total: u64 = chunks.iter().map(|(.., size)| size).sum();
        let wanted = share.take(total).max(enough);
        worthwhile(wanted, total)?;
        // How often each chunk is drawn; where all are, each stands for itself.
        let groups = GROUPS.max(share.take(2 * chunks.len() as u64));
        let groups_drawn = chunks.len() as u64 > groups;
        let mut draws = vec![u64::from(!groups_drawn); chunks.len()];
        if groups_drawn {
            let mut ends = chunks.iter().scan(0, |end, (.., size)| {
                *end += size;
                Some(*end)
            });
            let (mut at, mut end) = (0, ends.next().unwrap_or_default());
            let mut places: Vec<u64> = places(total, groups, 0).collect();
            places.sort_unstable();
            for place in places {
                while place >= end && at + 1 < chunks.len() {
                    at += 1;
                    end = ends.next().unwrap_or(u64::MAX);
                }
                draws[at] += 1;
            }
        }
        let mut files = vec![Vec::new(); layouts.len()];
        let mut read = 0;
        for ((file, chunk, size), draws) in chunks.into_iter().zip(draws).filter(|(_, draws)| *draws > 0) {
            let scaled = |whole: u64| u64::try_from(u128::from(whole) * u128::from(size) / u128::from(total.max(1)));
            let (take, count) = if groups_drawn {
                (wanted * draws / groups, BLOCKS * draws / groups)
            } else {
                (scaled(wanted).unwrap_or(size), scaled(BLOCKS).unwrap_or(1))
            };
            let count = usize::try_from(count).unwrap_or(1).max(1);
            let start = spread(total ^ ((file as u64) << 32) ^ chunk as u64);
            files[file].push(Slices { chunk, size, take: take.clamp(1.min(size), size), count, start });
            read += size;
        }
        let share_read = Share::of(read, total);
        Ok(Sample {
            asked: share,
            files: files.into_iter().map(Picks::Slices).collect(),
            groups_drawn,
            bytes: share_read.take(self.bytes()),
            share: Share::of(wanted, total),
        })
    }
}

/// Refuses a sample that is nearly the whole.
fn worthwhile(wanted: u64, total: u64) -> Result<(), String> {
    if u128::from(wanted) * 10 >= u128::from(total) * 9 {
        return Err("it is so small, or the share so large, that a sample saves nothing".to_owned());
    }
    Ok(())
}

/// The starts of `count` blocks of a size, one somewhere in each of as many equal stretches of a ring of `total`: they do
/// not overlap, and the total alone decides where they lie.
fn places(total: u64, count: u64, size: u64) -> impl Iterator<Item = u64> {
    let start = u128::from(spread(total).checked_rem(total).unwrap_or_default());
    let stretch = move |at: u64| (start + u128::from(at) * u128::from(total)) / u128::from(count.max(1));
    let room = (total / count.max(1)).saturating_sub(size);
    (0..count).filter_map(move |at| {
        let place = stretch(at) + u128::from(jitter(total, at, room));
        u64::try_from(place.checked_rem(total.into())?).ok()
    })
}

/// A number up to `most` that looks drawn at random, the same for the same seed and position.
const fn jitter(seed: u64, at: u64, most: u64) -> u64 {
    let drawn = spread(spread(seed) ^ at);
    if most == u64::MAX { drawn } else { drawn % (most + 1) }
}

/// A number that looks drawn at random (`SplitMix64` by Sebastiano Vigna, one step).
const fn spread(seed: u64) -> u64 {
    let mixed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

impl Slices {
    /// How many batches they make at the most: the last slice may go on at the beginning, and long ones are cut. Where
    /// sizes are in bytes, a row takes a bit at the least.
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

    /// The batches that the slices of a chunk of that many rows make; `None` where these are more than there are places,
    /// since they would run into those of the next chunk.
    pub(super) fn batches(&self, rows: usize) -> Option<Vec<Range<usize>>> {
        let cut = |range: Range<usize>| {
            typed::parts(range.len()).map(move |part| range.start + part.start..range.start + part.end)
        };
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
    fn blocks_lie_one_in_each_stretch_and_apart() {
        for (total, count, size) in [(1_000_003, 512, 100), (1_000_000, 100, 9_000), (10_000, 10, 1_000), (7, 3, 1)] {
            let mut found: Vec<u64> = places(total, count, size).collect();
            assert_eq!(found.len() as u64, count);
            found.sort_unstable();
            let apart = |from: u64, to: u64| (to + total - from) % total;
            for (at, place) in found.iter().enumerate() {
                let next = found[(at + 1) % found.len()];
                let step = total / count;
                assert!((size..=2 * step + 2).contains(&apart(*place, next)), "{place} {next} of {total}");
            }
        }
        assert_eq!(places(0, 3, 0).count(), 0);
    }

    #[test]
    fn no_rhythm_of_the_rows_meets_them() {
        // Ten of a hundred rows, always the same ones, and slices a thousand rows apart.
        let slices = Slices { chunk: 0, size: 100_000, take: 13_000, count: 100, start: 7 };
        let failing = slices.ranges(100_000).into_iter().flatten().filter(|row| row % 100 < 10).count();
        assert!((1_000..1_600).contains(&failing), "{failing}");
        let phases: Vec<u64> = places(1_000_000, 100, 100).map(|place| place % 1_000 / 100).collect();
        assert!((0..10).all(|tenth| phases.iter().filter(|phase| **phase == tenth).count() < 25), "{phases:?}");
    }
}
