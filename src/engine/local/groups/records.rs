//! Records by key: the words of a key, and bytes about it. They spill to disk, and are read a part of the keys at a time.

use std::io;
use std::sync::{Arc, Mutex};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::source::Place;

use crate::engine::local::keys::hashed::{Key, halves};
use crate::engine::local::memory::KeyMemory;
use crate::engine::local::spill::chunks::{AllChunks, Chunks};
use crate::engine::local::spill::collecting::lock;

/// A record as bytes that say how long they are.
///
/// # Errors
/// If it has no such form.
pub(crate) fn written(record: &impl Serialize) -> io::Result<Vec<u8>> {
    postcard::to_stdvec(record).map_err(io::Error::other)
}

/// Reads a record, which begins the bytes, and gives what is behind it.
///
/// # Errors
/// If the bytes are not those that were written.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> io::Result<(T, &[u8])> {
    postcard::take_from_bytes(bytes).map_err(io::Error::other)
}

/// How many parts there are. Keys are spread over all bits, so parts are about equal.
const PARTS: usize = 256;

/// Bytes that wait before they are stored.
const LOT: usize = 1 << 16;

/// Bytes before the record: the key and the length.
const HEAD: usize = 2 * size_of::<u64>() + size_of::<u32>();

/// Records on their way, by part.
#[derive(Debug, Default)]
struct Waiting {
    parts: Vec<Vec<u8>>,
    bytes: usize,
}

/// Records that are being collected.
#[derive(Debug)]
pub(crate) struct Records {
    waiting: Mutex<Waiting>,
    stored: Chunks,
}

impl Records {
    /// None yet.
    pub(crate) fn new(memory: &Arc<KeyMemory>) -> Self {
        Self { waiting: Mutex::default(), stored: Chunks::new(memory) }
    }

    /// Takes in a record of a key. A key may have several.
    ///
    /// # Errors
    /// Where records must be spilled and cannot be written.
    pub(crate) fn push(&self, key: Key, record: &[u8]) -> io::Result<()> {
        let [first, second] = halves(key);
        let length = u32::try_from(record.len()).map_err(|_| io::Error::from(io::ErrorKind::FileTooLarge))?;
        let mut waiting = lock(&self.waiting);
        waiting.parts.resize_with(PARTS, Vec::new);
        waiting.bytes += HEAD + record.len();
        let part = &mut waiting.parts[(first >> 56) as usize];
        part.extend(first.to_le_bytes());
        part.extend(second.to_le_bytes());
        part.extend(length.to_le_bytes());
        part.extend(record);
        if waiting.bytes < LOT {
            return Ok(());
        }
        let full = std::mem::take(&mut *waiting);
        drop(waiting);
        self.store(full)
    }

    fn store(&self, waiting: Waiting) -> io::Result<()> {
        (0_u32..).zip(waiting.parts).try_for_each(|(part, bytes)| self.stored.extend(Place { file: 0, part }, bytes))
    }

    /// Ends the collection.
    ///
    /// # Errors
    /// Where records must be spilled and cannot be written.
    pub(crate) fn finish(&self) -> io::Result<AllRecords> {
        let rest = std::mem::take(&mut *lock(&self.waiting));
        self.store(rest)?;
        Ok(AllRecords(self.stored.finish()))
    }
}

/// Collected records.
#[derive(Debug)]
pub(crate) struct AllRecords(AllChunks);

impl AllRecords {
    /// The parts that can have records.
    pub(crate) fn parts() -> impl Iterator<Item = u32> {
        (0..).take(PARTS)
    }

    /// The records of a part, in no order.
    ///
    /// # Errors
    /// Where they cannot be read back.
    pub(crate) fn part(&self, part: u32) -> io::Result<PartRecords> {
        self.0.read(Place { file: 0, part }).map(PartRecords)
    }
}

/// The records of one part.
#[derive(Debug)]
pub(crate) struct PartRecords(Vec<u8>);

impl PartRecords {
    /// Each record with its key.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Key, &[u8])> {
        let mut bytes = self.0.as_slice();
        std::iter::from_fn(move || {
            let (key, rest) = bytes.split_first_chunk()?;
            let (length, rest) = rest.split_first_chunk()?;
            let (record, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
            bytes = rest;
            Some((Key::from_le_bytes(*key), record))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::engine::local::keys::hashed::pack;

    #[test]
    fn records_come_back_by_part_whatever_memory_holds() {
        for limit in [0, 50_000, 1 << 24] {
            let memory = KeyMemory::new(limit, 2, &std::env::temp_dir());
            let records = Records::new(&memory);
            let mut expected: BTreeMap<Key, Vec<Vec<u8>>> = BTreeMap::new();
            for at in 0..20_000_u32 {
                let key = pack(format!("a key with a number, {}", at % 7_000).as_bytes());
                let record = vec![7; at as usize % 11];
                records.push(key, &record).expect("the folder can be written");
                expected.entry(key).or_default().push(record);
            }
            let all = records.finish().expect("the folder can be written");
            let mut found: BTreeMap<Key, Vec<Vec<u8>>> = BTreeMap::new();
            for part in AllRecords::parts() {
                let part = all.part(part).expect("what was written can be read");
                for (key, record) in part.iter() {
                    found.entry(key).or_default().push(record.to_vec());
                }
            }
            expected.values_mut().chain(found.values_mut()).for_each(|records| records.sort());
            assert!(found == expected, "limit {limit}");
            assert_eq!(memory.spilled() > 0, limit < 1 << 24);
        }
    }
}
