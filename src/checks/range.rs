//! `range`: values lie between bounds.

use super::{Args, Check, JudgeError, Outcome, Param, ParamKind, Problems, Readings, Scope, Shorthand, row_measure};
use crate::model::{DataType, Dimension, Measure, Predicate, Value};
use crate::scalar::{DateFormat, compare, parse_value};

/// Values between bounds.
pub(super) struct Range;

const PAGE: &str = "# range

Passes for a value from `min` to `max`, both inside unless `exclusive`. Numbers, dates and texts compare in their own
order. Where the column is text and the bounds are numbers (or ISO dates), the values are read as such; a value that does
not read is unreadable and fails. Missing values are not applicable.

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

impl Check for Range {
    fn name(&self) -> &'static str {
        "range"
    }

    fn summary(&self) -> &'static str {
        "the value lies between the bounds"
    }

    fn dimension(&self) -> Dimension {
        Dimension::Correct
    }

    fn params(&self) -> &'static [Param] {
        const {
            &[
                Param::required("column", ParamKind::Column, "the column"),
                Param::optional("within", ParamKind::Range, "both bounds at once: 0..120, ..0, 2020-01-01.."),
                Param::optional("min", ParamKind::Scalar, "the least value"),
                Param::optional("max", ParamKind::Scalar, "the greatest value"),
                Param::optional("exclusive", ParamKind::Flag, "the bounds themselves are outside"),
            ]
        }
    }

    fn page(&self) -> &'static str {
        PAGE
    }

    fn shorthand(&self) -> Shorthand {
        Shorthand::Param("within")
    }

    fn lint(&self, args: &Args) -> Vec<(&'static str, String)> {
        let (min, max) = bounds(args);
        if args.has("within") && (args.has("min") || args.has("max")) {
            return vec![("within", "give `within`, or `min` and `max`, not both".to_owned())];
        }
        if min.is_none() && max.is_none() && !["within", "min", "max"].iter().any(|param| args.is_unread(param)) {
            return vec![("column", "give a bound: `min`, `max` or `within`".to_owned())];
        }
        let crossed = [DataType::Decimal, DataType::Date].into_iter().any(|kind| {
            let read = |bound: Option<&str>| bound.and_then(|text| parse_value(text, kind, None));
            matches!((read(min), read(max)), (Some(low), Some(high)) if compare(&low, &high).is_some_and(std::cmp::Ordering::is_gt))
        });
        if crossed {
            vec![(if args.has("min") { "min" } else { "within" }, "the lower bound is over the upper one".to_owned())]
        } else {
            Vec::new()
        }
    }

    fn measures(&self, args: &Args, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        let column = args.column("column").cloned().unwrap_or_default();
        let (min, max) = bounds(args);
        let known = scope.column_type(scope.dataset(), &column);
        let format = scope.format(scope.dataset(), &column);
        let within = args.has("within");
        let (data_type, min, max) = typed_bounds(known.unwrap_or(DataType::Text), format.as_deref(), min, max)
            .map_err(|problems| problems.of(|param| if within && param != "column" { "within" } else { param }))?;
        // In which order texts stand hangs on the type that they turn out to be of.
        if known.is_some()
            && let (Some(low), Some(high)) = (&min, &max)
        {
            let order = compare(low, high);
            if order.is_none_or(|order| order.is_gt() || (order.is_eq() && args.flag("exclusive"))) {
                return Err(
                    (if within { "within" } else { "min" }, "no value lies between these bounds".to_owned()).into()
                );
            }
            if known == Some(DataType::Integer) && !holds_whole(low, high, args.flag("exclusive")) {
                let problem = format!("{column} is integer, and no whole number lies between these bounds");
                return Err((if within { "within" } else { "min" }, problem).into());
            }
        }
        Ok(vec![row_measure(
            scope,
            Predicate::InRange { column, data_type, min, max, exclusive: args.flag("exclusive") },
        )])
    }

    fn judge(&self, args: &Args, _: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let column = args.column("column").map(String::as_str).unwrap_or_default();
        let expected = match bounds(args) {
            (Some(min), Some(max)) => format!("{column} is from {min} to {max}"),
            (Some(min), None) => format!("{column} is at least {min}"),
            (None, Some(max)) => format!("{column} is at most {max}"),
            (None, None) => String::new(),
        };
        let expected = if args.flag("exclusive") { format!("{expected}, bounds excluded") } else { expected };
        Ok(Outcome::of_rows(readings.rows(0)?, expected, "lie outside"))
    }
}

/// The bounds as written, whichever way they are given.
fn bounds(args: &Args) -> (Option<&str>, Option<&str>) {
    let (low, high) = args.range("within");
    (low.or_else(|| args.text("min").map(String::as_str)), high.or_else(|| args.text("max").map(String::as_str)))
}

/// Whether a whole number lies between two bounds.
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
    format: Option<&str>,
    min: Option<&str>,
    max: Option<&str>,
) -> Result<(DataType, Limit, Limit), Problems> {
    let format = format.and_then(|format| DateFormat::compile(format).ok());
    // A whole bound stays whole: long numbers compare exactly where they are there digit by digit.
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
                        .ok_or((name, format!("`{text}` does not read as {kind}, the type of the column")))
                })
                .transpose()
        };
        let mut problems = Problems::default();
        let (low, high) = (problems.take(one("min", min)).flatten(), problems.take(one("max", max)).flatten());
        problems.or((low, high))
    };
    if declared == DataType::Boolean || declared == DataType::Uuid {
        return Err(("column", format!("a {declared} column has no order")).into());
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
