//! A file under way, and one that is complete and waits for its name.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use tempfile::{NamedTempFile, TempPath};

use super::error::{FolderError, FolderProblem};

/// Bytes that are written at a time.
const BUFFER: usize = 1 << 18;

/// A file under way. It is removed unless it is completed and published.
#[derive(Debug)]
pub struct Draft {
    file: BufWriter<NamedTempFile>,
    name: PathBuf,
    /// Where it will be, for people.
    shown: PathBuf,
    bytes: u64,
    hash: Sha256,
    is_broken: bool,
}

/// A file that is complete and waits for its name. It is removed unless it is published.
#[derive(Debug)]
pub struct Complete {
    pub(super) file: TempPath,
    pub(super) name: PathBuf,
    bytes: u64,
    sha256: String,
}

impl Draft {
    pub(super) fn new(file: NamedTempFile, name: &Path, shown: PathBuf) -> Self {
        let file = BufWriter::with_capacity(BUFFER, file);
        Self { file, name: name.to_path_buf(), shown, bytes: 0, hash: Sha256::new(), is_broken: false }
    }

    /// Makes sure that all of it is stored, and closes it.
    ///
    /// # Errors
    /// Where it cannot be stored, such as on a full disk.
    pub fn complete(mut self) -> Result<Complete, FolderError> {
        let stored = self.file.flush().and_then(|()| self.file.get_ref().as_file().sync_all());
        stored.map_err(|error| FolderProblem::from(error).at(&self.shown))?;
        let file = self.file.into_inner().map_err(|error| FolderProblem::from(error.into_error()).at(&self.shown))?;
        Ok(Complete {
            file: file.into_temp_path(),
            name: self.name,
            bytes: self.bytes,
            sha256: hex::encode(self.hash.finalize()),
        })
    }

    /// Whether something could not be written.
    pub const fn is_broken(&self) -> bool {
        self.is_broken
    }

    /// What it means that it cannot be written.
    pub fn failed(&self, error: io::Error) -> FolderError {
        FolderProblem::from(error).at(&self.shown)
    }

    /// The file itself.
    #[cfg(test)]
    pub(super) fn as_file(&self) -> &std::fs::File {
        self.file.get_ref().as_file()
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes).inspect_err(|_| self.is_broken = true)?;
        self.hash.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush().inspect_err(|_| self.is_broken = true)
    }
}

impl Complete {
    /// Its path in the folder.
    pub fn name(&self) -> &Path {
        &self.name
    }

    /// Its size.
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// SHA-256 of its bytes, in hex.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }
}
