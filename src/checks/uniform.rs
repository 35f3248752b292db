//! `uniform`: one format within a column.

use super::{
    BoundCheck, Check, JudgeError, Outcome, Problems, Readings, Scope, Shorthand, dataset_measure, needs_text,
};
use crate::model::{Count, Dimension, Measure, MeasureKind, UniformTest};
use crate::text::Family;

const PAGE: &str = "# uniform

Passes for a value that is written like most values of the column. Of the formats of a family, the one that fits most
values is the format of the column; if several fit equally many, it is the first of them in this list. A value may fit
several formats: `01/02/2020` fits day first and month first, and fails neither. Missing values are not applicable. The
result also counts how many values fit each format. Failing rows are only known after all rows are read.

- `date`: YYYY-MM-DD (with a time, or T and a time), YYYY/MM/DD, YYYY.MM.DD, YYYYMMDD (with a time), DD/MM/YYYY,
  MM/DD/YYYY (with a time), the same with hyphens (DD-MM-YYYY, MM-DD-YYYY) or points (DD.MM.YYYY), without leading zeros
  (D/M/YYYY, M/D/YYYY, D-M-YYYY, M-D-YYYY, D.M.YYYY, YYYY-M-D, YYYY/M/D), with two digits for the year (DD/MM/YY,
  MM/DD/YY, D/M/YY, M/D/YY, DD.MM.YY), YYYY-MM, MM/YYYY, YYYY. Names of months are in no format
- `phone`: 0 and digits, 00 and digits, + and digits, 84 and digits, digits alone, groups separated by spaces, points or
  hyphens, + and groups, brackets
- `case`: UPPER CASE, lower case, Title Case (each word begins with a capital), Sentence case (the text does)
- `tone`: the mark of Vietnamese syllables that end in oa, oe or uy on the first vowel (hòa) or the second (hoà)
- `number`: `1234.5`, `1234,5`, `1,234.5`, `1.234,5`, `1 234,5`, `1 234.5`, `1.2E+3`

Either place of the tone mark is correct, and so is every date format; a mixture in one column is not. Whether a date
exists is a question for `type`.

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
        family = "as": required Choice(&Family::NAMES), "the family of formats";
    }
}

pub(super) const CHECK: Check = Check {
    name: "uniform",
    summary: "the value is written like most values of the column",
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
        let mut outcome = Outcome::of_rows(tally, expected, "are written in another format");
        let fits: Vec<String> = family
            .formats()
            .iter()
            .filter(|format| fit(format) > 0)
            .map(|format| format!("{format} fits {}", Count(fit(format))))
            .collect();
        match first.as_slice() {
            _ if tally.passed + tally.failed == 0 => {}
            [] => outcome.observed = format!("{}; no known format fits", outcome.observed),
            [only] => outcome.observed = format!("{}; most are {only}: {}", outcome.observed, fits.join(", ")),
            [first, ..] => {
                let equal = if tally.failed > 0 { ", the first of several that fit equally many" } else { "" };
                outcome.observed = format!("{}; most are {first}{equal}: {}", outcome.observed, fits.join(", "));
            }
        }
        outcome.details = tally.formats.clone();
        Ok(outcome)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ties go to the first format of the list on the page.
    #[test]
    fn the_page_lists_formats_in_the_order_that_settles_ties() {
        for (family, apart) in [(Family::Date, &[' ', '\n', '(', ')'] as &[char]), (Family::Number, &['`'])] {
            let (_, listed) = PAGE.split_once(&format!("- `{}`:", family.name())).expect("it is listed");
            let listed = listed.split("\n- ").next().unwrap_or_default();
            let listed: Vec<&str> = listed.split(apart).map(|word| word.trim_end_matches([',', '.'])).collect();
            let places = family.formats().iter().filter(|format| !format.contains("hh")).map(|format| {
                listed.iter().position(|word| word == format).unwrap_or_else(|| panic!("{format} is not listed"))
            });
            assert!(places.is_sorted(), "{listed:?}");
        }
    }
}
