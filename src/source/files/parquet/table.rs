//! What may be asked of a Parquet file.

use std::collections::BTreeMap;

use super::file::{PIECE_ROWS, ParquetFile};
use super::{sample, split};
use crate::source::batch::{batches, parts};
use crate::source::column::SourceColumn;
use crate::source::error::Problem;
use crate::source::layout::{Layout, Picks};
use crate::source::split::{Parts, SplitError, SplitRows, Splitting};
use crate::source::table::{Table, Unit, Units};

/// Bytes that the dictionary of a column takes at the most as a rule.
const DICTIONARY: u64 = 2 << 20;

impl Table for ParquetFile {
    fn columns(&self) -> &[SourceColumn] {
        &self.columns
    }

    fn inner_columns(&self) -> &[SourceColumn] {
        &self.inner_columns
    }

    fn unit_bytes(&self, sections: &[Vec<&str>], _: usize) -> u64 {
        let mut section_of: BTreeMap<&str, usize> = BTreeMap::new();
        for (section, columns) in sections.iter().enumerate() {
            section_of.extend(columns.iter().map(|column| (self.root_of(column), section)));
        }
        let mut largest = 0;
        for (metadata, group) in self.metadata.row_groups.iter().zip(&self.groups) {
            // All columns as they are stored, and those of one section as unpacked, a view or a number for each row.
            let mut stored = 0_u64;
            let mut unpacked = vec![0_u64; sections.len()];
            for (column, chunk) in metadata.parquet_columns().iter().zip(&group.chunks) {
                let Some(section) = section_of.get(chunk.root.as_str()).copied() else { continue };
                let bytes = u64::try_from(column.uncompressed_size()).unwrap_or_default();
                let rows = group.rows.min(PIECE_ROWS) as u64;
                let views = rows.saturating_mul(16);
                // Of the pages of a piece, and of a dictionary.
                let pieces = (group.rows as u64).div_ceil(rows.max(1)).max(1);
                let bytes = if pieces > 1 { bytes.min(bytes / (pieces - 1) + DICTIONARY) } else { bytes };
                stored = stored.saturating_add(chunk.length);
                unpacked[section] = unpacked[section].saturating_add(bytes).saturating_add(views);
            }
            largest = largest.max(stored.saturating_add(unpacked.into_iter().max().unwrap_or_default()));
        }
        largest
    }

    fn extent(&self) -> Option<(u64, Vec<(String, u64)>)> {
        let rows = self.groups.iter().map(|group| group.rows as u64).sum();
        let mut columns = Vec::new();
        for group in &self.metadata.row_groups {
            for column in group.parquet_columns() {
                let name = column.descriptor().path_in_schema.first()?.to_string();
                columns.push((name, u64::try_from(column.uncompressed_size()).unwrap_or_default()));
            }
        }
        Some((rows, columns))
    }

    fn units<'a>(&'a self, columns: &'a [usize], _: usize, _: bool) -> Result<Box<dyn Units<'a> + 'a>, Problem> {
        Ok(Box::new(Groups { file: self, columns, next: 0 }))
    }

    fn split(&self, to: &mut Splitting, parts: Parts) -> Result<SplitRows, SplitError> {
        split::split(&self.data, to, parts)
    }

    fn layout(&self) -> Layout {
        sample::layout(self)
    }

    fn picked<'a>(&'a self, columns: &'a [usize], picks: &'a Picks) -> Result<Box<dyn Units<'a> + 'a>, Problem> {
        Ok(sample::units(self, columns, picks))
    }
}

/// The row groups of a file.
struct Groups<'a> {
    file: &'a ParquetFile,
    columns: &'a [usize],
    next: usize,
}

impl<'a> Units<'a> for Groups<'a> {
    fn next(&mut self) -> Result<Option<Unit<'a>>, Problem> {
        let (file, columns, position) = (self.file, self.columns, self.next);
        let Some(group) = file.groups.get(position) else { return Ok(None) };
        self.next += 1;
        let scarce = file.groups.len() < rayon::current_num_threads();
        // The bytes from the footer on count for the last group.
        let stored: u64 = group.chunks.iter().map(|chunk| chunk.length).sum();
        Ok(Some(Unit {
            bytes: stored,
            parts: batches(group.rows),
            read: Box::new(move |out| {
                file.hand_out(position, group, columns, (parts(group.rows).collect(), scarce), out)
            }),
        }))
    }
}
