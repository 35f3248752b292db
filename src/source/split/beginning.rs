//! The first bytes of a part.

use std::io::{self, Write};

use super::splitting::PartWriter;

/// Bytes by which formats and packings are recognised, at most.
const MOST: usize = 16;

/// Passes a part on and keeps its first bytes.
pub(in crate::source) struct Beginning<'w> {
    out: PartWriter<'w>,
    bytes: Vec<u8>,
}

impl<'w> Beginning<'w> {
    /// Passes on what is written to that part.
    pub(in crate::source) const fn new(out: PartWriter<'w>) -> Self {
        Self { out, bytes: Vec::new() }
    }

    /// The first bytes.
    pub(in crate::source) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl Write for Beginning<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        let kept = written.min(MOST - self.bytes.len());
        self.bytes.extend_from_slice(&bytes[..kept]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
