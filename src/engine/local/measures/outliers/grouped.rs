//! Rows by groups.

use std::io;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, PoisonError};

use crate::model::{Outliers, Reading};

use crate::engine::local::accumulator::{Accumulator, BatchInput, Classified, End};
use crate::engine::local::batch::images::{images, split};
use crate::engine::local::keys::hashed::KeyColumns;
use crate::engine::local::keys::words::Entries;
use crate::engine::local::memory::KeyMemory;
use crate::engine::local::numbers::image::Image;
use crate::engine::local::rows::sink::{LateRows, row_number};
use crate::engine::local::spill::external::{ExternalFold, FrequentKey, Part, fold_parts};
use crate::engine::local::spill::keyed::KeyedPartitions;
use crate::engine::local::spill::values::Values;

use super::fences::Far;
use super::judged::Judged;
use super::ordered::{Sorted, Unsorted};

/// Words of an entry after its key: the image of the value, and the row.
const fn rest<I: Image>() -> usize {
    I::WORDS + 1
}

/// Rows by groups.
#[derive(Debug)]
pub(super) struct Grouped<I> {
    far: Far,
    column: usize,
    key: KeyColumns,
    entries: KeyedPartitions,
    images: PhantomData<I>,
}

impl<I: Image> Grouped<I> {
    /// No row yet.
    pub(super) fn new(far: Far, column: usize, key: KeyColumns, memory: &Arc<KeyMemory>) -> Self {
        Self { far, column, key, entries: KeyedPartitions::new(memory, rest::<I>()), images: PhantomData }
    }
}

impl<I: Image> Accumulator for Grouped<I> {
    fn extend(&self, input: &BatchInput<'_, '_>) -> io::Result<Classified> {
        let cells = input.cells;
        let (valid, unreadable) = split(cells, self.column);
        let (whole, unreadable_key) = self.key.split(cells);
        // A row without a value or without a group is not applicable, whatever the other is.
        let (read, grouped) = (valid.or(&unreadable), whole.or(&unreadable_key));
        let unreadable = unreadable.or(&unreadable_key).and(&read).and(&grouped);
        let classified = Classified::in_scope(valid.and(&whole), unreadable, input.scope);
        let found = images(cells, self.column, &classified.pending);
        let (mut entries, mut next) = (Entries::default(), found.chunks_exact(I::WORDS));
        self.key.for_each(cells, &classified.pending, |row, key| {
            let entry = entries.start(key);
            entry.extend_from_slice(next.next().unwrap_or_default());
            entry.push(row_number(input.number, row));
        });
        self.entries.extend(&entries)?;
        Ok(classified)
    }

    fn finish(self: Box<Self>, end: &End<'_>) -> io::Result<Reading> {
        let (judged, nanoseconds) =
            fold_parts(&ByGroup::<I>(&self.far, PhantomData), &[&self.entries.finish()], end.sinks)?;
        end.spend(nanoseconds);
        Ok(judged.reading(end.entered, None))
    }
}

/// Judges the groups of a part.
struct ByGroup<'a, I>(&'a Far, PhantomData<I>);

impl<I: Image> ExternalFold for ByGroup<'_, I> {
    type Tally = Judged;

    fn fold<const K: usize>(&self, part: &Part<'_>, rows: &mut LateRows<'_>) -> io::Result<Option<Judged>> {
        self.judge::<K>(part, rows)
    }

    fn join(&self, one: Judged, other: Judged) -> io::Result<Judged> {
        Ok(one.plus(other))
    }

    fn set_apart(&self, memory: &Arc<KeyMemory>) -> Option<Box<dyn FrequentKey<Judged> + '_>> {
        let values = Values::new(memory, I::WORDS, rest::<I>());
        Some(Box::new(LargeGroup::<I> { far: self.0, values, waiting: Vec::new(), images: PhantomData }))
    }
}

impl<I: Image> ByGroup<'_, I> {
    fn judge<const K: usize>(&self, part: &Part<'_>, rows: &mut LateRows<'_>) -> io::Result<Option<Judged>> {
        let entries = part.entries(0);
        // The entries, and for one group its values and their distances.
        if !part.fits(entries * (size_of::<([u64; K], I, u64)>() + 2 * size_of::<I>())) {
            return Ok(None);
        }
        let mut all: Vec<([u64; K], I, u64)> = Vec::with_capacity(entries);
        part.for_each(0, &mut |words| {
            for entry in words.chunks_exact(K + rest::<I>()) {
                if let (Some((key, value)), Some(row)) = (entry.split_first_chunk::<K>(), entry.last()) {
                    all.push((*key, I::read(value), *row));
                }
            }
            Ok(())
        })?;
        all.sort_unstable();
        let (mut judged, mut values) = (Judged::default(), Vec::new());
        for group in all.chunk_by(|a, b| a.0 == b.0) {
            if (group.len() as u64) < Outliers::LEAST_VALUES {
                judged = judged.plus(Judged::small(group.len() as u64));
                for (.., row) in group {
                    rows.not_applicable.push(*row);
                }
                continue;
            }
            values.clear();
            values.extend(group.iter().map(|(_, image, _)| *image));
            let inside = self.0.fences(&Sorted(&values))?.inside;
            judged.groups += 1;
            for (_, image, row) in group {
                if !judged.enter(*image, inside) {
                    rows.failed.push(*row);
                }
            }
        }
        Ok(Some(judged))
    }
}

/// A group that makes up much of a part, kept by itself.
struct LargeGroup<'a, I> {
    far: &'a Far,
    values: Values,
    waiting: Vec<u64>,
    images: PhantomData<I>,
}

impl<I: Image> FrequentKey<Judged> for LargeGroup<'_, I> {
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
        let inside =
            if few { (I::LEAST, I::LEAST) } else { self.far.fences::<I>(&Unsorted { all: &all, watch })?.inside };
        let mut judged = if few { Judged::small(all.entries()) } else { Judged { groups: 1, ..Judged::default() } };
        // On the one worker that shares the memory of the part.
        let found = Mutex::new((&mut judged, rows));
        all.scan(
            watch,
            || (),
            |(), piece| {
                let (judged, rows) = &mut *found.lock().unwrap_or_else(PoisonError::into_inner);
                for entry in piece.words.chunks_exact(rest::<I>()) {
                    let row = entry[I::WORDS];
                    if few {
                        rows.not_applicable.push(row);
                    } else if !judged.enter(I::read(entry), inside) {
                        rows.failed.push(row);
                    }
                }
                Ok(())
            },
        )?;
        Ok(judged)
    }
}
