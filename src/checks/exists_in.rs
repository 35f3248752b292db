//! `exists_in`: every key occurs in another dataset.

use super::{
    BoundCheck, Check, FORMS, JudgeError, Outcome, Problems, Readings, Scope, Shorthand, composed, finds_itself, found,
    row_measure,
};
use crate::model::{Dimension, Measure};

const PAGE: &str = "# exists_in

Passes for a row whose key occurs in the other dataset; the others are orphans. Keys compare byte for byte in their
declared types. A row with a missing key part is not applicable; rows of the other dataset with a missing key part are
left out. `where` narrows the rows that are judged, `having` the rows of the other dataset. Rows of the other dataset
whose key or `having` cannot be parsed match nothing; they are counted as `other_unreadable_rows`.

With `as: nfc` the texts of a key compare in Unicode form C, however their letters are written.

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

parameters! {
    /// Foreign keys.
    struct ExistsIn {
        columns: required Columns, "the column or columns of this dataset that make up the key";
        dataset: required Dataset, "the other dataset";
        key: optional ColumnsOf("dataset"), "its key columns; by default its declared key";
        having: optional ExpressionOf("dataset"), "only rows of the other dataset for which this is true";
        form = "as": optional Choice(FORMS), "how texts of the key compare: exact (default), or nfc, in Unicode form C", default "exact";
    }
}

pub(super) const CHECK: Check = Check {
    name: "exists_in",
    summary: "the key occurs in the other dataset",
    dimension: Dimension::Unified,
    page: PAGE,
    shorthand: Shorthand::None,
    takes_condition: true,
    params: ExistsIn::PARAMS,
    bind: ExistsIn::bind,
};

impl BoundCheck for ExistsIn {
    fn measures(&self, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        composed(
            scope,
            &self.form,
            vec![row_measure(
                scope,
                found(scope, &self.columns, &self.dataset, &self.key, self.having.known(), false)?,
            )],
        )
    }

    fn certainty(&self, dataset: &str, key: &[String]) -> Option<String> {
        let is_itself = finds_itself(&self.columns, &self.dataset, &self.key, dataset, key);
        let is_certain = is_itself && !self.having.is_given();
        is_certain.then(|| format!("passes for every key: {dataset} has all of its own"))
    }

    fn judge(&self, _: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let columns = self.columns.join(" + ");
        let dataset = &self.dataset;
        let expected = format!("{columns} occurs in {dataset}");
        Ok(Outcome::of_rows(readings.rows(0)?, expected, "are orphans"))
    }
}
