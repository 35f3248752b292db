//! Tables as CSV, Parquet and Arrow IPC files.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use polars_arrow::array::{Array, Utf8ViewArray};
use polars_arrow::datatypes::{ArrowSchema, Field};
use polars_arrow::io::ipc::write::{FileWriter, WriteOptions};
use polars_arrow::record_batch::RecordBatchT;
use polars_parquet::write::CompressionOptions;

use crate::shipped_suites::population::parquet::ParquetFile;

/// Rows of a row group of the Parquet files of texts; a row group is a batch.
pub(crate) const GROUP: usize = 3;

/// Columns of one length, with their names and types.
pub(crate) struct Table {
    pub(crate) columns: Vec<(Field, Box<dyn Array>)>,
}

impl Table {
    pub(crate) fn new<'a>(columns: impl IntoIterator<Item = (&'a str, Box<dyn Array>)>) -> Self {
        let column =
            |(name, cells): (&str, Box<dyn Array>)| (Field::new(name.into(), cells.dtype().clone(), true), cells);
        Self { columns: columns.into_iter().map(column).collect() }
    }

    fn rows(&self) -> usize {
        self.columns.first().map_or(0, |(_, cells)| cells.len())
    }

    fn fields(&self) -> impl Iterator<Item = Field> {
        self.columns.iter().map(|(field, _)| field.clone())
    }

    /// A Parquet file whose row groups have so many rows, except the last.
    pub(crate) fn parquet(&self, group: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut file = ParquetFile::new(&mut bytes, self.fields(), CompressionOptions::Zstd(None)).unwrap();
        for start in (0..self.rows()).step_by(group) {
            let rows = group.min(self.rows() - start);
            file.write(self.columns.iter().map(|(_, cells)| cells.sliced(start, rows)).collect()).unwrap();
        }
        file.finish().unwrap();
        bytes
    }

    /// An Arrow IPC file of one record batch.
    pub(crate) fn arrow(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let schema: Arc<ArrowSchema> = Arc::new(self.fields().collect());
        let options = WriteOptions { compression: None };
        let mut file = FileWriter::try_new(&mut bytes, Arc::clone(&schema), None, options).unwrap();
        let cells = self.columns.iter().map(|(_, cells)| cells.clone()).collect();
        file.write(&RecordBatchT::new(self.rows(), schema, cells), None).unwrap();
        file.finish().unwrap();
        bytes
    }
}

/// A table of texts as CSV, every cell in quotes.
pub(crate) fn csv<const N: usize>(header: &str, rows: &[[String; N]]) -> String {
    let quoted = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
    let lines = rows.iter().map(|row| row.iter().map(quoted).collect::<Vec<_>>().join(",") + "\n");
    std::iter::once(format!("{header}\n")).chain(lines).collect()
}

/// Writes a table of texts as Parquet; an empty cell is null.
pub(crate) fn parquet<const N: usize>(path: &Path, header: &str, rows: &[[String; N]]) {
    let columns = header.split(',').enumerate().map(|(at, name)| {
        let cells: Vec<Option<&str>> =
            rows.iter().map(|row| Some(row[at].as_str()).filter(|cell| !cell.is_empty())).collect();
        (name, Utf8ViewArray::from_slice(cells).boxed())
    });
    fs::write(path, Table::new(columns).parquet(GROUP)).unwrap();
}
