//! One line a rule, for spreadsheets, databases and log stores: as lines of JSON and as CSV.

use std::io::{self, Write};

use serde::Serialize;

use super::json::write_line;
use super::spreadsheet::guarded;
use super::wording::{missed_groups, threshold};
use super::{Finished, Look, ReportFormat};
use crate::model::{
    AuditReport, Band, CalendarDate, DatasetReport, DatasetStatus, Dimension, RuleReport, Score, Severity, Status,
    Unit, Verdict,
};

/// Lines of JSON.
pub(super) struct Ndjson;

/// CSV.
pub(super) struct Csv;

/// A rule of a result with what is known of its dataset and suite. A dataset without rules has a line of its own, without
/// a rule: what nobody checks is not left out.
#[derive(Debug, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a column of its own")]
pub(super) struct Row<'r> {
    pub(super) suite: &'r str,
    pub(super) as_of: &'r str,
    pub(super) verdict: Verdict,
    pub(super) dataset: &'r str,
    pub(super) dataset_title: Option<&'r str>,
    pub(super) dataset_owner: Option<&'r str>,
    pub(super) dataset_status: DatasetStatus,
    pub(super) dataset_fails_gate: bool,
    pub(super) dataset_rows: Option<u64>,
    pub(super) dataset_clean_rows: Option<u64>,
    pub(super) dataset_score: Option<Score>,
    pub(super) dataset_band: Option<Band>,
    pub(super) rule: Option<&'r str>,
    pub(super) title: Option<&'r str>,
    pub(super) check: Option<&'r str>,
    pub(super) columns: Vec<&'r str>,
    pub(super) dimension: Option<Dimension>,
    pub(super) severity: Option<Severity>,
    pub(super) weight: Option<u32>,
    pub(super) status: Status,
    pub(super) fails_gate: bool,
    pub(super) sampled: bool,
    pub(super) partial: bool,
    pub(super) unit: Option<Unit>,
    pub(super) evaluated: Option<u64>,
    pub(super) passed: Option<u64>,
    pub(super) failed: Option<u64>,
    pub(super) not_applicable: Option<u64>,
    pub(super) unparseable: Option<u64>,
    pub(super) rate: Option<Score>,
    pub(super) threshold: Option<String>,
    pub(super) observed: Option<&'r str>,
    pub(super) expected: Option<&'r str>,
    pub(super) groups: Option<String>,
    pub(super) reason: Option<&'r str>,
    pub(super) because: Option<&'r str>,
    pub(super) fix: Option<&'r str>,
    pub(super) owner: Option<&'r str>,
    pub(super) due: Option<CalendarDate>,
    pub(super) overdue_days: Option<u64>,
    pub(super) waived_until: Option<CalendarDate>,
    pub(super) tags: Vec<&'r str>,
    pub(super) first_failing_file: Option<&'r str>,
    pub(super) first_failing_record: Option<u64>,
    pub(super) first_failing_line: Option<u64>,
    pub(super) suite_file: Option<&'r str>,
    pub(super) suite_line: Option<u32>,
    pub(super) fingerprint: Option<&'r str>,
}

/// The lines of a result: datasets and rules in its order.
pub(super) fn rows(report: &AuditReport) -> impl Iterator<Item = Row<'_>> {
    report.datasets.iter().flat_map(move |dataset| {
        let alone = dataset.rules.is_empty().then(|| of_dataset(report, dataset));
        alone.into_iter().chain(dataset.rules.iter().map(move |rule| of_rule(report, dataset, rule)))
    })
}

/// The line of a dataset without rules.
fn of_dataset<'r>(report: &'r AuditReport, dataset: &'r DatasetReport) -> Row<'r> {
    let status = if dataset.status == DatasetStatus::Errored { Status::Errored } else { Status::NotMeasured };
    Row {
        suite: &report.suite.name,
        as_of: &report.as_of,
        verdict: report.verdict,
        dataset: &dataset.name,
        dataset_title: dataset.title.as_deref(),
        dataset_owner: dataset.owner.as_deref(),
        dataset_status: dataset.status,
        dataset_fails_gate: dataset.fails_gate,
        dataset_rows: dataset.rows,
        dataset_clean_rows: dataset.records.as_ref().filter(|records| records.rate.is_some()).map(|found| found.clean),
        dataset_score: dataset.score,
        dataset_band: dataset.band,
        rule: None,
        title: None,
        check: None,
        columns: Vec::new(),
        dimension: None,
        severity: None,
        weight: None,
        status,
        fails_gate: dataset.fails_gate,
        sampled: dataset.sampled.is_some(),
        partial: dataset.status == DatasetStatus::Stopped,
        unit: None,
        evaluated: None,
        passed: None,
        failed: None,
        not_applicable: None,
        unparseable: None,
        rate: None,
        threshold: None,
        observed: None,
        expected: None,
        groups: None,
        reason: Some(dataset.error.as_deref().unwrap_or("no rule is about this dataset")),
        because: None,
        fix: None,
        owner: dataset.owner.as_deref(),
        due: None,
        overdue_days: None,
        waived_until: None,
        tags: Vec::new(),
        first_failing_file: None,
        first_failing_record: None,
        first_failing_line: None,
        suite_file: None,
        suite_line: None,
        fingerprint: None,
    }
}

fn of_rule<'r>(report: &'r AuditReport, dataset: &'r DatasetReport, rule: &'r RuleReport) -> Row<'r> {
    let holder = rule.rows_of.as_ref().and_then(|name| report.datasets.iter().find(|other| other.name == *name));
    let first = rule.failing_rows.first();
    let file = first.and_then(|row| holder.unwrap_or(dataset).files.get(row.file as usize));
    let waiver = report.waivers.iter().find(|waiver| waiver.rule == rule.id);
    let reason = rule.reason.as_deref().or(match rule.status {
        Status::Errored => dataset.error.as_deref(),
        _ => None,
    });
    Row {
        rule: Some(&rule.id),
        title: Some(&rule.title),
        check: Some(&rule.check),
        columns: rule.columns.iter().map(String::as_str).collect(),
        dimension: Some(rule.dimension),
        severity: Some(rule.severity),
        weight: Some(rule.weight),
        status: rule.status,
        fails_gate: rule.fails_gate,
        sampled: rule.sampled.is_some(),
        partial: rule.partial,
        unit: Some(rule.unit),
        evaluated: Some(rule.evaluated),
        passed: Some(rule.passed),
        failed: Some(rule.failed),
        not_applicable: Some(rule.not_applicable),
        unparseable: Some(rule.unreadable),
        rate: rule.rate,
        threshold: Some(threshold(rule.threshold, rule.unit)),
        observed: Some(&rule.observed),
        expected: Some(&rule.expected),
        groups: missed_groups(rule),
        reason,
        because: rule.because.as_deref(),
        fix: rule.fix.as_deref(),
        owner: rule.owner.as_deref().or(dataset.owner.as_deref()),
        due: rule.due,
        overdue_days: rule.overdue_days,
        waived_until: waiver.map(|waiver| waiver.until),
        tags: rule.tags.iter().map(String::as_str).collect(),
        first_failing_file: file.map(|file| file.path.as_str()),
        first_failing_record: first.map(|row| row.record),
        first_failing_line: first.and_then(|row| row.line),
        suite_file: rule.written.as_ref().map(|place| place.file.as_str()),
        suite_line: rule.written.as_ref().map(|place| place.line),
        fingerprint: rule.fingerprint.as_deref(),
        ..of_dataset(report, dataset)
    }
}

impl ReportFormat for Ndjson {
    fn name(&self) -> &'static str {
        "ndjson"
    }

    fn summary(&self) -> &'static str {
        "one line of JSON for each rule, for databases and log stores"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["ndjson", "jsonl"]
    }

    fn write(&self, finished: &Finished<'_>, _look: &Look, out: &mut dyn Write) -> io::Result<()> {
        for row in rows(finished.report) {
            write_line(&row, out)?;
            out.write_all(b"\n")?;
        }
        Ok(())
    }
}

impl ReportFormat for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn summary(&self) -> &'static str {
        "one line for each rule, for spreadsheets; no cell is taken for a formula"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["csv"]
    }

    fn write(&self, finished: &Finished<'_>, _look: &Look, out: &mut dyn Write) -> io::Result<()> {
        let mut csv = ::csv::Writer::from_writer(out);
        csv.write_record(COLUMNS).map_err(io::Error::from)?;
        for row in rows(finished.report) {
            // The same fields under the same names as in JSON.
            let fields = serde_json::to_value(&row)?;
            let cells = COLUMNS.iter().map(|column| cell(&fields[*column]));
            csv.write_record(cells).map_err(io::Error::from)?;
        }
        csv.flush()
    }
}

/// The columns of the CSV, which are the fields of [`Row`].
const COLUMNS: &[&str] = &[
    "suite",
    "as_of",
    "verdict",
    "dataset",
    "dataset_title",
    "dataset_owner",
    "dataset_status",
    "dataset_fails_gate",
    "dataset_rows",
    "dataset_clean_rows",
    "dataset_score",
    "dataset_band",
    "rule",
    "title",
    "check",
    "columns",
    "dimension",
    "severity",
    "weight",
    "status",
    "fails_gate",
    "sampled",
    "partial",
    "unit",
    "evaluated",
    "passed",
    "failed",
    "not_applicable",
    "unparseable",
    "rate",
    "threshold",
    "observed",
    "expected",
    "groups",
    "reason",
    "because",
    "fix",
    "owner",
    "due",
    "overdue_days",
    "waived_until",
    "tags",
    "first_failing_file",
    "first_failing_record",
    "first_failing_line",
    "suite_file",
    "suite_line",
    "fingerprint",
];

/// A field as text: lists joined by commas, nothing for null.
fn cell(field: &serde_json::Value) -> String {
    use serde_json::Value;
    match field {
        Value::Null => String::new(),
        Value::String(text) => guarded(text),
        Value::Array(items) => {
            let items: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            guarded(&items.join(", "))
        }
        other => other.to_string(),
    }
}
