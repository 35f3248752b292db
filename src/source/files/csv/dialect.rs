//! How records are written: the bytes that make cells and records.

/// The bytes that make cells and records, where each is one byte.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dialect {
    /// Between cells.
    pub(super) delimiter: u8,
    /// Around cells; `None` where quotes are ordinary characters.
    pub(super) quote: Option<u8>,
    /// At the end of a record.
    pub(super) terminator: u8,
    /// The longest cell that is read, in bytes.
    pub(super) longest: usize,
}

/// What a file is written with besides, or in place of, the bytes of its [`Dialect`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rules {
    /// Between cells, one or several bytes.
    pub(super) delimiter: Vec<u8>,
    /// Makes an ordinary character of the one behind it.
    pub(super) escape: Option<u8>,
    /// What lines begin with that are comments.
    pub(super) comment: Option<Vec<u8>>,
    /// Whether white space around cells does not belong to them.
    pub(super) trim: bool,
    /// The characters of each cell, where that is fixed.
    pub(super) widths: Option<Widths>,
    /// Where the data ends.
    pub(super) end: DataEnd,
}

/// The characters of each cell of a line of fixed width.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Widths {
    /// The cells of a fixed number of characters.
    pub(super) fixed: Vec<usize>,
    /// Whether one more cell takes the rest of the line.
    pub(super) has_rest: bool,
}

impl Widths {
    /// How many cells a line has.
    pub(super) const fn cells(&self) -> usize {
        self.fixed.len() + self.has_rest as usize
    }

    /// The characters of all cells of fixed width.
    pub(super) fn characters(&self) -> usize {
        self.fixed.iter().sum()
    }
}

/// Where the data of a file ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum DataEnd {
    /// With the file.
    File,
    /// So many records before the end of the file.
    Footer(usize),
    /// Before the first record whose first cell with text begins with this.
    Until(String),
}

impl Rules {
    /// Whether nothing of it differs from what a [`Dialect`] says.
    pub(super) fn is_plain(&self) -> bool {
        self.delimiter.len() == 1
            && self.escape.is_none()
            && self.comment.is_none()
            && !self.trim
            && self.widths.is_none()
            && self.end == DataEnd::File
    }
}
