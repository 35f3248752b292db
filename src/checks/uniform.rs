//! `uniform`: one format within a column.

use super::{
    Args, Check, JudgeError, Outcome, Param, ParamKind, Problems, Readings, Scope, Shorthand, dataset_measure,
    needs_text,
};
use crate::model::{Dimension, Measure, MeasureKind, UniformTest};
use crate::text::Family;

/// One format for all values.
pub(super) struct Uniform;

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

impl Check for Uniform {
    fn name(&self) -> &'static str {
        "uniform"
    }

    fn summary(&self) -> &'static str {
        "the value is written as most values of the column are"
    }

    fn dimension(&self) -> Dimension {
        Dimension::Unified
    }

    fn params(&self) -> &'static [Param] {
        const {
            &[
                Param::required("column", ParamKind::Column, "the column"),
                Param::required("as", ParamKind::Choice(&Family::NAMES), "what its formats are those of"),
            ]
        }
    }

    fn page(&self) -> &'static str {
        PAGE
    }

    fn shorthand(&self) -> Shorthand {
        Shorthand::Param("as")
    }

    fn measures(&self, args: &Args, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        let column = args.column("column").cloned().unwrap_or_default();
        needs_text(scope, &column)?;
        let family = args.text("as").cloned().unwrap_or_default();
        Ok(vec![dataset_measure(scope, MeasureKind::Uniform(UniformTest { column, family }))])
    }

    fn judge(&self, args: &Args, _: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let column = args.column("column").map(String::as_str).unwrap_or_default();
        let family = args.text("as").and_then(|name| Family::from_name(name)).unwrap_or(Family::Date);
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
