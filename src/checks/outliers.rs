//! `outliers`: values far from the rest.

use super::{
    Args, Check, JudgeError, Outcome, Param, ParamKind, Problems, Readings, Scope, Shorthand, dataset_measure,
};
use crate::model::{
    DataType, Dimension, Measure, MeasureKind, OutlierMethod, OutlierSide, OutlierTally, Outliers as Wanted, Value,
};

/// Values near the others.
pub(super) struct Outliers;

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

impl Check for Outliers {
    fn name(&self) -> &'static str {
        "outliers"
    }

    fn summary(&self) -> &'static str {
        "no value lies far from the rest"
    }

    fn dimension(&self) -> Dimension {
        Dimension::Correct
    }

    fn params(&self) -> &'static [Param] {
        const {
            &[
                Param::required("column", ParamKind::Column, "the column: numbers or dates"),
                Param::optional(
                    "method",
                    ParamKind::Choice(&["iqr", "mad", "zscore"]),
                    "how it is told what is far: iqr (default), mad or zscore",
                ),
                Param::optional("factor", ParamKind::Number, "how far is too far; by default 1.5, 3.5 or 3"),
                Param::optional("by", ParamKind::Columns, "columns whose values make groups, each with its own middle"),
                Param::optional("side", ParamKind::Choice(&["both", "high", "low"]), "both (default), high or low"),
            ]
        }
    }

    fn page(&self) -> &'static str {
        PAGE
    }

    fn shorthand(&self) -> Shorthand {
        Shorthand::Param("method")
    }

    fn lint(&self, args: &Args) -> Vec<(&'static str, String)> {
        let mut faults = Vec::new();
        if let Some(factor) = args.number("factor").filter(|factor| **factor <= 0.0) {
            faults.push(("factor", format!("the factor is over 0, not {factor}")));
        }
        let column = args.column("column");
        if let Some(column) = column.filter(|column| args.columns("by").is_some_and(|by| by.contains(column))) {
            faults.push(("by", format!("grouped by {column} itself, all values of a group are the same")));
        }
        faults
    }

    fn measures(&self, args: &Args, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        let wanted = wanted(args);
        match scope.column_type(scope.dataset(), &wanted.column) {
            Some(DataType::Integer | DataType::Decimal | DataType::Date | DataType::Datetime) | None => {}
            Some(kind) => {
                let help = "declare `type: decimal`, or a type of dates";
                return Err((
                    "column",
                    format!("{} is {kind}; this check reads numbers and dates: {help}", wanted.column),
                )
                    .into());
            }
        }
        Ok(vec![dataset_measure(scope, MeasureKind::Outliers(wanted))])
    }

    fn judge(&self, args: &Args, scope: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let wanted = wanted(args);
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

/// The parameters as a measure.
fn wanted(args: &Args) -> Wanted {
    let method = args.text("method").map_or("iqr", String::as_str);
    let known = OutlierMethod::ALL.iter().find(|(_, name, _)| *name == method);
    let (method, _, usual) = *known.unwrap_or(&OutlierMethod::ALL[0]);
    let side = args.text("side").map_or("both", String::as_str);
    Wanted {
        column: args.column("column").cloned().unwrap_or_default(),
        method,
        factor: args.number("factor").copied().unwrap_or(usual),
        side: SIDES.iter().find(|(_, name)| *name == side).map_or(OutlierSide::Both, |(side, _)| *side),
        by: args.columns("by").cloned().unwrap_or_default(),
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
