//! Which pairs of rows are compared: the ways to look for candidates, their blocks, and how many pairs are allowed.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::model::{BlockKey, Decimal, Likeness, Similar, SimilarColumn, Transform};
use crate::similarity::{blocking, phonetic, soundex};

/// A value that is compared, in an order of its own.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Held {
    Text(String),
    Day(i32),
    Number(f64),
    Exact(Decimal),
}

impl Eq for Held {}

impl Held {
    /// A number for each kind.
    const fn kind(&self) -> u8 {
        match self {
            Self::Text(_) => 0,
            Self::Day(_) => 1,
            Self::Number(_) => 2,
            Self::Exact(_) => 3,
        }
    }
}

impl PartialOrd for Held {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Held {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        match (self, other) {
            (Self::Text(one), Self::Text(other)) => one.cmp(other),
            (Self::Day(one), Self::Day(other)) => one.cmp(other),
            (Self::Number(one), Self::Number(other)) => one.total_cmp(other),
            (Self::Exact(one), Self::Exact(other)) => one.cmp(other),
            // A column holds values of one kind.
            (one, other) => one.kind().cmp(&other.kind()),
        }
    }
}

/// The rows that take part.
pub(super) struct Rows {
    /// Row by row the value of each kept column.
    pub cells: Vec<Vec<Option<Held>>>,
    /// Of each column the different values in their order; columns that may be exchanged have the same.
    values: Vec<Vec<Held>>,
    /// Row by row the place of each value among those, from 1; 0 where it is missing.
    places: Vec<Vec<usize>>,
}

impl Rows {
    pub(super) fn new(cells: Vec<Vec<Option<Held>>>, columns: usize, swap: Option<(usize, usize)>) -> Self {
        let of = |column: usize| match swap {
            Some((one, other)) if column == one || column == other => vec![one, other],
            _ => vec![column],
        };
        let different = |column: usize| {
            let cells = cells.iter().flat_map(|row| of(column).into_iter().filter_map(|at| row[at].clone()));
            cells.collect::<BTreeSet<Held>>().into_iter().collect()
        };
        let values: Vec<Vec<Held>> = (0..columns).map(different).collect();
        let place = |(value, known): (&Option<Held>, &Vec<Held>)| {
            value.as_ref().and_then(|value| known.binary_search(value).ok()).map_or(0, |place| place + 1)
        };
        let places = cells.iter().map(|row| row.iter().zip(&values).map(place).collect()).collect();
        Self { cells, values, places }
    }

    pub(super) fn len(&self) -> usize {
        self.cells.len()
    }

    /// The number under which values of a column meet that a transform makes one.
    fn key(&self, row: usize, column: usize, transform: Transform) -> Option<u64> {
        let of_text = |code: &dyn Fn(&str) -> Option<String>| match self.cells[row][column].as_ref()? {
            Held::Text(text) => code(text).map(|code| blocking::of_text(&code)),
            Held::Day(_) | Held::Number(_) | Held::Exact(_) => None,
        };
        match transform {
            Transform::Soundex => of_text(&soundex),
            Transform::Phonetic => of_text(&phonetic),
            Transform::Prefix(count) => of_text(&|text| Some(text.chars().take(count as usize).collect())),
            Transform::Whole | Transform::Qgram | Transform::Sorted(_) => {
                self.places[row][column].checked_sub(1).map(|place| blocking::of_place(place as u64))
            }
        }
    }

    /// The key of several parts; `None` where one is missing.
    fn keys(&self, row: usize, parts: &[(usize, Transform)]) -> Option<u64> {
        let keys = parts.iter().map(|(column, transform)| self.key(row, *column, *transform));
        keys.collect::<Option<Vec<u64>>>().map(|keys| keys.into_iter().fold(blocking::FIRST, blocking::with))
    }

    /// The rows in the order of the first three of some columns, then of `ranks`, then of the file.
    fn in_order(&self, rows: impl Iterator<Item = usize>, columns: &[usize], ranks: &[usize]) -> Vec<usize> {
        let mut rows: Vec<usize> = rows.collect();
        rows.sort_by_key(|row| {
            let place = |at: usize| columns.get(at).map_or(0, |column| self.places[*row][*column]);
            ([place(0), place(1), place(2)], ranks.get(*row).copied().unwrap_or_default(), *row)
        });
        rows
    }
}

/// One way to look for candidates.
pub(super) enum Way {
    /// Rows with the same key.
    Key(Vec<(usize, Transform)>),
    /// Rows that share one of their rarest runs of characters in a column.
    Qgram(usize),
    /// Rows near each other in the order of columns. With `present`, rows without a value of the first column take no part.
    Sorted { columns: Vec<usize>, window: u64, present: bool },
    /// Every row with every other.
    All,
}

/// Rows among which each is a candidate with those after it that are no further away than the window.
pub(super) struct Block {
    rows: Vec<usize>,
    pub wanted: u64,
    window: u64,
    /// How many of its rows are compared with those after them.
    until: usize,
}

const ANY: u64 = u32::MAX as u64;

impl Block {
    pub(super) fn pairs(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let reach = usize::try_from(self.window).unwrap_or(usize::MAX);
        self.rows.iter().enumerate().take(self.until).flat_map(move |(at, one)| {
            let near = self.rows.iter().skip(at + 1).take(reach);
            near.map(move |other| (*one.min(other), *one.max(other)))
        })
    }

    /// How many pairs are no further apart than a window.
    pub(super) fn within(&self, window: u64) -> u64 {
        let rows = self.rows.len() as u64;
        (1..rows).map(|after| after.min(window)).sum()
    }

    pub(super) fn compared(&self) -> u64 {
        if self.until < self.rows.len() { self.until as u64 } else { self.within(self.window) }
    }
}

/// The ways that a rule asks for.
pub(super) fn asked(keys: &[BlockKey], place: impl Fn(&str) -> usize) -> Vec<Way> {
    let way = |key: &BlockKey| match key.parts.as_slice() {
        [] => Way::All,
        [only] if only.transform == Transform::Qgram => Way::Qgram(place(&only.column)),
        [only] => match only.transform {
            Transform::Sorted(window) => {
                Way::Sorted { columns: vec![place(&only.column)], window: window.into(), present: true }
            }
            transform => Way::Key(vec![(place(&only.column), transform)]),
        },
        parts => Way::Key(parts.iter().map(|part| (place(&part.column), part.transform)).collect()),
    };
    keys.iter().map(way).collect()
}

/// The compared columns, the heaviest first, of equally heavy ones that with more different values.
fn by_weight(compare: &[SimilarColumn], rows: &Rows) -> Vec<usize> {
    let mut order: Vec<usize> = (0..compare.len()).collect();
    order.sort_by_key(|column| (Reverse(compare[*column].weight), Reverse(rows.values[*column].len()), *column));
    order
}

/// The ways that the compared columns suggest, see [`Similar`].
pub(super) fn suggested(compare: &[SimilarColumn], rows: &Rows) -> Vec<Way> {
    let part = |column: usize| match compare[column].method {
        Likeness::JaroWinkler | Likeness::TokenSet => (column, Transform::Phonetic),
        _ => (column, Transform::Whole),
    };
    let order = by_weight(compare, rows);
    let is_selective = |column: &&usize| {
        let mut sizes: BTreeMap<u64, u64> = BTreeMap::new();
        let keys = (0..rows.len()).filter_map(|row| rows.key(row, **column, part(**column).1));
        keys.for_each(|key| *sizes.entry(key).or_default() += 1);
        let pairs: u64 = sizes.into_values().map(|size| size * (size - 1) / 2).sum();
        pairs <= Similar::SELECTIVE * rows.len() as u64
    };
    let (selective, others): (Vec<&usize>, Vec<&usize>) = order.iter().partition(is_selective);
    let alone = selective.into_iter().take(Similar::MOST_ALONE);
    let mut ways: Vec<Way> = alone.map(|column| Way::Key(vec![part(*column)])).collect();
    let others: Vec<usize> = others.into_iter().copied().take(Similar::MOST_TOGETHER).collect();
    for (at, one) in others.iter().enumerate() {
        ways.extend(others[at + 1..].iter().map(|other| Way::Key(vec![part(*one), part(*other)])));
    }
    if ways.is_empty() {
        ways.extend(others.first().map(|column| Way::Key(vec![part(*column)])));
    }
    let sorted = |columns| Way::Sorted { columns, window: Similar::WINDOW.into(), present: false };
    let mut turned = order.clone();
    ways.push(sorted(order));
    if turned.len() > 1 {
        turned.rotate_left(1);
        ways.push(sorted(turned));
    }
    let is_fuzzy = |column: &usize| {
        !matches!(compare[*column].method, Likeness::Exact | Likeness::Date { .. } | Likeness::Number { .. })
    };
    let most = (0..compare.len()).filter(is_fuzzy).max_by_key(|column| (rows.values[*column].len(), Reverse(*column)));
    ways.extend(most.map(Way::Qgram));
    ways
}

/// The blocks of all ways, way by way in the order of their keys.
pub(super) fn blocks(ways: &[Way], compare: &[SimilarColumn], rows: &Rows) -> Vec<Block> {
    let mut ranks = vec![0; rows.len()];
    for (rank, row) in rows.in_order(0..rows.len(), &by_weight(compare, rows), &[]).into_iter().enumerate() {
        ranks[row] = rank;
    }
    let mut all = Vec::new();
    for way in ways {
        let mut keyed: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
        let mut wanted = ANY;
        match way {
            Way::All => drop(keyed.insert(0, (0..rows.len()).collect())),
            Way::Sorted { columns, window, present } => {
                let takes_part =
                    |row: &usize| !present || columns.first().is_some_and(|first| rows.places[*row][*first] > 0);
                wanted = *window;
                keyed.insert(0, rows.in_order((0..rows.len()).filter(takes_part), columns, &ranks));
            }
            Way::Key(parts) => (0..rows.len())
                .filter_map(|row| Some((rows.keys(row, parts)?, row)))
                .for_each(|(key, row)| keyed.entry(key).or_default().push(row)),
            Way::Qgram(column) => {
                for (row, runs) in rarest_runs(rows, *column).into_iter().enumerate() {
                    for run in runs {
                        keyed.entry(run).or_default().push(row);
                    }
                }
            }
        }
        for (_, mut members) in keyed.into_iter().filter(|(_, members)| members.len() > 1) {
            if matches!(way, Way::Key(_) | Way::Qgram(_)) {
                members.sort_by_key(|row| (ranks[*row], *row));
            }
            all.push(Block { until: members.len(), rows: members, wanted, window: wanted });
        }
    }
    all
}

/// The rarest runs of characters of each row, of those that another row has, too.
fn rarest_runs(rows: &Rows, column: usize) -> Vec<BTreeSet<u64>> {
    let runs = |row: &Vec<Option<Held>>| -> BTreeSet<u64> {
        let chars: Vec<char> = match &row[column] {
            None => return BTreeSet::new(),
            Some(Held::Text(text)) => text.chars().collect(),
            // What is no text has no characters.
            Some(Held::Day(_) | Held::Number(_) | Held::Exact(_)) => Vec::new(),
        };
        if chars.len() < Similar::RUN {
            return [blocking::of_run(&chars)].into();
        }
        chars.windows(Similar::RUN).map(blocking::of_run).collect()
    };
    let of_rows: Vec<BTreeSet<u64>> = rows.cells.iter().map(runs).collect();
    let mut counts: BTreeMap<u64, u64> = BTreeMap::new();
    of_rows.iter().flatten().for_each(|run| *counts.entry(*run).or_default() += 1);
    let rarest = |runs: BTreeSet<u64>| {
        let mut runs: Vec<(u64, u64)> = runs.into_iter().map(|run| (counts[&run], run)).collect();
        runs.retain(|(count, _)| *count > 1);
        runs.sort_unstable();
        runs.into_iter().take(Similar::RUNS).map(|(_, run)| run).collect()
    };
    of_rows.into_iter().map(rarest).collect()
}

/// Narrows the windows to the largest with which all blocks have no more pairs than that. Where not even neighbours
/// fit, only the first are compared.
pub(super) fn limit(blocks: &mut [Block], most: u64) {
    let pairs = |window: u64| -> u64 {
        blocks.iter().fold(0, |sum: u64, block| sum.saturating_add(block.within(window.min(block.wanted))))
    };
    let (mut low, mut high) = (1, ANY);
    if pairs(ANY) <= most {
        low = ANY;
    }
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if pairs(middle) <= most { low = middle } else { high = middle }
    }
    let fits = pairs(low) <= most;
    let mut left = usize::try_from(most).unwrap_or(usize::MAX);
    for block in blocks.iter_mut() {
        block.window = low.min(block.wanted);
        if !fits {
            let neighbours = block.rows.len() - 1;
            if left < neighbours {
                block.until = left;
            }
            left = left.saturating_sub(neighbours);
        }
    }
}
