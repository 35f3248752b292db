//! What is known of a file of delimited text once its header was read.

use encoding_rs::{Encoding, UTF_8};

use super::blocks::Blocks;
use super::cells::Shape;
use crate::source::error::Problem;
use crate::source::files::data_file::DataFile;

/// A file, and how its records are written.
#[derive(Debug)]
pub(super) struct CsvFile {
    /// Its bytes.
    pub(super) data: DataFile,
    /// Its encoding.
    pub(super) encoding: &'static Encoding,
    /// What its records look like.
    pub(super) shape: Shape,
    /// Whether its first record alone says how many columns there are.
    pub(super) is_guessed: bool,
    /// What is before the header.
    pub(super) above: Beginning,
    /// What is before the first data record, the header too.
    pub(super) header: Beginning,
    /// How many records the header has.
    pub(super) header_records: usize,
}

/// The beginning of a text.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Beginning {
    /// Its bytes.
    pub(super) bytes: usize,
    /// Its lines.
    pub(super) lines: u64,
    /// Its characters; `None` where a part of it was not held.
    pub(super) characters: Option<u64>,
}

impl Beginning {
    /// No text.
    pub(super) const EMPTY: Self = Self { bytes: 0, lines: 0, characters: Some(0) };

    /// Adds text without its lines.
    pub(super) fn add(&mut self, text: &[u8]) {
        self.bytes += text.len();
        let characters = text.iter().filter(|byte| **byte & 0xc0 != 0x80).count() as u64;
        self.characters = self.characters.map(|before| before + characters);
    }
}

impl CsvFile {
    /// The byte after the header and a byte order mark, where a byte of the file is one of its text, or a character.
    pub(super) fn data_start(&self) -> Result<Option<u64>, Problem> {
        if self.encoding != UTF_8 {
            return Ok(self.header.characters);
        }
        let mark = if self.data.head()?.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        Ok(Some(mark + self.header.bytes as u64))
    }

    /// Cuts the file into blocks of about so many bytes, from its first byte on.
    pub(super) fn blocks(&self, block: usize) -> Result<Blocks, Problem> {
        Blocks::new(&self.data, self.encoding, &self.shape, block)
    }
}
