//! Ending an audit as soon as the gate cannot pass any more.

use super::case::Case;
use super::verdict::{Basis, ENDED, decide};
use crate::engine::{Stop, Stopped};
use crate::model::{MeasureKind, Reading, RuleReport, Severity, Status, StoppedReport, Unmeasured};
use crate::rules::BoundRule;

/// Knows from readings whether the gate can still pass.
pub struct Gatekeeper<'a> {
    case: &'a Case<'a>,
    /// Something cannot be audited, which the gate never passes.
    broken: bool,
}

impl<'a> Gatekeeper<'a> {
    /// Watches over the rules of a case; `broken`: something cannot be audited.
    pub const fn new(case: &'a Case<'a>, broken: bool) -> Self {
        Self { case, broken }
    }

    /// For each measure the most failing rows that all rules allow which could shut the gate; `None` where any number
    /// lets it stay open.
    pub fn most_failures(&self) -> Vec<Option<u64>> {
        let mut most = vec![None; self.case.planned.plan.measures.len()];
        for (at, bound) in self.case.bound.iter().enumerate().filter(|(at, _)| shuts(self.case, *at)) {
            if let (Some(measure), Some(allowed)) = (measure_by_row(self.case, at), most_open(self.case, bound)) {
                most[measure] = Some(most[measure].map_or(allowed, |known: u64| known.min(allowed)));
            }
        }
        most
    }
}

impl Stop for Gatekeeper<'_> {
    fn is_settled(&self, readings: &[Option<Result<&Reading, &Unmeasured>>]) -> bool {
        let case = self.case;
        let reading = |at: usize| readings.get(at).copied().flatten();
        self.broken
            || case.bound.iter().enumerate().any(|(at, bound)| {
                if bound.measures.is_ok() && case.measures(at).iter().any(|measure| reading(*measure).is_none()) {
                    return false;
                }
                let outcome = case.outcome(at, &|measure| reading(measure).unwrap_or(Err(&Unmeasured::Stopped)));
                match decide(&bound.rule, outcome, None, Basis::Whole, case.as_of).status {
                    Status::Errored => true,
                    Status::Failed => shuts(case, at),
                    Status::Waived | Status::Passed | Status::Warned | Status::Undecided | Status::NotMeasured => false,
                }
            })
    }
}

/// The measure of a rule that counts rows by it alone, one after the other, so that the rows that fail the one fail the
/// other. Rows that look into other datasets may be judged all at once, when memory does not hold the keys: so that the
/// result does not depend on memory, those rules wait for the end of their dataset.
fn measure_by_row(case: &Case<'_>, rule: usize) -> Option<usize> {
    let (bound, &[measure]) = (&case.bound[rule], case.measures(rule)) else { return None };
    let counts = match &case.planned.plan.measures.get(measure)?.kind {
        MeasureKind::Rows(predicate) => predicate.lookup().is_none(),
        MeasureKind::Framing => true,
        MeasureKind::RowCount
        | MeasureKind::DuplicateKeys(_)
        | MeasureKind::DuplicateRows { .. }
        | MeasureKind::Grouped(_)
        | MeasureKind::Covers(_)
        | MeasureKind::Continuous(_)
        | MeasureKind::Similar(_)
        | MeasureKind::Figure(_)
        | MeasureKind::Entities(_)
        | MeasureKind::Reconciles(_)
        | MeasureKind::Outliers(_)
        | MeasureKind::Lag(_)
        | MeasureKind::Uniform(_)
        | MeasureKind::PersonalData(_)
        | MeasureKind::Steady(_)
        | MeasureKind::Columns
        | MeasureKind::Content { .. }
        | MeasureKind::Values(_)
        | MeasureKind::Digest => false,
    };
    (counts && bound.check.is_about_rows()).then_some(measure)
}

/// The most failing rows with which a rule does not shut the gate yet, whatever rows follow: those of its threshold, or of
/// a waiver that allows more. `None`: no number is too high, or none is known.
fn most_open(case: &Case<'_>, bound: &BoundRule) -> Option<u64> {
    let rows = case.rows_of(&bound.rule.dataset);
    let most = bound.rule.threshold.most_failures(rows)?;
    let waiver = bound.rule.waiver.as_ref().filter(|waiver| waiver.until.days_after(case.as_of) >= 0);
    match waiver {
        Some(waiver) => Some(most.max(waiver.at_most?.most_failures(rows)?)),
        None => Some(most),
    }
}

/// Whether a failure of the rule shuts the gate.
fn shuts(case: &Case<'_>, rule: usize) -> bool {
    case.fail_on.is_some_and(|least| case.bound[rule].rule.severity >= least)
}

/// Which rows the readings of a rule come from, in an audit that was stopped early: the rule that decided has failed, as
/// far as was read; those that were not taken are not measured.
pub(super) fn basis(case: &Case<'_>, rule: usize, stopped: &Stopped, failed: u64) -> Basis {
    let bound = &case.bound[rule];
    if bound.measures.is_err() || case.planned.unsupported.contains_key(&rule) {
        return Basis::Whole;
    }
    if measure_by_row(case, rule).is_some_and(|measure| stopped.decided_by.contains(&measure)) {
        let is_over = shuts(case, rule) && most_open(case, bound).is_some_and(|most| failed > most);
        return if is_over { Basis::Part } else { Basis::Ended };
    }
    let measured = case.measures(rule).iter().all(|at| stopped.measured.get(*at).copied().unwrap_or_default());
    if measured { Basis::Whole } else { Basis::Ended }
}

/// What the report says about an audit that was stopped early; `because` is the first reason of the gate.
pub fn stopped_report(rules: &[&RuleReport], because: Option<&String>, fail_on: Option<Severity>) -> StoppedReport {
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
        unmeasured: ids(&|rule| rule.reason.as_deref() == Some(ENDED)),
    }
}
