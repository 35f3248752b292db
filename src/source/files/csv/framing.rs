//! Cutting delimited text into blocks that end where a record ends.
//!
//! This runs on one worker at a time, so it looks at as few bytes as it can: quotes, and the end of the last line of the
//! block. All workers split blocks into cells.

use memchr::{memchr, memchr2, memrchr};

use super::block::{Block, Dropped, LONGEST};
use super::dialect::Dialect;
use super::oversized::{Closer, MARGIN};
use super::window::Window;
use crate::source::error::Problem;

/// The longest record in bytes, beyond which the delimiter or the line ends must be wrong.
const MAX_RECORD: usize = 256 << 20;

/// The longest record in bytes in a process that may take so much memory: a record is held several times, as read, as
/// cells and by each worker.
pub(super) fn longest_record(memory: u64, longest_cell: usize) -> usize {
    let least = 2 * longest_cell.max(LONGEST);
    usize::try_from(memory / 16).unwrap_or(MAX_RECORD).clamp(least, MAX_RECORD.max(least))
}

/// What to do about a record that is longer.
pub(super) fn too_long(record: &str, longest: usize) -> Problem {
    let more = if longest < MAX_RECORD { ", or allow more with --memory" } else { "" };
    Problem::BeyondLimit(format!(
        "{record} is longer than {} MiB: check the delimiter and the line ends{more}",
        longest >> 20
    ))
}

/// Cuts a file into blocks.
pub(super) struct Framer {
    window: Window,
    dialect: Dialect,
    block: usize,
    /// The longest record in bytes.
    longest: usize,
    /// Everything before was looked at.
    scanned: usize,
    /// The quote that opened the cell in which `scanned` lies.
    open: Option<usize>,
    /// The end of the last whole record.
    boundary: Option<usize>,
}

impl Framer {
    /// Cuts blocks of about `block` bytes out of records of up to `longest` bytes.
    pub(super) fn new(window: Window, dialect: Dialect, block: usize, longest: usize) -> Self {
        Self { window, dialect, block: block.max(1), longest, scanned: 0, open: None, boundary: None }
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
        loop {
            self.window.fill(want)?;
            let ended = self.window.ended();
            self.advance(ended);
            if ended {
                let rest = self.window.buffer.len();
                return Ok((rest > 0).then(|| self.cut(rest)));
            }
            if let Some(boundary) = self.boundary {
                return Ok(Some(self.cut(boundary)));
            }
            if self.pass_over()? {
                want = self.window.buffer.len();
                continue;
            }
            self.drop_oversized()?;
            if self.window.buffer.len() > self.longest {
                return Err(too_long(&format!("the record that starts on line {}", self.window.line), self.longest));
            }
            want = self.window.buffer.len() + self.block;
        }
    }

    /// Passes over a cell in quotes that is too long to be held; `true` where there is one.
    fn pass_over(&mut self) -> Result<bool, Problem> {
        let Dialect { quote, terminator, longest, .. } = self.dialect;
        let (Some(open), Some(quote)) = (self.open, quote) else { return Ok(false) };
        if self.window.buffer.len() - open <= longest + MARGIN {
            return Ok(false);
        }
        match self.window.pass_over(open, Closer::new(quote, None), longest, terminator)? {
            Some(place) => self.scanned = place,
            None => self.give_up(open),
        }
        Ok(true)
    }

    /// Looks at the text that was not yet looked at.
    fn advance(&mut self, ended: bool) {
        let Some(quote) = self.dialect.quote else {
            self.note_boundary(self.window.buffer.len());
            return;
        };
        let length = self.window.buffer.len();
        loop {
            let found = memchr(quote, &self.window.buffer[self.scanned..]).map(|offset| self.scanned + offset);
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
                (Some(_), Some(at)) => match self.window.buffer.get(at + 1) {
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
                (Some(open), None) if ended => self.give_up(open),
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
        self.window.stray_quotes.push(open);
        self.open = None;
        self.scanned = open + 1;
    }

    fn starts_cell(&self, at: usize) -> bool {
        at.checked_sub(1)
            .and_then(|before| self.window.buffer.get(before))
            .is_none_or(|before| *before == self.dialect.delimiter || *before == self.dialect.terminator)
    }

    /// Finds the last line end from `scanned` to `end`, all of it outside of quotes.
    fn note_boundary(&mut self, end: usize) {
        if let Some(offset) = memrchr(self.dialect.terminator, &self.window.buffer[self.scanned..end]) {
            self.boundary = Some(self.scanned + offset + 1);
        }
        self.scanned = end;
    }

    /// Drops the rest of a cell that is too long, so that memory stays bounded; what stays is still too long.
    fn drop_oversized(&mut self) -> Result<(), Problem> {
        // Room for the rest of a character.
        let longest = self.dialect.longest;
        let keep = longest + 4;
        if self.open.is_some() || self.window.buffer.len() <= keep {
            return Ok(());
        }
        let start = memrchr(self.dialect.delimiter, &self.window.buffer).map_or(0, |at| at + 1);
        if self.window.buffer.len() - start <= keep {
            return Ok(());
        }
        let mut end = start + keep;
        while self.window.buffer.get(end).is_some_and(|byte| byte & 0xc0 == 0x80) && end > start + longest + 1 {
            end -= 1;
        }
        let mut dropped = self.window.buffer.len() - end;
        self.window.buffer.truncate(end);
        self.scanned = end;
        self.window.replaced.retain(|place| *place < end);
        self.window.stray_quotes.retain(|place| *place < end);
        let mut rest = Vec::new();
        let mut replaced = Vec::new();
        loop {
            if !self.window.piece(&mut rest, &mut replaced)? {
                break;
            }
            if let Some(stop) = memchr2(self.dialect.delimiter, self.dialect.terminator, &rest) {
                dropped += stop;
                self.window.buffer.extend_from_slice(&rest[stop..]);
                let moved = replaced.iter().filter(|place| **place >= stop).map(|place| place - stop + end);
                self.window.replaced.extend(moved);
                break;
            }
            dropped += rest.len();
            rest.clear();
            replaced.clear();
        }
        self.window.dropped.push(Dropped { place: end, bytes: dropped, lines: 0 });
        Ok(())
    }

    /// Hands out the text before `end`.
    fn cut(&mut self, end: usize) -> Block {
        let block = self.window.cut(end, self.block, self.dialect.terminator);
        self.scanned = self.scanned.saturating_sub(end);
        self.open = self.open.map(|open| open.saturating_sub(end));
        self.boundary = None;
        block
    }
}
