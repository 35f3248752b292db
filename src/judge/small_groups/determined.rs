//! Which hidden groups follow from what several tables of the same rows show.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::known_sums::{KnownSums, TooMany};
use super::{Grouping, HiddenGroups, JudgedGroups, Values, at_places};
use crate::model::LEAST_SEGMENT_ROWS;

/// The tables that are of the same rows as another one, as far as their totals tell: one for each grouping.
pub(super) fn of_same_rows<'t, 'a>(judged: &'t [JudgedGroups<'a>]) -> Vec<Vec<&'t JudgedGroups<'a>>> {
    let mut all: BTreeMap<(&str, u64), BTreeMap<&Grouping<'a>, &JudgedGroups<'a>>> = BTreeMap::new();
    for one in judged {
        let tables = all.entry((one.grouping.0, one.groups.values().sum())).or_default();
        tables.entry(&one.grouping).or_insert(one);
    }
    all.into_values().filter(|tables| tables.len() > 1).map(|tables| tables.into_values().collect()).collect()
}

/// The groups to hide next, if what is shown determines a small one: the one that is nearest to it. All groups, where that takes
/// too long to find out.
pub(super) fn next_to_hide<'a>(
    tables: &[&JudgedGroups<'a>],
    hidden: &HiddenGroups<'a>,
    groupings: &[Grouping<'a>],
    steps: u64,
) -> Vec<(Grouping<'a>, Values<'a>)> {
    let name = |table: &JudgedGroups<'a>, values: &Values<'a>| (table.grouping.clone(), values.clone());
    let (small, near) = match Unknowns::of(tables, hidden).determined(groupings, KnownSums::within(steps)) {
        Ok(None) => return Vec::new(),
        Ok(Some(found)) => found,
        Err(TooMany) => {
            return tables.iter().flat_map(|table| table.groups.keys().map(|values| name(table, values))).collect();
        }
    };
    let shown = tables.iter().flat_map(|table| {
        let shown = table.groups.iter().filter(|(values, _)| !hidden.has(&table.grouping, values));
        shown.map(move |(values, rows)| (*table, values, *rows))
    });
    // In the same table, with as many of its values as may be, and the smallest.
    let nearest = shown.min_by_key(|(table, values, rows)| {
        let in_common = small.in_common(table).filter(|(own, other)| near[*own] == values[*other]).count();
        (table.grouping != small.grouping, Reverse(in_common), *rows, (*values).clone())
    });
    nearest.map(|(table, values, _)| name(table, values)).into_iter().collect()
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
    fn of(tables: &[&'t JudgedGroups<'a>], hidden: &HiddenGroups<'a>) -> Self {
        let mut numbers = 0..;
        let mut number = |table: &&'t JudgedGroups<'a>| {
            let groups = table.groups.iter().filter(|(values, _)| hidden.has(&table.grouping, values));
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
