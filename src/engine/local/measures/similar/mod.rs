//! Similar rows, and the clusters they form.
//!
//! The values of the compared columns are kept, each different one once, folded and in an alphabet of its column; a row
//! is then a few numbers. Rows with the same key form a block (`blocks`), in the order of their values. Pairs that
//! are near enough in a block are compared (`score`), each once however many keys they share, and pairs that reach the score
//! are joined (`clusters`). Pairs are not kept, so memory grows with the rows alone, however many pairs there are.

mod blocks;
mod clusters;
mod kept;
mod keys;
mod score;
mod search;
mod values;

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use crate::model::{Likeness, Reading, Similar, SimilarPair, SimilarTally};
use crate::source::{Bits, Place};

use crate::engine::Reason;
use crate::engine::local::accumulator::{Accumulator, BatchInput, Classified, End};
use crate::engine::local::batch::cells::Cells;
use crate::engine::local::batch::column_rules::{ColumnRules, place_of};
use crate::engine::local::cost_model::RowCost;
use crate::engine::local::cost_model::nanoseconds as ns;
use crate::engine::local::memory::KeyMemory;
use crate::engine::local::prepare_error::PrepareError;
use crate::engine::local::profile::since;
use crate::engine::local::rows::sink::{Rows, row_number};
use kept::{KeptColumn, Part};
use search::{Found, Search};
use values::Table;

/// Rows at the most: each may be in several blocks, and places in blocks are numbers of 32 bits.
const MOST_ROWS: usize = 1 << 29;

/// Bytes that may always be kept.
const LEAST: usize = 16 << 20;

/// Rows of a dataset that are being collected to be compared.
pub(crate) struct SimilarRows {
    spec: Similar,
    /// The columns that are kept: those compared, in their order, then those that only keys are made of.
    kept: Vec<KeptColumn>,
    /// Their names.
    names: Vec<String>,
    memory: Arc<KeyMemory>,
    parts: Mutex<Vec<(Place, Part)>>,
    /// Bytes that are accounted for.
    held: AtomicUsize,
    /// Bytes of what came in.
    bytes: AtomicUsize,
    full: AtomicBool,
    cut: AtomicU64,
}

impl SimilarRows {
    /// Prepares a search.
    ///
    /// # Errors
    /// A column that the pass does not read.
    pub(crate) fn prepare(
        spec: &Similar,
        rules: &[ColumnRules],
        memory: &Arc<KeyMemory>,
    ) -> Result<Self, PrepareError> {
        let (mut kept, mut names): (Vec<KeptColumn>, Vec<String>) = Default::default();
        for compared in &spec.compare {
            kept.push(KeptColumn { column: place_of(rules, &compared.column)?, method: compared.method });
            names.push(compared.column.clone());
        }
        for part in spec.block_on.iter().flat_map(|key| &key.parts) {
            if !names.contains(&part.column) {
                kept.push(KeptColumn { column: place_of(rules, &part.column)?, method: Likeness::Exact });
                names.push(part.column.clone());
            }
        }
        Ok(Self {
            spec: spec.clone(),
            kept,
            names,
            memory: Arc::clone(memory),
            parts: Mutex::default(),
            held: AtomicUsize::new(0),
            bytes: AtomicUsize::new(0),
            full: AtomicBool::new(false),
            cut: AtomicU64::new(0),
        })
    }

    /// Enters bytes that are kept; whether they may be.
    fn keep(&self, bytes: usize) -> bool {
        let all = self.bytes.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if self.memory.try_keep(bytes) {
            self.held.fetch_add(bytes, Ordering::Relaxed);
        } else if all > LEAST {
            self.full.store(true, Ordering::Relaxed);
        }
        !self.full.load(Ordering::Relaxed)
    }

    /// Rows that take part, and rows with an unparseable value.
    fn split(&self, cells: &Cells<'_>) -> (Bits, Bits) {
        let (mut there, mut unreadable) = (Bits::none(cells.rows()), Bits::none(cells.rows()));
        for (at, kept) in self.kept.iter().enumerate() {
            if at < self.spec.compare.len() {
                there = there.or(cells.present(kept.column));
            }
            if let Some(more) = kept.unreadable(cells) {
                unreadable = unreadable.or(more);
            }
        }
        (there.without(&unreadable), unreadable)
    }
}

impl Drop for SimilarRows {
    fn drop(&mut self) {
        self.memory.give_back(self.held.load(Ordering::Relaxed));
    }
}

impl Accumulator for SimilarRows {
    fn extend(&self, input: &BatchInput<'_, '_>) -> io::Result<Classified> {
        let (pending, unreadable) = self.split(input.cells);
        let classified = Classified::in_scope(pending, unreadable, input.scope);
        if self.full.load(Ordering::Relaxed) {
            return Ok(classified);
        }
        let rows = classified.pending.ones().map(|row| row_number(input.number, row)).collect();
        let part = Part::gather(&self.kept, input.cells, &classified.pending, rows, &self.cut);
        if self.keep(part.bytes()) {
            self.parts.lock().unwrap_or_else(PoisonError::into_inner).push((input.batch.place, part));
        }
        Ok(classified)
    }

    fn finish(self: Box<Self>, end: &End<'_>) -> io::Result<Reading> {
        let start = Instant::now();
        let mut tally = SimilarTally {
            not_applicable: end.entered.not_applicable,
            unreadable: end.entered.unreadable,
            cut: self.cut.load(Ordering::Relaxed),
            ..SimilarTally::default()
        };
        let mut parts = std::mem::take(&mut *self.parts.lock().unwrap_or_else(PoisonError::into_inner));
        // In file order: batches come as threads are done with them.
        parts.sort_unstable_by_key(|(place, _)| *place);
        let parts: Vec<Part> = parts.into_iter().map(|(_, part)| part).collect();
        let count: usize = parts.iter().map(|part| part.rows.len()).sum();
        let needed = Table::bytes(count, self.kept.len()) + Search::bytes(count, &self.spec);
        if self.full.load(Ordering::Relaxed) || count > MOST_ROWS || !self.keep(needed) {
            tally.refused = Some(self.refusal(count));
            return Ok(Reading::Similar(tally));
        }
        let table = Table::build(parts, &self.kept, self.spec.swap);
        let search = Search::prepare(&self.spec, &self.names, &table);
        let Found { candidates, pairs, listed, clusters } = search.run(end.sinks.failed)?;
        tally.candidates = candidates;
        tally.pairs = pairs;
        tally.keys = search.keys();
        tally.most = search.most();
        (tally.capped, tally.skipped) = search.left_out();
        (tally.clusters, tally.largest, tally.clustered) = clusters.summary();
        tally.passed = count as u64 - tally.clustered;
        let refer = |row: u32| end.refer(table.rows[row as usize]);
        let pair = |(first, second, score)| Some(SimilarPair { first: refer(first)?, second: refer(second)?, score });
        tally.listed = listed.into_iter().filter_map(pair).collect();
        let mut failed = Rows::new(end.sinks.failed);
        for (row, cluster) in clusters.members() {
            failed.push_for(table.rows[row as usize], Reason::Cluster(cluster));
        }
        drop(failed);
        end.spend(since(start));
        Ok(Reading::Similar(tally))
    }
}

impl SimilarRows {
    /// Why the rows do not fit, and what helps.
    fn refusal(&self, rows: usize) -> String {
        let mib = self.bytes.load(Ordering::Relaxed) >> 20;
        if rows > MOST_ROWS {
            return format!("{rows} rows are more than can be compared: narrow them with `where`");
        }
        format!(
            "the values of all rows that are compared take more memory than there is (over {mib} MiB so far): allow more with \
             --memory, compare fewer columns, or narrow the rows with `where`"
        )
    }
}

/// What it costs for each row.
#[expect(clippy::cast_precision_loss, reason = "an estimate")]
pub(crate) fn cost(similar: &Similar) -> RowCost {
    (ns::FOLD * similar.columns().len() as f64, ns::SIMILAR)
}

/// Words that are kept of a row: one for each column.
pub(crate) fn words(similar: &Similar) -> usize {
    similar.columns().len()
}
