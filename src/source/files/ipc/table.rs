//! What may be asked of an Arrow IPC file.

use std::sync::Arc;

use super::file::{Decoder, IpcTable};
use super::split;
use crate::source::batch::{batches, parts};
use crate::source::column::SourceColumn;
use crate::source::error::Problem;
use crate::source::layout::{Layout, Picks, Slices};
use crate::source::split::{Parts, SplitError, SplitRows, Splitting};
use crate::source::table::{Table, Unit, Units};

/// The least bytes of record batches that a sample takes.
const LEAST_SAMPLE: u64 = 256 << 10;

impl Table for IpcTable {
    fn columns(&self) -> &[SourceColumn] {
        &self.columns
    }

    fn inner_columns(&self) -> &[SourceColumn] {
        &self.inner_columns
    }

    fn unit_bytes(&self, _: &[Vec<&str>], _: usize) -> u64 {
        // As stored, as unpacked (the footer does not say how large that is), and a view or a number for each row.
        self.sizes.iter().max().map_or(0, |bytes| bytes.saturating_mul(5))
    }

    fn units<'a>(&'a self, columns: &'a [usize], _: usize, _: bool) -> Result<Box<dyn Units<'a> + 'a>, Problem> {
        let decoder = Arc::new(self.decoder(columns)?);
        Ok(Box::new(RecordBatches { table: self, columns, decoder, next: 0 }))
    }

    fn check_splittable(&self) -> Result<(), Problem> {
        split::check(&self.schema)
    }

    fn split(&self, to: &mut Splitting, parts: Parts) -> Result<SplitRows, SplitError> {
        split::split(self, to, parts)
    }

    fn layout(&self) -> Layout {
        Layout::Chunks { sizes: self.sizes.clone(), least: LEAST_SAMPLE }
    }

    fn picked<'a>(&'a self, columns: &'a [usize], picks: &'a Picks) -> Result<Box<dyn Units<'a> + 'a>, Problem> {
        let slices = if let Picks::Slices(slices) = picks { slices.as_slice() } else { &[] };
        let decoder = Arc::new(self.decoder(columns)?);
        Ok(Box::new(SampledBatches { table: self, columns, decoder, slices: slices.iter() }))
    }
}

/// The record batches of a file that were drawn.
struct SampledBatches<'a> {
    table: &'a IpcTable,
    columns: &'a [usize],
    decoder: Arc<Decoder>,
    slices: std::slice::Iter<'a, Slices>,
}

impl<'a> Units<'a> for SampledBatches<'a> {
    fn next(&mut self) -> Result<Option<Unit<'a>>, Problem> {
        let (table, columns, decoder) = (self.table, self.columns, Arc::clone(&self.decoder));
        let Some(slices) = self.slices.next() else { return Ok(None) };
        Ok(Some(Unit {
            bytes: table.sizes.get(slices.chunk).copied().unwrap_or_default(),
            parts: slices.parts(),
            read: Box::new(move |out| {
                table.hand_out(slices.chunk, (columns, &decoder), |rows| slices.batches(rows), out)
            }),
        }))
    }
}

/// The record batches of a file.
struct RecordBatches<'a> {
    table: &'a IpcTable,
    columns: &'a [usize],
    decoder: Arc<Decoder>,
    next: usize,
}

impl<'a> Units<'a> for RecordBatches<'a> {
    fn next(&mut self) -> Result<Option<Unit<'a>>, Problem> {
        let (table, columns, position) = (self.table, self.columns, self.next);
        let decoder = Arc::clone(&self.decoder);
        let Some(bytes) = table.sizes.get(position).copied() else { return Ok(None) };
        self.next += 1;
        Ok(Some(Unit {
            bytes,
            // The record batch says how many rows there are, the footer does not.
            parts: PARTS,
            read: Box::new(move |out| {
                let all = |rows| (batches(rows) <= PARTS).then(|| parts(rows).collect());
                table.hand_out(position, (columns, &decoder), all, out)
            }),
        }))
    }
}

/// The most batches that one record batch makes.
const PARTS: u32 = 1 << 16;
