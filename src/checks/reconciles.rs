//! `reconciles`: totals per group agree with those of another dataset.

use super::{
    BoundCheck, Check, JudgeError, Outcome, Problems, Readings, Scope, Shorthand, dataset_measure, same_types,
};
use crate::model::{
    Dimension, Kept, KeySpec, Lookup, Measure, MeasureKind, Reconciliation, Tolerance, TotalsSide, TotalsTally,
};

const PAGE: &str = "# reconciles

Adds up totals by group in this dataset and in another, and compares them: `count(*)`, `count(x)` and `sum(x)` of a column or
of an expression over one row. A group passes where it is in both datasets and every total of it agrees; one that is in one
dataset alone fails. `by` names the columns of the group, `{ here: there }` or a list where they are called the same; without
it all rows are one group. `where` narrows the rows of this dataset, `having` those of the other, which may be this one again.

The details tell `groups`, `matched`, `differing`, `only_here` and `only_there`; for each total the groups on which it differs
(`differing_in_…`); and for either side

- rows `without_key`: a part of the group is missing, so they belong to none;
- `unreadable_rows`: the group does not read, or it cannot be told whether the row is in scope; each fails as one more;
- `unreadable_values`, which fail their group.

The values of groups are not shown; a report names rows of this dataset whose group fails.

`tolerance` bears a difference of so much, or of so many percent of the other dataset's total; without it totals must be
equal. Missing values add nothing. A value that does not read fails its group.

Sums are exact, whatever the order of rows: decimals add up as they are written, with 18 digits behind the point (further ones
are rounded away, value by value) and 27 before it (a larger value counts as one that does not read). A column stored as
floats counts as the shortest decimals that read as those.

## Example

```yaml
suite: treasury
datasets:
  ledger:
    source: ledger.csv
    columns:
      paid: { type: decimal }
  payments:
    source: payments.csv
    columns:
      amount: { type: decimal }
    rules:
      - id: payments-are-in-the-ledger
        check: reconciles
        with: ledger
        by: { province: region }
        measures: { count(*): count(*), sum(amount): sum(paid) }
        where: amount > 0
        tolerance: 0.1%
```
";

parameters! {
    /// Totals of groups here and in another dataset.
    struct Reconciles {
        with: required Dataset, "the other dataset";
        by: optional Groups("with"), "{ here: there }, the columns of the group; without them all rows are one";
        measures: required Totals("with"), "totals such as [count(*), sum(amount)], or { here: there }";
        tolerance: optional Tolerance, "how far totals may differ, such as 5 or 0.5%";
        having: optional ExpressionOf("with"), "only rows of the other dataset that are so";
    }
}

pub(super) const CHECK: Check = Check {
    name: "reconciles",
    summary: "totals per group are those of another dataset",
    dimension: Dimension::Unified,
    page: PAGE,
    shorthand: Shorthand::None,
    takes_condition: true,
    params: Reconciles::PARAMS,
    bind: Reconciles::bind,
};

impl BoundCheck for Reconciles {
    fn lint(&self) -> Problems {
        match self.tolerance.known() {
            Some(Tolerance::Percent(by)) if *by >= 100.0 => {
                Problems::of("tolerance", format!("{by}% would bear that nothing is there: it must be below 100%"))
            }
            _ => Problems::default(),
        }
    }

    fn measures(&self, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        let other = self.with.clone();
        let (here, there): (Vec<String>, Vec<String>) = self.by.known().into_iter().flatten().cloned().unzip();
        same_types(scope, "by", &here, &other, &there)?;
        let (totals, theirs): (Vec<_>, Vec<_>) = self.measures.iter().cloned().unzip();
        let same = other == scope.dataset() && here == there && totals == theirs && !totals.is_empty();
        if same && scope.filter() == self.having.known() {
            return Err(Problems::of("with", format!("{other} always agrees with itself: name another dataset")));
        }
        let lookup = Lookup {
            dataset: other,
            key: KeySpec { columns: there },
            filter: self.having.known().cloned(),
            facts: Vec::new(),
            kept: Kept::Totals(theirs),
        };
        let by = KeySpec { columns: here };
        let tolerance = self.tolerance.known().copied().unwrap_or(Tolerance::NONE);
        Ok(vec![dataset_measure(scope, MeasureKind::Totals(Reconciliation { by, totals, lookup, tolerance }))])
    }

    fn judge(&self, _: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let tally = readings.totals(0)?;
        let other = &self.with;
        let totals = &self.measures;
        let named: Vec<String> = totals
            .iter()
            .map(|(here, there)| if here == there { here.to_string() } else { format!("{here} = {there}") })
            .collect();
        let by: Vec<&str> = self.by.known().into_iter().flatten().map(|(here, _)| here.as_str()).collect();
        let grouped = if by.is_empty() { String::new() } else { format!(" by {}", by.join(", ")) };
        let within = self.tolerance.known().map(|by| format!(" within {by}")).unwrap_or_default();
        let expected = format!("{} as in {other}{grouped}{within}", named.join(", "));
        let TotalsTally { groups, matched, differing, only_here, only_there, .. } = *tally;
        // A row that could be of any group is one more.
        let spoilt = tally.here.unreadable + tally.there.unreadable;
        let observed = match tally.whole.as_slice() {
            _ if !by.is_empty() => {
                format!(
                    "{groups} groups, {differing} of them differ, {only_here} only here, {only_there} only in {other}"
                )
            }
            [] if groups == 0 => "no row to add up".to_owned(),
            [] => "values that cannot be read".to_owned(),
            whole => {
                let told = totals.iter().zip(whole);
                let told = told.map(|((total, _), (here, there))| format!("{total} = {here} here, {there} in {other}"));
                told.collect::<Vec<_>>().join("; ")
            }
        };
        let observed = match tally.unreadable {
            0 => observed,
            _ if by.is_empty() => observed,
            groups => format!("{observed}, {groups} have values that cannot be read"),
        };
        let observed = if spoilt > 0 { format!("{observed}, {spoilt} rows cannot be read") } else { observed };
        let mut outcome = Outcome {
            passed: matched,
            failed: differing + only_here + only_there + spoilt,
            unreadable: tally.unreadable + spoilt,
            observed,
            expected,
            sample: tally.sample.clone(),
            ..Outcome::default()
        };
        let mut tell = |name: String, count: u64| {
            outcome.details.insert(name, count);
        };
        for (name, count) in [
            ("groups", groups),
            ("matched", matched),
            ("differing", differing),
            ("only_here", only_here),
            ("only_there", only_there),
        ] {
            tell(name.to_owned(), count);
        }
        for ((total, _), count) in totals.iter().zip(&tally.differing_by_total) {
            tell(format!("differing_in_{total}"), *count);
        }
        for (side, counted) in [("here", tally.here), ("there", tally.there)] {
            let TotalsSide { without_key, unreadable, unreadable_values } = counted;
            tell(format!("without_key_{side}"), without_key);
            tell(format!("unreadable_rows_{side}"), unreadable);
            tell(format!("unreadable_values_{side}"), unreadable_values);
        }
        Ok(outcome)
    }

    fn is_about_rows(&self) -> bool {
        false
    }
}
