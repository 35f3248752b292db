//! Which keys occur more than once, and in which rows, in bounded memory.
//!
//! Keys, each with its row, are partitioned by their first bits; each part is processed by itself when all keys are
//! there. A filter of two bits for each of many slots first drops the keys that are alone in their slot, most of them where
//! keys are unique; what remains is sorted and counted.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use crate::engine::local::keys::hashed::{Key, halves};
use crate::engine::local::memory::KeyMemory;
use crate::engine::local::rows::sink::{LateRows, RowNumber, Sink, Sinks};
use crate::engine::local::spill::external::{ExternalFold, FrequentKey, Part, fold_parts};
use crate::engine::local::spill::keyed::{KeyedPartitions, KeyedParts};

/// Words of an entry with a narrow key: the key and its row.
const NARROW: usize = 2;

/// Words of an entry with a wide key.
const WIDE: usize = 3;

/// Slots of the filter for each key, at the least.
const SLOTS: usize = 16;

/// The keys of a batch, each with its row.
#[derive(Debug, Default)]
pub(crate) struct KeyBatch {
    narrow: Vec<[u64; NARROW]>,
    wide: Vec<[u64; WIDE]>,
}

impl KeyBatch {
    /// Adds a key.
    #[inline]
    pub(crate) fn push(&mut self, key: Key, row: RowNumber) {
        match halves(key) {
            [key, 0] => self.narrow.push([key, row]),
            [key, check] => self.wide.push([key, check, row]),
        }
    }

    fn clear(&mut self) {
        self.narrow.clear();
        self.wide.clear();
    }
}

/// Keys that are being collected.
#[derive(Debug)]
pub(crate) struct KeyStore {
    entries: KeyedPartitions,
    /// Buffers of earlier batches, for later ones.
    spare: Mutex<Vec<KeyBatch>>,
}

/// How often keys occur.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Repeats {
    /// All rows.
    pub rows: u64,
    /// Different keys.
    pub distinct: u64,
    /// Keys that occur more than once.
    pub groups: u64,
    /// Rows of those keys.
    pub repeated: u64,
    /// Nanoseconds of workers that finding them took.
    pub nanoseconds: u64,
}

impl Repeats {
    fn plus(self, other: Self) -> Self {
        Self {
            rows: self.rows + other.rows,
            distinct: self.distinct + other.distinct,
            groups: self.groups + other.groups,
            repeated: self.repeated + other.repeated,
            nanoseconds: self.nanoseconds + other.nanoseconds,
        }
    }
}

impl KeyStore {
    /// A store within a memory.
    pub(crate) fn new(memory: &Arc<KeyMemory>) -> Self {
        Self { entries: KeyedPartitions::new(memory, 1), spare: Mutex::default() }
    }

    /// A buffer for the keys of a batch.
    pub(crate) fn batch(&self) -> KeyBatch {
        self.spare.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    /// Takes in the keys of a batch.
    ///
    /// # Errors
    /// Where keys must be spilled and cannot be written.
    pub(crate) fn extend(&self, mut batch: KeyBatch) -> io::Result<()> {
        self.entries.extend_words(batch.narrow.as_flattened(), batch.wide.as_flattened())?;
        batch.clear();
        self.spare.lock().unwrap_or_else(PoisonError::into_inner).push(batch);
        Ok(())
    }

    /// The keys, each with its row.
    pub(crate) fn into_entries(self) -> KeyedParts {
        self.entries.finish()
    }

    /// Counts the keys that occur more than once, and hands their rows to `sink`.
    ///
    /// # Errors
    /// Where spilled keys cannot be read back, or the user stopped the audit.
    pub(crate) fn finish(self, sink: &dyn Sink) -> io::Result<Repeats> {
        drop(self.spare);
        let (repeats, nanoseconds) = fold_parts(&Counting, &[&self.entries.finish()], Sinks::of_failed(sink))?;
        Ok(Repeats { nanoseconds, ..repeats })
    }
}

/// Counts the keys of a part.
struct Counting;

impl ExternalFold for Counting {
    type Tally = Repeats;

    fn fold<const K: usize>(&self, part: &Part<'_>, rows: &mut LateRows<'_>) -> io::Result<Option<Repeats>> {
        // An entry is a key and its row.
        if K == 1 { count::<NARROW>(part, rows) } else { count::<WIDE>(part, rows) }
    }

    fn join(&self, one: Repeats, other: Repeats) -> io::Result<Repeats> {
        Ok(one.plus(other))
    }

    fn set_apart(&self, _: &Arc<KeyMemory>) -> Option<Box<dyn FrequentKey<Repeats>>> {
        Some(Box::new(Frequent(0)))
    }
}

/// The rows of a key that makes up much of a part.
struct Frequent(u64);

impl FrequentKey<Repeats> for Frequent {
    fn enter(&mut self, entry: &[u64], rows: &mut LateRows<'_>) -> io::Result<()> {
        self.0 += 1;
        for row in entry {
            rows.failed.push(*row);
        }
        Ok(())
    }

    fn close(self: Box<Self>, _: &mut LateRows<'_>) -> io::Result<Repeats> {
        // It occurs several times in a sample already.
        Ok(Repeats { rows: self.0, distinct: 1, groups: 1, repeated: self.0, nanoseconds: 0 })
    }
}

fn count<const W: usize>(part: &Part<'_>, rows: &mut LateRows<'_>) -> io::Result<Option<Repeats>> {
    let entries = part.entries(0);
    // The entries, those that the filter lets through (all, where every key occurs more than once), and the filter.
    if !part.fits(entries * (2 * size_of::<[u64; W]>() + SLOTS / 2)) {
        return Ok(None);
    }
    let loaded = part.load(0)?;
    let slices: Vec<&[[u64; W]]> =
        part.in_memory(0).chain([loaded.as_slice()]).map(|words| words.as_chunks::<W>().0).collect();
    let mut candidates = candidates(&slices, entries, part.level());
    drop(loaded);
    candidates.sort_unstable();
    let alone = (entries - candidates.len()) as u64;
    let mut repeats = Repeats { rows: entries as u64, distinct: alone, ..Repeats::default() };
    for run in candidates.chunk_by(|a, b| a[..W - 1] == b[..W - 1]) {
        repeats.distinct += 1;
        if run.len() > 1 {
            repeats.groups += 1;
            repeats.repeated += run.len() as u64;
            for entry in run {
                rows.failed.push(entry[W - 1]);
            }
        }
    }
    Ok(Some(repeats))
}

/// The entries that share a slot of the filter with another: all whose key occurs more than once, and a few others.
fn candidates<const W: usize>(slices: &[&[[u64; W]]], entries: usize, level: u32) -> Vec<[u64; W]> {
    const FEW: usize = 32;
    if entries <= FEW {
        return slices.iter().copied().flatten().copied().collect();
    }
    let slots = (entries * SLOTS).next_power_of_two();
    let (mut once, mut twice) = (vec![0_u64; slots / 64], vec![0_u64; slots / 64]);
    // The bits before are the same in all entries of the part.
    let used = 8 * (level + 1);
    let shift = 64 - slots.trailing_zeros();
    #[expect(clippy::cast_possible_truncation, reason = "as many bits as there are slots")]
    let slot = |entry: &[u64; W]| {
        // At the last level no bits are left, and all entries share one slot.
        let slot = (entry[0].checked_shl(used).unwrap_or_default() >> shift) as usize;
        (slot / 64, 1_u64 << (slot % 64))
    };
    for entry in slices.iter().copied().flatten() {
        let (word, bit) = slot(entry);
        twice[word] |= once[word] & bit;
        once[word] |= bit;
    }
    drop(once);
    let shared = |entry: &&[u64; W]| {
        let (word, bit) = slot(entry);
        twice[word] & bit != 0
    };
    slices.iter().copied().flatten().filter(shared).copied().collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::engine::local::keys::hashed::pack;
    use crate::engine::local::rows::sink::row_number;
    use crate::engine::local::rows::sink::tests::KeptRows;

    /// Counts the keys in a memory, and compares with counting them in a map.
    fn check(texts: &[String], limit: usize, workers: usize) -> u64 {
        let mut by_key: BTreeMap<&str, Vec<RowNumber>> = BTreeMap::new();
        let memory = KeyMemory::new(limit, workers, &std::env::temp_dir());
        let store = KeyStore::new(&memory);
        for (number, chunk) in (0..).zip(texts.chunks(333)) {
            let mut batch = store.batch();
            for (row, text) in chunk.iter().enumerate() {
                batch.push(pack(text.as_bytes()), row_number(number, row));
                by_key.entry(text).or_default().push(row_number(number, row));
            }
            store.extend(batch).expect("the folder can be written");
        }
        let found = KeptRows::default();
        let repeats = store.finish(&found).expect("what was written can be read");
        let mut found = found.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        let groups = || by_key.values().filter(|rows| rows.len() > 1);
        let mut expected: Vec<RowNumber> = groups().flatten().copied().collect();
        expected.sort_unstable();
        found.sort_unstable();
        assert_eq!(found, expected, "limit {limit}");
        let counted = Repeats {
            rows: texts.len() as u64,
            distinct: by_key.len() as u64,
            groups: groups().count() as u64,
            repeated: expected.len() as u64,
            nanoseconds: repeats.nanoseconds,
        };
        assert_eq!(repeats, counted, "limit {limit}");
        assert_eq!(memory.take(0).map(|()| memory.try_keep(limit / 2)).ok(), Some(true), "all memory is given back");
        memory.spilled()
    }

    #[test]
    fn memory_changes_no_count() {
        let number = |n: u32| format!("{:012}", n % 4_900);
        let mixed = |n: u32| match n % 3 {
            0 => format!("{}", n % 1_000),
            1 => format!("a longer key, number {}", n % 900),
            _ => format!("k{}", n % 700),
        };
        for make in [&number as &dyn Fn(u32) -> String, &mixed] {
            let texts: Vec<String> = (0..20_000).map(make).collect();
            assert!(check(&texts, 0, 1) > 0);
            assert!(check(&texts, 20_000, 16) > 0);
            assert!(check(&texts, 200_000, 2) > 0);
            assert_eq!(check(&texts, 1 << 30, 2), 0);
        }
    }

    #[test]
    fn one_key_of_many_rows_takes_no_memory() {
        let skewed = |n: u32| if n.is_multiple_of(50) { format!("{n}") } else { "7".to_owned() };
        let one = |_: u32| "the same long key in every row".to_owned();
        for make in [&skewed as &dyn Fn(u32) -> String, &one] {
            let texts: Vec<String> = (0..60_000).map(make).collect();
            assert!(check(&texts, 0, 1) > 0);
            assert!(check(&texts, 64_000, 2) > 0);
            assert_eq!(check(&texts, 1 << 30, 2), 0);
        }
    }

    #[test]
    fn few_and_no_keys_are_counted() {
        check(&[], 0, 1);
        check(&[String::new()], 0, 1);
        check(&[String::new(), "0".to_owned(), String::new()], 1 << 20, 1);
    }
}
