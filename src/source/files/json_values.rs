//! JSON objects as records: their keys, the texts of their values, and what is wrong with them.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use memchr::memrchr;

use super::data_file::DataFile;
use super::json_nested::{Shape, Target, descend, items};
use super::json_object::{composed, members};
use super::text::repair;
use crate::model::{DataType, FaultKind, list_of};
use crate::source::batch::Rows;
use crate::source::bits::Bits;
use crate::source::column::{Column, SourceColumn, Typed};
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
    positions: BTreeMap<String, usize>,
    columns: Vec<SourceColumn>,
    shapes: Vec<Shape>,
}

impl Found {
    /// Takes the keys of a record, where it is an object.
    ///
    /// # Errors
    /// Where there are too many.
    pub(super) fn take(&mut self, record: &str) -> Result<(), Problem> {
        let mut found = Vec::new();
        if !members(record, |key, value| found.push((key, value))) {
            return Ok(());
        }
        for (key, value) in found {
            let key = composed(key);
            let position = self.positions.get(key.as_ref()).copied().unwrap_or_else(|| {
                let name = key.into_owned();
                self.positions.insert(name.clone(), self.columns.len());
                self.columns.push(SourceColumn { name, stored: "json".to_owned(), data_type: Some(DataType::Text) });
                self.shapes.push(Shape::default());
                self.columns.len() - 1
            });
            if let (Some(shape), Some(value)) = (self.shapes.get_mut(position), value) {
                shape.take(value);
            }
        }
        if self.columns.len() > MAX_COLUMNS {
            return Err(Problem::BeyondLimit(format!("more than the {MAX_COLUMNS} columns that are read")));
        }
        Ok(())
    }

    /// The columns in the order in which they were met, and those inside of them. Names that columns have already are left to
    /// these.
    pub(super) fn into_columns(self) -> (Vec<SourceColumn>, Vec<SourceColumn>) {
        let mut inner = Vec::new();
        let most = MAX_COLUMNS.saturating_sub(self.columns.len());
        for (column, shape) in self.columns.iter().zip(&self.shapes) {
            shape.offer(&column.name, most, &mut inner);
        }
        let mut taken = BTreeSet::new();
        inner.retain(|column| !self.positions.contains_key(&column.name) && taken.insert(column.name.clone()));
        inner.truncate(most);
        (self.columns, inner)
    }
}

/// The columns that records may have, and which of them are asked for.
#[derive(Debug)]
pub(super) struct Wanted<'a> {
    names: Vec<&'a str>,
    positions: HashMap<&'a str, usize>,
    /// For each column its slot, if it is asked for.
    slots: Vec<Option<usize>>,
    /// For each column those inside of it that are asked for.
    inside: Vec<Vec<Target<'a>>>,
    /// For each slot whether it is a number of items.
    counts_items: Vec<bool>,
}

impl<'a> Wanted<'a> {
    /// The columns at these positions are asked for; those of `inner` follow those of `columns`.
    pub(super) fn new(columns: &'a [SourceColumn], inner: &'a [SourceColumn], asked: &[usize]) -> Self {
        let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        let positions = names.iter().enumerate().map(|(position, name)| (*name, position)).collect();
        let mut slots = vec![None; columns.len()];
        let mut inside = vec![Vec::new(); columns.len()];
        let mut counts_items = Vec::new();
        for position in asked {
            let slot = counts_items.len();
            if let Some(at) = slots.get_mut(*position) {
                *at = Some(slot);
                counts_items.push(false);
            } else if let Some(column) = inner.get(position - columns.len()) {
                for (root, target) in Target::of(&column.name, slot, columns) {
                    inside[root].push(target);
                }
                counts_items.push(list_of(&column.name).is_some());
            }
        }
        Self { names, positions, slots, inside, counts_items }
    }

    /// The position of a column, which is looked for at `hint` first: most records have the same keys in the same order.
    fn position(&self, name: &str, hint: usize) -> Option<usize> {
        if self.names.get(hint) == Some(&name) { Some(hint) } else { self.positions.get(name).copied() }
    }
}

/// The cells of a column of a block.
enum Values {
    /// Where each text is.
    Text(Vec<(u32, u32)>),
    /// Numbers of items.
    Items(Vec<Items>),
}

/// How many items a list has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Items {
    /// There is no value.
    Missing,
    /// So many.
    Count(i64),
    /// The value is no list.
    NoList,
}

impl Values {
    /// Adds a cell without a value.
    fn push(&mut self) {
        match self {
            Self::Text(spans) => spans.push(TextColumn::ABSENT),
            Self::Items(items) => items.push(Items::Missing),
        }
    }

    /// Gives the last cell this value, whose text is added to `text`.
    fn set(&mut self, value: Option<&str>, text: &mut String) {
        match self {
            Self::Text(spans) => {
                let Some(cell) = spans.last_mut() else { return };
                *cell = TextColumn::ABSENT;
                let Some(value) = value else { return };
                let start = text.len();
                push_value(value, text);
                if let (Ok(start), Ok(end)) = (u32::try_from(start), u32::try_from(text.len())) {
                    *cell = (start, end);
                }
            }
            Self::Items(counts) => {
                let Some(cell) = counts.last_mut() else { return };
                *cell = value.map_or(Items::Missing, |value| items(value).map_or(Items::NoList, Items::Count));
            }
        }
    }

    fn column(self, text: &Arc<str>) -> Column {
        match self {
            Self::Text(spans) => Column::Text(TextColumn::Spans { text: Arc::clone(text), spans }),
            Self::Items(items) => Column::Integer(Typed {
                values: items.iter().map(|items| if let Items::Count(count) = items { *count } else { 0 }).collect(),
                valid: Some(Bits::of(&items, |items| matches!(items, Items::Count(_)))),
                unreadable: Some(Bits::of(&items, |items| *items == Items::NoList)).filter(|rows| !rows.is_empty()),
            }),
        }
    }
}

/// The records of a block, as they are read one after the other.
pub(super) struct Cells<'a> {
    wanted: &'a Wanted<'a>,
    /// What is wrong with a record that is no object.
    no_object: &'static str,
    text: String,
    values: Vec<Values>,
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
            values: (wanted.counts_items.iter())
                .map(|counts| if *counts { Values::Items(Vec::new()) } else { Values::Text(Vec::new()) })
                .collect(),
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
        for values in &mut self.values {
            values.push();
        }
        let (wanted, last, text, values) = (self.wanted, &mut self.last, &mut self.text, &mut self.values);
        let (start, row) = (text.len(), self.row + 1);
        let (mut unknown, mut repeated, mut hint) = (None::<BTreeSet<String>>, false, 0);
        let sound = members(&object, |key, value| {
            let key = composed(key);
            let Some(position) = wanted.position(&key, hint) else {
                repeated |= !unknown.get_or_insert_default().insert(key.into_owned());
                return;
            };
            hint = position + 1;
            let mut again = false;
            if let Some(last) = last.get_mut(position) {
                again = *last == row;
                *last = row;
            }
            repeated |= again;
            if let Some(slot) = wanted.slots.get(position).copied().flatten() {
                values[slot].set(value, text);
            }
            let inside = &wanted.inside[position];
            if !inside.is_empty() {
                if again {
                    for target in inside {
                        values[target.slot].set(None, text);
                    }
                }
                descend(value, inside, &mut |slot, value| values[slot].set(value, text));
            }
        });
        if !sound {
            // What was read of it before is no cell.
            self.text.truncate(start);
            for values in &mut self.values {
                values.set(None, &mut self.text);
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
        let columns = self.values.into_iter().map(|values| values.column(&text)).collect();
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

/// Appends the text of a value: strings without their escapes, all others as they are written.
fn push_value(value: &str, text: &mut String) {
    match value.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')) {
        Some(inner) if !inner.contains('\\') => text.push_str(inner),
        Some(_) => text.push_str(&serde_json::from_str::<String>(value).unwrap_or_default()),
        None => text.push_str(value),
    }
}
