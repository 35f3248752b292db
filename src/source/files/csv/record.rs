//! One record of a text: where it ends, and where its cells are.

use super::dialect::Dialect;

/// One record, split.
#[derive(Debug, Default)]
pub(super) struct Record {
    /// Where its text ends, with the line end.
    pub(super) end: usize,
    /// Where its last cell ends, where that was looked for; before `end` where a line end ends it.
    pub(super) stop: usize,
    pub(super) cells: usize,
    /// Whether it may hold line ends.
    pub(super) quoted: bool,
    pub(super) oversized: bool,
    /// The quote of the first cell whose quotes are not in order, and what closes it, if anything does.
    pub(super) bad_quote: Option<(usize, Option<usize>)>,
    /// The quote in whose cell the file ends.
    pub(super) cut_quote: bool,
    /// The quote that nothing closes in the text.
    pub(super) open: Option<usize>,
    /// The characters of a line that is not as long as its columns.
    pub(super) length: Option<usize>,
}

/// A cell as it is in the text.
#[derive(Clone, Copy)]
pub(super) enum Cell {
    /// A stretch of the text.
    Plain(usize, usize),
    /// With characters that are not written as they read, or with text after a closing quote: the inner stretch, then the
    /// text after it.
    Mixed { inner: (usize, usize), rest: (usize, usize) },
}

/// A line of a text that is no record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NoRecord {
    /// Its length with the line end.
    pub(super) length: usize,
    /// Whether it is a comment; otherwise it is empty.
    pub(super) is_comment: bool,
}

/// Splits a text into records.
pub(super) trait Splits {
    /// The text.
    fn bytes(&self) -> &[u8];

    /// The bytes that make records.
    fn dialect(&self) -> Dialect;

    /// Whether the text at `at` is a line that is no record.
    fn no_record(&self, at: usize) -> Option<NoRecord>;

    /// Splits the record that starts at `at` and calls `visit` with the position of each cell and the cell,
    /// `None` where it is too long. Behind the first `most` cells it looks only for the end of the record.
    fn record(&self, at: usize, most: usize, visit: impl FnMut(usize, Option<Cell>)) -> Record;

    /// Appends what a cell reads as whose inner stretch and rest these are.
    fn read_as(&self, inner: &str, rest: &str, into: &mut String);

    /// Whether the byte at `place` is escaped, in text without quotes that starts at `start`.
    fn is_escaped(&self, _start: usize, _place: usize) -> bool {
        false
    }
}
