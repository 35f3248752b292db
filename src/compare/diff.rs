//! What changed from one result to another.

use std::cmp::{Ordering, Reverse};
use std::collections::BTreeSet;

use super::comparable::{Pair, fails};
use super::growth::{a_group_got_worse, order};
use crate::model::{
    AuditReport, Change, ChangeCounts, ComparedDataset, ComparedResult, ComparedRule, DIFF_FORMAT, DatasetDiff,
    DatasetReport, ResultDiff, RuleDiff, RuleReport, Share, Status, Threshold,
};

/// Why two results are not compared at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CompareError {
    /// They are results of different suites.
    #[error("the older result is of the suite `{old}` and the newer one of `{new}`: compare two results of one suite")]
    OtherSuite {
        /// The suite of the older result.
        old: String,
        /// The suite of the newer result.
        new: String,
    },
}

/// Compares two results of a suite.
///
/// # Errors
/// If they are of different suites.
pub fn compare(old: &AuditReport, new: &AuditReport) -> Result<ResultDiff, CompareError> {
    if old.suite.name != new.suite.name {
        return Err(CompareError::OtherSuite { old: old.suite.name.clone(), new: new.suite.name.clone() });
    }
    let pair = Pair::new(old, &new.datasets, &new.suite.rules_hash, new.stopped.is_some());
    let names: BTreeSet<&str> = pair.old.datasets.keys().chain(pair.new.datasets.keys()).copied().collect();
    let mut datasets: Vec<DatasetDiff> = names.into_iter().map(|name| dataset(&pair, name)).collect();
    datasets.sort_by_key(|dataset| dataset.counts.new + dataset.counts.worse == 0);
    let mut counts = ChangeCounts::default();
    for rule in datasets.iter().flat_map(|dataset| &dataset.rules) {
        counts.add(rule.change);
    }
    let side = |report: &AuditReport| ComparedResult {
        digest: report.digest.clone(),
        version: report.tool.version.clone(),
        as_of: report.as_of.clone(),
        rules_hash: report.suite.rules_hash.clone(),
        verdict: report.verdict,
    };
    Ok(ResultDiff {
        format: DIFF_FORMAT.to_owned(),
        suite: new.suite.name.clone(),
        same: if old.digest.is_some() { old.digest == new.digest } else { old == new },
        old: side(old),
        new: side(new),
        counts,
        datasets,
    })
}

fn dataset(pair: &Pair<'_>, name: &str) -> DatasetDiff {
    let (old, new) = (pair.old.datasets.get(name).copied(), pair.new.datasets.get(name).copied());
    let ids: BTreeSet<&str> =
        old.into_iter().chain(new).flat_map(|dataset| &dataset.rules).map(|rule| rule.id.as_str()).collect();
    let mut rules: Vec<RuleDiff> = ids.into_iter().filter_map(|id| rule(pair, name, id)).collect();
    rules.sort_by(|a, b| (a.change, Reverse(a.severity), &a.id).cmp(&(b.change, Reverse(b.severity), &b.id)));
    let mut counts = ChangeCounts::default();
    for rule in &rules {
        counts.add(rule.change);
    }
    let side = |dataset: &DatasetReport| ComparedDataset {
        status: dataset.status,
        rows: dataset.rows,
        score: dataset.score,
        band: dataset.band,
    };
    DatasetDiff {
        name: name.to_owned(),
        old: old.map(side),
        new: new.map(side),
        columns_changed: pair.columns_changed(name),
        counts,
        rules,
    }
}

fn rule(pair: &Pair<'_>, dataset: &str, id: &str) -> Option<RuleDiff> {
    let (old, new) = (pair.old.rule(dataset, id), pair.new.rule(dataset, id));
    let known = new.or(old)?;
    let side = |rule: &RuleReport| ComparedRule {
        status: rule.status,
        evaluated: rule.evaluated,
        failed: rule.failed,
        failing: (rule.evaluated > 0).then(|| Share::of(rule.failed, rule.evaluated)),
        threshold: rule.threshold,
    };
    let (change, why, reason) = match pair.outcomes(dataset, id) {
        Ok((old, new)) => {
            let change = change(old, new);
            (change, None, other_judgement(change, old, new))
        }
        Err((why, reason)) => (Change::NotComparable, Some(why), Some(reason)),
    };
    Some(RuleDiff {
        id: id.to_owned(),
        fingerprint: known.fingerprint.clone(),
        title: known.title.clone(),
        severity: known.severity,
        unit: known.unit,
        change,
        why,
        reason,
        old: old.map(side),
        new: new.map(side),
    })
}

/// What of the judgement has changed, whatever the data say.
fn other_judgement(change: Change, old: &RuleReport, new: &RuleReport) -> Option<String> {
    let threshold = (old.threshold != new.threshold).then(|| {
        let passes_by_that = fails(old) && !fails(new) && change != Change::Fixed;
        let passes = if passes_by_that { ", and it passes by that" } else { "" };
        format!("the threshold was {} and is {}{passes}", old.threshold, new.threshold)
    });
    let waiver = match (old.status, new.status) {
        (Status::Failed, Status::Waived) => Some("a waiver accepts its failures now".to_owned()),
        (Status::Waived, Status::Failed) => Some("no waiver accepts its failures any more".to_owned()),
        _ => None,
    };
    let reasons: Vec<String> = threshold.into_iter().chain(waiver).collect();
    (!reasons.is_empty()).then(|| reasons.join("; "))
}

/// Whether the counts of a rule that passes meet another threshold, too, and those of all its groups. Of hidden groups that were
/// judged by themselves nobody knows.
fn would_pass(rule: &RuleReport, threshold: Threshold) -> bool {
    let groups = rule.segments.as_ref();
    let hidden = groups.and_then(|groups| groups.suppressed);
    let shown = groups.into_iter().flat_map(|groups| &groups.shown).map(|group| (group.evaluated, group.failed));
    let counts = shown.chain(hidden.map(|hidden| (hidden.evaluated, hidden.failed)));
    let mut counts = counts.chain([(rule.evaluated, rule.failed)]);
    rule.threshold == threshold
        || hidden.is_none_or(|hidden| !hidden.judged_apart)
            && counts.all(|(evaluated, failed)| threshold.accepts(evaluated.saturating_sub(failed), failed))
}

/// How a rule changed whose outcomes are comparable. One that passes by another threshold alone is not fixed.
fn change(old: &RuleReport, new: &RuleReport) -> Change {
    match (fails(old), fails(new)) {
        (false, true) => Change::New,
        (true, false) if would_pass(new, old.threshold) => Change::Fixed,
        _ if a_group_got_worse(old, new, None) => Change::Worse,
        _ => match order(old, new) {
            Ordering::Greater => Change::Worse,
            Ordering::Less => Change::Better,
            Ordering::Equal => Change::Unchanged,
        },
    }
}
