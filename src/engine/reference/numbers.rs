//! Exact arithmetic: sums, means and deviations as fractions, and the float nearest to one.

use num_bigint::{BigInt, Sign};
use num_rational::BigRational;

/// Floats are whole numbers of the least one, 2^-1074.
const LEAST: u32 = 1_074;

/// A number as a fraction.
pub(super) type Exact = BigRational;

/// How far a number is from 0.
pub(super) fn magnitude(number: &Exact) -> Exact {
    if number.numer().sign() == Sign::Minus { -number.clone() } else { number.clone() }
}

/// A whole number as a fraction.
pub(super) fn whole(number: impl Into<BigInt>) -> Exact {
    Exact::from(number.into())
}

/// A finite number in units of its type: whole numbers as they are, floats in those of the least one, as a whole number
/// times a power of two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Units(i64, u32);

impl Units {
    pub(super) const fn of_whole(number: i64) -> Self {
        Self(number, 0)
    }

    /// `None` where it is infinite or no number.
    pub(super) fn of_float(number: f64) -> Option<Self> {
        let bits = number.to_bits();
        let (exponent, fraction) = (bits >> 52 & 0x7FF, (bits & ((1 << 52) - 1)).cast_signed());
        let magnitude = if exponent == 0 { fraction } else { fraction | 1 << 52 };
        let power = u32::try_from(exponent).ok()?.saturating_sub(1);
        number.is_finite().then(|| Self(if number.is_sign_negative() { -magnitude } else { magnitude }, power))
    }

    pub(super) fn units(self) -> BigInt {
        BigInt::from(self.0) << self.1
    }

    fn times(self, other: Self) -> BigInt {
        BigInt::from(i128::from(self.0) * i128::from(other.0)) << (self.1 + other.1)
    }
}

/// What a number of units is: whole numbers, or multiples of the least float.
pub(super) fn of_units(units: BigInt, whole: bool) -> Exact {
    if whole { Exact::from(units) } else { Exact::new(units, BigInt::from(1) << LEAST) }
}

/// Pairs of numbers with their sums and the sums of their products.
#[derive(Debug, Default)]
pub(super) struct Sums {
    count: u64,
    totals: [BigInt; 2],
    squares: [BigInt; 2],
    products: BigInt,
}

impl Sums {
    pub(super) fn of(pairs: impl IntoIterator<Item = (Units, Units)>) -> Self {
        let mut all = Self::default();
        for (one, other) in pairs {
            all.count += 1;
            all.totals[0] += one.units();
            all.totals[1] += other.units();
            all.squares[0] += one.times(one);
            all.squares[1] += other.times(other);
            all.products += one.times(other);
        }
        all
    }

    /// The mean of the first numbers; `None` without any.
    pub(super) fn mean(&self, whole: bool) -> Option<Exact> {
        (self.count > 0).then(|| of_units(self.totals[0].clone(), whole) / Exact::from(BigInt::from(self.count)))
    }

    /// n Σx² − (Σx)².
    fn spread(&self, side: usize) -> BigInt {
        &self.squares[side] * self.count - &self.totals[side] * &self.totals[side]
    }

    /// The variance of the first numbers, taken as a sample: Σ(x − mean)² / (n − 1); `None` with fewer than two.
    pub(super) fn variance(&self, whole: bool) -> Option<Exact> {
        (self.count > 1).then(|| {
            let unit = of_units(BigInt::from(1), whole);
            let pairs = BigInt::from(self.count) * (self.count - 1);
            Exact::new(self.spread(0), pairs) * &unit * unit
        })
    }

    /// Pearson's coefficient: Σ(x − mean)(y − mean) / √(Σ(x − mean)² Σ(y − mean)²); `None` with fewer than two pairs, or
    /// where one side is always the same.
    pub(super) fn correlation(&self) -> Option<Exact> {
        let (one, other) = (self.spread(0), self.spread(1));
        let both = &self.products * self.count - &self.totals[0] * &self.totals[1];
        (self.count > 1 && one != BigInt::ZERO && other != BigInt::ZERO).then(|| {
            let negative = both.sign() == Sign::Minus;
            let root = root(&Exact::new(&both * &both, one * other));
            if negative { -root } else { root }
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
