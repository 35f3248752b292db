//! The Data Quality Vocabulary of W3C with DCAT, as JSON-LD: each dataset with its measurements, for catalogues.
//!
//! Source: Data on the Web Best Practices: Data Quality Vocabulary, W3C Working Group Note of 15 December 2016, and the Data
//! Catalog Vocabulary (DCAT), version 3. The context is in the document, so that nothing is fetched.

use std::io::{self, Write};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use super::findings::text;
use super::identity::{digest, instant};
use super::wording::outcome;
use super::{Finished, Look, ReportFormat, json as json_format};
use crate::model::{AuditReport, DatasetReport, Dimension, RuleReport, Score, Status};

/// DQV.
pub(super) struct Dqv;

impl ReportFormat for Dqv {
    fn name(&self) -> &'static str {
        "dqv"
    }

    fn summary(&self) -> &'static str {
        "the Data Quality Vocabulary of W3C with DCAT, JSON-LD for catalogues"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["jsonld", "json"]
    }

    fn write(&self, finished: &Finished<'_>, _look: &Look, out: &mut dyn Write) -> io::Result<()> {
        let report = finished.report;
        let mut graph = vec![activity(report)];
        graph.extend(Dimension::ALL.map(dimension_of));
        graph.extend(score_metrics());
        for dataset in &report.datasets {
            of_dataset(report, dataset, &mut graph);
        }
        json_format::write(&json!({ "@context": context(), "@graph": graph }), out)
    }
}

fn context() -> Value {
    json!({
        "adms": "http://www.w3.org/ns/adms#",
        "dcat": "http://www.w3.org/ns/dcat#",
        "dcterms": "http://purl.org/dc/terms/",
        "dqv": "http://www.w3.org/ns/dqv#",
        "foaf": "http://xmlns.com/foaf/0.1/",
        "oa": "http://www.w3.org/ns/oa#",
        "pm": "urn:passmuster:term:",
        "prov": "http://www.w3.org/ns/prov#",
        "skos": "http://www.w3.org/2004/02/skos/core#",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
    })
}

/// The identifier of something of this result.
fn own(report: &AuditReport, kind: &str, name: &str) -> String {
    format!("urn:passmuster:result:{}:{kind}:{}", digest(report), utf8_percent_encode(name, NON_ALPHANUMERIC))
}

/// The identifier of something that is the same in every result.
fn common(kind: &str, name: &str) -> String {
    format!("urn:passmuster:{kind}:{name}")
}

fn reference(id: &str) -> Value {
    json!({ "@id": id })
}

fn typed(kind: &str, value: &str) -> Value {
    json!({ "@type": format!("xsd:{kind}"), "@value": value })
}

fn english(text: &str) -> Value {
    json!({ "@language": "en", "@value": text })
}

/// The audit, which generated the measurements.
fn activity(report: &AuditReport) -> Value {
    json!({
        "@id": own(report, "audit", &report.suite.name),
        "@type": "prov:Activity",
        "dcterms:title": text(&report.suite.name),
        "prov:endedAtTime": typed("dateTime", &instant(&report.as_of)),
        "prov:wasAssociatedWith": {
            "@type": "prov:SoftwareAgent",
            "foaf:name": format!("passmuster {}", report.tool.version),
        },
        "pm:verdict": report.verdict,
        "pm:rulesHash": report.suite.rules_hash,
    })
}

fn dimension_of(dimension: Dimension) -> Value {
    json!({
        "@id": common("dimension", dimension.name()),
        "@type": "dqv:Dimension",
        "skos:prefLabel": english(dimension.name()),
    })
}

/// The metrics that every dataset has: its score, its clean records and the score of each dimension.
fn score_metrics() -> Vec<Value> {
    let metric = |name: &str, definition: &str, dimension: Option<Dimension>| {
        let mut metric = Map::from_iter([
            ("@id".to_owned(), json!(common("metric", name))),
            ("@type".to_owned(), json!("dqv:Metric")),
            ("skos:prefLabel".to_owned(), english(name)),
            ("skos:definition".to_owned(), english(definition)),
            ("dqv:expectedDataType".to_owned(), reference("xsd:decimal")),
        ]);
        if let Some(dimension) = dimension {
            metric.insert("dqv:inDimension".to_owned(), reference(&common("dimension", dimension.name())));
        }
        Value::Object(metric)
    };
    let mut metrics = vec![
        metric("score", "The geometric mean of the scores of the measured dimensions, 0 to 100", None),
        metric("clean-records", "The percentage of rows that no major or critical rule about rows failed", None),
    ];
    metrics.extend(Dimension::ALL.map(|dimension| {
        let name = format!("score-{}", dimension.name());
        metric(&name, "The score of the dimension, 0 to 100", Some(dimension))
    }));
    metrics
}

/// A dataset, its files and its measurements.
fn of_dataset(report: &AuditReport, dataset: &DatasetReport, graph: &mut Vec<Value>) {
    let id = own(report, "dataset", &dataset.name);
    let mut measurements = Vec::new();
    let mut measure = |name: &str, metric: String, value: Score, graph: &mut Vec<Value>| {
        let measurement = own(report, "measurement", &format!("{}/{name}", dataset.name));
        graph.push(json!({
            "@id": measurement,
            "@type": "dqv:QualityMeasurement",
            "dqv:isMeasurementOf": reference(&metric),
            "dqv:computedOn": reference(&id),
            "dqv:value": typed("decimal", &value.to_string()),
            "prov:wasGeneratedBy": reference(&own(report, "audit", &report.suite.name)),
        }));
        measurements.push(reference(&measurement));
    };
    if let Some(score) = dataset.score {
        measure("score", common("metric", "score"), score, graph);
    }
    if let Some(rate) = dataset.records.as_ref().and_then(|records| records.rate) {
        measure("clean-records", common("metric", "clean-records"), rate, graph);
    }
    for dimension in &dataset.dimensions {
        if let Some(score) = dimension.score {
            let name = format!("score-{}", dimension.dimension.name());
            measure(&name, common("metric", &name), score, graph);
        }
    }
    let mut annotations = Vec::new();
    for rule in &dataset.rules {
        let metric = own(report, "rule", &rule.id);
        graph.push(rule_metric(&metric, rule));
        match rule.rate {
            Some(rate) => measure(&format!("rule/{}", rule.id), metric, rate, graph),
            // What was not measured has no value; an annotation says so.
            None => annotations.push(annotation(&id, rule, graph, &own(report, "annotation", &rule.id))),
        }
    }
    let files = dataset.files.iter().zip(1..).map(|(file, number)| {
        let mut distribution = Map::from_iter([
            ("@id".to_owned(), json!(own(report, "file", &format!("{}/{number}", dataset.name)))),
            ("@type".to_owned(), json!("dcat:Distribution")),
            ("dcterms:title".to_owned(), json!(text(&file.path))),
            ("dcterms:format".to_owned(), json!(file.format)),
        ]);
        if let Some(bytes) = file.bytes {
            distribution.insert("dcat:byteSize".to_owned(), typed("nonNegativeInteger", &bytes.to_string()));
        }
        Value::Object(distribution)
    });
    let mut node = Map::from_iter([
        ("@id".to_owned(), json!(id)),
        ("@type".to_owned(), json!("dcat:Dataset")),
        ("dcterms:identifier".to_owned(), json!(dataset.name)),
        ("dcterms:title".to_owned(), json!(text(dataset.title.as_ref().unwrap_or(&dataset.name)))),
        ("dcat:distribution".to_owned(), files.collect()),
        ("dqv:hasQualityMeasurement".to_owned(), Value::Array(measurements)),
        ("dqv:hasQualityAnnotation".to_owned(), Value::Array(annotations)),
        ("pm:status".to_owned(), json!(dataset.status)),
        ("pm:failsGate".to_owned(), json!(dataset.fails_gate)),
    ]);
    if let Some(owner) = &dataset.owner {
        node.insert("dcterms:publisher".to_owned(), json!({ "@type": "foaf:Agent", "foaf:name": text(owner) }));
    }
    if let Some(rows) = dataset.rows {
        node.insert("pm:rows".to_owned(), typed("nonNegativeInteger", &rows.to_string()));
    }
    if let Some(error) = &dataset.error {
        node.insert("pm:notAuditedBecause".to_owned(), english(&text(error)));
    }
    graph.push(Value::Object(node));
}

/// What a rule measures.
fn rule_metric(id: &str, rule: &RuleReport) -> Value {
    let count = |number: u64| typed("nonNegativeInteger", &number.to_string());
    json!({
        "@id": id,
        "@type": "dqv:Metric",
        "dcterms:identifier": rule.id,
        "skos:prefLabel": text(&rule.title),
        "skos:definition": english(&text(&rule.expected)),
        "dqv:expectedDataType": reference("xsd:decimal"),
        "dqv:inDimension": reference(&common("dimension", rule.dimension.name())),
        "pm:check": rule.check,
        "pm:severity": rule.severity,
        "pm:status": rule.status,
        "pm:evaluated": count(rule.evaluated),
        "pm:passed": count(rule.passed),
        "pm:failed": count(rule.failed),
    })
}

/// Says of a dataset why a rule has no value. Gives the reference to it.
fn annotation(dataset: &str, rule: &RuleReport, graph: &mut Vec<Value>, id: &str) -> Value {
    let why = if rule.status == Status::Passed { "nothing was in scope".to_owned() } else { outcome(rule) };
    let body = format!("{}: {}: {why}", rule.id, rule.status.name());
    graph.push(json!({
        "@id": id,
        "@type": "dqv:QualityAnnotation",
        "oa:hasTarget": reference(dataset),
        "oa:motivatedBy": reference("dqv:qualityAssessment"),
        "oa:hasBody": { "@type": "oa:TextualBody", "http://www.w3.org/1999/02/22-rdf-syntax-ns#value": text(&body) },
    }));
    reference(id)
}
