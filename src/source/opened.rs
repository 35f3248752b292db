//! A dataset that was opened: its files and its columns.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest as _, Sha256};

use super::batch::BATCH_ROWS;
use super::column::SourceColumn;
use super::empty_part::EmptyPart;
use super::error::{Problem, SourceError};
use super::files::beginning::Beginning;
use super::files::compressed::Packing;
use super::files::data_file::DataFile;
use super::files::foreign::foreign;
use super::files::format::Format;
use super::files::formats::FORMATS;
use super::locate::locate;
use super::open_file::{OpenFile, positions};
use super::options::Options;
use super::sample::{NoSample, Sample};
use super::series::{United, file_column, unite, unite_inner};
use super::spec::SourceSpec;
use super::table::{BLOCK, Table};
use super::twice;
use crate::model::{ColumnSeries, Extent, Share, nfc, uncomposed_name};

/// A dataset that was opened: its files are known, its columns read.
#[derive(Debug)]
pub struct Source {
    location: String,
    pub(super) format: &'static Format,
    pub(super) files: Vec<OpenFile>,
    pub(super) columns: Vec<SourceColumn>,
    /// How files differ in columns, by name.
    series: BTreeMap<String, ColumnSeries>,
    /// The column with the name of the file of each row, and these names.
    pub(super) file_names: Option<(String, Vec<Arc<str>>)>,
    /// Columns inside of nested columns.
    pub(super) inner_columns: Vec<SourceColumn>,
    /// The position of each column, inner ones behind the others.
    positions: BTreeMap<String, usize>,
    pub(super) block: usize,
    extent: Extent,
    /// Columns that could not be decoded, and why.
    lost: Mutex<BTreeMap<String, String>>,
}

impl Source {
    /// Finds the files of a dataset and reads their columns, nothing else.
    ///
    /// A folder is read with all data files in it; folders `key=value` add columns of text. All files must have the same
    /// columns, in any order, with types that are read as the same, unless `union: by_name` is declared; lines of JSON
    /// may have any keys.
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
        let count = files.len();
        let mut first_empty = None;
        for data in files {
            let mut is_empty_part = false;
            let opening = match data.bytes {
                // Engines leave such parts in every format.
                0 if count > 1 && !format.is_text => Err(Problem::Empty("empty: it has no bytes".to_owned())),
                _ => open_file(&data, format, &spec.options),
            };
            let table: Box<dyn Table> = match opening {
                // Engines leave such parts where they had no rows for one.
                Err(problem @ Problem::Empty(_)) if count > 1 => {
                    is_empty_part = true;
                    first_empty.get_or_insert_with(|| problem.at(&data.shown));
                    Box::new(EmptyPart::new(format.is_text))
                }
                table => table.map_err(|problem| problem.at(&data.shown))?,
            };
            if let Some(name) = twice_composed(table.columns()).filter(|_| !format.has_free_columns) {
                let problem = format!(
                    "two columns are named `{}`, once with composed letters and once with marks of their own: give one another \
                     name and write the file again",
                    name.escape_debug()
                );
                return Err(Problem::Columns(problem).at(&data.shown));
            }
            opened.push(OpenFile::new(data, table, is_empty_part));
        }
        if let Some(problem) = first_empty.filter(|_| opened.iter().all(|file| file.is_empty_part)) {
            return Err(problem);
        }
        twice::check(&opened, format)?;
        let United { columns, added, series } = unite(&opened, format, &spec.options)?;
        if columns.is_empty() && format.has_free_columns {
            let problem = "the array of records is empty: no records, and so no columns";
            return Err(Problem::Empty(problem.to_owned()).at(&spec.location));
        }
        let inner_columns = unite_inner(&opened, &columns, format, &spec.options)?;
        let of_files = &columns[..columns.len() - added];
        for file in &mut opened {
            file.adopt(of_files, &inner_columns);
        }
        let extent = extent(&opened, format, columns.len());
        let positions = positions(&columns, &inner_columns);
        let location = spec.location.clone();
        let named_file = file_column(&spec.options);
        let mut source = Self {
            location,
            format,
            files: opened,
            columns,
            series,
            inner_columns,
            positions,
            file_names: None,
            block: BLOCK,
            extent,
            lost: Mutex::default(),
        };
        if let Some(name) = named_file {
            let names = source.part_paths().iter().map(|path| Arc::from(path.to_string_lossy().as_ref())).collect();
            source.file_names = Some((name, names));
        }
        Ok(source)
    }

    /// The first and last bytes of its first file that has any.
    ///
    /// # Errors
    /// Where they cannot be read.
    pub fn beginning(&self) -> Result<Beginning, SourceError> {
        let at = self.files.iter().position(|file| !file.is_empty_part).unwrap_or_default();
        let Some(file) = self.files.get(at) else {
            return Err(self.error(at, Problem::Empty("has no file".to_owned())));
        };
        Beginning::of(&file.data).map_err(|problem| self.error(at, problem))
    }

    /// The first and last bytes of the first file of delimited text at a place that cannot be opened as it is declared; `None`
    /// where there is none, and for standard input, which can be read only once.
    pub fn beginning_of(spec: &SourceSpec) -> Option<Beginning> {
        if spec.is_stdin() {
            return None;
        }
        let (files, format) = locate(spec).ok()?;
        let file = files.first().filter(|_| format.has_option("delimiter"))?;
        let head = file.head().ok()?;
        if certain_format(&head).is_some() || foreign(&head).is_some() {
            return None;
        }
        Beginning::of(file).ok()
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

    /// Columns inside of nested columns, such as `address.city` and `length(tags)`. Rules may name them. They are not among
    /// [`columns`](Self::columns), but their positions follow those.
    pub fn inner_columns(&self) -> &[SourceColumn] {
        &self.inner_columns
    }

    /// How the files differ in a column, where they may and do.
    pub fn series(&self, column: &str) -> Option<&ColumnSeries> {
        self.series.get(column)
    }

    /// The column at a position; where its texts are to be composed, the column that has them.
    pub(super) fn column(&self, position: usize) -> Option<&SourceColumn> {
        let position = position.checked_sub(self.all_columns()).unwrap_or(position);
        self.columns.iter().chain(&self.inner_columns).nth(position)
    }

    /// Columns that scans so far could not decode, and why: a scan that ends with an error has none of its columns, and one that
    /// does not ask for these may have all others.
    pub fn lost_columns(&self) -> BTreeMap<String, String> {
        self.lost.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes that a column of a file cannot be decoded.
    pub(super) fn lose(&self, file: usize, position: usize, problem: &Problem) {
        let Some(open) = self.files.get(file) else { return };
        let Some(column) = open.columns.iter().chain(&open.inner_columns).nth(position) else { return };
        let reason = problem.clone().at(&open.data.shown).to_string();
        self.lost.lock().unwrap_or_else(PoisonError::into_inner).insert(column.name.clone(), reason);
    }

    /// Whether the texts at a position are to be composed.
    pub(super) fn is_composed(&self, position: usize) -> bool {
        position >= self.all_columns()
    }

    /// How many columns there are, inner ones too.
    const fn all_columns(&self) -> usize {
        self.columns.len() + self.inner_columns.len()
    }

    /// The paths of its files as reports show them.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(|file| file.data.shown.as_str())
    }

    /// The position of a column. Any column can be asked for with its texts in Unicode normal form C, as
    /// [`composed_name`](crate::model::composed_name) names it; these positions follow those of all others.
    pub fn position(&self, column: &str) -> Option<usize> {
        let known = |column: &str| self.positions.get(column).or_else(|| self.positions.get(&*nfc(column))).copied();
        known(column).or_else(|| Some(known(uncomposed_name(column)?)? + self.all_columns()))
    }

    /// How large the dataset is, as far as its files say so without being read.
    pub const fn extent(&self) -> &Extent {
        &self.extent
    }

    /// About how many bytes a worker needs at a time: those of the largest unit. The columns are unpacked section by
    /// section.
    pub fn unit_bytes(&self, sections: &[Vec<usize>]) -> u64 {
        let name = |at: &usize| self.column(*at).map(|column| column.name.as_str());
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

/// A name that two columns have, if letters are composed. Rules compare names composed, so one of them could not be named.
fn twice_composed(columns: &[SourceColumn]) -> Option<String> {
    let mut seen = BTreeSet::new();
    columns.iter().map(|column| nfc(&column.name)).find(|name| !seen.insert(name.clone())).map(Cow::into_owned)
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
    // Some formats share their first bytes with others that are not read: workbooks are archives.
    if !format.fits(&head) {
        if let Some(other) = certain_format(&head).filter(|_| format.is_text) {
            let (noun, is, name) = (format.noun, other.noun, other.name);
            return Err(Problem::Foreign(format!("is not {noun} but {is}: declare `format: {name}`")));
        }
        if let Some(problem) = foreign(&head) {
            return Err(Problem::foreign(problem));
        }
    }
    (format.open)(data.clone(), options).map_err(|problem| match problem {
        Problem::Foreign(problem) if !format.is_text => {
            let meant = is_text_instead(&head).map(|meant| format!("; {meant}"));
            Problem::Foreign(problem + meant.as_deref().unwrap_or_default())
        }
        problem => problem,
    })
}

/// What to do with a file that starts with text where another format was expected: programs call web pages and delimited text
/// workbooks.
fn is_text_instead(head: &[u8]) -> Option<String> {
    if head.is_empty() || head.contains(&0) {
        return None;
    }
    let start = String::from_utf8_lossy(head).trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']).to_lowercase();
    if ["<!doctype", "<html", "<table", "<head", "<meta"].iter().any(|tag| start.starts_with(tag)) {
        return Some(
            "it is a web page: open it in a spreadsheet program and save it as .xlsx, or export the table as CSV"
                .to_owned(),
        );
    }
    if start.starts_with('<') {
        return Some("it is XML: open it in the program that wrote it, and save it as .xlsx or CSV".to_owned());
    }
    let is_text = head.iter().all(|byte| !byte.is_ascii_control() || byte.is_ascii_whitespace());
    let format = Format::recognised(head);
    (is_text && format.is_text)
        .then(|| format!("it is text: declare `format: {}`, or give it the right ending", format.name))
}

/// The format that a file which starts with these bytes has for certain.
pub(super) fn certain_format(head: &[u8]) -> Option<&'static Format> {
    FORMATS.iter().copied().find(|format| format.claims(head))
}
