//! Parquet files, row group by row group.
//!
//! polars decodes, and it decodes damaged bytes as other data without an error. So three things are verified before: the
//! footer fits the size of the file, the page headers fit the footer, and the checksums of pages match the same bytes that
//! are then decoded. A page that does not match makes the dataset unreadable: a wrong count is worse than none. Pages
//! without a checksum are counted; nothing in the file can verify them.

mod checksum;
mod column;
mod file;
mod footer;
mod levels;
mod plain;
mod sample;
mod schema;
mod split;
mod table;
mod thrift;
mod twelve_bytes;
mod unread;

use self::file::ParquetFile;
use self::footer::MAGIC;
use crate::source::files::format::{Format, Likelihood, no_conflicts};

/// Apache Parquet.
pub(in crate::source) const FORMAT: Format = Format {
    name: "parquet",
    noun: "Parquet",
    extensions: &["parquet", "pq"],
    options: &[],
    is_text: false,
    has_free_columns: false,
    recognise: |head| if head.starts_with(MAGIC) { Likelihood::Certain } else { Likelihood::No },
    conflicts: no_conflicts,
    open: |file, _| Ok(Box::new(ParquetFile::open(file)?)),
};
