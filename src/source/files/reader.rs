//! A file being read.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex, PoisonError};

/// A file being read, with a place of its own in it.
#[derive(Debug)]
pub(in crate::source) enum DataReader {
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
    /// Up to `count` bytes from a place; fewer only at the end of the file.
    pub(super) fn read_range(&mut self, start: u64, count: usize) -> io::Result<Vec<u8>> {
        match self {
            Self::Own(file) => read_range(file, start, count),
            Self::Shared { file, .. } => {
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
        match self {
            Self::Own(file) => file.read(buffer),
            Self::Shared { file, at, .. } => {
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
        match self {
            Self::Own(file) => file.seek(to),
            Self::Shared { at, bytes, .. } => {
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
