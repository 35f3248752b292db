//! `determines`: equal values in some columns mean equal values in others.

use super::{BoundCheck, Check, JudgeError, Outcome, Problems, Readings, Scope, Shorthand, dataset_measure};
use crate::model::{ComparisonForm, Dimension, Grouped, KeySpec, Measure, MeasureKind};

const PAGE: &str = "# determines

Rows that are equal in `from` must be equal in `to`: for example, a ward is in one province. If a combination of values
in `from` (the left side) occurs with more than one in `to` (the right side), every row of that left side fails, because
nobody knows which right side is correct. The result also counts such left sides (`groups`) and all left sides
(`left_sides`).

With `fails: minority`, rows that have the most common right side of their left side pass, and only the others fail: the
way to find single mistyped cells. If two right sides are equally common, all rows fail; the same applies if a left side
has more than 1,000 right sides.

A row in which a part of either side is missing is not applicable. A row in which a part is unparseable fails
(`unreadable`), and does not count for the others. Both sides compare byte for byte in their declared types. With `as:
nfc`, right sides are the same if they are equal in Unicode form C. With `as: folded`, case (`STRASSE` is `Straße`,
`IŞIK` is `Işık`), inner spaces and placement of tone marks (`Hoà`, `Hòa`; `Toàn`, `Tòan`) do not count either.

## Example

```yaml
suite: register
datasets:
  addresses:
    source: addresses.csv
    rules:
      - id: one-ward-one-province
        check: determines
        from: ward_code
        to: province_code
      - id: one-ward-one-name
        check: determines
        from: [province_code, ward_code]
        to: ward_name
        as: folded
        at_least: 99.9%
```
";

parameters! {
    /// Functional dependencies.
    struct Determines {
        from: required Columns, "the column or columns of the left side";
        to: required Columns, "the column or columns that depend on them";
        form = "as": optional Choice(&["exact", "nfc", "folded"]),
            "how right sides compare: exact (default), nfc or folded", default "exact";
        fails: optional Choice(&["all", "minority"]),
            "which rows of a left side with several right sides fail; by default all", default "all", stricter Given Strictest;
    }
}

pub(super) const CHECK: Check = Check {
    name: "determines",
    summary: "rows that are equal in some columns are equal in others",
    dimension: Dimension::Unified,
    page: PAGE,
    shorthand: Shorthand::None,
    takes_condition: true,
    params: Determines::PARAMS,
    bind: Determines::bind,
};

impl BoundCheck for Determines {
    fn lint(&self) -> Problems {
        let mut problems = Problems::default();
        for column in self.to.iter().filter(|column| self.from.contains(column)) {
            problems.add("to", format!("{column} is on both sides; a column always determines itself"));
        }
        problems
    }

    fn measures(&self, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        let form = match self.form.as_deref() {
            Some("nfc") => ComparisonForm::Nfc,
            Some("folded") => ComparisonForm::Folded,
            _ => ComparisonForm::Exact,
        };
        let mut problems = Problems::default();
        if form != ComparisonForm::Exact {
            let kinds = self.to.iter().filter_map(|column| Some((column, scope.column_type(scope.dataset(), column)?)));
            for (column, kind) in kinds.filter(|(_, kind)| !kind.is_textual()) {
                problems.add("as", format!("{column} is {kind}; only text compares that way: leave `as` out"));
            }
        }
        let (from, to) = (KeySpec { columns: self.from.clone() }, KeySpec { columns: self.to.clone() });
        let minority = self.is_of_minority();
        problems
            .or(vec![dataset_measure(scope, MeasureKind::Grouped(Grouped::Determines { from, to, form, minority }))])
    }

    fn judge(&self, _: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let tally = readings.groups(0)?;
        let (from, to) = (self.from.join(" + "), self.to.join(" + "));
        let mut outcome = Outcome::of_rows(
            &tally.rows,
            format!("one {from} has one {to}"),
            &if self.is_of_minority() {
                format!("have another {to} than most rows with their {from}")
            } else {
                format!("have a {from} with more than one {to}")
            },
        );
        outcome.details.insert("groups".to_owned(), tally.failing);
        outcome.details.insert("left_sides".to_owned(), tally.groups);
        Ok(outcome)
    }
}

impl Determines {
    /// Whether rows with the most common right side pass.
    fn is_of_minority(&self) -> bool {
        self.fails.as_deref() == Some("minority")
    }
}
