//! `steady`: the distribution of a column has not drifted since an earlier audit.

use std::cmp::Ordering;
use std::sync::Arc;

use super::{BoundCheck, Check, JudgeError, Outcome, Problem, Problems, Readings, Scope, Shorthand, dataset_measure};
use crate::model::{
    self, Count, DataType, Decimal, Dimension, Distribution, DistributionTally, LEAST_ROWS, MOST_CATEGORIES,
    MOST_DIFFERENT, Measure, MeasureKind, Parts, Value, short_number,
};
use crate::scalar::{
    Association, association, compare as order, greatest_distance, greatest_shift, parse_value, pooled, stability_index,
};

const PAGE: &str = "# steady

One verdict on the whole dataset: the distribution of the column has not drifted by more than `max` since an earlier
audit of the same suite. Every audit with this rule stores the distribution in its JSON result. A later audit names that
result with `against: FILE` (relative to the suite), or for all such rules with `--baseline FILE`, which takes
precedence. Without a baseline the rule is not measured, and the result can become the baseline.

| `method` | for | what `max` limits |
|---|---|---|
| `psi` (default) | any | the population stability index: the sum of (share now - share then) * ln(share now / share then) over the parts; below 0.1 is usually called steady, above 0.25 a shift (Siddiqi, Credit Risk Scorecards, 2006) |
| `ks` | numbers, dates | the Kolmogorov-Smirnov distance: the greatest difference between the shares up to a value, from 0 to 1 |
| `chi2` | any | Cramér's V of the table of both distributions, from 0 (equal) to 1 (nothing in common); the chi-square statistic is shown, too. Unlike its p-value, V does not grow with the number of rows (Cramér, 1946; 0.1 is called small, Cohen, 1988) |
| `mean` | numbers, dates | how far the mean has moved, in standard deviations of the baseline |
| `share` | texts, booleans | the greatest change in the share of a category, in percentage points |

Numbers and dates are stored as up to 100 parts with about equally many values, at least 5 in each. `psi` and `chi2`
combine them into `bins` (10) parts with about equal shares in the baseline. For `psi` half a value is added to every
part, so that an empty part has a logarithm. `ks` compares at the stored edges, and reports how much greater the
distance between them may be. If it is greater than `max` at an edge, the rule fails; if it can be greater nowhere, the
rule passes. If only the distance between edges could be greater than `max`, the rule is not measured, and `reason`
gives the range of the distance: give a greater `max`. A value so frequent that several quantiles are equal to it has
two edges of its own, so that it does not blur the distance; the parts beside it may be empty.

Texts and booleans are stored by value. Values in fewer than 5 rows are counted together; in comparisons so are all
values that the baseline does not name. The result contains no value: a category is named by the SHA-256 of suite,
column and value, cut to 128 bits. (Whoever guesses a value can check it, so a personal column of text is refused.) More
than 1,000 categories, or 100,000 different values, are an error.

A `max` that nothing can exceed (1 for `ks` and `chi2`, 100 for `share`) is refused, and so is a baseline whose counts,
edges or deviation no audit can have written.

Missing values are reported, not compared. Unparseable values are left out and counted.

## Example

```yaml
suite: register
datasets:
  citizens:
    source: citizens.csv
    columns:
      income: { type: decimal }
    rules:
      - check: steady
        column: income
        max: 0.2
      - id: provinces-as-before
        check: steady
        column: province
        method: share
        max: 2
```
";

/// The greatest number of rows of a baseline: shares of more rows are not exact.
const MOST_ROWS: u64 = 1 << 53;

/// The parts of numbers and dates for `psi` and `chi2` unless a rule says otherwise.
const BINS: usize = 10;

/// What the report says if there is nothing to compare with.
const NO_BASELINE: &str = "no baseline yet: this result can be one";

parameters! {
    /// Drift of a distribution.
    struct Steady {
        column: required Column, "the column";
        max: required Number, "the greatest drift allowed, in the unit of the method", stricter Smaller Unknown;
        method: optional Choice(&["psi", "ks", "chi2", "mean", "share"]),
            "how drift is measured: psi (default), ks, chi2, mean or share", default "psi";
        against: optional Baseline, "the JSON result of an earlier audit of this suite, relative to this file";
        bins: optional Count, "parts of numbers and dates for psi and chi2, 2 to 100; by default 10", default "10";
    }
}

pub(super) const CHECK: Check = Check {
    name: "steady",
    summary: "the distribution of the values has not drifted since an earlier audit",
    dimension: Dimension::Unified,
    page: PAGE,
    shorthand: Shorthand::None,
    takes_condition: true,
    params: Steady::PARAMS,
    bind: Steady::bind,
};

impl BoundCheck for Steady {
    fn lint(&self) -> Problems {
        let mut problems = Problems::default();
        let max = self.max;
        if max < Decimal::ZERO {
            problems.add("max", format!("a drift is never below 0, so nothing is at most {max}"));
        }
        let method = self.method();
        if let Some(most) = method.most()
            && max >= most.into()
        {
            let problem =
                format!("{} is never greater than {most}, so nothing fails: give less than {most}", method.name());
            problems.add("max", problem);
        }
        if let Some(bins) = self.bins.known() {
            if !matches!(method, Method::Psi | Method::Chi2) {
                problems.add("bins", format!("`bins` belongs to psi and chi2, not to {}", method.name()));
            } else if !(2..=100).contains(bins) {
                problems.add("bins", format!("`bins` takes 2 to 100 parts, not {bins}"));
            }
        }
        problems
    }

    fn measures(&self, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        let column = self.column.clone();
        // If the type is not known yet, it must be that of the baseline.
        let earlier = || self.baseline().map(|earlier| earlier.data_type);
        let Some(data_type) = scope.column_type(scope.dataset(), &column).or_else(earlier) else {
            return Ok(Vec::new());
        };
        let mut problems = Problems::default();
        let by_value = is_by_value(data_type);
        match self.method() {
            method @ (Method::Ks | Method::Mean) if by_value => {
                let others = "take psi, chi2 or share";
                problems.add(
                    "method",
                    format!("{column} is {data_type}, and {} needs numbers or dates: {others}", method.name()),
                );
            }
            Method::Share if !by_value => {
                let others = "take psi, ks, chi2 or mean";
                problems.add("method", format!("{column} is {data_type}, and share needs texts or booleans: {others}"));
            }
            _ => {}
        }
        if by_value && self.bins.is_given() {
            problems.add("bins", format!("{column} is {data_type}, which is stored by value: leave `bins` out"));
        }
        if data_type.is_textual() && scope.is_personal(scope.dataset(), &column) {
            let reason = "whoever guesses one of its values could find it in the result";
            problems.add("column", format!("{column} is declared personal: {reason}"));
        }
        let against = match self.baseline() {
            None => Parts::Nothing,
            Some(earlier) if earlier.data_type != data_type => {
                let message = format!("{column} is {data_type} here and {} in the baseline", earlier.data_type);
                problems.add("against", message);
                Parts::Nothing
            }
            Some(earlier) => {
                let refused = |fault| {
                    let message = format!(
                        "the distribution of {column} in the baseline {fault}: name a result that has not been changed"
                    );
                    Problem::new("against", message)
                };
                problems.take(parts(earlier).map_err(refused)).unwrap_or(Parts::Nothing)
            }
        };
        if self.method() == Method::Mean
            && self.baseline().is_some_and(|earlier| earlier.numbers.as_ref().is_none_or(|shape| shape.mean.is_none()))
        {
            let message = format!("{column} had no finite mean in the baseline: take psi or ks");
            problems.add("against", message);
        }
        let wanted = model::Steady { column, suite: scope.suite().to_owned(), against };
        problems.or(vec![dataset_measure(scope, MeasureKind::Steady(wanted))])
    }

    fn judge(&self, scope: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let tally = readings.distribution(0)?;
        let column = self.column.clone();
        if let Some(most) = tally.too_many {
            let limit = if most == MOST_CATEGORIES {
                format!("{MOST_CATEGORIES} categories of {LEAST_ROWS} rows or more")
            } else {
                format!("{MOST_DIFFERENT} different values")
            };
            return Err(JudgeError::TooManyValues { column, limit });
        }
        let max = self.max;
        let method = self.method();
        let expected =
            format!("the distribution of {column} has not drifted: {} at most {max}{}", method.title(), method.unit());
        let mut outcome = match self.baseline() {
            _ if tally.values < LEAST_ROWS => {
                Outcome::of_nothing(format!("{} values, and {LEAST_ROWS} are needed", Count(tally.values)), expected)
            }
            None => Outcome { reason: Some(NO_BASELINE.to_owned()), ..Outcome::of_nothing(NO_BASELINE, expected) },
            Some(earlier) => {
                let bins = self.bins.known().and_then(|bins| usize::try_from(*bins).ok()).unwrap_or(BINS);
                compare(method, bins, earlier, tally, max.to_float(), expected)
            }
        };
        outcome.details.insert("values".to_owned(), tally.values);
        outcome.details.insert("missing".to_owned(), tally.missing);
        if tally.unreadable > 0 {
            outcome.observed = format!("{}, {} unparseable values left out", outcome.observed, Count(tally.unreadable));
            outcome.details.insert("unreadable_values".to_owned(), tally.unreadable);
        }
        outcome.distribution = (tally.values >= LEAST_ROWS).then(|| {
            Box::new(Distribution {
                data_type: scope.column_type(scope.dataset(), &column).unwrap_or(DataType::Text),
                column,
                condition: None,
                values: tally.values,
                missing: tally.missing,
                unreadable: tally.unreadable,
                numbers: tally.numbers.clone(),
                categories: tally.categories.clone(),
            })
        });
        Ok(outcome)
    }

    fn is_about_rows(&self) -> bool {
        false
    }
}

impl Steady {
    fn method(&self) -> Method {
        let name = self.method.as_deref().unwrap_or("psi");
        Method::ALL.iter().find(|(_, known)| *known == name).map_or(Method::Psi, |(method, _)| *method)
    }

    /// The earlier distribution, where the baseline has one.
    fn baseline(&self) -> Option<&Arc<Distribution>> {
        self.against.known()?.as_ref()?.distribution.as_ref()
    }
}

/// How drift is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Method {
    Psi,
    Ks,
    Chi2,
    Mean,
    Share,
}

impl Method {
    const ALL: [(Self, &'static str); 5] =
        [(Self::Psi, "psi"), (Self::Ks, "ks"), (Self::Chi2, "chi2"), (Self::Mean, "mean"), (Self::Share, "share")];

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(method, _)| *method == self).map_or("", |(_, name)| name)
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Psi => "stability index",
            Self::Ks => "Kolmogorov-Smirnov distance",
            Self::Chi2 => "Cramér's V",
            Self::Mean => "mean moved by",
            Self::Share => "share of a category changed by",
        }
    }

    /// The greatest possible drift.
    const fn most(self) -> Option<i32> {
        match self {
            Self::Ks | Self::Chi2 => Some(1),
            Self::Share => Some(100),
            Self::Psi | Self::Mean => None,
        }
    }

    const fn unit(self) -> &'static str {
        match self {
            Self::Mean => " deviations",
            Self::Share => " points",
            Self::Psi | Self::Ks | Self::Chi2 => "",
        }
    }
}

/// Whether the distribution is stored by value.
fn is_by_value(data_type: DataType) -> bool {
    data_type.is_textual() || data_type == DataType::Boolean
}

/// Why a stored distribution cannot be compared with: the end of a sentence about it.
#[derive(Debug, thiserror::Error)]
enum BaselineFault {
    #[error("counts more rows than there can be")]
    TooManyRows,
    #[error("has {values} values, but its parts do not add up to that")]
    WrongSum { values: u64 },
    #[error("has an edge that cannot be parsed as {0}")]
    UnreadableEdge(DataType),
    #[error("has edges that do not ascend")]
    UnorderedEdges,
    #[error("has {parts} parts between {edges} edges")]
    PartsAndEdges { parts: usize, edges: usize },
    #[error("has a deviation below 0")]
    NegativeDeviation,
    #[error("does not have the parts of a column that is {0}")]
    OtherParts(DataType),
}

/// The parts of an earlier distribution.
///
/// # Errors
/// Where the file does not hold what this program writes: the end of a sentence about the distribution.
fn parts(earlier: &Distribution) -> Result<Parts, BaselineFault> {
    let Distribution { data_type, values, missing, unreadable, .. } = earlier;
    let rows = [values, missing, unreadable].into_iter().try_fold(0_u64, |all, count| all.checked_add(*count));
    if rows.is_none_or(|rows| rows > MOST_ROWS) {
        return Err(BaselineFault::TooManyRows);
    }
    let whole = |mut counts: Box<dyn Iterator<Item = u64> + '_>| {
        let named = counts.try_fold(0_u64, u64::checked_add);
        if named == Some(*values) && *values > 0 { Ok(()) } else { Err(BaselineFault::WrongSum { values: *values }) }
    };
    match (&earlier.numbers, &earlier.categories) {
        (Some(numbers), None) if !is_by_value(*data_type) => {
            let edges = numbers.edges.iter().map(|edge| parse_value(edge, *data_type, None));
            let Some(edges) = edges.collect::<Option<Vec<_>>>() else {
                return Err(BaselineFault::UnreadableEdge(*data_type));
            };
            let ascends = |pair: &[Value]| order(&pair[0], &pair[1]).is_some_and(Ordering::is_lt);
            // A value that is not equal to itself is not a number.
            if !edges.iter().all(|edge| order(edge, edge).is_some()) || !edges.windows(2).all(ascends) {
                return Err(BaselineFault::UnorderedEdges);
            }
            if numbers.counts.len() != edges.len() + 1 {
                let (parts, edges) = (numbers.counts.len(), edges.len());
                return Err(BaselineFault::PartsAndEdges { parts, edges });
            }
            whole(Box::new(numbers.counts.iter().copied()))?;
            if numbers.stddev.is_some_and(|deviation| deviation < 0.0) {
                return Err(BaselineFault::NegativeDeviation);
            }
            Ok(Parts::Edges(edges))
        }
        (None, Some(categories)) if is_by_value(*data_type) => {
            whole(Box::new(categories.counts.values().copied().chain([categories.other])))?;
            Ok(Parts::Categories(categories.counts.keys().cloned().collect()))
        }
        _ => Err(BaselineFault::OtherParts(*data_type)),
    }
}

/// The drift between two distributions over the parts of the earlier one.
fn compare(
    method: Method,
    bins: usize,
    earlier: &Distribution,
    tally: &DistributionTally,
    max: f64,
    expected: String,
) -> Outcome {
    let then: Vec<u64> = match (&earlier.numbers, &earlier.categories) {
        (Some(numbers), _) => numbers.counts.clone(),
        (None, Some(categories)) => categories.counts.values().copied().chain([categories.other]).collect(),
        (None, None) => Vec::new(),
    };
    let pool = || {
        if earlier.numbers.is_some() {
            return pooled(&then, &tally.against, bins);
        }
        // A part that neither has does not count.
        let pairs = then.iter().zip(&tally.against).filter(|(then, now)| **then + **now > 0);
        pairs.map(|(then, now)| (*then, *now)).unzip()
    };
    let mut coarse = None;
    let (drift, more) = match method {
        Method::Psi => {
            let (then, now) = pool();
            (Some(stability_index(&then, &now)), String::new())
        }
        Method::Ks => {
            let edges = earlier.numbers.as_ref().map(|numbers| numbers.edges.as_slice()).unwrap_or_default();
            let (at_edges, between) =
                greatest_distance(&then, &tally.against, |part| is_single(edges, part, earlier.data_type));
            coarse = (at_edges <= max && between > max).then(|| {
                let (least, most) = (shown(at_edges), shown(between));
                format!("the stored distribution is too coarse to decide: the distance is between {least} and {most}")
            });
            (Some(at_edges), format!(", between the stored edges at most {}", shown(between)))
        }
        Method::Chi2 => {
            let (then, now) = pool();
            let Association { strength, statistic, freedom } = association(&then, &now);
            let freedom = if freedom == 1 { "1 degree".to_owned() } else { format!("{freedom} degrees") };
            (Some(strength), format!(" (chi-square {} with {freedom} of freedom)", shown(statistic)))
        }
        Method::Mean => match moved(earlier, tally) {
            Ok(drift) => (drift, String::new()),
            Err(reason) => return Outcome::of_dataset(false, reason.to_owned(), expected),
        },
        Method::Share => (Some(greatest_shift(&then, &tally.against)), String::new()),
    };
    let missing = |missing: u64, values: u64| {
        #[expect(clippy::cast_precision_loss, reason = "shown with two decimals")]
        let percent = missing as f64 * 100.0 / (missing + values).max(1) as f64;
        shown((percent * 100.0).round() / 100.0)
    };
    let (now, then) = (missing(tally.missing, tally.values), missing(earlier.missing, earlier.values));
    let missing = if now == then { String::new() } else { format!("; missing {now} %, {then} % in the baseline") };
    let Some(drift) = drift else {
        let moved = "the mean has moved, and the baseline does not vary";
        return Outcome::of_dataset(false, format!("{moved}{missing}"), expected);
    };
    let observed = format!("{} {}{}{more}{missing}", method.title(), shown(drift), method.unit());
    if coarse.is_some() {
        return Outcome { reason: coarse, ..Outcome::of_nothing(observed, expected) };
    }
    Outcome::of_dataset(drift <= max, observed, expected)
}

/// Whether a part contains a single value: its two edges are next to each other.
fn is_single(edges: &[String], part: usize, data_type: DataType) -> bool {
    let edge = |at: usize| parse_value(edges.get(at)?, data_type, None);
    match (part.checked_sub(1).and_then(edge), edge(part)) {
        (Some(Value::Integer(one)), Some(Value::Integer(next)))
        | (Some(Value::Datetime(one)), Some(Value::Datetime(next))) => one.checked_add(1) == Some(next),
        (Some(Value::Date(one)), Some(Value::Date(next))) => one.checked_add(1) == Some(next),
        (Some(Value::Decimal(one)), Some(Value::Decimal(next))) => next.before() == Some(one),
        (Some(Value::Float(one)), Some(Value::Float(next))) => {
            one.next_up().partial_cmp(&next) == Some(Ordering::Equal)
        }
        _ => false,
    }
}

/// How far the mean has moved in standard deviations of the baseline; `None` if that deviation is 0 and the mean has moved.
fn moved(earlier: &Distribution, tally: &DistributionTally) -> Result<Option<f64>, &'static str> {
    let then = earlier.numbers.as_ref();
    let before = then.and_then(|then| then.mean.zip(then.stddev));
    let after = tally.numbers.as_ref().and_then(|now| now.mean);
    let Some(after) = after else { return Err("there is no finite mean") };
    let Some((before, deviation)) = before else { return Err("the baseline has no finite mean or deviation") };
    let by = (after - before).abs();
    Ok(if by == 0.0 {
        Some(0.0)
    } else if by.is_finite() {
        (deviation > 0.0).then(|| by / deviation)
    } else {
        // Each mean fits into a float, even if their difference does not.
        (deviation > 0.0).then(|| (after / deviation - before / deviation).abs())
    })
}

/// A number with no more digits than a reader needs.
fn shown(number: f64) -> String {
    // Beyond that there are no digits behind the point.
    if number.abs() >= 1e15 {
        return short_number(&number.to_string());
    }
    let text = format!("{number:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
