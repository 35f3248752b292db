//! The first and the last bytes of a text file, by which it can be seen how it is written.

use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

use super::compressed::{Packing, Unpacked};
use super::data_file::{DataFile, extension, unreadable};
use crate::source::error::Problem;

/// The most bytes of the beginning.
const FIRST: usize = 1 << 20;

/// The most bytes of the end.
const LAST: u64 = 1 << 16;

/// The first and the last bytes of a file, unpacked and not decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beginning {
    /// The path as reports show it.
    pub path: String,
    /// The first bytes, at most 1 MiB.
    pub first: Vec<u8>,
    /// The last bytes, at most 64 KiB, from an even place on; empty where the first ones are the whole file, and where the
    /// file is packed.
    pub last: Vec<u8>,
    /// Whether the first bytes are the whole file.
    pub is_whole: bool,
    /// What is between cells in a file of that name, where nothing is declared.
    pub delimiter: char,
}

impl Beginning {
    /// Those of a file.
    ///
    /// # Errors
    /// Where it cannot be read or unpacked.
    pub(in crate::source) fn of(file: &DataFile) -> Result<Self, Problem> {
        let mut input =
            Unpacked::new(file.open()?, file.packing).map_err(|_| Problem::damaged("cannot be unpacked"))?;
        let mut first = Vec::new();
        let is_whole = input.append(&mut first, FIRST)? < FIRST;
        let mut last = Vec::new();
        if !is_whole && file.packing == Packing::Plain {
            let mut reader = file.open()?;
            // A character of UTF-16 has an even number of bytes.
            let from = file.bytes.saturating_sub(LAST) & !1;
            reader.seek(SeekFrom::Start(from)).map_err(|error| unreadable(&error))?;
            reader.take(LAST + 1).read_to_end(&mut last).map_err(|error| unreadable(&error))?;
        }
        let delimiter = match extension(Path::new(&file.shown)).as_deref() {
            Some("tsv" | "tab") => '\t',
            Some("psv") => '|',
            _ => ',',
        };
        Ok(Self { path: file.shown.clone(), first, last, is_whole, delimiter })
    }
}
