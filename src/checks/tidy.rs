//! `tidy`: texts without stray characters and damaged letters.

use super::{BoundCheck, Check, JudgeError, Optional, Outcome, Problems, Readings, Scope, Shorthand, row_measure};
use crate::model::{Count, Dimension, Measure, Predicate, TidyTest};
use crate::text::Fault;

const PAGE: &str = "# tidy

Passes for a text that has none of the faults below. A row fails once, however many faults its texts have; the result
also counts the rows with each fault. A row in which all columns are missing is not applicable.

- `edge_space`: white space at the beginning or end; `double_space`: two spaces in a row between other
  characters (at an end they are an `edge_space`); `line_break`: a tab or a line
  break; `odd_space`: a no-break space, or a space of another width
- `control`: control characters, and the character that replaces an object; `zero_width`: zero-width spaces, soft
  hyphens, byte order marks, joiners with nothing to join, variation selectors after letters that have no variants;
  `bidi`: direction marks in text of one direction
- `decomposed`: letters and marks as separate characters (Unicode form D); `half_composed`: partly so, as Windows-1258
  writes them
- `mojibake`: UTF-8 decoded as Windows-1252, Windows-1258 or Latin-1, with or without lost bytes; `legacy_encoding`:
  TCVN3, VNI or VISCII decoded as Windows-1252; `replacement`: the replacement character; `lost_letter`: question marks
  inside a word, or words of question marks only
- `look_alike`: a letter of one script that looks like one of another, or Ð for Đ; `full_width`: full-width characters
  outside East Asian text
- `html_entity`: `&amp;` and the like; `spreadsheet`: `#REF!` and other formula errors, formulas, `1.2E+11`,
  `=\"0012\"`, numbers after an apostrophe

`allow` lists faults that are accepted here, `only` lists the faults to look for. Long names, names of one word, and
names in small languages are not faults. Neither are spellings such as hòa and hoà; `uniform` is the check for them.
Text that may be correct passes: damage to one short word can go undetected.

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
    /// Texts without faults.
    struct Tidy {
        columns: required Columns, "the column, or the columns", stricter MoreJudged Unknown;
        allow: optional Words(&Fault::NAMES), "faults that are accepted here", stricter Fewer Strictest;
        only: optional Words(&Fault::NAMES), "the faults to look for", stricter More Strictest;
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

/// What a text without faults has, as the end of a sentence.
const TIDY: &str = "no stray spaces, line breaks or damaged letters";

impl BoundCheck for Tidy {
    fn lint(&self) -> Problems {
        if self.allow.is_given() && self.only.is_given() {
            return Problems::of("allow", "`only` lists the faults to look for: leave `allow` out");
        }
        if self.wanted().is_empty() {
            return Problems::of("allow", "every fault is allowed, so there is nothing to look for");
        }
        Problems::default()
    }

    fn measures(&self, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        let columns = self.columns.clone();
        let kinds = columns.iter().filter_map(|column| Some((column, scope.column_type(scope.dataset(), column)?)));
        let others = kinds.filter(|(_, kind)| !kind.is_textual());
        let others: Vec<String> = others.map(|(column, kind)| format!("{column} is {kind}")).collect();
        if !others.is_empty() {
            return Err(Problems::of("columns", format!("{}; this check needs text", others.join(", "))));
        }
        let faults = self.wanted().iter().map(|name| (*name).to_owned()).collect();
        Ok(vec![row_measure(scope, Predicate::Tidy(TidyTest { columns, faults }))])
    }

    fn judge(&self, _: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let columns = self.columns.join(", ");
        let tally = readings.rows(0)?;
        let has = if self.columns.len() == 1 { "has" } else { "have" };
        let expected = match (self.only.known(), self.allow.known()) {
            (Some(only), _) => format!("{columns} {has} none of these faults: {}", only.join(", ")),
            (None, Some(allowed)) => format!("{columns} {has} {TIDY}, except {}", allowed.join(", ")),
            (None, None) => format!("{columns} {has} {TIDY}"),
        };
        let mut outcome = Outcome::of_rows(tally, expected, "have such faults");
        if !tally.reasons.is_empty() {
            // The most frequent fault first; equally frequent ones in the order of names.
            let mut found: Vec<(&String, &u64)> = tally.reasons.iter().collect();
            found.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
            let found: Vec<String> =
                found.into_iter().map(|(name, count)| format!("{name} {}", Count(*count))).collect();
            outcome.observed = format!("{}: {}", outcome.observed, found.join(", "));
        }
        outcome.details = tally.reasons.clone();
        Ok(outcome)
    }
}

impl Tidy {
    /// The faults to look for.
    fn wanted(&self) -> Vec<&'static str> {
        let names = |list: &Optional<Vec<String>>, name: &str| Some(list.known()?.iter().any(|known| known == name));
        let is_wanted =
            |name: &&str| names(&self.only, name).unwrap_or(true) && !names(&self.allow, name).unwrap_or(false);
        Fault::NAMES.into_iter().filter(is_wanted).collect()
    }
}
