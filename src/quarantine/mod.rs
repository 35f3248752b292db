//! Splitting the inputs of an audit: rows that failed, and all others, each in a file like its input.

mod error;
mod folder;
mod kept_marks;

pub use self::error::QuarantineError;
pub use self::folder::{Quarantine, ToSplit};
pub use self::kept_marks::KeptMarks;

/// The name of the manifest.
pub const MANIFEST: &str = "quarantine.json";
