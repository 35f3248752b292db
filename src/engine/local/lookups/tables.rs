//! Keys of one dataset, and facts by key, kept for rules of others.
//!
//! Keys are collected as entries, parted by their first bits. Where there are not too many, they become hash tables that rows
//! are looked up in at once. Else the rows that look into them are collected too, and joined with them part by part
//! (see [`crate::engine::local::lookups::join`]): tables beyond the cache cost a wait for memory each row, and tables beyond memory do not work.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use crate::model::{AsOf, Kept, Lookup};
use crate::plan::Plan;
use crate::source::Bits;

use crate::engine::local::batch::cells::{Cells, SectionRules};
use crate::engine::local::batch::condition::{Condition, Truth};
use crate::engine::local::keys::compared::{FACT_WORDS, FactColumns, is_unreadable};
use crate::engine::local::keys::hashed::{Key, KeyColumns, RecentKeys, halves, pack};
use crate::engine::local::lookups::cogroup::{Gathered, Gatherer};
use crate::engine::local::memory::KeyMemory;
use crate::engine::local::spill::partitions::{PARTS, Partitions, Parts};

/// Up to so many keys make one table, which stays in the cache.
const FEW: usize = 1 << 14;

/// The words of a key: one if it is narrow, else two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Words<const K: usize>(pub(crate) [u64; K]);

impl<const K: usize> Hash for Words<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0[0]);
    }
}

/// A hasher for words that are spread over all bits.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Spread(u64);

impl Hasher for Spread {
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
pub(crate) type BySpread = BuildHasherDefault<Spread>;

/// More entries than this are joined: tables of them would not stay in the cache.
const MOST_IN_TABLES: usize = 1 << 19;

/// Keys of one kind.
#[derive(Debug)]
pub(crate) enum Table<const K: usize> {
    /// Keys alone.
    Set(HashSet<Words<K>, BySpread>),
    /// Keys with what their rows say.
    Facts(Facts<K>),
}

/// What the rows of each key say together.
#[derive(Debug)]
pub(crate) struct Facts<const K: usize> {
    columns: FactColumns,
    /// Where the facts of a key stand, and whether several rows have it.
    places: HashMap<Words<K>, (u32, bool), BySpread>,
    words: Vec<u64>,
}

impl<const K: usize> Table<K> {
    /// A table without keys.
    pub(crate) fn new(facts: &FactColumns) -> Self {
        if facts.len() == 0 {
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
                let size = columns.len() * FACT_WORDS;
                for entry in entries.chunks_exact(K + size) {
                    let Some((key, facts)) = entry.split_first_chunk::<K>() else { continue };
                    let next = u32::try_from(words.len() / size).unwrap_or(u32::MAX);
                    let (place, several) = places.entry(Words(*key)).or_insert((u32::MAX, false));
                    if *place == u32::MAX {
                        *place = next;
                        words.extend_from_slice(facts);
                    } else {
                        *several = true;
                        columns.merge(&mut words[*place as usize * size..][..size], facts);
                    }
                }
            }
        }
    }

    /// Bytes that the table takes.
    pub(crate) fn bytes(&self) -> usize {
        // A table is at most seven eighths full, and beside each entry stands a byte.
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

    fn has(&self, key: &Words<K>) -> bool {
        match self {
            Self::Set(set) => set.contains(key),
            Self::Facts(facts) => facts.places.contains_key(key),
        }
    }

    /// What the table has for a key, whose row says `ours`.
    pub(crate) fn matched(&self, key: &Words<K>, ours: &[u64]) -> Match {
        match self {
            Self::Set(set) if set.contains(key) => Match::Matched { agrees: true, several: false, unreadable: false },
            Self::Set(_) => Match::Unmatched,
            Self::Facts(Facts { columns, places, words }) => match places.get(key) {
                Some((place, several)) => {
                    let size = columns.len() * FACT_WORDS;
                    let theirs = &words[*place as usize * size..][..size];
                    let unreadable = is_unreadable(ours) || is_unreadable(theirs);
                    Match::Matched { agrees: columns.agree(ours, theirs), several: *several, unreadable }
                }
                None => Match::Unmatched,
            },
        }
    }
}

/// What a lookup has for a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Match {
    /// Nothing.
    Unmatched,
    /// Rows that all agree, or differ; whether there is more than one, and whether a fact of this row or of theirs does not
    /// read.
    Matched { agrees: bool, several: bool, unreadable: bool },
}

/// The keys of one kind, in one table or in one a part.
#[derive(Debug)]
struct Tables<const K: usize>(Vec<Table<K>>);

impl<const K: usize> Tables<K> {
    /// Makes tables of entries in memory.
    fn of(parts: &Parts, facts: &FactColumns) -> Self {
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
    narrow: Tables<1>,
    wide: Tables<2>,
    /// Rows whose key does not read, or of which it cannot be told whether they count.
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
    /// Entries of one word of key and of two.
    pub(crate) narrow: Parts,
    pub(crate) wide: Parts,
    /// How the facts of their rows compare.
    pub(crate) facts: FactColumns,
    /// Rows whose key does not read, or of which it cannot be told whether they count.
    pub(crate) unreadable: u64,
}

/// Entries on their way: keys, each with more words of its row.
#[derive(Debug, Default)]
pub(crate) struct Entries {
    pub(crate) narrow: Vec<u64>,
    pub(crate) wide: Vec<u64>,
}

impl Entries {
    /// Adds the words of a key; what the row adds to them goes into the words that are given back.
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

/// A lookup made ready for the batches of its dataset.
#[derive(Debug)]
pub(crate) enum Builder {
    /// Which keys there are.
    Keys(KeysBuilder),
    /// What there is by key.
    Gather(Gatherer),
}

impl Builder {
    /// Prepares a lookup over the columns that a pass reads.
    ///
    /// # Errors
    /// A condition that does not compile, or a column that the pass does not read.
    pub(crate) fn prepare(
        lookup: &Lookup,
        rules: &SectionRules,
        as_of: AsOf,
        memory: &Arc<KeyMemory>,
    ) -> Result<Self, String> {
        match Gatherer::of_lookup(lookup, rules, as_of, memory)? {
            Some(gatherer) => Ok(Self::Gather(gatherer)),
            None => KeysBuilder::prepare(lookup, rules, as_of, memory).map(Self::Keys),
        }
    }

    /// Takes in a batch.
    ///
    /// # Errors
    /// Where keys must be spilled and cannot be written.
    pub(crate) fn extend(&self, cells: &Cells<'_>) -> io::Result<()> {
        match self {
            Self::Keys(keys) => keys.extend(cells),
            Self::Gather(gatherer) => gatherer.extend(cells),
        }
    }

    /// Ends the collection.
    ///
    /// # Errors
    /// Where keys must be spilled and cannot be written.
    pub(crate) fn finish(self) -> io::Result<Built> {
        match self {
            Self::Keys(keys) => keys.finish(),
            Self::Gather(gatherer) => gatherer.finish().map(|gathered| Built::Gathered(Arc::new(gathered))),
        }
    }
}

/// Keys that are being collected.
#[derive(Debug)]
pub(crate) struct KeysBuilder {
    memory: Arc<KeyMemory>,
    key: KeyColumns,
    filter: Option<Condition>,
    /// Whether keys of rows of which the filter cannot be told are kept as well.
    doubtful: bool,
    facts: FactColumns,
    narrow: Arc<Partitions>,
    wide: Arc<Partitions>,
    unreadable: AtomicU64,
}

impl KeysBuilder {
    fn prepare(lookup: &Lookup, rules: &SectionRules, as_of: AsOf, memory: &Arc<KeyMemory>) -> Result<Self, String> {
        let filter = lookup.filter.as_ref().map(|filter| Condition::compile(filter, rules, as_of)).transpose()?;
        let facts = lookup.facts.iter().map(|fact| (&fact.column, &fact.form, fact.data_type));
        let facts = FactColumns::find(facts, rules)?;
        let words = facts.len() * FACT_WORDS;
        Ok(Self {
            memory: Arc::clone(memory),
            key: KeyColumns::find(&lookup.key.columns, rules)?,
            filter,
            doubtful: lookup.kept == Kept::DoubtfulKeys,
            facts,
            narrow: Partitions::new(memory, 1 + words),
            wide: Partitions::new(memory, 2 + words),
            unreadable: AtomicU64::new(0),
        })
    }

    fn extend(&self, cells: &Cells<'_>) -> io::Result<()> {
        let (mut rows, mut unreadable) = self.key.split(cells);
        if let Some(filter) = &self.filter {
            let Truth { yes, unreadable: doubtful, .. } = filter.evaluate(cells);
            unreadable = unreadable.and(&yes).or(&doubtful.and(&rows.or(&unreadable)));
            rows = rows.and(&if self.doubtful { yes.or(&doubtful) } else { yes });
        }
        self.unreadable.fetch_add(unreadable.count(), Ordering::Relaxed);
        let mut entries = Entries::default();
        if self.facts.len() == 0 {
            let mut recent = RecentKeys::new();
            self.key.for_each(cells, &rows, |_, key| {
                if recent.is_new(key) {
                    entries.start(key);
                }
            });
        } else {
            let mut buffer = String::new();
            self.key.for_each(cells, &rows, |row, key| {
                self.facts.write(cells, row, &mut buffer, entries.start(key));
            });
        }
        self.narrow.extend(&entries.narrow)?;
        self.wide.extend(&entries.wide)
    }

    /// Tables, where there are not too many keys for them.
    fn finish(self) -> io::Result<Built> {
        // A table has up to 16/7 slots a key, beside each a byte, and the place of facts.
        let of_table = |entries: usize, key: usize| {
            let facts = self.facts.len() * FACT_WORDS * 8;
            entries * (key * 8 + 1 + if facts == 0 { 0 } else { 8 }) * 16 / 7 + entries * facts * 2
        };
        let unreadable = self.unreadable.into_inner();
        let mut parts = [self.narrow.finish(), self.wide.finish()];
        let [narrow, wide] = &parts;
        let needed = of_table(narrow.entries(), 1) + of_table(wide.entries(), 2);
        let few = narrow.entries() + wide.entries() <= MOST_IN_TABLES;
        if few && !parts.iter().any(Parts::on_disk) && self.memory.try_keep(needed) {
            let keys =
                Keys { narrow: Tables::of(narrow, &self.facts), wide: Tables::of(wide, &self.facts), unreadable };
            let size: usize = keys.narrow.0.iter().map(Table::bytes).sum();
            let size = size + keys.wide.0.iter().map(Table::bytes).sum::<usize>();
            // Keys that stand in many rows have made it smaller than thought.
            self.memory.give_back(needed.saturating_sub(size));
            return Ok(Built::Tables(Arc::new(keys)));
        }
        // What stays in memory now stays there until it was joined.
        if !self.memory.try_keep(0) {
            for parts in &mut parts {
                parts.write_out()?;
            }
        }
        let [narrow, wide] = parts;
        Ok(Built::ToJoin(Arc::new(KeysToJoin { narrow, wide, facts: self.facts, unreadable })))
    }
}

/// A lookup that was built.
#[derive(Debug, Clone)]
pub(crate) enum Built {
    /// Rows are looked up at once.
    Tables(Arc<Keys>),
    /// Rows are joined with it later.
    ToJoin(Arc<KeysToJoin>),
    /// It is put together with what other datasets have.
    Gathered(Arc<Gathered>),
}

/// The lookups of a plan, each there once it was built.
#[derive(Debug)]
pub(crate) struct Lookups(Vec<Mutex<Result<Built, String>>>);

impl Lookups {
    /// Places for `count` lookups.
    pub(crate) fn new(count: usize) -> Self {
        Self((0..count).map(|_| Mutex::new(Err("the other dataset was not read".to_owned()))).collect())
    }

    /// Puts a lookup in its place.
    pub(crate) fn put(&self, at: usize, keys: Result<Built, String>) {
        *self.0[at].lock().unwrap_or_else(PoisonError::into_inner) = keys;
    }

    /// A lookup that answers at once, or why there is none.
    pub(crate) fn get(&self, at: usize) -> Result<Arc<Keys>, String> {
        match self.built(at)? {
            Built::Tables(keys) => Ok(keys),
            Built::ToJoin(_) => Err("the keys of the other dataset are to be joined".to_owned()),
            Built::Gathered(_) => Err("the other dataset was gathered for something else".to_owned()),
        }
    }

    /// What was gathered of another dataset, or why there is nothing.
    pub(crate) fn gathered(&self, lookup: &Lookup, plan: &Plan) -> Result<Arc<Gathered>, String> {
        let at = plan.lookups.iter().position(|known| known == lookup);
        match self.built(at.ok_or("the other dataset is not planned")?)? {
            Built::Gathered(gathered) => Ok(gathered),
            Built::Tables(_) | Built::ToJoin(_) => Err("of the other dataset only keys were collected".to_owned()),
        }
    }

    /// A lookup, or why there is none.
    pub(crate) fn built(&self, at: usize) -> Result<Built, String> {
        self.0[at].lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
