//! Reads stored results: those of this version and of older ones.

use std::path::Path;

use serde::Deserialize as _;
use serde_json::Value;
use serde_json::error::Category;

use super::digest;
use crate::files::{self, FileError};
use crate::model::{AuditReport, FORMAT_NAME, FORMAT_VERSION};

/// The largest result, in bytes.
const MAX_BYTES: u64 = 256 << 20;

/// The first version of the format whose results have a digest.
const FIRST_WITH_DIGEST: u32 = 2;

/// Why a file cannot be used as a result. The text is the end of a sentence that begins with the path.
#[derive(Debug, thiserror::Error)]
pub enum ResultError {
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// The text ends before the document does.
    #[error("is cut off: its JSON ends too early, on line {line}. Copy the file again, or audit again")]
    Truncated {
        /// The last line.
        line: usize,
    },
    /// It is another kind of document.
    #[error("is not a result of passmuster: write one with `passmuster audit --format json`")]
    NoResult,
    /// It is a document of the program, but not of an audit.
    #[error(
        "is a document in the format {0}, not the result of an audit: write one with `passmuster audit --format json`"
    )]
    OtherDocument(String),
    /// A later version of the program wrote it.
    #[error(
        "was written by a newer passmuster{}, in the format {format}; this version reads up to {FORMAT_NAME}/{FORMAT_VERSION}: \
         update passmuster",
        .version.as_ref().map(|version| format!(" ({version})")).unwrap_or_default()
    )]
    Newer {
        /// The format that it names.
        format: String,
        /// The version that it names.
        version: Option<String>,
    },
    /// It does not have what its format promises.
    #[error("is a damaged result: {0}")]
    Damaged(serde_json::Error),
    /// The counts of a rule do not add up.
    #[error("is a damaged result: the counts of {rule} do not add up")]
    Counts {
        /// The rule.
        rule: String,
    },
    /// It has no digest, which its format promises.
    #[error("was changed after it was written: its digest is absent. Restore the file, or audit again")]
    NoDigest,
    /// Its digest is not that of what it holds.
    #[error("was changed after it was written: its digest does not match. Restore the file, or audit again")]
    WrongDigest,
}

/// Reads a result.
///
/// # Errors
/// Why the file cannot be used as one.
pub fn read(path: &Path) -> Result<AuditReport, ResultError> {
    parse(&files::read(path, MAX_BYTES)?)
}

/// Reads a result from its text.
///
/// # Errors
/// Why it is none.
pub fn parse(text: &[u8]) -> Result<AuditReport, ResultError> {
    let document: Value = serde_json::from_slice(text).map_err(|error| match error.classify() {
        // A file that begins like a result is one that was cut off.
        Category::Eof if text.trim_ascii_start().starts_with(b"{") => ResultError::Truncated { line: error.line() },
        _ => ResultError::NoResult,
    })?;
    let format = document.get("format").and_then(Value::as_str).unwrap_or_default();
    let version = match format.split_once('/') {
        Some((FORMAT_NAME, version)) => version.parse::<u32>().map_err(|_| ResultError::NoResult)?,
        Some((other, _)) if other.starts_with("passmuster.") => {
            return Err(ResultError::OtherDocument(format.to_owned()));
        }
        _ => return Err(ResultError::NoResult),
    };
    if version > FORMAT_VERSION {
        let by = document.pointer("/tool/version").and_then(Value::as_str);
        return Err(ResultError::Newer { format: format.to_owned(), version: by.map(str::to_owned) });
    }
    let report = AuditReport::deserialize(&document).map_err(ResultError::Damaged)?;
    let mut rules = report.datasets.iter().flat_map(|dataset| &dataset.rules);
    if let Some(rule) = rules.find(|rule| rule.passed.checked_add(rule.failed) != Some(rule.evaluated)) {
        return Err(ResultError::Counts { rule: rule.id.clone() });
    }
    match &report.digest {
        None if version < FIRST_WITH_DIGEST => Ok(report),
        None => Err(ResultError::NoDigest),
        Some(stated) if *stated == digest::of_document(document) => Ok(report),
        Some(_) => Err(ResultError::WrongDigest),
    }
}
