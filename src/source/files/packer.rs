//! Writing text as its input is packed.

use std::io::{self, Write};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::compressed::Packing;
use crate::source::split::{PartWriter, SplitError};

/// Packs what is written to it.
pub(super) enum Packer<'w> {
    Plain(PartWriter<'w>),
    Gzip(GzEncoder<PartWriter<'w>>),
    Zstd(zstd::Encoder<'static, PartWriter<'w>>),
}

impl<'w> Packer<'w> {
    pub(super) fn new(out: PartWriter<'w>, packing: Packing) -> Result<Self, SplitError> {
        Ok(match packing {
            Packing::Plain => Self::Plain(out),
            Packing::Gzip => Self::Gzip(GzEncoder::new(out, Compression::default())),
            Packing::Zstd => {
                let mut packer =
                    zstd::Encoder::new(out, zstd::DEFAULT_COMPRESSION_LEVEL).map_err(SplitError::Output)?;
                packer.include_checksum(true).map_err(SplitError::Output)?;
                Self::Zstd(packer)
            }
        })
    }

    /// Writes bytes.
    pub(super) fn put(&mut self, bytes: &[u8]) -> Result<(), SplitError> {
        self.write_all(bytes).map_err(SplitError::Output)
    }

    /// Writes the end of the packing.
    pub(super) fn finish(self) -> Result<(), SplitError> {
        let end = || match self {
            Self::Plain(out) => out.flush(),
            Self::Gzip(packer) => packer.finish()?.flush(),
            Self::Zstd(packer) => packer.finish()?.flush(),
        };
        end().map_err(SplitError::Output)
    }
}

impl Write for Packer<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(out) => out.write(bytes),
            Self::Gzip(packer) => packer.write(bytes),
            Self::Zstd(packer) => packer.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(out) => out.flush(),
            Self::Gzip(packer) => packer.flush(),
            Self::Zstd(packer) => packer.flush(),
        }
    }
}
