//! An `OpenLineage` run event: the audit as a run that reads datasets, with what it found as data-quality facets.
//!
//! Source: the `OpenLineage` specification 2-0-2, the facets `dataQualityMetrics` 1-0-3 and `dataQualityAssertions` 1-1-0.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::findings::text;
use super::identity::{instant, uuid};
use super::wording::{outcome, threshold};
use super::{Finished, Look, ReportFormat, json as json_format};
use crate::model::{AuditReport, DatasetReport, RuleReport, Severity, Status, Verdict};

/// `OpenLineage`.
pub(super) struct OpenLineage;

/// What made the event. The name of a product, not of a place.
const PRODUCER: &str = "urn:passmuster";

impl ReportFormat for OpenLineage {
    fn name(&self) -> &'static str {
        "openlineage"
    }

    fn summary(&self) -> &'static str {
        "an OpenLineage event with data-quality facets, JSON"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["json"]
    }

    fn write(&self, finished: &Finished<'_>, _look: &Look, out: &mut dyn Write) -> io::Result<()> {
        let report = finished.report;
        let event_type = match report.verdict {
            Verdict::CouldNotAudit => "FAIL",
            // The run is complete whatever it found.
            Verdict::Passed | Verdict::Failed | Verdict::Undecided => "COMPLETE",
        };
        let document = json!({
            "eventType": event_type,
            "eventTime": instant(&report.as_of),
            "producer": PRODUCER,
            "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
            "run": { "runId": uuid(report) },
            "job": { "namespace": "passmuster", "name": text(&report.suite.name) },
            "inputs": report.datasets.iter().map(|dataset| input(report, dataset)).collect::<Vec<_>>(),
            "outputs": [],
        });
        json_format::write(&document, out)
    }
}

/// A dataset with its facets.
fn input(report: &AuditReport, dataset: &DatasetReport) -> Value {
    let facet = |name: &str, version: &str| {
        Map::from_iter([
            ("_producer".to_owned(), json!(PRODUCER)),
            (
                "_schemaURL".to_owned(),
                json!(format!("https://openlineage.io/spec/facets/{version}/{name}.json#/$defs/{name}")),
            ),
        ])
    };
    let mut metrics = facet("DataQualityMetricsInputDatasetFacet", "1-0-3");
    metrics.insert("columnMetrics".to_owned(), json!({}));
    metrics.insert("fileCount".to_owned(), json!(dataset.files.len()));
    if let Some(rows) = dataset.rows {
        metrics.insert("rowCount".to_owned(), json!(rows));
    }
    // The size of standard input is not known.
    if let Some(bytes) =
        dataset.files.iter().map(|file| file.bytes).sum::<Option<u64>>().filter(|_| !dataset.files.is_empty())
    {
        metrics.insert("bytes".to_owned(), json!(bytes));
    }
    let mut assertions = facet("DataQualityAssertionsDatasetFacet", "1-1-0");
    // A rule without an outcome is no assertion: it neither holds nor fails. `notAsserted` counts those.
    let judged =
        |rule: &&RuleReport| matches!(rule.status, Status::Passed | Status::Warned | Status::Failed | Status::Waived);
    let asserted: Vec<Value> = dataset.rules.iter().filter(judged).map(assertion).collect();
    let not_asserted: Vec<Value> = dataset
        .rules
        .iter()
        .filter(|rule| !judged(rule))
        .map(|rule| json!({ "name": rule.id, "status": rule.status, "reason": text(&outcome(rule)) }))
        .collect();
    assertions.insert("assertions".to_owned(), json!(asserted));
    assertions.insert("notAsserted".to_owned(), json!(not_asserted));
    let mut scores = facet("PassmusterScoreFacet", "1-0-0");
    scores.insert("_schemaURL".to_owned(), json!("urn:passmuster:facet:score:1"));
    let dimensions =
        dataset.dimensions.iter().filter_map(|dimension| Some((dimension.dimension.name(), dimension.score?)));
    scores.insert("dimensions".to_owned(), dimensions.map(|(name, score)| (name.to_owned(), json!(score))).collect());
    scores.insert("score".to_owned(), json!(dataset.score));
    scores.insert("verdict".to_owned(), json!(report.verdict));
    scores.insert("status".to_owned(), json!(dataset.status));
    scores.insert("error".to_owned(), json!(dataset.error.as_deref().map(text)));
    scores.insert("cleanRows".to_owned(), json!(dataset.records.as_ref().map(|records| records.clean)));
    scores.insert("sampled".to_owned(), json!(dataset.sampled.is_some()));
    // A dataset of one file is known by the file, unless another dataset is the same file.
    let sharing = |path: &str| {
        let others = report.datasets.iter().filter(|other| other.files.len() == 1 && other.files[0].path == path);
        others.count()
    };
    let name = match dataset.files.as_slice() {
        [file] if sharing(&file.path) == 1 => text(&file.path),
        [file] => text(&format!("{}#{}", file.path, dataset.name)),
        _ => text(&dataset.name),
    };
    json!({
        "namespace": "file",
        "name": name,
        "facets": {},
        "inputFacets": {
            "dataQualityMetrics": metrics,
            "dataQualityAssertions": assertions,
            "passmuster_score": scores,
        },
    })
}

/// The outcome of a rule.
fn assertion(rule: &RuleReport) -> Value {
    let mut assertion = Map::from_iter([
        ("assertion".to_owned(), json!(rule.check)),
        ("success".to_owned(), json!(matches!(rule.status, Status::Passed | Status::Warned))),
        ("severity".to_owned(), json!(if rule.severity == Severity::Minor { "warn" } else { "error" })),
        ("name".to_owned(), json!(rule.id)),
        ("description".to_owned(), json!(text(&rule.title))),
        ("expected".to_owned(), json!(text(&format!("{} ({})", rule.expected, threshold(rule.threshold, rule.unit))))),
        ("actual".to_owned(), json!(text(&outcome(rule)))),
        (
            "params".to_owned(),
            json!({
                "status": rule.status, "evaluated": rule.evaluated, "passed": rule.passed, "failed": rule.failed,
                "notApplicable": rule.not_applicable, "unparseable": rule.unreadable, "unit": rule.unit,
                "dimension": rule.dimension, "severity": rule.severity, "columns": rule.columns,
            }),
        ),
    ]);
    if let [column] = rule.columns.as_slice() {
        assertion.insert("column".to_owned(), json!(column));
    }
    Value::Object(assertion)
}
