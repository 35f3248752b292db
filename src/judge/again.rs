//! Counts of an earlier result, judged by a rule as it is now.

use super::segments::{can_be_judged_again, judge_segments_again};
use super::verdict::{Basis, Verdict, decide};
use crate::checks::Outcome;
use crate::model::{AsOf, RuleReport, Status, Unmeasured};
use crate::rules::BoundRule;

/// Why the stored counts of a rule that measures the same as it did do not judge it; `None` where they do.
pub fn needs_data(bound: &BoundRule, stored: &RuleReport) -> Option<&'static str> {
    let is_open = bound.rule.threshold != stored.threshold
        && stored.segments.as_ref().is_some_and(|segments| !can_be_judged_again(segments));
    is_open.then_some("needs the data: the result hides the counts of groups that the new threshold judges")
}

/// Judges the stored counts of a rule that measures the same as it did.
pub fn judge_again(bound: &BoundRule, stored: &RuleReport, as_of: AsOf) -> Verdict {
    if let Err(misfit) = &bound.measures {
        return unjudged(bound, misfit.to_string(), as_of);
    }
    if stored.status == Status::Errored {
        return unjudged(bound, stored.reason.clone().unwrap_or_default(), as_of);
    }
    let outcome = Outcome {
        unit: stored.unit,
        passed: stored.passed,
        failed: stored.failed,
        not_applicable: stored.not_applicable,
        unreadable: stored.unreadable,
        observed: stored.observed.clone(),
        expected: stored.expected.clone(),
        details: stored.details.clone(),
        rows_of: stored.rows_of.clone(),
        distribution: stored.distribution.clone().map(Box::new),
        failing_rows: stored.failing_rows.clone(),
        pairs: stored.pairs.clone(),
        reason: stored.reason.clone(),
    };
    let segments = stored.segments.clone().map(|report| Ok(judge_segments_again(report, bound.rule.threshold)));
    decide(&bound.rule, Ok(outcome), segments, Basis::Whole, as_of).with_shapes(stored.shapes.clone())
}

/// A rule that no stored count answers, for this reason: it is an error, so that it neither passes nor is overlooked.
pub fn unjudged(bound: &BoundRule, reason: String, as_of: AsOf) -> Verdict {
    decide(&bound.rule, Err(Unmeasured::unreadable(reason)), None, Basis::Whole, as_of)
}
