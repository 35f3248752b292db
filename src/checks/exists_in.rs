//! `exists_in`: every key occurs in another dataset.

use super::{Args, Check, JudgeError, Outcome, Param, ParamKind, Problems, Readings, Scope, found, row_measure};
use crate::model::{Dimension, Measure};

/// Foreign keys.
pub(super) struct ExistsIn;

const PAGE: &str = "# exists_in

Passes for a row whose key the other dataset has; the others are orphans.
Keys compare byte for byte in their declared types; a row with a missing key part is not applicable, and rows of the other
dataset with one are left out. `where` narrows the rows judged, `having` the rows of the other dataset. Rows of the other dataset
whose key or `having` does not read are no match; they are counted as `other_unreadable_rows`.

## Example

```yaml
suite: register
datasets:
  citizens: { source: citizens.csv, key: citizen_id }
  cards:
    source: cards.csv
    rules:
      - id: card-of-a-citizen
        check: exists_in
        columns: citizen_id
        dataset: citizens
```
";

impl Check for ExistsIn {
    fn name(&self) -> &'static str {
        "exists_in"
    }

    fn summary(&self) -> &'static str {
        "the key occurs in the other dataset"
    }

    fn dimension(&self) -> Dimension {
        Dimension::Unified
    }

    fn params(&self) -> &'static [Param] {
        const {
            &[
                Param::required(
                    "columns",
                    ParamKind::Columns,
                    "the column or columns of this dataset that make up the key",
                ),
                Param::required("dataset", ParamKind::Dataset, "the other dataset"),
                Param::optional("key", ParamKind::ColumnsOf("dataset"), "its key columns; by default its declared key"),
                Param::optional(
                    "having",
                    ParamKind::ExpressionOf("dataset"),
                    "only rows of the other dataset for which this is true",
                ),
            ]
        }
    }

    fn page(&self) -> &'static str {
        PAGE
    }

    fn measures(&self, args: &Args, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        Ok(vec![row_measure(scope, found(args, scope, false)?)])
    }

    fn judge(&self, args: &Args, _: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let columns = args.columns("columns").map(|columns| columns.join(" + ")).unwrap_or_default();
        let dataset = args.text("dataset").map(String::as_str).unwrap_or_default();
        let expected = format!("{columns} occurs in {dataset}");
        Ok(Outcome::of_rows(readings.rows(0)?, expected, "are orphans"))
    }
}
