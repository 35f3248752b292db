//! Entries by key: those whose key is one word are kept apart from those whose key is two words.

use std::io;
use std::sync::Arc;

use crate::engine::local::keys::words::{Entries, Words};
use crate::engine::local::memory::KeyMemory;
use crate::engine::local::spill::partitions::{Partitions, Parts};

/// Entries that are being collected.
#[derive(Debug)]
pub(crate) struct KeyedPartitions {
    memory: Arc<KeyMemory>,
    narrow: Partitions,
    wide: Partitions,
}

impl KeyedPartitions {
    /// A store of entries that each have so many words after their key.
    pub(crate) fn new(memory: &Arc<KeyMemory>, words: usize) -> Self {
        Self {
            memory: Arc::clone(memory),
            narrow: Partitions::new(memory, 1 + words),
            wide: Partitions::new(memory, 2 + words),
        }
    }

    /// Takes in entries.
    ///
    /// # Errors
    /// Where entries must be spilled and cannot be written.
    pub(crate) fn extend(&self, entries: &Entries) -> io::Result<()> {
        self.extend_words(&entries.narrow, &entries.wide)
    }

    /// The same, from words.
    ///
    /// # Errors
    /// Where entries must be spilled and cannot be written.
    pub(crate) fn extend_words(&self, narrow: &[u64], wide: &[u64]) -> io::Result<()> {
        self.narrow.extend(narrow)?;
        self.wide.extend(wide)
    }

    /// Ends the collection.
    pub(crate) fn finish(&self) -> KeyedParts {
        KeyedParts { memory: Arc::clone(&self.memory), narrow: self.narrow.finish(), wide: self.wide.finish() }
    }
}

/// Collected entries.
#[derive(Debug)]
pub(crate) struct KeyedParts {
    memory: Arc<KeyMemory>,
    /// Entries whose key is one word.
    pub(crate) narrow: Parts,
    /// Entries whose key is two words.
    pub(crate) wide: Parts,
}

impl KeyedParts {
    /// The memory that the entries share with others.
    pub(crate) fn memory(&self) -> &KeyMemory {
        &self.memory
    }

    /// All entries.
    pub(crate) fn entries(&self) -> usize {
        self.narrow.entries() + self.wide.entries()
    }

    /// Whether entries are on disk.
    pub(crate) const fn on_disk(&self) -> bool {
        self.narrow.on_disk() || self.wide.on_disk()
    }

    /// Prepares the entries for the time until those of other datasets are there. What is in memory then stays there, so it is
    /// spilled unless there is ample room.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub(crate) fn keep(mut self) -> io::Result<Self> {
        if !self.memory.try_keep(0) {
            self.narrow.write_out()?;
            self.wide.write_out()?;
        }
        Ok(self)
    }
}

/// The key and the other words of each entry.
pub(crate) fn entries<const K: usize>(words: &[u64], stride: usize) -> impl Iterator<Item = (Words<K>, &[u64])> {
    words.chunks_exact(stride).filter_map(|entry| entry.split_first_chunk().map(|(key, rest)| (Words(*key), rest)))
}
