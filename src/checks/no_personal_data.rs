//! `no_personal_data`: columns that are not declared personal contain no personal data.

use std::collections::BTreeMap;

use super::{BoundCheck, Check, JudgeError, Outcome, Problems, Readings, Scope, Shorthand, dataset_measure};
use crate::identifiers::Detector;
use crate::model::{Count, Decimal, Dimension, Measure, MeasureKind, PersonalDataTest, Unit};

const PAGE: &str = "# no_personal_data

Searches every column that is not declared personal (`pii: basic` or `sensitive`), or the `columns` named, for values
that look like personal data, in whole cells and inside longer text. Counts are of columns: a column passes if at most
the `share` of its values (0 by default) looks like personal data; a column without values is not evaluated. The result
also counts, for each column, the values found by each detector. It shows no value.

- `email`: e-mail addresses
- `phone`: mobile numbers of Viet Nam, also with 84 and no plus or with a prefix in brackets, and numbers in
  international form with a plus
- `personal_id`: personal numbers of Viet Nam, with a place and a year of birth that exist
- `iban`: bank accounts in capital or small letters, with their check digits
- `card`: payment cards, 13 to 19 digits with the check digit
- `health_card`: health insurance cards of Viet Nam

Whole numbers of nine digits or more are searched, too: for personal numbers that have lost their leading zeros, for
cards, and for telephone numbers that begin with 84. Negative numbers and fractions are not searched. A cell of text
that is only a number is searched in the same way, because all cells of CSV are text: the same values give the same
counts whatever their file format and type. Inside text, a number next to letters or digits belongs to a longer code and
is not searched, except a telephone number after small letters (`sđt0912345678`). Several numbers with single spaces
between them count as one number, which is not searched. By chance, one number of twelve digits in sixty looks like a
personal number, one of ten or eleven digits in seven like one without its zeros, and one of sixteen digits in twenty
like a card. For columns of long numbers with another meaning, name the `detectors` or allow a `share`. Names, addresses
and free text about people are not found.

## Example

```yaml
suite: staff
datasets:
  people:
    source: people.csv
    columns:
      full_name: { pii: basic }
    rules:
      - check: no_personal_data
        severity: critical
      - id: notes-without-numbers
        check: no_personal_data
        columns: [notes]
        detectors: [phone, personal_id]
        share: 0.001
```
";

parameters! {
    /// Personal data in columns that are not declared personal.
    struct NoPersonalData {
        columns: optional Columns, "the columns, instead of all not declared personal";
        detectors: optional Words(&Detector::NAMES), "what to search for; by default everything", stricter More Strictest;
        share: optional Number, "the share of values that may look personal, from 0 to 1", default "0", stricter Smaller Unknown;
    }
}

pub(super) const CHECK: Check = Check {
    name: "no_personal_data",
    summary: "columns not declared personal contain no identifiers, telephone numbers or addresses of persons",
    dimension: Dimension::Shared,
    page: PAGE,
    shorthand: Shorthand::None,
    takes_condition: true,
    params: NoPersonalData::PARAMS,
    bind: NoPersonalData::bind,
};

impl BoundCheck for NoPersonalData {
    fn lint(&self) -> Problems {
        match self.share.known() {
            Some(share) if !(Decimal::ZERO..Decimal::from(1)).contains(share) => {
                Problems::of("share", "give a share of at least 0 and less than 1, such as 0.01")
            }
            _ => Problems::default(),
        }
    }

    fn measures(&self, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        let Some(columns) = self.columns(scope) else { return Ok(Vec::new()) };
        if columns.is_empty() {
            return Err(Problems::of(
                "columns",
                "every column that can be read is declared personal, so there is nothing to search",
            ));
        }
        let detectors: Vec<String> = Detector::NAMES
            .into_iter()
            .filter(|name| self.detectors.known().is_none_or(|wanted| wanted.iter().any(|known| known == name)))
            .map(str::to_owned)
            .collect();
        let measure = |column: String| {
            dataset_measure(scope, MeasureKind::PersonalData(PersonalDataTest { column, detectors: detectors.clone() }))
        };
        Ok(columns.into_iter().map(measure).collect())
    }

    fn judge(&self, scope: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let share = self.share.known().copied().unwrap_or(Decimal::ZERO);
        let columns = self.columns(scope).unwrap_or_default();
        let unread = scope.columns(scope.dataset()).into_iter().flatten().filter(|_| !self.columns.is_given());
        let unread = unread.filter(|column| scope.column_type(scope.dataset(), column).is_none()).count() as u64;
        let (mut outcome, mut personal) = (Outcome { unit: Unit::Columns, ..Outcome::default() }, Vec::new());
        let mut details: BTreeMap<String, u64> = BTreeMap::new();
        for (at, column) in columns.iter().enumerate() {
            let tally = readings.detections(at)?;
            if tally.values == 0 {
                outcome.not_applicable += 1;
                continue;
            }
            for (detector, count) in &tally.by {
                details.insert(format!("{column}.{detector}"), *count);
            }
            if tally.unreadable > 0 {
                details.insert("rows_not_in_scope_for_sure".to_owned(), tally.unreadable);
            }
            if Decimal::from(tally.detected).units(share.scale()) > share.units(share.scale()) * tally.values {
                outcome.failed += 1;
                let by: Vec<&str> = tally.by.keys().map(String::as_str).collect();
                let (found, values) = (Count(tally.detected), Count(tally.values));
                personal.push(format!("{column} ({found} of {values} values: {})", by.join(", ")));
            } else {
                outcome.passed += 1;
            }
        }
        if unread > 0 {
            details.insert("columns_not_read".to_owned(), unread);
        }
        let evaluated = outcome.passed + outcome.failed;
        outcome.observed = match (evaluated, personal.is_empty()) {
            (0, _) => "no column has values".to_owned(),
            (_, true) => format!("nothing found in {evaluated} columns"),
            _ => format!("{} of {evaluated} columns look personal: {}", personal.len(), personal.join("; ")),
        };
        let wanted = self.detectors.known().map_or_else(|| Detector::NAMES.join(", "), |names| names.join(", "));
        let allowed =
            if share > Decimal::ZERO { format!(" in more than {share} of their values") } else { String::new() };
        outcome.expected = format!("{} columns without {wanted}{allowed}", columns.len());
        outcome.details = details;
        Ok(outcome)
    }

    fn is_about_rows(&self) -> bool {
        false
    }
}

impl NoPersonalData {
    /// The columns to search; `None` as long as the columns are not known.
    fn columns(&self, scope: &dyn Scope) -> Option<Vec<String>> {
        self.columns.known().cloned().or_else(|| {
            let all = scope.columns(scope.dataset())?.into_iter();
            let readable = all
                .filter(|column| !scope.is_personal(scope.dataset(), column))
                .filter(|column| scope.column_type(scope.dataset(), column).is_some());
            Some(readable.collect())
        })
    }
}
