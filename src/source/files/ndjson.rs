//! One JSON object a line.
//!
//! The columns are the keys of the first text of all files. Cells are text as it is written: numbers keep their digits,
//! strings are unescaped, lists and objects are given as JSON. A cell is absent where its value is null or its key is
//! missing. A line that is no object is a record without cells. A key that is no column is a fault of its record (too many
//! cells). A key that occurs twice is a fault as well, and its last value counts. Empty lines are no records.

use std::sync::Arc;

use encoding_rs::UTF_8;
use memchr::{memchr, memchr_iter, memrchr};

use super::data_file::DataFile;
use super::format::{Format, Likelihood, no_conflicts};
use super::json_values::{Cells, Found, SNIFF, Wanted, longest_record, one_more_key, place_of_key, too_long};
use super::original::Original;
use super::packer::Packer;
use super::text::{TextStream, block_bytes};
use crate::source::batch::Rows;
use crate::source::column::SourceColumn;
use crate::source::error::Problem;
use crate::source::faults::Tally;
use crate::source::layout::{Layout, Picks};
use crate::source::split::{Parts, SplitError, SplitRows, Splitting};
use crate::source::table::{BLOCK, Table, Unit, Units};

/// One JSON object a line.
pub(in crate::source) const FORMAT: Format = Format {
    name: "ndjson",
    noun: "lines of JSON",
    extensions: &["ndjson", "jsonl"],
    options: &[],
    is_text: true,
    has_free_columns: true,
    recognise: |head| {
        let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
        if text.trim_ascii_start().starts_with(b"{") { Likelihood::Likely } else { Likelihood::No }
    },
    conflicts: no_conflicts,
    open: |file, _| Ok(Box::new(NdjsonTable::open(file)?)),
};

/// A file of JSON lines whose first lines were read.
#[derive(Debug)]
struct NdjsonTable {
    file: DataFile,
    columns: Vec<SourceColumn>,
    inner_columns: Vec<SourceColumn>,
}

impl NdjsonTable {
    /// Reads the first lines.
    fn open(file: DataFile) -> Result<Self, Problem> {
        if file.bytes == 0 {
            return Err(Problem::Empty("empty: no records".to_owned()));
        }
        let mut blocks = Blocks::new(&file, SNIFF)?;
        let mut found = Found::default();
        if let Some(block) = blocks.next()? {
            let text = String::from_utf8_lossy(&block.text);
            for line in text.lines().filter(|line| !line.trim().is_empty()) {
                found.take(line)?;
            }
        }
        let (columns, inner_columns) = found.into_columns();
        if columns.is_empty() {
            return Err(Problem::foreign(
                "holds no JSON object with a key in its first lines: one object a line is expected",
            ));
        }
        Ok(Self { file, columns, inner_columns })
    }
}

impl Table for NdjsonTable {
    fn columns(&self) -> &[SourceColumn] {
        &self.columns
    }

    fn inner_columns(&self) -> &[SourceColumn] {
        &self.inner_columns
    }

    fn adopt(&mut self, columns: &[SourceColumn], inner: &[SourceColumn]) {
        (self.columns, self.inner_columns) = (columns.to_vec(), inner.to_vec());
    }

    fn unit_bytes(&self, sections: &[Vec<&str>], block: usize) -> u64 {
        block_bytes(sections, block, &self.file)
    }

    fn split(&self, to: &mut Splitting, parts: Parts) -> Result<SplitRows, SplitError> {
        split_file(&self.file, to, parts)
    }

    fn layout(&self) -> Layout {
        Layout::Stream("files of JSON lines are read from their start")
    }

    fn picked<'a>(&'a self, columns: &'a [usize], _: &'a Picks) -> Result<Box<dyn Units<'a> + 'a>, Problem> {
        self.units(columns, BLOCK, true)
    }

    fn units<'a>(&'a self, columns: &'a [usize], block: usize, _: bool) -> Result<Box<dyn Units<'a> + 'a>, Problem> {
        Ok(Box::new(Lines {
            blocks: Blocks::new(&self.file, block)?,
            wanted: Arc::new(Wanted::new(&self.columns, &self.inner_columns, columns)),
            counted: 0,
        }))
    }
}

/// Whole lines.
struct Block {
    text: Vec<u8>,
    first_line: u64,
    unterminated: bool,
}

/// Cuts a file into blocks of whole lines.
struct Blocks {
    stream: TextStream,
    block: usize,
    buffer: Vec<u8>,
    line: u64,
    /// The longest line in bytes.
    longest: usize,
}

impl Blocks {
    fn new(file: &DataFile, block: usize) -> Result<Self, Problem> {
        let stream = TextStream::new(file.open()?, file.packing, UTF_8)?;
        Ok(Self { stream, block: block.max(1), buffer: Vec::new(), line: 1, longest: longest_record(file) })
    }

    fn next(&mut self) -> Result<Option<Block>, Problem> {
        let mut want = self.block;
        let mut scanned = 0;
        loop {
            self.stream.fill(&mut self.buffer, want, &mut Vec::new())?;
            let end = if self.stream.ended() {
                Some(self.buffer.len())
            } else {
                memrchr(b'\n', &self.buffer[scanned..]).map(|offset| scanned + offset + 1)
            };
            if let Some(end) = end {
                if end == 0 {
                    return Ok(None);
                }
                let mut rest = Vec::with_capacity(self.block + self.buffer.len() - end);
                rest.extend_from_slice(&self.buffer[end..]);
                self.buffer.truncate(end);
                let text = std::mem::replace(&mut self.buffer, rest);
                let first_line = self.line;
                self.line += memchr_iter(b'\n', &text).count() as u64;
                return Ok(Some(Block { first_line, unterminated: text.last() != Some(&b'\n'), text }));
            }
            if self.buffer.len() > self.longest {
                return Err(too_long(&format!("line {}", self.line), self.longest, "write one object a line"));
            }
            scanned = self.buffer.len();
            want = scanned + self.block;
        }
    }
}

/// The blocks of a file, one after the other.
struct Lines<'a> {
    blocks: Blocks,
    wanted: Arc<Wanted<'a>>,
    counted: u64,
}

impl<'a> Units<'a> for Lines<'a> {
    fn next(&mut self) -> Result<Option<Unit<'a>>, Problem> {
        let Some(block) = self.blocks.next()? else { return Ok(None) };
        let stored = self.blocks.stream.stored();
        let bytes = stored - self.counted;
        self.counted = stored;
        let wanted = Arc::clone(&self.wanted);
        Ok(Some(Unit {
            bytes,
            parts: 1,
            read: Box::new(move |emit| {
                let (rows, tally) = read(&block, &wanted);
                emit(rows);
                Ok(tally)
            }),
        }))
    }
}

/// Reads the lines of a block.
fn read(block: &Block, wanted: &Wanted<'_>) -> (Rows, Tally) {
    let mut cells = Cells::new(wanted, "the line is not a JSON object");
    let mut at = 0;
    let mut line = block.first_line;
    while at < block.text.len() {
        let end = memchr(b'\n', &block.text[at..]).map_or(block.text.len(), |offset| at + offset);
        let is_end = end == block.text.len() && block.unterminated;
        let raw = &block.text[at..end];
        if !raw.trim_ascii().is_empty() {
            cells.push(raw, line, is_end);
        }
        (at, line) = (end + 1, line + 1);
    }
    cells.finish()
}

/// Splits a file; see [`Table::split`]. The bytes of its lines stay as they are; a failing one gets one more key. A failing
/// line that is no object, or has that key already, stays as it is.
fn split_file(file: &DataFile, to: &mut Splitting, parts: Parts) -> Result<SplitRows, SplitError> {
    let Parts { passing, failing } = parts;
    let (_, mark) = Original::new(file, UTF_8)?;
    let mut blocks = Blocks::new(file, BLOCK)?;
    let mut passing = Packer::new(passing, file.packing)?;
    let mut failing = Packer::new(failing, file.packing)?;
    for part in [&mut passing, &mut failing] {
        part.put(mark)?;
    }
    let mut rows = SplitRows::default();
    while let Some(block) = blocks.next()? {
        to.check()?;
        for line in block.text.split_inclusive(|byte| *byte == b'\n') {
            let is_record = !line.trim_ascii().is_empty();
            let Some(rules) = (if is_record { to.next(&mut rows)? } else { None }) else {
                passing.put(line)?;
                continue;
            };
            if let Some((place, is_first)) = place_of_key(line, to.column) {
                let (head, tail) = line.split_at(place);
                failing.put(head)?;
                failing.put(one_more_key(to.column, &to.ids(&rules), is_first).as_bytes())?;
                failing.put(tail)?;
            } else {
                rows.without_ids += 1;
                failing.put(line)?;
            }
        }
    }
    passing.finish()?;
    failing.finish()?;
    Ok(rows)
}
