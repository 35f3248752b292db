//! What an owner has to repair: a selection of the rows and groups of an evidence folder, for people and for programs.
//!
//! Rows stream from the tables to the document, so that the memory that is needed does not grow with their number.

mod csv;
mod json;
mod listed;
mod selection;
mod table;
mod workbook;

pub use self::csv::write_csv;
pub use self::json::write_json;
pub use self::listed::Listed;
pub use self::selection::{NotFound, Selection, Wanted};
pub use self::table::write_table;
pub use self::workbook::{SHEET_ROWS, write_workbook};

use std::io;

use crate::evidence::EvidenceError;

/// Why a document could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WorklistError {
    /// The evidence cannot be read.
    #[error(transparent)]
    Evidence(#[from] EvidenceError),
    /// The document cannot be written.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The workbook cannot be written.
    #[error("cannot write the workbook: {0}")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
}

impl From<::csv::Error> for WorklistError {
    fn from(error: ::csv::Error) -> Self {
        // What is written are texts, so nothing else can fail; and whoever looks at the kind of the error needs that of the file.
        match error.into_kind() {
            ::csv::ErrorKind::Io(error) => Self::Io(error),
            other => Self::Io(io::Error::other(format!("{other:?}"))),
        }
    }
}

impl From<serde_json::Error> for WorklistError {
    fn from(error: serde_json::Error) -> Self {
        Self::Io(error.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_pipe_is_known_as_one() {
        let closed = || io::Error::from(io::ErrorKind::BrokenPipe);
        for error in
            [WorklistError::from(::csv::Error::from(closed())), WorklistError::from(serde_json::Error::io(closed()))]
        {
            assert!(matches!(error, WorklistError::Io(error) if error.kind() == io::ErrorKind::BrokenPipe));
        }
    }
}
