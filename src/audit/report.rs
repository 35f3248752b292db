//! From reports of rules to the report of an audit.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest as _, Sha256};

use super::prepare::Prepared;
use crate::engine::{DatasetFacts, Drawn, Execution};
use crate::judge::{sampled_dataset, waiver_report};
use crate::model::{
    AuditReport, ColumnFact, DatasetReport, DatasetStatus, FORMAT_NAME, FORMAT_VERSION, Fault, FileFact, GateReport,
    JudgedReport, Measure, MeasureKind, Notice, Records, RuleReport, SampledReport, Score, Severity, Status,
    StoppedReport, SuiteFacts, Timings, ToolFacts, UncleanBy, UnparseableColumn, UnparseableTally, Verdict,
    Verification, WaiverReport, WaiverState, nfc,
};
use crate::plan::{Parsing, Plan};
use crate::results;
use crate::rules::{BoundRule, Dataset, Suite, Written};
use crate::score::{owners, repairs, score_dataset};
use crate::source::SourceColumn;
use crate::text::looks;

/// Verdicts → scores, worst dataset first. Where rules were selected, datasets without one are left out, unless a rule of
/// another names their rows.
pub(super) fn score(
    Prepared { written: Written { suite, .. }, opened, bound, .. }: &Prepared,
    plan: &Plan,
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
            if status != DatasetStatus::Errored {
                let found = opened.datasets.get(name).map_or(&[][..], |dataset| dataset.inner_columns());
                report.inner_columns = inner_columns(found, plan, name);
            }
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
    sort(&mut datasets);
    datasets
}

/// Puts the worst datasets first.
pub(super) fn sort(datasets: &mut [DatasetReport]) {
    datasets.sort_by(|a, b| {
        let key = |dataset: &DatasetReport| (dataset.status != DatasetStatus::Errored, dataset.score);
        key(a).cmp(&key(b)).then_with(|| a.name.cmp(&b.name))
    });
}

/// The columns inside of nested columns that rules read, as a result has them; all of them where a rule asks which there are.
/// Otherwise the others are not named: keys of objects may be data.
fn inner_columns(found: &[SourceColumn], plan: &Plan, dataset: &str) -> Vec<ColumnFact> {
    let Some(planned) = plan.datasets.get(dataset) else { return Vec::new() };
    let read: BTreeSet<Cow<'_, str>> = planned.columns.keys().map(|name| nfc(name)).collect();
    let asks = |measure: &Measure| measure.dataset == dataset && measure.kind == MeasureKind::Columns;
    let is_asked = plan.measures.iter().any(asks);
    let fact = |column: &SourceColumn| ColumnFact {
        name: column.name.clone(),
        stored: column.stored.clone(),
        data_type: column.data_type,
        held: column.data_type,
        series: None,
    };
    found.iter().filter(|column| is_asked || read.contains(nfc(&column.name).as_ref())).map(fact).collect()
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
    rules: Vec<RuleReport>,
    row_rules: &RowRules,
) -> DatasetReport {
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
    let found = match facts {
        Ok(facts) => Found {
            files: facts.files.clone(),
            columns: facts.columns.clone(),
            schema_hash: Some(schema_hash(&facts.columns)),
            rows: Some(facts.rows),
            records: Some(records(facts)),
            faults: facts.framing.first_faults.clone(),
            ..Found::default()
        },
        Err(problem) => Found { error: problem.clone(), ..Found::default() },
    };
    report(suite, dataset, status, found, rules)
}

/// What was found out about a dataset, apart from its rules.
#[derive(Default)]
pub(super) struct Found {
    pub(super) error: Option<String>,
    pub(super) files: Vec<FileFact>,
    pub(super) columns: Vec<ColumnFact>,
    pub(super) schema_hash: Option<String>,
    pub(super) rows: Option<u64>,
    pub(super) records: Option<Records>,
    pub(super) faults: Vec<Fault>,
    pub(super) unparseable: Vec<UnparseableColumn>,
}

/// The report of a dataset, with the scores of its rules.
pub(super) fn report(
    suite: &Suite,
    dataset: &Dataset,
    status: DatasetStatus,
    found: Found,
    mut rules: Vec<RuleReport>,
) -> DatasetReport {
    rules.sort_by(|a, b| {
        let key = |rule: &RuleReport| (rule.status, std::cmp::Reverse(rule.severity), rule.rate);
        key(a).cmp(&key(b)).then_with(|| a.id.cmp(&b.id))
    });
    let columns: Vec<&str> = found.columns.iter().map(|column| column.name.as_str()).collect();
    let scored = score_dataset(&rules, &columns, suite.bands);
    DatasetReport {
        name: dataset.name.clone(),
        title: dataset.title.clone(),
        owner: dataset.owner.clone(),
        steward: dataset.steward.clone(),
        status,
        error: found.error,
        fails_gate: false,
        sampled: None,
        files: found.files,
        columns: found.columns,
        inner_columns: Vec::new(),
        schema_hash: found.schema_hash,
        rows: found.rows,
        score: scored.score,
        arithmetic_mean: scored.arithmetic_mean,
        band: scored.band,
        vetoes: scored.vetoes,
        coverage: scored.coverage,
        dimensions: scored.dimensions,
        // Without clean records half of what a repair is worth is not known.
        repairs: if status == DatasetStatus::Audited && found.records.is_some() {
            repairs(&rules, found.records.as_ref())
        } else {
            Vec::new()
        },
        records: found.records,
        rules,
        compared_failures: None,
        faults: found.faults,
        unparseable: found.unparseable,
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
#[derive(Default)]
pub(super) struct Partly {
    pub(super) sampled: Option<SampledReport>,
    pub(super) stopped: Option<StoppedReport>,
    pub(super) judged: Option<JudgedReport>,
    pub(super) verification: Option<Verification>,
}

/// The waivers of rules, which have these states and reports: those that somebody has to act on come first.
pub(super) fn waivers<'r>(
    suite: &Suite,
    rules: impl Iterator<Item = (&'r BoundRule, Option<WaiverState>, &'r RuleReport)>,
) -> Vec<WaiverReport> {
    let report = |(bound, state, rule): (&BoundRule, Option<WaiverState>, &RuleReport)| {
        Some(waiver_report(bound.rule.waiver.as_ref()?, suite.as_of, state?, rule))
    };
    let mut waivers: Vec<WaiverReport> = rules.filter_map(report).collect();
    waivers.sort_by(|a, b| (a.state, a.until, &a.rule).cmp(&(b.state, b.until, &b.rule)));
    waivers
}

/// What the report says about rules that were not selected.
pub(super) fn not_selected(rules: usize) -> Option<Notice> {
    let text = match rules {
        0 => return None,
        1 => "1 rule was not selected and is not judged".to_owned(),
        _ => format!("{rules} rules were not selected and are not judged"),
    };
    Some(Notice { dataset: None, rule: None, text })
}

/// The finished report. What could not be audited wins over a failed gate.
pub(super) fn assemble(
    suite: &Suite,
    engine: &str,
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
    let notices: BTreeSet<Notice> = notices.into_iter().collect();
    let mut report = AuditReport {
        format: format!("{FORMAT_NAME}/{FORMAT_VERSION}"),
        digest: None,
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
        judged: partly.judged,
        verification: partly.verification,
        verdict,
        exit_code,
        gate,
        owners: owners(&datasets),
        datasets,
        waivers,
        notices: notices.into_iter().collect(),
        timings,
    };
    report.digest = Some(results::digest(&report));
    report
}
