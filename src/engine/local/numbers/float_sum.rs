//! Exact sums of floats, which do not depend on the order: the same data gives the same sum from any file, batches and
//! threads.
//!
//! A float is a whole number times a power of two. The whole numbers of each power are added up by themselves as long
//! as they fit, then those of 32 neighbouring powers in one place, after R. M. Neal, "Fast exact summation using small
//! and large superaccumulators" (2015).

use num_bigint::{BigInt, BigUint, Sign};

use crate::engine::local::numbers::selection::{ones, runs};
use crate::source::Bits;

/// Powers of two below the least float, in which all floats are whole numbers: 2^-1074.
const LEAST: i64 = 1_074;

/// Bits of a float behind the first one of its whole number.
const FRACTION: u32 = 52;

/// Exponents that floats have; the last is that of infinite numbers and NaN.
const EXPONENTS: usize = 1 << 11;
const SPECIAL: usize = EXPONENTS - 1;

/// A whole number for each 32 powers of two. Each number adds less than 2^84, so that 2^43 of them fit.
type Places = [i128; EXPONENTS / 32];

/// The sum of floats.
#[derive(Debug, Clone, Default)]
pub(crate) struct FloatSum {
    /// `None` where no number was added.
    places: Option<Box<Places>>,
    /// The sum of infinite numbers and NaN; 0 where there is none.
    special: f64,
}

/// The exponent of a float, and its whole number; `None` where it has none.
#[inline]
fn parts(number: f64) -> Option<(usize, i64)> {
    let bits = number.to_bits();
    let exponent = (bits >> FRACTION) as usize % EXPONENTS;
    // The first bit is stored only where the exponent is 0.
    let whole = (bits & ((1 << FRACTION) - 1) | u64::from(exponent != 0) << FRACTION).cast_signed();
    let sign = bits.cast_signed() >> 63;
    (exponent != SPECIAL).then_some((exponent, (whole ^ sign) - sign))
}

/// Adds the whole numbers of an exponent to the place where they belong.
fn enter(places: &mut Places, exponent: usize, whole: i64) {
    // 0 and 1 mean the same power.
    let power = exponent.max(1) - 1;
    places[power / 32] += i128::from(whole) << (power % 32);
}

/// The sum of a few floats, on its way to that of many.
struct Few {
    /// The whole numbers of each exponent.
    wholes: [i64; EXPONENTS],
    /// Which exponents there are, one bit for each 32.
    met: u64,
    special: f64,
    /// How many numbers may still come.
    room: usize,
}

impl Few {
    /// Each whole number is below 2^53, so that all fit.
    const ROOM: usize = 1 << 10;

    const fn new() -> Self {
        Self { wholes: [0; EXPONENTS], met: 0, special: 0.0, room: Self::ROOM }
    }

    #[inline]
    fn enter(&mut self, number: f64) {
        let Some((exponent, whole)) = parts(number) else {
            self.special += number;
            return;
        };
        self.met |= 1 << (exponent / 32);
        self.wholes[exponent % EXPONENTS] += whole;
    }

    /// Adds all to a sum, and is empty again.
    fn leave(&mut self, sum: &mut FloatSum) {
        sum.special += self.special;
        let places = sum.places();
        while self.met != 0 {
            let at = self.met.trailing_zeros() as usize;
            for exponent in 32 * at..32 * (at + 1) {
                enter(places, exponent, self.wholes[exponent]);
                self.wholes[exponent] = 0;
            }
            self.met &= self.met - 1;
        }
        (self.special, self.room) = (0.0, Self::ROOM);
    }
}

impl FloatSum {
    /// The sum of those that are chosen.
    pub(crate) fn of(values: &[f64], rows: &Bits) -> Self {
        let (mut sum, mut few) = (Self::default(), Few::new());
        runs(values, rows, |values, word| {
            if few.room < values.len() {
                few.leave(&mut sum);
            }
            few.room -= values.len();
            if word == u64::MAX {
                for value in values {
                    few.enter(*value);
                }
            } else {
                ones(values, word, |value| few.enter(value));
            }
        });
        few.leave(&mut sum);
        sum
    }

    /// Adds a number.
    pub(crate) fn add(&mut self, number: f64) {
        match parts(number) {
            Some((exponent, whole)) => enter(self.places(), exponent, whole),
            None => self.special += number,
        }
    }

    fn places(&mut self) -> &mut Places {
        self.places.get_or_insert_with(|| Box::new([0; EXPONENTS / 32]))
    }

    /// Adds the sum of others.
    pub(crate) fn join(&mut self, next: &Self) {
        self.special += next.special;
        if let Some(next) = &next.places {
            self.places().iter_mut().zip(next.iter()).for_each(|(all, next)| *all += next);
        }
    }

    /// The float nearest to the sum divided by a number; `None` where it is beyond the floats though all numbers
    /// are finite. Without numbers it is 0.
    pub(crate) fn over(&self, count: u64) -> Option<f64> {
        if self.special != 0.0 {
            return Some(self.special);
        }
        let places = self.places.iter().flat_map(|places| places.iter());
        let sum: BigInt = (0_u32..).zip(places).map(|(at, place)| BigInt::from(*place) << (32 * at)).sum();
        let nearest = nearest(sum.magnitude(), count.max(1))?;
        Some(if sum.sign() == Sign::Minus { -nearest } else { nearest })
    }
}

/// The float nearest to so many times 2^-1074 over a number, the even one of two; `None` beyond the floats.
fn nearest(sum: &BigUint, count: u64) -> Option<f64> {
    // The quotient has more digits than a float, and one more says whether there is a remainder.
    const MORE: u32 = 128;
    let (shifted, count) = (sum << MORE, BigUint::from(count));
    let quotient = &shifted / &count;
    let rest = u8::from(&quotient * &count != shifted);
    let quotient = (quotient << 1_u32) | BigUint::from(rest);
    let units = u64::from(MORE) + 1;
    // No float has bits below the least.
    let dropped = quotient.bits().saturating_sub(u64::from(FRACTION) + 1).max(units);
    let (kept, half) = (&quotient >> dropped, BigUint::from(1_u8) << (dropped - 1));
    let left = &quotient - (&kept << dropped);
    let kept = u64::try_from(kept).ok()?;
    let up = left > half || (left == half && kept % 2 == 1);
    let power = i64::try_from(dropped - units).ok()? - LEAST;
    let power = match usize::try_from(power + 1_023) {
        Ok(exponent) if (1..SPECIAL).contains(&exponent) => f64::from_bits((exponent as u64) << FRACTION),
        Ok(SPECIAL..) => return None,
        _ => f64::from_bits(1 << (power + LEAST)),
    };
    #[expect(clippy::cast_precision_loss, reason = "at most 2^53")]
    let nearest = (kept + u64::from(up)) as f64 * power;
    nearest.is_finite().then_some(nearest)
}

#[cfg(test)]
mod tests {
    use num_rational::BigRational;
    use proptest::prelude::*;

    use super::*;

    fn sum(values: &[f64]) -> FloatSum {
        FloatSum::of(values, &Bits::all(values.len()))
    }

    fn one_by_one(values: &[f64]) -> FloatSum {
        let mut sum = FloatSum::default();
        for value in values {
            sum.add(*value);
        }
        sum
    }

    #[test]
    fn sums_that_leave_the_floats_come_back() {
        let large = [1e308, 1e308, -1e308];
        assert_eq!(sum(&large).over(1), Some(1e308));
        assert_eq!(sum(&large[..2]).over(1), None);
        assert_eq!(sum(&large[..2]).over(2), Some(1e308));
        assert_eq!(sum(&[f64::MAX, -f64::MAX, 5e-324]).over(1), Some(5e-324));
        assert_eq!(sum(&[1e-320, 1e-320]).over(2), Some(1e-320));
        assert_eq!(sum(&[5e-324]).over(2), Some(0.0), "half of the least is as near to 0, which is even");
        assert_eq!(sum(&[-5e-324, -1e-323]).over(2), Some(-1e-323));
        assert_eq!(sum(&[f64::INFINITY, 1.0]).over(2), Some(f64::INFINITY));
        assert!(sum(&[f64::INFINITY, f64::NEG_INFINITY]).over(1).is_some_and(f64::is_nan));
        assert_eq!(FloatSum::default().over(0), Some(0.0));
        assert_eq!(sum(&[0.1; 10]).over(1), Some(1.0), "ten times the float, not ten roundings");
        for cut in 0..=3 {
            let mut all = sum(&large[..cut]);
            all.join(&sum(&large[cut..]));
            assert_eq!(all.over(3), Some(1e308 / 3.0), "{cut}");
        }
    }

    #[test]
    fn rows_that_are_not_chosen_have_no_say() {
        let mut values = vec![1.0; 70];
        values[3] = f64::NAN;
        assert_eq!(FloatSum::of(&values, &Bits::from_fn(70, |row| row != 3)).over(1), Some(69.0));
        assert_eq!(FloatSum::of(&values, &Bits::none(70)).over(1), Some(0.0));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        #[test]
        fn sums_are_exact_in_any_order(
            values in prop::collection::vec(
                prop_oneof![
                    prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL | prop::num::f64::ZERO,
                    -1e3..1e3_f64,
                    prop::sample::select(vec![1e308, -1e308, 1e200, -3e200, 1.5, 1e-200, 5e-324]),
                ],
                0..2_500,
            ),
            count in 1_u64..1_000,
        ) {
            let mut turned = values.clone();
            turned.reverse();
            let there = sum(&values).over(count);
            prop_assert_eq!(there.map(f64::to_bits), one_by_one(&values).over(count).map(f64::to_bits));
            prop_assert_eq!(there.map(f64::to_bits), sum(&turned).over(count).map(f64::to_bits));
            let exact = |value: f64| BigRational::from_float(value).expect("a finite number");
            let all = values.iter().map(|value| exact(*value)).sum::<BigRational>() / BigRational::from(BigInt::from(count));
            let Some(there) = there else {
                let greatest = exact(f64::MAX);
                prop_assert!(all > greatest || -all > greatest);
                return Ok(());
            };
            // No other float is nearer.
            let distance = |value: f64| value.is_finite().then(|| {
                let apart = exact(value) - &all;
                if apart < BigRational::from(BigInt::from(0)) { -apart } else { apart }
            });
            let apart = distance(there);
            for other in [there.next_up(), there.next_down()] {
                prop_assert!(distance(other).is_none_or(|other| apart.as_ref().is_some_and(|apart| *apart <= other)));
            }
        }
    }
}
