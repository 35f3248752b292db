//! `forbidden`: no value is in a list.

use super::{
    BoundCheck, Check, Claim, FORMS, JudgeError, Outcome, Problems, Readings, Scope, Shorthand, composed,
    describe_list, fits_list, is_composed, row_measure,
};
use crate::model::{Dimension, Measure, Predicate};

const PAGE: &str = r#"# forbidden

Fails a value that is in the list. Values compare in the declared type of the column, text byte for byte. Missing values
are not applicable. With `as: nfc` texts and the list compare in Unicode form C, however the letters of either are
written.

`{ codelist: NAME }` takes the list from a code list of the suite. If its codes have validity dates, a code is valid
from `valid_from` to `valid_to`, both included. The date that decides is the one in the column named by `at`, or else
the date of `as_of`. A row in which that column is missing is not applicable; a row in which it is unparseable fails
(`unreadable`).

## Example

```yaml
suite: staff
codelists:
  provinces: { values: ["01", "04", "79"] }
datasets:
  people:
    source: people.csv
    columns:
      sex: { forbidden: [unknown] }
      province: { forbidden: { codelist: provinces } }
```
"#;

parameters! {
    /// Values that are not in a list.
    struct Forbidden {
        column: required Column, "the column";
        values: required List, "the values, or { codelist: NAME, at: DATE_COLUMN }", stricter More Unknown;
        form = "as": optional Choice(FORMS), "how texts compare: exact (default), or nfc, in Unicode form C", default "exact";
    }
}

pub(super) const CHECK: Check = Check {
    name: "forbidden",
    summary: "the value is not in the list",
    dimension: Dimension::Correct,
    page: PAGE,
    shorthand: Shorthand::Param("values"),
    takes_condition: true,
    params: Forbidden::PARAMS,
    bind: Forbidden::bind,
};

impl BoundCheck for Forbidden {
    fn measures(&self, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        let column = self.column.clone();
        let list = self.values.clone();
        fits_list(scope, &column, &list)?;
        composed(scope, &self.form, vec![row_measure(scope, Predicate::Listed { column, list, negated: true })])
    }

    fn claim(&self) -> Option<Claim<'_>> {
        (!is_composed(&self.form)).then_some(Claim::Never(&self.values))
    }

    fn judge(&self, _: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let column = &self.column;
        let list = describe_list(&self.values);
        Ok(Outcome::of_rows(readings.rows(0)?, format!("{column} is not {list}"), "are in the list"))
    }
}
