//! The status of a rule, decided in one place.

use crate::checks::Outcome;
use crate::model::{
    AsOf, Count, SampledRule, SegmentsReport, ShapesReport, Share, Status, Threshold, Unmeasured, WaiverState,
};
use crate::rules::Rule;

use super::interval::{Interval, Sampled, judge_sample};
use super::waiver::{Accepted, apply_waiver};

/// What became of a rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// Whether it passed.
    pub status: Status,
    /// Its counts.
    pub outcome: Outcome,
    /// Why it could not be judged, or what else needs to be said.
    pub reason: Option<String>,
    /// What a sample says about it, where only a sample was read.
    pub sampled: Option<SampledRule>,
    /// It failed on a part of the rows, after which the audit was stopped.
    pub partial: bool,
    /// The outcomes of groups of rows.
    pub segments: Option<SegmentsReport>,
    /// The shapes of its failing values.
    pub shapes: Option<ShapesReport>,
    /// What its waiver does, if it has one.
    pub waiver: Option<WaiverState>,
}

/// Which rows the readings of a rule come from.
#[derive(Debug)]
pub(super) enum Basis {
    /// All rows.
    Whole,
    /// A sample of the rows of its dataset.
    Sample {
        /// The share that was read.
        share: Share,
        /// Where the failing share of all rows is.
        interval: Interval,
        /// All rows, where they are known.
        rows: Option<u64>,
    },
    /// A sample that does not answer what the rule asks, for this reason.
    Unanswered(String),
    /// The rows up to the place where the audit was stopped, which have more failures than the rule allows.
    Part,
    /// No row, since the audit was stopped before.
    Ended,
}

/// Why a rule was not measured where the audit was stopped early.
pub(super) const ENDED: &str = "the audit was stopped early, since the gate could not pass any more";

/// Decides what became of a rule: its counts against its threshold, in each group of rows too, as far as the rows that
/// were read say, and against its waiver.
pub(super) fn decide(
    rule: &Rule,
    outcome: Result<Outcome, Unmeasured>,
    segments: Option<Result<SegmentsReport, Unmeasured>>,
    basis: Basis,
    as_of: AsOf,
) -> Verdict {
    let accepted = match (&rule.waiver, &outcome) {
        (Some(waiver), Ok(outcome)) => accepted(waiver.at_most, outcome, &basis),
        _ => Accepted::Within,
    };
    let mut verdict = measured(rule, outcome, segments, basis);
    if let Some(waiver) = &rule.waiver {
        let was = verdict.status;
        let (status, state) = apply_waiver(waiver, as_of, was, accepted);
        if was != status && status == Status::Undecided {
            verdict.reason =
                Some("a sample does not say whether there are more failures than the waiver accepts".into());
        }
        verdict.status = status;
        verdict.waiver = Some(state);
    }
    verdict
}

/// Whether the failures are within the limit of a waiver, as far as the rows that were read say.
fn accepted(at_most: Option<Threshold>, outcome: &Outcome, basis: &Basis) -> Accepted {
    match (at_most, basis) {
        (Some(limit), Basis::Sample { interval, rows, .. }) => {
            match judge_sample(limit, outcome.passed, outcome.failed, interval, *rows) {
                Sampled::Met { .. } => Accepted::Within,
                Sampled::Missed { .. } => Accepted::Exceeded,
                Sampled::Open => Accepted::Open,
            }
        }
        _ => Accepted::of_counts(at_most, outcome.passed, outcome.failed),
    }
}

/// The verdict without a waiver.
fn measured(
    rule: &Rule,
    outcome: Result<Outcome, Unmeasured>,
    segments: Option<Result<SegmentsReport, Unmeasured>>,
    basis: Basis,
) -> Verdict {
    if let Basis::Ended = basis {
        let expected = outcome.map(|outcome| outcome.expected).unwrap_or_default();
        let outcome = Outcome { expected, ..Outcome::default() };
        return Verdict { reason: Some(ENDED.to_owned()), ..Verdict::of(rule, outcome) };
    }
    let mut verdict = match outcome {
        Ok(outcome) => Verdict::of(rule, outcome).with_segments(segments),
        Err(unmeasured) => Verdict::unmeasured(&unmeasured),
    };
    let evaluated = verdict.outcome.passed + verdict.outcome.failed;
    match basis {
        Basis::Whole | Basis::Ended => {}
        Basis::Part => {
            verdict.partial = true;
            verdict.segments = None;
            let (failed, judged) = (Count(verdict.outcome.failed), Count(evaluated));
            verdict.outcome.observed = format!("{failed} of the {judged} rows judged so far fail, which is too many");
        }
        Basis::Unanswered(reason) => {
            verdict.status = Status::NotMeasured;
            verdict.reason = Some(reason);
        }
        // What cannot be judged at all stays so.
        Basis::Sample { .. } if verdict.status == Status::Errored => {}
        Basis::Sample { share, interval, rows } => {
            let (passed, failed) = (verdict.outcome.passed, verdict.outcome.failed);
            let judge = |threshold: Threshold| judge_sample(threshold, passed, failed, &interval, rows);
            let (status, certain) = match (judge(rule.threshold), rule.warn.map(judge)) {
                _ if evaluated == 0 => (Status::NotMeasured, false),
                (Sampled::Missed { certain }, _) => (Status::Failed, certain),
                (Sampled::Open, _) | (_, Some(Sampled::Open)) => (Status::Undecided, false),
                (Sampled::Met { certain }, None) => (Status::Passed, certain),
                (Sampled::Met { certain }, Some(Sampled::Met { certain: both })) => (Status::Passed, certain && both),
                (Sampled::Met { certain }, Some(Sampled::Missed { certain: both })) => {
                    (Status::Warned, certain && both)
                }
            };
            verdict.status = status;
            if verdict.segments.take().is_some() && matches!(status, Status::Passed | Status::Warned) {
                verdict.status = Status::Undecided;
                verdict.reason = Some("a sample does not judge the groups of `segment`".to_owned());
            }
            if status == Status::NotMeasured {
                verdict.reason = Some("no row of the sample is in scope".to_owned());
            }
            verdict.outcome.observed = format!("in a sample: {}", verdict.outcome.observed);
            // A sample does not know the positions of rows in the file.
            verdict.outcome.failing_rows.clear();
            verdict.sampled = Some(SampledRule {
                share,
                failing_at_least: interval.lower,
                failing_at_most: interval.upper,
                effective_rows: interval.effective_rows,
                certain,
            });
        }
    }
    verdict
}

impl Verdict {
    /// Counts of all rows against the thresholds of the rule.
    fn of(rule: &Rule, outcome: Outcome) -> Self {
        let meets = |threshold: Threshold| threshold.accepts(outcome.passed, outcome.failed);
        let status = if outcome.passed + outcome.failed == 0 {
            Status::NotMeasured
        } else if !meets(rule.threshold) {
            Status::Failed
        } else if rule.warn.is_some_and(|warn| !meets(warn)) {
            Status::Warned
        } else {
            Status::Passed
        };
        let reason = outcome.reason.clone();
        Self { status, outcome, reason, sampled: None, partial: false, segments: None, shapes: None, waiver: None }
    }

    /// Without counts. What the engine does not support is not measured; anything else is an error.
    fn unmeasured(why: &Unmeasured) -> Self {
        let status = match why {
            Unmeasured::Unsupported(_) => Status::NotMeasured,
            Unmeasured::Unreadable(_) | Unmeasured::Stopped | Unmeasured::Cancelled | Unmeasured::Broken { .. } => {
                Status::Errored
            }
        };
        Self {
            status,
            outcome: Outcome::default(),
            reason: Some(why.to_string()),
            sampled: None,
            partial: false,
            segments: None,
            shapes: None,
            waiver: None,
        }
    }

    /// The shapes of the failing values, where there are failures.
    pub(super) fn with_shapes(self, shapes: Option<ShapesReport>) -> Self {
        let fails = self.outcome.failed > 0;
        Self { shapes: shapes.filter(|_| fails), ..self }
    }

    /// Each group of rows must meet the threshold, too.
    fn with_segments(mut self, segments: Option<Result<SegmentsReport, Unmeasured>>) -> Self {
        match segments {
            Some(_) if self.status == Status::NotMeasured => {}
            Some(Ok(segments)) => {
                if segments.failing > 0 {
                    self.status = Status::Failed;
                }
                self.segments = Some(segments);
            }
            // Without its groups half of the verdict is missing, so there is none.
            Some(Err(unmeasured)) => return Self::unmeasured(&unmeasured),
            None => {}
        }
        self
    }
}
