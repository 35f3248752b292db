//! Row groups of a sample: decoded whole, of which slices are handed out.

use super::ParquetTable;
use crate::source::sample::{Layout, Picks, Slices};
use crate::source::scan::{Unit, Units};

/// The least rows of a sample.
const LEAST_ROWS: u64 = 2_000;

/// The row groups with their rows.
pub(super) fn layout(table: &ParquetTable) -> Layout {
    Layout::Chunks { sizes: table.groups.iter().map(|group| group.rows as u64).collect(), least: LEAST_ROWS }
}

/// The row groups that were drawn.
pub(super) fn units<'a>(table: &'a ParquetTable, columns: &'a [usize], picks: &'a Picks) -> Box<dyn Units<'a> + 'a> {
    let slices = if let Picks::Slices(slices) = picks { slices.as_slice() } else { &[] };
    Box::new(SampledGroups { table, columns, slices: slices.iter() })
}

/// The row groups of a file that were drawn.
struct SampledGroups<'a> {
    table: &'a ParquetTable,
    columns: &'a [usize],
    slices: std::slice::Iter<'a, Slices>,
}

impl<'a> Units<'a> for SampledGroups<'a> {
    fn next(&mut self) -> Result<Option<Unit<'a>>, String> {
        let (table, columns) = (self.table, self.columns);
        let Some(slices) = self.slices.next() else { return Ok(None) };
        let group = table.groups.get(slices.chunk).ok_or("the row group is not there")?;
        Ok(Some(Unit {
            bytes: group.chunks.iter().map(|chunk| chunk.length).sum(),
            parts: slices.parts(),
            read: Box::new(move |out| {
                let parts = slices
                    .batches(group.rows)
                    .ok_or_else(|| format!("row group {} cannot be decoded: get the file again", slices.chunk + 1))?;
                table.hand_out(slices.chunk, group, columns, (parts, false), out)
            }),
        }))
    }
}
