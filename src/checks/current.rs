//! `current`: each record was touched recently enough.

use super::{
    Args, Check, JudgeError, Outcome, Param, ParamKind, Problems, Readings, Scope, Shorthand, earliest, needs_dates,
    row_measure,
};
use crate::model::{DataType, Dimension, Measure, Predicate};

/// The age of each record.
pub(super) struct Current;

const PAGE: &str = "# current

Passes for a row whose date lies within the time named before `as_of`; ages count as for `fresh`. Missing values are not
applicable. A date in the future passes here: `not_future` counts those.

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

impl Check for Current {
    fn name(&self) -> &'static str {
        "current"
    }

    fn summary(&self) -> &'static str {
        "each record was touched recently enough"
    }

    fn dimension(&self) -> Dimension {
        Dimension::Alive
    }

    fn params(&self) -> &'static [Param] {
        const {
            &[
                Param::required("column", ParamKind::Column, "the column"),
                Param::required("within", ParamKind::Span, "the greatest age, such as 1y"),
            ]
        }
    }

    fn page(&self) -> &'static str {
        PAGE
    }

    fn shorthand(&self) -> Shorthand {
        Shorthand::Param("within")
    }

    fn measures(&self, args: &Args, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        let column = args.column("column").cloned().unwrap_or_default();
        let mut problems = Problems::default();
        let data_type = problems.take(needs_dates(scope, &column)).unwrap_or(DataType::Datetime);
        let min = problems.take(earliest(scope, args, data_type));
        problems
            .or(vec![row_measure(scope, Predicate::InRange { column, data_type, min, max: None, exclusive: false })])
    }

    fn judge(&self, args: &Args, scope: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let column = args.column("column").map(String::as_str).unwrap_or_default();
        let within = args.span("within").map(ToString::to_string).unwrap_or_default();
        let expected = format!("{column} is within {within} before {}", scope.as_of());
        Ok(Outcome::of_rows(readings.rows(0)?, expected, "are older"))
    }
}
