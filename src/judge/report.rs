//! The report of one rule.

use crate::model::{AsOf, Distribution, RuleReport, Score, Status};
use crate::plan::Identity;
use crate::rules::BoundRule;

use super::Verdict;
use super::due::overdue_days;
use super::unmet::nothing_measured;

/// What is reported about a rule; `as_of` is the date on which its failures are due or overdue.
pub fn rule_report(bound: &BoundRule, identity: Identity, verdict: Verdict, as_of: AsOf) -> RuleReport {
    let rule = &bound.rule;
    let Verdict { status, outcome, reason, sampled, partial, segments, shapes, waiver: _ } = verdict;
    let evaluated = outcome.passed + outcome.failed;
    let reason =
        reason.or_else(|| (status == Status::NotMeasured).then(|| nothing_measured(bound, outcome.not_applicable)));
    RuleReport {
        id: rule.id.clone(),
        dataset: rule.dataset.clone(),
        check: rule.check.name().to_owned(),
        measure_hash: Some(identity.measure_hash),
        fingerprint: Some(identity.fingerprint),
        written: rule.written.clone(),
        title: rule.title.clone(),
        columns: bound.columns.clone(),
        dimension: rule.dimension,
        severity: rule.severity,
        weight: rule.weight,
        status,
        sampled,
        partial,
        fails_gate: false,
        unit: outcome.unit,
        evaluated,
        passed: outcome.passed,
        failed: outcome.failed,
        not_applicable: outcome.not_applicable,
        unreadable: outcome.unreadable,
        rate: Score::rate(outcome.passed, evaluated),
        threshold: rule.threshold,
        warn: rule.warn,
        observed: outcome.observed,
        expected: outcome.expected,
        details: outcome.details,
        shapes,
        rows_of: outcome.rows_of,
        segments,
        distribution: outcome
            .distribution
            .map(|distribution| Distribution { condition: rule.condition.clone(), ..*distribution }),
        failing_rows: outcome.failing_rows,
        pairs: outcome.pairs,
        where_failing: None,
        reason,
        because: rule.because.clone(),
        fix: rule.fix.clone(),
        owner: rule.owner.clone(),
        due: rule.due,
        overdue_days: rule.due.and_then(|due| overdue_days(due, as_of, status)),
        tags: rule.tags.clone(),
    }
}
