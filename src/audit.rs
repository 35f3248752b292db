//! An audit in one sentence: resolve the rules, open the data, plan the measures, execute them, judge the readings, score
//! the verdicts.

mod again;
mod cost;
mod evidence;
mod failing;
mod group_names;
mod options;
mod prepare;
mod report;
mod reveal;
mod unmet;
mod verify;
mod where_failing;

use std::path::PathBuf;
use std::time::Instant;

pub use again::{JudgeOptions, JudgedAgain, judge_result};
pub use cost::{CostLine, CostTable, explain_cost};
pub use evidence::{EvidenceOptions, EvidenceRecorder};
pub use failing::{FailingRecord, RecordSink, RuleFinding, Scene};
pub use options::{AuditOptions, Known, Selector};
pub use reveal::Reveal;

use crate::compare::known_failures;
use crate::engine::{Datasets, EvidenceSink, Limits, Progress, Request, Stop, Want, Watch};
use crate::judge::{Case, Gatekeeper, judge, rule_report, sampled_report, stopped_report};
use crate::memory;
use crate::model::{AuditReport, Notice, Profile, RuleReport, Score, Severity, Timings};
use crate::plan::{Identities, Waiting};
use crate::rules::{Catalogue, Diagnostics, Suite, Written, read_suite};
use crate::score::{Asked, judge_gate};

use failing::Joined;
use prepare::{prepare, prepare_whole};
use report::{Partly, assemble, not_selected, score, waivers};
use verify::verify;
use where_failing::FailuresByGroup;

/// A finished audit.
#[derive(Debug)]
pub struct Audited {
    /// The report.
    pub report: AuditReport,
    /// Rules that do not fit the columns of the data; they are `errored` in the report.
    pub diagnostics: Option<Diagnostics>,
    /// Where the limit on memory may not have been kept: why, and what helps. Apart from the report, which is the same
    /// within any limit.
    pub memory_doubt: Option<String>,
    /// What each rule cost, where that was asked for.
    pub profile: Option<Profile>,
    /// The user stopped the audit: the report is not to be used.
    pub cancelled: bool,
    /// The datasets that could be opened, by name, as they were audited.
    pub datasets: Datasets,
}

/// Reads suites and audits their datasets.
///
/// # Errors
/// [`Diagnostics`] where the suites have errors; otherwise a message.
pub fn audit(suites: &[PathBuf], options: &AuditOptions, progress: &dyn Progress) -> anyhow::Result<Audited> {
    audit_written(read_suite(suites, &options.load)?, options, &[], progress)
}

/// Audits the datasets of suites that are read already; `options.load` does not count any more. Failing records go to
/// `sinks`.
///
/// # Errors
/// [`Diagnostics`] where rules fit no data; otherwise a message.
pub fn audit_written(
    written: Written,
    options: &AuditOptions,
    sinks: &[&dyn RecordSink],
    progress: &dyn Progress,
) -> anyhow::Result<Audited> {
    let start = Instant::now();
    options.check(&written.suite)?;
    let prepared = prepare(written, options)?;
    let planned = prepared.plan(options.engine);

    let asked = asked(
        &prepared.written.suite,
        options.fail_on.unwrap_or(prepared.written.suite.gate.fail_on),
        options.min_score,
    );
    let catalogue = Catalogue::new(&prepared.written, &prepared.opened);
    let rows = prepared.opened.rows();
    let fail_on = asked.fail_on;
    let as_of = prepared.written.suite.as_of;
    let case = Case { catalogue: &catalogue, bound: &prepared.bound, planned: &planned, fail_on, as_of, rows };
    // Of datasets that no rule is about nothing is asked.
    let broken = prepared.bound.iter().any(|bound| prepared.opened.problems.contains_key(&bound.rule.dataset));
    let gatekeeper = options.stop_early.then(|| Gatekeeper::new(&case, broken));

    let joined = Joined::prepare(sinks, &prepared, &planned, options)?;
    let by_group = FailuresByGroup::prepare(&prepared, &planned, options)?;
    let request = Request {
        plan: planned.plan.clone(),
        samples: options.sample.iter().flat_map(|share| prepared.opened.shares(*share)).collect(),
        most_failures: gatekeeper.as_ref().map(Gatekeeper::most_failures),
        want: Want {
            failing_rows: options.failing_rows,
            rows: joined.as_ref().map(|joined| joined.wanted().clone()),
            counts: by_group.as_ref().map(|by_group| by_group.wanted().clone()),
            profile: options.profile,
        },
        limits: Limits { threads: options.threads, memory: options.memory, spill_dir: options.spill_dir.clone() },
    };
    let stop = gatekeeper.as_ref().map(|gatekeeper| gatekeeper as &dyn Stop);
    let evidence = joined.as_ref().map(|joined| joined as &dyn EvidenceSink);
    let watch = Watch { progress, stop, evidence };
    let execution = options.engine.execute(&request, &prepared.opened.datasets, watch);
    let verification = options
        .verify
        .then(|| {
            verify(
                &prepared,
                &case,
                options.engine,
                &request,
                &execution,
                Watch { stop: None, evidence: None, ..watch },
            )
        })
        .transpose()?;

    let mut verdicts = judge(&case, &execution);
    if options.sample.is_none() && execution.stopped.is_none() && !execution.cancelled {
        unmet::explain(&prepared, options.engine, request.limits.clone(), progress, (&execution, &mut verdicts));
    }
    let states: Vec<_> = verdicts.iter().map(|verdict| verdict.waiver).collect();
    let suite = &prepared.written.suite;
    let identities = Identities::new(suite, &planned.plan);
    let rules = prepared.bound.iter().zip(verdicts);
    let mut rules: Vec<RuleReport> =
        rules.map(|(bound, verdict)| rule_report(bound, identities.of(bound), verdict, as_of)).collect();
    let waivers = waivers(
        suite,
        prepared.bound.iter().zip(states).zip(&rules).map(|((bound, state), rule)| (bound, state, rule)),
    );
    if let Some(joined) = joined.filter(|_| !execution.cancelled) {
        joined.check(&prepared.bound, &rules, &execution)?;
    }
    if by_group.is_some() && !execution.cancelled {
        FailuresByGroup::explain(&prepared.bound, &execution, &mut rules)?;
    }
    let mut datasets = score(&prepared, &planned.plan, &execution, rules, !options.select.is_empty());
    if let Some(by_group) = &by_group {
        by_group.compare(&prepared.bound, &execution, &mut datasets);
    }
    let known = options.new_only.as_ref();
    let new_only = known.map(|known| known_failures(&known.baseline, &datasets, &suite.rules_hash, known.tolerance));
    let gate = judge_gate(Asked { new_only, ..asked }, &mut datasets);
    let partly = Partly {
        sampled: options.sample.map(|asked| sampled_report(asked, &datasets)),
        stopped: execution.stopped.as_ref().map(|_| {
            let rules: Vec<&RuleReport> = datasets.iter().flat_map(|dataset| &dataset.rules).collect();
            stopped_report(&rules, gate.reasons.first(), fail_on)
        }),
        judged: None,
        verification,
    };

    let diagnostics = Some(prepared.written.bind_diagnostics(&prepared.bound)).filter(|found| !found.is_empty());
    let threads = u32::try_from(execution.threads).unwrap_or(u32::MAX);
    let timings = options.timings.then(|| Timings {
        seconds: start.elapsed().as_secs_f64(),
        threads,
        peak_memory_bytes: memory::peak(),
        spilled_bytes: execution.spilled_bytes,
        spill_dir: (execution.spilled_bytes > 0).then(|| options.spill_dir.display().to_string()),
        memory_doubt: execution.memory_doubt.clone(),
    });
    let costs = execution.costs.as_ref();
    let profile = costs.map(|costs| cost::profile(&prepared, &planned, costs, threads));
    let mut notices = execution.notices;
    notices.extend(sinks.iter().flat_map(|sink| sink.notices()));
    for (name, facts) in &execution.datasets {
        let remarks = facts.iter().flat_map(|facts| facts.framing.remarks());
        notices.extend(remarks.map(|text| Notice { dataset: Some(name.clone()), rule: None, text }));
    }
    notices.extend(not_selected(prepared.skipped));
    let report = assemble(suite, options.engine.name(), (datasets, waivers), gate, partly, notices, timings);
    Ok(Audited {
        report,
        diagnostics,
        memory_doubt: execution.memory_doubt,
        profile,
        cancelled: execution.cancelled,
        datasets: prepared.opened.datasets,
    })
}

/// Prints how suites would be audited.
///
/// # Errors
/// [`Diagnostics`] where the suites have errors or do not fit the data; otherwise a message.
pub fn explain_plan(suites: &[PathBuf], options: &AuditOptions) -> anyhow::Result<String> {
    let (prepared, planned) = prepare_whole(suites, options)?;
    let waiting = Waiting::of(&planned.plan, &planned.rule_measures);
    let rules_of = |measure: usize| {
        waiting.for_any(&[measure]).into_iter().map(|rule| prepared.bound[rule].rule.id.clone()).collect()
    };
    Ok(options.engine.explain(&planned.plan, &prepared.opened.datasets, &rules_of))
}

/// What the gate asks: as the suite says, unless the user says otherwise.
fn asked(suite: &Suite, fail_on: Option<Severity>, min_score: Option<Score>) -> Asked {
    Asked {
        fail_on,
        min_score: min_score.or(suite.gate.min_score),
        min_dimension: suite.gate.min_dimension.clone(),
        unmeasured: suite.gate.unmeasured,
        new_only: None,
    }
}
