//! Values far from the rest of the dataset, or of their group.
//!
//! Without groups values are kept in the order of rows and gone through again once it is known how far is too far. With
//! groups they are partitioned by the key of their group, and each part is worked through by itself; a group that makes
//! up much of a part too large for that is kept apart and treated as a dataset of its own.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use crate::model::{DataType, OutlierMethod, OutlierSide, OutlierTally, Outliers, Quantile, Reading, RowTally, Value};
use crate::source::Bits;

use crate::engine::local::accumulator::{Accumulator, BatchInput, Classified, End, Entered};
use crate::engine::local::batch::column_rules::{SectionRules, place_of};
use crate::engine::local::batch::images::{images, split};
use crate::engine::local::cost_model::nanoseconds as ns;
use crate::engine::local::cost_model::{CostModel, RowCost};
use crate::engine::local::keys::hashed::KeyColumns;
use crate::engine::local::keys::words::Entries;
use crate::engine::local::memory::KeyMemory;
use crate::engine::local::numbers::image::{decimal_of, image_of_decimal, image_of_whole, whole_of};
use crate::engine::local::numbers::moments::FixedSum;
use crate::engine::local::numbers::quantile::ranks_of;
use crate::engine::local::prepare_error::PrepareError;
use crate::engine::local::rows::sink::{LateRows, Rows, Sink, row_number};
use crate::engine::local::spill::external::{ExternalFold, FrequentKey, Part, fold_parts};
use crate::engine::local::spill::keyed::KeyedPartitions;
use crate::engine::local::spill::values::{AllValues, Values};

/// How far rounding may move a fence, as a share of what it is computed from.
const ROUNDING: f64 = Outliers::GRACE as f64 * f64::EPSILON;

/// The quartiles.
const QUARTILES: [Quantile; 2] = [Quantile::percent(25), Quantile::percent(75)];

/// Prepares a search.
///
/// # Errors
/// A column that the pass does not read.
pub(crate) fn prepare(
    wanted: &Outliers,
    rules: &SectionRules,
    memory: &Arc<KeyMemory>,
) -> Result<Box<dyn Accumulator>, PrepareError> {
    let column = place_of(rules, &wanted.column)?;
    let far = Far { wanted: wanted.clone(), data_type: rules[column].data_type };
    if wanted.by.is_empty() {
        return Ok(Box::new(Whole {
            far,
            column,
            memory: Arc::clone(memory),
            values: Values::new(memory, 1),
            rows: Mutex::default(),
        }));
    }
    Ok(Box::new(Grouped {
        far,
        column,
        key: KeyColumns::find(&wanted.by, rules)?,
        entries: KeyedPartitions::new(memory, REST),
    }))
}

/// What is too far.
#[derive(Debug, Clone)]
struct Far {
    wanted: Outliers,
    data_type: DataType,
}

/// The least and the greatest number that are not too far.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Fences {
    scale: Scale,
    low: f64,
    high: f64,
    /// How far rounding may have moved them: a value that close is on the fence.
    doubt: f64,
}

/// Numbers of images, as floats.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Scale {
    /// Whole numbers and dates count from one of them in their middle: so large ones that are close to each other keep
    /// apart, however far others lie.
    Whole { base: u64 },
    /// Decimals are multiplied by a power of two where what is computed from them might be no float.
    Decimal { unit: f64 },
}

impl Scale {
    #[inline]
    #[expect(clippy::cast_precision_loss, reason = "what is computed from numbers are 64-bit floats")]
    fn number(self, image: u64) -> f64 {
        match self {
            // Without a branch, which would be guessed wrong half the time.
            Self::Whole { base } => {
                f64::from_bits((image.abs_diff(base) as f64).to_bits() | u64::from(image < base) << 63)
            }
            Self::Decimal { unit } => decimal_of(image) * unit,
        }
    }
}

/// The whole number that lies so far from another.
#[expect(clippy::cast_possible_truncation, reason = "whole, and brought into range")]
fn whole_from(base: u64, number: f64) -> i64 {
    let whole = i128::from(whole_of(base)).saturating_add(number as i128);
    i64::try_from(whole).unwrap_or(if whole < 0 { i64::MIN } else { i64::MAX })
}

impl Fences {
    /// Fences on both sides of a center.
    fn around(scale: Scale, center: f64, reach: f64) -> Self {
        let doubt = center.abs() * ROUNDING + reach * ROUNDING;
        Self { scale, low: center - reach, high: center + reach, doubt }
    }

    /// The least and the greatest image within.
    fn inside(self) -> (u64, u64) {
        let image = |number: f64, rounded: fn(f64) -> f64| match self.scale {
            Scale::Decimal { unit } => image_of_decimal(number / unit),
            Scale::Whole { base } => image_of_whole(whole_from(base, rounded(number))),
        };
        let (low, high) = (self.low - self.doubt, self.high + self.doubt);
        // Where infinite values leave no number, nothing is too far.
        let least = if low.is_nan() { u64::MIN } else { image(low, f64::ceil) };
        let greatest = if high.is_nan() { u64::MAX } else { image(high, f64::floor) };
        (least, greatest)
    }

    /// The fences as they are shown.
    fn shown(self, data_type: DataType) -> (Value, Value) {
        (self.value(self.low, f64::ceil, data_type), self.value(self.high, f64::floor, data_type))
    }

    /// A fence as it is shown: of dates, and of whole numbers beside which floats hold no fraction, the last one
    /// inside.
    #[expect(clippy::cast_precision_loss, reason = "shown as a 64-bit float")]
    fn value(self, number: f64, rounded: fn(f64) -> f64, data_type: DataType) -> Value {
        const EXACT: u64 = 1 << f64::MANTISSA_DIGITS;
        match self.scale {
            Scale::Decimal { unit } => Value::Decimal(number / unit),
            Scale::Whole { .. } if !number.is_finite() => match data_type {
                DataType::Integer => Value::Decimal(number),
                _ => Value::Null,
            },
            Scale::Whole { base } => {
                let whole = whole_from(base, rounded(number));
                match data_type {
                    DataType::Date => Value::Date(i32::try_from(whole).unwrap_or(i32::MAX)),
                    DataType::Datetime => Value::Datetime(whole),
                    // Beyond the whole numbers lie the fences of those.
                    _ if whole.unsigned_abs() < EXACT || [i64::MIN, i64::MAX].contains(&whole) => {
                        Value::Decimal(whole_of(base) as f64 + number)
                    }
                    _ => Value::Integer(whole),
                }
            }
        }
    }
}

/// Values that can be gone through, and asked for what is at a place in their order.
trait Ordered {
    fn count(&self) -> u64;

    /// The least and the greatest.
    fn bounds(&self) -> (u64, u64);

    /// What becomes of the values at ranks, where it keeps within bounds.
    fn at_ranks(&self, ranks: &[u64], bounds: (u64, u64), map: impl Fn(u64) -> u64 + Sync) -> io::Result<Vec<u64>>;

    /// Goes through all values in no order, in parts that are joined.
    fn fold<T: Send>(
        &self,
        new: impl Fn() -> T + Sync,
        take: impl Fn(&mut T, u64) + Sync,
        join: impl Fn(T, T) -> T,
    ) -> io::Result<T>;
}

/// Values that are kept.
struct Unsorted<'a> {
    all: &'a AllValues,
    watch: &'a dyn Sink,
}

impl Ordered for Unsorted<'_> {
    fn count(&self) -> u64 {
        self.all.entries()
    }

    fn bounds(&self) -> (u64, u64) {
        self.all.bounds()
    }

    fn at_ranks(&self, ranks: &[u64], bounds: (u64, u64), map: impl Fn(u64) -> u64 + Sync) -> io::Result<Vec<u64>> {
        self.all.mapped_at_ranks(ranks, bounds, &map, self.watch)
    }

    fn fold<T: Send>(
        &self,
        new: impl Fn() -> T + Sync,
        take: impl Fn(&mut T, u64) + Sync,
        join: impl Fn(T, T) -> T,
    ) -> io::Result<T> {
        let stride = self.all.stride();
        let parts = self.all.scan(self.watch, &new, |own, piece| {
            piece.words.iter().step_by(stride).for_each(|image| take(own, *image));
            Ok(())
        })?;
        Ok(parts.into_iter().reduce(join).unwrap_or_else(new))
    }
}

/// Values in order, in memory.
struct Sorted<'a>(&'a [u64]);

impl Ordered for Sorted<'_> {
    fn count(&self) -> u64 {
        self.0.len() as u64
    }

    fn bounds(&self) -> (u64, u64) {
        (self.0.first().copied().unwrap_or_default(), self.0.last().copied().unwrap_or_default())
    }

    fn at_ranks(&self, ranks: &[u64], _: (u64, u64), map: impl Fn(u64) -> u64 + Sync) -> io::Result<Vec<u64>> {
        let mut mapped: Vec<u64> = self.0.iter().map(|image| map(*image)).collect();
        mapped.sort_unstable();
        Ok(ranks.iter().filter_map(|rank| mapped.get(usize::try_from(*rank).ok()?)).copied().collect())
    }

    fn fold<T: Send>(
        &self,
        new: impl Fn() -> T + Sync,
        take: impl Fn(&mut T, u64) + Sync,
        _: impl Fn(T, T) -> T,
    ) -> io::Result<T> {
        let mut all = new();
        self.0.iter().for_each(|image| take(&mut all, *image));
        Ok(all)
    }
}

impl Far {
    /// The fences of values, of which there is one at least.
    fn fences(&self, values: &impl Ordered) -> io::Result<Fences> {
        let fences = match self.wanted.method {
            OutlierMethod::Iqr => self.quartile_fences(values)?,
            OutlierMethod::Mad if self.data_type == DataType::Decimal => self.decimal_median_fences(values)?,
            OutlierMethod::Mad => self.whole_median_fences(values)?,
            OutlierMethod::Zscore => {
                let (scale, center, deviation) = if self.data_type == DataType::Decimal {
                    deviation_of_decimals(values)?
                } else {
                    deviation_of_whole(values)?
                };
                Fences::around(scale, center, self.wanted.factor * deviation)
            }
        };
        Ok(match self.wanted.side {
            OutlierSide::Both => fences,
            OutlierSide::High => Fences { low: f64::NAN, ..fences },
            OutlierSide::Low => Fences { high: f64::NAN, ..fences },
        })
    }

    fn quartile_fences(&self, values: &impl Ordered) -> io::Result<Fences> {
        let quartiles = Ranked::find(&QUARTILES, values, values.bounds(), |image| image)?;
        let scale = if self.data_type == DataType::Decimal {
            scale_of_decimals(values)
        } else {
            Scale::Whole { base: quartiles.around(QUARTILES[0]).0 }
        };
        let [low, high] = QUARTILES.map(|quartile| quartiles.between(quartile, |image| scale.number(image)));
        let reach = self.wanted.factor * (high - low);
        let doubt = (low.abs() + high.abs() + reach) * ROUNDING;
        Ok(Fences { scale, low: low - reach, high: high + reach, doubt })
    }

    fn decimal_median_fences(&self, values: &impl Ordered) -> io::Result<Fences> {
        let (scale, median) = (scale_of_decimals(values), [Quantile::MEDIAN]);
        let center = Ranked::find(&median, values, values.bounds(), |image| image)?
            .between(Quantile::MEDIAN, |image| scale.number(image));
        if !center.is_finite() {
            return Ok(Fences::around(scale, f64::NAN, 0.0));
        }
        let distance = |image: u64| image_of_decimal((scale.number(image) - center).abs());
        let (least, greatest) = values.bounds();
        let bounds = (image_of_decimal(0.0), distance(least).max(distance(greatest)));
        let spread = Ranked::find(&median, values, bounds, distance)?.between(Quantile::MEDIAN, decimal_of);
        Ok(Fences::around(scale, center, self.wanted.factor * Outliers::MAD_SCALE * spread))
    }

    /// The same for whole numbers, whose distances are exact.
    #[expect(clippy::cast_precision_loss, reason = "fences are 64-bit floats")]
    fn whole_median_fences(&self, values: &impl Ordered) -> io::Result<Fences> {
        let median = [Quantile::MEDIAN];
        let (low, high) = Ranked::find(&median, values, values.bounds(), |image| image)?.around(Quantile::MEDIAN);
        // The median is this, or a half above it.
        let (base, above) = (low + (high - low) / 2, (high - low) % 2);
        let half = above as f64 / 2.0;
        // Less that half, where there is one.
        let distance = |image: u64| image.abs_diff(base) - (above & u64::from(image > base));
        let (least, greatest) = values.bounds();
        let bounds = (0, distance(least).max(distance(greatest)));
        let spread = Ranked::find(&median, values, bounds, distance)?.between(Quantile::MEDIAN, |away| away as f64);
        Ok(Fences::around(Scale::Whole { base }, half, self.wanted.factor * Outliers::MAD_SCALE * (spread + half)))
    }
}

/// A scale in which distances of decimals, and their squares, are floats.
fn scale_of_decimals(values: &impl Ordered) -> Scale {
    let (least, greatest) = values.bounds();
    let size = decimal_of(least).abs().max(decimal_of(greatest).abs());
    Scale::Decimal {
        unit: if size > LARGE {
            1.0 / SHIFT
        } else if size < 1.0 / LARGE {
            SHIFT
        } else {
            1.0
        },
    }
}

/// Decimals beyond it are scaled down by [`SHIFT`], those under its inverse up: 2^900 and 2^200.
const LARGE: f64 = f64::from_bits((1_023 + 900) << 52);
const SHIFT: f64 = f64::from_bits((1_023 + 200) << 52);

/// The mean and the deviation of decimals that are finite; the same in whatever order they come.
fn deviation_of_decimals(values: &impl Ordered) -> io::Result<(Scale, f64, f64)> {
    let scale = scale_of_decimals(values);
    let finite = |image: u64| Some(scale.number(image)).filter(|number| number.is_finite());
    let empty = || (0_u64, f64::INFINITY, f64::NEG_INFINITY);
    let (low, high) = values.bounds();
    let (count, least, greatest) = match (finite(low), finite(high)) {
        (Some(least), Some(greatest)) => (values.count(), least, greatest),
        _ => values.fold(
            empty,
            |(count, least, greatest), image| {
                if let Some(number) = finite(image) {
                    (*count, *least, *greatest) = (*count + 1, least.min(number), greatest.max(number));
                }
            },
            |a, b| (a.0 + b.0, a.1.min(b.1), a.2.max(b.2)),
        )?,
    };
    if count < 2 {
        return Ok((scale, f64::NAN, f64::NAN));
    }
    let size = least.abs().max(greatest.abs());
    let sum = values.fold(
        || FixedSum::up_to(size),
        |sum, image| {
            if let Some(number) = finite(image) {
                sum.add(number);
            }
        },
        FixedSum::joined,
    )?;
    // Rounding leads over neither end.
    let mean = sum.over(count).clamp(least, greatest);
    let reach = (greatest - mean).max(mean - least);
    if reach <= 0.0 {
        return Ok((scale, mean, 0.0));
    }
    let squares = values.fold(
        || FixedSum::up_to(1.0),
        |sum, image| {
            if let Some(number) = finite(image) {
                let part = (number - mean) / reach;
                sum.add(part * part);
            }
        },
        FixedSum::joined,
    )?;
    Ok((scale, mean, reach * deviation(&squares, count)))
}

/// The mean and the deviation of whole numbers, counted from the mean rounded down.
#[expect(clippy::cast_precision_loss, reason = "deviations are 64-bit floats")]
fn deviation_of_whole(values: &impl Ordered) -> io::Result<(Scale, f64, f64)> {
    let count = values.count();
    let sum = values.fold(|| 0_u128, |sum, image| *sum += u128::from(image), |a, b| a + b)?;
    // Between the least and the greatest.
    let base = u64::try_from(sum / u128::from(count.max(1))).unwrap_or(u64::MAX);
    let center = (sum % u128::from(count.max(1))) as f64 / count as f64;
    let scale = Scale::Whole { base };
    let (least, greatest) = values.bounds();
    let reach = (scale.number(greatest) - center).max(center - scale.number(least));
    if reach <= 0.0 {
        return Ok((scale, center, 0.0));
    }
    let squares = values.fold(
        || FixedSum::up_to(1.0),
        |sum, image| {
            let part = (scale.number(image) - center) / reach;
            sum.add(part * part);
        },
        FixedSum::joined,
    )?;
    Ok((scale, center, reach * deviation(&squares, count)))
}

/// The deviation of a sample of which the squares add up to this.
#[expect(clippy::cast_precision_loss, reason = "deviations are 64-bit floats")]
fn deviation(squares: &FixedSum, count: u64) -> f64 {
    (squares.over(count) * (count as f64 / (count - 1) as f64)).sqrt()
}

/// What becomes of values, at the ranks between which quantiles lie.
struct Ranked {
    count: u64,
    ranks: Vec<u64>,
    found: Vec<u64>,
}

impl Ranked {
    fn find(
        wanted: &[Quantile],
        values: &impl Ordered,
        bounds: (u64, u64),
        map: impl Fn(u64) -> u64 + Sync,
    ) -> io::Result<Self> {
        let ranks = ranks_of(wanted, values.count());
        let found = values.at_ranks(&ranks, bounds, map)?;
        Ok(Self { count: values.count(), ranks, found })
    }

    /// What is below a quantile and above it; the same where it is one of the values.
    fn around(&self, quantile: Quantile) -> (u64, u64) {
        let at = |rank: u64| self.ranks.binary_search(&rank).ok().and_then(|at| self.found.get(at)).copied();
        let (rank, share) = quantile.place(self.count);
        let low = at(rank).unwrap_or_default();
        (low, if share > 0.0 { at(rank + 1).unwrap_or(low) } else { low })
    }

    /// A quantile as a number.
    fn between(&self, quantile: Quantile, number: impl Fn(u64) -> f64) -> f64 {
        let (low, high) = self.around(quantile);
        Quantile::between(number(low), number(high), quantile.place(self.count).1)
    }
}

/// What became of rows that waited.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Judged {
    passed: u64,
    below: u64,
    above: u64,
    groups: u64,
    small_groups: u64,
    small_rows: u64,
}

impl Judged {
    fn plus(self, other: Self) -> Self {
        Self {
            passed: self.passed + other.passed,
            below: self.below + other.below,
            above: self.above + other.above,
            groups: self.groups + other.groups,
            small_groups: self.small_groups + other.small_groups,
            small_rows: self.small_rows + other.small_rows,
        }
    }

    /// A group with too few values.
    fn small(rows: u64) -> Self {
        Self { small_groups: u64::from(rows > 0), small_rows: rows, ..Self::default() }
    }

    /// Judges a value; returns whether it passes.
    fn enter(&mut self, image: u64, (least, greatest): (u64, u64)) -> bool {
        let (below, above) = (image < least, image > greatest);
        self.below += u64::from(below);
        self.above += u64::from(above);
        self.passed += u64::from(!below && !above);
        !below && !above
    }

    fn reading(self, entered: Entered, fences: Option<(Value, Value)>) -> Reading {
        let Entered { not_applicable, unreadable } = entered;
        let reasons = [("above", self.above), ("below", self.below)];
        let Self { groups, small_groups, small_rows, .. } = self;
        Reading::Rows(RowTally {
            passed: self.passed,
            failed: unreadable + self.above + self.below,
            not_applicable: not_applicable + small_rows,
            unreadable,
            reasons: reasons.into_iter().map(|(name, rows)| (name.to_owned(), rows)).collect(),
            outliers: Some(OutlierTally { groups, small_groups, small_rows, fences }),
            ..RowTally::default()
        })
    }
}

/// All rows as one group.
#[derive(Debug)]
struct Whole {
    far: Far,
    column: usize,
    memory: Arc<KeyMemory>,
    values: Arc<Values>,
    /// Of batches in which not every row has a value, those that have one.
    rows: Mutex<BTreeMap<u32, Bits>>,
}

impl Accumulator for Whole {
    fn extend(&self, input: &BatchInput<'_, '_>) -> io::Result<Classified> {
        let (valid, unreadable) = split(input.cells, self.column);
        let classified = Classified::in_scope(valid, unreadable, input.scope);
        if classified.pending.count() < input.batch.rows as u64 {
            let rows = classified.pending.clone();
            self.memory.take(bytes_of(&rows))?;
            self.rows.lock().unwrap_or_else(PoisonError::into_inner).insert(input.number, rows);
        }
        self.values.extend(input.number, images(input.cells, self.column, &classified.pending))?;
        Ok(classified)
    }

    fn finish(self: Box<Self>, end: &End<'_>) -> io::Result<Reading> {
        let all = self.values.finish();
        let rows = self.rows.into_inner().unwrap_or_else(PoisonError::into_inner);
        let kept = Unsorted { all: &all, watch: end.sinks.failed };
        let few = all.entries() < Outliers::LEAST_VALUES;
        let (inside, fences) = if few {
            ((0, 0), None)
        } else {
            let fences = self.far.fences(&kept)?;
            (fences.inside(), Some(fences.shown(self.far.data_type)))
        };
        let sink = if few { end.sinks.not_applicable } else { end.sinks.failed };
        let (least, greatest) = inside;
        let judged = all.scan(
            end.sinks.failed,
            || (Judged::default(), Rows::new(sink)),
            |(judged, told), piece| {
                let mut far = 0;
                if !few {
                    for image in piece.words {
                        far += u64::from(!judged.enter(*image, inside));
                    }
                    if far == 0 {
                        return Ok(());
                    }
                }
                let mut tell = |row: usize, image: u64| {
                    if few || image < least || image > greatest {
                        told.push(row_number(piece.tag, row));
                    }
                };
                match rows.get(&piece.tag) {
                    Some(rows) => {
                        rows.ones().skip(piece.before).zip(piece.words).for_each(|(row, image)| tell(row, *image));
                    }
                    None => (piece.before..).zip(piece.words).for_each(|(row, image)| tell(row, *image)),
                }
                Ok(())
            },
        )?;
        let judged = judged.into_iter().map(|(judged, _)| judged).fold(Judged::default(), Judged::plus);
        let judged = if few { Judged::small(all.entries()) } else { Judged { groups: 1, ..judged } };
        self.memory.give_back(rows.values().map(bytes_of).sum());
        Ok(judged.reading(end.entered, fences))
    }
}

/// Bytes that a set of rows takes.
const fn bytes_of(rows: &Bits) -> usize {
    rows.rows() / 8
}

/// Words of an entry after its key: the value and the row.
const REST: usize = 2;

/// Rows by groups.
#[derive(Debug)]
struct Grouped {
    far: Far,
    column: usize,
    key: KeyColumns,
    entries: KeyedPartitions,
}

impl Accumulator for Grouped {
    fn extend(&self, input: &BatchInput<'_, '_>) -> io::Result<Classified> {
        let cells = input.cells;
        let (valid, unreadable) = split(cells, self.column);
        let (whole, unreadable_key) = self.key.split(cells);
        // A row without a value or without a group has nothing to judge, whatever the other is.
        let (read, grouped) = (valid.or(&unreadable), whole.or(&unreadable_key));
        let unreadable = unreadable.or(&unreadable_key).and(&read).and(&grouped);
        let classified = Classified::in_scope(valid.and(&whole), unreadable, input.scope);
        let found = images(cells, self.column, &classified.pending);
        let (mut entries, mut next) = (Entries::default(), found.into_iter());
        self.key.for_each(cells, &classified.pending, |row, key| {
            entries.start(key).extend([next.next().unwrap_or_default(), row_number(input.number, row)]);
        });
        self.entries.extend(&entries)?;
        Ok(classified)
    }

    fn finish(self: Box<Self>, end: &End<'_>) -> io::Result<Reading> {
        let (judged, nanoseconds) = fold_parts(&ByGroup(&self.far), &[&self.entries.finish()], end.sinks)?;
        end.spend(nanoseconds);
        Ok(judged.reading(end.entered, None))
    }
}

/// Judges the groups of a part.
struct ByGroup<'a>(&'a Far);

impl ExternalFold for ByGroup<'_> {
    type Tally = Judged;

    fn fold<const K: usize>(&self, part: &Part<'_>, rows: &mut LateRows<'_>) -> io::Result<Option<Judged>> {
        if K == 1 { self.judge::<1, { 1 + REST }>(part, rows) } else { self.judge::<2, { 2 + REST }>(part, rows) }
    }

    fn join(&self, one: Judged, other: Judged) -> io::Result<Judged> {
        Ok(one.plus(other))
    }

    fn set_apart(&self, memory: &Arc<KeyMemory>) -> Option<Box<dyn FrequentKey<Judged> + '_>> {
        Some(Box::new(LargeGroup { far: self.0, values: Values::new(memory, REST), waiting: Vec::new() }))
    }
}

impl ByGroup<'_> {
    fn judge<const K: usize, const W: usize>(
        &self,
        part: &Part<'_>,
        rows: &mut LateRows<'_>,
    ) -> io::Result<Option<Judged>> {
        let entries = part.entries(0);
        // The entries, and of one group its values and what becomes of them.
        if !part.fits(entries * (size_of::<[u64; W]>() + 2 * size_of::<u64>())) {
            return Ok(None);
        }
        let mut all: Vec<[u64; W]> = Vec::with_capacity(entries);
        part.for_each(0, &mut |words| {
            all.extend_from_slice(words.as_chunks().0);
            Ok(())
        })?;
        all.sort_unstable();
        let (mut judged, mut values) = (Judged::default(), Vec::new());
        for group in all.chunk_by(|a, b| a[..K] == b[..K]) {
            if (group.len() as u64) < Outliers::LEAST_VALUES {
                judged = judged.plus(Judged::small(group.len() as u64));
                for entry in group {
                    rows.not_applicable.push(entry[W - 1]);
                }
                continue;
            }
            values.clear();
            values.extend(group.iter().map(|entry| entry[K]));
            let inside = self.0.fences(&Sorted(&values))?.inside();
            judged.groups += 1;
            for entry in group {
                if !judged.enter(entry[K], inside) {
                    rows.failed.push(entry[W - 1]);
                }
            }
        }
        Ok(Some(judged))
    }
}

/// A group that makes up much of a part, kept by itself.
struct LargeGroup<'a> {
    far: &'a Far,
    values: Arc<Values>,
    waiting: Vec<u64>,
}

impl FrequentKey<Judged> for LargeGroup<'_> {
    fn enter(&mut self, entry: &[u64], _: &mut LateRows<'_>) -> io::Result<()> {
        const LOT: usize = 1 << 10;
        self.waiting.extend_from_slice(entry);
        if self.waiting.len() >= LOT {
            self.values.extend(0, std::mem::take(&mut self.waiting))?;
        }
        Ok(())
    }

    fn close(self: Box<Self>, rows: &mut LateRows<'_>) -> io::Result<Judged> {
        self.values.extend(0, self.waiting)?;
        let all = self.values.finish();
        let watch = rows.failed.sink();
        let few = all.entries() < Outliers::LEAST_VALUES;
        let inside = if few { (0, 0) } else { self.far.fences(&Unsorted { all: &all, watch })?.inside() };
        let mut judged = if few { Judged::small(all.entries()) } else { Judged { groups: 1, ..Judged::default() } };
        // On the one worker that shares the memory of the part.
        let found = Mutex::new((&mut judged, rows));
        all.scan(
            watch,
            || (),
            |(), piece| {
                let (judged, rows) = &mut *found.lock().unwrap_or_else(PoisonError::into_inner);
                for [image, row] in piece.words.as_chunks::<REST>().0 {
                    if few {
                        rows.not_applicable.push(*row);
                    } else if !judged.enter(*image, inside) {
                        rows.failed.push(*row);
                    }
                }
                Ok(())
            },
        )?;
        Ok(judged)
    }
}

/// What it costs for each row.
pub(crate) fn cost(outliers: &Outliers, model: &CostModel<'_>) -> RowCost {
    if outliers.by.is_empty() {
        return (ns::KEEP_VALUE, ns::ORDER_VALUE);
    }
    (model.key(&outliers.by) + ns::KEEP_KEY + ns::KEEP_VALUE, ns::SORT_GROUPED)
}

/// Words that are kept of a row: its value; with groups, an entry of a key, a value and its row.
pub(crate) const fn words(outliers: &Outliers) -> usize {
    if outliers.by.is_empty() { 1 } else { 5 }
}
