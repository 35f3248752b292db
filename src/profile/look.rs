//! A look at a bounded part of the rows of a dataset, which shows what to expect of its columns.
//!
//! Everything that a look decides is a question that the passes over all rows answer: it chooses the type in which a column is
//! parsed, and never how many values are of that type.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::engine::local::stored_text;
use ahash::AHashMap;
use rayon::prelude::*;

use crate::identify::{Judge, Tally, column, null_word};
use crate::model::{DataType, IdentifiedColumn, Share};
use crate::scalar::Missing;
use crate::source::{Batch, Block, Column, Portion, Source, SourceError};

use super::reads::{Reading, guess};

/// The most rows that are looked at.
const MOST_ROWS: u64 = 20_000;

/// The most cells that are looked at, unless that are fewer than [`LEAST_ROWS`].
const MOST_CELLS: u64 = 4_000_000;

/// The rows that are looked at, however many columns there are.
const LEAST_ROWS: u64 = 200;

/// The code of a cell without a value.
pub(super) const NO_VALUE: u32 = 0;

/// What a look shows of a dataset.
#[derive(Debug)]
pub(super) struct Look {
    /// Rows that were looked at.
    pub(super) rows: u64,
    /// One for each column of the source.
    pub(super) columns: Vec<LookedAt>,
}

/// What a look shows of a column.
#[derive(Debug)]
pub(super) struct LookedAt {
    /// Text faults, formats, kinds of identifiers and words that mean "no value".
    pub(super) identified: IdentifiedColumn,
    /// The values that are no such words, each with its rows.
    pub(super) values: BTreeMap<String, u64>,
    /// How the values are parsed.
    pub(super) reads: Reading,
    /// For each row the code of its value, from 1, or [`NO_VALUE`].
    pub(super) codes: Vec<u32>,
}

/// Looks at a part of the rows, spread over the dataset where it can be sampled, else its first.
///
/// # Errors
/// If the dataset cannot be read.
pub(super) fn look(source: &Source, missing: &Missing, judge: &Judge) -> Result<Look, SourceError> {
    let read: Vec<usize> = (0..source.columns().len()).filter(|at| source.columns()[*at].data_type.is_some()).collect();
    let most = (MOST_CELLS / read.len().max(1) as u64).clamp(LEAST_ROWS, MOST_ROWS);
    let share = source.extent().most_rows.map_or(Share::WHOLE, |rows| Share::of(most, rows.max(1)));
    let sample = if share < Share::WHOLE { source.sample(share).ok() } else { None };
    let found = Mutex::new((0, vec![Seen::default(); read.len()]));
    let visit = |mut block: Block| {
        let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
        let (rows, columns) = &mut *found;
        let places: Vec<[usize; 1]> = (0..read.len()).map(|at| [at]).collect();
        let slices: Vec<&[usize]> = places.iter().map(<[usize; 1]>::as_slice).collect();
        let before = *rows;
        for (mut part, seen) in block.split(&slices).into_iter().zip(columns.iter_mut()) {
            let mut left = most - before;
            for batch in part.take(&[0]).into_iter().flatten() {
                let taken = left.min(batch.rows as u64);
                seen.take(&batch, taken, missing);
                left -= taken;
            }
            *rows = most - left;
        }
        *rows < most
    };
    // On one thread batches come in their order, so the same rows are looked at each time.
    let portion = Portion { sample: sample.as_ref(), ..Portion::default() };
    let scan = || source.scan_blocks(&read, &portion, &visit, &|_| {});
    match rayon::ThreadPoolBuilder::new().num_threads(1).build() {
        Ok(pool) => drop(pool.install(scan)?),
        Err(_) => drop(scan()?),
    }
    let (rows, mut seen) = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    let seen_of = source.columns().iter().enumerate().map(|(at, known)| {
        let seen = read.binary_search(&at).ok().map(|place| std::mem::take(&mut seen[place]));
        (known, seen.unwrap_or_default())
    });
    let seen_of: Vec<_> = seen_of.collect();
    let columns = seen_of
        .into_par_iter()
        .map(|(known, seen)| seen.judge(&known.name, &known.stored, known.data_type, judge))
        .collect();
    Ok(Look { rows, columns })
}

/// The cells of a column.
#[derive(Debug, Clone, Default)]
struct Seen {
    missing: u64,
    /// Each with its code and its rows.
    values: AHashMap<String, (u32, u64)>,
    codes: Vec<u32>,
    is_text: bool,
}

impl Seen {
    fn take(&mut self, batch: &Batch, rows: u64, missing: &Missing) {
        let rows = usize::try_from(rows).unwrap_or(usize::MAX).min(batch.rows);
        let Some(column) = batch.columns.first() else { return };
        self.is_text = matches!(column, Column::Text(_));
        let mut enter = |text: &str| {
            let code = if missing.holds(text) {
                self.missing += 1;
                NO_VALUE
            } else if let Some((code, count)) = self.values.get_mut(text) {
                *count += 1;
                *code
            } else {
                let code = u32::try_from(self.values.len() + 1).unwrap_or(NO_VALUE);
                self.values.insert(text.to_owned(), (code, 1));
                code
            };
            self.codes.push(code);
        };
        for row in 0..rows {
            enter(&stored_text(column, row).unwrap_or_default());
        }
    }

    fn judge(self, name: &str, stored: &str, held: Option<DataType>, judge: &Judge) -> LookedAt {
        let mut tally = Tally::default();
        tally.miss(self.missing);
        let mut values: BTreeMap<String, u64> =
            self.values.into_iter().map(|(value, (_, count))| (value, count)).collect();
        for (value, count) in &values {
            judge.enter(&mut tally, value, *count, self.is_text);
        }
        let identified = column(name, stored, &tally, judge);
        values.retain(|value, _| !self.is_text || null_word(value).is_none());
        let reads = match held {
            Some(DataType::Text) => guess(&values, &identified),
            Some(held) => Reading::stored(held),
            None => Reading::stored(DataType::Text),
        };
        LookedAt { identified, values, reads, codes: self.codes }
    }
}
