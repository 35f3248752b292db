//! What the score of a dimension is the mean of.

use std::collections::BTreeMap;

use super::fraction::Fraction;
use crate::model::{RuleReport, Score, Severity, Status};

/// Whether a rule goes into scores: it was judged, on at least one row.
pub(super) fn is_measured(rule: &RuleReport) -> bool {
    rule.evaluated > 0 && matches!(rule.status, Status::Passed | Status::Warned | Status::Waived | Status::Failed)
}

/// Whether a rule cuts the score of its dimension. A waiver opens the gate and raises no score.
pub(super) fn vetoes(rule: &RuleReport) -> bool {
    rule.severity == Severity::Critical && matches!(rule.status, Status::Failed | Status::Waived)
}

/// The share of a dimension, cut where a critical rule failed.
pub(super) fn capped(share: Fraction, vetoed: bool) -> Fraction {
    if vetoed { share.min(Fraction::of(Score::VETOED)) } else { share }
}

/// The units of one dimension. A unit is a column with all rules on it alone, or a rule on several columns or on the dataset.
pub(super) struct Units<'r>(Vec<Unit<'r>>);

/// Rules whose rates are averaged first.
pub(super) struct Unit<'r>(pub(super) Vec<&'r RuleReport>);

impl<'r> Units<'r> {
    /// The units of the measured rules of a dimension.
    pub(super) fn of(measured: &[&'r RuleReport]) -> Self {
        let mut columns: BTreeMap<&str, Vec<&RuleReport>> = BTreeMap::new();
        let mut units = Vec::new();
        for rule in measured {
            match rule.columns.as_slice() {
                [column] => columns.entry(column).or_default().push(rule),
                _ => units.push(Unit(vec![rule])),
            }
        }
        units.extend(columns.into_values().map(Unit));
        Self(units)
    }

    /// Each of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Unit<'r>> {
        self.0.iter()
    }

    /// The weights of all units.
    pub(super) fn weight(&self) -> u64 {
        self.0.iter().map(|unit| u64::from(unit.weight())).sum()
    }

    /// The weighted mean of the units; `None` without any.
    pub(super) fn mean(&self) -> Option<Fraction> {
        Fraction::mean(self.0.iter().map(|unit| (unit.weight(), unit.mean())))
    }
}

impl Unit<'_> {
    /// A unit has the weight of its heaviest rule, so that many rules on one column cannot outvote one rule on another.
    pub(super) fn weight(&self) -> u32 {
        self.0.iter().map(|rule| rule.weight).max().unwrap_or(1)
    }

    /// The weighted mean of the rates of its rules.
    pub(super) fn mean(&self) -> Fraction {
        let rates = self.0.iter().map(|rule| (rule.weight, Fraction::new(rule.passed, rule.evaluated)));
        Fraction::mean(rates).unwrap_or_else(|| Fraction::new(0, 1))
    }

    /// The weights of all its rules.
    pub(super) fn weights(&self) -> u64 {
        self.0.iter().map(|rule| u64::from(rule.weight)).sum()
    }
}
