//! The different values of each column, and the rows as numbers of theirs.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;

use rayon::prelude::*;

use crate::model::{Decimal, Likeness};
use crate::similarity::{
    Symbol, TokenScratch, Words, damerau, day_similarity, decimal_similarity, jaro_winkler, levenshtein,
    number_similarity, token_set, words_of,
};

use super::kept::{self, KeptColumn, Part};
use crate::engine::local::rows::sink::RowNumber;

/// Means a missing value among the numbers of values.
pub(super) const MISSING: u32 = 0;

/// A row's position among those that take part, in file order.
pub(super) type Row = u32;

/// All rows that take part.
#[derive(Debug)]
pub(super) struct Table {
    /// Where they are.
    pub rows: Vec<RowNumber>,
    /// Row by row the number of the value in each column, from 1; [`MISSING`] where there is none.
    cells: Vec<u32>,
    /// The values of each column. Columns that may be exchanged have the same.
    values: Vec<Values>,
    /// For each column which of `values` holds its own.
    of_column: Vec<usize>,
}

/// The different values of a column, in their order.
#[derive(Debug)]
pub(super) enum Values {
    Narrow(Texts<u8>),
    Wide(Texts<char>),
    /// Floats, and the difference at which the similarity is 0.
    Numbers(Vec<f64>, f64),
    /// Exact numbers, and that difference.
    Decimals(Vec<Decimal>, Decimal),
    Days(Vec<i32>),
}

/// Texts one after the other.
#[derive(Debug)]
pub(super) struct Texts<S> {
    /// What the signs of the texts mean, where they are not characters.
    alphabet: Vec<char>,
    signs: Vec<S>,
    /// Where each text ends.
    ends: Vec<usize>,
    /// The words of each text, where they are compared.
    words: Vec<(u32, u32)>,
    /// Where those of each text end.
    word_ends: Vec<usize>,
}

impl<S> Texts<S> {
    pub(super) fn get(&self, at: usize) -> &[S] {
        &self.signs[if at == 0 { 0 } else { self.ends[at - 1] }..self.ends[at]]
    }

    fn words(&self, at: usize) -> Words<'_, S> {
        let words = if self.word_ends.is_empty() {
            &[][..]
        } else {
            &self.words[if at == 0 { 0 } else { self.word_ends[at - 1] }..self.word_ends[at]]
        };
        Words { text: self.get(at), words }
    }
}

impl<S: Symbol> Texts<S> {
    fn similarity(&self, method: Likeness, a: usize, b: usize, scratch: &mut TokenScratch) -> f64 {
        match method {
            Likeness::JaroWinkler => jaro_winkler(self.get(a), self.get(b)),
            Likeness::Levenshtein => levenshtein(self.get(a), self.get(b)),
            Likeness::Damerau => damerau(self.get(a), self.get(b)),
            Likeness::TokenSet => token_set(&self.words(a), &self.words(b), scratch),
            Likeness::Exact | Likeness::Date { .. } | Likeness::Number { .. } => f64::from(u8::from(a == b)),
        }
    }
}

impl Values {
    /// How similar two values are.
    pub(super) fn similarity(&self, method: Likeness, a: usize, b: usize, scratch: &mut TokenScratch) -> f64 {
        match (self, method) {
            (Self::Narrow(texts), _) => texts.similarity(method, a, b, scratch),
            (Self::Wide(texts), _) => texts.similarity(method, a, b, scratch),
            (Self::Numbers(numbers, within), Likeness::Number { .. }) => {
                number_similarity(numbers[a], numbers[b], *within)
            }
            (Self::Decimals(numbers, within), Likeness::Number { .. }) => {
                decimal_similarity(numbers[a], numbers[b], *within)
            }
            (Self::Days(days), Likeness::Date { within }) => day_similarity(days[a], days[b], within),
            (Self::Numbers(..) | Self::Decimals(..) | Self::Days(_), _) => f64::from(u8::from(a == b)),
        }
    }

    /// How many.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Narrow(texts) => texts.ends.len(),
            Self::Wide(texts) => texts.ends.len(),
            Self::Numbers(numbers, _) => numbers.len(),
            Self::Decimals(numbers, _) => numbers.len(),
            Self::Days(days) => days.len(),
        }
    }

    /// A text, spelled out; `None` where values are no texts.
    pub(super) fn text(&self, at: usize) -> Option<String> {
        match self {
            Self::Narrow(texts) => Some(texts.get(at).iter().map(|sign| texts.alphabet[usize::from(*sign)]).collect()),
            Self::Wide(texts) => Some(texts.get(at).iter().collect()),
            Self::Numbers(..) | Self::Decimals(..) | Self::Days(_) => None,
        }
    }
}

impl Table {
    /// About how many bytes so many rows take, beside their values.
    pub(super) const fn bytes(rows: usize, columns: usize) -> usize {
        rows * columns * size_of::<u32>()
    }

    /// The rows of all parts, which come in file order. Columns of `swap` share their values.
    pub(super) fn build(mut parts: Vec<Part>, kept: &[KeptColumn], swap: Option<(usize, usize)>) -> Self {
        let rows: Vec<RowNumber> = parts.iter().flat_map(|part| part.rows.iter().copied()).collect();
        let mut columns: Vec<Vec<kept::Values>> = kept.iter().map(|_| Vec::with_capacity(parts.len())).collect();
        for part in parts.drain(..) {
            for (column, values) in columns.iter_mut().zip(part.columns) {
                column.push(values);
            }
        }
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for at in 0..kept.len() {
            match swap {
                Some((one, other)) if at == one.max(other) => {
                    if let Some(group) = groups.iter_mut().find(|group| group[0] == one.min(other)) {
                        group.push(at);
                    }
                }
                _ => groups.push(vec![at]),
            }
        }
        let of_column =
            (0..kept.len()).map(|at| groups.iter().position(|group| group.contains(&at)).unwrap_or_default());
        let of_column = of_column.collect();
        let mut taken: Vec<(Likeness, Vec<Vec<kept::Values>>)> = Vec::new();
        for group in &groups {
            let parts = group.iter().map(|at| std::mem::take(&mut columns[*at])).collect();
            taken.push((kept[group[0]].method, parts));
        }
        let built: Vec<(Values, Vec<Vec<u32>>)> =
            taken.into_par_iter().map(|(method, columns)| number(&columns, method, rows.len())).collect();
        let mut cells = vec![MISSING; rows.len() * kept.len()];
        let mut values = Vec::with_capacity(built.len());
        for (group, (different, columns)) in groups.iter().zip(built) {
            for (at, numbers) in group.iter().zip(columns) {
                cells.chunks_exact_mut(kept.len().max(1)).zip(numbers).for_each(|(row, number)| row[*at] = number);
            }
            values.push(different);
        }
        Self { rows, cells, values, of_column }
    }

    /// How many rows.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The numbers of the values of a row.
    #[inline]
    pub(super) fn row(&self, row: Row) -> &[u32] {
        let width = self.of_column.len();
        &self.cells[row as usize * width..][..width]
    }

    /// The values of a column.
    pub(super) fn values(&self, column: usize) -> &Values {
        &self.values[self.of_column[column]]
    }
}

/// The different values of columns, in order, and column by column their number in each row.
fn number(columns: &[Vec<kept::Values>], method: Likeness, rows: usize) -> (Values, Vec<Vec<u32>>) {
    match method {
        Likeness::Number { within }
            if !columns.iter().flatten().any(|part| matches!(part, kept::Values::Numbers(_))) =>
        {
            let cells = columns.iter().map(|parts| {
                parts.iter().flat_map(|part| match part {
                    kept::Values::Decimals(numbers) => numbers.as_slice(),
                    _ => &[],
                })
            });
            let (different, numbers) = number_keys(cells.map(Iterator::copied), rows);
            (Values::Decimals(different, within), numbers)
        }
        Likeness::Number { within } => {
            // The bits of a float, turned so that they are in the order of the floats.
            let to = |number: f64| {
                let bits = number.to_bits();
                if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
            };
            let from = |key: u64| f64::from_bits(if key >> 63 == 1 { key & !(1 << 63) } else { !key });
            let floats_of = |part: &kept::Values| match part {
                kept::Values::Numbers(numbers) => numbers.clone(),
                // Exchanged with floats.
                kept::Values::Decimals(numbers) => {
                    numbers.iter().map(|number| number.map_or(f64::NAN, Decimal::to_float)).collect()
                }
                _ => Vec::new(),
            };
            let cells = columns.iter().map(|parts| parts.iter().flat_map(floats_of));
            let cells = cells.map(|numbers| numbers.map(|number| (!number.is_nan()).then(|| to(number))));
            let (different, numbers) = number_keys(cells, rows);
            (Values::Numbers(different.into_iter().map(from).collect(), within.to_float()), numbers)
        }
        Likeness::Date { .. } => {
            let cells = columns.iter().map(|parts| {
                parts.iter().flat_map(|part| match part {
                    kept::Values::Days(days) => days.as_slice(),
                    _ => &[],
                })
            });
            let (different, numbers) = number_keys(cells.map(Iterator::copied), rows);
            (Values::Days(different), numbers)
        }
        _ => {
            let cells = columns.iter().map(|parts| parts.iter().flat_map(texts_of));
            let (different, numbers) = number_keys(cells, rows);
            (alphabetised(&different, method), numbers)
        }
    }
}

/// The texts of a part, row by row.
fn texts_of(part: &kept::Values) -> impl Iterator<Item = Option<&str>> {
    let (texts, ends) = match part {
        kept::Values::Texts(texts, ends) => (texts.as_str(), ends.as_slice()),
        _ => ("", &[][..]),
    };
    let starts = std::iter::once(&0).chain(ends);
    starts.zip(ends).map(|(start, end)| texts.get(*start as usize..*end as usize).filter(|text| !text.is_empty()))
}

/// Numbers keys in their order, from 1.
fn number_keys<K: Copy + Ord + Send + Sync + Hash>(
    columns: impl Iterator<Item = impl Iterator<Item = Option<K>>>,
    rows: usize,
) -> (Vec<K>, Vec<Vec<u32>>) {
    // By first appearance at first.
    let mut known: HashMap<K, u32> = HashMap::new();
    let mut different: Vec<K> = Vec::new();
    let mut numbers: Vec<Vec<u32>> = Vec::new();
    for cells in columns {
        let mut column = Vec::with_capacity(rows);
        column.extend(cells.map(|cell| {
            cell.map_or(MISSING, |key| {
                *known.entry(key).or_insert_with(|| {
                    different.push(key);
                    // There are no more rows than a number holds; two exchangeable columns have twice as many values.
                    u32::try_from(different.len()).unwrap_or(u32::MAX)
                })
            })
        }));
        numbers.push(column);
    }
    drop(known);
    let mut order: Vec<u32> = (0..u32::try_from(different.len()).unwrap_or(u32::MAX)).collect();
    order.par_sort_unstable_by_key(|at| different[*at as usize]);
    let mut places = vec![MISSING; different.len() + 1];
    for (place, at) in (1..).zip(&order) {
        places[*at as usize + 1] = place;
    }
    for number in numbers.iter_mut().flatten() {
        *number = places[*number as usize];
    }
    (order.iter().map(|at| different[*at as usize]).collect(), numbers)
}

/// Texts in an alphabet of one byte a character where that is enough.
fn alphabetised(texts: &[&str], method: Likeness) -> Values {
    let mut ascii = [false; 128];
    let mut others = BTreeSet::new();
    for c in texts.iter().flat_map(|text| text.chars()) {
        match ascii.get_mut(c as usize) {
            Some(known) => *known = true,
            None => drop(others.insert(c)),
        }
    }
    let alphabet: Vec<char> =
        (0..128_u8).filter(|byte| ascii[usize::from(*byte)]).map(char::from).chain(others).collect();
    if alphabet.len() > usize::from(u8::MAX) {
        let all = texts.iter().map(|text| text.chars());
        return Values::Wide(texts_in(all, Some(' '), method, Vec::new()));
    }
    let place = |c: char| alphabet.binary_search(&c).ok().and_then(|at| u8::try_from(at).ok());
    // Signs are never without a place, since the alphabet was made of them.
    let all = texts.iter().map(|text| text.chars().filter_map(place));
    let space = place(' ');
    let texts = texts_in(all, space, method, alphabet.clone());
    Values::Narrow(texts)
}

fn texts_in<S: Symbol>(
    texts: impl Iterator<Item = impl Iterator<Item = S>>,
    space: Option<S>,
    method: Likeness,
    alphabet: Vec<char>,
) -> Texts<S> {
    let mut built = Texts { alphabet, signs: Vec::new(), ends: Vec::new(), words: Vec::new(), word_ends: Vec::new() };
    let mut words = Vec::new();
    for text in texts {
        let start = built.signs.len();
        built.signs.extend(text);
        built.ends.push(built.signs.len());
        if method == Likeness::TokenSet {
            let text = &built.signs[start..];
            match space {
                Some(space) => words_of(text, space, &mut words),
                None => words = vec![(0, u32::try_from(text.len()).unwrap_or_default())],
            }
            built.words.extend(&words);
            built.word_ends.push(built.words.len());
        }
    }
    built.signs.shrink_to_fit();
    built
}
