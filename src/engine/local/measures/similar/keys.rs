//! The keys by which rows become candidates: those of the rule, or some that the compared columns suggest.

use std::collections::HashMap;

use rayon::prelude::*;

use crate::model::{Likeness, Similar, SimilarColumn, Transform};
use crate::similarity::{blocking, phonetic, soundex};

use super::values::{MISSING, Table, Values};

/// One way to look for candidates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Way {
    /// Rows with the same key.
    Key(Vec<(usize, Transform)>),
    /// Rows that share one of their rarest runs of characters in a column.
    Qgram(usize),
    /// Rows that are near each other in the order of columns; with `present`, a row without a
    /// value of the first one takes no part.
    Sorted { columns: Vec<usize>, window: u32, present: bool },
    /// Every row with every other.
    All,
}

/// Means no key.
pub(super) const NO_KEY: u64 = 0;

/// How many runs of characters a row has for keys.
pub(super) const GRAMS: usize = Similar::RUNS;

impl Way {
    /// Keys that a row has by this way.
    pub(super) const fn slots(&self) -> usize {
        if matches!(self, Self::Qgram(_)) { GRAMS } else { 1 }
    }

    /// The most slots that the ways of a search take.
    pub(super) fn most_slots(spec: &Similar) -> usize {
        if spec.block_on.is_empty() {
            return spec.compare.len().min(Similar::MOST_ALONE)
                + Similar::MOST_TOGETHER * (Similar::MOST_TOGETHER - 1) / 2
                + 2
                + GRAMS;
        }
        let is_qgram =
            |parts: &[crate::model::BlockPart]| matches!(parts, [only] if only.transform == Transform::Qgram);
        spec.block_on.iter().map(|key| if is_qgram(&key.parts) { GRAMS } else { 1 }).sum()
    }

    /// The ways that a rule asks for; `place` finds a column among those kept.
    pub(super) fn asked(spec: &Similar, place: impl Fn(&str) -> usize) -> Vec<Self> {
        let ways = spec.block_on.iter().map(|key| match key.parts.as_slice() {
            [] => Self::All,
            [only] if only.transform == Transform::Qgram => Self::Qgram(place(&only.column)),
            [only] => match only.transform {
                Transform::Sorted(window) => Self::Sorted { columns: vec![place(&only.column)], window, present: true },
                transform => Self::Key(vec![(place(&only.column), transform)]),
            },
            parts => Self::Key(parts.iter().map(|part| (place(&part.column), part.transform)).collect()),
        });
        ways.collect()
    }

    /// The ways that the compared columns suggest:
    ///
    /// - each column alone that has few enough rows for each of its values (names and addresses by their sound),
    /// - the heaviest of the others two by two,
    /// - neighbours in the order of all columns, once from the first on and once from the second on,
    /// - the rarest runs of characters of the text with the most different values.
    pub(super) fn suggested(compare: &[SimilarColumn], table: &Table) -> Vec<Self> {
        let coarse = |column: usize| match compare[column].method {
            Likeness::JaroWinkler | Likeness::TokenSet => Transform::Phonetic,
            _ => Transform::Whole,
        };
        let order = Self::by_weight(compare, table);
        let selective: Vec<bool> = (0..compare.len())
            .into_par_iter()
            .map(|column| pairs_alone(table, column, coarse(column)) <= Similar::SELECTIVE * table.len() as u64)
            .collect();
        let alone = order.iter().filter(|column| selective[**column]).take(Similar::MOST_ALONE);
        let mut ways: Vec<Self> = alone.map(|column| Self::Key(vec![(*column, coarse(*column))])).collect();
        let others: Vec<usize> =
            order.iter().copied().filter(|column| !selective[*column]).take(Similar::MOST_TOGETHER).collect();
        for (at, one) in others.iter().enumerate() {
            for other in &others[at + 1..] {
                ways.push(Self::Key(vec![(*one, coarse(*one)), (*other, coarse(*other))]));
            }
        }
        if ways.is_empty() {
            ways.extend(others.first().map(|column| Self::Key(vec![(*column, coarse(*column))])));
        }
        let mut turned = order.clone();
        ways.push(Self::Sorted { columns: order, window: Similar::WINDOW, present: false });
        if turned.len() > 1 {
            turned.rotate_left(1);
            ways.push(Self::Sorted { columns: turned, window: Similar::WINDOW, present: false });
        }
        let fuzzy = |column: &usize| {
            !matches!(compare[*column].method, Likeness::Exact | Likeness::Date { .. } | Likeness::Number { .. })
        };
        let most =
            (0..compare.len()).filter(fuzzy).max_by_key(|column| (table.values(*column).len(), usize::MAX - column));
        ways.extend(most.map(Self::Qgram));
        ways
    }

    /// The compared columns, the heaviest first, of equally heavy ones that with more different values.
    pub(super) fn by_weight(compare: &[SimilarColumn], table: &Table) -> Vec<usize> {
        let mut order: Vec<usize> = (0..compare.len()).collect();
        order.sort_by_key(|column| {
            (std::cmp::Reverse(compare[*column].weight), std::cmp::Reverse(table.values(*column).len()), *column)
        });
        order
    }
}

/// Pairs of rows that have the same key of one column.
fn pairs_alone(table: &Table, column: usize, transform: Transform) -> u64 {
    let keys = keys_of(table.values(column), transform);
    let mut counts: HashMap<u64, u64> = HashMap::new();
    for row in 0..table.len() {
        let key = key_at(&keys, table, row, column);
        if key != NO_KEY {
            *counts.entry(key).or_default() += 1;
        }
    }
    counts.into_values().map(|count| count * (count - 1) / 2).sum()
}

fn key_at(keys: &[u64], table: &Table, row: usize, column: usize) -> u64 {
    let number = table.row(u32::try_from(row).unwrap_or(u32::MAX))[column];
    if number == MISSING { NO_KEY } else { keys[number as usize - 1] }
}

/// The key of each value.
fn keys_of(values: &Values, transform: Transform) -> Vec<u64> {
    (0..values.len())
        .into_par_iter()
        .map(|at| {
            let of_text = |code: &dyn Fn(&str) -> Option<String>| {
                let code = values.text(at).and_then(|text| code(&text));
                code.map_or(NO_KEY, |code| blocking::of_text(&code))
            };
            match transform {
                Transform::Soundex => of_text(&soundex),
                Transform::Phonetic => of_text(&phonetic),
                Transform::Prefix(count) => of_text(&|text| Some(text.chars().take(count as usize).collect())),
                Transform::Whole | Transform::Qgram | Transform::Sorted(_) => blocking::of_place(at as u64),
            }
        })
        .collect()
}

/// The key of each row, made of all parts; [`NO_KEY`] where one is missing.
pub(super) fn row_keys(table: &Table, parts: &[(usize, Transform)]) -> Vec<u64> {
    let keys: Vec<(usize, Vec<u64>)> =
        parts.iter().map(|(column, transform)| (*column, keys_of(table.values(*column), *transform))).collect();
    (0..table.len())
        .into_par_iter()
        .map(|row| {
            keys.iter().try_fold(blocking::FIRST, |all, (column, keys)| match key_at(keys, table, row, *column) {
                NO_KEY => None,
                key => Some(blocking::with(all, key)),
            })
        })
        .map(Option::unwrap_or_default)
        .collect()
}

/// The keys of each row by its rarest runs of characters: of those that another row has, too.
pub(super) fn row_grams(table: &Table, column: usize) -> Vec<[u64; GRAMS]> {
    let values = table.values(column);
    let mut rows = vec![0_u32; values.len() + 1];
    for row in 0..table.len() {
        rows[table.row(u32::try_from(row).unwrap_or(u32::MAX))[column] as usize] += 1;
    }
    let grams = |at: usize| {
        let text: Vec<char> = values.text(at).unwrap_or_default().chars().collect();
        let mut grams: Vec<u64> = if text.len() < Similar::RUN {
            vec![blocking::of_run(&text)]
        } else {
            text.windows(Similar::RUN).map(blocking::of_run).collect()
        };
        grams.sort_unstable();
        grams.dedup();
        grams
    };
    let count = |mut counts: HashMap<u64, u64>, at: usize| {
        for gram in grams(at) {
            *counts.entry(gram).or_default() += u64::from(rows[at + 1]);
        }
        counts
    };
    let add = |all: HashMap<u64, u64>, more: HashMap<u64, u64>| {
        more.into_iter().fold(all, |mut all, (gram, count)| {
            *all.entry(gram).or_default() += count;
            all
        })
    };
    let counts = (0..values.len()).into_par_iter().fold(HashMap::new, count).reduce(HashMap::new, add);
    let rarest: Vec<[u64; GRAMS]> = (0..values.len())
        .into_par_iter()
        .map(|at| {
            let known = |gram| (counts.get(&gram).copied().unwrap_or_default(), gram);
            let mut grams: Vec<(u64, u64)> = grams(at).into_iter().map(known).filter(|(count, _)| *count > 1).collect();
            grams.sort_unstable();
            let mut keys = [NO_KEY; GRAMS];
            keys.iter_mut().zip(grams).for_each(|(key, (_, gram))| *key = gram);
            keys
        })
        .collect();
    let of_row = |row: usize| match table.row(u32::try_from(row).unwrap_or(u32::MAX))[column] {
        MISSING => [NO_KEY; GRAMS],
        number => rarest[number as usize - 1],
    };
    (0..table.len()).into_par_iter().map(of_row).collect()
}
