//! Folds over the values of chosen rows of a batch, 64 rows at a time: as a rule all of them are chosen, and then nothing
//! hangs on a single bit and values are taken several at once.

use std::borrow::Cow;

use crate::source::Bits;

/// Values that are taken side by side.
const LANES: usize = 8;

/// Calls `visit` with the values of 64 rows (at the end fewer) and with the bits of those that are chosen, where there are
/// any.
fn runs<'v, T>(values: &'v [T], rows: &Bits, mut visit: impl FnMut(&'v [T], u64)) {
    for (values, word) in values.chunks(64).zip(rows.words()).filter(|(_, word)| **word != 0) {
        visit(values, *word);
    }
}

/// Calls `visit` with each value whose bit is set.
fn ones<T: Copy>(values: &[T], mut word: u64, mut visit: impl FnMut(T)) {
    while word != 0 {
        visit(values[word.trailing_zeros() as usize]);
        word &= word - 1;
    }
}

/// The values of the rows.
pub(super) fn those<'v, T: Copy>(values: &'v [T], rows: &Bits) -> Cow<'v, [T]> {
    let count = usize::try_from(rows.count()).unwrap_or(usize::MAX);
    if count == values.len() {
        return Cow::Borrowed(values);
    }
    let mut found = Vec::with_capacity(count);
    runs(values, rows, |values, word| {
        if word == u64::MAX {
            found.extend_from_slice(values);
        } else {
            ones(values, word, |value| found.push(value));
        }
    });
    Cow::Owned(found)
}

/// A value than which no other is better; `None` without rows.
pub(super) fn best<T: Copy>(values: &[T], rows: &Bits, better: impl Fn(T, T) -> bool) -> Option<T> {
    let best_of = |known: T, value: T| if better(value, known) { value } else { known };
    let mut best: Option<T> = None;
    runs(values, rows, |values, word| {
        let keep = |value| best = Some(best.map_or(value, |known| best_of(known, value)));
        match values.as_chunks::<LANES>().0 {
            [first, others @ ..] if word == u64::MAX => {
                let mut lanes = *first;
                for other in others {
                    lanes.iter_mut().zip(other).for_each(|(lane, value)| *lane = best_of(*lane, *value));
                }
                lanes.into_iter().for_each(keep);
            }
            _ => ones(values, word, keep),
        }
    });
    best
}

/// The sum of whole numbers; exact.
pub(super) fn sum_of_whole(values: &[i64], rows: &Bits) -> i128 {
    let mut sum = 0_i128;
    runs(values, rows, |values, word| {
        if word == u64::MAX {
            sum += sum_of_run(values);
        } else {
            ones(values, word, |value| sum += i128::from(value));
        }
    });
    sum
}

/// The sum of whole numbers, all of them; exact.
pub(super) fn sum_of_all(values: &[i64]) -> i128 {
    values.chunks(64).map(sum_of_run).sum()
}

/// The sum of up to 64 whole numbers.
fn sum_of_run(values: &[i64]) -> i128 {
    // The sum of 64 numbers of up to 57 bits fits.
    let (total, bits) = values
        .iter()
        .fold((0_i64, 0), |(total, bits), value| (total.wrapping_add(*value), bits | (value ^ value >> 63)));
    if bits >> 57 == 0 { i128::from(total) } else { values.iter().copied().map(i128::from).sum() }
}

/// The least and the greatest of some values; `None` without any.
pub(super) fn span_of<T: PartialOrd + Copy>(values: &[T]) -> Option<(T, T)> {
    let first = *values.first()?;
    let (mut least, mut greatest) = ([first; LANES], [first; LANES]);
    let (eights, rest) = values.as_chunks::<LANES>();
    for values in eights {
        for lane in 0..LANES {
            least[lane] = if values[lane] < least[lane] { values[lane] } else { least[lane] };
            greatest[lane] = if values[lane] > greatest[lane] { values[lane] } else { greatest[lane] };
        }
    }
    let ends = |from: (T, T), (low, high): (&T, &T)| {
        (if *low < from.0 { *low } else { from.0 }, if *high > from.1 { *high } else { from.1 })
    };
    let span = least.iter().zip(&greatest).fold((first, first), ends);
    Some(rest.iter().zip(rest).fold(span, ends))
}

/// The sum of floats. Where it leaves what floats hold on the way, a 2^64th of it is still there.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct DecimalSum {
    /// The sum, and what rounding took from it.
    sum: (f64, f64),
    reduced: (f64, f64),
}

impl DecimalSum {
    const REDUCED: f64 = 1.0 / 18_446_744_073_709_551_616.0;

    /// The sum of those that are chosen.
    pub(super) fn of(values: &[f64], rows: &Bits) -> Self {
        let sum = sum_of_decimal(values, rows);
        let reduced = if sum.0.is_finite() {
            (sum.0 * Self::REDUCED, sum.1 * Self::REDUCED)
        } else {
            let values: Vec<f64> = values.iter().map(|value| value * Self::REDUCED).collect();
            sum_of_decimal(&values, rows)
        };
        Self { sum, reduced }
    }

    /// Adds a number.
    pub(super) fn add(&mut self, number: f64) {
        add_decimal(&mut self.sum, number);
        add_decimal(&mut self.reduced, number * Self::REDUCED);
    }

    /// Adds the sum of others.
    pub(super) fn join(&mut self, next: &Self) {
        for (all, next) in [(&mut self.sum, next.sum), (&mut self.reduced, next.reduced)] {
            add_decimal(all, next.0);
            all.1 += next.1;
        }
    }

    /// The sum; `None` where all numbers are finite and it is more than floats hold.
    pub(super) fn total(&self) -> Option<f64> {
        self.over(1.0)
    }

    /// The sum divided by a number that is not under 1.
    pub(super) fn over(&self, count: f64) -> Option<f64> {
        let total = self.sum.0 + self.sum.1;
        if total.is_finite() {
            return Some(total / count);
        }
        let reduced = (self.reduced.0 + self.reduced.1) / count;
        let total = reduced / Self::REDUCED;
        // Infinite or no number at all because one of the numbers is infinite.
        (total.is_finite() || !reduced.is_finite()).then_some(total)
    }
}

/// The sum of floats, and what rounding took from it. Infinite where values or their sums are.
fn sum_of_decimal(values: &[f64], rows: &Bits) -> (f64, f64) {
    let (mut sums, mut lost) = ([0.0; LANES], [0.0; LANES]);
    let mut add = |values: &[f64]| {
        for values in values.as_chunks::<LANES>().0 {
            for lane in 0..LANES {
                // What rounding takes, without asking which is larger: D. E. Knuth, "The Art of Computer Programming" 2,
                // 4.2.2.
                let total = sums[lane] + values[lane];
                let part = total - sums[lane];
                lost[lane] += (sums[lane] - (total - part)) + (values[lane] - part);
                sums[lane] = total;
            }
        }
    };
    runs(values, rows, |values, word| {
        if word == u64::MAX {
            add(values);
        } else {
            let mut chosen = [0.0; 64];
            for (row, value) in values.iter().enumerate() {
                chosen[row] = if word >> row & 1 == 1 { *value } else { 0.0 };
            }
            add(&chosen);
        }
    });
    let mut all = (0.0, 0.0);
    for (sum, lost) in sums.into_iter().zip(lost) {
        add_decimal(&mut all, sum);
        all.1 += lost;
    }
    if all.0.is_finite() && all.1.is_finite() {
        return all;
    }
    let mut all = (0.0, 0.0);
    runs(values, rows, |values, word| ones(values, word, |value| add_decimal(&mut all, value)));
    all
}

/// Adds a number and keeps what rounding took; A. Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation
/// endlicher Summen", ZAMM 54 (1974).
fn add_decimal((sum, lost): &mut (f64, f64), number: f64) {
    let total = *sum + number;
    if !total.is_finite() {
        // Beyond the floats nothing is left to correct.
        *sum = total;
        return;
    }
    *lost += if sum.abs() >= number.abs() { (*sum - total) + number } else { (number - total) + *sum };
    *sum = total;
}

/// Adds up what becomes of each pair of numbers, several side by side; both slices are of one length.
pub(super) fn plain_sums<const N: usize>(one: &[f64], other: &[f64], of: impl Fn(f64, f64) -> [f64; N]) -> [f64; N] {
    let ((eights, rest), (other_eights, other_rest)) = (one.as_chunks::<LANES>(), other.as_chunks::<LANES>());
    let mut lanes = [[0.0; LANES]; N];
    for (one, other) in eights.iter().zip(other_eights) {
        for lane in 0..LANES {
            let parts = of(one[lane], other[lane]);
            (0..N).for_each(|sum| lanes[sum][lane] += parts[sum]);
        }
    }
    let mut sums = lanes.map(|lanes| lanes.iter().sum());
    for (one, other) in rest.iter().zip(other_rest) {
        let parts = of(*one, *other);
        (0..N).for_each(|sum| sums[sum] += parts[sum]);
    }
    sums
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Values, and which rows are chosen: all, most or few of them.
    fn rows() -> impl Strategy<Value = (Vec<i64>, Bits)> {
        let value = prop_oneof![-9..9_i64, any::<i64>()];
        let chosen = prop_oneof![Just(1.0), Just(0.99), Just(0.1)];
        (proptest::collection::vec(value, 0..400), chosen).prop_flat_map(|(values, share)| {
            let bits = proptest::collection::vec(proptest::bool::weighted(share), values.len());
            (Just(values), bits.prop_map(|bits| Bits::from_fn(bits.len(), |row| bits[row])))
        })
    }

    proptest! {
        #[test]
        fn folds_are_those_of_each_row((values, rows) in rows()) {
            let chosen: Vec<i64> = rows.ones().map(|row| values[row]).collect();
            prop_assert_eq!(&*those(&values, &rows), &chosen);
            prop_assert_eq!(best(&values, &rows, |a, b| a > b), chosen.iter().copied().max());
            prop_assert_eq!(best(&values, &rows, |a, b| a < b), chosen.iter().copied().min());
            prop_assert_eq!(span_of(&chosen), chosen.iter().copied().min().zip(chosen.iter().copied().max()));
            prop_assert_eq!(sum_of_all(&chosen), sum_of_whole(&values, &rows));
            let sum: i128 = chosen.iter().copied().map(i128::from).sum();
            prop_assert_eq!(sum_of_whole(&values, &rows), sum);
            #[expect(clippy::cast_precision_loss, reason = "small numbers are exact")]
            let floats: Vec<f64> = values.iter().map(|value| (value % 1_000) as f64 / 10.0).collect();
            let exact: i64 = chosen.iter().map(|value| value % 1_000).sum();
            let (sum, lost) = sum_of_decimal(&floats, &rows);
            #[expect(clippy::cast_precision_loss, reason = "small numbers are exact")]
            let exact = exact as f64 / 10.0;
            prop_assert!((sum + lost - exact).abs() < 1e-9, "{} is not {}", sum + lost, exact);
        }
    }

    #[test]
    fn sums_that_leave_the_floats_come_back() {
        let sum = |values: &[f64]| DecimalSum::of(values, &Bits::all(values.len()));
        let large = [1e308, 1e308, -1e308];
        assert_eq!(sum(&large).total(), Some(1e308));
        assert_eq!(sum(&large[..2]).total(), None);
        assert_eq!(sum(&large[..2]).over(2.0), Some(1e308));
        assert_eq!(sum(&[f64::INFINITY, 1.0]).total(), Some(f64::INFINITY));
        assert_eq!(sum(&[1e-320, 1e-320]).over(2.0), Some(1e-320));
        for cut in 0..=3 {
            let (mut all, mut each) = (sum(&large[..cut]), DecimalSum::default());
            all.join(&sum(&large[cut..]));
            for number in large {
                each.add(number);
            }
            assert_eq!((all.over(3.0), each.over(3.0)), (Some(1e308 / 3.0), Some(1e308 / 3.0)), "{cut}");
        }
    }

    #[test]
    fn what_rounding_takes_comes_back() {
        let values: Vec<f64> = [1e16, 1.0, -1e16, 1.0].into_iter().cycle().take(400).collect();
        let (sum, lost) = sum_of_decimal(&values, &Bits::all(400));
        assert!((sum + lost - 200.0).abs() < f64::EPSILON, "{}", sum + lost);
        let infinite = [f64::INFINITY; 70];
        assert!(sum_of_decimal(&infinite, &Bits::all(70)).0.is_infinite());
        // Garbage of rows that are not chosen has no say.
        let mut values = vec![1.0; 70];
        values[3] = f64::NAN;
        assert!((sum_of_decimal(&values, &Bits::from_fn(70, |row| row != 3)).0 - 69.0).abs() < f64::EPSILON);
    }
}
