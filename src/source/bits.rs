//! A set of rows of a batch, one bit a row.

/// A set of rows of a batch, one bit a row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bits {
    words: Vec<u64>,
    rows: usize,
}

/// The bits of up to 64 values.
#[inline]
fn word_of<T>(values: &[T], test: impl Fn(&T) -> bool) -> u64 {
    values.iter().enumerate().fold(0, |word, (bit, value)| word | u64::from(test(value)) << bit)
}

/// The bits of 64 rows, computed as a byte each first.
#[inline]
fn packed(test: impl Fn(usize) -> bool) -> u64 {
    let mut flags = [0_u8; 64];
    for (row, flag) in flags.iter_mut().enumerate() {
        *flag = test(row).into();
    }
    flags.as_chunks::<8>().0.iter().enumerate().fold(0, |word, (at, eight)| {
        // The lowest bits of eight bytes meet in the highest byte of the product.
        word | (u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56) << (8 * at)
    })
}

impl Bits {
    /// No row of `rows`.
    pub fn none(rows: usize) -> Self {
        Self { words: vec![0; rows.div_ceil(64)], rows }
    }

    /// Every row of `rows`.
    pub fn all(rows: usize) -> Self {
        let mut bits = Self { words: vec![u64::MAX; rows.div_ceil(64)], rows };
        bits.trim();
        bits
    }

    /// The rows for which `test` is true.
    #[inline]
    pub fn from_fn(rows: usize, mut test: impl FnMut(usize) -> bool) -> Self {
        let mut words = Vec::with_capacity(rows.div_ceil(64));
        let mut row = 0;
        while row < rows {
            let count = (rows - row).min(64);
            let mut word = 0_u64;
            for bit in 0..count {
                word |= u64::from(test(row + bit)) << bit;
            }
            words.push(word);
            row += count;
        }
        Self { words, rows }
    }

    /// The rows whose value passes the test.
    #[inline]
    pub fn of<T>(values: &[T], test: impl Fn(&T) -> bool) -> Self {
        // Whole words have a length that the compiler knows.
        let (whole, rest) = values.as_chunks::<64>();
        let mut words = Vec::with_capacity(values.len().div_ceil(64));
        words.extend(whole.iter().map(|values| {
            // Of narrow values many are compared at once, if what comes of them may be narrow too.
            if size_of::<T>() <= 4 { packed(|row| test(&values[row])) } else { word_of(values, &test) }
        }));
        if !rest.is_empty() {
            words.push(word_of(rest, &test));
        }
        Self { words, rows: values.len() }
    }

    /// The rows whose pair of values passes the test; both slices are of one length.
    #[inline]
    pub fn of_pairs<A, B>(left: &[A], right: &[B], test: impl Fn(&A, &B) -> bool) -> Self {
        debug_assert_eq!(left.len(), right.len(), "cells of one batch");
        let (whole, rest) = left.as_chunks::<64>();
        let (other_whole, other_rest) = right.as_chunks::<64>();
        let mut words = Vec::with_capacity(left.len().div_ceil(64));
        words.extend(whole.iter().zip(other_whole).map(|(left, right)| {
            if size_of::<A>() <= 4 && size_of::<B>() <= 4 {
                return packed(|row| test(&left[row], &right[row]));
            }
            let pairs = left.iter().zip(right).enumerate();
            pairs.fold(0, |word, (bit, (a, b))| word | u64::from(test(a, b)) << bit)
        }));
        if !rest.is_empty() {
            let pairs = rest.iter().zip(other_rest).enumerate();
            words.push(pairs.fold(0, |word, (bit, (a, b))| word | u64::from(test(a, b)) << bit));
        }
        Self { words, rows: left.len() }
    }

    /// The rows whose bit is set in a bitmap, lowest bit first, that starts `offset` bits into `bytes`.
    pub fn from_bitmap(bytes: &[u8], offset: usize, rows: usize) -> Self {
        let bytes = bytes.get(offset / 8..).unwrap_or_default();
        let shift = offset % 8;
        let byte = |at: usize| u64::from(bytes.get(at).copied().unwrap_or_default());
        let words = (0..rows.div_ceil(64)).map(|word| {
            let at = word * 8;
            let low = match bytes.get(at..).and_then(<[u8]>::first_chunk) {
                Some(chunk) => u64::from_le_bytes(*chunk),
                None => (0..8).fold(0, |word, place| word | byte(at + place) << (8 * place)),
            };
            if shift == 0 { low } else { low >> shift | byte(at + 8) << (64 - shift) }
        });
        let mut bits = Self { words: words.collect(), rows };
        bits.trim();
        bits
    }

    /// Clears the bits beyond the last row.
    fn trim(&mut self) {
        if let (Some(last), used @ 1..) = (self.words.last_mut(), self.rows % 64) {
            *last &= (1 << used) - 1;
        }
    }

    /// How many rows there are in all.
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// The bits, 64 rows a word, the first row lowest; bits beyond the last row are 0.
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    /// Whether the row is in the set.
    #[inline]
    pub fn get(&self, row: usize) -> bool {
        self.words.get(row / 64).is_some_and(|word| word >> (row % 64) & 1 == 1)
    }

    /// Puts the row into the set.
    #[inline]
    pub fn set(&mut self, row: usize) {
        if row < self.rows {
            self.words[row / 64] |= 1 << (row % 64);
        }
    }

    /// How many rows are in the set.
    pub fn count(&self) -> u64 {
        self.words.iter().map(|word| u64::from(word.count_ones())).sum()
    }

    /// Whether no row is in the set.
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// Rows in both sets.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        self.zip(other, |a, b| a & b)
    }

    /// Rows in at least one of the sets.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        self.zip(other, |a, b| a | b)
    }

    /// Rows of this set that are not in the other.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        self.zip(other, |a, b| a & !b)
    }

    /// Rows that are not in the set.
    #[must_use]
    pub fn not(&self) -> Self {
        let mut bits = Self { words: self.words.iter().map(|word| !word).collect(), rows: self.rows };
        bits.trim();
        bits
    }

    fn zip(&self, other: &Self, join: impl Fn(u64, u64) -> u64) -> Self {
        debug_assert_eq!(self.rows, other.rows, "sets of rows of one batch");
        Self { words: self.words.iter().zip(&other.words).map(|(a, b)| join(*a, *b)).collect(), rows: self.rows }
    }

    /// The rows of the set, ascending.
    pub fn ones(&self) -> impl Iterator<Item = usize> + '_ {
        self.words.iter().enumerate().flat_map(|(at, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                (rest != 0).then(|| {
                    let bit = rest.trailing_zeros() as usize;
                    rest &= rest - 1;
                    at * 64 + bit
                })
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn rows_are_those_that_pass(values in proptest::collection::vec(any::<i32>(), 0..300), bound in any::<i32>()) {
            let expected = Bits::from_fn(values.len(), |row| values[row] >= bound);
            prop_assert_eq!(&Bits::of(&values, |value| *value >= bound), &expected);
            let (wide, bounds) = (values.iter().map(|value| i64::from(*value)).collect::<Vec<_>>(), vec![bound; values.len()]);
            prop_assert_eq!(&Bits::of(&wide, |value| *value >= i64::from(bound)), &expected);
            prop_assert_eq!(&Bits::of_pairs(&values, &bounds, |value, bound| value >= bound), &expected);
            prop_assert_eq!(&Bits::of_pairs(&wide, &bounds, |value, bound| *value >= i64::from(*bound)), &expected);
        }

        #[test]
        fn a_bitmap_is_read_from_any_bit(bytes in proptest::collection::vec(any::<u8>(), 0..40), offset in 0..30_usize) {
            let all = bytes.len() * 8;
            let offset = offset.min(all);
            for rows in [all - offset, (all - offset) / 2] {
                let bits = Bits::from_bitmap(&bytes, offset, rows);
                let expected =
                    Bits::from_fn(rows, |row| bytes[(offset + row) / 8] >> ((offset + row) % 8) & 1 == 1);
                prop_assert_eq!(bits, expected);
            }
        }
    }
}
