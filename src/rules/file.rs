//! Files that are read whole, up to a limit. Every file that is read is listed, so that no report replaces it.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use super::input::{Input, InputPlace, InputRole};
use super::suite::Dataset;

/// Why a file cannot be used. The text is the end of a sentence that begins with the path.
#[derive(Debug, thiserror::Error)]
pub(super) enum FileError {
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

/// The files that were read, and the only way to read one.
#[derive(Debug, Default)]
pub(super) struct Inputs(Vec<Input>);

impl Inputs {
    /// Reads a file of at most `limit` bytes, and lists it.
    pub(super) fn read(&mut self, role: InputRole, path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
        self.0.push(Input { role, place: InputPlace::File(path.to_path_buf()) });
        let mut bytes = Vec::new();
        File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > limit { Err(FileError::TooLarge { limit }) } else { Ok(bytes) }
    }

    /// Reads a text of at most `limit` bytes, and lists its file.
    pub(super) fn read_text(&mut self, role: InputRole, path: &Path, limit: u64) -> Result<String, FileError> {
        String::from_utf8(self.read(role, path, limit)?).map_err(|_| FileError::NotUtf8)
    }

    /// What was read, and the data that will be.
    pub(super) fn with_data(self, datasets: &[Dataset]) -> Vec<Input> {
        let data = datasets.iter().map(|dataset| Input {
            role: InputRole::Data(dataset.name.clone()),
            place: InputPlace::Data(dataset.source.clone()),
        });
        self.0.into_iter().chain(data).collect()
    }
}
