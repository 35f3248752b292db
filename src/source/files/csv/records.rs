//! Cutting text of a flexible dialect into blocks: record by record, since there is no shorter way to see where one ends.
//!
//! What lies behind the data is left out here: records of a footer are held back until the file ends, and from the record
//! on that ends the data they are only counted. A text that ends the data may come by accident, and all records behind it would
//! be lost. So they are looked at: a footer has few lines that are filled like the data.

use std::collections::VecDeque;
use std::sync::Arc;

use super::block::{Block, FullBelow};
use super::cells::Shape;
use super::dialect::{DataEnd, Dialect, Rules};
use super::flexible::Flexible;
use super::framing::too_long;
use super::oversized::{Closer, MARGIN};
use super::record::{Cell, Record, Splits};
use super::window::Window;
use crate::model::nfc;
use crate::source::error::Problem;

/// So many records behind the data look like data only together.
const LIKE_DATA: u64 = 3;

/// Cuts a file into blocks.
pub(super) struct RecordFramer {
    window: Window,
    dialect: Dialect,
    rules: Arc<Rules>,
    /// The columns of the file; 0 where they are not known yet.
    width: usize,
    block: usize,
    /// Which cells of the data have text.
    usual: Usual,
    /// Which cells of the record that is read have text.
    filled: Vec<bool>,
    /// The longest record in bytes.
    longest: usize,
    /// Everything before was split into records.
    parsed: usize,
    /// Where the last records start, as many as may be the footer.
    held: VecDeque<usize>,
    state: State,
}

/// How far a file was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Inside of its data.
    Data,
    /// Behind its data.
    Below(Below),
    /// To its end.
    Ended,
}

/// What was found behind the data.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Below {
    /// Its records, with the one that ends the data.
    records: u64,
    /// The line of the one that ends the data.
    end: u64,
    /// Whether the record that ends the data only begins with the text that does.
    is_longer: bool,
    /// Those behind it that are filled like the data, and the line of the first.
    alike: (u64, u64),
    /// Those that have text in several columns, or in the only one, and the line of the first.
    several: (u64, u64),
    /// Whether one behind a record like the data has that text and no more: then the first one was not the end.
    has_real_end: bool,
}

/// How the records of the data are filled.
#[derive(Debug, Default)]
struct Usual {
    /// The records.
    records: u64,
    /// Their cells with text.
    cells: u64,
    /// Those of each column.
    columns: Vec<u64>,
}

impl Usual {
    /// Adds a record of the data.
    fn add(&mut self, filled: &[bool]) {
        self.records += 1;
        if self.columns.len() < filled.len() {
            self.columns.resize(filled.len(), 0);
        }
        for (count, filled) in self.columns.iter_mut().zip(filled) {
            *count += u64::from(*filled);
            self.cells += u64::from(*filled);
        }
    }

    /// Whether a record has text in every column in which at least half of the data has, and in as many columns as the data
    /// on average. The line of a sum has less, and that of a note has one cell.
    fn is_like(&self, filled: &[bool]) -> bool {
        let cells = filled.iter().filter(|filled| **filled).count() as u64;
        let has = |at: usize| filled.get(at).is_some_and(|filled| *filled);
        self.records > 0
            && cells > 1
            && cells * self.records >= self.cells.saturating_sub(self.records / 2)
            && self.columns.iter().enumerate().all(|(at, count)| 2 * count < self.records || has(at))
    }
}

impl Below {
    /// Adds a record with text in these cells; `line` counts the lines before it.
    fn add(&mut self, line: impl Fn() -> u64, filled: &[bool], end: Option<End>, usual: &Usual, width: usize) {
        self.records += 1;
        if self.records == 1 {
            self.end = line();
            self.is_longer = end == Some(End::Longer);
            return;
        }
        self.has_real_end |= self.is_longer && self.alike.0 > 0 && end == Some(End::Exact);
        let cells = filled.iter().filter(|filled| **filled).count();
        let is_full = width > 1 && cells >= width;
        let is_alike = end.is_none() && (is_full || usual.is_like(filled));
        for (counted, is_counted) in [(&mut self.alike, is_alike), (&mut self.several, cells >= width.clamp(1, 2))] {
            if is_counted {
                if counted.0 == 0 {
                    counted.1 = line();
                }
                counted.0 += 1;
            }
        }
    }

    /// The records that look like data: three that are filled like it, one before another record with the text that ends the
    /// data, or three that have text in several columns and are more than all records of the data.
    fn like_data(&self, width: usize, data: u64) -> Option<FullBelow> {
        let is_alike = self.alike.0 >= LIKE_DATA || self.has_real_end;
        let is_most = width > 0 && self.several.0 >= LIKE_DATA && self.several.0 > data;
        let (records, first) = if is_most { self.several } else { self.alike };
        (is_alike || is_most).then_some(FullBelow { end: self.end, first, records })
    }
}

/// How a record begins with the text that ends the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// Its first cell with text has nothing else.
    Exact,
    /// The cell goes on.
    Longer,
    /// It does not begin with it.
    Other,
}

/// What was found in the window.
enum Step {
    /// A record or line, up to here.
    Whole { end: usize, is_record: bool, ends_data: Option<End> },
    /// More text is needed, and this quote closes nowhere in it.
    More { open: Option<usize> },
}

impl RecordFramer {
    /// Cuts blocks of about `block` bytes out of records of up to `longest` bytes.
    pub(super) fn new(window: Window, shape: &Shape, rules: Arc<Rules>, block: usize, longest: usize) -> Self {
        Self {
            window,
            dialect: shape.dialect,
            rules,
            width: shape.width,
            block: block.max(1),
            usual: Usual::default(),
            filled: Vec::new(),
            longest,
            parsed: 0,
            held: VecDeque::new(),
            state: State::Data,
        }
    }

    /// Leaves out the first `bytes` of the text, which are whole lines, `lines` of them.
    pub(super) fn skip(&mut self, bytes: usize, lines: u64) -> Result<(), Problem> {
        self.window.skip(bytes, lines)
    }

    /// Stored bytes read so far.
    pub(super) fn stored(&self) -> u64 {
        self.window.stored()
    }

    /// The next block.
    pub(super) fn next(&mut self) -> Result<Option<Block>, Problem> {
        let mut want = self.block;
        while self.state != State::Ended {
            self.window.fill(want)?;
            let is_data = self.state == State::Data;
            let open = self.parse();
            if is_data && self.state != State::Data {
                if self.parsed > 0 {
                    return Ok(Some(self.cut(self.parsed)));
                }
                continue;
            }
            let length = self.window.buffer.len();
            let ended = self.window.ended();
            if let Some(open) = open
                && (ended || length - open > self.dialect.longest + MARGIN)
            {
                self.pass_over(open, ended)?;
                want = self.window.buffer.len();
                continue;
            }
            if let State::Below(_) = self.state {
                self.window.line += self.window.lines(self.parsed, self.dialect.terminator);
                self.window.leave_out(self.parsed);
                self.parsed = 0;
            }
            if ended {
                return Ok(self.last());
            }
            let boundary = self.boundary();
            if boundary > 0 && self.state == State::Data {
                return Ok(Some(self.cut(boundary)));
            }
            let unparsed = self.window.buffer.len() - self.parsed;
            if unparsed > self.longest || self.window.buffer.len() > self.longest.saturating_mul(2) {
                let line = self.window.line;
                return Err(too_long(&format!("a record behind line {line}, or the footer,"), self.longest));
            }
            want = self.window.buffer.len() + self.block.max(unparsed);
        }
        Ok(None)
    }

    /// The last block of the data and what is known at the end of the file.
    fn last(&mut self) -> Option<Block> {
        let (end, below) = match self.state {
            State::Below(below) => (0, below.records),
            _ if matches!(self.rules.end, DataEnd::Footer(_)) => {
                (self.held.front().copied().unwrap_or(self.parsed), self.held.len() as u64)
            }
            _ => (self.window.buffer.len(), 0),
        };
        let lacks_end = self.state == State::Data && matches!(self.rules.end, DataEnd::Until(_));
        let full_below = match self.state {
            State::Below(found) => found.like_data(self.width, self.usual.records),
            State::Data | State::Ended => None,
        };
        self.state = State::Ended;
        (end > 0 || below > 0 || lacks_end).then(|| {
            let mut block = self.cut(end);
            block.below = below;
            block.full_below = full_below;
            block.lacks_end = lacks_end;
            block
        })
    }

    /// Where the data that is known to be data ends.
    fn boundary(&self) -> usize {
        match self.rules.end {
            DataEnd::Footer(rows) if self.held.len() < rows => 0,
            DataEnd::Footer(_) => self.held.front().copied().unwrap_or(self.parsed),
            _ => self.parsed,
        }
    }

    fn cut(&mut self, end: usize) -> Block {
        let block = self.window.cut(end, self.block, self.dialect.terminator);
        self.parsed = self.parsed.saturating_sub(end);
        self.held.iter_mut().for_each(|start| *start = start.saturating_sub(end));
        block
    }

    /// Splits what is in the window into records, up to the last whole one, or up to the record that ends the data. Gives a
    /// quote behind it that nothing closes in the window.
    fn parse(&mut self) -> Option<usize> {
        while self.parsed < self.window.buffer.len() {
            let mut filled = std::mem::take(&mut self.filled);
            filled.clear();
            let step = self.step(&mut filled);
            self.filled = filled;
            match step {
                Step::More { open } => return open,
                Step::Whole { end, is_record, ends_data } => {
                    if let State::Below(found) = &mut self.state {
                        if is_record {
                            let line = || self.window.line + self.window.lines(self.parsed, self.dialect.terminator);
                            found.add(line, &self.filled, ends_data, &self.usual, self.width);
                        }
                    } else if ends_data.is_some() {
                        // This record is met again as the first one that is not data.
                        self.state = State::Below(Below::default());
                        return None;
                    } else if is_record {
                        self.usual.add(&self.filled);
                        if let DataEnd::Footer(rows) = self.rules.end {
                            self.held.push_back(self.parsed);
                            if self.held.len() > rows {
                                self.held.pop_front();
                            }
                        }
                    }
                    self.parsed = end;
                }
            }
        }
        None
    }

    /// The next record or line. Enters which cells of a record have text, where that shows what is data.
    fn step(&self, filled: &mut Vec<bool>) -> Step {
        let bytes = self.window.buffer.as_slice();
        let at = self.parsed;
        let is_whole = |end: usize| end < bytes.len() || bytes.last() == Some(&self.dialect.terminator);
        let splitter =
            Flexible { bytes, dialect: self.dialect, rules: &self.rules, stray_quotes: &self.window.stray_quotes };
        if let Some(none) = splitter.no_record(at) {
            let end = at + none.length;
            let is_enough = self.window.ended() || is_whole(end);
            return if is_enough {
                Step::Whole { end, is_record: false, ends_data: None }
            } else {
                Step::More { open: None }
            };
        }
        let mut ends_data = None;
        let record = splitter.record(at, usize::MAX, |_, cell| {
            if let DataEnd::Until(text) = &self.rules.end {
                filled.push(has_text(bytes, cell));
                if ends_data.is_none() {
                    ends_data = begins_with(&splitter, cell, text);
                }
            }
        });
        let Record { end, stop, open, .. } = record;
        if open.is_some() || stop == end && !self.window.ended() {
            return Step::More { open };
        }
        Step::Whole { end, is_record: true, ends_data: ends_data.filter(|end| *end != End::Other) }
    }

    /// Passes over a quote that closes nowhere in the window.
    fn pass_over(&mut self, open: usize, ended: bool) -> Result<(), Problem> {
        let Dialect { quote, terminator, longest, .. } = self.dialect;
        let closer = Closer::new(quote.unwrap_or_default(), self.rules.escape);
        if ended || self.window.pass_over(open, closer, longest, terminator)?.is_none() {
            self.window.stray_quotes.push(open);
        }
        Ok(())
    }
}

/// Whether a cell has text.
fn has_text(bytes: &[u8], cell: Option<Cell>) -> bool {
    match cell {
        Some(Cell::Plain(start, end)) => !bytes[start..end].trim_ascii().is_empty(),
        // What is too long or has escapes or quotes is not empty.
        Some(Cell::Mixed { .. }) | None => true,
    }
}

/// Whether and how a cell begins with that text; `None` where it has no text at all.
fn begins_with(splitter: &Flexible<'_>, cell: Option<Cell>, text: &str) -> Option<End> {
    let lossy = |(start, end): (usize, usize)| String::from_utf8_lossy(&splitter.bytes()[start..end]).into_owned();
    let mut found = String::new();
    match cell? {
        Cell::Plain(start, end) => found = lossy((start, end)),
        Cell::Mixed { inner, rest } => splitter.read_as(&lossy(inner), &lossy(rest), &mut found),
    }
    let found = found.trim();
    (!found.is_empty()).then(|| {
        let (found, text) = (nfc(found), nfc(text.trim()));
        match found.strip_prefix(&*text) {
            None => End::Other,
            Some(rest) if rest.chars().any(char::is_alphanumeric) => End::Longer,
            Some(_) => End::Exact,
        }
    })
}
