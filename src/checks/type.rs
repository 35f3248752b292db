//! `type`: every value can be parsed as its type.

use super::parameters::Optional;
use super::{BoundCheck, Check, JudgeError, Outcome, Problem, Problems, Readings, Scope, Shorthand, row_measure};
use crate::model::{DataType, DateNotation, Dimension, Measure, Predicate};
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

`format` says how dates are written; without it they are ISO 8601, with `T` or a space, optional seconds and fractions, and
an optional offset (`Z`, `+07`, `+0700`, `+07:00`).

- Fields: `%Y` (four digits), `%m`, `%d`, `%H`, `%I`, `%M`, `%S` (two digits each), `%-m`, `%-d`, `%-H`, `%-I` (one or two),
  `%b` (Jan to Dec), `%B` (January to December), `%p` (AM or PM, with `%I`), `%f` (a fraction of a second, 1 to 9 digits),
  `%z` (an offset), `%%` for a percent sign, and other text as it is. A month without a day is its first day.
- `%y` (two digits) needs `century`, the first of the hundred years: with `century: 1950`, `49` is 2049 and `50` is 1950.
- `months` says whose names `%b`, `%B` and `%p` take: `en` (default), `vi`, `fr`, `de`, `es`, `it`, `pt`, `nl`, `pl` or `id`;
  or it lists twelve names.
- Letters mean the same: `dd/mm/yyyy`, `dd-mon-yy`, `m/d/yyyy h:mm AM/PM`, `yyyy-MM-dd HH:mm:ss`.
- Numbers have names: `unix seconds`, `unix milliseconds`, `excel 1900`, `excel 1904`; `iso` is ISO 8601.
- A list of formats is tried in its order, and the first that parses a value counts: with `[dd/mm/yyyy, mm/dd/yyyy]`,
  `02/03/2024` is 2 March.

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
        format: optional Texts, "how dates are written, such as %d/%m/%Y; a list is tried in order", stricter Fewer Unknown;
        months: optional Texts, "the language of the names of months, such as vi, or the twelve names";
        century: optional Count, "the first of the hundred years that years of two digits are among, such as 1950";
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

impl Type {
    /// How the rule says that dates are written, with the parameter that says so first.
    fn notation(&self) -> Option<(&'static str, DateNotation)> {
        let given = [
            ("format", self.format.is_given()),
            ("months", self.months.is_given()),
            ("century", self.century.is_given()),
        ];
        let (name, _) = given.into_iter().find(|(_, is_given)| *is_given)?;
        let texts = |texts: &Optional<Vec<String>>| texts.known().cloned().unwrap_or_default();
        let century = self.century.known().copied();
        Some((name, DateNotation { formats: texts(&self.format), months: texts(&self.months), century }))
    }
}

/// The formats, or what is wrong with them, at the parameter that is to blame.
fn compiled(notation: &DateNotation) -> Result<DateFormat, Problem> {
    DateFormat::compile(notation).map_err(|problem| Problem::new(problem.declaration(), problem.to_string()))
}

impl BoundCheck for Type {
    fn lint(&self) -> Problems {
        let dated = matches!(self.kind.known(), None | Some(DataType::Date | DataType::Datetime));
        match self.notation() {
            Some((name, _)) if !dated => Problems::of(name, "only dates and datetimes have a format"),
            Some((_, notation)) => compiled(&notation).map_or_else(Problems::from, |_| Problems::default()),
            None => Problems::default(),
        }
    }

    fn measures(&self, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        let column = self.column.clone();
        let declared = scope.column_type(scope.dataset(), &column);
        let known = self.kind.known().copied().or(declared);
        if let Some(kind) = known.filter(|kind| !matches!(kind, DataType::Date | DataType::Datetime))
            && let Some((name, _)) = self.notation()
        {
            return Err(Problems::of(name, format!("{column} is {kind}; only dates and datetimes have a format")));
        }
        if known == Some(DataType::Binary) {
            return Err(Problems::of("as", "any value is binary: declare it under `columns`, `type: binary`"));
        }
        let data_type = known.unwrap_or(DataType::Text);
        let own = self.notation().map(|(_, notation)| notation);
        let format = own.or_else(|| scope.format(scope.dataset(), &column));
        if let Some(format) = &format {
            compiled(format)?;
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
