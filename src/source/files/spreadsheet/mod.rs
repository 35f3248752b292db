//! Workbooks: one sheet is one file of a dataset.
//!
//! - `.xlsx`, `.xlsm` and `.xlsb` are read cell by cell; the texts that cells share are held whole. Of `.xls` and `.ods` the
//!   library holds whole sheets. What is held is estimated from the sizes in the file, and refused where it does not fit.
//! - A column whose cells are all of one kind is given in that type. Where texts are mixed with numbers or dates, all cells are
//!   text, and the column says so in its type: no declared notation may read a number cell.
//! - Error values, and formulas that no program has calculated, are faults of their record.
//! - Macros and formulas never run.

#[cfg(feature = "spreadsheet")]
mod area;
#[cfg(feature = "spreadsheet")]
mod binary;
#[cfg(feature = "spreadsheet")]
mod book;
#[cfg(feature = "spreadsheet")]
mod cell;
#[cfg(feature = "spreadsheet")]
mod cells;
#[cfg(feature = "spreadsheet")]
mod columns;
#[cfg(feature = "spreadsheet")]
mod directory;
#[cfg(feature = "spreadsheet")]
mod facts;
mod magic;
#[cfg(feature = "spreadsheet")]
mod open;
#[cfg(feature = "spreadsheet")]
mod open_document;
mod options;
#[cfg(feature = "spreadsheet")]
mod password;
#[cfg(feature = "spreadsheet")]
mod rows;
#[cfg(feature = "spreadsheet")]
mod sheet;
#[cfg(feature = "spreadsheet")]
mod table;
#[cfg(feature = "spreadsheet")]
mod xml;

use self::magic::{OLE, ZIP};
use self::options::{OPTIONS, conflicts};
use super::data_file::DataFile;
use super::format::{Format, Likelihood};
use crate::source::error::Problem;
use crate::source::options::Options;
use crate::source::table::Table;

/// A workbook.
pub(in crate::source) const FORMAT: Format = Format {
    name: "spreadsheet",
    noun: "a workbook",
    extensions: &["xlsx", "xlsm", "xlsb", "xls", "ods"],
    options: OPTIONS,
    is_text: false,
    has_free_columns: false,
    // Other archives begin like that, too: what is inside shows whether it is a workbook.
    recognise: |head| {
        if head.starts_with(OLE) {
            Likelihood::Certain
        } else if head.starts_with(ZIP) {
            Likelihood::Likely
        } else {
            Likelihood::No
        }
    },
    conflicts,
    open,
};

#[cfg(feature = "spreadsheet")]
fn open(file: DataFile, options: &Options) -> Result<Box<dyn Table>, Problem> {
    Ok(Box::new(open::open(file, options)?))
}

#[cfg(not(feature = "spreadsheet"))]
fn open(_: DataFile, _: &Options) -> Result<Box<dyn Table>, Problem> {
    Err(Problem::foreign(
        "is a workbook, and this build of passmuster leaves workbooks out: build it with the feature `spreadsheet`, or \
         export the sheet as CSV",
    ))
}
