//! `tidy`: texts without damage and noise.

use super::{BoundCheck, Check, JudgeError, Optional, Outcome, Problems, Readings, Scope, Shorthand, row_measure};
use crate::model::{Dimension, Measure, Predicate, TidyTest};
use crate::text::Fault;

const PAGE: &str = "# tidy

Passes for a text that has none of these faults. A row fails once, however many faults its texts have; how many rows have
which fault stands beside it. A row of which all columns are missing is not applicable.

- `edge_space`: white space at an end; `double_space`: two spaces in a row; `line_break`: a tab or a line break;
  `odd_space`: a space that does not break, or of another width
- `control`: control characters, and the sign for a lost object; `zero_width`: zero-width spaces, soft hyphens, byte order
  marks, joiners where nothing joins, selectors behind letters that have no variants; `bidi`: marks of direction in text that
  runs one way
- `decomposed`: letters and marks apart (Unicode form D); `half_composed`: partly so, as Windows-1258 leaves them
- `mojibake`: UTF-8 read as Windows-1252, Windows-1258 or Latin-1, some bytes lost or none; `legacy_encoding`: TCVN3, VNI or
  VISCII read as Windows-1252; `replacement`: the sign for a lost character; `lost_letter`: question marks in a word, or words of
  nothing else
- `look_alike`: a letter that looks like one of another script, or Ð for Đ; `full_width`: full-width signs outside East
  Asian text
- `html_entity`: `&amp;` and the like; `spreadsheet`: `#REF!` and other errors of formulas, formulas, `1.2E+11`, `=\"0012\"`,
  numbers behind an apostrophe

`allow` names faults that are none here, `only` the ones that are looked for. Long names, names of one word, and those of
small languages are no faults; neither are spellings such as hòa and hoà, which `uniform` tells apart. Text that may be
right is left alone: damage of one short word can stay unseen.

## Example

```yaml
suite: staff
datasets:
  people:
    source: people.csv
    columns:
      full_name: { tidy: true }
      notes: { tidy: { allow: [line_break, double_space] } }
    rules:
      - check: tidy
        columns: [street, town]
        only: [edge_space, mojibake]
```
";

parameters! {
    /// Texts as they should be.
    struct Tidy {
        columns: required Columns, "the column, or the columns";
        allow: optional Words(&Fault::NAMES), "faults that are none here";
        only: optional Words(&Fault::NAMES), "the faults that are looked for";
    }
}

pub(super) const CHECK: Check = Check {
    name: "tidy",
    summary: "the text has no stray spaces, invisible characters, damaged letters or traces of other programs",
    dimension: Dimension::Clean,
    page: PAGE,
    shorthand: Shorthand::Flag,
    takes_condition: true,
    params: Tidy::PARAMS,
    bind: Tidy::bind,
};

impl BoundCheck for Tidy {
    fn lint(&self) -> Problems {
        if self.allow.is_given() && self.only.is_given() {
            return Problems::of("allow", "`only` says all that is looked for: leave `allow` out");
        }
        if self.wanted().is_empty() {
            return Problems::of("allow", "every fault is allowed: nothing is left to look for");
        }
        Problems::default()
    }

    fn measures(&self, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        let columns = self.columns.clone();
        let kinds = columns.iter().filter_map(|column| Some((column, scope.column_type(scope.dataset(), column)?)));
        let others = kinds.filter(|(_, kind)| !kind.is_textual());
        let others: Vec<String> = others.map(|(column, kind)| format!("{column} is {kind}")).collect();
        if !others.is_empty() {
            return Err(Problems::of("columns", format!("{}; this check reads text", others.join(", "))));
        }
        let faults = self.wanted().iter().map(|name| (*name).to_owned()).collect();
        Ok(vec![row_measure(scope, Predicate::Tidy(TidyTest { columns, faults }))])
    }

    fn judge(&self, _: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let columns = self.columns.join(", ");
        let tally = readings.rows(0)?;
        let expected = match (self.only.known(), self.allow.known()) {
            (Some(only), _) => format!("{columns} without {}", only.join(", ")),
            (None, Some(allowed)) => format!("{columns} tidy, but for {}", allowed.join(", ")),
            (None, None) => format!("{columns} tidy"),
        };
        let mut outcome = Outcome::of_rows(tally, expected, "are not tidy");
        if !tally.reasons.is_empty() {
            // The most frequent first; of equals in the order of names.
            let mut found: Vec<(&String, &u64)> = tally.reasons.iter().collect();
            found.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
            let found: Vec<String> = found.into_iter().map(|(name, count)| format!("{name} {count}")).collect();
            outcome.observed = format!("{}: {}", outcome.observed, found.join(", "));
        }
        outcome.details = tally.reasons.clone();
        Ok(outcome)
    }
}

impl Tidy {
    /// The faults that are looked for.
    fn wanted(&self) -> Vec<&'static str> {
        let names = |list: &Optional<Vec<String>>, name: &str| Some(list.known()?.iter().any(|known| known == name));
        let is_wanted =
            |name: &&str| names(&self.only, name).unwrap_or(true) && !names(&self.allow, name).unwrap_or(false);
        Fault::NAMES.into_iter().filter(is_wanted).collect()
    }
}
