//! Places in the text of an expression.

use sqlparser::tokenizer::{Location, Span};

/// A stretch of the text, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// Where it begins.
    pub(super) at: usize,
    /// How long it is.
    pub(super) len: usize,
}

impl Place {
    /// From the beginning of this place to the end of another.
    pub(super) fn to(self, other: Self) -> Self {
        let (at, end) = (self.at.min(other.at), (self.at + self.len).max(other.at + other.len));
        Self { at, len: end - at }
    }
}

/// Brings lines and columns of the parser to byte offsets.
#[derive(Debug)]
pub(super) struct Places<'a> {
    text: &'a str,
}

impl<'a> Places<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text }
    }

    /// The place of a span; the whole text where the parser kept none.
    pub(super) fn of(&self, span: Span) -> Place {
        match (self.offset(span.start), self.offset(span.end)) {
            (Some(at), Some(end)) if end >= at => Place { at, len: end - at },
            (Some(at), _) => Place { at, len: 0 },
            _ => self.whole(),
        }
    }

    /// The whole text.
    pub(super) fn whole(&self) -> Place {
        Place { at: 0, len: self.text.len() }
    }

    /// The end of the text.
    pub(super) fn end(&self) -> Place {
        Place { at: self.text.len(), len: 0 }
    }

    /// The byte offset of a line and a column, both counted from 1 and the column in characters.
    pub(super) fn offset(&self, location: Location) -> Option<usize> {
        let line = usize::try_from(location.line).ok()?.checked_sub(1)?;
        let column = usize::try_from(location.column).ok()?.checked_sub(1)?;
        let start = match line {
            0 => 0,
            line => self.text.match_indices('\n').nth(line - 1)?.0 + 1,
        };
        let rest = &self.text[start..];
        Some(start + rest.char_indices().nth(column).map_or(rest.len(), |(at, _)| at))
    }
}
