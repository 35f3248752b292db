//! Which hidden groups follow from what several tables of the same rows show.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::judged_groups::{Grouping, JudgedGroups, Values, at_places};
use super::known_sums::{KnownSums, TooMany};
use crate::model::LEAST_SEGMENT_ROWS;

/// The most ways to choose one table for each grouping that are looked at.
const MOST_CHOICES: usize = 64;

/// Tables of the same rows, as far as their totals tell: for each grouping all that differ.
pub(super) type SameRows<'t, 'a> = Vec<Vec<&'t JudgedGroups<'a>>>;

/// Whether a group is hidden.
pub(super) type IsHidden<'h, 'a> = &'h dyn Fn(&Grouping<'a>, &Values<'a>) -> bool;

/// The tables that may be of the same rows as one with another grouping. Rules with other rows can have the same total by chance.
pub(super) fn of_same_rows<'t, 'a>(judged: &'t [JudgedGroups<'a>]) -> Vec<SameRows<'t, 'a>> {
    let mut all: BTreeMap<(&str, u64), BTreeMap<&Grouping<'a>, Vec<&JudgedGroups<'a>>>> = BTreeMap::new();
    for one in judged {
        let tables = all.entry((one.grouping.0, one.groups.values().sum())).or_default();
        let of_grouping = tables.entry(&one.grouping).or_default();
        if !of_grouping.iter().any(|known| known.groups == one.groups) {
            of_grouping.push(one);
        }
    }
    all.into_values().filter(|tables| tables.len() > 1).map(|tables| tables.into_values().collect()).collect()
}

/// All ways to choose one table for each grouping; `None` where there are too many.
fn choices<'t, 'a>(tables: &SameRows<'t, 'a>) -> Option<SameRows<'t, 'a>> {
    tables.iter().try_fold(vec![Vec::new()], |chosen, of_grouping| {
        let further = |chosen: Vec<_>| of_grouping.iter().map(move |table| [&chosen[..], &[*table]].concat());
        (chosen.len() * of_grouping.len() <= MOST_CHOICES).then(|| chosen.into_iter().flat_map(further).collect())
    })
}

/// The groups to hide next, if what is shown determines a small one: the one that is nearest to it. All groups, where that takes
/// too long to find out.
pub(super) fn next_to_hide<'a>(
    tables: &SameRows<'_, 'a>,
    is_hidden: IsHidden<'_, 'a>,
    groupings: &[Grouping<'a>],
    steps: u64,
) -> Vec<(Grouping<'a>, Values<'a>)> {
    let find = || -> Result<_, TooMany> {
        for chosen in choices(tables).ok_or(TooMany)? {
            let found = Unknowns::of(&chosen, is_hidden).determined(groupings, KnownSums::within(steps))?;
            // Where nothing is shown any more, another choice may still show something.
            if let Some(next) = found.and_then(|(small, near)| nearest(&chosen, is_hidden, small, near)) {
                return Ok(Some(next));
            }
        }
        Ok(None)
    };
    if let Ok(found) = find() {
        return found.into_iter().collect();
    }
    let name = |table: &JudgedGroups<'a>, values: &Values<'a>| (table.grouping.clone(), values.clone());
    let tables = tables.iter().flatten();
    tables.flat_map(|table| table.groups.keys().map(|values| name(table, values))).collect()
}

/// The shown group that is nearest to a small one: in the same table, with as many of its values as may be, and the smallest.
fn nearest<'a>(
    tables: &[&JudgedGroups<'a>],
    is_hidden: IsHidden<'_, 'a>,
    small: &JudgedGroups<'a>,
    near: &Values<'a>,
) -> Option<(Grouping<'a>, Values<'a>)> {
    let shown = tables.iter().flat_map(|table| {
        let shown = table.groups.iter().filter(|(values, _)| !is_hidden(&table.grouping, values));
        shown.map(move |(values, rows)| (*table, values, *rows))
    });
    let nearest = shown.min_by_key(|(table, values, rows)| {
        let in_common = small.in_common(table).filter(|(own, other)| near[*own] == values[*other]).count();
        (table.grouping != small.grouping, Reverse(in_common), *rows, (*values).clone())
    });
    nearest.map(|(table, values, _)| (table.grouping.clone(), values.clone()))
}

/// A hidden group.
struct Unknown<'t, 'a> {
    number: usize,
    values: &'t Values<'a>,
    rows: u64,
}

/// The hidden groups of tables of the same rows, table by table.
struct Unknowns<'t, 'a>(Vec<(&'t JudgedGroups<'a>, Vec<Unknown<'t, 'a>>)>);

impl<'t, 'a> Unknowns<'t, 'a> {
    fn of(tables: &[&'t JudgedGroups<'a>], is_hidden: IsHidden<'_, 'a>) -> Self {
        let mut numbers = 0..;
        let mut number = |table: &&'t JudgedGroups<'a>| {
            let groups = table.groups.iter().filter(|(values, _)| is_hidden(&table.grouping, values));
            let groups =
                groups.zip(&mut numbers).map(|((values, rows), number)| Unknown { number, values, rows: *rows });
            (*table, groups.collect())
        };
        Self(tables.iter().map(&mut number).collect())
    }

    /// A small group that follows: its table, and its values or those of a group within it.
    fn determined(
        &self,
        groupings: &[Grouping<'a>],
        mut known: KnownSums,
    ) -> Result<Option<(&'t JudgedGroups<'a>, &'t Values<'a>)>, TooMany> {
        self.add_to(&mut known)?;
        for (table, groups) in &self.0 {
            for Unknown { number, values, rows } in groups {
                if *rows < LEAST_SEGMENT_ROWS && known.determine([*number])? {
                    return Ok(Some((table, values)));
                }
            }
            // Together, groups may be a small one of a grouping that these tables do not have.
            for coarser in groupings.iter().filter(|coarser| table.is_finer(coarser)) {
                let places = table.places(coarser);
                let mut wholes: BTreeMap<Values<'a>, (u64, Vec<usize>, &Values<'a>)> = BTreeMap::new();
                for (values, rows) in &table.groups {
                    wholes.entry(at_places(values, &places)).or_insert((0, Vec::new(), values)).0 += rows;
                }
                for Unknown { number, values, .. } in groups {
                    if let Some((_, parts, _)) = wholes.get_mut(&at_places(values, &places)) {
                        parts.push(*number);
                    }
                }
                for (rows, parts, first) in wholes.into_values() {
                    if rows < LEAST_SEGMENT_ROWS && known.determine(parts)? {
                        return Ok(Some((table, first)));
                    }
                }
            }
        }
        Ok(None)
    }

    /// Adds the sums of hidden groups that are what the totals leave of the shown ones.
    fn add_to(&self, known: &mut KnownSums) -> Result<(), TooMany> {
        let mut sums: Vec<[Vec<usize>; 2]> = Vec::new();
        for (at, (table, groups)) in self.0.iter().enumerate() {
            sums.push([groups.iter().map(|group| group.number).collect(), Vec::new()]);
            for (other, others) in &self.0[at + 1..] {
                let (own_places, other_places): (Vec<usize>, Vec<usize>) = table.in_common(other).unzip();
                let mut by_values: BTreeMap<Values<'a>, [Vec<usize>; 2]> = BTreeMap::new();
                let sides = [(groups, own_places), (others, other_places)];
                for (side, (groups, places)) in sides.into_iter().enumerate() {
                    for Unknown { number, values, .. } in groups {
                        by_values.entry(at_places(values, &places)).or_default()[side].push(*number);
                    }
                }
                sums.extend(by_values.into_values());
            }
        }
        // With the short ones first fewer steps are needed.
        sums.sort_by_key(|[plus, minus]| plus.len() + minus.len());
        sums.into_iter().try_for_each(|[plus, minus]| known.add(plus, minus))
    }
}
