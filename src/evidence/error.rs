//! What can be wrong with an evidence folder.

use std::io;

use super::manifest::MANIFEST;
use crate::model::EVIDENCE_FORMAT;
use crate::output_folder::FolderError;

/// What can be wrong with an evidence folder. No text holds a cell value.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// The folder or a file in it cannot be written.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// A file or folder cannot be read.
    #[error("cannot read {path}")]
    Io {
        /// The file or folder.
        path: String,
        /// Why not.
        source: io::Error,
    },
    /// A table cannot be encoded.
    #[error("cannot write {path}: its rows cannot be encoded as Parquet; please report it")]
    Encode {
        /// The table.
        path: String,
    },
    /// The folder was made for other datasets.
    #[error("the evidence folder was not made for the dataset {dataset}; please report it")]
    NoDataset {
        /// The dataset.
        dataset: String,
    },
    /// A row has other columns than its table.
    #[error("a row of {path} has {given} values for {expected} columns; please report it")]
    Width {
        /// The table.
        path: String,
        /// Values of the row.
        given: usize,
        /// Columns of the table.
        expected: usize,
    },
    /// There is no folder of that name.
    #[error("the evidence folder {path} does not exist")]
    NoFolder {
        /// The folder.
        path: String,
    },
    /// It is a file.
    #[error("{path} is not a folder: name the folder that `audit --evidence` wrote")]
    NotFolder {
        /// The file.
        path: String,
    },
    /// The folder has no manifest.
    #[error("{path} is not an evidence folder: it has no {MANIFEST}. Name a folder that `audit --evidence` wrote")]
    NoManifest {
        /// The folder.
        path: String,
    },
    /// The manifest is something else.
    #[error("{path} is not the manifest of an evidence folder: {found}")]
    Foreign {
        /// The manifest.
        path: String,
        /// What it is.
        found: String,
    },
    /// A newer program wrote the folder.
    #[error(
        "{path} has the format {format}, and this program reads {EVIDENCE_FORMAT}: use the newer version of passmuster \
         that wrote it"
    )]
    Newer {
        /// The manifest.
        path: String,
        /// Its format.
        format: String,
    },
    /// The manifest was changed after it was written.
    #[error("{path} was changed after the audit wrote it (its digest does not match): audit again with --evidence")]
    Edited {
        /// The manifest.
        path: String,
    },
    /// A table is missing.
    #[error("{path} is missing: the evidence folder is not complete. Copy the whole folder, or audit again")]
    NoTable {
        /// The table.
        path: String,
    },
    /// A table was changed after it was written.
    #[error(
        "{path} was changed or cut off after the audit wrote it (its {what} does not match {MANIFEST}): copy the folder \
         again, or audit again"
    )]
    Changed {
        /// The table.
        path: String,
        /// What differs.
        what: &'static str,
    },
    /// A table cannot be decoded.
    #[error("{path} cannot be decoded as a table of evidence: copy the folder again, or audit again")]
    Undecodable {
        /// The table.
        path: String,
    },
}
