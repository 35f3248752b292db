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
    /// A second column that decides it with the first.
    and: Option<Facts<'a>>,
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
            let shown = look(&deciding.cells, &decided.cells);
            if is_dependency(&shown) {
                let others = columns.iter().filter(|other| other.at != to.at && other.at != from.at);
                match explained(deciding, decided, &shown, others) {
                    None => found.push(Decides { from: *from, and: None, to: *to, shown }),
                    Some((and, shown)) if is_dependency(&shown) => {
                        found.push(Decides { from: *from, and: Some(and), to: *to, shown });
                    }
                    Some(_) => {}
                }
            }
        }
        let has_exceptions = found.iter().any(|found| found.shown.exceptions > 0);
        // The fewer groups, the more rows each of them vouches for.
        let rank = |found: &Decides<'_>| {
            let shown = &found.shown;
            let kept = (shown.exceptions as f64 / shown.by_chance * 50.0) as u64;
            (kept, found.and.is_some(), shown.groups, !names::is_key(found.from.name()), found.from.at)
        };
        found.sort_by_key(rank);
        candidates.extend(found.iter().take(if has_exceptions { 2 } else { 1 }).map(|found| rule(table, found)));
    }
    candidates
}

/// Counts how far one column decides the other.
fn look(from: &[u32], to: &[u32]) -> Shown {
    let mut together: HashMap<(u32, u32), u64> = HashMap::new();
    let mut of_to: HashMap<u32, u64> = HashMap::new();
    let mut rows = 0;
    for (left, right) in from.iter().zip(to).take(MOST_ROWS) {
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

/// A column that explains the exceptions: in one of its values, nearly all rows are exceptions. Then both columns together
/// decide, as far as is shown.
fn explained<'a>(
    from: &Held,
    to: &Held,
    shown: &Shown,
    others: impl Iterator<Item = &'a Facts<'a>>,
) -> Option<(Facts<'a>, Shown)> {
    if shown.exceptions < 10 {
        return None;
    }
    let mut together: HashMap<(u32, u32), u64> = HashMap::new();
    let pairs = || from.cells.iter().zip(&to.cells).take(MOST_ROWS).enumerate();
    for (_, (left, right)) in pairs().filter(|(_, (left, right))| **left != NONE && **right != NONE) {
        *together.entry((*left, *right)).or_default() += 1;
    }
    let mut most: HashMap<u32, (u64, u32)> = HashMap::new();
    for ((left, right), count) in &together {
        let best = most.entry(*left).or_default();
        *best = (*best).max((*count, *right));
    }
    let is_exception = |left: &u32, right: &u32| {
        *left != NONE && *right != NONE && most.get(left).is_some_and(|(_, usual)| usual != right)
    };
    let exceptions: Vec<usize> =
        pairs().filter(|(_, (left, right))| is_exception(left, right)).map(|(row, _)| row).collect();
    for other in others {
        let Some(held) = other.held.filter(|held| (2..=500).contains(&held.values.len())) else { continue };
        let mut of_value: HashMap<u32, u64> = HashMap::new();
        for cell in exceptions.iter().filter_map(|row| held.cells.get(*row)).filter(|cell| **cell != NONE) {
            *of_value.entry(*cell).or_default() += 1;
        }
        let explains = of_value.iter().any(|(value, count)| {
            let rows = held.counts.get((*value as usize) - 1).copied().unwrap_or_default();
            *count >= 5 && *count * 4 >= exceptions.len() as u64 && *count * 10 >= rows * 7
        });
        if explains {
            let both: Vec<u32> = joined(&from.cells, &held.cells);
            return Some((*other, look(&both, &to.cells)));
        }
    }
    None
}

/// Numbers of the pairs of values of two columns.
fn joined(first: &[u32], second: &[u32]) -> Vec<u32> {
    let mut numbers: HashMap<(u32, u32), u32> = HashMap::new();
    let pairs = first.iter().zip(second).take(MOST_ROWS);
    pairs
        .map(|(first, second)| {
            if *first == NONE || *second == NONE {
                return NONE;
            }
            let next = u32::try_from(numbers.len() + 1).unwrap_or(u32::MAX);
            *numbers.entry((*first, *second)).or_insert(next)
        })
        .collect()
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
    let Decides { from, and, to, shown } = found;
    let is_certain = shown.exceptions == 0
        && shown.by_chance >= 50.0
        && shown.repeated_groups >= 10
        && shown.repeated - shown.repeated_groups >= 100;
    let prior = if is_certain { Prior::Sure } else { Prior::Likely };
    let mut candidate = Candidate::new(table.at, to.at + 1, "determines", &[to.name()], prior);
    let deciding: Vec<&str> = std::iter::once(from.name()).chain(and.iter().map(Facts::name)).collect();
    candidate.about = deciding.iter().copied().chain([to.name()]).map(str::to_owned).collect();
    let named: Vec<String> = deciding.iter().map(|name| yaml_text::comment(name)).collect();
    let because = format!(
        "{} values of {} are in several rows{}",
        Count(shown.repeated_groups),
        named.join(" with "),
        if table.profile.rows > shown.rows { ", among the rows that were looked at" } else { "" }
    );
    candidate
        .with(
            "from",
            match deciding.as_slice() {
                [only] => yaml_text::value(only),
                several => yaml_text::list(several.iter().copied()),
            },
        )
        .with("to", yaml_text::value(to.name()))
        .with("fails", "minority".to_owned())
        .because(because)
        .tolerating(FIVE_PERCENT)
}
