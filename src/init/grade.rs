//! What the counts say of a rule: sure, likely, or to be looked at.

use super::candidate::{Candidate, Prior};
use super::declare::Declared;
use super::options::Strictness;
use super::yaml_text;
use crate::model::{RuleReport, Status, Unit};

/// How much a rule may be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// It holds in all rows, and that is no accident.
    Sure,
    /// It holds in all rows or in nearly all.
    Likely,
    /// It may be meant; it is commented out.
    Look,
}

/// The counts of a rule, as an audit counts them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counted {
    pub(super) evaluated: u64,
    pub(super) passed: u64,
    pub(super) failed: u64,
    pub(super) not_applicable: u64,
}

impl Counted {
    pub(super) const fn of(report: &RuleReport) -> Self {
        let RuleReport { evaluated, passed, failed, not_applicable, .. } = report;
        Self { evaluated: *evaluated, passed: *passed, failed: *failed, not_applicable: *not_applicable }
    }

    /// The share that passes as a threshold, rounded down: `99%`; `None` where nothing is left of it.
    fn at_least(self, step: u128) -> Option<String> {
        let millionths = u128::from(self.passed) * 1_000_000 / u128::from(self.evaluated.max(1));
        let step = if millionths >= 999_000 { step.min(1_000) } else { step };
        let floored = millionths / step * step;
        let (whole, part) = (floored / 10_000, floored % 10_000);
        if floored == 0 {
            return None;
        }
        let part = format!("{part:04}");
        let part = part.trim_end_matches('0');
        Some(if part.is_empty() { format!("{whole}%") } else { format!("{whole}.{part}%") })
    }

    fn threshold(self, strictness: Strictness) -> Option<String> {
        if self.failed == 0 {
            return None;
        }
        self.at_least(match strictness {
            Strictness::Strict => 100,
            Strictness::Normal => 10_000,
            Strictness::Lenient => 50_000,
        })
    }
}

/// A rule with its counts.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Graded {
    pub(super) candidate: Candidate,
    pub(super) grade: Grade,
    pub(super) counted: Counted,
    unit: Unit,
    /// The dataset has it whether it is written or not, so it must be written with what it counts.
    must: bool,
}

impl Graded {
    /// The grade of a rule; `None` where it is not worth proposing.
    pub(super) fn of(candidate: Candidate, report: &RuleReport) -> Option<Self> {
        let counted = Counted::of(report);
        let is_measured = matches!(report.status, Status::Passed | Status::Warned | Status::Failed | Status::Waived);
        if !is_measured || counted.evaluated == 0 {
            return None;
        }
        let must = candidate.check == "well_formed";
        let tolerated =
            u128::from(counted.failed) * 1_000_000 <= u128::from(counted.evaluated) * u128::from(candidate.tolerated);
        let grade = match (counted.failed, candidate.prior) {
            (0, _) if must => return None,
            _ if must => Grade::Likely,
            (0, Prior::Sure) => Grade::Sure,
            (0, Prior::Likely) => Grade::Likely,
            (_, Prior::Sure | Prior::Likely) if tolerated => Grade::Likely,
            (0, Prior::Look) => Grade::Look,
            _ if candidate.or_look => Grade::Look,
            _ => return None,
        };
        Some(Self { candidate, grade, counted, unit: report.unit, must })
    }

    pub(super) fn at_least(&self, strictness: Strictness) -> Option<String> {
        self.counted.threshold(strictness)
    }

    /// The group in which it is written.
    pub(super) const fn shown_as(&self, strictness: Strictness) -> Grade {
        match (self.grade, strictness) {
            (Grade::Likely, Strictness::Lenient) if !self.must => Grade::Look,
            (grade, _) => grade,
        }
    }

    /// Whether it is checked, and not a comment.
    pub(super) fn is_active(&self, strictness: Strictness) -> bool {
        self.shown_as(strictness) != Grade::Look
    }

    /// Whether its failure does not close the gate.
    pub(super) fn is_minor(&self, strictness: Strictness) -> bool {
        self.grade != Grade::Sure
            && (strictness != Strictness::Strict || self.at_least(strictness).is_none())
            && !(strictness == Strictness::Strict && self.counted.failed == 0)
    }

    /// What it counts.
    pub(super) const fn unit(&self) -> &'static str {
        match self.unit {
            Unit::Rows => "rows",
            Unit::Groups => "groups",
            Unit::Values => "values",
            _ => "facts",
        }
    }
}

/// The check that many columns share.
const SHARED: &str = "required";

/// Writes a rule that columns keep without an exception once for all of them, in each grade.
pub(super) fn share_rules(rules: Vec<Graded>) -> Vec<Graded> {
    let is_shared = |graded: &Graded| graded.candidate.check == SHARED && graded.counted.failed == 0;
    let (mut shared, mut others): (Vec<Graded>, Vec<Graded>) = rules.into_iter().partition(is_shared);
    for grade in [Grade::Sure, Grade::Likely] {
        let (of_grade, rest): (Vec<Graded>, Vec<Graded>) = shared.into_iter().partition(|graded| graded.grade == grade);
        shared = rest;
        let columns: Vec<String> = of_grade.iter().flat_map(|graded| graded.candidate.accuses.clone()).collect();
        match of_grade.into_iter().min_by_key(|graded| graded.counted.evaluated) {
            Some(mut first) if columns.len() > 1 => {
                let each = yaml_text::list(columns.iter().map(String::as_str));
                first.candidate.parameters = vec![("each", each)];
                first.candidate.about = Vec::new();
                first.candidate.at = 1;
                "in each of the columns".clone_into(&mut first.candidate.because);
                first.candidate.each = columns;
                others.push(first);
            }
            Some(only) => others.push(only),
            None => {}
        }
    }
    others.extend(shared);
    others.sort_by_key(|graded| graded.candidate.at);
    others
}

/// A column with the counts of its type.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct GradedColumn {
    pub(super) declared: Declared,
    pub(super) counted: Option<Counted>,
}

impl GradedColumn {
    pub(super) fn at_least(&self, strictness: Strictness) -> Option<String> {
        self.counted.and_then(|counted| counted.threshold(strictness))
    }

    /// The severity, where it is not the usual one.
    pub(super) fn severity(&self, strictness: Strictness) -> Option<&'static str> {
        let counted = self.counted.filter(|counted| counted.failed > 0)?;
        (strictness != Strictness::Strict || counted.threshold(strictness).is_none()).then_some("minor")
    }

    /// How much its type may be trusted; `None` where it has none.
    pub(super) fn grade(&self) -> Option<Grade> {
        let of = self.declared.type_of.as_ref()?;
        let is_sure = self.counted.is_some_and(|counted| counted.failed == 0) && of.prior == Prior::Sure;
        Some(if is_sure { Grade::Sure } else { Grade::Likely })
    }
}
