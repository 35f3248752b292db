//! `SQLite` databases: one table or one query is one file of a dataset.
//!
//! - The database is opened to be read, and nothing is written beside it. A query that could do anything but read is refused.
//! - `SQLite` keeps a type with each value, not with each column. A column whose values are all of one type is given in it; else
//!   it is text, and where numbers with places behind the point are among the texts, it says so in its type: no declared
//!   notation may read a number.
//! - Binary values are faults of their record.

#[cfg(feature = "sqlite")]
mod columns;
#[cfg(feature = "sqlite")]
mod database;
mod magic;
#[cfg(feature = "sqlite")]
mod open;
mod options;
#[cfg(feature = "sqlite")]
mod problems;
#[cfg(feature = "sqlite")]
mod rows;
#[cfg(feature = "sqlite")]
mod table;
#[cfg(feature = "sqlite")]
mod unrepeatable;

use self::magic::MAGIC;
use self::options::{OPTIONS, conflicts};
use super::data_file::DataFile;
use super::format::{Format, Likelihood};
use crate::source::error::Problem;
use crate::source::options::Options;
use crate::source::table::Table;

/// A `SQLite` database.
pub(in crate::source) const FORMAT: Format = Format {
    name: "sqlite",
    noun: "a SQLite database",
    extensions: &["sqlite", "sqlite3", "db"],
    options: OPTIONS,
    is_text: false,
    has_free_columns: false,
    recognise: |head| if head.starts_with(MAGIC) { Likelihood::Certain } else { Likelihood::No },
    conflicts,
    open,
};

#[cfg(feature = "sqlite")]
fn open(file: DataFile, options: &Options) -> Result<Box<dyn Table>, Problem> {
    Ok(Box::new(open::open(file, options)?))
}

#[cfg(not(feature = "sqlite"))]
fn open(_: DataFile, _: &Options) -> Result<Box<dyn Table>, Problem> {
    Err(Problem::foreign(
        "is a SQLite database, and this build of passmuster leaves SQLite out: build it with the feature `sqlite`, or export \
         the table as CSV",
    ))
}
