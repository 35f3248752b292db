//! What each finding is worth: the scores of a dataset with the failures of one rule repaired.

use std::cmp::Reverse;

use super::dataset::geometric_mean;
use super::fraction::Fraction;
use super::units::{Units, capped, is_measured, vetoes};
use crate::model::{Dimension, LEAST_SEGMENT_ROWS, Records, RepairReport, RuleReport, Score, SuppressedSegments};

/// What the repair of each rule with failures is worth, the greatest first: by points of the dataset's score, then by clean
/// records, then by id. Repaired means that its failures count as passed, and nothing else changes.
///
/// A repair raises one rate in the mean of its dimension, by a share that is known; so the new mean is the old one and that
/// share, exactly, and no other rule is looked at again.
pub fn repairs(rules: &[RuleReport], records: Option<&Records>) -> Vec<RepairReport> {
    let dimensions: Vec<Scored<'_>> =
        Dimension::ALL.iter().filter_map(|dimension| Scored::of(*dimension, rules)).collect();
    let before = scores(dimensions.iter().map(|scored| &scored.share));
    let mut repairs = Vec::new();
    for (at, scored) in dimensions.iter().enumerate() {
        for (rule, share) in scored.repaired() {
            let others = dimensions.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, other)| &other.share);
            let after = scores(others.chain([&share]));
            let (at_least, at_most) = records.map_or((0, 0), |records| clean_records(records, &rule.id));
            repairs.push(RepairReport {
                rule: rule.id.clone(),
                dimension: rule.dimension,
                score_points: points(before.0, after.0),
                dimension_points: points(scored.share.floor(), share.floor()),
                worst_dimension_points: points(before.1, after.1),
                clean_records_at_least: at_least,
                clean_records_at_most: at_most,
            });
        }
    }
    let key = |repair: &RepairReport| {
        let records = (Reverse(repair.clean_records_at_most), Reverse(repair.clean_records_at_least));
        (Reverse(repair.score_points), records, repair.rule.clone())
    };
    repairs.sort_by_cached_key(key);
    repairs
}

/// A measured dimension as it is scored.
struct Scored<'r> {
    units: Units<'r>,
    /// The mean of the units.
    mean: Fraction,
    /// The failed critical rules.
    vetoes: usize,
    /// The mean, cut by a veto.
    share: Fraction,
}

impl<'r> Scored<'r> {
    /// `None` where nothing was measured.
    fn of(dimension: Dimension, rules: &'r [RuleReport]) -> Option<Self> {
        let own = || rules.iter().filter(|rule| rule.dimension == dimension);
        let units = Units::of(&own().filter(|rule| is_measured(rule)).collect::<Vec<_>>());
        let (mean, vetoes) = (units.mean()?, own().filter(|rule| vetoes(rule)).count());
        let share = capped(mean.clone(), vetoes > 0);
        Some(Self { units, mean, vetoes, share })
    }

    /// Each rule with failures, with the share of the dimension after its repair.
    fn repaired(&self) -> impl Iterator<Item = (&'r RuleReport, Fraction)> {
        let all = self.units.weight();
        let rules = self.units.iter().flat_map(|unit| unit.0.iter().map(move |rule| (unit, *rule)));
        rules.filter(|(_, rule)| rule.failed > 0).map(move |(unit, rule)| {
            let gained = Fraction::new(rule.failed, rule.evaluated);
            let gained = gained.times(rule.weight.into(), unit.weights()).times(unit.weight().into(), all);
            let lifted = usize::from(vetoes(rule) && passes_repaired(rule));
            (rule, capped(self.mean.plus(&gained), self.vetoes > lifted))
        })
    }
}

/// The score of a dataset with these dimensions, and the lowest score among them.
fn scores<'f>(shares: impl Iterator<Item = &'f Fraction> + Clone) -> (Score, Score) {
    let worst = shares.clone().min().map_or(Score::ZERO, Fraction::floor);
    (geometric_mean(&shares.collect::<Vec<_>>()).unwrap_or(Score::ZERO), worst)
}

/// The points from one score to another, which is not lower.
const fn points(before: Score, after: Score) -> Score {
    Score::from_hundredths(after.hundredths().saturating_sub(before.hundredths()))
}

/// Whether a rule without failures passes: too few rows for `at_least: 20 rows` still fail it, also in a group of rows.
fn passes_repaired(rule: &RuleReport) -> bool {
    let groups = rule.segments.iter().flat_map(|segments| {
        // Of groups that were judged one by one it is known only that each had enough rows to be judged.
        let fewest = |few: SuppressedSegments| if few.judged_apart { LEAST_SEGMENT_ROWS } else { few.evaluated };
        segments.shown.iter().map(|group| group.evaluated).chain(segments.suppressed.map(fewest))
    });
    groups.chain([rule.evaluated]).all(|evaluated| rule.threshold.accepts(evaluated, 0))
}

/// The fewest and the most records that become clean with the repair of a rule.
///
/// The rows that stay unclean are those that fail any other rule: at least as many as the one of them with most rows, and at
/// most all of their rows, where no row fails two of them.
fn clean_records(records: &Records, rule: &str) -> (u64, u64) {
    let unclean = records.total.saturating_sub(records.clean);
    let (own, others): (Vec<_>, Vec<_>) = records.unclean_by.iter().partition(|by| by.rule == rule);
    let own: u64 = own.iter().map(|by| by.rows).sum();
    let most_of_one = others.iter().map(|by| by.rows).max().unwrap_or(0);
    let of_others = others.iter().fold(0_u64, |sum, by| sum.saturating_add(by.rows));
    let at_most = own.min(unclean.saturating_sub(most_of_one));
    (unclean.saturating_sub(of_others).min(at_most), at_most)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::dataset::score_dataset;
    use super::super::dataset::tests::rule;
    use super::*;
    use crate::model::{Bands, Severity, Status, Threshold, UncleanBy};

    fn unclean(total: u64, clean: u64, by: &[(&str, u64)]) -> Records {
        let by = by.iter().map(|(rule, rows)| UncleanBy { rule: (*rule).to_owned(), rows: *rows });
        Records { total, clean, rules: 3, rate: None, unclean_by: by.collect() }
    }

    /// The worked example of docs/scores.md.
    #[test]
    fn the_worked_example() {
        let critical = |rule: RuleReport| RuleReport { severity: Severity::Critical, weight: 3, ..rule };
        let phone = RuleReport { dimension: Dimension::Sufficient, ..rule("phone", &["phone"], 640, 1_000) };
        let rules = [critical(rule("id", &["id"], 990, 1_000)), rule("dob", &["dob"], 900, 950), phone];
        let records = unclean(1_000, 600, &[("phone", 360), ("dob", 50), ("id", 10)]);
        assert_eq!(score_dataset(&rules, &["id", "dob", "name"], Bands::default()).score.unwrap().to_string(), "61.96");
        let found: Vec<_> = repairs(&rules, Some(&records))
            .into_iter()
            .map(|repair| {
                let points = [repair.score_points, repair.dimension_points, repair.worst_dimension_points];
                let records = (repair.clean_records_at_least, repair.clean_records_at_most);
                (repair.rule, points.map(|points| points.to_string()).join(" "), records)
            })
            .collect();
        let expected = [
            ("id", "17.51 38.69 4.01", (0, 10)),
            ("phone", "15.49 36.00 0.00", (340, 350)),
            ("dob", "0.00 0.00 0.00", (30, 40)),
        ];
        assert_eq!(found, expected.map(|(rule, points, records)| (rule.to_owned(), points.to_owned(), records)));
    }

    #[test]
    fn a_rule_that_alone_makes_records_unclean_is_counted_exactly() {
        assert_eq!(clean_records(&unclean(100, 90, &[("a", 10)]), "a"), (10, 10));
        assert_eq!(clean_records(&unclean(100, 90, &[("a", 10)]), "b"), (0, 0));
        // All rows that fail the one fail the other.
        assert_eq!(clean_records(&unclean(100, 90, &[("a", 10), ("b", 10)]), "a"), (0, 0));
        // No row fails both.
        assert_eq!(clean_records(&unclean(100, 85, &[("a", 10), ("b", 5)]), "a"), (10, 10));
        assert_eq!(clean_records(&unclean(100, 88, &[("a", 10), ("b", 5)]), "a"), (7, 7));
        assert_eq!(clean_records(&unclean(100, 85, &[("a", 10), ("b", 5), ("c", 5)]), "a"), (5, 10));
    }

    #[test]
    fn too_few_rows_keep_a_veto() {
        let few = |least| RuleReport {
            severity: Severity::Critical,
            threshold: Threshold::AtLeastRows(least),
            ..rule("a", &["a"], 5, 10)
        };
        assert_eq!(repairs(&[few(10)], None)[0].score_points.to_string(), "50.00");
        // From 50.00 to the 59.99 of a veto that stays.
        assert_eq!(repairs(&[few(11)], None)[0].score_points.to_string(), "9.99");
    }

    #[test]
    fn what_was_not_judged_has_no_worth() {
        for status in [Status::Errored, Status::NotMeasured, Status::Undecided] {
            let rules = [RuleReport { status, ..rule("a", &["a"], 5, 10) }];
            assert_eq!(repairs(&rules, None), []);
        }
        assert_eq!(repairs(&[rule("a", &["a"], 10, 10)], None), []);
    }

    /// Thousands of columns with different counts, as in the score of a dataset.
    #[test]
    fn wide_datasets_take_no_time() {
        let rules: Vec<_> =
            (2..4_000_u64).map(|n| rule(&format!("r{n}"), &[format!("c{n}").as_str()], n - 1, n)).collect();
        let found = repairs(&rules, None);
        // One half more of one of 3,998 columns: 0.99803… + 0.5 / 3,998.
        assert_eq!((found.len(), found[0].rule.as_str()), (3_998, "r2"));
        assert_eq!(found[0].score_points.to_string(), "0.01");
    }

    prop_compose! {
        fn any_rule(id: usize)(
            evaluated in 1_u64..40, failed in 0_u64..40, column in 0_usize..4, dimension in 0_usize..3,
            severity in 0_usize..3, weight in 1_u32..4, threshold in 0_u64..4, waived in any::<bool>(),
        ) -> RuleReport {
            let failed = failed.min(evaluated);
            let columns: &[&str] = [&["a"][..], &["b"], &["a", "b"], &[]][column];
            let threshold = match threshold {
                0 => Threshold::AtMostRows(3),
                1 => Threshold::AtLeastRows(20),
                2 => Threshold::AtLeastShare(500_000),
                _ => Threshold::ALL_ROWS,
            };
            let passed = evaluated - failed;
            let status = match (threshold.accepts(passed, failed), waived) {
                (true, _) => Status::Passed,
                (false, true) => Status::Waived,
                (false, false) => Status::Failed,
            };
            RuleReport {
                dimension: Dimension::ALL[dimension], severity: Severity::ALL[severity], weight, threshold, status,
                ..rule(&format!("r{id}"), columns, passed, evaluated)
            }
        }
    }

    fn any_rules() -> impl Strategy<Value = Vec<RuleReport>> {
        (1_usize..8).prop_flat_map(|count| (0..count).map(any_rule).collect::<Vec<_>>())
    }

    /// The rule without failures.
    fn repaired(rule: &RuleReport) -> RuleReport {
        let passes = rule.threshold.accepts(rule.evaluated, 0);
        let status = if passes { Status::Passed } else { rule.status };
        RuleReport { passed: rule.evaluated, failed: 0, status, ..rule.clone() }
    }

    proptest! {
        /// Each repair is what scoring the repaired rules again says, and none of them is worth less than nothing.
        #[test]
        fn repairs_are_what_scoring_again_says(rules in any_rules()) {
            let found = repairs(&rules, None);
            prop_assert_eq!(found.len(), rules.iter().filter(|rule| rule.failed > 0).count());
            let score = |rules: &[RuleReport]| {
                let scored = score_dataset(rules, &["a", "b"], Bands::default());
                let of_dimensions: Vec<_> = scored.dimensions.iter().map(|dimension| dimension.score).collect();
                let worst = of_dimensions.iter().flatten().min().copied().unwrap();
                (scored.score.unwrap(), of_dimensions, worst)
            };
            let before = score(&rules);
            for repair in found {
                let again: Vec<_> =
                    rules.iter().map(|rule| if rule.id == repair.rule { repaired(rule) } else { rule.clone() }).collect();
                let after = score(&again);
                let at = Dimension::ALL.iter().position(|dimension| *dimension == repair.dimension).unwrap();
                let dimension = (before.1[at].unwrap(), after.1[at].unwrap());
                prop_assert!(after.0 >= before.0 && dimension.1 >= dimension.0 && after.2 >= before.2);
                prop_assert_eq!(repair.score_points, points(before.0, after.0));
                prop_assert_eq!(repair.dimension_points, points(dimension.0, dimension.1));
                prop_assert_eq!(repair.worst_dimension_points, points(before.2, after.2));
            }
            // With all of them repaired, every measured dimension is full, unless too few rows keep a veto.
            let all: Vec<_> = rules.iter().map(repaired).collect();
            if !all.iter().any(vetoes) {
                prop_assert!(score(&all).1.into_iter().flatten().all(|score| score == Score::FULL));
            }
        }

        /// The limits hold for any rows that fail any rules.
        #[test]
        fn the_limits_of_clean_records_hold(rows in prop::collection::vec(prop::collection::vec(any::<bool>(), 3), 0..20)) {
            let names = ["a", "b", "c"];
            let failing = |at: usize| rows.iter().filter(|row| row[at]).count() as u64;
            let clean = rows.iter().filter(|row| !row.contains(&true)).count() as u64;
            let by: Vec<_> = (0..3).map(|at| (names[at], failing(at))).filter(|(_, rows)| *rows > 0).collect();
            let records = unclean(rows.len() as u64, clean, &by);
            for (at, name) in names.iter().enumerate() {
                let gained = rows.iter().filter(|row| row[at] && row.iter().filter(|fails| **fails).count() == 1).count() as u64;
                let (at_least, at_most) = clean_records(&records, name);
                prop_assert!((at_least..=at_most).contains(&gained), "{at_least} {gained} {at_most}");
                if by.len() == 1 {
                    prop_assert_eq!(at_least, at_most);
                }
            }
        }
    }
}
