//! `row_count`: the number of rows is within bounds.

use super::{BoundCheck, Check, JudgeError, Outcome, Problems, Readings, Scope, Shorthand, dataset_measure};
use crate::model::{Count, Dimension, Measure, MeasureKind, Share, Threshold, ThresholdError};

const PAGE: &str = "# row_count

One verdict on the whole dataset: the number of rows for which `where` is true. Malformed records count as rows. A
dataset without rows is measured like any other.

With `same_as` the number is compared with that of another dataset (of its rows for which `having` is true). The two
numbers may differ by `tolerance`: a number of rows (`20 rows`), or a share of the rows of the other dataset (`0.1%`).
Without it they must be equal.

## Example

```yaml
suite: staff
datasets:
  people:
    source: people.csv
    rules:
      - check: row_count
        min: 1000
  people_copy:
    source: copy/people.csv
    rules:
      - id: nothing-lost-on-the-way
        check: row_count
        same_as: people
        tolerance: 0.1%
```
";

parameters! {
    /// How many rows there are.
    struct RowCount {
        min: optional Count, "the smallest number of rows allowed", stricter Greater Loosest;
        max: optional Count, "the greatest number of rows allowed", stricter Smaller Loosest;
        equals: optional Count, "the exact number of rows";
        same_as: optional Dataset, "another dataset that must have as many rows";
        tolerance: optional Scalar,
            "how far the numbers may differ: a number of rows, or a share of the other dataset such as 1%";
        having: optional ExpressionOf("same_as"), "only rows of the other dataset for which this is true";
    }
}

pub(super) const CHECK: Check = Check {
    name: "row_count",
    summary: "the number of rows is within the bounds",
    dimension: Dimension::Sufficient,
    page: PAGE,
    shorthand: Shorthand::None,
    takes_condition: true,
    params: RowCount::PARAMS,
    bind: RowCount::bind,
};

impl BoundCheck for RowCount {
    fn lint(&self) -> Problems {
        let mut problems = Problems::default();
        let other = self.same_as.is_given();
        match (self.min.known(), self.max.known(), self.equals.known()) {
            _ if self.min.is_unknown()
                || self.max.is_unknown()
                || self.equals.is_unknown()
                || self.same_as.is_unknown() => {}
            (None, None, None) if other => {}
            (None, None, None) => problems.add("min", "give `min`, `max`, `equals` or `same_as`"),
            _ if other => {
                let problem = "give `same_as`, or numbers of rows, not both: two rules can ask for both".to_owned();
                problems.add("same_as", problem);
            }
            (None, None, Some(_)) => {}
            (_, _, Some(_)) => problems.add("equals", "give `equals`, or `min` and `max`, not both"),
            (Some(min), Some(max), None) if min > max => problems.add("min", "`min` is greater than `max`"),
            _ => {}
        }
        if self.tolerance.is_given() && !other {
            problems.add("tolerance", "`tolerance` belongs to `same_as`, which is not given");
        }
        if other
            && let Some(text) = self.tolerance.known()
            && let Err(error) = Threshold::parse_stated(text, true)
        {
            problems.add(
                "tolerance",
                match error {
                    ThresholdError::Bare(number) => {
                        let rows = format!("{number} {}", if number == 1 { "row" } else { "rows" });
                        format!("`{text}` is ambiguous: write `tolerance: {number}%` or `tolerance: {rows}`")
                    }
                    ThresholdError::Fraction(percent) | ThresholdError::Percent(percent) => {
                        format!("`{text}` is no number of rows: write {percent} for a share")
                    }
                    ThresholdError::NoShare | ThresholdError::NoThreshold => {
                        format!(
                            "`{text}` is neither a number of rows nor a share such as 1% (below 100, four decimals)"
                        )
                    }
                },
            );
        }
        if self.tolerance.known().and_then(|text| tolerance(text)) == Some(Threshold::AtMostShare(1_000_000)) {
            let problem = "100% would accept an empty dataset: give less than 100%".to_owned();
            problems.add("tolerance", problem);
        }
        problems
    }

    fn measures(&self, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        let own = dataset_measure(scope, MeasureKind::RowCount);
        let Some(dataset) = self.same_as.known() else { return Ok(vec![own]) };
        let other = Measure::new(dataset, self.having.known().cloned(), MeasureKind::RowCount);
        if own == other {
            return Err(Problems::of(
                "same_as",
                format!("{dataset} always has as many rows as itself: name another dataset"),
            ));
        }
        Ok(vec![own, other])
    }

    fn judge(&self, _: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let (rows, unreadable) = readings.count(0)?;
        if let Some(dataset) = self.same_as.known() {
            return Ok(compared(dataset, self.tolerance.known(), (rows, unreadable), readings.count(1)?));
        }
        let (min, max, equals) = (self.min.known(), self.max.known(), self.equals.known());
        let fits = |rows: u64| {
            min.is_none_or(|min| rows >= *min)
                && max.is_none_or(|max| rows <= *max)
                && equals.is_none_or(|equals| rows == *equals)
        };
        // Where rows may or may not be in scope, the rule passes only if it does either way.
        let passes = fits(rows) && fits(rows + unreadable);
        let expected = match (min, max, equals) {
            (_, _, Some(equals)) => format!("exactly {} rows", Count(*equals)),
            (Some(min), Some(max), None) => format!("{} to {} rows", Count(*min), Count(*max)),
            (Some(min), None, None) => format!("at least {} rows", Count(*min)),
            (None, Some(max), None) => format!("at most {} rows", Count(*max)),
            (None, None, None) => String::new(),
        };
        let observed = match unreadable {
            0 => format!("{} rows", Count(rows)),
            _ => format!("{} rows, and {} for which `where` has an unparseable value", Count(rows), Count(unreadable)),
        };
        let mut outcome = Outcome::of_dataset(passes, observed, expected);
        if unreadable > 0 {
            outcome.details.insert("unreadable_rows".to_owned(), unreadable);
        }
        Ok(outcome)
    }

    fn is_about_rows(&self) -> bool {
        false
    }
}

/// How far two numbers of rows may differ: by a number of rows, or by a share of the other number.
fn tolerance(text: &str) -> Option<Threshold> {
    Threshold::parse(text, true)
}

/// Compares a number of rows with that of another dataset. The second number of each pair counts rows that may or may not
/// be in scope; the rule passes only if it passes either way.
fn compared(
    dataset: &str,
    asked: Option<&String>,
    (rows, unreadable): (u64, u64),
    (others, others_unreadable): (u64, u64),
) -> Outcome {
    let tolerance = asked.and_then(|text| tolerance(text)).unwrap_or(Threshold::ALL_ROWS);
    let allowed = |others: u64| match tolerance {
        Threshold::AtMostShare(share) => Share::from_millionths(share).take(others),
        Threshold::AtMostRows(rows) => rows,
        Threshold::AtLeastShare(_) | Threshold::AtLeastRows(_) => 0,
    };
    let is_near = |rows: u64, others: u64| rows.abs_diff(others) <= allowed(others);
    let passes = [rows, rows + unreadable]
        .into_iter()
        .all(|rows| [others, others + others_unreadable].into_iter().all(|others| is_near(rows, others)));
    let unknown = match unreadable + others_unreadable {
        0 => String::new(),
        unknown => format!(", and {} rows that count or not depending on unparseable values", Count(unknown)),
    };
    let within = asked.map_or_else(String::new, |text| format!(", within {text}"));
    let mut outcome = Outcome::of_dataset(
        passes,
        format!("{} rows, {} in {dataset}{unknown}", Count(rows), Count(others)),
        format!("as many rows as {dataset}{within}"),
    );
    outcome.details.insert("other_rows".to_owned(), others);
    if unreadable > 0 {
        outcome.details.insert("unreadable_rows".to_owned(), unreadable);
    }
    if others_unreadable > 0 {
        outcome.details.insert("other_unreadable_rows".to_owned(), others_unreadable);
    }
    outcome
}
