//! Results of all engines, compared.

use std::path::{Path, PathBuf};

use passmuster::audit::AuditOptions;
use passmuster::engine::ENGINES;
use passmuster::model::AuditReport;
use serde_json::Value;

use crate::support::audits::{ALL_MEMORY, audit_with, options};

/// Audits a suite with every other engine, and compares the results with that of the default engine.
pub(crate) fn compare(report: &AuditReport, suite: &Path, data: &[(&str, PathBuf)]) {
    let expected = serde_json::to_value(report).unwrap();
    for engine in &ENGINES[1..] {
        let options = AuditOptions { engine: *engine, ..options(ALL_MEMORY, data, 1) };
        let found = audit_with(suite, &options);
        let mut differences = Vec::new();
        differ("", &expected, &serde_json::to_value(found).unwrap(), &mut differences);
        assert!(differences.is_empty(), "{} differs:\n{}", engine.name(), differences.join("\n"));
    }
}

/// Notes where two results differ. Numbers with a fraction may differ by rounding, and a count of nothing may be left out;
/// sentences are not compared.
pub(crate) fn differ(path: &str, one: &Value, other: &Value, differences: &mut Vec<String>) {
    match (one, other) {
        (Value::Object(ones), Value::Object(others)) => {
            let keys: std::collections::BTreeSet<&String> = ones.keys().chain(others.keys()).collect();
            let is_compared = |key: &&String| match key.as_str() {
                // Which pages were read depends on how an engine reads. Sentences show numbers with a fraction as they were
                // rounded.
                "engine" | "checksums" | "observed" | "expected" => false,
                // The local engine names one row of a failing group for each batch that has one.
                "failing_rows" => ones.get("check") != Some(&"reconciles".into()),
                _ => true,
            };
            for key in keys.into_iter().filter(is_compared) {
                if key == "mean" {
                    // A mean of numbers that cancel each other is as exact as they are far from it.
                    let [one, other] = [ones, others].map(|object| object[key].as_f64().unwrap_or_default());
                    let spread = ones.get("stddev").and_then(Value::as_f64);
                    if spread.is_some_and(|spread| (one - other).abs() > 1e-11 * spread.max(one.abs())) {
                        differences.push(format!("{path}: {one} against {other}"));
                    }
                    continue;
                }
                let zero = Value::from(0);
                let none = if path.ends_with("/details") { &zero } else { &Value::Null };
                let [one, other] = [ones, others].map(|object| object.get(key).unwrap_or(none));
                differ(&format!("{path}/{key}"), one, other, differences);
            }
        }
        (Value::Array(ones), Value::Array(others)) if ones.len() == others.len() => {
            let name = |value: &Value, at: usize| {
                ["id", "name"]
                    .iter()
                    .find_map(|key| value.get(key)?.as_str().map(str::to_owned))
                    .unwrap_or(at.to_string())
            };
            for (at, (one, other)) in ones.iter().zip(others).enumerate() {
                differ(&format!("{path}/{}", name(one, at)), one, other, differences);
            }
        }
        (Value::Number(ones), Value::Number(others)) if ones.is_f64() && others.is_f64() => {
            if !are_near(ones.as_f64().unwrap(), others.as_f64().unwrap()) {
                differences.push(format!("{path}: {one} against {other}"));
            }
        }
        _ if one == other => {}
        _ => differences.push(format!("{path}: {one} against {other}")),
    }
}

fn are_near(one: f64, other: f64) -> bool {
    one.total_cmp(&other).is_eq() || (one - other).abs() <= 1e-11 * one.abs().max(other.abs())
}
