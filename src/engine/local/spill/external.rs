//! The one driver that processes more entries than memory holds: part by part, on all workers.
//!
//! Equal keys are in the same part (see [`super::partitions`]), so each part is folded by itself: entries become a table or
//! are sorted, and the keys are counted. A part that is too large for the memory of a worker is
//! partitioned again by the next bits of its keys. Keys that make up much of such a part would stay together; a fold
//! may take their entries one by one, apart from the others.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use rayon::prelude::*;

use crate::engine::local::keys::words::Words;
use crate::engine::local::memory::KeyMemory;
use crate::engine::local::profile::since;
use crate::engine::local::rows::sink::{LateRows, Sinks};
use crate::engine::local::spill::keyed::{KeyedParts, entries};
use crate::engine::local::spill::partitions::{LAST_LEVEL, PARTS, Partitions, Parts};

/// What a measure or a lookup does with the entries of one or several stores.
pub(crate) trait ExternalFold: Sync {
    /// The summary of many keys.
    type Tally: Default + Send;

    /// Folds the entries of one part, whose keys have `K` words. `None` where they do not fit into memory.
    ///
    /// # Errors
    /// Where spilled entries cannot be read back, or the summary must be spilled and cannot be written.
    fn fold<const K: usize>(&self, part: &Part<'_>, rows: &mut LateRows<'_>) -> io::Result<Option<Self::Tally>>;

    /// Joins the summaries of different keys.
    ///
    /// # Errors
    /// Where it must be spilled and cannot be written.
    fn join(&self, one: Self::Tally, other: Self::Tally) -> io::Result<Self::Tally>;

    /// Takes the entries of one key that makes up much of a part. `None`: they are folded like those of any other key.
    fn set_apart(&self, _memory: &Arc<KeyMemory>) -> Option<Box<dyn FrequentKey<Self::Tally> + '_>> {
        None
    }
}

/// A key that makes up much of a part.
pub(crate) trait FrequentKey<T> {
    /// Takes in the words of an entry after its key.
    ///
    /// # Errors
    /// Where it must be spilled and cannot be written.
    fn enter(&mut self, entry: &[u64], rows: &mut LateRows<'_>) -> io::Result<()>;

    /// The summary of the key.
    ///
    /// # Errors
    /// Where spilled entries cannot be read back.
    fn close(self: Box<Self>, rows: &mut LateRows<'_>) -> io::Result<T>;
}

/// One part of all stores.
pub(crate) struct Part<'a> {
    stores: &'a [&'a Parts],
    number: usize,
    memory: &'a KeyMemory,
}

impl<'a> Part<'a> {
    /// How many stores there are.
    pub(crate) const fn stores(&self) -> usize {
        self.stores.len()
    }

    /// The entries of a store in this part.
    pub(crate) fn entries(&self, store: usize) -> usize {
        self.stores[store].entries_of(self.number)
    }

    /// Words of an entry of a store.
    pub(crate) fn stride(&self, store: usize) -> usize {
        self.stores[store].stride()
    }

    /// How often the entries were partitioned before.
    pub(crate) fn level(&self) -> u32 {
        self.stores.first().map_or(LAST_LEVEL, |parts| parts.level())
    }

    /// Whether a worker has room for so many bytes. What cannot be partitioned again must fit.
    pub(crate) fn fits(&self, bytes: usize) -> bool {
        self.level() >= LAST_LEVEL || bytes <= self.memory.share()
    }

    /// Makes a table of the entries of a store, as long as `bytes` of it fit; returns whether they do.
    ///
    /// # Errors
    /// Where entries cannot be read.
    pub(crate) fn build<T>(
        &self,
        store: usize,
        table: &mut T,
        mut enter: impl FnMut(&mut T, &[u64]),
        bytes: impl Fn(&T) -> usize,
    ) -> io::Result<bool> {
        let mut fits = true;
        self.for_each(store, &mut |words| {
            if fits {
                enter(table, words);
                // While a table grows, the old one and the new one are both in memory.
                fits = self.fits(2 * bytes(table));
            }
            Ok(())
        })?;
        Ok(fits)
    }

    /// Calls `visit` with all entries of a store, some at a time.
    ///
    /// # Errors
    /// Where they cannot be read, and those of `visit`.
    pub(crate) fn for_each(&self, store: usize, visit: &mut dyn FnMut(&[u64]) -> io::Result<()>) -> io::Result<()> {
        self.stores[store].for_each(self.number, visit)
    }

    /// The entries of a store that are in memory.
    pub(crate) fn in_memory(&self, store: usize) -> impl Iterator<Item = &'a [u64]> {
        self.stores[store].in_memory(self.number)
    }

    /// The entries of a store that are on disk, read into memory.
    ///
    /// # Errors
    /// Where they cannot be read.
    pub(crate) fn load(&self, store: usize) -> io::Result<Vec<u64>> {
        self.stores[store].load(self.number)
    }
}

/// Folds the entries of stores that are partitioned in the same way, and hands on the rows that fail or are not applicable.
/// Returns the summary and the nanoseconds of workers that the fold took.
///
/// # Errors
/// Where spilled entries cannot be read back, or must be partitioned again and cannot be written; where the user stopped the
/// audit.
pub(crate) fn fold_parts<F: ExternalFold>(
    fold: &F,
    stores: &[&KeyedParts],
    sinks: Sinks<'_>,
) -> io::Result<(F::Tally, u64)> {
    let Some(memory) = stores.first().map(|store| store.memory()) else { return Ok((F::Tally::default(), 0)) };
    let narrow: Vec<&Parts> = stores.iter().map(|store| &store.narrow).collect();
    let wide: Vec<&Parts> = stores.iter().map(|store| &store.wide).collect();
    let spent = AtomicU64::new(0);
    let narrow = fold_all::<F, 1>(fold, &narrow, memory, sinks, &spent)?;
    let wide = fold_all::<F, 2>(fold, &wide, memory, sinks, &spent)?;
    Ok((fold.join(narrow, wide)?, spent.into_inner()))
}

fn fold_all<F: ExternalFold, const K: usize>(
    fold: &F,
    stores: &[&Parts],
    memory: &KeyMemory,
    sinks: Sinks<'_>,
    spent: &AtomicU64,
) -> io::Result<F::Tally> {
    if stores.iter().all(|parts| parts.entries() == 0) {
        return Ok(F::Tally::default());
    }
    (0..PARTS)
        .into_par_iter()
        .filter(|number| stores.iter().any(|parts| parts.entries_of(*number) > 0))
        .map(|number| {
            let start = Instant::now();
            let tally = fold_part::<F, K>(fold, &Part { stores, number, memory }, &mut LateRows::new(sinks));
            spent.fetch_add(since(start), Ordering::Relaxed);
            tally
        })
        .try_reduce(F::Tally::default, |one, other| fold.join(one, other))
}

fn fold_part<F: ExternalFold, const K: usize>(
    fold: &F,
    part: &Part<'_>,
    rows: &mut LateRows<'_>,
) -> io::Result<F::Tally> {
    rows.go_on()?;
    match fold.fold::<K>(part, rows)? {
        Some(tally) => Ok(tally),
        None => fold_again::<F, K>(fold, part, rows),
    }
}

/// Partitions a part again, in all stores, and folds the finer parts.
fn fold_again<F: ExternalFold, const K: usize>(
    fold: &F,
    part: &Part<'_>,
    rows: &mut LateRows<'_>,
) -> io::Result<F::Tally> {
    let memory = part.memory.of_worker();
    let mut apart = frequent_keys::<F, K>(fold, part, &memory)?;
    let mut finer = Vec::with_capacity(part.stores.len());
    let mut rest = Vec::new();
    for (store, parts) in part.stores.iter().enumerate() {
        let partitions = Partitions::at_level(&memory, parts.stride(), parts.level() + 1);
        part.for_each(store, &mut |words| {
            if apart.is_empty() {
                return partitions.extend(words);
            }
            rest.clear();
            for (key, entry) in entries::<K>(words, parts.stride()) {
                if let Some((_, frequent)) = apart.iter_mut().find(|(frequent, _)| *frequent == key) {
                    frequent.enter(entry, rows)?;
                } else {
                    rest.extend(key.0);
                    rest.extend_from_slice(entry);
                }
            }
            partitions.extend(&rest)
        })?;
        finer.push(partitions.finish());
    }
    drop(rest);
    let close =
        |tally, (_, frequent): (_, Box<dyn FrequentKey<F::Tally> + '_>)| fold.join(tally, frequent.close(rows)?);
    let tally = apart.into_iter().try_fold(F::Tally::default(), close)?;
    let stores: Vec<&Parts> = finer.iter().collect();
    (0..PARTS).try_fold(tally, |tally, number| {
        fold.join(tally, fold_part::<F, K>(fold, &Part { stores: &stores, number, memory: &memory }, rows)?)
    })
}

/// Keys, each with the fold of its entries.
type Apart<'f, T, const K: usize> = Vec<(Words<K>, Box<dyn FrequentKey<T> + 'f>)>;

/// The keys that occur several times in a sample of a part, and make up a good part of it.
fn frequent_keys<'f, F: ExternalFold, const K: usize>(
    fold: &'f F,
    part: &Part<'_>,
    memory: &Arc<KeyMemory>,
) -> io::Result<Apart<'f, F::Tally, K>> {
    let [parts] = part.stores else { return Ok(Vec::new()) };
    if fold.set_apart(memory).is_none() {
        return Ok(Vec::new());
    }
    let sample = parts.sample(part.number)?;
    let mut keys: Vec<[u64; K]> = entries::<K>(&sample, parts.stride()).map(|(key, _)| key.0).collect();
    drop(sample);
    keys.sort_unstable();
    let least = (keys.len() / 32).max(2);
    let runs = keys.chunk_by(|one, other| one == other).filter(|run| run.len() >= least);
    Ok(runs.filter_map(|run| Some((Words(*run.first()?), fold.set_apart(memory)?))).collect())
}
