//! One measure of a pass.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use crate::model::{ColumnFact, Reading, RowTally, Segment, Unmeasured};
use crate::source::{Batch, Bits, Place, Sample as Drawn, ScanFacts, Source};

use crate::engine::local::accumulator::{BatchInput, Classified, End, Entered};
use crate::engine::local::batch::cells::Cells;
use crate::engine::local::batch::column_rules::SectionRules;
use crate::engine::local::batch::truth::Truth;
use crate::engine::local::measures::aggregates::{Figured, Partial};
use crate::engine::local::measures::{Given, Operator};
use crate::engine::local::pass::batch_counts::{AmendingSink, BatchCounts, Counted};
use crate::engine::local::pass::filters::Filters;
use crate::engine::local::pass::group_by::{BatchGroups, CountingSink, GroupBy, GroupCounts, Outcome};
use crate::engine::local::profile::since;
use crate::engine::local::rows::records::{AllRecords, Found, Sample};
use crate::engine::local::rows::sink::Unasked;
use crate::engine::local::shared::Shared;

/// One measure of a pass.
pub(super) struct MeasureRun {
    /// Its place in the plan.
    pub(super) measure: usize,
    /// Its place in the pass.
    pub(super) at: usize,
    pub(super) filter: Option<usize>,
    pub(super) for_records: bool,
    /// The most failures with which the pass goes on.
    pub(super) most: Option<u64>,
    /// The place of the [`GroupBy`] that tells its rows apart.
    pub(super) segment: Option<usize>,
    pub(super) names_rows: bool,
    pub(super) operator: Operator,
    pub(super) tally: Mutex<Tally>,
}

/// What was counted so far.
pub(super) struct Tally {
    pub(super) rows: RowTally,
    pub(super) counted: u64,
    pub(super) unreadable: u64,
    pub(super) sample: Sample,
    pub(super) groups: GroupCounts,
    pub(super) partials: BTreeMap<Place, Partial>,
    /// Kept where counts by batch are needed.
    pub(super) batch_counts: Option<BatchCounts>,
}

impl Tally {
    /// Nothing counted yet; so many failing rows are to be named.
    fn new(failing_rows: usize) -> Self {
        Self {
            rows: RowTally::default(),
            counted: 0,
            unreadable: 0,
            sample: Sample::new(failing_rows),
            groups: GroupCounts::default(),
            partials: BTreeMap::new(),
            batch_counts: None,
        }
    }
}

/// What a measure has at the end.
pub(super) struct Finished {
    pub(super) reading: Result<Reading, Unmeasured>,
    /// The outcomes of groups of rows, where they are told apart.
    pub(super) segments: Option<Result<Vec<Segment>, Unmeasured>>,
    /// Nanoseconds of workers that it took to complete it.
    pub(super) nanoseconds: u64,
}

impl MeasureRun {
    /// Prepares a measure, of which the place in the plan and that in the pass are given.
    pub(super) fn prepare(
        (measure, at): (usize, usize),
        rules: &SectionRules,
        for_records: bool,
        filters: &mut Filters,
        shared: Shared<'_>,
    ) -> Self {
        let wanted = &shared.plan.measures[measure];
        let filter = wanted.filter.as_ref().map(|filter| filters.place(filter, rules, shared.as_of));
        let broken = filter.and_then(|at| filters.list[at].1.as_ref().err().cloned());
        let operator = match broken {
            Some(problem) => Operator::Broken(problem),
            None => Operator::prepare(&wanted.kind, rules, shared),
        };
        let most = shared.most_failures.and_then(|most| *most.get(measure)?);
        let names_rows = wanted.kind.names_rows();
        Self {
            measure,
            at,
            filter,
            for_records,
            most,
            segment: None,
            names_rows,
            operator,
            tally: Mutex::new(Tally::new(shared.failing_rows)),
        }
    }

    /// Whether rows turn out to fail only after all were seen.
    pub(super) const fn is_answered_later(&self) -> bool {
        self.names_rows && matches!(self.operator, Operator::Collect(_))
    }

    /// Whether it has more failures than it bears, in the batches so far.
    pub(super) fn is_over(&self) -> bool {
        let Some(most) = self.most else { return false };
        let tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        tally.batch_counts.as_ref().is_some_and(|batch_counts| batch_counts.failed() > most)
    }

    /// The first batch at which that is so.
    pub(super) fn first_over(&self) -> Option<Place> {
        let tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        tally.batch_counts.as_ref()?.first_over(self.most?)
    }

    /// Takes in a batch; returns the rows that fail.
    ///
    /// # Errors
    /// Where keys must be spilled and cannot be written.
    pub(super) fn measure(
        &self,
        batch: &Batch,
        number: u32,
        cells: &Cells<'_>,
        scopes: &[Option<Truth>],
        groups: &[Arc<BatchGroups>],
    ) -> io::Result<Option<Bits>> {
        let groups = self.segment.map(|at| &*groups[at]);
        let truth = self.filter.and_then(|at| scopes[at].as_ref());
        let rows = batch.rows as u64;
        let tally = || self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        match &self.operator {
            Operator::Count => {
                let mut tally = tally();
                tally.counted += truth.map_or(rows, |truth| truth.yes.count());
                tally.unreadable += truth.map_or(0, |truth| truth.unreadable.count());
                Ok(None)
            }
            Operator::Rows(test) => {
                let mut tested = test.evaluate(cells, truth.map(|truth| &truth.yes));
                if let Some(truth) = truth {
                    // Where it cannot be told whether a row is in scope, the row does not pass.
                    tested.unreadable = tested.unreadable.or(&truth.unreadable);
                    tested.failed = tested.failed.or(&truth.unreadable);
                }
                let (passed, failed) = (tested.passed.count(), tested.failed.count());
                let mut tally = tally();
                tally.rows.passed += passed;
                tally.rows.failed += failed;
                tally.rows.unreadable += tested.unreadable.count();
                tally.rows.not_applicable += rows - passed - failed;
                if let Some(matching) = tested.matching {
                    let all = tally.rows.matching.get_or_insert_default();
                    all.matched += matching.matched;
                    all.differing += matching.differing;
                    all.unmatched += matching.unmatched;
                    all.ambiguous += matching.ambiguous;
                }
                for (reason, rows) in tested.reasons {
                    *tally.rows.reasons.entry(reason.to_owned()).or_default() += rows.count();
                }
                if let Some(batch_counts) = &mut tally.batch_counts {
                    let not_applicable = rows - passed - failed;
                    let (unreadable, matching) = (tested.unreadable.count(), tested.matching);
                    batch_counts.enter(batch.place, Counted { passed, failed, not_applicable, unreadable, matching });
                }
                if let Some(groups) = groups {
                    let judged = tested.passed.or(&tested.failed);
                    tally.groups.add(groups, Outcome::Failed, &tested.failed);
                    tally.groups.add(groups, Outcome::NotApplicable, &judged.not());
                }
                if failed > 0 {
                    tally.sample.extend(batch, &tested.failed);
                }
                Ok(Some(tested.failed))
            }
            Operator::Collect(accumulator) => {
                let input = BatchInput { batch, number, cells, scope: truth.map(|truth| &truth.yes) };
                let Classified { pending, mut unreadable } = accumulator.extend(&input)?;
                if let Some(truth) = truth.filter(|truth| !truth.unreadable.is_empty()) {
                    unreadable = unreadable.or(&match accumulator.depends_on_scope(cells) {
                        Some(rows) => truth.unreadable.and(&rows),
                        None => truth.unreadable.clone(),
                    });
                }
                let mut tally = tally();
                if let Some(groups) = groups {
                    tally.groups.add(groups, Outcome::Failed, &unreadable);
                    tally.groups.add(groups, Outcome::NotApplicable, &pending.or(&unreadable).not());
                }
                let (pending, failed) = (pending.count(), unreadable.count());
                let not_applicable = rows - failed - pending;
                tally.rows.unreadable += failed;
                tally.rows.not_applicable += not_applicable;
                if let Some(batch_counts) = &mut tally.batch_counts {
                    // Those that wait pass until something else turns out.
                    let counted = Counted { passed: pending, failed, not_applicable, ..Counted::default() };
                    batch_counts.enter(batch.place, counted);
                }
                if failed > 0 {
                    tally.sample.extend(batch, &unreadable);
                }
                Ok(Some(unreadable))
            }
            Operator::Figure(figure) => {
                let scope = truth.map_or_else(|| Bits::all(batch.rows), |truth| truth.yes.clone());
                let mut partial = figure.measure(cells, &scope, number)?;
                partial.leave_out(truth.map_or(0, |truth| truth.unreadable.count()));
                tally().partials.insert(batch.place, partial);
                Ok(None)
            }
            Operator::Given(_) => {
                // Framing is told by the scan; here only whether it can still be good enough.
                if let Some(batch_counts) = &mut tally().batch_counts {
                    let failed = batch.malformed.len() as u64;
                    batch_counts.enter(batch.place, Counted { passed: rows - failed, failed, ..Counted::default() });
                }
                Ok(None)
            }
            Operator::Broken(_) => Ok(None),
        }
    }

    /// The reading, once all rows were seen.
    ///
    /// # Errors
    /// Where spilled keys cannot be read back.
    pub(super) fn finish(
        self,
        (source, facts): (&Source, &ScanFacts),
        columns: &[ColumnFact],
        records: &AllRecords,
        drawn: Option<&Drawn>,
        group_by: Option<&GroupBy>,
        shared: Shared<'_>,
    ) -> io::Result<Finished> {
        let mut tally = self.tally.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut nanoseconds = 0;
        let reading = match self.operator {
            Operator::Count => Ok(Reading::Count { rows: tally.counted, unreadable: tally.unreadable }),
            Operator::Rows(test) => {
                let other_unreadable = test.other_unreadable();
                let sample = tally.sample.rows(records);
                let spread = drawn.and_then(|drawn| Some(tally.batch_counts?.spread(drawn)));
                Ok(Reading::Rows(RowTally { other_unreadable, spread, sample, ..tally.rows }))
            }
            Operator::Collect(accumulator) => {
                let found = Found::new(records, shared.progress, self.for_records, shared.failing_rows);
                let unasked = Unasked(shared.progress);
                let batch_counts = Mutex::new(tally.batch_counts.take());
                let failed = AmendingSink { batch_counts: &batch_counts, records, failed: true, next: &found };
                let left = AmendingSink { batch_counts: &batch_counts, records, failed: false, next: &unasked };
                let counts = Mutex::new(std::mem::take(&mut tally.groups));
                let failed = CountingSink { group_by, counts: &counts, outcome: Outcome::Failed, next: &failed };
                let left = CountingSink { group_by, counts: &counts, outcome: Outcome::NotApplicable, next: &left };
                let RowTally { not_applicable, unreadable, .. } = tally.rows;
                let entered = Entered { not_applicable, unreadable };
                let end = End::new(&failed, &left, entered, records.rows()).among(records);
                let start = Instant::now();
                let mut reading = accumulator.finish(&end)?;
                nanoseconds = if end.spent() > 0 { end.spent() } else { since(start) };
                let batch_counts = batch_counts.into_inner().unwrap_or_else(PoisonError::into_inner);
                if let Reading::Rows(rows) = &mut reading {
                    rows.spread = drawn.and_then(|drawn| Some(batch_counts?.spread(drawn)));
                }
                tally.groups = counts.into_inner().unwrap_or_else(PoisonError::into_inner);
                tally.sample.merge(found.into_sample());
                if let Some(sample) = reading.sample_mut() {
                    *sample = tally.sample.rows(records);
                }
                Ok(reading)
            }
            Operator::Figure(figure) => {
                let figured = figure.finish(tally.partials.into_values(), &Unasked(shared.progress))?;
                nanoseconds = figured.nanoseconds;
                let Figured { value, values, unreadable, .. } = figured;
                Ok(Reading::Figure { value, values, unreadable })
            }
            Operator::Given(Given::Columns) => Ok(Reading::Columns(columns.to_vec())),
            Operator::Given(Given::Framing) => Ok(Reading::Framing(facts.framing.clone())),
            Operator::Given(Given::Digest) => {
                let start = Instant::now();
                let digest = source.digest(&|| !shared.progress.cancelled());
                nanoseconds = since(start);
                digest.map(Reading::Digest).map_err(Unmeasured::from)
            }
            Operator::Broken(error) => Err(error.into()),
        };
        let segments = group_by.map(|group_by| group_by.finish(&tally.groups));
        Ok(Finished { reading, segments, nanoseconds })
    }
}
