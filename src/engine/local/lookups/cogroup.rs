//! The entries of several datasets grouped by key, part by part once all of them were gathered.
//!
//! Each dataset has entries: a key, and words of a row or of many rows. All entries of one key become one state of
//! fixed size, whatever their number and order; so memory depends on the number of different keys of a part alone.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::model::{AsOf, Kept, KeySpec, Lookup};
use crate::source::Bits;

use crate::engine::Reason;
use crate::engine::local::accumulator::{Classified, End};
use crate::engine::local::batch::cells::Cells;
use crate::engine::local::batch::column_rules::SectionRules;
use crate::engine::local::batch::condition::Condition;
use crate::engine::local::groups::failing::FailingGroup;
use crate::engine::local::keys::compared::FactColumns;
use crate::engine::local::keys::hashed::{Key, KeyColumns, pack};
use crate::engine::local::keys::words::{BuildWordHasher, Entries, Words};
use crate::engine::local::lookups::total_columns::TotalColumns;
use crate::engine::local::memory::KeyMemory;
use crate::engine::local::prepare_error::PrepareError;
use crate::engine::local::rows::sink::{LateRows, RowNumber, row_number};
use crate::engine::local::spill::external::{ExternalFold, Part, fold_parts};
use crate::engine::local::spill::keyed::{KeyedPartitions, KeyedParts, entries};

/// What is gathered for each key.
#[derive(Debug)]
pub(crate) enum Gathers {
    /// The facts of each row.
    Facts(FactColumns),
    /// The totals of the rows of a batch.
    Totals(TotalColumns),
}

impl Gathers {
    /// Words of an entry without its key.
    fn words(&self) -> usize {
        match self {
            Self::Facts(facts) => facts.words(),
            Self::Totals(totals) => totals.words(),
        }
    }
}

/// What makes up a key.
#[derive(Debug)]
enum Group {
    /// Columns.
    Columns(KeyColumns),
    /// No column: all rows have one key.
    Whole,
}

impl Group {
    fn find(key: &KeySpec, rules: &SectionRules) -> Result<Self, PrepareError> {
        if key.columns.is_empty() {
            return Ok(Self::Whole);
        }
        KeyColumns::find(&key.columns, rules).map(Self::Columns)
    }

    fn split(&self, cells: &Cells<'_>) -> (Bits, Bits) {
        match self {
            Self::Columns(columns) => columns.split(cells),
            Self::Whole => (Bits::all(cells.rows()), Bits::none(cells.rows())),
        }
    }

    fn for_each(&self, cells: &Cells<'_>, rows: &Bits, mut visit: impl FnMut(usize, Key)) {
        match self {
            Self::Columns(columns) => columns.for_each(cells, rows, visit),
            Self::Whole => rows.ones().for_each(|row| visit(row, pack(&[]))),
        }
    }
}

/// Gathers the entries of one dataset.
#[derive(Debug)]
pub(crate) struct Gatherer {
    group: Group,
    gathers: Gathers,
    filter: Option<Condition>,
    entries: KeyedPartitions,
    without_key: AtomicU64,
    unreadable: AtomicU64,
}

impl Gatherer {
    /// Prepares to gather by the columns of a key; each entry begins with the number of a row where they are
    /// `numbered`.
    ///
    /// # Errors
    /// A column that the pass does not read.
    pub(crate) fn prepare(
        key: &KeySpec,
        gathers: Gathers,
        numbered: bool,
        rules: &SectionRules,
        memory: &Arc<KeyMemory>,
    ) -> Result<Self, PrepareError> {
        let words = gathers.words() + usize::from(numbered);
        Ok(Self {
            group: Group::find(key, rules)?,
            gathers,
            filter: None,
            entries: KeyedPartitions::new(memory, words),
            without_key: AtomicU64::new(0),
            unreadable: AtomicU64::new(0),
        })
    }

    /// Prepares a lookup that keeps more than its keys; `None` for the others.
    ///
    /// # Errors
    /// A condition that does not compile, or a column that the pass does not read.
    pub(crate) fn of_lookup(
        lookup: &Lookup,
        rules: &SectionRules,
        as_of: AsOf,
        memory: &Arc<KeyMemory>,
    ) -> Result<Option<Self>, PrepareError> {
        let gathers = match &lookup.kept {
            Kept::Keys | Kept::DoubtfulKeys => return Ok(None),
            Kept::Rows => {
                let facts = lookup.facts.iter().map(|fact| (&fact.column, &fact.form, fact.data_type));
                Gathers::Facts(FactColumns::find(facts, rules)?)
            }
            Kept::Totals(totals) => Gathers::Totals(TotalColumns::prepare(totals, rules, as_of)?),
        };
        let filter = lookup.filter.as_ref().map(|filter| Condition::compile(filter, rules, as_of)).transpose()?;
        Ok(Some(Self { filter, ..Self::prepare(&lookup.key, gathers, false, rules, memory)? }))
    }

    /// Takes in all rows of a batch, as far as the condition of the lookup is true for them.
    ///
    /// # Errors
    /// Where entries must be spilled and cannot be written.
    pub(crate) fn extend(&self, cells: &Cells<'_>) -> io::Result<()> {
        let truth = self.filter.as_ref().map(|filter| filter.evaluate(cells));
        if let Some(truth) = &truth {
            // For these rows it is unknown whether they are in scope.
            self.unreadable.fetch_add(truth.unreadable.count(), Ordering::Relaxed);
        }
        self.enter(cells, None, truth.as_ref().map(|truth| &truth.yes)).map(drop)
    }

    /// Takes in the rows of a batch that are in scope; entries hold their row where the `number` of the batch is given.
    ///
    /// # Errors
    /// Where entries must be spilled and cannot be written.
    pub(crate) fn enter(&self, cells: &Cells<'_>, number: Option<u32>, scope: Option<&Bits>) -> io::Result<Classified> {
        let (whole, unreadable) = self.group.split(cells);
        let classified = Classified::in_scope(whole, unreadable, scope);
        let (there, unreadable) = (classified.pending.count(), classified.unreadable.count());
        let rows = scope.map_or(cells.rows() as u64, Bits::count);
        self.without_key.fetch_add(rows - there - unreadable, Ordering::Relaxed);
        self.unreadable.fetch_add(unreadable, Ordering::Relaxed);
        let mut entries = Entries::default();
        let number = |row: usize| number.map(|batch| row_number(batch, row));
        match &self.gathers {
            Gathers::Facts(facts) => {
                let mut buffer = String::new();
                self.group.for_each(cells, &classified.pending, |row, key| {
                    let words = entries.start(key);
                    words.extend(number(row));
                    facts.write(cells, row, &mut buffer, words);
                });
            }
            Gathers::Totals(totals) => {
                let mut groups = totals.batch(cells);
                self.group.for_each(cells, &classified.pending, |row, key| groups.add(row, key));
                for (key, row, total) in groups.groups() {
                    let words = entries.start(key);
                    words.extend(number(row));
                    words.extend_from_slice(total);
                }
            }
        }
        self.entries.extend(&entries)?;
        Ok(classified)
    }

    /// Ends the gathering.
    ///
    /// # Errors
    /// Where entries must be spilled and cannot be written.
    pub(crate) fn finish(&self) -> io::Result<Gathered> {
        Ok(Gathered {
            entries: self.entries.finish().keep()?,
            without_key: self.without_key.load(Ordering::Relaxed),
            unreadable: self.unreadable.load(Ordering::Relaxed),
        })
    }
}

/// The entries of one dataset.
#[derive(Debug)]
pub(crate) struct Gathered {
    entries: KeyedParts,
    /// Rows with a missing key part.
    pub(crate) without_key: u64,
    /// Rows whose key is unparseable, or for which it is unknown whether they are in scope.
    pub(crate) unreadable: u64,
}

/// How the entries of a key become one state, and how the state is judged.
pub(crate) trait CogroupFold: Sync {
    /// The counts of many keys.
    type Tally: Default + Send;

    /// Words of a state. All of them are 0 before the first entry.
    fn words(&self) -> usize;

    /// Enters an entry of a dataset into the state. The order of entries makes no difference.
    fn enter(&self, side: usize, entry: &[u64], state: &mut [u64]);

    /// What is handed on of a key that fails for this reason: the side that names it, and what the sides say.
    fn describe(&self, state: &[u64], reason: Reason) -> (u32, FailingGroup);

    /// Whether the rows of a key that fails are handed on.
    fn names_rows(&self) -> bool {
        true
    }

    /// Whether an entry of the first dataset is made of several rows and names one of them. Then only the first row of a
    /// failing key is handed on.
    const NAMES_FIRST_ROW: bool;

    /// Counts a key; returns why its rows fail, or `None` where they do not.
    fn judge(&self, state: &[u64], tally: &mut Self::Tally) -> Option<Reason>;

    /// Adds the counts of other keys.
    fn plus(all: Self::Tally, more: Self::Tally) -> Self::Tally;
}

/// Groups the entries of datasets by key. Those of the first dataset begin with the numbers of their rows; the rows of keys
/// that fail are handed on.
///
/// # Errors
/// Where spilled entries cannot be read back, or must be partitioned again and cannot be written; where the user stopped the
/// audit.
pub(crate) fn fold<F: CogroupFold>(fold: &F, sides: &[&Gathered], end: &End<'_>) -> io::Result<F::Tally> {
    let stores: Vec<&KeyedParts> = sides.iter().map(|side| &side.entries).collect();
    let (tally, nanoseconds) = fold_parts(&Together { fold, end }, &stores, end.sinks)?;
    end.spend(nanoseconds);
    Ok(tally)
}

/// Folds the entries of a part in all datasets.
struct Together<'a, F> {
    fold: &'a F,
    end: &'a End<'a>,
}

impl<F: CogroupFold> ExternalFold for Together<'_, F> {
    type Tally = F::Tally;

    fn fold<const K: usize>(&self, part: &Part<'_>, rows: &mut LateRows<'_>) -> io::Result<Option<F::Tally>> {
        let Self { fold, end } = self;
        let mut states = States::<K>::new(fold.words());
        for side in 0..part.stores() {
            let enter = |states: &mut States<K>, words: &[u64]| {
                entries(words, part.stride(side)).for_each(|(key, entry)| fold.enter(side, entry, states.of(key)));
            };
            if !part.build(side, &mut states, enter, States::bytes)? {
                return Ok(None);
            }
        }
        let mut tally = F::Tally::default();
        let fails: Vec<Option<Reason>> = states.all().map(|state| fold.judge(state, &mut tally)).collect();
        if let Some(groups) = end.groups {
            for (key, place) in states.keys() {
                if let Some(reason) = fails[place] {
                    let (side, group) = fold.describe(states.at(place), reason);
                    groups.push(key.key(), side, &group)?;
                }
            }
        }
        if fold.names_rows() && fails.iter().any(Option::is_some) {
            let mut first: Vec<Option<RowNumber>> = vec![None; if F::NAMES_FIRST_ROW { fails.len() } else { 0 }];
            part.for_each(0, &mut |words| {
                for (key, entry) in entries::<K>(words, part.stride(0)) {
                    let Some(place) = states.place(&key) else { continue };
                    let (Some(reason), [row, ..]) = (fails[place], entry) else { continue };
                    match first.get_mut(place) {
                        Some(known) if known.is_some_and(|known| end.order(known) <= end.order(*row)) => {}
                        Some(known) => *known = Some(*row),
                        None => rows.failed.push_for(*row, reason),
                    }
                }
                Ok(())
            })?;
            for (row, reason) in first.into_iter().zip(fails) {
                if let (Some(row), Some(reason)) = (row, reason) {
                    rows.failed.push_for(row, reason);
                }
            }
        }
        Ok(Some(tally))
    }

    fn join(&self, one: F::Tally, other: F::Tally) -> io::Result<F::Tally> {
        Ok(F::plus(one, other))
    }
}

/// The states of the keys of a part.
struct States<const K: usize> {
    places: HashMap<Words<K>, usize, BuildWordHasher>,
    words: Vec<u64>,
    size: usize,
}

impl<const K: usize> States<K> {
    fn new(size: usize) -> Self {
        Self { places: HashMap::default(), words: Vec::new(), size: size.max(1) }
    }

    /// The state of a key.
    fn of(&mut self, key: Words<K>) -> &mut [u64] {
        let next = self.words.len() / self.size;
        let place = *self.places.entry(key).or_insert(next);
        if place == next {
            self.words.resize((next + 1) * self.size, 0);
        }
        &mut self.words[place * self.size..][..self.size]
    }

    fn place(&self, key: &Words<K>) -> Option<usize> {
        self.places.get(key).copied()
    }

    /// The keys and their places, in no order.
    fn keys(&self) -> impl Iterator<Item = (Words<K>, usize)> {
        self.places.iter().map(|(key, place)| (*key, *place))
    }

    /// The state at a place.
    fn at(&self, place: usize) -> &[u64] {
        &self.words[place * self.size..][..self.size]
    }

    fn all(&self) -> impl Iterator<Item = &[u64]> {
        self.words.chunks_exact(self.size)
    }

    /// Bytes that they take: each slot of the table takes a byte more, and an eighth is free.
    fn bytes(&self) -> usize {
        self.places.capacity() / 7 * 8 * (K * 8 + 9) + self.words.capacity() * 8
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::PoisonError;

    use super::*;
    use crate::engine::GroupReason;
    use crate::engine::local::accumulator::Entered;
    use crate::engine::local::rows::sink::Sinks;
    use crate::engine::local::rows::sink::tests::KeptRows;

    /// Adds up a word of each side; a key fails where the sums differ.
    struct Adds;

    impl CogroupFold for Adds {
        type Tally = BTreeMap<[u64; 2], u64>;

        const NAMES_FIRST_ROW: bool = false;

        fn words(&self) -> usize {
            2
        }

        fn enter(&self, side: usize, entry: &[u64], state: &mut [u64]) {
            state[side] += entry[entry.len() - 1];
        }

        fn judge(&self, state: &[u64], tally: &mut Self::Tally) -> Option<Reason> {
            *tally.entry([state[0], state[1]]).or_default() += 1;
            (state[0] != state[1]).then_some(Reason::Sole)
        }

        fn describe(&self, _: &[u64], _: Reason) -> (u32, FailingGroup) {
            (0, FailingGroup::silent(GroupReason::Differs))
        }

        fn plus(mut all: Self::Tally, more: Self::Tally) -> Self::Tally {
            for (sums, keys) in more {
                *all.entry(sums).or_default() += keys;
            }
            all
        }
    }

    /// Groups the words of two sides by text, within a limit of memory.
    fn check(sides: [&dyn Fn(u64) -> (String, u64); 2], limit: usize) -> u64 {
        const ENTRIES: u64 = 30_000;
        let memory = KeyMemory::new(limit, 2, &std::env::temp_dir());
        let mut by_text: BTreeMap<String, ([u64; 2], Vec<RowNumber>)> = BTreeMap::new();
        let mut gathered = Vec::new();
        for (side, make) in sides.into_iter().enumerate() {
            let words = if side == 0 { 2 } else { 1 };
            let store = KeyedPartitions::new(&memory, words);
            for lot in 0..ENTRIES / 1_000 {
                let mut entries = Entries::default();
                for number in lot * 1_000..(lot + 1) * 1_000 {
                    let (text, word) = make(number);
                    let words = entries.start(pack(text.as_bytes()));
                    let (sums, rows) = by_text.entry(text).or_default();
                    sums[side] += word;
                    if side == 0 {
                        words.push(number);
                        rows.push(number);
                    }
                    words.push(word);
                }
                store.extend(&entries).expect("the folder can be written");
            }
            gathered.push(Gathered { entries: store.finish(), without_key: 0, unreadable: 0 });
        }
        let (failed, left) = (KeptRows::default(), KeptRows::default());
        let sinks = Sinks { failed: &failed, not_applicable: &left };
        let end = End::new(sinks, Entered::default(), ENTRIES);
        let sides: Vec<&Gathered> = gathered.iter().collect();
        let tally = fold(&Adds, &sides, &end).expect("what was written can be read");
        let mut expected = BTreeMap::new();
        let mut rows = Vec::new();
        for (sums, of) in by_text.into_values() {
            *expected.entry(sums).or_default() += 1;
            rows.extend(of.into_iter().filter(|_| sums[0] != sums[1]));
        }
        assert_eq!(tally, expected, "limit {limit}");
        let mut failed = failed.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        failed.sort_unstable();
        rows.sort_unstable();
        assert_eq!(failed, rows, "limit {limit}");
        drop(gathered);
        assert!(memory.try_keep(limit / 2), "all memory is given back");
        memory.spilled()
    }

    #[test]
    fn memory_changes_no_state() {
        let few = |n: u64| (format!("{}", n % 700), n % 5);
        let many = |n: u64| (format!("{n:012}"), 1);
        let wide = |n: u64| (format!("a longer key, number {}", n % 20_011), n % 3);
        let skewed = |n: u64| (if n.is_multiple_of(9) { format!("{n}") } else { "one".to_owned() }, 1);
        for sides in [[&few as &dyn Fn(u64) -> (String, u64), &many], [&many, &many], [&wide, &few], [&skewed, &wide]] {
            assert!(check(sides, 0) > 0);
            assert!(check(sides, 300_000) > 0);
            assert_eq!(check(sides, 1 << 30), 0);
        }
    }
}
