//! Splitting an Arrow file, record batch by record batch.
//!
//! Types, their metadata and that of the file stay, and dictionaries stay whole. Record batches are compressed anew, as the
//! first one was.

use std::io::{Read as _, Seek as _, SeekFrom};
use std::sync::Arc;

use polars_arrow::array::{Array, Utf8Array};
use polars_arrow::bitmap::Bitmap;
use polars_arrow::datatypes::{ArrowDataType, ArrowSchema, Field};
use polars_arrow::io::ipc::read::FileMetadata;

use polars_arrow::io::ipc::write::{Compression, FileWriter, WriteOptions};
use polars_arrow::record_batch::RecordBatchT;
use polars_arrow_format::ipc::planus::ReadAsRoot as _;
use polars_arrow_format::ipc::{CompressionType, MessageHeaderRef, MessageRef};
use polars_utils::compression::ZstdLevel;

use super::file::{IpcTable, undecodable};
use super::filter::{filter, is_filtered};
use crate::source::error::Problem;
use crate::source::files::reporting_writer::{FirstError, ReportingWriter};
use crate::source::files::stored_type::describe_field;
use crate::source::panic_guard::catch_panic;
use crate::source::split::{PartWriter, Parts, SEPARATOR, SplitError, SplitRows, Splitting};

/// Makes sure that rows of every column can be chosen.
pub(super) fn check(metadata: &FileMetadata) -> Result<(), Problem> {
    match metadata.schema.iter_values().find(|field| !is_filtered(field.dtype())) {
        Some(field) => Err(Problem::Columns(format!(
            "the column `{}` is stored as {}, which cannot be split: leave it out, or write the data as Parquet",
            field.name.escape_debug(),
            describe_field(field).stored
        ))),
        None => Ok(()),
    }
}

/// Splits the file.
pub(super) fn split(table: &IpcTable, to: &mut Splitting, parts: Parts) -> Result<SplitRows, SplitError> {
    let Parts { passing, failing } = parts;
    let first = FirstError::default();
    let fields: Vec<Field> = table.metadata.schema.iter_values().cloned().collect();
    let label = Field::new(to.column.into(), ArrowDataType::Utf8, true);
    let compression = compression(table)?;
    let mut passing = Part::begin(table, fields.clone(), compression, passing, &first)?;
    let labelled = fields.into_iter().chain([label]).collect();
    let mut failing = Part::begin(table, labelled, compression, failing, &first)?;
    let columns: Vec<usize> = (0..table.columns.len()).collect();
    let mut rows = SplitRows::default();
    for position in 0..table.sizes.len() {
        to.check()?;
        let (cells, count) = table.read(position, &columns)?;
        let mut failed = Vec::with_capacity(count);
        let mut labels: Vec<Option<String>> = Vec::new();
        for _ in 0..count {
            let rules = to.next(&mut rows)?;
            failed.push(rules.is_some());
            labels.extend(rules.map(|rules| Some(to.joined(&rules, SEPARATOR))));
        }
        let failed: Bitmap = failed.into_iter().collect();
        let choose = |rows: &Bitmap| {
            let chosen =
                || cells.iter().map(|cells| filter(cells.as_ref(), rows)).collect::<Option<Vec<_>>>().ok_or(());
            catch_panic(chosen).map_err(|failed| Problem::undecoded(undecodable(position), failed))
        };
        if failed.unset_bits() > 0 {
            passing.write(failed.unset_bits(), choose(&!&failed)?, &first)?;
        }
        if failed.set_bits() > 0 {
            let mut cells = choose(&failed)?;
            cells.push(Box::new(Utf8Array::<i32>::from(labels)));
            failing.write(failed.set_bits(), cells, &first)?;
        }
    }
    passing.finish(&first)?;
    failing.finish(&first)?;
    Ok(rows)
}

/// One of the two files.
struct Part<'a> {
    writer: FileWriter<ReportingWriter<'a>>,
    schema: Arc<ArrowSchema>,
}

impl<'a> Part<'a> {
    fn begin(
        table: &IpcTable,
        fields: Vec<Field>,
        compression: Option<Compression>,
        out: PartWriter<'a>,
        first: &FirstError,
    ) -> Result<Self, SplitError> {
        let schema: Arc<ArrowSchema> = Arc::new(fields.into_iter().collect());
        let out = ReportingWriter::new(out, first);
        let begin = || FileWriter::try_new(out, Arc::clone(&schema), None, WriteOptions { compression });
        let mut writer = catch_panic(begin).map_err(|failed| first.or(Problem::undecoded(UNWRITTEN, failed)))?;
        if let Some(known) = &table.metadata.custom_schema_metadata {
            writer.set_custom_schema_metadata(Arc::clone(known));
        }
        if let Some(known) = &table.metadata.custom_metadata {
            let pairs = known.iter().map(|(key, value)| (key.to_string(), value.to_string()));
            writer.set_custom_metadata(pairs.collect());
        }
        Ok(Self { writer, schema })
    }

    fn write(&mut self, rows: usize, cells: Vec<Box<dyn Array>>, first: &FirstError) -> Result<(), SplitError> {
        let write = || {
            let batch = RecordBatchT::try_new(rows, Arc::clone(&self.schema), cells)?;
            self.writer.write(&batch, None)
        };
        catch_panic(write).map_err(|failed| first.or(Problem::undecoded(UNWRITTEN, failed)))
    }

    fn finish(&mut self, first: &FirstError) -> Result<(), SplitError> {
        catch_panic(|| self.writer.finish()).map_err(|failed| first.or(Problem::undecoded(UNWRITTEN, failed)))
    }
}

/// What it means that the library does not write what it has read.
const UNWRITTEN: &str = "the Arrow file cannot be written again: write the data as Parquet";

/// How the first record batch is compressed.
fn compression(table: &IpcTable) -> Result<Option<Compression>, Problem> {
    let Some(block) = table.metadata.blocks.first() else { return Ok(None) };
    let (Ok(start), Ok(length)) = (u64::try_from(block.offset), u64::try_from(block.meta_data_length)) else {
        return Ok(None);
    };
    let mut head = Vec::new();
    let mut file = table.file.open()?;
    let read = file.seek(SeekFrom::Start(start)).and_then(|_| file.take(length).read_to_end(&mut head));
    read.map_err(|_| Problem::inaccessible("cannot be read"))?;
    // Before the message is its length, and since Arrow 0.15 a mark before that.
    let message = head.strip_prefix(&[0xff; 4]).unwrap_or(&head).get(4..).unwrap_or_default();
    let found = || {
        let header = MessageRef::read_as_root(message).ok()?.header().ok()??;
        let MessageHeaderRef::RecordBatch(batch) = header else { return None };
        batch.compression().ok()??.codec().ok()
    };
    let found = catch_panic(|| Ok::<_, ()>(found())).unwrap_or_default();
    Ok(found.map(|codec| match codec {
        CompressionType::Lz4Frame => Compression::LZ4,
        CompressionType::Zstd => Compression::ZSTD(ZstdLevel::default()),
    }))
}
