//! `range`: values are within bounds.

use super::{
    BoundCheck, Check, Claim, JudgeError, Outcome, Problem, Problems, Readings, Scope, Shorthand, row_measure,
};
use crate::model::{DataType, DateNotation, Dimension, Measure, Predicate, Value};
use crate::scalar::{DateFormat, compare, parse_value};

const PAGE: &str = "# range

Passes for a value from `min` to `max`; both bounds are allowed unless `exclusive` is set. Numbers, dates and texts
compare in their own order. If the column is text and the bounds are numbers (or ISO dates), its values are parsed as
such; an unparseable value fails. Missing values are not applicable.

## Example

```yaml
suite: staff
datasets:
  people:
    source: people.csv
    columns:
      age: { type: integer, range: 0..120 }
      longitude: { range: { min: -180, max: 180 } }
```
";

parameters! {
    /// Values within bounds.
    struct Range {
        column: required Column, "the column";
        within: optional Range, "both bounds at once: 0..120, ..0, 2020-01-01..";
        min: optional Scalar, "the smallest value allowed", stricter Greater Loosest;
        max: optional Scalar, "the greatest value allowed", stricter Smaller Loosest;
        exclusive: flag, "the bounds themselves are not allowed", stricter Given Loosest;
    }
}

pub(super) const CHECK: Check = Check {
    name: "range",
    summary: "the value is within the bounds",
    dimension: Dimension::Correct,
    page: PAGE,
    shorthand: Shorthand::Param("within"),
    takes_condition: true,
    params: Range::PARAMS,
    bind: Range::bind,
};

impl BoundCheck for Range {
    fn lint(&self) -> Problems {
        let (min, max) = self.bounds();
        if self.within.is_given() && (self.min.is_given() || self.max.is_given()) {
            return Problems::of("within", "give `within`, or `min` and `max`, not both");
        }
        if min.is_none()
            && max.is_none()
            && !(self.within.is_unknown() || self.min.is_unknown() || self.max.is_unknown())
        {
            return Problems::of("column", "give a bound: `min`, `max` or `within`");
        }
        let crossed = [DataType::Decimal, DataType::Date].into_iter().any(|kind| {
            let read = |bound: Option<&str>| bound.and_then(|text| parse_value(text, kind, None));
            matches!((read(min), read(max)), (Some(low), Some(high)) if compare(&low, &high).is_some_and(std::cmp::Ordering::is_gt))
        });
        if crossed {
            Problems::of(
                if self.min.is_given() { "min" } else { "within" },
                "the lower bound is greater than the upper one",
            )
        } else {
            Problems::default()
        }
    }

    fn measures(&self, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        let column = self.column.clone();
        let (min, max) = self.bounds();
        let known = scope.column_type(scope.dataset(), &column);
        let format = scope.format(scope.dataset(), &column);
        let within = self.within.is_given();
        let (data_type, min, max) = typed_bounds(known.unwrap_or(DataType::Text), format.as_ref(), min, max)
            .map_err(|problems| problems.rename(|param| if within && param != "column" { "within" } else { param }))?;
        // The order of texts depends on the type that the column has in the end.
        if known.is_some()
            && let (Some(low), Some(high)) = (&min, &max)
        {
            let order = compare(low, high);
            if order.is_none_or(|order| order.is_gt() || (order.is_eq() && self.exclusive)) {
                return Err(Problems::of(if within { "within" } else { "min" }, "no value is within these bounds"));
            }
            if known == Some(DataType::Integer) && !holds_whole(low, high, self.exclusive) {
                let problem = format!("{column} is integer, and no whole number is within these bounds");
                return Err(Problems::of(if within { "within" } else { "min" }, problem));
            }
        }
        Ok(vec![row_measure(scope, Predicate::InRange { column, data_type, min, max, exclusive: self.exclusive })])
    }

    fn claim(&self) -> Option<Claim<'_>> {
        let (min, max) = self.bounds();
        Some(Claim::Between(min, max))
    }

    fn judge(&self, _: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let column = &self.column;
        let expected = match self.bounds() {
            (Some(min), Some(max)) => format!("{column} is from {min} to {max}"),
            (Some(min), None) => format!("{column} is at least {min}"),
            (None, Some(max)) => format!("{column} is at most {max}"),
            (None, None) => String::new(),
        };
        let expected = if self.exclusive { format!("{expected}, without the bounds") } else { expected };
        Ok(Outcome::of_rows(readings.rows(0)?, expected, "are outside the bounds"))
    }
}

impl Range {
    /// The bounds as written, whichever way they are given.
    fn bounds(&self) -> (Option<&str>, Option<&str>) {
        let (low, high) = self.within.known().map_or((None, None), |(low, high)| (low.as_deref(), high.as_deref()));
        (low.or(self.min.as_deref()), high.or(self.max.as_deref()))
    }
}

/// Whether a whole number is within two bounds.
fn holds_whole(low: &Value, high: &Value, exclusive: bool) -> bool {
    match (low, high) {
        (Value::Integer(low), Value::Integer(high)) => !exclusive || i128::from(*high) - i128::from(*low) > 1,
        (Value::Decimal(low), Value::Decimal(high)) if !exclusive => low.ceil() <= high.floor(),
        _ => true,
    }
}

/// One end of a range; `None` is open.
type Limit = Option<Value>;

/// The type in which values and bounds compare, and the bounds in it.
fn typed_bounds(
    declared: DataType,
    format: Option<&DateNotation>,
    min: Option<&str>,
    max: Option<&str>,
) -> Result<(DataType, Limit, Limit), Problems> {
    let format = format.and_then(|format| DateFormat::compile(format).ok());
    // A whole bound stays whole, so that long numbers compare exactly, digit by digit.
    let exact = matches!(declared, DataType::Text | DataType::Decimal);
    let whole = |text: &str| parse_value(text, DataType::Integer, None).filter(|_| exact);
    let read = |kind: DataType| -> Result<(Limit, Limit), Problems> {
        let one = |name, bound: Option<&str>| {
            bound
                .map(|text| {
                    // Bounds are written in ISO form or as the column writes its dates.
                    let whole = if kind == DataType::Decimal { whole(text) } else { None };
                    whole
                        .or_else(|| parse_value(text, kind, None))
                        .or_else(|| parse_value(text, kind, format.as_ref()))
                        .ok_or_else(|| {
                            Problem::new(name, format!("`{text}` cannot be parsed as {kind}, the type of the column"))
                        })
                })
                .transpose()
        };
        let mut problems = Problems::default();
        let (low, high) = (problems.take(one("min", min)).flatten(), problems.take(one("max", max)).flatten());
        problems.or((low, high))
    };
    if declared == DataType::Boolean || declared == DataType::Uuid {
        return Err(Problems::of("column", format!("a {declared} column has no order")));
    }
    if declared == DataType::Text {
        for kind in [DataType::Decimal, DataType::Date] {
            if let Ok((low, high)) = read(kind) {
                return Ok((kind, low, high));
            }
        }
    }
    // Whole bounds of an integer column may be written 0.5, too.
    let kind = if declared == DataType::Integer && read(declared).is_err() { DataType::Decimal } else { declared };
    read(kind).map(|(low, high)| (kind, low, high))
}
