//! Row groups of a sample: each is decoded whole, and slices of it are handed out.

use super::column::no_group;
use super::file::ParquetFile;
use crate::source::error::Problem;
use crate::source::layout::{Layout, Picks, Slices};
use crate::source::table::{Unit, Units};

/// The least rows of a sample.
const LEAST_ROWS: u64 = 2_000;

/// The row groups with their rows.
pub(super) fn layout(file: &ParquetFile) -> Layout {
    Layout::Chunks { sizes: file.groups.iter().map(|group| group.rows as u64).collect(), least: LEAST_ROWS }
}

/// The row groups that were drawn.
pub(super) fn units<'a>(file: &'a ParquetFile, columns: &'a [usize], picks: &'a Picks) -> Box<dyn Units<'a> + 'a> {
    let slices = if let Picks::Slices(slices) = picks { slices.as_slice() } else { &[] };
    Box::new(SampledGroups { file, columns, slices: slices.iter() })
}

/// The row groups of a file that were drawn.
struct SampledGroups<'a> {
    file: &'a ParquetFile,
    columns: &'a [usize],
    slices: std::slice::Iter<'a, Slices>,
}

impl<'a> Units<'a> for SampledGroups<'a> {
    fn next(&mut self) -> Result<Option<Unit<'a>>, Problem> {
        let (file, columns) = (self.file, self.columns);
        let Some(slices) = self.slices.next() else { return Ok(None) };
        let group = file.groups.get(slices.chunk).ok_or_else(no_group)?;
        Ok(Some(Unit {
            bytes: group.chunks.iter().map(|chunk| chunk.length).sum(),
            parts: slices.parts(),
            read: Box::new(move |out| {
                let parts = slices.batches(group.rows).ok_or_else(|| {
                    Problem::Damaged(format!("row group {} cannot be decoded: get the file again", slices.chunk + 1))
                })?;
                file.hand_out(slices.chunk, group, columns, (parts, false), out)
            }),
        }))
    }
}
