//! The in-process engine: polars decodes columnar files, kernels of this crate count in one fused pass a dataset.
//!
//! Datasets, and the batches of a dataset, are measured side by side. Memory holds about one batch a thread, and the keys that
//! rules compare; keys that exceed their share of memory are spilled to disk. A bit for each row is kept only where rules on
//! keys decide which records are clean.

mod accumulator;
mod batch;
mod budget;
mod compiled;
mod cost_model;
mod groups;
mod keys;
mod lookups;
mod lower;
mod measures;
mod memory;
mod numbers;
mod pass;
mod prepare_error;
mod profile;
mod rows;
mod shared;
mod spill;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::internal_error::catch_internal_error;
use super::{Dataset, Datasets, Drawn, Engine, Execution, Request, Stop, Stopped, Watch};
use crate::model::{Extent, Measure, MeasureKind, Notice, Reading, Unmeasured, Unsupported, composed_name};
use crate::plan::{Costs, Plan};
use crate::source::{Sample, Source, SourceError, SourceSpec};

pub(crate) use batch::cells::stored_text;
pub(crate) use batch::dictionary::Dictionary;
use budget::Budget;
use compiled::Compiled;
use groups::failing::AllFailingGroups;
use lookups::built::Lookups;
use lower::{Pass, lower, read_counted};
use memory::KeyMemory;
use pass::run::Done;
use prepare_error::PrepareError;
use shared::{Shared, Sources};

/// The in-process engine.
#[derive(Debug)]
pub struct LocalEngine;

impl Engine for LocalEngine {
    fn name(&self) -> &'static str {
        "local"
    }

    fn summary(&self) -> &'static str {
        "counts in this process, in one pass a dataset and bounded memory"
    }

    fn supports(&self, _: &Measure) -> Result<(), Unsupported> {
        Ok(())
    }

    fn open(&self, spec: &SourceSpec, memory: u64) -> Result<Box<dyn Dataset>, SourceError> {
        Ok(Box::new(Source::open_within(spec, memory)?))
    }

    fn explain(&self, plan: &Plan, datasets: &Datasets, rules_of: &dyn Fn(usize) -> Vec<String>) -> String {
        lower::explain(plan, &lower(plan, &BTreeSet::new()), datasets, rules_of)
    }

    fn predict(&self, plan: &Plan, datasets: &Datasets) -> Option<Costs> {
        let extents: BTreeMap<String, Extent> =
            sources(datasets).into_iter().map(|(name, source)| (name.to_owned(), source.extent().clone())).collect();
        Some(lower::predict(plan, &lower(plan, &BTreeSet::new()), &extents))
    }

    fn keeps_costs(&self) -> bool {
        true
    }

    fn hands_on_rows(&self) -> bool {
        true
    }

    fn counts_failures(&self) -> bool {
        true
    }

    fn execute(&self, request: &Request, datasets: &Datasets, watch: Watch<'_>) -> Execution {
        let sources = sources(datasets);
        let Draws { samples, in_full } = Draws::of(request, &sources);
        let mut passes = lower(&request.plan, &samples.keys().copied().collect());
        if let Some(counts) = &request.want.counts {
            read_counted(&mut passes, counts);
        }
        let budget = Budget::divide(&request.limits, &request.plan, &passes, &sources);
        let memory = KeyMemory::new(budget.keys, budget.threads, &request.limits.spill_dir);
        let work = Work {
            request,
            sources: &sources,
            samples: &samples,
            passes: &passes,
            refused: &budget.refused,
            memory: &memory,
            watch,
        };
        let mut execution = match rayon::ThreadPoolBuilder::new().num_threads(budget.threads).build() {
            Ok(pool) => pool.install(|| work.execute()),
            // Without threads of its own the work runs on those that rayon has.
            Err(_) => work.execute(),
        };
        execution.threads = budget.threads;
        execution.memory_doubt = budget.doubt;
        for (dataset, sample) in &samples {
            let drawn = Drawn::Part { asked: sample.asked(), share: sample.share() };
            execution.samples.insert((*dataset).to_owned(), drawn);
        }
        for (dataset, reason) in in_full {
            if passes.iter().any(|pass| pass.dataset == dataset) {
                execution.notices.push(notice(dataset, format!("was read in full: {reason}")));
            }
            execution.samples.insert(dataset.to_owned(), Drawn::Whole(reason));
        }
        execution
    }
}

/// The most columns of a dataset without which it is read again.
const MOST_LOST: usize = 8;

/// Whether a scan has met a column of these that cannot be decoded and is not known yet.
fn is_lost_anew(source: &Source, known: &BTreeMap<String, String>, columns: &[String]) -> bool {
    let is_read = |name: &String| columns.contains(name) || columns.contains(&composed_name(name));
    let is_new = |name: &String| !known.contains_key(name) && is_read(name);
    known.len() < MOST_LOST && source.lost_columns().keys().any(is_new)
}

/// The datasets that this engine has opened.
fn sources(datasets: &Datasets) -> Sources<'_> {
    datasets.iter().filter_map(|(name, dataset)| Some((name.as_str(), dataset.downcast()?))).collect()
}

/// What a sample takes of each dataset.
struct Draws<'a> {
    samples: BTreeMap<&'a str, Sample>,
    /// Why others are read in full.
    in_full: BTreeMap<&'a str, String>,
}

impl<'a> Draws<'a> {
    /// Draws a sample of each dataset, where one is asked for.
    fn of(request: &Request, sources: &Sources<'a>) -> Self {
        let mut draws = Self { samples: BTreeMap::new(), in_full: BTreeMap::new() };
        for (name, source) in sources {
            let Some(share) = request.samples.get(*name) else { continue };
            match source.sample(*share) {
                Ok(sample) => drop(draws.samples.insert(name, sample)),
                Err(reason) => drop(draws.in_full.insert(name, reason.to_string())),
            }
        }
        draws
    }
}

fn notice(dataset: &str, text: String) -> Notice {
    Notice { dataset: Some(dataset.to_owned()), rule: None, text }
}

/// A request that is being executed, and what it is executed with.
#[derive(Clone, Copy)]
struct Work<'a> {
    request: &'a Request,
    sources: &'a Sources<'a>,
    samples: &'a BTreeMap<&'a str, Sample>,
    passes: &'a [Pass],
    /// The datasets that memory does not hold, with the reason.
    refused: &'a BTreeMap<String, String>,
    memory: &'a Arc<KeyMemory>,
    watch: Watch<'a>,
}

impl Work<'_> {
    fn execute(self) -> Execution {
        let plan = &self.request.plan;
        let lookups = Lookups::new(plan.lookups.len());
        let compiled = Compiled::default();
        let evidence = self.request.want.rows.as_ref().zip(self.watch.evidence);
        let wanted = evidence.map(|(wanted, _)| wanted.groups.clone()).unwrap_or_default();
        let groups = AllFailingGroups::new(&wanted, plan.measures.len(), self.memory);
        let shared = Shared {
            plan,
            lookups: &lookups,
            compiled: &compiled,
            memory: self.memory,
            samples: self.samples,
            most_failures: self.request.most_failures.as_deref(),
            as_of: plan.as_of,
            profile: self.request.want.profile,
            failing_rows: self.request.want.failing_rows,
            progress: self.watch.progress,
            groups: &groups,
            evidence,
            counts: self.request.want.counts.as_ref(),
        };
        let mut execution = Execution {
            readings: vec![Err(Unmeasured::Stopped); plan.measures.len()],
            costs: shared.profile.then(|| Costs::of(plan)),
            ..Execution::default()
        };
        match self.watch.stop {
            Some(stop) => self.one_by_one(shared, stop, &mut execution),
            None => self.side_by_side(shared, &mut execution),
        }
        self.hand_on_groups(shared, &mut execution);
        self.complete(&mut execution);
        execution.cancelled = self.watch.progress.cancelled();
        execution.spilled_bytes = self.memory.spilled();
        execution
    }

    /// Runs the passes of a stage at the same time.
    fn side_by_side(self, shared: Shared<'_>, execution: &mut Execution) {
        let stages = self.passes.iter().map(|pass| pass.stage).max().map_or(0, |last| last + 1);
        for stage in 0..stages {
            if shared.progress.cancelled() {
                break;
            }
            let passes: Vec<&Pass> = self.passes.iter().filter(|pass| pass.stage == stage).collect();
            let done: Vec<_> = passes.par_iter().map(|pass| self.run(pass, shared)).collect();
            for (pass, done) in passes.iter().zip(done) {
                self.settle(pass, done, shared.lookups, execution);
            }
        }
    }

    /// Runs one pass after the other, until the readings settle everything. So the result does not depend on which pass is
    /// faster.
    fn one_by_one(self, shared: Shared<'_>, stop: &dyn Stop, execution: &mut Execution) {
        let mut measured = vec![false; shared.plan.measures.len()];
        for pass in self.passes {
            let readings = execution.readings.iter().zip(&measured);
            let taken: Vec<_> = readings.map(|(reading, taken)| taken.then_some(reading.as_ref())).collect();
            if stop.is_settled(&taken) {
                execution.stopped = Some(Stopped { dataset: None, decided_by: Vec::new(), measured });
                return;
            }
            if shared.progress.cancelled() {
                return;
            }
            let done = self.run(pass, shared);
            let decided_by = done.as_ref().ok().and_then(|done| done.decided_by.clone());
            self.settle(pass, done, shared.lookups, execution);
            for measure in decided_by.as_ref().unwrap_or(&pass.measures) {
                measured[*measure] = true;
            }
            if let Some(decided_by) = decided_by {
                execution.stopped = Some(Stopped { dataset: Some(pass.dataset.clone()), decided_by, measured });
                return;
            }
        }
    }

    /// Hands on the failing groups of the measures that were taken. A measure whose groups cannot be named has no reading.
    fn hand_on_groups(self, shared: Shared<'_>, execution: &mut Execution) {
        let Some((wanted, sink)) = shared.evidence else { return };
        for measure in &wanted.groups {
            let reading = &mut execution.readings[*measure];
            // Of what was not measured, or has no answer, nothing can be handed on.
            if reading.as_ref().ok().and_then(Reading::failing_groups).is_none() {
                continue;
            }
            match catch_internal_error(|| pass::groups::hand_on(*measure, self.sources, sink, shared)) {
                Ok(true) => {}
                Ok(false) => return,
                Err(problem) => *reading = Err(problem),
            }
        }
    }

    /// Whether a pass is the one that measures its dataset, and not one that only collects keys.
    fn is_main(self, pass: &Pass) -> bool {
        let own = self.passes.iter().filter(|other| other.dataset == pass.dataset);
        own.map(|other| other.stage).max() == Some(pass.stage)
    }

    fn run(self, pass: &Pass, shared: Shared<'_>) -> Result<Done, Unmeasured> {
        let source = self.sources.get(pass.dataset.as_str());
        let source = source.ok_or_else(|| Unmeasured::unreadable("the dataset was not opened"))?;
        if let Some(reason) = self.refused.get(&pass.dataset) {
            return Err(Unmeasured::unreadable(reason.clone()));
        }
        let main = self.is_main(pass);
        let counted = shared.counts.filter(|counts| counts.is_about(&pass.measures));
        let counted = counted.and_then(|counts| counts.columns.get(&pass.dataset));
        loop {
            let lost = source.lost_columns();
            if lost.is_empty() {
                let done = catch_internal_error(|| pass::run::run(pass, source, shared, main));
                if done.is_ok() || !is_lost_anew(source, &lost, &pass.columns) {
                    return done;
                }
                continue;
            }
            // The rest is measured without what reads a column that cannot be decoded.
            let (rest, left_out) = pass.without(&lost, shared.plan, counted);
            let done = catch_internal_error(|| pass::run::run(&rest, source, shared, main));
            if done.is_err() && is_lost_anew(source, &lost, &rest.columns) {
                continue;
            }
            let mut done = done?;
            for (measure, reason) in left_out.measures {
                done.readings.push((measure, Err(Unmeasured::unreadable(reason))));
            }
            for (lookup, reason) in left_out.lookups {
                shared.lookups.put(lookup, Err(PrepareError::LookupLost(reason)));
            }
            // What each measure cost is by its place in the pass.
            done.costs = None;
            let is_read = |name: &String| pass.columns.contains(name) || pass.columns.contains(&composed_name(name));
            done.lost = lost.into_iter().filter(|(name, _)| is_read(name)).collect();
            return Ok(done);
        }
    }

    /// Enters the readings of a pass, or why it has none.
    fn settle(self, pass: &Pass, done: Result<Done, Unmeasured>, lookups: &Lookups, execution: &mut Execution) {
        let plan = &self.request.plan;
        match done {
            Ok(done) => {
                if let (Some(costs), Some(pass_costs)) = (&mut execution.costs, done.costs) {
                    pass_costs.add_to(costs, pass, plan);
                }
                for (measure, reading) in done.readings {
                    execution.readings[measure] = reading;
                }
                for (name, reason) in &done.lost {
                    let text = format!("the column `{}` could not be read: {reason}", name.escape_debug());
                    let notice = notice(&pass.dataset, text);
                    if !execution.notices.contains(&notice) {
                        execution.notices.push(notice);
                    }
                }
                execution.segments.extend(done.segments);
                execution.failure_counts.extend(done.failure_counts.map(|counts| (pass.dataset.clone(), counts)));
                // Passes of later stages may read only a sample; the last one counts.
                execution.unparseable.entry(pass.dataset.clone()).or_default().extend(done.unparseable);
                if self.is_main(pass) {
                    // Where the keys of the dataset could not be read before, that stays.
                    execution.datasets.entry(pass.dataset.clone()).or_insert(Ok(done.facts));
                }
            }
            Err(problem) => {
                let kinds = pass.measures.iter().filter(|at| !matches!(plan.measures[**at].kind, MeasureKind::Columns));
                for measure in kinds {
                    execution.readings[*measure] = Err(problem.clone());
                }
                for lookup in &pass.lookups {
                    lookups.put(*lookup, Err(PrepareError::LookupUnreadable(pass.dataset.clone())));
                }
                execution.notices.push(notice(&pass.dataset, format!("could not be audited: {problem}")));
                execution.datasets.insert(pass.dataset.clone(), Err(problem));
            }
        }
    }

    /// Fills in what is known about samples without reading rows: how many rows there are, and which keys were read in
    /// full.
    fn complete(self, execution: &mut Execution) {
        for tallies in execution.unparseable.values_mut() {
            tallies.retain(|_, tally| tally.cells() > 0);
        }
        for (measure, reading) in self.request.plan.measures.iter().zip(&mut execution.readings) {
            let is_asked = measure.kind == MeasureKind::RowCount && measure.filter.is_none();
            let source = self.sources.get(measure.dataset.as_str());
            let source = source.filter(|_| is_asked && self.samples.contains_key(measure.dataset.as_str()));
            if let Some(rows) = source.and_then(|source| source.extent().rows) {
                *reading = Ok(Reading::Count { rows, unreadable: 0 });
            }
        }
        let keys = self.passes.iter().filter(|pass| pass.measures.is_empty() && !pass.lookups.is_empty());
        for pass in keys.filter(|pass| self.samples.contains_key(pass.dataset.as_str())) {
            let text = "the keys that other rules look for were read in full".to_owned();
            execution.notices.push(notice(&pass.dataset, text));
        }
    }
}
