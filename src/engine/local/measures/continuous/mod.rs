//! Which points of a calendar or sequence exist in each group, and how long the gaps between them are.
//!
//! 256 consecutive points of a group make up a unit of 256 bits. When all rows were seen, units are processed part by part,
//! and each becomes a stretch: its first and last point, how many there are, and its gaps. Then 256 consecutive stretches
//! become one, and so on until a group is one stretch. So memory
//! depends neither on the number of rows nor on how far apart their points lie.
//!
//! Without groups, points are bits as long as they are near each other, and these make one stretch.

mod stretches;

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use crate::model::{Continuous, PointTally, Reading, Step, Value};
use crate::scalar::{point_of_day, point_of_number, point_of_timestamp};
use crate::source::Bits;

use crate::engine::local::accumulator::{Accumulator, BatchInput, Classified, End};
use crate::engine::local::batch::cells::Cells;
use crate::engine::local::batch::column_rules::{ColumnRules, place_of};
use crate::engine::local::batch::typed::TypedCells;
use crate::engine::local::cost_model::nanoseconds as ns;
use crate::engine::local::cost_model::{CostModel, RowCost};
use crate::engine::local::keys::hashed::{Key, KeyColumns, halves};
use crate::engine::local::keys::words::Entries;
use crate::engine::local::memory::KeyMemory;
use crate::engine::local::prepare_error::PrepareError;
use crate::engine::local::profile::since;
use crate::engine::local::spill::bitmap::NearNumbers;
use crate::engine::local::spill::group_fold::GroupStore;

pub(crate) use self::stretches::points_of;
use self::stretches::{
    GapSink, Groups, POINT_WORDS, Points, STRETCH_WORDS, Stretch, Stretches, UNIT_BITS, prefix, push, push_point, store,
};

/// The column, the groups, and what is collected of them.
#[derive(Debug)]
pub(crate) struct Gaps {
    column: usize,
    every: Step,
    /// For numbers, where steps are counted from, and the greatest that counts.
    start: i64,
    end: Option<i64>,
    by: Option<KeyColumns>,
    from: Option<u64>,
    until: Option<u64>,
    memory: Arc<KeyMemory>,
    /// Points, where there are no groups.
    near: NearNumbers,
    points: GroupStore,
    /// Groups that exist and have no point yet.
    stretches: GroupStore,
    least: AtomicU64,
    greatest: AtomicU64,
    off_step: AtomicU64,
    outside: AtomicU64,
}

/// The number of a point as a word: the order stays.
const fn word(point: i64) -> u64 {
    point.cast_unsigned() ^ 1 << 63
}

/// The number of a point that became this word.
pub(crate) const fn point_of_word(word: u64) -> i64 {
    (word ^ 1 << 63).cast_signed()
}

/// Where a value lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lies {
    At(u64),
    Between,
    Outside,
}

impl Gaps {
    /// Prepares the measure over the columns that a pass reads.
    ///
    /// # Errors
    /// A column that the pass does not read, or that has no points of that kind.
    pub(crate) fn prepare(
        asked: &Continuous,
        rules: &[ColumnRules],
        memory: &Arc<KeyMemory>,
    ) -> Result<Self, PrepareError> {
        let Continuous { column, every, by, from, until } = asked;
        let start = match from {
            Some(Value::Integer(from)) => *from,
            _ => 0,
        };
        let end = match until {
            Some(Value::Integer(until)) => Some(*until),
            _ => None,
        };
        let bound = |value: &Option<Value>| {
            Some(word(match value.as_ref()? {
                Value::Date(days) => point_of_day(*every, *days),
                Value::Datetime(micros) => point_of_timestamp(*every, *micros),
                Value::Integer(number) => last_point(*every, start, *number),
                _ => return None,
            }))
        };
        let by = (!by.is_empty()).then(|| KeyColumns::of_rows(by, rules)).transpose()?;
        Ok(Self {
            column: place_of(rules, column)?,
            every: *every,
            start,
            end,
            by,
            from: bound(from),
            until: bound(until),
            memory: Arc::clone(memory),
            near: NearNumbers::new(memory),
            points: GroupStore::new(memory, POINT_WORDS),
            stretches: GroupStore::new(memory, STRETCH_WORDS),
            least: AtomicU64::new(u64::MAX),
            greatest: AtomicU64::new(0),
            off_step: AtomicU64::new(0),
            outside: AtomicU64::new(0),
        })
    }

    /// Takes in the points of rows that make up one group.
    ///
    /// # Errors
    /// Where points must be spilled and cannot be written.
    fn enter_whole(&self, cells: &Cells<'_>, rows: &Bits) -> io::Result<()> {
        let mut points = Vec::with_capacity(rows.rows());
        let (mut off_step, mut outside) = (0, 0);
        self.points(cells, rows, |_, lies| match lies {
            Lies::At(point) => points.push(point),
            Lies::Between => off_step += 1,
            Lies::Outside => outside += 1,
        });
        let mut bounds =
            points.iter().fold((u64::MAX, 0), |(least, greatest), point| (*point.min(&least), *point.max(&greatest)));
        let mut stretches = Entries::default();
        if off_step + outside > 0 {
            // A group without a point exists too, at any place.
            let place = self.from.or(self.until).unwrap_or_default();
            bounds = (bounds.0.min(place), bounds.1.max(place));
            push(&mut stretches, [0; 2], place, Stretch::default(), 2 * UNIT_BITS);
        }
        self.note(bounds, off_step, outside);
        self.stretches.extend(&stretches)?;
        let Err(before) = self.near.enter(&points) else { return Ok(()) };
        let mut waiting = Entries::default();
        let mut keep = |point: u64| {
            push_point(&mut waiting, [0; 2], point);
            store(&mut waiting, &self.points)
        };
        points.into_iter().try_for_each(&mut keep)?;
        let mut kept = Ok(());
        before.runs(|first, last| {
            if kept.is_ok() {
                kept = (first..=last).try_for_each(&mut keep);
            }
        });
        kept?;
        self.points.extend(&waiting)
    }

    /// Reports the points of a batch: the least and the greatest, and the rows without one.
    fn note(&self, (least, greatest): (u64, u64), off_step: u64, outside: u64) {
        self.least.fetch_min(least, Ordering::Relaxed);
        self.greatest.fetch_max(greatest, Ordering::Relaxed);
        self.off_step.fetch_add(off_step, Ordering::Relaxed);
        self.outside.fetch_add(outside, Ordering::Relaxed);
    }

    fn lies(&self, point: Option<i64>) -> Lies {
        let Some(point) = point.map(word) else { return Lies::Between };
        if self.from.is_some_and(|from| point < from) || self.until.is_some_and(|until| point > until) {
            return Lies::Outside;
        }
        Lies::At(point)
    }

    fn number(&self, number: i64) -> Lies {
        let apart = if let Step::Number(apart) = self.every { apart } else { 1 };
        // A number that lies between two points may lie outside nevertheless.
        let outside = apart > 1 && (number < self.start || self.end.is_some_and(|end| number > end));
        if outside { Lies::Outside } else { self.lies(point_of_number(apart, self.start, number)) }
    }

    /// Where the values of the rows lie. Each of the rows has one.
    fn points(&self, cells: &Cells<'_>, rows: &Bits, mut visit: impl FnMut(usize, Lies)) {
        match cells.to_microsecond(self.column) {
            TypedCells::Date(reads) => {
                rows.ones().for_each(|row| visit(row, self.lies(Some(point_of_day(self.every, reads.values[row])))));
            }
            TypedCells::Datetime(reads) => {
                rows.ones()
                    .for_each(|row| visit(row, self.lies(Some(point_of_timestamp(self.every, reads.values[row])))));
            }
            TypedCells::Integer(reads) => rows.ones().for_each(|row| visit(row, self.number(reads.values[row]))),
            // Points are numbers of 64 bits.
            TypedCells::Decimal(reads) => rows.ones().for_each(|row| {
                visit(row, reads.values[row].to_integer().map_or(Lies::Outside, |number| self.number(number)));
            }),
            TypedCells::Float(_) | TypedCells::Nanoseconds(_) | TypedCells::Boolean(_) => {}
        }
    }
}

/// The last point up to and with a number.
fn last_point(every: Step, start: i64, number: i64) -> i64 {
    match every {
        Step::Number(apart @ 2..) => {
            let points = (i128::from(number) - i128::from(start)).div_euclid(i128::from(apart));
            i64::try_from(points).unwrap_or(i64::MAX)
        }
        _ => number,
    }
}

/// Points that occurred shortly before.
struct Recent(Vec<Option<(Key, Lies)>>);

impl Recent {
    const SLOTS: usize = 1 << 12;

    fn is_new(&mut self, group: Key, lies: Lies) -> bool {
        let point = if let Lies::At(point) = lies { point } else { 0 };
        #[expect(clippy::cast_possible_truncation, reason = "any slot will do")]
        let slot = (halves(group)[0] ^ point.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as usize % Self::SLOTS;
        self.0[slot].replace((group, lies)) != Some((group, lies))
    }
}

impl Accumulator for Gaps {
    fn extend(&self, input: &BatchInput<'_, '_>) -> io::Result<Classified> {
        let cells = input.cells;
        let typed = cells.typed(self.column, cells.data_type(self.column));
        let Some(by) = &self.by else {
            let classified = Classified::in_scope(typed.valid().clone(), typed.unreadable().clone(), input.scope);
            self.enter_whole(cells, &classified.pending)?;
            return Ok(Classified { pending: Bits::none(cells.rows()), ..classified });
        };
        let (whole, no_group) = by.split(cells);
        let unreadable = typed.unreadable().or(&no_group);
        let Classified { pending, unreadable } =
            Classified::in_scope(whole.and(typed.valid()), unreadable, input.scope);
        let valueless =
            Classified::in_scope(whole.without(typed.valid()), Bits::none(cells.rows()), input.scope).pending;
        let mut groups = Vec::new();
        by.for_each(cells, &pending, |_, key| groups.push(key));
        let mut groups = groups.into_iter();
        let mut recent = Recent(vec![None; Recent::SLOTS]);
        let (mut points, mut stretches) = (Entries::default(), Entries::default());
        let (mut least, mut greatest, mut off_step, mut outside) = (u64::MAX, 0, 0, 0);
        self.points(cells, &pending, |_, lies| {
            let group = groups.next().unwrap_or_default();
            off_step += u64::from(lies == Lies::Between);
            outside += u64::from(lies == Lies::Outside);
            if !recent.is_new(group, lies) {
                return;
            }
            let group_words = halves(group);
            // A group without a point exists too, at any place.
            let place = if let Lies::At(point) = lies { point } else { self.from.or(self.until).unwrap_or_default() };
            (least, greatest) = (place.min(least), place.max(greatest));
            if lies == Lies::At(place) {
                push_point(&mut points, group_words, place);
            } else {
                push(&mut stretches, group_words, place, Stretch::default(), 2 * UNIT_BITS);
            }
        });
        // A row without a value has no point, but its group exists. A place near other points saves levels of stretches.
        let near = if least == u64::MAX { word(0) } else { least };
        let place = self.from.or(self.until).unwrap_or(near);
        if !valueless.is_empty() {
            (least, greatest) = (place.min(least), place.max(greatest));
        }
        by.for_each(cells, &valueless, |_, group| {
            if recent.is_new(group, Lies::Outside) {
                push(&mut stretches, halves(group), place, Stretch::default(), 2 * UNIT_BITS);
            }
        });
        self.note((least, greatest), off_step, outside);
        self.points.extend(&points)?;
        self.stretches.extend(&stretches)?;
        // No row is pending: points are judged.
        Ok(Classified { pending: Bits::none(pending.rows()), unreadable })
    }

    fn finish(self: Box<Self>, end: &End<'_>) -> io::Result<Reading> {
        let Self { by, from, until, memory, near, points, stretches, .. } = *self;
        let start = Instant::now();
        let gaps = GapSink(end.groups);
        let mut whole = Stretch::default();
        let mut kept = Ok(());
        near.finish().runs(|first, last| {
            let gap = whole.append(Stretch { first, last, points: last - first + 1, gaps: 0, longest: 0 });
            if kept.is_ok() {
                kept = gaps.take([0; 2], gap);
            }
        });
        kept?;
        if whole.points > 0 {
            let mut entries = Entries::default();
            push(&mut entries, [0; 2], whole.first, whole, 2 * UNIT_BITS);
            stretches.extend(&entries)?;
        }
        end.spend(since(start));
        // The bit from which on all points are equal.
        let differing = self.least.into_inner() ^ self.greatest.into_inner();
        let mut shift = 2 * UNIT_BITS;
        let folded = points.finish(&Points { next: &stretches, gaps, shift }, end.sinks.failed)?;
        stretches.extend(&folded.summary)?;
        end.spend(folded.nanoseconds);
        let mut stretches = stretches;
        while prefix(differing, shift) != 0 {
            let next = GroupStore::new(&memory, STRETCH_WORDS);
            shift += UNIT_BITS;
            let folded = stretches.finish(&Stretches { next: &next, gaps, shift }, end.sinks.failed)?;
            next.extend(&folded.summary)?;
            end.spend(folded.nanoseconds);
            stretches = next;
        }
        let groups = Groups { from, until, gaps };
        let judged = stretches.finish(&groups, end.sinks.failed)?;
        end.spend(judged.nanoseconds);
        let mut sum = judged.summary;
        if by.is_none() && sum.groups == 0 && from.is_some() && until.is_some() {
            // Where both ends are given, no point at all is one long gap.
            groups.judge([0; 2], Stretch::default(), &mut sum)?;
        }
        Ok(Reading::Points(PointTally {
            expected: u64::try_from(sum.expected).ok(),
            found: sum.found,
            gaps: sum.gaps,
            longest_gap: sum.longest,
            groups: sum.groups,
            groups_with_gaps: sum.with_gaps,
            groups_without_ends: sum.without_ends,
            off_step: self.off_step.into_inner(),
            outside: self.outside.into_inner(),
            unreadable: end.entered.unreadable,
        }))
    }
}

/// What it costs for each row.
pub(crate) fn cost(continuous: &Continuous, model: &CostModel<'_>) -> RowCost {
    (ns::STEP + model.key(&continuous.by) + ns::KEEP_KEY, ns::SORT_KEY)
}

/// Words of an entry: a key, its group, a point and a stretch.
pub(crate) const WORDS: usize = 5;
