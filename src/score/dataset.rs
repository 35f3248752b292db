//! The scores of one dataset.

use std::collections::BTreeSet;

use super::fraction::Fraction;
use super::units::{Units, capped, is_measured, vetoes};
use crate::model::{Band, Bands, Coverage, Dimension, DimensionReport, RuleReport, Score, Veto, nfc, outer_column};

/// The scores of a dataset.
#[derive(Debug, Clone, PartialEq)]
pub struct DatasetScore {
    /// All six dimensions.
    pub dimensions: Vec<DimensionReport>,
    /// The geometric mean of the measured dimensions, each at least 1; `None` if none was measured.
    pub score: Option<Score>,
    /// The arithmetic mean of the measured dimensions.
    pub arithmetic_mean: Option<Score>,
    /// The band of the score, red if a critical rule failed.
    pub band: Option<Band>,
    /// The failed critical rules.
    pub vetoes: Vec<Veto>,
    /// How much was measured.
    pub coverage: Coverage,
}

/// Scores the rules of one dataset, whose files have these columns.
pub fn score_dataset(rules: &[RuleReport], columns: &[&str], bands: Bands) -> DatasetScore {
    let mut vetoed: Vec<Veto> = rules
        .iter()
        .filter(|rule| vetoes(rule))
        .map(|rule| Veto { dimension: rule.dimension, rule: rule.id.clone() })
        .collect();
    vetoed.sort_by(|a, b| (a.dimension, &a.rule).cmp(&(b.dimension, &b.rule)));
    let (dimensions, shares): (Vec<DimensionReport>, Vec<Option<Fraction>>) =
        Dimension::ALL.iter().map(|dimension| score_dimension(*dimension, rules, columns, &vetoed)).unzip();
    let shares: Vec<Fraction> = shares.into_iter().flatten().collect();
    let score = geometric_mean(&shares.iter().collect::<Vec<_>>());
    let covered = covered(rules.iter().filter(|rule| is_measured(rule)), columns);
    DatasetScore {
        score,
        arithmetic_mean: Fraction::mean(shares.iter().map(|share| (1, share.clone()))).as_ref().map(Fraction::floor),
        band: score.map(|score| if vetoed.is_empty() { bands.band(score) } else { Band::Red }),
        vetoes: vetoed,
        coverage: Coverage {
            dimensions_measured: count(shares.len()),
            dimensions: count(Dimension::ALL.len()),
            columns_measured: covered,
            columns: count(columns.len()),
        },
        dimensions,
    }
}

/// How many of the columns rules read. One that is inside of a column, such as `address.city`, is none of its own.
fn covered<'r>(rules: impl Iterator<Item = &'r RuleReport>, columns: &[&str]) -> u32 {
    let all: BTreeSet<&str> = columns.iter().copied().collect();
    let find = |name: &str| all.get(name).or_else(|| all.get(&*nfc(name))).copied();
    let read = rules.flat_map(|rule| &rule.columns).filter_map(|name| outer_column(name, find));
    count(read.collect::<BTreeSet<&str>>().len())
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// The weighted mean over the units of one dimension. Also the exact share behind the score, from which means are taken.
fn score_dimension(
    dimension: Dimension,
    rules: &[RuleReport],
    columns: &[&str],
    vetoes: &[Veto],
) -> (DimensionReport, Option<Fraction>) {
    let all = rules.iter().filter(|rule| rule.dimension == dimension);
    let measured: Vec<&RuleReport> = all.clone().filter(|rule| is_measured(rule)).collect();
    let mean = Units::of(&measured).mean();
    let uncapped = mean.as_ref().map(Fraction::floor);
    let vetoed = vetoes.iter().any(|veto| veto.dimension == dimension);
    let share = mean.map(|share| capped(share, vetoed));
    // The worst rate by exact comparison; the first id if several are equally bad.
    let worst = measured.iter().min_by(|a, b| {
        let (left, right) =
            (u128::from(a.passed) * u128::from(b.evaluated), u128::from(b.passed) * u128::from(a.evaluated));
        left.cmp(&right).then_with(|| a.id.cmp(&b.id))
    });
    let report = DimensionReport {
        dimension,
        score: share.as_ref().map(Fraction::floor),
        before_veto: uncapped.filter(|_| vetoed),
        worst_rate: worst.and_then(|rule| Score::rate(rule.passed, rule.evaluated)),
        worst_rule: worst.map(|rule| rule.id.clone()),
        rules_measured: count(measured.len()),
        rules: count(all.count()),
        columns_measured: covered(measured.iter().copied(), columns),
    };
    (report, share)
}

/// The largest score whose n-th power is not over the product of the shares, each counted as at least 1.00.
pub(super) fn geometric_mean(shares: &[&Fraction]) -> Option<Score> {
    let power = u32::try_from(shares.len()).ok().filter(|count| *count > 0)?;
    let least = Fraction::new(1, 100);
    let product = Fraction::product(shares.iter().map(|share| if **share < least { &least } else { *share }));
    let is_within = |hundredths: u16| Fraction::of(Score::from_hundredths(hundredths)).pow(power) <= product;
    let (mut low, mut high) = (0_u16, 10_000_u16);
    while low < high {
        let middle = low + (high - low).div_ceil(2);
        if is_within(middle) { low = middle } else { high = middle - 1 }
    }
    Some(Score::from_hundredths(low))
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::model::{Severity, Status, Threshold, Unit};

    /// A major rule of `correct` in which every row must pass.
    pub(in crate::score) fn rule(id: &str, columns: &[&str], passed: u64, evaluated: u64) -> RuleReport {
        RuleReport {
            id: id.to_owned(),
            dataset: "d".to_owned(),
            check: "expect".to_owned(),
            measure_hash: None,
            fingerprint: None,
            written: None,
            title: id.to_owned(),
            columns: columns.iter().map(|&name| name.to_owned()).collect(),
            dimension: Dimension::Correct,
            severity: Severity::Major,
            weight: 1,
            status: if passed == evaluated { Status::Passed } else { Status::Failed },
            sampled: None,
            partial: false,
            fails_gate: false,
            unit: Unit::Rows,
            evaluated,
            passed,
            failed: evaluated - passed,
            not_applicable: 0,
            unreadable: 0,
            rate: Score::rate(passed, evaluated),
            threshold: Threshold::ALL_ROWS,
            warn: None,
            observed: String::new(),
            expected: String::new(),
            details: BTreeMap::new(),
            shapes: None,
            rows_of: None,
            segments: None,
            distribution: None,
            failing_rows: Vec::new(),
            where_failing: None,
            pairs: Vec::new(),
            due: None,
            overdue_days: None,
            reason: None,
            because: None,
            fix: None,
            owner: None,
            tags: Vec::new(),
        }
    }

    /// The worked example of docs/scores.md.
    #[test]
    fn the_worked_example() {
        let critical = |id: &str, passed| RuleReport {
            severity: Severity::Critical,
            weight: 3,
            ..rule(id, &["id"], passed, 1_000)
        };
        let rules = [
            critical("id.shape", 998),
            critical("id.check", 990),
            RuleReport { not_applicable: 50, ..rule("dob.type", &["dob"], 950, 950) },
            RuleReport { not_applicable: 50, ..rule("dob.past", &["dob"], 900, 950) },
        ];
        let scored = score_dataset(&rules, &["id", "dob", "name"], Bands::default());
        let correct = &scored.dimensions[0];
        assert_eq!(correct.before_veto.unwrap().to_string(), "98.89");
        assert_eq!(correct.score.unwrap().to_string(), "59.99");
        assert_eq!(correct.worst_rate.unwrap().to_string(), "94.73");
        assert_eq!(correct.worst_rule.as_deref(), Some("dob.past"));
        assert_eq!(scored.band, Some(Band::Red));
        assert_eq!(scored.vetoes.len(), 2);
        assert_eq!(
            scored.coverage,
            Coverage { dimensions_measured: 1, dimensions: 6, columns_measured: 2, columns: 3 }
        );
    }

    #[test]
    fn columns_inside_of_columns_are_none_of_their_own() {
        let names = ["address.city", "address.zip", "length(tags)", "a.b.c", "length(address.phones)", "gone"];
        let rules = [rule("a", &names, 10, 10), rule("b", &["tags", "id"], 10, 10)];
        let scored = score_dataset(&rules, &["id", "address", "tags", "a.b"], Bands::default());
        assert_eq!((scored.coverage.columns_measured, scored.coverage.columns), (4, 4));
        assert_eq!(scored.dimensions[0].columns_measured, 4);
    }

    #[test]
    fn a_full_score_means_no_failure() {
        let nearly = [rule("a", &["a"], 9_999_999_999, 10_000_000_000)];
        assert_eq!(score_dataset(&nearly, &["a"], Bands::default()).score.unwrap().to_string(), "99.99");
        let all = [rule("a", &["a"], 10_000_000_000, 10_000_000_000)];
        assert_eq!(score_dataset(&all, &["a"], Bands::default()).score, Some(Score::FULL));
    }

    #[test]
    fn nothing_measured_is_no_score() {
        let rules = [RuleReport { status: Status::NotMeasured, ..rule("a", &["a"], 0, 0) }];
        let scored = score_dataset(&rules, &["a"], Bands::default());
        assert_eq!((scored.score, scored.band), (None, None));
        assert!(scored.dimensions.iter().all(|dimension| dimension.score.is_none()));
    }

    #[test]
    fn columns_with_different_counts_have_an_exact_mean() {
        // 1 - 1/n for the primes below 2,000 and some thousand other counts: the denominator has thousands of digits.
        let rules: Vec<_> =
            (2..4_000_u64).map(|n| rule(&format!("r{n}"), &[format!("c{n}").as_str()], n - 1, n)).collect();
        let scored = score_dataset(&rules, &[], Bands::default());
        // The harmonic sum up to 3,999 is 8.8711…, without 1 it is 7.8711…; 1 - 7.8711 / 3,998 = 0.99803….
        assert_eq!(scored.dimensions[0].score.unwrap().to_string(), "99.80");
        assert_eq!(scored.score, scored.dimensions[0].score);
    }

    #[test]
    fn many_easy_rules_on_a_column_do_not_outvote_another() {
        let mut rules: Vec<_> = (0..5).map(|n| rule(&format!("a{n}"), &["a"], 10, 10)).collect();
        rules.push(rule("b", &["b"], 5, 10));
        let scored = score_dataset(&rules, &["a", "b"], Bands::default());
        assert_eq!(scored.dimensions[0].score.unwrap().to_string(), "75.00");
    }

    #[test]
    fn a_zero_dimension_counts_as_one_in_the_geometric_mean() {
        let (zero, full) = (Fraction::new(0, 1), Fraction::new(1, 1));
        assert_eq!(geometric_mean(&[&zero, &full]).unwrap().to_string(), "10.00");
        assert_eq!(geometric_mean(&[&full; 6]), Some(Score::FULL));
        assert_eq!(geometric_mean(&[]), None);
    }

    #[test]
    fn means_are_taken_of_exact_dimensions_and_cut_once() {
        // 2/3 and 1/3: their means are 50 and 47.1404…, those of 66.66 and 33.33 would be 49.99 and 47.13.
        let mut rules = vec![rule("a", &["a"], 1, 3), rule("b", &["b"], 3, 3), rule("c", &["c"], 1, 3)];
        rules[2].dimension = Dimension::Sufficient;
        let scored = score_dataset(&rules, &["a", "b", "c"], Bands::default());
        assert_eq!(scored.dimensions[0].score.unwrap().to_string(), "66.66");
        assert_eq!(scored.dimensions[1].score.unwrap().to_string(), "33.33");
        assert_eq!(scored.arithmetic_mean.unwrap().to_string(), "50.00");
        assert_eq!(scored.score.unwrap().to_string(), "47.14");
    }

    #[test]
    fn the_geometric_mean_is_floored_exactly() {
        for (a, b) in [(9_999, 10_000), (5_999, 9_889), (7_500, 7_500), (100, 100), (1, 3)] {
            let [first, second] = [a, b].map(|score| Fraction::of(Score::from_hundredths(score)));
            let mean = geometric_mean(&[&first, &second]).unwrap();
            let product = u32::from(a.max(100)) * u32::from(b.max(100));
            let mean = u32::from(mean.hundredths());
            assert!(mean * mean <= product && (mean + 1) * (mean + 1) > product, "{a} {b}");
        }
    }
}
