//! The bytes of a stored file: unpacked where they are gzip, Zstandard, bzip2 or xz, as the first bytes show, not the name.

use std::io::{self, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bzip2::bufread::MultiBzDecoder;
use flate2::bufread::MultiGzDecoder;
use lzma_rust2::XzReader;

use super::reader::DataReader;
use crate::source::error::Problem;
use crate::source::panic_guard::catch_panic;

/// A stream may grow to this many times its stored size. gzip cannot do more than 1032 times, and only for bytes that
/// are all equal; the others can, for files of rows that hardly differ.
pub(super) const MAX_RATIO: u64 = 1000;

/// The ratio is not looked at before this many bytes, since small files of one repeated row are harmless.
pub(super) const RATIO_FLOOR: u64 = 64 << 20;

/// The part of the memory that unpacking a stream may take.
const OF_MEMORY: u64 = 4;

/// The most memory that unpacking a stream may take, in KiB. `xz -9` makes streams that need 65 MiB.
const MOST_KIB: u64 = 1 << 20;

/// How a file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::source) enum Packing {
    /// Not at all.
    Plain,
    /// gzip, of one member or many.
    Gzip,
    /// Zstandard, of one frame or many.
    Zstd,
    /// bzip2, of one stream or many.
    Bzip2,
    /// xz, of one stream or many.
    Xz,
}

impl Packing {
    /// The packing, by the first bytes.
    pub(in crate::source) fn detect(head: &[u8]) -> Self {
        match head {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            // A block, or the end of a stream without one.
            [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, ..]
            | [b'B', b'Z', b'h', b'1'..=b'9', 0x17, 0x72, 0x45, 0x38, 0x50, 0x90, ..] => Self::Bzip2,
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Self::Xz,
            _ => Self::Plain,
        }
    }

    /// The packing of a file that is so short that it ends inside of what such files start with, where its name has that
    /// extension.
    pub(in crate::source) fn of_beginning(head: &[u8], extension: &str) -> Option<Self> {
        let (packing, beginning): (_, &[u8]) = match extension {
            "gz" => (Self::Gzip, b"\x1f\x8b"),
            "zst" => (Self::Zstd, b"\x28\xb5\x2f\xfd"),
            "xz" => (Self::Xz, b"\xfd7zXZ\0"),
            "bz2" => {
                // The fourth byte is the size of blocks.
                let begins = head.len() < 10 && head.iter().zip(b"BZh").all(|(byte, magic)| byte == magic);
                return (begins && !head.is_empty()).then_some(Self::Bzip2);
            }
            _ => return None,
        };
        (!head.is_empty() && beginning.starts_with(head)).then_some(packing)
    }

    /// What names of such files end with.
    pub(in crate::source) const fn ending(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Gzip => ".gz",
            Self::Zstd => ".zst",
            Self::Bzip2 => ".bz2",
            Self::Xz => ".xz",
        }
    }

    pub(in crate::source) const fn name(self) -> &'static str {
        match self {
            Self::Plain => "file",
            Self::Gzip => "gzip stream",
            Self::Zstd => "zstd stream",
            Self::Bzip2 => "bzip2 stream",
            Self::Xz => "xz stream",
        }
    }
}

/// Whether an xz file that starts with these bytes has checksums of its content, as its first stream says.
pub(in crate::source) fn xz_has_checksums(head: &[u8]) -> bool {
    head.get(7).is_none_or(|flags| flags & 0x0f != 0)
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
        let memory = (file.memory() / OF_MEMORY / 1024).min(MOST_KIB);
        let counted = Counted { file, stored: Arc::clone(&stored) };
        let reader: Box<dyn Read + Send> = match packing {
            Packing::Plain => Box::new(counted),
            Packing::Gzip => Box::new(MultiGzDecoder::new(buffered(counted))),
            Packing::Zstd => Box::new(zstd::Decoder::with_buffer(buffered(counted))?),
            Packing::Bzip2 => Box::new(MultiBzDecoder::new(buffered(counted))),
            Packing::Xz => {
                let memory = u32::try_from(memory).unwrap_or(u32::MAX);
                Box::new(XzReader::new_mem_limit(buffered(counted), true, memory))
            }
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
        let reader = &mut self.reader;
        let read = catch_panic(|| Ok::<_, ()>(reader.by_ref().take(limit).read_to_end(buffer)));
        let read = read.map_err(|failed| Problem::undecoded(self.damaged(), failed))?;
        let read = read.map_err(|error| self.explain(&error))?;
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
            packed if error.kind() == io::ErrorKind::OutOfMemory => Problem::BeyondLimit(format!(
                "the {} takes more memory to unpack than a quarter of what the process may take: allow more with --memory, \
                 or pack the file again with a smaller dictionary, as `xz -6` does",
                packed.name()
            )),
            _ => Problem::Damaged(self.damaged()),
        }
    }

    /// What it means that the bytes are not those of its packing.
    fn damaged(&self) -> String {
        format!("the {} is damaged: get the file again", self.packing.name())
    }
}

fn buffered(file: Counted) -> BufReader<Counted> {
    BufReader::with_capacity(1 << 17, file)
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
