//! What is known of a file of delimited text once its header was read.

use std::io::Read as _;

use encoding_rs::{Encoding, UTF_8};
use memchr::memchr_iter;

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
    /// Bytes of text and lines before the first data record.
    pub(super) header: (usize, u64),
}

impl CsvFile {
    /// The byte after the header and a byte order mark.
    pub(super) fn data_start(&self) -> Result<u64, Problem> {
        let mark = if self.encoding == UTF_8 && self.data.head()?.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        if self.encoding == UTF_8 || self.header.0 == 0 {
            return Ok(mark + self.header.0 as u64);
        }
        // The length of the header is that of its decoded text, whose lines are as many as those stored.
        let mut bytes = Vec::new();
        let length = u64::try_from(self.header.0).map_err(|_| Problem::beyond_limit("the header is too long"))?;
        self.data.open()?.take(length).read_to_end(&mut bytes).map_err(|_| Problem::inaccessible("cannot be read"))?;
        let ends = memchr_iter(self.shape.dialect.terminator, &bytes);
        let lines = usize::try_from(self.header.1).unwrap_or(usize::MAX);
        let end = ends.take(lines).last().ok_or_else(|| Problem::damaged("the header does not end"))?;
        Ok(end as u64 + 1)
    }
}
