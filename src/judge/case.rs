//! The rules that are judged, with what is known of them before there are readings.

use std::collections::BTreeMap;

use crate::checks::{Outcome, Readings};
use crate::engine::{Drawn, Execution};
use crate::model::{AsOf, Measure, Reading, Severity, Unmeasured};
use crate::plan::Planned;
use crate::rules::{BoundRule, Catalogue};

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
    /// The date that counts as today, on which waivers apply or are over.
    pub as_of: AsOf,
    /// The rows of each dataset, where they are known before they are read.
    pub rows: BTreeMap<String, u64>,
}

impl Case<'_> {
    /// The rows of a dataset, where they are known before they are read.
    pub(super) fn rows_of(&self, dataset: &str) -> Option<u64> {
        self.rows.get(dataset).copied()
    }

    /// The measures (positions in the plan) of a rule.
    pub(super) fn measures(&self, rule: usize) -> &[usize] {
        self.planned.rule_measures.get(rule).map_or(&[], Vec::as_slice)
    }

    /// The measures of a rule, each with its position in the plan. A rule may measure other datasets than its own.
    pub(super) fn measured(&self, rule: usize) -> impl Iterator<Item = (usize, &Measure)> {
        self.measures(rule).iter().filter_map(|at| Some((*at, self.planned.plan.measures.get(*at)?)))
    }

    /// Those measures of a rule that read a sample of their dataset.
    pub(super) fn sampled(&self, rule: usize, execution: &Execution) -> impl Iterator<Item = (usize, &Measure)> {
        let is_part = |dataset: &str| matches!(execution.samples.get(dataset), Some(Drawn::Part { .. }));
        self.measured(rule).filter(move |(_, measure)| is_part(&measure.dataset))
    }

    /// Whether a rule was measured on a sample, at least of one dataset.
    pub fn is_sampled(&self, rule: usize, execution: &Execution) -> bool {
        self.sampled(rule, execution).next().is_some()
    }

    /// What the check of a rule makes of its readings.
    ///
    /// # Errors
    /// Why it cannot be judged.
    pub(super) fn outcome<'r>(
        &self,
        rule: usize,
        reading: &dyn Fn(usize) -> Result<&'r Reading, &'r Unmeasured>,
    ) -> Result<Outcome, Unmeasured> {
        let bound = &self.bound[rule];
        if let Err(misfit) = &bound.measures {
            return Err(Unmeasured::unreadable(misfit.to_string()));
        }
        if let Some(unsupported) = self.planned.unsupported.get(&rule) {
            return Err(unsupported.clone().into());
        }
        let readings: Vec<_> = self.measures(rule).iter().map(|at| reading(*at)).collect();
        if let Some(Err(unsupported @ Unmeasured::Unsupported(_))) =
            readings.iter().find(|reading| matches!(reading, Err(Unmeasured::Unsupported(_))))
        {
            return Err((*unsupported).clone());
        }
        let scope = self.catalogue.scope(bound);
        let judged = bound.check.judge(&scope, &Readings(readings));
        judged.map_err(Unmeasured::from)
    }
}
