//! The files of a suite. Every file that is read is listed, so that no report replaces it.

use std::path::Path;

use super::input::{Input, InputPlace, InputRole};
use super::suite::Dataset;
use crate::files::{self, FileError};

/// The files that were read, and the only way to read one.
#[derive(Debug, Default)]
pub(super) struct Inputs(Vec<Input>);

impl Inputs {
    /// Lists a file that is read.
    pub(super) fn list(&mut self, role: InputRole, path: &Path) {
        self.0.push(Input { role, place: InputPlace::File(path.to_path_buf()) });
    }

    /// Reads a file of at most `limit` bytes, and lists it.
    pub(super) fn read(&mut self, role: InputRole, path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
        self.list(role, path);
        files::read(path, limit)
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
