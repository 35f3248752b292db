//! Rows of one dataset joined with many keys of another, part by part once all rows were seen.
//!
//! In each part the keys of the other dataset become a table, in which the rows are looked up. So memory depends on the number
//! of different keys of a part alone.

use std::io;
use std::sync::Arc;

use crate::model::{MatchTally, Predicate, Reading, RowTally};
use crate::plan::Plan;

use crate::engine::local::accumulator::{Accumulator, BatchInput, Classified, End, Entered};
use crate::engine::local::batch::column_rules::ColumnRules;
use crate::engine::local::keys::compared::FactColumns;
use crate::engine::local::keys::hashed::KeyColumns;
use crate::engine::local::keys::words::Entries;
use crate::engine::local::lookups::built::{Built, Lookups};
use crate::engine::local::lookups::matching::{Asks, MatchOutcome, Mismatch};
use crate::engine::local::lookups::tables::{KeysToJoin, Table};
use crate::engine::local::memory::KeyMemory;
use crate::engine::local::prepare_error::PrepareError;
use crate::engine::local::rows::sink::{LateRows, row_number};
use crate::engine::local::spill::external::{ExternalFold, Part, fold_parts};
use crate::engine::local::spill::keyed::{KeyedPartitions, entries};

/// Rows that are being collected for the join.
#[derive(Debug)]
pub(crate) struct Join {
    asks: Asks,
    keys: Arc<KeysToJoin>,
    key: KeyColumns,
    facts: FactColumns,
    rows: KeyedPartitions,
}

/// The rows by outcome.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Joined {
    pub passed: u64,
    pub failed: u64,
    /// Rows that failed because they are unparseable.
    pub unreadable: u64,
    /// Rows without a partner to agree with.
    pub not_applicable: u64,
    /// For tests of agreement.
    pub matching: MatchTally,
}

impl Accumulator for Join {
    fn extend(&self, input: &BatchInput<'_, '_>) -> io::Result<Classified> {
        let cells = input.cells;
        let (whole, unreadable) = self.key.split(cells);
        let classified = Classified::in_scope(whole, unreadable, input.scope);
        let (mut entries, mut buffer) = (Entries::default(), String::new());
        self.key.for_each(cells, &classified.pending, |row, key| {
            let words = entries.start(key);
            words.push(row_number(input.number, row));
            self.facts.write(cells, row, &mut buffer, words);
        });
        self.rows.extend(&entries)?;
        Ok(classified)
    }

    /// Finds the partners of all rows.
    fn finish(self: Box<Self>, end: &End<'_>) -> io::Result<Reading> {
        let (joined, nanoseconds) = fold_parts(&*self, &[&self.keys.entries, &self.rows.finish()], end.sinks)?;
        end.spend(nanoseconds);
        let Entered { not_applicable, unreadable } = end.entered;
        // As where rows are looked up at once: without rows there is no tally of agreement.
        let matching = self.asks == Asks::Agrees && end.rows > 0;
        Ok(Reading::Rows(RowTally {
            passed: joined.passed,
            failed: unreadable + joined.failed,
            not_applicable: not_applicable + joined.not_applicable,
            unreadable: unreadable + joined.unreadable,
            other_unreadable: self.keys.unreadable,
            matching: matching.then_some(joined.matching),
            ..RowTally::default()
        }))
    }
}

impl Join {
    /// Prepares a test whose lookup is to be joined; `None` for all other tests.
    ///
    /// # Errors
    /// A lookup that could not be built, a column that the pass does not read.
    #[deny(clippy::wildcard_enum_match_arm)]
    pub(crate) fn prepare(
        predicate: &Predicate,
        rules: &[ColumnRules],
        plan: &Plan,
        lookups: &Lookups,
        memory: &Arc<KeyMemory>,
    ) -> Result<Option<Self>, PrepareError> {
        let at = predicate.lookup().and_then(|lookup| plan.lookups.iter().position(|known| known == lookup));
        let Some(Built::ToJoin(keys)) = at.map(|at| lookups.built(at)).transpose()? else { return Ok(None) };
        let (asks, key, facts) = match predicate {
            Predicate::Found { key, negated, .. } => {
                (Asks::of_key(*negated), key, FactColumns::find(std::iter::empty(), rules)?)
            }
            Predicate::Agrees { key, compare, .. } => {
                let pairs = compare.iter().map(|pair| (&pair.column, &pair.form, pair.data_type));
                (Asks::Agrees, key, FactColumns::find(pairs, rules)?)
            }
            Predicate::Present { .. }
            | Predicate::Readable { .. }
            | Predicate::Matches { .. }
            | Predicate::Listed { .. }
            | Predicate::InRange { .. }
            | Predicate::LengthIn { .. }
            | Predicate::InTime { .. }
            | Predicate::Identifier(_)
            | Predicate::Tidy(_)
            | Predicate::Holds(_) => return Ok(None),
        };
        let words = 1 + facts.words();
        Ok(Some(Self {
            asks,
            keys,
            key: KeyColumns::find(&key.columns, rules)?,
            facts,
            rows: KeyedPartitions::new(memory, words),
        }))
    }
}

/// The stores of a join.
const KEYS: usize = 0;
const ROWS: usize = 1;

impl ExternalFold for Join {
    type Tally = Joined;

    fn fold<const K: usize>(&self, part: &Part<'_>, rows: &mut LateRows<'_>) -> io::Result<Option<Joined>> {
        let mut joined = Joined::default();
        if part.entries(ROWS) == 0 {
            return Ok(Some(joined));
        }
        let mut table = Table::<K>::new(&self.keys.facts);
        if !part.build(KEYS, &mut table, Table::extend, Table::bytes)? {
            return Ok(None);
        }
        part.for_each(ROWS, &mut |words| {
            for (key, entry) in entries::<K>(words, part.stride(ROWS)) {
                let [row, ours @ ..] = entry else { continue };
                match self.asks.judge(table.matched(&key, ours), &mut joined.matching) {
                    MatchOutcome::Passed => joined.passed += 1,
                    MatchOutcome::Failed(why) => {
                        joined.failed += 1;
                        joined.unreadable += u64::from(why == Mismatch::Unparseable);
                        rows.failed.push_for(*row, why.reason());
                    }
                    MatchOutcome::NotApplicable => {
                        joined.not_applicable += 1;
                        rows.not_applicable.push(*row);
                    }
                }
            }
            Ok(())
        })?;
        Ok(Some(joined))
    }

    fn join(&self, mut one: Joined, other: Joined) -> io::Result<Joined> {
        one.passed += other.passed;
        one.failed += other.failed;
        one.unreadable += other.unreadable;
        one.not_applicable += other.not_applicable;
        one.matching.matched += other.matching.matched;
        one.matching.differing += other.matching.differing;
        one.matching.unmatched += other.matching.unmatched;
        one.matching.ambiguous += other.matching.ambiguous;
        Ok(one)
    }
}
