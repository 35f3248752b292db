//! How far numbers lie from their mean, and how two of them go together.
//!
//! Within a batch the mean is known before deviations are added up. Batches are then joined in the order of rows. No digits
//! are lost where a mean is large beside its deviations; a sum of squares would lose them. T. F. Chan, G. H. Golub and R. J.
//! `LeVeque`, "Updating Formulae and a Pairwise Algorithm for Computing Sample Variances", Stanford CS-79-773 (1979).

use std::borrow::Cow;

use crate::model::{Aggregate, Decimal};

use crate::engine::local::numbers::selection::{plain_sums, span_of, sum_of_all};

/// A number as the sum of two floats; the second is the rounding error of the first.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct DoubleDouble(f64, f64);

impl DoubleDouble {
    #[expect(clippy::cast_precision_loss, reason = "the second float has what the first lost")]
    fn of_whole(number: i128) -> Self {
        let high = number as f64;
        #[expect(clippy::cast_possible_truncation, reason = "a whole number of at most 38 digits")]
        let rest = number - high as i128;
        Self(high, rest as f64)
    }

    /// Two floats, whichever is greater, as one number.
    fn of_two(one: f64, other: f64) -> Self {
        let sum = one + other;
        let part = sum - one;
        Self(sum, (one - (sum - part)) + (other - part))
    }

    fn plus(self, number: f64) -> Self {
        let sum = Self::of_two(self.0, number);
        let rest = sum.1 + self.1;
        // Infinite numbers have no rounding error.
        if sum.0.is_finite() { Self::of_two(sum.0, rest) } else { Self(sum.0, 0.0) }
    }

    fn minus(self, other: Self) -> f64 {
        (self.0 - other.0) + (self.1 - other.1)
    }

    fn times(self, power: f64) -> Self {
        Self(self.0 * power, self.1 * power)
    }
}

/// Exponents of powers of two by which numbers are scaled: no sum of their squares overflows, and none vanishes.
const EXPONENTS: i32 = 1_000;

/// How large numbers may be, and how small the greatest of them, to need no scaling: as a power of two.
const PLAIN: i32 = 400;

/// Two to this power.
fn power_of_two(exponent: i32) -> f64 {
    // Such small numbers are negligible beside the others.
    let biased = (exponent + 1_023).max(0);
    f64::from_bits(u64::try_from(biased).unwrap_or_default() << 52)
}

/// Numbers of a batch made ready for their moments. Floats are scaled where they are very large or very small. Exact numbers
/// count from a whole number among them, so that large ones keep all their digits.
#[derive(Debug)]
pub(crate) struct Centred<'n> {
    /// Scaled, and less `base`.
    numbers: Cow<'n, [f64]>,
    base: DoubleDouble,
    /// Between the least and the greatest of `numbers`, and near their mean.
    middle: f64,
    /// `numbers` are those of the batch over two to this power.
    exponent: i32,
}

impl<'n> Centred<'n> {
    /// Floats. Infinite ones have no mean.
    pub(crate) fn of_floats(numbers: &'n [f64]) -> Self {
        let Some((least, greatest)) = span_of(numbers) else { return Self::empty() };
        let exponent = exponent_of(least.abs().max(greatest.abs()));
        let power = power_of_two(-exponent);
        let numbers: Cow<'_, [f64]> = match exponent {
            0 => Cow::Borrowed(numbers),
            _ => numbers.iter().map(|number| number * power).collect(),
        };
        // Where all numbers are equal, rounding makes no difference between them and their mean.
        let middle = mean_of(&numbers).max(least * power).min(greatest * power);
        Self { numbers, base: DoubleDouble::default(), middle, exponent }
    }

    /// Whole numbers.
    #[expect(clippy::cast_precision_loss, reason = "what is left of whole numbers near their mean")]
    pub(crate) fn of_whole(numbers: &[i64]) -> Centred<'static> {
        let Some((least, greatest)) = span_of(numbers) else { return Centred::empty() };
        let count = i128::try_from(numbers.len()).unwrap_or(i128::MAX);
        let base = i64::try_from(sum_of_all(numbers).div_euclid(count)).unwrap_or_default();
        let numbers = if greatest.checked_sub(least).is_some() {
            numbers.iter().map(|number| number.wrapping_sub(base) as f64).collect()
        } else {
            numbers.iter().map(|number| (i128::from(*number) - i128::from(base)) as f64).collect()
        };
        Centred { numbers: Cow::Owned(numbers), base: DoubleDouble::of_whole(base.into()), middle: 0.0, exponent: 0 }
    }

    /// Decimals, which count from the first of them.
    pub(crate) fn of_decimals(numbers: &[Decimal]) -> Centred<'static> {
        let Some(first) = numbers.first() else { return Centred::empty() };
        // A difference of too many digits is as near as that of floats.
        let less = |number: &Decimal, from: Decimal| {
            number.checked_sub(from).map_or_else(|| number.to_float() - from.to_float(), Decimal::to_float)
        };
        // The whole part of the base has all its digits, and so has what is behind the point.
        let whole = first.round_to_zero();
        let base = DoubleDouble::of_whole(whole).plus(less(first, Decimal::new(whole, 0).unwrap_or_default()));
        let numbers: Vec<f64> = numbers.iter().map(|number| less(number, *first)).collect();
        let middle = span_of(&numbers).map_or(0.0, |(least, greatest)| mean_of(&numbers).max(least).min(greatest));
        Centred { numbers: Cow::Owned(numbers), base, middle, exponent: 0 }
    }

    fn empty() -> Self {
        Self { numbers: Cow::Borrowed(&[]), base: DoubleDouble::default(), middle: 0.0, exponent: -EXPONENTS }
    }

    /// The mean, when `rest` is how far the numbers lie from the middle, added up.
    #[expect(clippy::cast_precision_loss, reason = "means are 64-bit floats")]
    fn mean(&self, rest: f64) -> DoubleDouble {
        let count = self.numbers.len().max(1) as f64;
        self.base.plus(self.middle).plus(rest / count)
    }
}

/// The power of two by which numbers are scaled whose greatest is this far from 0.
fn exponent_of(size: f64) -> i32 {
    if size == 0.0 {
        // Anything else is greater.
        return -EXPONENTS;
    }
    // For the smallest floats, and for infinite ones, the last power.
    let exponent = i32::try_from(size.to_bits() >> 52 & 0x7FF).unwrap_or_default() - 1_023;
    if exponent.abs() <= PLAIN { 0 } else { exponent.clamp(-EXPONENTS, EXPONENTS) }
}

/// Numbers with their mean and the sum of their squared deviations from it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct CentralMoments {
    count: u64,
    /// The others count in two to this power.
    exponent: i32,
    mean: DoubleDouble,
    squares: f64,
}

impl Default for CentralMoments {
    fn default() -> Self {
        Self { count: 0, exponent: -EXPONENTS, mean: DoubleDouble::default(), squares: 0.0 }
    }
}

impl CentralMoments {
    /// Those of some numbers.
    pub(crate) fn of(numbers: &Centred<'_>) -> Self {
        let (all, middle) = (&*numbers.numbers, numbers.middle);
        // The rounding error of the mean is subtracted again.
        let [squares, rest] = plain_sums(all, all, |number, _| {
            let off = number - middle;
            [off * off, off]
        });
        Self {
            count: all.len() as u64,
            exponent: numbers.exponent,
            mean: numbers.mean(rest),
            squares: not_negative(less(squares, rest, rest, all.len())),
        }
    }

    /// Takes in the numbers that follow.
    pub(crate) fn join(&mut self, next: &Self) {
        if next.count == 0 {
            return;
        }
        if self.count == 0 {
            // A mean may need more digits than one float has.
            *self = *next;
            return;
        }
        let exponent = self.exponent.max(next.exponent);
        let (own, next) = (self.scaled(exponent), next.scaled(exponent));
        let (count, part, product) = joined(own.count, next.count);
        let off = next.mean.minus(own.mean);
        *self = Self {
            count,
            exponent,
            mean: own.mean.plus(off * part),
            squares: own.squares + (next.squares + off * off * product),
        };
    }

    /// The same in a greater power of two.
    fn scaled(mut self, exponent: i32) -> Self {
        if self.exponent != exponent {
            let power = power_of_two(self.exponent - exponent);
            self.mean = self.mean.times(power);
            // Twice, since the square of the power may be no float.
            self.squares = self.squares * power * power;
            self.exponent = exponent;
        }
        self
    }

    /// The mean; `None` without numbers.
    pub(crate) fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| (self.mean.0 + self.mean.1) * power_of_two(self.exponent))
    }

    /// The deviation of a sample (divided by one less than their number); `None` with fewer than two numbers, and where no
    /// float holds it.
    #[expect(clippy::cast_precision_loss, reason = "deviations are 64-bit floats")]
    pub(crate) fn deviation(&self) -> Option<f64> {
        let deviation = || (self.squares / (self.count - 1) as f64).sqrt() * power_of_two(self.exponent);
        (self.count > 1).then(deviation).filter(|deviation| deviation.is_finite())
    }
}

/// Pairs of numbers with their means and the sums of the products of their deviations.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct JointMoments {
    count: u64,
    exponents: [i32; 2],
    means: [DoubleDouble; 2],
    squares: [f64; 2],
    products: f64,
}

impl Default for JointMoments {
    fn default() -> Self {
        let (means, squares) = ([DoubleDouble::default(); 2], [0.0; 2]);
        Self { count: 0, exponents: [-EXPONENTS; 2], means, squares, products: 0.0 }
    }
}

impl JointMoments {
    /// Those of some pairs; both sides are as many.
    pub(crate) fn of(one: &Centred<'_>, other: &Centred<'_>) -> Self {
        let count = one.numbers.len();
        let [first, second, products, rest, other_rest] = plain_sums(&one.numbers, &other.numbers, |left, right| {
            let (left, right) = (left - one.middle, right - other.middle);
            [left * left, right * right, left * right, left, right]
        });
        Self {
            count: count as u64,
            exponents: [one.exponent, other.exponent],
            means: [one.mean(rest), other.mean(other_rest)],
            squares: [less(first, rest, rest, count), less(second, other_rest, other_rest, count)].map(not_negative),
            products: less(products, rest, other_rest, count),
        }
    }

    /// Takes in the pairs that follow.
    pub(crate) fn join(&mut self, next: &Self) {
        if next.count == 0 {
            return;
        }
        if self.count == 0 {
            // A mean may need more digits than one float has.
            *self = *next;
            return;
        }
        let exponents = [0, 1].map(|side: usize| self.exponents[side].max(next.exponents[side]));
        let (own, next) = (self.scaled(exponents), next.scaled(exponents));
        let (count, part, product) = joined(own.count, next.count);
        let off = [0, 1].map(|side: usize| next.means[side].minus(own.means[side]));
        *self = Self {
            count,
            exponents,
            means: [0, 1].map(|side: usize| own.means[side].plus(off[side] * part)),
            squares: [0, 1]
                .map(|side: usize| own.squares[side] + (next.squares[side] + off[side] * off[side] * product)),
            products: own.products + (next.products + off[0] * off[1] * product),
        };
    }

    /// The same in greater powers of two.
    fn scaled(mut self, exponents: [i32; 2]) -> Self {
        if self.exponents != exponents {
            let powers = [0, 1].map(|side: usize| power_of_two(self.exponents[side] - exponents[side]));
            for (side, power) in powers.into_iter().enumerate() {
                self.means[side] = self.means[side].times(power);
                self.squares[side] = self.squares[side] * power * power;
            }
            self.products = self.products * powers[0] * powers[1];
            self.exponents = exponents;
        }
        self
    }

    /// Pearson's coefficient, from -1 to 1; `None` with fewer than two pairs, or where one side is always the same.
    pub(crate) fn correlation(&self) -> Option<f64> {
        let [one, other] = self.squares;
        // One root is nearer than two, where the product is within what floats hold.
        let scale = if (one * other).is_normal() { (one * other).sqrt() } else { one.sqrt() * other.sqrt() };
        let coefficient = || Aggregate::without_rounding((self.products / scale).clamp(-1.0, 1.0));
        (self.count > 1 && scale > 0.0).then(coefficient)
    }
}

#[expect(clippy::cast_precision_loss, reason = "means are 64-bit floats")]
fn mean_of(numbers: &[f64]) -> f64 {
    let [sum] = plain_sums(numbers, numbers, |number, _| [number]);
    if numbers.is_empty() { 0.0 } else { sum / numbers.len() as f64 }
}

/// A sum of products of deviations, less what is due to the means not being exact.
#[expect(clippy::cast_precision_loss, reason = "deviations are 64-bit floats")]
fn less(sum: f64, rest: f64, other: f64, count: usize) -> f64 {
    if count == 0 { 0.0 } else { sum - rest * other / count as f64 }
}

/// Squares, at least 0: rounding may take more than there is. NaN stays NaN.
fn not_negative(squares: f64) -> f64 {
    if squares < 0.0 { 0.0 } else { squares }
}

/// Of two counts the sum, the share of the second, and their product over their sum.
#[expect(clippy::cast_precision_loss, reason = "means are 64-bit floats")]
fn joined(count: u64, next: u64) -> (u64, f64, f64) {
    let all = count + next;
    let part = next as f64 / all as f64;
    (all, part, count as f64 * part)
}

/// Adds up numbers of known size in fixed point: the sum is the same in whatever order they come, and off by no more than
/// one part in 2^62 of the greatest for each.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FixedSum {
    scale: f64,
    sum: i128,
}

impl FixedSum {
    /// For numbers that are at most this far from 0.
    pub(crate) fn up_to(size: f64) -> Self {
        // The power of two above; beyond what floats scale by, small numbers count as 0.
        let exponent =
            if size.is_normal() { i32::try_from(size.to_bits() >> 52 & 0x7FF).unwrap_or(0) - 1022 } else { 0 };
        Self { scale: 2_f64.powi((62 - exponent).clamp(-962, 962)), sum: 0 }
    }

    /// Adds a number.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "scaled to at most 2^62")]
    pub(crate) fn add(&mut self, number: f64) {
        self.sum += i128::from((number * self.scale) as i64);
    }

    /// The sum of both, of the same size.
    pub(crate) const fn joined(mut self, other: Self) -> Self {
        self.sum += other.sum;
        self
    }

    /// The sum over this many.
    #[expect(clippy::cast_precision_loss, reason = "means are 64-bit floats")]
    pub(crate) fn over(&self, count: u64) -> f64 {
        self.sum as f64 / count as f64 / self.scale
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these come out exact")]
mod tests {
    use super::*;

    fn near(found: Option<f64>, expected: f64) -> bool {
        found.is_some_and(|found| (found - expected).abs() <= expected.abs() * 1e-14)
    }

    fn of(numbers: &[f64]) -> CentralMoments {
        CentralMoments::of(&Centred::of_floats(numbers))
    }

    fn of_pairs(one: &[f64], other: &[f64]) -> JointMoments {
        JointMoments::of(&Centred::of_floats(one), &Centred::of_floats(other))
    }

    /// Results of `statistics.stdev` and `statistics.correlation` of Python 3.
    #[test]
    fn deviations_and_correlations_are_right_in_any_parts() {
        let numbers = [2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0];
        let others = [1.0, 3.0, 2.0, 5.0, 4.0, 6.0, 8.0, 7.0];
        // The same however large or small numbers are.
        let least = f64::MIN_POSITIVE * 2_f64.powi(-38);
        for power in [1.0, 1e200, 1e-200, 1e300, least, 2_f64.powi(450), 2_f64.powi(-450)] {
            let numbers = numbers.map(|number| number * power);
            for cut in 0..=8 {
                let (mut all, mut joint) = (of(&numbers[..cut]), of_pairs(&numbers[..cut], &others[..cut]));
                all.join(&of(&numbers[cut..]));
                joint.join(&of_pairs(&numbers[cut..], &others[cut..]));
                assert!(near(all.mean(), 5.0 * power), "{power} {all:?}");
                let deviation = 2.138_089_935_299_395 * power;
                // The smallest floats have few digits.
                let rough =
                    power < 1e-300 && all.deviation().is_some_and(|found| (found / deviation - 1.0).abs() < 1e-3);
                assert!(rough || near(all.deviation(), deviation), "{power} {all:?}");
                assert!(near(joint.correlation(), 0.845_594_324_664_470_5), "{power} {joint:?}");
            }
        }
        // A mean that is large beside the deviations: squares alone would lose them.
        let far = [1e9 + 4.0, 1e9 + 7.0, 1e9 + 13.0, 1e9 + 16.0];
        assert_eq!(of(&far).deviation(), Some(30_f64.sqrt()));
        assert_eq!((of(&[]).mean(), of(&[1.0]).deviation()), (None, None));
        assert_eq!(of_pairs(&[1.0; 2], &[2.0, 3.0]).correlation(), None);
        assert_eq!(of_pairs(&[1.0, 2.0], &[-2.0, -4.0]).correlation(), Some(-1.0));
    }

    #[test]
    fn equal_numbers_have_no_deviation_from_rounding() {
        for number in [0.1, 1e300, 1e-300, 0.0, -7e15] {
            for parts in [[3, 4], [0, 1_000], [77, 1]] {
                let mut all = CentralMoments::default();
                for part in parts {
                    all.join(&of(&vec![number; part]));
                }
                assert_eq!((all.deviation(), all.mean()), (Some(0.0), Some(number)), "{parts:?}");
            }
        }
        assert_eq!(of_pairs(&[0.1; 9], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]).correlation(), None);
    }

    #[test]
    fn batches_of_other_sizes_go_together() {
        let mut all = of(&[1e-200, 3e-200]);
        all.join(&of(&[0.0; 3]));
        assert!(near(all.mean(), 0.8e-200), "{all:?}");
        // Squared deviations: 0.04 + 4.84 + 3 * 0.64.
        assert!(near(all.deviation(), 1.7_f64.sqrt() * 1e-200), "{all:?}");
        all.join(&of(&[1e200, -1e200]));
        assert!(near(all.deviation(), (2.0_f64 / 6.0).sqrt() * 1e200), "{all:?}");
        let mut turned = of(&[1e200, -1e200]);
        turned.join(&of(&[1e-200, 3e-200]));
        assert!(near(turned.deviation(), (2.0_f64 / 3.0).sqrt() * 1e200), "{turned:?}");
        // The deviation of these is more than a float holds, and infinite numbers have none.
        assert_eq!(of(&[f64::MAX, -f64::MAX]).deviation(), None);
        assert_eq!(of(&[f64::INFINITY, 1.0, 2.0]).deviation(), None);
        let mut joint = of_pairs(&[1e-200, 2e-200], &[1e200, 2e200]);
        joint.join(&of_pairs(&[3e-200, 4e-200], &[-1.0, 1e-100]));
        let expected = of_pairs(&[1.0, 2.0, 3.0, 4.0], &[1.0, 2.0, 0.0, 0.0]).correlation();
        assert!(near(joint.correlation(), expected.unwrap_or_default()), "{joint:?}");
    }

    #[test]
    fn large_whole_numbers_keep_all_digits() {
        let whole = |numbers: &[i64]| CentralMoments::of(&Centred::of_whole(numbers));
        let start = 1_i64 << 60;
        let numbers = [start, start + 1, start + 2, start + 3, start + 1, start + 1];
        for cut in 0..=6 {
            let mut all = CentralMoments::default();
            all.join(&whole(&numbers[..cut]));
            all.join(&whole(&numbers[cut..]));
            // The mean is 8 sixths above the start; squared deviations add up to 48 ninths, over 5.
            assert!(near(all.deviation(), (48.0_f64 / 45.0).sqrt()), "{all:?}");
        }
        let ends = whole(&[i64::MIN, i64::MAX, 0]);
        assert!(near(ends.deviation(), 2_f64.powi(63)), "{ends:?}");
        assert_eq!(whole(&[i64::MIN; 70]).deviation(), Some(0.0));
        let joint = |numbers: &[i64], others: &[f64]| {
            JointMoments::of(&Centred::of_whole(numbers), &Centred::of_floats(others)).correlation()
        };
        assert_eq!(joint(&[start, start + 1], &[1e-200, 3e-200]), Some(1.0));
    }

    #[test]
    fn fixed_sums_hang_on_no_order() {
        let numbers: Vec<f64> = (0..1_000).map(|n| f64::from(n) * 0.1 - 37.7).collect();
        let sum = |numbers: &mut dyn Iterator<Item = &f64>| {
            let mut sum = FixedSum::up_to(63.0);
            numbers.for_each(|number| sum.add(*number));
            sum.over(1_000)
        };
        let forward = sum(&mut numbers.iter());
        assert_eq!(forward, sum(&mut numbers.iter().rev()));
        assert!((forward - 12.25).abs() < 1e-14);
        for size in [0.0, f64::MIN_POSITIVE, 1.0, 1e300, f64::MAX] {
            let mut sum = FixedSum::up_to(size);
            sum.add(-size);
            sum.add(-size);
            let mut other = FixedSum::up_to(size);
            other.add(size);
            let sum = sum.joined(other);
            assert!((sum.over(1) + size).abs() <= size * 1e-15 || size < 1e-280, "{size}");
        }
    }
}
