//! `type`: every value reads as its type.

use super::{BoundCheck, Check, JudgeError, Outcome, Problem, Problems, Readings, Scope, Shorthand, row_measure};
use crate::model::{DataType, Dimension, Measure, Predicate};
use crate::scalar::DateFormat;

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

parameters! {
    /// Values that parse.
    struct Type {
        column: required Column, "the column";
        data_type = "as": optional Type, "the type; by default the declared one";
        format: optional Text, "how dates are written, such as %d/%m/%Y";
    }
}

pub(super) const CHECK: Check = Check {
    name: "type",
    summary: "every value reads as the type",
    dimension: Dimension::Correct,
    page: PAGE,
    shorthand: Shorthand::Param("as"),
    takes_condition: true,
    params: Type::PARAMS,
    bind: Type::bind,
};

impl BoundCheck for Type {
    fn lint(&self) -> Problems {
        let dated = matches!(self.data_type.known(), None | Some(DataType::Date | DataType::Datetime));
        match self.format.as_deref().map(DateFormat::compile) {
            Some(_) if !dated => Problems::of("format", "only dates and datetimes have a format"),
            Some(Err(problem)) => Problems::of("format", problem),
            _ => Problems::default(),
        }
    }

    fn measures(&self, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        let column = self.column.clone();
        let declared = scope.column_type(scope.dataset(), &column);
        let known = self.data_type.known().copied().or(declared);
        if let Some(kind) = known.filter(|kind| !matches!(kind, DataType::Date | DataType::Datetime))
            && self.format.is_given()
        {
            return Err(Problems::of("format", format!("{column} is {kind}; only dates and datetimes have a format")));
        }
        let data_type = known.unwrap_or(DataType::Text);
        let format = self.format.known().cloned().or_else(|| scope.format(scope.dataset(), &column));
        if let Some(format) = &format {
            DateFormat::compile(format).map_err(|problem| Problem::new("format", problem))?;
        }
        Ok(vec![row_measure(scope, Predicate::Readable { column, data_type, format })])
    }

    fn judge(&self, scope: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let column = &self.column;
        let declared = scope.column_type(scope.dataset(), column);
        let name = self.data_type.known().copied().or(declared).map_or("its type", DataType::name);
        Ok(Outcome::of_rows(readings.rows(0)?, format!("{column} reads as {name}"), "do not read"))
    }
}
