//! Candidate pairs, each once, compared side by side on all workers.

use std::collections::BinaryHeap;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use crate::model::Similar;
use crate::similarity::TokenScratch;

use super::blocks::{Blocks, in_order, limit, pairs_within};
use super::clusters::Clusters;
use super::keys::Way;
use super::score::Scorer;
use super::values::{Row, Table};
use crate::engine::local::rows::sink::Sink;

/// Positions that a worker takes at a time.
const LOT: usize = 1 << 10;

/// Means no block.
const NO_BLOCK: u32 = u32::MAX;

/// The place of a row by one of its keys.
#[derive(Debug, Clone, Copy)]
struct Slot {
    block: u32,
    position: u32,
}

/// Rows made ready to be compared.
#[derive(Debug)]
pub(super) struct Search<'a> {
    table: &'a Table,
    scorer: Scorer<'a>,
    all: Vec<Blocks>,
    /// The places of each row, one for each key.
    slots: Vec<Slot>,
    width: usize,
    most: u64,
    list: usize,
}

/// What was found.
#[derive(Debug)]
pub(super) struct Found {
    pub candidates: u64,
    pub pairs: u64,
    /// The first pairs with their scores.
    pub listed: Vec<(Row, Row, u32)>,
    pub clusters: Clusters,
}

impl<'a> Search<'a> {
    /// About how many bytes so many rows take.
    pub(super) fn bytes(rows: usize, spec: &Similar) -> usize {
        let slots = Way::most_slots(spec);
        // By slot: where a row is, its place in the order; once: what is being sorted, ranks, clusters.
        rows.saturating_mul(slots * (size_of::<Slot>() + 4) + 40)
    }

    /// Finds the blocks.
    pub(super) fn prepare(spec: &Similar, names: &[String], table: &'a Table) -> Self {
        let place = |name: &str| names.iter().position(|known| known == name).unwrap_or_default();
        let ways =
            if spec.block_on.is_empty() { Way::suggested(&spec.compare, table) } else { Way::asked(spec, place) };
        let rows = u32::try_from(table.len()).unwrap_or(u32::MAX);
        let order = in_order(table, (0..rows).collect(), &Way::by_weight(&spec.compare, table), &[]);
        let mut ranks = vec![0; table.len()];
        for (rank, row) in (0..).zip(&order) {
            ranks[*row as usize] = rank;
        }
        drop(order);
        let mut width = 0;
        let mut all = Vec::with_capacity(ways.len());
        for way in &ways {
            all.push(Blocks::find(way, table, &ranks, width));
            width += way.slots();
        }
        let most =
            spec.max_pairs.unwrap_or_else(|| (table.len() as u64 * Similar::PAIRS_A_ROW).max(Similar::LEAST_PAIRS));
        limit(&mut all, most);
        let mut slots = vec![Slot { block: NO_BLOCK, position: 0 }; table.len() * width];
        for blocks in &all {
            let mut start = 0;
            for (block, end) in (0..).zip(&blocks.ends) {
                for position in start..*end {
                    let row = blocks.order[position as usize] as usize * width + blocks.slot;
                    let own = &mut slots[row..row + blocks.slots];
                    if let Some(free) = own.iter_mut().find(|slot| slot.block == NO_BLOCK) {
                        *free = Slot { block, position };
                    }
                }
                start = *end;
            }
        }
        let list = spec.list as usize;
        Self { table, scorer: Scorer::new(spec, table), all, slots, width, most, list }
    }

    /// Keys by which candidates are looked for.
    pub(super) fn keys(&self) -> u64 {
        self.all.len() as u64
    }

    /// The most candidate pairs.
    pub(super) const fn most(&self) -> u64 {
        self.most
    }

    /// Blocks in which not every pair is a candidate, and the number of such pairs.
    pub(super) fn left_out(&self) -> (u64, u64) {
        let (mut capped, mut skipped) = (0, 0_u64);
        for blocks in &self.all {
            let mut start = 0;
            for end in &blocks.ends {
                let wanted = pairs_within(u64::from(end - start), blocks.wanted);
                let compared = match blocks.until {
                    until if until >= *end => pairs_within(u64::from(end - start), blocks.window),
                    until => u64::from(until.saturating_sub(start)),
                };
                capped += u64::from(compared < wanted);
                skipped = skipped.saturating_add(wanted - compared);
                start = *end;
            }
        }
        (capped, skipped)
    }

    fn slots(&self, row: Row) -> &[Slot] {
        &self.slots[row as usize * self.width..][..self.width]
    }

    /// Whether a pair was a candidate before it is one in this block.
    fn came_before(&self, at: usize, block: u32, one: &[Slot], other: &[Slot]) -> bool {
        let near = |blocks: &Blocks, one: Slot, other: Slot| {
            one.block == other.block
                && one.block != NO_BLOCK
                && one.position.abs_diff(other.position) <= blocks.window
                && one.position.min(other.position) < blocks.until
        };
        let earlier = self.all[..at].iter().any(|blocks| {
            if blocks.slots == 1 {
                return near(blocks, one[blocks.slot], other[blocks.slot]);
            }
            let own = blocks.slot..blocks.slot + blocks.slots;
            one[own.clone()].iter().any(|one| other[own.clone()].iter().any(|other| near(blocks, *one, *other)))
        });
        let blocks = &self.all[at];
        if earlier || blocks.slots == 1 {
            return earlier;
        }
        let own = blocks.slot..blocks.slot + blocks.slots;
        let before = one[own.clone()].iter().filter(|slot| slot.block < block);
        before.into_iter().any(|one| other[own.clone()].iter().any(|other| near(blocks, *one, *other)))
    }

    /// Compares all candidates.
    ///
    /// # Errors
    /// Where the search was stopped.
    pub(super) fn run(&self, sink: &dyn Sink) -> io::Result<Found> {
        let clusters = Clusters::new(self.table.len());
        let (candidates, pairs) = (AtomicU64::new(0), AtomicU64::new(0));
        let listed: Mutex<BinaryHeap<(Row, Row, u32)>> = Mutex::default();
        for (at, blocks) in self.all.iter().enumerate() {
            let lots = blocks.order.len().div_ceil(LOT);
            (0..lots).into_par_iter().try_for_each(|lot| {
                if sink.is_stopped() {
                    return Err(io::Error::from(io::ErrorKind::Interrupted));
                }
                let (mut compared, mut found) = (0, Vec::new());
                self.compare_lot(at, lot * LOT, &mut compared, &mut |pair| found.push(pair));
                for (one, other, _) in &found {
                    clusters.join(*one, *other);
                }
                candidates.fetch_add(compared, Ordering::Relaxed);
                pairs.fetch_add(found.len() as u64, Ordering::Relaxed);
                let mut listed = listed.lock().unwrap_or_else(PoisonError::into_inner);
                for pair in found {
                    if listed.len() < self.list {
                        listed.push(pair);
                    } else if let Some(mut last) = listed.peek_mut()
                        && pair < *last
                    {
                        *last = pair;
                    }
                }
                Ok(())
            })?;
        }
        let listed = listed.into_inner().unwrap_or_else(PoisonError::into_inner).into_sorted_vec();
        Ok(Found { candidates: candidates.into_inner(), pairs: pairs.into_inner(), listed, clusters })
    }

    /// Compares the rows at some positions with those after them.
    fn compare_lot(&self, at: usize, start: usize, compared: &mut u64, found: &mut dyn FnMut((Row, Row, u32))) {
        let blocks = &self.all[at];
        let mut scratch = TokenScratch::default();
        let last = (start + LOT).min(blocks.order.len()).min(blocks.until as usize);
        let mut block = blocks.block_at(u32::try_from(start).unwrap_or(u32::MAX));
        for position in start..last {
            while blocks.ends[block] as usize <= position {
                block += 1;
            }
            let end = (position + 1).saturating_add(blocks.window as usize).min(blocks.ends[block] as usize);
            let one = blocks.order[position];
            let (cells, slots) = (self.table.row(one), self.slots(one));
            for other in &blocks.order[position + 1..end] {
                let place = u32::try_from(block).unwrap_or(u32::MAX);
                if one == *other || self.came_before(at, place, slots, self.slots(*other)) {
                    continue;
                }
                *compared += 1;
                if let Some(score) = self.scorer.score(cells, self.table.row(*other), &mut scratch) {
                    found((one.min(*other), one.max(*other), score));
                }
            }
        }
    }
}
