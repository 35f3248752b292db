//! The bytes of a stored file: unpacked where they are gzip or Zstandard, as the first bytes show, not the name.

use std::io::{self, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::MultiGzDecoder;

use super::reader::DataReader;
use crate::source::error::Problem;

/// A stream may grow to this many times its stored size. gzip cannot do more than 1032 times, and only for bytes that
/// are all equal.
const MAX_RATIO: u64 = 1000;

/// The ratio is not looked at before this many bytes, since small files of one repeated row are harmless.
const RATIO_FLOOR: u64 = 64 << 20;

/// How a file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::source) enum Packing {
    /// Not at all.
    Plain,
    /// gzip, of one member or many.
    Gzip,
    /// Zstandard, of one frame or many.
    Zstd,
}

impl Packing {
    /// The packing, by the first bytes.
    pub(in crate::source) fn detect(head: &[u8]) -> Self {
        match head {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            _ => Self::Plain,
        }
    }

    pub(in crate::source) const fn name(self) -> &'static str {
        match self {
            Self::Plain => "file",
            Self::Gzip => "gzip stream",
            Self::Zstd => "zstd stream",
        }
    }
}

/// A file being read from its start, unpacked.
pub(super) struct Unpacked {
    reader: Box<dyn Read + Send>,
    packing: Packing,
    stored: Arc<AtomicU64>,
    given: u64,
}

impl Unpacked {
    /// Reads the file from its first byte.
    pub(super) fn new(file: DataReader, packing: Packing) -> io::Result<Self> {
        let stored = Arc::new(AtomicU64::new(0));
        let counted = Counted { file, stored: Arc::clone(&stored) };
        let reader: Box<dyn Read + Send> = match packing {
            Packing::Plain => Box::new(counted),
            Packing::Gzip => Box::new(MultiGzDecoder::new(BufReader::with_capacity(1 << 17, counted))),
            Packing::Zstd => Box::new(zstd::Decoder::with_buffer(BufReader::with_capacity(1 << 17, counted))?),
        };
        Ok(Self { reader, packing, stored, given: 0 })
    }

    /// Stored bytes read so far.
    pub(super) fn stored(&self) -> u64 {
        self.stored.load(Ordering::Relaxed)
    }

    /// Appends up to `count` bytes; fewer only at the end of the file.
    pub(super) fn append(&mut self, buffer: &mut Vec<u8>, count: usize) -> Result<usize, Problem> {
        let limit = u64::try_from(count).unwrap_or(u64::MAX);
        buffer.reserve(count);
        let read = self.reader.by_ref().take(limit).read_to_end(buffer).map_err(|error| self.explain(&error))?;
        self.given += read as u64;
        if self.packing != Packing::Plain
            && self.given > RATIO_FLOOR
            && self.given > self.stored().saturating_mul(MAX_RATIO)
        {
            return Err(Problem::BeyondLimit(format!(
                "the {} grows to more than {MAX_RATIO} times its size, as files do that are made to exhaust a machine: \
                 unpack it yourself if it is sound",
                self.packing.name()
            )));
        }
        Ok(read)
    }

    /// What a failed read means. Texts of the operating system hold no data; those of the unpackers are replaced.
    fn explain(&self, error: &io::Error) -> Problem {
        match self.packing {
            Packing::Plain if error.raw_os_error().is_some() => {
                Problem::Inaccessible(format!("cannot be read: {error}"))
            }
            Packing::Plain => Problem::inaccessible("cannot be read"),
            packed if error.kind() == io::ErrorKind::UnexpectedEof => {
                Problem::Damaged(format!("the {} ends too early: get the whole file again", packed.name()))
            }
            packed => Problem::Damaged(format!("the {} is damaged: get the file again", packed.name())),
        }
    }
}

/// Counts what is read from the file itself.
struct Counted {
    file: DataReader,
    stored: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.stored.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}
