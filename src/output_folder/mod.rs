//! A folder that a command fills with files: private, whole or not at all, and nothing outside of it is touched.
//!
//! A file is written under a temporary name and gets its own name when all files of the run are complete. What was begun
//! is removed if the run ends before. Symbolic links are never followed.

mod draft;
mod error;
mod folder;
mod names;

pub use self::draft::{Complete, Draft};
pub use self::error::{FolderError, FolderProblem};
pub use self::folder::OutputFolder;
pub use self::names::file_names;
