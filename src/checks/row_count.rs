//! `row_count`: there are enough rows.

use super::{Args, Check, JudgeError, Outcome, Param, ParamKind, Readings, Scope, dataset_measure};
use crate::model::{Dimension, Measure, MeasureKind};

/// How many rows there are.
pub(super) struct RowCount;

const PAGE: &str = "# row_count

One judgement of the whole dataset: the number of rows (of those for which `where` is true). Malformed records count as
rows. No rows at all is measured like any other number.

## Example

```yaml
suite: staff
datasets:
  people:
    source: people.csv
    rules:
      - check: row_count
        min: 1000
```
";

impl Check for RowCount {
    fn name(&self) -> &'static str {
        "row_count"
    }

    fn summary(&self) -> &'static str {
        "the number of rows lies between the bounds"
    }

    fn dimension(&self) -> Dimension {
        Dimension::Sufficient
    }

    fn params(&self) -> &'static [Param] {
        const {
            &[
                Param::optional("min", ParamKind::Count, "the least number of rows"),
                Param::optional("max", ParamKind::Count, "the greatest number of rows"),
                Param::optional("equals", ParamKind::Count, "the exact number of rows"),
            ]
        }
    }

    fn page(&self) -> &'static str {
        PAGE
    }

    fn lint(&self, args: &Args) -> Vec<(&'static str, String)> {
        match (args.count("min"), args.count("max"), args.count("equals")) {
            (None, None, None) => vec![("min", "give `min`, `max` or `equals`".to_owned())],
            (None, None, Some(_)) => Vec::new(),
            (_, _, Some(_)) => vec![("equals", "give `equals`, or `min` and `max`, not both".to_owned())],
            (Some(min), Some(max), None) if min > max => vec![("min", "`min` is over `max`".to_owned())],
            _ => Vec::new(),
        }
    }

    fn measures(&self, _: &Args, scope: &dyn Scope) -> Result<Vec<Measure>, (&'static str, String)> {
        Ok(vec![dataset_measure(scope, MeasureKind::RowCount)])
    }

    fn judge(&self, args: &Args, _: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let (rows, unreadable) = readings.count(0)?;
        let (min, max, equals) = (args.count("min"), args.count("max"), args.count("equals"));
        let fits = |rows: u64| {
            min.is_none_or(|min| rows >= *min)
                && max.is_none_or(|max| rows <= *max)
                && equals.is_none_or(|equals| rows == *equals)
        };
        // Where rows may or may not be in scope, the rule passes only if it does either way.
        let passes = fits(rows) && fits(rows + unreadable);
        let expected = match (min, max, equals) {
            (_, _, Some(equals)) => format!("exactly {equals} rows"),
            (Some(min), Some(max), None) => format!("{min} to {max} rows"),
            (Some(min), None, None) => format!("at least {min} rows"),
            (None, Some(max), None) => format!("at most {max} rows"),
            (None, None, None) => String::new(),
        };
        let observed = match unreadable {
            0 => format!("{rows} rows"),
            _ => format!("{rows} rows, and {unreadable} whose `where` cannot be read"),
        };
        let mut outcome = Outcome::of_dataset(passes, observed, expected);
        if unreadable > 0 {
            outcome.details.insert("unreadable_rows".to_owned(), unreadable);
        }
        Ok(outcome)
    }

    fn is_about_rows(&self, _: &Args) -> bool {
        false
    }
}
