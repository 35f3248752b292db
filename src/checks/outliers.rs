//! `outliers`: values far from the rest.

use super::{BoundCheck, Check, JudgeError, Outcome, Problems, Readings, Scope, Shorthand, dataset_measure};
use crate::model::{
    Count, DataType, Decimal, Dimension, Measure, MeasureKind, OutlierMethod, OutlierSide, OutlierTally,
    Outliers as Wanted, Shown, Value,
};

const PAGE: &str = "# outliers

Fails values that are far from the other values of the column, or of their group (`by`). The column holds numbers or
dates. `method` decides what is too far:

| method | too far is | default `factor` |
|---|---|---|
| `iqr` | more than `factor` times the interquartile range below the first or above the third quartile (Tukey, 1977) | 1.5 |
| `mad` | more than `factor` times 1.4826 times the median absolute deviation from the median (Iglewicz and Hoaglin, 1993) | 3.5 |
| `zscore` | more than `factor` standard deviations (of a sample) from the mean | 3 |

With the factor 1.4826 the median absolute deviation of normally distributed values equals their standard deviation.
Quartiles and medians are exact; between two values they are interpolated (as `quantile` in `aggregate`). A value equal
to a limit passes. Limits of `iqr` and `mad` are exact; those of `zscore`, and all limits of floats, are compared to 15
digits. For `zscore`, numbers and dates are counted from the mean, so that long numbers stay distinct and one very far
value hides no other. Dates count in days, timestamps in microseconds.
`side: high` or `low` only fails values on that side.

If all values are equal, none fails. If half of the values or more are equal, the interquartile range or the median
absolute deviation is 0, and every value outside the quartiles (`mad`: different from the median) fails; for such a
column use `zscore` or `range`. An infinite value fails, and is left out of mean and deviation.

A group with fewer than 5 values is too small to judge: its rows are not applicable, and are counted as `small_groups`
and `rows_in_small_groups`. The same holds for all rows if the column has fewer than 5 values. Missing values, and rows
with a missing value in a column of `by`, are not applicable. `above` and `below` count the failing rows on either side.
Without groups the limits are shown, unless the column is personal.

## Example

```yaml
suite: sales
datasets:
  orders:
    source: orders.csv
    columns:
      amount: { type: decimal, outliers: mad }
      day: { type: date }
    rules:
      - check: outliers
        column: amount
        by: shop
        method: iqr
        factor: 3
        side: high
        at_least: 99%
```
";

/// The method of a rule that names none.
const USUAL_METHOD: &str = "iqr";

/// The names of the sides in suites.
const SIDES: [(OutlierSide, &str); 3] =
    [(OutlierSide::Both, "both"), (OutlierSide::High, "high"), (OutlierSide::Low, "low")];

parameters! {
    /// Values that are not far from the others.
    struct Outliers {
        column: required Column, "the column: numbers or dates";
        method: optional Choice(&["iqr", "mad", "zscore"]), "how the limits are computed: iqr (default), mad or zscore", default "iqr";
        factor: optional Number, "how wide the limits are; by default 1.5, 3.5 or 3", default_by ("method", &[("iqr", "1.5"), ("mad", "3.5"), ("zscore", "3")]), stricter Smaller Unknown;
        by: optional Columns, "columns to group by; each group has its own limits";
        side: optional Choice(&["both", "high", "low"]), "both (default), high or low", default "both", stricter Given Strictest;
    }
}

pub(super) const CHECK: Check = Check {
    name: "outliers",
    summary: "no value is far from the others",
    dimension: Dimension::Correct,
    page: PAGE,
    shorthand: Shorthand::Param("method"),
    takes_condition: true,
    params: Outliers::PARAMS,
    bind: Outliers::bind,
};

impl BoundCheck for Outliers {
    fn lint(&self) -> Problems {
        let mut problems = Problems::default();
        if let Some(factor) = self.factor.known().filter(|factor| **factor <= Decimal::ZERO) {
            problems.add("factor", format!("the factor must be greater than 0, not {factor}"));
        }
        let column = &self.column;
        if self.by.known().is_some_and(|by| by.contains(column)) {
            problems.add("by", format!("grouped by {column} itself, all values of a group are equal"));
        }
        problems
    }

    fn measures(&self, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        let wanted = self.wanted();
        match scope.column_type(scope.dataset(), &wanted.column) {
            Some(kind) if kind.is_numeric() || matches!(kind, DataType::Date | DataType::Datetime) => {}
            None => {}
            Some(kind) => {
                let help = "declare `type: decimal`, or a type of dates";
                return Err(Problems::of(
                    "column",
                    format!("{} is {kind}; this check needs numbers or dates: {help}", wanted.column),
                ));
            }
        }
        Ok(vec![dataset_measure(scope, MeasureKind::Outliers(wanted))])
    }

    fn judge(&self, scope: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let wanted = self.wanted();
        let tally = readings.rows(0)?;
        let mut limits = format!("{} with factor {}", self.method.as_deref().unwrap_or(USUAL_METHOD), wanted.factor);
        if !wanted.by.is_empty() {
            limits = format!("{limits}, by {}", wanted.by.join(" + "));
        }
        let expected = |limits: &str| format!("{} is not an outlier ({limits})", wanted.column);
        let mut outcome = Outcome::of_rows(tally, expected(&limits), "are outliers");
        outcome.details.extend(tally.reasons.iter().map(|(name, rows)| (name.clone(), *rows)));
        let Some(OutlierTally { groups, small_groups, small_rows, fences }) = &tally.outliers else {
            return Ok(outcome);
        };
        if !wanted.by.is_empty() {
            outcome.details.insert("groups".to_owned(), *groups);
            outcome.details.insert("small_groups".to_owned(), *small_groups);
            outcome.details.insert("rows_in_small_groups".to_owned(), *small_rows);
        }
        if tally.passed + tally.failed == 0 && *small_rows > 0 {
            let least = Wanted::LEAST_VALUES;
            outcome.observed = match (wanted.by.is_empty(), small_groups) {
                (true, _) => format!("{} values, and {least} are needed", Count(*small_rows)),
                (false, _) => format!("no group has {least} values"),
            };
        }
        if let Some((low, high)) = fences.as_ref().filter(|_| !scope.is_personal(scope.dataset(), &wanted.column)) {
            outcome.expected = expected(&match wanted.side {
                OutlierSide::Both => format!("between {} and {}", shown(low), shown(high)),
                OutlierSide::High => format!("at most {}", shown(high)),
                OutlierSide::Low => format!("at least {}", shown(low)),
            });
        }
        Ok(outcome)
    }
}

impl Outliers {
    /// The parameters as a measure.
    fn wanted(&self) -> Wanted {
        let method = self.method.as_deref().unwrap_or(USUAL_METHOD);
        let known = OutlierMethod::ALL.iter().find(|(_, name, _)| *name == method);
        let (method, _, usual) = *known.unwrap_or(&OutlierMethod::ALL[0]);
        let side = self.side.as_deref().unwrap_or("both");
        Wanted {
            column: self.column.clone(),
            method,
            factor: self.factor.known().copied().unwrap_or(usual),
            side: SIDES.iter().find(|(_, name)| *name == side).map_or(OutlierSide::Both, |(side, _)| *side),
            by: self.by.as_deref().unwrap_or(&[]).to_vec(),
        }
    }
}

/// A limit with no more digits than a reader needs.
fn shown(limit: &Value) -> String {
    match limit {
        Value::Null => "any".to_owned(),
        Value::Float(number) if !number.is_finite() => "any".to_owned(),
        Value::Float(number) if number.abs() < 1e9 => {
            let text = format!("{number:.6}");
            let shown = text.trim_end_matches('0').trim_end_matches('.');
            if shown == "-0" { "0".to_owned() } else { shown.to_owned() }
        }
        Value::Decimal(number) => Shown(&Value::Decimal(number.round(6))).to_string(),
        other => Shown(other).to_string(),
    }
}
