//! Sorts more records than memory holds: runs are sorted in memory and stored, and then merged.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::io;
use std::sync::Arc;

use rayon::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::source::Place;

use crate::engine::local::groups::records::{read, written};
use crate::engine::local::memory::KeyMemory;
use crate::engine::local::spill::chunks::{AllChunks, Chunks};

/// The least bytes of a run: with fewer there would be more runs than can be merged at a time.
const LEAST_RUN: usize = 1 << 20;

/// Bytes of a block: so much of each run is in memory while runs are merged.
const BLOCK: usize = 1 << 13;

/// Records that are being sorted.
#[derive(Debug)]
pub(crate) struct Sorter<T> {
    memory: Arc<KeyMemory>,
    waiting: Vec<T>,
    /// Bytes of the records that wait, about.
    bytes: usize,
    most: usize,
    runs: u32,
    stored: Chunks,
}

impl<T: Ord + Send + Serialize + DeserializeOwned> Sorter<T> {
    /// None yet.
    pub(crate) fn new(memory: &Arc<KeyMemory>) -> Self {
        let most = memory.share().max(LEAST_RUN);
        Self { memory: Arc::clone(memory), waiting: Vec::new(), bytes: 0, most, runs: 0, stored: Chunks::new(memory) }
    }

    /// Takes in a record of so many bytes, about.
    ///
    /// # Errors
    /// Where records must be spilled and cannot be written.
    pub(crate) fn push(&mut self, record: T, bytes: usize) -> io::Result<()> {
        self.waiting.push(record);
        let bytes = bytes + size_of::<T>();
        self.bytes += bytes;
        self.memory.take(bytes)?;
        if self.bytes < self.most { Ok(()) } else { self.store() }
    }

    /// Stores what waits as a run.
    fn store(&mut self) -> io::Result<()> {
        self.waiting.par_sort_unstable();
        self.memory.give_back(std::mem::take(&mut self.bytes));
        let mut place = Place { file: self.runs, part: 0 };
        self.runs += 1;
        let mut block = Vec::with_capacity(BLOCK);
        for record in self.waiting.drain(..) {
            block.extend(written(&record)?);
            if block.len() >= BLOCK {
                self.stored.extend(place, std::mem::take(&mut block))?;
                place.part += 1;
            }
        }
        self.stored.extend(place, block)
    }

    /// All records in ascending order.
    ///
    /// # Errors
    /// Where records must be spilled and cannot be written, or cannot be read back.
    pub(crate) fn finish(mut self) -> io::Result<Merged<T>> {
        self.waiting.par_sort_unstable();
        let stored = self.stored.finish();
        let mut runs = Vec::new();
        for file in 0..=self.runs {
            // The last run stays in memory, and has no blocks.
            let read = if file == self.runs { std::mem::take(&mut self.waiting).into() } else { VecDeque::new() };
            let mut run = Run { next: Place { file, part: 0 }, read };
            runs.extend(run.next(&stored)?.map(|first| (first, run)));
        }
        let (firsts, runs): (Vec<T>, Vec<Run<T>>) = runs.into_iter().unzip();
        let heads = firsts.into_iter().zip(0..).map(Reverse).collect();
        let held = std::mem::take(&mut self.bytes);
        Ok(Merged { memory: Arc::clone(&self.memory), held, stored, runs, heads })
    }
}

/// A sorted run.
#[derive(Debug)]
struct Run<T> {
    next: Place,
    /// The records of the block that was read last.
    read: VecDeque<T>,
}

impl<T: DeserializeOwned> Run<T> {
    /// Its next record.
    fn next(&mut self, stored: &AllChunks) -> io::Result<Option<T>> {
        if self.read.is_empty() {
            let block = stored.read(self.next)?;
            self.next.part += 1;
            let mut rest = block.as_slice();
            while !rest.is_empty() {
                let (record, behind) = read(rest)?;
                self.read.push_back(record);
                rest = behind;
            }
        }
        Ok(self.read.pop_front())
    }
}

/// Sorted records.
#[derive(Debug)]
pub(crate) struct Merged<T> {
    memory: Arc<KeyMemory>,
    /// Bytes of the run in memory.
    held: usize,
    stored: AllChunks,
    runs: Vec<Run<T>>,
    /// The next record of each run, and the run.
    heads: BinaryHeap<Reverse<(T, usize)>>,
}

impl<T> Drop for Merged<T> {
    fn drop(&mut self) {
        self.memory.give_back(self.held);
    }
}

impl<T: Ord + DeserializeOwned> Iterator for Merged<T> {
    type Item = io::Result<T>;

    fn next(&mut self) -> Option<Self::Item> {
        let Reverse((record, run)) = self.heads.pop()?;
        match self.runs[run].next(&self.stored) {
            Ok(next) => {
                self.heads.extend(next.map(|next| Reverse((next, run))));
                Some(Ok(record))
            }
            Err(error) => Some(Err(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn records_come_in_order_whatever_memory_holds(
            records in proptest::collection::vec((proptest::option::of(".{0,9}"), 0..5_u64), 0..200),
            most in 1..4_000_usize,
        ) {
            let memory = KeyMemory::new(0, 1, &std::env::temp_dir());
            let mut sorter = Sorter { most, ..Sorter::new(&memory) };
            for record in &records {
                sorter.push(record.clone(), 8).expect("the folder can be written");
            }
            let sorted: Vec<_> = sorter.finish().expect("the folder can be written").map(Result::unwrap).collect();
            let mut expected = records;
            expected.sort();
            prop_assert_eq!(sorted, expected);
        }
    }

    #[test]
    fn a_run_of_many_blocks_comes_back() {
        let memory = KeyMemory::new(1 << 20, 1, &std::env::temp_dir());
        let mut sorter = Sorter::new(&memory);
        for number in 0..60_000_u32 {
            sorter.push(number.reverse_bits(), 0).expect("the folder can be written");
        }
        assert!(sorter.runs < 2);
        let sorted: Vec<u32> = sorter.finish().expect("the folder can be written").map(Result::unwrap).collect();
        assert!(sorted.len() == 60_000 && sorted.is_sorted());
    }
}
