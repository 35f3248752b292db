//! Similar rows: every candidate pair is compared, and clusters are joined one pair at a time.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{
    DataType, Decimal, Likeness, Reading, Similar, SimilarPair, SimilarTally, Unmeasured, Value, WHOLE_SCORE,
};
use crate::scalar::fold;
use crate::similarity::{
    TokenScratch, Words, damerau, day_similarity, decimal_similarity, jaro_winkler, levenshtein, number_similarity,
    token_set, words_of,
};

use super::candidates::{Block, Held, Rows, asked, blocks, limit, suggested};
use super::rows::{Column, Read, Row, Unreadable, read};
use super::scope::{Measured, Outcome, Scoped, count, fail};

/// A column whose values are kept.
struct ComparedColumn<'t> {
    column: &'t Column,
    method: Likeness,
    /// Whether its numbers are floats, or may be exchanged with floats.
    as_floats: bool,
}

impl ComparedColumn<'_> {
    /// The type in which values compare.
    fn kind(&self) -> DataType {
        match (self.method, self.column.data_type) {
            (Likeness::Date { .. }, _) => DataType::Date,
            (_, data_type) => data_type,
        }
    }

    fn number(&self, number: Decimal) -> Held {
        if self.as_floats { Held::Number(number.to_float()) } else { Held::Exact(number) }
    }

    /// The value of a row, and whether only the beginning of it is compared.
    fn held(&self, row: &Row) -> Read<(Held, bool)> {
        let kind = self.kind();
        let value = if kind.is_textual() {
            self.column.shown(row).map(|text| Value::Text(text.into_owned()))
        } else {
            read(self.column.cell_as(row, kind, None))?
        };
        let folded = |text: &str| {
            let folded = fold(text);
            let kept: String = folded.chars().take(Similar::MOST_CHARS).collect();
            let is_cut = kept.len() < folded.len();
            (!kept.is_empty()).then_some((Held::Text(kept), is_cut))
        };
        Ok(match (self.method, value) {
            (_, None) => None,
            (Likeness::Number { .. }, Some(Value::Float(number))) => Some((Held::Number(number + 0.0), false)),
            (Likeness::Number { .. }, Some(Value::Integer(number))) => Some((self.number(number.into()), false)),
            (Likeness::Number { .. }, Some(Value::Decimal(number))) => Some((self.number(number), false)),
            (Likeness::Date { .. }, Some(Value::Date(day))) => Some((Held::Day(day), false)),
            _ => folded(&self.column.written(row, self.column.data_type)?.unwrap_or_default()),
        })
    }
}

/// Pairs of similar rows, and the clusters that they form.
pub(super) fn measure(spec: &Similar, rows: &Scoped<'_>) -> Result<Measured, Unmeasured> {
    let (mut kept, mut names) = (Vec::new(), Vec::new());
    for compared in &spec.compare {
        let column = rows.table.column(&compared.column)?;
        kept.push(ComparedColumn { column, method: compared.method, as_floats: column.data_type.is_float() });
        names.push(compared.column.as_str());
    }
    for part in spec.block_on.iter().flat_map(|key| &key.parts) {
        if !names.contains(&part.column.as_str()) {
            let column = rows.table.column(&part.column)?;
            kept.push(ComparedColumn { column, method: Likeness::Exact, as_floats: false });
            names.push(&part.column);
        }
    }
    if let Some((one, other)) = spec.swap {
        let as_floats = kept[one].as_floats || kept[other].as_floats;
        (kept[one].as_floats, kept[other].as_floats) = (as_floats, as_floats);
    }
    let mut cut = 0;
    let (mut outcomes, gathered) = rows.gather(|row| {
        let held: Vec<Option<(Held, bool)>> =
            kept.iter().map(|kept| kept.held(row)).collect::<Result<_, Unreadable>>()?;
        if kept.iter().take(spec.compare.len()).all(|kept| kept.column.is_missing(row)) {
            return Ok(None);
        }
        cut += held.iter().flatten().filter(|(_, is_cut)| *is_cut).count() as u64;
        Ok(Some(held.into_iter().map(|held| held.map(|(held, _)| held)).collect::<Vec<_>>()))
    });
    let (positions, cells): (Vec<usize>, Vec<_>) = gathered.into_iter().unzip();
    let all = Rows::new(cells, kept.len(), spec.swap);
    let place = |name: &str| names.iter().position(|known| *known == name).unwrap_or_default();
    let ways = if spec.block_on.is_empty() { suggested(&spec.compare, &all) } else { asked(&spec.block_on, place) };
    let most = spec.max_pairs.unwrap_or_else(|| (all.len() as u64 * Similar::PAIRS_A_ROW).max(Similar::LEAST_PAIRS));
    let mut blocks = blocks(&ways, &spec.compare, &all);
    limit(&mut blocks, most);
    let candidates: BTreeSet<(usize, usize)> =
        blocks.iter().flat_map(Block::pairs).filter(|(one, other)| one != other).collect();
    let similar = candidates.iter().filter_map(|(one, other)| Some((*one, *other, score(spec, &all, *one, *other)?)));
    let similar: Vec<(usize, usize, u32)> = similar.collect();
    // For each row an earlier one of its cluster, or itself.
    let mut before: Vec<usize> = (0..all.len()).collect();
    let first = |before: &[usize], mut row: usize| {
        while before[row] != row {
            row = before[row];
        }
        row
    };
    for (one, other, _) in &similar {
        let (one, other) = (first(&before, *one), first(&before, *other));
        before[one.max(other)] = one.min(other);
    }
    let clusters: Vec<usize> = (0..all.len()).map(|row| first(&before, row)).collect();
    let mut sizes: BTreeMap<usize, u64> = BTreeMap::new();
    for cluster in &clusters {
        *sizes.entry(*cluster).or_default() += 1;
    }
    sizes.retain(|_, size| *size > 1);
    fail(
        &mut outcomes,
        positions.iter().zip(&clusters).filter(|(_, cluster)| sizes.contains_key(cluster)).map(|(at, _)| at),
    );
    let refer = |row: usize| rows.table.rows[positions[row]].place.clone();
    let listed = similar.iter().take(spec.list as usize);
    let left_out = blocks.iter().map(|block| block.within(block.wanted) - block.compared());
    let reading = Reading::Similar(SimilarTally {
        passed: count(&outcomes, Outcome::Passed),
        clustered: sizes.values().sum(),
        not_applicable: count(&outcomes, Outcome::NotApplicable),
        unreadable: count(&outcomes, Outcome::Unreadable),
        candidates: candidates.len() as u64,
        pairs: similar.len() as u64,
        clusters: sizes.len() as u64,
        largest: sizes.values().copied().max().unwrap_or_default(),
        keys: ways.len() as u64,
        most,
        capped: left_out.clone().filter(|pairs| *pairs > 0).count() as u64,
        skipped: left_out.sum(),
        cut,
        listed: listed
            .map(|(one, other, score)| SimilarPair { first: refer(*one), second: refer(*other), score: *score })
            .collect(),
        refused: None,
        failing_rows: Vec::new(),
    });
    Ok(Measured { reading, outcomes })
}

/// The score of two rows in millionths, where it is enough.
fn score(spec: &Similar, rows: &Rows, one: usize, other: usize) -> Option<u32> {
    let straight = score_of(spec, rows, one, other, &|column| column);
    let Some((first, second)) = spec.swap else { return straight };
    let partner = |column: usize| match column {
        _ if column == first => second,
        _ if column == second => first,
        _ => column,
    };
    straight.max(score_of(spec, rows, one, other, &partner))
}

/// The same, where each column of the one row is compared with its partner in the other.
fn score_of(spec: &Similar, rows: &Rows, one: usize, other: usize, partner: &dyn Fn(usize) -> usize) -> Option<u32> {
    let whole = u64::from(WHOLE_SCORE);
    let all: u64 = spec.compare.iter().map(|compared| u64::from(compared.weight)).sum();
    let (mut weights, mut sum) = (0, 0);
    for (column, compared) in spec.compare.iter().enumerate() {
        let (Some(a), Some(b)) = (&rows.cells[one][column], &rows.cells[other][partner(column)]) else { continue };
        let weight = u64::from(compared.weight);
        weights += weight;
        sum += weight * if a == b { whole } else { millionths(similarity(compared.method, a, b)) };
    }
    let is_enough = weights > 0 && weights * whole >= u64::from(spec.overlap) * all;
    (is_enough && sum >= u64::from(spec.score) * weights).then(|| u32::try_from(sum / weights).ok()).flatten()
}

/// A similarity in millionths.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "similarities lie between 0 and 1")]
fn millionths(similarity: f64) -> u64 {
    ((similarity * f64::from(WHOLE_SCORE)).round() as u64).min(WHOLE_SCORE.into())
}

/// The similarity of two different values, from 0 to 1.
fn similarity(method: Likeness, one: &Held, other: &Held) -> f64 {
    let (one, other) = match (method, one, other) {
        (Likeness::Date { within }, Held::Day(one), Held::Day(other)) => return day_similarity(*one, *other, within),
        (Likeness::Number { within }, Held::Number(one), Held::Number(other)) => {
            return number_similarity(*one, *other, within.to_float());
        }
        (Likeness::Number { within }, Held::Exact(one), Held::Exact(other)) => {
            return decimal_similarity(*one, *other, within);
        }
        (_, Held::Text(one), Held::Text(other)) => (one, other),
        _ => return 0.0,
    };
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    match method {
        Likeness::JaroWinkler => jaro_winkler(&one, &other),
        Likeness::Levenshtein => levenshtein(&one, &other),
        Likeness::Damerau => damerau(&one, &other),
        Likeness::TokenSet => {
            let (mut ones, mut others) = (Vec::new(), Vec::new());
            words_of(&one, ' ', &mut ones);
            words_of(&other, ' ', &mut others);
            let (one, other) = (Words { text: &one, words: &ones }, Words { text: &other, words: &others });
            token_set(&one, &other, &mut TokenScratch::default())
        }
        Likeness::Exact | Likeness::Date { .. } | Likeness::Number { .. } => 0.0,
    }
}
