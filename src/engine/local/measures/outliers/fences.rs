//! The fences beyond which values are outliers.

use std::io;

use num_bigint::BigInt;
use num_rational::BigRational;

use crate::model::{DataType, Decimal, OutlierMethod, OutlierSide, Outliers, Quantile, Value};

use crate::engine::local::numbers::decimal_sum::Sum;
use crate::engine::local::numbers::image::Image;
use crate::engine::local::numbers::moments::FixedSum;

use super::float_fences;
use super::inside::{Fences, QUARTILES, ROUNDING, deviation};
use super::ordered::{Ordered, Ranked};

/// What is too far.
#[derive(Debug, Clone)]
pub(super) struct Far {
    pub(super) wanted: Outliers,
    pub(super) data_type: DataType,
}

/// The fences of exact numbers, in units of their images. `None`: no value is too far on that side.
struct ExactFences {
    /// With what rounding may have moved them.
    judged: [Option<BigRational>; 2],
    computed: [Option<BigRational>; 2],
}

impl ExactFences {
    /// Fences that are exact.
    fn exact(low: BigRational, high: BigRational) -> Self {
        Self { judged: [Some(low.clone()), Some(high.clone())], computed: [Some(low), Some(high)] }
    }
}

impl Far {
    /// The fences of values; there is at least one.
    pub(super) fn fences<I: Image>(&self, values: &impl Ordered<I>) -> io::Result<Fences<I>> {
        if self.data_type.is_float() {
            return float_fences::fences(&self.wanted, values);
        }
        let factor = self.wanted.factor.fraction();
        let ExactFences { mut judged, mut computed } = match self.wanted.method {
            OutlierMethod::Iqr => quartile_fences(&factor, values)?,
            OutlierMethod::Mad => median_fences(&factor, values)?,
            OutlierMethod::Zscore => self.deviation_fences(values)?,
        };
        let open = match self.wanted.side {
            OutlierSide::Both => None,
            OutlierSide::High => Some(0),
            OutlierSide::Low => Some(1),
        };
        if let Some(side) = open {
            (judged[side], computed[side]) = (None, None);
        }
        let [low, high] = judged;
        let least = low.map_or(I::LEAST, |low| I::of_whole(&low.ceil().to_integer()));
        let greatest = high.map_or(I::GREATEST, |high| I::of_whole(&high.floor().to_integer()));
        let [low, high] = computed;
        Ok(Fences {
            inside: (least, greatest),
            shown: (self.shown(low, BigRational::ceil), self.shown(high, BigRational::floor)),
        })
    }

    /// A fence as it is shown: of dates the last one inside.
    fn shown(&self, fence: Option<BigRational>, inside: impl Fn(&BigRational) -> BigRational) -> Value {
        let Some(fence) = fence else { return Value::Null };
        let whole = || inside(&fence).to_integer();
        match self.data_type {
            DataType::Date => i32::try_from(whole()).map_or(Value::Null, Value::Date),
            DataType::Datetime => i64::try_from(whole()).map_or(Value::Null, Value::Datetime),
            _ => {
                let unit = unit_of(self.data_type);
                Decimal::ratio(fence.numer(), &(fence.denom() * unit)).map_or(Value::Null, Value::of_decimal)
            }
        }
    }

    /// Fences in deviations from the mean, computed in floats that count from the mean rounded down.
    fn deviation_fences<I: Image>(&self, values: &impl Ordered<I>) -> io::Result<ExactFences> {
        let none = || ExactFences { judged: [None, None], computed: [None, None] };
        let count = values.count();
        let add = |sum: &mut Sum, image: I| *sum = sum.plus(Sum::of_words(image.low_words()));
        let sum = values.fold(Sum::default, add, Sum::plus)?;
        let unit = unit_of(self.data_type);
        // The mean rounded down to a whole number.
        let mean = BigRational::new(sum.units() + I::LEAST.whole() * count, BigInt::from(count.max(1)));
        let base = (&mean / &unit).floor().to_integer() * &unit;
        let base_image = I::of_whole(&base);
        let per_unit = self.unit_as_float();
        let number = |image: I| {
            let distance = image.distance(base_image).to_float() / per_unit;
            if image < base_image { -distance } else { distance }
        };
        let Some(center) = float_of(&((mean - &base) / &unit)) else { return Ok(none()) };
        let (least, greatest) = values.bounds();
        let reach = (number(greatest) - center).max(center - number(least));
        let deviation = if reach <= 0.0 {
            0.0
        } else {
            let squares = values.fold(
                || FixedSum::up_to(1.0),
                |sum, image| {
                    let part = (number(image) - center) / reach;
                    sum.add(part * part);
                },
                FixedSum::joined,
            )?;
            reach * deviation(&squares, count)
        };
        let reach = self.wanted.factor.to_float() * deviation;
        let doubt = center.abs() * ROUNDING + reach * ROUNDING;
        let at = |number: f64| Some(BigRational::from_float(number)? * &unit + &base);
        Ok(ExactFences {
            judged: [at(center - reach - doubt), at(center + reach + doubt)],
            computed: [at(center - reach), at(center + reach)],
        })
    }

    fn unit_as_float(&self) -> f64 {
        if self.data_type == DataType::Decimal { 1e38 } else { 1.0 }
    }
}

/// How many units of its image the number 1 is.
fn unit_of(data_type: DataType) -> BigInt {
    if data_type == DataType::Decimal { BigInt::from(10).pow(Decimal::DIGITS.into()) } else { BigInt::from(1) }
}

/// The float nearest to a fraction between 0 and 1, however small.
fn float_of(fraction: &BigRational) -> Option<f64> {
    /// More digits than a float has.
    const DIGITS: usize = 36;
    let digits = |number: &BigInt| number.magnitude().to_string().len();
    let places = DIGITS + digits(fraction.denom()).saturating_sub(digits(fraction.numer()));
    let units = (fraction * BigInt::from(10).pow(u32::try_from(places).ok()?)).to_integer();
    format!("{units}e-{places}").parse().ok()
}

fn quartile_fences<I: Image>(factor: &BigRational, values: &impl Ordered<I>) -> io::Result<ExactFences> {
    let quartiles = Ranked::find(&QUARTILES, values, values.bounds(), |image| image)?;
    let [low, high] = QUARTILES.map(|quartile| quartiles.exactly(quartile, I::whole));
    let reach = factor * (&high - &low);
    Ok(ExactFences::exact(low - &reach, high + reach))
}

fn median_fences<I: Image>(factor: &BigRational, values: &impl Ordered<I>) -> io::Result<ExactFences> {
    let median = [Quantile::MEDIAN];
    let (low, high) = Ranked::find(&median, values, values.bounds(), |image| image)?.around(Quantile::MEDIAN);
    // The median is this, or a half above it.
    let between = high.less(low);
    let (base, has_half) = (low.plus(between.without_bits(1)), between.low_word() & 1 == 1);
    // Less that half, where there is one.
    let one = I::of_part(1, 0);
    let distance = |image: I| {
        let distance = image.distance(base);
        if has_half && image > base { distance.less(one) } else { distance }
    };
    let (least, greatest) = values.bounds();
    let bounds = (I::LEAST, distance(least).max(distance(greatest)));
    let half = BigRational::new(i32::from(has_half).into(), 2.into());
    // A distance is no image: the least one means zero.
    let away = |image: I| image.whole() - I::LEAST.whole();
    let spread = Ranked::find(&median, values, bounds, distance)?.exactly(Quantile::MEDIAN, away) + &half;
    let center = BigRational::from(base.whole()) + half;
    let reach = factor * Outliers::MAD_SCALE.fraction() * spread;
    Ok(ExactFences::exact(&center - &reach, center + reach))
}
