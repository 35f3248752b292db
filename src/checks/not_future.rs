//! `not_future`: no date is after the date of the audit.

use super::{
    BoundCheck, Check, JudgeError, Outcome, Problems, Readings, Scope, Shorthand, needs_dates, now, row_measure,
};
use crate::model::{Dimension, Measure, Predicate};

const PAGE: &str = "# not_future

Fails a date or timestamp after `as_of`. If `as_of` is a date, that whole day is allowed. Missing values are not
applicable. The column must be declared (or stored) as `date` or `datetime`.

## Example

```yaml
suite: staff
datasets:
  people:
    source: people.csv
    columns:
      born: { type: date, not_future: true }
```
";

parameters! {
    /// Dates up to the date of the audit.
    struct NotFuture {
        column: required Column, "the column";
    }
}

pub(super) const CHECK: Check = Check {
    name: "not_future",
    summary: "the date is not after as_of",
    dimension: Dimension::Correct,
    page: PAGE,
    shorthand: Shorthand::Flag,
    takes_condition: true,
    params: NotFuture::PARAMS,
    bind: NotFuture::bind,
};

impl BoundCheck for NotFuture {
    fn measures(&self, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        let column = self.column.clone();
        let data_type = needs_dates(scope, &column)?;
        let max = Some(now(data_type, scope.as_of()));
        Ok(vec![row_measure(scope, Predicate::InRange { column, data_type, min: None, max, exclusive: false })])
    }

    fn judge(&self, scope: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let column = &self.column;
        Ok(Outcome::of_rows(readings.rows(0)?, format!("{column} is not after {}", scope.as_of()), "are in the future"))
    }
}
