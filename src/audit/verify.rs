//! The same plan on a second engine: every integer of a rule beside the one that the audit found.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use serde_json::Value;

use super::options::VERIFIER;
use super::prepare::Prepared;
use crate::engine::{Datasets, Drawn, Engine, Execution, Request, Watch, find};
use crate::judge::{Case, judge, rule_report};
use crate::model::{Difference, NotVerified, RuleReport, Share, Status, Verification, VerifiedSample};
use crate::plan::Identities;

/// The most rows of a dataset that are verified whole. Of larger ones rules about rows are verified on this many rows,
/// unless other rules look into it.
const MOST_ROWS: u64 = 1_000_000;

/// Measures the plan again with the second engine, and compares. `engine` is that of the audit, `execution` what it found.
///
/// # Errors
/// Where the second engine cannot open a dataset that the audit has read.
pub(super) fn verify(
    prepared: &Prepared,
    case: &Case<'_>,
    engine: &dyn Engine,
    request: &Request,
    execution: &Execution,
    watch: Watch<'_>,
) -> anyhow::Result<Verification> {
    let verifier = find(VERIFIER).context("this build has no second engine")?;
    let mut datasets = Datasets::new();
    for dataset in
        prepared.written.suite.datasets.iter().filter(|dataset| prepared.opened.datasets.contains_key(&dataset.name))
    {
        datasets.insert(dataset.name.clone(), verifier.open(&dataset.source, request.limits.memory.of_process())?);
    }
    // Rules of others look into all rows of a dataset, so that one is read whole.
    let is_looked_into = |name: &str| request.plan.lookups.iter().any(|lookup| lookup.dataset == name);
    let samples: BTreeMap<String, Share> = execution
        .datasets
        .iter()
        .filter(|(name, _)| !is_looked_into(name))
        .filter_map(|(name, facts)| Some((name.clone(), facts.as_ref().ok()?.rows)))
        .filter(|(_, rows)| *rows > MOST_ROWS)
        .map(|(name, rows)| (name, Share::of(MOST_ROWS, rows)))
        .collect();
    let again = Request { samples, most_failures: None, ..request.clone() };
    let verified = verifier.execute(&again, &datasets, watch);
    // Of what is too large for the second engine both read the same sample.
    let narrowed = (!again.samples.is_empty()).then(|| engine.execute(&again, &prepared.opened.datasets, watch));
    let found = narrowed.as_ref().unwrap_or(execution);
    Ok(compare(prepared, case, verifier, found, &verified))
}

/// Compares what two engines found.
fn compare(
    prepared: &Prepared,
    case: &Case<'_>,
    verifier: &dyn Engine,
    found: &Execution,
    verified: &Execution,
) -> Verification {
    let mut verification = Verification { engine: verifier.name().to_owned(), ..Verification::default() };
    let suite = &prepared.written.suite;
    let identities = Identities::new(suite, &case.planned.plan);
    let reports = |execution: &Execution| -> Vec<RuleReport> {
        let verdicts = judge(case, execution).into_iter();
        let rules = prepared.bound.iter().zip(verdicts);
        rules.map(|(bound, verdict)| rule_report(bound, identities.of(bound), verdict, case.as_of)).collect()
    };
    for ((at, ours), theirs) in reports(found).iter().enumerate().zip(&reports(verified)) {
        if let Some(reason) = incomparable(prepared, case, at, [(found, ours), (verified, theirs)]) {
            let (dataset, rule) = (ours.dataset.clone(), ours.id.clone());
            verification.not_verified.push(NotVerified { dataset, rule, reason });
            continue;
        }
        let sampled = case.is_sampled(at, found);
        verification.rules += 1;
        verification.add(&ours.dataset, Some(&ours.id), &integers(ours, sampled), &integers(theirs, sampled));
    }
    for (dataset, ours) in &found.datasets {
        let (Ok(ours), Some(theirs)) = (ours, verified.facts(dataset)) else { continue };
        if found.samples.get(dataset) != verified.samples.get(dataset) {
            continue;
        }
        if let Some(Drawn::Part { share, .. }) = found.samples.get(dataset) {
            let (dataset, share, rows) = (dataset.clone(), *share, ours.rows);
            verification.sampled.push(VerifiedSample { dataset, share, rows });
            continue;
        }
        let counts = |facts: &crate::engine::DatasetFacts, execution: &Execution| {
            let mut counts = BTreeMap::from([
                ("rows".to_owned(), facts.rows.to_string()),
                ("records.clean".to_owned(), facts.clean.to_string()),
            ]);
            for (parsing, tally) in execution.unparseable.get(dataset).into_iter().flatten() {
                for (reason, cells) in &tally.reasons {
                    let reason = reason.describe();
                    let path = format!("unparseable.{}.{}.{reason}", parsing.column, parsing.data_type);
                    counts.insert(path, cells.to_string());
                }
            }
            counts
        };
        verification.add(dataset, None, &counts(ours, found), &counts(theirs, verified));
    }
    verification
}

/// Why the integers of a rule cannot be compared: it was not measured by one of the engines, or they read other rows.
fn incomparable(
    prepared: &Prepared,
    case: &Case<'_>,
    rule: usize,
    engines: [(&Execution, &RuleReport); 2],
) -> Option<String> {
    if let Err(reason) = &prepared.bound[rule].measures {
        return Some(reason.to_string());
    }
    let [(found, _), (verified, _)] = engines;
    let measures = case.planned.rule_measures[rule].iter().filter_map(|at| case.planned.plan.measures.get(*at));
    let read: BTreeSet<&str> = measures
        .flat_map(|measure| {
            let lookups = measure.kind.lookups().into_iter().map(|lookup| lookup.dataset.as_str());
            lookups.chain([measure.dataset.as_str()]).collect::<Vec<_>>()
        })
        .collect();
    if let Some(dataset) = read.iter().find(|name| found.samples.get(**name) != verified.samples.get(**name)) {
        return Some(format!("{dataset} has more than a million rows, and the engines read different parts of it"));
    }
    let is_sampled = case.is_sampled(rule, found);
    let unmeasured = |report: &RuleReport| {
        let is = report.status == Status::Errored || is_sampled && report.status == Status::NotMeasured;
        is.then(|| report.reason.clone().unwrap_or_else(|| "it was not measured".to_owned()))
    };
    engines.iter().find_map(|(_, report)| unmeasured(report))
}

/// Every integer of the report of a rule, and every position of a failing row, by its path. Of a sample only the counts:
/// it has no positions, and what it says about all rows is no integer.
fn integers(report: &RuleReport, is_sampled: bool) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    // A report is a tree of strings, numbers and lists; it has no key that is not text.
    let mut tree = serde_json::to_value(report).unwrap_or_default();
    if let Some(fields) = tree.as_object_mut() {
        // What the suite says, and what follows from the integers.
        for key in ["weight", "threshold", "warn", "rate", "sampled"] {
            fields.remove(key);
        }
        if is_sampled {
            let counts = ["evaluated", "passed", "failed", "not_applicable", "unreadable", "details"];
            fields.retain(|key, _| counts.contains(&key.as_str()));
        }
        if let Some(status) = fields.get("status").and_then(Value::as_str) {
            found.insert("status".to_owned(), status.to_owned());
        }
    }
    // Two engines may agree on how many values have a shape, and not on which.
    for (at, shown) in report.shapes.iter().filter(|_| !is_sampled).flat_map(|shapes| shapes.shown.iter().enumerate()) {
        found.insert(format!("shapes.shown.{at}.shape"), shown.shape.clone());
    }
    walk(&tree, &mut String::new(), &mut found);
    found
}

fn walk(value: &Value, path: &mut String, found: &mut BTreeMap<String, String>) {
    let length = path.len();
    let mut enter = |key: &str, value: &Value| {
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(key);
        walk(value, path, found);
        path.truncate(length);
    };
    match value {
        // Fractions are descriptions, which may differ in the last digit; counts are integers.
        Value::Number(number) if number.is_f64() => {}
        Value::Number(number) => drop(found.insert(path.clone(), number.to_string())),
        Value::Array(items) => items.iter().enumerate().for_each(|(at, item)| enter(&at.to_string(), item)),
        Value::Object(fields) => fields.iter().for_each(|(key, field)| enter(key, field)),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

impl Verification {
    /// Compares the integers of a rule, or of a dataset.
    fn add(
        &mut self,
        dataset: &str,
        rule: Option<&str>,
        found: &BTreeMap<String, String>,
        verified: &BTreeMap<String, String>,
    ) {
        let paths: BTreeSet<&String> = found.keys().chain(verified.keys()).collect();
        self.integers += paths.len() as u64;
        let or_none = |value: Option<&String>| value.map_or_else(|| "-".to_owned(), Clone::clone);
        for path in paths {
            let (ours, theirs) = (found.get(path), verified.get(path));
            if ours != theirs {
                self.differences.push(Difference {
                    dataset: dataset.to_owned(),
                    rule: rule.map(str::to_owned),
                    what: path.clone(),
                    found: or_none(ours),
                    verified: or_none(theirs),
                });
            }
        }
    }
}
