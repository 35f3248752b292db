//! What identifies a row or a thing: keys, and kinds of identifiers.

use super::super::candidate::{Candidate, ENOUGH, FIVE_PERCENT, Prior, TWO_PERCENT};
use super::super::real::real;
use super::super::table::{Facts, Reading, Table};
use super::super::{names, yaml_text};
use crate::model::Evidence;

/// The most keys of two columns that are proposed.
const MOST_PAIRS: usize = 2;

/// Rules about keys.
pub(super) fn of_table(table: &Table<'_>) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    let rows = table.profile.rows;
    for facts in table.columns() {
        candidates.extend(unique(table, &facts));
    }
    let has_key = candidates.iter().any(|candidate| candidate.prior == Prior::Sure);
    let pairs = table.profile.keys.iter().filter(|key| key.columns.len() == 2 && key.missing * 20 <= rows);
    for key in pairs.filter(|_| !has_key).take(MOST_PAIRS) {
        let columns: Vec<&str> = key.columns.iter().map(String::as_str).collect();
        let facts: Vec<Facts<'_>> = columns.iter().filter_map(|name| table.column(name)).collect();
        let [first, second] = facts.as_slice() else { continue };
        // Two columns with many values are different in each row by chance.
        let many = |facts: &Facts<'_>| real(facts.profile.distinct.unwrap_or(u64::MAX).max(1));
        let by_chance = real(rows).powi(2) / (2.0 * many(first) * many(second));
        let are_keys = names::is_code(first.name()) && names::is_code(second.name());
        let prior = if by_chance >= 30.0 && are_keys && rows >= ENOUGH { Prior::Sure } else { Prior::Likely };
        if by_chance < 5.0 || (!are_keys && by_chance < 100.0) {
            continue;
        }
        let at = first.at.max(second.at) + 1;
        let candidate = Candidate::new(table.at, at, "unique", &columns, prior);
        candidates.push(candidate.with("columns", yaml_text::list(columns.iter().copied())).tolerating(TWO_PERCENT));
    }
    let is_whole = table.profile.sampled.is_none() && table.profile.duplicate_rows == Some(0);
    if candidates.is_empty() && is_whole && rows >= 20 {
        candidates.push(Candidate::new(table.at, 0, "distinct_rows", &[], Prior::Likely));
    }
    candidates
}

/// A column with another value in each row, or in nearly each.
fn unique(table: &Table<'_>, facts: &Facts<'_>) -> Option<Candidate> {
    let (distinct, values) = (facts.profile.distinct?, facts.values());
    if values < 20 || (facts.reading() == Reading::Number { whole: false }) {
        return None;
    }
    // Rows whose value occurs in another row as well: all but those of values that occur once.
    let repeated = facts.profile.once.map_or((values - distinct.min(values)) * 2, |once| values.saturating_sub(once));
    let is_named = names::is_key(facts.name()) && !names::is_address(facts.name());
    if repeated > 0 && (!is_named || repeated * 50 > values) {
        return None;
    }
    let words = facts
        .held
        .is_some_and(|held| held.values.iter().filter(|value| value.contains(' ')).count() * 2 > held.values.len());
    // A number or a text that is no key differs by chance from row to row.
    let prior = match (is_named, facts.reading()) {
        (true, _) if values >= ENOUGH => Prior::Sure,
        (true, _) => Prior::Likely,
        (false, Reading::Text) if values >= ENOUGH && !words && !facts.is_personal() => Prior::Likely,
        (false, _)
            if words
                || (facts.is_personal() && facts.profile.kinds.iter().all(|kind| kind.looked_at.kind != "email")) =>
        {
            return None;
        }
        (false, _) => Prior::Look,
    };
    let candidate = Candidate::new(table.at, facts.at + 1, "unique", &[facts.name()], prior);
    let mut candidate = candidate.with("columns", yaml_text::value(facts.name())).tolerating(TWO_PERCENT);
    if prior == Prior::Look {
        candidate = candidate.because("the name does not promise a key");
    }
    Some(candidate)
}

/// The kind of identifier that the values are.
pub(super) fn identifiers(table: &Table<'_>, facts: &Facts<'_>) -> Option<Candidate> {
    // What many other texts could be as well says nothing.
    let kind =
        facts.profile.kinds.iter().find(|kind| kind.looked_at.likely && kind.looked_at.evidence != Evidence::Weak)?;
    let all = kind.all_passed + kind.all_failed;
    if all < 20 || kind.all_failed * 10 > all {
        return None;
    }
    let prior = if all >= ENOUGH { Prior::Sure } else { Prior::Likely };
    let candidate = Candidate::new(table.at, facts.at + 1, "identifier", &[facts.name()], prior);
    let column = yaml_text::value(facts.name());
    let kind = yaml_text::value(&kind.looked_at.kind);
    Some(candidate.with("column", column).with("kind", kind).tolerating(2 * FIVE_PERCENT))
}
