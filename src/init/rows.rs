//! Rows that are held to see what holds between their cells: a bounded part of a dataset.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use crate::model::{Decimal, Value};
use crate::scalar::{Missing, canonical};
use crate::source::{Batch, Block, Column, Place, Portion, Source, SourceError, Typed};

/// The most rows that are held.
const MOST_ROWS: usize = 50_000;

/// The most cells that are held.
const MOST_CELLS: usize = 4_000_000;

/// The most bytes of different values that are held; further values of a column count as missing.
const MOST_BYTES: usize = 64 << 20;

/// The longest value that is held, in bytes.
const LONGEST: usize = 1_000;

/// The cell has no value.
pub(super) const NONE: u32 = 0;

/// The first rows of a dataset.
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// The columns in the order of the data; `None` where a column cannot be read.
    pub(super) columns: Vec<Option<Held>>,
}

/// The cells of a column.
#[derive(Debug, Default)]
pub(super) struct Held {
    /// The number of the value of each row; [`NONE`] where there is none.
    pub(super) cells: Vec<u32>,
    /// The different values, by their number less one.
    pub(super) values: Vec<String>,
    /// How many rows each value has.
    pub(super) counts: Vec<u64>,
}

impl Held {
    /// The values of all rows as exact numbers.
    pub(super) fn numbers(&self) -> Vec<Option<Decimal>> {
        let parsed: Vec<Option<Decimal>> = self.values.iter().map(|value| Decimal::parse(value.trim())).collect();
        let number = |cell: &u32| *parsed.get((*cell as usize).checked_sub(1)?)?;
        self.cells.iter().map(number).collect()
    }

    /// Rows with a value.
    pub(super) fn present(&self) -> u64 {
        self.counts.iter().sum()
    }
}

/// The numbers of the values of one column.
#[derive(Default)]
struct Numbers {
    held: Held,
    known: HashMap<String, u32>,
    bytes: usize,
}

impl Numbers {
    fn enter(&mut self, text: Option<&str>, most_bytes: usize) {
        let number = text.filter(|text| text.len() <= LONGEST).and_then(|text| {
            if let Some(number) = self.known.get(text) {
                return Some(*number);
            }
            self.bytes += text.len() + 64;
            let number = u32::try_from(self.held.values.len() + 1).ok().filter(|_| self.bytes <= most_bytes)?;
            self.held.values.push(text.to_owned());
            self.held.counts.push(0);
            self.known.insert(text.to_owned(), number);
            Some(number)
        });
        let number = number.unwrap_or(NONE);
        if let Some(count) = (number as usize).checked_sub(1).and_then(|at| self.held.counts.get_mut(at)) {
            *count += 1;
        }
        self.held.cells.push(number);
    }
}

impl Rows {
    /// Reads the first rows of a dataset.
    ///
    /// # Errors
    /// If they cannot be read.
    pub(super) fn read(source: &Source, missing: &Missing) -> Result<Self, SourceError> {
        let read: Vec<usize> =
            (0..source.columns().len()).filter(|at| source.columns()[*at].data_type.is_some()).collect();
        let most = MOST_ROWS.min(MOST_CELLS / read.len().max(1)).max(20);
        let batches: Mutex<BTreeMap<Place, Batch>> = Mutex::default();
        let lock = || batches.lock().unwrap_or_else(PoisonError::into_inner);
        let all: Vec<usize> = (0..read.len()).collect();
        let visit = |mut block: Block| {
            for batch in block.take(&all).into_iter().flatten() {
                lock().insert(batch.place, batch);
            }
            true
        };
        // Batches of text are blocks of bytes: a few are enough, and they are begun in the order of rows.
        let enough = |_: Option<Place>| lock().values().map(|batch| batch.rows).sum::<usize>() >= most;
        let portion = Portion { enough: Some(&enough), ..Portion::default() };
        source.scan_blocks(&read, &portion, &visit, &|_| ())?;
        let batches = batches.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut columns: Vec<Numbers> = read.iter().map(|_| Numbers::default()).collect();
        let most_bytes = MOST_BYTES / read.len().max(1);
        let mut count = 0;
        for batch in batches.into_values() {
            let rows = batch.rows.min(most - count);
            for (numbers, cells) in columns.iter_mut().zip(&batch.columns) {
                enter(numbers, cells, rows, missing, most_bytes);
            }
            count += rows;
            if count >= most {
                break;
            }
        }
        let mut held = columns.into_iter().map(|numbers| numbers.held);
        let columns = source.columns().iter().map(|column| column.data_type.is_some().then(|| held.next()).flatten());
        Ok(Self { columns: columns.collect() })
    }

    /// A column, if it could be read.
    pub(super) fn column(&self, at: usize) -> Option<&Held> {
        self.columns.get(at)?.as_ref()
    }
}

/// Enters the cells of a batch as they are written out.
fn enter(numbers: &mut Numbers, cells: &Column, rows: usize, missing: &Missing, most_bytes: usize) {
    match cells {
        Column::Text(cells) => {
            for row in 0..rows {
                numbers.enter(cells.get(row).filter(|text| !missing.holds(text)), most_bytes);
            }
        }
        Column::Integer(cells) => typed(numbers, cells, rows, missing, most_bytes, Value::Integer),
        Column::Decimal(cells) => typed(numbers, cells, rows, missing, most_bytes, Value::Decimal),
        Column::Float(cells) => typed(numbers, cells, rows, missing, most_bytes, Value::Float),
        Column::Boolean(cells) => typed(numbers, cells, rows, missing, most_bytes, Value::Boolean),
        Column::Date(cells) => typed(numbers, cells, rows, missing, most_bytes, Value::Date),
        Column::Datetime(cells) => typed(numbers, cells, rows, missing, most_bytes, Value::Datetime),
        Column::Nanoseconds(cells) => typed(numbers, cells, rows, missing, most_bytes, Value::of_instant),
    }
}

fn typed<T: Copy>(
    numbers: &mut Numbers,
    cells: &Typed<T>,
    rows: usize,
    missing: &Missing,
    most_bytes: usize,
    value: impl Fn(T) -> Value,
) {
    for row in 0..rows {
        let is_there = cells.valid.as_ref().is_none_or(|valid| valid.get(row));
        let value = cells.values.get(row).filter(|_| is_there).map(|cell| value(*cell));
        let text = value.as_ref().map(canonical).filter(|text| !missing.holds(text));
        numbers.enter(text.as_deref(), most_bytes);
    }
}
