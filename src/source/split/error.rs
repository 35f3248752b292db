//! Why a file cannot be split.

use std::io;

use crate::source::error::Problem;

/// Why a file cannot be split.
#[derive(Debug, thiserror::Error)]
pub enum SplitError {
    /// The input cannot be read, or cannot be split as it is.
    #[error("{0}")]
    Input(#[from] Problem),
    /// One of the two files cannot be written.
    #[error("cannot be written: {0}")]
    Output(io::Error),
    /// The list of failing records cannot be read.
    #[error("the list of failing rows cannot be read: {0}")]
    Marks(io::Error),
    /// The list of failing records names records that the file does not have, or not in file order.
    #[error("the failing rows do not fit the file: record {0} is not where it should be (please report this line)")]
    Order(u64),
}

impl SplitError {
    /// What is in the file cannot be put into one of the same format.
    pub(in crate::source) fn unfit(problem: impl Into<String>) -> Self {
        Self::Input(Problem::Declaration(problem.into()))
    }
}
