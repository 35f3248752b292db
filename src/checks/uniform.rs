//! `uniform`: one format within a column.

use super::{
    BoundCheck, Check, JudgeError, Outcome, Problems, Readings, Scope, Shorthand, dataset_measure, needs_text,
};
use crate::model::{Dimension, Measure, MeasureKind, UniformTest};
use crate::text::Family;

const PAGE: &str = "# uniform

Passes for a value that is written as most values of the column are. Of the formats of a family, the one that most values
fit is the format of the column; of several that equally many fit, the first in this list. A value may fit several:
`01/02/2020` has its day or its month first, and fails neither. Missing values are not applicable. How many values fit
each format stands beside it; which rows fail is only known once all were read.

- `date`: YYYY-MM-DD (with a time, or T and a time), YYYY/MM/DD, YYYY.MM.DD, YYYYMMDD (with a time), DD/MM/YYYY, MM/DD/YYYY
  (with a time), the same with hyphens (DD-MM-YYYY, MM-DD-YYYY) or points (DD.MM.YYYY), without zeros before (D/M/YYYY, M/D/YYYY,
  D-M-YYYY, M-D-YYYY, D.M.YYYY, YYYY-M-D, YYYY/M/D), with two digits for the year (DD/MM/YY, MM/DD/YY, D/M/YY, M/D/YY,
  DD.MM.YY), YYYY-MM, MM/YYYY, YYYY. Names of months are in none
- `phone`: 0 and digits, 00 and digits, + and digits, 84 and digits, digits alone, groups parted by spaces, points or hyphens,
  + and groups, brackets
- `case`: UPPER CASE, lower case, Title Case (each word begins with a capital), Sentence case (the text does)
- `tone`: the mark of Vietnamese syllables that end in oa, oe or uy on the first vowel (hòa) or the second (hoà)
- `number`: `1234.5`, `1234,5`, `1,234.5`, `1.234,5`, `1 234,5`, `1 234.5`, `1.2E+3`

Neither place of the tone mark is a fault, and neither is any date; a mixture in one column is. Whether there is such a day is
asked by `type`.

## Example

```yaml
suite: staff
datasets:
  people:
    source: people.csv
    columns:
      full_name: { uniform: { as: case, at_least: 99% } }
      phone: { uniform: phone }
```
";

parameters! {
    /// One format for all values.
    struct Uniform {
        column: required Column, "the column";
        family = "as": required Choice(&Family::NAMES), "what its formats are those of";
    }
}

pub(super) const CHECK: Check = Check {
    name: "uniform",
    summary: "the value is written as most values of the column are",
    dimension: Dimension::Unified,
    page: PAGE,
    shorthand: Shorthand::Param("as"),
    takes_condition: true,
    params: Uniform::PARAMS,
    bind: Uniform::bind,
};

impl BoundCheck for Uniform {
    fn measures(&self, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        let column = self.column.clone();
        needs_text(scope, &column)?;
        let family = self.family.clone();
        Ok(vec![dataset_measure(scope, MeasureKind::Uniform(UniformTest { column, family }))])
    }

    fn judge(&self, _: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let column = &self.column;
        let family = Family::from_name(&self.family).unwrap_or(Family::Date);
        let tally = readings.rows(0)?;
        let fit = |format: &str| tally.formats.get(format).copied().unwrap_or_default();
        let most = family.formats().iter().map(|format| fit(format)).max().unwrap_or_default();
        let first: Vec<&str> =
            family.formats().iter().copied().filter(|format| most > 0 && fit(format) == most).collect();
        let expected = format!("{column} is written in one format of {}", family.name());
        let mut outcome = Outcome::of_rows(tally, expected, "are written otherwise");
        let told: Vec<String> = family
            .formats()
            .iter()
            .filter(|format| fit(format) > 0)
            .map(|format| format!("{format} fits {}", fit(format)))
            .collect();
        match first.as_slice() {
            _ if tally.passed + tally.failed == 0 => {}
            [] => outcome.observed = format!("{}; no known format fits", outcome.observed),
            [only] => outcome.observed = format!("{}; most are {only}: {}", outcome.observed, told.join(", ")),
            [first, ..] => {
                let equal = if tally.failed > 0 { ", the first of several that fit as many" } else { "" };
                outcome.observed = format!("{}; most are {first}{equal}: {}", outcome.observed, told.join(", "));
            }
        }
        outcome.details = tally.formats.clone();
        Ok(outcome)
    }
}
