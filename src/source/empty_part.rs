//! A file of a dataset without anything in it, as engines leave them where they had no rows: a part without columns and rows.

use super::column::SourceColumn;
use super::error::Problem;
use super::layout::{Layout, Picks};
use super::split::{Parts, SplitError, SplitRows, Splitting};
use super::table::{Table, Unit, Units};

/// A file without anything in it.
#[derive(Debug)]
pub(super) struct EmptyPart {
    is_text: bool,
}

impl EmptyPart {
    /// One among files of text, or of another kind.
    pub(super) const fn new(is_text: bool) -> Self {
        Self { is_text }
    }
}

impl Table for EmptyPart {
    fn columns(&self) -> &[SourceColumn] {
        &[]
    }

    fn extent(&self) -> Option<(u64, Vec<(String, u64)>)> {
        (!self.is_text).then(|| (0, Vec::new()))
    }

    fn unit_bytes(&self, _: &[Vec<&str>], _: usize) -> u64 {
        0
    }

    fn layout(&self) -> Layout {
        if self.is_text { Layout::Bytes(0..0) } else { Layout::Chunks { sizes: Vec::new(), least: 0 } }
    }

    fn picked<'a>(&'a self, _: &'a [usize], _: &'a Picks) -> Result<Box<dyn Units<'a> + 'a>, Problem> {
        Ok(Box::new(NoUnits))
    }

    fn split(&self, _: &mut Splitting, _: Parts) -> Result<SplitRows, SplitError> {
        Ok(SplitRows::default())
    }

    fn units<'a>(&'a self, _: &'a [usize], _: usize, _: bool) -> Result<Box<dyn Units<'a> + 'a>, Problem> {
        Ok(Box::new(NoUnits))
    }
}

struct NoUnits;

impl<'a> Units<'a> for NoUnits {
    fn next(&mut self) -> Result<Option<Unit<'a>>, Problem> {
        Ok(None)
    }
}
