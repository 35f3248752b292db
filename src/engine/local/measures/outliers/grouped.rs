//! Rows by groups.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use crate::model::{Outliers, Reading};

use crate::engine::local::accumulator::{Accumulator, BatchInput, Classified, End};
use crate::engine::local::batch::images::{images, split};
use crate::engine::local::keys::hashed::KeyColumns;
use crate::engine::local::keys::words::Entries;
use crate::engine::local::memory::KeyMemory;
use crate::engine::local::rows::sink::{LateRows, row_number};
use crate::engine::local::spill::external::{ExternalFold, FrequentKey, Part, fold_parts};
use crate::engine::local::spill::keyed::KeyedPartitions;
use crate::engine::local::spill::values::Values;

use super::fences::Far;
use super::judged::Judged;
use super::ordered::{Sorted, Unsorted};

/// Words of an entry after its key: the value and the row.
const REST: usize = 2;

/// Rows by groups.
#[derive(Debug)]
pub(super) struct Grouped {
    far: Far,
    column: usize,
    key: KeyColumns,
    entries: KeyedPartitions,
}

impl Grouped {
    /// No row yet.
    pub(super) fn new(far: Far, column: usize, key: KeyColumns, memory: &Arc<KeyMemory>) -> Self {
        Self { far, column, key, entries: KeyedPartitions::new(memory, REST) }
    }
}

impl Accumulator for Grouped {
    fn extend(&self, input: &BatchInput<'_, '_>) -> io::Result<Classified> {
        let cells = input.cells;
        let (valid, unreadable) = split(cells, self.column);
        let (whole, unreadable_key) = self.key.split(cells);
        // A row without a value or without a group is not applicable, whatever the other is.
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
        // The entries, and for one group its values and their distances.
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
