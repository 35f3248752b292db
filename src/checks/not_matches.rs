//! `not_matches`: no value matches a pattern.

use super::{
    Args, Check, JudgeError, Outcome, Param, ParamKind, Problems, Readings, Scope, Shorthand, needs_text, row_measure,
};
use crate::model::{Dimension, Measure, Predicate};

/// Values of another shape.
pub(super) struct NotMatches;

const PAGE: &str = r"# not_matches

Fails a value that matches the pattern as a whole.
Missing values are not applicable.

Patterns are those of the Rust `regex` crate: linear time, no look-around, no back-references. `\d` is `0-9` and `\s` is
ASCII white space; `\w` is a letter, digit or underscore of any script.

## Example

```yaml
suite: staff
datasets:
  people:
    source: people.csv
    columns:
      phone: { not_matches: '0+' }
```
";

impl Check for NotMatches {
    fn name(&self) -> &'static str {
        "not_matches"
    }

    fn summary(&self) -> &'static str {
        "the whole value does not match the pattern"
    }

    fn dimension(&self) -> Dimension {
        Dimension::Correct
    }

    fn params(&self) -> &'static [Param] {
        const {
            &[
                Param::required("column", ParamKind::Column, "the column"),
                Param::required("pattern", ParamKind::Pattern, "a regular expression for the whole value"),
            ]
        }
    }

    fn page(&self) -> &'static str {
        PAGE
    }

    fn shorthand(&self) -> Shorthand {
        Shorthand::Param("pattern")
    }

    fn measures(&self, args: &Args, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        let column = args.column("column").cloned().unwrap_or_default();
        needs_text(scope, &column)?;
        let pattern = args.text("pattern").cloned().unwrap_or_default();
        Ok(vec![row_measure(scope, Predicate::Matches { column, pattern, negated: true })])
    }

    fn judge(&self, args: &Args, _: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let pattern = args.text("pattern").map(String::as_str).unwrap_or_default();
        let column = args.column("column").map(String::as_str).unwrap_or_default();
        Ok(Outcome::of_rows(readings.rows(0)?, format!("{column} does not match {pattern}"), "match"))
    }
}
