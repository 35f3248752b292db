//! One part of a split file, and whether it reads as its rows do in the file.
//!
//! A record reads the same in another place as long as the text around it decides nothing. Four things are decided by other
//! text, and each can differ in a part, which lacks some of it:
//!
//! - The first text shows with which byte lines end.
//! - The first bytes may be taken for a byte order mark.
//! - The first record says how many columns there are where neither a header nor the suite does.
//! - A quote that is not closed within [`MAX_CELL`] is an ordinary character. With fewer records behind it, a later quote may
//!   be near enough to close it.
//!
//! A part that would read otherwise is refused.

use std::convert::Infallible;

use encoding_rs::Encoding;
use memchr::{memchr, memchr_iter};

use super::cells::{Stretch, stretches};
use super::dialect::Dialect;
use super::framing::{Block, MAX_CELL};
use super::line_ends::{FIRST_TEXT, terminator};
use crate::source::files::compressed::Packing;
use crate::source::files::packer::Packer;
use crate::source::files::text::is_mark;
use crate::source::split::{PartWriter, SplitError};

/// A part of a file being written.
pub(super) struct Part<'w> {
    /// `passing` or `failing`.
    name: &'static str,
    /// Takes its bytes.
    pub(super) packer: Packer<'w>,
    dialect: Dialect,
    encoding: &'static Encoding,
    /// Whether it starts with a byte order mark.
    has_mark: bool,
    /// The first bytes of its text, as many as readers look at.
    first: Vec<u8>,
    /// Whether these were found to be in order.
    is_checked: bool,
    /// Bytes of its text.
    length: usize,
    /// The last quote that opens no cell: its place in the text and its line in the file. `None` once a later quote is too
    /// far away to close it.
    stray: Option<(usize, u64)>,
    /// Whether it has such a quote at all.
    has_strays: bool,
}

impl<'w> Part<'w> {
    /// A part that is called `name` and starts with that byte order mark, which may be empty.
    pub(super) fn new(
        name: &'static str,
        out: PartWriter<'w>,
        packing: Packing,
        dialect: Dialect,
        encoding: &'static Encoding,
        mark: &[u8],
    ) -> Result<Self, SplitError> {
        let mut packer = Packer::new(out, packing)?;
        packer.put(mark)?;
        Ok(Self {
            name,
            packer,
            dialect,
            encoding,
            has_mark: !mark.is_empty(),
            first: Vec::new(),
            is_checked: false,
            length: 0,
            stray: None,
            has_strays: false,
        })
    }

    /// Notes that the text `from..to` of a block is in the part.
    ///
    /// # Errors
    /// Where it reads otherwise there than in the file.
    pub(super) fn note(&mut self, block: &Block, from: usize, to: usize) -> Result<(), SplitError> {
        let text = &block.text[from..to];
        let strays = &block.stray_quotes;
        let strays =
            &strays[strays.partition_point(|place| *place < from)..strays.partition_point(|place| *place < to)];
        if let Some(quote) = self.dialect.quote.filter(|_| self.stray.is_some() || !strays.is_empty()) {
            let line =
                |place| block.first_line + memchr_iter(self.dialect.terminator, &block.text[..place]).count() as u64;
            let mut at = 0;
            while let Some(start) = memchr(quote, &text[at..]).map(|offset| at + offset) {
                at = start + text[start..].iter().take_while(|byte| **byte == quote).count();
                // Quotes that are doubled close nothing.
                if (at - start) % 2 == 0 {
                    continue;
                }
                if let Some((open, line)) = self.stray.take()
                    && self.length + at - 1 - open <= MAX_CELL
                {
                    return Err(self.unfit(&format!(
                        "a quote on line {line} that nothing closes within {} MiB would be closed by one of a later row: take \
                         it out, or close it",
                        MAX_CELL >> 20
                    )));
                }
                if strays.binary_search(&(from + start)).is_ok() {
                    self.has_strays = true;
                    self.stray = Some((self.length + start, line(from + start)));
                }
            }
        }
        self.note_added(text)
    }

    /// Notes that a text is in the part that the file does not have. It has no quotes where the file has one that is never
    /// closed.
    ///
    /// # Errors
    /// As [`note`](Self::note).
    pub(super) fn note_added(&mut self, text: &[u8]) -> Result<(), SplitError> {
        self.length += text.len();
        if !self.is_checked {
            self.first.extend_from_slice(&text[..text.len().min(FIRST_TEXT - self.first.len())]);
            if self.first.len() == FIRST_TEXT {
                self.check_first_text()?;
            }
        }
        Ok(())
    }

    /// Makes sure that the first text shows what that of the file shows.
    fn check_first_text(&mut self) -> Result<(), SplitError> {
        self.is_checked = true;
        let first = std::mem::take(&mut self.first);
        if !self.has_mark && is_mark(&first, self.encoding) {
            return Err(self.unfit(
                "the first row begins with a byte order mark, which is no text at the start of a file: take it out of the row",
            ));
        }
        let dialect = self.dialect;
        let found = Dialect { terminator: terminator(&first, dialect.quote), ..dialect };
        // A part of one row may be the same row whatever ends it.
        let is_same = || {
            let is_whole = self.length == first.len() && !self.has_strays;
            is_whole && stretches_of(&first, found) == stretches_of(&first, dialect)
        };
        if found.terminator == dialect.terminator || is_same() {
            return Ok(());
        }
        let name = |byte| if byte == b'\r' { "CR" } else { "LF" };
        Err(self.unfit(&format!(
            "their lines would be taken to end with {}, and those of the file end with {}: write the file with LF or CRLF at the \
             end of each line, the last one too, and with no other line end outside of quotes",
            name(found.terminator),
            name(dialect.terminator)
        )))
    }

    /// Makes sure that the first record has as many cells as that of the file.
    ///
    /// # Errors
    /// Where it has not.
    pub(super) fn check_width(&self, cells: usize, width: usize) -> Result<(), SplitError> {
        if cells == width {
            return Ok(());
        }
        Err(self.unfit(&format!(
            "their first one has {cells} cells and the first of the file {width}, and nothing else shows how many columns there \
             are: name them with `columns`"
        )))
    }

    /// Writes the end.
    ///
    /// # Errors
    /// Where it cannot be written, or the part would read otherwise than the file.
    pub(super) fn finish(mut self) -> Result<(), SplitError> {
        if !self.is_checked {
            self.check_first_text()?;
        }
        self.packer.finish()
    }

    fn unfit(&self, problem: &str) -> SplitError {
        SplitError::unfit(format!("the {} rows would read otherwise in a file of their own: {problem}", self.name))
    }
}

/// The records and empty lines of a text in which every quote is closed.
fn stretches_of(text: &[u8], dialect: Dialect) -> Vec<Stretch> {
    let block = Block {
        text: text.to_vec(),
        first_line: 1,
        stray_quotes: Vec::new(),
        replaced: Vec::new(),
        dropped: Vec::new(),
        unterminated: false,
    };
    let mut found = Vec::new();
    let Ok(()) = stretches(&block, dialect, |stretch| {
        found.push(stretch);
        Ok::<_, Infallible>(())
    });
    found
}
