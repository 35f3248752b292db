//! Metrics in the text format of Prometheus and `OpenMetrics`, for a text-file collector or a push gateway.
//!
//! Source: the exposition formats of Prometheus, and `OpenMetrics` 1.0.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::io::{self, Write};

use sha2::{Digest as _, Sha256};

use super::findings::shortened;
use super::{Finished, Look, ReportFormat, Safe};
use crate::model::{AuditReport, DatasetStatus, Status, Verdict};

/// The text format of Prometheus.
pub(super) struct OpenMetrics;

/// The most characters of a label.
const LABEL_CHARACTERS: usize = 500;

impl ReportFormat for OpenMetrics {
    fn name(&self) -> &'static str {
        "openmetrics"
    }

    fn summary(&self) -> &'static str {
        "metrics for Prometheus: scores, clean rows and the counts of each rule"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["prom"]
    }

    fn write(&self, finished: &Finished<'_>, _look: &Look, out: &mut dyn Write) -> io::Result<()> {
        let report = finished.report;
        let mut metrics = Metrics(BTreeMap::new());
        of_suite(report, &mut metrics);
        of_datasets(report, &mut metrics);
        of_rules(report, &mut metrics);
        for (name, metric) in &metrics.0 {
            writeln!(out, "# HELP {name} {}", metric.help)?;
            writeln!(out, "# TYPE {name} gauge")?;
            for (labels, value) in &metric.samples {
                writeln!(out, "{name}{{{labels}}} {value}")?;
            }
        }
        writeln!(out, "# EOF")
    }
}

/// Metrics by name. The samples of a metric are together, as the format wants them.
struct Metrics(BTreeMap<&'static str, Metric>);

struct Metric {
    help: &'static str,
    samples: Vec<(String, String)>,
}

impl Metrics {
    fn add(&mut self, name: &'static str, help: &'static str, labels: &[(&str, &str)], value: impl Display) {
        let metric = self.0.entry(name).or_insert_with(|| Metric { help, samples: Vec::new() });
        let labels: Vec<String> = labels.iter().map(|(name, value)| format!("{name}=\"{}\"", label(value))).collect();
        metric.samples.push((labels.join(","), value.to_string()));
    }
}

/// The value of a label. A digest replaces what was cut off a long one, so that two series do not become one.
fn label(text: &str) -> String {
    let cut = shortened(text, LABEL_CHARACTERS);
    let digest = if cut == text { String::new() } else { hex::encode(Sha256::digest(text)) };
    let text = format!("{}{}", Safe(&cut), digest.get(..12).unwrap_or_default());
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

fn of_suite(report: &AuditReport, metrics: &mut Metrics) {
    let suite = report.suite.name.as_str();
    for (word, verdict) in [
        ("passed", Verdict::Passed),
        ("failed", Verdict::Failed),
        ("undecided", Verdict::Undecided),
        ("could_not_audit", Verdict::CouldNotAudit),
    ] {
        let value = u8::from(report.verdict == verdict);
        let labels = [("suite", suite), ("verdict", word)];
        metrics.add("passmuster_verdict", "1 for the verdict of the audit, 0 for the others.", &labels, value);
    }
    let of_suite = [("suite", suite)];
    metrics.add("passmuster_exit_code", "The exit code of the audit.", &of_suite, report.exit_code);
    metrics.add("passmuster_gate_passed", "Whether the gate passed.", &of_suite, u8::from(report.gate.passed));
    let info = [
        ("suite", suite),
        ("version", report.tool.version.as_str()),
        ("engine", report.tool.engine.as_str()),
        ("as_of", report.as_of.as_str()),
        ("rules_hash", report.suite.rules_hash.as_str()),
    ];
    metrics.add("passmuster_audit_info", "The program, the date and the rules of the audit.", &info, 1);
}

fn of_datasets(report: &AuditReport, metrics: &mut Metrics) {
    let suite = report.suite.name.as_str();
    for dataset in &report.datasets {
        let owner = dataset.owner.as_deref().unwrap_or_default();
        let labels = [("suite", suite), ("dataset", dataset.name.as_str()), ("owner", owner)];
        let audited = u8::from(dataset.status == DatasetStatus::Audited);
        metrics.add("passmuster_dataset_audited", "Whether all rows of the dataset were read.", &labels, audited);
        let fails = u8::from(dataset.fails_gate);
        metrics.add("passmuster_dataset_fails_gate", "Whether the gate fails because of the dataset.", &labels, fails);
        if let Some(rows) = dataset.rows {
            metrics.add("passmuster_dataset_rows", "Rows of the dataset.", &labels, rows);
        }
        if let Some(records) = dataset.records.as_ref().filter(|records| records.rate.is_some()) {
            let help = "Rows that no major or critical rule about rows failed.";
            metrics.add("passmuster_dataset_clean_rows", help, &labels, records.clean);
        }
        if let Some(score) = dataset.score {
            metrics.add("passmuster_dataset_score", "The score of the dataset, 0 to 100.", &labels, score);
        }
        for dimension in &dataset.dimensions {
            let Some(score) = dimension.score else { continue };
            let labels = [
                ("suite", suite),
                ("dataset", dataset.name.as_str()),
                ("owner", owner),
                ("dimension", dimension.dimension.name()),
            ];
            metrics.add("passmuster_dimension_score", "The score of a dimension, 0 to 100.", &labels, score);
        }
        for status in Status::ALL {
            let count = dataset.rules.iter().filter(|rule| rule.status == status).count();
            let labels =
                [("suite", suite), ("dataset", dataset.name.as_str()), ("owner", owner), ("status", status.name())];
            metrics.add("passmuster_dataset_rules", "Rules of the dataset by status.", &labels, count);
        }
    }
}

fn of_rules(report: &AuditReport, metrics: &mut Metrics) {
    let suite = report.suite.name.as_str();
    for dataset in &report.datasets {
        for rule in &dataset.rules {
            let labels = [
                ("suite", suite),
                ("dataset", dataset.name.as_str()),
                ("rule", rule.id.as_str()),
                ("check", rule.check.as_str()),
                ("dimension", rule.dimension.name()),
                ("severity", rule.severity.name()),
                ("unit", rule.unit.nouns()),
            ];
            let mut status = labels.to_vec();
            status.push(("status", rule.status.name()));
            metrics.add("passmuster_rule_status", "1 for the status of the rule.", &status, 1);
            // Counts of a part of the rows would look like those of all rows.
            let is_of_a_part = rule.sampled.is_some() || rule.partial || dataset.status != DatasetStatus::Audited;
            if is_of_a_part || matches!(rule.status, Status::Errored | Status::NotMeasured) {
                continue;
            }
            metrics.add(
                "passmuster_rule_evaluated",
                "What the rule judged: passed and failed.",
                &labels,
                rule.evaluated,
            );
            metrics.add("passmuster_rule_failed", "What failed the rule.", &labels, rule.failed);
            metrics.add(
                "passmuster_rule_unparseable",
                "Failed rows with an unparseable value.",
                &labels,
                rule.unreadable,
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::label;

    #[test]
    fn nothing_ends_a_label() {
        assert_eq!(label("a\"b\\c\nd"), "a\\\"b\\\\c\\\\u{a}d");
    }
}
