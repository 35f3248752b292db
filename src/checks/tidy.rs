//! `tidy`: texts without damage and noise.

use super::{Args, Check, JudgeError, Outcome, Param, ParamKind, Problems, Readings, Scope, Shorthand, row_measure};
use crate::model::{Dimension, Measure, Predicate, TidyTest};
use crate::text::Fault;

/// Texts as they should be.
pub(super) struct Tidy;

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

impl Check for Tidy {
    fn name(&self) -> &'static str {
        "tidy"
    }

    fn summary(&self) -> &'static str {
        "the text has no stray spaces, invisible characters, damaged letters or traces of other programs"
    }

    fn dimension(&self) -> Dimension {
        Dimension::Clean
    }

    fn params(&self) -> &'static [Param] {
        const {
            &[
                Param::required("columns", ParamKind::Columns, "the column, or the columns"),
                Param::optional("allow", ParamKind::Words(&Fault::NAMES), "faults that are none here"),
                Param::optional("only", ParamKind::Words(&Fault::NAMES), "the faults that are looked for"),
            ]
        }
    }

    fn page(&self) -> &'static str {
        PAGE
    }

    fn shorthand(&self) -> Shorthand {
        Shorthand::Flag
    }

    fn lint(&self, args: &Args) -> Vec<(&'static str, String)> {
        if args.has("allow") && args.has("only") {
            return vec![("allow", "`only` says all that is looked for: leave `allow` out".to_owned())];
        }
        if wanted(args).is_empty() {
            return vec![("allow", "every fault is allowed: nothing is left to look for".to_owned())];
        }
        Vec::new()
    }

    fn measures(&self, args: &Args, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        let columns = args.columns("columns").cloned().unwrap_or_default();
        let kinds = columns.iter().filter_map(|column| Some((column, scope.column_type(scope.dataset(), column)?)));
        let others = kinds.filter(|(_, kind)| !kind.is_textual());
        let others: Vec<String> = others.map(|(column, kind)| format!("{column} is {kind}")).collect();
        if !others.is_empty() {
            return Err(("columns", format!("{}; this check reads text", others.join(", "))).into());
        }
        let faults = wanted(args).iter().map(|name| (*name).to_owned()).collect();
        Ok(vec![row_measure(scope, Predicate::Tidy(TidyTest { columns, faults }))])
    }

    fn judge(&self, args: &Args, _: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let columns = args.columns("columns").map(|columns| columns.join(", ")).unwrap_or_default();
        let tally = readings.rows(0)?;
        let expected = match (args.names("only"), args.names("allow")) {
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

/// The faults that are looked for.
fn wanted(args: &Args) -> Vec<&'static str> {
    let named = |param: &str, name: &str| args.names(param).map(|names| names.iter().any(|known| known == name));
    let names = Fault::NAMES.into_iter();
    names.filter(|name| named("only", name).unwrap_or(true) && !named("allow", name).unwrap_or(false)).collect()
}
