//! Splitting a block of records into cells, and finding what is wrong with each record.

use std::borrow::Cow;
use std::sync::Arc;

use memchr::{memchr, memchr_iter};

use super::block::{Block, FullBelow};
use super::dialect::{DataEnd, Dialect, Rules, Widths};
use super::flexible::Flexible;
use super::many_lines::many_lines;
use super::plain::Splitter;
use super::record::{Cell, Record, Splits};
use crate::model::{FaultKind, nfc};
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
    /// What else makes them, where that is not all.
    pub(super) rules: Option<Arc<Rules>>,
    /// The cells of each record of the header.
    pub(super) names: Vec<Vec<String>>,
    /// Cells of a whole record; 0 while that is not known.
    pub(super) width: usize,
    /// Whether the width comes from a header.
    pub(super) header: bool,
    /// The encoding as people know it.
    pub(super) encoding: &'static str,
}

/// The wanted cells of a block, as stretches of its text and of the text of cells that are not written as they read.
struct Wanted<'t> {
    text: &'t str,
    /// The slot of each position up to the last one that is wanted.
    slots: Vec<usize>,
    spans: Vec<Vec<(u32, u32)>>,
    extra: String,
    /// Whether letters are composed with their marks: legacy encodings such as windows-1258 cannot write them otherwise.
    composes: bool,
}

impl<'t> Wanted<'t> {
    /// No cell yet. `columns` are the positions of the wanted cells, each at most once.
    fn new(text: &'t str, shape: &Shape, columns: &[usize]) -> Self {
        let mut slots = vec![usize::MAX; columns.iter().max().map_or(0, |last| last + 1)];
        for (slot, position) in columns.iter().enumerate() {
            slots[*position] = slot;
        }
        let spans = vec![Vec::with_capacity(Self::rows(text, shape)); columns.len()];
        let composes = !shape.encoding.starts_with("UTF-");
        Self { text, slots, spans, extra: String::new(), composes }
    }

    /// How many rows a text may have, about.
    fn rows(text: &str, shape: &Shape) -> usize {
        text.len() / (shape.width.max(1) * 6) + 1
    }

    /// Takes in a cell; `None` where it is too long.
    #[expect(clippy::inline_always, reason = "a call for each cell costs a tenth of splitting")]
    #[inline(always)]
    fn take<S: Splits>(&mut self, splitter: &S, position: usize, cell: Option<Cell>) {
        let Some(slot) = self.slots.get(position).filter(|slot| **slot != usize::MAX) else { return };
        self.spans[*slot].push(match cell {
            None => TextColumn::ABSENT,
            Some(Cell::Plain(start, end)) => span(start, end),
            Some(Cell::Mixed { inner, rest }) => {
                let start = self.text.len() + self.extra.len();
                let part = |(start, end): (usize, usize)| &self.text[start..end];
                splitter.read_as(part(inner), part(rest), &mut self.extra);
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

    /// Composes the letters of cells with their marks.
    fn compose(&mut self) {
        let before = self.text.len();
        for cell in self.spans.iter_mut().flatten().filter(|cell| **cell != TextColumn::ABSENT) {
            let (start, end) = (cell.0 as usize, cell.1 as usize);
            let written =
                if start < before { &self.text[start..end] } else { &self.extra[start - before..end - before] };
            if let Cow::Owned(composed) = nfc(written) {
                let start = before + self.extra.len();
                self.extra.push_str(&composed);
                *cell = span(start, before + self.extra.len());
            }
        }
    }

    /// The columns in the order in which they were asked for.
    fn finish(mut self) -> Vec<Column> {
        if self.composes {
            self.compose();
        }
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
    if !block.dropped.is_empty() && str::from_utf8(&block.text).is_err() {
        let mut places: Vec<usize> = block.dropped.iter().map(|dropped| dropped.place).collect();
        repair(&block.text, &mut places, &mut Vec::new());
        block.dropped.iter_mut().zip(places).for_each(|(dropped, place)| dropped.place = place);
    }
    let text = decoded(&block.text, &mut block.stray_quotes, &mut replaced);
    let (bytes, dialect, stray_quotes) = (text.as_bytes(), shape.dialect, block.stray_quotes.as_slice());
    let pass = Pass { text: &text, block: &block, replaced: &replaced, shape, columns };
    let (rows, mut tally) = match &shape.rules {
        None => pass.run(&Splitter { bytes, dialect, stray_quotes }),
        Some(rules) => pass.run(&Flexible { bytes, dialect, rules, stray_quotes }),
    };
    tally.left_out.below += block.below;
    if let Some(DataEnd::Until(text)) = shape.rules.as_ref().map(|rules| &rules.end).filter(|_| block.lacks_end) {
        let shown: String = text.chars().take(60).flat_map(char::escape_debug).collect();
        let detail =
            format!("no record begins with `{shown}`, the text of `until`: nothing below the data was left out");
        tally.fault_of_file(FaultKind::NoEnd, detail);
    }
    if let Some(FullBelow { end, first, records }) = block.full_below {
        tally.fault(end, FaultKind::DataBelowEnd, || {
            let found = if records == 1 {
                format!("1 record behind it looks like data, on line {first}")
            } else {
                format!("{records} records behind it look like data, the first on line {first}")
            };
            format!(
                "`until` ends the data on this line, and {found}: write more of the text of the line with the totals"
            )
        });
    }
    (rows, tally)
}

/// A block that is split.
struct Pass<'p> {
    text: &'p str,
    block: &'p Block,
    replaced: &'p [usize],
    shape: &'p Shape,
    columns: &'p [usize],
}

impl Pass<'_> {
    /// Splits the block. Line ends of another kind are so rare that they are looked for only where there must be some.
    fn run<S: Splits>(&self, splitter: &S) -> (Rows, Tally) {
        let (rows, tally, has_others) = self.split(splitter, false);
        if !has_others {
            return (rows, tally);
        }
        let (rows, tally, _) = self.split(splitter, true);
        (rows, tally)
    }

    /// Splits the block; gives as well whether it may have line ends of another kind that were not looked for.
    fn split<S: Splits>(&self, splitter: &S, looks: bool) -> (Rows, Tally, bool) {
        let Self { text, block, shape, columns, .. } = *self;
        let bytes = text.as_bytes();
        let terminator = shape.dialect.terminator;
        let other = if terminator == b'\n' { b'\r' } else { b'\n' };

        let mut wanted = Wanted::new(text, shape, columns);
        let mut lines = Vec::with_capacity(Wanted::rows(text, shape));
        let mut malformed = Vec::new();
        let mut tally = Tally::default();
        let has_nul = memchr(0, bytes).is_some();
        let others = memchr_iter(other, bytes).count();
        // Those that are part of a line end.
        let mut usual = 0;
        let mut ends = LineEnds::default();
        let mut replaced = self.replaced.iter().copied().peekable();
        let mut dropped = block.dropped.iter().peekable();
        let repeated = Repeated::of(shape);
        let (mut at, mut line, mut row) = (0, block.first_line, 0_u32);
        while at < bytes.len() {
            if let Some(none) = splitter.no_record(at) {
                if others > 0 {
                    usual += memchr_iter(other, &bytes[at..at + none.length]).count();
                }
                tally.left_out.comments += u64::from(none.is_comment);
                at += none.length;
                line += 1;
                continue;
            }
            let record = splitter.record(at, usize::MAX, |position, cell| wanted.take(splitter, position, cell));
            wanted.end_record(record.cells);
            lines.push(line);
            let raw = &bytes[at..record.end];
            let undecodable = replaced.peek().copied().filter(|place| *place < record.end);
            while replaced.next_if(|place| *place < record.end).is_some() {}
            let nul = if has_nul { memchr(0, raw).map(|offset| at + offset) } else { None };
            let line_of = |place: usize| {
                let left_out = block.dropped.iter().filter(|dropped| (at..place).contains(&dropped.place));
                let left_out: u64 = left_out.map(|dropped| dropped.lines).sum();
                line + memchr_iter(terminator, &bytes[at..place]).count() as u64 + left_out
            };
            let mut passed = 1;
            if record.quoted {
                let left_out = || block.dropped.iter().filter(|dropped| (at..record.end).contains(&dropped.place));
                passed = memchr_iter(terminator, raw).count() as u64;
                if dropped.peek().is_some_and(|dropped| dropped.place < record.end) {
                    passed += left_out().map(|dropped| dropped.lines).sum::<u64>();
                    while dropped.next_if(|dropped| dropped.place < record.end).is_some() {}
                }
                many_lines(splitter, at, passed, left_out, |place, lines| tally.many_lines(line_of(place), lines));
                if others > 0 {
                    usual += memchr_iter(b'\n', raw).filter(|end| *end > 0 && raw[end - 1] == b'\r').count();
                }
            }
            let found = Found {
                line,
                // A record that the end of the file ends has one line more than line ends.
                last: line + (passed - u64::from(raw.last() == Some(&terminator) && passed > 0)),
                undecodable: undecodable.map(line_of),
                bad_quote: record.bad_quote.map(|(open, close)| (line_of(open), close.map(line_of))),
                nul: nul.map(line_of),
                cut_off: record.cut_quote
                    || (block.unterminated && record.end == bytes.len() && record.cells < shape.width.max(1)),
                other_end: (looks && memchr(other, raw).is_some())
                    .then(|| other_line_end(splitter, at, other))
                    .flatten()
                    .map(line_of),
                repeated: repeated.as_ref().is_some_and(|header| header.is(splitter, text, at, record.end)),
            };
            if found.count(&record, shape, &mut tally) {
                malformed.push(row);
            }
            if let Some(crlf) = line_end(bytes, record.end, terminator) {
                ends.count(line, crlf);
                if !record.quoted {
                    usual += usize::from(crlf);
                }
            } else if raw.last() == Some(&b'\r') && other == b'\r' {
                usual += 1;
            }
            line += passed;
            at = record.end;
            row += 1;
        }
        tally.records = u64::from(row);
        tally.malformed = malformed.len() as u64;
        tally.line_ends(ends);
        let columns = wanted.finish();
        (Rows::ready(row as usize, columns, malformed, Some(lines)), tally, others != usual)
    }
}

/// Whether the line before `end` ends with CRLF or with LF; `None` where it ends otherwise.
#[inline]
fn line_end(bytes: &[u8], end: usize, terminator: u8) -> Option<bool> {
    let line = bytes.get(..end)?.strip_suffix(b"\n")?;
    (terminator == b'\n').then(|| line.last() == Some(&b'\r'))
}

/// The first line end of another kind in the record that starts at `at`, outside of quotes.
fn other_line_end<S: Splits>(splitter: &S, at: usize, other: u8) -> Option<usize> {
    let bytes = splitter.bytes();
    let mut found = None;
    let mut look = |(start, end): (usize, usize)| {
        let is_lone = |place: &usize| {
            // What is escaped is text, and a pair can only be escaped.
            (other != b'\r' || bytes.get(place + 1) != Some(&b'\n')) && !splitter.is_escaped(start, *place)
        };
        if found.is_none() {
            found = memchr_iter(other, &bytes[start..end]).map(|offset| start + offset).find(is_lone);
        }
    };
    let is_quoted = |start: usize| start > at && Some(bytes[start - 1]) == splitter.dialect().quote;
    splitter.record(at, usize::MAX, |_, cell| match cell {
        Some(Cell::Plain(start, end)) if !is_quoted(start) => look((start, end)),
        Some(Cell::Mixed { rest, .. }) => look(rest),
        _ => {}
    });
    found
}

/// Finds records with the same cells as the header.
struct Repeated<'s> {
    /// The cells of each record of the header, and what the first of them begins with however it is written.
    names: Vec<(&'s [u8], &'s [String])>,
    quote: Option<u8>,
    delimiter: u8,
}

impl<'s> Repeated<'s> {
    fn of(shape: &'s Shape) -> Option<Self> {
        let Dialect { quote, delimiter, .. } = shape.dialect;
        let escape = shape.rules.as_ref().and_then(|rules| rules.escape);
        let begin = |names: &'s Vec<String>| {
            let first = names.first().map(|name| name.as_bytes().trim_ascii_start()).unwrap_or_default();
            let special = |byte: &u8| Some(*byte) == quote || Some(*byte) == escape || *byte == delimiter;
            let end = first.iter().position(special).unwrap_or(first.len());
            (&first[..end], names.as_slice())
        };
        let is_named = |names: &Vec<String>| names.iter().any(|name| !name.trim().is_empty());
        let names: Vec<_> = shape.names.iter().map(begin).collect();
        (!names.is_empty() && shape.names.iter().all(is_named)).then_some(Self { names, quote, delimiter })
    }

    /// Whether the record `at..end` is one.
    #[inline]
    fn is<S: Splits>(&self, splitter: &S, text: &str, at: usize, end: usize) -> bool {
        let raw = splitter.bytes()[at..end].trim_ascii_start();
        let quoted = raw.split_first().filter(|(first, _)| Some(**first) == self.quote);
        let inner = quoted.map_or(raw, |(_, inner)| inner.trim_ascii_start());
        self.names.iter().any(|(begin, names)| {
            // Most records begin otherwise.
            let may_be = if begin.is_empty() {
                quoted.is_some()
                    || raw.first().is_none_or(|first| *first == self.delimiter || !first.is_ascii_alphanumeric())
            } else {
                inner.starts_with(begin)
            };
            may_be && has_cells(splitter, text, at, names)
        })
    }
}

/// Whether the record at `at` has these cells and no others.
fn has_cells<S: Splits>(splitter: &S, text: &str, at: usize, names: &[String]) -> bool {
    let mut same = true;
    let mut written = String::new();
    let record = splitter.record(at, usize::MAX, |position, cell| {
        written.clear();
        same = same
            && match cell {
                None => false,
                Some(Cell::Plain(start, end)) => names.get(position).is_some_and(|name| *name == text[start..end]),
                Some(Cell::Mixed { inner, rest }) => {
                    splitter.read_as(&text[inner.0..inner.1], &text[rest.0..rest.1], &mut written);
                    names.get(position) == Some(&written)
                }
            };
    });
    same && record.cells == names.len()
}

/// Splits a block as [`split`] does, and looks neither for faults nor for lines.
pub(super) fn split_alone(mut block: Block, shape: &Shape, columns: &[usize]) -> (Rows, Tally) {
    let text = decoded(&block.text, &mut block.stray_quotes, &mut block.replaced);
    let (bytes, dialect, stray_quotes) = (text.as_bytes(), shape.dialect, block.stray_quotes.as_slice());
    let mut wanted = Wanted::new(&text, shape, columns);
    let rows = match &shape.rules {
        None => take_cells(&Splitter { bytes, dialect, stray_quotes }, &mut wanted),
        Some(rules) => take_cells(&Flexible { bytes, dialect, rules, stray_quotes }, &mut wanted),
    };
    (Rows::ready(rows, wanted.finish(), Vec::new(), None), Tally::of_rows(rows, None))
}

/// Takes the wanted cells of all records; gives the number of records.
fn take_cells<S: Splits>(splitter: &S, wanted: &mut Wanted<'_>) -> usize {
    let most = wanted.slots.len();
    let (mut at, mut rows) = (0, 0);
    while at < splitter.bytes().len() {
        if let Some(none) = splitter.no_record(at) {
            at += none.length;
            continue;
        }
        let record = splitter.record(at, most, |position, cell| wanted.take(splitter, position, cell));
        wanted.end_record(record.cells);
        at = record.end;
        rows += 1;
    }
    rows
}

/// A line or record of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stretch {
    /// Where it ends, with the line end.
    pub(super) end: usize,
    /// Where its cells end; `None` for a line that is no record.
    pub(super) content: Option<usize>,
    /// How many cells it has.
    pub(super) cells: usize,
}

/// Calls `visit` with each record and each line that is none of a block in order, until it fails.
pub(super) fn stretches<E>(block: &Block, shape: &Shape, visit: impl FnMut(Stretch) -> Result<(), E>) -> Result<(), E> {
    let (bytes, dialect, stray_quotes) = (block.text.as_slice(), shape.dialect, block.stray_quotes.as_slice());
    match &shape.rules {
        None => each_stretch(&Splitter { bytes, dialect, stray_quotes }, visit),
        Some(rules) => each_stretch(&Flexible { bytes, dialect, rules, stray_quotes }, visit),
    }
}

fn each_stretch<S: Splits, E>(splitter: &S, mut visit: impl FnMut(Stretch) -> Result<(), E>) -> Result<(), E> {
    let (bytes, terminator) = (splitter.bytes(), splitter.dialect().terminator);
    let mut at = 0;
    while at < bytes.len() {
        let stretch = if let Some(none) = splitter.no_record(at) {
            Stretch { end: at + none.length, content: None, cells: 0 }
        } else {
            let Record { end, cells, .. } = splitter.record(at, usize::MAX, |_, _| {});
            Stretch { end, content: Some(at + content(&bytes[at..end], terminator)), cells }
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
    /// The line on which the record ends.
    last: u64,
    undecodable: Option<u64>,
    /// Where the quote opens, and where it closes if it does.
    bad_quote: Option<(u64, Option<u64>)>,
    nul: Option<u64>,
    cut_off: bool,
    other_end: Option<u64>,
    /// Whether it repeats the header.
    repeated: bool,
}

impl Found {
    /// Counts each fault of the record; `true` where it has one. With a width of 0, any number of cells is right.
    #[inline]
    fn count(&self, record: &Record, shape: &Shape, tally: &mut Tally) -> bool {
        let ragged = shape.width != 0 && record.cells != shape.width;
        if !ragged
            && record.length.is_none()
            && self.other_end.is_none()
            && !self.repeated
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
        if let Some(length) = record.length {
            tally.fault(self.line, FaultKind::LineLength, || {
                let widths = shape.rules.as_ref().and_then(|rules| rules.widths.as_ref());
                let least = if widths.is_some_and(|widths| widths.has_rest) { "at least " } else { "" };
                let sum = widths.map_or(0, Widths::characters);
                let characters = if length == 1 { "character" } else { "characters" };
                format!("{length} {characters} where the widths add up to {least}{sum}")
            });
        }
        if let Some((open, close)) = self.bad_quote {
            tally.fault(open, FaultKind::BadQuote, || match close {
                Some(close) if close > open => format!(
                    "text follows a closing quote: the cell begins on line {open}, and its quote closes on line {close}"
                ),
                _ => "a quote never closes, or text follows a closing one".to_owned(),
            });
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
            tally.fault(self.line, FaultKind::OversizedCell, || {
                let longest = in_words(shape.dialect.longest);
                if self.last > self.line {
                    format!("a cell is longer than {longest}: the record ends on line {}", self.last)
                } else {
                    format!("a cell is longer than {longest}")
                }
            });
        }
        if let Some(line) = self.nul {
            tally.fault(line, FaultKind::NulByte, || "a NUL byte in the record".to_owned());
        }
        if let Some(line) = self.other_end {
            tally.fault(line, FaultKind::OtherLineEnd, || {
                let (other, usual) = if shape.dialect.terminator == b'\n' { ("CR", "LF") } else { ("LF", "CR") };
                format!("{other} inside the record, outside of quotes, where lines end with {usual}")
            });
        }
        if self.repeated {
            tally.fault(self.line, FaultKind::RepeatedHeader, || "the record has the cells of the header".to_owned());
        }
        true
    }
}

/// A number of bytes in words: `16 MiB`.
fn in_words(bytes: usize) -> String {
    match bytes {
        bytes if bytes >= 1 << 20 && bytes % (1 << 20) == 0 => format!("{} MiB", bytes >> 20),
        bytes if bytes >= 1 << 10 && bytes % (1 << 10) == 0 => format!("{} KiB", bytes >> 10),
        bytes => format!("{bytes} bytes"),
    }
}

/// A record of a header as text: its cells, where it ends, and its faults.
#[derive(Debug, Default)]
pub(super) struct HeaderRecord {
    /// The cells; one that is too long is empty.
    pub(super) cells: Vec<String>,
    /// Where it ends in the block.
    pub(super) end: usize,
    /// The line on which it starts.
    pub(super) line: u64,
    /// The line behind it.
    pub(super) next_line: u64,
    /// What is wrong with it.
    pub(super) tally: Tally,
}

/// Splits off the first record from `at` on, which is on that line; `None` where no line is a record.
pub(super) fn header_record(block: &Block, at: usize, line: u64, shape: &Shape) -> Option<HeaderRecord> {
    // Bytes and not repaired text: what counts is where the record ends in the file.
    let (bytes, dialect, stray_quotes) = (block.text.as_slice(), shape.dialect, block.stray_quotes.as_slice());
    match &shape.rules {
        None => first_record(&Splitter { bytes, dialect, stray_quotes }, block, at, line, shape),
        Some(rules) => first_record(&Flexible { bytes, dialect, rules, stray_quotes }, block, at, line, shape),
    }
}

fn first_record<S: Splits>(
    splitter: &S,
    block: &Block,
    mut at: usize,
    mut line: u64,
    shape: &Shape,
) -> Option<HeaderRecord> {
    let bytes = splitter.bytes();
    let mut tally = Tally::default();
    while let Some(none) = splitter.no_record(at) {
        tally.left_out.comments += u64::from(none.is_comment);
        at += none.length;
        line += 1;
    }
    if at >= bytes.len() {
        return None;
    }
    let mut cells = Vec::new();
    let lossy = |(start, end): (usize, usize)| String::from_utf8_lossy(&bytes[start..end]).into_owned();
    let record = splitter.record(at, usize::MAX, |_, cell| {
        cells.push(match cell {
            None => String::new(),
            Some(Cell::Plain(start, end)) => lossy((start, end)),
            Some(Cell::Mixed { inner, rest }) => {
                let mut text = String::new();
                splitter.read_as(&lossy(inner), &lossy(rest), &mut text);
                text
            }
        });
    });
    let raw = &bytes[at..record.end];
    let undecodable = match str::from_utf8(raw) {
        Ok(_) => block.replaced.iter().copied().find(|place| (at..record.end).contains(place)),
        Err(error) => Some(at + error.valid_up_to()),
    };
    let terminator = shape.dialect.terminator;
    let other = if terminator == b'\n' { b'\r' } else { b'\n' };
    let line_of = |place: usize| line + memchr_iter(terminator, &bytes[at..place]).count() as u64;
    let dropped = block.dropped.iter().filter(|dropped| (at..record.end).contains(&dropped.place));
    let next_line = line_of(record.end) + dropped.map(|dropped| dropped.lines).sum::<u64>();
    let found = Found {
        line,
        last: next_line.saturating_sub(1).max(line),
        undecodable: undecodable.map(line_of),
        bad_quote: record.bad_quote.map(|(open, close)| (line_of(open), close.map(line_of))),
        nul: memchr(0, raw).map(|offset| line_of(at + offset)),
        cut_off: record.cut_quote,
        other_end: other_line_end(splitter, at, other).map(line_of),
        repeated: false,
    };
    tally.has_bad_header = found.count(&record, shape, &mut tally);
    if let Some(crlf) = line_end(bytes, record.end, terminator) {
        let mut ends = LineEnds::default();
        ends.count(line, crlf);
        tally.line_ends(ends);
    }
    Some(HeaderRecord { cells, end: record.end, line, next_line, tally })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::source::batch::Held;
    use crate::source::files::csv::block::LONGEST;

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
            let dialect = Dialect { delimiter: b',', quote: quote.then_some(b'"'), terminator: b'\n', longest: LONGEST };
            let shape = Shape { dialect, rules: None, names: Vec::new(), width: 3, header: true, encoding: "UTF-8" };
            let block = || Block { unterminated: !text.ends_with(b"\n"), ..Block::of(text.clone()) };
            let (rows, tally) = split(block(), &shape, &columns);
            let (alone, counted) = split_alone(block(), &shape, &columns);
            prop_assert_eq!(counted.records, tally.records);
            prop_assert_eq!(cells(alone), cells(rows));
        }
    }
}
