//! All rows as one group.

use std::collections::BTreeMap;
use std::io;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, PoisonError};

use crate::model::{Outliers, Reading};
use crate::source::Bits;

use crate::engine::local::accumulator::{Accumulator, BatchInput, Classified, End};
use crate::engine::local::batch::images::{images, split};
use crate::engine::local::memory::KeyMemory;
use crate::engine::local::numbers::image::Image;
use crate::engine::local::rows::sink::{Rows, row_number};
use crate::engine::local::spill::values::Values;

use super::fences::Far;
use super::judged::Judged;
use super::ordered::Unsorted;

/// All rows as one group.
#[derive(Debug)]
pub(super) struct Whole<I> {
    far: Far,
    column: usize,
    memory: Arc<KeyMemory>,
    values: Values,
    /// For batches in which not every row has a value, the rows that have one.
    rows: Mutex<BTreeMap<u32, Bits>>,
    images: PhantomData<I>,
}

impl<I: Image> Whole<I> {
    /// No value yet.
    pub(super) fn new(far: Far, column: usize, memory: &Arc<KeyMemory>) -> Self {
        let values = Values::new(memory, I::WORDS, I::WORDS);
        Self { far, column, memory: Arc::clone(memory), values, rows: Mutex::default(), images: PhantomData }
    }
}

impl<I: Image> Accumulator for Whole<I> {
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
            ((I::LEAST, I::LEAST), None)
        } else {
            let fences = self.far.fences::<I>(&kept)?;
            (fences.inside, Some(fences.shown))
        };
        let sink = if few { end.sinks.not_applicable } else { end.sinks.failed };
        let (least, greatest) = inside;
        let judged = all.scan(
            end.sinks.failed,
            || (Judged::default(), Rows::new(sink)),
            |(judged, failed), piece| {
                let mut far = 0;
                if !few {
                    for image in piece.images(I::WORDS) {
                        far += u64::from(!judged.enter(image, inside));
                    }
                    if far == 0 {
                        return Ok(());
                    }
                }
                let mut judge = |row: usize, image: I| {
                    if few || image < least || image > greatest {
                        failed.push(row_number(piece.tag, row));
                    }
                };
                if let Some(rows) = rows.get(&piece.tag) {
                    let rows = rows.ones().skip(piece.before);
                    rows.zip(piece.images(I::WORDS)).for_each(|(row, image)| judge(row, image));
                } else {
                    (piece.before..).zip(piece.images(I::WORDS)).for_each(|(row, image)| judge(row, image));
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
