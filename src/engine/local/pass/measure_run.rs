//! One measure of a pass.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use crate::model::{ColumnFact, MeasureKind, PASS_COMPOSED, Reading, RowTally, Segment, ShapeTally, Unmeasured};
use crate::source::{Batch, Bits, Place, Sample as Drawn, ScanFacts, Source};

use crate::engine::local::accumulator::{BatchInput, Classified, End, Entered};
use crate::engine::local::batch::cells::Cells;
use crate::engine::local::batch::column_rules::{SectionRules, place_of};
use crate::engine::local::batch::shapes::shapes_of;
use crate::engine::local::batch::truth::Truth;
use crate::engine::local::measures::aggregates::Figured;
use crate::engine::local::measures::{Given, Operator};
use crate::engine::local::pass::batch_counts::Counted;
use crate::engine::local::pass::filters::Filters;
use crate::engine::local::pass::findings::{BatchFindings, FailedRowsOfBatch, Findings};
use crate::engine::local::pass::group_by::{BatchGroups, GroupBy, Outcome};
use crate::engine::local::pass::late_sink::LateSink;
use crate::engine::local::pass::tally::Tally;
use crate::engine::local::profile::since;
use crate::engine::local::rows::records::AllRecords;
use crate::engine::local::rows::sink::{Sinks, Unasked};
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
    /// The place of the [`GroupBy`] that groups its rows.
    pub(super) segment: Option<usize>,
    pub(super) names_rows: bool,
    /// The column whose values are judged, where they are those of one.
    judged: Option<usize>,
    pub(super) operator: Operator,
    pub(super) tally: Mutex<Tally>,
}

/// The results of a measure.
pub(super) struct Finished {
    pub(super) reading: Result<Reading, Unmeasured>,
    /// The outcomes of groups of rows, where rows are grouped.
    pub(super) segments: Option<Result<Vec<Segment>, Unmeasured>>,
    /// Nanoseconds of workers that it took to complete it.
    pub(super) nanoseconds: u64,
}

/// What is known once all rows of a pass were seen.
pub(super) struct WholePass<'a> {
    pub(super) source: &'a Source,
    pub(super) facts: &'a ScanFacts,
    pub(super) columns: &'a [ColumnFact],
    pub(super) records: &'a AllRecords,
    /// The sample that was read, if one was.
    pub(super) drawn: Option<&'a Drawn>,
    /// Where failing rows are collected, if some are wanted.
    pub(super) findings: Option<&'a Findings>,
}

impl MeasureRun {
    /// Prepares the measure with these places in the plan and in the pass.
    pub(super) fn prepare(
        (measure, at): (usize, usize),
        rules: &SectionRules,
        for_records: bool,
        filters: &mut Filters,
        shared: Shared<'_>,
    ) -> Self {
        let wanted = &shared.plan.measures[measure];
        let filter = wanted.filter.as_ref().map(|filter| filters.place(filter, rules, shared.as_of));
        let broken = filter.and_then(|at| filters.compiled[at].as_ref().err().cloned());
        let operator = match broken {
            Some(problem) => Operator::Broken(problem),
            None => Operator::prepare(&wanted.kind, rules, shared),
        };
        let most = shared.most_failures.and_then(|most| *most.get(measure)?);
        let names_rows = wanted.kind.names_rows();
        let judged = match &wanted.kind {
            MeasureKind::Rows(predicate) => predicate.judged_column(),
            _ => None,
        };
        let judged = judged.and_then(|judged| place_of(rules, judged).ok());
        Self {
            measure,
            at,
            filter,
            for_records,
            most,
            segment: None,
            names_rows,
            judged,
            operator,
            tally: Mutex::new(Tally::new(shared.failing_rows)),
        }
    }

    /// Whether rows turn out to fail only after all were seen.
    pub(super) const fn is_answered_later(&self) -> bool {
        self.names_rows && matches!(self.operator, Operator::Collect(_))
    }

    /// Whether the batches so far have more failures than are allowed.
    pub(super) fn is_over(&self) -> bool {
        let Some(most) = self.most else { return false };
        let tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        tally.batch_counts.as_ref().is_some_and(|batch_counts| batch_counts.failed() > most)
    }

    /// The first batch after which that is so.
    pub(super) fn first_over(&self) -> Option<Place> {
        let tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        tally.batch_counts.as_ref()?.first_over(self.most?)
    }

    /// Takes in a batch; returns the rows that fail, and enters them with their reasons where they are wanted.
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
        mut findings: Option<(&Findings, &mut BatchFindings)>,
    ) -> io::Result<Option<Bits>> {
        let mut find = |rows: &FailedRowsOfBatch<'_>| {
            if let Some((findings, of_batch)) = &mut findings
                && findings.wants(self.measure)
            {
                findings.add(of_batch, self.measure, rows);
            }
        };
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
                    // Where it is unknown whether a row is in scope, the row does not pass.
                    tested.unreadable = tested.unreadable.or(&truth.unreadable);
                    tested.failed = tested.failed.or(&truth.unreadable);
                }
                let (passed, failed) = (tested.passed.count(), tested.failed.count());
                let judged = self.judged.filter(|_| failed > 0 && tally().shapes != ShapeTally::TooMany);
                let shapes = judged.map(|column| shapes_of(cells, column, &tested.failed));
                let composed = if failed > 0 {
                    test.passing_composed(cells, &tested.failed.without(&tested.unreadable))
                } else {
                    0
                };
                let mut tally = tally();
                if composed > 0 {
                    *tally.rows.reasons.entry(PASS_COMPOSED.to_owned()).or_default() += composed;
                }
                if let Some(shapes) = shapes {
                    tally.shapes.merge(shapes);
                }
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
                for (reason, rows) in &tested.reasons {
                    *tally.rows.reasons.entry((*reason).to_owned()).or_default() += rows.count();
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
                    tally.failed_rows.enter_batch(batch, &tested.failed);
                    drop(tally);
                    find(&FailedRowsOfBatch {
                        failed: &tested.failed,
                        unparseable: &tested.unreadable,
                        condition_unparseable: truth.map(|truth| &truth.unreadable),
                        named: if tested.reasons.is_empty() { &tested.kinds } else { &tested.reasons },
                    });
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
                    // Pending rows count as passed until another outcome turns out.
                    let counted = Counted { passed: pending, failed, not_applicable, ..Counted::default() };
                    batch_counts.enter(batch.place, counted);
                }
                if failed > 0 {
                    tally.failed_rows.enter_batch(batch, &unreadable);
                    drop(tally);
                    find(&FailedRowsOfBatch {
                        failed: &unreadable,
                        unparseable: &unreadable,
                        condition_unparseable: truth.map(|truth| &truth.unreadable),
                        named: &[],
                    });
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
            Operator::Given(given) => {
                if *given == Given::Framing && !batch.malformed.is_empty() {
                    let failed = batch.malformed_rows();
                    let none = Bits::none(batch.rows);
                    find(&FailedRowsOfBatch {
                        failed: &failed,
                        unparseable: &none,
                        condition_unparseable: None,
                        named: &[],
                    });
                }
                // The scan reports the framing; here only whether it can still be good enough.
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
        whole: &WholePass<'_>,
        group_by: Option<&GroupBy>,
        shared: Shared<'_>,
    ) -> io::Result<Finished> {
        let WholePass { source, facts, columns, records, drawn, findings } = *whole;
        let Self { measure, tally, operator, for_records: are_unclean, .. } = self;
        let findings = findings.filter(|findings| findings.wants(measure)).map(|findings| (findings, measure));
        let progress = shared.progress;
        let counted = || tally.lock().unwrap_or_else(PoisonError::into_inner);
        let spread = || drawn.and_then(|drawn| Some(counted().batch_counts.take()?.spread(drawn)));
        let mut nanoseconds = 0;
        let reading = match operator {
            Operator::Count => {
                let tally = counted();
                Ok(Reading::Count { rows: tally.counted, unreadable: tally.unreadable })
            }
            Operator::Rows(test) => {
                let (other_unreadable, spread) = (test.other_unreadable(), spread());
                let mut tally = counted();
                let (rows, failing_rows) = (std::mem::take(&mut tally.rows), tally.failed_rows.refer(records));
                let shapes = Some(std::mem::take(&mut tally.shapes)).filter(|shapes| !shapes.is_empty());
                Ok(Reading::Rows(RowTally { other_unreadable, shapes, spread, failing_rows, ..rows }))
            }
            Operator::Collect(accumulator) => {
                let RowTally { not_applicable, unreadable, .. } = counted().rows;
                let late =
                    |outcome| LateSink { outcome, tally: &tally, records, group_by, are_unclean, findings, progress };
                let (failed, not_applicable_later) = (late(Outcome::Failed), late(Outcome::NotApplicable));
                let sinks = Sinks { failed: &failed, not_applicable: &not_applicable_later };
                let end = End::new(sinks, Entered { not_applicable, unreadable }, records.rows())
                    .among(records)
                    .naming(shared.groups.of(measure));
                let start = Instant::now();
                let mut reading = accumulator.finish(&end)?;
                nanoseconds = if end.spent() > 0 { end.spent() } else { since(start) };
                if let Reading::Rows(rows) = &mut reading {
                    rows.spread = spread();
                }
                if let Some(rows) = reading.failing_rows_mut() {
                    *rows = counted().failed_rows.refer(records);
                }
                Ok(reading)
            }
            Operator::Figure(figure) => {
                let partials = std::mem::take(&mut counted().partials);
                let figured = figure.finish(partials.into_values(), &Unasked(progress))?;
                nanoseconds = figured.nanoseconds;
                let Figured { value, values, unreadable, .. } = figured;
                Ok(Reading::Figure { value, values, unreadable })
            }
            Operator::Given(Given::Columns) => Ok(Reading::Columns(columns.to_vec())),
            Operator::Given(Given::Framing) => Ok(Reading::Framing(facts.framing.clone())),
            Operator::Given(Given::Digest) => {
                let start = Instant::now();
                let digest = source.digest(&|| !progress.cancelled());
                nanoseconds = since(start);
                digest.map(Reading::Digest).map_err(Unmeasured::from)
            }
            Operator::Broken(error) => Err(error.into()),
        };
        let segments = group_by.map(|group_by| group_by.finish(&counted().groups));
        Ok(Finished { reading, segments, nanoseconds })
    }
}
