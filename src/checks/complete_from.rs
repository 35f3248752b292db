//! `complete_from`: nothing that a reference has is missing here.

use super::{Args, Check, JudgeError, Outcome, Param, ParamKind, Problems, Readings, Scope, same_types};
use crate::model::{Dimension, Kept, KeySpec, Lookup, Measure, MeasureKind, Predicate};

/// Keys of a reference that must be here.
pub(super) struct CompleteFrom;

const PAGE: &str = "# complete_from

No key of the reference dataset is missing here: everybody whom the birth register knows is in the citizens register. It is
`exists_in` seen from the other side. Counts are of rows of the *reference* (of those for which `having` is true): passed are
those whose key occurs here, in a row for which `where` is true; failed those whose key does not. The failing rows that the
report names are the reference's, too (`rows_of`), and make no record of this dataset unclean.

Keys compare byte for byte in their declared types. A row of the reference with a missing key part is not applicable; one whose
key does not read fails (`unreadable`). A row of this dataset whose key or `where` does not read has no key that counts; such
rows, on the other side of the search, are told as `other_unreadable_rows`.

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

impl Check for CompleteFrom {
    fn name(&self) -> &'static str {
        "complete_from"
    }

    fn summary(&self) -> &'static str {
        "no key of the reference dataset is missing here"
    }

    fn dimension(&self) -> Dimension {
        Dimension::Sufficient
    }

    fn params(&self) -> &'static [Param] {
        const {
            &[
                Param::required("dataset", ParamKind::Dataset, "the reference"),
                Param::optional(
                    "key",
                    ParamKind::Pairs("dataset"),
                    "{ here: there }, the columns of the key; by default the declared keys",
                ),
                Param::optional(
                    "having",
                    ParamKind::ExpressionOf("dataset"),
                    "only rows of the reference for which this is true",
                ),
            ]
        }
    }

    fn page(&self) -> &'static str {
        PAGE
    }

    fn measures(&self, args: &Args, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        let reference = args.text("dataset").cloned().unwrap_or_default();
        let (here, there): (Vec<String>, Vec<String>) = match args.pairs("key") {
            Some(pairs) => pairs.iter().cloned().unzip(),
            None => (scope.key(scope.dataset()), scope.key(&reference)),
        };
        if here.is_empty() || here.len() != there.len() {
            let problem =
                format!("say which columns make up the key here and in {reference}: `key: {{ here: there }}`");
            return Err(("key", problem).into());
        }
        if reference == scope.dataset() && here == there && !args.is_unread("key") && scope.filter().is_none() {
            return Err(("dataset", format!("{reference} always has all keys of its own: name another dataset")).into());
        }
        same_types(scope, &here, &reference, &there).map_err(|problem| ("key", problem))?;
        let lookup = Lookup {
            dataset: scope.dataset().to_owned(),
            key: KeySpec { columns: here },
            filter: scope.filter().cloned(),
            facts: Vec::new(),
            kept: Kept::Keys,
        };
        let found = Predicate::Found { key: KeySpec { columns: there }, lookup, negated: false };
        Ok(vec![Measure::new(&reference, args.expr("having").cloned(), MeasureKind::Rows(found))])
    }

    fn judge(&self, args: &Args, scope: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let reference = args.text("dataset").cloned().unwrap_or_default();
        let expected = format!("{} has every key of {reference}", scope.dataset());
        let outcome = Outcome::of_rows(readings.rows(0)?, expected, &format!("of {reference} are missing here"));
        Ok(Outcome { rows_of: Some(reference).filter(|reference| reference != scope.dataset()), ..outcome })
    }

    fn is_about_rows(&self, _args: &Args) -> bool {
        false
    }
}
