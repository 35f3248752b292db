//! `matches`: every value matches a pattern.

use super::{
    Args, Check, JudgeError, Outcome, Param, ParamKind, Problems, Readings, Scope, Shorthand, needs_text, row_measure,
};
use crate::model::{Dimension, Measure, Predicate};

/// Values of one shape.
pub(super) struct Matches;

const PAGE: &str = r"# matches

Passes for a value that matches the pattern as a whole: `[0-9]{3}` does not match `1234`.
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
      phone: { matches: '0[35789][0-9]{8}' }
```
";

impl Check for Matches {
    fn name(&self) -> &'static str {
        "matches"
    }

    fn summary(&self) -> &'static str {
        "the whole value matches the pattern"
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
        Ok(vec![row_measure(scope, Predicate::Matches { column, pattern, negated: false })])
    }

    fn judge(&self, args: &Args, _: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let pattern = args.text("pattern").map(String::as_str).unwrap_or_default();
        let column = args.column("column").map(String::as_str).unwrap_or_default();
        Ok(Outcome::of_rows(readings.rows(0)?, format!("{column} matches {pattern}"), "do not match"))
    }
}
