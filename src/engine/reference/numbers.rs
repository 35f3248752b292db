//! Exact arithmetic: every number a fraction, and the float nearest to one.

use num_bigint::{BigInt, Sign};
use num_rational::BigRational;

use crate::model::Value;

/// A number as a fraction.
pub(super) type Exact = BigRational;

/// A number, a date in days or a timestamp in microseconds; `None` where it is none of these, infinite or no number.
pub(super) fn exact(value: &Value) -> Option<Exact> {
    match value {
        Value::Integer(number) | Value::Datetime(number) => Some(whole(*number)),
        Value::Nanoseconds(instant) => Some(whole(instant.micros)),
        Value::Date(day) => Some(whole(*day)),
        Value::Decimal(number) => Some(number.fraction()),
        Value::Float(number) => Exact::from_float(*number),
        Value::Null | Value::Text(_) | Value::Boolean(_) => None,
    }
}

/// How far a number is from 0.
pub(super) fn magnitude(number: &Exact) -> Exact {
    if number.numer().sign() == Sign::Minus { -number.clone() } else { number.clone() }
}

/// A whole number as a fraction.
pub(super) fn whole(number: impl Into<BigInt>) -> Exact {
    Exact::from(number.into())
}

/// Pairs of numbers with their sums and the sums of their products.
#[derive(Debug)]
pub(super) struct Sums {
    count: u64,
    totals: [Exact; 2],
    squares: [Exact; 2],
    products: Exact,
}

impl Sums {
    pub(super) fn of<'n>(pairs: impl IntoIterator<Item = (&'n Exact, &'n Exact)>) -> Self {
        let none = || [whole(0), whole(0)];
        let mut all = Self { count: 0, totals: none(), squares: none(), products: whole(0) };
        for (one, other) in pairs {
            all.count += 1;
            all.totals[0] += one;
            all.totals[1] += other;
            all.squares[0] += one * one;
            all.squares[1] += other * other;
            all.products += one * other;
        }
        all
    }

    /// Those of single numbers.
    pub(super) fn of_each(numbers: &[Exact]) -> Self {
        Self::of(numbers.iter().map(|number| (number, number)))
    }

    /// The mean of the first numbers; `None` without any.
    pub(super) fn mean(&self) -> Option<Exact> {
        (self.count > 0).then(|| &self.totals[0] / whole(self.count))
    }

    /// n Σx² − (Σx)².
    fn spread(&self, side: usize) -> Exact {
        &self.squares[side] * whole(self.count) - &self.totals[side] * &self.totals[side]
    }

    /// The variance of the first numbers, taken as a sample: Σ(x − mean)² / (n − 1); `None` with fewer than two.
    pub(super) fn variance(&self) -> Option<Exact> {
        (self.count > 1).then(|| self.spread(0) / (whole(self.count) * whole(self.count - 1)))
    }

    /// Pearson's coefficient: Σ(x − mean)(y − mean) / √(Σ(x − mean)² Σ(y − mean)²); `None` with fewer than two pairs, or
    /// where one side is always the same.
    pub(super) fn correlation(&self) -> Option<Exact> {
        let (one, other) = (self.spread(0), self.spread(1));
        let both = &self.products * whole(self.count) - &self.totals[0] * &self.totals[1];
        (self.count > 1 && one != whole(0) && other != whole(0)).then(|| {
            let root = root(&(&both * &both / (one * other)));
            if both.numer().sign() == Sign::Minus { -root } else { root }
        })
    }
}

/// The root of a number that is not negative, to more digits than a float has.
pub(super) fn root(number: &Exact) -> Exact {
    const MORE: u32 = 128;
    Exact::new(((number.numer() * number.denom()) << (2 * MORE)).sqrt(), number.denom() << MORE)
}

/// The nearest float; of two equally near ones the even one; `None` beyond the floats.
pub(super) fn nearest(number: &Exact) -> Option<f64> {
    // So many digits that only the last bits of a float may be wrong.
    const DIGITS: i64 = 25;
    let length = |number: &BigInt| i64::try_from(number.magnitude().to_string().len()).unwrap_or(i64::MAX);
    let shift = DIGITS - length(number.numer()) + length(number.denom());
    let ten = BigInt::from(10).pow(u32::try_from(shift.unsigned_abs()).ok()?);
    let (numer, denom) = (number.numer(), number.denom());
    let digits = if shift < 0 { numer / (denom * ten) } else { numer * ten / denom };
    let about: f64 = format!("{digits}e{}", -shift).parse().ok()?;
    let candidates = [about.next_down(), about, about.next_up()].into_iter();
    let apart = candidates.filter_map(|float| Some((magnitude(&(Exact::from_float(float)? - number)), float)));
    let is_odd = |float: f64| float.to_bits() & 1;
    let nearest = apart.min_by(|one, other| one.0.cmp(&other.0).then(is_odd(one.1).cmp(&is_odd(other.1))));
    nearest.filter(|_| about.is_finite()).map(|(_, float)| float + 0.0)
}
