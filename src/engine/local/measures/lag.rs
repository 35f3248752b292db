//! The time from one date of a row to another.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::model::{DAY_MICROS, Delay, DelayTally, DelayUnit, Lag, Reading};
use crate::source::Bits;

use crate::engine::local::accumulator::{Accumulator, BatchInput, Classified, End};
use crate::engine::local::batch::cells::Cells;
use crate::engine::local::batch::column_rules::{ColumnRules, place_of};
use crate::engine::local::batch::typed::TypedCells;
use crate::engine::local::cost_model::RowCost;
use crate::engine::local::cost_model::nanoseconds as ns;
use crate::engine::local::memory::KeyMemory;
use crate::engine::local::numbers::image::{image_of_whole, whole_of};
use crate::engine::local::prepare_error::PrepareError;
use crate::engine::local::spill::values::Values;

/// The columns of a delay.
#[derive(Debug, Clone)]
pub(crate) struct DelayColumns {
    from: usize,
    to: usize,
    unit: DelayUnit,
}

/// The delays of a batch.
#[derive(Debug)]
pub(crate) struct Lags {
    /// One a row; arbitrary where the row is not `valid`.
    pub values: Vec<i64>,
    /// Rows that have both dates.
    pub valid: Bits,
    /// Rows with both cells present and one of them unparseable. In all other rows a cell is missing.
    pub unreadable: Bits,
}

impl DelayColumns {
    /// Finds the columns of a delay among those that a section reads.
    ///
    /// # Errors
    /// A column that the section does not read.
    pub(crate) fn find(delay: &Delay, rules: &[ColumnRules]) -> Result<Self, PrepareError> {
        Ok(Self { from: place_of(rules, &delay.from)?, to: place_of(rules, &delay.to)?, unit: delay.unit })
    }

    /// The delay of each row.
    pub(crate) fn of(&self, cells: &Cells<'_>) -> Lags {
        let [from, to] = [self.from, self.to].map(|column| cells.to_microsecond(column));
        let there = [from, to].map(|typed| typed.valid().or(typed.unreadable()));
        let unreadable = from.unreadable().or(to.unreadable());
        let valid = from.valid().and(to.valid());
        let values = match (self.unit, from, to) {
            (DelayUnit::Days, TypedCells::Date(from), TypedCells::Date(to)) => {
                from.values.iter().zip(to.values.iter()).map(|(from, to)| i64::from(*to) - i64::from(*from)).collect()
            }
            (DelayUnit::Micros, TypedCells::Datetime(from), TypedCells::Datetime(to)) => {
                from.values.iter().zip(to.values.iter()).map(|(from, to)| to.saturating_sub(*from)).collect()
            }
            _ => days(from).into_iter().zip(days(to)).map(|(from, to)| to.saturating_sub(from)).collect(),
        };
        Lags { values, valid, unreadable: unreadable.and(&there[0]).and(&there[1]) }
    }
}

/// The day of each row.
fn days(cells: &TypedCells<'_>) -> Vec<i64> {
    match cells {
        TypedCells::Date(reads) => reads.values.iter().map(|day| i64::from(*day)).collect(),
        TypedCells::Datetime(reads) => reads.values.iter().map(|micros| micros.div_euclid(DAY_MICROS)).collect(),
        _ => vec![0; cells.valid().rows()],
    }
}

/// Delays that are being collected.
#[derive(Debug)]
pub(crate) struct Delays {
    columns: DelayColumns,
    wanted: Lag,
    values: Values,
    negative: AtomicU64,
    unreadable: AtomicU64,
}

impl Delays {
    /// Prepares the delays of a dataset.
    ///
    /// # Errors
    /// A column that the section does not read.
    pub(crate) fn prepare(wanted: &Lag, rules: &[ColumnRules], memory: &Arc<KeyMemory>) -> Result<Self, PrepareError> {
        Ok(Self {
            columns: DelayColumns::find(&wanted.delay, rules)?,
            wanted: wanted.clone(),
            values: Values::new(memory, 1, 1),
            negative: AtomicU64::new(0),
            unreadable: AtomicU64::new(0),
        })
    }
}

impl Accumulator for Delays {
    fn extend(&self, input: &BatchInput<'_, '_>) -> io::Result<Classified> {
        let Lags { values, valid, unreadable } = self.columns.of(input.cells);
        let all = valid.count() == values.len() as u64 && input.scope.is_none();
        let classified = Classified::in_scope(valid, unreadable, input.scope);
        let mut delays: Vec<i64> =
            if all { values } else { classified.pending.ones().map(|row| values[row]).collect() };
        let before = delays.len();
        delays.retain(|delay| *delay >= 0);
        self.negative.fetch_add((before - delays.len()) as u64, Ordering::Relaxed);
        self.unreadable.fetch_add(classified.unreadable.count(), Ordering::Relaxed);
        self.values.extend(input.number, delays.into_iter().map(image_of_whole).collect())?;
        // No row is judged here.
        let none = || Bits::none(input.batch.rows);
        Ok(Classified { pending: none(), unreadable: none() })
    }

    fn finish(self: Box<Self>, end: &End<'_>) -> io::Result<Reading> {
        let all = self.values.finish();
        let unreadable = self.unreadable.into_inner() + end.entered.unreadable;
        let mut wanted: Vec<u64> = self.wanted.quantiles.iter().map(|quantile| quantile.rank(all.entries())).collect();
        if let Some((judged, rank)) = self.wanted.quantiles.last().zip(wanted.last_mut()).filter(|_| self.wanted.judged)
        {
            // Unparseable rows come after all delays.
            *rank = judged.rank(all.entries() + unreadable);
        }
        if wanted.last().is_some_and(|rank| *rank >= all.entries()) {
            wanted.pop();
        }
        let mut ranks = wanted.clone();
        ranks.sort_unstable();
        ranks.dedup();
        let any = all.entries() > 0;
        let found: Vec<u64> = if any { all.at_ranks(&ranks, end.sinks.failed)? } else { Vec::new() };
        let at = |rank: &u64| found.get(ranks.binary_search(rank).ok()?).map(|image| whole_of(*image));
        Ok(Reading::Delays(DelayTally {
            delays: all.entries(),
            negative: self.negative.into_inner(),
            unreadable,
            quantiles: wanted.iter().filter_map(at).collect(),
            greatest: any.then(|| whole_of(all.bounds::<u64>().1)),
        }))
    }
}

/// What it costs for each row.
pub(crate) const COST: RowCost = (2.0 * ns::STEP + ns::KEEP_VALUE, ns::ORDER_VALUE);

/// Words that are kept of a row: its delay.
pub(crate) const WORDS: usize = 1;
