//! Keeps why a file could not be written: the encoder in between passes on only a text.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use crate::output_folder::Draft;

/// Why a file could not be written.
#[derive(Clone, Default)]
pub(super) struct Failure(Arc<Mutex<Option<io::Error>>>);

impl Failure {
    /// Takes the error, if there was one.
    pub(super) fn take(&self) -> Option<io::Error> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn keep<T>(&self, outcome: io::Result<T>) -> io::Result<T> {
        outcome.map_err(|error| {
            let kind = error.kind();
            self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
            kind.into()
        })
    }
}

/// A file under way that keeps why it could not be written.
pub(super) struct Watched {
    pub(super) draft: Draft,
    pub(super) failure: Failure,
}

impl Write for Watched {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.failure.keep(self.draft.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.failure.keep(self.draft.flush())
    }
}
