//! `outliers`: values far from the rest.

use super::{BoundCheck, Check, JudgeError, Outcome, Problems, Readings, Scope, Shorthand, dataset_measure};
use crate::model::{
    DataType, Dimension, Measure, MeasureKind, OutlierMethod, OutlierSide, OutlierTally, Outliers as Wanted, Value,
};

const PAGE: &str = "# outliers

Fails values that lie far from the other values of the column, or of their group (`by`). Numbers and dates; what is too far
is told by `method`:

| method | too far | `factor` by default |
|---|---|---|
| `iqr` | beyond the quartiles by more than `factor` times the distance between them (Tukey, 1977) | 1.5 |
| `mad` | from the median by more than `factor` times 1.4826 times the median distance from it (Iglewicz and Hoaglin, 1993) | 3.5 |
| `zscore` | from the mean by more than `factor` deviations, those of a sample | 3 |

The factor 1.4826 makes the median distance of normal values their deviation. Quartiles and medians are exact, and lie in
proportion between two values where they fall between them (as `quantile` in `aggregate`). A value on the fence itself
passes: to 15 digits of what the fence is computed from, which of whole numbers and dates is counted from their middle, so that
long ones keep apart and one far value hides no other. Dates count in days, datetimes in microseconds. `side: high` or `low`
looks on one side only.

Nothing fails where no value differs. Where half of the values or more are the same, the distance between the quartiles, or
the median distance, is 0, and every value beyond the quartiles (`mad`: other than the median) fails; for such a column
take `zscore`, or `range`. An infinite value fails, and does not count for mean and deviation.

A group with fewer than 5 values tells nothing of them: its rows are not applicable, and counted as `small_groups` and
`rows_in_small_groups`; so are all rows, where the column has fewer. Missing values, and rows of which a column of the
group is missing, are not applicable. `above` and `below` count the rows on either side; without groups the fences are
shown unless the column is personal.

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

/// The names of the sides in suites.
const SIDES: [(OutlierSide, &str); 3] =
    [(OutlierSide::Both, "both"), (OutlierSide::High, "high"), (OutlierSide::Low, "low")];

parameters! {
    /// Values near the others.
    struct Outliers {
        column: required Column, "the column: numbers or dates";
        method: optional Choice(&["iqr", "mad", "zscore"]), "how it is told what is far: iqr (default), mad or zscore";
        factor: optional Number, "how far is too far; by default 1.5, 3.5 or 3";
        by: optional Columns, "columns whose values make groups, each with its own middle";
        side: optional Choice(&["both", "high", "low"]), "both (default), high or low";
    }
}

pub(super) const CHECK: Check = Check {
    name: "outliers",
    summary: "no value lies far from the rest",
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
        if let Some(factor) = self.factor.known().filter(|factor| **factor <= 0.0) {
            problems.add("factor", format!("the factor is over 0, not {factor}"));
        }
        let column = &self.column;
        if self.by.known().is_some_and(|by| by.contains(column)) {
            problems.add("by", format!("grouped by {column} itself, all values of a group are the same"));
        }
        problems
    }

    fn measures(&self, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        let wanted = self.wanted();
        match scope.column_type(scope.dataset(), &wanted.column) {
            Some(DataType::Integer | DataType::Decimal | DataType::Date | DataType::Datetime) | None => {}
            Some(kind) => {
                let help = "declare `type: decimal`, or a type of dates";
                return Err(Problems::of(
                    "column",
                    format!("{} is {kind}; this check reads numbers and dates: {help}", wanted.column),
                ));
            }
        }
        Ok(vec![dataset_measure(scope, MeasureKind::Outliers(wanted))])
    }

    fn judge(&self, scope: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let wanted = self.wanted();
        let tally = readings.rows(0)?;
        let side = match wanted.side {
            OutlierSide::Both => "within",
            OutlierSide::High => "not over",
            OutlierSide::Low => "not under",
        };
        let mut expected = format!("{} lies {side} {} {}", wanted.column, wanted.factor, wanted.method.spread());
        if !wanted.by.is_empty() {
            expected = format!("{expected}, by {}", wanted.by.join(" + "));
        }
        let mut outcome = Outcome::of_rows(tally, expected, "lie far from the rest");
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
                (true, _) => format!("{small_rows} values, and fewer than {least} tell nothing of each other"),
                (false, _) => format!("no group has {least} values"),
            };
        }
        if let Some((low, high)) = fences.as_ref().filter(|_| !scope.is_personal(scope.dataset(), &wanted.column)) {
            let fences = match wanted.side {
                OutlierSide::Both => format!("{} to {}", shown(low), shown(high)),
                OutlierSide::High => format!("up to {}", shown(high)),
                OutlierSide::Low => format!("from {}", shown(low)),
            };
            outcome.observed = format!("{}; not far is {fences}", outcome.observed);
        }
        Ok(outcome)
    }
}

impl Outliers {
    /// The parameters as a measure.
    fn wanted(&self) -> Wanted {
        let method = self.method.as_deref().unwrap_or("iqr");
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

/// A fence with no more digits than a reader needs.
fn shown(fence: &Value) -> String {
    match fence {
        Value::Decimal(number) if number.is_nan() => "any".to_owned(),
        Value::Decimal(number) if number.abs() < 1e9 => {
            let text = format!("{number:.6}");
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        other => other.to_string(),
    }
}
