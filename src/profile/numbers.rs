//! Extremes, quantiles, moments and the histogram of a column of numbers or dates.

use std::collections::BTreeMap;

use crate::model::{DataType, NumberShape, ProfiledNumbers, ProfiledQuantile, Quantile, Value};
use crate::scalar::{canonical, compare};

/// The quantiles of a profile, in hundredths.
const PERCENTS: [u32; 7] = [1, 5, 25, 50, 75, 95, 99];

/// The parts of a histogram.
const BARS: usize = 12;

/// Of all values, each with its rows.
pub(super) fn of_values(
    values: &BTreeMap<String, u64>,
    read: &dyn Fn(&str) -> Option<Value>,
) -> Option<ProfiledNumbers> {
    let mut parsed: Vec<(Value, u64)> = values.iter().filter_map(|(text, rows)| Some((read(text)?, *rows))).collect();
    parsed.sort_by(|(one, _), (other, _)| compare(one, other).unwrap_or(std::cmp::Ordering::Equal));
    let count: u64 = parsed.iter().map(|(_, rows)| rows).sum();
    let (least, greatest) = (&parsed.first()?.0, &parsed.last()?.0);
    let positions: Vec<(f64, u64)> =
        parsed.iter().filter_map(|(value, rows)| Some((position(value)?, *rows))).collect();
    let quantile = |percent: u32| {
        let rank = Quantile::percent(percent).rank(count);
        let mut passed = 0;
        let found = parsed.iter().find(|(_, rows)| {
            passed += rows;
            passed > rank
        });
        found.map(|(value, _)| ProfiledQuantile { percent, value: canonical(value).into_owned() })
    };
    let (mean, stddev) = moments(&positions);
    let runs = positions.iter().map(|(at, rows)| (*at, *at, *rows));
    Some(ProfiledNumbers {
        least: Some(canonical(least).into_owned()),
        greatest: Some(canonical(greatest).into_owned()),
        quantiles: PERCENTS.into_iter().filter_map(quantile).collect(),
        mean,
        stddev,
        histogram: histogram(runs),
    })
}

/// Of parts between quantiles, and the extremes.
pub(super) fn of_parts(
    shape: &NumberShape,
    (least, greatest): (&Value, &Value),
    read: &dyn Fn(&str) -> Option<Value>,
) -> ProfiledNumbers {
    let count: u64 = shape.counts.iter().sum();
    let quantile = |percent: u32| {
        let rank = Quantile::percent(percent).rank(count);
        let mut passed = 0;
        let part = shape.counts.iter().position(|rows| {
            passed += rows;
            passed > rank
        })?;
        let value = shape.edges.get(part).cloned()?;
        Some(ProfiledQuantile { percent, value })
    };
    let edges = shape.edges.iter().map(|edge| read(edge).as_ref().and_then(position));
    let ends: Vec<f64> = edges.chain([position(greatest)]).map(|end| end.unwrap_or(f64::NAN)).collect();
    let starts = position(least).into_iter().chain(ends.iter().copied());
    let runs = starts.zip(&ends).zip(&shape.counts).map(|((start, end), rows)| (start.min(*end), *end, *rows));
    ProfiledNumbers {
        least: Some(canonical(least).into_owned()),
        greatest: Some(canonical(greatest).into_owned()),
        quantiles: PERCENTS.into_iter().filter_map(quantile).collect(),
        mean: shape.mean,
        stddev: shape.stddev,
        histogram: histogram(runs),
    }
}

/// Where a value lies on a line of numbers: dates in days, timestamps in microseconds.
#[expect(clippy::cast_precision_loss, reason = "for means and pictures")]
fn position(value: &Value) -> Option<f64> {
    let at = match value {
        Value::Integer(number) => *number as f64,
        Value::Decimal(number) => number.to_float(),
        Value::Float(number) => *number,
        Value::Date(day) => f64::from(*day),
        Value::Datetime(micros) => *micros as f64,
        _ => return None,
    };
    at.is_finite().then_some(at)
}

/// The mean and the standard deviation of a sample, in two passes.
#[expect(clippy::cast_precision_loss, reason = "numbers of rows")]
fn moments(values: &[(f64, u64)]) -> (Option<f64>, Option<f64>) {
    let count = values.iter().map(|(_, rows)| rows).sum::<u64>() as f64;
    if count < 1.0 {
        return (None, None);
    }
    let mean = values.iter().map(|(at, rows)| at * *rows as f64).sum::<f64>() / count;
    let squares: f64 = values.iter().map(|(at, rows)| (at - mean).powi(2) * *rows as f64).sum();
    let finite = |number: f64| Some(number).filter(|number| number.is_finite());
    (finite(mean), if count < 2.0 { None } else { finite((squares / (count - 1.0)).sqrt()) })
}

/// The share in hundredths of the values in each of equal parts between the ends. A run of values is spread evenly from its
/// start to its end.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a picture; all numbers are finite and not negative"
)]
fn histogram(runs: impl Iterator<Item = (f64, f64, u64)>) -> Vec<u32> {
    let runs: Vec<(f64, f64, u64)> = runs.filter(|(start, end, _)| start.is_finite() && end.is_finite()).collect();
    let least = runs.iter().map(|(start, ..)| *start).fold(f64::INFINITY, f64::min);
    let greatest = runs.iter().map(|(_, end, _)| *end).fold(f64::NEG_INFINITY, f64::max);
    let width = (greatest - least) / BARS as f64;
    if width.is_nan() || width <= 0.0 || width.is_infinite() {
        return Vec::new();
    }
    let mut bars = [0.0; BARS];
    let total: f64 = runs.iter().map(|(.., rows)| *rows as f64).sum();
    for (start, end, rows) in runs {
        let place = |at: f64| (at - least) / width;
        let (from, to) = (place(start), place(end));
        if to <= from {
            bars[(from as usize).min(BARS - 1)] += rows as f64;
            continue;
        }
        for (bar, sum) in bars.iter_mut().enumerate().skip(from as usize) {
            let inside = to.min(bar as f64 + 1.0) - from.max(bar as f64);
            if inside <= 0.0 {
                break;
            }
            *sum += rows as f64 * inside / (to - from);
        }
    }
    bars.iter().map(|rows| (rows * 100.0 / total).round() as u32).collect()
}

/// The type of numbers and dates whose parts are measured.
pub(super) const fn is_ordered(data_type: DataType) -> bool {
    matches!(
        data_type,
        DataType::Integer
            | DataType::Decimal
            | DataType::Float
            | DataType::Float32
            | DataType::Date
            | DataType::Datetime
    )
}
