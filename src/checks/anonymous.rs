//! `anonymous`: nobody stands out, and groups say little about those in them.

use super::{Args, Check, JudgeError, Outcome, Param, ParamKind, Problems, Readings, Scope, dataset_measure};
use crate::model::{Dimension, Grouped, KeySpec, Measure, MeasureKind};

/// k-anonymity and l-diversity.
pub(super) struct Anonymous;

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

impl Check for Anonymous {
    fn name(&self) -> &'static str {
        "anonymous"
    }

    fn summary(&self) -> &'static str {
        "each row hides in a group of at least k, with l different sensitive values"
    }

    fn dimension(&self) -> Dimension {
        Dimension::Shared
    }

    fn params(&self) -> &'static [Param] {
        const {
            &[
                Param::required(
                    "quasi_identifiers",
                    ParamKind::Columns,
                    "the columns by which others may know a person",
                ),
                Param::required("k", ParamKind::Count, "the least number of rows that are equal in them, from 2"),
                Param::optional("sensitive", ParamKind::Columns, "the columns that others must not learn"),
                Param::optional("l", ParamKind::Count, "the least number of different values of each of those, from 2"),
            ]
        }
    }

    fn page(&self) -> &'static str {
        PAGE
    }

    fn lint(&self, args: &Args) -> Vec<(&'static str, String)> {
        let mut faults = Vec::new();
        let (k, l) = (args.count("k").copied(), args.count("l").copied());
        if let Some(k) = k.filter(|k| *k < 2) {
            faults.push(("k", format!("`k` is at least 2: among {k} nobody hides")));
        }
        if let Some(l) = l.filter(|l| *l < 2) {
            faults.push(("l", format!("`l` is at least 2: {l} different values are in any group")));
        }
        match (args.has("sensitive"), args.has("l")) {
            (true, false) => faults.push(("sensitive", "say with `l` how many different values it needs".to_owned())),
            (false, true) => faults.push(("l", "say with `sensitive` which columns `l` is about".to_owned())),
            _ => {}
        }
        if let (Some(k @ 2..), Some(l)) = (k, l)
            && l > k
        {
            faults.push(("l", format!("{k} rows cannot have {l} different values: let `k` be at least `l`")));
        }
        let (quasi_identifiers, sensitive) = columns(args);
        faults.extend(sensitive.iter().filter(|column| quasi_identifiers.contains(column)).map(|column| {
            let problem =
                format!("{column} is a quasi-identifier too, of which each group has one value: name it in one");
            ("sensitive", problem)
        }));
        faults
    }

    fn measures(&self, args: &Args, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        let (quasi_identifiers, sensitive) = columns(args);
        let grouped = Grouped::Anonymous {
            quasi_identifiers: KeySpec { columns: quasi_identifiers.to_vec() },
            k: args.count("k").copied().unwrap_or_default(),
            sensitive: sensitive.to_vec(),
            l: args.count("l").copied().unwrap_or_default(),
        };
        Ok(vec![dataset_measure(scope, MeasureKind::Grouped(grouped))])
    }

    fn judge(&self, args: &Args, _: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let tally = readings.groups(0)?;
        let told = tally.anonymity.unwrap_or_default();
        let (quasi_identifiers, sensitive) = columns(args);
        let mut expected = format!(
            "at least {} rows are equal in {}",
            args.count("k").copied().unwrap_or_default(),
            quasi_identifiers.join(", ")
        );
        if let Some(l) = args.count("l") {
            expected = format!("{expected}, with {l} different values of {}", sensitive.join(" and of "));
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
        if !sensitive.is_empty() {
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

/// The quasi-identifiers and the sensitive columns.
fn columns(args: &Args) -> (&[String], &[String]) {
    let named = |param| args.columns(param).map(Vec::as_slice).unwrap_or_default();
    (named("quasi_identifiers"), named("sensitive"))
}
