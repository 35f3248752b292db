//! `not_before`: no date lies before a given one.

use super::{
    Args, Check, JudgeError, Outcome, Param, ParamKind, Problems, Readings, Scope, Shorthand, needs_dates, row_measure,
};
use crate::model::{AsOf, DataType, Dimension, Measure, Predicate};
use crate::scalar::parse_value;

/// Dates from a given day.
pub(super) struct NotBefore;

const PAGE: &str = "# not_before

Fails a date or datetime before `date`. Missing values are not applicable.
The column must be declared (or stored) as `date` or `datetime`.

## Example

```yaml
suite: staff
datasets:
  people:
    source: people.csv
    columns:
      hired: { type: date, not_before: 1990-01-01 }
```
";

impl Check for NotBefore {
    fn name(&self) -> &'static str {
        "not_before"
    }

    fn summary(&self) -> &'static str {
        "the date is not before the one given"
    }

    fn dimension(&self) -> Dimension {
        Dimension::Correct
    }

    fn params(&self) -> &'static [Param] {
        const {
            &[
                Param::required("column", ParamKind::Column, "the column"),
                Param::required("date", ParamKind::Scalar, "the earliest day or moment, in ISO form"),
            ]
        }
    }

    fn page(&self) -> &'static str {
        PAGE
    }

    fn shorthand(&self) -> Shorthand {
        Shorthand::Param("date")
    }

    fn lint(&self, args: &Args) -> Vec<(&'static str, String)> {
        match args.text("date") {
            Some(date) if AsOf::parse(date).is_none() => {
                vec![("date", format!("`{date}` is not a day or moment in ISO form, such as 1990-01-01"))]
            }
            _ => Vec::new(),
        }
    }

    fn measures(&self, args: &Args, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        let column = args.column("column").cloned().unwrap_or_default();
        let data_type = needs_dates(scope, &column)?;
        let date = args.text("date").map(String::as_str).unwrap_or_default();
        let is_known = scope.column_type(scope.dataset(), &column).is_some();
        let min = parse_value(date, data_type, None)
            .or_else(|| parse_value(date, DataType::Date, None).filter(|_| !is_known))
            .ok_or_else(|| ("date", format!("`{date}` is not a {data_type} in ISO form, such as 1990-01-01")))?;
        Ok(vec![row_measure(
            scope,
            Predicate::InRange { column, data_type, min: Some(min), max: None, exclusive: false },
        )])
    }

    fn judge(&self, args: &Args, _: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let column = args.column("column").map(String::as_str).unwrap_or_default();
        let date = args.text("date").map(String::as_str).unwrap_or_default();
        Ok(Outcome::of_rows(readings.rows(0)?, format!("{column} is not before {date}"), "lie before it"))
    }
}
