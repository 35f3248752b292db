//! A sample of the different texts of a column, the same in any order of the texts.

use std::collections::BTreeMap;

use crate::identifiers::LONGEST_SLIP;

/// The maximum number of texts.
const MOST: usize = 256;

/// The first texts in a fixed pseudo-random order, each with its number of occurrences.
///
/// A text that is pushed out comes after [`MOST`] others forever, so the texts that remain were counted from their
/// first occurrence.
#[derive(Debug, Clone, Default)]
pub(super) struct ValueSample {
    texts: BTreeMap<(u64, Box<str>), u64>,
}

/// Spreads a text over 64 bits (FNV-1a, then mixed), the same on every machine.
pub(super) fn scatter(text: &str) -> u64 {
    let hash = text
        .bytes()
        .fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3));
    let hash = (hash ^ hash >> 32).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    hash ^ hash >> 32
}

impl ValueSample {
    /// Adds occurrences of a text.
    pub(super) fn add(&mut self, scattered: u64, text: &str, count: u64) {
        // Slips are not looked for in longer ones.
        if text.len() > LONGEST_SLIP {
            return;
        }
        if self.texts.len() >= MOST
            && self.texts.last_key_value().is_some_and(|((last, known), _)| (*last, &**known) < (scattered, text))
        {
            return;
        }
        *self.texts.entry((scattered, text.into())).or_default() += count;
        if self.texts.len() > MOST {
            self.texts.pop_last();
        }
    }

    /// Merges another sample.
    pub(super) fn merge(&mut self, other: Self) {
        for ((scattered, text), count) in other.texts {
            self.add(scattered, &text, count);
        }
    }

    /// The texts, each with its number of occurrences.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.texts.iter().map(|((_, text), count)| (&**text, *count))
    }
}

/// Whether there were at least three different texts. Which of more are kept does not matter, and so neither does
/// order.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Few {
    scattered: [Option<u64>; 3],
}

impl Few {
    /// Whether there were enough.
    pub(super) fn is_full(&self) -> bool {
        self.scattered.iter().all(Option::is_some)
    }

    /// Adds a text.
    pub(super) fn add(&mut self, scattered: u64) {
        if !self.scattered.contains(&Some(scattered))
            && let Some(free) = self.scattered.iter_mut().find(|one| one.is_none())
        {
            *free = Some(scattered);
        }
    }

    /// Merges another one.
    pub(super) fn merge(&mut self, other: Self) {
        other.scattered.into_iter().flatten().for_each(|one| self.add(one));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn few_are_told_from_three_different() {
        let mut few = Few::default();
        for one in [7, 7, 9, 7] {
            few.add(one);
        }
        assert!(!few.is_full());
        let mut other = Few::default();
        for one in [9, 7] {
            other.add(one);
        }
        other.merge(few);
        assert!(!other.is_full());
        other.add(0);
        assert!(other.is_full());
    }

    proptest! {
        #[test]
        fn neither_order_nor_parts_matter(texts in proptest::collection::vec(0..600_u32, 0..3_000), cut in 0..3_000_usize) {
            let keep = |texts: &mut dyn Iterator<Item = &u32>| {
                let mut sample = ValueSample::default();
                texts.map(u32::to_string).for_each(|text| sample.add(scatter(&text), &text, 1));
                sample
            };
            let whole = keep(&mut texts.iter());
            let (front, back) = texts.split_at(cut.min(texts.len()));
            let mut parts = keep(&mut back.iter().rev());
            parts.merge(keep(&mut front.iter()));
            prop_assert_eq!(&parts.texts, &whole.texts);
            let mut different = texts.clone();
            different.sort_unstable();
            different.dedup();
            prop_assert_eq!(whole.texts.len(), different.len().min(MOST));
            for (text, count) in whole.iter() {
                prop_assert_eq!(texts.iter().filter(|one| one.to_string() == text).count() as u64, count);
            }
        }
    }
}
