//! `CycloneDX` 1.6: each dataset as a component of the type `data`, for inventories of what a system is made of.
//!
//! Source: the `CycloneDX` specification 1.6 (ECMA-424).

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::findings::text;
use super::identity::{instant, uuid};
use super::{Finished, Look, ReportFormat, json as json_format};
use crate::model::{DatasetReport, Status};

/// `CycloneDX`.
pub(super) struct CycloneDx;

impl ReportFormat for CycloneDx {
    fn name(&self) -> &'static str {
        "cyclonedx"
    }

    fn summary(&self) -> &'static str {
        "CycloneDX 1.6, each dataset as a component with its owner and scores, JSON"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["json"]
    }

    fn write(&self, finished: &Finished<'_>, _look: &Look, out: &mut dyn Write) -> io::Result<()> {
        let report = finished.report;
        let document = json!({
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "serialNumber": format!("urn:uuid:{}", uuid(report)),
            "version": 1,
            "metadata": {
                "timestamp": instant(&report.as_of),
                "tools": { "components": [
                    { "type": "application", "name": "passmuster", "version": report.tool.version },
                ] },
                "component": { "type": "data", "bom-ref": "suite", "name": text(&report.suite.name) },
                "properties": properties(&[
                    ("verdict", json!(report.verdict)),
                    ("exitCode", json!(report.exit_code)),
                    ("gatePassed", json!(report.gate.passed)),
                    ("rulesHash", json!(report.suite.rules_hash)),
                    ("digest", json!(report.digest)),
                ]),
            },
            "components": report.datasets.iter().zip(1..).map(component).collect::<Vec<_>>(),
        });
        json_format::write(&document, out)
    }
}

/// Named values of our own; what is null is left out.
fn properties(values: &[(&str, Value)]) -> Vec<Value> {
    let present = values.iter().filter(|(_, value)| !value.is_null());
    present
        .map(|(name, value)| {
            let value = value.as_str().map_or_else(|| value.to_string(), text);
            json!({ "name": format!("passmuster:{name}"), "value": value })
        })
        .collect()
}

/// A dataset.
fn component((dataset, number): (&DatasetReport, usize)) -> Value {
    let name = text(&dataset.name);
    let mut data = Map::from_iter([("type".to_owned(), json!("dataset")), ("name".to_owned(), json!(name))]);
    let person = |name: &String| json!([{ "contact": { "name": text(name) } }]);
    let organization = |name: &String| json!([{ "organization": { "name": text(name) } }]);
    let mut governance = Map::new();
    governance.extend(dataset.owner.as_ref().map(|owner| ("owners".to_owned(), organization(owner))));
    governance.extend(dataset.steward.as_ref().map(|steward| ("stewards".to_owned(), person(steward))));
    if !governance.is_empty() {
        data.insert("governance".to_owned(), Value::Object(governance));
    }
    let count = |status| dataset.rules.iter().filter(|rule| rule.status == status).count();
    let mut values = vec![
        ("status".to_owned(), json!(dataset.status)),
        ("error".to_owned(), json!(dataset.error)),
        ("failsGate".to_owned(), json!(dataset.fails_gate)),
        ("rows".to_owned(), json!(dataset.rows)),
        ("cleanRows".to_owned(), json!(dataset.records.as_ref().map(|records| records.clean))),
        ("score".to_owned(), json!(dataset.score)),
        ("band".to_owned(), json!(dataset.band)),
    ];
    values.extend(
        dataset
            .dimensions
            .iter()
            .map(|dimension| (format!("score:{}", dimension.dimension.name()), json!(dimension.score))),
    );
    values.extend(Status::ALL.map(|status| (format!("rules:{}", status.name()), json!(count(status)))));
    values.extend(dataset.files.iter().map(|file| ("file".to_owned(), json!(file.path))));
    let values: Vec<(&str, Value)> = values.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    let mut component = Map::from_iter([
        ("type".to_owned(), json!("data")),
        ("bom-ref".to_owned(), json!(format!("dataset-{number}"))),
        ("name".to_owned(), json!(name)),
        ("data".to_owned(), json!([data])),
        ("properties".to_owned(), json!(properties(&values))),
    ]);
    component.extend(dataset.title.as_ref().map(|title| ("description".to_owned(), json!(text(title)))));
    Value::Object(component)
}
