//! What holds between datasets: columns that refer to a key of another one, and columns with the same values.

use std::collections::BTreeMap;

use crate::engine::Execution;
use crate::model::{
    DataType, Kept, KeySpec, Lookup, Measure, MeasureKind, Predicate, ProfiledColumn, ProfiledDataset,
    ProfiledReference, Reading, SameColumns,
};

use super::details::ColumnDetails;
use super::look::LookedAt;
use super::questions::Questions;

/// The most references that are counted in all rows.
const MOST_REFERENCES: usize = 200;

/// The most pairs of columns with the same values that are reported.
const MOST_SAME: usize = 50;

/// The share in hundredths of rows whose value must occur in the key.
const MOST_FOUND: u64 = 90;

/// The share in hundredths of different values that two columns must share to be the same thing.
const MOST_SHARED: u64 = 80;

/// Fewer different values may be the same by chance.
const LEAST_VALUES: u64 = 3;

/// One dataset as this looks at it.
pub(super) struct Side<'a> {
    pub(super) dataset: &'a ProfiledDataset,
    pub(super) details: &'a [ColumnDetails],
    pub(super) looked_at: &'a [LookedAt],
}

/// A reference that is counted.
#[derive(Debug)]
pub(super) struct AskedOfReference {
    from: (String, String),
    to: (String, String),
    /// Rows there, and rows here, that have a partner.
    measures: [usize; 2],
}

/// Asks about columns that may refer to a key of another dataset.
pub(super) fn ask(sides: &[Side<'_>], questions: &mut Questions, left_out: &mut Vec<String>) -> Vec<AskedOfReference> {
    let mut asked = Vec::new();
    let mut too_many = 0;
    for (at, here) in sides.iter().enumerate() {
        for there in sides.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, side)| side) {
            let keys = there.dataset.keys.iter().filter(|key| key.columns.len() == 1);
            let keys =
                keys.filter_map(|key| there.dataset.columns.iter().position(|column| column.name == key.columns[0]));
            for (key, column) in keys.flat_map(|key| (0..here.dataset.columns.len()).map(move |column| (key, column))) {
                if !may_refer(here, column, there, key) {
                    continue;
                }
                if asked.len() == MOST_REFERENCES {
                    too_many += 1;
                    continue;
                }
                let name = |side: &Side<'_>, column: usize| {
                    (side.dataset.name.clone(), side.dataset.columns[column].name.clone())
                };
                let (from, to) = (name(here, column), name(there, key));
                let measures = [question(&from, &to, questions), question(&to, &from, questions)];
                asked.push(AskedOfReference { from, to, measures });
            }
        }
    }
    if too_many > 0 {
        left_out.push(format!(
            "{MOST_REFERENCES} possible references between datasets were counted; {too_many} more were left out"
        ));
    }
    asked
}

/// How many rows of one column have a partner in another.
fn question(from: &(String, String), to: &(String, String), questions: &mut Questions) -> usize {
    let key = |column: &String| KeySpec { columns: vec![column.clone()] };
    let lookup = Lookup { dataset: to.0.clone(), key: key(&to.1), filter: None, facts: Vec::new(), kept: Kept::Keys };
    let found = Predicate::Found { key: key(&from.1), lookup, negated: false };
    questions.ask(Measure::new(&from.0, None, MeasureKind::Rows(found)))
}

/// What the answers say.
pub(super) fn answer(asked: &[AskedOfReference], execution: &Execution) -> Vec<ProfiledReference> {
    let mut found = Vec::new();
    for AskedOfReference { from, to, measures: [here, there] } in asked {
        let (Ok(Reading::Rows(here)), Ok(Reading::Rows(there))) = (execution.reading(*here), execution.reading(*there))
        else {
            continue;
        };
        let rows = here.passed + here.failed;
        if rows == 0 || here.passed * 100 < rows * MOST_FOUND {
            continue;
        }
        found.push(ProfiledReference {
            dataset: from.0.clone(),
            column: from.1.clone(),
            to_dataset: to.0.clone(),
            to_column: to.1.clone(),
            rows,
            orphans: here.failed,
            to_rows: there.passed + there.failed,
            unused: there.failed,
        });
    }
    found
}

/// Columns of two datasets with other names and mostly the same values.
pub(super) fn same(sides: &[Side<'_>], references: &[ProfiledReference]) -> Vec<SameColumns> {
    let mut found = Vec::new();
    for (at, here) in sides.iter().enumerate() {
        for there in &sides[at + 1..] {
            for (one, details) in here.dataset.columns.iter().zip(here.details) {
                for (other, of_other) in there.dataset.columns.iter().zip(there.details) {
                    let (Some(mine), Some(others)) = (&details.counts, &of_other.counts) else { continue };
                    let is_known = references.iter().any(|known| {
                        let pair = [&known.column, &known.to_column];
                        pair == [&one.name, &other.name] || pair == [&other.name, &one.name]
                    });
                    if is_known || plain(&one.name) == plain(&other.name) || !are_comparable(one, other) {
                        continue;
                    }
                    let (distinct, other_distinct) = (mine.len() as u64, others.len() as u64);
                    let shared = mine.keys().filter(|value| others.contains_key(*value)).count() as u64;
                    let least = distinct.min(other_distinct);
                    if least > LEAST_VALUES && shared * 100 >= least * MOST_SHARED {
                        found.push(SameColumns {
                            dataset: here.dataset.name.clone(),
                            column: one.name.clone(),
                            other_dataset: there.dataset.name.clone(),
                            other_column: other.name.clone(),
                            distinct,
                            other_distinct,
                            shared,
                        });
                    }
                }
            }
        }
    }
    found.sort_by_key(|same| std::cmp::Reverse(same.shared));
    found.truncate(MOST_SAME);
    found
}

/// Whether two columns are text, or dates: small numbers are the same everywhere.
fn are_comparable(one: &ProfiledColumn, other: &ProfiledColumn) -> bool {
    let of = |column: &ProfiledColumn| column.reads_as.as_ref().map(|reads| reads.data_type);
    of(one) == of(other) && of(one).is_some_and(DataType::is_textual)
}

/// Whether the values of a column here may be keys there.
fn may_refer(here: &Side<'_>, column: usize, there: &Side<'_>, key: usize) -> bool {
    let (from, to) = (&here.dataset.columns[column], &there.dataset.columns[key]);
    let (Some(from_type), Some(to_type)) = (&from.reads_as, &to.reads_as) else { return false };
    let is_key_type = |data_type: DataType| matches!(data_type, DataType::Text | DataType::Integer | DataType::Uuid);
    if !is_key_type(from_type.data_type) || from_type.data_type != to_type.data_type {
        return false;
    }
    let related = are_related(&from.name, &to.name, &there.dataset.name);
    let values = &here.looked_at[column].values;
    // Any small number occurs among the numbers of rows.
    if !related && (from_type.data_type == DataType::Integer || (values.len() as u64) < LEAST_VALUES) {
        return false;
    }
    let all: u64 = values.values().sum();
    let occurs = |known: &BTreeMap<String, u64>| -> u64 {
        values.iter().filter(|(value, _)| known.contains_key(*value)).map(|(_, rows)| rows).sum()
    };
    match &there.details[key].counts {
        Some(known) => all > 0 && occurs(known) * 100 >= all * MOST_FOUND,
        // Too many keys to know them all.
        None => related,
    }
}

/// Whether the name of a column speaks of a key of another dataset: `customer_id` of `id` in `customers`.
fn are_related(column: &str, key: &str, dataset: &str) -> bool {
    let (column, key, dataset) = (plain(column), plain(key), plain(dataset));
    let singular = dataset.strip_suffix('s').unwrap_or(&dataset);
    column == key
        || column == format!("{singular}{key}")
        || column == format!("{dataset}{key}")
        || (key.len() > 2 && (column.ends_with(&key) || key.ends_with(&column) && column.len() > 2))
        || column == singular
}

/// A name in small letters without signs.
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_speak_of_keys() {
        for (column, key, dataset) in [
            ("customer_id", "id", "customers"),
            ("CustomerId", "CustomerId", "Customer"),
            ("origin_airport", "airport", "airports"),
            ("province", "code", "provinces"),
        ] {
            assert!(are_related(column, key, dataset), "{column} {key} {dataset}");
        }
        for (column, key, dataset) in [("quantity", "id", "customers"), ("total", "code", "provinces")] {
            assert!(!are_related(column, key, dataset), "{column} {key} {dataset}");
        }
    }
}
