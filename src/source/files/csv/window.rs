//! The text of a file that was read and not yet handed out.

use encoding_rs::Encoding;
use memchr::memchr_iter;

use super::block::{Block, Dropped};
use super::oversized::{Closer, Passed, pass_over};
use crate::source::error::Problem;
use crate::source::files::data_file::DataFile;
use crate::source::files::text::TextStream;

/// Bytes that are read at a time where they are not kept.
const PIECE: usize = 1 << 20;

/// The text of a file that was read and not yet handed out; starts where a record starts.
pub(super) struct Window {
    data: DataFile,
    encoding: &'static Encoding,
    stream: TextStream,
    /// Bytes of text read so far.
    taken: u64,
    /// Stored bytes that earlier streams read.
    stored: u64,
    pub(super) buffer: Vec<u8>,
    pub(super) replaced: Vec<usize>,
    pub(super) dropped: Vec<Dropped>,
    pub(super) stray_quotes: Vec<usize>,
    pub(super) line: u64,
    /// Whether a quote was met that never closes.
    never_closes: bool,
}

impl Window {
    /// At the start of the file.
    pub(super) fn new(data: &DataFile, encoding: &'static Encoding) -> Result<Self, Problem> {
        Ok(Self {
            stream: TextStream::new(data.open()?, data.packing, encoding)?,
            data: data.clone(),
            encoding,
            taken: 0,
            stored: 0,
            buffer: Vec::new(),
            replaced: Vec::new(),
            dropped: Vec::new(),
            stray_quotes: Vec::new(),
            line: 1,
            never_closes: false,
        })
    }

    /// Stored bytes read so far.
    pub(super) fn stored(&self) -> u64 {
        self.stream.stored().max(self.stored)
    }

    /// Whether the file was read to its end.
    pub(super) fn ended(&self) -> bool {
        self.stream.ended()
    }

    /// Reads until the buffer holds so many bytes or the file ends.
    pub(super) fn fill(&mut self, want: usize) -> Result<(), Problem> {
        let before = self.buffer.len();
        self.stream.fill(&mut self.buffer, want, &mut self.replaced)?;
        self.taken += (self.buffer.len() - before) as u64;
        Ok(())
    }

    /// Leaves out the first `bytes` of the text, which are whole lines, `lines` of them.
    pub(super) fn skip(&mut self, bytes: usize, lines: u64) -> Result<(), Problem> {
        let mut left = bytes;
        while left > 0 {
            self.fill(left.min(PIECE))?;
            let count = left.min(self.buffer.len());
            self.leave_out(count);
            left -= count;
            if count == 0 {
                break;
            }
        }
        self.line += lines;
        Ok(())
    }

    /// The lines of so many bytes of the buffer.
    pub(super) fn lines(&self, bytes: usize, terminator: u8) -> u64 {
        let dropped = self.dropped.iter().filter(|dropped| dropped.place < bytes);
        memchr_iter(terminator, &self.buffer[..bytes]).count() as u64
            + dropped.map(|dropped| dropped.lines).sum::<u64>()
    }

    /// Takes the first bytes out of the buffer.
    pub(super) fn leave_out(&mut self, bytes: usize) {
        self.buffer.drain(..bytes);
        take_before(&mut self.replaced, bytes);
        take_before(&mut self.stray_quotes, bytes);
        self.dropped.retain(|dropped| dropped.place >= bytes);
        self.dropped.iter_mut().for_each(|dropped| dropped.place -= bytes);
    }

    /// Reads the next piece of text without keeping it in the buffer; `false` at the end of the file.
    pub(super) fn piece(&mut self, piece: &mut Vec<u8>, replaced: &mut Vec<usize>) -> Result<bool, Problem> {
        if self.stream.ended() {
            return Ok(false);
        }
        self.stream.fill(piece, PIECE, replaced)?;
        self.taken += piece.len() as u64;
        Ok(!piece.is_empty())
    }

    /// Passes over the rest of the cell whose quote opens at `open`; `None` where nothing closes it, and the place from
    /// which on the buffer is to be looked at where something does.
    pub(super) fn pass_over(
        &mut self,
        open: usize,
        closer: Closer,
        longest: usize,
        terminator: u8,
    ) -> Result<Option<usize>, Problem> {
        if self.never_closes {
            return Ok(None);
        }
        let taken = self.taken;
        let mut buffer = std::mem::take(&mut self.buffer);
        let mut replaced = Vec::new();
        let passed = pass_over(&mut buffer, open, closer, (longest, terminator), |piece| {
            replaced.clear();
            self.piece(piece, &mut replaced)
        });
        self.buffer = buffer;
        match passed? {
            Passed::Closes { dropped, moved: (after, base) } => {
                self.replaced.retain(|place| *place < dropped.place);
                self.replaced
                    .extend(replaced.iter().filter(|place| **place >= after).map(|place| place - after + base));
                self.dropped.push(dropped);
                Ok(Some(dropped.place))
            }
            Passed::Never => {
                self.never_closes = true;
                self.go_back(taken)?;
                Ok(None)
            }
        }
    }

    /// Opens the file again, at the text behind so many bytes.
    fn go_back(&mut self, taken: u64) -> Result<(), Problem> {
        self.stored = self.stored();
        self.stream = TextStream::new(self.data.open()?, self.data.packing, self.encoding)?;
        let mut left = usize::try_from(taken).map_err(|_| Problem::beyond_limit("the file is too large"))?;
        let (mut piece, mut replaced) = (Vec::new(), Vec::new());
        while left > 0 {
            piece.clear();
            replaced.clear();
            self.stream.fill(&mut piece, left.min(PIECE), &mut replaced)?;
            if piece.is_empty() {
                return Err(Problem::Changed);
            }
            let behind = left.min(piece.len());
            left -= behind;
            let base = self.buffer.len();
            self.buffer.extend_from_slice(&piece[behind..]);
            self.replaced.extend(replaced.iter().filter(|place| **place >= behind).map(|place| place - behind + base));
            self.taken = taken + (piece.len() - behind) as u64;
        }
        Ok(())
    }

    /// Hands out the text before `end`, and makes room for so many bytes.
    pub(super) fn cut(&mut self, end: usize, room: usize, terminator: u8) -> Block {
        let mut rest = Vec::with_capacity(room + self.buffer.len() - end);
        rest.extend_from_slice(&self.buffer[end..]);
        self.buffer.truncate(end);
        let text = std::mem::replace(&mut self.buffer, rest);
        let later = self.dropped.split_off(self.dropped.partition_point(|dropped| dropped.place <= end));
        let later = later.into_iter().map(|dropped| Dropped { place: dropped.place - end, ..dropped }).collect();
        let block = Block {
            dropped: std::mem::replace(&mut self.dropped, later),
            first_line: self.line,
            stray_quotes: take_before(&mut self.stray_quotes, end),
            replaced: take_before(&mut self.replaced, end),
            unterminated: text.last().is_some_and(|byte| *byte != terminator),
            ..Block::of(text)
        };
        self.line += memchr_iter(terminator, &block.text).count() as u64;
        self.line += block.dropped.iter().map(|dropped| dropped.lines).sum::<u64>();
        block
    }
}

/// Takes the places before `end` out of the list; the others count from `end` on.
fn take_before(places: &mut Vec<usize>, end: usize) -> Vec<usize> {
    let rest = places.split_off(places.partition_point(|place| *place < end));
    std::mem::replace(places, rest.into_iter().map(|place| place - end).collect())
}
