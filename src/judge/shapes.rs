//! The shapes of failing values that a report shows.

use crate::checks::Outcome;
use crate::engine::Execution;
use crate::model::{
    LEAST_SHAPE_VALUES, MeasureKind, OtherShapes, Reading, SHAPES_SHOWN, ShapeReport, ShapeTally, ShapesReport,
    uncomposed_name,
};

use super::case::Case;

/// The shapes of the failing values of a rule, if its failing rows are those of a test of one column.
pub(super) fn shapes_of(
    case: &Case<'_>,
    rule: usize,
    execution: &Execution,
    outcome: &Outcome,
) -> Option<ShapesReport> {
    let mut tested = case.measured(rule).filter_map(|(at, measure)| {
        let (MeasureKind::Rows(predicate), Ok(Reading::Rows(tally))) = (&measure.kind, execution.reading(at)) else {
            return None;
        };
        Some((predicate.judged_column()?, tally))
    });
    let (column, tally) = tested.find(|(_, tally)| tally.failed == outcome.failed)?;
    report(uncomposed_name(column).unwrap_or(column), tally.shapes.as_ref()?)
}

/// What is shown of shapes: the most frequent ones, equally frequent ones in the order of their text.
///
/// A shape of few values is not shown. If few values are left, the rarest shape that could be shown joins them, so that no
/// total gives them away.
fn report(column: &str, tally: &ShapeTally) -> Option<ShapesReport> {
    let ShapeTally::Counted(counts) = tally else {
        return Some(ShapesReport { column: column.to_owned(), shown: Vec::new(), other: None, too_many: true });
    };
    let mut ranked: Vec<(&String, u64)> = counts.iter().map(|(shape, values)| (shape, *values)).collect();
    ranked.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    let sum = |shapes: &[(&String, u64)]| shapes.iter().map(|(_, values)| values).sum::<u64>();
    let large = ranked.iter().take(SHAPES_SHOWN).take_while(|(_, values)| *values >= LEAST_SHAPE_VALUES).count();
    let left = sum(&ranked[large..]);
    let shown = if (1..LEAST_SHAPE_VALUES).contains(&left) { large.saturating_sub(1) } else { large };
    let (shown, other) = ranked.split_at_checked(shown)?;
    let other = OtherShapes { values: sum(other), shapes: other.len() as u64 };
    let of = |(shape, values): &(&String, u64)| ShapeReport { shape: (*shape).clone(), values: *values };
    (!ranked.is_empty()).then(|| ShapesReport {
        column: column.to_owned(),
        shown: shown.iter().map(of).collect(),
        other: Some(other).filter(|other| other.values > 0),
        too_many: false,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Shown counts, and the values and shapes of the others.
    fn shown(counts: &[u64]) -> (Vec<u64>, Option<(u64, u64)>) {
        let mut tally = ShapeTally::default();
        counts.iter().enumerate().for_each(|(at, values)| tally.add(&"-".repeat(at + 1), *values));
        let report = report("c", &tally).unwrap();
        let shown = report.shown.iter().map(|shape| shape.values).collect();
        (shown, report.other.map(|other| (other.values, other.shapes)))
    }

    #[test]
    fn shapes_of_few_values_are_counted_together() {
        for (counts, expected) in [
            (&[9][..], (vec![9], None)),
            (&[4], (vec![], Some((4, 1)))),
            (&[5, 30], (vec![30, 5], None)),
            // 4 are left: the 9 join them.
            (&[9, 30, 4], (vec![30], Some((13, 2)))),
            (&[9, 1], (vec![], Some((10, 2)))),
            (&[9, 30, 4, 1], (vec![30, 9], Some((5, 2)))),
            // Only the five most frequent; 6 are many enough to be counted alone.
            (&[6, 7, 8, 9, 10, 11], (vec![11, 10, 9, 8, 7], Some((6, 1)))),
            (&[3, 7, 8, 9, 10, 11], (vec![11, 10, 9, 8], Some((10, 2)))),
        ] {
            assert_eq!(shown(counts), expected, "{counts:?}");
        }
    }

    #[test]
    fn equally_frequent_shapes_are_in_the_order_of_their_text() {
        let mut tally = ShapeTally::default();
        for shape in ["b", "-", "a"] {
            tally.add(shape, 5);
        }
        let shown: Vec<String> = report("c", &tally).unwrap().shown.into_iter().map(|shape| shape.shape).collect();
        assert_eq!(shown, ["-", "a", "b"]);
        assert_eq!(report("c", &ShapeTally::default()), None);
        let many = report("c", &ShapeTally::TooMany).unwrap();
        assert!(many.too_many && many.shown.is_empty() && many.other.is_none());
    }

    proptest! {
        #[test]
        fn no_total_gives_a_small_group_away(counts in prop::collection::vec(1_u64..12, 1..12)) {
            let (values, other) = shown(&counts);
            prop_assert!(values.len() <= 5 && values.iter().all(|values| *values >= 5));
            let (left, shapes) = other.unwrap_or_default();
            let all = counts.iter().sum::<u64>();
            prop_assert_eq!(values.iter().sum::<u64>() + left, all);
            prop_assert_eq!(values.len() as u64 + shapes, counts.len() as u64);
            prop_assert!(left == 0 || left >= 5 || left == all);
        }
    }
}
