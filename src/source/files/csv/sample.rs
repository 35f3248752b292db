//! Blocks of a sample: where records start in the middle of a file.
//!
//! A place in the middle of a file is either inside of quotes or outside, and only the text after it can show which. So
//! text is read from there under both assumptions, until both find the end of a record at the same place. From then on
//! they agree, and a record starts there whichever was right. That leaves out the records in between, so it would draw
//! records with quotes too rarely. But a quote that closes a cell ends it: if text follows the first quote, no quote was open,
//! and the next line is a record. Where no quote follows, the assumptions never agree. Then the place is outside of quotes if
//! the lines have as many cells as the header, for longer than any sound cell without a quote. What stays in doubt is not
//! guessed: the dataset is read in full.

use std::ops::Range;

use encoding_rs::UTF_8;
use memchr::{memchr, memchr_iter};

use super::block::Block;
use super::cells::split;
use super::dialect::Dialect;
use super::file::CsvFile;
use super::framing::{longest_record, too_long};
use super::oversized::{Closer, MARGIN, Passed, pass_over};
use crate::source::error::Problem;
use crate::source::faults::Tally;
use crate::source::files::compressed::Packing;
use crate::source::files::reader::DataReader;
use crate::source::files::text::decode_apart;
use crate::source::layout::{Layout, Picks};
use crate::source::table::{Unit, Units};

/// Bytes that are looked at first to find the start of a record, and the most.
const WINDOW: Range<usize> = 16 << 10..1 << 20;

/// Bytes without a quote after which the number of cells shows whether a place is inside of quotes.
const TRUSTED: usize = WINDOW.start;

/// Bytes before a place that are looked at, so that it is not taken between two quotes.
const BEFORE: usize = 64;

/// Bytes read beyond the end of a block at a time, to find the end of its last record.
const BEYOND: usize = 8 << 10;

/// Whether blocks can be read by themselves.
pub(super) fn layout(file: &CsvFile) -> Layout {
    if file.shape.rules.is_some() {
        return Layout::Stream("in this dialect it can be known only from the start where records are");
    }
    if file.data.packing != Packing::Plain {
        return Layout::Stream("compressed data can be decompressed only from the start");
    }
    if file.encoding != UTF_8 && !file.encoding.is_single_byte() {
        return Layout::Stream(
            "in this encoding it cannot be known from the middle of a file where a character starts",
        );
    }
    match file.data_start() {
        Ok(Some(start)) => Layout::Bytes(start..file.data.bytes.max(start)),
        _ => Layout::Stream("its first bytes cannot be read"),
    }
}

/// Moves the start of each range to that of a record.
pub(super) fn align(file: &CsvFile, mut ranges: Vec<Range<u64>>) -> Result<Vec<Range<u64>>, Problem> {
    let mut handle = file.data.open()?;
    let first = file.data_start()?.unwrap_or_default();
    for range in ranges.iter_mut().filter(|range| range.start > first) {
        let from = range.start.saturating_sub(BEFORE as u64).max(first);
        let mut size = WINDOW.start + BEFORE;
        range.start = loop {
            let window = read_at(&mut handle, from, size)?;
            let ended = window.len() < size;
            let wanted = usize::try_from(range.start - from).unwrap_or(window.len());
            if let Some(start) = start_of_record(&window, wanted, from == first, ended, file) {
                break from + start as u64;
            }
            if size >= WINDOW.end {
                return Err(Problem::beyond_limit(
                    "a cell in quotes may be so long that it cannot be known where records start",
                ));
            }
            size *= 4;
        };
    }
    Ok(ranges)
}

/// Reads up to `count` bytes from a place; fewer only at the end of the file.
fn read_at(file: &mut DataReader, start: u64, count: usize) -> Result<Vec<u8>, Problem> {
    file.read_range(start, count).map_err(|_| Problem::inaccessible("cannot be read"))
}

/// Where a place can lie in a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// At the start of a cell.
    Start,
    /// In a cell without quotes, or behind those that closed.
    Plain,
    /// Inside of quotes.
    Quoted,
    /// Behind a quote that closes, or is the first of two.
    Closing,
}

impl State {
    /// The state behind the next byte.
    const fn next(self, byte: u8, quote: u8, dialect: Dialect) -> Self {
        match self {
            Self::Quoted if byte == quote => Self::Closing,
            Self::Quoted => Self::Quoted,
            Self::Closing | Self::Start if byte == quote => Self::Quoted,
            _ if byte == dialect.delimiter || byte == dialect.terminator => Self::Start,
            _ => Self::Plain,
        }
    }
}

/// The first place from `wanted` on at which a record starts, in text that starts in the middle of a file (or at a
/// record, where `known`). `None`: the text does not show it.
fn start_of_record(text: &[u8], wanted: usize, known: bool, ended: bool, file: &CsvFile) -> Option<usize> {
    let dialect = file.shape.dialect;
    let terminator = dialect.terminator;
    // Any line end may be that of a record, the one just before the place too.
    let from = wanted.saturating_sub(1);
    let next_line = || memchr(terminator, text.get(from..)?).map(|end| from + end + 1);
    let Some(quote) = dialect.quote else {
        return next_line().or(ended.then_some(text.len()));
    };
    // Not between two quotes.
    let begin = if known {
        0
    } else {
        let before = text.get(..from).unwrap_or_default();
        before.iter().rposition(|byte| *byte != quote).map_or(from, |last| last + 1)
    };
    let rest = text.get(begin..)?;
    if !known && memchr(quote, rest).is_none() {
        // Nothing closes what may be open. At the end of the file that is a quote that never closes, which is none.
        // Lines of one column all have one cell, whatever they are.
        let trusted = ended || file.shape.width > 1 && rest.len() >= TRUSTED;
        return (trusted && (ended || has_width(rest, file))).then(next_line).flatten().or(ended.then_some(text.len()));
    }
    let behind = begin.checked_sub(1).map_or(terminator, |last| text[last]);
    let outside = if behind == dialect.delimiter || behind == terminator { State::Start } else { State::Plain };
    let mut states = match (known, opens_or_is_text(rest, quote, dialect)) {
        (true, _) => [State::Start; 2],
        (false, true) => [outside; 2],
        (false, false) => [outside, State::Quoted],
    };
    for (at, byte) in rest.iter().enumerate() {
        states = states.map(|state| state.next(*byte, quote, dialect));
        let end = begin + at + 1;
        if *byte == terminator && end >= wanted && states == [State::Start; 2] {
            return Some(end);
        }
    }
    ended.then_some(text.len())
}

/// Whether the first quote of a text closes no cell, since text follows it.
fn opens_or_is_text(text: &[u8], quote: u8, dialect: Dialect) -> bool {
    let ends_cell =
        |byte: u8| byte == dialect.delimiter || byte == dialect.terminator || byte == b'\r' || byte == quote;
    let behind = memchr(quote, text).and_then(|first| text.get(first + 1));
    behind.is_some_and(|byte| !ends_cell(*byte))
}

/// Whether nine in ten whole lines have as many cells as the header.
fn has_width(text: &[u8], file: &CsvFile) -> bool {
    let dialect = file.shape.dialect;
    let mut ends = memchr_iter(dialect.terminator, text);
    let Some(mut start) = ends.next() else { return false };
    let (mut lines, mut fitting) = (0_usize, 0);
    for end in ends {
        let cells = memchr_iter(dialect.delimiter, &text[start..end]).count() + 1;
        lines += 1;
        fitting += usize::from(cells == file.shape.width);
        start = end;
    }
    lines > 0 && fitting * 10 >= lines * 9
}

/// The blocks that were drawn.
pub(super) fn units<'a>(file: &'a CsvFile, columns: &'a [usize], picks: &'a Picks) -> Box<dyn Units<'a> + 'a> {
    let ranges = if let Picks::Bytes(ranges) = picks { ranges.as_slice() } else { &[] };
    Box::new(SampledBlocks { file, columns, ranges: ranges.iter() })
}

/// The blocks of a file that were drawn.
struct SampledBlocks<'a> {
    file: &'a CsvFile,
    columns: &'a [usize],
    ranges: std::slice::Iter<'a, Range<u64>>,
}

impl<'a> Units<'a> for SampledBlocks<'a> {
    fn next(&mut self) -> Result<Option<Unit<'a>>, Problem> {
        let (file, columns) = (self.file, self.columns);
        let Some(range) = self.ranges.find(|range| range.start < range.end) else { return Ok(None) };
        Ok(Some(Unit {
            bytes: range.end - range.start,
            parts: 1,
            read: Box::new(move |emit| {
                let (mut rows, _) = split(read_block(file, range)?, &file.shape, columns);
                // Which lines these are, nobody has counted.
                rows.lines = None;
                let tally = Tally::of_rows(rows.parts.iter().map(Range::len).sum(), None);
                emit(rows);
                Ok(tally)
            }),
        }))
    }
}

/// The records that start in a range, which starts with one.
fn read_block(file: &CsvFile, range: &Range<u64>) -> Result<Block, Problem> {
    let dialect = file.shape.dialect;
    let longest = longest_record(file.data.memory, dialect.longest);
    let too_long = || too_long(&format!("a record behind byte {}", range.start), longest);
    let mut handle = file.data.open()?;
    let least = usize::try_from(range.end - range.start).map_err(|_| too_long())?;
    let mut size = least + BEYOND;
    let (mut bytes, mut stray) = (Vec::new(), Vec::new());
    // Where the file goes on behind the bytes, and how far the range reaches in them.
    let (mut place, mut least) = (range.start, least);
    let end = loop {
        let ended = bytes.len() < size && {
            let more = read_at(&mut handle, place, size - bytes.len())?;
            place += more.len() as u64;
            bytes.extend_from_slice(&more);
            bytes.len() < size
        };
        match end_of_record(&bytes, least, ended, &stray, dialect) {
            End::At(end) => break end,
            End::Open(open) if ended => stray.push(open),
            End::Open(open) if bytes.len() - open > dialect.longest + MARGIN => {
                let closer = Closer::new(dialect.quote.unwrap_or_default(), None);
                let bounds = (dialect.longest, dialect.terminator);
                let mut at = place;
                let passed = pass_over(&mut bytes, open, closer, bounds, |piece| {
                    *piece = read_at(&mut handle, at, BEYOND)?;
                    at += piece.len() as u64;
                    Ok(!piece.is_empty())
                })?;
                match passed {
                    Passed::Never => stray.push(open),
                    Passed::Closes { dropped, .. } => {
                        place = at;
                        least = if least <= dropped.place {
                            least
                        } else {
                            least.saturating_sub(dropped.bytes).max(dropped.place)
                        };
                        size = size.max(bytes.len());
                    }
                }
            }
            End::Open(_) | End::Beyond if ended => break bytes.len(),
            End::Open(_) | End::Beyond if bytes.len().saturating_sub(least) > longest => return Err(too_long()),
            End::Open(_) | End::Beyond => size = bytes.len() + bytes.len().saturating_sub(least).max(BEYOND),
        }
    };
    bytes.truncate(end);
    let unterminated = bytes.last().is_some_and(|byte| *byte != file.shape.dialect.terminator);
    let mut block = Block { stray_quotes: stray, unterminated, ..Block::of(bytes) };
    if file.encoding != UTF_8 {
        let stored = std::mem::take(&mut block.text);
        for place in &mut block.stray_quotes {
            *place = decode_apart(file.encoding, &stored[..*place], &mut Vec::new()).len();
        }
        block.text = decode_apart(file.encoding, &stored, &mut block.replaced);
    }
    Ok(block)
}

/// Where the records of a block end.
enum End {
    /// Behind this many bytes.
    At(usize),
    /// Behind what was read, where the quote at this place closes.
    Open(usize),
    /// Behind what was read.
    Beyond,
}

/// The end of the first record that ends at `least` or behind, in text that starts with a record. Quotes at the places
/// of `stray` are characters like others.
fn end_of_record(text: &[u8], least: usize, ended: bool, stray: &[usize], dialect: Dialect) -> End {
    let Dialect { delimiter, quote, terminator, .. } = dialect;
    let line_end = |from: usize, to: usize| {
        let from = from.max(least.saturating_sub(1));
        let end = memchr(terminator, text.get(from..to)?)?;
        Some(from + end + 1)
    };
    // Everything from `plain` to `at` lies outside of quotes.
    let (mut plain, mut at) = (0, 0);
    let Some(quote) = quote else {
        return line_end(0, text.len()).map_or(End::Beyond, End::At);
    };
    while let Some(open) = text.get(at..).and_then(|rest| memchr(quote, rest)).map(|offset| at + offset) {
        at = open + 1;
        let starts_cell = open.checked_sub(1).is_none_or(|last| text[last] == delimiter || text[last] == terminator);
        if !starts_cell || stray.binary_search(&open).is_ok() {
            continue;
        }
        if let Some(end) = line_end(plain, open) {
            return End::At(end);
        }
        loop {
            match text.get(at..).and_then(|rest| memchr(quote, rest)).map(|offset| at + offset) {
                None => return End::Open(open),
                Some(close) if text.get(close + 1) == Some(&quote) => at = close + 2,
                // The next byte shows whether it is doubled.
                Some(close) if close + 1 == text.len() && !ended => return End::Open(open),
                Some(close) => {
                    at = close + 1;
                    break;
                }
            }
        }
        plain = at;
    }
    line_end(plain, text.len()).map_or(End::Beyond, End::At)
}
