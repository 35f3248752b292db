//! Splitting a file of delimited text: the bytes of its records stay as they are.
//!
//! Both parts begin with the byte order mark and the header of the file. Empty lines are no records; they stay in the passing
//! part. A failing record gets one more cell behind its last one, in the dialect and encoding of the file.

use encoding_rs::Encoding;

use super::cells::{content, stretches};
use super::dialect::Dialect;
use super::file::CsvFile;
use super::framing::{Framer, longest_record};
use crate::source::error::Problem;
use crate::source::files::original::{Original, written};
use crate::source::files::packer::Packer;
use crate::source::files::text::TextStream;
use crate::source::split::{Parts, SEPARATOR, SplitError, SplitRows, Splitting};
use crate::source::table::BLOCK;

/// What separates rule ids where cells are separated by the usual one.
const OTHER_SEPARATOR: char = '|';

/// Makes sure that the bytes of a record mean the same in another place.
pub(super) fn check(file: &CsvFile) -> Result<(), Problem> {
    match Original::new(&file.data, file.encoding) {
        Err(SplitError::Input(problem)) => Err(problem),
        _ => Ok(()),
    }
}

/// Splits the file.
pub(super) fn split(file: &CsvFile, to: &mut Splitting, parts: Parts) -> Result<SplitRows, SplitError> {
    let Parts { passing, failing } = parts;
    let CsvFile { data, encoding, shape, header } = file;
    let dialect = shape.dialect;
    let mut added = AddedCell { dialect, encoding, has_stray_quotes: false };
    let separator = if dialect.delimiter == SEPARATOR as u8 { OTHER_SEPARATOR } else { SEPARATOR };
    let (mut original, mark) = Original::new(data, encoding)?;
    let mut passing = Packer::new(passing, data.packing)?;
    let mut failing = Packer::new(failing, data.packing)?;
    let stream = || TextStream::new(data.open()?, data.packing, encoding);

    for part in [&mut passing, &mut failing] {
        part.put(mark)?;
    }
    if shape.header {
        let mut text = Vec::new();
        stream()?.fill(&mut text, header.0, &mut Vec::new())?;
        text.truncate(header.0);
        let cells = content(&text, dialect.terminator);
        let (mut names, mut end) = (Vec::new(), Vec::new());
        original.copy(cells, &mut names)?;
        original.copy(text.len() - cells, &mut end)?;
        for bytes in [&names, &end] {
            passing.put(bytes)?;
        }
        failing.put(&names)?;
        failing.put(&added.bytes(to.column)?)?;
        failing.put(&end)?;
    }

    let mut framer = Framer::new(stream()?, dialect, BLOCK, longest_record(data.memory));
    framer.skip(header.0, header.1)?;
    let mut rows = SplitRows::default();
    while let Some(block) = framer.next()? {
        to.check()?;
        added.has_stray_quotes |= !block.stray_quotes.is_empty();
        let mut dropped = block.dropped.iter().copied().peekable();
        let mut at = 0;
        // Text that stays in the passing part and was not copied yet.
        let mut kept = 0;
        stretches(&block, dialect, |stretch| {
            let mut left_out = 0;
            while let Some((_, bytes)) = dropped.next_if(|(place, _)| *place <= stretch.end) {
                left_out += bytes;
            }
            let rules = if stretch.content.is_some() { to.next(&mut rows)? } else { None };
            match (rules, stretch.content) {
                (Some(rules), Some(content)) => {
                    original.copy(std::mem::take(&mut kept), &mut passing)?;
                    original.copy(content - at + left_out, &mut failing)?;
                    failing.put(&added.bytes(&to.joined(&rules, separator))?)?;
                    original.copy(stretch.end - content, &mut failing)?;
                }
                _ => kept += stretch.end - at + left_out,
            }
            at = stretch.end;
            Ok::<_, SplitError>(())
        })?;
        original.copy(kept, &mut passing)?;
    }
    original.finish()?;
    passing.finish()?;
    failing.finish()?;
    Ok(rows)
}

/// The cell that is added to a record.
struct AddedCell {
    dialect: Dialect,
    encoding: &'static Encoding,
    /// Whether the file has quotes that never close.
    has_stray_quotes: bool,
}

impl AddedCell {
    /// The delimiter and the cell, as they are written in the file.
    fn bytes(&self, text: &str) -> Result<Vec<u8>, SplitError> {
        let Dialect { delimiter, quote, terminator } = self.dialect;
        let is_special = |byte: u8| byte == delimiter || byte == terminator || byte == b'\r' || Some(byte) == quote;
        let mut cell = String::from(char::from(delimiter));
        if text.bytes().any(is_special) {
            let Some(quote) = quote.filter(|_| !self.has_stray_quotes) else {
                return Err(SplitError::unfit(format!(
                    "rule ids contain the delimiter `{}` and cannot be written in a cell of this file, which has no quotes or has \
                     one that never closes: write it with another delimiter",
                    char::from(delimiter).escape_debug()
                )));
            };
            let quote = char::from(quote);
            cell.push(quote);
            cell.push_str(&text.replace(quote, &format!("{quote}{quote}")));
            cell.push(quote);
        } else {
            cell.push_str(text);
        }
        Ok(written(&cell, self.encoding))
    }
}
