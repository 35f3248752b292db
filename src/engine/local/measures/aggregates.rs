//! Aggregates of a dataset, batch by batch.
//!
//! A batch gives a partial aggregate; partial aggregates are joined in the order of rows, so the result is the same at
//! any number of threads. Aggregates of all values at once (how many differ, the median) keep the values.

use std::borrow::Cow;
use std::io;
use std::sync::Arc;
use std::time::Instant;

use num_bigint::BigInt;

use crate::model::{Aggregate, AggregateFunction, AsOf, DataType, Decimal, Expr, Quantile, Value};
use crate::scalar::{Cell, compare};
use crate::source::Bits;

use crate::engine::local::batch::cells::Cells;
use crate::engine::local::batch::column_rules::{SectionRules, place_of};
use crate::engine::local::batch::condition::Condition;
use crate::engine::local::batch::images::images;
use crate::engine::local::batch::row_expression::RowExpression;
use crate::engine::local::batch::typed::{Reads, TypedCells};
use crate::engine::local::cost_model::nanoseconds as ns;
use crate::engine::local::cost_model::{RowCost, operands};
use crate::engine::local::keys::hashed::{Key, RecentKeys, pack};
use crate::engine::local::memory::KeyMemory;
use crate::engine::local::numbers::decimal_sum::Sum;
use crate::engine::local::numbers::float_sum::FloatSum;
use crate::engine::local::numbers::image::{Image, MOST_IMAGE_WORDS, image_words, value_of, with_images, write_image};
use crate::engine::local::numbers::moments::{CentralMoments, Centred, JointMoments};
use crate::engine::local::numbers::quantile::{quantile_of, ranks_of};
use crate::engine::local::numbers::selection::{best, sum_of_whole, those};
use crate::engine::local::prepare_error::PrepareError;
use crate::engine::local::profile::since;
use crate::engine::local::rows::sink::{Sink, row_number};
use crate::engine::local::spill::key_store::KeyStore;
use crate::engine::local::spill::values::Values;

/// The input of an aggregate.
#[derive(Debug)]
enum Input {
    /// Rows.
    Rows,
    /// A column.
    Column(usize),
    /// A condition, for `share`.
    Condition(Condition),
    /// Any other expression, row by row, and its type.
    Expression((RowExpression, DataType)),
    /// Two numbers of each row, for `correlation`.
    Pair(Operand, Operand),
}

/// One side of a pair.
#[derive(Debug)]
enum Operand {
    Column(usize),
    Expression((RowExpression, DataType)),
}

/// What is kept of all values.
#[derive(Debug)]
enum Store {
    Neither,
    /// Keys of distinct values.
    Keys(KeyStore),
    /// Images of values.
    Values(Values),
}

/// An aggregate made ready for many batches.
#[derive(Debug)]
pub(crate) struct Figure {
    function: AggregateFunction,
    /// The type of the values that are aggregated.
    of: DataType,
    input: Input,
    kept: Store,
}

/// An aggregate of all rows.
#[derive(Debug)]
pub(crate) struct Figured {
    pub value: Value,
    /// Values that were aggregated.
    pub values: u64,
    /// Values left out.
    pub unreadable: u64,
    /// Nanoseconds of workers that it took after the last row.
    pub nanoseconds: u64,
}

/// The part of an aggregate that one batch gives.
#[derive(Debug, Clone, Default)]
pub(crate) struct Partial {
    /// Values that were aggregated (for `share`: rows whose condition is true or false).
    values: u64,
    /// Values left out because they are unparseable.
    unreadable: u64,
    /// Rows for which the condition of `share` is true.
    hits: u64,
    /// The least or greatest value.
    extreme: Option<Value>,
    /// The sum of whole numbers of 64 bits.
    whole: i128,
    /// The sum of decimals, and of longer whole numbers.
    exact: Sum,
    /// The sum of floats.
    float: FloatSum,
    /// For `stddev`.
    moments: CentralMoments,
    /// For `correlation`.
    joint: JointMoments,
}

impl Partial {
    /// How many units of the exact sum the number 1 is.
    fn unit() -> BigInt {
        BigInt::from(10).pow(Decimal::DIGITS.into())
    }

    /// The exact sum, in units of the last place that a decimal has.
    fn units(&self) -> BigInt {
        self.exact.units() + Self::unit() * self.whole
    }

    /// Counts values that are left out because it is unknown whether their rows are in scope.
    pub(crate) fn leave_out(&mut self, rows: u64) {
        self.unreadable += rows;
    }
}

impl Figure {
    /// Prepares an aggregate over the columns that a pass reads.
    ///
    /// # Errors
    /// An expression that does not compile.
    pub(crate) fn prepare(
        aggregate: &Aggregate,
        rules: &SectionRules,
        as_of: AsOf,
        memory: &Arc<KeyMemory>,
    ) -> Result<Self, PrepareError> {
        use AggregateFunction as F;
        let operand = |expr: &Expr| match expr {
            Expr::Column { name, .. } => place_of(rules, name).map(Operand::Column),
            expr => {
                let of = expr.data_type().unwrap_or(DataType::Decimal);
                Ok(Operand::Expression((RowExpression::compile(expr, rules, as_of)?, of)))
            }
        };
        let input = match (&aggregate.value, &aggregate.other) {
            (None, _) => Input::Rows,
            (Some(value), Some(other)) => Input::Pair(operand(value)?, operand(other)?),
            (Some(condition), None) if aggregate.function == F::Share => {
                Input::Condition(Condition::compile(condition, rules, as_of)?)
            }
            (Some(value), None) => match operand(value)? {
                Operand::Column(column) => Input::Column(column),
                Operand::Expression(expression) => Input::Expression(expression),
            },
        };
        let of = aggregate.value.as_ref().and_then(Expr::data_type).unwrap_or(DataType::Integer);
        let kept = match aggregate.function {
            F::Distinct | F::DistinctShare => Store::Keys(KeyStore::new(memory)),
            F::Median | F::Quantile(_) => Store::Values(Values::new(memory, image_words(of), image_words(of))),
            _ => Store::Neither,
        };
        Ok(Self { function: aggregate.function, of, input, kept })
    }

    /// The part of the aggregate that the rows of a batch give.
    ///
    /// # Errors
    /// Where values must be spilled and cannot be written.
    pub(crate) fn measure(&self, cells: &Cells<'_>, scope: &Bits, number: u32) -> io::Result<Partial> {
        match &self.kept {
            Store::Neither => Ok(match &self.input {
                Input::Pair(one, other) => joint(cells, one, other, scope),
                _ if self.function == AggregateFunction::Stddev => self.deviations(cells, scope),
                _ => self.partial(cells, scope, &mut |_| {}),
            }),
            Store::Keys(store) => {
                let (mut recent, mut keys) = (RecentKeys::new(), store.batch());
                let partial = self.partial(cells, scope, &mut |key| {
                    if recent.is_new(key) {
                        keys.push(key, row_number(number, 0));
                    }
                });
                store.extend(keys)?;
                Ok(partial)
            }
            Store::Values(store) => {
                let mut partial = Partial::default();
                let found = match &self.input {
                    Input::Column(column) => {
                        let typed = cells.typed(*column, cells.data_type(*column));
                        partial.unreadable = typed.unreadable().and(scope).count();
                        images(cells, *column, &typed.valid().and(scope))
                    }
                    Input::Expression((expression, _)) => {
                        let mut words = Vec::new();
                        for row in scope.ones() {
                            match expression.evaluate(cells, row) {
                                Cell::Value(Value::Null) => {}
                                Cell::Value(value) if write_image(&value, self.of, &mut words) => {}
                                Cell::Value(_) | Cell::Unreadable => partial.unreadable += 1,
                            }
                        }
                        words
                    }
                    Input::Rows | Input::Condition(_) | Input::Pair(..) => Vec::new(),
                };
                partial.values = (found.len() / image_words(self.of)) as u64;
                store.extend(number, found)?;
                Ok(partial)
            }
        }
    }

    fn deviations(&self, cells: &Cells<'_>, scope: &Bits) -> Partial {
        let numbers = match &self.input {
            Input::Column(column) => Numbers::of_column(cells, *column),
            Input::Expression(expression) => Numbers::of_expression(cells, expression, scope),
            Input::Rows | Input::Condition(_) | Input::Pair(..) => return Partial::default(),
        };
        let rows = numbers.valid.and(scope);
        Partial {
            values: rows.count(),
            unreadable: numbers.unreadable.and(scope).count(),
            moments: numbers.values.of_rows(&rows, CentralMoments::of),
            ..Partial::default()
        }
    }

    /// The part of an aggregate that is made of single values; keys of distinct ones go to `keys`.
    fn partial(&self, cells: &Cells<'_>, scope: &Bits, keys: &mut dyn FnMut(Key)) -> Partial {
        let mut partial = Partial::default();
        match &self.input {
            Input::Rows => partial.values = scope.count(),
            Input::Condition(condition) => {
                let truth = condition.evaluate(cells);
                partial.values = scope.without(&truth.unreadable).count();
                partial.hits = truth.yes.and(scope).count();
                partial.unreadable = truth.unreadable.and(scope).count();
            }
            Input::Column(column) => self.measure_column(cells, *column, scope, keys, &mut partial),
            Input::Expression((expression, _)) => {
                for row in scope.ones() {
                    match expression.evaluate(cells, row) {
                        Cell::Value(Value::Null) => {}
                        Cell::Value(value) => self.add(&mut partial, value, keys),
                        Cell::Unreadable => partial.unreadable += 1,
                    }
                }
            }
            Input::Pair(..) => {}
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
                AggregateFunction::Distinct | AggregateFunction::DistinctShare => {
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
            (AggregateFunction::Distinct | AggregateFunction::DistinctShare, _) => {
                partial.values = rows.count();
                let mut text = String::new();
                for row in rows.ones() {
                    text.clear();
                    // In the writing of keys: with all digits of a decimal.
                    cells.write_canonical(column, row, data_type, &mut text);
                    keys(pack(text.as_bytes()));
                }
            }
            (AggregateFunction::Sum | AggregateFunction::Avg, TypedCells::Integer(reads)) => {
                partial.values = rows.count();
                partial.whole = sum_of_whole(&reads.values, &rows);
            }
            (AggregateFunction::Sum | AggregateFunction::Avg, TypedCells::Decimal(reads)) => {
                partial.values = rows.count();
                partial.exact = Sum::of_rows(&reads.values, &rows);
            }
            (AggregateFunction::Sum | AggregateFunction::Avg, TypedCells::Float(reads)) => {
                partial.values = rows.count();
                partial.float = FloatSum::of(&reads.values, &rows);
            }
            (AggregateFunction::Min | AggregateFunction::Max, TypedCells::Integer(reads)) => {
                (partial.values, partial.extreme) = (rows.count(), self.extreme(reads, &rows, Value::Integer));
            }
            (AggregateFunction::Min | AggregateFunction::Max, TypedCells::Decimal(reads)) => {
                (partial.values, partial.extreme) = (rows.count(), self.extreme(reads, &rows, Value::of_decimal));
            }
            (AggregateFunction::Min | AggregateFunction::Max, TypedCells::Float(reads)) => {
                (partial.values, partial.extreme) = (rows.count(), self.extreme(reads, &rows, Value::Float));
            }
            (AggregateFunction::Min | AggregateFunction::Max, TypedCells::Date(reads)) => {
                (partial.values, partial.extreme) = (rows.count(), self.extreme(reads, &rows, Value::Date));
            }
            (AggregateFunction::Min | AggregateFunction::Max, TypedCells::Datetime(reads)) => {
                (partial.values, partial.extreme) = (rows.count(), self.extreme(reads, &rows, Value::Datetime));
            }
            (AggregateFunction::Min | AggregateFunction::Max, TypedCells::Nanoseconds(reads)) => {
                (partial.values, partial.extreme) = (rows.count(), self.extreme(reads, &rows, Value::of_instant));
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

    /// The least or the greatest value of the rows.
    fn extreme<T: PartialOrd + Copy>(&self, reads: &Reads<'_, T>, rows: &Bits, make: fn(T) -> Value) -> Option<Value> {
        let found = match self.function {
            AggregateFunction::Min => best(&reads.values, rows, |value, known| value < known),
            _ => best(&reads.values, rows, |value, known| value > known),
        };
        found.map(make)
    }

    fn add(&self, partial: &mut Partial, value: Value, keys: &mut dyn FnMut(Key)) {
        partial.values += 1;
        match self.function {
            AggregateFunction::Distinct | AggregateFunction::DistinctShare => {
                keys(pack(crate::scalar::canonical(&value).as_bytes()));
            }
            AggregateFunction::Min => keep(&mut partial.extreme, value, std::cmp::Ordering::Less),
            AggregateFunction::Max => keep(&mut partial.extreme, value, std::cmp::Ordering::Greater),
            AggregateFunction::Sum | AggregateFunction::Avg => match value {
                Value::Integer(number) => partial.whole += i128::from(number),
                Value::Decimal(number) => partial.exact = partial.exact.plus(Sum::of_decimal(number)),
                Value::Float(number) => partial.float.add(number),
                _ => {}
            },
            // Counted, or kept elsewhere.
            AggregateFunction::Count
            | AggregateFunction::Share
            | AggregateFunction::Median
            | AggregateFunction::Quantile(_)
            | AggregateFunction::Stddev
            | AggregateFunction::Correlation => {}
        }
    }

    /// The aggregate of all batches, in the order of rows.
    ///
    /// # Errors
    /// Where spilled values cannot be read back, or the user stopped the audit.
    pub(crate) fn finish(self, partials: impl Iterator<Item = Partial>, watch: &dyn Sink) -> io::Result<Figured> {
        let mut all = Partial::default();
        for partial in partials {
            all.values += partial.values;
            all.unreadable += partial.unreadable;
            all.hits += partial.hits;
            all.whole += partial.whole;
            all.exact = all.exact.plus(partial.exact);
            all.float.join(&partial.float);
            all.moments.join(&partial.moments);
            all.joint.join(&partial.joint);
            if let Some(value) = partial.extreme {
                let side = if self.function == AggregateFunction::Min {
                    std::cmp::Ordering::Less
                } else {
                    std::cmp::Ordering::Greater
                };
                keep(&mut all.extreme, value, side);
            }
        }
        let function = self.function;
        let start = Instant::now();
        let (value, nanoseconds) = match self.kept {
            Store::Neither => (value(function, self.of, &all, 0), 0),
            Store::Keys(store) => {
                let repeats = store.finish(watch)?;
                (value(function, self.of, &all, repeats.distinct), repeats.nanoseconds)
            }
            Store::Values(store) => {
                let found = with_images!(self.of, I => quantile::<I>(function, self.of, &store, watch)?);
                (found, since(start))
            }
        };
        Ok(Figured { value, values: all.values, unreadable: all.unreadable, nanoseconds })
    }
}

/// A median or another quantile of the values that were kept.
fn quantile<I: Image>(
    function: AggregateFunction,
    of: DataType,
    store: &Values,
    watch: &dyn Sink,
) -> io::Result<Value> {
    let quantile = match function {
        AggregateFunction::Quantile(quantile) => quantile,
        _ => Quantile::MEDIAN,
    };
    let all = store.finish();
    if all.entries() == 0 {
        return Ok(Value::Null);
    }
    if !of.is_numeric() {
        // There is no day between two days: the quantile is one of the values.
        let found: Vec<I> = all.at_ranks(&[quantile.rank(all.entries())], watch)?;
        return Ok(found.first().map_or(Value::Null, |image| value_of(*image, of)));
    }
    let ranks = ranks_of(&[quantile], all.entries());
    let found: Vec<I> = all.at_ranks(&ranks, watch)?;
    let at = |rank: u64| ranks.binary_search(&rank).ok().and_then(|at| found.get(at)).copied().unwrap_or(I::LEAST);
    Ok(quantile_of(quantile, all.entries(), at, of))
}

/// An aggregate that is a float; null where it has no value, or where infinite values leave none.
fn float(found: Option<f64>) -> Value {
    found.filter(|number| !number.is_nan()).map_or(Value::Null, Value::Float)
}

/// An aggregate that is made of the partial ones of batches.
fn value(function: AggregateFunction, of: DataType, all: &Partial, distinct: u64) -> Value {
    let count = |number: u64| Value::Integer(i64::try_from(number).unwrap_or(i64::MAX));
    match function {
        AggregateFunction::Count => count(all.values),
        AggregateFunction::Distinct => count(distinct),
        _ if all.values == 0 => Value::Null,
        AggregateFunction::Min | AggregateFunction::Max => all.extreme.clone().unwrap_or(Value::Null),
        AggregateFunction::Sum if of.is_float() => float(all.float.over(1)),
        AggregateFunction::Avg if of.is_float() => float(all.float.over(all.values)),
        AggregateFunction::Sum => {
            Decimal::fitting(&all.units(), Decimal::DIGITS.into()).map_or(Value::Null, Value::of_decimal)
        }
        AggregateFunction::Avg => ratio(&all.units(), &(Partial::unit() * all.values)),
        AggregateFunction::Share => ratio(&all.hits.into(), &all.values.into()),
        AggregateFunction::DistinctShare => ratio(&distinct.into(), &all.values.into()),
        AggregateFunction::Stddev => float(all.moments.deviation()),
        AggregateFunction::Correlation => float(all.joint.correlation()),
        // Found among the values that were kept.
        AggregateFunction::Median | AggregateFunction::Quantile(_) => Value::Null,
    }
}

fn ratio(number: &BigInt, by: &BigInt) -> Value {
    Value::quotient(number, by).unwrap_or(Value::Null)
}

/// The cells of rows as numbers.
struct Numbers<'c> {
    /// One a row; arbitrary where the row is not `valid`.
    values: Either<'c>,
    valid: Bits,
    unreadable: Bits,
}

/// Numbers of one kind.
enum Either<'c> {
    Whole(Cow<'c, [i64]>),
    Decimals(Cow<'c, [Decimal]>),
    Floats(Cow<'c, [f64]>),
}

impl Either<'_> {
    /// Calls `take` with those of the rows.
    fn of_rows<T>(&self, rows: &Bits, take: impl FnOnce(&Centred<'_>) -> T) -> T {
        match self {
            Self::Whole(numbers) => take(&Centred::of_whole(&those(numbers, rows))),
            Self::Decimals(numbers) => take(&Centred::of_decimals(&those(numbers, rows))),
            Self::Floats(numbers) => take(&Centred::of_floats(&those(numbers, rows))),
        }
    }
}

impl<'c> Numbers<'c> {
    fn of_column(cells: &'c Cells<'_>, column: usize) -> Self {
        let typed = cells.typed(column, cells.data_type(column));
        let values = match typed {
            TypedCells::Integer(reads) => Either::Whole(Cow::Borrowed(&*reads.values)),
            TypedCells::Decimal(reads) => Either::Decimals(Cow::Borrowed(&*reads.values)),
            TypedCells::Float(reads) => Either::Floats(Cow::Borrowed(&*reads.values)),
            _ => Either::Whole(vec![0; cells.rows()].into()),
        };
        Self { values, valid: typed.valid().clone(), unreadable: typed.unreadable().clone() }
    }

    fn of_expression(cells: &Cells<'_>, (expression, of): &(RowExpression, DataType), scope: &Bits) -> Self {
        let rows = cells.rows();
        let (mut valid, mut unreadable) = (Bits::none(rows), Bits::none(rows));
        let (mut decimals, mut floats) = match of {
            DataType::Float | DataType::Float32 => (Vec::new(), vec![0.0; rows]),
            _ => (vec![Decimal::ZERO; rows], Vec::new()),
        };
        for row in scope.ones() {
            match (expression.evaluate(cells, row), of) {
                (Cell::Value(Value::Null), _) => continue,
                (Cell::Value(Value::Float(number)), DataType::Float | DataType::Float32) => floats[row] = number,
                (Cell::Value(Value::Integer(number)), DataType::Integer | DataType::Decimal) => {
                    decimals[row] = number.into();
                }
                (Cell::Value(Value::Decimal(number)), DataType::Integer | DataType::Decimal) => decimals[row] = number,
                (Cell::Value(_) | Cell::Unreadable, _) => {
                    unreadable.set(row);
                    continue;
                }
            }
            valid.set(row);
        }
        let values = match of {
            DataType::Float | DataType::Float32 => Either::Floats(floats.into()),
            _ => Either::Decimals(decimals.into()),
        };
        Self { values, valid, unreadable }
    }

    fn of(cells: &'c Cells<'_>, operand: &Operand, scope: &Bits) -> Self {
        match operand {
            Operand::Column(column) => Self::of_column(cells, *column),
            Operand::Expression(expression) => Self::of_expression(cells, expression, scope),
        }
    }
}

/// Pairs with both numbers. A pair with an unparseable side is unreadable where its other side is present; a pair with a
/// missing side is left out.
fn joint(cells: &Cells<'_>, one: &Operand, other: &Operand, scope: &Bits) -> Partial {
    let (one, other) = (Numbers::of(cells, one, scope), Numbers::of(cells, other, scope));
    let there = |numbers: &Numbers<'_>| numbers.valid.or(&numbers.unreadable);
    let pairs = one.valid.and(&other.valid).and(scope);
    let unreadable = there(&one).and(&there(&other)).and(&one.unreadable.or(&other.unreadable)).and(scope);
    let joint = one.values.of_rows(&pairs, |one| other.values.of_rows(&pairs, |other| JointMoments::of(one, other)));
    Partial { values: pairs.count(), unreadable: unreadable.count(), joint, ..Partial::default() }
}

fn keep(extreme: &mut Option<Value>, value: Value, side: std::cmp::Ordering) {
    if extreme.as_ref().is_none_or(|known| compare(&value, known) == Some(side)) {
        *extreme = Some(value);
    }
}

/// What it costs for each row.
pub(crate) fn cost(aggregate: &Aggregate) -> RowCost {
    let value = operands(aggregate);
    match aggregate.function {
        AggregateFunction::Distinct | AggregateFunction::DistinctShare => {
            (value + ns::KEY + ns::KEEP_KEY, ns::SORT_KEY)
        }
        AggregateFunction::Median | AggregateFunction::Quantile(_) => (value + ns::KEEP_VALUE, ns::ORDER_VALUE),
        AggregateFunction::Stddev | AggregateFunction::Correlation => (value + 2.0 * ns::FIGURE, 0.0),
        AggregateFunction::Count
        | AggregateFunction::Min
        | AggregateFunction::Max
        | AggregateFunction::Sum
        | AggregateFunction::Avg
        | AggregateFunction::Share => (value, 0.0),
    }
}

/// Words of an entry at the most: a key and its row, or the image of a value.
pub(crate) const WORDS: usize = MOST_IMAGE_WORDS;
