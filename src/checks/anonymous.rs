//! `anonymous`: nobody can be singled out, and groups reveal little about their members.

use super::{BoundCheck, Check, JudgeError, Outcome, Problems, Readings, Scope, Shorthand, dataset_measure};
use crate::model::{Count, Dimension, Grouped, KeySpec, Measure, MeasureKind};

const PAGE: &str = "# anonymous

Use this before data about persons is released. Rows that are equal in the quasi-identifiers (facts that others may know
about a person, such as birth year, sex and district) form a group, and each group must have at least `k` rows. Then
whoever knows these facts about a person finds at least `k` rows that may be theirs (k-anonymity; L. Sweeney,
*k-anonymity: a model for protecting privacy*, International Journal of Uncertainty, Fuzziness and Knowledge-Based
Systems 10, 2002).

A group of any size still reveals the disease of its members if all of them have the same one. So with `sensitive` and
`l` each group must have at least `l` different values in each sensitive column (distinct l-diversity; A.
Machanavajjhala, D. Kifer, J. Gehrke and M. Venkitasubramaniam, *l-Diversity: privacy beyond k-anonymity*, ACM
Transactions on Knowledge Discovery from Data 1, 2007).

Fails every row of each group that is smaller than `k` or has fewer than `l` different values. A missing
quasi-identifier is a value like any other, and equals another missing one. Quasi-identifiers compare as text, exactly
as they are written: `Hanoi` and `hanoi` are different. Sensitive values compare in the type of their column (`1000`,
`1000.0` and `1e3` are one decimal). Sensitive texts compare without regard to case, spaces, placement of tone marks and
characters without width: writing `flu` in another way does not make it another disease. Both choices err on the safe
side. A missing or unparseable sensitive value does not count as a different value; rows with an unparseable one are
counted (`unreadable_sensitive`).

The result also counts `groups`, `smallest_group`, `groups_under_k` and `rows_under_k`, and with `l` also
`groups_under_l` and `rows_under_l`; a group may count under both. It never shows a value of a group. Neither measure
protects against everything: both assume that others know nothing but the quasi-identifiers named.

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
        quasi_identifiers: required Columns, "the columns that others may know about a person", stricter More Unknown;
        k: required Count, "the smallest number of rows that must be equal in them, from 2", stricter Greater Unknown;
        sensitive: optional Columns, "the columns that others must not learn", stricter More Loosest;
        l: optional Count, "the smallest number of different values in each of those, from 2", stricter Greater Loosest;
    }
}

pub(super) const CHECK: Check = Check {
    name: "anonymous",
    summary: "each row is in a group of at least k equal rows, with l different sensitive values",
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
            problems.add("k", format!("`k` must be at least 2: a group of {k} hides nobody"));
        }
        if let Some(l) = l.filter(|l| *l < 2) {
            problems.add("l", format!("`l` must be at least 2: every group has {l} different values"));
        }
        match (self.sensitive.is_given(), self.l.is_given()) {
            (true, false) => problems.add("sensitive", "give the number of different values with `l`"),
            (false, true) => problems.add("l", "name the columns for `l` with `sensitive`"),
            _ => {}
        }
        if let Some(l) = l
            && k >= 2
            && l > k
        {
            problems.add("l", format!("{k} rows cannot have {l} different values: let `k` be at least `l`"));
        }
        for column in self.sensitive().iter().filter(|column| self.quasi_identifiers.contains(column)) {
            let problem = format!(
                "{column} is also a quasi-identifier, so each group has one value of it: name it in one of the two"
            );
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
        let anonymity = tally.anonymity.unwrap_or_default();
        let mut expected = format!("at least {} rows are equal in {}", self.k, self.quasi_identifiers.join(", "));
        if let Some(l) = self.l.known() {
            expected = format!("{expected}, with {l} different values of {}", self.sensitive().join(" and of "));
        }
        let mut outcome = Outcome::of_rows(&tally.rows, expected, "are in a group that is too small or too uniform");
        if tally.groups > 0 {
            outcome.observed = format!(
                "{}; the smallest of {} groups has {}",
                outcome.observed,
                Count(tally.groups),
                Count(anonymity.smallest)
            );
            outcome.details.insert("smallest_group".to_owned(), anonymity.smallest);
        }
        let mut counts = vec![
            ("groups", tally.groups),
            ("groups_under_k", anonymity.groups_under_k),
            ("rows_under_k", anonymity.rows_under_k),
        ];
        if !self.sensitive().is_empty() {
            counts.extend([("groups_under_l", anonymity.groups_under_l), ("rows_under_l", anonymity.rows_under_l)]);
        }
        if anonymity.unreadable_sensitive > 0 {
            let rows = anonymity.unreadable_sensitive;
            counts.push(("unreadable_sensitive", rows));
            outcome.observed =
                format!("{}; {} rows have an unparseable sensitive value", outcome.observed, Count(rows));
        }
        outcome.details.extend(counts.into_iter().map(|(name, count)| (name.to_owned(), count)));
        Ok(outcome)
    }
}

impl Anonymous {
    /// The sensitive columns; may be empty.
    fn sensitive(&self) -> &[String] {
        self.sensitive.as_deref().unwrap_or(&[])
    }
}
