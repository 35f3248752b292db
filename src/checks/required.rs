//! `required`: no value is missing.

use super::{BoundCheck, Check, JudgeError, Outcome, Problems, Readings, Scope, Shorthand, row_measure};
use crate::model::{Dimension, Measure, Predicate};

const PAGE: &str = r#"# required

Passes for a row in which every column named has a value. With `any_of`, at least one of the columns must have a value.

A cell is missing when it is null, empty, only white space and characters without width (such as U+200B), or a token
declared under `missing:`. Every row in scope counts. Other checks do not fail a row because a value is missing, unless their page says so.

## Example

```yaml
suite: staff
datasets:
  people:
    source: people.csv
    missing: [NA, "-"]
    columns:
      name: { required: true }
      phone: { required: { at_least: 85% } }
    rules:
      - id: some-contact
        check: required
        any_of: [phone, email]
```
"#;

parameters! {
    /// Cells that must not be missing.
    struct Required {
        columns: optional Columns, "the column, or the columns that must all have a value", stricter More Unknown;
        any_of: optional Columns, "columns; at least one of them must have a value", stricter Fewer Unknown;
    }
}

pub(super) const CHECK: Check = Check {
    name: "required",
    summary: "the value is not missing",
    dimension: Dimension::Sufficient,
    page: PAGE,
    shorthand: Shorthand::Flag,
    takes_condition: true,
    params: Required::PARAMS,
    bind: Required::bind,
};

impl BoundCheck for Required {
    fn lint(&self) -> Problems {
        match (self.columns.is_given(), self.any_of.is_given()) {
            (false, false) => Problems::of("columns", "give `columns` or `any_of`"),
            (true, true) => Problems::of("any_of", "give `columns` or `any_of`, not both; use two rules"),
            _ => Problems::default(),
        }
    }

    fn measures(&self, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        let any = self.any_of.is_given();
        let columns = if any { &self.any_of } else { &self.columns };
        let columns = columns.as_deref().unwrap_or(&[]).to_vec();
        Ok(vec![row_measure(scope, Predicate::Present { columns, any })])
    }

    fn judge(&self, _: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let expected = match (self.columns.known(), self.any_of.known()) {
            (_, Some(columns)) => format!("at least one of {} is not missing", columns.join(", ")),
            (Some(columns), None) => format!("{} is not missing", columns.join(" and ")),
            (None, None) => String::new(),
        };
        Ok(Outcome::of_rows(readings.rows(0)?, expected, "have no value"))
    }
}
