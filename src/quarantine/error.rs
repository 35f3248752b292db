//! Why datasets were not split.

use crate::output_folder::FolderError;
use crate::source::{Problem, SplitError};

/// Why datasets were not split. Every message names the file and what to do.
#[derive(Debug, thiserror::Error)]
pub enum QuarantineError {
    /// An input cannot be split.
    #[error("{path}: {error}")]
    Input {
        /// Its path.
        path: String,
        /// What is wrong with it.
        error: SplitError,
    },
    /// A part cannot be written.
    #[error("{0}")]
    Output(#[from] FolderError),
}

impl QuarantineError {
    /// Whether the user ended the work.
    pub const fn is_cancelled(&self) -> bool {
        matches!(self, Self::Input { error: SplitError::Input(Problem::Cancelled), .. })
    }
}
