//! The fences of floats.

use std::io;

use crate::model::{OutlierMethod, OutlierSide, Outliers, Quantile, Value};

use crate::engine::local::numbers::image::{Image, float_of, image_of_float};
use crate::engine::local::numbers::moments::FixedSum;

use super::inside::{Fences, QUARTILES, ROUNDING, deviation};
use super::ordered::{Ordered, Ranked};

/// The least and the greatest number that are not too far.
struct FloatFences {
    unit: Unit,
    low: f64,
    high: f64,
    /// How far rounding may have moved the fences: a value that close is on the fence.
    doubt: f64,
}

/// A power of two by which floats are multiplied where results might be beyond the floats.
#[derive(Debug, Clone, Copy)]
struct Unit(f64);

impl Unit {
    /// A unit in which distances of floats, and their squares, are floats.
    fn of<I: Image>(values: &impl Ordered<I>) -> Self {
        let (least, greatest) = values.bounds();
        let size = float_of(least.low_word()).abs().max(float_of(greatest.low_word()).abs());
        Self(if size > LARGE {
            1.0 / SHIFT
        } else if size < 1.0 / LARGE {
            SHIFT
        } else {
            1.0
        })
    }

    #[inline]
    fn number<I: Image>(self, image: I) -> f64 {
        float_of(image.low_word()) * self.0
    }
}

/// Floats beyond it are scaled down by [`SHIFT`], those under its inverse up: 2^900 and 2^200.
const LARGE: f64 = f64::from_bits((1_023 + 900) << 52);
const SHIFT: f64 = f64::from_bits((1_023 + 200) << 52);

impl FloatFences {
    /// Fences on both sides of a center.
    fn around(unit: Unit, center: f64, reach: f64) -> Self {
        let doubt = center.abs() * ROUNDING + reach * ROUNDING;
        Self { unit, low: center - reach, high: center + reach, doubt }
    }

    fn inside<I: Image>(self) -> Fences<I> {
        let number = |number: f64| number / self.unit.0;
        let image = |number: f64| I::of_part(image_of_float(number), 0);
        let (low, high) = (self.low - self.doubt, self.high + self.doubt);
        // Without a fence no value is too far; beyond one that no float reaches, infinite ones are.
        let least = if low.is_nan() { I::LEAST } else { image(number(low).max(f64::MIN)) };
        let greatest = if high.is_nan() { I::GREATEST } else { image(number(high).min(f64::MAX)) };
        Fences { inside: (least, greatest), shown: (Value::Float(number(self.low)), Value::Float(number(self.high))) }
    }
}

/// The fences of floats; there is at least one.
pub(super) fn fences<I: Image>(wanted: &Outliers, values: &impl Ordered<I>) -> io::Result<Fences<I>> {
    let factor = wanted.factor.to_float();
    let fences = match wanted.method {
        OutlierMethod::Iqr => quartile_fences(factor, values)?,
        OutlierMethod::Mad => median_fences(factor, values)?,
        OutlierMethod::Zscore => {
            let (unit, center, deviation) = deviation_of_floats(values)?;
            FloatFences::around(unit, center, factor * deviation)
        }
    };
    Ok(match wanted.side {
        OutlierSide::Both => fences,
        OutlierSide::High => FloatFences { low: f64::NAN, ..fences },
        OutlierSide::Low => FloatFences { high: f64::NAN, ..fences },
    }
    .inside())
}

fn quartile_fences<I: Image>(factor: f64, values: &impl Ordered<I>) -> io::Result<FloatFences> {
    let quartiles = Ranked::find(&QUARTILES, values, values.bounds(), |image| image)?;
    let unit = Unit::of(values);
    let [low, high] = QUARTILES.map(|quartile| quartiles.between(quartile, |image| unit.number(image)));
    if !low.is_finite() || !high.is_finite() {
        return Ok(FloatFences::around(unit, f64::NAN, 0.0));
    }
    let reach = factor * (high - low);
    let doubt = (low.abs() + high.abs() + reach) * ROUNDING;
    Ok(FloatFences { unit, low: low - reach, high: high + reach, doubt })
}

fn median_fences<I: Image>(factor: f64, values: &impl Ordered<I>) -> io::Result<FloatFences> {
    let (unit, median) = (Unit::of(values), [Quantile::MEDIAN]);
    let center = Ranked::find(&median, values, values.bounds(), |image| image)?
        .between(Quantile::MEDIAN, |image| unit.number(image));
    if !center.is_finite() {
        return Ok(FloatFences::around(unit, f64::NAN, 0.0));
    }
    let of = |number: f64| I::of_part(image_of_float(number), 0);
    let distance = |image: I| of((unit.number(image) - center).abs());
    let (least, greatest) = values.bounds();
    let bounds = (of(0.0), distance(least).max(distance(greatest)));
    let spread =
        Ranked::find(&median, values, bounds, distance)?.between(Quantile::MEDIAN, |image| float_of(image.low_word()));
    if !spread.is_finite() {
        return Ok(FloatFences::around(unit, f64::NAN, 0.0));
    }
    Ok(FloatFences::around(unit, center, factor * Outliers::MAD_SCALE.to_float() * spread))
}

/// The mean and the deviation of floats that are finite; the same in whatever order they come.
fn deviation_of_floats<I: Image>(values: &impl Ordered<I>) -> io::Result<(Unit, f64, f64)> {
    let unit = Unit::of(values);
    let finite = |image: I| Some(unit.number(image)).filter(|number| number.is_finite());
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
        return Ok((unit, f64::NAN, f64::NAN));
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
        return Ok((unit, mean, 0.0));
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
    Ok((unit, mean, reach * deviation(&squares, count)))
}
