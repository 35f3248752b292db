//! Keys of one dataset, and facts by key, kept for rules of others.
//!
//! Keys are collected as entries, partitioned by their first bits. Where there are not too many, they become hash tables
//! that rows are looked up in at once. Else the rows of the other side are collected too, and joined with them part
//! by part (see [`crate::engine::local::lookups::join`]): tables beyond the cache cost a wait for memory each row, and
//! tables beyond memory do not work.

use std::collections::{HashMap, HashSet};

use rayon::prelude::*;

use crate::source::Bits;

use crate::engine::local::batch::cells::Cells;
use crate::engine::local::keys::compared::FactColumns;
use crate::engine::local::keys::hashed::{Key, KeyColumns, halves, pack};
use crate::engine::local::keys::words::{BuildWordHasher, Words};
use crate::engine::local::lookups::matching::Match;
use crate::engine::local::spill::keyed::KeyedParts;
use crate::engine::local::spill::partitions::{PARTS, Parts};

/// Up to so many keys make one table, which stays in the cache.
const FEW: usize = 1 << 14;

/// Keys of one kind.
#[derive(Debug)]
pub(crate) enum Table<const K: usize> {
    /// Keys alone.
    Set(HashSet<Words<K>, BuildWordHasher>),
    /// Keys with the facts of their rows.
    Facts(Facts<K>),
}

/// The facts of all rows of each key.
#[derive(Debug)]
pub(crate) struct Facts<const K: usize> {
    columns: FactColumns,
    /// Where the states of the facts of a key are, and whether several rows have it.
    places: HashMap<Words<K>, (u32, bool), BuildWordHasher>,
    words: Vec<u64>,
}

impl<const K: usize> Table<K> {
    /// A table without keys.
    pub(crate) fn new(facts: &FactColumns) -> Self {
        if facts.is_empty() {
            Self::Set(HashSet::default())
        } else {
            Self::Facts(Facts { columns: facts.clone(), places: HashMap::default(), words: Vec::new() })
        }
    }

    /// Takes in entries.
    pub(crate) fn extend(&mut self, entries: &[u64]) {
        match self {
            Self::Set(set) => set.extend(entries.as_chunks::<K>().0.iter().map(|words| Words(*words))),
            Self::Facts(Facts { columns, places, words }) => {
                let size = columns.state_words();
                for entry in entries.chunks_exact(K + columns.words()) {
                    let Some((key, facts)) = entry.split_first_chunk::<K>() else { continue };
                    let next = u32::try_from(words.len() / size).unwrap_or(u32::MAX);
                    let (place, several) = places.entry(Words(*key)).or_insert((u32::MAX, false));
                    if *place == u32::MAX {
                        *place = next;
                        words.resize(words.len() + size, 0);
                    } else {
                        *several = true;
                    }
                    columns.enter(&mut words[*place as usize * size..][..size], facts);
                }
            }
        }
    }

    /// Bytes that the table takes.
    pub(crate) fn bytes(&self) -> usize {
        // A table is at most seven eighths full, and each entry takes a byte more.
        let slots = |capacity: usize, entry: usize| capacity / 7 * 8 * (entry + 1);
        match self {
            Self::Set(set) => slots(set.capacity(), K * 8),
            Self::Facts(facts) => slots(facts.places.capacity(), K * 8 + 8) + facts.words.capacity() * 8,
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Set(set) => set.len(),
            Self::Facts(facts) => facts.places.len(),
        }
    }

    fn for_each(&self, visit: &mut dyn FnMut(Key)) {
        match self {
            Self::Set(set) => set.iter().for_each(|key| visit(key.key())),
            Self::Facts(facts) => facts.places.keys().for_each(|key| visit(key.key())),
        }
    }

    fn has(&self, key: &Words<K>) -> bool {
        match self {
            Self::Set(set) => set.contains(key),
            Self::Facts(facts) => facts.places.contains_key(key),
        }
    }

    /// The entry of the table for a key, compared with the facts `ours` of a row.
    pub(crate) fn matched(&self, key: &Words<K>, ours: &[u64]) -> Match {
        match self {
            Self::Set(set) if set.contains(key) => Match::Matched { agrees: true, several: false, unreadable: false },
            Self::Set(_) => Match::Unmatched,
            Self::Facts(Facts { columns, places, words }) => match places.get(key) {
                Some((place, several)) => {
                    let size = columns.state_words();
                    let (agrees, unreadable) = columns.compare(ours, &words[*place as usize * size..][..size]);
                    Match::Matched { agrees, several: *several, unreadable }
                }
                None => Match::Unmatched,
            },
        }
    }
}

/// The keys of one kind, in one table or in one a part.
#[derive(Debug)]
pub(super) struct Tables<const K: usize>(pub(super) Vec<Table<K>>);

impl<const K: usize> Tables<K> {
    /// Makes tables of entries in memory.
    pub(super) fn of(parts: &Parts, facts: &FactColumns) -> Self {
        let table = |which: std::ops::Range<usize>| {
            let mut table = Table::new(facts);
            which.for_each(|part| parts.in_memory(part).for_each(|words| table.extend(words)));
            table
        };
        if parts.entries() <= FEW {
            return Self(vec![table(0..PARTS)]);
        }
        Self((0..PARTS).into_par_iter().map(|part| table(part..part + 1)).collect())
    }

    #[inline]
    fn of_key(&self, key: &Words<K>) -> &Table<K> {
        match self.0.as_slice() {
            [one] => one,
            tables => &tables[(key.0[0] >> 56) as usize],
        }
    }
}

/// The keys of a lookup, in tables.
#[derive(Debug)]
pub(crate) struct Keys {
    pub(super) narrow: Tables<1>,
    pub(super) wide: Tables<2>,
    /// Rows whose key is unparseable, or for which it is unknown whether they count.
    pub(crate) unreadable: u64,
}

impl Keys {
    /// Rows of `rows` whose key the lookup has.
    pub(crate) fn found(&self, key: &KeyColumns, cells: &Cells<'_>, rows: &Bits) -> Bits {
        if let Some(column) = key.single_text(cells)
            && cells.dictionary(column).is_some()
        {
            return cells.text_bits(column, |text| self.has(pack(text.as_bytes()))).and(rows);
        }
        let mut bits = Bits::none(cells.rows());
        key.for_each(cells, rows, |row, key| {
            if self.has(key) {
                bits.set(row);
            }
        });
        bits
    }

    /// How many different keys.
    pub(crate) fn len(&self) -> u64 {
        let narrow: usize = self.narrow.0.iter().map(Table::len).sum();
        (narrow + self.wide.0.iter().map(Table::len).sum::<usize>()) as u64
    }

    /// Calls `visit` with each key, in no order.
    pub(crate) fn for_each(&self, mut visit: impl FnMut(Key)) {
        self.narrow.0.iter().for_each(|table| table.for_each(&mut visit));
        self.wide.0.iter().for_each(|table| table.for_each(&mut visit));
    }

    /// Whether the lookup has a key.
    #[inline]
    pub(crate) fn has(&self, key: Key) -> bool {
        match halves(key) {
            [key, 0] => {
                let key = Words([key]);
                self.narrow.of_key(&key).has(&key)
            }
            key => {
                let key = Words(key);
                self.wide.of_key(&key).has(&key)
            }
        }
    }

    /// Compares the facts of `rows` with those of the lookup.
    pub(crate) fn compare(
        &self,
        key: &KeyColumns,
        facts: &FactColumns,
        cells: &Cells<'_>,
        rows: &Bits,
        mut visit: impl FnMut(usize, Match),
    ) {
        let (mut buffer, mut ours) = (String::new(), Vec::new());
        key.for_each(cells, rows, |row, key| {
            ours.clear();
            facts.write(cells, row, &mut buffer, &mut ours);
            let matched = match halves(key) {
                [key, 0] => {
                    let key = Words([key]);
                    self.narrow.of_key(&key).matched(&key, &ours)
                }
                key => {
                    let key = Words(key);
                    self.wide.of_key(&key).matched(&key, &ours)
                }
            };
            visit(row, matched);
        });
    }
}

/// The keys of a lookup that rows are joined with.
#[derive(Debug)]
pub(crate) struct KeysToJoin {
    pub(crate) entries: KeyedParts,
    /// How the facts of their rows compare.
    pub(crate) facts: FactColumns,
    /// Rows whose key is unparseable, or for which it is unknown whether they count.
    pub(crate) unreadable: u64,
}
