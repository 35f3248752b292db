//! `matches`: every value matches a pattern.

use super::{
    BoundCheck, Check, JudgeError, Outcome, Problems, Readings, Scope, Shorthand, fits_all, needs_text, row_measure,
};
use crate::model::{Dimension, Measure, Predicate};

const PAGE: &str = r"# matches

Passes for a value that matches the pattern as a whole: `[0-9]{3}` does not match `1234`. Missing values are not
applicable.

Patterns are those of the Rust crate `regex`: linear time, no look-around, no back-references. `\d` is `0-9` and `\s` is
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

parameters! {
    /// Values that match a pattern.
    struct Matches {
        column: required Column, "the column";
        pattern: required Pattern, "a regular expression for the whole value";
    }
}

pub(super) const CHECK: Check = Check {
    name: "matches",
    summary: "the whole value matches the pattern",
    dimension: Dimension::Correct,
    page: PAGE,
    shorthand: Shorthand::Param("pattern"),
    takes_condition: true,
    params: Matches::PARAMS,
    bind: Matches::bind,
};

impl BoundCheck for Matches {
    fn measures(&self, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        let column = self.column.clone();
        needs_text(scope, &column)?;
        let pattern = self.pattern.clone();
        Ok(vec![row_measure(scope, Predicate::Matches { column, pattern, negated: false })])
    }

    fn certainty(&self, _: &str, _: &[String]) -> Option<String> {
        fits_all(&self.pattern).then(|| "passes for every value".to_owned())
    }

    fn judge(&self, _: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let pattern = &self.pattern;
        let column = &self.column;
        Ok(Outcome::of_rows(readings.rows(0)?, format!("{column} matches {pattern}"), "do not match the pattern"))
    }
}
