//! SARIF 2.1.0, which code scanning reads: a result for each problem, at the line of the suite that says what must hold; the
//! first failing records are its related locations.
//!
//! Source: Static Analysis Results Interchange Format (SARIF) Version 2.1.0, OASIS. The limits are those that GitHub
//! documents under "SARIF support for code scanning".

use std::io::{self, Write};

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Map, Value, json};

use super::findings::{Finding, Level, findings, text};
use super::json as json_format;
use super::wording::{Plural, Prose, notice, remarks, threshold};
use super::{Finished, Look, ReportFormat};
use crate::model::{AuditReport, Count, DatasetReport, RuleReport, Status, Unit};

/// SARIF.
pub(super) struct Sarif;

/// The most results of a run that GitHub takes.
const MOST_RESULTS: usize = 25_000;

/// The most rules of a run that GitHub takes.
const MOST_RULES: usize = 25_000;

/// The most locations of a result that GitHub shows.
const MOST_LOCATIONS: usize = 100;

/// The most tags of a rule that GitHub shows.
const MOST_TAGS: usize = 10;

/// The characters of a path that a URI reference cannot have as they are, and the colon, which would make a scheme.
const PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b':')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

impl ReportFormat for Sarif {
    fn name(&self) -> &'static str {
        "sarif"
    }

    fn summary(&self) -> &'static str {
        "SARIF 2.1.0 for code scanning: each problem at its line of the suite, with failing records"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["sarif", "json"]
    }

    fn write(&self, finished: &Finished<'_>, _look: &Look, out: &mut dyn Write) -> io::Result<()> {
        let report = finished.report;
        let all = findings(report);
        let shown = &all[..all.len().min(MOST_RESULTS)];
        let mut rules: Vec<Value> = Vec::new();
        let mut results: Vec<Value> = Vec::new();
        let mut cut_locations = 0_u64;
        for finding in shown {
            let index = rules.len();
            if index >= MOST_RULES {
                break;
            }
            rules.push(descriptor(finding));
            let (result, left_out) = result(report, finding, index);
            cut_locations += left_out;
            results.push(result);
        }
        let left_out = (all.len() - results.len()) as u64;
        let document = json!({
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [{
                "tool": { "driver": {
                    "name": "passmuster",
                    "version": report.tool.version,
                    "semanticVersion": report.tool.version,
                    "rules": rules,
                } },
                "automationDetails": { "id": format!("passmuster/{}/", utf8_percent_encode(&report.suite.name, PATH)) },
                "columnKind": "unicodeCodePoints",
                "invocations": [invocation(report, left_out, cut_locations)],
                "results": results,
                "properties": {
                    "suite": text(&report.suite.name),
                    "asOf": report.as_of,
                    "verdict": report.verdict,
                    "digest": report.digest,
                    "resultsLeftOut": left_out,
                    "failingRecordsLeftOut": cut_locations,
                },
            }],
        });
        json_format::write(&document, out)
    }
}

const fn word(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "note",
    }
}

/// What is known of the rule of a finding.
fn descriptor(finding: &Finding<'_>) -> Value {
    let mut descriptor = Map::from_iter([
        ("id".to_owned(), json!(finding.id)),
        ("defaultConfiguration".to_owned(), json!({ "level": word(finding.level) })),
    ]);
    let short = finding.rule.map_or(&finding.title, |rule| &rule.title);
    descriptor.insert("shortDescription".to_owned(), json!({ "text": text(&Prose(short).to_string()) }));
    if let Some(rule) = finding.rule {
        let full = rule.because.as_deref().unwrap_or(&rule.expected);
        descriptor.insert("fullDescription".to_owned(), json!({ "text": text(&Prose(full).to_string()) }));
        if let Some(fix) = &rule.fix {
            descriptor.insert("help".to_owned(), json!({ "text": text(&Prose(fix).to_string()) }));
        }
        let own = [rule.dimension.name(), rule.check.as_str()].into_iter().map(str::to_owned);
        let tags: Vec<String> = own.chain(rule.tags.iter().map(|tag| text(tag))).take(MOST_TAGS).collect();
        descriptor.insert(
            "properties".to_owned(),
            json!({
                "tags": tags,
                "dataset": rule.dataset,
                "check": rule.check,
                "dimension": rule.dimension,
                "severity": rule.severity,
                "weight": rule.weight,
                "owner": rule.owner,
                "threshold": threshold(rule.threshold, rule.unit),
            }),
        );
    }
    Value::Object(descriptor)
}

/// A finding, and how many of its failing records are left out.
fn result(report: &AuditReport, finding: &Finding<'_>, index: usize) -> (Value, u64) {
    let fingerprint = finding.fingerprint(report);
    let message = format!("{}: {}", finding.title, finding.message);
    let mut result = Map::from_iter([
        ("ruleId".to_owned(), json!(finding.id)),
        ("ruleIndex".to_owned(), json!(index)),
        ("level".to_owned(), json!(word(finding.level))),
        ("message".to_owned(), json!({ "text": text(&message) })),
        ("fingerprints".to_owned(), json!({ "passmuster/v1": fingerprint })),
        ("partialFingerprints".to_owned(), json!({ "primaryLocationLineHash": format!("{fingerprint}:1") })),
    ]);
    if let Some(place) = finding.place {
        let location = json!({
            "physicalLocation": {
                "artifactLocation": artifact(&place.file),
                "region": { "startLine": place.line.max(1) },
            },
            "logicalLocations": [{ "name": finding.id, "kind": "rule" }],
        });
        result.insert("locations".to_owned(), json!([location]));
    }
    let mut left_out = 0;
    if let (Some(rule), Some(dataset)) = (finding.rule, finding.dataset) {
        let (related, more) = failing_records(report, dataset, rule);
        left_out = more;
        if !related.is_empty() {
            result.insert("relatedLocations".to_owned(), Value::Array(related));
        }
        if rule.status == Status::Waived {
            result.insert("suppressions".to_owned(), suppressions(report, rule));
        }
        result.insert(
            "properties".to_owned(),
            json!({
                "status": rule.status,
                "unit": rule.unit,
                "evaluated": rule.evaluated,
                "passed": rule.passed,
                "failed": rule.failed,
                "notApplicable": rule.not_applicable,
                "unparseable": rule.unreadable,
            }),
        );
    }
    (Value::Object(result), left_out)
}

/// The failing records that the result lists, and how many there are besides.
fn failing_records(report: &AuditReport, dataset: &DatasetReport, rule: &RuleReport) -> (Vec<Value>, u64) {
    let holder = rule.rows_of.as_ref().and_then(|name| report.datasets.iter().find(|other| other.name == *name));
    let files = &holder.unwrap_or(dataset).files;
    let mut related = Vec::new();
    for (at, row) in (1..).zip(rule.failing_rows.iter().take(MOST_LOCATIONS)) {
        let Some(file) = files.get(row.file as usize) else { continue };
        let mut place = Map::from_iter([("artifactLocation".to_owned(), artifact(&file.path))]);
        if let Some(line) = row.line {
            place.insert("region".to_owned(), json!({ "startLine": line.max(1) }));
        }
        related.push(json!({
            "id": at,
            "physicalLocation": place,
            "message": { "text": format!("failing record {}", Count(row.record)) },
        }));
    }
    let failing = if rule.unit == Unit::Rows { rule.failed } else { rule.failing_rows.len() as u64 };
    let more = failing.saturating_sub(related.len() as u64);
    (related, more)
}

/// Why a failure is accepted.
fn suppressions(report: &AuditReport, rule: &RuleReport) -> Value {
    let waiver = report.waivers.iter().find(|waiver| waiver.rule == rule.id);
    let justification = waiver.map_or_else(String::new, |waiver| {
        format!("accepted until {} by {}: {}", waiver.until, Prose(&waiver.by), Prose(&waiver.because))
    });
    json!([{ "kind": "external", "status": "accepted", "justification": text(&justification) }])
}

/// A file as a URI: relative to the root of the sources, as long as its path is relative.
fn artifact(path: &str) -> Value {
    let slashed = path.replace('\\', "/");
    let encoded = utf8_percent_encode(slashed.strip_prefix("./").unwrap_or(&slashed), PATH).to_string();
    if slashed.starts_with('/') {
        json!({ "uri": format!("file://{encoded}") })
    } else {
        json!({ "uri": encoded, "uriBaseId": "%SRCROOT%" })
    }
}

/// How the run ended, and what a reader must know of it.
fn invocation(report: &AuditReport, left_out: u64, cut_locations: u64) -> Value {
    let mut notes: Vec<(&str, String)> = Vec::new();
    notes.extend(report.gate.reasons.iter().map(|reason| ("error", format!("gate: {}", Prose(reason)))));
    notes.extend(report.gate.unjudged.iter().map(|reason| ("warning", format!("gate not judged: {}", Prose(reason)))));
    notes.extend(report.gate.warnings.iter().map(|warning| ("warning", Prose(warning).to_string())));
    notes.extend(
        remarks(report, MOST_NOTES).into_iter().map(|(label, remark)| ("warning", format!("{label}: {remark}"))),
    );
    notes.extend(report.notices.iter().map(|found| ("note", notice(found))));
    let notes_left_out = notes.len().saturating_sub(MOST_NOTES) as u64;
    notes.truncate(MOST_NOTES);
    if notes_left_out > 0 {
        notes.push(("warning", format!("{} left out here", Plural(notes_left_out, "further notice"))));
    }
    if left_out > 0 {
        let limit = Count(MOST_RESULTS as u64);
        notes.push(("warning", format!("{} left out: a run has at most {limit}", Plural(left_out, "result"))));
    }
    if cut_locations > 0 {
        notes.push(("note", format!("{} not listed as locations", Plural(cut_locations, "failing record"))));
    }
    let notes: Vec<Value> =
        notes.iter().map(|(level, note)| json!({ "level": level, "message": { "text": text(note) } })).collect();
    json!({
        "executionSuccessful": report.exit_code < 2,
        "exitCode": report.exit_code,
        "toolExecutionNotifications": notes,
    })
}

/// The most notices that are listed.
const MOST_NOTES: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_uris() {
        assert_eq!(artifact("./a b/c#1.yaml"), json!({ "uri": "a%20b/c%231.yaml", "uriBaseId": "%SRCROOT%" }));
        assert_eq!(artifact("/x/é:1.csv"), json!({ "uri": "file:///x/%C3%A9%3A1.csv" }));
        assert_eq!(artifact("a\\b\u{1b}.csv"), json!({ "uri": "a/b%1B.csv", "uriBaseId": "%SRCROOT%" }));
    }
}
