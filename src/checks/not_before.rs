//! `not_before`: no date is before a given one.

use super::{
    BoundCheck, Check, JudgeError, Outcome, Problem, Problems, Readings, Scope, Shorthand, needs_dates, row_measure,
};
use crate::model::{AsOf, DataType, Dimension, Measure, Predicate};
use crate::scalar::parse_value;

const PAGE: &str = "# not_before

Fails a date or timestamp before `date`. Missing values are not applicable. The column must be declared (or stored) as
`date` or `datetime`.

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

parameters! {
    /// Dates from a given date on.
    struct NotBefore {
        column: required Column, "the column";
        date: required Scalar, "the earliest date or timestamp allowed, in ISO form", stricter Greater Unknown;
    }
}

pub(super) const CHECK: Check = Check {
    name: "not_before",
    summary: "the date is not before the one given",
    dimension: Dimension::Correct,
    page: PAGE,
    shorthand: Shorthand::Param("date"),
    takes_condition: true,
    params: NotBefore::PARAMS,
    bind: NotBefore::bind,
};

impl BoundCheck for NotBefore {
    fn lint(&self) -> Problems {
        let date = &self.date;
        if AsOf::parse(date).is_some() {
            return Problems::default();
        }
        Problems::of("date", format!("`{date}` is not a date or timestamp in ISO form, such as 1990-01-01"))
    }

    fn measures(&self, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        let column = self.column.clone();
        let data_type = needs_dates(scope, &column)?;
        let date = &self.date;
        let is_known = scope.column_type(scope.dataset(), &column).is_some();
        let min = parse_value(date, data_type, None)
            .or_else(|| parse_value(date, DataType::Date, None).filter(|_| !is_known))
            .ok_or_else(|| {
                Problem::new("date", format!("`{date}` is not a {data_type} in ISO form, such as 1990-01-01"))
            })?;
        Ok(vec![row_measure(
            scope,
            Predicate::InRange { column, data_type, min: Some(min), max: None, exclusive: false },
        )])
    }

    fn judge(&self, _: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let column = &self.column;
        let date = &self.date;
        Ok(Outcome::of_rows(readings.rows(0)?, format!("{column} is not before {date}"), "are before it"))
    }
}
