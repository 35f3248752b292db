//! Whether failures grew.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use num_bigint::BigUint;

use crate::model::{RuleReport, SegmentsReport, Share, Threshold};

/// The failing share of the newer counts beside that of the older ones, exactly; where so many rows must pass, the rows that do not
/// pass any more.
pub(super) fn order(old: &RuleReport, new: &RuleReport) -> Ordering {
    if is_about_passing(new.threshold) {
        return passing((old.failed, old.evaluated)).cmp(&passing((new.failed, new.evaluated)));
    }
    let share = |failed: u64, evaluated: u64| u128::from(failed) * u128::from(evaluated);
    share(new.failed, old.evaluated).cmp(&share(old.failed, new.evaluated))
}

/// Whether a number of rows must pass. Then fewer that pass are worse, whatever share fails.
const fn is_about_passing(threshold: Threshold) -> bool {
    matches!(threshold, Threshold::AtLeastRows(_))
}

/// What passes of (failed, evaluated).
const fn passing((failed, evaluated): (u64, u64)) -> u64 {
    evaluated.saturating_sub(failed)
}

/// Whether a rule that fails by this threshold got worse by more than `tolerance`: counts are (failed, evaluated). Where a number of
/// rows must pass, there is no tolerance, which is for shares.
pub(super) fn got_worse(threshold: Threshold, old: (u64, u64), new: (u64, u64), tolerance: Option<Share>) -> bool {
    if is_about_passing(threshold) { passing(new) < passing(old) } else { rose(old, new, tolerance) }
}

/// Whether a failing share rose by more than `tolerance` percentage points: counts are (failed, evaluated).
fn rose(old: (u64, u64), new: (u64, u64), tolerance: Option<Share>) -> bool {
    let product = |a: u64, b: u64| BigUint::from(a) * b;
    let tolerance = tolerance.map_or(0, Share::millionths);
    // new / evaluated - old / evaluated > tolerance, without a division.
    product(new.0, old.1) * Share::WHOLE.millionths()
        > product(old.0, new.1) * Share::WHOLE.millionths() + product(old.1, new.1) * tolerance
}

/// Whether a group of rows fails that did not fail before, or whose failing share rose by more than `tolerance`. The groups
/// that are shown as one count as one group, and only if there are as many.
pub(super) fn a_group_got_worse(old: &RuleReport, new: &RuleReport, tolerance: Option<Share>) -> bool {
    let threshold = new.threshold;
    let (old, new) = match (&old.segments, &new.segments) {
        (_, None) => return false,
        (None, Some(new)) => return new.failing > 0,
        (Some(old), Some(new)) => (old, new),
    };
    let failing = |report: &SegmentsReport| -> BTreeMap<_, _> {
        let failing = report.shown.iter().filter(|segment| !segment.meets);
        failing.map(|segment| (segment.values.clone(), (segment.failed, segment.evaluated))).collect()
    };
    let before = failing(old);
    let is_worse = |(values, now): (&Vec<_>, &(u64, u64))| {
        before.get(values).is_none_or(|then| got_worse(threshold, *then, *now, tolerance))
    };
    let suppressed = match (old.suppressed, new.suppressed) {
        (_, None) => false,
        (_, Some(now)) if now.meets => false,
        (Some(then), Some(now)) => {
            then.meets
                || then.groups != now.groups
                || got_worse(threshold, (then.failed, then.evaluated), (now.failed, now.evaluated), tolerance)
        }
        (None, Some(_)) => true,
    };
    failing(new).iter().any(is_worse) || suppressed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_rises_by_more_than_the_tolerance() {
        let tenth = Share::parse("0.1%");
        // 1 % to 1.1 % is 0.1 points, to 1.101 % is more.
        assert!(!rose((10, 1_000), (11, 1_000), tenth));
        assert!(rose((1_000, 100_000), (1_101, 100_000), tenth));
        assert!(rose((10, 1_000), (11, 1_000), None));
        assert!(!rose((10, 1_000), (20, 2_000), None));
        assert!(!rose((10, 1_000), (9, 1_000), None));
        // As exact where counts are large.
        assert!(rose((1, u64::MAX), (2, u64::MAX), None));
        assert!(!rose((u64::MAX - 1, u64::MAX), (u64::MAX, u64::MAX), tenth));
    }
}
