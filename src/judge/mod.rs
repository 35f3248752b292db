//! Readings and rules to verdicts. Pure: no data, no files and no clock, so that a stored result can be judged again.
//!
//! What was read of the data (all rows, a sample, a part) and the outcomes of groups go in with the readings; the status
//! of a rule is decided in one place, `verdict`, and its report is built once, from the verdict.

mod again;
mod case;
mod due;
mod interval;
mod report;
mod sample;
mod segments;
mod shapes;
mod small_groups;
mod stop;
mod unmet;
mod verdict;
mod waiver;
mod where_failing;

pub use again::{judge_again, needs_data, unjudged};
pub use case::Case;
pub use due::overdue_days;
pub use report::rule_report;
pub use sample::{sampled_dataset, sampled_report};
pub use stop::{Gatekeeper, stopped_report};
pub use unmet::{AbsentLiteral, Unmet};
pub use verdict::Verdict;
pub use waiver::{Accepted, apply_waiver, waiver_report};
pub use where_failing::{fail_together, where_failing};

use crate::engine::Execution;
use crate::model::Segment;

use small_groups::HiddenGroups;
use verdict::decide;

/// Judges every rule, in the order of the rules.
pub fn judge(case: &Case<'_>, execution: &Execution) -> Vec<Verdict> {
    let hidden = HiddenGroups::of(&case.planned.plan, execution);
    (0..case.bound.len()).map(|rule| judge_rule(case, rule, execution, &hidden)).collect()
}

fn judge_rule(case: &Case<'_>, rule: usize, execution: &Execution, hidden: &HiddenGroups<'_>) -> Verdict {
    let bound = &case.bound[rule];
    let outcome = case.outcome(rule, &|measure| execution.reading(measure));
    let mut grouped = case.measured(rule).filter_map(|(at, measure)| Some((measure, execution.segments.get(&at)?)));
    let groups = grouped.next().map(|(measure, groups)| {
        let groups = groups.as_ref().map_err(Clone::clone)?;
        let is_hidden = |group: &Segment| hidden.hides(&measure.dataset, &measure.segment, &group.values);
        Ok(segments::judge_segments(&bound.rule.segment, groups, bound.rule.threshold, &is_hidden))
    });
    let shapes = outcome.as_ref().ok().and_then(|outcome| shapes::shapes_of(case, rule, execution, outcome));
    let failed = outcome.as_ref().map_or(0, |outcome| outcome.failed);
    let basis = match &execution.stopped {
        Some(stopped) => stop::basis(case, rule, stopped, failed),
        None => sample::basis(case, rule, &outcome, execution),
    };
    decide(&bound.rule, outcome, groups, basis, case.as_of).with_shapes(shapes)
}
