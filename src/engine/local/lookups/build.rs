//! Lookups built batch by batch.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::model::{AsOf, Kept, Lookup};

use crate::engine::local::batch::cells::Cells;
use crate::engine::local::batch::column_rules::SectionRules;
use crate::engine::local::batch::condition::Condition;
use crate::engine::local::batch::truth::Truth;
use crate::engine::local::cost_model::nanoseconds as ns;
use crate::engine::local::cost_model::{CostModel, expression};
use crate::engine::local::keys::compared::{FactColumns, fact_words};
use crate::engine::local::keys::hashed::{KeyColumns, RecentKeys};
use crate::engine::local::keys::words::Entries;
use crate::engine::local::lookups::built::Built;
use crate::engine::local::lookups::cogroup::Gatherer;
use crate::engine::local::lookups::tables::{Keys, KeysToJoin, Table, Tables};
use crate::engine::local::lookups::total_columns::{self, TOTAL_WORDS};
use crate::engine::local::memory::KeyMemory;
use crate::engine::local::prepare_error::PrepareError;
use crate::engine::local::spill::keyed::KeyedPartitions;

/// More entries than this are joined: tables of them would not stay in the cache.
const MOST_IN_TABLES: usize = 1 << 19;

/// A lookup made ready for the batches of its dataset.
#[derive(Debug)]
pub(crate) enum Builder {
    /// Which keys there are.
    Keys(KeysBuilder),
    /// Facts or totals by key.
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
    ) -> Result<Self, PrepareError> {
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
    /// Whether keys of rows for which the filter is unknown are kept as well.
    doubtful: bool,
    facts: FactColumns,
    entries: KeyedPartitions,
    unreadable: AtomicU64,
}

impl KeysBuilder {
    fn prepare(
        lookup: &Lookup,
        rules: &SectionRules,
        as_of: AsOf,
        memory: &Arc<KeyMemory>,
    ) -> Result<Self, PrepareError> {
        let filter = lookup.filter.as_ref().map(|filter| Condition::compile(filter, rules, as_of)).transpose()?;
        let facts = lookup.facts.iter().map(|fact| (&fact.column, &fact.form, fact.data_type));
        let facts = FactColumns::find(facts, rules)?;
        let words = facts.words();
        Ok(Self {
            memory: Arc::clone(memory),
            key: KeyColumns::find(&lookup.key.columns, rules)?,
            filter,
            doubtful: lookup.kept == Kept::DoubtfulKeys,
            facts,
            entries: KeyedPartitions::new(memory, words),
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
        if self.facts.is_empty() {
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
        self.entries.extend(&entries)
    }

    /// Ends the collection: with tables, unless there are too many keys for them.
    fn finish(self) -> io::Result<Built> {
        // A table has up to 16/7 slots a key. Each slot has one more byte, and the place of the facts.
        let of_table = |entries: usize, key: usize| {
            let facts = self.facts.state_words() * 8;
            entries * (key * 8 + 1 + if facts == 0 { 0 } else { 8 }) * 16 / 7 + entries * facts * 2
        };
        let unreadable = self.unreadable.into_inner();
        let entries = self.entries.finish();
        let needed = of_table(entries.narrow.entries(), 1) + of_table(entries.wide.entries(), 2);
        let few = entries.entries() <= MOST_IN_TABLES;
        if few && !entries.on_disk() && self.memory.try_keep(needed) {
            let (narrow, wide) = (Tables::of(&entries.narrow, &self.facts), Tables::of(&entries.wide, &self.facts));
            let keys = Keys { narrow, wide, unreadable };
            let size: usize = keys.narrow.0.iter().map(Table::bytes).sum();
            let size = size + keys.wide.0.iter().map(Table::bytes).sum::<usize>();
            // Keys that occur in many rows make the tables smaller than this.
            self.memory.give_back(needed.saturating_sub(size));
            return Ok(Built::Tables(Arc::new(keys)));
        }
        let entries = entries.keep()?;
        Ok(Built::ToJoin(Arc::new(KeysToJoin { entries, facts: self.facts, unreadable })))
    }
}

/// What building a lookup costs for each row.
pub(crate) fn cost(lookup: &Lookup, model: &CostModel<'_>) -> f64 {
    let filter = lookup.filter.as_ref().map_or(0.0, expression);
    let facts = lookup.facts.iter().map(|fact| model.fact(&fact.column, &fact.form));
    let kept = match &lookup.kept {
        Kept::Keys | Kept::DoubtfulKeys | Kept::Rows => ns::BUILD_KEY,
        Kept::Totals(totals) => ns::FIND_KEY + total_columns::cost(totals),
    };
    model.key(&lookup.key.columns) + kept + filter + facts.sum::<f64>()
}

/// Words of an entry of a lookup: a key, its row, its facts and totals.
pub(crate) fn words(lookup: &Lookup) -> usize {
    let totals = if let Kept::Totals(totals) = &lookup.kept { totals.len() } else { 0 };
    let facts = lookup.facts.iter().map(|fact| fact_words(&fact.form, fact.data_type));
    3 + facts.sum::<usize>() + totals * TOTAL_WORDS
}
