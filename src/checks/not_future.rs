//! `not_future`: no date lies after the day of the audit.

use super::{
    Args, Check, JudgeError, Outcome, Param, ParamKind, Problems, Readings, Scope, Shorthand, moment, needs_dates,
    row_measure,
};
use crate::model::{Dimension, Measure, Predicate};

/// Dates up to the day of the audit.
pub(super) struct NotFuture;

const PAGE: &str = "# not_future

Fails a date or datetime after `as_of`. A whole day counts to its end. Missing values are not applicable.
The column must be declared (or stored) as `date` or `datetime`.

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

impl Check for NotFuture {
    fn name(&self) -> &'static str {
        "not_future"
    }

    fn summary(&self) -> &'static str {
        "the date is not after as_of"
    }

    fn dimension(&self) -> Dimension {
        Dimension::Correct
    }

    fn params(&self) -> &'static [Param] {
        const { &[Param::required("column", ParamKind::Column, "the column")] }
    }

    fn page(&self) -> &'static str {
        PAGE
    }

    fn shorthand(&self) -> Shorthand {
        Shorthand::Flag
    }

    fn measures(&self, args: &Args, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        let column = args.column("column").cloned().unwrap_or_default();
        let data_type = needs_dates(scope, &column)?;
        let max = Some(moment(data_type, scope.as_of()));
        Ok(vec![row_measure(scope, Predicate::InRange { column, data_type, min: None, max, exclusive: false })])
    }

    fn judge(&self, args: &Args, scope: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let column = args.column("column").map(String::as_str).unwrap_or_default();
        Ok(Outcome::of_rows(readings.rows(0)?, format!("{column} is not after {}", scope.as_of()), "lie in the future"))
    }
}
