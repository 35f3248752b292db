//! Numbers: lists of few values, and ranges.

use super::super::candidate::{Candidate, ENOUGH, Prior};
use super::super::table::{Facts, Table};
use super::super::{names, round, yaml_text};
use super::texts;

/// So few different whole numbers are codes or counts of few things.
const FEW: u64 = 12;

/// Rules about a column of numbers.
pub(super) fn of_column(table: &Table<'_>, facts: &Facts<'_>, whole: bool) -> Vec<Candidate> {
    let is_list = whole && !names::is_key(facts.name()) && !names::is_of_time(facts.name());
    if is_list
        && names::natural_range(facts.name()).is_none()
        && facts.held.is_some_and(|held| held.values.len() > 1)
        && facts.profile.distinct.is_some_and(|distinct| distinct <= FEW)
        && let Some(list) = texts::allowed(table, facts)
    {
        return vec![list];
    }
    range(table, facts, whole).into_iter().collect()
}

/// The range of a column.
fn range(table: &Table<'_>, facts: &Facts<'_>, whole: bool) -> Option<Candidate> {
    // Numbers that identify something grow without end.
    if facts.is_personal() || names::is_key(facts.name()) || facts.values() < 20 {
        return None;
    }
    let (least, greatest) = facts.extremes()?;
    let natural = names::natural_range(facts.name()).filter(|(low, high)| *low <= least && greatest <= *high);
    if let Some((low, high)) = natural.filter(|(low, high)| (greatest - least) * 4.0 >= high - low) {
        let prior = if facts.values() >= ENOUGH { Prior::Sure } else { Prior::Likely };
        let candidate = Candidate::new(table.at, facts.at + 1, "range", &[facts.name()], prior);
        let column = yaml_text::value(facts.name());
        return Some(candidate.with("column", column).with("within", yaml_text::value(&format!("{low}..{high}"))));
    }
    let (low, high) = round::outward(least, greatest, whole)?;
    let (middle, late) = (facts.quantile(50), facts.quantile(99));
    // Where the greatest numbers are far from most, the next one may be farther.
    let has_tail = match (facts.quantile(1), middle, late) {
        (Some(early), Some(middle), Some(late)) => {
            greatest - late > 2.0 * (late - middle) || early - least > 2.0 * (middle - early)
        }
        _ => true,
    };
    let is_unique = facts.profile.distinct == Some(facts.values());
    let prior = if has_tail || facts.values() < ENOUGH || is_unique { Prior::Likely } else { Prior::Sure };
    let candidate = Candidate::new(table.at, facts.at + 1, "range", &[facts.name()], prior);
    let column = yaml_text::value(facts.name());
    let because = if has_tail { "rounded outward; a few numbers are far from most" } else { "rounded outward" };
    Some(candidate.with("column", column).with("within", yaml_text::value(&format!("{low}..{high}"))).because(because))
}
