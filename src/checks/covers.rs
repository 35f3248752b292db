//! `covers`: every value expected occurs.

use super::{
    BoundCheck, Check, JudgeError, Outcome, Problems, Readings, Scope, Shorthand, dataset_measure, describe_list,
    fits_list, of_others, others_untold, same_types,
};
use crate::model::{Covered, Dimension, Expected, Kept, KeySpec, Lookup, Measure, MeasureKind, ValueList};

const PAGE: &str = "# covers

Every value expected occurs at least once in the column: each province has sent something. Expected are the `values` of a list,
the codes of a code list that are valid on the day of `as_of`, or the keys of another dataset (of its rows for which `having` is
true). Counts are of values, not of rows: passed are those that occur in a row for which `where` is true, failed those that do
not. Other values than those expected are not judged; `allowed` and `exists_in` are the rules about them.

Values compare byte for byte in the type of the column; missing ones are none. A value that does not read meets none,
nor does one of which it cannot be told whether `where` is true for its row (`unreadable_rows`). A row of the other dataset whose key or `having` does not read could expect any value: each counts as one
more value that does not occur (`other_unreadable_rows`). The first codes of a list that do not occur are named; keys of a dataset never are.

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
        values: optional List, "the values expected, or { codelist: NAME }";
        dataset: optional Dataset, "the dataset whose keys are expected";
        key: optional ColumnsOf("dataset"), "its key column; by default its declared key";
        having: optional ExpressionOf("dataset"), "only rows of the other dataset for which this is true";
    }
}

pub(super) const CHECK: Check = Check {
    name: "covers",
    summary: "every value expected occurs at least once",
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
                problems.add("column", "say what is expected: `values`, a code list or a `dataset`");
            }
            _ => {}
        }
        if let Some(ValueList::Codelist { at: Some(_), .. }) = self.values.known() {
            let problem = "codes are expected as they are valid on the day of as_of: leave `at` out".to_owned();
            problems.add("values", problem);
        }
        if let Some(key) = self.key.known()
            && key.len() > 1
        {
            problems.add("key", "one column covers a key of one column");
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
                        format!("{dataset} declares no key: say which of its columns holds the values, `key: …`")
                    } else {
                        format!("the key of {dataset} has {} columns: say which of them is meant, `key: …`", key.len())
                    };
                    return Err(Problems::of("key", problem));
                }
                same_types(scope, "column", std::slice::from_ref(&column), &dataset, &key)?;
                let filter = self.having.known().cloned();
                if dataset == scope.dataset() && key[0] == column && scope.filter().is_none() {
                    return Err(Problems::of(
                        "dataset",
                        format!("{column} always has its own values: name another dataset"),
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
        Ok(vec![dataset_measure(scope, MeasureKind::Covered(Covered { column, expected }))])
    }

    fn judge(&self, _: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let tally = readings.covered(0)?;
        let column = &self.column;
        let expected = match (self.values.known(), self.dataset.known()) {
            (Some(ValueList::Codelist { name, .. }), _) => format!("{column} has every code of {name}"),
            (Some(list), _) => format!("{column} has each of these: {}", describe_list(list)),
            (None, Some(dataset)) => format!("{column} has every key of {dataset}"),
            (None, None) => return Err(JudgeError::NoReading),
        };
        // A row that could expect any value is one more that does not occur.
        let untold = tally.other_unreadable;
        let absent = tally.expected - tally.found;
        let mut observed = match (tally.expected, absent) {
            (0, _) if untold > 0 => "no value is known to be expected".to_owned(),
            (0, _) => "no value is expected".to_owned(),
            (values, 0) => format!("all {values} values occur"),
            (values, absent) if tally.missing.is_empty() => format!("{absent} of {values} values do not occur"),
            (values, absent) => {
                let more = absent - tally.missing.len() as u64;
                let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                format!("{absent} of {values} values do not occur: {}{more}", tally.missing.join(", "))
            }
        };
        observed.push_str(&others_untold(untold));
        let mut outcome = Outcome {
            passed: tally.found,
            failed: absent + untold,
            unreadable: untold,
            observed,
            expected,
            details: of_others(untold),
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
