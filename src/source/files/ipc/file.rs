//! An Arrow IPC file whose footer was read: its record batches, decoded.

use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;

use polars_arrow::array::Array;
use polars_arrow::io::ipc::read::{FileMetadata, FileReader, deserialize_footer, get_row_count_from_blocks};

use crate::source::column::SourceColumn;
use crate::source::error::Problem;
use crate::source::faults::Tally;
use crate::source::files::arrays::emit;
use crate::source::files::data_file::DataFile;
use crate::source::files::stored_type::describe_field;
use crate::source::panic_guard::catch_panic;
use crate::source::table::Emit;

/// The bytes at both ends of a file.
pub(super) const MAGIC: &[u8] = b"ARROW1";

/// The longest footer.
const MAX_FOOTER: u64 = 64 << 20;

/// An IPC file whose footer was read.
#[derive(Debug)]
pub(super) struct IpcTable {
    pub(super) file: DataFile,
    pub(super) columns: Vec<SourceColumn>,
    pub(super) metadata: FileMetadata,
    /// The bytes of each record batch.
    pub(super) sizes: Vec<u64>,
}

/// What is wrong with a footer that contradicts itself or the file.
const DAMAGED: &str = "the Arrow footer is damaged: get the file again";

fn damaged() -> Problem {
    Problem::damaged(DAMAGED)
}

impl IpcTable {
    /// Reads the footer.
    pub(super) fn open(file: DataFile) -> Result<Self, Problem> {
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
    pub(super) fn read(&self, position: usize, columns: &[usize]) -> Result<(Vec<Box<dyn Array>>, usize), Problem> {
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
    pub(super) fn hand_out(
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

/// What it means that a record batch cannot be decoded.
pub(super) fn undecodable(position: usize) -> String {
    format!("record batch {} cannot be decoded: get the file again", position + 1)
}

/// The size of a record batch that lies before `end`: its head and its body.
fn size_within(offset: i64, head: i32, body: i64, end: u64) -> Option<u64> {
    let start = u64::try_from(offset).ok()?;
    let size = u64::try_from(head).ok()?.checked_add(u64::try_from(body).ok()?)?;
    (start >= 8 && start.checked_add(size)? <= end).then_some(size)
}
