//! Writes Parquet files, a row group at a time.

use std::io::{self, Write};
use std::sync::Arc;

use polars_arrow::array::Array;
use polars_arrow::datatypes::{ArrowSchema, Field};
use polars_arrow::record_batch::RecordBatchT;
use polars_parquet::write::{
    CompressionOptions, FileWriter, StatisticsOptions, Version, WriteOptions, get_dtype_encoding, row_group_iter,
};

/// A Parquet file under way.
pub(crate) struct ParquetFile<W: Write> {
    writer: FileWriter<W>,
    schema: Arc<ArrowSchema>,
}

impl<W: Write> ParquetFile<W> {
    /// Starts a file with these columns.
    pub(crate) fn new(
        out: W,
        fields: impl IntoIterator<Item = Field>,
        compression: CompressionOptions,
    ) -> io::Result<Self> {
        let schema: ArrowSchema = fields.into_iter().collect();
        let options = WriteOptions {
            statistics: StatisticsOptions::default(),
            version: Version::V1,
            compression,
            data_page_size: None,
        };
        let writer = FileWriter::try_new(out, schema.clone(), options).map_err(io::Error::other)?;
        Ok(Self { writer, schema: Arc::new(schema) })
    }

    /// Writes a row group: one array for each column.
    pub(crate) fn write(&mut self, cells: Vec<Box<dyn Array>>) -> io::Result<()> {
        let rows = cells.first().map_or(0, |column| column.len());
        let encodings: Vec<_> = self.schema.iter_values().map(|field| get_dtype_encoding(&field.dtype)).collect();
        let fields = self.writer.parquet_schema().fields().to_vec();
        let group = RecordBatchT::new(rows, Arc::clone(&self.schema), cells);
        let group = row_group_iter(group, encodings.into(), fields, self.writer.options());
        self.writer.write(rows as u64, group).map_err(io::Error::other)
    }

    /// Writes the footer.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.writer.end(None).map_err(io::Error::other)?;
        self.writer.into_inner().flush()
    }
}
