//! Where data is: opens files, tells their columns, hands out batches, counts what is malformed.
//!
//! Nothing is inferred away: text files give text columns, cells keep every byte, and each fault of a file is counted
//! with its line. A reader never prints an engine's own error text, which may hold cell values.
//!
//! Rows come from [`Source::scan`]; the other methods describe columns, sizes and samples before rows are read. A damaged
//! columnar file can make its decoder ask for more memory than there is. Nothing in one process catches that.

mod batch;
mod compressed;
mod csv;
mod facts;
mod ipc;
mod locate;
mod ndjson;
mod parquet;
mod sample;
mod scan;
mod text;
mod typed;
mod wall;

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::PathBuf;

use sha2::{Digest as _, Sha256};

pub use batch::{Batch, Bits, Block, Column, Place, TextColumn, Typed};

pub use self::sample::Sample;
pub use self::wall::quiet_panics;

use self::csv::CsvTable;
use self::ipc::IpcTable;
use self::locate::DataFile;
use self::ndjson::NdjsonTable;
use self::parquet::ParquetTable;
use self::scan::Table;
use crate::model::{DataType, Extent, FileFact, FramingTally};

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

/// How much of a source a scan reads: all of it, unless it says otherwise.
#[derive(Clone, Copy, Default)]
pub struct Portion<'a> {
    /// Only what is drawn.
    pub sample: Option<&'a Sample>,
    /// Asked for an end: without a place, whether the batches so far are enough, so that no further unit is begun; with
    /// one, whether those before it are.
    pub enough: Option<Enough<'a>>,
}

/// Whether batches are enough; see [`Portion::enough`].
pub type Enough<'a> = &'a (dyn Fn(Option<Place>) -> bool + Sync);

impl Portion<'_> {
    fn is_enough(&self, place: Option<Place>) -> bool {
        self.enough.is_some_and(|enough| enough(place))
    }
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

/// Bytes of text that make a batch.
const BLOCK: usize = 2 << 20;

/// A dataset that was opened: its files are known, its columns read.
#[derive(Debug)]
pub struct Source {
    location: String,
    format: Format,
    files: Vec<OpenFile>,
    columns: Vec<SourceColumn>,
    block: usize,
}

/// One file of a dataset.
#[derive(Debug)]
struct OpenFile {
    data: DataFile,
    table: Box<dyn Table>,
    /// The position of each column in the file.
    positions: BTreeMap<String, usize>,
}

impl Source {
    /// Finds the files of a dataset and reads their columns, and no more than that.
    ///
    /// A folder is read with all data files in it; folders `key=value` add columns of text, unless the files have them.
    /// All files must have the same columns, in any order, with types that are read as the same; lines of JSON may
    /// have any keys.
    pub fn open(spec: &SourceSpec) -> Result<Self, SourceError> {
        let (files, format) = locate::locate(spec)?;
        let mut opened = Vec::with_capacity(files.len());
        for data in files {
            let fail = |problem| SourceError { path: data.shown.clone(), problem };
            let table: Box<dyn Table> = match format {
                Format::Csv => Box::new(CsvTable::open(data.clone(), &spec.csv).map_err(fail)?),
                Format::Parquet => Box::new(ParquetTable::open(data.clone()).map_err(fail)?),
                Format::Ndjson => Box::new(NdjsonTable::open(data.clone()).map_err(fail)?),
                Format::Ipc => Box::new(IpcTable::open(data.clone()).map_err(fail)?),
            };
            let positions = positions(table.columns());
            opened.push(OpenFile { data, table, positions });
        }
        let mut columns = unite(&opened, format)?;
        for file in &mut opened {
            file.table.adopt(&columns);
            file.positions = positions(file.table.columns());
        }
        add_partitions(&opened, &mut columns);
        Ok(Self { location: spec.location.clone(), format, files: opened, columns, block: BLOCK })
    }

    /// The same source, with text cut into blocks of about this many bytes instead of 2 MiB.
    #[must_use]
    pub fn with_block(mut self, bytes: usize) -> Self {
        self.block = bytes.max(1);
        self
    }

    /// The columns: those of the first file in file order, then those that folders add.
    pub fn columns(&self) -> &[SourceColumn] {
        &self.columns
    }

    /// Stored bytes of all files, which one scan reads.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.data.bytes).sum()
    }

    /// About how many bytes a worker needs at a time: those of the largest unit. The columns are unpacked one section after
    /// the other.
    pub fn unit_bytes(&self, sections: &[Vec<usize>]) -> u64 {
        let name = |at: &usize| self.columns.get(*at).map(|column| column.name.as_str());
        let sections: Vec<Vec<&str>> =
            sections.iter().map(|section| section.iter().filter_map(name).collect()).collect();
        self.files.iter().map(|file| file.table.unit_bytes(&sections, self.block)).max().unwrap_or_default()
    }

    /// The format of the files.
    pub const fn format(&self) -> Format {
        self.format
    }

    /// Bytes of all files, where they are text that is not packed.
    pub fn text_bytes(&self) -> Option<u64> {
        let is_text = matches!(self.format, Format::Csv | Format::Ndjson);
        (is_text && self.files.iter().all(|file| file.data.packing == compressed::Packing::Plain)).then(|| self.bytes())
    }

    /// SHA-256 in hex over the stored bytes of all files, one after the other. Reads them once more, and ends with an error
    /// once `go_on` says no.
    pub fn digest(&self, go_on: &dyn Fn() -> bool) -> Result<String, SourceError> {
        let mut hash = Sha256::new();
        let mut buffer = vec![0; 1 << 20];
        for (at, file) in self.files.iter().enumerate() {
            let mut open = file.data.open().map_err(|problem| self.error(at, problem))?;
            loop {
                let read =
                    open.read(&mut buffer).map_err(|error| self.error(at, format!("cannot be read: {error}")))?;
                if read == 0 {
                    break;
                }
                if !go_on() {
                    return Err(self.error(at, "the audit was stopped".to_owned()));
                }
                hash.update(&buffer[..read]);
            }
        }
        Ok(hex::encode(hash.finalize()))
    }

    /// How many rows there are, where the files tell without being read.
    pub fn rows(&self) -> Option<u64> {
        self.files.iter().try_fold(0_u64, |rows, file| rows.checked_add(file.table.rows()?))
    }

    /// How large the dataset is, as far as its files tell without being read.
    pub fn extent(&self) -> Extent {
        let is_text = matches!(self.format, Format::Csv | Format::Ndjson);
        let mut extent = Extent { bytes: self.bytes(), rows: Some(0), is_text, columns: BTreeMap::new() };
        for told in self.files.iter().map(|file| file.table.extent()) {
            let Some((rows, columns)) = told else {
                return Extent { rows: None, columns: BTreeMap::new(), ..extent };
            };
            extent.rows = extent.rows.map(|sum| sum.saturating_add(rows));
            for (name, bytes) in columns {
                let sum = extent.columns.entry(name).or_default();
                *sum = sum.saturating_add(bytes);
            }
        }
        extent
    }

    /// Reads all files once. Calls `visit` with each batch, from all workers of the current rayon pool at the same time
    /// and in any order, and `advance` with the stored bytes that were read. `columns` are positions in
    /// [`columns`](Self::columns), each at most once; none is enough to count rows.
    ///
    /// Batches are the same in every scan and at any number of threads. Memory holds about one unit (a block of text, a
    /// row group, a record batch) for each worker. Stops early, without an error, once `visit` returns `false`.
    pub fn scan(
        &self,
        columns: &[usize],
        visit: &(dyn Fn(Batch) -> bool + Sync),
        advance: &(dyn Fn(u64) + Sync),
    ) -> Result<ScanFacts, SourceError> {
        let all: Vec<usize> = (0..columns.len()).collect();
        // What cannot be unpacked ends the scan by itself.
        let batches = |mut block: Block| block.take(&all).is_none_or(|batches| batches.into_iter().all(visit));
        self.scan_blocks(columns, &Portion::default(), &batches, advance)
    }

    /// As [`scan`](Self::scan), of a part, and block by block. Batches of a sample have no lines, and their order is that of
    /// rows, but what lies between them is not known.
    ///
    /// Units are begun in the order of rows, and each that was begun is finished, so the batches before one that was
    /// visited were all visited, whatever the number of threads.
    pub fn scan_blocks(
        &self,
        columns: &[usize],
        portion: &Portion<'_>,
        visit: &(dyn Fn(Block) -> bool + Sync),
        advance: &(dyn Fn(u64) + Sync),
    ) -> Result<ScanFacts, SourceError> {
        let mut seen = vec![false; self.columns.len()];
        for position in columns {
            match seen.get_mut(*position) {
                Some(seen) if !*seen => *seen = true,
                _ => return Err(self.error(0, format!("column {position} is asked for twice or is not there"))),
            }
            let column = &self.columns[*position];
            if column.data_type.is_none() {
                let problem =
                    format!("the column `{}` is stored as {}, which no rule can read", column.name, column.stored);
                return Err(self.error(0, problem));
            }
        }
        scan::scan(self, columns, portion, visit, advance)
    }

    fn error(&self, file: usize, problem: String) -> SourceError {
        let path = self.files.get(file).map_or_else(|| self.location.clone(), |file| file.data.shown.clone());
        SourceError { path, problem }
    }
}

/// The columns of all files together.
fn unite(files: &[OpenFile], format: Format) -> Result<Vec<SourceColumn>, SourceError> {
    let Some((first, others)) = files.split_first() else { return Ok(Vec::new()) };
    let mut columns = first.table.columns().to_vec();
    for file in others {
        let fail = |problem| Err(SourceError { path: file.data.shown.clone(), problem });
        for column in file.table.columns() {
            match first.positions.get(&column.name).and_then(|position| columns.get(*position)) {
                Some(known) if known.data_type != column.data_type => {
                    return fail(format!(
                        "the column `{}` is stored as {} here and as {} in `{}`: files of one dataset must agree",
                        column.name, column.stored, known.stored, first.data.shown
                    ));
                }
                Some(_) => {}
                None if format == Format::Ndjson => {
                    if !columns.contains(column) {
                        columns.push(column.clone());
                    }
                }
                None => {
                    return fail(format!(
                        "has the column `{}`, which `{}` does not have: files of one dataset must have the same columns",
                        column.name, first.data.shown
                    ));
                }
            }
        }
        if format != Format::Ndjson
            && let Some(column) = columns.iter().find(|column| !file.positions.contains_key(&column.name))
        {
            return fail(format!(
                "does not have the column `{}` of `{}`: files of one dataset must have the same columns",
                column.name, first.data.shown
            ));
        }
        let keys = |file: &OpenFile| file.data.partitions.iter().map(|(key, _)| key.clone()).collect::<Vec<_>>();
        if keys(file) != keys(first) {
            return fail(format!("is not in folders of the same keys as `{}`", first.data.shown));
        }
    }
    Ok(columns)
}

/// Adds a column for each key of the folders that the files do not have themselves.
fn add_partitions(files: &[OpenFile], columns: &mut Vec<SourceColumn>) {
    for (key, _) in files.iter().take(1).flat_map(|file| &file.data.partitions) {
        if !columns.iter().any(|column| column.name == *key) {
            columns.push(SourceColumn {
                name: key.clone(),
                stored: "folder".to_owned(),
                data_type: Some(DataType::Text),
            });
        }
    }
}

/// Where each column stands.
fn positions(columns: &[SourceColumn]) -> BTreeMap<String, usize> {
    columns.iter().enumerate().map(|(position, column)| (column.name.clone(), position)).collect()
}
