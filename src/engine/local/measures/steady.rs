//! The distribution of the values of a column: numbers and dates by quantiles, texts and booleans by value.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::model::{
    CategoryShape, DAY_MICROS, DataType, Decimal, DistributionTally, FIRST_DATE, LEAST_ROWS, MOST_CATEGORIES,
    MOST_DIFFERENT, NumberShape, Parts, Reading, Steady, Value,
};
use crate::scalar::canonical;
use crate::source::{Bits, Place};

use crate::engine::local::accumulator::{Accumulator, BatchInput, Classified, End};
use crate::engine::local::batch::cells::Cells;
use crate::engine::local::batch::column_rules::{ColumnRules, place_of};
use crate::engine::local::batch::images::{images, split};
use crate::engine::local::batch::typed::TypedCells;
use crate::engine::local::cost_model::nanoseconds as ns;
use crate::engine::local::cost_model::{CostModel, RowCost};
use crate::engine::local::memory::KeyMemory;
use crate::engine::local::numbers::image::{
    Image, MOST_IMAGE_WORDS, exact_of, float_of, image_of_float, value_of, with_images, write_image,
};
use crate::engine::local::numbers::moments::{CentralMoments, Centred};
use crate::engine::local::numbers::selection::those;
use crate::engine::local::prepare_error::PrepareError;
use crate::engine::local::rows::sink::Sink;
use crate::engine::local::spill::order_statistics::Cuts;
use crate::engine::local::spill::values::{AllValues, Values};

/// Prepares a distribution.
///
/// # Errors
/// A column that the section does not read.
pub(crate) fn prepare(
    wanted: &Steady,
    rules: &[ColumnRules],
    memory: &Arc<KeyMemory>,
) -> Result<Box<dyn Accumulator>, PrepareError> {
    let column = place_of(rules, &wanted.column)?;
    let data_type = rules[column].data_type;
    let seen = Seen::default();
    if data_type.is_textual() || data_type == DataType::Boolean {
        return Ok(Box::new(Categories {
            column,
            wanted: wanted.clone(),
            seen,
            found: Mutex::new(Some(HashMap::new())),
        }));
    }
    Ok(with_images!(data_type, I => Box::new(Numbers::<I>::new(column, data_type, wanted, memory))))
}

/// Rows without a value of the type of the column.
#[derive(Debug, Default)]
struct Seen {
    missing: AtomicU64,
    unreadable: AtomicU64,
}

impl Seen {
    /// Counts the rows of a batch, and returns those in scope that have a value.
    fn enter(&self, input: &BatchInput<'_, '_>, valid: Bits, unreadable: Bits) -> Bits {
        let all = input.scope.map_or(input.batch.rows as u64, Bits::count);
        let classified = Classified::in_scope(valid, unreadable, input.scope);
        let (values, unreadable) = (classified.pending.count(), classified.unreadable.count());
        self.missing.fetch_add(all - values - unreadable, Ordering::Relaxed);
        self.unreadable.fetch_add(unreadable, Ordering::Relaxed);
        classified.pending
    }

    fn tally(self, end: &End<'_>) -> DistributionTally {
        DistributionTally {
            missing: self.missing.into_inner(),
            unreadable: self.unreadable.into_inner() + end.entered.unreadable,
            ..DistributionTally::default()
        }
    }
}

/// No row of a batch is judged by a distribution.
fn unjudged(rows: usize) -> Classified {
    Classified { pending: Bits::none(rows), unreadable: Bits::none(rows) }
}

#[derive(Debug)]
struct Numbers<I> {
    column: usize,
    data_type: DataType,
    /// The images of the edges of an earlier distribution.
    edges: Option<Vec<I>>,
    seen: Seen,
    values: Values,
    /// Of each batch, so that they are joined in the order of rows.
    moments: Mutex<BTreeMap<Place, CentralMoments>>,
}

impl<I: Image> Numbers<I> {
    fn new(column: usize, data_type: DataType, wanted: &Steady, memory: &Arc<KeyMemory>) -> Self {
        let image = |edge: &Value| {
            let mut words = Vec::new();
            write_image(edge, data_type, &mut words).then(|| I::read(&words))
        };
        let edges = match &wanted.against {
            Parts::Edges(edges) => Some(edges.iter().filter_map(image).collect()),
            _ => None,
        };
        let values = Values::new(memory, I::WORDS, I::WORDS);
        Self { column, data_type, edges, seen: Seen::default(), values, moments: Mutex::default() }
    }

    fn moments(&self, cells: &Cells<'_>, rows: &Bits) -> CentralMoments {
        CentralMoments::of(&match cells.to_microsecond(self.column) {
            TypedCells::Integer(reads) | TypedCells::Datetime(reads) => Centred::of_whole(&those(&reads.values, rows)),
            TypedCells::Decimal(reads) => Centred::of_decimals(&those(&reads.values, rows)),
            TypedCells::Float(reads) => return CentralMoments::of(&Centred::of_floats(&those(&reads.values, rows))),
            TypedCells::Date(reads) => {
                Centred::of_whole(&those(&reads.values, rows).iter().map(|day| (*day).into()).collect::<Vec<i64>>())
            }
            TypedCells::Nanoseconds(_) | TypedCells::Boolean(_) => Centred::of_whole(&[]),
        })
    }
}

impl<I: Image> Accumulator for Numbers<I> {
    fn extend(&self, input: &BatchInput<'_, '_>) -> io::Result<Classified> {
        let (valid, unreadable) = split(input.cells, self.column);
        let rows = self.seen.enter(input, valid, unreadable);
        let found = images(input.cells, self.column, &rows);
        let moments = self.moments(input.cells, &rows);
        self.moments.lock().unwrap_or_else(PoisonError::into_inner).insert(input.batch.place, moments);
        self.values.extend(input.number, found)?;
        Ok(unjudged(input.batch.rows))
    }

    fn finish(self: Box<Self>, end: &End<'_>) -> io::Result<Reading> {
        let all = self.values.finish();
        let mut moments = CentralMoments::default();
        for next in self.moments.into_inner().unwrap_or_else(PoisonError::into_inner).values() {
            moments.join(next);
        }
        let finite = |number: Option<f64>| number.filter(|number| number.is_finite());
        let (edges, counts) = parts::<I>(&all, self.data_type, end.sinks.failed)?;
        let against = match self.edges {
            Some(edges) => all.count_between(&Cuts::new(edges), end.sinks.failed)?,
            None => Vec::new(),
        };
        let numbers = NumberShape {
            edges: edges.into_iter().map(|image| canonical(&value_of(image, self.data_type)).into_owned()).collect(),
            counts,
            mean: finite(moments.mean()),
            stddev: finite(moments.deviation()),
        };
        let tally = self.seen.tally(end);
        Ok(Reading::Distribution(DistributionTally { values: all.entries(), numbers: Some(numbers), against, ..tally }))
    }
}

/// Edges and values of up to 100 parts of about as many values.
fn parts<I: Image>(all: &AllValues, data_type: DataType, watch: &dyn Sink) -> io::Result<(Vec<I>, Vec<u64>)> {
    let values = all.entries();
    let wanted = (values / LEAST_ROWS).clamp(1, NumberShape::MOST_PARTS);
    let rank = |part: u64| u128::from(part) * u128::from(values);
    let ranks: Vec<u64> = (1..wanted)
        .map(|part| u64::try_from(rank(part).div_ceil(u128::from(wanted))).unwrap_or(u64::MAX).saturating_sub(1))
        .collect();
    let mut found: Vec<I> = all.at_ranks(&ranks, watch)?;
    // An infinite number cannot be written as one.
    found.retain(|image| !data_type.is_float() || float_of(image.low_word()).is_finite());
    let shared: Vec<I> = found.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
    let edges = found.iter().flat_map(|image| {
        let before = shared.binary_search(image).ok().and_then(|_| before(*image, data_type));
        before.into_iter().chain([*image])
    });
    // A value of many rows gives the same two several times.
    let mut edges: Vec<I> = edges.collect();
    edges.sort_unstable();
    let cuts = Cuts::new(edges);
    if values == 0 || cuts.list().is_empty() {
        return Ok((Vec::new(), vec![values]));
    }
    Ok(joined(cuts.list(), &all.count_between(&cuts, watch)?, &|edge| {
        // The value itself, or the end of what lies below it.
        shared.binary_search(&edge).is_ok()
            || shared.iter().any(|shared| *shared > edge && before(*shared, data_type) == Some(edge))
    }))
}

/// The number that ends what lies below another: the next lower one of its type, of a decimal [`Decimal::before`].
fn before<I: Image>(image: I, data_type: DataType) -> Option<I> {
    match data_type {
        DataType::Float | DataType::Float32 => {
            let next = float_of(image.low_word()).next_down();
            next.is_finite().then(|| I::of_part(image_of_float(next), 0))
        }
        DataType::Decimal => {
            exact_of(image, data_type)?.before().map(|number| I::of_whole(&number.units(Decimal::DIGITS)))
        }
        _ => {
            let one = I::of_part(1, 0);
            // A baseline is read back, and no date lies before the first.
            let first = match data_type {
                DataType::Date => I::of_whole(&FIRST_DATE.into()),
                DataType::Datetime => I::of_whole(&(i64::from(FIRST_DATE) * DAY_MICROS).into()),
                _ => I::LEAST,
            };
            (image > first).then(|| image.less(one))
        }
    }
}

/// Joins parts of too few values with those that follow, the last with the one before. Where a value that many rows
/// share begins or ends, a part may be empty: that value lies alone between two edges.
fn joined<I: Copy>(edges: &[I], counts: &[u64], is_of_shared: &dyn Fn(I) -> bool) -> (Vec<I>, Vec<u64>) {
    let (mut kept, mut values, mut open) = (Vec::new(), Vec::new(), 0);
    for (at, count) in counts.iter().enumerate() {
        open += count;
        let may_end = |edge: I| open >= LEAST_ROWS || open == 0 && is_of_shared(edge);
        if let Some(edge) = edges.get(at).filter(|edge| may_end(**edge)) {
            kept.push(*edge);
            values.push(std::mem::take(&mut open));
        }
    }
    let stays = open == 0 && kept.last().is_some_and(|edge| is_of_shared(*edge));
    if open < LEAST_ROWS
        && !stays
        && let Some(last) = values.pop()
    {
        kept.pop();
        open += last;
    }
    values.push(open);
    (kept, values)
}

/// The name of a category.
type Token = [u8; 16];

#[derive(Debug)]
struct Categories {
    column: usize,
    wanted: Steady,
    seen: Seen,
    /// `None`: too many.
    found: Mutex<Option<HashMap<Token, u64>>>,
}

impl Categories {
    /// How often each value occurs in these rows of a batch; `None` where they are too many.
    fn count<'c>(&self, cells: &'c Cells<'_>, rows: &Bits) -> Option<Vec<(&'c str, u64)>> {
        if let Some(texts) = cells.text(self.column).filter(|_| cells.data_type(self.column) != DataType::Boolean) {
            if let Some(dictionary) = cells.dictionary(self.column) {
                let firsts: Vec<usize> = dictionary.representatives().collect();
                let codes: Vec<usize> = (0..firsts.len()).collect();
                let codes = dictionary.spread_values(&codes, usize::MAX);
                let mut counts = vec![0_u64; firsts.len()];
                rows.ones().filter_map(|row| codes.get(row)).for_each(|code| {
                    if let Some(count) = counts.get_mut(*code) {
                        *count += 1;
                    }
                });
                let texts = firsts.into_iter().map(|row| texts.get(row).unwrap_or_default());
                return Some(texts.zip(counts).filter(|(_, count)| *count > 0).collect());
            }
            let mut counts: HashMap<&str, u64> = HashMap::new();
            for row in rows.ones() {
                *counts.entry(texts.get(row).unwrap_or_default()).or_default() += 1;
                if counts.len() > MOST_DIFFERENT as usize {
                    return None;
                }
            }
            return Some(counts.into_iter().collect());
        }
        let TypedCells::Boolean(reads) = cells.typed(self.column, DataType::Boolean) else { return Some(Vec::new()) };
        let yes = rows.ones().filter(|row| reads.values[*row]).count() as u64;
        Some([("true", yes), ("false", rows.count() - yes)].into_iter().filter(|(_, count)| *count > 0).collect())
    }
}

impl Accumulator for Categories {
    fn extend(&self, input: &BatchInput<'_, '_>) -> io::Result<Classified> {
        let cells = input.cells;
        let (valid, unreadable) = if cells.data_type(self.column).is_textual() {
            (cells.present(self.column).clone(), Bits::none(input.batch.rows))
        } else {
            split(cells, self.column)
        };
        let rows = self.seen.enter(input, valid, unreadable);
        let counts = self.count(cells, &rows);
        let counts = counts.map(|counts| counts.into_iter().map(|(value, count)| (self.wanted.category(value), count)));
        let counts = counts.map(Iterator::collect::<Vec<(Token, u64)>>);
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        match (found.as_mut(), counts) {
            (Some(all), Some(counts)) => {
                for (token, count) in counts {
                    *all.entry(token).or_default() += count;
                }
                if all.len() > MOST_DIFFERENT as usize {
                    *found = None;
                }
            }
            _ => *found = None,
        }
        Ok(unjudged(input.batch.rows))
    }

    fn finish(self: Box<Self>, end: &End<'_>) -> io::Result<Reading> {
        let found = self.found.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut tally = self.seen.tally(end);
        let Some(found) = found else {
            return Ok(Reading::Distribution(DistributionTally { too_many: Some(MOST_DIFFERENT), ..tally }));
        };
        tally.values = found.values().sum();
        let hex = |token: &Token| format!("{:032x}", u128::from_be_bytes(*token));
        if let Parts::Categories(known) = &self.wanted.against {
            let named: HashMap<String, u64> = found.iter().map(|(token, count)| (hex(token), *count)).collect();
            tally.against = known.iter().map(|name| named.get(name).copied().unwrap_or_default()).collect();
            tally.against.push(tally.values - tally.against.iter().sum::<u64>());
        }
        let counts: BTreeMap<String, u64> = found
            .iter()
            .filter(|(_, count)| **count >= LEAST_ROWS)
            .map(|(token, count)| (hex(token), *count))
            .collect();
        if counts.len() > MOST_CATEGORIES as usize {
            return Ok(Reading::Distribution(DistributionTally { too_many: Some(MOST_CATEGORIES), ..tally }));
        }
        let other = tally.values - counts.values().sum::<u64>();
        tally.categories = Some(CategoryShape { counts, other });
        Ok(Reading::Distribution(tally))
    }
}

/// What it costs for each row.
pub(crate) fn cost(wanted: &Steady, model: &CostModel<'_>) -> RowCost {
    let column = model.of(&wanted.column);
    if column.seen.is_textual() {
        return (ns::KEY + column.bytes * ns::KEY_BYTE, 0.0);
    }
    (ns::KEEP_VALUE + 2.0 * ns::FIGURE, 2.0 * ns::ORDER_VALUE)
}

/// Words that are kept of a row at the most: the image of its value.
pub(crate) const WORDS: usize = MOST_IMAGE_WORDS;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_few_values_are_joined() {
        assert_eq!(joined(&[1, 2, 3], &[5, 5, 5, 5], &|_| false), (vec![1, 2, 3], vec![5, 5, 5, 5]));
        assert_eq!(joined(&[1, 2, 3], &[9, 1, 5, 5], &|_| false), (vec![1, 3], vec![9, 6, 5]));
        assert_eq!(joined(&[1, 2, 3], &[9, 5, 2, 0], &|_| false), (vec![1], vec![9, 7]));
        assert_eq!(joined(&[1], &[4, 0], &|_| false), (vec![], vec![4]));
        assert_eq!(joined(&[1], &[9, 0], &|_| false), (vec![], vec![9]));
        assert_eq!(joined::<u64>(&[], &[9], &|_| false), (vec![], vec![9]));
        // Many rows have 6 and 9: no value is below 6 or above 9.
        let is_of_shared = |edge| [5, 6, 8, 9].contains(&edge);
        let all = (vec![5, 6, 8, 9], vec![0, 7, 5, 7, 0]);
        assert_eq!(joined(&[5, 6, 8, 9], &[0, 7, 5, 7, 0], &is_of_shared), all);
        assert_eq!(joined(&[5, 6, 8, 9], &[2, 7, 1, 7, 3], &is_of_shared), (vec![6], vec![9, 11]));
    }
}
