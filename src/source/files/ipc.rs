//! Arrow IPC files, record batch by record batch: memory holds one of them for each worker.

use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;

use polars_arrow::array::Array;
use polars_arrow::io::ipc::read::{FileMetadata, FileReader, deserialize_footer, get_row_count_from_blocks};

use super::arrays::emit;
use super::data_file::DataFile;
use super::format::{Format, Likelihood, no_conflicts};
use super::stored_type::describe_field;
use crate::source::batch::{batches, parts};
use crate::source::column::SourceColumn;
use crate::source::error::Problem;
use crate::source::faults::Tally;
use crate::source::layout::{Layout, Picks, Slices};
use crate::source::panic_guard::catch_panic;
use crate::source::table::{Emit, Table, Unit, Units};

/// The bytes at both ends of a file.
const MAGIC: &[u8] = b"ARROW1";

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
    metadata: FileMetadata,
    /// The bytes of each record batch.
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

        let metadata = catch_panic(|| deserialize_footer(&footer, file.bytes));
        let metadata = metadata.map_err(|failed| Problem::undecoded(DAMAGED, failed))?;
        let size = |(offset, head, body)| size_within(offset, head, body, start).ok_or_else(damaged);
        let blocks = metadata.blocks.iter().map(|block| (block.offset, block.meta_data_length, block.body_length));
        let sizes = blocks.map(size).collect::<Result<_, _>>()?;
        let columns = metadata.schema.iter_values().map(describe_field).collect();
        Ok(Self { file, columns, metadata, sizes })
    }

    /// Decodes the columns at these positions of one record batch: the columns and the rows.
    fn read(&self, position: usize, columns: &[usize]) -> Result<(Vec<Box<dyn Array>>, usize), Problem> {
        let fail = |failed| Problem::undecoded(undecodable(position), failed);
        let absent = || Problem::Damaged(undecodable(position));
        let mut handle = self.file.open()?;
        // Without columns, there are as many rows as the head of the record batch says.
        if columns.is_empty() {
            let block = self.metadata.blocks.get(position..=position).ok_or_else(absent)?;
            let rows = catch_panic(|| get_row_count_from_blocks(&mut handle, block)).map_err(fail)?;
            return Ok((Vec::new(), usize::try_from(rows).map_err(|_| absent())?));
        }
        let batch = catch_panic(|| {
            let mut reader = FileReader::new(handle, self.metadata.clone(), Some(columns.to_vec()), None);
            reader.set_current_block(position);
            reader.next().transpose()
        });
        let batch = batch.map_err(fail)?.ok_or_else(absent)?;
        let rows = batch.len();
        Ok((batch.into_arrays(), rows))
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

/// The size of a record batch that lies before `end`: its head and its body.
fn size_within(offset: i64, head: i32, body: i64, end: u64) -> Option<u64> {
    let start = u64::try_from(offset).ok()?;
    let size = u64::try_from(head).ok()?.checked_add(u64::try_from(body).ok()?)?;
    (start >= 8 && start.checked_add(size)? <= end).then_some(size)
}
