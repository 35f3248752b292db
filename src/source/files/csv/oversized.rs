//! Cells in quotes that are too long to be held.
//!
//! Whether such a quote closes at all can only be known from what follows, up to the end of the file. So the text is read
//! on and not kept until the quote closes. Where it never does, the file is read again from there, and the quote is an
//! ordinary character. That happens at most once in a file: where a quote never closes, all later quotes are doubled, and
//! none of them can be another one that never closes.

use memchr::{memchr, memchr_iter, memchr2};

use super::block::Dropped;
use crate::source::error::Problem;

/// Bytes beyond the limit that are needed to know where a character and a pair of quotes end.
pub(super) const MARGIN: usize = 16;

/// Finds the quote that closes a cell, in one piece of text after the other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Closer {
    quote: u8,
    escape: Option<u8>,
    pending: Option<u8>,
}

impl Closer {
    /// Behind the quote that opens.
    pub(super) const fn new(quote: u8, escape: Option<u8>) -> Self {
        Self { quote, escape, pending: None }
    }

    /// The place behind the closing quote in the next piece, once the byte behind it was seen.
    fn feed(&mut self, piece: &[u8]) -> Option<usize> {
        let mut at = 0;
        loop {
            if let Some(pending) = self.pending {
                let next = *piece.get(at)?;
                self.pending = None;
                if pending == self.quote {
                    if next != self.quote {
                        return Some(at);
                    }
                    at += 1;
                } else if next == self.quote || Some(next) == self.escape {
                    at += 1;
                }
            } else {
                let rest = piece.get(at..)?;
                let found =
                    self.escape.map_or_else(|| memchr(self.quote, rest), |escape| memchr2(self.quote, escape, rest));
                let found = at + found?;
                self.pending = Some(piece[found]);
                at = found + 1;
            }
        }
    }
}

/// What was found behind a quote.
#[derive(Debug)]
pub(super) enum Passed {
    /// It closes. The buffer holds the beginning of the cell, its closing quote, and what follows.
    Closes {
        /// What was left out of it.
        dropped: Dropped,
        /// The place in the last piece from which on it was taken over, and where that is now.
        moved: (usize, usize),
    },
    /// It never closes. The buffer is as it was.
    Never,
}

/// Passes over the cell whose quote opens at `open`, and which does not close in the buffer. The buffer holds more than
/// `longest` and [`MARGIN`] bytes of it. `more` gives the next piece, `false` at the end of the file.
pub(super) fn pass_over(
    buffer: &mut Vec<u8>,
    open: usize,
    closer: Closer,
    (longest, terminator): (usize, u8),
    mut more: impl FnMut(&mut Vec<u8>) -> Result<bool, Problem>,
) -> Result<Passed, Problem> {
    let mut keep = (open + longest + 2).min(buffer.len());
    let mut state = closer;
    state.feed(&buffer[open + 1..keep]);
    while keep < buffer.len() && (state.pending.is_some() || buffer[keep] & 0xc0 == 0x80) {
        state.feed(&buffer[keep..=keep]);
        keep += 1;
    }
    state.feed(&buffer[keep..]);
    let ends = |text: &[u8]| memchr_iter(terminator, text).count() as u64;
    let mut bytes = buffer.len() - keep;
    let mut lines = ends(&buffer[keep..]);
    let mut piece = Vec::new();
    let after = loop {
        piece.clear();
        if !more(&mut piece)? {
            if state.pending != Some(closer.quote) {
                return Ok(Passed::Never);
            }
            break 0;
        }
        if let Some(after) = state.feed(&piece) {
            break after;
        }
        bytes += piece.len();
        lines += ends(&piece);
    };
    // Less the closing quote, which stays.
    bytes = (bytes + after).saturating_sub(1);
    lines += ends(&piece[..after]);
    buffer.truncate(keep);
    buffer.push(closer.quote);
    let base = buffer.len();
    buffer.extend_from_slice(&piece[after..]);
    Ok(Passed::Closes { dropped: Dropped { place: keep, bytes, lines }, moved: (after, base) })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_quote_closes_at_the_same_place_in_pieces_of_any_size(
            text in prop::collection::vec(prop::sample::select(&b"ab\"\"\"\\,\n"[..]), 0..60),
            escaped: bool,
            size in 1..7_usize,
        ) {
            let escape = escaped.then_some(b'\\');
            let whole = Closer::new(b'"', escape).feed(&text);
            let mut closer = Closer::new(b'"', escape);
            let mut at = 0;
            let found = text.chunks(size).find_map(|piece| {
                let found = closer.feed(piece).map(|place| at + place);
                at += piece.len();
                found
            });
            prop_assert_eq!(found, whole);
        }
    }
}
