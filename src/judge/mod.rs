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
mod stop;
mod unmet;
mod verdict;
mod waiver;
mod where_failing;

pub use again::{judge_again, unjudged};
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

use verdict::decide;

/// Judges every rule, in the order of the rules.
pub fn judge(case: &Case<'_>, execution: &Execution) -> Vec<Verdict> {
    (0..case.bound.len()).map(|rule| judge_rule(case, rule, execution)).collect()
}

fn judge_rule(case: &Case<'_>, rule: usize, execution: &Execution) -> Verdict {
    let bound = &case.bound[rule];
    let outcome = case.outcome(rule, &|measure| execution.reading(measure));
    let groups = case.measures(rule).iter().find_map(|at| execution.segments.get(at));
    let groups = groups.map(|groups| {
        let groups = groups.as_ref().map_err(Clone::clone)?;
        Ok(segments::judge_segments(&bound.rule.segment, groups, bound.rule.threshold))
    });
    let failed = outcome.as_ref().map_or(0, |outcome| outcome.failed);
    let basis = match &execution.stopped {
        Some(stopped) => stop::basis(case, rule, stopped, failed),
        None => sample::basis(case, rule, &outcome, execution),
    };
    decide(&bound.rule, outcome, groups, basis, case.as_of)
}
