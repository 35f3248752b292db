//! How the values of a column are distributed.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::model::{
    CategoryShape, DAY_MICROS, DataType, Decimal, DistributionTally, FIRST_DATE, LEAST_ROWS, MOST_CATEGORIES,
    MOST_DIFFERENT, NumberShape, Parts, Reading, Steady, Unmeasured, Value,
};
use crate::scalar::{canonical, compare};

use super::numbers::{Exact, Sums, exact, nearest, root};
use super::rows::{Read, Unreadable};
use super::scope::{Measured, Scoped};

/// Measures a distribution.
pub(super) fn measure(wanted: &Steady, rows: &Scoped<'_>) -> Result<Measured, Unmeasured> {
    let column = rows.table.column(&wanted.column)?;
    let is_text = column.data_type.is_textual();
    let mut tally = DistributionTally { unreadable: rows.doubts(), ..DistributionTally::default() };
    let mut values = Vec::new();
    for (_, row) in rows.rows() {
        let value: Read<Value> = if is_text {
            Ok(column.shown(row).map(|text| Value::Text(text.into_owned())))
        } else {
            column.to_microsecond(row)
        };
        match value {
            Ok(Some(value)) => values.push(value),
            Ok(None) => tally.missing += 1,
            Err(Unreadable) => tally.unreadable += 1,
        }
    }
    if is_text || column.data_type == DataType::Boolean {
        categories(wanted, &values, &mut tally);
    } else {
        numbers(wanted, values, column.data_type, &mut tally);
    }
    Ok(Reading::Distribution(tally).into())
}

fn categories(wanted: &Steady, values: &[Value], tally: &mut DistributionTally) {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for value in values {
        *counts.entry(hex::encode(wanted.category(&canonical(value)))).or_default() += 1;
    }
    if counts.len() > MOST_DIFFERENT as usize {
        tally.too_many = Some(MOST_DIFFERENT);
        return;
    }
    tally.values = values.len() as u64;
    if let Parts::Categories(known) = &wanted.against {
        tally.against = known.iter().map(|name| counts.get(name).copied().unwrap_or_default()).collect();
        tally.against.push(tally.values - tally.against.iter().sum::<u64>());
    }
    counts.retain(|_, count| *count >= LEAST_ROWS);
    if counts.len() > MOST_CATEGORIES as usize {
        tally.too_many = Some(MOST_CATEGORIES);
        return;
    }
    let other = tally.values - counts.values().sum::<u64>();
    tally.categories = Some(CategoryShape { counts, other });
}

fn order(one: &Value, other: &Value) -> Ordering {
    compare(one, other).unwrap_or(Ordering::Equal)
}

fn numbers(wanted: &Steady, mut values: Vec<Value>, data_type: DataType, tally: &mut DistributionTally) {
    values.sort_by(order);
    tally.values = values.len() as u64;
    if let Parts::Edges(edges) = &wanted.against {
        let mut edges = edges.clone();
        edges.dedup_by(|one, other| order(one, other).is_eq());
        tally.against = counts_between(&edges, &values);
    }
    // Of infinite numbers there is neither a mean nor a deviation.
    let sums = values.iter().map(exact).collect::<Option<Vec<Exact>>>().map(|numbers| Sums::of_each(&numbers));
    let (edges, counts) = parts(&values, data_type);
    tally.numbers = Some(NumberShape {
        edges: edges.iter().map(|edge| canonical(edge).into_owned()).collect(),
        counts,
        mean: sums.as_ref().and_then(|sums| nearest(&sums.mean()?)),
        stddev: sums.as_ref().and_then(|sums| nearest(&root(&sums.variance()?))),
    });
}

/// How many values lie up to and with the first edge, over it up to and with the second, …, over the last.
fn counts_between(edges: &[Value], sorted: &[Value]) -> Vec<u64> {
    let up_to = |edge: &Value| sorted.iter().filter(|value| order(value, edge).is_le()).count() as u64;
    let ends: Vec<u64> = edges.iter().map(up_to).chain([sorted.len() as u64]).collect();
    let starts = [0].into_iter().chain(ends.iter().copied());
    starts.zip(&ends).map(|(start, end)| end - start).collect()
}

/// Edges and values of up to 100 parts of about as many values.
fn parts(sorted: &[Value], data_type: DataType) -> (Vec<Value>, Vec<u64>) {
    let values = sorted.len() as u64;
    let wanted = (values / LEAST_ROWS).clamp(1, NumberShape::MOST_PARTS);
    let quantiles = (1..wanted).filter_map(|part| {
        let rank = (u128::from(part) * u128::from(values)).div_ceil(u128::from(wanted)) - 1;
        sorted.get(usize::try_from(rank).ok()?)
    });
    // What is infinite is written as no number.
    let found: Vec<&Value> =
        quantiles.filter(|value| !matches!(value, Value::Float(number) if number.is_infinite())).collect();
    // Values on which several quantiles fall lie alone between two edges: themselves, and the number before them.
    let shared = found.windows(2).filter(|pair| order(pair[0], pair[1]).is_eq()).map(|pair| pair[0]);
    let mut alone: Vec<Value> =
        shared.flat_map(|value| before(value, data_type).into_iter().chain([value.clone()])).collect();
    let same = |one: &mut Value, other: &mut Value| order(one, other).is_eq();
    let mut edges: Vec<Value> = found.into_iter().cloned().chain(alone.iter().cloned()).collect();
    edges.sort_by(order);
    edges.dedup_by(same);
    alone.sort_by(order);
    if edges.is_empty() {
        return (Vec::new(), vec![values]);
    }
    joined(&edges, &counts_between(&edges, sorted), &|edge| alone.iter().any(|known| order(known, edge).is_eq()))
}

/// The number that ends what lies below another: the next lower one of its type, of a decimal [`Decimal::before`].
fn before(value: &Value, data_type: DataType) -> Option<Value> {
    match value {
        Value::Float(number) => Some((*number + 0.0).next_down()).filter(|number| number.is_finite()).map(Value::Float),
        Value::Decimal(number) if data_type == DataType::Decimal => number.before().map(Value::Decimal),
        Value::Decimal(number) => number.checked_sub(Decimal::from(1)).map(Value::of_decimal),
        Value::Integer(number) => Decimal::from(*number).checked_sub(Decimal::from(1)).map(Value::of_decimal),
        // A baseline is read back, and no date lies before the first.
        Value::Datetime(micros) if *micros <= i64::from(FIRST_DATE) * DAY_MICROS => None,
        Value::Date(day) if *day <= FIRST_DATE => None,
        Value::Datetime(micros) => Some(Value::Datetime(micros - 1)),
        Value::Date(day) => Some(Value::Date(day - 1)),
        _ => None,
    }
}

/// Joins parts of fewer than five values with those that follow, the last with the one before. Beside a value that lies
/// alone between two edges a part may be empty.
fn joined(edges: &[Value], counts: &[u64], is_alone: &dyn Fn(&Value) -> bool) -> (Vec<Value>, Vec<u64>) {
    let (mut kept, mut values, mut open) = (Vec::new(), Vec::new(), 0);
    for (edge, count) in edges.iter().zip(counts) {
        open += count;
        if open >= LEAST_ROWS || open == 0 && is_alone(edge) {
            kept.push(edge.clone());
            values.push(std::mem::take(&mut open));
        }
    }
    open += counts.last().copied().unwrap_or_default();
    let stays = open >= LEAST_ROWS || open == 0 && kept.last().is_some_and(is_alone);
    if !stays && let Some(last) = values.pop() {
        kept.pop();
        open += last;
    }
    values.push(open);
    (kept, values)
}
