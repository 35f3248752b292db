//! A file of delimited text whose header was read.

use std::ops::Range;

use encoding_rs::Encoding;

use super::cells::{self, Shape, first_record};
use super::dialect::Dialect;
use super::file::CsvFile;
use super::framing::{Framer, longest_record};
use super::line_ends::{FIRST_TEXT, terminator};
use super::options::CsvOptions;
use super::{header, sample, split};
use crate::model::DataType;
use crate::source::column::SourceColumn;
use crate::source::error::Problem;
use crate::source::faults::Tally;
use crate::source::files::data_file::DataFile;
use crate::source::files::text::{TextStream, block_bytes};
use crate::source::layout::{Layout, Picks};
use crate::source::options::Options;
use crate::source::split::{Parts, SplitError, SplitRows, Splitting};
use crate::source::table::{MAX_COLUMNS, Table, Unit, Units};

/// A file of delimited text whose header was read.
#[derive(Debug)]
pub(super) struct CsvTable {
    file: CsvFile,
    columns: Vec<SourceColumn>,
    faults: Tally,
}

impl CsvTable {
    /// Reads the header.
    pub(super) fn open(data: DataFile, options: &Options) -> Result<Self, Problem> {
        let options = CsvOptions::of(&data, options)?;
        let encoding = options.encoding;
        if data.bytes == 0 {
            return Err(Problem::Empty("empty: no header".to_owned()));
        }
        let terminator = terminator(&first_text(&data, encoding)?, options.quote);
        let dialect = Dialect { delimiter: options.delimiter, quote: options.quote, terminator };
        let mut shape = Shape { dialect, width: 0, header: options.header, encoding: encoding.name() };
        let first = {
            let stream = TextStream::new(data.open()?, data.packing, encoding)?;
            let mut framer = Framer::new(stream, dialect, FIRST_TEXT, longest_record(data.memory));
            let mut skipped = (0, 0);
            loop {
                let Some(block) = framer.next()? else {
                    let found = if skipped.0 == 0 { "empty: no header" } else { "empty: all lines are empty" };
                    return Err(Problem::Empty(found.to_owned()));
                };
                if let Some(mut first) = first_record(&block, &shape) {
                    first.end += skipped.0;
                    first.lines += skipped.1;
                    break first;
                }
                skipped.0 += block.text.len();
                skipped.1 += memchr::memchr_iter(terminator, &block.text).count() as u64;
            }
        };
        let width = first.cells.len().max(options.columns.len());
        if width > MAX_COLUMNS {
            let problem = format!("{width} columns, more than the {MAX_COLUMNS} that are read: check the delimiter");
            return Err(Problem::BeyondLimit(problem));
        }
        let mut faults = Tally::default();
        let (names, header) = if options.header {
            let (end, lines) = (first.end, first.lines);
            (header::names(first, &mut faults), (end, lines))
        } else if options.columns.is_empty() {
            ((1..=first.cells.len()).map(|position| format!("column_{position}")).collect(), (0, 0))
        } else {
            (header::declared(options.columns)?, (0, 0))
        };
        shape.width = names.len();
        let columns = names
            .into_iter()
            .map(|name| SourceColumn { name, stored: "text".to_owned(), data_type: Some(DataType::Text) })
            .collect();
        let is_guessed = !options.header && options.columns.is_empty();
        Ok(Self { file: CsvFile { data, encoding, shape, is_guessed, header }, columns, faults })
    }
}

/// The first text of a file.
fn first_text(file: &DataFile, encoding: &'static Encoding) -> Result<Vec<u8>, Problem> {
    let mut text = Vec::new();
    TextStream::new(file.open()?, file.packing, encoding)?.fill(&mut text, FIRST_TEXT, &mut Vec::new())?;
    text.truncate(FIRST_TEXT);
    Ok(text)
}

impl Table for CsvTable {
    fn columns(&self) -> &[SourceColumn] {
        &self.columns
    }

    fn faults(&self) -> Tally {
        self.faults.clone()
    }

    fn unit_bytes(&self, sections: &[Vec<&str>], block: usize) -> u64 {
        block_bytes(sections, block, &self.file.data)
    }

    fn units<'a>(
        &'a self,
        columns: &'a [usize],
        block: usize,
        cells_alone: bool,
    ) -> Result<Box<dyn Units<'a> + 'a>, Problem> {
        let CsvFile { data, encoding, shape, header, .. } = &self.file;
        let stream = TextStream::new(data.open()?, data.packing, encoding)?;
        let mut framer = Framer::new(stream, shape.dialect, block, longest_record(data.memory));
        framer.skip(header.0, header.1)?;
        Ok(Box::new(CsvUnits { framer, shape, columns, cells_alone, counted: 0 }))
    }

    fn check_splittable(&self) -> Result<(), Problem> {
        split::check(&self.file)
    }

    fn split(&self, to: &mut Splitting, parts: Parts) -> Result<SplitRows, SplitError> {
        split::split(&self.file, to, parts)
    }

    fn layout(&self) -> Layout {
        sample::layout(&self.file)
    }

    fn align(&self, ranges: Vec<Range<u64>>) -> Result<Vec<Range<u64>>, Problem> {
        sample::align(&self.file, ranges)
    }

    fn picked<'a>(&'a self, columns: &'a [usize], picks: &'a Picks) -> Result<Box<dyn Units<'a> + 'a>, Problem> {
        Ok(sample::units(&self.file, columns, picks))
    }
}

/// The blocks of a file, one after the other.
struct CsvUnits<'a> {
    framer: Framer,
    shape: &'a Shape,
    columns: &'a [usize],
    cells_alone: bool,
    counted: u64,
}

impl<'a> Units<'a> for CsvUnits<'a> {
    fn next(&mut self) -> Result<Option<Unit<'a>>, Problem> {
        let Some(block) = self.framer.next()? else { return Ok(None) };
        let stored = self.framer.stored();
        let bytes = stored - self.counted;
        self.counted = stored;
        let Self { shape, columns, cells_alone, .. } = *self;
        Ok(Some(Unit {
            bytes,
            parts: 1,
            read: Box::new(move |emit| {
                let (rows, tally) = if cells_alone {
                    cells::split_alone(block, shape, columns)
                } else {
                    cells::split(block, shape, columns)
                };
                emit(rows);
                Ok(tally)
            }),
        }))
    }
}
