//! Aggregates of a dataset.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use num_bigint::BigInt;

use crate::model::{Aggregate, AggregateFunction, AsOf, DataType, Decimal, Expr, Quantile, Reading, Unmeasured, Value};
use crate::scalar::{Cell, canonical, cast, compare};

use super::numbers::{Exact, Sums, exact, nearest, root, whole};
use super::rows::{Column, Read, Row, Table, Unreadable, read};
use super::scope::{Expression, Measured, Scoped};

/// What an aggregate is made of.
enum Operand<'t> {
    Column(&'t Column),
    Expression(Expression<'t>),
}

impl<'t> Operand<'t> {
    fn of(expr: &Expr, table: &'t Table, as_of: AsOf) -> Result<Self, Unmeasured> {
        match expr {
            Expr::Column { name, .. } => table.column(name).map(Self::Column),
            expr => Expression::new(expr, table, as_of).map(Self::Expression),
        }
    }

    fn value(&self, row: &Row) -> Read<Value> {
        match self {
            // Every text is a value of a textual column, also where it is not of the form of its type.
            Self::Column(column) if column.data_type.is_textual() => {
                Ok(column.shown(row).map(|text| Value::Text(text.into_owned())))
            }
            Self::Column(column) => column.value(row),
            Self::Expression(expression) => read(expression.evaluate(row)),
        }
    }

    /// The text that equal values share.
    fn written(&self, row: &Row) -> Read<String> {
        match self {
            Self::Column(column) => column.written(row, column.data_type),
            Self::Expression(expression) => {
                Ok(read(expression.evaluate(row))?.map(|value| canonical(&value).into_owned()))
            }
        }
    }
}

/// One aggregate.
pub(super) fn measure(aggregate: &Aggregate, rows: &Scoped<'_>, as_of: AsOf) -> Result<Measured, Unmeasured> {
    use AggregateFunction as F;
    let of = aggregate.value.as_ref().and_then(Expr::data_type).unwrap_or(DataType::Integer);
    let operand = |expr: &Option<Expr>| expr.as_ref().map(|expr| Operand::of(expr, rows.table, as_of)).transpose();
    let (one, other) = (operand(&aggregate.value)?, operand(&aggregate.other)?);
    let mut unreadable = rows.doubts();
    let (value, values) = match (one, other, aggregate.function) {
        (None, ..) => {
            let count = rows.rows().count() as u64;
            (whole_value(count), count)
        }
        (Some(one), Some(other), _) => {
            let pairs = readable(rows, &mut unreadable, |row| pair(&one, &other, row, of, aggregate.other.as_ref()));
            // An infinite number leaves no coefficient.
            let finite = pairs.iter().map(|(one, other)| Some((exact(one)?, exact(other)?)));
            let finite = finite.collect::<Option<Vec<(Exact, Exact)>>>();
            let sums = finite.map(|pairs| Sums::of(pairs.iter().map(|(one, other)| (one, other))));
            let coefficient = sums.and_then(|sums| nearest(&sums.correlation()?)).map(Aggregate::without_rounding);
            (coefficient.map_or(Value::Null, Value::Float), pairs.len() as u64)
        }
        (Some(one), None, F::Share) => {
            // Unknown is not true, and is a row all the same.
            let truths = readable(rows, &mut unreadable, |row| one.value(row).map(Some));
            let hits = truths.iter().filter(|truth| **truth == Some(Value::Boolean(true))).count();
            (share(hits, truths.len()), truths.len() as u64)
        }
        (Some(one), None, F::Distinct | F::DistinctShare) => {
            let texts = readable(rows, &mut unreadable, |row| one.written(row));
            let different = texts.iter().collect::<BTreeSet<_>>().len();
            let is_count = aggregate.function == F::Distinct;
            let value = if is_count { whole_value(different as u64) } else { share(different, texts.len()) };
            (value, texts.len() as u64)
        }
        (Some(one), None, F::Count) => {
            let count = readable(rows, &mut unreadable, |row| one.value(row)).len() as u64;
            (whole_value(count), count)
        }
        (Some(one), None, F::Min | F::Max) => {
            let values = readable(rows, &mut unreadable, |row| one.value(row));
            let side = if aggregate.function == F::Min { Ordering::Less } else { Ordering::Greater };
            let extreme = values.iter().fold(Value::Null, |known, value| match compare(value, &known) {
                Some(order) if order != side => known,
                _ => value.clone(),
            });
            let extreme = match extreme {
                Value::Decimal(number) => Value::of_decimal(number),
                other => other,
            };
            (extreme, values.len() as u64)
        }
        (Some(one), None, F::Median) => quantile(Quantile::MEDIAN, &one, of, rows, &mut unreadable),
        (Some(one), None, F::Quantile(wanted)) => quantile(wanted, &one, of, rows, &mut unreadable),
        (Some(one), None, function @ (F::Sum | F::Avg | F::Stddev | F::Correlation)) => {
            let numbers = readable(rows, &mut unreadable, |row| number(one.value(row)?, of));
            (of_numbers(function, &numbers, of), numbers.len() as u64)
        }
    };
    Ok(Reading::Figure { value, values, unreadable }.into())
}

/// What rows in scope have; counts those where it is unreadable.
fn readable<T>(rows: &Scoped<'_>, unreadable: &mut u64, mut of: impl FnMut(&Row) -> Read<T>) -> Vec<T> {
    let mut found = Vec::new();
    for (_, row) in rows.rows() {
        match of(row) {
            Ok(value) => found.extend(value),
            Err(Unreadable) => *unreadable += 1,
        }
    }
    found
}

fn whole_value(count: u64) -> Value {
    Value::Integer(i64::try_from(count).unwrap_or(i64::MAX))
}

/// A share of rows; null without any.
fn share(part: usize, all: usize) -> Value {
    Value::quotient(&BigInt::from(part), &BigInt::from(all)).unwrap_or(Value::Null)
}

/// The float nearest to a number; null where there is none.
fn float(number: &Exact) -> Value {
    nearest(number).map_or(Value::Null, Value::Float)
}

/// A value as a number of a type.
fn number(value: Option<Value>, of: DataType) -> Read<Value> {
    match value {
        None => Ok(None),
        Some(Value::Float(number)) if of.is_float() => Ok(Some(Value::Float(number))),
        Some(value @ (Value::Integer(_) | Value::Decimal(_) | Value::Float(_))) => match cast(&value, of) {
            Cell::Value(number) => Ok(Some(number)),
            Cell::Unreadable => Err(Unreadable),
        },
        Some(_) => Err(Unreadable),
    }
}

/// Both numbers of a row: `None` where one is missing, unreadable where both are present and one is not a number.
fn pair(
    one: &Operand<'_>,
    other: &Operand<'_>,
    row: &Row,
    of: DataType,
    second: Option<&Expr>,
) -> Read<(Value, Value)> {
    let other_of = second.and_then(Expr::data_type).unwrap_or(DataType::Decimal);
    let read = |operand: &Operand<'_>, of| operand.value(row).and_then(|value| number(value, of));
    match (read(one, of), read(other, other_of)) {
        (Ok(None), _) | (_, Ok(None)) => Ok(None),
        (Ok(Some(one)), Ok(Some(other))) => Ok(Some((one, other))),
        _ => Err(Unreadable),
    }
}

/// A sum, a mean or a deviation.
fn of_numbers(function: AggregateFunction, numbers: &[Value], of: DataType) -> Value {
    use AggregateFunction as F;
    if numbers.is_empty() {
        return Value::Null;
    }
    let Some(all) = numbers.iter().map(exact).collect::<Option<Vec<Exact>>>() else {
        // The sum and the mean of infinite numbers of one sign is that number. Other aggregates of them have no value.
        let infinite = |value: &Value| matches!(value, Value::Float(number) if number.is_infinite());
        let mut ends = numbers.iter().filter(|value| infinite(value));
        let first = ends.next().cloned().unwrap_or(Value::Null);
        let same = ends.all(|end| *end == first);
        return if same && matches!(function, F::Sum | F::Avg) { first } else { Value::Null };
    };
    let sum: Exact = all.iter().sum();
    match function {
        F::Sum if of.is_float() => float(&sum),
        F::Avg if of.is_float() => float(&(sum / whole(numbers.len()))),
        F::Sum => sum_of_decimals(&sum),
        F::Avg => {
            let mean = sum / whole(numbers.len());
            Value::quotient(mean.numer(), mean.denom()).unwrap_or(Value::Null)
        }
        _ => Sums::of_each(&all).variance().map_or(Value::Null, |variance| float(&root(&variance))),
    }
}

/// A sum of decimals; null where it has too many digits before the point.
fn sum_of_decimals(sum: &Exact) -> Value {
    let units = sum * whole(BigInt::from(10).pow(Decimal::DIGITS.into()));
    Decimal::fitting(&units.to_integer(), Decimal::DIGITS.into()).map_or(Value::Null, Value::of_decimal)
}

/// A quantile of numbers, between two of them, or of dates, one of them.
fn quantile(
    wanted: Quantile,
    operand: &Operand<'_>,
    of: DataType,
    rows: &Scoped<'_>,
    unreadable: &mut u64,
) -> (Value, u64) {
    let mut values = readable(rows, unreadable, |row| match operand.value(row)?.map(Value::to_microsecond) {
        Some(value @ (Value::Date(_) | Value::Datetime(_))) if !of.is_numeric() => Ok(Some(value)),
        value => number(value, of),
    });
    values.sort_by(|one, other| compare(one, other).unwrap_or(Ordering::Equal));
    let count = values.len() as u64;
    let at = |rank: u64| usize::try_from(rank).ok().and_then(|rank| values.get(rank)).cloned().unwrap_or(Value::Null);
    if !of.is_numeric() {
        return (at(wanted.rank(count)), count);
    }
    let (rank, share) = wanted.place(count);
    let (low, high) = (at(rank), if share > 0.0 { at(rank + 1) } else { at(rank) });
    let decimal = |value: &Value| match value {
        Value::Integer(number) => Some(Decimal::from(*number)),
        Value::Decimal(number) => Some(*number),
        _ => None,
    };
    let value = match (&low, &high) {
        // There is no number between two infinite numbers.
        (Value::Float(low), Value::Float(high)) => {
            let between = Quantile::between(*low, *high, share);
            (!between.is_nan()).then_some(Value::Float(between + 0.0))
        }
        (low, high) => decimal(low)
            .zip(decimal(high))
            .and_then(|(low, high)| wanted.between_exact(count, low, high))
            .map(Value::of_decimal),
    };
    (value.unwrap_or(Value::Null), count)
}
