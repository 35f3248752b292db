//! How blocks are packed.

use std::io::Read;

use bzip2::read::BzDecoder;
use flate2::read::DeflateDecoder;
use lzma_rust2::XzReader;

use super::input::Damage;
use crate::source::error::Problem;
use crate::source::panic_guard::catch_panic;

/// How the blocks of a file are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Codec {
    Plain,
    Deflate,
    Snappy,
    Zstandard,
    Bzip2,
    Xz,
}

/// A block that cannot be unpacked.
pub(super) enum Packed {
    Damaged,
    /// It is larger than it may be.
    TooLarge,
}

impl From<Damage> for Packed {
    fn from(_: Damage) -> Self {
        Self::Damaged
    }
}

impl Codec {
    /// The codec of that name.
    ///
    /// # Errors
    /// Where it is not known.
    pub(super) fn of(name: &[u8]) -> Result<Self, Problem> {
        Ok(match name {
            b"" | b"null" => Self::Plain,
            b"deflate" => Self::Deflate,
            b"snappy" => Self::Snappy,
            b"zstandard" => Self::Zstandard,
            b"bzip2" => Self::Bzip2,
            b"xz" => Self::Xz,
            other => {
                let name: String = String::from_utf8_lossy(other).chars().take(40).collect();
                return Err(Problem::Foreign(format!(
                    "the blocks of the Avro file are packed with `{}`, which is not read: write it with deflate, snappy or \
                     zstandard",
                    name.escape_debug()
                )));
            }
        })
    }

    /// Unpacks a block, which may have so many bytes.
    pub(super) fn unpack(self, bytes: Vec<u8>, most: usize) -> Result<Vec<u8>, Packed> {
        match self {
            Self::Plain => Ok(bytes),
            Self::Deflate => read(DeflateDecoder::new(bytes.as_slice()), most),
            Self::Zstandard => read(zstd::Decoder::new(bytes.as_slice()).map_err(|_| Packed::Damaged)?, most),
            Self::Bzip2 => read(BzDecoder::new(bytes.as_slice()), most),
            Self::Xz => {
                let memory = u32::try_from(most / 1024).unwrap_or(u32::MAX).max(1 << 10);
                read(XzReader::new_mem_limit(bytes.as_slice(), true, memory), most)
            }
            Self::Snappy => snappy(&bytes, most),
        }
    }
}

/// Reads all that a decoder gives.
fn read(decoder: impl Read, most: usize) -> Result<Vec<u8>, Packed> {
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    let mut unpacked = Vec::new();
    catch_panic(|| decoder.take(limit).read_to_end(&mut unpacked)).map_err(|_| Packed::Damaged)?;
    if unpacked.len() > most { Err(Packed::TooLarge) } else { Ok(unpacked) }
}

/// A block of Snappy, with the checksum of what it unpacks to behind it.
fn snappy(bytes: &[u8], most: usize) -> Result<Vec<u8>, Packed> {
    let (packed, sum) = bytes.split_last_chunk::<4>().ok_or(Packed::Damaged)?;
    let size = snap::raw::decompress_len(packed).map_err(|_| Packed::Damaged)?;
    if size > most {
        return Err(Packed::TooLarge);
    }
    let unpacked = catch_panic(|| snap::raw::Decoder::new().decompress_vec(packed)).map_err(|_| Packed::Damaged)?;
    if crc32fast::hash(&unpacked) == u32::from_be_bytes(*sum) { Ok(unpacked) } else { Err(Packed::Damaged) }
}
