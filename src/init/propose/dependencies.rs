//! Columns that decide others.

use std::collections::HashMap;

use super::super::candidate::{Candidate, FIVE_PERCENT, Prior};
use super::super::rows::{Held, NONE};
use super::super::table::{Facts, Reading, Table};
use super::super::yaml_text;
use super::super::{
    names,
    real::{hundredths, real},
};
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
            let is_measure = matches!(from.reading(), Reading::Number { .. }) && !names::is_key(from.name());
            let are_dates = from.reading() == Reading::Date && to.reading() == Reading::Date;
            if is_measure || are_dates {
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
            let kept = hundredths(shown.exceptions, shown.by_chance) / 2;
            (kept, found.and.is_some(), shown.groups, !names::is_key(found.from.name()), found.from.at)
        };
        found.sort_by_key(rank);
        candidates.extend(found.iter().take(if has_exceptions { 2 } else { 1 }).map(|found| rule(table, found)));
    }
    candidates
}

/// The rows with both values, as pairs in order.
fn pairs_of(from: &[u32], to: &[u32]) -> Vec<(u32, u32)> {
    let both = from.iter().copied().zip(to.iter().copied()).take(MOST_ROWS);
    let mut pairs: Vec<(u32, u32)> = both.filter(|(left, right)| *left != NONE && *right != NONE).collect();
    pairs.sort_unstable();
    pairs
}

/// Counts how far one column decides the other.
fn look(from: &[u32], to: &[u32]) -> Shown {
    let pairs = pairs_of(from, to);
    let mut rights: Vec<u32> = pairs.iter().map(|(_, right)| *right).collect();
    rights.sort_unstable();
    let most = rights.chunk_by(|a, b| a == b).map(<[u32]>::len).max().unwrap_or_default() as u64;
    let rows = pairs.len() as u64;
    let mut shown = Shown { rows, groups: 0, repeated_groups: 0, repeated: 0, exceptions: 0, firm: 0, by_chance: 0.0 };
    for group in pairs.chunk_by(|a, b| a.0 == b.0) {
        shown.groups += 1;
        let size = group.len() as u64;
        if size < 2 {
            continue;
        }
        let mut usual = 0;
        let mut several = 0;
        for count in group.chunk_by(|a, b| a.1 == b.1).map(|run| run.len() as u64) {
            usual = usual.max(count);
            several += if count >= 2 { count } else { 0 };
        }
        shown.repeated_groups += 1;
        shown.repeated += size;
        shown.exceptions += size - usual;
        shown.firm += several - if usual >= 2 { usual } else { 0 };
    }
    // Of a few rows most are equal more often than of many.
    let further = shown.repeated - shown.repeated_groups;
    shown.by_chance = real(further) * real(rows - most) / real(rows.max(1));
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
    let mut usual: HashMap<u32, u32> = HashMap::new();
    for group in pairs_of(&from.cells, &to.cells).chunk_by(|a, b| a.0 == b.0) {
        let most = group.chunk_by(|a, b| a.1 == b.1).max_by_key(|run| run.len());
        usual.extend(most.and_then(<[_]>::first).copied());
    }
    let pairs = || from.cells.iter().zip(&to.cells).take(MOST_ROWS).enumerate();
    let is_exception = |left: &u32, right: &u32| {
        *left != NONE && *right != NONE && usual.get(left).is_some_and(|usual| usual != right)
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
        && real(exceptions) * 6.0 <= by_chance
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
