//! One part of a split file, and whether it reads as its rows do in the file.
//!
//! A record reads the same in another place as long as the text around it decides nothing. Three things are decided by other
//! text, and each can differ in a part, which lacks some of it:
//!
//! - The first text shows with which byte lines end.
//! - The first bytes may be taken for a byte order mark.
//! - The first record says how many columns there are where neither a header nor the suite does.
//!
//! A part that would read otherwise is refused.

use std::convert::Infallible;

use encoding_rs::Encoding;

use super::block::Block;
use super::cells::{Shape, Stretch, stretches};
use super::dialect::Dialect;
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
    shape: &'w Shape,
    encoding: &'static Encoding,
    /// Whether it starts with a byte order mark, or with lines above the header.
    has_beginning: bool,
    /// The first bytes of its text, as many as readers look at.
    first: Vec<u8>,
    /// Whether these were found to be in order.
    is_checked: bool,
    /// Bytes of its text.
    length: usize,
    /// Whether it has a quote that nothing closes.
    has_strays: bool,
}

impl<'w> Part<'w> {
    /// A part that is called `name` and starts with these bytes: a byte order mark and what is above the header.
    pub(super) fn new(
        name: &'static str,
        out: PartWriter<'w>,
        packing: Packing,
        shape: &'w Shape,
        encoding: &'static Encoding,
        beginning: &[u8],
    ) -> Result<Self, SplitError> {
        let mut packer = Packer::new(out, packing)?;
        packer.put(beginning)?;
        Ok(Self {
            name,
            packer,
            shape,
            encoding,
            has_beginning: !beginning.is_empty(),
            first: Vec::new(),
            is_checked: false,
            length: 0,
            has_strays: false,
        })
    }

    /// Notes that the text `from..to` of a block is in the part.
    ///
    /// # Errors
    /// Where it reads otherwise there than in the file.
    pub(super) fn note(&mut self, block: &Block, from: usize, to: usize) -> Result<(), SplitError> {
        let strays = &block.stray_quotes;
        self.has_strays |= strays.partition_point(|place| *place < from) < strays.partition_point(|place| *place < to);
        self.note_added(&block.text[from..to])
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
        if !self.has_beginning && is_mark(&first, self.encoding) {
            return Err(self.unfit(
                "the first row begins with a byte order mark, which is no text at the start of a file: take it out of the row",
            ));
        }
        let dialect = self.shape.dialect;
        let found = Dialect { terminator: terminator(&first, dialect.quote), ..dialect };
        // A part of one row may be the same row whatever ends it.
        let is_same = || {
            let is_whole = self.length == first.len() && !self.has_strays;
            is_whole && stretches_of(&first, found, self.shape) == stretches_of(&first, dialect, self.shape)
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
fn stretches_of(text: &[u8], dialect: Dialect, shape: &Shape) -> Vec<Stretch> {
    let shape = Shape { dialect, ..shape.clone() };
    let mut found = Vec::new();
    let Ok(()) = stretches(&Block::of(text.to_vec()), &shape, |stretch| {
        found.push(stretch);
        Ok::<_, Infallible>(())
    });
    found
}
