//! `not_matches`: no value matches a pattern.

use super::{
    BoundCheck, Check, FORMS, JudgeError, Outcome, Problems, Readings, Scope, Shorthand, composed, fits_all,
    needs_text, row_measure,
};
use crate::model::{Dimension, Measure, Predicate};

const PAGE: &str = r"# not_matches

Fails a value that matches the pattern as a whole. Missing values are not applicable. With
`as: nfc` values and the pattern are taken in Unicode form C, however their letters are written.

Patterns are those of the Rust crate `regex`: linear time, no look-around, no back-references. `\d` is `0-9` and `\s` is
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

parameters! {
    /// Values that do not match a pattern.
    struct NotMatches {
        column: required Column, "the column";
        pattern: required Pattern, "a regular expression for the whole value";
        form = "as": optional Choice(FORMS), "how texts compare: exact (default), or nfc, in Unicode form C", default "exact";
    }
}

pub(super) const CHECK: Check = Check {
    name: "not_matches",
    summary: "the whole value does not match the pattern",
    dimension: Dimension::Correct,
    page: PAGE,
    shorthand: Shorthand::Param("pattern"),
    takes_condition: true,
    params: NotMatches::PARAMS,
    bind: NotMatches::bind,
};

impl BoundCheck for NotMatches {
    fn measures(&self, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        let column = self.column.clone();
        needs_text(scope, &column)?;
        let pattern = self.pattern.clone();
        composed(scope, &self.form, vec![row_measure(scope, Predicate::Matches { column, pattern, negated: true })])
    }

    fn certainty(&self, _: &str, _: &[String]) -> Option<String> {
        fits_all(&self.pattern).then(|| "fails for every value".to_owned())
    }

    fn judge(&self, _: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let pattern = &self.pattern;
        let column = &self.column;
        Ok(Outcome::of_rows(readings.rows(0)?, format!("{column} does not match {pattern}"), "match the pattern"))
    }
}
