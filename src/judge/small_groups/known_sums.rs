//! Which sums of unknown counts follow from sums that are known.

use std::collections::BTreeMap;

/// Sums are calculated modulo this prime, 2^61 - 1: that one seems to follow which does not is as good as impossible, and would
/// only hide more.
const PRIME: u64 = (1 << 61) - 1;

/// A sum of unknowns: for each its factor, which is not 0.
type Terms = BTreeMap<usize, u64>;

/// Sums of unknowns that are known, in echelon form (Gaussian elimination).
#[derive(Debug)]
pub(super) struct KnownSums {
    /// By the first unknown of each, whose factor is 1: the others.
    rows: BTreeMap<usize, Vec<(usize, u64)>>,
    /// How many more steps may be taken.
    steps: u64,
}

/// There are too many sums to find out.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooMany;

impl KnownSums {
    /// No sum is known yet. To find out what follows may take so many steps.
    pub(super) const fn within(steps: u64) -> Self {
        Self { rows: BTreeMap::new(), steps }
    }

    /// Adds the sum of some unknowns less the sum of others.
    ///
    /// # Errors
    /// If that takes too many steps.
    pub(super) fn add(
        &mut self,
        plus: impl IntoIterator<Item = usize>,
        minus: impl IntoIterator<Item = usize>,
    ) -> Result<(), TooMany> {
        let plus = plus.into_iter().map(|unknown| (unknown, 1));
        let minus = minus.into_iter().map(|unknown| (unknown, PRIME - 1));
        let mut rest = self.reduce(plus.chain(minus).collect())?;
        if let Some((first, factor)) = rest.pop_first() {
            let scale = inverse(factor);
            self.rows
                .insert(first, rest.into_iter().map(|(unknown, factor)| (unknown, times(factor, scale))).collect());
        }
        Ok(())
    }

    /// Whether the sum of these unknowns follows.
    ///
    /// # Errors
    /// If that takes too many steps to find out.
    pub(super) fn determine(&mut self, sum: impl IntoIterator<Item = usize>) -> Result<bool, TooMany> {
        Ok(self.reduce(sum.into_iter().map(|unknown| (unknown, 1)).collect())?.is_empty())
    }

    /// What is left of a sum once all that is known is taken away.
    fn reduce(&mut self, mut sum: Terms) -> Result<Terms, TooMany> {
        let mut from = 0;
        while let Some((unknown, factor)) = sum.range(from..).next().map(|(unknown, factor)| (*unknown, *factor)) {
            if let Some(row) = self.rows.get(&unknown) {
                self.steps = self.steps.checked_sub(1 + row.len() as u64).ok_or(TooMany)?;
                sum.remove(&unknown);
                for (other, of_row) in row {
                    let taken = times(factor, *of_row);
                    let left = (sum.get(other).copied().unwrap_or_default() + PRIME - taken) % PRIME;
                    if left == 0 {
                        sum.remove(other);
                    } else {
                        sum.insert(*other, left);
                    }
                }
            }
            from = unknown + 1;
        }
        Ok(sum)
    }
}

/// The product modulo the prime.
fn times(one: u64, other: u64) -> u64 {
    let product = u128::from(one) * u128::from(other) % u128::from(PRIME);
    u64::try_from(product).unwrap_or_default()
}

/// What gives 1 multiplied with it (Fermat's little theorem).
fn inverse(factor: u64) -> u64 {
    let (mut inverse, mut power, mut exponent) = (1, factor, PRIME - 2);
    while exponent > 0 {
        if exponent % 2 == 1 {
            inverse = times(inverse, power);
        }
        power = times(power, power);
        exponent /= 2;
    }
    inverse
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_follows_where_others_leave_nothing_open() {
        let mut known = KnownSums::within(1_000);
        known.add([0, 1], []).unwrap();
        known.add([1, 2], []).unwrap();
        assert_eq!(known.determine([0]), Ok(false));
        assert_eq!(known.determine([0, 1, 2]), Ok(false));
        known.add([0], [2]).unwrap();
        assert_eq!(known.determine([1]), Ok(false), "this follows from the first two already");
        known.add([0, 2], []).unwrap();
        assert!([0, 1, 2].iter().all(|unknown| known.determine([*unknown]) == Ok(true)));
        assert_eq!(known.determine([3]), Ok(false));
        assert_eq!(known.determine([]), Ok(true));
    }

    #[test]
    fn what_takes_too_long_is_said() {
        let mut known = KnownSums::within(1);
        known.add([0, 1], []).unwrap();
        assert_eq!(known.determine([2]), Ok(false));
        assert_eq!(known.determine([0]), Err(TooMany));
    }

    #[test]
    fn the_inverse_is_one() {
        for factor in [1, 2, 3, PRIME - 1, 1 << 60] {
            assert_eq!(times(factor, inverse(factor)), 1);
        }
    }
}
