//! `reconciles`: totals of groups agree with those of another dataset.

use super::{
    BoundCheck, Check, FORMS, JudgeError, Outcome, Problems, Readings, Scope, Shorthand, composed, dataset_measure,
    same_types,
};
use crate::model::{
    Count, Decimal, Dimension, Kept, KeySpec, Lookup, Measure, MeasureKind, Reconciliation, ShownNumber, Tolerance,
    TotalsSide, TotalsTally, Unit,
};

const PAGE: &str = "# reconciles

Adds up totals for each group in this dataset and in another, and compares them: `count(*)`, `count(x)` and `sum(x)` of
a column or of an expression over one row. A group passes if it is in both datasets and all its totals agree; a group
that is in one dataset only fails. `by` names the columns to group by, `{ here: there }`, or a list if they have the
same names. Without it all rows are one group. `where` narrows the rows of this dataset, `having` those of the other,
which may be the same dataset.

The details count `groups`, `matched`, `differing`, `only_here` and `only_there`; for each total the groups in which it
differs (`differing_in_…`); and for either side

- rows `without_key`: a column of the group is missing, so they belong to no group;
- `unreadable_rows`: the group is unparseable, or an unparseable value decides whether the row is in scope; each fails
  as one more;
- `unreadable_values`, which fail their group.

The values of groups are not shown. The report names failing rows: rows of this dataset whose group fails.

`tolerance` allows a difference of that amount, or of that percentage of the other dataset's total; without it totals
must be equal. Missing values add nothing. An unparseable value fails its group.

Sums are exact for any order of rows. A float counts as the shortest decimal that parses to it; one that no decimal of
up to 38 digits equals, such as `1e300`, counts as unparseable.

With `as: nfc` the texts of groups compare in Unicode form C, however their letters are written.

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
        by: optional Groups("with"), "{ here: there }, the columns to group by; without them all rows are one group";
        measures: required Totals("with"), "totals such as [count(*), sum(amount)], or { here: there }", stricter More Unknown;
        tolerance: optional Tolerance, "how far totals may differ, such as 5 or 0.5%", default "0", stricter Smaller Unknown;
        having: optional ExpressionOf("with"), "only rows of the other dataset for which this is true";
        form = "as": optional Choice(FORMS), "how texts of groups compare: exact (default), or nfc, in Unicode form C", default "exact";
    }
}

pub(super) const CHECK: Check = Check {
    name: "reconciles",
    summary: "totals of groups agree with those of another dataset",
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
            Some(Tolerance::Percent(by)) if *by >= Decimal::from(100) => {
                Problems::of("tolerance", format!("{by}% would accept an empty dataset: give less than 100%"))
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
        composed(
            scope,
            &self.form,
            vec![dataset_measure(scope, MeasureKind::Reconciles(Reconciliation { by, totals, lookup, tolerance }))],
        )
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
        // A row that could belong to any group is one more.
        let unreadable_rows = tally.here.unreadable + tally.there.unreadable;
        let observed = match tally.whole.as_slice() {
            _ if !by.is_empty() => {
                let [groups, differing, only_here, only_there] = [groups, differing, only_here, only_there].map(Count);
                format!(
                    "{groups} groups, {differing} of them differ, {only_here} only here, {only_there} only in {other}"
                )
            }
            [] if groups == 0 => "no rows to add up".to_owned(),
            [] => "values that cannot be parsed".to_owned(),
            whole => {
                let pairs = totals.iter().zip(whole);
                let pairs = pairs.map(|((total, _), (here, there))| {
                    format!("{total} = {} here, {} in {other}", ShownNumber(here), ShownNumber(there))
                });
                pairs.collect::<Vec<_>>().join("; ")
            }
        };
        let observed = match tally.unreadable {
            0 => observed,
            _ if by.is_empty() => observed,
            1 => format!("{observed}, 1 group has unparseable values"),
            groups => format!("{observed}, {} groups have unparseable values", Count(groups)),
        };
        let observed = if unreadable_rows > 0 {
            format!("{observed}, {} rows have an unparseable value", Count(unreadable_rows))
        } else {
            observed
        };
        let mut outcome = Outcome {
            unit: Unit::Groups,
            passed: matched,
            failed: differing + only_here + only_there + unreadable_rows,
            unreadable: tally.unreadable + unreadable_rows,
            observed,
            expected,
            failing_rows: tally.failing_rows.clone(),
            ..Outcome::default()
        };
        let mut count_as = |name: String, count: u64| {
            outcome.details.insert(name, count);
        };
        for (name, count) in [
            ("groups", groups),
            ("matched", matched),
            ("differing", differing),
            ("only_here", only_here),
            ("only_there", only_there),
        ] {
            count_as(name.to_owned(), count);
        }
        for ((total, _), count) in totals.iter().zip(&tally.differing_by_total) {
            count_as(format!("differing_in_{total}"), *count);
        }
        for (side, counted) in [("here", tally.here), ("there", tally.there)] {
            let TotalsSide { without_key, unreadable, unreadable_values } = counted;
            count_as(format!("without_key_{side}"), without_key);
            count_as(format!("unreadable_rows_{side}"), unreadable);
            count_as(format!("unreadable_values_{side}"), unreadable_values);
        }
        Ok(outcome)
    }

    fn is_about_rows(&self) -> bool {
        false
    }
}
