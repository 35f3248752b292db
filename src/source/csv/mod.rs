//! Delimited text by RFC 4180, read as it is.
//!
//! - A quote is special only where a cell starts: `a "b"` and ` "b"` are plain text. Inside of quotes, a doubled quote is
//!   one and line ends are text.
//! - Lines end with LF or CRLF; a file whose lines end with CR alone is read as such. A CR elsewhere is part of the cell.
//! - Empty lines are no records, in a file of one column neither; a line of delimiters is one, of empty cells.
//! - A record with too few or too many cells is a record: cells count by position, those that are not there are absent.
//! - Text after a closing quote belongs to the cell, and a quote that is never closed is an ordinary character: the
//!   record ends with its line and the next line is read as if nothing were wrong. Both are counted.
//! - Bytes that are not of the encoding read as U+FFFD and are counted; so are NUL bytes, cells of more than 16 MiB
//!   (which are absent), and a file that ends inside a record.
//!
//! Own code: a library reads over most of these faults or stops at the first one; an audit counts each with its line.

mod cells;
mod framing;
mod header;
mod sample;

use std::ops::Range;

use encoding_rs::{Encoding, UTF_8};
use memchr::memchr;

use self::cells::{Shape, first_record, split};
use self::framing::Framer;
use super::facts::Tally;
use super::locate::DataFile;
use super::sample::{Layout, Picks};
use super::scan::{Table, Unit, Units};
use super::text::{TextStream, block_bytes, encoding};
use super::{CsvOptions, SourceColumn};
use crate::model::DataType;

/// The most columns of a table.
const MAX_COLUMNS: usize = 20_000;

/// Bytes of text that are read to find the header.
const SNIFF: usize = 1 << 16;

/// How files start that are no text, and what to do.
const BINARY: &[(&[u8], &str)] =
    &[(b"PAR1", "Parquet: declare `format: parquet`"), (b"ARROW1", "an Arrow file: declare `format: ipc`")];

/// The bytes that make cells and records.
#[derive(Debug, Clone, Copy)]
struct Dialect {
    delimiter: u8,
    quote: Option<u8>,
    terminator: u8,
}

/// A file of delimited text whose header was read.
#[derive(Debug)]
pub(super) struct CsvTable {
    file: DataFile,
    encoding: &'static Encoding,
    shape: Shape,
    columns: Vec<SourceColumn>,
    /// Bytes of text and lines before the first data record.
    header: (usize, u64),
    faults: Tally,
}

impl CsvTable {
    /// Reads the header.
    pub(super) fn open(file: DataFile, options: &CsvOptions) -> Result<Self, String> {
        let encoding = options.encoding.as_deref().map_or(Ok(UTF_8), encoding)?;
        let delimiter = options.delimiter.unwrap_or(if file.has_extension(&["tsv", "tab"]) { b'\t' } else { b',' });
        check_special("delimiter", delimiter)?;
        if let Some(quote) = options.quote {
            check_special("quote", quote)?;
            if quote == delimiter {
                return Err("delimiter and quote are the same character".to_owned());
            }
        }
        if file.bytes == 0 {
            return Err("empty: no header".to_owned());
        }
        let head = file.head()?;
        if let Some((_, name)) = BINARY.iter().find(|(magic, _)| head.starts_with(magic)) {
            return Err(format!("is not delimited text but {name}"));
        }
        let terminator = terminator(&file, encoding, options.quote)?;
        let dialect = Dialect { delimiter, quote: options.quote, terminator };
        let mut shape = Shape { dialect, width: 0, header: options.header, encoding: encoding.name() };
        let first = {
            let stream = TextStream::new(file.open()?, file.packing, encoding)?;
            let mut framer = Framer::new(stream, dialect, SNIFF);
            let mut skipped = (0, 0);
            loop {
                let Some(block) = framer.next()? else {
                    return Err(
                        if skipped.0 == 0 { "empty: no header" } else { "empty: all lines are empty" }.to_owned()
                    );
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
            return Err(format!("{width} columns, more than the {MAX_COLUMNS} that are read: check the delimiter"));
        }
        let mut faults = Tally::default();
        let (names, header) = if options.header {
            let (end, lines) = (first.end, first.lines);
            (header::names(first, &mut faults), (end, lines))
        } else if options.columns.is_empty() {
            ((1..=first.cells.len()).map(|position| format!("column_{position}")).collect(), (0, 0))
        } else {
            (header::declared(&options.columns)?, (0, 0))
        };
        shape.width = names.len();
        let columns = names
            .into_iter()
            .map(|name| SourceColumn { name, stored: "text".to_owned(), data_type: Some(DataType::Text) })
            .collect();
        Ok(Self { file, encoding, shape, columns, header, faults })
    }
}

/// Delimiters and quotes are single characters that cannot be taken for something else.
fn check_special(what: &str, byte: u8) -> Result<(), String> {
    if !byte.is_ascii() || matches!(byte, b'\n' | b'\r' | 0) {
        return Err(format!("the {what} must be one ASCII character other than a line end"));
    }
    Ok(())
}

/// The byte that ends lines, by the first text of the file: CR where there are no LF outside of quotes.
fn terminator(file: &DataFile, encoding: &'static Encoding, quote: Option<u8>) -> Result<u8, String> {
    let mut head = Vec::new();
    TextStream::new(file.open()?, file.packing, encoding)?.fill(&mut head, SNIFF, &mut Vec::new())?;
    let mut quoted = false;
    let mut carriage_return = false;
    for (at, byte) in head.iter().enumerate() {
        match byte {
            byte if Some(*byte) == quote => quoted = !quoted,
            b'\n' if !quoted => return Ok(b'\n'),
            b'\r' if !quoted && head.get(at + 1).is_some_and(|next| *next != b'\n') => carriage_return = true,
            _ => {}
        }
    }
    // A quote that never closes hides the line ends.
    let hidden = quoted && memchr(b'\n', &head).is_some();
    Ok(if carriage_return && !hidden { b'\r' } else { b'\n' })
}

impl Table for CsvTable {
    fn columns(&self) -> &[SourceColumn] {
        &self.columns
    }

    fn faults(&self) -> Tally {
        self.faults.clone()
    }

    fn unit_bytes(&self, sections: &[Vec<&str>], block: usize) -> u64 {
        block_bytes(sections, block, &self.file)
    }

    fn units<'a>(&'a self, columns: &'a [usize], block: usize) -> Result<Box<dyn Units<'a> + 'a>, String> {
        let stream = TextStream::new(self.file.open()?, self.file.packing, self.encoding)?;
        let mut framer = Framer::new(stream, self.shape.dialect, block);
        framer.skip(self.header.0, self.header.1)?;
        Ok(Box::new(CsvUnits { framer, shape: &self.shape, columns, told: 0 }))
    }

    fn layout(&self) -> Layout {
        sample::layout(self)
    }

    fn align(&self, ranges: Vec<Range<u64>>) -> Result<Vec<Range<u64>>, String> {
        sample::align(self, ranges)
    }

    fn picked<'a>(&'a self, columns: &'a [usize], picks: &'a Picks) -> Result<Box<dyn Units<'a> + 'a>, String> {
        Ok(sample::units(self, columns, picks))
    }
}

/// The blocks of a file, one after the other.
struct CsvUnits<'a> {
    framer: Framer,
    shape: &'a Shape,
    columns: &'a [usize],
    told: u64,
}

impl<'a> Units<'a> for CsvUnits<'a> {
    fn next(&mut self) -> Result<Option<Unit<'a>>, String> {
        let Some(block) = self.framer.next()? else { return Ok(None) };
        let stored = self.framer.stored();
        let bytes = stored - self.told;
        self.told = stored;
        let (shape, columns) = (self.shape, self.columns);
        Ok(Some(Unit {
            bytes,
            parts: 1,
            read: Box::new(move |emit| {
                let (rows, tally) = split(block, shape, columns);
                emit(rows);
                Ok(tally)
            }),
        }))
    }
}
