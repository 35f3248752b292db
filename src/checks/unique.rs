//! `unique`: no two rows share a key.

use super::{
    Args, Check, JudgeError, Outcome, Param, ParamKind, Problems, Readings, Scope, Shorthand, dataset_measure,
};
use crate::model::{Dimension, KeySpec, Measure, MeasureKind};

/// Keys that stand once.
pub(super) struct Unique;

const PAGE: &str = "# unique

Fails every row of each key that stands more than once: two rows with one key are two failures. The number of such keys
(`groups`) and of rows beyond the first (`surplus`) stand beside it. A row with a missing key part is not applicable.
Keys compare byte for byte in the declared type: under `type: integer`, `7` and `007` are one key; as text they are two.

## Example

```yaml
suite: staff
datasets:
  people:
    source: people.csv
    columns:
      person_id: { unique: true, severity: critical }
    rules:
      - id: one-card-a-day
        check: unique
        columns: [person_id, issued_on]
```
";

impl Check for Unique {
    fn name(&self) -> &'static str {
        "unique"
    }

    fn summary(&self) -> &'static str {
        "no two rows share the key"
    }

    fn dimension(&self) -> Dimension {
        Dimension::Clean
    }

    fn params(&self) -> &'static [Param] {
        const { &[Param::required("columns", ParamKind::Columns, "the column, or the columns that make up the key")] }
    }

    fn page(&self) -> &'static str {
        PAGE
    }

    fn shorthand(&self) -> Shorthand {
        Shorthand::Flag
    }

    fn measures(&self, args: &Args, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        let columns = args.columns("columns").cloned().unwrap_or_default();
        Ok(vec![dataset_measure(scope, MeasureKind::DuplicateKeys(KeySpec { columns }))])
    }

    fn judge(&self, args: &Args, _: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let columns = args.columns("columns").map(|columns| columns.join(" + ")).unwrap_or_default();
        Ok(Outcome::of_duplicates(readings.duplicates(0)?, format!("no two rows share {columns}"), "share a key"))
    }
}
