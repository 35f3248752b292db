//! Exact order statistics of numbers: the n-th least of them, and what lies between.
//!
//! Numbers are taken as 64-bit images in the same order. The image at a rank is found by counting: the range in which it
//! lies is cut into up to 2^16 parts, the values of each are counted, and the part of the rank is the next range, until
//! few enough values are left to be sorted. So memory hangs neither on the rows nor on the values, every rank asked for is
//! found in the same passes, and the result is the same in whatever order values come.

use std::io;
use std::ops::Range;

use crate::model::{DataType, Quantile, Value};
use crate::source::Bits;

use crate::engine::local::batch::cells::{Cells, TypedCells};
use crate::engine::local::measures::duplicates::Sink;
use crate::engine::local::spill::values::AllValues;

/// The most values that are sorted in the end.
const MOST_SORTED: usize = 1 << 18;

/// Parts into which a range is cut at the most, as a power of two.
const MOST_BITS: u32 = 16;

const SIGN: u64 = 1 << 63;

/// The image of a whole number, a day or a moment.
#[inline]
pub(crate) const fn image_of_whole(number: i64) -> u64 {
    number.cast_unsigned() ^ SIGN
}

/// The whole number of an image.
#[inline]
pub(crate) const fn whole_of(image: u64) -> i64 {
    (image ^ SIGN).cast_signed()
}

/// The image of a float that is a number; both zeros have one.
#[inline]
pub(crate) fn image_of_decimal(number: f64) -> u64 {
    let bits = (number + 0.0).to_bits();
    if bits & SIGN == 0 { bits | SIGN } else { !bits }
}

/// The float of an image.
#[inline]
pub(crate) const fn decimal_of(image: u64) -> f64 {
    f64::from_bits(if image & SIGN == 0 { !image } else { image ^ SIGN })
}

/// The value of an image of a type.
pub(crate) fn value_of(image: u64, data_type: DataType) -> Value {
    match data_type {
        DataType::Decimal => Value::Decimal(decimal_of(image)),
        DataType::Date => Value::Date(i32::try_from(whole_of(image)).unwrap_or(i32::MAX)),
        DataType::Datetime => Value::Datetime(whole_of(image)),
        _ => Value::Integer(whole_of(image)),
    }
}

/// The image of a value in a type that is a number or a date.
pub(crate) fn image_of(value: &Value, data_type: DataType) -> Option<u64> {
    Some(match (value, data_type) {
        #[expect(clippy::cast_precision_loss, reason = "a whole number among decimals is one")]
        (Value::Integer(number), DataType::Decimal) => image_of_decimal(*number as f64),
        (Value::Decimal(number), _) if !number.is_nan() => image_of_decimal(*number),
        (Value::Integer(number) | Value::Datetime(number), _) => image_of_whole(*number),
        (Value::Date(day), _) => image_of_whole(i64::from(*day)),
        _ => return None,
    })
}

/// Rows whose cell is a number or a date of the column's type, and rows whose cell does not read. The rest is missing.
pub(crate) fn split(cells: &Cells<'_>, column: usize) -> (Bits, Bits) {
    let typed = cells.typed(column, cells.data_type(column));
    (typed.valid().clone(), typed.unreadable().clone())
}

/// The images of a column in these rows, which all hold a value.
pub(crate) fn images(cells: &Cells<'_>, column: usize, rows: &Bits) -> Vec<u64> {
    fn of<T: Copy>(values: &[T], rows: &Bits, image: impl Fn(T) -> u64) -> Vec<u64> {
        if rows.count() == values.len() as u64 {
            return values.iter().map(|value| image(*value)).collect();
        }
        rows.ones().map(|row| image(values[row])).collect()
    }
    match cells.typed(column, cells.data_type(column)) {
        TypedCells::Integer(reads) | TypedCells::Datetime(reads) => of(&reads.values, rows, image_of_whole),
        TypedCells::Decimal(reads) => of(&reads.values, rows, image_of_decimal),
        TypedCells::Date(reads) => of(&reads.values, rows, |day| image_of_whole(i64::from(day))),
        TypedCells::Boolean(_) => Vec::new(),
    }
}

/// The rank, from 0, of the value that is a quantile itself: the least with at least that share of all values at or under
/// it. Type 1 of R. J. Hyndman and Y. Fan, "Sample Quantiles in Statistical Packages", The American Statistician 50
/// (1996).
pub(crate) fn rank_at(quantile: Quantile, count: u64) -> u64 {
    let under = (u128::from(count) * u128::from(quantile.billionths())).div_ceil(u128::from(Quantile::WHOLE));
    u64::try_from(under).unwrap_or(u64::MAX).clamp(1, count.max(1)) - 1
}

/// Where a quantile lies between values: the rank below it, and the way to the next one, as a share. Type 7 of Hyndman and
/// Fan, which numpy calls `linear` and SQL `percentile_cont`; exact, since a quantile is a decimal.
#[expect(clippy::cast_precision_loss, reason = "a part of a billion")]
pub(crate) fn place_between(quantile: Quantile, count: u64) -> (u64, f64) {
    let whole = u128::from(Quantile::WHOLE);
    let place = u128::from(count.saturating_sub(1)) * u128::from(quantile.billionths());
    let rank = u64::try_from(place / whole).unwrap_or(u64::MAX);
    (rank, (place % whole) as f64 / whole as f64)
}

/// The ranks between which quantiles lie, in ascending order and without repeats.
pub(crate) fn ranks_of(quantiles: &[Quantile], count: u64) -> Vec<u64> {
    let mut ranks: Vec<u64> = Vec::with_capacity(2 * quantiles.len());
    for quantile in quantiles {
        let (rank, share) = place_between(*quantile, count);
        ranks.push(rank);
        if share > 0.0 {
            ranks.push(rank + 1);
        }
    }
    ranks.sort_unstable();
    ranks.dedup();
    ranks
}

/// What lies a share of the way from one number to the next, as numpy has it: from whichever end is nearer.
pub(crate) fn way_between(from: f64, to: f64, share: f64) -> f64 {
    if !from.is_finite() || !to.is_finite() {
        // Between a number and an infinite one lies nothing but the latter.
        if from.is_finite() {
            to
        } else if to.is_finite() {
            from
        } else {
            from + to
        }
    } else if !(to - from).is_finite() {
        // Each part is within what floats hold.
        from * (1.0 - share) + to * share
    } else if share < 0.5 {
        from + (to - from) * share
    } else {
        to - (to - from) * (1.0 - share)
    }
}

/// The quantile of numbers that lies between the values at [`place_between`]. Of whole numbers it is exact: a whole number
/// where it is one.
pub(crate) fn quantile_of(quantile: Quantile, count: u64, at: impl Fn(u64) -> u64, data_type: DataType) -> Value {
    let (rank, share) = place_between(quantile, count);
    let next = if share > 0.0 { rank + 1 } else { rank };
    if data_type == DataType::Decimal {
        return Value::Decimal(way_between(decimal_of(at(rank)), decimal_of(at(next)), share));
    }
    let (low, high) = (i128::from(whole_of(at(rank))), i128::from(whole_of(at(next))));
    let whole = i128::from(Quantile::WHOLE);
    let part = i128::from(count.saturating_sub(1)) * i128::from(quantile.billionths()) % whole;
    quotient(low * whole + (high - low) * part, whole)
}

/// A number divided by another that is over 0: a whole number where that is one, else the nearest decimal.
#[expect(clippy::cast_precision_loss, reason = "a decimal is a 64-bit float by definition")]
pub(crate) fn quotient(number: i128, by: i128) -> Value {
    const EXACT: u128 = 1 << f64::MANTISSA_DIGITS;
    let (whole, rest) = (number.div_euclid(by), number.rem_euclid(by));
    match i64::try_from(whole) {
        Ok(whole) if rest == 0 => Value::Integer(whole),
        _ if number.unsigned_abs() <= EXACT => Value::Decimal(number as f64 / by as f64),
        _ => Value::Decimal(whole as f64 + rest as f64 / by as f64),
    }
}

/// Cuts all images at some of them; finds the part of an image in a step or two.
#[derive(Debug)]
pub(crate) struct Cuts {
    /// Ascending, without repeats.
    edges: Vec<u64>,
    first: u64,
    shift: u32,
    /// For each cell of the range of the cuts how many of them lie under it, and at the end all.
    under: Vec<u32>,
}

impl Cuts {
    const BITS: u32 = 12;

    /// Cuts at these, which are ascending.
    pub(crate) fn new(mut cuts: Vec<u64>) -> Self {
        cuts.dedup();
        let (first, last) = (cuts.first().copied().unwrap_or_default(), cuts.last().copied().unwrap_or_default());
        let shift = bits(last - first).saturating_sub(Self::BITS);
        let cells = ((last - first) >> shift) + 1;
        let start = |cell: u64| cuts.partition_point(|cut| (cut - first) >> shift < cell);
        let under = (0..=cells).map(|cell| u32::try_from(start(cell)).unwrap_or(u32::MAX)).collect();
        Self { edges: cuts, first, shift, under }
    }

    /// How many cuts lie under an image; the image is at most as great as the cut of that number.
    #[inline]
    pub(crate) fn part_of(&self, image: u64) -> usize {
        if image <= self.first {
            return 0;
        }
        #[expect(clippy::cast_possible_truncation, reason = "there are at most 2^12 + 1 cells")]
        let cell = ((image - self.first) >> self.shift).min(self.under.len() as u64) as usize;
        match (self.under.get(cell), self.under.get(cell + 1)) {
            (Some(from), Some(to)) => {
                let (from, to) = (*from as usize, *to as usize);
                from + self.edges[from..to].partition_point(|cut| *cut < image)
            }
            _ => self.edges.len(),
        }
    }

    /// The cuts.
    pub(crate) fn list(&self) -> &[u64] {
        &self.edges
    }
}

/// Bits that it takes to write a number.
const fn bits(number: u64) -> u32 {
    u64::BITS - number.leading_zeros()
}

/// A range of images in which wanted ranks lie.
#[derive(Debug, Clone)]
struct Span {
    low: u64,
    high: u64,
    /// Values under it, and in it.
    before: u64,
    count: u64,
    /// Positions in the list of ranks.
    wanted: Range<usize>,
}

/// What one worker finds in the spans.
struct Seen {
    /// For each span that is counted, the values of its parts.
    counts: Vec<Vec<u64>>,
    /// For each span that is sorted, its values.
    kept: Vec<Vec<u64>>,
}

impl AllValues {
    /// The values at `ranks` (ascending, from 0, each under the number of entries).
    ///
    /// # Errors
    /// Where entries cannot be read back, or the search was stopped.
    pub(crate) fn at_ranks(&self, ranks: &[u64], watch: &dyn Sink) -> io::Result<Vec<u64>> {
        self.mapped_at_ranks(ranks, self.bounds(), &|image| image, watch)
    }

    /// The same for what becomes of each value, all of which lies within `bounds`.
    ///
    /// # Errors
    /// Where entries cannot be read back, or the search was stopped.
    pub(crate) fn mapped_at_ranks(
        &self,
        ranks: &[u64],
        bounds: (u64, u64),
        map: &(impl Fn(u64) -> u64 + Sync),
        watch: &dyn Sink,
    ) -> io::Result<Vec<u64>> {
        let mut found = vec![0; ranks.len()];
        if ranks.is_empty() || self.entries() == 0 {
            return Ok(found);
        }
        let whole = Span { low: bounds.0, high: bounds.1, before: 0, count: self.entries(), wanted: 0..ranks.len() };
        let mut open = vec![whole];
        loop {
            // A span of one value needs no more looking.
            open.retain(|span| {
                let single = span.low == span.high;
                if single {
                    found[span.wanted.clone()].fill(span.low);
                }
                !single
            });
            if open.is_empty() {
                return Ok(found);
            }
            open = self.narrow(&open, ranks, &mut found, map, watch)?;
        }
    }

    /// Looks once through all values; finds some ranks, and narrower spans for the others.
    fn narrow(
        &self,
        spans: &[Span],
        ranks: &[u64],
        found: &mut [u64],
        map: &(impl Fn(u64) -> u64 + Sync),
        watch: &dyn Sink,
    ) -> io::Result<Vec<Span>> {
        let share = self.memory().share() / size_of::<u64>();
        let mut room = (share / 4).min(MOST_SORTED) as u64;
        let sorted: Vec<bool> = spans
            .iter()
            .map(|span| {
                let fits = span.count <= room;
                room -= if fits { span.count } else { 0 };
                fits
            })
            .collect();
        let counted = sorted.iter().filter(|sorted| !**sorted).count();
        let parts = (share / 2).checked_div(counted).unwrap_or_default().max(16);
        let most_bits = parts.ilog2().min(MOST_BITS);
        let shifts: Vec<u32> = spans.iter().map(|span| bits(span.high - span.low).saturating_sub(most_bits)).collect();
        let new = || Seen {
            counts: spans
                .iter()
                .enumerate()
                .map(|(at, span)| {
                    let last = (span.high - span.low) >> shifts[at];
                    vec![0; if sorted[at] { 0 } else { narrow(last) + 1 }]
                })
                .collect(),
            kept: vec![Vec::new(); spans.len()],
        };
        let enter = |seen: &mut Seen, at: usize, image: u64| {
            let span = &spans[at];
            if image < span.low || image > span.high {
                return;
            }
            if sorted[at] {
                seen.kept[at].push(image);
            } else {
                seen.counts[at][narrow((image - span.low) >> shifts[at])] += 1;
            }
        };
        let cuts = Cuts::new(spans.iter().map(|span| span.high).collect());
        let seen = self.scan(watch, new, |seen, piece| {
            let images = piece.words.iter().step_by(self.stride()).map(|image| map(*image));
            if spans.len() == 1 {
                images.for_each(|image| enter(seen, 0, image));
            } else {
                for image in images {
                    let at = cuts.part_of(image);
                    if at < spans.len() {
                        enter(seen, at, image);
                    }
                }
            }
            Ok(())
        })?;
        let mut narrower = Vec::new();
        for (at, span) in spans.iter().enumerate() {
            if sorted[at] {
                let mut kept: Vec<u64> = seen.iter().flat_map(|seen| &seen.kept[at]).copied().collect();
                kept.sort_unstable();
                for wanted in span.wanted.clone() {
                    found[wanted] = kept.get(narrow(ranks[wanted] - span.before)).copied().unwrap_or_default();
                }
                continue;
            }
            let count = |part: usize| seen.iter().map(|seen| seen.counts[at][part]).sum::<u64>();
            let parts = seen.first().map_or(0, |seen| seen.counts[at].len());
            let (mut before, mut wanted) = (span.before, span.wanted.clone());
            for part in 0..parts {
                let inside = count(part);
                let end = wanted.start + ranks[wanted.clone()].partition_point(|rank| *rank < before + inside);
                if end > wanted.start {
                    let low = span.low + ((part as u64) << shifts[at]);
                    let high = low.saturating_add((1 << shifts[at]) - 1).min(span.high);
                    narrower.push(Span { low, high, before, count: inside, wanted: wanted.start..end });
                }
                before += inside;
                wanted.start = end;
            }
        }
        Ok(narrower)
    }

    /// How many values lie in each part between cuts: up to and with the first, over it up to and with the second, …, over
    /// the last.
    ///
    /// # Errors
    /// Where entries cannot be read back, or the search was stopped.
    pub(crate) fn count_between(&self, cuts: &Cuts, watch: &dyn Sink) -> io::Result<Vec<u64>> {
        let parts = cuts.list().len() + 1;
        let counts = self.scan(
            watch,
            || vec![0_u64; parts],
            |counts, piece| {
                piece.words.iter().step_by(self.stride()).for_each(|image| counts[cuts.part_of(*image)] += 1);
                Ok(())
            },
        )?;
        Ok((0..parts).map(|part| counts.iter().map(|counts| counts[part]).sum()).collect())
    }
}

fn narrow(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
#[expect(clippy::float_cmp, clippy::cast_precision_loss, reason = "these come out exact")]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::engine::local::measures::duplicates::RowNumber;
    use crate::engine::local::memory::KeyMemory;
    use crate::engine::local::spill::values::Values;

    struct Nobody;

    impl Sink for Nobody {
        fn take(&self, _: &mut [RowNumber]) {}

        fn is_stopped(&self) -> bool {
            false
        }
    }

    fn store(memory: &Arc<KeyMemory>, values: &[u64], chunk: usize) -> AllValues {
        let store = Values::new(memory, 1);
        for (tag, words) in (0..).zip(values.chunks(chunk)) {
            store.extend(tag, words.to_vec()).expect("the folder can be written");
        }
        store.finish()
    }

    fn check(values: &[u64], ranks: &[u64], limit: usize, workers: usize) -> u64 {
        let memory = KeyMemory::new(limit, workers, &std::env::temp_dir());
        let all = store(&memory, values, 777);
        let mut sorted = values.to_vec();
        sorted.sort_unstable();
        let expected: Vec<u64> = ranks.iter().map(|rank| sorted[narrow(*rank)]).collect();
        assert_eq!(all.at_ranks(ranks, &Nobody).expect("it was written"), expected, "limit {limit}");
        drop(all);
        assert!(memory.try_keep(limit / 2), "all memory is given back");
        memory.spilled()
    }

    #[test]
    fn ranks_are_those_of_the_sorted_values() {
        let spread = |n: u64| n.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let shapes: [(&str, &dyn Fn(u64) -> u64); 6] = [
            ("spread", &spread),
            ("few", &|n| image_of_whole(i64::try_from(spread(n) % 7).unwrap())),
            ("one", &|_| 42),
            ("ends", &|n| if n % 3 == 0 { u64::MAX } else { n % 2 }),
            ("decimals", &|n| image_of_decimal((spread(n) % 100_000) as f64 / 7.0 - 4_000.0)),
            // Most in one place, one far away.
            ("skewed", &|n| if n == 5 { u64::MAX } else { 1_000_000 + spread(n) % 900_000 }),
        ];
        for (name, shape) in shapes {
            for rows in [1_u64, 2, 5, 20_000] {
                let values: Vec<u64> = (0..rows).map(shape).collect();
                let mut ranks: Vec<u64> = (0..=100).map(|part| (rows - 1) * part / 100).collect();
                ranks.dedup();
                assert_eq!(check(&values, &ranks, 1 << 30, 2), 0, "{name}");
                assert!(check(&values, &ranks, 0, 1) > 0, "{name}");
                check(&values, &ranks, 100_000, 16);
                check(&values, &ranks[ranks.len() - 1..], 60_000, 2);
            }
        }
    }

    #[test]
    fn images_keep_the_order_of_numbers() {
        let decimals =
            [f64::NEG_INFINITY, f64::MIN, -1.5, -f64::MIN_POSITIVE, 0.0, 5e-324, 1.0, 1.5, f64::MAX, f64::INFINITY];
        assert!(decimals.map(image_of_decimal).is_sorted());
        assert_eq!(decimals.map(|number| decimal_of(image_of_decimal(number))), decimals);
        assert_eq!(image_of_decimal(-0.0), image_of_decimal(0.0));
        let whole = [i64::MIN, -7, -1, 0, 1, 7, i64::MAX];
        assert!(whole.map(image_of_whole).is_sorted());
        assert_eq!(whole.map(|number| whole_of(image_of_whole(number))), whole);
    }

    /// Figures of `quantile_cont` and `quantile_disc` of `DuckDB` 2.0 over 1, 2, 3, 4, 10.
    #[test]
    fn quantiles_are_those_of_hyndman_and_fan() {
        let values = [1, 2, 3, 4, 10].map(image_of_whole);
        let at = |text: &str| {
            let quantile = Quantile::parse(text).unwrap();
            let between = quantile_of(quantile, 5, |rank| values[narrow(rank)], DataType::Integer);
            (between, whole_of(values[narrow(rank_at(quantile, 5))]))
        };
        let (whole, decimal) = (Value::Integer, Value::Decimal);
        assert_eq!(at("0"), (whole(1), 1));
        assert_eq!(at("0.2"), (decimal(1.8), 1));
        assert_eq!(at("0.25"), (whole(2), 2));
        assert_eq!(at("0.5"), (whole(3), 3));
        assert_eq!(at("0.6"), (decimal(3.4), 3));
        assert_eq!(at("0.95"), (decimal(8.8), 10));
        assert_eq!(at("1"), (whole(10), 10));
        // 19 of 20 values lie at or under the nineteenth, though 20 * 0.95 is a little more than 19 in floats.
        assert_eq!(rank_at(Quantile::parse("0.95").unwrap(), 20), 18);
        let middle =
            |values: [u64; 2], data_type| quantile_of(Quantile::MEDIAN, 2, |rank| values[narrow(rank)], data_type);
        let of_whole = |values: [i64; 2]| middle(values.map(image_of_whole), DataType::Integer);
        assert_eq!(of_whole([i64::MAX - 2, i64::MAX]), whole(i64::MAX - 1));
        assert_eq!(of_whole([i64::MAX - 1, i64::MAX]), decimal(9_223_372_036_854_775_807.0));
        assert_eq!(of_whole([i64::MIN, i64::MAX]), decimal(-0.5));
        assert_eq!(of_whole([-(1 << 60) - 1, (1 << 60) + 3]), whole(1));
        let of_decimals = |values: [f64; 2]| middle(values.map(image_of_decimal), DataType::Decimal);
        assert_eq!(of_decimals([1.0, f64::INFINITY]), decimal(f64::INFINITY));
        assert_eq!(of_decimals([f64::MIN, f64::MAX]), decimal(0.0));
        assert_eq!(of_decimals([f64::MAX, f64::MAX]), decimal(f64::MAX));
    }

    proptest! {
        #[test]
        fn parts_between_cuts_are_found(mut cuts in prop::collection::vec(any::<u64>(), 0..40), small in 0_u64..50, images in prop::collection::vec(any::<u64>(), 0..50)) {
            cuts.extend([small, small + 3, small + 4]);
            cuts.sort_unstable();
            let parted = Cuts::new(cuts.clone());
            cuts.dedup();
            let near = cuts.iter().flat_map(|cut| [cut.saturating_sub(1), *cut, cut.saturating_add(1)]);
            for image in images.into_iter().chain(near).chain([0, u64::MAX]) {
                prop_assert_eq!(parted.part_of(image), cuts.partition_point(|cut| *cut < image));
            }
            let memory = KeyMemory::new(0, 2, &std::env::temp_dir());
            let all = store(&memory, &cuts, 3);
            let mut counts = vec![1; cuts.len()];
            counts.push(0);
            prop_assert_eq!(all.count_between(&parted, &Nobody).unwrap(), counts);
        }
    }
}
