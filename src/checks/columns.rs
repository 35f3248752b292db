//! `columns`: the dataset has the expected columns.

use std::collections::{BTreeMap, BTreeSet};

use super::{BoundCheck, Check, JudgeError, Outcome, Problems, Readings, Scope, Shorthand, dataset_measure};
use crate::model::{DataType, Dimension, Measure, MeasureKind, nfc, outer_column};

const PAGE: &str = "# columns

One verdict on the whole dataset: the columns under `present` and `types` are in the files, in the order of `present` if
`order` is set, with the types named, and no others if `no_extra` is set. A text file stores text; for its columns the
type declared in the suite counts.

Names may be paths into nested columns, where the format has such columns (Parquet, Arrow, Avro): `address.city`,
`length(tags)`. In NDJSON, JSON and CSV a nested value is text, and what is inside of it is no column. `order` and `no_extra` look
at whole columns; `address.city` names `address`.

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

parameters! {
    /// The columns of the files.
    struct Columns {
        present: optional Names, "columns that must exist", stricter More Loosest unless &["order", "no_extra"];
        order: flag, "the columns of `present` must be in that order", stricter Given Loosest;
        types: optional Types, "the types in which columns must be stored or declared", stricter More Loosest unless &["no_extra"];
        no_extra: flag, "no columns but those of `present` and `types`", stricter Given Loosest;
    }
}

pub(super) const CHECK: Check = Check {
    name: "columns",
    summary: "the dataset has the expected columns",
    dimension: Dimension::Unified,
    page: PAGE,
    shorthand: Shorthand::None,
    takes_condition: false,
    params: Columns::PARAMS,
    bind: Columns::bind,
};

impl BoundCheck for Columns {
    fn lint(&self) -> Problems {
        if !self.present.is_given() && !self.types.is_given() {
            return Problems::of("present", "give `present` or `types`");
        }
        if self.order && !self.present.is_given() {
            return Problems::of("order", "the order is that of `present`, which is not given");
        }
        Problems::default()
    }

    fn measures(&self, scope: &dyn Scope) -> Result<Vec<Measure>, Problems> {
        Ok(vec![dataset_measure(scope, MeasureKind::Columns)])
    }

    fn judge(&self, scope: &dyn Scope, readings: &Readings<'_>) -> Result<Outcome, JudgeError> {
        let facts = readings.columns(0)?;
        let inner = scope.inner_columns(scope.dataset());
        let at = |name: &str| facts.iter().position(|fact| fact.name == name || fact.name == nfc(name));
        let inside = |name: &str| inner.iter().find(|(known, _)| known == name || *known == nfc(name));
        // The type of a column or one inside of it, `None` where there is none of that name.
        let kind = |name: &str| match at(name).and_then(|at| facts.get(at)) {
            Some(fact) => Some(fact.data_type),
            None => inside(name).map(|(_, kind)| *kind),
        };
        let outer = |name: &str| {
            outer_column(name, |name| at(name).and_then(|at| facts.get(at)).map(|fact| fact.name.as_str()))
        };
        let present = self.present.as_deref().unwrap_or(&[]);
        let types = self.types.as_deref().unwrap_or(&[]);
        let mut problems = Vec::new();
        let mut details = BTreeMap::new();
        let mut note = |kind: &str, names: Vec<String>| {
            if !names.is_empty() {
                details.insert(kind.to_owned(), names.len() as u64);
                problems.push(format!("{kind}: {}", names.join(", ")));
            }
        };
        let wanted: Vec<&String> = present.iter().chain(types.iter().map(|(name, _)| name)).collect();
        let is_flat = |column: &&str| {
            let find = |name: &str| (name == *column).then_some(*column);
            !inner.iter().any(|(name, _)| outer_column(name, find).is_some())
        };
        let mut missing: Vec<String> = Vec::new();
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        for name in &wanted {
            if kind(name).is_none() && seen.insert(name) {
                missing.push(match outer(name).filter(is_flat) {
                    Some(outer) => format!("{name} ({outer} has no columns inside of it here)"),
                    None => (*name).clone(),
                });
            }
        }
        note("missing", missing);
        // Bytes are text to every other rule.
        let is_binary = |name: &str| {
            at(name).and_then(|at| facts.get(at)).is_some_and(|fact| fact.stored == DataType::Binary.name())
        };
        let other_type = |(name, wanted): &&(String, DataType)| {
            let is_held = |kind| kind == Some(*wanted) || (*wanted == DataType::Binary && is_binary(name));
            kind(name).is_some_and(|kind| !is_held(kind))
        };
        note("of another type", types.iter().filter(other_type).map(|(name, _)| name.clone()).collect());
        if self.no_extra {
            let named: BTreeSet<&str> = wanted.iter().filter_map(|name| outer(name)).collect();
            let extra = facts.iter().map(|fact| fact.name.as_str()).filter(|name| !named.contains(name));
            note("not expected", extra.map(str::to_owned).collect());
        }
        if self.order {
            let places: Vec<usize> = present.iter().filter_map(|name| at(outer(name)?)).collect();
            if !places.is_sorted() {
                let misplaced =
                    places.windows(2).filter(|pair| pair[0] > pair[1]).map(|pair| facts[pair[1]].name.clone());
                note("out of order", misplaced.collect());
            }
        }
        let differ: Vec<&str> =
            facts.iter().filter(|fact| fact.series.is_some()).map(|fact| fact.name.as_str()).collect();
        let series = match differ.len() {
            0 => String::new(),
            _ => format!("; files differ in {}", differ.join(", ")),
        };
        let observed =
            if problems.is_empty() { format!("{} columns as expected", facts.len()) } else { problems.join("; ") };
        let names: Vec<&str> = wanted.iter().map(|name| name.as_str()).collect();
        let mut expected = format!("the columns {}", names.join(", "));
        for (is_set, words) in [(self.order, " in order"), (self.no_extra, " and no others")] {
            if is_set {
                expected.push_str(words);
            }
        }
        if !differ.is_empty() {
            details.insert("differ between files".to_owned(), differ.len() as u64);
        }
        let observed = observed + &series;
        Ok(Outcome { details, ..Outcome::of_dataset(problems.is_empty(), observed, expected) })
    }

    fn is_about_rows(&self) -> bool {
        false
    }
}
