//! Rows side by side that share a key, and how far from each other they may be to be candidates.

use rayon::prelude::*;

use super::keys::{NO_KEY, Way, row_grams, row_keys};
use super::values::{Row, Table};

/// The blocks of one way to look for candidates.
#[derive(Debug)]
pub(super) struct Blocks {
    /// The rows of all blocks of two or more, block by block, in each in the order of their values.
    pub order: Vec<Row>,
    /// Where each block ends.
    pub ends: Vec<u32>,
    /// How far apart the rows of a pair are at the most.
    pub window: u32,
    /// Whether that is so by the rule, and not because there would be too many pairs.
    pub wanted: u32,
    /// The position before which the first row of a pair is.
    pub until: u32,
    /// The first of its slots.
    pub slot: usize,
    /// How many it has.
    pub slots: usize,
}

/// No limit.
pub(super) const ANY: u32 = u32::MAX;

impl Blocks {
    /// Finds the blocks of a way. `ranks` says where each row is in the order of values.
    pub(super) fn find(way: &Way, table: &Table, ranks: &[u32], slot: usize) -> Self {
        let wanted = if let Way::Sorted { window, .. } = way { *window } else { ANY };
        let all = || 0..u32::try_from(table.len()).unwrap_or(u32::MAX);
        let (order, ends) = match way {
            Way::All => whole(all().collect()),
            Way::Sorted { columns, present, .. } => {
                let there = |row: &Row| !present || columns.first().is_some_and(|first| table.row(*row)[*first] > 0);
                let rows = all().filter(there).collect();
                whole(in_order(table, rows, columns, ranks))
            }
            Way::Key(parts) => {
                let keys = row_keys(table, parts);
                gathered(all().zip(keys).map(|(row, key)| (key, ranks[row as usize], row)))
            }
            Way::Qgram(column) => {
                let grams = row_grams(table, *column);
                let keys = all().zip(grams).flat_map(|(row, keys)| keys.map(|key| (key, ranks[row as usize], row)));
                gathered(keys)
            }
        };
        Self { order, ends, window: wanted, wanted, until: ANY, slot, slots: way.slots() }
    }

    /// How many blocks have so many rows.
    pub(super) fn sizes(&self) -> Vec<(u64, u64)> {
        let starts = std::iter::once(&0).chain(&self.ends);
        let mut sizes: Vec<u64> = starts.zip(&self.ends).map(|(start, end)| u64::from(end - start)).collect();
        sizes.sort_unstable();
        sizes.chunk_by(|one, other| one == other).map(|same| (same[0], same.len() as u64)).collect()
    }

    /// The end of the block of a position, and the place of that block.
    pub(super) fn block_at(&self, position: u32) -> usize {
        self.ends.partition_point(|end| *end <= position)
    }
}

/// Pairs of a block of so many rows whose rows are no further apart than that.
pub(super) const fn pairs_within(rows: u64, window: u32) -> u64 {
    let reach = if (window as u64) < rows { window as u64 } else { rows.saturating_sub(1) };
    // Every row with those after it, less what lies beyond the end.
    reach * rows - reach * (reach + 1) / 2
}

/// The rows in the order of their values: of the first two columns, then as ranked.
pub(super) fn in_order(table: &Table, rows: Vec<Row>, columns: &[usize], ranks: &[u32]) -> Vec<Row> {
    let number = |row: Row, at: usize| columns.get(at).map_or(0, |column| table.row(row)[*column]);
    let mut keyed: Vec<(u64, u32, u32, Row)> = rows
        .into_par_iter()
        .map(|row| {
            let first = u64::from(number(row, 0)) << 32 | u64::from(number(row, 1));
            let rank = ranks.get(row as usize).copied().unwrap_or_default();
            (first, number(row, 2), rank, row)
        })
        .collect();
    keyed.par_sort_unstable();
    keyed.into_iter().map(|(.., row)| row).collect()
}

fn whole(order: Vec<Row>) -> (Vec<Row>, Vec<u32>) {
    let end = u32::try_from(order.len()).unwrap_or(u32::MAX);
    if end < 2 { (Vec::new(), Vec::new()) } else { (order, vec![end]) }
}

/// Rows with the same key side by side; those alone with theirs are left out.
fn gathered(keys: impl Iterator<Item = (u64, u32, Row)>) -> (Vec<Row>, Vec<u32>) {
    let mut keyed: Vec<(u64, u32, Row)> = keys.filter(|(key, ..)| *key != NO_KEY).collect();
    keyed.par_sort_unstable();
    let (mut order, mut ends) = (Vec::new(), Vec::new());
    for block in keyed.chunk_by(|one, other| one.0 == other.0).filter(|block| block.len() > 1) {
        order.extend(block.iter().map(|(.., row)| *row));
        ends.push(u32::try_from(order.len()).unwrap_or(u32::MAX));
    }
    (order, ends)
}

/// Sets the windows so that all blocks together have no more pairs than that: the largest window that fits, the same
/// for all. Where not even neighbours fit, the first ones do.
pub(super) fn limit(all: &mut [Blocks], most: u64) {
    let sizes: Vec<(u32, Vec<(u64, u64)>)> = all.iter().map(|blocks| (blocks.wanted, blocks.sizes())).collect();
    let pairs = |window: u32| -> u64 {
        let each = sizes.iter().flat_map(|(wanted, sizes)| {
            sizes.iter().map(|(rows, count)| pairs_within(*rows, window.min(*wanted)).saturating_mul(*count))
        });
        each.fold(0, u64::saturating_add)
    };
    // The largest window that fits lies from `low` on and before `high`.
    let (mut low, mut high) = (1, ANY);
    if pairs(ANY) <= most {
        low = ANY;
    }
    while low < ANY && high - low > 1 {
        let middle = low + (high - low) / 2;
        if pairs(middle) <= most { low = middle } else { high = middle }
    }
    for blocks in all.iter_mut() {
        blocks.window = low.min(blocks.wanted);
    }
    if low > 1 || pairs(1) <= most {
        return;
    }
    let mut left = most;
    for blocks in all {
        let mut start = 0;
        blocks.until = 0;
        for end in &blocks.ends {
            let pairs = u64::from(end - start - 1);
            if left < pairs {
                blocks.until = start + u32::try_from(left).unwrap_or_default();
                left = 0;
                break;
            }
            left -= pairs;
            blocks.until = *end;
            start = *end;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(sizes: &[u32], wanted: u32) -> Blocks {
        let mut end = 0;
        let ends = sizes.iter().map(|size| {
            end += size;
            end
        });
        let ends: Vec<u32> = ends.collect();
        Blocks { order: (0..end).collect(), ends, window: wanted, wanted, until: ANY, slot: 0, slots: 1 }
    }

    /// Pairs one by one.
    fn counted(all: &[Blocks]) -> u64 {
        let pairs = all.iter().flat_map(|blocks| {
            (0..u32::try_from(blocks.order.len()).unwrap()).flat_map(move |one| {
                let end = blocks.ends[blocks.block_at(one)];
                (one + 1..end).filter(move |other| other - one <= blocks.window && one < blocks.until)
            })
        });
        pairs.count() as u64
    }

    #[test]
    fn pairs_are_counted_and_limited() {
        for (sizes, wanted) in [(vec![2, 3, 7, 40], ANY), (vec![12, 5], 3), (vec![2], ANY)] {
            let full = counted(&[blocks(&sizes, wanted)]);
            for most in [1, 2, 3, 10, 39, 60, 100, 5000] {
                let mut all = [blocks(&sizes, wanted), blocks(&[9], ANY)];
                limit(&mut all, most);
                let found = counted(&all);
                assert!(found <= most, "{sizes:?} within {most}: {found}");
                assert!(most < full + 36 || found == full + 36, "{sizes:?} within {most}: {found}");
                if all.iter().all(|blocks| blocks.window == 1) && most < 10 {
                    assert!(found == most || found == full.min(most), "all that is allowed is used: {found} of {most}");
                }
            }
        }
    }
}
