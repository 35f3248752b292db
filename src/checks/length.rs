//! `length`: the length of texts is within bounds.

use super::{
    BoundCheck, Check, Claim, JudgeError, Outcome, Problems, Readings, Scope, Shorthand, needs_text, row_measure,
};
use crate::model::{DataType, Dimension, LengthUnit, Measure, Predicate, Value};

const PAGE: &str = "# length

Passes for a text of `min` to `max` characters (Unicode scalar values), or bytes of UTF-8 with `unit: bytes`; both
bounds are allowed. Every character of the cell counts, spaces included. Missing values are not applicable. In a column
of `type: binary` the bytes of the value count.

## Example

```yaml
suite: staff
datasets:
  people:
    source: people.csv
    columns:
      full_name: { length: 2..50 }
      tax_code: { length: 10 }
```
";

parameters! {
    /// Lengths of text.
    struct Length {
        column: required Column, "the column";
        within: optional Bounds, "both bounds at once: 2..50, ..50, 12";
        min: optional Count, "the smallest length allowed", stricter Greater Loosest;
        max: optional Count, "the greatest length allowed", stricter Smaller Loosest;
        unit: optional Choice(&["chars", "bytes"]), "what is counted; chars by default", default "chars";
    }
}

pub(super) const CHECK: Check = Check {
    name: "length",
    summary: "the length of the text is within the bounds",
    dimension: Dimension::Correct,
    page: PAGE,
    shorthand: Shorthand::Param("within"),
    takes_condition: true,
    params: Length::PARAMS,
    bind: Length::bind,
};

impl BoundCheck for Length {
    fn lint(&self) -> Problems {
        let (min, max) = self.bounds();
        if self.within.is_given() && (self.min.is_given() || self.max.is_given()) {
            return Problems::of("within", "give `within`, or `min` and `max`, not both");
        }
        match (min, max) {
            (None, None) if self.within.is_unknown() || self.min.is_unknown() || self.max.is_unknown() => {
                Problems::default()
            }
            (None, None) => Problems::of("column", "give a bound: `min`, `max` or `within`"),
            (Some(min), Some(max)) if min > max => {
                let param = if self.min.is_given() { "min" } else { "within" };
                Problems::of(param, "the lower bound is greater than the upper one")
            }
            _ => Problems::default(),
        }
    }

    fn measures(&self, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        let column = self.column.clone();
        let (min, max) = self.bounds();
        if let Some(column) = scope.list_length(scope.dataset(), &column) {
            // No list has as many items as numbers that are beyond the type.
            let bound =
                |bound: Option<u64>| bound.map(|bound| Value::Integer(i64::try_from(bound).unwrap_or(i64::MAX)));
            let (min, max) = (bound(min), bound(max));
            let predicate = Predicate::InRange { column, data_type: DataType::Integer, min, max, exclusive: false };
            return Ok(vec![row_measure(scope, predicate)]);
        }
        needs_text(scope, &column)?;
        let unit = self.unit(scope);
        if unit == LengthUnit::Binary && self.unit.as_deref() == Some("chars") {
            return Err(Problems::of("unit", format!("{column} is binary, and has bytes: leave `unit` out")));
        }
        Ok(vec![row_measure(scope, Predicate::LengthIn { column, min, max, unit })])
    }

    fn claim(&self) -> Option<Claim<'_>> {
        let (min, max) = self.bounds();
        (self.unit.as_deref() != Some("bytes")).then_some(Claim::Sized(min, max))
    }

    fn certainty(&self, _: &str, _: &[String]) -> Option<String> {
        let is_any = matches!(self.bounds(), (None | Some(0), None));
        is_any.then(|| "passes for every value: every text has 0 characters or more".to_owned())
    }

    fn judge(&self, scope: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let column = &self.column;
        let unit = match self.unit(scope) {
            _ if scope.list_length(scope.dataset(), column).is_some() => "items",
            LengthUnit::Chars => "characters",
            LengthUnit::Bytes | LengthUnit::Binary => "bytes",
        };
        let expected = match self.bounds() {
            (Some(min), Some(max)) if min == max => format!("{column} has {min} {unit}"),
            (Some(min), Some(max)) => format!("{column} has {min} to {max} {unit}"),
            (Some(min), None) => format!("{column} has at least {min} {unit}"),
            (None, Some(max)) => format!("{column} has at most {max} {unit}"),
            (None, None) => String::new(),
        };
        Ok(Outcome::of_rows(readings.rows(0)?, expected, "have another length"))
    }
}

impl Length {
    /// The bounds, whichever way they are given.
    fn bounds(&self) -> (Option<u64>, Option<u64>) {
        let (low, high) = self.within.known().copied().unwrap_or((None, None));
        (low.or_else(|| self.min.known().copied()), high.or_else(|| self.max.known().copied()))
    }

    /// What is counted.
    fn unit(&self, scope: &dyn Scope) -> LengthUnit {
        match self.unit.as_deref() {
            _ if scope.column_type(scope.dataset(), &self.column) == Some(DataType::Binary) => LengthUnit::Binary,
            Some("bytes") => LengthUnit::Bytes,
            _ => LengthUnit::Chars,
        }
    }
}
