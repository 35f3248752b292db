//! Arrow IPC files, record batch by record batch.
//!
//! polars reads such a file whole or not at all. So it gets the file with a footer that lists one record batch only. The
//! others are not read, and memory holds one of them for each worker.

use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;

use polars::io::mmap::MmapBytesReader;
use polars::prelude::{IpcReader, PolarsResult, SerReader, Series};

use super::data_file::DataFile;
use super::reader::DataReader;
use super::series::{describe_field, emit};
use crate::source::batch::{batches, parts};
use crate::source::column::SourceColumn;
use crate::source::error::Problem;
use crate::source::faults::Tally;
use crate::source::format::{Format, Likelihood, no_conflicts};
use crate::source::layout::{Layout, Picks, Slices};
use crate::source::panic_guard::catch_panic;
use crate::source::table::{Emit, Table, Unit, Units};

/// The bytes at both ends of a file.
const MAGIC: &[u8] = b"ARROW1";

/// Bytes of one entry of the footer's list: where a record batch starts, the length of its head and of its body.
const ENTRY: usize = 24;

/// The longest footer.
const MAX_FOOTER: u64 = 64 << 20;

/// Arrow IPC file (Feather).
pub(in crate::source) const FORMAT: Format = Format {
    name: "ipc",
    noun: "an Arrow file",
    extensions: &["arrow", "ipc", "feather"],
    options: &[],
    is_text: false,
    has_free_columns: false,
    recognise: |head| if head.starts_with(MAGIC) { Likelihood::Certain } else { Likelihood::No },
    conflicts: no_conflicts,
    open: |file, _| Ok(Box::new(IpcTable::open(file)?)),
};

/// An IPC file whose footer was read.
#[derive(Debug)]
struct IpcTable {
    file: DataFile,
    columns: Vec<SourceColumn>,
    footer: Vec<u8>,
    /// The place of the list of record batches in the footer.
    list: usize,
    /// The place of each record batch in the file: its start and its length.
    entries: Vec<[u8; ENTRY]>,
    sizes: Vec<u64>,
}

/// The least bytes of record batches that a sample takes.
const LEAST_SAMPLE: u64 = 256 << 10;

/// What is wrong with a footer that contradicts itself or the file.
const DAMAGED: &str = "the Arrow footer is damaged: get the file again";

fn damaged() -> Problem {
    Problem::damaged(DAMAGED)
}

impl IpcTable {
    /// Reads the footer.
    fn open(file: DataFile) -> Result<Self, Problem> {
        let mut handle = file.open()?;
        let mut head = [0; 8];
        if file.bytes < 18 || handle.read_exact(&mut head).is_err() || !head.starts_with(MAGIC) {
            return Err(Problem::foreign("is not an Arrow IPC file (streams and Feather 1 are not read)"));
        }
        let mut tail = [0; 10];
        let read = handle.seek(SeekFrom::Start(file.bytes - 10)).and_then(|_| handle.read_exact(&mut tail));
        if read.is_err() || !tail.ends_with(MAGIC) {
            return Err(Problem::damaged(
                "the Arrow file is cut off or damaged: it does not end as one. Get the whole file again",
            ));
        }
        let [a, b, c, d, ..] = tail;
        let length = u64::from(u32::from_le_bytes([a, b, c, d]));
        let start = (file.bytes - 10).checked_sub(length).filter(|start| *start >= 8 && length <= MAX_FOOTER);
        let start = start.ok_or_else(damaged)?;
        let mut footer = vec![0; usize::try_from(length).map_err(|_| damaged())?];
        let read = handle.seek(SeekFrom::Start(start)).and_then(|_| handle.read_exact(&mut footer));
        read.map_err(|_| Problem::inaccessible("cannot be read to its end"))?;

        let (list, entries) = record_batches(&footer).ok_or_else(damaged)?;
        let mut sizes = Vec::with_capacity(entries.len());
        for entry in &entries {
            sizes.push(size_within(entry, start).ok_or_else(damaged)?);
        }
        let schema = catch_panic(|| IpcReader::new(&mut handle).schema());
        let schema = schema.map_err(|failed| Problem::undecoded(DAMAGED, failed))?;
        let columns = schema.iter_values().map(describe_field).collect();
        Ok(Self { file, columns, footer, list, entries, sizes })
    }

    /// Decodes the columns at these positions of one record batch: the columns and the rows.
    fn read(&self, position: usize, columns: &[usize]) -> Result<(Vec<Series>, usize), Problem> {
        let fail = |failed| Problem::undecoded(undecodable(position), failed);
        let open = || -> Result<OneBatch, Problem> {
            let mut footer = self.footer.clone();
            let entry = self.entries.get(position).ok_or_else(|| Problem::Damaged(undecodable(position)))?;
            footer[self.list..self.list + 4].copy_from_slice(&1_u32.to_le_bytes());
            footer[self.list + 4..self.list + 4 + ENTRY].copy_from_slice(entry);
            let start = self.file.bytes - 10 - footer.len() as u64;
            Ok(OneBatch { file: self.file.open()?, at: 0, footer, start, length: self.file.bytes })
        };
        let reader = open()?;
        // Without columns, polars gives as many rows as the head of the record batch says.
        let rows = catch_panic(|| IpcReader::new(reader).with_projection(Some(Vec::new())).finish()).map_err(fail)?;
        let rows = rows.height();
        if columns.is_empty() {
            return Ok((Vec::new(), rows));
        }
        let reader = open()?;
        let cells = catch_panic(|| -> PolarsResult<Vec<Series>> {
            // polars gives projected columns in file order.
            let mut sorted = columns.to_vec();
            sorted.sort_unstable();
            let frame = IpcReader::new(reader).with_projection(Some(sorted.clone())).finish()?;
            let places = columns.iter().map(|column| sorted.partition_point(|other| other < column));
            Ok(places
                .filter_map(|place| frame.columns().get(place))
                .map(|column| column.as_materialized_series().clone())
                .collect())
        });
        let cells = cells.map_err(fail)?;
        if cells.len() != columns.len() {
            return Err(Problem::Damaged(undecodable(position)));
        }
        if cells.iter().any(|column| column.len() != rows) {
            return Err(Problem::Damaged(format!(
                "record batch {} has fewer or more cells than rows: get the file again",
                position + 1
            )));
        }
        Ok((cells, rows))
    }

    /// Decodes a record batch and hands out the runs that `parts` makes of its rows, `None` where they are too many.
    fn hand_out(
        &self,
        position: usize,
        columns: &[usize],
        parts: impl FnOnce(usize) -> Option<Vec<Range<usize>>>,
        out: &mut Emit,
    ) -> Result<Tally, Problem> {
        let (cells, rows) = self.read(position, columns)?;
        let parts = parts(rows)
            .ok_or_else(|| Problem::BeyondLimit(format!("record batch {} has too many rows", position + 1)))?;
        emit(&cells, &parts, out).map_err(|failed| Problem::undecoded(undecodable(position), failed))?;
        Ok(Tally::of_rows(parts.iter().map(Range::len).sum(), None))
    }
}

fn undecodable(position: usize) -> String {
    format!("record batch {} cannot be decoded: get the file again", position + 1)
}

impl Table for IpcTable {
    fn columns(&self) -> &[SourceColumn] {
        &self.columns
    }

    fn unit_bytes(&self, _: &[Vec<&str>], _: usize) -> u64 {
        // As stored, as unpacked (the footer does not say how large that is), and a view or a number for each row.
        self.sizes.iter().max().map_or(0, |bytes| bytes.saturating_mul(5))
    }

    fn units<'a>(&'a self, columns: &'a [usize], _: usize) -> Result<Box<dyn Units<'a> + 'a>, Problem> {
        Ok(Box::new(RecordBatches { table: self, columns, next: 0 }))
    }

    fn layout(&self) -> Layout {
        Layout::Chunks { sizes: self.sizes.clone(), least: LEAST_SAMPLE }
    }

    fn picked<'a>(&'a self, columns: &'a [usize], picks: &'a Picks) -> Result<Box<dyn Units<'a> + 'a>, Problem> {
        let slices = if let Picks::Slices(slices) = picks { slices.as_slice() } else { &[] };
        Ok(Box::new(SampledBatches { table: self, columns, slices: slices.iter() }))
    }
}

/// The record batches of a file that were drawn.
struct SampledBatches<'a> {
    table: &'a IpcTable,
    columns: &'a [usize],
    slices: std::slice::Iter<'a, Slices>,
}

impl<'a> Units<'a> for SampledBatches<'a> {
    fn next(&mut self) -> Result<Option<Unit<'a>>, Problem> {
        let (table, columns) = (self.table, self.columns);
        let Some(slices) = self.slices.next() else { return Ok(None) };
        Ok(Some(Unit {
            bytes: table.sizes.get(slices.chunk).copied().unwrap_or_default(),
            parts: slices.parts(),
            read: Box::new(move |out| table.hand_out(slices.chunk, columns, |rows| slices.batches(rows), out)),
        }))
    }
}

/// The record batches of a file.
struct RecordBatches<'a> {
    table: &'a IpcTable,
    columns: &'a [usize],
    next: usize,
}

impl<'a> Units<'a> for RecordBatches<'a> {
    fn next(&mut self) -> Result<Option<Unit<'a>>, Problem> {
        let (table, columns, position) = (self.table, self.columns, self.next);
        let Some(bytes) = table.sizes.get(position).copied() else { return Ok(None) };
        self.next += 1;
        Ok(Some(Unit {
            bytes,
            // The record batch says how many rows there are, the footer does not.
            parts: PARTS,
            read: Box::new(move |out| {
                let all = |rows| (batches(rows) <= PARTS).then(|| parts(rows).collect());
                table.hand_out(position, columns, all, out)
            }),
        }))
    }
}

/// The most batches that one record batch makes.
const PARTS: u32 = 1 << 16;

/// Finds the list of record batches in the footer, which is a flatbuffer: its place and its entries.
fn record_batches(footer: &[u8]) -> Option<(usize, Vec<[u8; ENTRY]>)> {
    let word = |at: usize| Some(u32::from_le_bytes(footer.get(at..at.checked_add(4)?)?.try_into().ok()?) as usize);
    let half = |at: usize| Some(usize::from(u16::from_le_bytes(footer.get(at..at.checked_add(2)?)?.try_into().ok()?)));
    let table = word(0)?;
    // The distance to the table of fields counts backwards, with a sign.
    let back = i64::from(u32::try_from(word(table)?).ok()?.cast_signed());
    let fields = usize::try_from(i64::try_from(table).ok()? - back).ok()?;
    // Fields: version, schema, dictionaries, record batches.
    let slot = 4 + 2 * 3;
    let place = if half(fields)? >= slot + 2 { half(fields + slot)? } else { 0 };
    if place == 0 {
        return Some((0, Vec::new()));
    }
    let list = (table + place).checked_add(word(table + place)?)?;
    let count = word(list)?;
    let bytes = footer.get(list + 4..(list + 4).checked_add(count.checked_mul(ENTRY)?)?)?;
    Some((list, bytes.chunks_exact(ENTRY).filter_map(|entry| entry.try_into().ok()).collect()))
}

/// The size of a record batch that lies before `end`.
fn size_within(entry: &[u8; ENTRY], end: u64) -> Option<u64> {
    let start = u64::try_from(i64::from_le_bytes(entry.get(..8)?.try_into().ok()?)).ok()?;
    let head = u64::try_from(i32::from_le_bytes(entry.get(8..12)?.try_into().ok()?)).ok()?;
    let body = u64::try_from(i64::from_le_bytes(entry.get(16..24)?.try_into().ok()?)).ok()?;
    let size = head.checked_add(body)?;
    (start >= 8 && start.checked_add(size)? <= end).then_some(size)
}

/// A file with another footer of the same length.
struct OneBatch {
    file: DataReader,
    at: u64,
    footer: Vec<u8>,
    start: u64,
    length: u64,
}

impl Read for OneBatch {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let end = self.start + self.footer.len() as u64;
        let read = if self.at < self.start || self.at >= end {
            let limit = if self.at < self.start { self.start - self.at } else { u64::MAX };
            self.file.seek(SeekFrom::Start(self.at))?;
            self.file.by_ref().take(limit).read(buffer)?
        } else {
            let from = usize::try_from(self.at - self.start).map_err(io::Error::other)?;
            self.footer.get(from..).unwrap_or_default().read(buffer)?
        };
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for OneBatch {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::End(offset) => self.length.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.at.checked_add_signed(offset),
        };
        self.at = place.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

impl MmapBytesReader for OneBatch {}
