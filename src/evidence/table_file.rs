//! A Parquet file under way: row groups of bounded size.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use polars_arrow::array::Array;
use polars_arrow::datatypes::{ArrowSchema, Field};
use polars_arrow::record_batch::RecordBatchT;
use polars_parquet::write::{
    CompressionOptions, FileWriter, StatisticsOptions, Version, WriteOptions, get_dtype_encoding, row_group_iter,
};

use super::error::EvidenceError;
use super::failure::{Failure, Watched};
use crate::model::TableFact;
use crate::output_folder::{Complete, FolderError, FolderProblem, OutputFolder};
use crate::source::catch_panic;

/// The most rows of a row group.
pub(super) const GROUP_ROWS: usize = 100_000;

/// The most bytes of a row group before it is encoded.
const GROUP_BYTES: usize = 32 << 20;

/// A Parquet file under way.
pub(super) struct TableFile {
    /// Its name in the folder.
    name: String,
    /// Its path, for people.
    shown: PathBuf,
    writer: FileWriter<Watched>,
    schema: Arc<ArrowSchema>,
    failure: Failure,
    rows: u64,
    /// Rows that are not written yet, and how many bytes they take, about.
    waiting: (usize, usize),
}

impl TableFile {
    /// Starts a file with these columns.
    pub(super) fn new(folder: &OutputFolder, name: String, fields: Vec<Field>) -> Result<Self, EvidenceError> {
        let draft = folder.draft(Path::new(&name))?;
        let shown = folder.given().join(&name);
        let schema: ArrowSchema = fields.into_iter().collect();
        let options = WriteOptions {
            // The smallest and greatest text of each page would repeat values in the footer.
            statistics: StatisticsOptions { min_value: false, max_value: false, ..StatisticsOptions::default() },
            version: Version::V1,
            compression: CompressionOptions::Zstd(None),
            data_page_size: None,
        };
        let failure = Failure::default();
        let writer = FileWriter::try_new(Watched { draft, failure: failure.clone() }, schema.clone(), options)
            .map_err(|_| EvidenceError::Encode { path: name.clone() })?;
        Ok(Self { name, shown, writer, schema: Arc::new(schema), failure, rows: 0, waiting: (0, 0) })
    }

    /// The name of the file in the folder.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Counts a row that waits to be written; gives whether so many wait that they must be written now.
    pub(super) fn is_full_with(&mut self, bytes: usize) -> bool {
        self.waiting = (self.waiting.0 + 1, self.waiting.1 + bytes);
        self.waiting.0 >= GROUP_ROWS || self.waiting.1 >= GROUP_BYTES
    }

    /// Whether rows wait to be written.
    pub(super) fn has_waiting(&self) -> bool {
        self.waiting.0 > 0
    }

    /// Writes the rows that wait as a row group: one array for each column.
    pub(super) fn write(&mut self, cells: Vec<Box<dyn Array>>) -> Result<(), EvidenceError> {
        let rows = cells.first().map_or(0, |column| column.len());
        let encodings: Vec<_> = self.schema.iter_values().map(|field| get_dtype_encoding(&field.dtype)).collect();
        let fields = self.writer.parquet_schema().fields().to_vec();
        let group = RecordBatchT::new(rows, Arc::clone(&self.schema), cells);
        let options = self.writer.options();
        let write = || self.writer.write(rows as u64, row_group_iter(group, encodings.into(), fields, options));
        catch_panic(write).map_err(|_| self.error())?;
        self.rows += rows as u64;
        self.waiting = (0, 0);
        Ok(())
    }

    /// Writes the footer; gives the facts of the file, and the file, which waits for its name.
    pub(super) fn finish(mut self) -> Result<(TableFact, Complete), EvidenceError> {
        // Without the schema of Arrow, every reader finds plain strings, integers and lists.
        catch_panic(|| self.writer.end(Some(Vec::new()))).map_err(|_| self.error())?;
        let Self { name, writer, rows, .. } = self;
        let file = writer.into_inner().draft.complete()?;
        Ok((TableFact { file: name, rows, bytes: file.bytes(), sha256: file.sha256().to_owned() }, file))
    }

    /// Why the file could not be written.
    fn error(&self) -> EvidenceError {
        match self.failure.take() {
            Some(error) => FolderError { path: self.shown.clone(), problem: FolderProblem::System(error) }.into(),
            None => EvidenceError::Encode { path: self.name.clone() },
        }
    }
}
