//! Groups of rows, each judged by the threshold of the rule.

use crate::model::{LEAST_SEGMENT_ROWS, Score, Segment, SegmentReport, SegmentsReport, SuppressedSegments, Threshold};

/// Judges the groups of a rule. Groups with few judged rows are shown, and judged, as one. If together they still have
/// few, the next smallest group is added, so that no small group can be calculated from the totals.
pub(super) fn judge_segments(columns: &[String], segments: &[Segment], threshold: Threshold) -> SegmentsReport {
    let evaluated = |segment: &Segment| segment.passed + segment.failed;
    let (judged, empty): (Vec<&Segment>, Vec<&Segment>) = segments.iter().partition(|segment| evaluated(segment) > 0);
    let (mut large, mut small): (Vec<&Segment>, Vec<&Segment>) =
        judged.into_iter().partition(|segment| evaluated(segment) >= LEAST_SEGMENT_ROWS);
    if !small.is_empty() && small.iter().map(|segment| evaluated(segment)).sum::<u64>() < LEAST_SEGMENT_ROWS {
        let smallest = (0..large.len()).min_by_key(|at| evaluated(large[*at]));
        small.extend(smallest.map(|at| large.remove(at)));
    }
    let suppressed = (!small.is_empty()).then(|| {
        let passed = small.iter().map(|segment| segment.passed).sum();
        let failed = small.iter().map(|segment| segment.failed).sum();
        let meets = threshold.accepts(passed, failed);
        SuppressedSegments { groups: small.len() as u64, evaluated: passed + failed, passed, failed, meets }
    });
    let shown: Vec<SegmentReport> = large
        .into_iter()
        .filter_map(|segment| {
            let evaluated = evaluated(segment);
            Some(SegmentReport {
                values: segment.values.clone(),
                evaluated,
                passed: segment.passed,
                failed: segment.failed,
                not_applicable: segment.not_applicable,
                rate: Score::rate(segment.passed, evaluated)?,
                meets: threshold.accepts(segment.passed, segment.failed),
            })
        })
        .collect();
    let not_measured = empty.len() as u64;
    ranked(SegmentsReport { columns: columns.to_vec(), failing: 0, shown, suppressed, not_measured })
}

/// Judges groups of an earlier report by a threshold. Which groups are shown as one does not depend on it.
pub(super) fn judge_segments_again(mut report: SegmentsReport, threshold: Threshold) -> SegmentsReport {
    for segment in &mut report.shown {
        segment.meets = threshold.accepts(segment.passed, segment.failed);
    }
    if let Some(suppressed) = &mut report.suppressed {
        suppressed.meets = threshold.accepts(suppressed.passed, suppressed.failed);
    }
    ranked(report)
}

/// Puts the worst groups first, and counts those that do not meet the threshold.
fn ranked(mut report: SegmentsReport) -> SegmentsReport {
    report.shown.sort_by(|a, b| {
        // By the exact share of failures, the largest first.
        let (left, right) =
            (u128::from(a.failed) * u128::from(b.evaluated), u128::from(b.failed) * u128::from(a.evaluated));
        a.meets.cmp(&b.meets).then(right.cmp(&left)).then_with(|| a.values.cmp(&b.values))
    });
    let failing = report.shown.iter().filter(|segment| !segment.meets).count() as u64;
    report.failing = failing + u64::from(report.suppressed.is_some_and(|suppressed| !suppressed.meets));
    report
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SegmentValue;

    fn segment(name: &str, passed: u64, failed: u64) -> Segment {
        Segment { values: vec![SegmentValue::Value(name.to_owned())], passed, failed, not_applicable: 1 }
    }

    fn judge(segments: &[Segment], least: &str) -> SegmentsReport {
        judge_segments(&["province".to_owned()], segments, Threshold::parse(least, false).unwrap())
    }

    fn names(report: &SegmentsReport) -> Vec<String> {
        report.shown.iter().map(|segment| segment.values[0].to_string()).collect()
    }

    #[test]
    fn each_group_meets_the_threshold_or_not() {
        let all = [segment("a", 95, 5), segment("b", 80, 20), segment("c", 5, 0), segment("d", 0, 0)];
        let report = judge(&all, "90%");
        assert_eq!(names(&report), ["b", "a", "c"]);
        assert_eq!((report.failing, report.not_measured, report.suppressed), (1, 1, None));
    }

    #[test]
    fn small_groups_are_shown_as_one() {
        let all = [segment("a", 95, 5), segment("b", 3, 1), segment("c", 0, 4)];
        let report = judge(&all, "90%");
        assert_eq!(names(&report), ["a"]);
        let together = SuppressedSegments { groups: 2, evaluated: 8, passed: 3, failed: 5, meets: false };
        assert_eq!((report.suppressed, report.failing), (Some(together), 1));
    }

    #[test]
    fn a_single_small_group_cannot_be_worked_out() {
        let all = [segment("a", 95, 5), segment("b", 3, 1), segment("c", 6, 0)];
        let report = judge(&all, "90%");
        assert_eq!(names(&report), ["a"]);
        let together = SuppressedSegments { groups: 2, evaluated: 10, passed: 9, failed: 1, meets: true };
        assert_eq!((report.suppressed, report.failing), (Some(together), 0));
        let alone = judge(&[segment("b", 3, 1)], "90%");
        assert_eq!(alone.suppressed.map(|suppressed| suppressed.evaluated), Some(4));
        assert_eq!(judge(&[], "90%").suppressed, None);
    }
}
