//! Which parts of a dataset a sample reads.
//!
//! Every row has the same chance to be drawn. The draw depends on nothing but the sizes of the files and the share, so it
//! is the same in every run and at any number of threads. Text is drawn as blocks of bytes: all files are cut into equal
//! stretches, and a block lies somewhere in each of them. (At a fixed step, blocks could always meet the same rows of data
//! that repeats at that step.) Row groups and record batches can only be decoded whole: where there are many, a few are
//! drawn in proportion to their size, and the rows that are judged are slices spread evenly over each.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::batch::{Place, narrow};
use super::draw::{places, spread};
use super::error::Problem;
use super::layout::{Layout, Picks, Slices};
use super::table::Table;
use crate::model::Share;

/// Blocks that a sample aims at: as few as are enough to estimate the differences between them, with a margin.
const BLOCKS: u64 = 512;

/// The least blocks of text. Under this a sample is made larger than asked.
const LEAST_BLOCKS: u64 = 100;

/// The sizes of a block of text in bytes.
const BLOCK_BYTES: Range<u64> = 4 << 10..1 << 20;

/// The least row groups that are drawn where there are more: few, since each is decoded whole, but enough to estimate how
/// they differ.
const GROUPS: u64 = 8;

/// The parts of a dataset that a sample reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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

/// Why nothing can be left out of a dataset, so that it is to be read in full.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoSample {
    /// It can only be read from its start.
    #[error("{0}")]
    Stream(&'static str),
    /// The sample would be nearly the whole.
    #[error("it is so small, or the share so large, that a sample saves nothing")]
    Whole,
    /// It cannot be known where records start.
    #[error("{0}")]
    Unaligned(Problem),
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

impl Sample {
    /// Draws about `share` of the rows of files of so many stored bytes. More are drawn where so few are too few for an
    /// estimate.
    ///
    /// # Errors
    /// Why nothing can be left out, so that the dataset is to be read in full.
    pub(super) fn draw(share: Share, tables: &[&dyn Table], bytes: u64) -> Result<Self, NoSample> {
        let mut layouts = Vec::with_capacity(tables.len());
        for table in tables {
            match table.layout() {
                Layout::Stream(reason) => return Err(NoSample::Stream(reason)),
                layout => layouts.push(layout),
            }
        }
        let spans: Option<Vec<Range<u64>>> = layouts
            .iter()
            .map(|layout| if let Layout::Bytes(span) = layout { Some(span.clone()) } else { None })
            .collect();
        match spans {
            Some(spans) => Self::of_bytes(share, tables, &spans),
            None => Self::of_chunks(share, &layouts, bytes),
        }
    }

    fn of_bytes(share: Share, tables: &[&dyn Table], spans: &[Range<u64>]) -> Result<Self, NoSample> {
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
        for (table, mut ranges) in tables.iter().zip(files) {
            ranges.sort_unstable_by_key(|range| range.start);
            drawn += ranges.iter().map(|range| range.end - range.start).sum::<u64>();
            picked.push(Picks::Bytes(table.align(ranges).map_err(NoSample::Unaligned)?));
        }
        Ok(Self { asked: share, files: picked, groups_drawn: false, bytes: drawn, share: Share::of(drawn, total) })
    }

    fn of_chunks(share: Share, layouts: &[Layout], bytes: u64) -> Result<Self, NoSample> {
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
        // How often each chunk is drawn; where all are, each once.
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
            files[file].push(Slices::new(chunk, size, take, count, start));
            read += size;
        }
        let share_read = Share::of(read, total);
        Ok(Self {
            asked: share,
            files: files.into_iter().map(Picks::Slices).collect(),
            groups_drawn,
            bytes: share_read.take(bytes),
            share: Share::of(wanted, total),
        })
    }
}

/// Refuses a sample that is nearly the whole.
fn worthwhile(wanted: u64, total: u64) -> Result<(), NoSample> {
    if u128::from(wanted) * 10 >= u128::from(total) * 9 {
        return Err(NoSample::Whole);
    }
    Ok(())
}
