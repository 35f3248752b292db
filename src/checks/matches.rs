//! `matches`: every value matches a pattern.

use super::{
    BoundCheck, Check, FORMS, JudgeError, Outcome, Problems, Readings, Scope, Shorthand, composed, fits_all,
    needs_text, row_measure,
};
use crate::model::{Dimension, Measure, Predicate};

const PAGE: &str = r"# matches

Passes for a value that matches the pattern as a whole: `[0-9]{3}` does not match `1234`. Missing values are not
applicable. With `as: nfc` values and the pattern are taken in Unicode form C, however their letters are written.
Without it, the report says how many failing values would pass with it (`pass_as_nfc`).

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
        form = "as": optional Choice(FORMS), "how texts compare: exact (default), or nfc, in Unicode form C", default "exact";
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
        composed(scope, &self.form, vec![row_measure(scope, Predicate::Matches { column, pattern, negated: false })])
    }

    fn certainty(&self, _: &str, _: &[String]) -> Option<String> {
        if let Some((value, around)) = literal(&self.pattern) {
            let meant =
                format!("a pattern is compared with the whole value; write `{around}` for values that contain it");
            return Some(format!("passes only for the value `{value}`: {meant}"));
        }
        fits_all(&self.pattern).then(|| "passes for every value".to_owned())
    }

    fn judge(&self, _: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let pattern = &self.pattern;
        let column = &self.column;
        let whole = match literal(pattern) {
            Some((_, around)) => format!(" as a whole (values that contain it match `{around}`)"),
            None => String::new(),
        };
        let expected = format!("{column} matches {pattern}{whole}");
        Ok(Outcome::of_rows(readings.rows(0)?, expected, "do not match the pattern"))
    }
}

/// The only value that a pattern matches which is a plain text, and the pattern of the values that contain it: its writer
/// most likely expects a search.
fn literal(pattern: &str) -> Option<(String, String)> {
    let (starts, ends) = (pattern.starts_with('^'), pattern.ends_with('$') && !pattern.ends_with("\\$"));
    let text = pattern.strip_prefix('^').unwrap_or(pattern);
    let text = if ends { text.strip_suffix('$').unwrap_or(text) } else { text };
    let mut value = String::with_capacity(text.len());
    let mut signs = text.chars();
    while let Some(sign) = signs.next() {
        match sign {
            '\\' => value.push(signs.next().filter(char::is_ascii_punctuation)?),
            '*' | '+' | '?' | '{' | '}' | '[' | ']' | '(' | ')' | '|' | '.' | '^' | '$' => return None,
            sign => value.push(sign),
        }
    }
    // `^x$` says that the whole value is meant.
    let is_whole = starts && ends;
    let around = format!("{}{text}{}", if starts { "" } else { ".*" }, if ends { "" } else { ".*" });
    (!value.is_empty() && !is_whole).then_some((value, around))
}

#[cfg(test)]
mod tests {
    use super::literal;

    #[test]
    fn only_plain_text_is_taken_for_a_search() {
        for (pattern, around) in [
            ("@", Some(".*@.*")),
            ("^09", Some("09.*")),
            (r"\.vn$", Some(r".*\.vn")),
            ("VN-", Some(".*VN-.*")),
            ("^VN$", None),
            ("", None),
            ("[0-9]", None),
            ("M|F", None),
            (r"\d", None),
            ("a.c", None),
            ("x{3}", None),
        ] {
            assert_eq!(literal(pattern).map(|(_, around)| around).as_deref(), around, "{pattern}");
        }
    }
}
