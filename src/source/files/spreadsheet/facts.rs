//! What a sheet holds besides the values of its cells. It is counted, since it may mislead.

use super::area::Area;
use crate::source::error::Problem;

/// The most cells without a value that are noted.
const MOST_NOTED: usize = 4 << 20;

/// The most merged regions that are noted.
const MOST_MERGED: usize = 1 << 20;

/// Why a cell has no value that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Noted {
    /// A formula that no program has calculated.
    Uncalculated,
    /// An error value.
    Error,
}

/// What a sheet holds besides the values of its cells.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// Hidden rows, from 0, in order.
    pub(super) hidden_rows: Vec<u32>,
    /// Hidden columns: the first and the last of each run, from 0.
    pub(super) hidden_columns: Vec<(u32, u32)>,
    /// Merged regions.
    pub(super) merged: Vec<Area>,
    /// Cells that the library gives no value of, in order of rows and columns.
    pub(super) noted: Vec<(u32, u32, Noted)>,
}

impl Facts {
    /// Notes a cell.
    ///
    /// # Errors
    /// Where there are too many.
    pub(super) fn note(&mut self, row: u32, column: u32, noted: Noted) -> Result<(), Problem> {
        if self.noted.len() >= MOST_NOTED {
            return Err(Problem::BeyondLimit(format!(
                "more than {MOST_NOTED} cells of the sheet are errors or formulas without a value: open the workbook in the program that calculates \
                 them, and save it"
            )));
        }
        self.noted.push((row, column, noted));
        Ok(())
    }

    /// Notes a merged region.
    ///
    /// # Errors
    /// Where there are too many.
    pub(super) fn merge(&mut self, area: Area) -> Result<(), Problem> {
        if self.merged.len() >= MOST_MERGED {
            return Err(Problem::BeyondLimit(format!(
                "the sheet has more than {MOST_MERGED} merged regions: export it as CSV"
            )));
        }
        self.merged.push(area);
        Ok(())
    }
}
