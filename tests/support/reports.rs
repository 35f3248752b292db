//! Rules of a result and their counts.

use std::collections::BTreeMap;

use passmuster::model::{AuditReport, RuleReport, Status};
use passmuster::report::{Finished, Look, find};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// Counts of one rule.
#[derive(Debug, PartialEq, Default, Clone)]
pub(crate) struct Counts {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) not_applicable: u64,
    pub(crate) unreadable: u64,
}

/// One judgement of the dataset; `None`: there is nothing to judge.
pub(crate) fn once(passes: Option<bool>) -> Counts {
    Counts { passed: u64::from(passes == Some(true)), failed: u64::from(passes == Some(false)), ..Counts::default() }
}

/// The same, of a figure that leaves out so many unparseable values.
pub(crate) fn left_out(values: usize, mut counts: Counts) -> Counts {
    counts.unreadable = values as u64;
    counts
}

/// A rule has a reason only where it measured nothing.
pub(crate) fn assert_judged(rule: &RuleReport) {
    assert!(rule.reason.is_none() || rule.status == Status::NotMeasured, "{}: {:?}", rule.id, rule.reason);
}

/// All rules of a result by id.
pub(crate) fn rules(report: &AuditReport) -> BTreeMap<&str, &RuleReport> {
    report.datasets.iter().flat_map(|dataset| &dataset.rules).map(|rule| (rule.id.as_str(), rule)).collect()
}

pub(crate) fn rule<'r>(report: &'r AuditReport, id: &str) -> &'r RuleReport {
    let mut rules = report.datasets.iter().flat_map(|dataset| &dataset.rules);
    rules.find(|rule| rule.id == id).unwrap_or_else(|| panic!("{id} is not in the report"))
}

pub(crate) fn counts(rule: &RuleReport) -> Counts {
    assert_eq!(rule.evaluated, rule.passed + rule.failed, "{}", rule.id);
    Counts {
        passed: rule.passed,
        failed: rule.failed,
        not_applicable: rule.not_applicable,
        unreadable: rule.unreadable,
    }
}

/// Passed, failed, not applicable, unreadable.
pub(crate) fn four(report: &AuditReport, id: &str) -> [u64; 4] {
    let rule = rule(report, id);
    assert_eq!(rule.evaluated, rule.passed + rule.failed, "{id}");
    [rule.passed, rule.failed, rule.not_applicable, rule.unreadable]
}

/// The same of a rule that was measured.
pub(crate) fn four_measured(report: &AuditReport, id: &str) -> [u64; 4] {
    assert_eq!(rule(report, id).reason, None, "{id}");
    four(report, id)
}

/// What a rule counted besides, by name.
pub(crate) fn details<'r>(report: &'r AuditReport, id: &str) -> Vec<(&'r str, u64)> {
    rule(report, id).details.iter().map(|(name, count)| (name.as_str(), *count)).collect()
}

/// A result that was changed, with the digest of what it says now.
pub(crate) fn sealed(text: &str) -> String {
    let mut document: Value = serde_json::from_str(text).unwrap();
    let members = document.as_object_mut().unwrap();
    members.remove("digest");
    let timings = members.remove("timings");
    let digest = hex::encode(Sha256::digest(document.to_string()));
    document["digest"] = digest.into();
    if let Some(timings) = timings {
        document["timings"] = timings;
    }
    document.to_string()
}

/// All that a result says of the data, to look for values in. Hashes and timings have every digit by chance.
pub(crate) fn said(report: &AuditReport) -> String {
    fn blank(value: &mut Value) {
        match value {
            Value::String(text) if text.len() >= 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
                text.clear();
            }
            Value::Array(items) => items.iter_mut().for_each(blank),
            Value::Object(members) => members.values_mut().for_each(blank),
            _ => {}
        }
    }
    let mut document = serde_json::to_value(report).unwrap();
    document.as_object_mut().unwrap().remove("timings");
    blank(&mut document);
    document.to_string()
}

/// A report in that format, which must be one of text.
pub(crate) fn rendered(format: &str, report: &AuditReport, look: &Look) -> String {
    let document = find(format).expect("registered").render(&Finished::new(report), look).expect("written");
    String::from_utf8(document).expect("text")
}
