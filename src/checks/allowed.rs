//! `allowed`: every value is in a list.

use super::{
    Args, Check, JudgeError, Outcome, Param, ParamKind, Problems, Readings, Scope, Shorthand, describe_list, fits_list,
    row_measure,
};
use crate::model::{Dimension, Measure, Predicate, ValueList};

/// Values inside a list.
pub(super) struct Allowed;

const PAGE: &str = r#"# allowed

Passes for a value that is in the list.
Values compare in the declared type of the column, text byte for byte. Missing values are not applicable.

`{ codelist: NAME }` takes the list from a code list of the suite. Where its codes have validity dates, a code counts on
the days from `valid_from` to `valid_to`, both included: the day of the date column named by `at`, else the day of
`as_of`. A row whose date is missing is not applicable; one whose date does not read is unreadable.

## Example

```yaml
suite: staff
codelists:
  provinces: { values: ["01", "04", "79"] }
datasets:
  people:
    source: people.csv
    columns:
      sex: { allowed: [Nam, Nữ, Khác] }
      province: { allowed: { codelist: provinces } }
```
"#;

impl Check for Allowed {
    fn name(&self) -> &'static str {
        "allowed"
    }

    fn summary(&self) -> &'static str {
        "the value is in the list"
    }

    fn dimension(&self) -> Dimension {
        Dimension::Correct
    }

    fn params(&self) -> &'static [Param] {
        const {
            &[
                Param::required("column", ParamKind::Column, "the column"),
                Param::required("values", ParamKind::List, "the values, or { codelist: NAME, at: DATE_COLUMN }"),
            ]
        }
    }

    fn page(&self) -> &'static str {
        PAGE
    }

    fn shorthand(&self) -> Shorthand {
        Shorthand::Param("values")
    }

    fn measures(&self, args: &Args, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        let column = args.column("column").cloned().unwrap_or_default();
        let list = args.list("values").cloned().unwrap_or_else(|| ValueList::Values(Vec::new()));
        fits_list(scope, &column, &list)?;
        Ok(vec![row_measure(scope, Predicate::Listed { column, list, negated: false })])
    }

    fn judge(&self, args: &Args, _: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let column = args.column("column").map(String::as_str).unwrap_or_default();
        let list = args.list("values").map(describe_list).unwrap_or_default();
        Ok(Outcome::of_rows(readings.rows(0)?, format!("{column} is {list}"), "are not in the list"))
    }
}
