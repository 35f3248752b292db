//! Which keys stand more than once, and in which rows, in bounded memory.
//!
//! Keys, each with its row, are parted by their spread; each part is sorted by itself when all keys are in. What exceeds the memory for keys
//! goes to a file, part by part, and comes back a part at a time.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use rayon::prelude::*;

use super::clock::since;
use super::keys::{Key, spread};

/// Parts of the keys.
const PARTS: usize = 128;

/// A key with its row: both halves of the key, then the batch (by number) and the row in it.
type Entry = [u64; 3];

/// Bytes of an entry in memory and on disk.
const ENTRY_BYTES: usize = size_of::<Entry>();

/// The memory that all keys of an execution share.
#[derive(Debug)]
pub(super) struct KeyMemory {
    held: AtomicUsize,
    limit: usize,
    spilled: AtomicUsize,
}

impl KeyMemory {
    /// Memory for `limit` bytes of keys.
    pub(super) const fn new(limit: usize) -> Self {
        Self { held: AtomicUsize::new(0), limit, spilled: AtomicUsize::new(0) }
    }

    /// Bytes of keys that went to disk.
    pub(super) fn spilled(&self) -> u64 {
        self.spilled.load(Ordering::Relaxed) as u64
    }
}

/// Keys that are being collected.
#[derive(Debug)]
pub(super) struct KeyStore<'a> {
    memory: &'a KeyMemory,
    folder: &'a Path,
    parts: Vec<Mutex<Vec<Box<[Entry]>>>>,
    spill: Mutex<Option<Spill>>,
}

/// Keys on disk.
#[derive(Debug)]
struct Spill {
    file: BufWriter<File>,
    end: u64,
    /// For each part, where its runs start and how many keys they hold.
    runs: Vec<Vec<(u64, usize)>>,
}

/// What stands more than once.
#[derive(Debug, Default)]
pub(super) struct Repeats {
    /// All rows.
    pub rows: u64,
    /// Different keys.
    pub distinct: u64,
    /// Keys that stand more than once.
    pub groups: u64,
    /// The rows of those keys, in no order: batch (by number) and row.
    pub places: Vec<(u32, u32)>,
    /// Nanoseconds of workers that finding them took.
    pub nanoseconds: u64,
}

impl<'a> KeyStore<'a> {
    /// A store that spills into `folder`.
    pub(super) fn new(memory: &'a KeyMemory, folder: &'a Path) -> Self {
        Self { memory, folder, parts: (0..PARTS).map(|_| Mutex::default()).collect(), spill: Mutex::default() }
    }

    /// Takes in the keys of a batch, each with its row.
    ///
    /// # Errors
    /// Where keys must be spilled and cannot be written.
    pub(super) fn extend(&self, batch: u32, keys: &[(u32, Key)]) -> io::Result<()> {
        let mut counts = [0_usize; PARTS];
        for (_, key) in keys {
            counts[part_of(*key)] += 1;
        }
        let mut scattered: Vec<Vec<Entry>> = counts.iter().map(|count| Vec::with_capacity(*count)).collect();
        for (row, key) in keys {
            scattered[part_of(*key)].push(entry(*key, batch, *row));
        }
        for (part, keys) in self.parts.iter().zip(scattered) {
            if !keys.is_empty() {
                part.lock().unwrap_or_else(PoisonError::into_inner).push(keys.into_boxed_slice());
            }
        }
        let held = self.memory.held.fetch_add(keys.len() * ENTRY_BYTES, Ordering::Relaxed) + keys.len() * ENTRY_BYTES;
        if held > self.memory.limit { self.spill() } else { Ok(()) }
    }

    /// Writes all keys in memory to disk.
    fn spill(&self) -> io::Result<()> {
        let mut spill = self.spill.lock().unwrap_or_else(PoisonError::into_inner);
        let spill = match &mut *spill {
            Some(spill) => spill,
            none => {
                let file = BufWriter::with_capacity(1 << 20, tempfile::tempfile_in(self.folder)?);
                none.insert(Spill { file, end: 0, runs: vec![Vec::new(); PARTS] })
            }
        };
        for (part, runs) in self.parts.iter().zip(&mut spill.runs) {
            let blocks = std::mem::take(&mut *part.lock().unwrap_or_else(PoisonError::into_inner));
            let keys: usize = blocks.iter().map(|block| block.len()).sum();
            if keys == 0 {
                continue;
            }
            for word in blocks.iter().flatten().flatten() {
                spill.file.write_all(&word.to_le_bytes())?;
            }
            runs.push((spill.end, keys));
            spill.end += (keys * ENTRY_BYTES) as u64;
            self.memory.held.fetch_sub(keys * ENTRY_BYTES, Ordering::Relaxed);
            self.memory.spilled.fetch_add(keys * ENTRY_BYTES, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Counts what stands more than once.
    ///
    /// # Errors
    /// Where spilled keys cannot be read back.
    pub(super) fn finish(self) -> io::Result<Repeats> {
        let spill = match self.spill.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(spill) => {
                let file = spill.file.into_inner().map_err(io::IntoInnerError::into_error)?;
                Some((Mutex::new(file), spill.runs))
            }
            None => None,
        };
        let memory = self.memory;
        self.parts
            .into_par_iter()
            .enumerate()
            .map(|(at, part)| {
                let start = Instant::now();
                let blocks = part.into_inner().unwrap_or_else(PoisonError::into_inner);
                let mut keys: Vec<Entry> = Vec::with_capacity(blocks.iter().map(|block| block.len()).sum());
                memory.held.fetch_sub(keys.capacity() * ENTRY_BYTES, Ordering::Relaxed);
                for block in &blocks {
                    keys.extend_from_slice(block);
                }
                drop(blocks);
                if let Some((file, runs)) = &spill {
                    let file = file.lock().unwrap_or_else(PoisonError::into_inner);
                    for (start, count) in &runs[at] {
                        read_run(&file, *start, *count, &mut keys)?;
                    }
                }
                keys.sort_unstable();
                Ok(Repeats { nanoseconds: since(start), ..count(&keys) })
            })
            .try_reduce(Repeats::default, |mut a, b| {
                a.rows += b.rows;
                a.distinct += b.distinct;
                a.groups += b.groups;
                a.nanoseconds += b.nanoseconds;
                a.places.extend(b.places);
                Ok(a)
            })
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the halves of the key")]
fn entry(key: Key, batch: u32, row: u32) -> Entry {
    [key as u64, (key >> 64) as u64, u64::from(batch) << 32 | u64::from(row)]
}

fn part_of(key: Key) -> usize {
    (spread(key) >> 57) as usize
}

/// Appends one run of spilled keys.
fn read_run(mut file: &File, start: u64, count: usize, keys: &mut Vec<Entry>) -> io::Result<()> {
    file.seek(SeekFrom::Start(start))?;
    let mut reader = BufReader::with_capacity(1 << 18, file);
    keys.reserve(count);
    for _ in 0..count {
        let mut words: Entry = [0; 3];
        for word in &mut words {
            let mut bytes = [0; 8];
            reader.read_exact(&mut bytes)?;
            *word = u64::from_le_bytes(bytes);
        }
        keys.push(words);
    }
    Ok(())
}

/// Counts runs of equal keys in a sorted part.
#[expect(clippy::cast_possible_truncation, reason = "batch and row are the halves of the third word")]
fn count(sorted: &[Entry]) -> Repeats {
    let mut repeats = Repeats { rows: sorted.len() as u64, ..Repeats::default() };
    for run in sorted.chunk_by(|a, b| a[..2] == b[..2]) {
        repeats.distinct += 1;
        if run.len() > 1 {
            repeats.groups += 1;
            repeats.places.extend(run.iter().map(|entry| ((entry[2] >> 32) as u32, entry[2] as u32)));
        }
    }
    repeats
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::polars::keys::pack;

    #[test]
    fn spilling_changes_no_count() {
        let keys: Vec<Key> = (0..5_000_u32).map(|n| pack((n % 4_900).to_string().as_bytes())).collect();
        let folder = std::env::temp_dir();
        for limit in [0, 1_000, usize::MAX] {
            let memory = KeyMemory::new(limit);
            let store = KeyStore::new(&memory, &folder);
            for (batch, chunk) in (0..).zip(keys.chunks(333)) {
                let rows: Vec<(u32, Key)> = (0..).zip(chunk.iter().copied()).collect();
                store.extend(batch, &rows).unwrap();
            }
            let mut repeats = store.finish().unwrap();
            repeats.places.sort_unstable();
            assert_eq!((repeats.rows, repeats.distinct, repeats.groups), (5_000, 4_900, 100), "limit {limit}");
            assert_eq!((repeats.places.len(), repeats.places[0]), (200, (0, 0)));
            assert_eq!(memory.spilled() > 0, limit < usize::MAX);
        }
    }
}
