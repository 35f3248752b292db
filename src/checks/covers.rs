//! `covers`: every expected value occurs.

use super::{
    BoundCheck, Check, FORMS, JudgeError, Outcome, Problems, Readings, Scope, Shorthand, composed, count_elsewhere,
    dataset_measure, fits_list, list_values, same_types, unreadable_elsewhere,
};
use crate::model::{self, Count, Dimension, Expected, Kept, KeySpec, Lookup, Measure, MeasureKind, Unit, ValueList};

const PAGE: &str = "# covers

Every expected value occurs at least once in the column: for example, each province has sent something. The expected
values are the `values` of a list, the codes of a code list that are valid on the date of `as_of`, or the keys of
another dataset (of its rows for which `having` is true). Counts are of values, not of rows: a value passes if it occurs
in a row for which `where` is true. Values that are not expected are not judged; `allowed` and `exists_in` are the
checks for them.

Values compare byte for byte in the type of the column. Missing values do not count. An unparseable value matches no
expected value, and neither does a value in a row for which `where` has an unparseable value (`unreadable_rows`). A row
of the other dataset whose key or `having` cannot be parsed could expect any value: each such row counts as one more
value that does not occur (`other_unreadable_rows`). The result names the first codes of a list that do not occur; it
never names keys of a dataset.

With `as: nfc` texts compare in Unicode form C, however their letters are written.

## Example

```yaml
suite: returns
codelists:
  provinces: { values: [\"01\", \"04\", \"08\"] }
datasets:
  offices: { source: offices.csv, key: office_id }
  returns:
    source: returns.csv
    columns:
      province: { covers: { codelist: provinces } }
    rules:
      - id: every-open-office-reports
        check: covers
        column: office
        dataset: offices
        having: closed_on is null
        at_least: 98%
```
";

parameters! {
    /// Values that must occur.
    struct Covers {
        column: required Column, "the column";
        values: optional List, "the expected values, or { codelist: NAME }", stricter MoreJudged Unknown;
        dataset: optional Dataset, "the dataset whose keys are expected";
        key: optional ColumnsOf("dataset"), "its key column; by default its declared key";
        having: optional ExpressionOf("dataset"), "only rows of the other dataset for which this is true";
        form = "as": optional Choice(FORMS), "how texts compare: exact (default), or nfc, in Unicode form C", default "exact";
    }
}

pub(super) const CHECK: Check = Check {
    name: "covers",
    summary: "every expected value occurs at least once",
    dimension: Dimension::Sufficient,
    page: PAGE,
    shorthand: Shorthand::Param("values"),
    takes_condition: true,
    params: Covers::PARAMS,
    bind: Covers::bind,
};

impl BoundCheck for Covers {
    fn lint(&self) -> Problems {
        let mut problems = Problems::default();
        match (self.values.is_given(), self.dataset.is_given()) {
            (true, true) => problems.add("dataset", "give `values` or `dataset`, not both"),
            (false, false) => {
                problems.add("column", "give the expected values: `values`, a code list or a `dataset`");
            }
            _ => {}
        }
        if let Some(ValueList::Codelist { at: Some(_), .. }) = self.values.known() {
            let problem = "the expected codes are those valid on the date of `as_of`: leave `at` out".to_owned();
            problems.add("values", problem);
        }
        if let Some(key) = self.key.known()
            && key.len() > 1
        {
            problems.add("key", "a column can only cover a key of one column");
        }
        problems
    }

    fn measures(&self, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        let column = self.column.clone();
        let expected = match (self.values.known(), self.dataset.known()) {
            (Some(list), _) => {
                fits_list(scope, &column, list)?;
                Expected::Listed(list.clone())
            }
            (None, None) => return Err(Problems::default()),
            (None, Some(dataset)) => {
                let dataset = dataset.clone();
                let key = self.key.known().cloned().unwrap_or_else(|| scope.key(&dataset));
                if self.key.is_unknown() {
                    return Err(Problems::default());
                }
                if key.len() != 1 {
                    let problem = if key.is_empty() {
                        format!("{dataset} declares no key: name the column that holds the expected values, `key: …`")
                    } else {
                        format!("the key of {dataset} has {} columns: name one of them, `key: …`", key.len())
                    };
                    return Err(Problems::of("key", problem));
                }
                same_types(scope, "column", std::slice::from_ref(&column), &dataset, &key)?;
                let filter = self.having.known().cloned();
                if dataset == scope.dataset() && key[0] == column && scope.filter().is_none() {
                    return Err(Problems::of(
                        "dataset",
                        format!("{column} always contains its own values: name another dataset"),
                    ));
                }
                Expected::Keys(Lookup {
                    dataset,
                    key: KeySpec { columns: key },
                    filter,
                    facts: Vec::new(),
                    kept: Kept::Keys,
                })
            }
        };
        composed(
            scope,
            &self.form,
            vec![dataset_measure(scope, MeasureKind::Covers(model::Covers { column, expected }))],
        )
    }

    fn judge(&self, _: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let tally = readings.covered(0)?;
        let column = &self.column;
        let expected = match (self.values.known(), self.dataset.known()) {
            (Some(ValueList::Codelist { name, .. }), _) => format!("{column} contains every code of {name}"),
            (Some(ValueList::Values(values)), _) => format!("{column} contains each of {}", list_values(values)),
            (None, Some(dataset)) => format!("{column} contains every key of {dataset}"),
            (None, None) => return Err(JudgeError::NoReading),
        };
        // A row that could expect any value is one more that does not occur.
        let unknown = tally.other_unreadable;
        let absent = tally.expected - tally.found;
        let mut observed = match (tally.expected, absent) {
            (0, _) if unknown > 0 => "no expected value is known".to_owned(),
            (0, _) => "no value is expected".to_owned(),
            (values, 0) => format!("all {} values occur", Count(values)),
            (values, absent) if tally.missing.is_empty() => {
                format!("{} of {} values do not occur", Count(absent), Count(values))
            }
            (values, absent) => {
                let more = absent - tally.missing.len() as u64;
                let more = if more > 0 { format!(" and {} more", Count(more)) } else { String::new() };
                let (absent, values) = (Count(absent), Count(values));
                format!("{absent} of {values} values do not occur: {}{more}", tally.missing.join(", "))
            }
        };
        observed.push_str(&unreadable_elsewhere(unknown));
        let mut outcome = Outcome {
            unit: Unit::Values,
            passed: tally.found,
            failed: absent + unknown,
            unreadable: unknown,
            observed,
            expected,
            details: count_elsewhere(unknown),
            ..Outcome::default()
        };
        if tally.unreadable > 0 {
            outcome.details.insert("unreadable_rows".to_owned(), tally.unreadable);
        }
        Ok(outcome)
    }

    fn is_about_rows(&self) -> bool {
        false
    }
}
