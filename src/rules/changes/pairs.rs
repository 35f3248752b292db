//! Which rules of two suites belong together: by the same meaning first, then by the same id.

use std::collections::BTreeMap;

use serde_json::json;

use super::super::suite::Suite;
use super::super::written::WrittenRule;
use super::arguments::{Resolved, resolved};

/// A rule with its parameters in one form.
#[derive(Debug)]
pub(super) struct Meant<'s> {
    pub(super) written: &'s WrittenRule,
    pub(super) args: Resolved,
    /// Names of columns each of which gets its own rule.
    pub(super) each: Vec<&'s str>,
    /// All that it means, apart from its id and its waiver.
    meaning: String,
}

/// Rules of two suites: in both, only in the older, only in the newer one.
#[derive(Debug, Default)]
pub(super) struct Paired<'s> {
    /// The same meaning under two ids.
    pub(super) renamed: Vec<(Meant<'s>, Meant<'s>)>,
    /// The same id.
    pub(super) both: Vec<(Meant<'s>, Meant<'s>)>,
    pub(super) removed: Vec<Meant<'s>>,
    pub(super) added: Vec<Meant<'s>>,
}

/// The rules of a suite.
pub(super) fn meant<'s>(suite: &'s Suite, rules: &'s [WrittenRule]) -> Vec<Meant<'s>> {
    rules.iter().map(|written| of_rule(suite, written)).collect()
}

fn of_rule<'s>(suite: &'s Suite, written: &'s WrittenRule) -> Meant<'s> {
    let rule = &written.rule;
    let args = resolved(suite, written);
    let mut each: Vec<&str> = written.given.each.iter().flat_map(|each| &each.names).map(|(name, _)| &**name).collect();
    each.sort_unstable();
    let meaning = json!([
        rule.dataset,
        rule.check.name(),
        args,
        each,
        rule.condition,
        rule.segment,
        rule.severity,
        rule.dimension,
        rule.weight,
        rule.threshold,
        rule.warn,
        [&rule.because, &rule.fix, &rule.owner],
        rule.tags,
        rule.due.map(|due| due.to_string()),
    ]);
    Meant { written, args, each, meaning: meaning.to_string() }
}

/// Pairs the rules. A rule that means the same under the same id is no change, and is left out unless its waiver may have changed:
/// it is among `both` all the same.
pub(super) fn pair<'s>(old: Vec<Meant<'s>>, new: Vec<Meant<'s>>) -> Paired<'s> {
    let mut paired = Paired::default();
    let mut left: BTreeMap<&str, Meant<'s>> =
        old.into_iter().map(|rule| (rule.written.rule.id.as_str(), rule)).collect();
    // Ids that are made from the check are counted, and move when a rule is added before them.
    let mut unlike = Vec::new();
    for rule in new {
        match left.remove(rule.written.rule.id.as_str()) {
            Some(then) if then.meaning == rule.meaning => paired.both.push((then, rule)),
            Some(then) => {
                left.insert(then.written.rule.id.as_str(), then);
                unlike.push(rule);
            }
            None => unlike.push(rule),
        }
    }
    let mut by_meaning: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for rule in left.values() {
        by_meaning.entry(rule.meaning.clone()).or_default().push(&rule.written.rule.id);
    }
    let mut other = Vec::new();
    for rule in unlike {
        let found = by_meaning.get_mut(&rule.meaning).filter(|ids| !ids.is_empty()).map(|ids| ids.remove(0));
        match found.and_then(|id| left.remove(id)) {
            Some(then) => paired.renamed.push((then, rule)),
            None => other.push(rule),
        }
    }
    for rule in other {
        match left.remove(rule.written.rule.id.as_str()) {
            Some(then) => paired.both.push((then, rule)),
            None => paired.added.push(rule),
        }
    }
    paired.removed = left.into_values().collect();
    paired
}
