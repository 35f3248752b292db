//! `current`: each record was updated recently enough.

use super::{
    BoundCheck, Check, JudgeError, Outcome, Problems, Readings, Scope, Shorthand, earliest, needs_dates, row_measure,
};
use crate::model::{DataType, Dimension, Measure, Predicate};

const PAGE: &str = "# current

Passes for a row whose date is at most `within` older than `as_of`; ages are counted as for `fresh`. Missing values are
not applicable. A date in the future passes here; `not_future` counts such dates.

## Example

```yaml
suite: register
as_of: 2026-11-01
datasets:
  citizens:
    source: citizens.csv
    columns:
      verified_on: { type: date, current: { within: 2y, at_least: 95% } }
```
";

parameters! {
    /// The age of each record.
    struct Current {
        column: required Column, "the column";
        within: required Span, "the greatest age, such as 1y", stricter Smaller Unknown;
    }
}

pub(super) const CHECK: Check = Check {
    name: "current",
    summary: "each record was updated recently enough",
    dimension: Dimension::Alive,
    page: PAGE,
    shorthand: Shorthand::Param("within"),
    takes_condition: true,
    params: Current::PARAMS,
    bind: Current::bind,
};

impl BoundCheck for Current {
    fn measures(&self, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        let column = self.column.clone();
        let mut problems = Problems::default();
        let data_type = problems.take(needs_dates(scope, &column)).unwrap_or(DataType::Datetime);
        let min = problems.take(earliest(scope, "within", self.within, data_type));
        problems
            .or(vec![row_measure(scope, Predicate::InRange { column, data_type, min, max: None, exclusive: false })])
    }

    fn judge(&self, scope: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let column = &self.column;
        let within = &self.within;
        let expected = format!("{column} is at most {within} before {}", scope.as_of());
        Ok(Outcome::of_rows(readings.rows(0)?, expected, "are older"))
    }
}
