//! Readings and rules to verdicts. Pure: no data, no files and no clock, so that a stored result can be judged again.
//!
//! What was read of the data (all rows, a sample, a part) and the outcomes of groups go in with the readings; the status
//! of a rule is decided in one place, `verdict`, and its report is built once, from the verdict.

mod interval;
mod report;
mod sample;
mod segments;
mod stop;
mod verdict;

use std::collections::BTreeMap;

pub use report::rule_report;
pub use sample::{sampled_dataset, sampled_report};
pub use stop::{Gatekeeper, stopped_report};
pub use verdict::Verdict;

use crate::checks::{Outcome, Readings};
use crate::engine::Execution;
use crate::model::{Reading, Severity, Unmeasured};
use crate::plan::Planned;
use crate::rules::{BoundRule, Catalogue};

use verdict::decide;

/// The rules that are judged, and what is known before there are readings.
pub struct Case<'a> {
    /// What the rules may ask about the suite and its columns.
    pub catalogue: &'a Catalogue<'a>,
    /// The rules.
    pub bound: &'a [BoundRule],
    /// Which measures they wait for.
    pub planned: &'a Planned,
    /// A failed rule of this severity or worse shuts the gate; `None`: no rule does.
    pub fail_on: Option<Severity>,
    /// The rows of each dataset, where they are known before they are read.
    pub rows: BTreeMap<String, u64>,
}

impl Case<'_> {
    /// The rows of a dataset, where they are known before they are read.
    fn rows_of(&self, dataset: &str) -> Option<u64> {
        self.rows.get(dataset).copied()
    }

    /// The measures (positions in the plan) of a rule.
    fn measures(&self, rule: usize) -> &[usize] {
        self.planned.rule_measures.get(rule).map_or(&[], Vec::as_slice)
    }
}

/// Judges every rule, in the order of the rules.
pub fn judge(case: &Case<'_>, execution: &Execution) -> Vec<Verdict> {
    (0..case.bound.len()).map(|rule| judge_rule(case, rule, execution)).collect()
}

fn judge_rule(case: &Case<'_>, rule: usize, execution: &Execution) -> Verdict {
    let bound = &case.bound[rule];
    let outcome = outcome(case, rule, &|measure| execution.reading(measure));
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
    decide(&bound.rule, outcome, groups, basis)
}

/// What the check of a rule makes of its readings.
///
/// # Errors
/// Why it cannot be judged.
fn outcome<'r>(
    case: &Case<'_>,
    rule: usize,
    reading: &dyn Fn(usize) -> Result<&'r Reading, &'r Unmeasured>,
) -> Result<Outcome, Unmeasured> {
    let bound = &case.bound[rule];
    if let Err(misfit) = &bound.measures {
        return Err(Unmeasured::unreadable(misfit.to_string()));
    }
    if let Some(unsupported) = case.planned.unsupported.get(&rule) {
        return Err(unsupported.clone().into());
    }
    let readings: Vec<_> = case.measures(rule).iter().map(|at| reading(*at)).collect();
    if let Some(Err(unsupported @ Unmeasured::Unsupported(_))) =
        readings.iter().find(|reading| matches!(reading, Err(Unmeasured::Unsupported(_))))
    {
        return Err((*unsupported).clone());
    }
    let scope = case.catalogue.scope(bound);
    let judged = bound.check.judge(&scope, &Readings(readings));
    judged.map_err(Unmeasured::from)
}
