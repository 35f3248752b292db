//! The in-process engine: polars decodes columnar files, kernels of this crate count in one fused pass a dataset.
//!
//! Datasets, and the batches of a dataset, are worked on side by side. Memory holds about one batch a thread, and the
//! keys that rules compare; those that exceed what is left for them go to disk. A bit for each row is kept only where rules on
//! keys decide which records are clean.

mod accumulator;
mod batch;
mod budget;
mod keys;
mod lookups;
mod measures;
mod memory;
mod numbers;
mod pass;
mod profile;
mod rows;
mod shared;
mod spill;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use rayon::prelude::*;

use super::{Engine, Execution, Limits, Progress, Stop, Stopped};
use crate::model::{MeasureKind, Notice};
use crate::plan::{Costs, Pass, Plan};
use crate::source::Source;

pub(crate) use batch::dictionary::Dictionary;
use budget::Budget;
use lookups::built::Lookups;
use memory::KeyMemory;
use pass::run::Done;
use shared::Shared;

/// The in-process engine.
#[derive(Debug)]
pub struct LocalEngine;

impl Engine for LocalEngine {
    fn name(&self) -> &'static str {
        "local"
    }

    fn execute(
        &self,
        plan: &Plan,
        sources: &BTreeMap<String, Source>,
        limits: &Limits<'_>,
        progress: &dyn Progress,
    ) -> Execution {
        let budget = Budget::divide(limits, plan, sources);
        let memory = KeyMemory::new(budget.keys, budget.threads, &limits.spill_dir);
        let mut execution = match rayon::ThreadPoolBuilder::new().num_threads(budget.threads).build() {
            Ok(pool) => pool.install(|| execute(plan, sources, &memory, limits, progress)),
            // Without threads of its own the work runs on those that rayon has.
            Err(_) => execute(plan, sources, &memory, limits, progress),
        };
        execution.threads = budget.threads;
        execution.memory_doubt = budget.doubt;
        execution
    }
}

fn execute(
    plan: &Plan,
    sources: &BTreeMap<String, Source>,
    memory: &Arc<KeyMemory>,
    limits: &Limits<'_>,
    progress: &dyn Progress,
) -> Execution {
    let lookups = Lookups::new(plan.lookups.len());
    let shared = Shared {
        plan,
        lookups: &lookups,
        memory,
        samples: &limits.samples,
        stop: limits.stop,
        as_of: plan.as_of,
        profile: limits.profile,
        failing_rows: limits.failing_rows,
        progress,
    };
    let mut execution = Execution {
        readings: vec![Err("the dataset was not read".to_owned()); plan.measures.len()],
        costs: limits.profile.then(|| Costs::of(plan)),
        ..Execution::default()
    };
    match limits.stop {
        Some(stop) => one_by_one(sources, shared, stop, &mut execution),
        None => side_by_side(sources, shared, &mut execution),
    }
    execution.cancelled = progress.cancelled();
    execution.spilled_bytes = memory.spilled();
    execution
}

/// Runs the passes of a stage at the same time.
fn side_by_side(sources: &BTreeMap<String, Source>, shared: Shared<'_>, execution: &mut Execution) {
    let plan = shared.plan;
    let stages = plan.passes.iter().map(|pass| pass.stage).max().map_or(0, |last| last + 1);
    for stage in 0..stages {
        if shared.progress.cancelled() {
            break;
        }
        let passes: Vec<&Pass> = plan.passes.iter().filter(|pass| pass.stage == stage).collect();
        let done: Vec<Result<Done, String>> = passes.par_iter().map(|pass| run(pass, sources, shared)).collect();
        for (pass, done) in passes.iter().zip(done) {
            settle(pass, done, plan, shared.lookups, execution);
        }
    }
}

/// Runs one pass after the other, until nothing is left to be settled: so the result does not hang on which pass is
/// faster.
fn one_by_one(sources: &BTreeMap<String, Source>, shared: Shared<'_>, stop: &dyn Stop, execution: &mut Execution) {
    let plan = shared.plan;
    let mut measured = vec![false; plan.measures.len()];
    for pass in &plan.passes {
        let taken: Vec<_> =
            execution.readings.iter().zip(&measured).map(|(reading, taken)| taken.then_some(reading)).collect();
        if stop.is_settled(&taken) {
            execution.stopped = Some(Stopped { dataset: None, decided_by: Vec::new(), measured });
            return;
        }
        if shared.progress.cancelled() {
            return;
        }
        let done = run(pass, sources, shared);
        let decided_by = done.as_ref().ok().and_then(|done| done.decided_by.clone());
        settle(pass, done, plan, shared.lookups, execution);
        for measure in decided_by.as_ref().unwrap_or(&pass.measures) {
            measured[*measure] = true;
        }
        if let Some(decided_by) = decided_by {
            execution.stopped = Some(Stopped { dataset: Some(pass.dataset.clone()), decided_by, measured });
            return;
        }
    }
}

/// Whether a pass is the one that measures its dataset, and not one that only collects keys.
fn is_main(pass: &Pass, plan: &Plan) -> bool {
    let own = plan.passes.iter().filter(|other| other.dataset == pass.dataset);
    own.map(|other| other.stage).max() == Some(pass.stage)
}

fn run(pass: &Pass, sources: &BTreeMap<String, Source>, shared: Shared<'_>) -> Result<Done, String> {
    let source = sources.get(&pass.dataset).ok_or_else(|| "the dataset was not opened".to_owned())?;
    // A panic in a kernel costs this dataset its verdict, not the audit.
    catch_unwind(AssertUnwindSafe(|| pass::run::run(pass, source, shared, is_main(pass, shared.plan))))
        .unwrap_or_else(|_| Err("an internal error ended the pass; please report it".to_owned()))
}

/// Enters what a pass found, or why it found nothing.
fn settle(pass: &Pass, done: Result<Done, String>, plan: &Plan, lookups: &Lookups, execution: &mut Execution) {
    match done {
        Ok(done) => {
            if let (Some(costs), Some(pass_costs)) = (&mut execution.costs, done.costs) {
                pass_costs.add_to(costs, pass, plan);
            }
            for (measure, reading) in done.readings {
                execution.readings[measure] = reading;
            }
            execution.segments.extend(done.segments);
            if is_main(pass, plan) {
                // Where the keys of the dataset could not be read before, that stands.
                execution.datasets.entry(pass.dataset.clone()).or_insert(Ok(done.facts));
            }
        }
        Err(problem) => {
            let kinds = pass.measures.iter().filter(|at| !matches!(plan.measures[**at].kind, MeasureKind::Columns));
            for measure in kinds {
                execution.readings[*measure] = Err(problem.clone());
            }
            for lookup in &pass.lookups {
                lookups.put(*lookup, Err(format!("dataset {} could not be read", pass.dataset)));
            }
            execution.notices.push(Notice {
                dataset: Some(pass.dataset.clone()),
                rule: None,
                text: format!("could not be audited: {problem}"),
            });
            execution.datasets.insert(pass.dataset.clone(), Err(problem));
        }
    }
}
