//! What a dataset contains: for each column the kinds of identifiers that its values can be, the text faults and the
//! formats, counted in one pass.
//!
//! Only counts are kept. A bounded number of values with a wrong check digit is kept until the end, when it is known in
//! which kinds to look for typing slips.

mod dialect;
mod evidence;
mod null_words;
mod prefilter;
mod rank;
mod tally;
mod value_sample;
mod wrapping;

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use crate::engine::Progress;
use crate::engine::local::Dictionary;
use crate::model::{AsOf, IDENTIFY_FORMAT, IdentifiedColumn, IdentifyReport, IdentifyTool, Value};
use crate::scalar::{Missing, canonical, civil_from_days};
use crate::source::{Batch, Block, Column, Portion, Problem, ScanFacts, Source, SourceError, TextColumn, Typed};

pub use dialect::recognise;

pub(crate) use null_words::null_word;
pub(crate) use rank::column;
pub(crate) use tally::{Judge, Tally};

/// The options of an identification.
#[derive(Debug, Clone)]
pub struct IdentifyOptions {
    /// Only these columns; empty: all.
    pub columns: Vec<String>,
    /// Tokens that count as missing, besides empty and blank.
    pub missing: BTreeSet<String>,
    /// The date that counts as "today": no birth date is later.
    pub as_of: AsOf,
    /// Worker threads; 0: one for each processor.
    pub threads: usize,
}

/// Reads a dataset once and reports what its columns contain; `None` if the user stopped it.
///
/// # Errors
/// If the dataset cannot be read, or a requested column does not exist.
pub fn identify(
    source: &Source,
    name: &str,
    options: &IdentifyOptions,
    progress: &dyn Progress,
) -> Result<Option<IdentifyReport>, SourceError> {
    let wanted = wanted(source, name, &options.columns)?;
    let read: Vec<usize> = wanted.iter().copied().filter(|at| source.columns()[*at].data_type.is_some()).collect();
    let judge = Judge::new(civil_from_days(options.as_of.day).0);
    let missing = Missing::new(options.missing.clone());
    let pass = Pass { judge: &judge, missing: &missing, tallies: read.iter().map(|_| Mutex::default()).collect() };
    progress.begin(name, "columns", source.extent().bytes);
    let scan = || pass.scan(source, &read, name, progress);
    let facts = match rayon::ThreadPoolBuilder::new().num_threads(options.threads).build() {
        Ok(pool) => pool.install(scan),
        // Without threads of its own, the work runs on the threads of rayon.
        Err(_) => scan(),
    };
    progress.end(name);
    let ScanFacts { files, framing } = facts?;
    if progress.cancelled() {
        return Ok(None);
    }
    let tallies: Vec<Tally> =
        pass.tallies.into_iter().map(|tally| tally.into_inner().unwrap_or_else(PoisonError::into_inner)).collect();
    let columns = wanted.iter().map(|at| {
        let column = &source.columns()[*at];
        match read.binary_search(at).ok().and_then(|place| tallies.get(place)) {
            Some(tally) => rank::column(&column.name, &column.stored, tally, &judge),
            None => IdentifiedColumn {
                name: column.name.clone(),
                stored: column.stored.clone(),
                not_read: Some(format!("it is stored as {}, which is not examined", column.stored)),
                ..IdentifiedColumn::default()
            },
        }
    });
    Ok(Some(IdentifyReport {
        format: IDENTIFY_FORMAT.to_owned(),
        tool: IdentifyTool { name: env!("CARGO_PKG_NAME").to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
        as_of: options.as_of.to_string(),
        rows: files.iter().map(|file| file.rows).sum(),
        files,
        malformed: framing.malformed,
        remarks: framing.remarks(),
        dialect: None,
        columns: columns.collect(),
    }))
}

/// The positions of the requested columns, in the order of the data.
fn wanted(source: &Source, name: &str, columns: &[String]) -> Result<Vec<usize>, SourceError> {
    let known = source.columns();
    if let Some(unknown) = columns.iter().find(|wanted| known.iter().all(|column| column.name != **wanted)) {
        let names: Vec<&str> = known.iter().map(|column| column.name.as_str()).collect();
        let problem = format!("there is no column `{unknown}`; there are {}", names.join(", "));
        return Err(SourceError { path: name.to_owned(), problem: Problem::Columns(problem) });
    }
    let is_wanted = |column: &str| columns.is_empty() || columns.iter().any(|wanted| wanted == column);
    Ok(known.iter().enumerate().filter(|(_, column)| is_wanted(&column.name)).map(|(at, _)| at).collect())
}

/// One pass over a dataset.
struct Pass<'a> {
    judge: &'a Judge,
    missing: &'a Missing,
    /// One a column that is read.
    tallies: Vec<Mutex<Tally>>,
}

impl Pass<'_> {
    fn scan(
        &self,
        source: &Source,
        read: &[usize],
        name: &str,
        progress: &dyn Progress,
    ) -> Result<ScanFacts, SourceError> {
        let visit = |mut block: Block| {
            let places: Vec<[usize; 1]> = (0..read.len()).map(|at| [at]).collect();
            let slices: Vec<&[usize]> = places.iter().map(<[usize; 1]>::as_slice).collect();
            let parts: Vec<(&Mutex<Tally>, Block)> = self.tallies.iter().zip(block.split(&slices)).collect();
            // A column that cannot be unpacked ends the scan by itself.
            let take = |(tally, mut part): (&Mutex<Tally>, Block)| {
                for batch in part.take(&[0]).into_iter().flatten() {
                    self.take(&batch, tally);
                }
            };
            if block.is_scarce() {
                parts.into_par_iter().for_each(take);
            } else {
                parts.into_iter().for_each(take);
            }
            !progress.cancelled()
        };
        source.scan_blocks(read, &Portion::default(), &visit, &|bytes| progress.advance(name, bytes))
    }

    /// Counts the one column of a batch.
    fn take(&self, batch: &Batch, sum: &Mutex<Tally>) {
        let mut tally = Tally::default();
        let rows = batch.rows;
        match batch.columns.first() {
            None => {}
            Some(Column::Text(cells)) => self.take_text(cells, rows, &mut tally),
            Some(Column::Integer(cells)) => {
                self.take_typed(cells, rows, &mut tally, |value| Some(Value::Integer(value)));
            }
            Some(Column::Decimal(cells)) => {
                self.take_typed(cells, rows, &mut tally, |value| Some(Value::Decimal(value)));
            }
            Some(Column::Float(cells)) => {
                self.take_typed(cells, rows, &mut tally, |value| Some(Value::Float(value)));
            }
            // No identifier is a date or a boolean.
            Some(Column::Date(cells)) => self.take_typed(cells, rows, &mut tally, |_| None),
            Some(Column::Datetime(cells)) => self.take_typed(cells, rows, &mut tally, |_| None),
            Some(Column::Nanoseconds(cells)) => self.take_typed(cells, rows, &mut tally, |_| None),
            Some(Column::Boolean(cells)) => self.take_typed(cells, rows, &mut tally, |_| None),
        }
        sum.lock().unwrap_or_else(PoisonError::into_inner).merge(tally);
    }

    fn take_text(&self, cells: &TextColumn, rows: usize, tally: &mut Tally) {
        let mut enter = |text: Option<&str>, count: u64| match text {
            Some(text) if !self.missing.holds(text) => self.judge.enter(tally, text, count, true),
            _ => tally.missing += count,
        };
        match Dictionary::of(cells, rows) {
            Some(dictionary) => {
                let mut present = 0;
                for (row, count) in dictionary.representatives().zip(dictionary.counts()) {
                    enter(cells.get(row), count);
                    present += count;
                }
                enter(None, rows as u64 - present);
            }
            None if matches!(cells, TextColumn::Constant(_)) => enter(cells.get(0), rows as u64),
            None => cells.for_each(rows, |_, text| enter(text, 1)),
        }
    }

    /// Counts cells that are not text, as they are written out.
    fn take_typed<T: Copy>(
        &self,
        cells: &Typed<T>,
        rows: usize,
        tally: &mut Tally,
        value: impl Fn(T) -> Option<Value>,
    ) {
        let unreadable = cells.unreadable.as_ref().map_or(0, crate::source::Bits::count);
        tally.unreadable += unreadable;
        for row in 0..rows {
            if !cells.valid.as_ref().is_none_or(|valid| valid.get(row)) {
                tally.missing += 1;
                continue;
            }
            match value(cells.values[row]) {
                None => tally.values += 1,
                Some(value) => {
                    let text = canonical(&value);
                    if self.missing.holds(&text) {
                        tally.missing += 1;
                    } else {
                        self.judge.enter(tally, &text, 1, false);
                    }
                }
            }
        }
        // They were counted as missing.
        tally.missing -= unreadable;
    }
}
