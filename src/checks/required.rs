//! `required`: what must be there is there.

use super::{Args, Check, JudgeError, Outcome, Param, ParamKind, Problems, Readings, Scope, Shorthand, row_measure};
use crate::model::{Dimension, Measure, Predicate};

/// Cells that must not be missing.
pub(super) struct Required;

const PAGE: &str = r#"# required

Passes for a row where every column named is not missing; with `any_of`, where at least one is not.

A cell is missing when it is null, empty, only white space, or a token declared under `missing:`. Every row in scope
counts. No other check counts a missing value: they all skip it.

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

impl Check for Required {
    fn name(&self) -> &'static str {
        "required"
    }

    fn summary(&self) -> &'static str {
        "the value is not missing"
    }

    fn dimension(&self) -> Dimension {
        Dimension::Sufficient
    }

    fn params(&self) -> &'static [Param] {
        const {
            &[
                Param::optional("columns", ParamKind::Columns, "the column, or columns that must all be there"),
                Param::optional("any_of", ParamKind::Columns, "columns of which at least one must be there"),
            ]
        }
    }

    fn page(&self) -> &'static str {
        PAGE
    }

    fn shorthand(&self) -> Shorthand {
        Shorthand::Flag
    }

    fn lint(&self, args: &Args) -> Vec<(&'static str, String)> {
        match (args.has("columns"), args.has("any_of")) {
            (false, false) => vec![("columns", "give `columns` or `any_of`".to_owned())],
            (true, true) => vec![("any_of", "give `columns` or `any_of`, not both; use two rules".to_owned())],
            _ => Vec::new(),
        }
    }

    fn measures(&self, args: &Args, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        let any = args.has("any_of");
        let columns = args.columns(if any { "any_of" } else { "columns" }).cloned().unwrap_or_default();
        Ok(vec![row_measure(scope, Predicate::Present { columns, any })])
    }

    fn judge(&self, args: &Args, _: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let expected = match (args.columns("columns"), args.columns("any_of")) {
            (_, Some(columns)) => format!("at least one of {} is there", columns.join(", ")),
            (Some(columns), None) => format!("{} is there", columns.join(" and ")),
            (None, None) => String::new(),
        };
        Ok(Outcome::of_rows(readings.rows(0)?, expected, "miss it"))
    }
}
