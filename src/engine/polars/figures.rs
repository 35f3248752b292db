//! Figures of a dataset, batch by batch.
//!
//! A batch gives a partial figure; partial figures are joined in the order of rows, so the result is the same at any
//! number of threads.

use crate::model::{Aggregate, AggregateFunction, AsOf, DataType, Expr, Value};
use crate::scalar::{Cell, compare};
use crate::source::Bits;

use super::cells::{Cells, SectionRules, TypedCells, place_of};
use super::keys::{Key, pack};
use super::logic::{Condition, RowExpression};

/// What a figure is made of.
#[derive(Debug)]
enum Input {
    /// Rows.
    Rows,
    /// A column.
    Column(usize),
    /// A condition, for `share`.
    Condition(Condition),
    /// Any other expression, row by row.
    Expression(RowExpression),
}

/// A figure made ready for many batches.
#[derive(Debug)]
pub(super) struct Figure {
    function: AggregateFunction,
    data_type: DataType,
    input: Input,
}

/// The part of a figure that one batch gives.
#[derive(Debug, Clone, Default)]
pub(super) struct Partial {
    /// Values (for `share`: rows) that went in.
    values: u64,
    /// Values left out because they do not read.
    unreadable: u64,
    /// Rows for which the condition of `share` is true.
    hits: u64,
    /// The least or greatest value.
    extreme: Option<Value>,
    /// The sum of whole numbers; exact.
    whole: i128,
    /// The sum of decimals, and what rounding took from it (Neumaier's summation).
    decimal: (f64, f64),
}

impl Partial {
    /// Counts values that cannot go in because it cannot be told whether their rows are in scope.
    pub(super) fn leave_out(&mut self, rows: u64) {
        self.unreadable += rows;
    }
}

impl Figure {
    /// Prepares a figure over the columns that a pass reads.
    ///
    /// # Errors
    /// An expression that does not compile.
    pub(super) fn prepare(aggregate: &Aggregate, rules: &SectionRules, as_of: AsOf) -> Result<Self, String> {
        let input = match (&aggregate.value, aggregate.function) {
            (None, _) => Input::Rows,
            (Some(condition), AggregateFunction::Share) => {
                Input::Condition(Condition::compile(condition, rules, as_of)?)
            }
            (Some(Expr::Column { name, .. }), _) => Input::Column(place_of(rules, name)?),
            (Some(expr), _) => Input::Expression(RowExpression::compile(expr, rules, as_of)?),
        };
        Ok(Self { function: aggregate.function, data_type: aggregate.data_type, input })
    }

    /// Whether the figure is made of distinct values, which are collected apart.
    pub(super) fn is_distinct(&self) -> bool {
        self.function == AggregateFunction::Distinct
    }

    /// The part of the figure that the rows of a batch give; distinct values go to
    /// `keys`.
    pub(super) fn measure(&self, cells: &Cells<'_>, scope: &Bits, keys: &mut dyn FnMut(Key)) -> Partial {
        let mut partial = Partial::default();
        match &self.input {
            Input::Rows => partial.values = scope.count(),
            Input::Condition(condition) => {
                let truth = condition.evaluate(cells);
                partial.values = scope.count();
                partial.hits = truth.yes.and(scope).count();
                partial.unreadable = truth.unreadable.and(scope).count();
            }
            Input::Column(column) => self.measure_column(cells, *column, scope, keys, &mut partial),
            Input::Expression(expression) => {
                for row in scope.ones() {
                    match expression.evaluate(cells, row) {
                        Cell::Value(Value::Null) => {}
                        Cell::Value(value) => self.add(&mut partial, value, keys),
                        Cell::Unreadable => partial.unreadable += 1,
                    }
                }
            }
        }
        partial
    }

    fn measure_column(
        &self,
        cells: &Cells<'_>,
        column: usize,
        scope: &Bits,
        keys: &mut dyn FnMut(Key),
        partial: &mut Partial,
    ) {
        let data_type = cells.data_type(column);
        if data_type.is_textual() {
            let rows = cells.present(column).and(scope);
            match self.function {
                AggregateFunction::Count => partial.values = rows.count(),
                AggregateFunction::Distinct => {
                    partial.values = rows.count();
                    if let Some(text) = cells.text(column) {
                        rows.ones().for_each(|row| keys(pack(text.get(row).unwrap_or_default().as_bytes())));
                    }
                }
                _ => {
                    for row in rows.ones() {
                        if let Cell::Value(value) = cells.cell(column, row) {
                            self.add(partial, value, keys);
                        }
                    }
                }
            }
            return;
        }
        let typed = cells.typed(column, data_type);
        partial.unreadable = typed.unreadable().and(scope).count();
        let rows = typed.valid().and(scope);
        match (self.function, typed) {
            (AggregateFunction::Count, _) => partial.values = rows.count(),
            (AggregateFunction::Distinct, _) => {
                partial.values = rows.count();
                let mut text = String::new();
                for row in rows.ones() {
                    text.clear();
                    // As keys are written: with all digits of a decimal.
                    cells.write_canonical(column, row, data_type, &mut text);
                    keys(pack(text.as_bytes()));
                }
            }
            (AggregateFunction::Sum | AggregateFunction::Avg, TypedCells::Integer(reads)) => {
                partial.values = rows.count();
                partial.whole = rows.ones().map(|row| i128::from(reads.values[row])).sum();
            }
            (AggregateFunction::Sum | AggregateFunction::Avg, TypedCells::Decimal(reads)) => {
                partial.values = rows.count();
                rows.ones().for_each(|row| add_decimal(&mut partial.decimal, reads.values[row]));
            }
            (AggregateFunction::Max, TypedCells::Datetime(reads)) => {
                partial.values = rows.count();
                partial.extreme = rows.ones().map(|row| reads.values[row]).max().map(Value::Datetime);
            }
            (AggregateFunction::Max, TypedCells::Date(reads)) => {
                partial.values = rows.count();
                partial.extreme = rows.ones().map(|row| reads.values[row]).max().map(Value::Date);
            }
            _ => {
                for row in rows.ones() {
                    if let Cell::Value(value) = cells.cell(column, row) {
                        self.add(partial, value, keys);
                    }
                }
            }
        }
    }

    fn add(&self, partial: &mut Partial, value: Value, keys: &mut dyn FnMut(Key)) {
        partial.values += 1;
        match self.function {
            AggregateFunction::Count | AggregateFunction::Share => {}
            AggregateFunction::Distinct => {
                keys(pack(crate::scalar::canonical(&value).as_bytes()));
            }
            AggregateFunction::Min => keep(&mut partial.extreme, value, std::cmp::Ordering::Less),
            AggregateFunction::Max => keep(&mut partial.extreme, value, std::cmp::Ordering::Greater),
            AggregateFunction::Sum | AggregateFunction::Avg => match value {
                Value::Integer(number) => partial.whole += i128::from(number),
                Value::Decimal(number) => add_decimal(&mut partial.decimal, number),
                _ => {}
            },
        }
    }

    /// The figure of all batches, in the order of rows: the value, values that went in, unreadable values.
    pub(super) fn finish(&self, partials: impl Iterator<Item = Partial>, distinct: u64) -> (Value, u64, u64) {
        let mut all = Partial::default();
        for partial in partials {
            all.values += partial.values;
            all.unreadable += partial.unreadable;
            all.hits += partial.hits;
            all.whole += partial.whole;
            add_decimal(&mut all.decimal, partial.decimal.0);
            all.decimal.1 += partial.decimal.1;
            if let Some(value) = partial.extreme {
                let side = if self.function == AggregateFunction::Min {
                    std::cmp::Ordering::Less
                } else {
                    std::cmp::Ordering::Greater
                };
                keep(&mut all.extreme, value, side);
            }
        }
        (self.value(&all, distinct), all.values, all.unreadable)
    }

    #[expect(clippy::cast_precision_loss, reason = "means and shares are 64-bit floats by definition")]
    fn value(&self, all: &Partial, distinct: u64) -> Value {
        let count = |number: u64| Value::Integer(i64::try_from(number).unwrap_or(i64::MAX));
        let sum = || all.whole as f64 + all.decimal.0 + all.decimal.1;
        match self.function {
            AggregateFunction::Count => count(all.values),
            AggregateFunction::Distinct => count(distinct),
            _ if all.values == 0 => Value::Null,
            AggregateFunction::Min | AggregateFunction::Max => all.extreme.clone().unwrap_or(Value::Null),
            AggregateFunction::Sum if self.data_type == DataType::Integer => {
                i64::try_from(all.whole).map_or_else(|_| Value::Decimal(sum()), Value::Integer)
            }
            AggregateFunction::Sum => Value::Decimal(sum()),
            AggregateFunction::Avg => Value::Decimal(sum() / all.values as f64),
            AggregateFunction::Share => Value::Decimal(all.hits as f64 / all.values as f64),
        }
    }
}

fn keep(extreme: &mut Option<Value>, value: Value, side: std::cmp::Ordering) {
    if extreme.as_ref().is_none_or(|known| compare(&value, known) == Some(side)) {
        *extreme = Some(value);
    }
}

/// Adds a number and keeps what rounding took; A. Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation
/// endlicher Summen", ZAMM 54 (1974).
fn add_decimal((sum, lost): &mut (f64, f64), number: f64) {
    let total = *sum + number;
    if !total.is_finite() {
        // Beyond the floats nothing is left to correct.
        *sum = total;
        return;
    }
    *lost += if sum.abs() >= number.abs() { (*sum - total) + number } else { (number - total) + *sum };
    *sum = total;
}
