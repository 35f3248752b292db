//! Values far from the rest of the dataset, or of their group, by exact fractions.

use std::collections::BTreeMap;

use crate::model::{
    DataType, OutlierMethod, OutlierSide, OutlierTally, Outliers, Quantile, Reading, Unmeasured, Value,
};

use super::numbers::{Exact, Sums, exact, magnitude, nearest, root, whole};
use super::rows::{Key, Unreadable, key};
use super::scope::{Measured, Outcome, Scoped, tally};

/// A value: a finite number, or an infinite one.
type Place = Result<Exact, f64>;

/// Judges the values of each group.
pub(super) fn measure(wanted: &Outliers, rows: &Scoped<'_>) -> Result<Measured, Unmeasured> {
    let (column, by) = (rows.table.column(&wanted.column)?, rows.table.columns(&wanted.by)?);
    let (mut outcomes, values) = rows.gather(|row| match (column.to_microsecond(row), key(&by, row)) {
        (Ok(None), _) | (_, Ok(None)) => Ok(None),
        (Ok(Some(value)), Ok(Some(group))) => Ok(Some((group, place(&value).ok_or(Unreadable)?))),
        _ => Err(Unreadable),
    });
    let mut groups: BTreeMap<Key, Vec<(usize, Place)>> = BTreeMap::new();
    for (at, (group, place)) in values {
        groups.entry(group).or_default().push((at, place));
    }
    let mut counts = OutlierTally { groups: 0, small_groups: 0, small_rows: 0, fences: None };
    let (mut below, mut above) = (0, 0);
    for members in groups.values() {
        if (members.len() as u64) < Outliers::LEAST_VALUES {
            counts.small_groups += 1;
            counts.small_rows += members.len() as u64;
            for (at, _) in members {
                outcomes[*at] = Outcome::NotApplicable;
            }
            continue;
        }
        counts.groups += 1;
        let places: Vec<Place> = members.iter().map(|(_, place)| place.clone()).collect();
        let fences = Fences::of(wanted, places, column.data_type);
        for (at, place) in members {
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

fn place(value: &Value) -> Option<Place> {
    match value {
        Value::Float(number) if number.is_infinite() => Some(Err(*number)),
        value => exact(value).map(Ok),
    }
}

/// The least and the greatest number that are not too far; `None`: no number is.
struct Fences {
    low: Option<Exact>,
    high: Option<Exact>,
    /// A number so close beyond a fence is on it.
    grace: Exact,
}

impl Fences {
    fn of(wanted: &Outliers, mut places: Vec<Place>, data_type: DataType) -> Self {
        places.sort_by(order);
        let is_float = data_type.is_float();
        let found = match wanted.method {
            OutlierMethod::Iqr => Self::quartiles(wanted, &places, is_float),
            OutlierMethod::Mad => Self::medians(wanted, &places, is_float),
            OutlierMethod::Zscore => Self::deviations(wanted, &places, is_float),
        };
        // Where infinite numbers leave no fence, no number is too far.
        let fences = found.unwrap_or(Self { low: None, high: None, grace: whole(0) });
        match wanted.side {
            OutlierSide::Both => fences,
            OutlierSide::High => Self { low: None, ..fences },
            OutlierSide::Low => Self { high: None, ..fences },
        }
    }

    /// Fences around a center; a part of it is rounded.
    fn around((low, high): (&Exact, &Exact), reach: &Exact, rounded: &Exact) -> Self {
        let grace = rounded * whole(Outliers::GRACE) / whole(1_u64 << 52);
        Self { low: Some(low - reach), high: Some(high + reach), grace }
    }

    fn quartiles(wanted: &Outliers, sorted: &[Place], is_float: bool) -> Option<Self> {
        let (low, high) = (quantile(sorted, Quantile::percent(25))?, quantile(sorted, Quantile::percent(75))?);
        let reach = wanted.factor.fraction() * (&high - &low);
        let rounded = if is_float { magnitude(&low) + magnitude(&high) + &reach } else { whole(0) };
        Some(Self::around((&low, &high), &reach, &rounded))
    }

    fn medians(wanted: &Outliers, sorted: &[Place], is_float: bool) -> Option<Self> {
        let center = quantile(sorted, Quantile::MEDIAN)?;
        let distance = |place: &Place| match place {
            Ok(number) => Ok(magnitude(&(number - &center))),
            Err(_) => Err(f64::INFINITY),
        };
        let mut distances: Vec<Place> = sorted.iter().map(distance).collect();
        distances.sort_by(order);
        let spread = quantile(&distances, Quantile::MEDIAN)?;
        let reach = wanted.factor.fraction() * Outliers::MAD_SCALE.fraction() * spread;
        let rounded = if is_float { magnitude(&center) + &reach } else { whole(0) };
        Some(Self::around((&center, &center), &reach, &rounded))
    }

    fn deviations(wanted: &Outliers, places: &[Place], is_float: bool) -> Option<Self> {
        let finite: Vec<Exact> = places.iter().filter_map(|place| place.clone().ok()).collect();
        let sums = Sums::of_each(&finite);
        let (center, deviation) = (sums.mean()?, root(&sums.variance()?));
        let reach = wanted.factor.fraction() * deviation;
        // Others count from the mean rounded down.
        let from = if is_float { whole(0) } else { center.floor() };
        let rounded = magnitude(&(&center - from)) + &reach;
        Some(Self::around((&center, &center), &reach, &rounded))
    }

    /// Whether a value lies too far under or over the rest.
    fn judge(&self, place: &Place) -> (bool, bool) {
        match place {
            Ok(number) => {
                let under = self.low.as_ref().is_some_and(|low| *number < low - &self.grace);
                (under, self.high.as_ref().is_some_and(|high| *number > high + &self.grace))
            }
            Err(infinite) => (*infinite < 0.0 && self.low.is_some(), *infinite > 0.0 && self.high.is_some()),
        }
    }

    /// The fences as they are shown.
    fn shown(&self, data_type: DataType) -> (Value, Value) {
        (fence(self.low.as_ref(), Exact::ceil, data_type), fence(self.high.as_ref(), Exact::floor, data_type))
    }
}

/// A fence as it is shown: of dates the last one inside.
fn fence(number: Option<&Exact>, inside: fn(&Exact) -> Exact, data_type: DataType) -> Value {
    let last = |number: &Exact| inside(number).to_integer();
    match (data_type, number) {
        (data_type, number) if data_type.is_float() => Value::Float(number.and_then(nearest).unwrap_or(f64::NAN)),
        (_, None) => Value::Null,
        (DataType::Date, Some(number)) => i32::try_from(last(number)).map_or(Value::Null, Value::Date),
        (DataType::Datetime, Some(number)) => i64::try_from(last(number)).map_or(Value::Null, Value::Datetime),
        (_, Some(number)) => Value::quotient(number.numer(), number.denom()).unwrap_or(Value::Null),
    }
}

fn order(one: &Place, other: &Place) -> std::cmp::Ordering {
    match (one, other) {
        (Ok(one), Ok(other)) => one.cmp(other),
        (Err(one), Err(other)) => one.total_cmp(other),
        (Err(one), Ok(_)) => one.total_cmp(&0.0),
        (Ok(_), Err(other)) => 0.0_f64.total_cmp(other),
    }
}

/// A quantile between the two nearest of numbers in order; `None` where one of them is infinite.
fn quantile(sorted: &[Place], wanted: Quantile) -> Option<Exact> {
    let last = whole(sorted.len().checked_sub(1)?);
    let place = last * whole(wanted.billionths()) / whole(Quantile::WHOLE);
    let (rank, share) = (usize::try_from(place.to_integer()).ok()?, place.fract());
    let at = |rank: usize| sorted.get(rank)?.clone().ok();
    let low = at(rank)?;
    if share == whole(0) {
        return Some(low);
    }
    Some(&low + (at(rank + 1)? - &low) * share)
}
