//! `complete_from`: no key of a reference dataset is missing here.

use super::{
    BoundCheck, Check, FORMS, JudgeError, Outcome, Problems, Readings, Scope, Shorthand, composed, same_types,
};
use crate::model::{Dimension, Kept, KeySpec, Lookup, Measure, MeasureKind, Predicate};

const PAGE: &str = "# complete_from

No key of the reference dataset is missing here: for example, everybody in the birth register is in the citizens
register. It is `exists_in` seen from the other side. Counts are of rows of the *reference* (of those for which `having`
is true): a row passes if its key occurs here, in a row for which `where` is true. The failing rows that the report
names are rows of the reference, too (`rows_of`), and make no record of this dataset unclean.

Keys compare byte for byte in their declared types. A row of the reference with a missing key part is not applicable. A
row of the reference with an unparseable key fails (`unreadable`). A row of this dataset with an unparseable value in
its key or in `where` offers no key; such rows are counted as `other_unreadable_rows`.

With `as: nfc` the texts of a key compare in Unicode form C, however their letters are written.

## Example

```yaml
suite: register
datasets:
  births: { source: births.csv, key: child_id }
  citizens:
    source: citizens.csv
    key: citizen_id
    rules:
      - id: every-birth-is-registered
        check: complete_from
        dataset: births
        key: { citizen_id: child_id }
        having: annulled = 'no'
        at_least: 99.5%
```
";

parameters! {
    /// Keys of a reference dataset that must occur here.
    struct CompleteFrom {
        dataset: required Dataset, "the reference dataset";
        key: optional Pairs("dataset"), "{ here: there }, the columns of the key; by default the declared keys";
        having: optional ExpressionOf("dataset"), "only rows of the reference for which this is true";
        form = "as": optional Choice(FORMS), "how texts of the key compare: exact (default), or nfc, in Unicode form C", default "exact";
    }
}

pub(super) const CHECK: Check = Check {
    name: "complete_from",
    summary: "no key of the reference dataset is missing here",
    dimension: Dimension::Sufficient,
    page: PAGE,
    shorthand: Shorthand::None,
    takes_condition: true,
    params: CompleteFrom::PARAMS,
    bind: CompleteFrom::bind,
};

impl BoundCheck for CompleteFrom {
    fn measures(&self, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        let reference = self.dataset.clone();
        let (here, there): (Vec<String>, Vec<String>) = match self.key.known() {
            Some(pairs) => pairs.iter().cloned().unzip(),
            None => (scope.key(scope.dataset()), scope.key(&reference)),
        };
        if here.is_empty() || here.len() != there.len() {
            let problem = format!("name the columns of the key here and in {reference}: `key: {{ here: there }}`");
            return Err(Problems::of("key", problem));
        }
        if reference == scope.dataset() && here == there && !self.key.is_unknown() && scope.filter().is_none() {
            return Err(Problems::of(
                "dataset",
                format!("{reference} always contains its own keys: name another dataset"),
            ));
        }
        same_types(scope, "key", &here, &reference, &there)?;
        let lookup = Lookup {
            dataset: scope.dataset().to_owned(),
            key: KeySpec { columns: here },
            filter: scope.filter().cloned(),
            facts: Vec::new(),
            kept: Kept::Keys,
        };
        let found = Predicate::Found { key: KeySpec { columns: there }, lookup, negated: false };
        composed(
            scope,
            &self.form,
            vec![Measure::new(&reference, self.having.known().cloned(), MeasureKind::Rows(found))],
        )
    }

    fn judge(&self, scope: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let reference = self.dataset.clone();
        let expected = format!("{} contains every key of {reference}", scope.dataset());
        let outcome = Outcome::of_rows(readings.rows(0)?, expected, &format!("of {reference} are missing here"));
        Ok(Outcome { rows_of: Some(reference).filter(|reference| reference != scope.dataset()), ..outcome })
    }

    fn is_about_rows(&self) -> bool {
        false
    }
}
