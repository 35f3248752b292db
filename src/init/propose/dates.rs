//! Dates: none in the future, how new the newest is, and which of two comes first.

use super::super::candidate::{Candidate, ENOUGH, FIVE_PERCENT, Prior, TWO_PERCENT};
use super::super::table::{Facts, Reading, Table};
use super::super::{names, yaml_text};
use crate::scalar::days_from_civil;

/// Ages of the newest date, in days, with how a rule says them.
const AGES: [(i32, &str); 7] =
    [(2, "2d"), (7, "7d"), (14, "14d"), (31, "31d"), (92, "92d"), (184, "184d"), (366, "366d")];

/// Rules about a column of dates.
pub(super) fn of_column(table: &Table<'_>, facts: &Facts<'_>) -> Vec<Candidate> {
    let prior = if facts.values() >= ENOUGH { Prior::Sure } else { Prior::Likely };
    let candidate = Candidate::new(table.at, facts.at + 1, "not_future", &[facts.name()], prior);
    vec![candidate.with("column", yaml_text::value(facts.name())).tolerating(TWO_PERCENT)]
}

/// Rules about the dates of a dataset.
pub(super) fn of_table(table: &Table<'_>) -> Vec<Candidate> {
    let mut candidates: Vec<Candidate> = fresh(table).into_iter().collect();
    for order in &table.profile.date_orders {
        let (Some(before), Some(after)) = (table.column(&order.before), table.column(&order.after)) else { continue };
        let is_date = |facts: &Facts<'_>| facts.reading() == Reading::Date;
        if !is_date(&before) || !is_date(&after) || order.rows < 20 {
            continue;
        }
        let prior = if order.rows >= ENOUGH { Prior::Sure } else { Prior::Likely };
        let that = format!("{} <= {}", yaml_text::column(&order.before), yaml_text::column(&order.after));
        let candidate = Candidate::new(table.at, after.at + 1, "expect", &[&order.before, &order.after], prior);
        candidates.push(candidate.with("that", yaml_text::value(&that)).tolerating(FIVE_PERCENT));
    }
    candidates
}

/// How new the newest row is.
fn fresh(table: &Table<'_>) -> Option<Candidate> {
    let age = |facts: &Facts<'_>| -> Option<i32> {
        let newest = facts.profile.numbers.as_ref()?.greatest.as_ref()?;
        let mut parts = newest.get(..10)?.split('-').map(str::parse::<u32>);
        let (year, month, day) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
        Some(table.as_of.day - days_from_civil(i32::try_from(year).ok()?, month, day)?)
    };
    let events = table.columns().filter(|facts| {
        facts.reading() == Reading::Date
            && !facts.is_personal()
            && names::is_event(facts.name())
            && facts.values() >= 20
    });
    let newest = events.filter_map(|facts| Some((age(&facts).filter(|age| *age >= 0)?, facts)));
    let (age, facts) = newest.min_by_key(|(age, facts)| (*age, facts.at))?;
    let within = AGES.iter().find(|(days, _)| *days >= age.saturating_mul(2).max(1));
    let (within, prior) = within.map_or(("366d", Prior::Look), |(_, text)| (*text, Prior::Likely));
    if age > 366 {
        return None;
    }
    let candidate = Candidate::new(table.at, facts.at + 1, "fresh", &[facts.name()], prior);
    let candidate = candidate.with("column", yaml_text::value(facts.name())).with("within", within.to_owned());
    Some(candidate.because("change it to how often the data is delivered"))
}
