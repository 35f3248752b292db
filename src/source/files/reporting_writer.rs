//! A writer for libraries that do not hand on the errors of the system.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use crate::source::split::{PartWriter, SplitError};

/// The first error of a writer.
#[derive(Debug, Clone, Default)]
pub(super) struct FirstError(Arc<Mutex<Option<io::Error>>>);

impl FirstError {
    /// What went wrong: the error of the writer, if there was one; otherwise this.
    pub(super) fn or(&self, other: impl Into<SplitError>) -> SplitError {
        let found = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        found.map_or_else(|| other.into(), SplitError::Output)
    }
}

/// Keeps the first error of the writer behind it.
pub(super) struct ReportingWriter<'a> {
    out: PartWriter<'a>,
    first: FirstError,
}

impl<'a> ReportingWriter<'a> {
    /// Writes there, and keeps the first error of it here.
    pub(super) fn new(out: PartWriter<'a>, first: &FirstError) -> Self {
        Self { out, first: first.clone() }
    }

    fn note<T>(&self, result: io::Result<T>) -> io::Result<T> {
        result.map_err(|error| {
            let kind = error.kind();
            if kind != io::ErrorKind::Interrupted {
                self.first.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
            }
            io::Error::from(kind)
        })
    }
}

impl Write for ReportingWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes);
        self.note(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        let flushed = self.out.flush();
        self.note(flushed)
    }
}
