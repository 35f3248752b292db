//! How far numbers lie from their mean, and how two of them go together.
//!
//! Within a batch the mean is known before deviations are added up; batches are then joined in the order of rows, which
//! loses nothing where a mean is large beside its deviations, as a sum of squares would. T. F. Chan, G. H. Golub and R. J.
//! `LeVeque`, "Updating Formulae and a Pairwise Algorithm for Computing Sample Variances", Stanford CS-79-773 (1979).

use super::chosen::plain_sums;

/// Numbers with their mean and the sum of their squared deviations from it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Moments {
    count: u64,
    mean: f64,
    squares: f64,
}

impl Moments {
    /// Those of some numbers.
    pub(super) fn of(numbers: &[f64]) -> Self {
        let mean = mean_of(numbers);
        // What rounding left in the mean is taken out again.
        let [squares, rest] = plain_sums(numbers, numbers, |number, _| {
            let off = number - mean;
            [off * off, off]
        });
        Self { count: numbers.len() as u64, mean, squares: less(squares, rest, rest, numbers.len()) }
    }

    /// Takes in the numbers that follow.
    pub(super) fn join(&mut self, next: &Self) {
        if next.count == 0 {
            return;
        }
        let (count, part, product) = joined(self.count, next.count);
        let off = next.mean - self.mean;
        self.squares += next.squares + off * off * product;
        self.mean += off * part;
        self.count = count;
    }

    /// The mean; `None` without numbers.
    pub(super) fn mean(&self) -> Option<f64> {
        (self.count > 0).then_some(self.mean)
    }

    /// The deviation of a sample (divided by one less than their number); `None` with fewer than two numbers.
    #[expect(clippy::cast_precision_loss, reason = "deviations are 64-bit floats")]
    pub(super) fn deviation(&self) -> Option<f64> {
        (self.count > 1).then(|| (self.squares / (self.count - 1) as f64).sqrt())
    }
}

/// Pairs of numbers with their means and the sums of the products of their deviations.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct JointMoments {
    count: u64,
    means: [f64; 2],
    squares: [f64; 2],
    products: f64,
}

impl JointMoments {
    /// Those of some pairs; both slices are of one length.
    pub(super) fn of(one: &[f64], other: &[f64]) -> Self {
        let count = one.len();
        let means = [mean_of(one), mean_of(other)];
        let [first, second, products, rest, other_rest] = plain_sums(one, other, |one, other| {
            let (one, other) = (one - means[0], other - means[1]);
            [one * one, other * other, one * other, one, other]
        });
        Self {
            count: count as u64,
            means,
            squares: [less(first, rest, rest, count), less(second, other_rest, other_rest, count)],
            products: less(products, rest, other_rest, count),
        }
    }

    /// Takes in the pairs that follow.
    pub(super) fn join(&mut self, next: &Self) {
        if next.count == 0 {
            return;
        }
        let (count, part, product) = joined(self.count, next.count);
        let off = [next.means[0] - self.means[0], next.means[1] - self.means[1]];
        for (side, off) in off.iter().enumerate() {
            self.squares[side] += next.squares[side] + off * off * product;
            self.means[side] += off * part;
        }
        self.products += next.products + off[0] * off[1] * product;
        self.count = count;
    }

    /// Pearson's coefficient, from -1 to 1; `None` with fewer than two pairs, or where one side is always the same.
    pub(super) fn correlation(&self) -> Option<f64> {
        let [one, other] = self.squares;
        // One root is nearer than two, where the product is within what floats hold.
        let scale = if (one * other).is_normal() { (one * other).sqrt() } else { one.sqrt() * other.sqrt() };
        (self.count > 1 && scale > 0.0).then(|| (self.products / scale).clamp(-1.0, 1.0))
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
pub(super) struct FixedSum {
    scale: f64,
    sum: i128,
}

impl FixedSum {
    /// For numbers that are at most this far from 0.
    pub(super) fn up_to(size: f64) -> Self {
        // The power of two above; beyond what floats scale by, small numbers count as 0.
        let exponent =
            if size.is_normal() { i32::try_from(size.to_bits() >> 52 & 0x7FF).unwrap_or(0) - 1022 } else { 0 };
        Self { scale: 2_f64.powi((62 - exponent).clamp(-962, 962)), sum: 0 }
    }

    /// Adds a number.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "scaled to at most 2^62")]
    pub(super) fn add(&mut self, number: f64) {
        self.sum += i128::from((number * self.scale) as i64);
    }

    /// Adds the sum of others of the same size.
    pub(super) const fn join(&mut self, other: &Self) {
        self.sum += other.sum;
    }

    /// The sum over this many.
    #[expect(clippy::cast_precision_loss, reason = "means are 64-bit floats")]
    pub(super) fn over(&self, count: u64) -> f64 {
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

    /// Figures of `statistics.stdev` and `statistics.correlation` of Python 3.
    #[test]
    fn deviations_and_correlations_are_right_in_any_parts() {
        let numbers = [2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0];
        let others = [1.0, 3.0, 2.0, 5.0, 4.0, 6.0, 8.0, 7.0];
        for cut in 0..=8 {
            let (mut all, mut joint) =
                (Moments::of(&numbers[..cut]), JointMoments::of(&numbers[..cut], &others[..cut]));
            all.join(&Moments::of(&numbers[cut..]));
            joint.join(&JointMoments::of(&numbers[cut..], &others[cut..]));
            assert!(near(all.mean(), 5.0), "{all:?}");
            assert!(near(all.deviation(), 2.138_089_935_299_395), "{all:?}");
            assert!(near(joint.correlation(), 0.845_594_324_664_470_5), "{joint:?}");
        }
        // A mean that is large beside the deviations: squares alone would leave nothing of them.
        let far = [1e9 + 4.0, 1e9 + 7.0, 1e9 + 13.0, 1e9 + 16.0];
        assert_eq!(Moments::of(&far).deviation(), Some(30_f64.sqrt()));
        assert_eq!((Moments::of(&[]).mean(), Moments::of(&[1.0]).deviation()), (None, None));
        assert_eq!(JointMoments::of(&[1.0; 2], &[2.0, 3.0]).correlation(), None);
        assert_eq!(JointMoments::of(&[1.0, 2.0], &[-2.0, -4.0]).correlation(), Some(-1.0));
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
            sum.join(&other);
            assert!((sum.over(1) + size).abs() <= size * 1e-15 || size < 1e-280, "{size}");
        }
    }
}
