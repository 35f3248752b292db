//! Splitting a file in two of the same format: the records that failed, and all others.
//!
//! Both files together are the input, to the row. Text keeps its bytes: what the file without failing records holds is the
//! input less these records; each failing record is its own bytes and one more cell.

mod beginning;
mod error;
mod free_name;
mod marks;
mod splitting;

pub use self::error::SplitError;
pub use self::marks::{Marked, Marks};
pub use self::splitting::{PartWriter, Parts, SplitRows, Splitting};

pub(super) use self::beginning::Beginning;
pub(super) use self::free_name::free_name;
pub(super) use self::splitting::SEPARATOR;
