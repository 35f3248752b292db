//! An audit in one sentence: resolve the rules, plan the measures, execute them, judge the readings, score the verdicts.

mod cost;
mod early;
mod sampled;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Instant;

use anyhow::bail;
use sha2::{Digest as _, Sha256};

pub use cost::{CostLine, CostTable, explain_cost};

use crate::checks::{Outcome, Readings};
use crate::engine::{DatasetFacts, ENGINES, Execution, Limits, MemoryLimit, Progress, Stop};
use crate::model::{
    AuditReport, ColumnFact, DatasetReport, DatasetStatus, Dimension, Distribution, FORMAT, GateReport, Notice,
    Profile, Reading, Records, RuleReport, SampledReport, Score, Segment, Severity, Share, Status, StoppedReport,
    SuiteFacts, Timings, ToolFacts, Verdict,
};
use crate::plan::{Explained, Planned, StoredColumns, build, sample};
use crate::rules::{BoundRule, Catalogue, Dataset, Diagnostics, LoadOptions, Schemas, Suite, read_suite};
use crate::score::{Asked, judge_gate, judge_segments, owners, rate, score_dataset};
use crate::source::{Source, SourceColumn};

use early::Gatekeeper;
use sampled::Samples;

/// What a user asks of an audit beside the suites.
#[derive(Debug, Clone)]
pub struct AuditOptions {
    /// Parameters, locations and the day.
    pub load: LoadOptions,
    /// Overrides the gate's severity; `Some(None)`: no failed rule shuts it.
    pub fail_on: Option<Option<Severity>>,
    /// Overrides the gate's least score.
    pub min_score: Option<Score>,
    /// Only rules that one of these selects; empty: all.
    pub select: Vec<Selector>,
    /// Only a sample of so many rows is read, where rows can be left out.
    pub sample: Option<Share>,
    /// Whether to end as soon as the gate cannot pass any more.
    pub stop_early: bool,
    /// Worker threads; 0: one for each processor.
    pub threads: usize,
    /// Whether the report tells times and memory.
    pub timings: bool,
    /// How much memory may be used.
    pub memory: MemoryLimit,
    /// The folder for keys that memory does not hold.
    pub spill_dir: PathBuf,
    /// Whether to tell what each rule cost.
    pub profile: bool,
    /// How many failing rows of each rule the report names.
    pub failing_rows: usize,
}

/// Selects rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selector {
    /// By id, tag, dataset or dimension, whichever the word is.
    Any(String),
    /// By tag.
    Tag(String),
    /// By id.
    Id(String),
    /// By dataset.
    Dataset(String),
    /// By dimension.
    Dimension(Dimension),
}

impl Selector {
    fn selects(&self, rule: &BoundRule) -> bool {
        let rule = &rule.rule;
        match self {
            Self::Any(word) => {
                rule.id == *word
                    || rule.dataset == *word
                    || rule.dimension.name() == word
                    || rule.tags.iter().any(|tag| tag == word)
            }
            Self::Tag(tag) => rule.tags.contains(tag),
            Self::Id(id) => rule.id == *id,
            Self::Dataset(dataset) => rule.dataset == *dataset,
            Self::Dimension(dimension) => rule.dimension == *dimension,
        }
    }
}

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
}

/// Audits the datasets of suites.
///
/// # Errors
/// [`Diagnostics`] where the suites have errors; otherwise a message.
pub fn audit(suites: &[PathBuf], options: &AuditOptions, progress: &dyn Progress) -> anyhow::Result<Audited> {
    let start = Instant::now();
    let Prepared { suite, opened, bound, skipped } = prepare(suites, options)?;
    let Planned { mut plan, rule_measures } = build(&suite, &bound, &opened.stored());
    let samples = Samples::draw(options.sample, &opened.sources);
    sample(&mut plan, &samples.drawn.keys().map(String::as_str).collect(), &opened.stored());

    let asked = asked(&suite, options);
    let catalogue = Catalogue::new(&suite, &opened);
    let rows = |dataset: &str| opened.sources.get(dataset).and_then(Source::rows);
    // Of datasets that no rule is about nothing is asked.
    let broken = bound.iter().any(|bound| opened.problems.contains_key(&bound.rule.dataset));
    let gatekeeper = options
        .stop_early
        .then(|| Gatekeeper::new(&catalogue, &bound, &rule_measures, &plan, asked.fail_on, broken, rows));

    let Some(engine) = ENGINES.first() else { bail!("this build has no engine") };
    let limits = Limits {
        threads: options.threads,
        memory: options.memory,
        spill_dir: options.spill_dir.clone(),
        profile: options.profile,
        failing_rows: options.failing_rows,
        samples: samples.drawn.clone(),
        stop: gatekeeper.as_ref().map(|gatekeeper| gatekeeper as &dyn Stop),
    };
    let mut execution = engine.execute(&plan, &opened.sources, &limits, progress);

    samples.complete(&plan, &opened, &mut execution);
    let mut rules = judge(&catalogue, &bound, &rule_measures, &execution);
    samples.settle(&mut rules, &rule_measures, &plan, &opened, &execution);
    if let Some(stopped) = &execution.stopped {
        early::settle(&mut rules, &bound, &rule_measures, &plan, stopped, asked.fail_on, rows);
    }
    let datasets = score(&suite, &opened, &execution, rules, &bound, !options.select.is_empty(), &samples);
    let fail_on = asked.fail_on;
    let gate = judge_gate(asked, &datasets);
    let partly = Partly {
        sampled: samples.told(&datasets),
        stopped: execution.stopped.as_ref().map(|_| {
            let rules: Vec<&RuleReport> = datasets.iter().flat_map(|dataset| &dataset.rules).collect();
            early::told(&rules, gate.reasons.first(), fail_on)
        }),
    };
    execution.notices.extend(samples.notices(&plan));

    let cancelled = execution.cancelled;
    let diagnostics = Some(suite.bind_diagnostics(&bound)).filter(|diagnostics| !diagnostics.is_empty());
    let threads = u32::try_from(execution.threads).unwrap_or(u32::MAX);
    let timings = options.timings.then(|| Timings {
        seconds: start.elapsed().as_secs_f64(),
        threads,
        peak_memory_bytes: peak_memory(),
        spilled_bytes: execution.spilled_bytes,
        spill_dir: (execution.spilled_bytes > 0).then(|| options.spill_dir.display().to_string()),
        memory_doubt: execution.memory_doubt.clone(),
    });
    let profile =
        execution.costs.as_ref().map(|costs| cost::profile(&suite, &bound, &plan, &rule_measures, costs, threads));
    let report = assemble(&suite, engine.name(), datasets, gate, partly, execution.notices, skipped, timings);
    Ok(Audited { report, diagnostics, memory_doubt: execution.memory_doubt, profile, cancelled })
}

/// Prints how suites would be audited.
///
/// # Errors
/// [`Diagnostics`] where the suites have errors or do not fit the data; otherwise a message.
pub fn explain_plan(suites: &[PathBuf], options: &AuditOptions) -> anyhow::Result<String> {
    let (Prepared { opened, bound, .. }, Planned { plan, rule_measures }) = prepare_whole(suites, options)?;
    let ids: Vec<String> = bound.iter().map(|bound| bound.rule.id.clone()).collect();
    let widths: Vec<(String, usize)> =
        opened.sources.iter().map(|(name, source)| (name.clone(), source.columns().len())).collect();
    Ok(Explained { plan: &plan, rules: &ids, rule_measures: &rule_measures, widths: &widths }.to_string())
}

/// A suite with its datasets opened and its rules bound to their columns.
struct Prepared {
    suite: Suite,
    opened: Opened,
    bound: Vec<BoundRule>,
    /// Rules that were not selected.
    skipped: usize,
}

fn prepare(suites: &[PathBuf], options: &AuditOptions) -> anyhow::Result<Prepared> {
    let (suite, unfit) = read_suite(suites, &options.load)?;
    let mut piped = suite.datasets.iter().filter(|dataset| dataset.source.location == "-");
    if let (Some(one), Some(two)) = (piped.next(), piped.next()) {
        bail!(
            "{} and {} both read standard input, which comes once; give one of them a file with --data NAME=PATH",
            one.name,
            two.name
        );
    }
    let mut opened = Opened::default();
    for dataset in &suite.datasets {
        match Source::open(&dataset.source) {
            Ok(source) => drop(opened.sources.insert(dataset.name.clone(), source)),
            Err(error) => drop(opened.problems.insert(dataset.name.clone(), error.to_string())),
        }
    }
    let all = suite.bind(&opened);
    if !unfit.is_empty() {
        // No data can make them right, so nothing is read; what does not fit the columns at hand is told as well.
        let found = suite.bind_diagnostics(&all);
        let all_opened = opened.problems.is_empty();
        let told = if all_opened { found } else { unfit.with(&found) };
        if !told.is_empty() {
            return Err(told.into());
        }
    }
    let total = all.len();
    let chosen = |rule: &BoundRule| options.select.is_empty() || options.select.iter().any(|by| by.selects(rule));
    let bound: Vec<BoundRule> = all.into_iter().filter(chosen).collect();
    if bound.is_empty() {
        if total > 0 {
            bail!("--select selects none of the {total} rules; `passmuster explain SUITE` names them");
        }
        bail!("the suite has no rules");
    }
    Ok(Prepared { suite, opened, skipped: total - bound.len(), bound })
}

/// A suite of which everything can be planned.
fn prepare_whole(suites: &[PathBuf], options: &AuditOptions) -> anyhow::Result<(Prepared, Planned)> {
    let prepared = prepare(suites, options)?;
    if let Some((name, problem)) = prepared.opened.problems.first_key_value() {
        bail!("{name} cannot be planned: {problem}");
    }
    let diagnostics = prepared.suite.bind_diagnostics(&prepared.bound);
    if !diagnostics.is_empty() {
        return Err(diagnostics.into());
    }
    let planned = build(&prepared.suite, &prepared.bound, &prepared.opened.stored());
    Ok((prepared, planned))
}

/// The datasets of a suite as far as they could be opened.
#[derive(Default)]
struct Opened {
    sources: BTreeMap<String, Source>,
    problems: BTreeMap<String, String>,
}

impl Opened {
    fn stored(&self) -> StoredColumns {
        let readable = |source: &Source| {
            let columns = source.columns().iter();
            columns.filter_map(|column| Some((column.name.clone(), column.data_type?))).collect()
        };
        self.sources.iter().map(|(name, source)| (name.clone(), readable(source))).collect()
    }
}

impl Schemas for Opened {
    fn columns(&self, dataset: &str) -> Option<&[SourceColumn]> {
        self.sources.get(dataset).map(Source::columns)
    }
}

/// Readings → verdicts.
fn judge(
    catalogue: &Catalogue<'_>,
    bound: &[BoundRule],
    rule_measures: &[Vec<usize>],
    execution: &Execution,
) -> Vec<RuleReport> {
    let reading = |at: usize| match execution.readings.get(at) {
        Some(reading) => reading.as_ref().map_err(String::as_str),
        None => Err("the engine did not measure this"),
    };
    let judged = bound.iter().zip(rule_measures).map(|(bound, measures)| {
        let mut rule = judge_rule(catalogue, bound, measures, &reading);
        if let Some(segments) = measures.iter().find_map(|at| execution.segments.get(at)) {
            enter_segments(&mut rule, &bound.rule.segment, segments);
        }
        rule
    });
    judged.collect()
}

/// The readings of one rule → its verdict.
fn judge_rule<'r>(
    catalogue: &Catalogue<'_>,
    bound: &BoundRule,
    measures: &[usize],
    reading: &dyn Fn(usize) -> Result<&'r Reading, &'r str>,
) -> RuleReport {
    let outcome = match &bound.measures {
        Err(reason) => Err(reason.clone()),
        Ok(measured) => {
            debug_assert_eq!(measured.len(), measures.len(), "the plan answers every measure");
            let readings = Readings(measures.iter().map(|at| reading(*at)).collect());
            let scope = catalogue.scope(bound);
            bound.rule.check.judge(&bound.args, &scope, &readings).map_err(|error| error.to_string())
        }
    };
    verdict(bound, outcome)
}

/// Enters how a rule came out in groups of rows: each of them must meet the threshold, too.
fn enter_segments(rule: &mut RuleReport, columns: &[String], segments: &Result<Vec<Segment>, String>) {
    if matches!(rule.status, Status::Errored | Status::NotMeasured) {
        return;
    }
    let segments = match segments {
        Ok(segments) => judge_segments(columns, segments, rule.threshold),
        Err(reason) => {
            rule.status = Status::Errored;
            rule.reason = Some(reason.clone());
            return;
        }
    };
    if segments.failing > 0 {
        rule.status = Status::Failed;
    }
    rule.segments = Some(segments);
}

/// The outcome of a rule against its threshold.
fn verdict(bound: &BoundRule, outcome: Result<Outcome, String>) -> RuleReport {
    let rule = &bound.rule;
    let (outcome, reason) = match outcome {
        Ok(outcome) => (outcome, None),
        Err(reason) => (Outcome::default(), Some(reason)),
    };
    let evaluated = outcome.passed + outcome.failed;
    let meets = |threshold: crate::model::Threshold| threshold.accepts(outcome.passed, outcome.failed);
    let status = if reason.is_some() {
        Status::Errored
    } else if evaluated == 0 {
        Status::NotMeasured
    } else if !meets(rule.threshold) {
        Status::Failed
    } else if rule.warn.is_some_and(|warn| !meets(warn)) {
        Status::Warned
    } else {
        Status::Passed
    };
    RuleReport {
        id: rule.id.clone(),
        dataset: rule.dataset.clone(),
        check: rule.check.name().to_owned(),
        title: rule.title.clone(),
        columns: bound.columns.clone(),
        dimension: rule.dimension,
        severity: rule.severity,
        weight: rule.weight,
        status,
        sampled: None,
        partial: false,
        evaluated,
        passed: outcome.passed,
        failed: outcome.failed,
        not_applicable: outcome.not_applicable,
        unreadable: outcome.unreadable,
        rate: rate(outcome.passed, evaluated),
        threshold: rule.threshold,
        warn: rule.warn,
        observed: outcome.observed,
        expected: outcome.expected,
        details: outcome.details,
        rows_of: outcome.rows_of,
        segments: None,
        distribution: outcome
            .distribution
            .map(|distribution| Distribution { condition: rule.condition(), ..*distribution }),
        sample: outcome.sample,
        pairs: outcome.pairs,
        reason: reason.or(outcome.reason),
        because: rule.because.clone(),
        fix: rule.fix.clone(),
        owner: rule.owner.clone(),
        tags: rule.tags.clone(),
    }
}

/// Verdicts → scores, worst dataset first. Where rules were selected, datasets without one are left out, unless a rule of
/// another names their rows.
fn score(
    suite: &Suite,
    opened: &Opened,
    execution: &Execution,
    rules: Vec<RuleReport>,
    bound: &[BoundRule],
    selected: bool,
    samples: &Samples,
) -> Vec<DatasetReport> {
    // For each dataset its rules, and how many of them make records unclean.
    let mut by_dataset: BTreeMap<&str, (Vec<RuleReport>, u64)> = BTreeMap::new();
    for (rule, bound) in rules.into_iter().zip(bound) {
        let by_row = bound.rule.check.is_about_rows(&bound.args)
            && rule.severity >= Severity::Major
            && rule.status != Status::Errored;
        let (rules, row_rules) = by_dataset.entry(&bound.rule.dataset).or_default();
        rules.push(rule);
        *row_rules += u64::from(by_row);
    }
    // Rows that a rule names are looked for in the files of their dataset.
    let named: BTreeSet<String> =
        by_dataset.values().flat_map(|(rules, _)| rules).filter_map(|rule| rule.rows_of.clone()).collect();
    let shown = suite.datasets.iter().filter_map(|dataset| match by_dataset.remove(dataset.name.as_str()) {
        None if selected && !named.contains(&dataset.name) => None,
        rules => Some((dataset, rules.unwrap_or_default())),
    });
    let mut datasets: Vec<DatasetReport> = shown
        .map(|(dataset, (rules, row_rules))| {
            let name = dataset.name.as_str();
            let stopped = execution.stopped.as_ref().map(|stopped| stopped.dataset.as_deref() == Some(name));
            let (status, facts) = match (opened.problems.get(name), execution.datasets.get(name), stopped) {
                (Some(problem), ..) | (None, Some(Err(problem)), _) => {
                    (DatasetStatus::Errored, Err(Some(problem.clone())))
                }
                (None, Some(Ok(facts)), Some(true)) => (DatasetStatus::Stopped, Ok(facts)),
                (None, Some(Ok(facts)), _) if samples.drawn.contains_key(name) => (DatasetStatus::Sampled, Ok(facts)),
                (None, Some(Ok(facts)), _) => (DatasetStatus::Audited, Ok(facts)),
                (None, None, Some(_)) => (DatasetStatus::NotReached, Err(None)),
                (None, None, None) => (DatasetStatus::Errored, Err(Some("it was not read".to_owned()))),
            };
            let sampled = facts
                .as_ref()
                .ok()
                .and_then(|facts| samples.of(name, facts, opened.sources.get(name).and_then(Source::rows)));
            let report = score_one(suite, dataset, status, &facts, rules, row_rules);
            let rows = opened.sources.get(name).and_then(Source::rows);
            match status {
                DatasetStatus::Sampled => DatasetReport { sampled, rows, ..withhold(report) },
                DatasetStatus::Stopped | DatasetStatus::NotReached => withhold(report),
                DatasetStatus::Audited | DatasetStatus::Errored => report,
            }
        })
        .collect();
    datasets.sort_by(|a, b| {
        let key = |dataset: &DatasetReport| (dataset.status != DatasetStatus::Errored, dataset.score);
        key(a).cmp(&key(b)).then_with(|| a.name.cmp(&b.name))
    });
    datasets
}

/// A report without what only all rows could tell.
fn withhold(mut report: DatasetReport) -> DatasetReport {
    for dimension in &mut report.dimensions {
        dimension.score = None;
        dimension.before_veto = None;
        dimension.worst_rate = None;
        dimension.worst_rule = None;
    }
    DatasetReport {
        rows: None,
        records: None,
        score: None,
        arithmetic_mean: None,
        band: None,
        vetoes: Vec::new(),
        ..report
    }
}

fn score_one(
    suite: &Suite,
    dataset: &Dataset,
    status: DatasetStatus,
    facts: &Result<&DatasetFacts, Option<String>>,
    mut rules: Vec<RuleReport>,
    row_rules: u64,
) -> DatasetReport {
    rules.sort_by(|a, b| {
        let key = |rule: &RuleReport| (rule.status, std::cmp::Reverse(rule.severity), rule.rate);
        key(a).cmp(&key(b)).then_with(|| a.id.cmp(&b.id))
    });
    let columns = facts.as_ref().map_or(0, |facts| facts.columns.len());
    let scored = score_dataset(&rules, u32::try_from(columns).unwrap_or(u32::MAX), suite.bands);
    let records = |facts: &DatasetFacts, rules: u64| Records {
        total: facts.rows,
        clean: facts.clean,
        rules,
        rate: rate(facts.clean, facts.rows).filter(|_| rules > 0),
    };
    let read = facts.as_ref().ok();
    DatasetReport {
        name: dataset.name.clone(),
        title: dataset.title.clone(),
        owner: dataset.owner.clone(),
        steward: dataset.steward.clone(),
        status,
        error: facts.as_ref().err().cloned().flatten(),
        sampled: None,
        files: read.map(|facts| facts.files.clone()).unwrap_or_default(),
        columns: read.map(|facts| facts.columns.clone()).unwrap_or_default(),
        schema_hash: read.map(|facts| schema_hash(&facts.columns)),
        rows: read.map(|facts| facts.rows),
        records: read.map(|facts| records(facts, row_rules)),
        score: scored.score,
        arithmetic_mean: scored.arithmetic_mean,
        band: scored.band,
        vetoes: scored.vetoes,
        coverage: scored.coverage,
        dimensions: scored.dimensions,
        rules,
        faults: read.map(|facts| facts.framing.sample.clone()).unwrap_or_default(),
    }
}

/// SHA-256 in hex over names and stored types of columns.
fn schema_hash(columns: &[ColumnFact]) -> String {
    let mut hash = Sha256::new();
    for column in columns {
        hash.update(column.name.as_bytes());
        hash.update([0]);
        hash.update(column.stored.as_bytes());
        hash.update([0]);
    }
    hex::encode(hash.finalize())
}

/// What the gate asks: the suite's word, unless the user has another.
fn asked(suite: &Suite, options: &AuditOptions) -> Asked {
    Asked {
        fail_on: options.fail_on.unwrap_or(suite.gate.fail_on),
        min_score: options.min_score.or(suite.gate.min_score),
        min_dimension: suite.gate.min_dimension.clone(),
    }
}

/// What is said of an audit that did not measure everything.
struct Partly {
    sampled: Option<SampledReport>,
    stopped: Option<StoppedReport>,
}

/// The finished report. What could not be audited wins over a failed gate.
#[expect(clippy::too_many_arguments, reason = "everything comes together here")]
fn assemble(
    suite: &Suite,
    engine: &str,
    datasets: Vec<DatasetReport>,
    gate: GateReport,
    partly: Partly,
    notices: Vec<Notice>,
    skipped: usize,
    timings: Option<Timings>,
) -> AuditReport {
    let errored = datasets.iter().any(|dataset| {
        dataset.status == DatasetStatus::Errored || dataset.rules.iter().any(|rule| rule.status == Status::Errored)
    });
    let (verdict, exit_code) = match (errored, gate.passed) {
        (true, _) => (Verdict::CouldNotAudit, 2),
        (false, false) if gate.reasons.is_empty() => (Verdict::Undecided, 0),
        (false, false) => (Verdict::Failed, 1),
        (false, true) => (Verdict::Passed, 0),
    };
    let mut notices: BTreeSet<Notice> = notices.into_iter().collect();
    if skipped > 0 {
        let text = match skipped {
            1 => "1 rule was not selected and is not judged".to_owned(),
            _ => format!("{skipped} rules were not selected and are not judged"),
        };
        notices.insert(Notice { dataset: None, rule: None, text });
    }
    AuditReport {
        format: FORMAT.to_owned(),
        tool: ToolFacts {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            engine: engine.to_owned(),
        },
        suite: SuiteFacts {
            name: suite.name.clone(),
            title: suite.title.clone(),
            rules_hash: suite.rules_hash.clone(),
            bands: suite.bands,
        },
        as_of: suite.as_of.to_string(),
        sampled: partly.sampled,
        stopped: partly.stopped,
        verdict,
        exit_code,
        gate,
        owners: owners(&datasets),
        datasets,
        notices: notices.into_iter().collect(),
        timings,
    }
}

/// The most memory that the process has held so far, in bytes, where the system tells.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kib| kib * 1024)
}
