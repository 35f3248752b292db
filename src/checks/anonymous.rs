//! `anonymous`: nobody stands out, and groups say little about those in them.

use super::{BoundCheck, Check, JudgeError, Outcome, Problems, Readings, Scope, Shorthand, dataset_measure};
use crate::model::{Dimension, Grouped, KeySpec, Measure, MeasureKind};

const PAGE: &str = "# anonymous

To be checked before data about persons is released: rows that are equal in the quasi-identifiers (what others may know of a
person: birth year, sex, district) make up a group, and each group must have at least `k` rows. Then whoever knows these facts
of a person finds at least `k` rows that may be theirs (k-anonymity; L. Sweeney, *k-anonymity: a model for protecting privacy*,
International Journal of Uncertainty, Fuzziness and Knowledge-Based Systems 10, 2002).

A group of any size gives its members away where they all have the same disease. So with `sensitive` and `l` each group must
have at least `l` different values in each sensitive column (distinct l-diversity; A. Machanavajjhala, D. Kifer, J. Gehrke and
M. Venkitasubramaniam, *l-Diversity: privacy beyond k-anonymity*, ACM Transactions on Knowledge Discovery from Data 1, 2007).

Fails every row of each group that is smaller than `k` or has fewer than `l` different values. A missing quasi-identifier is a
value like any other, and equals another missing one. Texts of quasi-identifiers compare as they stand, since so they are read:
`Hanoi` and `hanoi` are two. Sensitive values compare in the type of their column, `1000`, `1000.0` and `1e3` being one decimal,
and texts folded: upper case, tone marks placed otherwise, spaces around and between, and characters without width make no second
illness of `flu`. Both err on the safe side. A sensitive value that is missing or does not read adds none; rows with one that does
not read are counted (`unreadable_sensitive`).

Beside the rows stand `groups`, `smallest_group`, `groups_under_k` and `rows_under_k`, and with `l` also `groups_under_l` and
`rows_under_l`; a group may be counted under both. No value of a group is ever shown. Neither measure protects against everything: both take it that the quasi-identifiers named are all that others know.

## Example

```yaml
suite: release
datasets:
  patients:
    source: patients.csv
    rules:
      - id: nobody-stands-out
        check: anonymous
        quasi_identifiers: [birth_year, sex, district]
        k: 5
        sensitive: diagnosis
        l: 2
        severity: critical
```
";

parameters! {
    /// k-anonymity and l-diversity.
    struct Anonymous {
        quasi_identifiers: required Columns, "the columns by which others may know a person";
        k: required Count, "the least number of rows that are equal in them, from 2";
        sensitive: optional Columns, "the columns that others must not learn";
        l: optional Count, "the least number of different values of each of those, from 2";
    }
}

pub(super) const CHECK: Check = Check {
    name: "anonymous",
    summary: "each row hides in a group of at least k, with l different sensitive values",
    dimension: Dimension::Shared,
    page: PAGE,
    shorthand: Shorthand::None,
    takes_condition: true,
    params: Anonymous::PARAMS,
    bind: Anonymous::bind,
};

impl BoundCheck for Anonymous {
    fn lint(&self) -> Problems {
        let mut problems = Problems::default();
        let (k, l) = (self.k, self.l.known().copied());
        if k < 2 {
            problems.add("k", format!("`k` is at least 2: among {k} nobody hides"));
        }
        if let Some(l) = l.filter(|l| *l < 2) {
            problems.add("l", format!("`l` is at least 2: {l} different values are in any group"));
        }
        match (self.sensitive.is_given(), self.l.is_given()) {
            (true, false) => problems.add("sensitive", "say with `l` how many different values it needs"),
            (false, true) => problems.add("l", "say with `sensitive` which columns `l` is about"),
            _ => {}
        }
        if let Some(l) = l
            && k >= 2
            && l > k
        {
            problems.add("l", format!("{k} rows cannot have {l} different values: let `k` be at least `l`"));
        }
        for column in self.sensitive().iter().filter(|column| self.quasi_identifiers.contains(column)) {
            let problem =
                format!("{column} is a quasi-identifier too, of which each group has one value: name it in one");
            problems.add("sensitive", problem);
        }
        problems
    }

    fn measures(&self, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        let grouped = Grouped::Anonymous {
            quasi_identifiers: KeySpec { columns: self.quasi_identifiers.clone() },
            k: self.k,
            sensitive: self.sensitive().to_vec(),
            l: self.l.known().copied().unwrap_or(0),
        };
        Ok(vec![dataset_measure(scope, MeasureKind::Grouped(grouped))])
    }

    fn judge(&self, _: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let tally = readings.groups(0)?;
        let told = tally.anonymity.unwrap_or_default();
        let mut expected = format!("at least {} rows are equal in {}", self.k, self.quasi_identifiers.join(", "));
        if let Some(l) = self.l.known() {
            expected = format!("{expected}, with {l} different values of {}", self.sensitive().join(" and of "));
        }
        let mut outcome = Outcome::of_rows(&tally.rows, expected, "do not hide in their group");
        if tally.groups > 0 {
            outcome.observed =
                format!("{}; the smallest of {} groups has {}", outcome.observed, tally.groups, told.smallest);
            outcome.details.insert("smallest_group".to_owned(), told.smallest);
        }
        let mut counts = vec![
            ("groups", tally.groups),
            ("groups_under_k", told.groups_under_k),
            ("rows_under_k", told.rows_under_k),
        ];
        if !self.sensitive().is_empty() {
            counts.extend([("groups_under_l", told.groups_under_l), ("rows_under_l", told.rows_under_l)]);
        }
        if told.unreadable_sensitive > 0 {
            let rows = told.unreadable_sensitive;
            counts.push(("unreadable_sensitive", rows));
            outcome.observed = format!("{}; {rows} rows have a sensitive value that does not read", outcome.observed);
        }
        outcome.details.extend(counts.into_iter().map(|(name, count)| (name.to_owned(), count)));
        Ok(outcome)
    }
}

impl Anonymous {
    /// The sensitive columns; there may be none.
    fn sensitive(&self) -> &[String] {
        self.sensitive.as_deref().unwrap_or(&[])
    }
}
