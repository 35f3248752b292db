//! Which keys may be among many, in little memory.

use std::io;
use std::sync::Arc;

use crate::engine::local::keys::hashed::{Key, halves};
use crate::engine::local::memory::KeyMemory;

/// Bits for each key, if memory holds them: then one of sixty other keys is taken for one of them.
const BITS: u64 = 16;

/// The least bits.
const LEAST: u64 = 1 << 12;

/// Keys as two bits each (after B. H. Bloom, "Space/time trade-offs in hash coding with allowable errors", 1970): it never
/// denies a key that it has, and now and then takes another for one of them.
#[derive(Debug)]
pub(crate) struct KeyFilter {
    words: Vec<u64>,
    memory: Arc<KeyMemory>,
}

impl KeyFilter {
    /// An empty filter for so many keys, within the memory of a worker.
    ///
    /// # Errors
    /// Where others must be spilled for it and cannot be written.
    pub(crate) fn new(keys: u64, memory: &Arc<KeyMemory>) -> io::Result<Self> {
        let most = (memory.share() as u64 * 8).max(LEAST);
        let bits = keys.saturating_mul(BITS).clamp(LEAST, most);
        let words = vec![0; usize::try_from(bits.div_ceil(64)).unwrap_or_default()];
        memory.take(size_of_val(words.as_slice()))?;
        Ok(Self { words, memory: Arc::clone(memory) })
    }

    /// The places of a key.
    fn bits(&self, key: Key) -> [(usize, u64); 2] {
        const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;
        let [first, second] = halves(key);
        let bits = self.words.len() as u128 * 64;
        // The first bits of a hash as a fraction of all bits.
        let place = |hash: u64| ((u128::from(hash) * bits) >> 64) as u64;
        [first.wrapping_mul(SPREAD), (first ^ second.rotate_left(17)).wrapping_mul(SPREAD.rotate_left(31))].map(
            |hash| {
                let bit = place(hash);
                ((bit / 64) as usize, 1 << (bit % 64))
            },
        )
    }

    /// Adds a key.
    pub(crate) fn add(&mut self, key: Key) {
        for (word, bit) in self.bits(key) {
            self.words[word] |= bit;
        }
    }

    /// Whether it may have the key.
    pub(crate) fn may_have(&self, key: Key) -> bool {
        self.bits(key).iter().all(|(word, bit)| self.words[*word] & bit != 0)
    }
}

impl Drop for KeyFilter {
    fn drop(&mut self) {
        self.memory.give_back(size_of_val(self.words.as_slice()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::local::keys::hashed::pack;

    #[test]
    fn no_key_is_denied_and_few_others_are_taken_for_one() {
        let key = |number: u32| [pack(&number.to_le_bytes()), pack(format!("a long key, {number}").as_bytes())];
        for limit in [0, 1 << 24] {
            let memory = KeyMemory::new(limit, 1, &std::env::temp_dir());
            let mut filter = KeyFilter::new(4_000, &memory).expect("nothing is spilled");
            (0..2_000).flat_map(key).for_each(|key| filter.add(key));
            assert!((0..2_000).flat_map(key).all(|key| filter.may_have(key)));
            let others = (2_000..12_000).flat_map(key).filter(|key| filter.may_have(*key)).count();
            // One of sixty, where memory holds all bits.
            assert!(limit == 0 || others < 800, "{others}");
            drop(filter);
            assert!(memory.try_keep(limit / 2), "all memory is given back");
        }
    }
}
