//! What may be asked of a file that was opened: its columns, its sizes, and its rows unit by unit.
//!
//! Nothing here depends on files or on the library that decodes them, so a reader in another process can implement it.

use std::ops::Range;

use super::batch::Rows;
use super::column::SourceColumn;
use super::error::Problem;
use super::faults::Tally;
use super::layout::{Layout, Picks};
use super::split::{Parts, SplitError, SplitRows, Splitting};

/// The most columns of a file, nested ones counted by their leaves.
pub(super) const MAX_COLUMNS: usize = 20_000;

/// Bytes of text that make a block, unless a scan asks for another size.
pub(super) const BLOCK: usize = 2 << 20;

/// A file that was opened: its columns are known.
pub(super) trait Table: Send + Sync + std::fmt::Debug {
    /// The columns in file order.
    fn columns(&self) -> &[SourceColumn];

    /// Columns inside of nested columns, such as `address.city`. Their positions follow those of [`columns`](Self::columns).
    fn inner_columns(&self) -> &[SourceColumn] {
        &[]
    }

    /// What is wrong with the file besides its records, such as its header.
    fn faults(&self) -> Tally {
        Tally::default()
    }

    /// Rows and the unpacked bytes of each column, where the file says so before it is read.
    fn extent(&self) -> Option<(u64, Vec<(String, u64)>)> {
        None
    }

    /// Whether each cell has a type of its own, so that it can be given as text whatever its column is.
    fn gives_text(&self) -> bool {
        false
    }

    /// Takes over the columns of all files, and those inside of them, where a file of the format may have any of them, or where it
    /// [gives text](Self::gives_text).
    fn adopt(&mut self, _columns: &[SourceColumn], _inner: &[SourceColumn]) {}

    /// About how many bytes it takes to decode the columns of these sections of the largest unit, section by section.
    fn unit_bytes(&self, sections: &[Vec<&str>], block: usize) -> u64;

    /// The parts that can be read without what is before them.
    fn layout(&self) -> Layout;

    /// Moves the start of each range of bytes to that of a record, past the end of the range where none starts in it.
    /// Called only where [`layout`](Self::layout) is one of bytes.
    ///
    /// # Errors
    /// Why it cannot be known where records start.
    fn align(&self, ranges: Vec<Range<u64>>) -> Result<Vec<Range<u64>>, Problem> {
        Ok(ranges)
    }

    /// Like [`units`](Self::units), for the parts that a sample takes of the file.
    fn picked<'a>(&'a self, columns: &'a [usize], picks: &'a Picks) -> Result<Box<dyn Units<'a> + 'a>, Problem>;

    /// Makes sure that the file can be split, as far as that is known before its rows are read.
    ///
    /// # Errors
    /// What is in the way, and the way out.
    fn check_splittable(&self) -> Result<(), Problem> {
        Ok(())
    }

    /// Writes each record to one of two files of the same format and packing, in file order.
    ///
    /// # Errors
    /// Where the file cannot be read or the parts cannot be written. What was written is then not to be used.
    fn split(&self, to: &mut Splitting, parts: Parts) -> Result<SplitRows, SplitError>;

    /// Starts a pass that reads the columns at these positions, inner ones too, each at most once. Text is cut into blocks of about
    /// `block` bytes. With `cells_alone` nobody asks for the lines and faults of records.
    fn units<'a>(
        &'a self,
        columns: &'a [usize],
        block: usize,
        cells_alone: bool,
    ) -> Result<Box<dyn Units<'a> + 'a>, Problem>;
}

/// The units of a file in order. Called by one worker at a time, so this does only what cannot be done in parallel.
pub(super) trait Units<'a>: Send {
    /// The next unit.
    fn next(&mut self) -> Result<Option<Unit<'a>>, Problem>;
}

/// Takes rows; `false` asks to stop.
pub(super) type Emit<'e> = dyn FnMut(Rows) -> bool + 'e;

/// Decodes a unit.
pub(super) type Read<'a> = Box<dyn FnOnce(&mut Emit) -> Result<Tally, Problem> + Send + 'a>;

/// A part of a file that can be decoded by itself.
pub(super) struct Unit<'a> {
    /// Its stored bytes, for progress.
    pub(super) bytes: u64,
    /// The most times that `read` emits rows.
    pub(super) parts: u32,
    /// Decodes it.
    pub(super) read: Read<'a>,
}
