//! Keys of one dataset, and facts by key, kept for rules of others.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError, RwLock};

use num_bigint::BigInt;
use num_rational::BigRational;

use crate::model::{AsOf, ComparisonForm, DataType, Fact, Lookup};
use crate::scalar::{fold, nfc};
use crate::source::Bits;

use super::cells::{Cells, ColumnRules, TypedCells, place_of};
use super::keys::{BySpread, Key, KeyColumns, pack, spread};
use super::logic::Condition;

/// Parts of a lookup, each locked by itself while it is built.
const PARTS: usize = 64;

/// The keys of a lookup.
#[derive(Debug)]
pub(super) struct Keys {
    parts: Vec<RwLock<Part>>,
}

/// One part of the keys.
#[derive(Debug)]
enum Part {
    /// Keys alone.
    Set(HashSet<Key, BySpread>),
    /// Keys with what each of their rows says.
    Facts(HashMap<Key, Vec<Box<[FactCell]>>, BySpread>),
}

/// What a row says on one fact.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum FactCell {
    /// Nothing.
    Missing,
    /// A value compared as a whole.
    Whole(Key),
    /// A number compared within a tolerance.
    Number(f64),
    /// Something that does not read; it agrees with nothing.
    Unreadable,
}

/// How facts are taken from a dataset.
#[derive(Debug)]
pub(super) struct FactColumns(Vec<(usize, ComparisonForm, DataType)>);

impl FactColumns {
    /// Finds the columns of facts among those that a pass reads.
    ///
    /// # Errors
    /// A column that the pass does not read.
    pub(super) fn find<'f>(
        facts: impl Iterator<Item = (&'f String, &'f ComparisonForm, DataType)>,
        rules: &[ColumnRules],
    ) -> Result<Self, String> {
        facts
            .map(|(name, form, data_type)| Ok((place_of(rules, name)?, form.clone(), data_type)))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// What one row says.
    pub(super) fn of_row(&self, cells: &Cells<'_>, row: usize, buffer: &mut String) -> Box<[FactCell]> {
        self.0.iter().map(|(at, form, data_type)| fact(cells, *at, form, *data_type, row, buffer)).collect()
    }

    /// Whether each pair of facts says the same.
    pub(super) fn agree(&self, ours: &[FactCell], theirs: &[FactCell]) -> bool {
        self.0.iter().zip(ours.iter().zip(theirs)).all(|((_, form, _), pair)| match (pair, form) {
            ((FactCell::Missing, FactCell::Missing), _) => true,
            ((FactCell::Whole(a), FactCell::Whole(b)), _) => a == b,
            ((FactCell::Number(a), FactCell::Number(b)), ComparisonForm::Tolerance(by)) => within(*a, *b, *by),
            _ => false,
        })
    }
}

/// Whether two numbers differ by at most a tolerance, as the decimals that they are written as: 1.1 and 1.0 differ by
/// 0.1, though their nearest floats differ by more.
fn within(a: f64, b: f64, by: f64) -> bool {
    let difference = (a - b).abs();
    let doubt = (a.abs() + b.abs() + by) * 4.0 * f64::EPSILON;
    if (difference - by).abs() > doubt || !doubt.is_finite() {
        return difference <= by;
    }
    match (exact(a), exact(b), exact(by)) {
        (Some(a), Some(b), Some(by)) => (if a > b { a - b } else { b - a }) <= by,
        _ => difference <= by,
    }
}

/// The shortest decimal that reads as this float, as a fraction.
fn exact(number: f64) -> Option<BigRational> {
    let text = number.to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let units: BigInt = format!("{whole}{fraction}").parse().ok()?;
    Some(BigRational::new(units, BigInt::from(10).pow(u32::try_from(fraction.len()).ok()?)))
}

fn fact(
    cells: &Cells<'_>,
    at: usize,
    form: &ComparisonForm,
    data_type: DataType,
    row: usize,
    buffer: &mut String,
) -> FactCell {
    if !cells.present(at).get(row) {
        return FactCell::Missing;
    }
    if matches!(form, ComparisonForm::Tolerance(_)) {
        #[expect(clippy::cast_precision_loss, reason = "a tolerance compares 64-bit floats")]
        return match cells.typed(at, if data_type == DataType::Date { data_type } else { DataType::Decimal }) {
            TypedCells::Decimal(reads) if reads.valid.get(row) => FactCell::Number(reads.values[row]),
            TypedCells::Date(reads) if reads.valid.get(row) => FactCell::Number(f64::from(reads.values[row])),
            TypedCells::Integer(reads) if reads.valid.get(row) => FactCell::Number(reads.values[row] as f64),
            _ => FactCell::Unreadable,
        };
    }
    buffer.clear();
    if !cells.write_canonical(at, row, data_type, buffer) {
        return FactCell::Unreadable;
    }
    FactCell::Whole(match form {
        ComparisonForm::Nfc => pack(nfc(buffer).as_bytes()),
        ComparisonForm::Folded => pack(fold(buffer).as_bytes()),
        ComparisonForm::Exact | ComparisonForm::Tolerance(_) => pack(buffer.as_bytes()),
    })
}

/// A lookup made ready for the batches of its dataset.
#[derive(Debug)]
pub(super) struct Builder {
    key: KeyColumns,
    filter: Option<Condition>,
    facts: FactColumns,
    keys: Keys,
}

impl Builder {
    /// Prepares a lookup over the columns that a pass reads.
    ///
    /// # Errors
    /// A condition that does not compile, or a column that the pass does not read.
    pub(super) fn prepare(lookup: &Lookup, rules: &[ColumnRules], as_of: AsOf) -> Result<Self, String> {
        let filter = lookup.filter.as_ref().map(|filter| Condition::compile(filter, rules, as_of)).transpose()?;
        let facts = lookup.facts.iter().map(|Fact { column, form, data_type }| (column, form, *data_type));
        let bare = lookup.facts.is_empty();
        let part = || if bare { Part::Set(HashSet::default()) } else { Part::Facts(HashMap::default()) };
        Ok(Self {
            key: KeyColumns::find(&lookup.key.columns, rules)?,
            filter,
            facts: FactColumns::find(facts, rules)?,
            keys: Keys { parts: (0..PARTS).map(|_| RwLock::new(part())).collect() },
        })
    }

    /// Takes in a batch.
    pub(super) fn extend(&self, cells: &Cells<'_>) {
        let (mut rows, _) = self.key.split(cells);
        if let Some(filter) = &self.filter {
            rows = rows.and(&filter.evaluate(cells).yes);
        }
        let mut scattered: Vec<Vec<(Key, usize)>> = vec![Vec::new(); PARTS];
        self.key.for_each(cells, &rows, |row, key| scattered[part_of(key)].push((key, row)));
        let mut buffer = String::new();
        for (part, keys) in self.keys.parts.iter().zip(scattered) {
            if keys.is_empty() {
                continue;
            }
            let facts: Vec<_> = if self.facts.0.is_empty() {
                Vec::new()
            } else {
                keys.iter().map(|(_, row)| self.facts.of_row(cells, *row, &mut buffer)).collect()
            };
            match &mut *part.write().unwrap_or_else(PoisonError::into_inner) {
                Part::Set(set) => set.extend(keys.iter().map(|(key, _)| *key)),
                Part::Facts(map) => {
                    for ((key, _), facts) in keys.iter().zip(facts) {
                        map.entry(*key).or_default().push(facts);
                    }
                }
            }
        }
    }

    /// The keys that were taken in.
    pub(super) fn finish(self) -> Keys {
        self.keys
    }
}

fn part_of(key: Key) -> usize {
    (spread(key) >> 58) as usize
}

/// What a lookup has for a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Match {
    /// Nothing.
    Unmatched,
    /// Rows that all agree, or differ; whether there is more than one.
    Matched { agrees: bool, several: bool },
}

impl Keys {
    /// Rows of `rows` whose key the lookup has.
    pub(super) fn found(&self, key: &KeyColumns, cells: &Cells<'_>, rows: &Bits) -> Bits {
        let mut bits = Bits::none(cells.rows());
        let sets: Vec<_> = self.parts.iter().map(|part| part.read().unwrap_or_else(PoisonError::into_inner)).collect();
        key.for_each(cells, rows, |row, key| {
            let has = match &*sets[part_of(key)] {
                Part::Set(set) => set.contains(&key),
                Part::Facts(map) => map.contains_key(&key),
            };
            if has {
                bits.set(row);
            }
        });
        bits
    }

    /// Compares the facts of `rows` with those of the lookup.
    pub(super) fn compare(
        &self,
        key: &KeyColumns,
        facts: &FactColumns,
        cells: &Cells<'_>,
        rows: &Bits,
        mut visit: impl FnMut(usize, Match, bool),
    ) {
        let maps: Vec<_> = self.parts.iter().map(|part| part.read().unwrap_or_else(PoisonError::into_inner)).collect();
        let mut buffer = String::new();
        key.for_each(cells, rows, |row, key| {
            let theirs = match &*maps[part_of(key)] {
                Part::Set(_) => None,
                Part::Facts(map) => map.get(&key),
            };
            let Some(theirs) = theirs else { return visit(row, Match::Unmatched, false) };
            let ours = facts.of_row(cells, row, &mut buffer);
            let agrees = theirs.iter().all(|theirs| facts.agree(&ours, theirs));
            let unreadable = ours.contains(&FactCell::Unreadable);
            visit(row, Match::Matched { agrees, several: theirs.len() > 1 }, unreadable);
        });
    }
}

/// The lookups of a plan, each there once it was built.
#[derive(Debug)]
pub(super) struct Lookups(Vec<Mutex<Result<std::sync::Arc<Keys>, String>>>);

impl Lookups {
    /// Places for `count` lookups.
    pub(super) fn new(count: usize) -> Self {
        Self((0..count).map(|_| Mutex::new(Err("the other dataset was not read".to_owned()))).collect())
    }

    /// Puts a lookup in its place.
    pub(super) fn put(&self, at: usize, keys: Result<Keys, String>) {
        *self.0[at].lock().unwrap_or_else(PoisonError::into_inner) = keys.map(std::sync::Arc::new);
    }

    /// A lookup, or why there is none.
    pub(super) fn get(&self, at: usize) -> Result<std::sync::Arc<Keys>, String> {
        self.0[at].lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
