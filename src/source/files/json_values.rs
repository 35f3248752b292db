//! JSON objects as records: their keys, the texts of their values, and what is wrong with them.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use memchr::{memchr2, memrchr};
use serde::de::IgnoredAny;

use super::data_file::DataFile;
use super::text::repair;
use crate::model::{DataType, FaultKind, nfc};
use crate::source::batch::Rows;
use crate::source::column::{Column, SourceColumn};
use crate::source::error::Problem;
use crate::source::faults::Tally;
use crate::source::table::{BLOCK, MAX_COLUMNS};
use crate::source::text_column::TextColumn;

/// The longest record in bytes.
pub(super) const MAX_RECORD: usize = 256 << 20;

/// The part of the memory that a record may take: it is held several times, as read, as cells and by each worker.
const OF_MEMORY: u64 = 16;

/// Bytes of text that are read to find the columns.
pub(super) const SNIFF: usize = 4 << 20;

/// The longest record in bytes that is read of a file.
pub(super) fn longest_record(file: &DataFile) -> usize {
    usize::try_from(file.memory / OF_MEMORY).unwrap_or(MAX_RECORD).clamp(BLOCK, MAX_RECORD)
}

/// What is beyond the longest record; `record` says which one it is.
pub(super) fn too_long(record: &str, longest: usize, way_out: &str) -> Problem {
    let more = if longest < MAX_RECORD { ", or allow more with --memory" } else { "" };
    Problem::BeyondLimit(format!("{record} is longer than {} MiB: {way_out}{more}", longest >> 20))
}

/// The columns of records, as their keys come.
#[derive(Debug, Default)]
pub(super) struct Found {
    names: BTreeSet<String>,
    columns: Vec<SourceColumn>,
}

impl Found {
    /// Takes the keys of a record, where it is an object.
    ///
    /// # Errors
    /// Where there are too many.
    pub(super) fn take(&mut self, record: &str) -> Result<(), Problem> {
        let mut keys = Vec::new();
        if !members(record, |key, _| keys.push(key)) {
            return Ok(());
        }
        for key in keys.into_iter().map(composed) {
            if !self.names.contains(key.as_ref()) {
                let name = key.into_owned();
                self.names.insert(name.clone());
                self.columns.push(SourceColumn { name, stored: "json".to_owned(), data_type: Some(DataType::Text) });
            }
        }
        if self.columns.len() > MAX_COLUMNS {
            return Err(Problem::BeyondLimit(format!("more than the {MAX_COLUMNS} columns that are read")));
        }
        Ok(())
    }

    /// The columns in the order in which they were met.
    pub(super) fn into_columns(self) -> Vec<SourceColumn> {
        self.columns
    }
}

/// The columns that records may have, and which of them are asked for.
#[derive(Debug)]
pub(super) struct Wanted<'a> {
    names: Vec<&'a str>,
    positions: HashMap<&'a str, usize>,
    /// For each column its slot, if it is asked for.
    slots: Vec<Option<usize>>,
    width: usize,
}

impl<'a> Wanted<'a> {
    /// The columns at these positions are asked for.
    pub(super) fn new(columns: &'a [SourceColumn], asked: &[usize]) -> Self {
        let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        let positions = names.iter().enumerate().map(|(position, name)| (*name, position)).collect();
        let mut slots = vec![None; columns.len()];
        let mut width = 0;
        for position in asked {
            if let Some(at) = slots.get_mut(*position) {
                *at = Some(width);
                width += 1;
            }
        }
        Self { names, positions, slots, width }
    }

    /// The position of a column, which is looked for at `hint` first: most records have the same keys in the same order.
    fn position(&self, name: &str, hint: usize) -> Option<usize> {
        if self.names.get(hint) == Some(&name) { Some(hint) } else { self.positions.get(name).copied() }
    }
}

/// The records of a block, as they are read one after the other.
pub(super) struct Cells<'a> {
    wanted: &'a Wanted<'a>,
    /// What is wrong with a record that is no object.
    no_object: &'static str,
    text: String,
    spans: Vec<Vec<(u32, u32)>>,
    lines: Vec<u64>,
    malformed: Vec<u32>,
    tally: Tally,
    row: u32,
    /// For each column the last record that has it, counted from 1.
    last: Vec<u32>,
}

impl<'a> Cells<'a> {
    /// No records yet; `no_object` is the fault of one that is no object.
    pub(super) fn new(wanted: &'a Wanted<'a>, no_object: &'static str) -> Self {
        Self {
            wanted,
            no_object,
            text: String::new(),
            spans: vec![Vec::new(); wanted.width],
            lines: Vec::new(),
            malformed: Vec::new(),
            tally: Tally::default(),
            row: 0,
            last: vec![0; wanted.names.len()],
        }
    }

    /// Reads a record that starts on that line. Where it is the last text of a file without a line end, it may be cut off.
    pub(super) fn push(&mut self, raw: &[u8], line: u64, is_end: bool) {
        let mut replaced = Vec::new();
        let object = str::from_utf8(raw).map_or_else(|_| repair(raw, &mut [], &mut replaced).into(), Cow::Borrowed);
        for spans in &mut self.spans {
            spans.push(TextColumn::ABSENT);
        }
        let (wanted, last, text, spans) = (self.wanted, &mut self.last, &mut self.text, &mut self.spans);
        let (start, row) = (text.len(), self.row + 1);
        let (mut unknown, mut repeated, mut hint) = (None::<BTreeSet<String>>, false, 0);
        let sound = members(&object, |key, value| {
            let key = composed(key);
            let Some(position) = wanted.position(&key, hint) else {
                repeated |= !unknown.get_or_insert_default().insert(key.into_owned());
                return;
            };
            hint = position + 1;
            if let Some(last) = last.get_mut(position) {
                repeated |= *last == row;
                *last = row;
            }
            let slot = wanted.slots.get(position).copied().flatten();
            let Some(cell) = slot.and_then(|slot| spans.get_mut(slot)?.last_mut()) else { return };
            *cell = TextColumn::ABSENT;
            if let Some(value) = value {
                let start = text.len();
                push_value(value, text);
                if let (Ok(start), Ok(end)) = (u32::try_from(start), u32::try_from(text.len())) {
                    *cell = (start, end);
                }
            }
        });
        if !sound {
            // What was read of it before is no cell.
            text.truncate(start);
            for cell in spans.iter_mut().filter_map(|spans| spans.last_mut()) {
                *cell = TextColumn::ABSENT;
            }
        }
        let unknown = unknown.is_some();
        self.lines.push(line);
        if !sound || unknown || repeated || !replaced.is_empty() {
            self.malformed.push(self.row);
        }
        if sound && unknown {
            self.tally.fault(line, FaultKind::ExtraCells, || "a key that is no column".to_owned());
        }
        if sound && repeated {
            self.tally.fault(line, FaultKind::RepeatedKey, || "a key occurs twice in the object".to_owned());
        }
        if !replaced.is_empty() {
            self.tally.fault(line, FaultKind::Undecodable, || "bytes are not UTF-8".to_owned());
        }
        if !sound && is_end {
            self.tally.fault(line, FaultKind::CutOff, || "the file ends inside the record".to_owned());
        }
        if !sound {
            self.tally.fault(line, FaultKind::InvalidJson, || self.no_object.to_owned());
        }
        self.row += 1;
    }

    /// The records and what is wrong with them.
    pub(super) fn finish(mut self) -> (Rows, Tally) {
        self.tally.records = u64::from(self.row);
        self.tally.malformed = self.malformed.len() as u64;
        let text: Arc<str> = Arc::from(self.text);
        let columns = self.spans.into_iter();
        let columns = columns.map(|spans| Column::Text(TextColumn::Spans { text: Arc::clone(&text), spans })).collect();
        (Rows::ready(self.row as usize, columns, self.malformed, Some(self.lines)), self.tally)
    }
}

/// Where a last key is added to the object of a record, and whether it is the first one; `None` where there is no object, or
/// where it has that key.
pub(super) fn place_of_key(record: &[u8], name: &str) -> Option<(usize, bool)> {
    let text = String::from_utf8_lossy(record);
    let (mut keys, mut is_taken) = (0, false);
    if !members(&text, |key, _| {
        keys += 1;
        is_taken |= key == name;
    }) || is_taken
    {
        return None;
    }
    Some((memrchr(b'}', record)?, keys == 0))
}

/// The text of one more key of an object.
pub(super) fn one_more_key(name: &str, ids: &[&str], is_first: bool) -> String {
    let (key, ids) = (serde_json::Value::from(name), serde_json::Value::from(ids));
    format!("{}{key}:{ids}", if is_first { "" } else { "," })
}

/// A key whose letters are composed with their marks, as names of columns are.
fn composed(key: Cow<'_, str>) -> Cow<'_, str> {
    match nfc(&key) {
        Cow::Owned(name) => Cow::Owned(name),
        Cow::Borrowed(_) => key,
    }
}

/// Calls `visit` with each key of an object and the JSON of its value, `None` for null; `false` where the text is not one
/// whole object.
pub(super) fn members<'t>(text: &'t str, mut visit: impl FnMut(Cow<'t, str>, Option<&'t str>)) -> bool {
    let mut rest = text.trim_matches(JSON_SPACE);
    let mut step = |visit: &mut dyn FnMut(Cow<'t, str>, Option<&'t str>)| -> Option<bool> {
        rest = rest.strip_prefix('{')?.trim_start_matches(JSON_SPACE);
        if let Some(end) = rest.strip_prefix('}') {
            return Some(end.is_empty());
        }
        loop {
            let (key, length) = leading_key(rest)?;
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

/// The key at the start of the text, and how long it is as written.
fn leading_key(text: &str) -> Option<(Cow<'_, str>, usize)> {
    let inner = text.strip_prefix('"')?;
    let end = memchr2(b'"', b'\\', inner.as_bytes())?;
    if inner.as_bytes().get(end) == Some(&b'"') {
        let key = inner.get(..end)?;
        return key.bytes().all(|byte| byte >= b' ').then_some((Cow::Borrowed(key), end + 2));
    }
    leading::<String>(text).map(|(key, length)| (Cow::Owned(key), length))
}

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
