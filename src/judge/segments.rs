//! Groups of rows, each judged by the threshold of the rule.

use crate::model::{LEAST_SEGMENT_ROWS, Score, Segment, SegmentReport, SegmentsReport, SuppressedSegments, Threshold};

/// Judges the groups of a rule; `is_hidden` says which of them no rule shows. These are shown as one.
///
/// A hidden group with enough judged rows is judged by itself nevertheless, so that others do not make up for it. Those with
/// few are judged as one, with the smallest of the others if together they still have few.
pub(super) fn judge_segments(
    columns: &[String],
    segments: &[Segment],
    threshold: Threshold,
    is_hidden: &dyn Fn(&Segment) -> bool,
) -> SegmentsReport {
    let evaluated = |segment: &Segment| segment.passed + segment.failed;
    let (judged, empty): (Vec<&Segment>, Vec<&Segment>) = segments.iter().partition(|segment| evaluated(segment) > 0);
    let (hidden, large): (Vec<&Segment>, Vec<&Segment>) = judged.into_iter().partition(|segment| is_hidden(segment));
    let suppressed = (!hidden.is_empty()).then(|| suppress(&hidden, threshold));
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

/// The hidden groups of a rule as one.
fn suppress(hidden: &[&Segment], threshold: Threshold) -> SuppressedSegments {
    let counts = |segment: &&Segment| (segment.passed, segment.failed);
    let (small, mut apart): (Vec<_>, Vec<_>) =
        hidden.iter().map(counts).partition(|(passed, failed)| passed + failed < LEAST_SEGMENT_ROWS);
    let sum = |counts: &[(u64, u64)]| counts.iter().fold((0, 0), |sum, (p, f)| (sum.0 + p, sum.1 + f));
    if !small.is_empty() {
        let (mut passed, mut failed) = sum(&small);
        if passed + failed < LEAST_SEGMENT_ROWS
            && let Some(smallest) = (0..apart.len()).min_by_key(|at| apart[*at].0 + apart[*at].1)
        {
            let joined = apart.remove(smallest);
            (passed, failed) = (passed + joined.0, failed + joined.1);
        }
        apart.push((passed, failed));
    }
    let meets = apart.iter().all(|(passed, failed)| threshold.accepts(*passed, *failed));
    let (passed, failed) = sum(&apart);
    let (groups, judged_apart) = (hidden.len() as u64, apart.len() > 1);
    SuppressedSegments { groups, evaluated: passed + failed, passed, failed, meets, judged_apart }
}

/// Whether groups of an earlier report can be judged by another threshold: not where groups were judged one by one whose
/// counts the report does not show.
pub(super) fn can_be_judged_again(report: &SegmentsReport) -> bool {
    report.suppressed.is_none_or(|suppressed| !suppressed.judged_apart)
}

/// Judges groups of an earlier report by a threshold. Which groups are shown as one does not depend on it.
pub(super) fn judge_segments_again(mut report: SegmentsReport, threshold: Threshold) -> SegmentsReport {
    for segment in &mut report.shown {
        segment.meets = threshold.accepts(segment.passed, segment.failed);
    }
    if let Some(suppressed) = report.suppressed.as_mut().filter(|suppressed| !suppressed.judged_apart) {
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
    use proptest::prelude::*;

    use super::*;
    use crate::model::SegmentValue;

    fn segment(name: &str, passed: u64, failed: u64) -> Segment {
        Segment { values: vec![SegmentValue::Value(name.to_owned())], passed, failed, not_applicable: 1 }
    }

    fn judge(segments: &[Segment], hidden: &[&str], least: &str) -> SegmentsReport {
        let is_hidden = |segment: &Segment| hidden.contains(&segment.values[0].to_string().as_str());
        judge_segments(&["province".to_owned()], segments, Threshold::parse(least, false).unwrap(), &is_hidden)
    }

    fn names(report: &SegmentsReport) -> Vec<String> {
        report.shown.iter().map(|segment| segment.values[0].to_string()).collect()
    }

    /// Groups, judged rows, passed and failed rows, whether they meet the threshold and were judged apart.
    fn together(report: &SegmentsReport) -> (u64, [u64; 3], bool, bool) {
        let few = report.suppressed.unwrap();
        (few.groups, [few.evaluated, few.passed, few.failed], few.meets, few.judged_apart)
    }

    #[test]
    fn each_group_meets_the_threshold_or_not() {
        let all = [segment("a", 95, 5), segment("b", 80, 20), segment("c", 5, 0), segment("d", 0, 0)];
        let report = judge(&all, &[], "90%");
        assert_eq!(names(&report), ["b", "a", "c"]);
        assert_eq!((report.failing, report.not_measured, report.suppressed), (1, 1, None));
        assert_eq!(judge(&[], &[], "90%").suppressed, None);
    }

    #[test]
    fn hidden_groups_are_shown_as_one() {
        let all = [segment("a", 95, 5), segment("b", 3, 1), segment("c", 0, 4), segment("d", 0, 0)];
        let report = judge(&all, &["b", "c", "d"], "90%");
        assert_eq!(names(&report), ["a"]);
        assert_eq!((together(&report), report.failing), ((2, [8, 3, 5], false, false), 1));
        assert_eq!(report.not_measured, 1);
    }

    #[test]
    fn a_few_rows_are_judged_with_the_smallest_hidden_group() {
        let all = [segment("a", 95, 5), segment("b", 3, 1), segment("c", 6, 0)];
        let report = judge(&all, &["b", "c"], "90%");
        assert_eq!((together(&report), report.failing), ((2, [10, 9, 1], true, false), 0));
        let alone = judge(&[segment("b", 3, 1)], &["b"], "90%");
        assert_eq!(together(&alone), (1, [4, 3, 1], false, false));
    }

    #[test]
    fn a_large_hidden_group_does_not_make_up_for_another() {
        let all = [segment("a", 95, 5), segment("b", 980, 20), segment("c", 6, 4)];
        let report = judge(&all, &["b", "c"], "95%");
        assert_eq!((together(&report), report.failing), ((2, [1_010, 986, 24], false, true), 1));
        let met = judge(&all, &["b", "c"], "60%");
        assert_eq!((together(&met), met.failing), ((2, [1_010, 986, 24], true, true), 0));
        // The counts do not show what another threshold makes of them.
        assert!(!can_be_judged_again(&met));
        assert!(can_be_judged_again(&judge(&all, &["b"], "60%")));
    }

    proptest! {
        /// Each judgement is about at least five rows, where there are so many, and all rows are in exactly one.
        #[test]
        fn hidden_groups_are_judged_as_finely_as_it_is_safe(
            groups in prop::collection::vec((0_u64..8, 0_u64..4), 1..8),
            allowed in 0_u64..6,
        ) {
            let all: Vec<Segment> = groups.iter().map(|(passed, failed)| segment("x", *passed, *failed)).collect();
            let threshold = Threshold::parse(&format!("{allowed} rows"), true).unwrap();
            let report = judge_segments(&["province".to_owned()], &all, threshold, &|_| true);
            let judged: Vec<(u64, u64)> = groups.into_iter().filter(|(p, f)| p + f > 0).collect();
            let Some(few) = report.suppressed else {
                prop_assert!(judged.is_empty());
                return Ok(());
            };
            let (large, small): (Vec<_>, Vec<_>) = judged.iter().partition(|(p, f)| p + f >= 5);
            let rows = small.iter().map(|(p, f)| p + f).sum::<u64>();
            let failed = small.iter().map(|(_, f)| f).sum::<u64>();
            prop_assert_eq!(few.failed, judged.iter().map(|(_, f)| f).sum::<u64>());
            prop_assert_eq!(few.evaluated, few.passed + few.failed);
            // Whatever joins the small ones, no large group has more failures than are allowed.
            if few.meets {
                prop_assert!(large.iter().all(|(_, f)| *f <= allowed) && failed <= allowed);
            } else if rows == 0 || rows >= 5 {
                prop_assert!(large.iter().any(|(_, f)| *f > allowed) || failed > allowed);
            }
        }
    }
}
