//! One JSON object a line.
//!
//! The columns are the keys of the first text of all files. Cells are text as it is written: numbers keep their digits,
//! strings are unescaped, lists and objects are given as JSON. A cell is absent where its value is null or its key is
//! missing. A line that is no object is a record without cells. A key that is no column is a fault of its record (too many
//! cells). A key that occurs twice is a fault as well, and its last value counts. Empty lines are no records.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use encoding_rs::UTF_8;
use memchr::{memchr, memchr_iter, memrchr};
use serde::de::IgnoredAny;

use super::data_file::DataFile;
use super::format::{Format, Likelihood, no_conflicts};
use super::original::Original;
use super::packer::Packer;
use super::text::{TextStream, block_bytes, repair};
use crate::model::{DataType, FaultKind};
use crate::source::batch::Rows;
use crate::source::column::{Column, SourceColumn};
use crate::source::error::Problem;
use crate::source::faults::Tally;
use crate::source::layout::{Layout, Picks};
use crate::source::split::{Parts, SplitError, SplitRows, Splitting};
use crate::source::table::{BLOCK, MAX_COLUMNS, Table, Unit, Units};
use crate::source::text_column::TextColumn;

/// The longest line in bytes.
const MAX_LINE: usize = 256 << 20;

/// The part of the memory that a line may take: it is held several times, as read, as cells and by each worker.
const OF_MEMORY: u64 = 16;

/// Bytes of text that are read to find the columns.
const SNIFF: usize = 4 << 20;

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
}

impl NdjsonTable {
    /// Reads the first lines.
    fn open(file: DataFile) -> Result<Self, Problem> {
        if file.bytes == 0 {
            return Err(Problem::Empty("empty: no records".to_owned()));
        }
        let mut blocks = Blocks::new(&file, SNIFF)?;
        let mut names = BTreeMap::new();
        let mut columns = Vec::new();
        if let Some(block) = blocks.next()? {
            let text = String::from_utf8_lossy(&block.text);
            for line in text.lines().filter(|line| !line.trim().is_empty()) {
                let mut keys = Vec::new();
                if !members(line, |key, _| keys.push(key)) {
                    continue;
                }
                for key in keys {
                    if !names.contains_key(&key) {
                        names.insert(key.clone(), columns.len());
                        columns.push(SourceColumn {
                            name: key,
                            stored: "json".to_owned(),
                            data_type: Some(DataType::Text),
                        });
                    }
                }
                if columns.len() > MAX_COLUMNS {
                    return Err(Problem::BeyondLimit(format!("more than the {MAX_COLUMNS} columns that are read")));
                }
            }
        }
        if columns.is_empty() {
            return Err(Problem::foreign(
                "holds no JSON object with a key in its first lines: one object a line is expected",
            ));
        }
        Ok(Self { file, columns })
    }
}

impl Table for NdjsonTable {
    fn columns(&self) -> &[SourceColumn] {
        &self.columns
    }

    fn adopt(&mut self, columns: &[SourceColumn]) {
        self.columns = columns.to_vec();
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
        // For every known key the slot of its column, if it is asked for.
        let mut slots: BTreeMap<&str, Option<usize>> =
            self.columns.iter().map(|column| (column.name.as_str(), None)).collect();
        for (slot, column) in columns.iter().filter_map(|position| self.columns.get(*position)).enumerate() {
            slots.insert(&column.name, Some(slot));
        }
        Ok(Box::new(Lines {
            blocks: Blocks::new(&self.file, block)?,
            slots: Arc::new(slots),
            width: columns.len(),
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
        let longest = usize::try_from(file.memory / OF_MEMORY).unwrap_or(MAX_LINE).clamp(BLOCK, MAX_LINE);
        Ok(Self { stream, block: block.max(1), buffer: Vec::new(), line: 1, longest })
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
                let more = if self.longest < MAX_LINE { ", or allow more with --memory" } else { "" };
                return Err(Problem::BeyondLimit(format!(
                    "line {} is longer than {} MiB: write one object a line{more}",
                    self.line,
                    self.longest >> 20
                )));
            }
            scanned = self.buffer.len();
            want = scanned + self.block;
        }
    }
}

/// The blocks of a file, one after the other.
struct Lines<'a> {
    blocks: Blocks,
    slots: Arc<BTreeMap<&'a str, Option<usize>>>,
    width: usize,
    counted: u64,
}

impl<'a> Units<'a> for Lines<'a> {
    fn next(&mut self) -> Result<Option<Unit<'a>>, Problem> {
        let Some(block) = self.blocks.next()? else { return Ok(None) };
        let stored = self.blocks.stream.stored();
        let bytes = stored - self.counted;
        self.counted = stored;
        let (slots, width) = (Arc::clone(&self.slots), self.width);
        Ok(Some(Unit {
            bytes,
            parts: 1,
            read: Box::new(move |emit| {
                let (rows, tally) = split(&block, &slots, width);
                emit(rows);
                Ok(tally)
            }),
        }))
    }
}

/// Reads the lines of a block.
fn split(block: &Block, slots: &BTreeMap<&str, Option<usize>>, width: usize) -> (Rows, Tally) {
    let mut text = String::new();
    let mut spans = vec![Vec::new(); width];
    let mut lines = Vec::new();
    let mut malformed = Vec::new();
    let mut tally = Tally::default();
    let mut at = 0;
    let mut line = block.first_line;
    let mut row = 0_u32;
    while at < block.text.len() {
        let end = memchr(b'\n', &block.text[at..]).map_or(block.text.len(), |offset| at + offset);
        let is_last = end == block.text.len();
        let raw = &block.text[at..end];
        (at, line) = (end + 1, line + 1);
        if raw.trim_ascii().is_empty() {
            continue;
        }
        let line = line - 1;
        let mut replaced = Vec::new();
        let object = str::from_utf8(raw).map_or_else(|_| repair(raw, &mut [], &mut replaced).into(), Cow::Borrowed);
        let object: &str = &object;
        let mut seen: BTreeMap<String, Option<&str>> = BTreeMap::new();
        let (mut unknown, mut repeated) = (false, false);
        let sound = members(object, |key, value| {
            unknown |= !slots.contains_key(key.as_str());
            repeated |= seen.insert(key, value).is_some();
        });
        for spans in &mut spans {
            spans.push(TextColumn::ABSENT);
        }
        if sound {
            for (key, value) in &seen {
                if let (Some(Some(slot)), Some(value)) = (slots.get(key.as_str()), value) {
                    let start = text.len();
                    push_value(value, &mut text);
                    if let (Some(cell), Ok(start), Ok(end)) =
                        (spans[*slot].last_mut(), u32::try_from(start), u32::try_from(text.len()))
                    {
                        *cell = (start, end);
                    }
                }
            }
        }
        lines.push(line);
        let cut_off = !sound && is_last && block.unterminated;
        if !sound || unknown || repeated || !replaced.is_empty() {
            malformed.push(row);
        }
        if sound && unknown {
            tally.fault(line, FaultKind::ExtraCells, || "a key that is no column".to_owned());
        }
        if sound && repeated {
            tally.fault(line, FaultKind::RepeatedKey, || "a key occurs twice in the object".to_owned());
        }
        if !replaced.is_empty() {
            tally.fault(line, FaultKind::Undecodable, || "bytes are not UTF-8".to_owned());
        }
        if cut_off {
            tally.fault(line, FaultKind::CutOff, || "the file ends inside the record".to_owned());
        }
        if !sound {
            tally.fault(line, FaultKind::InvalidJson, || "the line is not a JSON object".to_owned());
        }
        row += 1;
    }
    tally.records = u64::from(row);
    tally.malformed = malformed.len() as u64;
    let text: Arc<str> = Arc::from(text);
    let columns =
        spans.into_iter().map(|spans| Column::Text(TextColumn::Spans { text: Arc::clone(&text), spans })).collect();
    (Rows::ready(row as usize, columns, malformed, Some(lines)), tally)
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
                let key = serde_json::Value::from(to.column);
                let ids = serde_json::Value::from(to.ids(&rules));
                failing.put(head)?;
                failing.put(format!("{}{key}:{ids}", if is_first { "" } else { "," }).as_bytes())?;
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

/// Where a last key is added to the object of a line, and whether it is the first one; `None` where there is no object, or
/// where it has that key.
fn place_of_key(line: &[u8], name: &str) -> Option<(usize, bool)> {
    let text = String::from_utf8_lossy(line);
    let (mut keys, mut is_taken) = (0, false);
    if !members(&text, |key, _| {
        keys += 1;
        is_taken |= key == name;
    }) || is_taken
    {
        return None;
    }
    Some((memrchr(b'}', line)?, keys == 0))
}

/// Calls `visit` with each key of an object and the JSON of its value, `None` for null; `false` where the line is not one
/// whole object.
fn members<'t>(line: &'t str, mut visit: impl FnMut(String, Option<&'t str>)) -> bool {
    let mut rest = line.trim_matches([' ', '\t', '\r', '\n']);
    let mut step = |visit: &mut dyn FnMut(String, Option<&'t str>)| -> Option<bool> {
        rest = rest.strip_prefix('{')?.trim_start_matches(JSON_SPACE);
        if let Some(end) = rest.strip_prefix('}') {
            return Some(end.is_empty());
        }
        loop {
            let (key, length) = leading::<String>(rest)?;
            rest = rest.get(length..)?.trim_start_matches(JSON_SPACE).strip_prefix(':')?.trim_start_matches(JSON_SPACE);
            let (_, length) = leading::<IgnoredAny>(rest)?;
            let value = rest.get(..length)?;
            // Escapes are not looked at when a value is passed over.
            if value.starts_with('"') && value.contains('\\') {
                serde_json::from_str::<String>(value).ok()?;
            }
            visit(key, (value != "null").then_some(value));
            rest = rest.get(length..)?.trim_start_matches(JSON_SPACE);
            if let Some(end) = rest.strip_prefix('}') {
                return Some(end.is_empty());
            }
            rest = rest.strip_prefix(',')?.trim_start_matches(JSON_SPACE);
        }
    };
    step(&mut visit) == Some(true)
}

/// The white space of JSON.
const JSON_SPACE: [char; 4] = [' ', '\t', '\r', '\n'];

/// The value at the start of the text, and how long it is.
fn leading<T: serde::de::DeserializeOwned>(text: &str) -> Option<(T, usize)> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<T>();
    let value = values.next()?.ok()?;
    Some((value, values.byte_offset()))
}

/// Appends the text of a value: strings without their escapes, all others as they are written.
fn push_value(value: &str, text: &mut String) {
    match value.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')) {
        Some(inner) if !inner.contains('\\') => text.push_str(inner),
        Some(_) => text.push_str(&serde_json::from_str::<String>(value).unwrap_or_default()),
        None => text.push_str(value),
    }
}
