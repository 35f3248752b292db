//! A document whose first elements were read.

use std::sync::Arc;

use super::arrays_within::no_array;
use super::document::Document;
use super::elements::{Block, Elements};
use super::place::RecordsPath;
use super::split::split_file;
use crate::model::Count;
use crate::source::batch::Rows;
use crate::source::column::SourceColumn;
use crate::source::error::Problem;
use crate::source::faults::Tally;
use crate::source::files::data_file::DataFile;
use crate::source::files::json_values::{Cells, Found, SNIFF, Wanted};
use crate::source::files::text::block_bytes;
use crate::source::layout::{Layout, Picks};
use crate::source::split::{Parts, SplitError, SplitRows, Splitting};
use crate::source::table::{BLOCK, Table, Unit, Units};

/// A document whose first elements were read.
#[derive(Debug)]
pub(super) struct JsonTable {
    file: DataFile,
    path: RecordsPath,
    columns: Vec<SourceColumn>,
    inner_columns: Vec<SourceColumn>,
}

impl JsonTable {
    /// Reads the first elements.
    ///
    /// # Errors
    /// Where the document cannot be read, or has no array of objects at that place.
    pub(super) fn open(file: DataFile, path: RecordsPath) -> Result<Self, Problem> {
        if file.bytes == 0 {
            return Err(Problem::Empty("empty: no JSON document".to_owned()));
        }
        if path.0.is_empty() {
            let mut document = Document::new(&file, BLOCK)?;
            match document.token()? {
                Some(b'[') => {}
                Some(_) => return Err(no_array(document)),
                None => return Err(Problem::Empty("empty: no JSON document".to_owned())),
            }
        }
        let mut elements = Elements::new(&file, &path, SNIFF)?;
        // A part without records is a part all the same.
        let Some(block) = elements.next()? else {
            return Ok(Self { file, path, columns: Vec::new(), inner_columns: Vec::new() });
        };
        let mut found = Found::default();
        let mut looked_at = 0_u64;
        let mut first = None;
        for (element, line) in block.lines() {
            let element = String::from_utf8_lossy(element);
            first.get_or_insert_with(|| (kind(&element), line));
            looked_at += 1;
            found.take(&element)?;
        }
        let (columns, inner_columns) = found.into_columns();
        if columns.is_empty() {
            let (kind, line) = first.unwrap_or(("nothing", 1));
            return Err(Problem::foreign(format!(
                "an array of objects with keys is expected: none of the first {} elements is one, and the first (line {line}) is {kind}",
                Count(looked_at)
            )));
        }
        Ok(Self { file, path, columns, inner_columns })
    }
}

impl Table for JsonTable {
    fn columns(&self) -> &[SourceColumn] {
        &self.columns
    }

    fn inner_columns(&self) -> &[SourceColumn] {
        &self.inner_columns
    }

    fn adopt(&mut self, columns: &[SourceColumn], inner: &[SourceColumn]) {
        (self.columns, self.inner_columns) = (columns.to_vec(), inner.to_vec());
    }

    fn unit_bytes(&self, sections: &[Vec<&str>], block: usize) -> u64 {
        block_bytes(sections, block, &self.file)
    }

    fn layout(&self) -> Layout {
        Layout::Stream("JSON documents are read from their start")
    }

    fn picked<'a>(&'a self, columns: &'a [usize], _: &'a Picks) -> Result<Box<dyn Units<'a> + 'a>, Problem> {
        self.units(columns, BLOCK, true)
    }

    fn check_splittable(&self) -> Result<(), Problem> {
        if self.path.0.is_empty() {
            return Ok(());
        }
        Err(Problem::Declaration(format!(
            "the records are at `{}` of a larger document, which cannot be split in two: write that array to a file of its \
             own, as `jq` does, or the records as lines of JSON",
            self.path
        )))
    }

    fn split(&self, to: &mut Splitting, parts: Parts) -> Result<SplitRows, SplitError> {
        self.check_splittable()?;
        split_file(&self.file, to, parts)
    }

    fn units<'a>(&'a self, columns: &'a [usize], block: usize, _: bool) -> Result<Box<dyn Units<'a> + 'a>, Problem> {
        Ok(Box::new(Blocks {
            elements: Elements::new(&self.file, &self.path, block)?,
            wanted: Arc::new(Wanted::new(&self.columns, &self.inner_columns, columns)),
            counted: 0,
        }))
    }
}

/// What an element of the array is, as part of a sentence.
fn kind(element: &str) -> &'static str {
    match element.trim_start().as_bytes().first() {
        Some(b'{') => "an object without keys, or not a whole one",
        Some(b'[') => "a list",
        Some(b'"') => "a text",
        Some(b't' | b'f') => "true or false",
        Some(b'n') => "null",
        _ => "a number",
    }
}

/// The blocks of a document, one after the other.
struct Blocks<'a> {
    elements: Elements,
    wanted: Arc<Wanted<'a>>,
    counted: u64,
}

impl<'a> Units<'a> for Blocks<'a> {
    fn next(&mut self) -> Result<Option<Unit<'a>>, Problem> {
        let Some(block) = self.elements.next()? else { return Ok(None) };
        let stored = self.elements.stored();
        let bytes = stored - self.counted;
        self.counted = stored;
        let wanted = Arc::clone(&self.wanted);
        Ok(Some(Unit {
            bytes,
            parts: 1,
            read: Box::new(move |emit| {
                let (rows, tally) = read(&block, &wanted);
                emit(rows);
                Ok(tally)
            }),
        }))
    }
}

/// Reads the elements of a block.
fn read(block: &Block, wanted: &Wanted<'_>) -> (Rows, Tally) {
    let mut cells = Cells::new(wanted, "the element is not a JSON object");
    for (element, line) in block.lines() {
        cells.push(element, line, false);
    }
    cells.finish()
}
