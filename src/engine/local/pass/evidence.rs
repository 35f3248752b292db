//! Hands on the failing rows of a pass, with the cells that are wanted of them.
//!
//! Which rows fail is known only after all were seen, so the wanted cells are read in a second pass over their columns alone.
//! They are kept by batch, as the findings are, and both are handed on in file order.

use std::io;

use crate::engine::local::lower::Pass;
use crate::engine::{EvidenceSink, Finding, RowFindings, WantedRows};
use crate::model::{RowRef, Unmeasured};
use crate::source::{Batch, Column, Source};

use crate::engine::local::batch::cells::stored_text;
use crate::engine::local::pass::findings::AllFindings;
use crate::engine::local::pass::scan::scan_again;
use crate::engine::local::rows::records::AllRecords;
use crate::engine::local::shared::Shared;
use crate::engine::local::spill::chunks::{AllChunks, Chunks};

/// Hands on the failing rows of a pass in file order.
///
/// # Errors
/// Where findings or cells cannot be kept or read back, the dataset cannot be read again, or the user stopped the audit.
pub(super) fn hand_on(
    (pass, source): (&Pass, &Source),
    findings: &AllFindings,
    records: &AllRecords,
    wanted: &WantedRows,
    sink: &dyn EvidenceSink,
    shared: Shared<'_>,
) -> Result<(), Unmeasured> {
    let lost = |error| shared.lost(error);
    let places = findings.places();
    let columns = wanted.columns.get(&pass.dataset).map_or(&[][..], Vec::as_slice);
    let cells = if columns.is_empty() || places.is_empty() {
        None
    } else {
        Some(read_cells((pass, source), columns, findings, shared)?)
    };
    let mut of_row: Vec<Option<String>> = vec![None; columns.len()];
    let (mut file, mut before) = (0, 0);
    let mut counts = records.counts().peekable();
    for place in places {
        if shared.progress.cancelled() {
            return Err(Unmeasured::Cancelled);
        }
        while let Some((passed, rows)) = counts.next_if(|(seen, _)| *seen < place) {
            // Records are counted file by file.
            before = rows + if passed.file == file { before } else { 0 };
            file = passed.file;
        }
        let first = 1 + if place.file == file { before } else { 0 };
        let found = findings.read(place).map_err(lost)?;
        let bytes = cells.as_ref().map(|cells| cells.read(place)).transpose().map_err(lost)?;
        let mut cells = bytes.as_deref().unwrap_or_default();
        let lines = records.lines_of(place);
        for findings in found.chunk_by(|(a, _), (b, _)| a == b) {
            let Some((position, _)) = findings.first() else { continue };
            for cell in &mut of_row {
                *cell = take_cell(&mut cells);
            }
            let findings: Vec<Finding> = findings.iter().map(|(_, finding)| *finding).collect();
            let line = lines.as_ref().and_then(|lines| lines.get(*position).copied());
            let row = RowRef { file: place.file, record: first + *position as u64, line };
            if !sink.take(&pass.dataset, &RowFindings { row, findings: &findings, cells: &of_row }) {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Reads the cells of the failing rows: those of a batch row by row, and of a row column by column.
fn read_cells(
    (pass, source): (&Pass, &Source),
    columns: &[String],
    findings: &AllFindings,
    shared: Shared<'_>,
) -> Result<AllChunks, Unmeasured> {
    let store = Chunks::new(shared.memory);
    let all: Vec<usize> = (0..columns.len()).collect();
    let keep = |batch: &Batch| -> io::Result<()> {
        let mut bytes = Vec::new();
        let mut last = None;
        for (row, _) in findings.read(batch.place)? {
            if last.replace(row) != Some(row) {
                batch.columns.iter().for_each(|column| put_cell(column, row, &mut bytes));
            }
        }
        store.extend(batch.place, bytes)
    };
    scan_again(source, (&pass.dataset, columns), "evidence", shared, &|mut block| {
        // What cannot be unpacked ends the scan by itself.
        block.take(&all).unwrap_or_default().iter().try_for_each(keep)
    })?;
    Ok(store.finish())
}

/// Writes a cell: its bytes and one more as a number, 0 for none, then its text.
fn put_cell(column: &Column, row: usize, out: &mut Vec<u8>) {
    let text = stored_text(column, row).filter(|text| !text.is_empty());
    let length = text.as_ref().map_or(0, |text| u32::try_from(text.len() + 1).unwrap_or(u32::MAX));
    out.extend(length.to_le_bytes());
    out.extend(text.as_deref().unwrap_or_default().as_bytes());
}

/// Reads the next cell.
fn take_cell(bytes: &mut &[u8]) -> Option<String> {
    let (length, rest) = bytes.split_first_chunk()?;
    let length = u32::from_le_bytes(*length) as usize;
    let (text, rest) = rest.split_at_checked(length.saturating_sub(1))?;
    *bytes = rest;
    (length > 0).then(|| String::from_utf8_lossy(text).into_owned())
}
