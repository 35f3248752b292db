//! How the points of a rule reach the score of its dimension, step by step, for readers who calculate again.

use std::collections::BTreeMap;

use super::fraction::Fraction;
use super::units::{Units, is_measured, vetoes};
use crate::model::{Dimension, RuleReport, Score};

/// How the scores of the dimensions of a dataset come from its rules.
#[derive(Debug, Clone)]
pub struct ScoreTrail<'r> {
    /// The measured dimensions.
    pub dimensions: Vec<DimensionTrail<'r>>,
}

/// How the score of a dimension comes from its units.
#[derive(Debug, Clone)]
pub struct DimensionTrail<'r> {
    /// Which one.
    pub dimension: Dimension,
    /// Rules on several columns or on the dataset, then the columns.
    pub units: Vec<UnitTrail<'r>>,
    /// The weights of all units.
    pub weights: u64,
    /// The weighted mean of the units, before a veto cuts it.
    pub mean: Score,
    /// Whether a critical rule failed, so that the score is at most [`Score::VETOED`].
    pub vetoed: bool,
    /// The score.
    pub score: Score,
    /// The unit of each column.
    columns: BTreeMap<&'r str, usize>,
}

/// What the score of a dimension is the mean of: a column with all rules on it alone, or one other rule.
#[derive(Debug, Clone)]
pub struct UnitTrail<'r> {
    /// The column; `None` for a rule on several columns or on the dataset.
    pub column: Option<&'r str>,
    /// Its rules.
    pub rules: Vec<&'r RuleReport>,
    /// Its weight in the dimension: that of its heaviest rule.
    pub weight: u32,
    /// The weights of its rules.
    pub weights: u64,
    /// The weighted mean of the rates of its rules.
    pub mean: Score,
}

/// The way of one rule.
#[derive(Debug, Clone, Copy)]
pub struct RuleTrail<'t, 'r> {
    /// Its dimension.
    pub dimension: &'t DimensionTrail<'r>,
    /// Its unit; `None`: the rule is a unit of its own.
    pub column: Option<&'t UnitTrail<'r>>,
    /// The points that its failures take from the mean of the dimension, before a veto.
    pub lost: Score,
}

impl<'r> ScoreTrail<'r> {
    /// The trail of all rules of a dataset.
    pub fn of(rules: &'r [RuleReport]) -> Self {
        let each = |dimension: &Dimension| DimensionTrail::of(*dimension, rules);
        Self { dimensions: Dimension::ALL.iter().filter_map(each).collect() }
    }

    /// A dimension; `None` if it was not measured.
    pub fn dimension(&self, dimension: Dimension) -> Option<&DimensionTrail<'r>> {
        self.dimensions.iter().find(|trail| trail.dimension == dimension)
    }

    /// The trail of one of the rules; `None` if it goes into no score.
    pub fn rule(&self, rule: &RuleReport) -> Option<RuleTrail<'_, 'r>> {
        let dimension = self.dimension(rule.dimension).filter(|_| is_measured(rule))?;
        let column = match rule.columns.as_slice() {
            [column] => Some(&dimension.units[*dimension.columns.get(column.as_str())?]),
            _ => None,
        };
        let (weight, weights) = column.map_or((rule.weight, rule.weight.into()), |unit| (unit.weight, unit.weights));
        let lost = Fraction::new(rule.failed, rule.evaluated).times(rule.weight.into(), weights);
        Some(RuleTrail { dimension, column, lost: lost.times(weight.into(), dimension.weights).floor() })
    }
}

impl<'r> DimensionTrail<'r> {
    fn of(dimension: Dimension, rules: &'r [RuleReport]) -> Option<Self> {
        let own = || rules.iter().filter(|rule| rule.dimension == dimension);
        let units = Units::of(&own().filter(|rule| is_measured(rule)).collect::<Vec<_>>());
        let mean = units.mean()?.floor();
        let vetoed = own().any(vetoes);
        let weights = units.weight();
        let units: Vec<UnitTrail<'r>> = units
            .iter()
            .map(|unit| UnitTrail {
                column: match unit.0.first().map(|rule| rule.columns.as_slice()) {
                    Some([column]) => Some(column.as_str()),
                    _ => None,
                },
                rules: unit.0.clone(),
                weight: unit.weight(),
                weights: unit.weights(),
                mean: unit.mean().floor(),
            })
            .collect();
        let columns = units.iter().enumerate().filter_map(|(at, unit)| Some((unit.column?, at))).collect();
        let score = if vetoed { mean.min(Score::VETOED) } else { mean };
        Some(Self { dimension, units, weights, mean, vetoed, score, columns })
    }
}

#[cfg(test)]
mod tests {
    use super::super::dataset::score_dataset;
    use super::super::dataset::tests::rule;
    use super::*;
    use crate::model::{Bands, Severity};

    /// The worked example of docs/scores.md.
    #[test]
    fn the_worked_example_step_by_step() {
        let id = |id: &str, passed| RuleReport {
            severity: Severity::Critical,
            weight: 3,
            ..rule(id, &["id"], passed, 1_000)
        };
        let rules = [
            id("shape", 998),
            id("plausible", 990),
            rule("date", &["dob"], 950, 950),
            rule("order", &["dob"], 900, 950),
            rule("several", &["a", "b"], 0, 0),
        ];
        let trail = ScoreTrail::of(&rules);
        let correct = trail.dimension(Dimension::Correct).unwrap();
        let units: Vec<_> =
            correct.units.iter().map(|unit| (unit.column, unit.weight, unit.weights, unit.mean.to_string())).collect();
        assert_eq!(units, [(Some("dob"), 1, 2, "97.36".to_owned()), (Some("id"), 3, 6, "99.40".to_owned())]);
        let (mean, score) = (correct.mean.to_string(), correct.score.to_string());
        assert_eq!((correct.weights, mean.as_str(), score.as_str(), correct.vetoed), (4, "98.89", "59.99", true));
        // 10 of 1,000, half of the column, three quarters of the dimension.
        assert_eq!(trail.rule(&rules[1]).unwrap().lost.to_string(), "0.37");
        assert_eq!(trail.rule(&rules[2]).unwrap().lost, Score::ZERO);
        assert!(trail.rule(&rules[4]).is_none());
        let scored = score_dataset(&rules, &["a", "b"], Bands::default());
        assert_eq!(scored.dimensions[0].score, Some(correct.score));
        assert_eq!(scored.dimensions[0].before_veto, Some(correct.mean));
    }
}
