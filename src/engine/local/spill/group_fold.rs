//! Rows by group: all rows of a group together decide the outcome of each of them.
//!
//! An entry has the key of the group of a row, words of the row (its payload), and the number of the row. Entries are
//! partitioned by key. Once all are there, each part is processed by itself: its entries are folded into a table with one
//! state a group, and then read again for the rows of groups that fail. So memory depends on the number of different groups
//! of a part alone.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use crate::engine::Reason;
use crate::engine::local::keys::words::{BuildWordHasher, Entries, Words};
use crate::engine::local::memory::KeyMemory;
use crate::engine::local::rows::sink::{LateRows, Sink, Sinks};
use crate::engine::local::spill::external::{ExternalFold, Part, fold_parts};
use crate::engine::local::spill::keyed::{KeyedPartitions, entries};

/// What is kept of each group, and when its rows fail.
pub(crate) trait GroupFold: Sync {
    /// The state of a group.
    type Group: Default;
    /// The summary of all groups.
    type Summary: Default + Send;

    /// Enters the payload of a row into the state of its group. Returns how many bytes the state has grown on the heap.
    fn enter(&self, group: &mut Self::Group, payload: &[u64]) -> usize;

    /// Summarises a group that is complete; returns whether its rows fail.
    ///
    /// # Errors
    /// Where the summary must be spilled and cannot be written.
    fn close(&self, group: &Self::Group, summary: &mut Self::Summary) -> io::Result<bool>;

    /// Why a row with this payload fails, where its group fails; `None`: it does not. By default all rows of such a group
    /// fail.
    fn reason(&self, _group: &Self::Group, _payload: &[u64]) -> Option<Reason> {
        Some(Reason::Sole)
    }

    /// Joins the summaries of different groups.
    ///
    /// # Errors
    /// Where the summary must be spilled and cannot be written.
    fn join(&self, one: Self::Summary, other: Self::Summary) -> io::Result<Self::Summary>;
}

/// The result of a fold.
#[derive(Debug, Default)]
pub(crate) struct Folded<S> {
    /// The summary of the groups.
    pub summary: S,
    /// All rows.
    pub rows: u64,
    /// Rows of groups that fail.
    pub failed: u64,
    /// Nanoseconds of workers that it took.
    pub nanoseconds: u64,
}

/// Rows that are being collected.
#[derive(Debug)]
pub(crate) struct GroupStore(KeyedPartitions);

impl GroupStore {
    /// A store of rows with a payload of so many words.
    pub(crate) fn new(memory: &Arc<KeyMemory>, words: usize) -> Self {
        Self(KeyedPartitions::new(memory, words))
    }

    /// Takes in rows: the key of the group, the payload, and last the number of the row, where rows are needed.
    ///
    /// # Errors
    /// Where rows must be spilled and cannot be written.
    pub(crate) fn extend(&self, entries: &Entries) -> io::Result<()> {
        self.0.extend(entries)
    }

    /// Folds all groups, and hands the rows of those that fail to `failed`.
    ///
    /// # Errors
    /// Where spilled rows cannot be read back, or must be partitioned again and cannot be written; where the user stopped the
    /// audit.
    pub(crate) fn finish<F: GroupFold>(self, fold: &F, failed: &dyn Sink) -> io::Result<Folded<F::Summary>> {
        let (folded, nanoseconds) = fold_parts(&ByGroup(fold), &[&self.0.finish()], Sinks::of_failed(failed))?;
        Ok(Folded { nanoseconds, ..folded })
    }
}

/// The groups of a part.
struct Groups<const K: usize, G> {
    places: HashMap<Words<K>, usize, BuildWordHasher>,
    kept: Vec<G>,
    /// Bytes on the heap that the states hold.
    beside: usize,
}

impl<const K: usize, G: Default> Groups<K, G> {
    fn new() -> Self {
        Self { places: HashMap::default(), kept: Vec::new(), beside: 0 }
    }

    fn enter<F: GroupFold<Group = G>>(&mut self, fold: &F, key: Words<K>, payload: &[u64]) {
        let place = *self.places.entry(key).or_insert_with(|| {
            self.kept.push(G::default());
            self.kept.len() - 1
        });
        self.beside += fold.enter(&mut self.kept[place], payload);
    }

    fn bytes(&self) -> usize {
        // A table is at most seven eighths full, and each entry takes a byte more.
        let places = self.places.capacity() / 7 * 8 * (size_of::<(Words<K>, usize)>() + 1);
        places + self.kept.capacity() * size_of::<G>() + self.beside
    }
}

/// Folds the groups of a part.
struct ByGroup<'f, F>(&'f F);

impl<F: GroupFold> ExternalFold for ByGroup<'_, F> {
    type Tally = Folded<F::Summary>;

    fn fold<const K: usize>(&self, part: &Part<'_>, rows: &mut LateRows<'_>) -> io::Result<Option<Self::Tally>> {
        let Self(fold) = self;
        let stride = part.stride(0);
        let mut groups = Groups::<K, F::Group>::new();
        let enter = |groups: &mut Groups<K, F::Group>, words: &[u64]| {
            entries(words, stride).for_each(|(key, payload)| groups.enter(*fold, key, payload));
        };
        if !part.build(0, &mut groups, enter, Groups::bytes)? {
            return Ok(None);
        }
        let mut folded = Folded { rows: part.entries(0) as u64, ..Folded::default() };
        let Groups { places, kept, .. } = groups;
        let close = |group| fold.close(group, &mut folded.summary);
        let fails = kept.iter().map(close).collect::<io::Result<Vec<bool>>>()?;
        if fails.contains(&true) {
            part.for_each(0, &mut |words| {
                for (key, payload) in entries::<K>(words, stride) {
                    if let [payload @ .., row] = payload
                        && let Some(place) = places.get(&key)
                        && fails[*place]
                        && let Some(reason) = fold.reason(&kept[*place], payload)
                    {
                        folded.failed += 1;
                        rows.failed.push_for(*row, reason);
                    }
                }
                Ok(())
            })?;
        }
        Ok(Some(folded))
    }

    fn join(&self, one: Self::Tally, other: Self::Tally) -> io::Result<Self::Tally> {
        Ok(Folded {
            summary: self.0.join(one.summary, other.summary)?,
            rows: one.rows + other.rows,
            failed: one.failed + other.failed,
            nanoseconds: 0,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::sync::PoisonError;

    use super::*;
    use crate::engine::local::keys::hashed::pack;
    use crate::engine::local::rows::sink::tests::KeptRows;
    use crate::engine::local::rows::sink::{RowNumber, row_number};

    /// Groups with more than two different payloads fail.
    struct AtMostTwo;

    impl GroupFold for AtMostTwo {
        type Group = BTreeSet<u64>;
        type Summary = (u64, u64);

        fn enter(&self, group: &mut BTreeSet<u64>, payload: &[u64]) -> usize {
            8 * payload.first().map_or(0, |word| group.insert(*word).into())
        }

        fn close(&self, group: &BTreeSet<u64>, summary: &mut (u64, u64)) -> io::Result<bool> {
            *summary = self.join(*summary, (1, group.len() as u64))?;
            Ok(group.len() > 2)
        }

        fn join(&self, one: (u64, u64), other: (u64, u64)) -> io::Result<(u64, u64)> {
            Ok((one.0 + other.0, one.1 + other.1))
        }
    }

    /// Folds rows within a memory, and compares with folding them in a map. Returns the bytes that were spilled to
    /// disk.
    fn check(rows: &[(String, u64)], limit: usize, workers: usize) -> u64 {
        let mut by_key: BTreeMap<&str, (BTreeSet<u64>, Vec<RowNumber>)> = BTreeMap::new();
        let memory = KeyMemory::new(limit, workers, &std::env::temp_dir());
        let store = GroupStore::new(&memory, 2);
        for (number, chunk) in (0..).zip(rows.chunks(333)) {
            let mut entries = Entries::default();
            for (at, (key, payload)) in chunk.iter().enumerate() {
                let row = row_number(number, at);
                entries.start(pack(key.as_bytes())).extend([*payload, row]);
                let (words, rows) = by_key.entry(key).or_default();
                words.insert(*payload);
                rows.push(row);
            }
            store.extend(&entries).expect("the folder can be written");
        }
        let kept = KeptRows::default();
        let folded = store.finish(&AtMostTwo, &kept).expect("what was written can be read");
        let mut found = kept.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut expected: Vec<RowNumber> =
            by_key.values().filter(|(words, _)| words.len() > 2).flat_map(|(_, rows)| rows).copied().collect();
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected, "limit {limit}");
        let words: usize = by_key.values().map(|(words, _)| words.len()).sum();
        assert_eq!(folded.summary, (by_key.len() as u64, words as u64), "limit {limit}");
        assert_eq!((folded.rows, folded.failed), (rows.len() as u64, expected.len() as u64));
        assert_eq!(memory.take(0).map(|()| memory.try_keep(limit / 2)).ok(), Some(true), "all memory is given back");
        memory.spilled()
    }

    #[test]
    fn memory_changes_no_group() {
        let many = |n: u64| (format!("{}", n * 7 % 6_000), n % 11 / 3);
        let few = |n: u64| (format!("a longer key, number {}", n % 90), if n % 90 == 7 { n } else { 0 });
        let one = |n: u64| ("the same long key in every row".to_owned(), n % 5);
        for make in [&many as &dyn Fn(u64) -> (String, u64), &few, &one] {
            let rows: Vec<(String, u64)> = (0..20_000).map(make).collect();
            assert!(check(&rows, 0, 1) > 0);
            assert!(check(&rows, 30_000, 16) > 0);
            assert!(check(&rows, 300_000, 2) > 0);
            assert_eq!(check(&rows, 1 << 30, 2), 0);
        }
        check(&[], 0, 1);
    }
}
