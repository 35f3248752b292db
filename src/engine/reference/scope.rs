//! Which rows a measure is about, and what becomes of each.

use std::collections::BTreeMap;

use crate::model::{AsOf, Expr, Reading, RowTally, Unmeasured, Value};
use crate::scalar::{Cell, Evaluator};

use super::rows::{Column, Read, Row, Table};

/// What becomes of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Passed,
    Failed,
    /// It fails because something is not of its type, or because that decides whether it is in scope.
    Unreadable,
    NotApplicable,
}

impl From<bool> for Outcome {
    fn from(passes: bool) -> Self {
        if passes { Self::Passed } else { Self::Failed }
    }
}

/// What was measured.
#[derive(Debug)]
pub(super) struct Measured {
    pub reading: Reading,
    /// What becomes of each row of the dataset; empty where no row is judged.
    pub outcomes: Vec<Outcome>,
}

impl From<Reading> for Measured {
    fn from(reading: Reading) -> Self {
        Self { reading, outcomes: Vec::new() }
    }
}

/// How many rows have that outcome.
pub(super) fn count(outcomes: &[Outcome], wanted: Outcome) -> u64 {
    outcomes.iter().filter(|outcome| **outcome == wanted).count() as u64
}

/// Rows by outcome.
pub(super) fn tally(outcomes: &[Outcome]) -> RowTally {
    let unreadable = count(outcomes, Outcome::Unreadable);
    RowTally {
        passed: count(outcomes, Outcome::Passed),
        failed: count(outcomes, Outcome::Failed) + unreadable,
        not_applicable: count(outcomes, Outcome::NotApplicable),
        unreadable,
        ..RowTally::default()
    }
}

/// An expression over the columns of a table.
#[derive(Debug)]
pub(super) struct Expression<'t> {
    evaluator: Evaluator,
    columns: BTreeMap<String, &'t Column>,
}

impl<'t> Expression<'t> {
    /// Finds the columns of an expression.
    pub(super) fn new(expr: &Expr, table: &'t Table, as_of: AsOf) -> Result<Self, Unmeasured> {
        let columns = expr.columns().into_iter().map(|name| Ok((name.to_owned(), table.column(name)?)));
        let evaluator = Evaluator::compile(expr, as_of).map_err(|error| Unmeasured::unreadable(error.to_string()))?;
        Ok(Self { evaluator, columns: columns.collect::<Result<_, Unmeasured>>()? })
    }

    /// Its value for a row.
    pub(super) fn evaluate(&self, row: &Row) -> Cell {
        self.evaluator.evaluate(&|name| self.columns.get(name).map_or(Cell::Unreadable, |column| column.cell(row)), &[])
    }

    /// The truth of a condition; `None` where it is unknown.
    pub(super) fn truth(&self, row: &Row) -> Read<bool> {
        match super::rows::read(self.evaluate(row))? {
            Some(Value::Boolean(flag)) => Ok(Some(flag)),
            _ => Ok(None),
        }
    }
}

/// The rows of a dataset, and for each whether it is in scope: `None` where it is not, unreadable where that depends on a
/// cell that is not of its type.
#[derive(Debug)]
pub(super) struct Scoped<'t> {
    pub table: &'t Table,
    scope: Vec<Read<()>>,
}

impl<'t> Scoped<'t> {
    /// The rows for which the condition is true.
    pub(super) fn new(table: &'t Table, filter: Option<&Expr>, as_of: AsOf) -> Result<Self, Unmeasured> {
        let filter = filter.map(|filter| Expression::new(filter, table, as_of)).transpose()?;
        let scope = |row: &Row| match &filter {
            None => Ok(Some(())),
            Some(filter) => Ok(filter.truth(row)?.filter(|holds| *holds).map(drop)),
        };
        Ok(Self { table, scope: table.rows.iter().map(scope).collect() })
    }

    /// The rows in scope, with their positions.
    pub(super) fn rows(&self) -> impl Iterator<Item = (usize, &'t Row)> + '_ {
        let rows = self.table.rows.iter().enumerate().zip(&self.scope);
        rows.filter(|(_, scope)| **scope == Ok(Some(()))).map(|(row, _)| row)
    }

    /// The rows for which it is unknown whether they are in scope.
    pub(super) fn doubtful(&self) -> impl Iterator<Item = &'t Row> + '_ {
        self.table.rows.iter().zip(&self.scope).filter(|(_, scope)| scope.is_err()).map(|(row, _)| row)
    }

    /// How many those are.
    pub(super) fn doubts(&self) -> u64 {
        self.doubtful().count() as u64
    }

    /// The outcome of each row. `judge` gives the outcome of rows in scope, others are not applicable, and rows for which it
    /// is unknown whether they are in scope fail.
    pub(super) fn judge(&self, mut judge: impl FnMut(&'t Row) -> Outcome) -> Vec<Outcome> {
        let outcome = |(row, scope): (&'t Row, &Read<()>)| match scope {
            Ok(Some(())) => judge(row),
            Ok(None) => Outcome::NotApplicable,
            Err(_) => Outcome::Unreadable,
        };
        self.table.rows.iter().zip(&self.scope).map(outcome).collect()
    }

    /// The values of rows in scope, with the positions of the rows. Rows with a value pass until all rows were seen.
    pub(super) fn gather<T>(&self, mut of: impl FnMut(&'t Row) -> Read<T>) -> (Vec<Outcome>, Vec<(usize, T)>) {
        let mut gathered = Vec::new();
        let outcomes = self.judge(|row| match of(row) {
            Ok(Some(value)) => {
                gathered.push(value);
                Outcome::Passed
            }
            Ok(None) => Outcome::NotApplicable,
            Err(_) => Outcome::Unreadable,
        });
        let waiting = outcomes.iter().enumerate().filter(|(_, outcome)| **outcome == Outcome::Passed);
        let gathered = waiting.map(|(at, _)| at).zip(gathered).collect();
        (outcomes, gathered)
    }
}

/// The positions of rows by their value.
pub(super) fn grouped<K: Ord>(gathered: Vec<(usize, K)>) -> BTreeMap<K, Vec<usize>> {
    let mut groups: BTreeMap<K, Vec<usize>> = BTreeMap::new();
    for (at, key) in gathered {
        groups.entry(key).or_default().push(at);
    }
    groups
}

/// Rows at these positions fail.
pub(super) fn fail<'p>(outcomes: &mut [Outcome], positions: impl IntoIterator<Item = &'p usize>) {
    for at in positions {
        if let Some(outcome) = outcomes.get_mut(*at) {
            *outcome = Outcome::Failed;
        }
    }
}
