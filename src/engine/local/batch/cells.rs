//! The cells of a batch as rules see them: missing cells apart, text parsed as its declared type.
//!
//! What several rules need of one column (which cells are missing, the parsed dates) is computed once a batch.

use std::borrow::Cow;
use std::cell::{OnceCell, RefCell};
use std::fmt::Write as _;
use std::sync::atomic::Ordering;

use crate::model::{DAY_MICROS, DataType, Decimal, Value};
use crate::scalar::{
    Cell, DateFormat, Pattern, canonical, is_uuid, nearest_single, parse_boolean, parse_float, parse_integer,
    parse_long_integer, parse_value,
};
use crate::source::{Batch, Bits, Column, TextColumn, Typed};

use crate::engine::local::batch::canonical::write_date;
use crate::engine::local::batch::column_rules::SectionRules;
use crate::engine::local::batch::dates_of_numbers::dates_of_numbers;
use crate::engine::local::batch::dictionary::Dictionary;
use crate::engine::local::batch::truth::Truth;
use crate::engine::local::batch::typed::{Reads, TypedCells, borrow, borrow_floats, convert, map, present_typed};
use crate::engine::local::profile::ColumnWork;

/// For how many batches no dictionary is tried of a column with too many different texts.
const UNREPEATING: u32 = 31;

/// The types other than text, each with a place of its own in the memory of a column.
const TYPED: [DataType; 7] = [
    DataType::Integer,
    DataType::Decimal,
    DataType::Float,
    DataType::Float32,
    DataType::Date,
    DataType::Datetime,
    DataType::Boolean,
];

/// What was computed of one column.
#[derive(Debug, Default)]
struct Memory<'a> {
    dictionary: OnceCell<Option<Dictionary>>,
    present: OnceCell<Bits>,
    typed: [OnceCell<TypedCells<'a>>; TYPED.len()],
    /// Of timestamps with a part below the microsecond, what is above it.
    coarse: OnceCell<Option<TypedCells<'a>>>,
}

/// A batch with what is declared of its columns.
#[derive(Debug)]
pub(crate) struct Cells<'a> {
    batch: &'a Batch,
    rules: &'a SectionRules,
    memory: Vec<Memory<'a>>,
    /// The truth of the conditions that rules share.
    truths: Vec<OnceCell<Truth>>,
}

impl<'a> Cells<'a> {
    /// The cells of a batch whose columns are those of `rules`, in that order.
    pub(crate) fn new(batch: &'a Batch, rules: &'a SectionRules) -> Self {
        let memory = rules.iter().map(|_| Memory::default()).collect();
        Self { batch, rules, memory, truths: (0..rules.shared_count()).map(|_| OnceCell::new()).collect() }
    }

    /// The truth of a shared condition, computed when it is first needed.
    pub(crate) fn truth(&self, place: usize, work_out: impl FnOnce() -> Truth) -> &Truth {
        self.truths[place].get_or_init(work_out)
    }

    /// How many rows.
    pub(crate) fn rows(&self) -> usize {
        self.batch.rows
    }

    /// The type in which rules see the column.
    pub(crate) fn data_type(&self, column: usize) -> DataType {
        self.rules[column].data_type
    }

    /// The cells of the column as they are stored.
    pub(super) fn stored_column(&self, column: usize) -> &'a Column {
        &self.batch.columns[column]
    }

    /// The cells of the column as text, where it is stored as text.
    pub(crate) fn text(&self, column: usize) -> Option<&'a TextColumn> {
        match &self.batch.columns[column] {
            Column::Text(cells) => Some(cells),
            _ => None,
        }
    }

    /// The different texts of the column, where it is stored as text and has few of them.
    pub(crate) fn dictionary(&self, column: usize) -> Option<&Dictionary> {
        let make = || {
            let _work = ColumnWork::begin();
            let left = &self.rules[column].unrepeating;
            if left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok() {
                return None;
            }
            let made = self.text(column).and_then(|cells| Dictionary::of(cells, self.rows()));
            if made.is_none() {
                left.store(UNREPEATING, Ordering::Relaxed);
            }
            made
        };
        self.memory[column].dictionary.get_or_init(make).as_ref()
    }

    /// The rows of a column stored as text whose text is present and passes the test.
    pub(crate) fn text_bits(&self, column: usize, mut test: impl FnMut(&str) -> bool) -> Bits {
        let rows = self.rows();
        let Some(cells) = self.text(column) else { return Bits::none(rows) };
        if let TextColumn::Constant(cell) = cells {
            return if cell.as_deref().is_some_and(test) { Bits::all(rows) } else { Bits::none(rows) };
        }
        if let Some(dictionary) = self.dictionary(column) {
            let chosen: Vec<bool> =
                dictionary.representatives().map(|row| cells.get(row).is_some_and(&mut test)).collect();
            return dictionary.rows_of(&chosen);
        }
        let mut bits = Bits::none(rows);
        cells.for_each(rows, |row, text| {
            if text.is_some_and(&mut test) {
                bits.set(row);
            }
        });
        bits
    }

    /// The rows of `there` whose text matches the pattern.
    pub(crate) fn matching(&self, column: usize, there: &Bits, pattern: &Pattern) -> Bits {
        let rows = self.rows();
        let Some(cells) = self.text(column) else { return Bits::none(rows) };
        if matches!(cells, TextColumn::Constant(_)) || self.dictionary(column).is_some() {
            return self.text_bits(column, |text| pattern.is_match(text)).and(there);
        }
        let mut bits = Bits::none(rows);
        let mut texts = pattern.many(|row, matches| {
            if matches {
                bits.set(row);
            }
        });
        cells.for_each(rows, |row, text| {
            if let Some(text) = text
                && there.get(row)
            {
                texts.push(row, text);
            }
        });
        texts.finish();
        bits
    }

    /// Rows whose cell is not missing.
    pub(crate) fn present(&self, column: usize) -> &Bits {
        self.memory[column].present.get_or_init(|| {
            let _work = ColumnWork::begin();
            let rows = self.rows();
            match &self.batch.columns[column] {
                Column::Text(cells) => {
                    let missing = &self.rules[column].missing;
                    let doubtful = cells.beginning(rows, |byte| missing.can_begin(byte));
                    let mut present = doubtful.not();
                    for row in doubtful.ones() {
                        if cells.get(row).is_some_and(|text| !missing.holds(text)) {
                            present.set(row);
                        }
                    }
                    return present;
                }
                Column::Integer(cells) | Column::Datetime(cells) => present_typed(cells, rows),
                Column::Decimal(cells) => present_typed(cells, rows),
                Column::Float(cells) => present_typed(cells, rows),
                Column::Date(cells) => present_typed(cells, rows),
                Column::Nanoseconds(cells) => present_typed(cells, rows),
                Column::Boolean(cells) => present_typed(cells, rows),
            }
            .without(&self.tokens_of_typed(column))
        })
    }

    /// Rows of a typed column whose value is written like one of its missing tokens (`1900-01-01`, `-99`).
    fn tokens_of_typed(&self, column: usize) -> Bits {
        let rows = self.rows();
        let stored = match &self.batch.columns[column] {
            Column::Text(_) => return Bits::none(rows),
            Column::Integer(_) => DataType::Integer,
            Column::Decimal(_) => DataType::Decimal,
            Column::Float(_) => DataType::Float,
            Column::Date(_) => DataType::Date,
            Column::Datetime(_) | Column::Nanoseconds(_) => DataType::Datetime,
            Column::Boolean(_) => DataType::Boolean,
        };
        let tokens = self.rules[column].missing.tokens();
        let values: Vec<Value> = tokens
            .filter_map(|token| parse_value(token, stored, None).filter(|value| canonical(value) == token))
            .collect();
        if values.is_empty() {
            return Bits::none(rows);
        }
        Bits::from_fn(rows, |row| self.stored(column, row).is_some_and(|value| values.contains(&value)))
    }

    /// The value of a typed column as it is stored; `None` for a text column.
    fn stored(&self, column: usize, row: usize) -> Option<Value> {
        stored_value(&self.batch.columns[column], row)
    }

    /// The cells of a column parsed as a type that is not text, with the format of the column.
    pub(crate) fn typed(&self, column: usize, data_type: DataType) -> &TypedCells<'a> {
        let place = TYPED.iter().position(|kind| *kind == data_type).unwrap_or_default();
        self.memory[column].typed[place].get_or_init(|| {
            let _work = ColumnWork::begin();
            self.read(column, data_type, &self.rules[column].format)
        })
    }

    /// The cells of a column in its own type, which is not text; timestamps to the microsecond.
    pub(crate) fn to_microsecond(&self, column: usize) -> &TypedCells<'a> {
        let typed = self.typed(column, self.data_type(column));
        self.memory[column].coarse.get_or_init(|| typed.to_microsecond()).as_ref().unwrap_or(typed)
    }

    /// The cells of a column parsed as a type that is not text, with another format.
    pub(crate) fn read(&self, column: usize, data_type: DataType, format: &DateFormat) -> TypedCells<'a> {
        let present = self.present(column);
        match (&self.batch.columns[column], data_type) {
            (Column::Text(cells), DataType::Integer) => {
                let reads = self.parse_numbers(column, cells, present, parse_integer);
                let is_long = |row| self.plain(column, row).is_some_and(|text| parse_long_integer(&text).is_some());
                if reads.unreadable.ones().any(is_long) {
                    return TypedCells::Decimal(self.parse_numbers(column, cells, present, parse_long_integer));
                }
                TypedCells::Integer(reads)
            }
            (Column::Text(cells), DataType::Decimal) => {
                TypedCells::Decimal(self.parse_numbers(column, cells, present, Decimal::parse))
            }
            (Column::Text(cells), DataType::Float) => {
                TypedCells::Float(self.parse_numbers(column, cells, present, parse_float))
            }
            (Column::Text(cells), DataType::Date) => {
                TypedCells::Date(self.parse(column, cells, present, |text| format.parse_date(text)))
            }
            (Column::Text(cells), DataType::Datetime) => {
                let is_fine = std::cell::Cell::new(false);
                let micros = self.parse(column, cells, present, |text| {
                    let instant = format.parse_instant(text)?;
                    is_fine.set(is_fine.get() | (instant.nanos != 0));
                    Some(instant.micros)
                });
                // Few columns have a part below the microsecond.
                if is_fine.get() {
                    TypedCells::Nanoseconds(self.parse(column, cells, present, |text| format.parse_instant(text)))
                } else {
                    TypedCells::Datetime(micros)
                }
            }
            (Column::Text(cells), DataType::Boolean) => TypedCells::Boolean(match &self.rules[column].words {
                Some(words) => self.parse(column, cells, present, |text| words.parse(text)),
                None => self.parse(column, cells, present, parse_boolean),
            }),
            (Column::Integer(cells), DataType::Integer) => TypedCells::Integer(borrow(cells, present)),
            (Column::Integer(cells), DataType::Decimal) => {
                TypedCells::Decimal(convert(cells, present, |v| Some(v.into())))
            }
            #[expect(clippy::cast_precision_loss, reason = "an integer in a column of floats is the nearest float")]
            (Column::Integer(cells), DataType::Float) => TypedCells::Float(convert(cells, present, |v| Some(v as f64))),
            (Column::Decimal(cells), DataType::Decimal) => TypedCells::Decimal(borrow(cells, present)),
            (Column::Decimal(cells), DataType::Integer) => {
                TypedCells::Decimal(convert(cells, present, |v| v.to_whole().and_then(|whole| Decimal::new(whole, 0))))
            }
            (Column::Decimal(cells), DataType::Float) => {
                TypedCells::Float(convert(cells, present, |v| Some(v.to_float())))
            }
            (Column::Float(cells), DataType::Float) => TypedCells::Float(borrow_floats(cells, present)),
            // A column of this type is stored so.
            (Column::Float(cells), DataType::Float32) if self.data_type(column) == DataType::Float32 => {
                TypedCells::Float(borrow_floats(cells, present))
            }
            (Column::Text(_) | Column::Integer(_) | Column::Decimal(_) | Column::Float(_), DataType::Float32) => {
                self.singles(column, format)
            }
            (Column::Float(cells), DataType::Decimal) => {
                TypedCells::Decimal(convert(cells, present, Decimal::from_float))
            }
            (Column::Date(cells), DataType::Date) => TypedCells::Date(borrow(cells, present)),
            (Column::Date(cells), DataType::Datetime) => {
                TypedCells::Datetime(convert(cells, present, |v| i64::from(v).checked_mul(DAY_MICROS)))
            }
            (Column::Datetime(cells), DataType::Datetime) => TypedCells::Datetime(borrow(cells, present)),
            (Column::Nanoseconds(cells), DataType::Datetime) => TypedCells::Nanoseconds(borrow(cells, present)),
            (Column::Boolean(cells), DataType::Boolean) => TypedCells::Boolean(borrow(cells, present)),
            (Column::Integer(_) | Column::Decimal(_) | Column::Float(_), DataType::Date | DataType::Datetime) => {
                dates_of_numbers(present, |row| self.stored(column, row), data_type, format)
            }
            // Other pairs are refused when rules are bound; a cell that gets here nevertheless is unparseable.
            _ => self.none_parses(column),
        }
    }

    /// The numbers of a column rounded to 32-bit floats.
    fn singles(&self, column: usize, format: &DateFormat) -> TypedCells<'a> {
        let TypedCells::Float(floats) = self.read(column, DataType::Float, format) else {
            return self.none_parses(column);
        };
        TypedCells::Float(map(&floats, nearest_single))
    }

    /// No cell is of the type.
    fn none_parses(&self, column: usize) -> TypedCells<'a> {
        TypedCells::Boolean(Reads {
            values: vec![false; self.rows()].into(),
            valid: Bits::none(self.rows()),
            unreadable: self.present(column).clone(),
        })
    }

    /// The length in characters of each text that is present.
    pub(crate) fn lengths(&self, column: usize) -> Reads<'a, i64> {
        let present = self.present(column);
        if let Some(cells) = self.text(column) {
            return self.parse(column, cells, present, |text| i64::try_from(text.chars().count()).ok());
        }
        let rows = self.rows();
        Reads { values: vec![0; rows].into(), valid: Bits::none(rows), unreadable: present.clone() }
    }

    /// Parses the texts that are present as numbers, written as it is declared.
    fn parse_numbers<T: Copy + Default>(
        &self,
        column: usize,
        cells: &TextColumn,
        present: &Bits,
        read: impl Fn(&str) -> Option<T>,
    ) -> Reads<'a, T> {
        let Some(numbers) = &self.rules[column].numbers else { return self.parse(column, cells, present, read) };
        let buffer = RefCell::default();
        self.parse(column, cells, present, |text| read(numbers.plain(text, &mut buffer.borrow_mut())?))
    }

    /// The text of a cell that is a number, in the plain form of numbers. `None` where it is not stored as text.
    pub(crate) fn plain(&self, column: usize, row: usize) -> Option<Cow<'a, str>> {
        let text = self.text(column)?.get(row)?;
        let Some(numbers) = &self.rules[column].numbers else { return Some(Cow::Borrowed(text)) };
        numbers.plain(text, &mut String::new()).map(|plain| Cow::Owned(plain.to_owned()))
    }

    /// Parses the texts that are present.
    fn parse<T: Copy + Default>(
        &self,
        column: usize,
        cells: &TextColumn,
        present: &Bits,
        read: impl Fn(&str) -> Option<T>,
    ) -> Reads<'a, T> {
        let rows = self.rows();
        if let Some(dictionary) = self.dictionary(column) {
            let read: Vec<Option<T>> = dictionary.representatives().map(|row| cells.get(row).and_then(&read)).collect();
            let reads: Vec<bool> = read.iter().map(Option::is_some).collect();
            let values: Vec<T> = read.into_iter().map(Option::unwrap_or_default).collect();
            let valid = dictionary.rows_of(&reads).and(present);
            let unreadable = present.without(&valid);
            let values = dictionary.spread_values(&values, T::default()).into();
            return Reads { values, valid, unreadable };
        }
        let mut values = vec![T::default(); rows];
        let mut valid = Bits::none(rows);
        cells.for_each(rows, |row, text| {
            if let Some(text) = text
                && present.get(row)
                && let Some(value) = read(text)
            {
                values[row] = value;
                valid.set(row);
            }
        });
        let unreadable = present.without(&valid);
        Reads { values: values.into(), valid, unreadable }
    }

    /// The value of one row in the column's own type.
    pub(crate) fn cell(&self, column: usize, row: usize) -> Cell {
        if !self.present(column).get(row) {
            return Cell::Value(Value::Null);
        }
        let data_type = self.data_type(column);
        match self.text(column).map(|cells| cells.get(row)) {
            Some(Some(text)) if matches!(data_type, DataType::Text | DataType::Binary) => {
                Cell::Value(Value::Text(text.to_owned()))
            }
            Some(Some(text)) if data_type == DataType::Uuid => {
                if is_uuid(text) {
                    Cell::Value(Value::Text(text.to_owned()))
                } else {
                    Cell::Unreadable
                }
            }
            _ => {
                let typed = self.typed(column, data_type);
                if typed.valid().get(row) { Cell::Value(typed.value(row)) } else { Cell::Unreadable }
            }
        }
    }

    /// Writes the canonical text of a cell that is not missing, as keys and facts compare it, in `data_type`.
    /// Returns whether it parses as the type; where it does not, it writes no text.
    pub(crate) fn write_canonical(&self, column: usize, row: usize, data_type: DataType, out: &mut String) -> bool {
        if data_type.is_textual() {
            match self.text(column) {
                Some(cells) => out.push_str(cells.get(row).unwrap_or_default()),
                None => out.push_str(&self.stored(column, row).map(|value| value.to_string()).unwrap_or_default()),
            }
            return true;
        }
        let typed = self.typed(column, data_type);
        if !typed.valid().get(row) {
            return false;
        }
        match typed {
            TypedCells::Date(reads) => write_date(reads.values[row], out),
            // Writing to a string cannot fail.
            TypedCells::Decimal(reads) => drop(write!(out, "{}", reads.values[row])),
            _ => out.push_str(&canonical(&typed.value(row))),
        }
        true
    }
}

/// The value of a cell as it is stored; `None` in a text column.
pub(crate) fn stored_value(column: &Column, row: usize) -> Option<Value> {
    fn at<T: Copy>(cells: &Typed<T>, row: usize, make: impl Fn(T) -> Value) -> Value {
        let valid = cells.valid.as_ref().is_none_or(|valid| valid.get(row));
        if valid { make(cells.values[row]) } else { Value::Null }
    }
    Some(match column {
        Column::Text(_) => return None,
        Column::Integer(cells) => at(cells, row, Value::Integer),
        Column::Decimal(cells) => at(cells, row, Value::Decimal),
        Column::Float(cells) => at(cells, row, Value::Float),
        Column::Date(cells) => at(cells, row, Value::Date),
        Column::Datetime(cells) => at(cells, row, Value::Datetime),
        Column::Nanoseconds(cells) => at(cells, row, Value::of_instant),
        Column::Boolean(cells) => at(cells, row, Value::Boolean),
    })
}

/// The text of a cell as it is stored; `None` where there is none.
pub(crate) fn stored_text(column: &Column, row: usize) -> Option<Cow<'_, str>> {
    match column {
        Column::Text(texts) => texts.get(row).map(Cow::Borrowed),
        column => stored_value(column, row).filter(|value| *value != Value::Null).map(|value| value.to_string().into()),
    }
}
