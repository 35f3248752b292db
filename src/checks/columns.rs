//! `columns`: the columns are those expected.

use std::collections::BTreeMap;

use super::{Args, Check, JudgeError, Outcome, Param, ParamKind, Problems, Readings, Scope, dataset_measure};
use crate::model::{DataType, Dimension, Measure, MeasureKind};

/// The columns of the files.
pub(super) struct Columns;

const PAGE: &str = "# columns

One judgement of the whole dataset: the columns under `present` and `types` are in the files, in the order of `present`
where `order` is set, in the types named, and no others where `no_extra` is set. A text file stores text; there the type
that the suite declares counts.

## Example

```yaml
suite: staff
datasets:
  people:
    source: people.csv
    rules:
      - check: columns
        present: [person_id, full_name, born]
        order: true
        no_extra: true
```
";

impl Check for Columns {
    fn name(&self) -> &'static str {
        "columns"
    }

    fn summary(&self) -> &'static str {
        "the expected columns are there"
    }

    fn dimension(&self) -> Dimension {
        Dimension::Unified
    }

    fn params(&self) -> &'static [Param] {
        const {
            &[
                Param::optional("present", ParamKind::Names, "columns that must be there"),
                Param::optional("order", ParamKind::Flag, "the columns of `present` stand in that order"),
                Param::optional("types", ParamKind::Types, "the types that columns must be stored or declared in"),
                Param::optional("no_extra", ParamKind::Flag, "no columns but those of `present` and `types`"),
            ]
        }
    }

    fn page(&self) -> &'static str {
        PAGE
    }

    fn lint(&self, args: &Args) -> Vec<(&'static str, String)> {
        if !args.has("present") && !args.has("types") {
            return vec![("present", "give `present` or `types`".to_owned())];
        }
        if args.flag("order") && !args.has("present") {
            return vec![("order", "the order is that of `present`, which is not given".to_owned())];
        }
        Vec::new()
    }

    fn takes_condition(&self) -> bool {
        false
    }

    fn measures(&self, _: &Args, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        Ok(vec![dataset_measure(scope, MeasureKind::Columns)])
    }

    fn judge(&self, args: &Args, _: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let facts = readings.columns(0)?;
        let found = |name: &str| facts.iter().position(|fact| fact.name == name);
        let present = args.names("present").map(Vec::as_slice).unwrap_or_default();
        let types = args.types("types").map(Vec::as_slice).unwrap_or_default();
        let mut problems = Vec::new();
        let mut details = BTreeMap::new();
        let mut note = |kind: &str, names: Vec<String>| {
            if !names.is_empty() {
                details.insert(kind.to_owned(), names.len() as u64);
                problems.push(format!("{kind}: {}", names.join(", ")));
            }
        };
        let wanted: Vec<&String> = present.iter().chain(types.iter().map(|(name, _)| name)).collect();
        let mut missing: Vec<String> = Vec::new();
        for name in &wanted {
            if found(name).is_none() && !missing.contains(name) {
                missing.push((*name).clone());
            }
        }
        note("missing", missing);
        let other_type = |(name, kind): &&(String, DataType)| {
            facts.iter().any(|fact| fact.name == *name && fact.data_type != Some(*kind))
        };
        note("of another type", types.iter().filter(other_type).map(|(name, _)| name.clone()).collect());
        if args.flag("no_extra") {
            let extra = facts.iter().filter(|fact| !wanted.contains(&&fact.name)).map(|fact| fact.name.clone());
            note("not expected", extra.collect());
        }
        if args.flag("order") {
            let places: Vec<usize> = present.iter().filter_map(|name| found(name)).collect();
            if !places.is_sorted() {
                let misplaced =
                    places.windows(2).filter(|pair| pair[0] > pair[1]).map(|pair| facts[pair[1]].name.clone());
                note("out of order", misplaced.collect());
            }
        }
        let observed =
            if problems.is_empty() { format!("{} columns as expected", facts.len()) } else { problems.join("; ") };
        let names: Vec<&str> = wanted.iter().map(|name| name.as_str()).collect();
        let mut expected = format!("the columns {}", names.join(", "));
        for (flag, words) in [("order", " in order"), ("no_extra", " and no others")] {
            if args.flag(flag) {
                expected.push_str(words);
            }
        }
        Ok(Outcome { details, ..Outcome::of_dataset(problems.is_empty(), observed, expected) })
    }

    fn is_about_rows(&self, _: &Args) -> bool {
        false
    }
}
