//! Rules that the data seems to keep. What is proposed here is only worth asking: the data is asked afterwards.

mod across;
mod dates;
mod dependencies;
mod keys;
mod numbers;
mod sums;
mod texts;

use super::candidate::{Candidate, ENOUGH, FIVE_PERCENT, Prior};
use super::table::{Facts, Reading, Table};
use super::yaml_text;
use crate::model::DataProfile;

/// The most columns that the rule about all columns names.
const MOST_PRESENT: usize = 200;

/// The rules of one dataset that the data is asked about.
pub(super) fn of_table(table: &Table<'_>) -> Vec<Candidate> {
    let mut candidates: Vec<Candidate> = present(table).into_iter().collect();
    // Each dataset has this rule, written or not: it is written where rows fail it.
    candidates.push(Candidate::new(table.at, 0, "well_formed", &[], Prior::Likely));
    candidates.extend(keys::of_table(table));
    for facts in table.columns() {
        candidates.extend(required(table, &facts));
        if let Some(identifier) = keys::identifiers(table, &facts) {
            candidates.push(identifier);
            continue;
        }
        match facts.reading() {
            Reading::Number { whole } => candidates.extend(numbers::of_column(table, &facts, whole)),
            Reading::Date => candidates.extend(dates::of_column(table, &facts)),
            Reading::Text => candidates.extend(texts::of_column(table, &facts)),
        }
    }
    candidates.extend(dates::of_table(table));
    candidates.extend(dependencies::of_table(table));
    candidates.extend(sums::of_table(table));
    candidates
}

/// The rules between datasets that the data is asked about.
pub(super) fn across(profile: &DataProfile, tables: &[Table<'_>]) -> Vec<Candidate> {
    across::of_tables(profile, tables)
}

/// All columns are there.
fn present(table: &Table<'_>) -> Option<Candidate> {
    let names: Vec<&str> = table.columns().map(|facts| facts.name()).collect();
    if names.is_empty() || names.len() > MOST_PRESENT || names.len() < table.profile.columns.len() {
        return None;
    }
    let candidate = Candidate::new(table.at, 0, "columns", &[], Prior::Sure);
    Some(
        candidate
            .with("present", yaml_text::list(names))
            .because("a column that is renamed or left out is found at once"),
    )
}

/// A value is in every row, or in nearly every one.
fn required(table: &Table<'_>, facts: &Facts<'_>) -> Option<Candidate> {
    let (missing, values) = (facts.profile.missing, facts.values());
    // Columns that are half missing promise nothing.
    if values <= missing {
        return None;
    }
    let prior = if values >= ENOUGH { Prior::Sure } else { Prior::Likely };
    let candidate = Candidate::new(table.at, facts.at + 1, "required", &[facts.name()], prior);
    Some(candidate.with("column", yaml_text::value(facts.name())).tolerating(2 * FIVE_PERCENT).or_look())
}
