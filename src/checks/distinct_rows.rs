//! `distinct_rows`: no two rows are equal.

use super::{BoundCheck, Check, JudgeError, Outcome, Problems, Readings, Scope, Shorthand, dataset_measure};
use crate::model::{Dimension, Measure, MeasureKind};

const PAGE: &str = "# distinct_rows

Fails every row that is equal to another row in all columns except those under `ignore`. Missing cells equal each other.
The result also counts groups of equal rows (`groups`) and rows beyond the first of each (`surplus`).

## Example

```yaml
suite: sales
datasets:
  orders:
    source: orders.csv
    rules:
      - check: distinct_rows
        ignore: [row_number]
```
";

parameters! {
    /// Rows that occur once.
    struct DistinctRows {
        ignore: optional Excluded, "columns that may differ, such as a serial number", stricter More Loosest;
    }
}

pub(super) const CHECK: Check = Check {
    name: "distinct_rows",
    summary: "no two rows are equal",
    dimension: Dimension::Clean,
    page: PAGE,
    shorthand: Shorthand::None,
    takes_condition: true,
    params: DistinctRows::PARAMS,
    bind: DistinctRows::bind,
};

impl BoundCheck for DistinctRows {
    fn measures(&self, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        let ignore = self.ignore.as_deref().unwrap_or(&[]).to_vec();
        let Some(columns) = scope.columns(scope.dataset()) else {
            return Ok(vec![dataset_measure(scope, MeasureKind::DuplicateRows { ignore })]);
        };
        if columns.iter().all(|column| ignore.contains(column)) {
            return Err(Problems::of("ignore", "every column is ignored: nothing is left to compare"));
        }
        let unfit = |column: &String| scope.column_type(scope.dataset(), column).is_none() && !ignore.contains(column);
        if let Some(column) = columns.into_iter().find(unfit) {
            return Err(Problems::of(
                "ignore",
                format!("{column} is stored as a type that no rule can compare: list it under `ignore`"),
            ));
        }
        Ok(vec![dataset_measure(scope, MeasureKind::DuplicateRows { ignore })])
    }

    fn judge(&self, _: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        Ok(Outcome::of_duplicates(readings.duplicates(0)?, "no two rows are equal", "are equal to another row"))
    }
}
