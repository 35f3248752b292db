//! A dataset that was opened: its files and its columns.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::batch::BATCH_ROWS;
use super::column::SourceColumn;
use super::error::{Problem, SourceError};
use super::files::compressed::Packing;
use super::files::data_file::DataFile;
use super::files::foreign::foreign;
use super::files::format::Format;
use super::files::formats::FORMATS;
use super::locate::locate;
use super::options::Options;
use super::sample::{NoSample, Sample};
use super::spec::SourceSpec;
use super::table::{BLOCK, Table};
use crate::model::{DataType, Extent, Share};

/// A dataset that was opened: its files are known, its columns read.
#[derive(Debug)]
pub struct Source {
    location: String,
    pub(super) format: &'static Format,
    pub(super) files: Vec<OpenFile>,
    pub(super) columns: Vec<SourceColumn>,
    /// The position of each column.
    positions: BTreeMap<String, usize>,
    pub(super) block: usize,
    extent: Extent,
}

/// One file of a dataset.
#[derive(Debug)]
pub(super) struct OpenFile {
    pub(super) data: DataFile,
    pub(super) table: Box<dyn Table>,
    /// The position of each column in the file.
    pub(super) positions: BTreeMap<String, usize>,
}

impl Source {
    /// Finds the files of a dataset and reads their columns, nothing else.
    ///
    /// A folder is read with all data files in it; folders `key=value` add columns of text, unless the files have them.
    /// All files must have the same columns, in any order, with types that are read as the same; lines of JSON may
    /// have any keys.
    pub fn open(spec: &SourceSpec) -> Result<Self, SourceError> {
        Self::open_within(spec, u64::MAX)
    }

    /// The same in a process that may take so many bytes of memory: refuses records and footers that do not fit.
    pub fn open_within(spec: &SourceSpec, memory: u64) -> Result<Self, SourceError> {
        let (mut files, format) = locate(spec)?;
        for file in &mut files {
            file.memory = memory;
        }
        if let Some(problem) = format.check(&spec.options).into_iter().next() {
            return Err(Problem::from(problem).at(&spec.location));
        }
        let mut opened = Vec::with_capacity(files.len());
        for data in files {
            let table = open_file(&data, format, &spec.options).map_err(|problem| problem.at(&data.shown))?;
            let positions = positions(table.columns());
            opened.push(OpenFile { data, table, positions });
        }
        let mut columns = unite(&opened, format)?;
        if columns.is_empty() && format.has_free_columns {
            let problem = "the array of records is empty: no records, and so no columns";
            return Err(Problem::Empty(problem.to_owned()).at(&spec.location));
        }
        for file in &mut opened {
            file.table.adopt(&columns);
            file.positions = positions(file.table.columns());
        }
        add_partitions(&opened, &mut columns);
        let extent = extent(&opened, format, columns.len());
        let positions = positions(&columns);
        Ok(Self { location: spec.location.clone(), format, files: opened, columns, positions, block: BLOCK, extent })
    }

    /// The same source, with batches of text cut after about so many bytes instead of 2 MiB.
    #[must_use]
    pub fn with_block(mut self, bytes: usize) -> Self {
        self.block = bytes.max(1);
        self
    }

    /// The columns: those of the first file in file order, then those that folders add.
    pub fn columns(&self) -> &[SourceColumn] {
        &self.columns
    }

    /// The paths of its files as reports show them.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(|file| file.data.shown.as_str())
    }

    /// The position of a column.
    pub fn position(&self, column: &str) -> Option<usize> {
        self.positions.get(column).copied()
    }

    /// How large the dataset is, as far as its files say so without being read.
    pub const fn extent(&self) -> &Extent {
        &self.extent
    }

    /// About how many bytes a worker needs at a time: those of the largest unit. The columns are unpacked section by
    /// section.
    pub fn unit_bytes(&self, sections: &[Vec<usize>]) -> u64 {
        let name = |at: &usize| self.columns.get(*at).map(|column| column.name.as_str());
        let sections: Vec<Vec<&str>> =
            sections.iter().map(|section| section.iter().filter_map(name).collect()).collect();
        self.files.iter().map(|file| file.table.unit_bytes(&sections, self.block)).max().unwrap_or_default()
    }

    /// The most rows of a batch, as far as sizes say so.
    pub fn batch_rows(&self) -> u64 {
        let least_row = least_row(self.format, self.columns.len());
        let of_block = if self.format.is_text { self.block as u64 / least_row + 1 } else { u64::MAX };
        self.extent.most_rows.unwrap_or(u64::MAX).min(of_block).min(BATCH_ROWS as u64)
    }

    /// The format of the files.
    pub const fn format(&self) -> &'static Format {
        self.format
    }

    /// SHA-256 in hex over the stored bytes of all files, one after the other; an archive is taken once. Reads them once more, and ends with an error
    /// once `go_on` returns `false`.
    pub fn digest(&self, go_on: &dyn Fn() -> bool) -> Result<String, SourceError> {
        let mut hash = Sha256::new();
        let mut buffer = vec![0; 1 << 20];
        for (at, file) in self.files.iter().enumerate() {
            let archive = file.data.archive();
            let before = at.checked_sub(1).and_then(|before| self.files.get(before)?.data.archive());
            if archive.zip(before).is_some_and(|(archive, before)| Arc::ptr_eq(archive, before)) {
                continue;
            }
            let stored = archive.map_or(&file.data, |archive| archive);
            let mut open = stored.open().map_err(|problem| self.error(at, problem))?;
            loop {
                let read = open
                    .read(&mut buffer)
                    .map_err(|error| self.error(at, Problem::Inaccessible(format!("cannot be read: {error}"))))?;
                if read == 0 {
                    break;
                }
                if !go_on() {
                    return Err(self.error(at, Problem::Cancelled));
                }
                hash.update(&buffer[..read]);
            }
        }
        Ok(hex::encode(hash.finalize()))
    }

    /// Draws about `share` of the rows. More are drawn where so few are too few for an estimate.
    ///
    /// # Errors
    /// Why nothing can be left out, so that the dataset is to be read in full.
    pub fn sample(&self, share: Share) -> Result<Sample, NoSample> {
        let tables: Vec<&dyn Table> = self.files.iter().map(|file| &*file.table).collect();
        Sample::draw(share, &tables, self.extent.bytes)
    }

    pub(super) fn error(&self, file: usize, problem: Problem) -> SourceError {
        let path = self.files.get(file).map_or_else(|| self.location.clone(), |file| file.data.shown.clone());
        problem.at(path)
    }
}

/// Bytes that a row of text takes at the least: a character and the end of the line.
const LEAST_ROW: u64 = 2;

/// Bytes that a row of text takes at the least. Lines with fewer cells than columns are not counted on.
fn least_row(format: &Format, columns: usize) -> u64 {
    if format.has_free_columns { LEAST_ROW } else { LEAST_ROW.max(columns as u64) }
}

/// How large files are together, as far as they say so without being read.
fn extent(files: &[OpenFile], format: &Format, columns: usize) -> Extent {
    let bytes: u64 = files.iter().map(|file| file.data.bytes).sum();
    let is_plain_text = format.is_text && files.iter().all(|file| file.data.packing == Packing::Plain);
    let sized = Extent {
        bytes,
        most_rows: is_plain_text.then_some(bytes / least_row(format, columns)),
        is_text: format.is_text,
        ..Extent::default()
    };
    let mut columns: BTreeMap<String, u64> = BTreeMap::new();
    let mut rows = 0_u64;
    for file in files {
        let Some((rows_of_file, columns_of_file)) = file.table.extent() else { return sized };
        rows = rows.saturating_add(rows_of_file);
        for (name, bytes) in columns_of_file {
            let sum = columns.entry(name).or_default();
            *sum = sum.saturating_add(bytes);
        }
    }
    Extent { rows: Some(rows), most_rows: Some(rows), columns, ..sized }
}

/// Reads the columns of a file, unless its first bytes are those of another format.
fn open_file(data: &DataFile, format: &Format, options: &Options) -> Result<Box<dyn Table>, Problem> {
    let head = data.head()?;
    if !format.claims(&head) {
        if let Some(other) = certain_format(&head).filter(|_| format.is_text) {
            let (noun, is, name) = (format.noun, other.noun, other.name);
            return Err(Problem::Foreign(format!("is not {noun} but {is}: declare `format: {name}`")));
        }
        if let Some(problem) = foreign(&head) {
            return Err(Problem::foreign(problem));
        }
    }
    (format.open)(data.clone(), options)
}

/// The format that a file which starts with these bytes has for certain.
pub(super) fn certain_format(head: &[u8]) -> Option<&'static Format> {
    FORMATS.iter().copied().find(|format| format.claims(head))
}

/// The columns of all files together.
fn unite(files: &[OpenFile], format: &Format) -> Result<Vec<SourceColumn>, SourceError> {
    let Some((first, others)) = files.split_first() else { return Ok(Vec::new()) };
    let mut columns = first.table.columns().to_vec();
    let mut further: BTreeSet<SourceColumn> = BTreeSet::new();
    for file in others {
        let fail = |problem: String| Err(Problem::Columns(problem).at(&file.data.shown));
        for column in file.table.columns() {
            match first.positions.get(&column.name).and_then(|position| columns.get(*position)) {
                Some(known) if known.data_type != column.data_type => {
                    return fail(format!(
                        "the column `{}` is stored as {} here and as {} in `{}`: files of one dataset must agree",
                        column.name, column.stored, known.stored, first.data.shown
                    ));
                }
                Some(_) => {}
                None if format.has_free_columns => {
                    if further.insert(column.clone()) {
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
        if !format.has_free_columns
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

/// The position of each column.
fn positions(columns: &[SourceColumn]) -> BTreeMap<String, usize> {
    columns.iter().enumerate().map(|(position, column)| (column.name.clone(), position)).collect()
}
