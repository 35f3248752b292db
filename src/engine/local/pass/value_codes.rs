//! The cells of a column as codes of its different values, where it has few.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::model::{DAY_MICROS, DataType, MOST_GROUP_VALUES, SegmentValue, ValuePart};
use crate::scalar::civil_from_days;
use crate::source::Bits;

use crate::engine::local::batch::cells::Cells;
use crate::engine::local::batch::typed::TypedCells;
use crate::engine::local::pass::group_by::value_of;

/// The code of a value.
pub(super) type Code = u8;

/// As many as there are codes.
const ALL_CODES: usize = 1 << Code::BITS;

/// For how many days of a batch codes are kept: those of eleven years.
const KEPT_DAYS: usize = 4_096;

/// What rows are grouped by: a column, or a part of its dates. Its values are numbered as they come.
#[derive(Debug)]
pub(super) struct ValueCodes {
    /// Its number among all of a pass.
    pub number: u16,
    /// The name of the column.
    pub column: String,
    /// What of it.
    pub part: ValuePart,
    /// The place of the column in its section.
    at: usize,
    values: Mutex<HashMap<SegmentValue, Code>>,
    /// There are more values than have a code.
    too_many: AtomicBool,
}

impl ValueCodes {
    /// What rows are grouped by of a column at a place of its section: its values, and the months and years of dates. No value
    /// yet.
    pub(super) fn of_column(
        (at, name): (usize, &str),
        data_type: DataType,
        numbers: &mut impl Iterator<Item = u16>,
    ) -> Vec<Self> {
        let is_dated = matches!(data_type, DataType::Date | DataType::Datetime);
        let parts: &[ValuePart] =
            if is_dated { &[ValuePart::Whole, ValuePart::Month, ValuePart::Year] } else { &[ValuePart::Whole] };
        let part = |(part, number): (&ValuePart, u16)| Self {
            number,
            column: name.to_owned(),
            part: *part,
            at,
            values: Mutex::default(),
            too_many: AtomicBool::new(false),
        };
        parts.iter().zip(numbers).map(part).collect()
    }

    /// Whether there are more values than have a code.
    pub(super) fn has_too_many(&self) -> bool {
        self.too_many.load(Ordering::Relaxed)
    }

    /// Writes the code of each row of a batch: the number, how many there are, and the codes. Nothing where there are too many
    /// values.
    pub(super) fn put(&self, cells: &Cells<'_>, out: &mut Vec<u8>) {
        if let Some(codes) = self.codes(cells) {
            out.extend(self.number.to_le_bytes());
            out.extend(u32::try_from(codes.len()).unwrap_or(u32::MAX).to_le_bytes());
            out.extend(codes);
        }
    }

    /// Reads the number and the codes of the next ones that were written.
    pub(super) fn take<'b>(bytes: &mut &'b [u8]) -> Option<(u16, &'b [Code])> {
        let (number, rest) = bytes.split_first_chunk()?;
        let (rows, rest) = rest.split_first_chunk()?;
        let (codes, rest) = rest.split_at_checked(u32::from_le_bytes(*rows) as usize)?;
        *bytes = rest;
        Some((u16::from_le_bytes(*number), codes))
    }

    /// The code of each row of a batch; `None` where there are too many values.
    fn codes(&self, cells: &Cells<'_>) -> Option<Vec<Code>> {
        if self.has_too_many() {
            return None;
        }
        let codes = self.of_batch(cells).and_then(|(codes, values)| {
            // A dictionary has a code for absent cells, which no row may have.
            let mut occurs = vec![false; values.len()];
            for code in &codes {
                occurs[usize::from(*code)] = true;
            }
            let table: Vec<Code> = {
                let mut known = self.values.lock().unwrap_or_else(PoisonError::into_inner);
                let values = values.into_iter().zip(occurs);
                values
                    .map(
                        |(value, occurs)| {
                            if occurs { number_within(&mut known, value, MOST_GROUP_VALUES) } else { Some(0) }
                        },
                    )
                    .collect::<Option<_>>()?
            };
            Some(codes.into_iter().map(|code| table[usize::from(code)]).collect())
        });
        if codes.is_none() {
            self.too_many.store(true, Ordering::Relaxed);
        }
        codes
    }

    /// All values ascending, and for each code the position of its value there.
    pub(super) fn finish(self) -> (Vec<SegmentValue>, Vec<usize>) {
        let known = self.values.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut places = vec![0; known.len()];
        let sorted: BTreeMap<SegmentValue, Code> = known.into_iter().collect();
        for (place, code) in sorted.values().enumerate() {
            places[usize::from(*code)] = place;
        }
        (sorted.into_keys().collect(), places)
    }

    /// The codes of the rows of a batch, and the values in the order of these codes; a value may have several.
    fn of_batch(&self, cells: &Cells<'_>) -> Option<(Vec<Code>, Vec<SegmentValue>)> {
        let column = self.at;
        if self.part != ValuePart::Whole {
            return self.parts_of_dates(cells);
        }
        let value = |row| value_of(cells, column, row);
        if let Some(dictionary) = cells.dictionary(column) {
            let mut values = vec![SegmentValue::Missing];
            let mut known = HashMap::from([(SegmentValue::Missing, 0)]);
            let mut codes = Vec::new();
            for row in dictionary.representatives() {
                let value = value(row);
                // The code of absent cells may be that of no row.
                let code = number_within(&mut known, value.clone(), MOST_GROUP_VALUES + 1)?;
                if usize::from(code) == values.len() {
                    values.push(value);
                }
                codes.push(code);
            }
            return Some((dictionary.spread_values(&codes, 0), values));
        }
        if let Some(texts) = cells.text(column) {
            return number_rows(cells.rows(), |row| texts.get(row), value);
        }
        let present = cells.present(column);
        let rows = cells.rows();
        match cells.typed(column, cells.data_type(column)) {
            TypedCells::Integer(reads) | TypedCells::Datetime(reads) => {
                number_rows(rows, |row| present.get(row).then(|| reads.values[row]), value)
            }
            TypedCells::Decimal(reads) => number_rows(rows, |row| present.get(row).then(|| reads.values[row]), value),
            TypedCells::Float(reads) => {
                number_rows(rows, |row| present.get(row).then(|| reads.values[row].to_bits()), value)
            }
            TypedCells::Date(reads) => number_rows(rows, |row| present.get(row).then(|| reads.values[row]), value),
            TypedCells::Nanoseconds(reads) => {
                number_rows(rows, |row| present.get(row).then(|| reads.values[row]), value)
            }
            TypedCells::Boolean(reads) => number_rows(rows, |row| present.get(row).then(|| reads.values[row]), value),
        }
    }

    /// The month or the year of each row.
    fn parts_of_dates(&self, cells: &Cells<'_>) -> Option<(Vec<Code>, Vec<SegmentValue>)> {
        let typed = cells.to_microsecond(self.at);
        let days = |row: usize| -> i32 {
            match typed {
                TypedCells::Date(reads) => reads.values[row],
                TypedCells::Datetime(reads) => {
                    i32::try_from(reads.values[row].div_euclid(DAY_MICROS)).unwrap_or(i32::MAX)
                }
                _ => 0,
            }
        };
        let [valid, unparseable]: [&Bits; 2] = [typed.valid(), typed.unreadable()];
        let mut known: HashMap<(i32, u32), Code> = HashMap::new();
        let mut firsts = Vec::new();
        let mut number = |key: (i32, u32)| {
            let code = number_within(&mut known, key, ALL_CODES)?;
            if usize::from(code) == firsts.len() {
                firsts.push(key);
            }
            Some(code)
        };
        // Few days make many rows: the code of a day is kept until another day needs its place.
        let mut kept: Vec<Option<(i32, Code)>> = vec![None; KEPT_DAYS];
        let mut codes = Vec::with_capacity(cells.rows());
        for row in 0..cells.rows() {
            if !valid.get(row) {
                codes.push(number((i32::MIN, u32::from(unparseable.get(row))))?);
                continue;
            }
            let day = days(row);
            let place = &mut kept[day.unsigned_abs() as usize % KEPT_DAYS];
            let code = match place {
                Some((kept, code)) if *kept == day => *code,
                _ => {
                    let (year, month, _) = civil_from_days(day);
                    let code = number(if self.part == ValuePart::Month { (year, month) } else { (year, 0) })?;
                    *place = Some((day, code));
                    code
                }
            };
            codes.push(code);
        }
        let value = |key: (i32, u32)| match key {
            (i32::MIN, 0) => SegmentValue::Missing,
            (i32::MIN, _) => SegmentValue::Unreadable,
            (year, 0) => SegmentValue::Value(format!("{year:04}")),
            (year, month) => SegmentValue::Value(format!("{year:04}-{month:02}")),
        };
        Some((codes, firsts.into_iter().map(value).collect()))
    }
}

/// The code of a value or a key, a new one where it has none; `None` where there is none of so many codes left.
fn number_within<K: Eq + Hash>(known: &mut HashMap<K, Code>, key: K, most: usize) -> Option<Code> {
    if let Some(code) = known.get(&key) {
        return Some(*code);
    }
    let code = Code::try_from(known.len()).ok().filter(|code| usize::from(*code) < most)?;
    known.insert(key, code);
    Some(code)
}

/// Numbers rows by a key, and gives the value of the first row of each number. A value may be written in several ways, so there
/// are as many numbers as a code has.
fn number_rows<K: Eq + Hash + Clone>(
    rows: usize,
    mut key: impl FnMut(usize) -> K,
    value: impl Fn(usize) -> SegmentValue,
) -> Option<(Vec<Code>, Vec<SegmentValue>)> {
    let mut known: HashMap<K, Code> = HashMap::new();
    let mut values = Vec::new();
    let mut last: Option<(K, Code)> = None;
    let mut codes = Vec::with_capacity(rows);
    for row in 0..rows {
        let key = key(row);
        if let Some((known, code)) = &last
            && *known == key
        {
            codes.push(*code);
            continue;
        }
        let code = number_within(&mut known, key.clone(), ALL_CODES)?;
        if usize::from(code) == values.len() {
            values.push(value(row));
        }
        codes.push(code);
        last = Some((key, code));
    }
    Some((codes, values))
}
