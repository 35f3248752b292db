//! Where data is: opens files, tells their columns, hands out batches, counts what is malformed.
//!
//! Nothing is inferred away: text files give text columns, cells keep every byte, and each fault of a file is counted
//! with its line. A reader never prints an engine's own error text, which may hold cell values.

mod batch;

use std::path::PathBuf;

pub use batch::{Batch, Bits, Column, Place, TextColumn, Typed};

use crate::model::{DataType, FileFact, FramingTally};

/// A file format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Delimited text.
    Csv,
    /// Apache Parquet.
    Parquet,
    /// One JSON object a line.
    Ndjson,
    /// Arrow IPC file (Feather).
    Ipc,
}

impl Format {
    /// Every format with its name and the extensions that stand for it.
    pub const ALL: &[(Self, &'static str, &'static [&'static str])] = &[
        (Self::Csv, "csv", &["csv", "tsv", "tab", "txt", "psv"]),
        (Self::Parquet, "parquet", &["parquet", "pq"]),
        (Self::Ndjson, "ndjson", &["ndjson", "jsonl"]),
        (Self::Ipc, "ipc", &["arrow", "ipc", "feather"]),
    ];

    /// The name used in suites and reports.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(format, ..)| *format == self).map_or("", |(_, name, _)| name)
    }

    /// The format of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known, _)| *known == name).map(|(format, ..)| *format)
    }
}

/// What a suite says about where a dataset is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceSpec {
    /// A path, a glob, a folder, or `-` for standard input.
    pub location: String,
    /// The folder that a relative path starts from.
    pub base: PathBuf,
    /// The format, where the name does not tell it.
    pub format: Option<Format>,
    /// How delimited text is written.
    pub csv: CsvOptions,
}

/// How delimited text is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvOptions {
    /// The byte between cells; without it a comma, or a tab in `.tsv` and `.tab` files.
    pub delimiter: Option<u8>,
    /// The quote byte; `None` where quotes are ordinary characters.
    pub quote: Option<u8>,
    /// Whether the first record holds the column names.
    pub header: bool,
    /// The column names where there is no header; empty: `column_1`, `column_2` …
    pub columns: Vec<String>,
    /// The name of the character encoding, such as `windows-1258`; `None` is UTF-8.
    pub encoding: Option<String>,
}

impl Default for CsvOptions {
    fn default() -> Self {
        Self { delimiter: None, quote: Some(b'"'), header: true, columns: Vec::new(), encoding: None }
    }
}

/// A column that a source offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceColumn {
    /// Its name; columns without one are called `column_3` after their position.
    pub name: String,
    /// The physical type as people know it: `text`, `int32`, `timestamp[us, UTC]`, `decimal(12,2)`, `list` …
    pub stored: String,
    /// The type in which batches give it; `None` for nested and other types that no rule can read.
    pub data_type: Option<DataType>,
}

/// What a whole scan found beside the batches.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ScanFacts {
    /// The files in order.
    pub files: Vec<FileFact>,
    /// Their faults.
    pub framing: FramingTally,
}

/// Why a dataset cannot be read. Every message names the path and the way out, and none holds a cell value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {problem}")]
pub struct SourceError {
    /// The path as the user wrote it, or of the file that failed.
    pub path: String,
    /// What is wrong and what to do.
    pub problem: String,
}

/// A dataset that was opened: its files are known, its columns read.
#[derive(Debug)]
pub struct Source {}
