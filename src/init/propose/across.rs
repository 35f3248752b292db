//! What holds between datasets: keys of others, and keys that all are used.

use super::super::candidate::{Candidate, ENOUGH, FIVE_PERCENT, Prior};
use super::super::table::Table;
use super::super::{names, yaml_text};
use crate::model::{DataProfile, ProfiledReference};

/// Rules about columns that refer to another dataset.
pub(super) fn of_tables(profile: &DataProfile, tables: &[Table<'_>]) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    for reference in &profile.references {
        let Some(table) = tables.iter().find(|table| table.profile.name == reference.dataset) else { continue };
        let Some(column) = table.column(&reference.column) else { continue };
        if column.held.is_none_or(|held| held.values.len() < 2) || reference.rows == 0 {
            continue;
        }
        let is_named = names::refers(&reference.column, &reference.to_dataset, &reference.to_column);
        // Small numbers occur in any key that is counted up.
        let are_numbers = column
            .held
            .is_some_and(|held| held.values.iter().all(|value| value.bytes().all(|byte| byte.is_ascii_digit())));
        if !is_named && are_numbers {
            continue;
        }
        if column.is_personal() && !names::is_key(&reference.column) {
            continue;
        }
        let prior = match (is_named, reference.rows >= ENOUGH) {
            (true, true) => Prior::Sure,
            (true, false) | (false, true) => Prior::Likely,
            (false, false) => Prior::Look,
        };
        let rule = |check: &'static str, prior: Prior, place: &'static str| {
            Candidate::new(table.at, column.at + 1, check, &[&reference.column], prior)
                .with(place, yaml_text::value(&reference.column))
                .with("dataset", reference.to_dataset.clone())
                .with("key", yaml_text::value(&reference.to_column))
        };
        candidates.push(rule("exists_in", prior, "columns").tolerating(FIVE_PERCENT));
        if is_covered(reference) && is_named && prior == Prior::Sure && !names::is_address(&reference.column) {
            candidates.push(rule("covers", Prior::Likely, "column").tolerating(FIVE_PERCENT).or_look());
        }
    }
    candidates
}

/// Whether nearly all keys are referred to.
fn is_covered(reference: &ProfiledReference) -> bool {
    reference.unused * 10 <= reference.to_rows && reference.to_rows > 1
}
