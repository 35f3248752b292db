//! Failures that an earlier result has, too.

use super::comparable::Pair;
use super::growth::{a_group_got_worse, got_worse};
use crate::model::{
    AuditReport, DatasetReport, DatasetStatus, IncomparableFailure, KnownFailure, NewOnly, RuleReport, Share, Status,
};

/// Why new failures cannot be told from known ones.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BaselineError {
    /// The baseline is the result of another suite.
    #[error("the baseline is a result of the suite `{found}`, not of `{wanted}`: name an earlier result of this suite")]
    OtherSuite {
        /// Its suite.
        found: String,
        /// The suite of the audit.
        wanted: String,
    },
    /// The baseline is the result of a sample.
    #[error("the baseline is the result of a sample, which does not say which rules failed: name one of all rows")]
    Sample,
    /// The audit of the baseline was stopped early.
    #[error("the audit of the baseline was stopped early, so most rules were not measured: name a whole one")]
    Stopped,
}

/// Makes sure that a result can say which failures of a suite are known.
///
/// # Errors
/// If it is that of another suite, or does not cover all rows.
pub fn check_baseline(baseline: &AuditReport, suite: &str) -> Result<(), BaselineError> {
    if baseline.suite.name != suite {
        return Err(BaselineError::OtherSuite { found: baseline.suite.name.clone(), wanted: suite.to_owned() });
    }
    if baseline.datasets.iter().any(|dataset| dataset.status == DatasetStatus::Sampled) {
        return Err(BaselineError::Sample);
    }
    if baseline.stopped.is_some() { Err(BaselineError::Stopped) } else { Ok(()) }
}

/// The rules that fail, failed in the baseline too, and did not get worse by more than `tolerance` percentage points of the
/// failing share; and the failing rules that are not comparable, which are not known.
pub fn known_failures(
    baseline: &AuditReport,
    datasets: &[DatasetReport],
    rules_hash: &str,
    tolerance: Option<Share>,
) -> NewOnly {
    let pair = Pair::new(baseline, datasets, rules_hash, false);
    let (mut known, mut not_comparable) = (Vec::new(), Vec::new());
    for rule in datasets.iter().flat_map(|dataset| &dataset.rules).filter(|rule| rule.status == Status::Failed) {
        let (then, now) = match pair.outcomes(&rule.dataset, &rule.id) {
            Ok(outcomes) => outcomes,
            Err((why, reason)) => {
                not_comparable.push(IncomparableFailure {
                    dataset: rule.dataset.clone(),
                    rule: rule.id.clone(),
                    severity: rule.severity,
                    why,
                    reason,
                });
                continue;
            }
        };
        let counts = |rule: &RuleReport| (rule.failed, rule.evaluated);
        let is_worse =
            got_worse(now.threshold, counts(then), counts(now), tolerance) || a_group_got_worse(then, now, tolerance);
        // A failure that was waived then and is not now is a failure again.
        if then.status == Status::Failed && !is_worse {
            known.push(KnownFailure {
                dataset: now.dataset.clone(),
                rule: now.id.clone(),
                severity: now.severity,
                unit: now.unit,
                failed_before: then.failed,
                evaluated_before: then.evaluated,
                failed: now.failed,
                evaluated: now.evaluated,
            });
        }
    }
    known.sort_by(|a, b| (&a.dataset, &a.rule).cmp(&(&b.dataset, &b.rule)));
    not_comparable.sort_by(|a, b| (&a.dataset, &a.rule).cmp(&(&b.dataset, &b.rule)));
    NewOnly { baseline: baseline.digest.clone(), as_of: baseline.as_of.clone(), tolerance, known, not_comparable }
}
