//! Columns that decide others.

use std::collections::HashMap;

use super::super::candidate::{Candidate, FIVE_PERCENT, Prior};
use super::super::names;
use super::super::rows::{Held, NONE};
use super::super::table::{Facts, Reading, Table};
use super::super::yaml_text;
use crate::model::Count;

/// The most pairs of columns that are looked at.
const MOST_PAIRS: usize = 4_000;

/// The most rows that are looked at for each pair.
const MOST_ROWS: usize = 20_000;

/// What some rows show of two columns.
#[derive(Debug, Clone, Copy)]
struct Shown {
    /// Rows with both values.
    rows: u64,
    /// Different values of the column that decides.
    groups: u64,
    /// Those in several rows.
    repeated_groups: u64,
    /// Their rows.
    repeated: u64,
    /// Rows with another value than most rows of their group.
    exceptions: u64,
    /// Those whose other value is in several rows of their group: they are no single errors.
    firm: u64,
    /// How many exceptions there would be by chance.
    by_chance: f64,
}

/// One column that decides another.
struct Decides<'a> {
    from: Facts<'a>,
    to: Facts<'a>,
    shown: Shown,
}

/// Rules about columns that decide others: for each column at most two that decide it.
pub(super) fn of_table(table: &Table<'_>) -> Vec<Candidate> {
    let columns: Vec<Facts<'_>> = table.columns().filter(|facts| facts.held.is_some()).collect();
    let mut pairs = 0;
    let mut candidates = Vec::new();
    for to in &columns {
        let Some(decided) = to.held.filter(|held| held.values.len() > 1) else { continue };
        let mut found: Vec<Decides<'_>> = Vec::new();
        for from in columns.iter().filter(|from| from.at != to.at) {
            let Some(deciding) = from.held else { continue };
            // A measure decides nothing but by chance.
            if matches!(from.reading(), Reading::Number { .. }) && !names::is_key(from.name()) {
                continue;
            }
            let (rows, different) = (deciding.present(), deciding.values.len() as u64);
            if different < 2 || different * 4 > rows * 3 || pairs >= MOST_PAIRS {
                continue;
            }
            pairs += 1;
            let shown = look(deciding, decided);
            if is_dependency(&shown) {
                found.push(Decides { from: *from, to: *to, shown });
            }
        }
        let has_exceptions = found.iter().any(|found| found.shown.exceptions > 0);
        // The fewer groups, the more rows each of them vouches for.
        let rank = |found: &Decides<'_>| {
            let shown = &found.shown;
            let kept = (shown.exceptions as f64 / shown.by_chance * 50.0) as u64;
            (kept, shown.groups, !names::is_key(found.from.name()), found.from.at)
        };
        found.sort_by_key(rank);
        candidates.extend(found.iter().take(if has_exceptions { 2 } else { 1 }).map(|found| rule(table, found)));
    }
    candidates
}

/// Counts how far one column decides the other.
fn look(from: &Held, to: &Held) -> Shown {
    let mut together: HashMap<(u32, u32), u64> = HashMap::new();
    let mut of_to: HashMap<u32, u64> = HashMap::new();
    let mut rows = 0;
    for (left, right) in from.cells.iter().zip(&to.cells).take(MOST_ROWS) {
        if *left != NONE && *right != NONE {
            *together.entry((*left, *right)).or_default() += 1;
            *of_to.entry(*right).or_default() += 1;
            rows += 1;
        }
    }
    /// The rows of a group, those of its most frequent value, and those of other values in several rows.
    #[derive(Default)]
    struct Group {
        rows: u64,
        most: u64,
        several: u64,
    }
    let mut groups: HashMap<u32, Group> = HashMap::new();
    for ((left, _), count) in &together {
        let group = groups.entry(*left).or_default();
        group.rows += count;
        group.most = group.most.max(*count);
        group.several += if *count >= 2 { *count } else { 0 };
    }
    let mut shown = Shown {
        rows,
        groups: groups.len() as u64,
        repeated_groups: 0,
        repeated: 0,
        exceptions: 0,
        firm: 0,
        by_chance: 0.0,
    };
    let most = of_to.values().copied().max().unwrap_or_default() as f64 / (rows.max(1)) as f64;
    for group in groups.values().filter(|group| group.rows > 1) {
        shown.repeated_groups += 1;
        shown.repeated += group.rows;
        shown.exceptions += group.rows - group.most;
        shown.firm += group.several - if group.most >= 2 { group.most } else { 0 };
        // Of a few rows most are equal more often than of many.
        shown.by_chance += (group.rows - 1) as f64 * (1.0 - most);
    }
    shown
}

/// Whether so few exceptions are no accident.
fn is_dependency(shown: &Shown) -> bool {
    let Shown { repeated, exceptions, firm, by_chance, repeated_groups, .. } = *shown;
    let is_strict = exceptions == 0;
    by_chance >= 8.0
        && repeated_groups >= 3
        && exceptions * 20 <= repeated
        && exceptions as f64 * 6.0 <= by_chance
        && (is_strict || (firm * 3 <= exceptions && by_chance >= 20.0))
}

fn rule(table: &Table<'_>, found: &Decides<'_>) -> Candidate {
    let Decides { from, to, shown } = found;
    let is_certain = shown.exceptions == 0
        && shown.by_chance >= 50.0
        && shown.repeated_groups >= 10
        && shown.repeated - shown.repeated_groups >= 100;
    let prior = if is_certain { Prior::Sure } else { Prior::Likely };
    let mut candidate = Candidate::new(table.at, to.at + 1, "determines", &[to.name()], prior);
    candidate.about = vec![from.name().to_owned(), to.name().to_owned()];
    let because = format!(
        "{} values of {} are in several rows{}",
        Count(shown.repeated_groups),
        yaml_text::comment(from.name()),
        if table.profile.rows > shown.rows { ", among the rows that were looked at" } else { "" }
    );
    candidate
        .with("from", yaml_text::value(from.name()))
        .with("to", yaml_text::value(to.name()))
        .with("fails", "minority".to_owned())
        .because(because)
        .tolerating(FIVE_PERCENT)
}
