//! Rows that look into many keys, joined with them part by part once all rows were seen.
//!
//! Of a part, the other dataset's keys become a table, and the rows run past it; so memory depends on the number of
//! different keys of a part alone. A part whose table grows too large is parted again on both sides.

use std::io;
use std::sync::Arc;

use rayon::prelude::*;

use crate::model::{MatchTally, Predicate, Reading, RowTally};
use crate::plan::Plan;

use crate::engine::local::accumulator::{Accumulator, BatchInput, Classified, End, Entered};
use crate::engine::local::batch::column_rules::ColumnRules;
use crate::engine::local::keys::compared::{FACT_WORDS, FactColumns};
use crate::engine::local::keys::hashed::KeyColumns;
use crate::engine::local::keys::words::{Entries, Words};
use crate::engine::local::lookups::built::{Built, Lookups};
use crate::engine::local::lookups::tables::{KeysToJoin, Match, Table};
use crate::engine::local::memory::KeyMemory;
use crate::engine::local::prepare_error::PrepareError;
use crate::engine::local::rows::sink::{Rows, Sink, row_number};
use crate::engine::local::spill::partitions::{LAST_LEVEL, PARTS, Partitions, Parts};

/// What the rows of a test look for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asks {
    /// The key is there.
    Found,
    /// The key is not there.
    Absent,
    /// The facts agree.
    Agrees,
}

/// Rows that wait for their partners.
#[derive(Debug)]
pub(crate) struct Join {
    asks: Asks,
    keys: Arc<KeysToJoin>,
    key: KeyColumns,
    facts: FactColumns,
    memory: Arc<KeyMemory>,
    narrow: Arc<Partitions>,
    wide: Arc<Partitions>,
}

/// The rows that are kept apart.
struct Told<'a> {
    failed: Rows<'a>,
    left: Rows<'a>,
}

/// What became of the rows.
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

impl Joined {
    fn plus(mut self, other: Self) -> Self {
        self.passed += other.passed;
        self.failed += other.failed;
        self.unreadable += other.unreadable;
        self.not_applicable += other.not_applicable;
        self.matching.matched += other.matching.matched;
        self.matching.differing += other.matching.differing;
        self.matching.unmatched += other.matching.unmatched;
        self.matching.ambiguous += other.matching.ambiguous;
        self
    }
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
        self.narrow.extend(&entries.narrow)?;
        self.wide.extend(&entries.wide)?;
        Ok(classified)
    }

    /// Finds the partners of all rows.
    fn finish(self: Box<Self>, end: &End<'_>) -> io::Result<Reading> {
        let narrow = self.join_all::<1>(&self.keys.narrow, &self.narrow.finish(), end.failed, end.left)?;
        let wide = self.join_all::<2>(&self.keys.wide, &self.wide.finish(), end.failed, end.left)?;
        let joined = narrow.plus(wide);
        let Entered { not_applicable, unreadable } = end.entered;
        // As row by row: nothing is said of agreement where there are no rows.
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
                let asks = if *negated { Asks::Absent } else { Asks::Found };
                (asks, key, FactColumns::find(std::iter::empty(), rules)?)
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
        let words = 1 + facts.len() * FACT_WORDS;
        Ok(Some(Self {
            asks,
            keys,
            key: KeyColumns::find(&key.columns, rules)?,
            facts,
            memory: Arc::clone(memory),
            narrow: Partitions::new(memory, 1 + words),
            wide: Partitions::new(memory, 2 + words),
        }))
    }

    fn join_all<const K: usize>(
        &self,
        keys: &Parts,
        rows: &Parts,
        take: &dyn Sink,
        leave: &dyn Sink,
    ) -> io::Result<Joined> {
        (0..PARTS)
            .into_par_iter()
            .map(|part| {
                let mut told = Told { failed: Rows::new(take), left: Rows::new(leave) };
                self.join::<K>(keys, rows, part, &self.memory, &mut told)
            })
            .try_reduce(Joined::default, |a, b| Ok(a.plus(b)))
    }

    fn join<const K: usize>(
        &self,
        keys: &Parts,
        rows: &Parts,
        part: usize,
        memory: &KeyMemory,
        told: &mut Told<'_>,
    ) -> io::Result<Joined> {
        told.failed.go_on()?;
        if rows.entries_of(part) == 0 {
            return Ok(Joined::default());
        }
        let may_split = keys.level() < LAST_LEVEL;
        let mut table = Table::<K>::new(&self.keys.facts);
        let mut fits = true;
        keys.for_each(part, &mut |entries| {
            if fits {
                table.extend(entries);
                // A table that grows holds the old one beside the new.
                fits = !may_split || table.bytes() <= memory.share() / 2;
            }
            Ok(())
        })?;
        if !fits {
            drop(table);
            return self.split::<K>(keys, rows, part, memory, told);
        }
        let mut joined = Joined::default();
        rows.for_each(part, &mut |entries| {
            for entry in entries.chunks_exact(rows.stride()) {
                if let Some((key, [row, ours @ ..])) = entry.split_first_chunk::<K>() {
                    let matched = table.matched(&Words(*key), ours);
                    match self.enter(matched, &mut joined) {
                        Some(true) => {}
                        Some(false) => told.failed.push(*row),
                        None => told.left.push(*row),
                    }
                }
            }
            Ok(())
        })?;
        Ok(joined)
    }

    /// Counts a row; returns whether it passes, `None` where that is not applicable.
    fn enter(&self, matched: Match, joined: &mut Joined) -> Option<bool> {
        let passes = match (self.asks, matched) {
            (Asks::Found, matched) => matched != Match::Unmatched,
            (Asks::Absent, matched) => matched == Match::Unmatched,
            (Asks::Agrees, Match::Unmatched) => {
                joined.matching.unmatched += 1;
                joined.not_applicable += 1;
                return None;
            }
            (Asks::Agrees, Match::Matched { agrees, several, unreadable }) => {
                joined.matching.matched += 1;
                joined.matching.ambiguous += u64::from(several);
                joined.matching.differing += u64::from(!agrees);
                joined.unreadable += u64::from(!agrees && unreadable);
                agrees
            }
        };
        joined.passed += u64::from(passes);
        joined.failed += u64::from(!passes);
        Some(passes)
    }

    fn split<const K: usize>(
        &self,
        keys: &Parts,
        rows: &Parts,
        part: usize,
        memory: &KeyMemory,
        told: &mut Told<'_>,
    ) -> io::Result<Joined> {
        let own = memory.of_worker();
        let (keys, rows) = (keys.parted_again(part, &own)?, rows.parted_again(part, &own)?);
        (0..PARTS).try_fold(Joined::default(), |joined, part| {
            Ok(joined.plus(self.join::<K>(&keys, &rows, part, &own, told)?))
        })
    }
}
