//! Exact shares of large sums. Own code: `num-rational` reduces after each step, which takes minutes for the mean of
//! thousands of columns with different counts.

use std::cmp::Ordering;

use num_bigint::BigUint;

use crate::model::Score;

/// The hundredths of a full score.
const FULL: u32 = 10_000;

/// A share, not reduced.
#[derive(Debug, Clone)]
pub(super) struct Fraction {
    above: BigUint,
    /// Over 0.
    below: BigUint,
}

impl Fraction {
    /// So many of so many; of none it is a share of one.
    pub(super) fn new(part: u64, whole: u64) -> Self {
        Self { above: part.into(), below: whole.max(1).into() }
    }

    /// A score as a share.
    pub(super) fn of(score: Score) -> Self {
        Self::new(score.hundredths().into(), FULL.into())
    }

    /// Σ weight · share / Σ weight; `None` without shares.
    pub(super) fn mean(shares: impl Iterator<Item = (u32, Self)>) -> Option<Self> {
        let (mut above, mut below, mut weights) = (BigUint::ZERO, BigUint::from(1_u32), BigUint::ZERO);
        for (weight, share) in shares {
            let common = common_divisor(&below, &share.below);
            let lacking = &share.below / common;
            above = above * &lacking + share.above * weight * (&below / common);
            below *= lacking;
            weights += weight;
        }
        (weights > BigUint::ZERO).then(|| Self { above, below: below * weights })
    }

    /// The share with so many parts more.
    pub(super) fn plus(&self, other: &Self) -> Self {
        let common = common_divisor(&self.below, &other.below);
        let lacking = &other.below / common;
        Self { above: &self.above * &lacking + &other.above * (&self.below / common), below: &self.below * lacking }
    }

    /// So many parts of so many of the share.
    pub(super) fn times(self, part: u64, whole: u64) -> Self {
        Self { above: self.above * part, below: self.below * whole.max(1) }
    }

    /// The product of shares.
    pub(super) fn product<'f>(shares: impl Iterator<Item = &'f Self>) -> Self {
        shares.fold(Self::new(1, 1), |product, share| Self {
            above: product.above * &share.above,
            below: product.below * &share.below,
        })
    }

    /// The share to a power.
    pub(super) fn pow(&self, power: u32) -> Self {
        Self { above: self.above.pow(power), below: self.below.pow(power) }
    }

    /// The share as a score, cut to hundredths.
    pub(super) fn floor(&self) -> Score {
        let hundredths = &self.above * FULL / &self.below;
        Score::from_hundredths(u16::try_from(hundredths).unwrap_or(u16::MAX))
    }
}

/// A common divisor of two numbers: the greatest where the second has up to 128 bits, as the counts of a rule have.
fn common_divisor(large: &BigUint, small: &BigUint) -> u128 {
    let Ok(small) = u128::try_from(small) else { return 1 };
    let (mut one, mut other) = (small, u128::try_from(large % small).unwrap_or_default());
    while other > 0 {
        (one, other) = (other, one % other);
    }
    one
}

impl PartialEq for Fraction {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Fraction {}

impl PartialOrd for Fraction {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Fraction {
    fn cmp(&self, other: &Self) -> Ordering {
        (&self.above * &other.below).cmp(&(&other.above * &self.below))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_are_exact() {
        let mean = Fraction::mean(
            [(1, Fraction::new(1, 6)), (2, Fraction::new(1, 10)), (3, Fraction::new(7, 15))].into_iter(),
        );
        // (5 + 6 + 42) / 30 / 6
        assert_eq!(mean, Some(Fraction::new(53, 180)));
        assert_eq!(Fraction::mean(std::iter::empty()), None);
        assert_eq!(Fraction::new(1, 6).plus(&Fraction::new(1, 10)), Fraction::new(4, 15));
        assert_eq!(Fraction::new(3, 4).times(2, 3), Fraction::new(1, 2));
        assert_eq!(Fraction::mean([(1, Fraction::new(0, 0))].into_iter()), Some(Fraction::new(0, 7)));
    }

    #[test]
    fn shares_compare_and_are_cut() {
        assert!(Fraction::new(1, 3) < Fraction::new(34, 100) && Fraction::new(2, 6) == Fraction::new(1, 3));
        assert_eq!(Fraction::new(2, 3).floor().to_string(), "66.66");
        assert_eq!(Fraction::new(u64::MAX - 1, u64::MAX).floor().to_string(), "99.99");
        let product = Fraction::product([Fraction::new(1, 2), Fraction::new(2, 3)].iter());
        assert_eq!(product, Fraction::new(1, 3));
        assert_eq!(Fraction::new(1, 2).pow(3), Fraction::new(1, 8));
    }
}
