//! Folds over the values of chosen rows of a batch, 64 rows at a time: as a rule all of them are chosen, and then
//! no step depends on a single bit and several values are taken at once.

use std::borrow::Cow;

use crate::source::Bits;

/// Values that are taken side by side.
const LANES: usize = 8;

/// Calls `visit` with the values of 64 rows (at the end fewer) and with the bits of those that are chosen, where there
/// are any.
#[inline]
pub(crate) fn runs<'v, T>(values: &'v [T], rows: &Bits, mut visit: impl FnMut(&'v [T], u64)) {
    for (values, word) in values.chunks(64).zip(rows.words()).filter(|(_, word)| **word != 0) {
        visit(values, *word);
    }
}

/// Calls `visit` with each value whose bit is set.
#[inline]
pub(crate) fn ones<T: Copy>(values: &[T], mut word: u64, mut visit: impl FnMut(T)) {
    while word != 0 {
        visit(values[word.trailing_zeros() as usize]);
        word &= word - 1;
    }
}

/// The values of the rows.
pub(crate) fn those<'v, T: Copy>(values: &'v [T], rows: &Bits) -> Cow<'v, [T]> {
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

/// The best value; `None` without rows.
pub(crate) fn best<T: Copy>(values: &[T], rows: &Bits, better: impl Fn(T, T) -> bool) -> Option<T> {
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
pub(crate) fn sum_of_whole(values: &[i64], rows: &Bits) -> i128 {
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
pub(crate) fn sum_of_all(values: &[i64]) -> i128 {
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
pub(crate) fn span_of<T: PartialOrd + Copy>(values: &[T]) -> Option<(T, T)> {
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

/// Adds up a function of each pair of numbers, several side by side; both slices are of one length.
pub(crate) fn plain_sums<const N: usize>(one: &[f64], other: &[f64], of: impl Fn(f64, f64) -> [f64; N]) -> [f64; N] {
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
        }
    }
}
