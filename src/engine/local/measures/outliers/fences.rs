//! The fences beyond which values are outliers.

use std::io;

use crate::model::{DataType, OutlierMethod, OutlierSide, Outliers, Quantile, Value};

use crate::engine::local::numbers::image::{decimal_of, image_of_decimal, image_of_whole, whole_of};
use crate::engine::local::numbers::moments::FixedSum;

use super::ordered::{Ordered, Ranked};

/// How far rounding may move a fence, as a share of what it is computed from.
const ROUNDING: f64 = Outliers::GRACE as f64 * f64::EPSILON;

/// The quartiles.
const QUARTILES: [Quantile; 2] = [Quantile::percent(25), Quantile::percent(75)];

/// What is too far.
#[derive(Debug, Clone)]
pub(super) struct Far {
    pub(super) wanted: Outliers,
    pub(super) data_type: DataType,
}

/// The least and the greatest number that are not too far.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Fences {
    scale: Scale,
    low: f64,
    high: f64,
    /// How far rounding may have moved the fences: a value that close is on the fence.
    doubt: f64,
}

/// Numbers of images, as floats.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Scale {
    /// Whole numbers and dates count from one of them in their middle: so large ones that are close to each other stay
    /// different, however far others are.
    Whole { base: u64 },
    /// Decimals are multiplied by a power of two where results might be beyond the floats.
    Decimal { unit: f64 },
}

impl Scale {
    #[inline]
    #[expect(clippy::cast_precision_loss, reason = "what is computed from numbers are 64-bit floats")]
    fn number(self, image: u64) -> f64 {
        match self {
            // Without a branch, which would be predicted wrongly half of the time.
            Self::Whole { base } => {
                f64::from_bits((image.abs_diff(base) as f64).to_bits() | u64::from(image < base) << 63)
            }
            Self::Decimal { unit } => decimal_of(image) * unit,
        }
    }
}

/// The whole number that lies so far from another.
#[expect(clippy::cast_possible_truncation, reason = "whole, and brought into range")]
fn whole_from(base: u64, number: f64) -> i64 {
    let whole = i128::from(whole_of(base)).saturating_add(number as i128);
    i64::try_from(whole).unwrap_or(if whole < 0 { i64::MIN } else { i64::MAX })
}

impl Fences {
    /// Fences on both sides of a center.
    fn around(scale: Scale, center: f64, reach: f64) -> Self {
        let doubt = center.abs() * ROUNDING + reach * ROUNDING;
        Self { scale, low: center - reach, high: center + reach, doubt }
    }

    /// The least and the greatest image within.
    pub(super) fn inside(self) -> (u64, u64) {
        let image = |number: f64, rounded: fn(f64) -> f64| match self.scale {
            Scale::Decimal { unit } => image_of_decimal(number / unit),
            Scale::Whole { base } => image_of_whole(whole_from(base, rounded(number))),
        };
        let (low, high) = (self.low - self.doubt, self.high + self.doubt);
        // Where infinite values leave no fence, no value is too far.
        let least = if low.is_nan() { u64::MIN } else { image(low, f64::ceil) };
        let greatest = if high.is_nan() { u64::MAX } else { image(high, f64::floor) };
        (least, greatest)
    }

    /// The fences as they are shown.
    pub(super) fn shown(self, data_type: DataType) -> (Value, Value) {
        (self.value(self.low, f64::ceil, data_type), self.value(self.high, f64::floor, data_type))
    }

    /// A fence as it is shown: of dates, and of whole numbers beside which floats hold no fraction, the last one
    /// inside.
    #[expect(clippy::cast_precision_loss, reason = "shown as a 64-bit float")]
    fn value(self, number: f64, rounded: fn(f64) -> f64, data_type: DataType) -> Value {
        const EXACT: u64 = 1 << f64::MANTISSA_DIGITS;
        match self.scale {
            Scale::Decimal { unit } => Value::Decimal(number / unit),
            Scale::Whole { .. } if !number.is_finite() => match data_type {
                DataType::Integer => Value::Decimal(number),
                _ => Value::Null,
            },
            Scale::Whole { base } => {
                let whole = whole_from(base, rounded(number));
                match data_type {
                    DataType::Date => Value::Date(i32::try_from(whole).unwrap_or(i32::MAX)),
                    DataType::Datetime => Value::Datetime(whole),
                    // Beyond the whole numbers lie the fences of those.
                    _ if whole.unsigned_abs() < EXACT || [i64::MIN, i64::MAX].contains(&whole) => {
                        Value::Decimal(whole_of(base) as f64 + number)
                    }
                    _ => Value::Integer(whole),
                }
            }
        }
    }
}

impl Far {
    /// The fences of values; there is at least one.
    pub(super) fn fences(&self, values: &impl Ordered) -> io::Result<Fences> {
        let fences = match self.wanted.method {
            OutlierMethod::Iqr => self.quartile_fences(values)?,
            OutlierMethod::Mad if self.data_type == DataType::Decimal => self.decimal_median_fences(values)?,
            OutlierMethod::Mad => self.whole_median_fences(values)?,
            OutlierMethod::Zscore => {
                let (scale, center, deviation) = if self.data_type == DataType::Decimal {
                    deviation_of_decimals(values)?
                } else {
                    deviation_of_whole(values)?
                };
                Fences::around(scale, center, self.wanted.factor * deviation)
            }
        };
        Ok(match self.wanted.side {
            OutlierSide::Both => fences,
            OutlierSide::High => Fences { low: f64::NAN, ..fences },
            OutlierSide::Low => Fences { high: f64::NAN, ..fences },
        })
    }

    fn quartile_fences(&self, values: &impl Ordered) -> io::Result<Fences> {
        let quartiles = Ranked::find(&QUARTILES, values, values.bounds(), |image| image)?;
        let scale = if self.data_type == DataType::Decimal {
            scale_of_decimals(values)
        } else {
            Scale::Whole { base: quartiles.around(QUARTILES[0]).0 }
        };
        let [low, high] = QUARTILES.map(|quartile| quartiles.between(quartile, |image| scale.number(image)));
        let reach = self.wanted.factor * (high - low);
        let doubt = (low.abs() + high.abs() + reach) * ROUNDING;
        Ok(Fences { scale, low: low - reach, high: high + reach, doubt })
    }

    fn decimal_median_fences(&self, values: &impl Ordered) -> io::Result<Fences> {
        let (scale, median) = (scale_of_decimals(values), [Quantile::MEDIAN]);
        let center = Ranked::find(&median, values, values.bounds(), |image| image)?
            .between(Quantile::MEDIAN, |image| scale.number(image));
        if !center.is_finite() {
            return Ok(Fences::around(scale, f64::NAN, 0.0));
        }
        let distance = |image: u64| image_of_decimal((scale.number(image) - center).abs());
        let (least, greatest) = values.bounds();
        let bounds = (image_of_decimal(0.0), distance(least).max(distance(greatest)));
        let spread = Ranked::find(&median, values, bounds, distance)?.between(Quantile::MEDIAN, decimal_of);
        Ok(Fences::around(scale, center, self.wanted.factor * Outliers::MAD_SCALE * spread))
    }

    /// The same for whole numbers, whose distances are exact.
    #[expect(clippy::cast_precision_loss, reason = "fences are 64-bit floats")]
    fn whole_median_fences(&self, values: &impl Ordered) -> io::Result<Fences> {
        let median = [Quantile::MEDIAN];
        let (low, high) = Ranked::find(&median, values, values.bounds(), |image| image)?.around(Quantile::MEDIAN);
        // The median is this, or a half above it.
        let (base, above) = (low + (high - low) / 2, (high - low) % 2);
        let half = above as f64 / 2.0;
        // Less that half, where there is one.
        let distance = |image: u64| image.abs_diff(base) - (above & u64::from(image > base));
        let (least, greatest) = values.bounds();
        let bounds = (0, distance(least).max(distance(greatest)));
        let spread = Ranked::find(&median, values, bounds, distance)?.between(Quantile::MEDIAN, |away| away as f64);
        Ok(Fences::around(Scale::Whole { base }, half, self.wanted.factor * Outliers::MAD_SCALE * (spread + half)))
    }
}

/// A scale in which distances of decimals, and their squares, are floats.
fn scale_of_decimals(values: &impl Ordered) -> Scale {
    let (least, greatest) = values.bounds();
    let size = decimal_of(least).abs().max(decimal_of(greatest).abs());
    Scale::Decimal {
        unit: if size > LARGE {
            1.0 / SHIFT
        } else if size < 1.0 / LARGE {
            SHIFT
        } else {
            1.0
        },
    }
}

/// Decimals beyond it are scaled down by [`SHIFT`], those under its inverse up: 2^900 and 2^200.
const LARGE: f64 = f64::from_bits((1_023 + 900) << 52);
const SHIFT: f64 = f64::from_bits((1_023 + 200) << 52);

/// The mean and the deviation of decimals that are finite; the same in whatever order they come.
fn deviation_of_decimals(values: &impl Ordered) -> io::Result<(Scale, f64, f64)> {
    let scale = scale_of_decimals(values);
    let finite = |image: u64| Some(scale.number(image)).filter(|number| number.is_finite());
    let empty = || (0_u64, f64::INFINITY, f64::NEG_INFINITY);
    let (low, high) = values.bounds();
    let (count, least, greatest) = match (finite(low), finite(high)) {
        (Some(least), Some(greatest)) => (values.count(), least, greatest),
        _ => values.fold(
            empty,
            |(count, least, greatest), image| {
                if let Some(number) = finite(image) {
                    (*count, *least, *greatest) = (*count + 1, least.min(number), greatest.max(number));
                }
            },
            |a, b| (a.0 + b.0, a.1.min(b.1), a.2.max(b.2)),
        )?,
    };
    if count < 2 {
        return Ok((scale, f64::NAN, f64::NAN));
    }
    let size = least.abs().max(greatest.abs());
    let sum = values.fold(
        || FixedSum::up_to(size),
        |sum, image| {
            if let Some(number) = finite(image) {
                sum.add(number);
            }
        },
        FixedSum::joined,
    )?;
    // Rounding exceeds neither end.
    let mean = sum.over(count).clamp(least, greatest);
    let reach = (greatest - mean).max(mean - least);
    if reach <= 0.0 {
        return Ok((scale, mean, 0.0));
    }
    let squares = values.fold(
        || FixedSum::up_to(1.0),
        |sum, image| {
            if let Some(number) = finite(image) {
                let part = (number - mean) / reach;
                sum.add(part * part);
            }
        },
        FixedSum::joined,
    )?;
    Ok((scale, mean, reach * deviation(&squares, count)))
}

/// The mean and the deviation of whole numbers, counted from the mean rounded down.
#[expect(clippy::cast_precision_loss, reason = "deviations are 64-bit floats")]
fn deviation_of_whole(values: &impl Ordered) -> io::Result<(Scale, f64, f64)> {
    let count = values.count();
    let sum = values.fold(|| 0_u128, |sum, image| *sum += u128::from(image), |a, b| a + b)?;
    // Between the least and the greatest.
    let base = u64::try_from(sum / u128::from(count.max(1))).unwrap_or(u64::MAX);
    let center = (sum % u128::from(count.max(1))) as f64 / count as f64;
    let scale = Scale::Whole { base };
    let (least, greatest) = values.bounds();
    let reach = (scale.number(greatest) - center).max(center - scale.number(least));
    if reach <= 0.0 {
        return Ok((scale, center, 0.0));
    }
    let squares = values.fold(
        || FixedSum::up_to(1.0),
        |sum, image| {
            let part = (scale.number(image) - center) / reach;
            sum.add(part * part);
        },
        FixedSum::joined,
    )?;
    Ok((scale, center, reach * deviation(&squares, count)))
}

/// The deviation of a sample with this sum of squares.
#[expect(clippy::cast_precision_loss, reason = "deviations are 64-bit floats")]
fn deviation(squares: &FixedSum, count: u64) -> f64 {
    (squares.over(count) * (count as f64 / (count - 1) as f64)).sqrt()
}
