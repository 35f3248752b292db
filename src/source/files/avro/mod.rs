//! Avro object container files.
//!
//! The records of a file are the rows. Fields of plain types are columns; what is nested has the name of its type, and no rule
//! can read it. Values have no places of their own in a block: all fields of a record are walked over, and those that are asked
//! for are kept.
//!
//! No library is used for the values: those that there are build a tree for each record, or refuse a file with a type that they
//! do not know.

mod cells;
mod codec;
mod container;
mod input;
mod schema;
mod table;

use super::format::{Format, Likelihood, no_conflicts};
use table::AvroTable;

/// An Avro object container file.
pub(in crate::source) const FORMAT: Format = Format {
    name: "avro",
    noun: "an Avro file",
    extensions: &["avro"],
    options: &[],
    is_text: false,
    has_free_columns: false,
    recognise: |head| if head.starts_with(container::MAGIC) { Likelihood::Certain } else { Likelihood::No },
    conflicts: no_conflicts,
    open: |file, _| Ok(Box::new(AvroTable::open(file)?)),
};
