//! What the cells of a column hold: lengths and shapes of texts, and how often each value occurs.

use std::collections::BTreeMap;
use std::hash::Hash;
use std::io;
use std::sync::{Mutex, PoisonError};

use ahash::AHashMap;

use crate::model::{MOST_SHAPES, Reading, ShapeTally, ValueTally, Values};
use crate::source::{Bits, Column, TextColumn, Typed};
use crate::text::{ShapeRuns, write_runs};

use crate::engine::local::accumulator::{Accumulator, BatchInput, Classified, End};
use crate::engine::local::batch::cells::{Cells, stored_text};
use crate::engine::local::batch::column_rules::{ColumnRules, place_of};
use crate::engine::local::cost_model::nanoseconds as ns;
use crate::engine::local::cost_model::{CostModel, RowCost};
use crate::engine::local::prepare_error::PrepareError;

/// The values of a column, as they are counted.
#[derive(Debug)]
pub(crate) struct ColumnValues {
    column: usize,
    most: usize,
    most_bytes: usize,
    seen: Mutex<Seen>,
}

/// What was counted so far.
#[derive(Debug, Default)]
struct Seen {
    values: u64,
    missing: u64,
    unreadable: u64,
    lengths: Option<(u64, u64)>,
    counts: Counts,
    shapes: ShapeTally,
}

/// How often each value occurs, as long as there are few enough.
#[derive(Debug)]
enum Counts {
    Counted { rows: AHashMap<Box<str>, u64>, bytes: usize },
    TooMany,
}

impl Default for Counts {
    fn default() -> Self {
        Self::Counted { rows: AHashMap::new(), bytes: 0 }
    }
}

impl Counts {
    /// Adds rows of a value. The result does not depend on the order of values.
    fn add(&mut self, value: &str, count: u64, of: &ColumnValues) {
        let Self::Counted { rows, bytes } = self else { return };
        if let Some(known) = rows.get_mut(value) {
            *known += count;
            return;
        }
        *bytes += value.len();
        if rows.len() == of.most || *bytes > of.most_bytes {
            *self = Self::TooMany;
        } else {
            rows.insert(value.into(), count);
        }
    }

    const fn are_too_many(&self) -> bool {
        matches!(self, Self::TooMany)
    }
}

/// The different values of a batch: one of the rows that hold each, and how many rows do.
type Different = Vec<(usize, u64)>;

impl ColumnValues {
    /// Prepares a column of those that a section reads.
    ///
    /// # Errors
    /// A column that the section does not read.
    pub(crate) fn prepare(wanted: &Values, rules: &[ColumnRules]) -> Result<Self, PrepareError> {
        Ok(Self {
            column: place_of(rules, &wanted.column)?,
            most: wanted.most as usize,
            most_bytes: wanted.most_bytes(),
            seen: Mutex::default(),
        })
    }

    /// What is not worth counting any more: values, shapes.
    fn settled(&self) -> (bool, bool) {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        (seen.counts.are_too_many(), matches!(seen.shapes, ShapeTally::TooMany))
    }

    /// Counts texts of a batch.
    fn texts(&self, cells: &Cells<'_>, texts: &TextColumn, rows: &Bits) -> Seen {
        let (many_values, many_shapes) = self.settled();
        let mut seen = Seen::default();
        if many_values {
            seen.counts = Counts::TooMany;
        }
        let mut shapes = Shapes::new(many_shapes);
        let mut enter = |text: &str, count: u64, seen: &mut Seen| {
            let length = shapes.add(text, count);
            seen.lengths = joined(seen.lengths, Some((length, length)));
            seen.counts.add(text, count, self);
        };
        match (texts, cells.dictionary(self.column)) {
            (TextColumn::Constant(cell), _) => {
                if let Some(text) = cell.as_deref().filter(|_| !rows.is_empty()) {
                    enter(text, rows.count(), &mut seen);
                }
            }
            (texts, Some(dictionary)) => {
                let different = dictionary.representatives().zip(dictionary.counts_in(rows));
                for (row, count) in different.filter(|(_, count)| *count > 0) {
                    enter(texts.get(row).unwrap_or_default(), count, &mut seen);
                }
            }
            (texts, None) => texts.for_each(cells.rows(), |row, text| {
                if let Some(text) = text.filter(|_| rows.get(row)) {
                    enter(text, 1, &mut seen);
                }
            }),
        }
        seen.shapes = shapes.into_tally();
        seen
    }

    /// The different values of a batch that is not stored as text, `None` where they are too many.
    fn different(&self, column: &Column, rows: &Bits) -> Option<Different> {
        match column {
            Column::Text(_) => Some(Vec::new()),
            Column::Integer(cells) => self.different_of(cells, rows, |value| value),
            // 38 digits, and where the point is.
            Column::Decimal(cells) => self.different_of(cells, rows, |value| value),
            // Numbers that are written alike have one key.
            Column::Float(cells) => self.different_of(cells, rows, |value| match value {
                nan if nan.is_nan() => f64::NAN.to_bits(),
                // Zeros of both signs, too.
                other => (other + 0.0).to_bits(),
            }),
            Column::Date(cells) => self.different_of(cells, rows, |value| value),
            Column::Datetime(cells) => self.different_of(cells, rows, |value| value),
            Column::Nanoseconds(cells) => self.different_of(cells, rows, |value| value),
            Column::Boolean(cells) => self.different_of(cells, rows, |value| value),
        }
    }

    fn different_of<T: Copy, K: Hash + Eq + Copy>(
        &self,
        cells: &Typed<T>,
        rows: &Bits,
        key: impl Fn(T) -> K,
    ) -> Option<Different> {
        let mut places: AHashMap<K, usize> = AHashMap::new();
        let mut found: Different = Vec::new();
        let mut last: Option<(K, usize)> = None;
        for row in rows.ones() {
            let key = key(cells.values[row]);
            let place = match last {
                Some((known, place)) if known == key => place,
                _ => {
                    let next = found.len();
                    let place = *places.entry(key).or_insert(next);
                    if place == next {
                        if next == self.most {
                            return None;
                        }
                        found.push((row, 0));
                    }
                    place
                }
            };
            last = Some((key, place));
            found[place].1 += 1;
        }
        Some(found)
    }
}

/// Counts shapes by their runs; each shape is written once.
struct Shapes {
    /// `None`: too many.
    counts: Option<AHashMap<Box<[u8]>, u64>>,
    runs: ShapeRuns,
    /// The runs of the text before, and how many texts in a row have them.
    last: (Vec<u8>, u64),
}

impl Shapes {
    fn new(are_too_many: bool) -> Self {
        Self { counts: (!are_too_many).then(AHashMap::new), runs: ShapeRuns::default(), last: (Vec::new(), 0) }
    }

    /// Adds the shape of a text; returns its length in characters.
    fn add(&mut self, text: &str, count: u64) -> u64 {
        let Some(counts) = &mut self.counts else { return text.chars().count() as u64 };
        self.runs.set(text);
        // In a column of codes most texts have the shape of the one before.
        if self.last.0 == self.runs.as_bytes() {
            self.last.1 += count;
        } else {
            let before = std::mem::replace(&mut self.last.1, count);
            if before > 0 {
                match counts.get_mut(self.last.0.as_slice()) {
                    Some(known) => *known += before,
                    None => drop(counts.insert(self.last.0.as_slice().into(), before)),
                }
            }
            self.last.0.clear();
            self.last.0.extend_from_slice(self.runs.as_bytes());
            if counts.len() > MOST_SHAPES {
                self.counts = None;
            }
        }
        self.runs.chars() as u64
    }

    fn into_tally(self) -> ShapeTally {
        let Some(mut counts) = self.counts else { return ShapeTally::TooMany };
        if self.last.1 > 0 {
            *counts.entry(self.last.0.into()).or_default() += self.last.1;
        }
        let mut tally = ShapeTally::default();
        let mut shape = String::new();
        for (runs, count) in &counts {
            shape.clear();
            write_runs(runs, &mut shape);
            tally.add(&shape, *count);
        }
        tally
    }
}

fn joined(one: Option<(u64, u64)>, other: Option<(u64, u64)>) -> Option<(u64, u64)> {
    match (one, other) {
        (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
        (one, other) => one.or(other),
    }
}

impl Accumulator for ColumnValues {
    fn extend(&self, input: &BatchInput<'_, '_>) -> io::Result<Classified> {
        let cells = input.cells;
        let column = &input.batch.columns[self.column];
        let there = cells.present(self.column);
        let all = input.scope.map_or(input.batch.rows as u64, Bits::count);
        let held = match input.scope {
            Some(scope) => there.and(scope),
            None => there.clone(),
        };
        let unreadable = unreadable(column).map(|bits| held.and(bits));
        let rows = unreadable.as_ref().map_or_else(|| held.clone(), |bits| held.without(bits));
        let mut of_batch = match column {
            Column::Text(texts) => self.texts(cells, texts, &rows),
            typed => {
                let mut seen = Seen::default();
                let different = if self.settled().0 { None } else { self.different(typed, &rows) };
                match different {
                    Some(different) => {
                        for (row, count) in different {
                            seen.counts.add(&stored_text(typed, row).unwrap_or_default(), count, self);
                        }
                    }
                    None => seen.counts = Counts::TooMany,
                }
                seen
            }
        };
        of_batch.values = rows.count();
        of_batch.unreadable = unreadable.map_or(0, |bits| bits.count());
        of_batch.missing = all - held.count();
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).merge(of_batch, self);
        let none = || Bits::none(cells.rows());
        Ok(Classified { pending: none(), unreadable: none() })
    }

    fn finish(self: Box<Self>, end: &End<'_>) -> io::Result<Reading> {
        let seen = self.seen.into_inner().unwrap_or_else(PoisonError::into_inner);
        let counts = match seen.counts {
            Counts::Counted { rows, .. } => {
                Some(rows.into_iter().map(|(value, count)| (value.into(), count)).collect::<BTreeMap<String, u64>>())
            }
            Counts::TooMany => None,
        };
        Ok(Reading::Values(ValueTally {
            values: seen.values,
            missing: seen.missing,
            unreadable: seen.unreadable + end.entered.unreadable,
            lengths: seen.lengths,
            counts,
            shapes: seen.shapes,
        }))
    }
}

impl Seen {
    fn merge(&mut self, other: Self, of: &ColumnValues) {
        let Self { values, missing, unreadable, lengths, counts, shapes } = other;
        self.values += values;
        self.missing += missing;
        self.unreadable += unreadable;
        self.lengths = joined(self.lengths, lengths);
        match counts {
            Counts::Counted { rows, .. } => rows.iter().for_each(|(value, count)| self.counts.add(value, *count, of)),
            Counts::TooMany => self.counts = Counts::TooMany,
        }
        self.shapes.merge(shapes);
    }
}

/// The cells that do not fit the type in which they are stored.
fn unreadable(column: &Column) -> Option<&Bits> {
    match column {
        Column::Text(_) => None,
        Column::Integer(cells) | Column::Datetime(cells) => cells.unreadable.as_ref(),
        Column::Decimal(cells) => cells.unreadable.as_ref(),
        Column::Float(cells) => cells.unreadable.as_ref(),
        Column::Date(cells) => cells.unreadable.as_ref(),
        Column::Nanoseconds(cells) => cells.unreadable.as_ref(),
        Column::Boolean(cells) => cells.unreadable.as_ref(),
    }
}

/// What it costs for each row.
pub(crate) fn cost(wanted: &Values, model: &CostModel<'_>) -> RowCost {
    (ns::KEY + model.of(&wanted.column).bytes * ns::KEY_BYTE, 0.0)
}
