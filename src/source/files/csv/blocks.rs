//! The blocks of a file, cut as its dialect allows.

use std::sync::Arc;

use encoding_rs::Encoding;

use super::block::Block;
use super::cells::Shape;
use super::framing::{Framer, longest_record};
use super::records::RecordFramer;
use super::window::Window;
use crate::source::error::Problem;
use crate::source::files::data_file::DataFile;

/// The blocks of a file, cut as its dialect allows.
pub(super) enum Blocks {
    /// Line ends and quotes show where records end.
    Plain(Framer),
    /// Records have to be split to see where they end.
    Flexible(RecordFramer),
}

impl Blocks {
    /// Cuts blocks of about `block` bytes.
    pub(super) fn new(
        data: &DataFile,
        encoding: &'static Encoding,
        shape: &Shape,
        block: usize,
    ) -> Result<Self, Problem> {
        let longest = longest_record(data.memory, shape.dialect.longest);
        let window = Window::new(data, encoding)?;
        Ok(match &shape.rules {
            None => Self::Plain(Framer::new(window, shape.dialect, block, longest)),
            Some(rules) => Self::Flexible(RecordFramer::new(window, shape, Arc::clone(rules), block, longest)),
        })
    }

    /// Leaves out the first `bytes` of the text, which are whole lines, `lines` of them.
    pub(super) fn skip(&mut self, bytes: usize, lines: u64) -> Result<(), Problem> {
        match self {
            Self::Plain(framer) => framer.skip(bytes, lines),
            Self::Flexible(framer) => framer.skip(bytes, lines),
        }
    }

    /// Stored bytes read so far.
    pub(super) fn stored(&self) -> u64 {
        match self {
            Self::Plain(framer) => framer.stored(),
            Self::Flexible(framer) => framer.stored(),
        }
    }

    /// The next block.
    pub(super) fn next(&mut self) -> Result<Option<Block>, Problem> {
        match self {
            Self::Plain(framer) => framer.next(),
            Self::Flexible(framer) => framer.next(),
        }
    }
}
