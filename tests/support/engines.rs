//! Results of all engines, compared.

use std::path::{Path, PathBuf};

use passmuster::audit::AuditOptions;
use passmuster::engine::ENGINES;
use passmuster::model::{AuditReport, SAMPLE_ROWS};
use regex::Regex;
use serde_json::Value;

use crate::support::audits::{ALL_MEMORY, audit_with, options};
use crate::support::failing;

/// Audits a suite with every other engine, and compares the results with that of the default engine. The failing rows that it
/// hands on must be those that the others name.
pub(crate) fn compare(report: &AuditReport, suite: &Path, data: &[(&str, PathBuf)]) {
    let expected = serde_json::to_value(report).unwrap();
    let handed_on = failing::records(suite, &options(ALL_MEMORY, data, 2));
    for engine in &ENGINES[1..] {
        let options = AuditOptions { engine: *engine, failing_rows: usize::MAX, ..options(ALL_MEMORY, data, 1) };
        let mut found = audit_with(suite, &options);
        failing::compare(&found, &handed_on);
        for rule in found.datasets.iter_mut().flat_map(|dataset| &mut dataset.rules) {
            rule.failing_rows.truncate(SAMPLE_ROWS);
        }
        let mut differences = Vec::new();
        differ("", &expected, &serde_json::to_value(found).unwrap(), &mut differences);
        assert!(differences.is_empty(), "{} differs:\n{}", engine.name(), differences.join("\n"));
    }
}

/// Notes where two results differ. Numbers with a fraction may differ by rounding, also in sentences; a count of nothing may be
/// left out.
pub(crate) fn differ(path: &str, one: &Value, other: &Value, differences: &mut Vec<String>) {
    match (one, other) {
        (Value::Object(ones), Value::Object(others)) => {
            let keys: std::collections::BTreeSet<&String> = ones.keys().chain(others.keys()).collect();
            let is_compared = |key: &&String| match key.as_str() {
                // Which pages were read depends on how an engine reads; the digest is over all of that.
                "engine" | "digest" | "checksums" | "frames" => false,
                _ => true,
            };
            for key in keys.into_iter().filter(is_compared) {
                if key == "mean" {
                    // A mean of numbers that cancel each other is as exact as they are far from it.
                    let means = [ones, others].map(|object| object.get(key).and_then(Value::as_f64));
                    let spread = ones.get("stddev").and_then(Value::as_f64);
                    let is_near = match means {
                        [Some(one), Some(other)] => {
                            spread.is_none_or(|spread| (one - other).abs() <= 1e-11 * spread.max(one.abs()))
                        }
                        means => means == [None; 2],
                    };
                    if !is_near {
                        differences.push(format!("{path}/mean: {means:?}"));
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
        (Value::String(one), Value::String(other)) if say_the_same(one, other) => {}
        _ => differences.push(format!("{path}: {one} against {other}")),
    }
}

/// Whether two sentences have the same words and whole numbers, and nearly the same numbers with a fraction. One unit of the last
/// place is near enough where a sentence rounds to six digits.
fn say_the_same(one: &str, other: &str) -> bool {
    // A correlation of nothing is zero but for rounding, with either sign.
    let zero = Regex::new(r"(correlation\([^)]*\) = )-?0\.0{11}\d*").unwrap();
    let (one, other) = (zero.replace_all(one, "${1}0"), zero.replace_all(other, "${1}0"));
    let (ones, others) = (parts(&one), parts(&other));
    ones.len() == others.len()
        && ones.iter().zip(&others).all(|(one, other)| {
            // Deviations, and fences of whole numbers, are worked out in floats: of long ones the last digits may differ.
            let is_whole = |part: &str| part.len() <= 11 && part.bytes().all(|byte| byte.is_ascii_digit());
            let number = |part: &str| {
                part.replace(',', "").parse::<f64>().ok().filter(|_| part.starts_with(|c: char| c.is_ascii_digit()))
            };
            match (number(one), number(other)) {
                (Some(near), Some(far)) if !(is_whole(one) && is_whole(other)) => {
                    let decimals = decimals(one).max(decimals(other));
                    are_near(near, far) || decimals >= 6 && (near - far).abs() < 1.5 * 0.1_f64.powi(decimals)
                }
                _ => one == other,
            }
        })
}

/// How many digits a number has after its point.
fn decimals(number: &str) -> i32 {
    number.split_once('.').map_or(0, |(_, digits)| i32::try_from(digits.len()).unwrap())
}

/// A sentence as its numbers and what is between them.
fn parts(sentence: &str) -> Vec<&str> {
    let number = Regex::new(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?(?:e-?\d+)?").unwrap();
    let (mut parts, mut end) = (Vec::new(), 0);
    for found in number.find_iter(sentence) {
        parts.extend([&sentence[end..found.start()], found.as_str()]);
        end = found.end();
    }
    parts.push(&sentence[end..]);
    parts
}

fn are_near(one: f64, other: f64) -> bool {
    one.total_cmp(&other).is_eq() || (one - other).abs() <= 1e-11 * one.abs().max(other.abs())
}
