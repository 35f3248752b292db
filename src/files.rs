//! Files that are read whole, up to a limit.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

/// Why a file cannot be used. The text is the end of a sentence that begins with the path.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The system does not give it.
    #[error("{}", reason(*.0))]
    Unreadable(ErrorKind),
    /// It has more bytes than are read.
    #[error("is larger than {} MiB", .limit >> 20)]
    TooLarge {
        /// The most bytes.
        limit: u64,
    },
    /// It is not text.
    #[error("is not UTF-8 text; convert it first")]
    NotUtf8,
}

impl From<io::Error> for FileError {
    fn from(error: io::Error) -> Self {
        Self::Unreadable(error.kind())
    }
}

fn reason(kind: ErrorKind) -> String {
    match kind {
        ErrorKind::NotFound => "does not exist".to_owned(),
        ErrorKind::PermissionDenied => "may not be read: permission denied".to_owned(),
        ErrorKind::IsADirectory => "is a folder, not a file".to_owned(),
        kind => format!("cannot be read: {kind}"),
    }
}

/// Reads a file of at most `limit` bytes.
///
/// # Errors
/// If the system does not give it, or it has more bytes.
pub fn read(path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
    let mut bytes = Vec::new();
    File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit { Err(FileError::TooLarge { limit }) } else { Ok(bytes) }
}
