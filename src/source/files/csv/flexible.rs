//! Splitting records whose dialect has more than one delimiter byte, one quote and line ends: escapes, comments, white space
//! around cells, delimiters of several bytes, and cells of fixed width.
//!
//! - An escape is special only before the escape itself, a quote, the delimiter, the start of a comment or a line end, and
//!   makes an ordinary character of it. Before anything else it is itself: `\N` stays `\N`.
//! - White space inside of quotes belongs to the cell.
//! - In lines of fixed width no byte is special but the line end.

use memchr::{memchr, memchr2, memchr3};

use super::dialect::{Dialect, Rules, Widths};
use super::plain::{empty_line, trim};
use super::record::{Cell, NoRecord, Record, Splits};

/// Splits a text into records.
pub(super) struct Flexible<'t> {
    pub(super) bytes: &'t [u8],
    pub(super) dialect: Dialect,
    pub(super) rules: &'t Rules,
    /// Quotes at the start of a cell that nothing closes, ascending.
    pub(super) stray_quotes: &'t [usize],
}

impl Splits for Flexible<'_> {
    fn bytes(&self) -> &[u8] {
        self.bytes
    }

    fn dialect(&self) -> Dialect {
        self.dialect
    }

    fn no_record(&self, at: usize) -> Option<NoRecord> {
        let terminator = self.dialect.terminator;
        if at >= self.bytes.len() {
            return None;
        }
        let start = if self.rules.trim { self.behind_white(at) } else { at };
        if start == self.bytes.len() {
            return Some(NoRecord { length: start - at, is_comment: false });
        }
        if let Some(length) = empty_line(self.bytes, start, terminator) {
            return Some(NoRecord { length: start - at + length, is_comment: false });
        }
        let comment = self.rules.comment.as_deref()?;
        let rest = self.bytes.get(start..)?;
        rest.starts_with(comment).then(|| {
            let length = memchr(terminator, rest).map_or(rest.len(), |end| end + 1);
            NoRecord { length: start - at + length, is_comment: true }
        })
    }

    fn record(&self, mut at: usize, _: usize, mut visit: impl FnMut(usize, Option<Cell>)) -> Record {
        if let Some(widths) = &self.rules.widths {
            return self.line(at, widths, visit);
        }
        let Dialect { quote, terminator, longest, .. } = self.dialect;
        let bytes = self.bytes;
        let mut record = Record::default();
        loop {
            let start = if self.rules.trim { self.behind_white(at) } else { at };
            let opens = quote.is_some_and(|quote| bytes.get(start) == Some(&quote));
            let (cell, length, end) = if opens && self.stray_quotes.binary_search(&start).is_err() {
                self.quoted(start, &mut record)
            } else {
                if opens {
                    record.bad_quote.get_or_insert((start, None));
                    record.cut_quote |= !bytes[start..].contains(&terminator);
                }
                let (end, escaped) = self.end_of_cell(start);
                record.quoted |= escaped;
                let stop = self.stop(start, end);
                let cell = if escaped {
                    Cell::Mixed { inner: (start, start), rest: (start, stop) }
                } else {
                    Cell::Plain(start, stop)
                };
                (cell, stop - start, end)
            };
            let fits = length <= longest;
            record.oversized |= !fits;
            visit(record.cells, fits.then_some(cell));
            record.cells += 1;
            if self.is_delimiter(end) {
                at = end + self.rules.delimiter.len();
            } else {
                record.stop = end;
                record.end = (end + 1).min(bytes.len());
                return record;
            }
        }
    }

    fn read_as(&self, inner: &str, rest: &str, into: &mut String) {
        self.unescape(inner, true, into);
        self.unescape(rest, false, into);
    }

    fn is_escaped(&self, start: usize, place: usize) -> bool {
        let mut at = start;
        while at < place {
            let length = if Some(self.bytes[at]) == self.rules.escape { self.escaped(at) } else { 0 };
            if (at + 1..at + 1 + length).contains(&place) {
                return true;
            }
            at += 1 + length;
        }
        false
    }
}

impl Flexible<'_> {
    fn is_delimiter(&self, at: usize) -> bool {
        self.bytes.get(at..).is_some_and(|rest| rest.starts_with(&self.rules.delimiter))
    }

    /// The first place from `at` on that is not white space, or that is a delimiter or a line end.
    fn behind_white(&self, mut at: usize) -> usize {
        while self.rules.widths.is_some() || !self.is_delimiter(at) {
            match white(&self.bytes[at.min(self.bytes.len())..]) {
                0 => break,
                length => at += length,
            }
        }
        at
    }

    /// The end of the text of a cell: without the carriage return of a line end, and without white space where it is
    /// trimmed.
    fn stop(&self, start: usize, end: usize) -> usize {
        let stop = trim(self.bytes, start, end, self.dialect.terminator);
        if self.rules.trim { start + trimmed_end(&self.bytes[start..stop]) } else { stop }
    }

    /// How many bytes the escape at `at` makes ordinary characters of; 0 where it is itself an ordinary character.
    fn escaped(&self, at: usize) -> usize {
        let Some(rest) = self.bytes.get(at + 1..) else { return 0 };
        let Some(first) = rest.first() else { return 0 };
        if rest.starts_with(b"\r\n") {
            return 2;
        }
        if rest.starts_with(&self.rules.delimiter) {
            return self.rules.delimiter.len();
        }
        let is_special = Some(*first) == self.dialect.quote
            || Some(*first) == self.rules.escape
            || matches!(first, b'\r' | b'\n')
            || self.rules.comment.as_ref().is_some_and(|comment| rest.starts_with(comment));
        usize::from(is_special)
    }

    /// The place of the delimiter or line end behind a cell without quotes, and whether the cell has escapes.
    fn end_of_cell(&self, start: usize) -> (usize, bool) {
        let terminator = self.dialect.terminator;
        let first = self.rules.delimiter.first().copied().unwrap_or(terminator);
        let (mut at, mut escaped) = (start, false);
        while let Some(rest) = self.bytes.get(at..) {
            let found = match self.rules.escape {
                Some(escape) => memchr3(first, terminator, escape, rest),
                None => memchr2(first, terminator, rest),
            };
            let Some(found) = found.map(|offset| at + offset) else { break };
            let byte = self.bytes[found];
            if Some(byte) == self.rules.escape {
                let length = self.escaped(found);
                escaped |= length > 0;
                at = found + 1 + length;
            } else if byte == terminator || self.is_delimiter(found) {
                return (found, escaped);
            } else {
                at = found + 1;
            }
        }
        (self.bytes.len(), escaped)
    }

    /// Splits off the quoted cell that opens at `at`: the cell, its length and the place of the delimiter or line end.
    fn quoted(&self, at: usize, record: &mut Record) -> (Cell, usize, usize) {
        let (bytes, quote) = (self.bytes, self.dialect.quote.unwrap_or_default());
        record.quoted = true;
        let start = at + 1;
        let (mut next, mut is_mixed) = (start, false);
        let close = loop {
            let rest = bytes.get(next..).unwrap_or_default();
            let found = match self.rules.escape {
                Some(escape) => memchr2(quote, escape, rest),
                None => memchr(quote, rest),
            };
            let Some(found) = found.map(|offset| next + offset) else {
                record.open = Some(at);
                break bytes.len();
            };
            if Some(bytes[found]) == self.rules.escape {
                let length = self.escaped(found);
                is_mixed |= length > 0;
                next = found + 1 + length;
            } else if bytes.get(found + 1) == Some(&quote) {
                is_mixed = true;
                next = found + 2;
            } else {
                break found;
            }
        };
        let after = (close + 1).min(bytes.len());
        let (end, _) = self.end_of_cell(after);
        let stop = self.stop(after, end);
        if stop > after {
            record.bad_quote.get_or_insert((at, Some(close)));
        }
        let length = (close - start) + (stop - after);
        if is_mixed || stop > after {
            (Cell::Mixed { inner: (start, close), rest: (after, stop) }, length, end)
        } else {
            (Cell::Plain(start, close), length, end)
        }
    }

    /// Appends a text without its escapes, and with one quote where it has two.
    fn unescape(&self, text: &str, is_quoted: bool, into: &mut String) {
        let part = Flexible { bytes: text.as_bytes(), dialect: self.dialect, rules: self.rules, stray_quotes: &[] };
        let quote = self.dialect.quote.filter(|_| is_quoted);
        // What is left out are single ASCII characters, so that every place is one of a character.
        let (mut from, mut at) = (0, 0);
        while let Some(byte) = part.bytes.get(at) {
            let length = if Some(*byte) == self.rules.escape { part.escaped(at) } else { 0 };
            if length > 0 {
                into.push_str(text.get(from..at).unwrap_or_default());
                from = at + 1;
                at += 1 + length;
            } else if Some(*byte) == quote && part.bytes.get(at + 1) == Some(byte) {
                into.push_str(text.get(from..=at).unwrap_or_default());
                at += 2;
                from = at;
            } else {
                at += 1;
            }
        }
        into.push_str(text.get(from..).unwrap_or_default());
    }

    /// Splits a line into cells of fixed width. What a short line does not have is empty.
    fn line(&self, at: usize, widths: &Widths, mut visit: impl FnMut(usize, Option<Cell>)) -> Record {
        let bytes = self.bytes;
        let end = memchr(self.dialect.terminator, &bytes[at..]).map_or(bytes.len(), |offset| at + offset);
        let stop = trim(bytes, at, end, self.dialect.terminator);
        let mut record =
            Record { end: (end + 1).min(bytes.len()), stop: end, cells: widths.cells(), ..Record::default() };
        let mut take = |position: usize, mut from: usize, mut to: usize| {
            if self.rules.trim {
                to = from + trimmed_end(&bytes[from..to]);
                while from < to {
                    match white(&bytes[from..to]) {
                        0 => break,
                        length => from += length,
                    }
                }
            }
            let fits = to - from <= self.dialect.longest;
            record.oversized |= !fits;
            visit(position, fits.then_some(Cell::Plain(from, to)));
        };
        let mut place = at;
        for (position, width) in widths.fixed.iter().enumerate() {
            let next = behind_characters(bytes, place, stop, *width);
            take(position, place, next);
            place = next;
        }
        if widths.has_rest {
            take(widths.fixed.len(), place, stop);
        }
        let length = characters(&bytes[at..stop]);
        let is_right = if widths.has_rest { length >= widths.characters() } else { length == widths.characters() };
        record.length = (!is_right).then_some(length);
        record
    }
}

/// The length of the white space character at the start of a text; 0 where there is none. Line ends are none.
fn white(text: &[u8]) -> usize {
    match text.first() {
        Some(b' ' | b'\t' | 0x0b | 0x0c) => 1,
        Some(first) if *first >= 0xc2 => (2..=3)
            .find(|length| {
                let one = text.get(..*length).and_then(|bytes| str::from_utf8(bytes).ok());
                one.is_some_and(|one| one.chars().all(char::is_whitespace))
            })
            .unwrap_or(0),
        _ => 0,
    }
}

/// The length of a text without the white space at its end.
fn trimmed_end(text: &[u8]) -> usize {
    let mut end = text.len();
    while let Some(last) = text[..end].iter().rposition(|byte| byte & 0xc0 != 0x80) {
        if white(&text[last..end]) != end - last {
            break;
        }
        end = last;
    }
    end
}

/// How many characters a text has.
fn characters(text: &[u8]) -> usize {
    text.iter().filter(|byte| **byte & 0xc0 != 0x80).count()
}

/// The place behind so many characters from `at` on, at most `stop`.
fn behind_characters(bytes: &[u8], at: usize, stop: usize, count: usize) -> usize {
    let mut starts = bytes[at..stop].iter().enumerate().filter(|(_, byte)| **byte & 0xc0 != 0x80);
    starts.nth(count).map_or(stop, |(offset, _)| at + offset)
}
