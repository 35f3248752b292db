//! `distinct_rows`: no row stands twice whole.

use super::{Args, Check, JudgeError, Outcome, Param, ParamKind, Problems, Readings, Scope, dataset_measure};
use crate::model::{Dimension, Measure, MeasureKind};

/// Rows that stand once.
pub(super) struct DistinctRows;

const PAGE: &str = "# distinct_rows

Fails every row that another row repeats in all columns but those under `ignore`. Missing cells equal each other. The
number of repeated rows' groups (`groups`) and of rows beyond the first (`surplus`) stand beside it.

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

impl Check for DistinctRows {
    fn name(&self) -> &'static str {
        "distinct_rows"
    }

    fn summary(&self) -> &'static str {
        "no row stands twice whole"
    }

    fn dimension(&self) -> Dimension {
        Dimension::Clean
    }

    fn params(&self) -> &'static [Param] {
        const { &[Param::optional("ignore", ParamKind::Excluded, "columns that may differ, such as a serial number")] }
    }

    fn page(&self) -> &'static str {
        PAGE
    }

    fn measures(&self, args: &Args, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        let ignore = args.columns("ignore").cloned().unwrap_or_default();
        let Some(columns) = scope.columns(scope.dataset()) else {
            return Ok(vec![dataset_measure(scope, MeasureKind::DuplicateRows { ignore })]);
        };
        if columns.iter().all(|column| ignore.contains(column)) {
            return Err(("ignore", "every column is ignored: nothing is left to compare".to_owned()).into());
        }
        let unfit = |column: &String| scope.column_type(scope.dataset(), column).is_none() && !ignore.contains(column);
        if let Some(column) = columns.into_iter().find(unfit) {
            return Err((
                "ignore",
                format!("{column} is stored in a way that no rule can compare: list it under `ignore`"),
            )
                .into());
        }
        Ok(vec![dataset_measure(scope, MeasureKind::DuplicateRows { ignore })])
    }

    fn judge(&self, _: &Args, _: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        Ok(Outcome::of_duplicates(readings.duplicates(0)?, "no row stands twice", "repeat another row"))
    }
}
