//! Cutting delimited text into blocks that end where a record ends.
//!
//! This runs on one worker at a time, so it looks at as few bytes as it can: quotes, and the end of the last line of the
//! block. All workers split blocks into cells.

use memchr::{memchr, memchr_iter, memchr2, memrchr};

use super::dialect::Dialect;
use crate::source::error::Problem;
use crate::source::files::text::TextStream;

/// The longest cell in bytes. A quote that is not closed within as many is no quote.
pub(super) const MAX_CELL: usize = 16 << 20;

/// The longest record in bytes, beyond which the delimiter or the line ends must be wrong.
const MAX_RECORD: usize = 256 << 20;

/// The longest record in bytes in a process that may take so much memory: a record is held several times, as read, as
/// cells and by each worker.
pub(super) fn longest_record(memory: u64) -> usize {
    usize::try_from(memory / 16).unwrap_or(MAX_RECORD).clamp(2 * MAX_CELL, MAX_RECORD)
}

/// What to do about a record that is longer.
pub(super) fn too_long(record: &str, longest: usize) -> Problem {
    let more = if longest < MAX_RECORD { ", or allow more with --memory" } else { "" };
    Problem::BeyondLimit(format!(
        "{record} is longer than {} MiB: check the delimiter and the line ends{more}",
        longest >> 20
    ))
}

/// Whole records, cut out of a file.
#[derive(Debug)]
pub(super) struct Block {
    /// Their text; UTF-8 for certain only where the file was decoded.
    pub(super) text: Vec<u8>,
    /// The line on which the text starts.
    pub(super) first_line: u64,
    /// Quotes at the start of a cell that are never closed, ascending.
    pub(super) stray_quotes: Vec<usize>,
    /// Where decoding put a replacement, ascending.
    pub(super) replaced: Vec<usize>,
    /// Where the rest of a cell that is too long was left out, ascending, and how many bytes.
    pub(super) dropped: Vec<(usize, usize)>,
    /// Whether the file ends here without the end of a line.
    pub(super) unterminated: bool,
}

/// Cuts a file into blocks.
pub(super) struct Framer {
    stream: TextStream,
    dialect: Dialect,
    block: usize,
    /// The longest record in bytes.
    longest: usize,
    /// Text that was read and not yet handed out; starts where a record starts.
    buffer: Vec<u8>,
    replaced: Vec<usize>,
    dropped: Vec<(usize, usize)>,
    stray_quotes: Vec<usize>,
    /// Everything before was looked at.
    scanned: usize,
    /// The quote that opened the cell in which `scanned` lies.
    open: Option<usize>,
    /// The end of the last whole record.
    boundary: Option<usize>,
    line: u64,
}

impl Framer {
    /// Cuts blocks of about `block` bytes out of records of up to `longest` bytes.
    pub(super) fn new(stream: TextStream, dialect: Dialect, block: usize, longest: usize) -> Self {
        Self {
            stream,
            dialect,
            block: block.max(1),
            longest,
            buffer: Vec::new(),
            replaced: Vec::new(),
            dropped: Vec::new(),
            stray_quotes: Vec::new(),
            scanned: 0,
            open: None,
            boundary: None,
            line: 1,
        }
    }

    /// Leaves out the first `bytes` of the text, which are whole lines, `lines` of them.
    pub(super) fn skip(&mut self, bytes: usize, lines: u64) -> Result<(), Problem> {
        self.stream.fill(&mut self.buffer, bytes, &mut self.replaced)?;
        let bytes = bytes.min(self.buffer.len());
        self.buffer.drain(..bytes);
        self.replaced.retain(|place| *place >= bytes);
        self.replaced.iter_mut().for_each(|place| *place -= bytes);
        self.line += lines;
        Ok(())
    }

    /// Stored bytes read so far.
    pub(super) fn stored(&self) -> u64 {
        self.stream.stored()
    }

    /// The next block.
    pub(super) fn next(&mut self) -> Result<Option<Block>, Problem> {
        let mut want = self.block;
        loop {
            self.stream.fill(&mut self.buffer, want, &mut self.replaced)?;
            let ended = self.stream.ended();
            self.advance(ended);
            if ended {
                let rest = self.buffer.len();
                return Ok((rest > 0).then(|| self.cut(rest)));
            }
            if let Some(boundary) = self.boundary {
                return Ok(Some(self.cut(boundary)));
            }
            self.drop_oversized()?;
            if self.buffer.len() > self.longest {
                return Err(too_long(&format!("the record that starts on line {}", self.line), self.longest));
            }
            want = self.buffer.len() + self.block;
        }
    }

    /// Looks at the text that was not yet looked at.
    fn advance(&mut self, ended: bool) {
        let Some(quote) = self.dialect.quote else {
            self.note_boundary(self.buffer.len());
            return;
        };
        let length = self.buffer.len();
        loop {
            let found = memchr(quote, &self.buffer[self.scanned..]).map(|offset| self.scanned + offset);
            match (self.open, found) {
                (None, None) => {
                    self.note_boundary(length);
                    return;
                }
                (None, Some(at)) => {
                    self.note_boundary(at);
                    self.scanned = at + 1;
                    if self.starts_cell(at) {
                        self.open = Some(at);
                    }
                }
                (Some(open), Some(at)) if at - open <= MAX_CELL => match self.buffer.get(at + 1) {
                    Some(next) if *next == quote => self.scanned = at + 2,
                    // The next byte shows whether it is doubled.
                    None if !ended => {
                        self.scanned = at;
                        return;
                    }
                    _ => {
                        self.open = None;
                        self.scanned = at + 1;
                    }
                },
                (Some(open), Some(_)) => self.give_up(open),
                (Some(open), None) if ended || length - open > MAX_CELL => self.give_up(open),
                (Some(_), None) => {
                    self.scanned = length;
                    return;
                }
            }
        }
    }

    /// Takes the quote for an ordinary character and goes back to it. Each byte is passed at most twice: what follows an
    /// unclosed quote holds doubled quotes only, none of which can be the next unclosed one.
    fn give_up(&mut self, open: usize) {
        self.stray_quotes.push(open);
        self.open = None;
        self.scanned = open + 1;
    }

    fn starts_cell(&self, at: usize) -> bool {
        at.checked_sub(1)
            .and_then(|before| self.buffer.get(before))
            .is_none_or(|before| *before == self.dialect.delimiter || *before == self.dialect.terminator)
    }

    /// Finds the last line end from `scanned` to `end`, all of it outside of quotes.
    fn note_boundary(&mut self, end: usize) {
        if let Some(offset) = memrchr(self.dialect.terminator, &self.buffer[self.scanned..end]) {
            self.boundary = Some(self.scanned + offset + 1);
        }
        self.scanned = end;
    }

    /// Drops the rest of a cell that is too long, so that memory stays bounded; what stays is still too long.
    fn drop_oversized(&mut self) -> Result<(), Problem> {
        // Room for the rest of a character.
        let keep = MAX_CELL + 4;
        if self.open.is_some() || self.buffer.len() <= keep {
            return Ok(());
        }
        let start = memrchr(self.dialect.delimiter, &self.buffer).map_or(0, |at| at + 1);
        if self.buffer.len() - start <= keep {
            return Ok(());
        }
        let mut end = start + keep;
        while self.buffer.get(end).is_some_and(|byte| byte & 0xc0 == 0x80) && end > start + MAX_CELL + 1 {
            end -= 1;
        }
        let mut dropped = self.buffer.len() - end;
        self.buffer.truncate(end);
        self.scanned = end;
        self.replaced.retain(|place| *place < end);
        self.stray_quotes.retain(|place| *place < end);
        let mut rest = Vec::new();
        let mut replaced = Vec::new();
        loop {
            self.stream.fill(&mut rest, self.block, &mut replaced)?;
            if let Some(stop) = memchr2(self.dialect.delimiter, self.dialect.terminator, &rest) {
                dropped += stop;
                self.buffer.extend_from_slice(&rest[stop..]);
                let moved = replaced.iter().filter(|place| **place >= stop).map(|place| place - stop + end);
                self.replaced.extend(moved);
                break;
            }
            dropped += rest.len();
            if self.stream.ended() {
                break;
            }
            rest.clear();
            replaced.clear();
        }
        self.dropped.push((end, dropped));
        Ok(())
    }

    /// Hands out the text before `end`.
    fn cut(&mut self, end: usize) -> Block {
        let mut rest = Vec::with_capacity(self.block + self.buffer.len() - end);
        rest.extend_from_slice(&self.buffer[end..]);
        self.buffer.truncate(end);
        let text = std::mem::replace(&mut self.buffer, rest);
        let later = self.dropped.split_off(self.dropped.partition_point(|(place, _)| *place <= end));
        let later = later.into_iter().map(|(place, bytes)| (place - end, bytes)).collect();
        let block = Block {
            dropped: std::mem::replace(&mut self.dropped, later),
            first_line: self.line,
            stray_quotes: take_before(&mut self.stray_quotes, end),
            replaced: take_before(&mut self.replaced, end),
            unterminated: text.last().is_some_and(|byte| *byte != self.dialect.terminator),
            text,
        };
        self.line += memchr_iter(self.dialect.terminator, &block.text).count() as u64;
        self.scanned = self.scanned.saturating_sub(end);
        self.open = self.open.map(|open| open.saturating_sub(end));
        self.boundary = None;
        block
    }
}

/// Takes the places before `end` out of the list; the others count from `end` on.
fn take_before(places: &mut Vec<usize>, end: usize) -> Vec<usize> {
    let rest = places.split_off(places.partition_point(|place| *place < end));
    std::mem::replace(places, rest.into_iter().map(|place| place - end).collect())
}
