//! What a waiver does to a rule. Pure: a stored result can be judged again with the waivers of a changed suite.

use crate::model::{AsOf, RuleReport, Status, Threshold, Waiver, WaiverReport, WaiverState};

/// A waiver that ends in so many days is about to expire.
const EXPIRES_SOON: i64 = 30;

/// Whether the failures of a rule are within what a waiver accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    /// They are.
    Within,
    /// They are more.
    Exceeded,
    /// A sample does not say.
    Open,
}

impl Accepted {
    /// Compares the counts of all rows, or of a part that has too many failures already, with the limit of a waiver.
    pub fn of_counts(at_most: Option<Threshold>, passed: u64, failed: u64) -> Self {
        let is_within = at_most.is_none_or(|limit| limit.accepts(passed, failed));
        if is_within { Self::Within } else { Self::Exceeded }
    }
}

/// The status of a rule that has a waiver, and what the waiver does. `status` is that of the rule without it.
///
/// Only a failed rule is waived. One that was not judged stays so: a waiver hides no missing measurement.
pub fn apply_waiver(waiver: &Waiver, as_of: AsOf, status: Status, accepted: Accepted) -> (Status, WaiverState) {
    let days_left = waiver.until.days_after(as_of);
    match status {
        Status::Failed | Status::Waived if days_left < 0 => (Status::Failed, WaiverState::Expired),
        Status::Failed | Status::Waived => match accepted {
            Accepted::Exceeded => (Status::Failed, WaiverState::Exceeded),
            Accepted::Open => (Status::Undecided, WaiverState::NotJudged),
            Accepted::Within if days_left <= EXPIRES_SOON => (Status::Waived, WaiverState::Expiring),
            Accepted::Within => (Status::Waived, WaiverState::Active),
        },
        Status::Passed | Status::Warned => (status, WaiverState::Unneeded),
        Status::Errored | Status::Undecided | Status::NotMeasured => (status, WaiverState::NotJudged),
    }
}

/// What is reported about a waiver, beside the report of its rule.
pub fn waiver_report(waiver: &Waiver, as_of: AsOf, state: WaiverState, rule: &RuleReport) -> WaiverReport {
    WaiverReport {
        rule: rule.id.clone(),
        dataset: rule.dataset.clone(),
        state,
        status: rule.status,
        until: waiver.until,
        days_left: waiver.until.days_after(as_of),
        by: waiver.by.clone(),
        because: waiver.because.clone(),
        at_most: waiver.at_most,
        unit: rule.unit,
        evaluated: rule.evaluated,
        failed: rule.failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::CalendarDate;

    fn waiver(at_most: Option<Threshold>) -> Waiver {
        let until = CalendarDate::parse("2026-12-31").unwrap();
        Waiver { until, by: "G01".to_owned(), because: "it is known".to_owned(), at_most }
    }

    fn apply(as_of: &str, status: Status, accepted: Accepted) -> (Status, WaiverState) {
        apply_waiver(&waiver(None), AsOf::parse(as_of).unwrap(), status, accepted)
    }

    #[test]
    fn a_failed_rule_is_waived_up_to_the_last_date() {
        for (as_of, expected) in [
            ("2026-11-30", (Status::Waived, WaiverState::Active)),
            ("2026-12-01", (Status::Waived, WaiverState::Expiring)),
            ("2026-12-31T23:59:59", (Status::Waived, WaiverState::Expiring)),
            ("2027-01-01", (Status::Failed, WaiverState::Expired)),
        ] {
            assert_eq!(apply(as_of, Status::Failed, Accepted::Within), expected, "{as_of}");
            // The status of a stored result that was waived then.
            assert_eq!(apply(as_of, Status::Waived, Accepted::Within), expected, "{as_of}");
        }
    }

    #[test]
    fn failures_beyond_the_limit_are_not_waived() {
        assert_eq!(apply("2026-11-01", Status::Failed, Accepted::Exceeded), (Status::Failed, WaiverState::Exceeded));
        assert_eq!(apply("2027-01-01", Status::Failed, Accepted::Exceeded), (Status::Failed, WaiverState::Expired));
        assert_eq!(apply("2026-11-01", Status::Failed, Accepted::Open), (Status::Undecided, WaiverState::NotJudged));
        for (limit, failed, accepted) in [
            (None, u64::MAX, Accepted::Within),
            (Some(Threshold::AtMostRows(500)), 500, Accepted::Within),
            (Some(Threshold::AtMostRows(500)), 501, Accepted::Exceeded),
            // 0.5 % of 1,000 rows
            (Some(Threshold::AtMostShare(5_000)), 5, Accepted::Within),
            (Some(Threshold::AtMostShare(5_000)), 6, Accepted::Exceeded),
        ] {
            assert_eq!(Accepted::of_counts(limit, 1_000_u64.saturating_sub(failed), failed), accepted, "{limit:?}");
        }
    }

    #[test]
    fn only_a_failed_rule_is_waived() {
        for (status, state) in [
            (Status::Passed, WaiverState::Unneeded),
            (Status::Warned, WaiverState::Unneeded),
            (Status::Errored, WaiverState::NotJudged),
            (Status::NotMeasured, WaiverState::NotJudged),
            (Status::Undecided, WaiverState::NotJudged),
        ] {
            for as_of in ["2026-11-01", "2026-12-31", "2027-01-01"] {
                assert_eq!(apply(as_of, status, Accepted::Within), (status, state), "{status:?}");
            }
        }
    }
}
