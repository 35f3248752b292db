//! `length`: texts are of a size.

use super::{
    Args, Check, JudgeError, Outcome, Param, ParamKind, Problems, Readings, Scope, Shorthand, needs_text, row_measure,
};
use crate::model::{Dimension, LengthUnit, Measure, Predicate};

/// Sizes of text.
pub(super) struct Length;

const PAGE: &str = "# length

Passes for a text of `min` to `max` characters (Unicode scalar values), or bytes of UTF-8 with `unit: bytes`, both bounds
inside. The text counts as it stands, spaces included. Missing values are not applicable.

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

impl Check for Length {
    fn name(&self) -> &'static str {
        "length"
    }

    fn summary(&self) -> &'static str {
        "the size of the text lies between the bounds"
    }

    fn dimension(&self) -> Dimension {
        Dimension::Correct
    }

    fn params(&self) -> &'static [Param] {
        const {
            &[
                Param::required("column", ParamKind::Column, "the column"),
                Param::optional("within", ParamKind::Bounds, "both bounds at once: 2..50, ..50, 12"),
                Param::optional("min", ParamKind::Count, "the least size"),
                Param::optional("max", ParamKind::Count, "the greatest size"),
                Param::optional("unit", ParamKind::Choice(&["chars", "bytes"]), "what is counted; chars by default"),
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
        match (min, max) {
            (None, None) if ["within", "min", "max"].iter().any(|param| args.is_unread(param)) => Vec::new(),
            (None, None) => vec![("column", "give a bound: `min`, `max` or `within`".to_owned())],
            (Some(min), Some(max)) if min > max => {
                let param = if args.has("min") { "min" } else { "within" };
                vec![(param, "the lower bound is over the upper one".to_owned())]
            }
            _ => Vec::new(),
        }
    }

    fn measures(&self, args: &Args, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        let column = args.column("column").cloned().unwrap_or_default();
        needs_text(scope, &column)?;
        let (min, max) = bounds(args);
        Ok(vec![row_measure(scope, Predicate::LengthIn { column, min, max, unit: args.unit("unit") })])
    }

    fn judge(&self, args: &Args, _: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let column = args.column("column").map(String::as_str).unwrap_or_default();
        let unit = match args.unit("unit") {
            LengthUnit::Chars => "characters",
            LengthUnit::Bytes => "bytes",
        };
        let expected = match bounds(args) {
            (Some(min), Some(max)) if min == max => format!("{column} has {min} {unit}"),
            (Some(min), Some(max)) => format!("{column} has {min} to {max} {unit}"),
            (Some(min), None) => format!("{column} has at least {min} {unit}"),
            (None, Some(max)) => format!("{column} has at most {max} {unit}"),
            (None, None) => String::new(),
        };
        Ok(Outcome::of_rows(readings.rows(0)?, expected, "have another length"))
    }
}

/// The bounds, whichever way they are given.
fn bounds(args: &Args) -> (Option<u64>, Option<u64>) {
    let (low, high) = args.bounds("within");
    (low.or_else(|| args.count("min").copied()), high.or_else(|| args.count("max").copied()))
}
