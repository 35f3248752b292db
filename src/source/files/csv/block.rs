//! Whole records, cut out of a file.

/// The longest cell in bytes, unless `longest_cell` says otherwise.
pub(super) const LONGEST: usize = 16 << 20;

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
    /// What was left out of cells that are too long, ascending.
    pub(super) dropped: Vec<Dropped>,
    /// Whether the file ends here without the end of a line.
    pub(super) unterminated: bool,
    /// Records behind the block that are not data.
    pub(super) below: u64,
    /// Where the data ends, and the records behind it, if these look like data.
    pub(super) full_below: Option<FullBelow>,
    /// Whether the file ends here without the text that ends its data.
    pub(super) lacks_end: bool,
}

/// Records behind the data that look like data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FullBelow {
    /// The line of the record that ends the data.
    pub(super) end: u64,
    /// The line of the first record that looks like data.
    pub(super) first: u64,
    /// How many do.
    pub(super) records: u64,
}

/// A part of a cell that is too long, which was left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dropped {
    /// Its place.
    pub(super) place: usize,
    /// Its length in bytes of text.
    pub(super) bytes: usize,
    /// The line ends in it.
    pub(super) lines: u64,
}

impl Block {
    /// A text that starts on line 1 and ends with a line end.
    pub(super) const fn of(text: Vec<u8>) -> Self {
        Self {
            text,
            first_line: 1,
            stray_quotes: Vec::new(),
            replaced: Vec::new(),
            dropped: Vec::new(),
            unterminated: false,
            below: 0,
            full_below: None,
            lacks_end: false,
        }
    }
}
