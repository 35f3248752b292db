//! `type`: every value reads as its type.

use super::{Args, Check, JudgeError, Outcome, Param, ParamKind, Problems, Readings, Scope, Shorthand, row_measure};
use crate::model::{DataType, Dimension, Measure, Predicate};
use crate::scalar::DateFormat;

/// Values that parse.
pub(super) struct Type;

const PAGE: &str = r#"# type

Passes for a value that reads as `integer`, `decimal`, `date`, `datetime`, `boolean`, `uuid` or `text`. Missing values
are not applicable. A value that does not read is *unreadable* and fails, here and in every other check that needs the
type.

- `integer`: digits with an optional sign, within 64 bits. `decimal`: digits with `.` and an optional exponent.
- `date`: a real day, `YYYY-MM-DD` unless `format` says otherwise; `31/02/2020` never reads. `datetime`: a day and a time,
  with an optional offset, which is brought to UTC.
- `boolean`: true, false, yes, no, t, f, y, n, 1, 0 in any case. `uuid`: the 36-character form.

`type: date` under a column both declares the type for every other rule and makes this rule.

## Example

```yaml
suite: staff
datasets:
  people:
    source: people.csv
    columns:
      born: { type: date, format: "%d/%m/%Y" }
      salary: { type: decimal }
```
"#;

impl Check for Type {
    fn name(&self) -> &'static str {
        "type"
    }

    fn summary(&self) -> &'static str {
        "every value reads as the type"
    }

    fn dimension(&self) -> Dimension {
        Dimension::Correct
    }

    fn params(&self) -> &'static [Param] {
        const {
            &[
                Param::required("column", ParamKind::Column, "the column"),
                Param::optional("as", ParamKind::Type, "the type; by default the declared one"),
                Param::optional("format", ParamKind::Text, "how dates are written, such as %d/%m/%Y"),
            ]
        }
    }

    fn page(&self) -> &'static str {
        PAGE
    }

    fn shorthand(&self) -> Shorthand {
        Shorthand::Param("as")
    }

    fn lint(&self, args: &Args) -> Vec<(&'static str, String)> {
        let dated = matches!(args.data_type("as"), None | Some(DataType::Date | DataType::Datetime));
        match args.text("format").map(|format| DateFormat::compile(format)) {
            Some(_) if !dated => vec![("format", "only dates and datetimes have a format".to_owned())],
            Some(Err(problem)) => vec![("format", problem)],
            _ => Vec::new(),
        }
    }

    fn measures(&self, args: &Args, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        let column = args.column("column").cloned().unwrap_or_default();
        let declared = scope.column_type(scope.dataset(), &column);
        let known = args.data_type("as").copied().or(declared);
        if let Some(kind) = known.filter(|kind| !matches!(kind, DataType::Date | DataType::Datetime))
            && args.has("format")
        {
            return Err(("format", format!("{column} is {kind}; only dates and datetimes have a format")).into());
        }
        let data_type = known.unwrap_or(DataType::Text);
        let format = args.text("format").cloned().or_else(|| scope.format(scope.dataset(), &column));
        if let Some(format) = &format {
            DateFormat::compile(format).map_err(|problem| ("format", problem))?;
        }
        Ok(vec![row_measure(scope, Predicate::Readable { column, data_type, format })])
    }

    fn judge(&self, args: &Args, scope: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let column = args.column("column").map(String::as_str).unwrap_or_default();
        let declared = scope.column_type(scope.dataset(), column);
        let name = args.data_type("as").copied().or(declared).map_or("its type", DataType::name);
        Ok(Outcome::of_rows(readings.rows(0)?, format!("{column} reads as {name}"), "do not read"))
    }
}
