//! Which of the expected values occur in a column.

use std::collections::{HashMap, HashSet};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::model::{AsOf, CoverTally, Covers, DataType, Expected, Lookup, NAMED_VALUES, Reading, ValueList};
use crate::plan::Plan;
use crate::source::Bits;

use crate::engine::GroupReason;
use crate::engine::local::accumulator::{Accumulator, BatchInput, Classified, End};
use crate::engine::local::batch::cells::Cells;
use crate::engine::local::batch::column_rules::{ColumnRules, place_of};
use crate::engine::local::cost_model::nanoseconds as ns;
use crate::engine::local::cost_model::{CostModel, RowCost};
use crate::engine::local::groups::failing::{FailingGroup, FailingGroups};
use crate::engine::local::keys::hashed::{Key, KeyColumns, RecentKeys, halves, key_of, pack};
use crate::engine::local::keys::words::{BuildWordHasher, Entries, Words};
use crate::engine::local::lookups::built::{Built, Lookups};
use crate::engine::local::lookups::tables::{Keys, KeysToJoin};
use crate::engine::local::memory::KeyMemory;
use crate::engine::local::prepare_error::PrepareError;
use crate::engine::local::rows::sink::{LateRow, LateRows, Sink};
use crate::engine::local::spill::external::{ExternalFold, Part, fold_parts};
use crate::engine::local::spill::key_store::{KeyStore, Repeats};
use crate::engine::local::spill::keyed::{KeyedPartitions, entries};

/// The values of a column, compared with the expected ones.
#[derive(Debug)]
pub(crate) struct Coverage {
    key: KeyColumns,
    held: Held,
}

/// What is kept of the values seen.
#[derive(Debug)]
enum Held {
    /// Which values of a list were seen.
    Listed { places: HashMap<Words<2>, usize, BuildWordHasher>, seen: Vec<AtomicBool>, texts: Vec<String> },
    /// The values that a table of keys has.
    Found { keys: Arc<Keys>, memory: Arc<KeyMemory>, store: KeyStore },
    /// All values, to be joined with the keys.
    ToJoin { keys: Arc<KeysToJoin>, values: KeyedPartitions },
}

impl Coverage {
    /// Prepares the measure over the columns that a pass reads.
    ///
    /// # Errors
    /// A column that the pass does not read, a list that the plan lacks, a lookup that could not be built.
    pub(crate) fn prepare(
        covered: &Covers,
        rules: &[ColumnRules],
        plan: &Plan,
        lookups: &Lookups,
        memory: &Arc<KeyMemory>,
    ) -> Result<Self, PrepareError> {
        let column = place_of(rules, &covered.column)?;
        let held = match &covered.expected {
            Expected::Listed(list) => listed(list, rules[column].data_type, plan)?,
            Expected::Keys(lookup) => looked_up(lookup, plan, lookups, memory)?,
        };
        Ok(Self { key: KeyColumns::find(std::slice::from_ref(&covered.column), rules)?, held })
    }
}

/// The values of a list that are expected now.
fn listed(list: &ValueList, data_type: DataType, plan: &Plan) -> Result<Held, PrepareError> {
    let AsOf { day, .. } = plan.as_of;
    let texts: Vec<String> = match list {
        ValueList::Values(values) => values.clone(),
        ValueList::Codelist { name, .. } => {
            let entries = plan.codes(name).ok_or_else(|| PrepareError::NoCodelist(name.clone()))?;
            let valid = entries.iter().filter(|entry| {
                entry.valid_from.is_none_or(|from| from <= day) && entry.valid_to.is_none_or(|to| day <= to)
            });
            valid.map(|entry| entry.code.clone()).collect()
        }
    };
    let (mut places, mut different) = (HashMap::default(), Vec::new());
    for text in texts {
        // A code that is not of the type cannot occur. It is reported like any other that does not occur.
        match key_of(&text, data_type) {
            Some(key) if places.contains_key(&Words(halves(key))) => continue,
            Some(key) => drop(places.insert(Words(halves(key)), different.len())),
            None => {}
        }
        different.push(text);
    }
    let seen = different.iter().map(|_| AtomicBool::new(false)).collect();
    Ok(Held::Listed { places, seen, texts: different })
}

/// What is kept of values that are looked up among keys.
fn looked_up(lookup: &Lookup, plan: &Plan, lookups: &Lookups, memory: &Arc<KeyMemory>) -> Result<Held, PrepareError> {
    let at = plan.lookups.iter().position(|known| known == lookup).ok_or(PrepareError::NoLookup)?;
    Ok(match lookups.built(at)? {
        Built::Tables(keys) => Held::Found { keys, memory: Arc::clone(memory), store: KeyStore::new(memory) },
        Built::ToJoin(keys) => Held::ToJoin { keys, values: KeyedPartitions::new(memory, 0) },
        Built::Gathered(_) => return Err(PrepareError::LookupOfGroups),
    })
}

impl Accumulator for Coverage {
    fn extend(&self, input: &BatchInput<'_, '_>) -> io::Result<Classified> {
        let (whole, unreadable) = self.key.split(input.cells);
        let Classified { pending, unreadable } = Classified::in_scope(whole, unreadable, input.scope);
        let mut recent = RecentKeys::new();
        let mut each = |visit: &mut dyn FnMut(Key)| {
            self.key.for_each(input.cells, &pending, |_, key| {
                if recent.is_new(key) {
                    visit(key);
                }
            });
        };
        match &self.held {
            Held::Listed { places, seen, .. } => each(&mut |key| {
                if let Some(place) = places.get(&Words(halves(key))) {
                    seen[*place].store(true, Ordering::Relaxed);
                }
            }),
            Held::Found { keys, store, .. } => {
                let mut batch = store.batch();
                each(&mut |key| {
                    if keys.has(key) {
                        // The row is not needed.
                        batch.push(key, 0);
                    }
                });
                store.extend(batch)?;
            }
            Held::ToJoin { values, .. } => {
                let mut entries = Entries::default();
                each(&mut |key| {
                    entries.start(key);
                });
                values.extend(&entries)?;
            }
        }
        // No row is pending: values are judged.
        Ok(Classified { pending: Bits::none(pending.rows()), unreadable })
    }

    fn depends_on_scope(&self, cells: &Cells<'_>) -> Option<Bits> {
        // A row without a value has no counterpart, in scope or not.
        let (whole, unreadable) = self.key.split(cells);
        Some(whole.or(&unreadable))
    }

    fn finish(self: Box<Self>, end: &End<'_>) -> io::Result<Reading> {
        let (expected, found, missing, other_unreadable) = match self.held {
            Held::Listed { seen, texts, .. } => {
                let seen: Vec<bool> = seen.into_iter().map(AtomicBool::into_inner).collect();
                if let Some(groups) = end.groups {
                    for (text, _) in texts.iter().zip(&seen).filter(|(_, seen)| !**seen) {
                        let key = pack(text.as_bytes());
                        groups.push_named(
                            key,
                            vec![Some(text.clone())],
                            &FailingGroup::silent(GroupReason::Missing),
                        )?;
                    }
                }
                let missing = texts.iter().zip(&seen).filter(|(_, seen)| !**seen).map(|(text, _)| text.clone());
                let found = seen.iter().filter(|seen| **seen).count() as u64;
                (texts.len() as u64, found, missing.take(NAMED_VALUES).collect(), 0)
            }
            Held::Found { keys, memory, store } if end.groups.is_some() => {
                let expected = KeyedPartitions::new(&memory, 0);
                let mut entries = Entries::default();
                keys.for_each(|key| {
                    entries.start(key);
                });
                expected.extend(&entries)?;
                drop(entries);
                let stores = [&expected.finish(), &store.into_entries()];
                let ((expected, found), nanoseconds) = fold_parts(&Occurring(end.groups), &stores, end.sinks)?;
                end.spend(nanoseconds);
                (expected, found, Vec::new(), keys.unreadable)
            }
            Held::Found { keys, store, .. } => {
                let Repeats { distinct, nanoseconds, .. } = store.finish(&Unwanted(end.sinks.failed))?;
                end.spend(nanoseconds);
                (keys.len(), distinct, Vec::new(), keys.unreadable)
            }
            Held::ToJoin { keys, values } => {
                let stores = [&keys.entries, &values.finish()];
                let ((expected, found), nanoseconds) = fold_parts(&Occurring(end.groups), &stores, end.sinks)?;
                end.spend(nanoseconds);
                (expected, found, Vec::new(), keys.unreadable)
            }
        };
        let unreadable = end.entered.unreadable;
        Ok(Reading::Covered(CoverTally { expected, found, missing, unreadable, other_unreadable }))
    }
}

/// Rows of duplicate values are not needed.
struct Unwanted<'a>(&'a dyn Sink);

impl Sink for Unwanted<'_> {
    fn take(&self, _: &[LateRow]) {}

    fn is_stopped(&self) -> bool {
        self.0.is_stopped()
    }
}

/// Counts the different keys of a first store, and those of them that occur in a second; the others are failing groups.
struct Occurring<'a>(Option<&'a FailingGroups>);

impl ExternalFold for Occurring<'_> {
    type Tally = (u64, u64);

    fn fold<const K: usize>(&self, part: &Part<'_>, _: &mut LateRows<'_>) -> io::Result<Option<(u64, u64)>> {
        let mut left: HashSet<Words<K>, BuildWordHasher> = HashSet::default();
        let enter = |left: &mut HashSet<_, _>, words: &[u64]| left.extend(entries::<K>(words, K).map(|(key, _)| key));
        // A table is at most seven eighths full, and each entry takes a byte more.
        let bytes = |left: &HashSet<_, _>| left.capacity() / 7 * 8 * (K * 8 + 1);
        if !part.build(0, &mut left, enter, bytes)? {
            return Ok(None);
        }
        let expected = left.len();
        part.for_each(1, &mut |words| {
            for (key, _) in entries::<K>(words, part.stride(1)) {
                left.remove(&key);
            }
            Ok(())
        })?;
        if let Some(groups) = self.0 {
            let group = FailingGroup::silent(GroupReason::Missing);
            left.iter().try_for_each(|key| groups.push(key.key(), 1, &group))?;
        }
        Ok(Some((expected as u64, (expected - left.len()) as u64)))
    }

    fn join(&self, one: (u64, u64), other: (u64, u64)) -> io::Result<(u64, u64)> {
        Ok((one.0 + other.0, one.1 + other.1))
    }
}

/// What it costs for each row.
pub(crate) fn cost(covered: &Covers, model: &CostModel<'_>) -> RowCost {
    (model.key(std::slice::from_ref(&covered.column)) + ns::FIND_KEY, 0.0)
}

/// Words of an entry: a key and its row.
pub(crate) const WORDS: usize = 3;
