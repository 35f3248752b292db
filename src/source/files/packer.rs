//! Writing text as its input is packed.

use std::io::{self, Write};

use bzip2::write::BzEncoder;
use flate2::Compression;
use flate2::write::GzEncoder;
use lzma_rust2::{XzOptions, XzWriter};

use super::compressed::Packing;
use crate::source::split::{PartWriter, SplitError};

/// Packs what is written to it.
pub(super) enum Packer<'w> {
    Plain(PartWriter<'w>),
    Gzip(GzEncoder<PartWriter<'w>>),
    Zstd(zstd::Encoder<'static, PartWriter<'w>>),
    Bzip2(BzEncoder<PartWriter<'w>>),
    Xz(Box<XzWriter<PartWriter<'w>>>),
}

/// The level of xz streams, the default of `xz`.
const XZ_LEVEL: u32 = 6;

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
            Packing::Bzip2 => Self::Bzip2(BzEncoder::new(out, bzip2::Compression::best())),
            Packing::Xz => {
                let packer = XzWriter::new(out, XzOptions::with_preset(XZ_LEVEL)).map_err(SplitError::Output)?;
                Self::Xz(Box::new(packer))
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
            Self::Bzip2(packer) => packer.finish()?.flush(),
            Self::Xz(packer) => packer.finish()?.flush(),
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
            Self::Bzip2(packer) => packer.write(bytes),
            Self::Xz(packer) => packer.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(out) => out.flush(),
            Self::Gzip(packer) => packer.flush(),
            Self::Zstd(packer) => packer.flush(),
            Self::Bzip2(packer) => packer.flush(),
            Self::Xz(packer) => packer.flush(),
        }
    }
}
