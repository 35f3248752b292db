//! `agrees`: the same entity says the same in another dataset.

use super::{
    Args, Check, JudgeError, Outcome, Param, ParamKind, Readings, Scope, common_type, row_measure, same_types,
};
use crate::model::{
    Comparison, ComparisonForm, DataType, Dimension, Fact, KeySpec, Lookup, MatchTally, Measure, Predicate,
};

/// Facts about one entity in two datasets.
pub(super) struct Agrees;

const PAGE: &str = "# agrees

Joins each row to the rows of the other dataset with the same key, and passes where every pair of columns says the same in
all of them. Rows that the other dataset does not have are not applicable (`unmatched`; `exists_in` judges those), as are
rows with a missing key part. `matched`, `differing`, `unmatched` and `ambiguous` (more than one counterpart) are counted
apart. Two missing values agree; a missing and a present one differ.

Pairs compare exactly, or `as: nfc` (Unicode composed alike), or `as: folded` (besides, without regard to case, inner
spaces and placement of tone marks), or within a `tolerance` (numbers; dates, in days).

## Example

```yaml
suite: register
datasets:
  tax_payers: { source: tax.csv, key: personal_id }
  citizens:
    source: citizens.csv
    key: citizen_id
    rules:
      - id: one-person-one-story
        check: agrees
        with: tax_payers
        on: { citizen_id: personal_id }
        compare:
          full_name: { to: name, as: folded }
          date_of_birth: birth_date
        at_least: 99%
```
";

impl Check for Agrees {
    fn name(&self) -> &'static str {
        "agrees"
    }

    fn summary(&self) -> &'static str {
        "the same entity says the same in both datasets"
    }

    fn dimension(&self) -> Dimension {
        Dimension::Unified
    }

    fn params(&self) -> &'static [Param] {
        const {
            &[
                Param::required("with", ParamKind::Dataset, "the other dataset"),
                Param::optional(
                    "on",
                    ParamKind::Pairs("with"),
                    "{ here: there }, the columns of the key; by default the declared keys",
                ),
                Param::required(
                    "compare",
                    ParamKind::Compare("with"),
                    "{ here: there }, or { here: { to: there, as: folded } }",
                ),
            ]
        }
    }

    fn page(&self) -> &'static str {
        PAGE
    }

    fn measures(&self, args: &Args, scope: &dyn Scope) -> Result<Vec<Measure>, (&'static str, String)> {
        let other = args.text("with").cloned().unwrap_or_default();
        let (here, there): (Vec<String>, Vec<String>) = match args.pairs("on") {
            Some(pairs) => pairs.iter().cloned().unzip(),
            None => (scope.key(scope.dataset()), scope.key(&other)),
        };
        if here.is_empty() || here.len() != there.len() {
            return Err((
                "on",
                "say which columns identify an entity in both datasets: `on: { here: there }`".to_owned(),
            ));
        }
        same_types(scope, &here, &other, &there).map_err(|problem| ("on", problem))?;
        let mut compare = Vec::new();
        for (column, to, form) in args.compare("compare").into_iter().flatten() {
            let ours = scope.column_type(scope.dataset(), column);
            let theirs = scope.column_type(&other, to);
            let (Some(ours), Some(theirs)) = (ours, theirs) else {
                return Err(("compare", format!("{column} and {to} cannot be compared")));
            };
            let data_type = common_type(ours, theirs).ok_or_else(|| {
                ("compare", format!("{column} is {ours} and {to} is {theirs}: declare one type for both"))
            })?;
            let fits = match form {
                ComparisonForm::Exact => true,
                ComparisonForm::Nfc | ComparisonForm::Folded => data_type.is_textual(),
                ComparisonForm::Tolerance(_) => data_type.is_numeric() || data_type == DataType::Date,
            };
            if !fits {
                return Err(("compare", format!("{column} is {data_type}, which cannot be compared that way")));
            }
            compare.push(Comparison { column: column.clone(), to: to.clone(), form: form.clone(), data_type });
        }
        let lookup = Lookup {
            dataset: other,
            key: KeySpec { columns: there },
            filter: None,
            facts: compare
                .iter()
                .map(|pair| Fact { column: pair.to.clone(), form: pair.form.clone(), data_type: pair.data_type })
                .collect(),
        };
        Ok(vec![row_measure(scope, Predicate::Agrees { key: KeySpec { columns: here }, lookup, compare })])
    }

    fn judge(&self, args: &Args, _: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let tally = readings.rows(0)?;
        let other = args.text("with").map(String::as_str).unwrap_or_default();
        let pairs: Vec<&str> =
            args.compare("compare").into_iter().flatten().map(|(column, ..)| column.as_str()).collect();
        let mut outcome = Outcome::of_rows(tally, format!("{} as in {other}", pairs.join(", ")), "differ");
        if let Some(matching) = &tally.matching {
            let MatchTally { matched, differing, unmatched, ambiguous } = *matching;
            for (name, count) in
                [("matched", matched), ("differing", differing), ("unmatched", unmatched), ("ambiguous", ambiguous)]
            {
                outcome.details.insert(name.to_owned(), count);
            }
            outcome.observed = format!("{matched} matched, {differing} of them differ, {unmatched} unmatched");
        }
        Ok(outcome)
    }
}
