//! Ending an audit as soon as the gate cannot pass any more.

use std::fmt;

use super::judge_rule;
use crate::checks::Outcome;
use crate::engine::{Stop, Stopped};
use crate::model::{MeasureKind, Reading, RuleReport, Severity, Status, StoppedReport};
use crate::plan::Plan;
use crate::rules::{BoundRule, Catalogue};

/// Why a rule was not measured.
const STOPPED: &str = "the audit was stopped early, since the gate could not pass any more";

/// Knows from readings whether the gate can still pass.
pub(super) struct Gatekeeper<'a> {
    catalogue: &'a Catalogue<'a>,
    bound: &'a [BoundRule],
    rule_measures: &'a [Vec<usize>],
    fail_on: Option<Severity>,
    /// Something cannot be audited, which the gate never passes.
    broken: bool,
    /// For each measure the most failures that all rules which could shut the gate bear.
    most: Vec<Option<u64>>,
}

impl fmt::Debug for Gatekeeper<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gatekeeper").field("most", &self.most).finish_non_exhaustive()
    }
}

/// The measure of a rule that counts rows by it alone, one after the other, so that the rows that fail the one fail the
/// other. Rows that look into other datasets may be judged all at once, when memory does not hold the keys: so that the
/// result does not hang on memory, those rules wait for the end of their dataset.
fn by_row(bound: &BoundRule, measures: &[usize], plan: &Plan) -> Option<usize> {
    let &[measure] = measures else { return None };
    let counts = match &plan.measures.get(measure)?.kind {
        MeasureKind::Rows(predicate) => predicate.lookup().is_none(),
        MeasureKind::Framing => true,
        _ => false,
    };
    (counts && bound.rule.check.is_about_rows(&bound.args)).then_some(measure)
}

/// Whether a failure of the rule shuts the gate.
fn shuts(bound: &BoundRule, fail_on: Option<Severity>) -> bool {
    fail_on.is_some_and(|least| bound.rule.severity >= least)
}

impl<'a> Gatekeeper<'a> {
    /// `rows` tells how many rows a dataset has, where that is known before it is read.
    pub(super) fn new(
        catalogue: &'a Catalogue<'a>,
        bound: &'a [BoundRule],
        rule_measures: &'a [Vec<usize>],
        plan: &Plan,
        fail_on: Option<Severity>,
        broken: bool,
        rows: impl Fn(&str) -> Option<u64>,
    ) -> Self {
        let mut most = vec![None; plan.measures.len()];
        for (bound, measures) in bound.iter().zip(rule_measures).filter(|(bound, _)| shuts(bound, fail_on)) {
            let bears = bound.rule.threshold.most_failures(rows(&bound.rule.dataset));
            if let (Some(measure), Some(bears)) = (by_row(bound, measures, plan), bears) {
                most[measure] = Some(most[measure].map_or(bears, |known: u64| known.min(bears)));
            }
        }
        Self { catalogue, bound, rule_measures, fail_on, broken, most }
    }
}

impl Stop for Gatekeeper<'_> {
    fn most_failures(&self, measure: usize) -> Option<u64> {
        self.most.get(measure).copied().flatten()
    }

    fn is_settled(&self, readings: &[Option<&Result<Reading, String>>]) -> bool {
        let reading = |at: &usize| readings.get(*at).copied().flatten();
        self.broken
            || self.bound.iter().zip(self.rule_measures).any(|(bound, measures)| {
                if bound.measures.is_ok() && measures.iter().any(|at| reading(at).is_none()) {
                    return false;
                }
                let judged = judge_rule(self.catalogue, bound, measures, &|at| match reading(&at) {
                    Some(reading) => reading.as_ref().map_err(String::as_str),
                    None => Err(STOPPED),
                });
                match judged.status {
                    Status::Errored => true,
                    Status::Failed => shuts(bound, self.fail_on),
                    _ => false,
                }
            })
    }
}

/// Makes of the rules of an audit that ended early what they are: the one that decided has failed, as far as was read;
/// those that were not taken are not measured.
pub(super) fn settle(
    rules: &mut [RuleReport],
    bound: &[BoundRule],
    rule_measures: &[Vec<usize>],
    plan: &Plan,
    stopped: &Stopped,
    fail_on: Option<Severity>,
    rows: impl Fn(&str) -> Option<u64>,
) {
    for ((rule, bound), measures) in rules.iter_mut().zip(bound).zip(rule_measures) {
        if bound.measures.is_err() {
            continue;
        }
        let decided = by_row(bound, measures, plan).is_some_and(|measure| stopped.decided_by.contains(&measure));
        let measured = measures.iter().all(|at| stopped.measured.get(*at).copied().unwrap_or_default());
        if decided {
            let most = rule.threshold.most_failures(rows(&rule.dataset));
            if shuts(bound, fail_on) && most.is_some_and(|most| rule.failed > most) {
                rule.partial = true;
                rule.segments = None;
                rule.observed =
                    format!("{} of the {} rows judged so far fail, which is too many", rule.failed, rule.evaluated);
                continue;
            }
        } else if measured {
            continue;
        }
        let outcome = Outcome { expected: std::mem::take(&mut rule.expected), ..Outcome::default() };
        *rule = RuleReport { reason: Some(STOPPED.to_owned()), ..super::verdict(bound, Ok(outcome)) };
    }
}

/// What the report says of it; `because` is the first reason of the gate.
pub(super) fn told(rules: &[&RuleReport], because: Option<&String>, fail_on: Option<Severity>) -> StoppedReport {
    let ids = |of: &dyn Fn(&RuleReport) -> bool| {
        let mut ids: Vec<String> = rules.iter().filter(|rule| of(rule)).map(|rule| rule.id.clone()).collect();
        ids.sort();
        ids
    };
    StoppedReport {
        because: because.cloned().unwrap_or_default(),
        decided_by: ids(&|rule| {
            rule.status == Status::Errored
                || rule.status == Status::Failed && fail_on.is_some_and(|least| rule.severity >= least)
        }),
        unmeasured: ids(&|rule| rule.reason.as_deref() == Some(STOPPED)),
    }
}
