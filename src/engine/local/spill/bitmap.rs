//! A set of numbers, one bit each, as long as they are near each other. A number then costs one bit of memory and almost no
//! time; alone it would take 40 bytes.
//!
//! Not the crate `roaring`: a page must be paid for before it is taken, and once numbers are too far apart all are given
//! back; a roaring bitmap finds its size only by going through all its containers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::engine::local::memory::KeyMemory;

/// Bits of a number that distinguish it from the others of its page.
const PAGE_BITS: u32 = 16;

/// Words of a page.
const PAGE_WORDS: usize = 1 << (PAGE_BITS - 6);

/// Bytes of a page.
const PAGE_BYTES: usize = PAGE_WORDS * size_of::<u64>();

/// Bytes of pages that are never too many.
const FEW_BYTES: usize = 1 << 20;

/// Bytes of pages that a number may cost.
const BYTES_EACH: usize = 40;

/// The numbers.
#[derive(Debug)]
pub(crate) struct NearNumbers {
    memory: Arc<KeyMemory>,
    /// `None` once they were too far apart.
    pages: Mutex<Option<Pages>>,
}

/// Pages of bits, by the upper bits of their numbers.
#[derive(Debug, Default)]
pub(crate) struct Pages {
    pages: BTreeMap<u64, Box<[u64; PAGE_WORDS]>>,
    /// How many numbers were entered, including duplicates.
    entered: usize,
}

impl NearNumbers {
    /// None seen yet.
    pub(crate) fn new(memory: &Arc<KeyMemory>) -> Self {
        Self { memory: Arc::clone(memory), pages: Mutex::new(Some(Pages::default())) }
    }

    /// Enters numbers. Where they are too far apart, or there is no memory, all that were entered before are given
    /// back; these and all later ones must be kept elsewhere.
    ///
    /// # Errors
    /// The numbers entered before, some of these perhaps among them.
    pub(crate) fn enter(&self, numbers: &[u64]) -> Result<(), Pages> {
        let mut held = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(pages) = held.as_mut() else { return Err(Pages::default()) };
        if pages.enter(numbers, &self.memory) {
            return Ok(());
        }
        let pages = held.take().unwrap_or_default();
        self.memory.give_back(pages.bytes());
        Err(pages)
    }

    /// All numbers, unless they had to be kept elsewhere.
    pub(crate) fn finish(self) -> Pages {
        let pages = self.pages.into_inner().unwrap_or_else(PoisonError::into_inner).unwrap_or_default();
        self.memory.give_back(pages.bytes());
        pages
    }
}

impl Pages {
    fn bytes(&self) -> usize {
        self.pages.len() * PAGE_BYTES
    }

    /// Enters numbers; returns whether there is room for all of them.
    fn enter(&mut self, numbers: &[u64], memory: &KeyMemory) -> bool {
        self.entered += numbers.len();
        let mut rest = numbers;
        while let Some(first) = rest.first() {
            let at = first >> PAGE_BITS;
            let length = rest.iter().position(|number| number >> PAGE_BITS != at).unwrap_or(rest.len());
            let (run, others) = rest.split_at(length);
            if !self.pages.contains_key(&at) {
                let bytes = self.bytes() + PAGE_BYTES;
                if bytes > FEW_BYTES + BYTES_EACH * self.entered || !memory.try_keep(PAGE_BYTES) {
                    return false;
                }
            }
            let page = self.pages.entry(at).or_insert_with(|| Box::new([0; PAGE_WORDS]));
            for number in run {
                let word = (number >> 6) as usize % PAGE_WORDS;
                page[word] |= 1 << (number % 64);
            }
            rest = others;
        }
        true
    }

    /// Calls `visit` with the first and the last of numbers that follow each other, in ascending order. Such a run may
    /// be reported in several pieces.
    pub(crate) fn runs(&self, mut visit: impl FnMut(u64, u64)) {
        for (at, page) in &self.pages {
            for (place, word) in (0_u64..).zip(page.iter()) {
                let start = at << PAGE_BITS | place << 6;
                if *word == u64::MAX {
                    visit(start, start + 63);
                    continue;
                }
                let mut rest = *word;
                while rest != 0 {
                    let first = rest.trailing_zeros();
                    // Fewer than 64, since some bit is not set.
                    let ones = (rest >> first).trailing_ones();
                    visit(start + u64::from(first), start + u64::from(first + ones - 1));
                    rest &= !(((1 << ones) - 1) << first);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use proptest::prelude::*;

    use super::*;

    fn all(pages: &Pages) -> Vec<u64> {
        let mut numbers = Vec::new();
        pages.runs(|first, last| numbers.extend(first..=last));
        numbers
    }

    proptest! {
        #[test]
        fn numbers_come_back_in_order(starts in proptest::collection::vec((0..300_000_u64, 1..400_u64), 0..9), top: bool) {
            // Up to the greatest number.
            let raise = if top { u64::MAX - 300_399 } else { 0 };
            let numbers: Vec<u64> =
                starts.iter().flat_map(|(start, count)| (*start..=start + count).map(|number| number + raise)).collect();
            let memory = KeyMemory::new(1 << 24, 1, Path::new("."));
            let near = NearNumbers::new(&memory);
            prop_assert!(near.enter(&numbers).is_ok());
            let expected: Vec<u64> = numbers.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
            prop_assert_eq!(all(&near.finish()), expected);
        }
    }

    #[test]
    fn numbers_far_apart_are_given_back() {
        let memory = KeyMemory::new(1 << 24, 1, Path::new("."));
        let near = NearNumbers::new(&memory);
        assert!(near.enter(&[3, 1, 2]).is_ok());
        let far: Vec<u64> = (0..1_000).map(|number| number << 40).collect();
        let pages = near.enter(&far).expect_err("too far apart");
        assert_eq!(all(&pages)[..4], [0, 1, 2, 3]);
        assert!(all(&near.enter(&[5]).expect_err("kept elsewhere")).is_empty());
        assert!(all(&near.finish()).is_empty());
        // All memory was given back.
        assert!(memory.try_keep(1 << 23));
    }
}
