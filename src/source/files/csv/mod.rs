//! Delimited text by RFC 4180, read as it is.
//!
//! - A quote is special only where a cell starts: `a "b"` and ` "b"` are plain text. Inside of quotes, a doubled
//!   quote is one quote and line ends are text.
//! - Lines end with LF or CRLF; a file whose lines end with CR alone is read as such. A line end of the other kind elsewhere is
//!   part of the cell, and counted where it is outside of quotes.
//! - Empty lines are no records, not even in a file of one column. A line of delimiters is a record of empty cells.
//! - A record with too few or too many cells is a record: cells count by position, missing ones are absent.
//! - Text after a closing quote belongs to the cell. A quote that is never closed is an ordinary character: the record
//!   ends with its line, and the next line is read as usual. Both are counted.
//! - Bytes that are not of the encoding read as U+FFFD and are counted; so are NUL bytes, cells of more than 16 MiB
//!   (which are absent), records that repeat the header, and a file that ends inside a record.
//! - Options declare what else there is: lines above the header, comments, records below the data, white space around
//!   cells, escapes, delimiters of several bytes and cells of fixed width. Files without them take a shorter way, since line
//!   ends and quotes show where their records end.
//!
//! Own code: a library reads over most of these faults or stops at the first one. An audit counts each with its line.

mod above;
mod block;
mod blocks;
mod cells;
mod dialect;
mod file;
mod flexible;
mod framing;
mod header;
mod line_ends;
mod many_lines;
mod options;
mod oversized;
mod part;
mod plain;
mod record;
mod records;
mod sample;
mod split;
mod table;
mod window;

use self::options::{OPTIONS, conflicts};
use self::table::CsvTable;
use crate::source::files::format::{Format, Likelihood};

/// Delimited text.
pub(in crate::source) const FORMAT: Format = Format {
    name: "csv",
    noun: "delimited text",
    extensions: &["csv", "tsv", "tab", "txt", "psv"],
    options: OPTIONS,
    is_text: true,
    has_free_columns: false,
    // Nothing marks it, so it is what is left.
    recognise: |_| Likelihood::Possible,
    conflicts,
    open: |file, options| Ok(Box::new(CsvTable::open(file, options)?)),
};
