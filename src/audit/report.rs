//! From reports of rules to the report of an audit.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest as _, Sha256};

use super::prepare::Prepared;
use crate::engine::{DatasetFacts, Drawn, Engine, Execution};
use crate::judge::{sampled_dataset, waiver_report};
use crate::model::{
    AuditReport, ColumnFact, DatasetReport, DatasetStatus, FORMAT, GateReport, MeasureKind, Notice, Records,
    RuleReport, SampledReport, Score, Severity, Status, StoppedReport, SuiteFacts, Timings, ToolFacts, UncleanBy,
    UnparseableColumn, UnparseableTally, Verdict, Verification, WaiverReport, WaiverState,
};
use crate::plan::Parsing;
use crate::rules::{Dataset, Suite, Written};
use crate::score::{owners, repairs, score_dataset};
use crate::text::looks;

/// Verdicts → scores, worst dataset first. Where rules were selected, datasets without one are left out, unless a rule of
/// another names their rows.
pub(super) fn score(
    Prepared { written: Written { suite, .. }, opened, bound, .. }: &Prepared,
    execution: &Execution,
    rules: Vec<RuleReport>,
    selected: bool,
) -> Vec<DatasetReport> {
    let mut by_dataset: BTreeMap<&str, (Vec<RuleReport>, RowRules)> = BTreeMap::new();
    for (rule, bound) in rules.into_iter().zip(bound) {
        let by_row = bound.check.is_about_rows() && rule.severity >= Severity::Major && rule.status != Status::Errored;
        let (rules, row_rules) = by_dataset.entry(&bound.rule.dataset).or_default();
        row_rules.rules += u64::from(by_row);
        if bound.check.is_about_rows()
            && bound.measures.iter().flatten().any(|measure| measure.kind == MeasureKind::Framing)
        {
            row_rules.that_frames = Some(rule.id.clone());
        }
        if by_row && bound.measures.iter().flatten().any(|measure| measure.kind.judges_rows()) {
            row_rules.that_judge.insert(rule.id.clone());
        }
        rules.push(rule);
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
            let drawn = execution.samples.get(name);
            let is_sampled = matches!(drawn, Some(Drawn::Part { .. }));
            let stopped = execution.stopped.as_ref().map(|stopped| stopped.dataset.as_deref() == Some(name));
            let (status, facts) = match (opened.problems.get(name), execution.datasets.get(name), stopped) {
                (Some(problem), ..) => (DatasetStatus::Errored, Err(Some(problem.clone()))),
                (None, Some(Err(problem)), _) => (DatasetStatus::Errored, Err(Some(problem.to_string()))),
                (None, Some(Ok(facts)), Some(true)) => (DatasetStatus::Stopped, Ok(facts)),
                (None, Some(Ok(facts)), _) if is_sampled => (DatasetStatus::Sampled, Ok(facts)),
                (None, Some(Ok(facts)), _) => (DatasetStatus::Audited, Ok(facts)),
                (None, None, Some(_)) => (DatasetStatus::NotReached, Err(None)),
                (None, None, None) => (DatasetStatus::Errored, Err(Some("it was not read".to_owned()))),
            };
            let rows = opened.datasets.get(name).and_then(|dataset| dataset.rows());
            let sampled = facts.as_ref().ok().zip(drawn).and_then(|(facts, drawn)| sampled_dataset(drawn, facts, rows));
            let mut report = score_one(suite, dataset, status, &facts, rules, &row_rules);
            if matches!(status, DatasetStatus::Audited | DatasetStatus::Sampled) {
                report.unparseable = unparseable(dataset, &report.columns, execution.unparseable.get(name));
            }
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

/// The columns with unparseable cells, in file order, with what to declare.
fn unparseable(
    dataset: &Dataset,
    columns: &[ColumnFact],
    counted: Option<&BTreeMap<Parsing, UnparseableTally>>,
) -> Vec<UnparseableColumn> {
    let mut found: Vec<UnparseableColumn> = counted
        .into_iter()
        .flatten()
        .map(|(Parsing { column, data_type, format }, tally)| {
            let notation = dataset.column(column).map_or(&dataset.notation, |declared| &declared.notation);
            let (looks_like, advice) = looks(tally, *data_type, format.as_ref(), notation);
            UnparseableColumn {
                column: column.clone(),
                data_type: *data_type,
                format: format.as_ref().map(ToString::to_string),
                cells: tally.cells(),
                parsed: tally.parsed,
                reasons: tally.reasons.clone(),
                looks_like,
                advice,
            }
        })
        .collect();
    found.sort_by_key(|found| columns.iter().position(|column| column.name == found.column));
    found
}

/// A report without what only all rows can show.
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
    row_rules: &RowRules,
) -> DatasetReport {
    rules.sort_by(|a, b| {
        let key = |rule: &RuleReport| (rule.status, std::cmp::Reverse(rule.severity), rule.rate);
        key(a).cmp(&key(b)).then_with(|| a.id.cmp(&b.id))
    });
    let columns = facts.as_ref().map_or(0, |facts| facts.columns.len());
    let scored = score_dataset(&rules, u32::try_from(columns).unwrap_or(u32::MAX), suite.bands);
    let records = |facts: &DatasetFacts| Records {
        total: facts.rows,
        clean: facts.clean,
        rules: row_rules.rules,
        rate: Score::rate(facts.clean, facts.rows).filter(|_| row_rules.rules > 0),
        unclean_by: if facts.clean < facts.rows {
            row_rules.unclean_by(&rules, facts.framing.malformed)
        } else {
            Vec::new()
        },
    };
    let read = facts.as_ref().ok();
    let records = read.map(|facts| records(facts));
    DatasetReport {
        name: dataset.name.clone(),
        title: dataset.title.clone(),
        owner: dataset.owner.clone(),
        steward: dataset.steward.clone(),
        status,
        error: facts.as_ref().err().cloned().flatten(),
        fails_gate: false,
        sampled: None,
        files: read.map(|facts| facts.files.clone()).unwrap_or_default(),
        columns: read.map(|facts| facts.columns.clone()).unwrap_or_default(),
        schema_hash: read.map(|facts| schema_hash(&facts.columns)),
        rows: read.map(|facts| facts.rows),
        score: scored.score,
        arithmetic_mean: scored.arithmetic_mean,
        band: scored.band,
        vetoes: scored.vetoes,
        coverage: scored.coverage,
        dimensions: scored.dimensions,
        repairs: if status == DatasetStatus::Audited { repairs(&rules, records.as_ref()) } else { Vec::new() },
        records,
        rules,
        faults: read.map(|facts| facts.framing.first_faults.clone()).unwrap_or_default(),
        unparseable: Vec::new(),
    }
}

/// The rules of a dataset that can make its records unclean.
#[derive(Default)]
struct RowRules {
    /// How many there are.
    rules: u64,
    /// Those that judge each row.
    that_judge: BTreeSet<String>,
    /// The rule that counts malformed records, which are unclean whatever its severity is.
    that_frames: Option<String>,
}

impl RowRules {
    /// The rules that make records unclean, the one with most rows first.
    fn unclean_by(&self, rules: &[RuleReport], malformed: u64) -> Vec<UncleanBy> {
        let fails =
            |rule: &&RuleReport| rule.failed > 0 && rule.rows_of.is_none() && self.that_judge.contains(&rule.id);
        let unclean = rules.iter().filter(fails).map(|rule| UncleanBy { rule: rule.id.clone(), rows: rule.failed });
        let frames = self.that_frames.iter().filter(|_| malformed > 0);
        let frames = frames.map(|rule| UncleanBy { rule: rule.clone(), rows: malformed });
        let mut found: Vec<UncleanBy> = unclean.chain(frames).collect();
        found.sort_by(|a, b| b.rows.cmp(&a.rows).then_with(|| a.rule.cmp(&b.rule)));
        found
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

/// What an audit that did not measure everything says about that.
pub(super) struct Partly {
    pub(super) sampled: Option<SampledReport>,
    pub(super) stopped: Option<StoppedReport>,
    pub(super) verification: Option<Verification>,
}

/// The waivers of the rules, which have these states and reports: those that somebody has to act on come first.
pub(super) fn waivers(
    Prepared { written: Written { suite, .. }, bound, .. }: &Prepared,
    states: &[Option<WaiverState>],
    rules: &[RuleReport],
) -> Vec<WaiverReport> {
    let waived = bound.iter().zip(states).zip(rules);
    let mut waivers: Vec<WaiverReport> = waived
        .filter_map(|((bound, state), rule)| {
            Some(waiver_report(bound.rule.waiver.as_ref()?, suite.as_of, (*state)?, rule))
        })
        .collect();
    waivers.sort_by(|a, b| (a.state, a.until, &a.rule).cmp(&(b.state, b.until, &b.rule)));
    waivers
}

/// The finished report. What could not be audited wins over a failed gate.
pub(super) fn assemble(
    Prepared { written: Written { suite, .. }, skipped, .. }: &Prepared,
    engine: &dyn Engine,
    (datasets, waivers): (Vec<DatasetReport>, Vec<WaiverReport>),
    gate: GateReport,
    partly: Partly,
    notices: Vec<Notice>,
    timings: Option<Timings>,
) -> AuditReport {
    let errored = datasets.iter().any(|dataset| {
        dataset.status == DatasetStatus::Errored || dataset.rules.iter().any(|rule| rule.status == Status::Errored)
    });
    // Two engines that disagree leave nothing to rely on, and nothing compared is nothing verified.
    let unverified = partly.verification.as_ref().is_some_and(|verification| !verification.holds());
    let (verdict, exit_code) = match (errored || unverified, gate.passed) {
        (true, _) => (Verdict::CouldNotAudit, 2),
        (false, false) if gate.reasons.is_empty() => (Verdict::Undecided, 0),
        (false, false) => (Verdict::Failed, 1),
        (false, true) => (Verdict::Passed, 0),
    };
    let mut notices: BTreeSet<Notice> = notices.into_iter().collect();
    if *skipped > 0 {
        let text = match *skipped {
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
            engine: engine.name().to_owned(),
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
        verification: partly.verification,
        verdict,
        exit_code,
        gate,
        owners: owners(&datasets),
        datasets,
        waivers,
        notices: notices.into_iter().collect(),
        timings,
    }
}
