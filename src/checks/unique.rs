//! `unique`: no two rows share a key.

use super::{
    BoundCheck, Check, FORMS, JudgeError, Outcome, Problems, Readings, Scope, Shorthand, composed, dataset_measure,
};
use crate::model::{Dimension, KeySpec, Measure, MeasureKind};

const PAGE: &str = "# unique

Fails every row of each key that occurs more than once: two rows with the same key are two failures. The result also
counts such keys (`groups`) and rows beyond the first of each (`surplus`). A row with a missing key part is not
applicable. Keys compare byte for byte in the declared type: under `type: integer`, `7` and `007` are the same key; as
text they are two keys. With `as: nfc` the texts of a key compare in Unicode form C, however their letters are written.

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

parameters! {
    /// Keys that occur once.
    struct Unique {
        columns: required Columns, "the column, or the columns that make up the key";
        form = "as": optional Choice(FORMS), "how texts of the key compare: exact (default), or nfc, in Unicode form C", default "exact";
    }
}

pub(super) const CHECK: Check = Check {
    name: "unique",
    summary: "no two rows share the key",
    dimension: Dimension::Clean,
    page: PAGE,
    shorthand: Shorthand::Flag,
    takes_condition: true,
    params: Unique::PARAMS,
    bind: Unique::bind,
};

impl BoundCheck for Unique {
    fn measures(&self, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        let columns = self.columns.clone();
        composed(scope, &self.form, vec![dataset_measure(scope, MeasureKind::DuplicateKeys(KeySpec { columns }))])
    }

    fn judge(&self, _: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let columns = self.columns.join(" + ");
        Ok(Outcome::of_duplicates(readings.duplicates(0)?, format!("no two rows share {columns}"), "share a key"))
    }
}
