//! Values far from the rest of the dataset, or of their group, by exact fractions.

use std::collections::BTreeMap;

use num_bigint::BigInt;

use crate::model::{
    DataType, OutlierMethod, OutlierSide, OutlierTally, Outliers, Quantile, Reading, Unmeasured, Value,
};
use crate::scalar::ExactDecimal;

use super::numbers::{Exact, Sums, Units, magnitude, nearest, of_units, root, whole};
use super::rows::{Key, Unreadable, key};
use super::scope::{Measured, Outcome, Scoped, tally};

/// A value: a finite number in its units, or an infinite one.
type Place = Result<BigInt, f64>;

/// Judges the values of each group.
pub(super) fn measure(wanted: &Outliers, rows: &Scoped<'_>) -> Result<Measured, Unmeasured> {
    let (column, by) = (rows.table.column(&wanted.column)?, rows.table.columns(&wanted.by)?);
    let (mut outcomes, values) = rows.gather(|row| match (column.to_microsecond(row), key(&by, row)) {
        (Ok(None), _) | (_, Ok(None)) => Ok(None),
        (Ok(Some(value)), Ok(Some(group))) => Ok(units(&value).map(|place| (group, (value, place)))),
        _ => Err(Unreadable),
    });
    let mut groups: BTreeMap<Key, Vec<(usize, Value, Place)>> = BTreeMap::new();
    for (at, (group, (value, place))) in values {
        groups.entry(group).or_default().push((at, value, place));
    }
    let mut counts = OutlierTally { groups: 0, small_groups: 0, small_rows: 0, fences: None };
    let (mut below, mut above) = (0, 0);
    for members in groups.values() {
        if (members.len() as u64) < Outliers::LEAST_VALUES {
            counts.small_groups += 1;
            counts.small_rows += members.len() as u64;
            for (at, ..) in members {
                outcomes[*at] = Outcome::NotApplicable;
            }
            continue;
        }
        counts.groups += 1;
        let fences = Fences::of(wanted, members, column.data_type != DataType::Decimal);
        for (at, _, place) in members {
            let (under, over) = fences.judge(place);
            below += u64::from(under);
            above += u64::from(over);
            if under || over {
                outcomes[*at] = Outcome::Failed;
            }
        }
        if by.is_empty() {
            counts.fences = Some(fences.shown(column.data_type));
        }
    }
    let mut counted = tally(&outcomes);
    counted.reasons = [("above", above), ("below", below)].map(|(name, rows)| (name.to_owned(), rows)).into();
    counted.outliers = Some(counts);
    Ok(Measured { reading: Reading::Rows(counted), outcomes })
}

fn units(value: &Value) -> Option<Place> {
    match value {
        Value::Integer(number) | Value::Datetime(number) => Some(Ok(Units::of_whole(*number).units())),
        Value::Date(day) => Some(Ok(Units::of_whole(i64::from(*day)).units())),
        Value::Decimal(number) => Some(Units::of_float(*number).map(Units::units).ok_or(*number)),
        _ => None,
    }
}

/// The least and the greatest number that are not too far; `None`: no number is.
struct Fences {
    low: Option<Exact>,
    high: Option<Exact>,
    /// A number so close beyond a fence is on it.
    grace: Exact,
    is_whole: bool,
}

impl Fences {
    fn of(wanted: &Outliers, members: &[(usize, Value, Place)], is_whole: bool) -> Self {
        let found = match wanted.method {
            OutlierMethod::Iqr => Self::quartiles(wanted, members, is_whole),
            OutlierMethod::Mad => Self::medians(wanted, members, is_whole),
            OutlierMethod::Zscore => Self::deviations(wanted, members, is_whole),
        };
        // Where infinite numbers leave no fence, no number is too far.
        let all = Self { low: None, high: None, grace: whole(0), is_whole };
        let fences = found.unwrap_or(all);
        match wanted.side {
            OutlierSide::Both => fences,
            OutlierSide::High => Self { low: None, ..fences },
            OutlierSide::Low => Self { high: None, ..fences },
        }
    }

    fn around(center: (&Exact, &Exact), reach: &Exact, computed_from: &Exact, is_whole: bool) -> Self {
        let grace = computed_from * rounding();
        Self { low: Some(center.0 - reach), high: Some(center.1 + reach), grace, is_whole }
    }

    fn quartiles(wanted: &Outliers, members: &[(usize, Value, Place)], is_whole: bool) -> Option<Self> {
        let sorted = sorted(members);
        let (low, high) =
            (quantile(&sorted, Quantile::percent(25), is_whole)?, quantile(&sorted, Quantile::percent(75), is_whole)?);
        let reach = factor(wanted.factor)? * (&high - &low);
        let size = if is_whole { &high - &low } else { magnitude(&low) + magnitude(&high) };
        Some(Self::around((&low, &high), &reach, &(size + &reach), is_whole))
    }

    fn medians(wanted: &Outliers, members: &[(usize, Value, Place)], is_whole: bool) -> Option<Self> {
        let sorted = sorted(members);
        let center = quantile(&sorted, Quantile::MEDIAN, is_whole)?;
        // Twice the numbers, since the median may lie between two.
        let middle = (&center / of_units(BigInt::from(1), is_whole) * whole(2)).to_integer();
        let distance = |place: &Place| match place {
            Ok(units) => {
                let apart: BigInt = units * 2 - &middle;
                Ok(BigInt::from(apart.magnitude().clone()))
            }
            Err(_) => Err(f64::INFINITY),
        };
        let mut distances: Vec<Place> = sorted.iter().map(distance).collect();
        distances.sort_by(order);
        let spread = quantile(&distances, Quantile::MEDIAN, is_whole)? / whole(2);
        let reach = factor(wanted.factor)? * factor(Outliers::MAD_SCALE)? * spread;
        let size = if is_whole { whole(0) } else { magnitude(&center) };
        Some(Self::around((&center, &center), &reach, &(size + &reach), is_whole))
    }

    fn deviations(wanted: &Outliers, members: &[(usize, Value, Place)], is_whole: bool) -> Option<Self> {
        let finite = members.iter().filter_map(|(_, value, _)| match value {
            Value::Integer(number) | Value::Datetime(number) => Some(Units::of_whole(*number)),
            Value::Date(day) => Some(Units::of_whole(i64::from(*day))),
            Value::Decimal(number) => Units::of_float(*number),
            _ => None,
        });
        let sums = Sums::of(finite.map(|number| (number, number)));
        let (center, deviation) = (sums.mean(is_whole)?, root(&sums.variance(is_whole)?));
        let reach = factor(wanted.factor)? * deviation;
        let size = if is_whole { whole(0) } else { magnitude(&center) };
        Some(Self::around((&center, &center), &reach, &(size + &reach), is_whole))
    }

    /// Whether a value lies too far under or over the rest.
    fn judge(&self, place: &Place) -> (bool, bool) {
        match place {
            Ok(units) => {
                let number = of_units(units.clone(), self.is_whole);
                let under = self.low.as_ref().is_some_and(|low| number < low - &self.grace);
                (under, self.high.as_ref().is_some_and(|high| number > high + &self.grace))
            }
            Err(infinite) => (*infinite < 0.0 && self.low.is_some(), *infinite > 0.0 && self.high.is_some()),
        }
    }

    /// The fences as they are shown.
    fn shown(&self, data_type: DataType) -> (Value, Value) {
        (
            fence(self.low.as_ref(), Exact::ceil, data_type, self.is_whole),
            fence(self.high.as_ref(), Exact::floor, data_type, self.is_whole),
        )
    }
}

/// A fence as it is shown: of dates, and of whole numbers beside which floats hold no fraction, the last one inside.
fn fence(number: Option<&Exact>, rounded: fn(&Exact) -> Exact, data_type: DataType, is_whole: bool) -> Value {
    let decimal = |number: &Exact| Value::Decimal(nearest(number).unwrap_or(f64::NAN));
    let Some(number) = number else {
        let none = matches!(data_type, DataType::Date | DataType::Datetime);
        return if none { Value::Null } else { Value::Decimal(f64::NAN) };
    };
    if !is_whole {
        return decimal(number);
    }
    let whole = rounded(number).to_integer();
    let last = if whole < BigInt::ZERO { i64::MIN } else { i64::MAX };
    let whole = i64::try_from(whole).unwrap_or(last);
    match data_type {
        DataType::Date => Value::Date(i32::try_from(whole).unwrap_or(i32::MAX)),
        DataType::Datetime => Value::Datetime(whole),
        _ if whole.unsigned_abs() < 1 << f64::MANTISSA_DIGITS || [i64::MIN, i64::MAX].contains(&whole) => {
            decimal(number)
        }
        _ => Value::Integer(whole),
    }
}

/// A factor as the decimal that it is written as.
fn factor(number: f64) -> Option<Exact> {
    ExactDecimal::of_float(number)?.fraction()
}

fn rounding() -> Exact {
    whole(Outliers::GRACE) / (whole(1_u64 << 52))
}

fn order(one: &Place, other: &Place) -> std::cmp::Ordering {
    match (one, other) {
        (Ok(one), Ok(other)) => one.cmp(other),
        (Err(one), Err(other)) => one.total_cmp(other),
        (Err(one), Ok(_)) => one.total_cmp(&0.0),
        (Ok(_), Err(other)) => 0.0_f64.total_cmp(other),
    }
}

fn sorted(members: &[(usize, Value, Place)]) -> Vec<Place> {
    let mut places: Vec<Place> = members.iter().map(|(.., place)| place.clone()).collect();
    places.sort_by(order);
    places
}

/// A quantile between the two nearest of numbers in order; `None` where one of them is infinite.
fn quantile(sorted: &[Place], wanted: Quantile, is_whole: bool) -> Option<Exact> {
    let last = whole(sorted.len().checked_sub(1)? as u64);
    let place = last * whole(wanted.billionths()) / whole(Quantile::WHOLE);
    let (rank, share) = (usize::try_from(place.to_integer()).ok()?, place.fract());
    let at = |rank: usize| sorted.get(rank)?.as_ref().ok().map(|units| of_units(units.clone(), is_whole));
    let low = at(rank)?;
    if share == whole(0) {
        return Some(low);
    }
    Some(&low + (at(rank + 1)? - &low) * share)
}
