//! Points that become stretches, and stretches that become longer ones, until a group is one.

use std::io;

use crate::engine::local::groups::failing::{FailingGroup, FailingGroups};
use crate::engine::local::keys::hashed::{Key, pack};
use crate::engine::local::keys::words::{Entries, Words};
use crate::engine::local::spill::group_fold::{GroupFold, GroupStore};
use crate::engine::{About, GroupReason, GroupStatement, Says};

/// Bits of a point's number that distinguish the points of a unit.
pub(super) const UNIT_BITS: u32 = 8;

/// Words of the bits of a unit.
const UNIT_WORDS: usize = (1 << UNIT_BITS) / 64;

/// Words of a point after its key: its group, and its number.
pub(super) const POINT_WORDS: usize = 3;

/// Words of a stretch after its key: its group, a point that gives the place, and the stretch itself.
pub(super) const STRETCH_WORDS: usize = 3 + Stretch::WORDS;

/// Words of points or stretches that are collected before they are stored.
const LOT: usize = 1 << 12;

/// Points from a first to a last one; all fields are 0 without points.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) first: u64,
    pub(super) last: u64,
    pub(super) points: u64,
    pub(super) gaps: u64,
    pub(super) longest: u64,
}

impl Stretch {
    pub(super) const WORDS: usize = 5;

    fn of_words(words: [u64; Self::WORDS]) -> Self {
        let [first, last, points, gaps, longest] = words;
        Self { first, last, points, gaps, longest }
    }

    fn words(self) -> [u64; Self::WORDS] {
        [self.first, self.last, self.points, self.gaps, self.longest]
    }

    /// Takes in the stretch that follows; returns the first and the last point of the gap between the two.
    pub(super) fn append(&mut self, next: Self) -> Option<(u64, u64)> {
        if self.points == 0 {
            *self = next;
            return None;
        }
        let between = next.first - self.last - 1;
        let gap = (between > 0).then(|| (self.last + 1, next.first - 1));
        self.last = next.last;
        self.points += next.points;
        self.gaps += next.gaps + u64::from(between > 0);
        self.longest = self.longest.max(next.longest).max(between);
        gap
    }
}

/// Puts a point of a group among those of its unit.
pub(super) fn push_point(points: &mut Entries, group: [u64; 2], point: u64) {
    let words = points.start(key_of(group, point, UNIT_BITS));
    words.extend(group);
    words.push(point);
}

/// Puts a stretch among those that go one level up.
pub(super) fn push(entries: &mut Entries, group: [u64; 2], place: u64, stretch: Stretch, shift: u32) {
    let words = entries.start(key_of(group, place, shift));
    words.extend(group);
    words.push(place);
    words.extend(stretch.words());
}

/// Stores points or stretches when there are enough of them.
pub(super) fn store(entries: &mut Entries, next: &GroupStore) -> io::Result<()> {
    if entries.narrow.len() + entries.wide.len() >= LOT {
        next.extend(entries)?;
        *entries = Entries::default();
    }
    Ok(())
}

/// Joins collected stretches.
fn join(mut one: Entries, other: Entries, next: &GroupStore) -> io::Result<Entries> {
    one.narrow.extend(other.narrow);
    one.wide.extend(other.wide);
    store(&mut one, next)?;
    Ok(one)
}

/// How many points there are from a first to a last one.
pub(crate) const fn points_of(first: u64, last: u64) -> u64 {
    (last - first).saturating_add(1)
}

/// Takes the gaps of groups, where they are wanted.
#[derive(Debug, Clone, Copy)]
pub(super) struct GapSink<'a>(pub(super) Option<&'a FailingGroups>);

impl GapSink<'_> {
    /// Takes the gap from a first to a last absent point of a group, if there is one.
    ///
    /// # Errors
    /// Where gaps must be spilled and cannot be written.
    pub(super) fn take(self, [low, high]: [u64; 2], gap: Option<(u64, u64)>) -> io::Result<()> {
        let (Some(groups), Some((first, last))) = (self.0, gap) else { return Ok(()) };
        let points = Says::Count(points_of(first, last));
        let says = vec![GroupStatement { side: 0, about: About::Points, says: points }];
        let group = FailingGroup { gap, says, ..FailingGroup::silent(GroupReason::Gap) };
        groups.push(Words([low, high]).key(), 0, &group)
    }
}

/// Units become stretches.
pub(super) struct Points<'a> {
    pub(super) next: &'a GroupStore,
    pub(super) gaps: GapSink<'a>,
    /// The prefix by which stretches are joined.
    pub(super) shift: u32,
}

/// The points of a group that lie near each other.
#[derive(Debug, Default)]
pub(super) struct Unit {
    group: [u64; 2],
    /// Any of the points.
    place: u64,
    bits: [u64; UNIT_WORDS],
}

impl GroupFold for Points<'_> {
    type Group = Unit;
    type Summary = Entries;

    fn enter(&self, unit: &mut Unit, payload: &[u64]) -> usize {
        if let Some(&[low, high, place]) = payload.first_chunk() {
            unit.group = [low, high];
            unit.place = place;
            let bit = place % (1 << UNIT_BITS);
            unit.bits[(bit / 64) as usize] |= 1 << (bit % 64);
        }
        0
    }

    fn close(&self, unit: &Unit, waiting: &mut Entries) -> io::Result<bool> {
        let start = unit.place >> UNIT_BITS << UNIT_BITS;
        let mut all = Stretch::default();
        for (at, mut bits) in (0_u64..).zip(unit.bits) {
            while bits != 0 {
                let point = start + at * 64 + u64::from(bits.trailing_zeros());
                let gap = all.append(Stretch { first: point, last: point, points: 1, gaps: 0, longest: 0 });
                self.gaps.take(unit.group, gap)?;
                bits &= bits - 1;
            }
        }
        push(waiting, unit.group, unit.place, all, self.shift);
        store(waiting, self.next)?;
        Ok(false)
    }

    fn join(&self, one: Entries, other: Entries) -> io::Result<Entries> {
        join(one, other, self.next)
    }
}

/// Stretches become longer ones.
pub(super) struct Stretches<'a> {
    pub(super) next: &'a GroupStore,
    pub(super) gaps: GapSink<'a>,
    pub(super) shift: u32,
}

/// The stretches of a group that lie near each other.
#[derive(Debug, Default)]
pub(super) struct Near {
    group: [u64; 2],
    place: u64,
    stretches: Vec<Stretch>,
}

impl Near {
    fn enter(&mut self, payload: &[u64]) -> usize {
        let (Some(&[low, high, place]), Some(words)) = (payload.first_chunk(), payload.last_chunk()) else { return 0 };
        self.group = [low, high];
        self.place = place;
        let stretch = Stretch::of_words(*words);
        if stretch.points == 0 {
            return 0;
        }
        let before = self.stretches.capacity();
        self.stretches.push(stretch);
        (self.stretches.capacity() - before) * size_of::<Stretch>()
    }

    /// All of them, one after the other; the gaps between them are handed on.
    fn whole(&self, gaps: GapSink<'_>) -> io::Result<Stretch> {
        let mut stretches = self.stretches.clone();
        stretches.sort_unstable_by_key(|stretch| stretch.first);
        let mut all = Stretch::default();
        for next in stretches {
            gaps.take(self.group, all.append(next))?;
        }
        Ok(all)
    }
}

impl GroupFold for Stretches<'_> {
    type Group = Near;
    type Summary = Entries;

    fn enter(&self, near: &mut Near, payload: &[u64]) -> usize {
        near.enter(payload)
    }

    fn close(&self, near: &Near, waiting: &mut Entries) -> io::Result<bool> {
        push(waiting, near.group, near.place, near.whole(self.gaps)?, self.shift);
        store(waiting, self.next)?;
        Ok(false)
    }

    fn join(&self, one: Entries, other: Entries) -> io::Result<Entries> {
        join(one, other, self.next)
    }
}

/// Groups that are one stretch are judged.
pub(super) struct Groups<'a> {
    pub(super) from: Option<u64>,
    pub(super) until: Option<u64>,
    pub(super) gaps: GapSink<'a>,
}

impl Groups<'_> {
    /// Enters a group into the summary, and hands on the gaps at its ends.
    ///
    /// # Errors
    /// Where gaps must be spilled and cannot be written.
    pub(super) fn judge(&self, group: [u64; 2], stretch: Stretch, sum: &mut Sum) -> io::Result<()> {
        for gap in sum.enter(stretch, self.from, self.until) {
            self.gaps.take(group, gap)?;
        }
        Ok(())
    }
}

/// The summary of all groups.
#[derive(Debug, Default)]
pub(super) struct Sum {
    pub(super) expected: u128,
    pub(super) found: u64,
    pub(super) gaps: u64,
    pub(super) longest: u64,
    pub(super) groups: u64,
    pub(super) with_gaps: u64,
    pub(super) without_ends: u64,
}

impl Sum {
    /// Enters a group that must reach from a first to a last point. Returns the gaps before and after its points.
    fn enter(&mut self, stretch: Stretch, from: Option<u64>, until: Option<u64>) -> [Option<(u64, u64)>; 2] {
        let found = (stretch.points > 0).then_some((stretch.first, stretch.last));
        let first = from.or(found.map(|(first, _)| first));
        let last = until.or(found.map(|(_, last)| last));
        let (mut gaps, mut longest) = (stretch.gaps, stretch.longest);
        let mut at_ends = [None; 2];
        // A group that has no value, or whose values all lie elsewhere, may have no first or last point.
        if let (Some(first), Some(last)) = (first, last) {
            let missing = match found {
                Some((start, end)) => [start - first, last - end],
                None => [(last - first).saturating_add(1), 0],
            };
            at_ends = match found {
                Some((start, end)) => {
                    [(missing[0] > 0).then(|| (first, start - 1)), (missing[1] > 0).then(|| (end + 1, last))]
                }
                None => [Some((first, last)), None],
            };
            gaps += missing.into_iter().filter(|points| *points > 0).count() as u64;
            longest = missing.into_iter().fold(longest, u64::max);
            self.expected += u128::from(last - first) + 1;
        } else {
            self.without_ends += 1;
        }
        self.groups += 1;
        self.found += stretch.points;
        self.gaps += gaps;
        self.longest = self.longest.max(longest);
        self.with_gaps += u64::from(gaps > 0);
        at_ends
    }
}

impl GroupFold for Groups<'_> {
    type Group = Near;
    type Summary = Sum;

    fn enter(&self, near: &mut Near, payload: &[u64]) -> usize {
        near.enter(payload)
    }

    fn close(&self, near: &Near, sum: &mut Sum) -> io::Result<bool> {
        let stretch = near.whole(self.gaps)?;
        self.judge(near.group, stretch, sum)?;
        Ok(false)
    }

    fn join(&self, one: Sum, other: Sum) -> io::Result<Sum> {
        Ok(Sum {
            expected: one.expected + other.expected,
            found: one.found + other.found,
            gaps: one.gaps + other.gaps,
            longest: one.longest.max(other.longest),
            groups: one.groups + other.groups,
            with_gaps: one.with_gaps + other.with_gaps,
            without_ends: one.without_ends + other.without_ends,
        })
    }
}

/// The key that near points or stretches of a group share.
fn key_of(group: [u64; 2], place: u64, shift: u32) -> Key {
    let mut bytes = [0; 24];
    for (bytes, word) in bytes.as_chunks_mut::<8>().0.iter_mut().zip([group[0], group[1], prefix(place, shift)]) {
        *bytes = word.to_le_bytes();
    }
    pack(&bytes)
}

/// What points that lie near each other have in common.
pub(super) const fn prefix(place: u64, shift: u32) -> u64 {
    match place.checked_shr(shift) {
        Some(prefix) => prefix,
        None => 0,
    }
}
