//! Rows whose key, or all of whose values, occur more than once.

use std::io;
use std::sync::Arc;

use crate::model::{DuplicateTally, KeySpec, Reading};

use crate::engine::local::accumulator::{Accumulator, BatchInput, Classified, End, Entered};
use crate::engine::local::batch::column_rules::ColumnRules;
use crate::engine::local::cost_model::nanoseconds as ns;
use crate::engine::local::cost_model::{CostModel, RowCost};
use crate::engine::local::keys::hashed::KeyColumns;
use crate::engine::local::memory::KeyMemory;
use crate::engine::local::prepare_error::PrepareError;
use crate::engine::local::rows::sink::row_number;
use crate::engine::local::spill::key_store::KeyStore;

/// Rows whose key occurs more than once.
#[derive(Debug)]
pub(crate) struct DuplicateRows {
    key: KeyColumns,
    store: KeyStore,
}

impl DuplicateRows {
    /// Looks for rows that have the same key.
    ///
    /// # Errors
    /// A column that the pass does not read.
    pub(crate) fn of_key(key: &KeySpec, rules: &[ColumnRules], memory: &Arc<KeyMemory>) -> Result<Self, PrepareError> {
        Ok(Self { key: KeyColumns::find(&key.columns, rules)?, store: KeyStore::new(memory) })
    }

    /// Looks for rows that are equal in all columns except those to `ignore`.
    ///
    /// # Errors
    /// A column that the pass does not read.
    pub(crate) fn of_rows(
        ignore: &[String],
        rules: &[ColumnRules],
        memory: &Arc<KeyMemory>,
    ) -> Result<Self, PrepareError> {
        let columns: Vec<String> =
            rules.iter().map(|column| column.name.clone()).filter(|name| !ignore.contains(name)).collect();
        Ok(Self { key: KeyColumns::of_rows(&columns, rules)?, store: KeyStore::new(memory) })
    }
}

impl Accumulator for DuplicateRows {
    fn extend(&self, input: &BatchInput<'_, '_>) -> io::Result<Classified> {
        let (whole, unreadable) = self.key.split(input.cells);
        let classified = Classified::in_scope(whole, unreadable, input.scope);
        let mut keys = self.store.batch();
        self.key.for_each(input.cells, &classified.pending, |row, key| keys.push(key, row_number(input.number, row)));
        self.store.extend(keys)?;
        Ok(classified)
    }

    fn finish(self: Box<Self>, end: &End<'_>) -> io::Result<Reading> {
        let repeats = self.store.finish(end.sinks.failed)?;
        end.spend(repeats.nanoseconds);
        let Entered { not_applicable, unreadable } = end.entered;
        Ok(Reading::Duplicates(DuplicateTally {
            evaluated: repeats.rows,
            duplicated: repeats.repeated,
            groups: repeats.groups,
            surplus: repeats.repeated - repeats.groups,
            not_applicable,
            unreadable,
            failing_rows: Vec::new(),
        }))
    }
}

/// What duplicates of a key of these columns cost for each row.
pub(crate) fn cost(columns: &[String], model: &CostModel<'_>) -> RowCost {
    (model.key(columns) + ns::KEEP_KEY, ns::SORT_KEY)
}

/// The same of whole rows, without the columns to `ignore`.
pub(crate) fn cost_of_rows(ignore: &[String], model: &CostModel<'_>) -> RowCost {
    let columns = model.stored.iter().map(|(name, _)| name).filter(|name| !ignore.contains(name)).cloned();
    cost(&columns.collect::<Vec<_>>(), model)
}

/// Words of an entry: a key and its row.
pub(crate) const WORDS: usize = 3;
