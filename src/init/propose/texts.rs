//! Texts: lists of values, patterns, lengths.

use std::collections::BTreeMap;

use super::super::candidate::{Candidate, ENOUGH, FIVE_PERCENT, Prior};
use super::super::table::{Facts, Table};
use super::super::{closed_list, names, pattern, round, yaml_text};
use crate::model::{Count, Decimal, ShapeTally};

/// The longest text whose length is worth a rule.
const LONGEST: u64 = 1_000;

/// Rules about a column of texts.
pub(super) fn of_column(table: &Table<'_>, facts: &Facts<'_>) -> Vec<Candidate> {
    if let Some(unit) = unit(table, facts) {
        return vec![unit];
    }
    if let Some(list) = allowed(table, facts) {
        return vec![list];
    }
    if let Some(pattern) = matches(table, facts) {
        return vec![pattern];
    }
    length(table, facts).into_iter().collect()
}

/// The values that a column is limited to.
pub(super) fn allowed(table: &Table<'_>, facts: &Facts<'_>) -> Option<Candidate> {
    if facts.is_personal() {
        return None;
    }
    let counts = facts.details?.counts.as_ref()?;
    let list = closed_list::of_counts(counts)?;
    if list.rows < 20 {
        return None;
    }
    let is_certain = list.rare == 0 && list.slips == 0 && list.rows >= ENOUGH;
    let prior = if is_certain { Prior::Sure } else { Prior::Likely };
    let mut because = match list.values.len() {
        1 => "one value".to_owned(),
        count => {
            let rows = if list.rarest == 1 { "row" } else { "rows" };
            format!("{count} values, the rarest in {} {rows}", Count(list.rarest))
        }
    };
    if list.slips > 0 {
        because += "; other values look like typing errors of these";
    }
    if list.rare > 0 {
        because += "; add rare values that are right";
    }
    let candidate = Candidate::new(table.at, facts.at + 1, "allowed", &[facts.name()], prior);
    let mut listed = list.values;
    if listed.iter().all(|value| Decimal::parse(value).is_some()) {
        listed.sort_by_cached_key(|value| Decimal::parse(value));
    }
    let values = yaml_text::list(listed.iter().map(String::as_str));
    let column = yaml_text::value(facts.name());
    Some(candidate.with("column", column).with("values", values).because(because).tolerating(FIVE_PERCENT))
}

/// Numbers with a unit that is written in several ways.
fn unit(table: &Table<'_>, facts: &Facts<'_>) -> Option<Candidate> {
    let (plain, with_unit) = facts.numbers_and_units()?;
    if facts.is_personal() || plain > 0 || with_unit < 20 {
        return None;
    }
    let held = facts.held?;
    let mut units: BTreeMap<&str, u64> = BTreeMap::new();
    for (value, count) in held.values.iter().zip(&held.counts) {
        let value = value.trim_end();
        let number = value.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        if number.is_empty() || number.len() == value.len() || number.contains(|c: char| c.is_ascii_digit()) {
            return None;
        }
        *units.entry(number).or_default() += count;
    }
    let (unit, often) = units.iter().max_by_key(|(unit, count)| (**count, std::cmp::Reverse(**unit)))?;
    if units.len() < 2 || units.len() > 12 {
        return None;
    }
    let mut pattern = String::from("[0-9.]+");
    for c in unit.chars() {
        if c.is_ascii_punctuation() {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    // What most write is meant by all; where no way is usual, a person has to choose.
    let prior = if often * 100 >= with_unit * 90 { Prior::Likely } else { Prior::Look };
    let candidate = Candidate::new(table.at, facts.at + 1, "matches", &[facts.name()], prior);
    let because = format!("numbers with a unit that is written in {} ways; this is the most frequent", units.len());
    let column = yaml_text::value(facts.name());
    Some(
        candidate
            .with("column", column)
            .with("pattern", yaml_text::value(&pattern))
            .because(because)
            .tolerating(2 * FIVE_PERCENT)
            .or_look(),
    )
}

/// How the values of a column are written.
fn matches(table: &Table<'_>, facts: &Facts<'_>) -> Option<Candidate> {
    let ShapeTally::Counted(shapes) = &facts.details?.shapes else { return None };
    let shown = facts.held.filter(|_| !facts.is_personal());
    let values: Vec<(&str, u64)> =
        shown.iter().flat_map(|held| held.values.iter().map(String::as_str).zip(held.counts.iter().copied())).collect();
    let found = pattern::of_shapes(shapes, &values, FIVE_PERCENT)?;
    // Letters in a pattern are ASCII letters.
    let is_ascii = facts
        .held
        .is_some_and(|held| held.values.iter().filter(|value| !value.is_ascii()).count() * 50 <= held.values.len());
    if !is_ascii || facts.values() < 20 {
        return None;
    }
    let is_certain = found.rarest >= 10 && found.fits >= ENOUGH && found.fits == facts.values();
    let prior = if is_certain { Prior::Sure } else { Prior::Likely };
    let because = match found.forms {
        1 => String::new(),
        forms => format!("written in {forms} ways"),
    };
    let candidate = Candidate::new(table.at, facts.at + 1, "matches", &[facts.name()], prior);
    let column = yaml_text::value(facts.name());
    Some(
        candidate
            .with("column", column)
            .with("pattern", yaml_text::value(&found.pattern))
            .because(because)
            .tolerating(FIVE_PERCENT),
    )
}

/// How long the values of a column are.
fn length(table: &Table<'_>, facts: &Facts<'_>) -> Option<Candidate> {
    let lengths = facts.profile.lengths?;
    if lengths.greatest > LONGEST || facts.values() < 20 {
        return None;
    }
    // A code of one length has no limit that is wider.
    let is_one = lengths.least == lengths.greatest && facts.values() >= ENOUGH && names::is_code(facts.name());
    let within =
        if is_one { format!("{0}..{0}", lengths.greatest) } else { format!("1..{}", round::length(lengths.greatest)) };
    let prior = if facts.values() >= ENOUGH { Prior::Sure } else { Prior::Likely };
    let candidate = Candidate::new(table.at, facts.at + 1, "length", &[facts.name()], prior);
    let column = yaml_text::value(facts.name());
    let because =
        if facts.is_personal() { String::new() } else { format!("the longest has {} characters", lengths.greatest) };
    Some(candidate.with("column", column).with("within", yaml_text::value(&within)).because(because))
}
