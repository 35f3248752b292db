//! A file being read.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex, PoisonError};

/// A file being read, with a place of its own in it.
#[derive(Debug)]
pub(in crate::source) struct DataReader {
    file: Opened,
    /// The bytes of memory that the process may take.
    memory: u64,
}

/// Where the bytes come from.
#[derive(Debug)]
enum Opened {
    /// A file that nobody else has open.
    Own(File),
    /// A file that others read too.
    Shared {
        /// The file.
        file: Arc<Mutex<File>>,
        /// Where this reader is.
        at: u64,
        /// The size of the file.
        bytes: u64,
    },
}

impl DataReader {
    /// Reads a file that nobody else has open.
    pub(super) const fn own(file: File, memory: u64) -> Self {
        Self { file: Opened::Own(file), memory }
    }

    /// Reads a file of so many bytes that others read too, from its start.
    pub(super) const fn shared(file: Arc<Mutex<File>>, bytes: u64, memory: u64) -> Self {
        Self { file: Opened::Shared { file, at: 0, bytes }, memory }
    }

    /// The bytes of memory that the process may take: what is held to unpack the file must be less.
    pub(super) const fn memory(&self) -> u64 {
        self.memory
    }

    /// Up to `count` bytes from a place; fewer only at the end of the file.
    pub(super) fn read_range(&mut self, start: u64, count: usize) -> io::Result<Vec<u8>> {
        match &mut self.file {
            Opened::Own(file) => read_range(file, start, count),
            Opened::Shared { file, .. } => {
                read_range(&mut file.lock().unwrap_or_else(PoisonError::into_inner), start, count)
            }
        }
    }
}

/// Reads from the file itself: it fills memory that is not set to zero before, which `Read` of other types cannot do.
fn read_range(file: &mut File, start: u64, count: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(count);
    file.seek(SeekFrom::Start(start))?;
    file.take(count as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

impl Read for DataReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.file {
            Opened::Own(file) => file.read(buffer),
            Opened::Shared { file, at, .. } => {
                let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
                file.seek(SeekFrom::Start(*at))?;
                let read = file.read(buffer)?;
                *at += read as u64;
                Ok(read)
            }
        }
    }
}

impl Seek for DataReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match &mut self.file {
            Opened::Own(file) => file.seek(to),
            Opened::Shared { at, bytes, .. } => {
                let place = match to {
                    SeekFrom::Start(place) => Some(place),
                    SeekFrom::End(offset) => bytes.checked_add_signed(offset),
                    SeekFrom::Current(offset) => at.checked_add_signed(offset),
                };
                *at = place.ok_or(io::ErrorKind::InvalidInput)?;
                Ok(*at)
            }
        }
    }
}
