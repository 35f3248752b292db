//! Splitting an Arrow file, record batch by record batch.
//!
//! Types, their metadata and that of the file stay, and dictionaries stay whole. Record batches are compressed anew, as the
//! first one was.

use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, RecordBatch, RecordBatchOptions, StringArray};
use arrow_ipc::writer::{FileWriter, IpcWriteOptions};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use arrow_select::filter::filter_record_batch;

use super::file::{IpcTable, undecodable};
use crate::source::error::Problem;
use crate::source::files::reporting_writer::{FirstError, ReportingWriter};
use crate::source::panic_guard::catch_panic;
use crate::source::split::{PartWriter, Parts, SEPARATOR, SplitError, SplitRows, Splitting};

/// Makes sure that rows of every column can be written.
pub(super) fn check(schema: &Schema) -> Result<(), Problem> {
    match schema.fields().iter().find(|field| has_runs(field.data_type())) {
        Some(field) => Err(Problem::Columns(format!(
            "the column `{}` is run-end encoded, which cannot be split: leave it out, or write the data as Parquet",
            field.name().escape_debug(),
        ))),
        None => Ok(()),
    }
}

/// Whether there are runs in a type, so that writers do not agree on how they are cut.
fn has_runs(stored: &DataType) -> bool {
    match stored {
        DataType::RunEndEncoded(..) => true,
        DataType::Struct(fields) => fields.iter().any(|field| has_runs(field.data_type())),
        DataType::List(item)
        | DataType::LargeList(item)
        | DataType::FixedSizeList(item, _)
        | DataType::ListView(item)
        | DataType::LargeListView(item)
        | DataType::Map(item, _) => has_runs(item.data_type()),
        _ => false,
    }
}

/// Splits the file.
pub(super) fn split(table: &IpcTable, to: &mut Splitting, parts: Parts) -> Result<SplitRows, SplitError> {
    let Parts { passing, failing } = parts;
    let first = FirstError::default();
    let fields = table.schema.fields();
    let label: Arc<Field> = Arc::new(Field::new(to.column, DataType::Utf8, true));
    let labelled: Vec<Arc<Field>> = fields.iter().cloned().chain([label]).collect();
    let labelled = Arc::new(Schema::new_with_metadata(labelled, table.schema.metadata().clone()));
    let mut passing = Part::begin(table, &table.schema, passing, &first)?;
    let mut failing = Part::begin(table, &labelled, failing, &first)?;
    let columns: Vec<usize> = (0..table.columns.len()).collect();
    let decoder = table.decoder(&columns)?;
    let mut rows = SplitRows::default();
    for position in 0..table.sizes.len() {
        to.check()?;
        let batch = table.read(position, &decoder)?;
        let mut failed = Vec::with_capacity(batch.num_rows());
        let mut labels: Vec<String> = Vec::new();
        for _ in 0..batch.num_rows() {
            let rules = to.next(&mut rows)?;
            failed.push(rules.is_some());
            labels.extend(rules.map(|rules| to.joined(&rules, SEPARATOR)));
        }
        let failed = BooleanArray::from(failed);
        let choose = |rows: &BooleanArray| {
            let chosen = catch_panic(|| filter_record_batch(&batch, rows));
            chosen.map_err(|failed| Problem::undecoded(undecodable(position), failed))
        };
        if failed.false_count() > 0 {
            let passed = BooleanArray::new(!failed.values(), None);
            passing.write(&choose(&passed)?, &first)?;
        }
        if failed.true_count() > 0 {
            let chosen = choose(&failed)?;
            let mut cells: Vec<ArrayRef> = chosen.columns().to_vec();
            cells.push(Arc::new(StringArray::from(labels)));
            let count = RecordBatchOptions::new().with_row_count(Some(chosen.num_rows()));
            let chosen = RecordBatch::try_new_with_options(Arc::clone(&labelled), cells, &count);
            failing.write(&chosen.map_err(|_| Problem::Damaged(undecodable(position)))?, &first)?;
        }
    }
    passing.finish(&first)?;
    failing.finish(&first)?;
    Ok(rows)
}

/// One of the two files.
struct Part<'a> {
    writer: FileWriter<ReportingWriter<'a>>,
}

impl<'a> Part<'a> {
    fn begin(
        table: &IpcTable,
        schema: &SchemaRef,
        out: PartWriter<'a>,
        first: &FirstError,
    ) -> Result<Self, SplitError> {
        let compression = table.compression()?;
        let out = ReportingWriter::new(out, first);
        let begin = || {
            let options = IpcWriteOptions::default().try_with_compression(compression)?;
            FileWriter::try_new_with_options(out, schema, options)
        };
        let mut writer = catch_panic(begin).map_err(|failed| first.or(Problem::undecoded(UNWRITTEN, failed)))?;
        let mut known: Vec<_> = table.metadata.iter().collect();
        known.sort_unstable();
        for (key, value) in known {
            writer.write_metadata(key, value);
        }
        Ok(Self { writer })
    }

    fn write(&mut self, batch: &RecordBatch, first: &FirstError) -> Result<(), SplitError> {
        catch_panic(|| self.writer.write(batch)).map_err(|failed| first.or(Problem::undecoded(UNWRITTEN, failed)))
    }

    fn finish(&mut self, first: &FirstError) -> Result<(), SplitError> {
        let finish = || -> Result<(), ArrowError> { self.writer.finish() };
        catch_panic(finish).map_err(|failed| first.or(Problem::undecoded(UNWRITTEN, failed)))
    }
}

/// What it means that the library does not write what it has read.
const UNWRITTEN: &str = "the Arrow file cannot be written again: write the data as Parquet";
