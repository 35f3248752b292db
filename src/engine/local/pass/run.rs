//! One pass over one dataset: every batch feeds every measure and lookup while it is in the cache.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{OnceLock, PoisonError};
use std::time::Instant;

use rayon::prelude::*;

use crate::engine::local::lower::Pass;
use crate::engine::{DatasetFacts, FailureCounts};
use crate::model::{ColumnFact, FramingTally, MeasureKind, Reading, RowTally, Segment, Unmeasured, UnparseableTally};
use crate::plan::{Parsing, Plan};
use crate::source::{Bits, Block, Place, Portion, ScanFacts, Source};

use crate::engine::local::pass::batch_counts::BatchCounts;
use crate::engine::local::pass::coded_rows::CodedRows;
use crate::engine::local::pass::costs::PassCosts;
use crate::engine::local::pass::early_stop::EarlyStop;
use crate::engine::local::pass::evidence;
use crate::engine::local::pass::failure_counts;
use crate::engine::local::pass::findings::Findings;
use crate::engine::local::pass::measure_run::{MeasureRun, WholePass};
use crate::engine::local::pass::scan::scan;
use crate::engine::local::pass::section::{Section, SeenBatch};
use crate::engine::local::prepare_error::PrepareError;
use crate::engine::local::profile::{Clock, since};
use crate::engine::local::rows::records::{AllRecords, Records};
use crate::engine::local::shared::Shared;
use crate::engine::local::spill::chunks::Chunks;

/// What a pass returns.
#[derive(Debug, Default)]
pub(crate) struct Done {
    /// Position of the measure in the plan, and its reading.
    pub readings: Vec<(usize, Result<Reading, Unmeasured>)>,
    /// The outcomes of groups of rows, by position of the measure in the plan.
    pub segments: Vec<(usize, Result<Vec<Segment>, Unmeasured>)>,
    /// The unparseable cells of the columns, where all rows were read that were asked for.
    pub unparseable: BTreeMap<Parsing, UnparseableTally>,
    /// Facts about the dataset; only from its main pass.
    pub facts: DatasetFacts,
    /// The measures that ended the pass early; only their readings are given.
    pub decided_by: Option<Vec<usize>>,
    /// Its failing rows by groups, where that is asked for and some fail.
    pub failure_counts: Option<FailureCounts>,
    /// What it cost, where that is asked for.
    pub costs: Option<PassCosts>,
    /// Columns that could not be decoded, and why.
    pub lost: BTreeMap<String, String>,
}

/// Runs a pass.
///
/// # Errors
/// Where the dataset cannot be read: the reason.
pub(crate) fn run(pass: &Pass, source: &Source, shared: Shared<'_>, main: bool) -> Result<Done, Unmeasured> {
    let drawn = shared.samples.get(pass.dataset.as_str()).filter(|_| main && pass.lookups.is_empty());
    let findings = findings(pass, shared).filter(|_| main && drawn.is_none() && shared.most_failures.is_none());
    let counts = shared.counts.filter(|counts| findings.is_some() && counts.is_about(&pass.measures));
    let counted = counts.and_then(|counts| counts.columns.get(&pass.dataset)).cloned().unwrap_or_default();
    // A column that is lost is not read.
    let counted = counted.into_iter().filter(|(name, _)| pass.columns.contains(name)).collect();
    let codes = counts.map(|_| Chunks::new(shared.memory));
    let mut sections = Section::prepare(pass, &counted, shared)?;
    let measure_runs = sections.iter_mut().flat_map(|section| &mut section.measure_runs);
    for measure_run in measure_runs.filter(|measure_run| drawn.is_some() || measure_run.most.is_some()) {
        measure_run.tally.get_mut().unwrap_or_else(PoisonError::into_inner).batch_counts = Some(BatchCounts::default());
    }
    let early_stop = EarlyStop::default();
    let enough = |place: Option<Place>| match place {
        None => early_stop.is_requested(),
        Some(place) => early_stop.is_requested() && deciding(&sections).is_some_and(|(deciding, _)| deciding < place),
    };
    let portion = Portion {
        sample: drawn,
        enough: shared.most_failures.is_some().then_some(&enough),
        // What is wrong with the records, the main pass finds.
        cells_alone: !main && pass.measures.is_empty(),
    };
    let filters = sections.iter().map(|section| section.filters.compiled.len()).sum();
    let clock = shared.profile.then(|| Clock::start(filters, pass.measures.len(), pass.lookups.len()));
    let next = AtomicU32::new(0);
    let later = || measure_runs_of(&sections).filter(|measure_run| measure_run.is_answered_later());
    let records = Records::new(
        shared.memory,
        findings.is_some() || later().next().is_some(),
        later().any(|measure_run| measure_run.for_records),
    );
    let problem: OnceLock<io::Error> = OnceLock::new();
    let purpose = if main { "audit" } else { "keys" };
    let places: Vec<&[usize]> = sections.iter().map(|section| section.columns.as_slice()).collect();
    let facts =
        scan(source, (&pass.dataset, &pass.columns), purpose, portion, shared, clock.as_ref(), &|mut block| {
            let first = next.fetch_add(u32::try_from(block.parts()).unwrap_or(u32::MAX), Ordering::Relaxed);
            let heads = block.take(&[]).unwrap_or_default();
            let seen: Vec<SeenBatch> =
                (first..).zip(heads).map(|(number, head)| SeenBatch::new(number, head, &early_stop)).collect();
            if seen.iter().all(|seen| !seen.admitted) {
                return true;
            }
            if clock.is_some() {
                // The clock keeps the times of workers apart.
                block.leave_alone();
            }
            let take_in = |(section, block): (&Section, Block)| {
                section.take_in(block, &seen, (findings.as_ref(), codes.as_ref()), clock.as_ref())
            };
            let parts: Vec<(&Section, Block)> = sections.iter().zip(block.split(&places)).collect();
            let failed: io::Result<Vec<Option<Vec<Bits>>>> = if block.is_scarce() {
                parts.into_par_iter().map(take_in).collect()
            } else {
                parts.into_iter().map(take_in).collect()
            };
            let entered = failed.and_then(|failed| {
                // What cannot be unpacked ends the scan by itself.
                let Some(failed) = failed.into_iter().collect::<Option<Vec<_>>>() else { return Ok(()) };
                for (at, seen) in seen.into_iter().enumerate().filter(|(_, seen)| seen.admitted) {
                    let unclean = failed.iter().fold(seen.unclean, |unclean, failed| unclean.or(&failed[at]));
                    records.enter(seen.number, &seen.head, unclean)?;
                }
                Ok(())
            });
            if let Err(error) = entered {
                // The first problem is reported; others follow from it.
                let _ = problem.set(error);
                return false;
            }
            if measure_runs_of(&sections).any(MeasureRun::is_over) {
                early_stop.request();
            }
            true
        })?;
    let lost = |error| shared.lost(error);
    if let Some(error) = problem.into_inner() {
        return Err(lost(error));
    }
    let records = records.complete();
    let columns = columns_of(source, shared.plan, &pass.dataset);
    if let Some((last, decided_by)) = deciding(&sections) {
        let measure_runs = sections.into_iter().flat_map(|section| section.measure_runs);
        return Ok(stopped(measure_runs, last, decided_by, facts, columns, &records, shared.plan));
    }
    let mut done = Done::default();
    let mut finishing = vec![0; pass.measures.len()];
    let mut building = vec![0; pass.lookups.len()];
    let mut filters = Vec::new();
    let mut coded = Vec::new();
    let whole =
        WholePass { source, facts: &facts, columns: &columns, records: &records, drawn, findings: findings.as_ref() };
    for section in sections {
        let counted = section.parsings.into_iter().map(|(parsing, _, tally)| {
            let tally = tally.into_inner().unwrap_or_else(PoisonError::into_inner);
            (parsing, tally)
        });
        done.unparseable.extend(counted);
        filters.extend(section.filters.exprs.list);
        coded.extend(section.codes);
        for measure_run in section.measure_runs {
            let (measure, at) = (measure_run.measure, measure_run.at);
            let group_by = measure_run.segment.and_then(|at| section.group_bys.get(at));
            let finished = measure_run.finish(&whole, group_by, shared).map_err(lost)?;
            finishing[at] = finished.nanoseconds;
            done.readings.push((measure, finished.reading));
            done.segments.extend(finished.segments.map(|segments| (measure, segments)));
        }
        for (at, builder) in section.builders {
            let start = Instant::now();
            let built = builder.and_then(|builder| {
                builder.finish().map_err(|error| PrepareError::LookupLost(shared.memory.explain(&error)))
            });
            shared.lookups.put(pass.lookups[at], built);
            building[at] = since(start);
        }
    }
    if let Some(findings) = findings {
        let findings = findings.complete(&records).map_err(lost)?;
        if let Some((wanted, sink)) = shared.evidence {
            evidence::hand_on((pass, source), &findings, &records, wanted, sink, shared)?;
        }
        if let Some((wanted, codes)) = counts.zip(codes).filter(|_| !findings.places().is_empty()) {
            let coded = CodedRows::new(coded, &codes);
            done.failure_counts = Some(failure_counts::count(&coded, &findings, records.rows(), wanted, shared)?);
        }
    }
    done.facts = DatasetFacts {
        rows: records.rows(),
        batches: records.batches(),
        clean: records.clean(),
        files: facts.files,
        columns,
        framing: facts.framing,
    };
    done.costs = clock.map(|clock| {
        let mut times = clock.stop();
        times.lookups.iter_mut().zip(building).for_each(|(time, more)| *time += more);
        PassCosts { rows: done.facts.rows, times, filters, finishing }
    });
    Ok(done)
}

/// Where the failing rows of a pass are collected, if some are wanted.
fn findings(pass: &Pass, shared: Shared<'_>) -> Option<Findings> {
    let mut wanted = vec![false; shared.plan.measures.len()];
    let handed_on = shared.evidence.into_iter().flat_map(|(rows, _)| &rows.measures);
    let counted = shared.counts.into_iter().flat_map(|counts| counts.classes.iter().flatten());
    handed_on.chain(counted).for_each(|measure| wanted[*measure] = true);
    pass.measures.iter().any(|measure| wanted[*measure]).then(|| Findings::new(shared.memory, wanted))
}

/// The measures of all sections.
fn measure_runs_of(sections: &[Section]) -> impl Iterator<Item = &MeasureRun> {
    sections.iter().flat_map(|section| &section.measure_runs)
}

/// The first batch at which a measure has more failures than are allowed, and the measures that have so there.
fn deciding(sections: &[Section]) -> Option<(Place, Vec<usize>)> {
    let over: Vec<(Place, usize)> = measure_runs_of(sections)
        .filter_map(|measure_run| Some((measure_run.first_over()?, measure_run.measure)))
        .collect();
    let last = over.iter().map(|(place, _)| *place).min()?;
    Some((last, over.into_iter().filter(|(place, _)| *place == last).map(|(_, measure)| measure).collect()))
}

/// The result of a pass that ended at `last`. It has no rows after that place, since with another number of threads other
/// rows would have been read there.
fn stopped(
    measure_runs: impl Iterator<Item = MeasureRun>,
    last: Place,
    decided_by: Vec<usize>,
    facts: ScanFacts,
    columns: Vec<ColumnFact>,
    records: &AllRecords,
    plan: &Plan,
) -> Done {
    let mut done = Done::default();
    let deciding: BTreeSet<usize> = decided_by.iter().copied().collect();
    for measure_run in measure_runs.filter(|measure_run| deciding.contains(&measure_run.measure)) {
        let tally = measure_run.tally.into_inner().unwrap_or_else(PoisonError::into_inner);
        let counted = tally.batch_counts.map(|batch_counts| batch_counts.up_to(last)).unwrap_or_default();
        let reading = if plan.measures[measure_run.measure].kind == MeasureKind::Framing {
            let records = counted.passed + counted.failed;
            Reading::Framing(FramingTally { records, malformed: counted.failed, ..FramingTally::default() })
        } else {
            Reading::Rows(RowTally { failing_rows: tally.failed_rows.up_to(last).refer(records), ..counted })
        };
        done.readings.push((measure_run.measure, Ok(reading)));
    }
    let mut files = facts.files;
    for (at, file) in (0_u32..).zip(&mut files) {
        file.rows = records.rows_up_to(at, last);
        (file.checksums, file.frames) = (None, None);
    }
    let rows = files.iter().map(|file| file.rows).sum();
    done.facts = DatasetFacts { rows, files, columns, ..DatasetFacts::default() };
    done.decided_by = Some(decided_by);
    done
}

/// The columns of a dataset as a report shows them.
fn columns_of(source: &Source, plan: &Plan, dataset: &str) -> Vec<ColumnFact> {
    let planned = plan.datasets.get(dataset);
    let columns = source.columns().iter().map(|column| {
        let planned = planned.and_then(|dataset| dataset.columns.get(&column.name));
        ColumnFact {
            name: column.name.clone(),
            stored: column.stored.clone(),
            data_type: planned.map(|column| column.data_type).or(column.data_type),
            held: column.data_type,
            series: source.series(&column.name).cloned(),
        }
    });
    columns.collect()
}
