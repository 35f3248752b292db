//! Splitting a block of records into cells, and finding what is wrong with each record.

use std::borrow::Cow;
use std::sync::Arc;

use memchr::{memchr, memchr_iter, memchr2};

use super::dialect::Dialect;
use super::framing::{Block, MAX_CELL};
use crate::model::FaultKind;
use crate::source::batch::Rows;
use crate::source::column::Column;
use crate::source::faults::{LineEnds, Tally};
use crate::source::files::text::repair;
use crate::source::text_column::TextColumn;

/// How the records of a file are written, and how many cells a whole one has.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    /// The bytes that make cells and records.
    pub(super) dialect: Dialect,
    /// Cells of a whole record; 0 while that is not known.
    pub(super) width: usize,
    /// Whether the width comes from a header.
    pub(super) header: bool,
    /// The encoding as people know it.
    pub(super) encoding: &'static str,
}

/// One record, split.
#[derive(Debug, Default)]
struct Record {
    /// Where its text ends, with the line end.
    end: usize,
    cells: usize,
    quoted: bool,
    oversized: bool,
    bad_quote: Option<usize>,
    /// The quote in whose cell the file ends.
    cut_quote: bool,
}

/// A cell as it is in the text.
#[derive(Clone, Copy)]
enum Cell {
    /// A stretch of the text.
    Plain(usize, usize),
    /// Quoted, with doubled quotes or with text after the closing quote: the inner stretch, then the text after it.
    Mixed { inner: (usize, usize), rest: (usize, usize) },
}

/// Splits a text into records.
struct Splitter<'t> {
    bytes: &'t [u8],
    dialect: Dialect,
    stray_quotes: &'t [usize],
}

impl Splitter<'_> {
    /// Whether the text at `at` is an empty line; gives its length.
    fn empty_line(&self, at: usize) -> Option<usize> {
        let terminator = self.dialect.terminator;
        match self.bytes.get(at)? {
            byte if *byte == terminator => Some(1),
            b'\r' => match self.bytes.get(at + 1) {
                None => Some(1),
                Some(next) if *next == terminator => Some(2),
                Some(_) => None,
            },
            _ => None,
        }
    }

    /// Whether the line before `end` ends with CRLF or with LF; `None` where it ends otherwise.
    #[inline]
    fn line_end(&self, end: usize) -> Option<bool> {
        let line = self.bytes.get(..end)?.strip_suffix(b"\n")?;
        (self.dialect.terminator == b'\n').then(|| line.last() == Some(&b'\r'))
    }

    /// Splits the record that starts at `at` and calls `visit` with the position of each cell and the cell,
    /// `None` where it is too long. Behind the first `most` cells it looks only for the end of the record.
    #[inline]
    fn record(&self, mut at: usize, most: usize, mut visit: impl FnMut(usize, Option<Cell>)) -> Record {
        let Dialect { delimiter, quote, terminator } = self.dialect;
        let bytes = self.bytes;
        let mut record = Record::default();
        loop {
            let opens = quote.is_some_and(|quote| bytes.get(at) == Some(&quote));
            let (cell, length, end) = if opens && self.stray_quotes.binary_search(&at).is_err() {
                self.quoted(at, &mut record)
            } else {
                if opens {
                    record.bad_quote.get_or_insert(at);
                    record.cut_quote |= !bytes[at..].contains(&terminator);
                }
                let end = find_either(bytes, at, delimiter, terminator);
                let stop = self.trim(at, end);
                (Cell::Plain(at, stop), stop - at, end)
            };
            let fits = length <= MAX_CELL;
            record.oversized |= !fits;
            visit(record.cells, fits.then_some(cell));
            record.cells += 1;
            match bytes.get(end) {
                Some(byte) if *byte == delimiter && record.cells < most => at = end + 1,
                Some(byte) if *byte == delimiter => {
                    record.end = self.record_end(end + 1);
                    return record;
                }
                _ => {
                    record.end = (end + 1).min(bytes.len());
                    return record;
                }
            }
        }
    }

    /// Where the record ends in which a cell, not the first one, starts at `at`.
    fn record_end(&self, mut at: usize) -> usize {
        let Dialect { delimiter, quote, terminator } = self.dialect;
        let bytes = self.bytes;
        loop {
            let rest = &bytes[at..];
            let found = quote.map_or_else(|| memchr(terminator, rest), |quote| memchr2(quote, terminator, rest));
            let Some(found) = found.map(|offset| at + offset) else { return bytes.len() };
            if bytes[found] == terminator {
                return found + 1;
            }
            let opens = bytes[found - 1] == delimiter;
            if opens && self.stray_quotes.binary_search(&found).is_err() {
                let (_, _, end) = self.quoted(found, &mut Record::default());
                if bytes.get(end) != Some(&delimiter) {
                    return (end + 1).min(bytes.len());
                }
                at = end + 1;
            } else {
                at = found + 1;
            }
        }
    }

    /// Leaves out the carriage return of a line end.
    fn trim(&self, start: usize, end: usize) -> usize {
        let line_ends = self.bytes.get(end).is_none_or(|byte| *byte == self.dialect.terminator);
        if line_ends && end > start && self.bytes[end - 1] == b'\r' { end - 1 } else { end }
    }

    /// Splits off the quoted cell that opens at `at`: the cell, its length and the place of the delimiter or line end.
    fn quoted(&self, at: usize, record: &mut Record) -> (Cell, usize, usize) {
        let Dialect { delimiter, quote, terminator } = self.dialect;
        let (bytes, quote) = (self.bytes, quote.unwrap_or_default());
        record.quoted = true;
        let start = at + 1;
        let mut next = start;
        let mut doubled = false;
        let close = loop {
            match memchr(quote, &bytes[next..]).map(|offset| next + offset) {
                Some(found) if bytes.get(found + 1) == Some(&quote) => {
                    doubled = true;
                    next = found + 2;
                }
                Some(found) => break found,
                None => break bytes.len(),
            }
        };
        let after = (close + 1).min(bytes.len());
        let end = find_either(bytes, after, delimiter, terminator);
        let stop = self.trim(after, end);
        if stop > after {
            record.bad_quote.get_or_insert(close);
        }
        let length = (close - start) + (stop - after);
        if doubled || stop > after {
            (Cell::Mixed { inner: (start, close), rest: (after, stop) }, length, end)
        } else {
            (Cell::Plain(start, close), length, end)
        }
    }
}

/// The place of the next of two bytes from `at` on, or the end. Most cells are so short that eight bytes at a time in a
/// register beat a call of `memchr2`, which is for the long ones.
#[inline]
fn find_either(bytes: &[u8], at: usize, one: u8, other: u8) -> usize {
    const LOW: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    // The lowest bit that is set marks the first byte that is zero; bits above it may be set without reason.
    let zeros = |word: u64| word.wrapping_sub(LOW) & !word & HIGH;
    let (ones, others) = (LOW * u64::from(one), LOW * u64::from(other));
    let mut place = at;
    for _ in 0..4 {
        let Some(chunk) = bytes.get(place..).and_then(<[u8]>::first_chunk) else { break };
        let word = u64::from_le_bytes(*chunk);
        let hits = zeros(word ^ ones) | zeros(word ^ others);
        if hits != 0 {
            return place + hits.trailing_zeros() as usize / 8;
        }
        place += 8;
    }
    bytes.get(place..).and_then(|rest| memchr2(one, other, rest)).map_or(bytes.len(), |offset| place + offset)
}

/// The text of a quoted cell: doubled quotes are one.
fn unescape<'t>(inner: &'t str, rest: &'t str, quote: u8, into: &mut String) {
    let mut parts = inner;
    while let Some(at) = memchr(quote, parts.as_bytes()) {
        into.push_str(&parts[..=at]);
        parts = parts.get(at + 2..).unwrap_or_default();
    }
    into.push_str(parts);
    into.push_str(rest);
}

/// The wanted cells of a block, as stretches of its text and of the text of cells that are not written as they read.
struct Wanted<'t> {
    text: &'t str,
    quote: u8,
    /// The slot of each position up to the last one that is wanted.
    slots: Vec<usize>,
    spans: Vec<Vec<(u32, u32)>>,
    extra: String,
}

impl<'t> Wanted<'t> {
    /// No cell yet. `columns` are the positions of the wanted cells, each at most once.
    fn new(text: &'t str, shape: &Shape, columns: &[usize]) -> Self {
        let mut slots = vec![usize::MAX; columns.iter().max().map_or(0, |last| last + 1)];
        for (slot, position) in columns.iter().enumerate() {
            slots[*position] = slot;
        }
        let spans = vec![Vec::with_capacity(Self::rows(text, shape)); columns.len()];
        Self { text, quote: shape.dialect.quote.unwrap_or_default(), slots, spans, extra: String::new() }
    }

    /// How many rows a text may have, about.
    fn rows(text: &str, shape: &Shape) -> usize {
        text.len() / (shape.width.max(1) * 6) + 1
    }

    /// Takes in a cell; `None` where it is too long.
    #[expect(clippy::inline_always, reason = "a call for each cell costs a tenth of splitting")]
    #[inline(always)]
    fn take(&mut self, position: usize, cell: Option<Cell>) {
        let Some(slot) = self.slots.get(position).filter(|slot| **slot != usize::MAX) else { return };
        self.spans[*slot].push(match cell {
            None => TextColumn::ABSENT,
            Some(Cell::Plain(start, end)) => span(start, end),
            Some(Cell::Mixed { inner, rest }) => {
                let start = self.text.len() + self.extra.len();
                let part = |(start, end): (usize, usize)| &self.text[start..end];
                unescape(part(inner), part(rest), self.quote, &mut self.extra);
                span(start, self.text.len() + self.extra.len())
            }
        });
    }

    /// Ends a record of so many cells: those that it does not have are absent.
    #[inline]
    fn end_record(&mut self, cells: usize) {
        for slot in self.slots.iter().skip(cells).filter(|slot| **slot != usize::MAX) {
            self.spans[*slot].push(TextColumn::ABSENT);
        }
    }

    /// The columns in the order in which they were asked for.
    fn finish(self) -> Vec<Column> {
        let Self { text, extra, spans, .. } = self;
        let text: Arc<str> = if extra.is_empty() { Arc::from(text) } else { Arc::from(text.to_owned() + &extra) };
        let column = |spans| Column::Text(TextColumn::Spans { text: Arc::clone(&text), spans });
        spans.into_iter().map(column).collect()
    }
}

/// A text, which is repaired where it is not UTF-8.
fn decoded<'t>(text: &'t [u8], stray_quotes: &mut [usize], replaced: &mut Vec<usize>) -> Cow<'t, str> {
    match simdutf8::basic::from_utf8(text) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(repair(text, stray_quotes, replaced)),
    }
}

/// Splits a block. `columns` are the positions of the wanted cells, each at most once.
pub(super) fn split(mut block: Block, shape: &Shape, columns: &[usize]) -> (Rows, Tally) {
    let mut replaced = std::mem::take(&mut block.replaced);
    let text = decoded(&block.text, &mut block.stray_quotes, &mut replaced);
    let bytes = text.as_bytes();
    let splitter = Splitter { bytes, dialect: shape.dialect, stray_quotes: &block.stray_quotes };
    let terminator = shape.dialect.terminator;

    let mut wanted = Wanted::new(&text, shape, columns);
    let mut lines = Vec::with_capacity(Wanted::rows(&text, shape));
    let mut malformed = Vec::new();
    let mut tally = Tally::default();
    let has_nul = memchr(0, bytes).is_some();
    let mut ends = LineEnds::default();
    let mut replaced = replaced.into_iter().peekable();
    let (mut at, mut line, mut row) = (0, block.first_line, 0_u32);
    while at < bytes.len() {
        if let Some(length) = splitter.empty_line(at) {
            at += length;
            line += 1;
            continue;
        }
        let record = splitter.record(at, usize::MAX, |position, cell| wanted.take(position, cell));
        wanted.end_record(record.cells);
        lines.push(line);
        let raw = &bytes[at..record.end];
        let undecodable = replaced.peek().copied().filter(|place| *place < record.end);
        while replaced.next_if(|place| *place < record.end).is_some() {}
        let nul = if has_nul { memchr(0, raw).map(|offset| at + offset) } else { None };
        let line_of = |place: usize| line + memchr_iter(terminator, &bytes[at..place]).count() as u64;
        let found = Found {
            line,
            undecodable: undecodable.map(line_of),
            bad_quote: record.bad_quote.map(line_of),
            nul: nul.map(line_of),
            cut_off: record.cut_quote
                || (block.unterminated && record.end == bytes.len() && record.cells < shape.width.max(1)),
        };
        if found.count(&record, shape, &mut tally) {
            malformed.push(row);
        }
        if let Some(crlf) = splitter.line_end(record.end) {
            ends.count(line, crlf);
        }
        line += if record.quoted { memchr_iter(terminator, raw).count() as u64 } else { 1 };
        at = record.end;
        row += 1;
    }
    tally.records = u64::from(row);
    tally.malformed = malformed.len() as u64;
    tally.line_ends(ends);
    let columns = wanted.finish();
    (Rows::ready(row as usize, columns, malformed, Some(lines)), tally)
}

/// Splits a block as [`split`] does, and looks neither for faults nor for lines.
pub(super) fn split_alone(mut block: Block, shape: &Shape, columns: &[usize]) -> (Rows, Tally) {
    let text = decoded(&block.text, &mut block.stray_quotes, &mut block.replaced);
    let bytes = text.as_bytes();
    let splitter = Splitter { bytes, dialect: shape.dialect, stray_quotes: &block.stray_quotes };
    let mut wanted = Wanted::new(&text, shape, columns);
    let most = wanted.slots.len();
    let (mut at, mut rows) = (0, 0);
    while at < bytes.len() {
        if let Some(length) = splitter.empty_line(at) {
            at += length;
            continue;
        }
        let record = splitter.record(at, most, |position, cell| wanted.take(position, cell));
        wanted.end_record(record.cells);
        at = record.end;
        rows += 1;
    }
    (Rows::ready(rows, wanted.finish(), Vec::new(), None), Tally::of_rows(rows, None))
}

/// A line or record of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stretch {
    /// Where it ends, with the line end.
    pub(super) end: usize,
    /// Where its cells end; `None` for an empty line.
    pub(super) content: Option<usize>,
    /// How many cells it has.
    pub(super) cells: usize,
}

/// Calls `visit` with each record and each empty line of a block in order, until it fails.
pub(super) fn stretches<E>(
    block: &Block,
    dialect: Dialect,
    mut visit: impl FnMut(Stretch) -> Result<(), E>,
) -> Result<(), E> {
    let bytes = block.text.as_slice();
    let splitter = Splitter { bytes, dialect, stray_quotes: &block.stray_quotes };
    let mut at = 0;
    while at < bytes.len() {
        let stretch = if let Some(length) = splitter.empty_line(at) {
            Stretch { end: at + length, content: None, cells: 0 }
        } else {
            let Record { end, cells, .. } = splitter.record(at, usize::MAX, |_, _| {});
            Stretch { end, content: Some(at + content(&bytes[at..end], dialect.terminator)), cells }
        };
        at = stretch.end;
        visit(stretch)?;
    }
    Ok(())
}

/// Where the cells of a record end, before its line end.
fn content(record: &[u8], terminator: u8) -> usize {
    let cells = record.strip_suffix(&[terminator]).unwrap_or(record);
    cells.strip_suffix(b"\r").unwrap_or(cells).len()
}

/// A stretch of the text of a batch, which is far shorter than 4 GiB.
#[inline]
fn span(start: usize, end: usize) -> (u32, u32) {
    match (u32::try_from(start), u32::try_from(end)) {
        (Ok(start), Ok(end)) => (start, end),
        _ => TextColumn::ABSENT,
    }
}

/// What is wrong with one record, and on which line.
struct Found {
    line: u64,
    undecodable: Option<u64>,
    bad_quote: Option<u64>,
    nul: Option<u64>,
    cut_off: bool,
}

impl Found {
    /// Counts each fault of the record; `true` where it has one. With a width of 0, any number of cells is right.
    #[inline]
    fn count(&self, record: &Record, shape: &Shape, tally: &mut Tally) -> bool {
        let ragged = shape.width != 0 && record.cells != shape.width;
        if !ragged
            && !record.oversized
            && !self.cut_off
            && self.undecodable.is_none()
            && self.bad_quote.is_none()
            && self.nul.is_none()
        {
            return false;
        }
        if ragged {
            let kind = if record.cells < shape.width { FaultKind::MissingCells } else { FaultKind::ExtraCells };
            tally.fault(self.line, kind, || {
                let cells = if record.cells == 1 { "1 cell".to_owned() } else { format!("{} cells", record.cells) };
                let place = if shape.header { "where the header has" } else { "where there should be" };
                format!("{cells} {place} {}", shape.width)
            });
        }
        if let Some(line) = self.bad_quote {
            tally.fault(line, FaultKind::BadQuote, || "a quote never closes, or text follows a closing one".to_owned());
        }
        if let Some(line) = self.undecodable {
            tally.fault(line, FaultKind::Undecodable, || match shape.encoding {
                "UTF-8" => "bytes are not UTF-8; where the file is in another encoding, declare it, such as \
                            `encoding: windows-1252` or `encoding: windows-1258`"
                    .to_owned(),
                name => format!("bytes are not {name}"),
            });
        }
        if self.cut_off {
            tally.fault(self.line, FaultKind::CutOff, || "the file ends inside the record".to_owned());
        }
        if record.oversized {
            tally
                .fault(self.line, FaultKind::OversizedCell, || format!("a cell is longer than {} MiB", MAX_CELL >> 20));
        }
        if let Some(line) = self.nul {
            tally.fault(line, FaultKind::NulByte, || "a NUL byte in the record".to_owned());
        }
        true
    }
}

/// The first record of a block as text, for the header: its cells, where it ends, and its faults.
#[derive(Debug, Default)]
pub(super) struct FirstRecord {
    /// The cells; one that is too long is empty.
    pub(super) cells: Vec<String>,
    /// The length of the text up to its end in bytes of the block.
    pub(super) end: usize,
    /// The line on which it starts.
    pub(super) line: u64,
    /// The lines that end before `end`.
    pub(super) lines: u64,
    /// What is wrong with it.
    pub(super) tally: Tally,
}

/// Splits off the first record; `None` where all lines are empty.
pub(super) fn first_record(block: &Block, shape: &Shape) -> Option<FirstRecord> {
    // Bytes and not repaired text: what counts is where the record ends in the file.
    let bytes = block.text.as_slice();
    let splitter = Splitter { bytes, dialect: shape.dialect, stray_quotes: &block.stray_quotes };
    let mut at = 0;
    let mut line = block.first_line;
    while let Some(length) = splitter.empty_line(at) {
        at += length;
        line += 1;
    }
    if at >= bytes.len() {
        return None;
    }
    let mut cells = Vec::new();
    let quote = shape.dialect.quote.unwrap_or_default();
    let lossy = |(start, end): (usize, usize)| String::from_utf8_lossy(&bytes[start..end]).into_owned();
    let record = splitter.record(at, usize::MAX, |_, cell| {
        cells.push(match cell {
            None => String::new(),
            Some(Cell::Plain(start, end)) => lossy((start, end)),
            Some(Cell::Mixed { inner, rest }) => {
                let mut text = String::new();
                unescape(&lossy(inner), &lossy(rest), quote, &mut text);
                text
            }
        });
    });
    let raw = &bytes[at..record.end];
    let undecodable = match str::from_utf8(raw) {
        Ok(_) => block.replaced.first().copied().filter(|place| *place < record.end),
        Err(error) => Some(at + error.valid_up_to()),
    };
    let terminator = shape.dialect.terminator;
    let line_of = |place: usize| line + memchr_iter(terminator, &bytes[at..place]).count() as u64;
    let found = Found {
        line,
        undecodable: undecodable.map(line_of),
        bad_quote: record.bad_quote.map(line_of),
        nul: memchr(0, raw).map(|offset| line_of(at + offset)),
        cut_off: record.cut_quote,
    };
    let mut tally = Tally::default();
    found.count(&record, shape, &mut tally);
    if let Some(crlf) = splitter.line_end(record.end) {
        let mut ends = LineEnds::default();
        ends.count(line, crlf);
        tally.line_ends(ends);
    }
    let lines = line - block.first_line + memchr_iter(terminator, raw).count() as u64;
    Some(FirstRecord { cells, end: record.end, line, lines, tally })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::source::batch::Held;

    /// The cells of a block, column by column.
    fn cells(rows: Rows) -> Vec<Vec<Option<String>>> {
        let count = rows.parts.iter().map(std::ops::Range::len).sum();
        let column = |held: Held| match held {
            Held::Ready(Column::Text(text)) => (0..count).map(|row| text.get(row).map(str::to_owned)).collect(),
            _ => Vec::new(),
        };
        rows.columns.into_iter().map(column).collect()
    }

    proptest! {
        #[test]
        fn cells_alone_are_the_same_cells(
            text in prop::collection::vec(prop::sample::select(&b"ab,,,;\"\n\n\r\xff"[..]), 0..80),
            quote: bool,
            columns in prop::sample::subsequence(vec![0_usize, 1, 2, 4], 0..=4).prop_shuffle(),
        ) {
            let dialect = Dialect { delimiter: b',', quote: quote.then_some(b'"'), terminator: b'\n' };
            let shape = Shape { dialect, width: 3, header: true, encoding: "UTF-8" };
            let block = || Block {
                text: text.clone(),
                first_line: 1,
                stray_quotes: Vec::new(),
                replaced: Vec::new(),
                dropped: Vec::new(),
                unterminated: !text.ends_with(b"\n"),
            };
            let (rows, tally) = split(block(), &shape, &columns);
            let (alone, counted) = split_alone(block(), &shape, &columns);
            prop_assert_eq!(counted.records, tally.records);
            prop_assert_eq!(cells(alone), cells(rows));
        }
    }
}
