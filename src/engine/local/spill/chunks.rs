//! Runs of bytes by the batch that they belong to, in memory as long as there is room, else on disk. They are read batch by
//! batch.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::sync::{Arc, Mutex};

use crate::source::Place;

use crate::engine::local::memory::KeyMemory;
use crate::engine::local::spill::collecting::{self, Collected, Collecting, lock};

/// Where a run is on disk: its start and its bytes.
type Run = (u64, usize);

/// What a run takes in memory besides its bytes.
const OF_RUN: usize = size_of::<(Place, Vec<u8>)>() + size_of::<Run>();

/// A run of a batch.
type BatchRun = (Place, Vec<u8>);

impl collecting::Run for BatchRun {
    fn held(&self) -> usize {
        self.written() + OF_RUN
    }

    fn written(&self) -> usize {
        self.1.len()
    }
}

#[derive(Debug)]
struct Disk {
    file: File,
    end: u64,
    runs: BTreeMap<Place, Vec<Run>>,
}

impl collecting::Disk<BatchRun> for Disk {
    type Form = ();

    fn create(folder: &Path, (): ()) -> io::Result<Self> {
        Ok(Self { file: tempfile::tempfile_in(folder)?, end: 0, runs: BTreeMap::new() })
    }

    fn write(&mut self, runs: &[BatchRun]) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(self.end))?;
        let mut out = io::BufWriter::new(&mut self.file);
        for (place, run) in runs {
            out.write_all(run)?;
            self.runs.entry(*place).or_default().push((self.end, run.len()));
            self.end += run.len() as u64;
        }
        out.flush()
    }
}

/// Runs that are being collected.
#[derive(Debug)]
pub(crate) struct Chunks(Arc<Collecting<BatchRun, Disk>>);

impl Chunks {
    /// None yet.
    pub(crate) fn new(memory: &Arc<KeyMemory>) -> Self {
        Self(Collecting::new(memory, ()))
    }

    /// Takes in a run of a batch; a batch may have several.
    ///
    /// # Errors
    /// Where runs must be spilled and cannot be written.
    pub(crate) fn extend(&self, place: Place, mut run: Vec<u8>) -> io::Result<()> {
        if run.is_empty() {
            return Ok(());
        }
        // What it could still grow by would be held and not counted.
        run.shrink_to_fit();
        self.0.take_in((place, run))
    }

    /// Ends the collection.
    pub(crate) fn finish(&self) -> AllChunks {
        let Collected { waiting, held, disk } = self.0.finish();
        let mut in_memory: BTreeMap<Place, Vec<Vec<u8>>> = BTreeMap::new();
        for (place, run) in waiting {
            in_memory.entry(place).or_default().push(run);
        }
        let (file, runs) = disk.map_or_else(Default::default, |disk| (Some(Mutex::new(disk.file)), disk.runs));
        AllChunks { memory: Arc::clone(self.0.memory()), in_memory, file, runs, held }
    }
}

/// Collected runs.
#[derive(Debug)]
pub(crate) struct AllChunks {
    memory: Arc<KeyMemory>,
    in_memory: BTreeMap<Place, Vec<Vec<u8>>>,
    file: Option<Mutex<File>>,
    runs: BTreeMap<Place, Vec<Run>>,
    held: usize,
}

impl Drop for AllChunks {
    fn drop(&mut self) {
        self.memory.give_back(self.held);
    }
}

impl AllChunks {
    /// The batches that have a run, in file order.
    pub(crate) fn places(&self) -> Vec<Place> {
        let mut places: Vec<Place> = self.in_memory.keys().chain(self.runs.keys()).copied().collect();
        places.sort_unstable();
        places.dedup();
        places
    }

    /// All runs of a batch, one after the other, in no order.
    ///
    /// # Errors
    /// Where they cannot be read back.
    pub(crate) fn read(&self, place: Place) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        for run in self.in_memory.get(&place).into_iter().flatten() {
            bytes.extend_from_slice(run);
        }
        if let (Some(runs), Some(file)) = (self.runs.get(&place), &self.file) {
            let mut file = lock(file);
            for (start, length) in runs {
                let at = bytes.len();
                bytes.resize(at + length, 0);
                file.seek(SeekFrom::Start(*start))?;
                file.read_exact(&mut bytes[at..])?;
            }
        }
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_come_back_whatever_memory_holds() {
        for limit in [0, 2_000, 1 << 20] {
            let memory = KeyMemory::new(limit, 2, &std::env::temp_dir());
            let store = Chunks::new(&memory);
            for at in 0..300_u32 {
                let place = Place { file: at % 3, part: at % 7 };
                store.extend(place, at.to_le_bytes().to_vec()).expect("the folder can be written");
            }
            store.extend(Place { file: 9, part: 0 }, Vec::new()).expect("nothing is kept");
            let all = store.finish();
            assert_eq!(all.places().len(), 21);
            for place in all.places() {
                let bytes = all.read(place).expect("what was written can be read");
                let mut found: Vec<u32> = bytes.as_chunks().0.iter().map(|run| u32::from_le_bytes(*run)).collect();
                found.sort_unstable();
                let expected: Vec<u32> = (0..300).filter(|at| at % 3 == place.file && at % 7 == place.part).collect();
                assert_eq!(found, expected, "limit {limit}");
            }
            assert_eq!(memory.spilled() > 0, limit < 1 << 20);
            drop(all);
            assert!(memory.try_keep(limit / 2), "all memory is given back");
        }
    }
}
