//! Why a dataset cannot be read.

use super::options::OptionProblem;
use super::panic_guard::{Failed, PanicPlace};
use crate::model::Unmeasured;

/// Why a dataset cannot be read. Every message names the path and what to do, and none holds a cell value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {problem}")]
pub struct SourceError {
    /// The path as the user wrote it, or of the file that failed.
    pub path: String,
    /// What is wrong and what to do.
    pub problem: Problem,
}

/// What is wrong with a dataset, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// There is nothing at that place, or the system does not give its bytes.
    #[error("{0}")]
    Inaccessible(String),
    /// It is not what it was taken for: of another format, packing or encoding, or of none that is known.
    #[error("{0}")]
    Foreign(String),
    /// Bytes were lost or changed after they were written, or were never right.
    #[error("{0}")]
    Damaged(String),
    /// It holds nothing to read.
    #[error("{0}")]
    Empty(String),
    /// It is beyond a limit that protects the machine.
    #[error("{0}")]
    BeyondLimit(String),
    /// An option does not fit.
    #[error("{0}")]
    Option(OptionProblem),
    /// A declaration cannot hold.
    #[error("{0}")]
    Declaration(String),
    /// Its columns: files that do not agree on them, or columns that no rule can read.
    #[error("{0}")]
    Columns(String),
    /// Somebody wrote to it meanwhile.
    #[error("changed while it was read: audit a copy that stays as it is")]
    Changed,
    /// The user stopped the audit.
    #[error("the audit was stopped")]
    Cancelled,
    /// A decoder panicked.
    #[error("{problem} (the decoder panicked at {place}: please report this line)")]
    Panicked {
        /// What cannot be read because of it.
        problem: String,
        /// Where it panicked.
        place: PanicPlace,
    },
    /// One column of a file cannot be decoded; the others may be.
    #[error("{problem}")]
    Column {
        /// The position of the column in the file, behind the others if it is inside of one.
        position: usize,
        /// What is wrong with it.
        problem: Box<Problem>,
    },
    /// It was met after rows of the same file were read.
    #[error("{problem} ({rows} rows were read before)")]
    After {
        /// What was met.
        problem: Box<Problem>,
        /// The rows before.
        rows: u64,
    },
}

impl From<OptionProblem> for Problem {
    fn from(problem: OptionProblem) -> Self {
        Self::Option(problem)
    }
}

impl Problem {
    /// What it means that bytes could not be decoded.
    pub(super) fn undecoded(problem: impl Into<String>, failed: Failed) -> Self {
        match failed.place {
            Some(place) => Self::Panicked { problem: problem.into(), place },
            None => Self::Damaged(problem.into()),
        }
    }

    /// Bytes that are not as they were written.
    pub(super) fn damaged(problem: impl Into<String>) -> Self {
        Self::Damaged(problem.into())
    }

    /// Bytes that the system does not give.
    pub(super) fn inaccessible(problem: impl Into<String>) -> Self {
        Self::Inaccessible(problem.into())
    }

    /// Something else than it was taken for.
    pub(super) fn foreign(problem: impl Into<String>) -> Self {
        Self::Foreign(problem.into())
    }

    /// Something beyond a limit.
    pub(super) fn beyond_limit(problem: impl Into<String>) -> Self {
        Self::BeyondLimit(problem.into())
    }

    /// The error of a file or dataset that the user knows by that path.
    pub(super) fn at(self, path: impl Into<String>) -> SourceError {
        SourceError { path: path.into(), problem: self }
    }
}

impl From<SourceError> for Unmeasured {
    fn from(error: SourceError) -> Self {
        match error.problem {
            Problem::Cancelled => Self::Cancelled,
            _ => Self::Unreadable(error.to_string()),
        }
    }
}
