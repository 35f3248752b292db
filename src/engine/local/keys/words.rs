//! Keys as words: in hash tables, and in entries together with the facts of their rows.

use std::hash::{BuildHasherDefault, Hash, Hasher};

use crate::engine::local::keys::hashed::{Key, halves};

/// The words of a key: one if it is narrow, else two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Words<const K: usize>(pub(crate) [u64; K]);

impl<const K: usize> Words<K> {
    /// The key.
    pub(crate) fn key(self) -> Key {
        self.0.iter().rev().fold(0, |key, word| key << 64 | Key::from(*word))
    }
}

impl<const K: usize> Hash for Words<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0[0]);
    }
}

/// A hasher for words that are spread over all bits.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct WordHasher(u64);

impl Hasher for WordHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3);
        }
    }

    fn write_u64(&mut self, word: u64) {
        // The first bits are the same in all keys of a part; a table looks at the last ones and the first seven.
        self.0 = word.rotate_left(32);
    }
}

/// Builds that hasher.
pub(crate) type BuildWordHasher = BuildHasherDefault<WordHasher>;

/// Entries on their way: keys, each with more words of its row.
#[derive(Debug, Default)]
pub(crate) struct Entries {
    pub(crate) narrow: Vec<u64>,
    pub(crate) wide: Vec<u64>,
}

impl Entries {
    /// Adds the words of a key; the words of the row go into the list that is returned.
    #[inline]
    pub(crate) fn start(&mut self, key: Key) -> &mut Vec<u64> {
        match halves(key) {
            [key, 0] => {
                self.narrow.push(key);
                &mut self.narrow
            }
            key => {
                self.wide.extend(key);
                &mut self.wide
            }
        }
    }
}
