//! A dataset as rows of cells, all of them in memory.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::engine::Progress;
use crate::model::{DataType, FileFact, FramingTally, RowRef, Unmeasured, Value, composed_name, uncomposed_name};
use crate::plan::PlannedDataset;
use crate::scalar::{BooleanWords, Cell, DateFormat, Missing, NumberFormat, canonical, cast, is_uuid, parse_value};
use crate::source::{Batch, Bits, Block, Column as Cells, Place, Portion, Sample, Source, Typed};

/// A dataset that was read.
#[derive(Debug)]
pub(super) struct Table {
    columns: BTreeMap<String, Column>,
    /// Columns that the plan reads and that could not be decoded, with the reasons.
    pub lost: BTreeMap<String, String>,
    /// In file order.
    pub rows: Vec<Row>,
    /// Batches in which they came.
    pub batches: u64,
    pub files: Vec<FileFact>,
    pub framing: FramingTally,
}

/// A row of a dataset.
#[derive(Debug)]
pub(super) struct Row {
    pub place: RowRef,
    /// Whether its record has a fault.
    pub malformed: bool,
    cells: Vec<Stored>,
}

/// A cell as the file has it.
#[derive(Debug)]
enum Stored {
    Absent,
    Text(Box<str>),
    Value(Value),
    /// There is something that the stored type of the column cannot hold.
    Unreadable,
}

/// A column of a table, and what is declared about it.
#[derive(Debug)]
pub(super) struct Column {
    at: usize,
    /// The type in which rules see it.
    pub data_type: DataType,
    format: DateFormat,
    numbers: Option<NumberFormat>,
    words: Option<BooleanWords>,
    missing: Missing,
}

/// A cell that is present and is not of the type that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unreadable;

/// A value, `None` where it is missing, or unreadable.
pub(super) type Read<T> = Result<Option<T>, Unreadable>;

/// A cell as [`Read`].
pub(super) fn read(cell: Cell) -> Read<Value> {
    match cell {
        Cell::Value(Value::Null) => Ok(None),
        Cell::Value(value) => Ok(Some(value)),
        Cell::Unreadable => Err(Unreadable),
    }
}

/// How the rows of a key compare: one text for each column.
pub(super) type Key = Vec<String>;

impl Table {
    /// Reads all rows of a dataset, or those of a sample. `room` is how many bytes may still be held, and shrinks.
    pub(super) fn load(
        name: &str,
        source: &Source,
        planned: &PlannedDataset,
        sample: Option<&Sample>,
        room: &AtomicU64,
        progress: &dyn Progress,
    ) -> Result<Self, Unmeasured> {
        let mut columns = BTreeMap::new();
        let mut places = Vec::new();
        let lost = source.lost_columns();
        let is_lost =
            |name: &str| lost.contains_key(name) || uncomposed_name(name).is_some_and(|name| lost.contains_key(name));
        for (column, declared) in planned.columns.iter().filter(|(name, _)| !is_lost(name)) {
            let format = declared.format.as_ref().map_or_else(|| Ok(DateFormat::iso()), DateFormat::compile);
            let format = format.map_err(|error| Unmeasured::unreadable(error.to_string()))?;
            let mut missing = Missing::new(declared.missing.clone());
            if declared.data_type == DataType::Boolean {
                missing = missing.except(declared.notation.words().cloned().collect());
            }
            places.push(
                source
                    .position(column)
                    .ok_or_else(|| Unmeasured::unreadable(format!("there is no column {column}")))?,
            );
            let at = columns.len();
            let (numbers, words) = (NumberFormat::of(&declared.notation), BooleanWords::of(&declared.notation));
            let data_type = declared.data_type;
            columns.insert(column.clone(), Column { at, data_type, format, numbers, words, missing });
        }
        let parts: Mutex<BTreeMap<Place, Vec<Row>>> = Mutex::default();
        let full = Mutex::new(false);
        let visit = |batch: Batch| {
            let (place, rows, bytes) = (batch.place, rows_of(&batch), bytes_of(&batch));
            if room.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |room| room.checked_sub(bytes)).is_err() {
                *full.lock().unwrap_or_else(PoisonError::into_inner) = true;
                return false;
            }
            parts.lock().unwrap_or_else(PoisonError::into_inner).insert(place, rows);
            !progress.cancelled()
        };
        let all: Vec<usize> = (0..places.len()).collect();
        // What cannot be decoded ends the scan by itself.
        let batches = |mut block: Block| block.take(&all).is_none_or(|batches| batches.into_iter().all(visit));
        let portion = Portion { sample, ..Portion::default() };
        progress.begin(name, "audit", sample.map_or_else(|| source.extent().bytes, Sample::bytes));
        let scanned = source.scan_blocks(&places, &portion, &batches, &|bytes| progress.advance(name, bytes));
        progress.end(name);
        let found = scanned.map_err(|error| Unmeasured::unreadable(error.to_string()))?;
        if full.into_inner().unwrap_or_else(PoisonError::into_inner) {
            return Err(Unmeasured::unreadable(
                "the reference engine holds all rows in memory, and these are too many: use --engine local",
            ));
        }
        let parts = parts.into_inner().unwrap_or_else(PoisonError::into_inner);
        let batches = parts.len() as u64;
        let mut records = vec![0; found.files.len()];
        let mut rows: Vec<Row> = parts.into_values().flatten().collect();
        for row in &mut rows {
            if let Some(record) = records.get_mut(row.place.file as usize) {
                *record += 1;
                row.place.record = *record;
            }
        }
        let is_asked =
            |name: &String| planned.columns.keys().any(|asked| asked == name || *asked == composed_name(name));
        let lost = lost.into_iter().filter(|(name, _)| is_asked(name)).collect();
        Ok(Self { columns, lost, rows, batches, files: found.files, framing: found.framing })
    }

    /// A column of those that the plan reads.
    pub(super) fn column(&self, name: &str) -> Result<&Column, Unmeasured> {
        let lost = || self.lost.get(name).or_else(|| self.lost.get(uncomposed_name(name)?)).cloned();
        let reason = || lost().unwrap_or_else(|| format!("column {name} is not read"));
        self.columns.get(name).ok_or_else(|| Unmeasured::unreadable(reason()))
    }

    /// Several of them.
    pub(super) fn columns(&self, names: &[String]) -> Result<Vec<&Column>, Unmeasured> {
        names.iter().map(|name| self.column(name)).collect()
    }
}

/// The rows of a batch; which record each is turns out when all are read.
fn rows_of(batch: &Batch) -> Vec<Row> {
    let row = |at: usize| Row {
        place: RowRef {
            file: batch.place.file,
            record: 0,
            line: batch.lines.as_ref().and_then(|lines| lines.get(at).copied()),
        },
        malformed: u32::try_from(at).is_ok_and(|at| batch.malformed.contains(&at)),
        cells: batch.columns.iter().map(|cells| stored(cells, at)).collect(),
    };
    (0..batch.rows).map(row).collect()
}

fn stored(cells: &Cells, row: usize) -> Stored {
    fn typed<T: Copy>(cells: &Typed<T>, row: usize, value: fn(T) -> Value) -> Stored {
        let has = |rows: &Option<Bits>| rows.as_ref().map(|rows| rows.get(row));
        match (has(&cells.unreadable), has(&cells.valid), cells.values.get(row)) {
            (Some(true), ..) => Stored::Unreadable,
            (_, Some(true) | None, Some(held)) => Stored::Value(value(*held)),
            _ => Stored::Absent,
        }
    }
    match cells {
        Cells::Text(cells) => cells.get(row).map_or(Stored::Absent, |text| Stored::Text(text.into())),
        Cells::Integer(cells) => typed(cells, row, Value::Integer),
        Cells::Decimal(cells) => typed(cells, row, Value::Decimal),
        Cells::Float(cells) => typed(cells, row, Value::Float),
        Cells::Date(cells) => typed(cells, row, Value::Date),
        Cells::Datetime(cells) => typed(cells, row, Value::Datetime),
        Cells::Nanoseconds(cells) => typed(cells, row, Value::of_instant),
        Cells::Boolean(cells) => typed(cells, row, Value::Boolean),
    }
}

/// Bytes that the rows of a batch take.
fn bytes_of(batch: &Batch) -> u64 {
    // An allocator hands out multiples of so many bytes.
    const GRAIN: usize = 16;
    let text = |cells: &Cells| match cells {
        Cells::Text(cells) => {
            (0..batch.rows).filter_map(|row| cells.get(row)).map(|text| text.len().next_multiple_of(GRAIN)).sum()
        }
        _ => 0,
    };
    let cells = size_of::<Row>() + batch.columns.len() * size_of::<Stored>();
    (batch.rows * cells + batch.columns.iter().map(text).sum::<usize>()) as u64
}

impl Column {
    fn stored<'r>(&self, row: &'r Row) -> &'r Stored {
        row.cells.get(self.at).unwrap_or(&Stored::Absent)
    }

    /// Whether the cell is missing: absent, blank, or a missing token, also where a typed value is written like one.
    pub(super) fn is_missing(&self, row: &Row) -> bool {
        match self.stored(row) {
            Stored::Absent => true,
            Stored::Unreadable => false,
            Stored::Text(text) => self.missing.holds(text),
            Stored::Value(value) => self.missing.tokens().any(|token| {
                let parsed = value.data_type().and_then(|data_type| parse_value(token, data_type, None));
                parsed.is_some_and(|parsed| parsed == *value && canonical(&parsed) == token)
            }),
        }
    }

    /// The text, where the column is stored as text and is not missing.
    pub(super) fn text<'r>(&self, row: &'r Row) -> Option<&'r str> {
        match self.stored(row) {
            Stored::Text(text) if !self.is_missing(row) => Some(text),
            _ => None,
        }
    }

    /// What is not missing, as it would be written.
    pub(super) fn shown<'r>(&self, row: &'r Row) -> Option<Cow<'r, str>> {
        match self.stored(row) {
            _ if self.is_missing(row) => None,
            Stored::Text(text) => Some(Cow::Borrowed(text)),
            Stored::Value(value) => Some(Cow::Owned(value.to_string())),
            // The file has a number that no value holds.
            Stored::Absent | Stored::Unreadable => Some(Cow::Owned(Value::Null.to_string())),
        }
    }

    /// What is not missing, as it would be written, unless the stored type cannot hold it.
    pub(super) fn held<'r>(&self, row: &'r Row) -> Option<Cow<'r, str>> {
        match self.stored(row) {
            Stored::Unreadable => None,
            _ => self.shown(row),
        }
    }

    /// Whether the file stores NaN.
    pub(super) fn is_nan(&self, row: &Row) -> bool {
        matches!(self.stored(row), Stored::Value(Value::Float(number)) if number.is_nan())
    }

    /// The cell in the type in which rules see it.
    pub(super) fn cell(&self, row: &Row) -> Cell {
        self.cell_as(row, self.data_type, None)
    }

    /// The cell in a type; dates in this format, or in that of the column.
    pub(super) fn cell_as(&self, row: &Row, data_type: DataType, format: Option<&DateFormat>) -> Cell {
        if self.is_missing(row) {
            return Cell::NULL;
        }
        match self.stored(row) {
            Stored::Text(text) => self.parse(text, data_type, format).map_or(Cell::Unreadable, Cell::Value),
            Stored::Value(Value::Float(number)) if number.is_nan() => Cell::Unreadable,
            // A stored value is its own type, or another kind of number, or a date that begins a day.
            Stored::Value(value) => match (value, data_type) {
                (Value::Integer(_) | Value::Decimal(_), DataType::Integer)
                | (
                    Value::Integer(_) | Value::Decimal(_) | Value::Float(_),
                    DataType::Decimal | DataType::Float | DataType::Float32,
                )
                | (Value::Date(_), DataType::Datetime) => cast(value, data_type),
                (Value::Integer(_) | Value::Decimal(_) | Value::Float(_), DataType::Date | DataType::Datetime) => {
                    self.parse(&value.to_string(), data_type, format).map_or(Cell::Unreadable, Cell::Value)
                }
                _ if value.data_type() == Some(data_type) => Cell::Value(value.clone()),
                _ => Cell::Unreadable,
            },
            Stored::Absent | Stored::Unreadable => Cell::Unreadable,
        }
    }

    /// A text in a type.
    fn parse(&self, text: &str, data_type: DataType, format: Option<&DateFormat>) -> Option<Value> {
        if let (DataType::Boolean, Some(words)) = (data_type, &self.words) {
            return words.parse(text).map(Value::Boolean);
        }
        let text = if data_type.is_numeric() { self.plain(text)? } else { Cow::Borrowed(text) };
        parse_value(&text, data_type, Some(format.unwrap_or(&self.format)))
    }

    /// The plain form of a number; `None` where the text is not written as numbers are in this column.
    pub(super) fn plain<'t>(&self, text: &'t str) -> Option<Cow<'t, str>> {
        let Some(numbers) = &self.numbers else { return Some(Cow::Borrowed(text)) };
        numbers.plain(text, &mut String::new()).map(|plain| Cow::Owned(plain.to_owned()))
    }

    /// The value in the type in which rules see it.
    pub(super) fn value(&self, row: &Row) -> Read<Value> {
        read(self.cell(row))
    }

    /// The same; of a timestamp its whole microseconds.
    pub(super) fn to_microsecond(&self, row: &Row) -> Read<Value> {
        self.value(row).map(|value| value.map(Value::to_microsecond))
    }

    /// The one text that equal values of a type share, in which keys and facts are compared. Of textual types it is the
    /// text as it is written.
    pub(super) fn written(&self, row: &Row, data_type: DataType) -> Read<String> {
        if data_type.is_textual() {
            return Ok(self.shown(row).map(Cow::into_owned));
        }
        Ok(read(self.cell_as(row, data_type, None))?.map(|value| canonical(&value).into_owned()))
    }

    /// The key of a row for groups that missing cells take part in: text as it is written, other types by value.
    fn part(&self, row: &Row) -> Read<String> {
        match self.stored(row) {
            Stored::Text(_) => self.written(row, DataType::Text),
            _ => self.written(row, self.data_type),
        }
    }
}

/// The text by which a value of a list compares with the cells of a column; `None` where it is not of that type.
pub(super) fn written_of_list(text: &str, data_type: DataType) -> Option<String> {
    if data_type.is_textual() {
        return Some(text.to_owned());
    }
    parse_value(text, data_type, None).map(|value| canonical(&value).into_owned())
}

/// The key of a row: `None` where a part is missing, unreadable where all are present and one is not of its type.
pub(super) fn key(columns: &[&Column], row: &Row) -> Read<Key> {
    if columns.iter().any(|column| column.is_missing(row)) {
        return Ok(None);
    }
    let parts = columns.iter().map(|column| Ok(column.written(row, column.data_type)?.unwrap_or_default()));
    parts.collect::<Result<Key, Unreadable>>().map(Some)
}

/// The key of a row in which missing cells equal each other.
pub(super) fn whole_key(columns: &[&Column], row: &Row) -> Result<Vec<Option<String>>, Unreadable> {
    columns.iter().map(|column| column.part(row)).collect()
}

/// Whether a text is of the type of its column where that is `uuid`.
pub(super) fn is_of_type(text: &str, data_type: DataType) -> bool {
    data_type != DataType::Uuid || is_uuid(text)
}
