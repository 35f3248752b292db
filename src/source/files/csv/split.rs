//! Splitting a file of delimited text: the bytes of its records stay as they are.
//!
//! Both parts begin with the byte order mark of the file, the lines above the header and the header. Empty lines and comments
//! are no records; they stay in the passing part. A failing record gets one more cell behind its last one, in the dialect and encoding of the file. A file is refused
//! where a part would not read as its rows do in the file, see [`Part`].

use encoding_rs::Encoding;

use super::cells::{Stretch, stretches};
use super::dialect::{DataEnd, Dialect};
use super::file::CsvFile;
use super::part::Part;
use crate::source::error::Problem;
use crate::source::files::original::{Original, written};
use crate::source::files::text::decode_apart;
use crate::source::split::{Parts, SEPARATOR, SplitError, SplitRows, Splitting};
use crate::source::table::BLOCK;

/// What separates rule ids where cells are separated by the usual one.
const OTHER_SEPARATOR: char = '|';

/// Makes sure that the bytes of a record mean the same in another place.
pub(super) fn check(file: &CsvFile) -> Result<(), Problem> {
    check_options(file)?;
    match Original::new(&file.data, file.encoding) {
        Err(SplitError::Input(problem)) => Err(problem),
        _ => Ok(()),
    }
}

/// Makes sure that the options leave a place for one more cell, and that a part reads as its rows do.
fn check_options(file: &CsvFile) -> Result<(), Problem> {
    let Some(option) = unfit_option(file) else { return Ok(()) };
    Err(Problem::Declaration(format!(
        "rows of a file that is read with {option} cannot be written to a file of their own that reads the same: write it as CSV \
         with a comma between cells and one record of names first"
    )))
}

/// The option that is in the way, where one is.
fn unfit_option(file: &CsvFile) -> Option<&'static str> {
    if file.header_records > 1 {
        return Some("`header_rows`");
    }
    let rules = file.shape.rules.as_ref()?;
    if rules.widths.is_some() {
        // There is no place for one more cell.
        return Some("`widths`");
    }
    match &rules.end {
        DataEnd::Footer(_) => return Some("`footer_rows`"),
        DataEnd::Until(_) => return Some("`until`"),
        DataEnd::File => {}
    }
    // What is written behind the last cell would be escaped, or make a delimiter with its end.
    rules
        .escape
        .is_some()
        .then_some("`escape`")
        .or((rules.delimiter.len() > 1).then_some("a delimiter of several characters"))
}

/// Splits the file.
pub(super) fn split(file: &CsvFile, to: &mut Splitting, parts: Parts) -> Result<SplitRows, SplitError> {
    check_options(file)?;
    let Parts { passing, failing } = parts;
    let CsvFile { data, encoding, shape, is_guessed, above, header, .. } = file;
    let dialect = shape.dialect;
    let mut added = AddedCell { dialect, encoding, has_stray_quotes: false };
    let separator = if dialect.delimiter == SEPARATOR as u8 { OTHER_SEPARATOR } else { SEPARATOR };
    let (mut original, mark) = Original::new(data, encoding)?;
    let mut beginning = mark.to_vec();
    original.copy(above.bytes, &mut beginning)?;
    let part = |name, out| Part::new(name, out, data.packing, shape, encoding, &beginning);
    let mut passing = part("passing", passing)?;
    let mut failing = part("failing", failing)?;

    let mut blocks = file.blocks(BLOCK)?;
    blocks.skip(above.bytes, above.lines)?;
    let mut rows = SplitRows::default();
    // Text of the header, and of lines before it that are no records, that is yet to come.
    let mut header = header.bytes - above.bytes;
    while let Some(block) = blocks.next()? {
        to.check()?;
        added.has_stray_quotes |= !block.stray_quotes.is_empty();
        let mut dropped = block.dropped.iter().copied().peekable();
        let mut at = 0;
        // Text that stays in the passing part and was not copied yet: its start, and the length with what the block lacks.
        let mut kept = (0, 0);
        stretches(&block, shape, |stretch| {
            let Stretch { end, content, cells } = stretch;
            let mut left_out = 0;
            while let Some(part) = dropped.next_if(|part| part.place <= end) {
                left_out += part.bytes;
            }
            if header > 0 {
                let mut bytes = Vec::new();
                let text = content.unwrap_or(end);
                original.copy(text - at + left_out, &mut bytes)?;
                failing.note(&block, at, text)?;
                failing.packer.put(&bytes)?;
                if content.is_some() {
                    added.put(to.column, &mut failing)?;
                }
                let names = bytes.len();
                original.copy(end - text, &mut bytes)?;
                failing.note(&block, text, end)?;
                failing.packer.put(&bytes[names..])?;
                passing.note(&block, at, end)?;
                passing.packer.put(&bytes)?;
                header = header.saturating_sub(end - at + left_out);
                kept = (end, 0);
                at = end;
                return Ok(());
            }
            let rules = if content.is_some() { to.next(&mut rows)? } else { None };
            match (rules, content) {
                (Some(rules), Some(content)) => {
                    passing.note(&block, kept.0, at)?;
                    original.copy(kept.1, &mut passing.packer)?;
                    original.copy(content - at + left_out, &mut failing.packer)?;
                    if original.is_inside_unit() {
                        return Err(SplitError::unfit(
                            "the file ends inside a character, so nothing can be written behind its last row: get the whole \
                             file",
                        ));
                    }
                    failing.note(&block, at, content)?;
                    added.put(&to.joined(&rules, separator), &mut failing)?;
                    original.copy(end - content, &mut failing.packer)?;
                    failing.note(&block, content, end)?;
                    kept = (end, 0);
                }
                (_, content) => {
                    if *is_guessed && content.is_some() && rows.passing == 1 {
                        passing.check_width(cells, shape.width)?;
                    }
                    kept.1 += end - at + left_out;
                }
            }
            at = end;
            Ok::<_, SplitError>(())
        })?;
        passing.note(&block, kept.0, at)?;
        original.copy(kept.1, &mut passing.packer)?;
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
    /// Writes the delimiter and the cell as the file writes its own.
    fn put(&self, text: &str, part: &mut Part) -> Result<(), SplitError> {
        let Dialect { delimiter, quote, terminator, .. } = self.dialect;
        // What replaces a character that the encoding does not have may contain the delimiter.
        let text = decode_apart(self.encoding, &written(text, self.encoding), &mut Vec::new());
        let text = String::from_utf8_lossy(&text);
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
            cell.push_str(&text);
        }
        part.note_added(cell.as_bytes())?;
        part.packer.put(&written(&cell, self.encoding))
    }
}
