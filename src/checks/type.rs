//! `type`: every value can be parsed as its type.

use super::{BoundCheck, Check, JudgeError, Outcome, Problem, Problems, Readings, Scope, Shorthand, row_measure};
use crate::model::{DataType, Dimension, Measure, Predicate};
use crate::scalar::DateFormat;

const PAGE: &str = r#"# type

Passes for a value that can be parsed as `integer`, `decimal`, `float`, `date`, `datetime`, `boolean`, `uuid` or `text`. Missing
values are not applicable. A value that cannot be parsed is *unparseable*: it fails here and in every other check that
needs the type, and is counted as `unreadable`.

- `integer`: up to 38 digits with an optional sign. `decimal`: up to 38 digits with `.` and an optional exponent; exact.
  `float`: the same, rounded to a 64-bit float.
- `date`: a date that exists, written `YYYY-MM-DD` unless `format` says otherwise; `31/02/2020` is never a date.
  `datetime`: a date and a time with an optional offset, which is converted to UTC.
- `boolean`: true, false, yes, no, t, f, y, n, 1, 0 in any case. `uuid`: the form of 36 characters.

Numbers and booleans that are written in another way are declared on the suite, the dataset or the column: `decimal: ","`,
`thousands: "."`, `strip: ["%"]`, `brackets: negative`, `minus: trailing`, `true: [x]` and `false: [""]`. What is written
neither plainly nor as declared is unparseable, and never another number.

`format` consists of `%Y` (four digits), `%m`, `%d`, `%H`, `%M`, `%S` (two digits each), `%-m`, `%-d`, `%-H` (one or two),
`%b` (Jan to Dec), `%f` (a fraction of a second, 1 to 9 digits), `%z` (`Z`, `±HH:MM` or `±HHMM`), `%%` for a percent
sign, and other text as it is. Years of two digits are refused, since the century would be a guess.

`type: date` under a column does two things: it declares the type for all other rules, and it makes this rule.

## Example

```yaml
suite: staff
datasets:
  people:
    source: people.csv
    columns:
      born: { type: date, format: "%d/%m/%Y" }
      salary: { type: decimal, decimal: ",", thousands: "." }
```
"#;

parameters! {
    /// Values that can be parsed.
    struct Type {
        column: required Column, "the column";
        kind = "as": optional Type, "the type; by default the declared type of the column";
        format: optional Text, "how dates are written, such as %d/%m/%Y";
    }
}

pub(super) const CHECK: Check = Check {
    name: "type",
    summary: "every value can be parsed as the type",
    dimension: Dimension::Correct,
    page: PAGE,
    shorthand: Shorthand::Param("as"),
    takes_condition: true,
    params: Type::PARAMS,
    bind: Type::bind,
};

impl BoundCheck for Type {
    fn lint(&self) -> Problems {
        let dated = matches!(self.kind.known(), None | Some(DataType::Date | DataType::Datetime));
        match self.format.as_deref().map(DateFormat::compile) {
            Some(_) if !dated => Problems::of("format", "only dates and datetimes have a format"),
            Some(Err(problem)) => Problems::of("format", problem.to_string()),
            _ => Problems::default(),
        }
    }

    fn measures(&self, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        let column = self.column.clone();
        let declared = scope.column_type(scope.dataset(), &column);
        let known = self.kind.known().copied().or(declared);
        if let Some(kind) = known.filter(|kind| !matches!(kind, DataType::Date | DataType::Datetime))
            && self.format.is_given()
        {
            return Err(Problems::of("format", format!("{column} is {kind}; only dates and datetimes have a format")));
        }
        let data_type = known.unwrap_or(DataType::Text);
        let format = self.format.known().cloned().or_else(|| scope.format(scope.dataset(), &column));
        if let Some(format) = &format {
            DateFormat::compile(format).map_err(|problem| Problem::new("format", problem.to_string()))?;
        }
        Ok(vec![row_measure(scope, Predicate::Readable { column, data_type, format })])
    }

    fn certainty(&self, _: &str, _: &[String]) -> Option<String> {
        let is_any = self.kind.known() == Some(&DataType::Text);
        is_any.then(|| "passes for every value: any value is text".to_owned())
    }

    fn judge(&self, scope: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let column = &self.column;
        let declared = scope.column_type(scope.dataset(), column);
        let name = self.kind.known().copied().or(declared).map_or("its type", DataType::name);
        Ok(Outcome::of_rows(
            readings.rows(0)?,
            format!("{column} can be parsed as {name}"),
            "have an unparseable value",
        ))
    }
}
