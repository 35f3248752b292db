//! Failures that were to be repaired by a date.

use crate::model::{AsOf, CalendarDate, Status};

/// The days since a rule with failures is overdue. A waiver accepts its failures for the gate and moves no date. Of a rule that
/// was not judged nobody knows whether they are repaired.
pub fn overdue_days(due: CalendarDate, as_of: AsOf, status: Status) -> Option<u64> {
    let has_failures = matches!(status, Status::Failed | Status::Waived);
    u64::try_from(-due.days_after(as_of)).ok().filter(|days| has_failures && *days > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_overdue_the_day_after() {
        let overdue = |as_of: &str, status| {
            overdue_days(CalendarDate::parse("2027-01-31").unwrap(), AsOf::parse(as_of).unwrap(), status)
        };
        for (as_of, days) in [("2026-12-31", None), ("2027-01-31T23:59:59", None), ("2027-02-01", Some(1))] {
            for status in [Status::Failed, Status::Waived] {
                assert_eq!(overdue(as_of, status), days, "{as_of}");
            }
            for status in [Status::Passed, Status::Warned, Status::Errored, Status::Undecided, Status::NotMeasured] {
                assert_eq!(overdue(as_of, status), None, "{as_of}");
            }
        }
        assert_eq!(overdue("2028-01-31", Status::Failed), Some(365));
    }
}
