//! Which keys stand more than once, in bounded memory.
//!
//! Keys are parted by their spread; each part is sorted by itself when all keys are in. What exceeds the memory for keys
//! goes to a file, part by part, and comes back a part at a time.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::keys::{BySpread, Key, spread};

/// Parts of the keys.
const PARTS: usize = 128;

/// Bytes of a key in memory and on disk.
const KEY_BYTES: usize = size_of::<Key>();

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
    parts: Vec<Mutex<Vec<Box<[Key]>>>>,
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
    /// Rows whose key stands more than once.
    pub repeated: u64,
    /// The keys that stand more than once.
    pub keys: HashSet<Key, BySpread>,
}

impl<'a> KeyStore<'a> {
    /// A store that spills into `folder`.
    pub(super) fn new(memory: &'a KeyMemory, folder: &'a Path) -> Self {
        Self { memory, folder, parts: (0..PARTS).map(|_| Mutex::default()).collect(), spill: Mutex::default() }
    }

    /// Takes in the keys of a batch.
    ///
    /// # Errors
    /// Where keys must be spilled and cannot be written.
    pub(super) fn extend(&self, keys: &[Key]) -> io::Result<()> {
        let mut counts = [0_usize; PARTS];
        for key in keys {
            counts[part_of(*key)] += 1;
        }
        let mut scattered: Vec<Vec<Key>> = counts.iter().map(|count| Vec::with_capacity(*count)).collect();
        for key in keys {
            scattered[part_of(*key)].push(*key);
        }
        for (part, keys) in self.parts.iter().zip(scattered) {
            if !keys.is_empty() {
                part.lock().unwrap_or_else(PoisonError::into_inner).push(keys.into_boxed_slice());
            }
        }
        let held = self.memory.held.fetch_add(keys.len() * KEY_BYTES, Ordering::Relaxed) + keys.len() * KEY_BYTES;
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
            for key in blocks.iter().flatten() {
                spill.file.write_all(&key.to_le_bytes())?;
            }
            runs.push((spill.end, keys));
            spill.end += (keys * KEY_BYTES) as u64;
            self.memory.held.fetch_sub(keys * KEY_BYTES, Ordering::Relaxed);
            self.memory.spilled.fetch_add(keys * KEY_BYTES, Ordering::Relaxed);
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
                let blocks = part.into_inner().unwrap_or_else(PoisonError::into_inner);
                let mut keys: Vec<Key> = Vec::with_capacity(blocks.iter().map(|block| block.len()).sum());
                memory.held.fetch_sub(keys.capacity() * KEY_BYTES, Ordering::Relaxed);
                blocks.iter().for_each(|block| keys.extend_from_slice(block));
                drop(blocks);
                if let Some((file, runs)) = &spill {
                    let file = file.lock().unwrap_or_else(PoisonError::into_inner);
                    for (start, count) in &runs[at] {
                        read_run(&file, *start, *count, &mut keys)?;
                    }
                }
                keys.sort_unstable();
                Ok(count(&keys))
            })
            .try_reduce(Repeats::default, |mut a, b| {
                a.rows += b.rows;
                a.distinct += b.distinct;
                a.repeated += b.repeated;
                a.keys.extend(b.keys);
                Ok(a)
            })
    }
}

fn part_of(key: Key) -> usize {
    (spread(key) >> 57) as usize
}

/// Appends one run of spilled keys.
fn read_run(mut file: &File, start: u64, count: usize, keys: &mut Vec<Key>) -> io::Result<()> {
    file.seek(SeekFrom::Start(start))?;
    let mut reader = BufReader::with_capacity(1 << 18, file);
    let mut bytes = [0; KEY_BYTES];
    keys.reserve(count);
    for _ in 0..count {
        reader.read_exact(&mut bytes)?;
        keys.push(Key::from_le_bytes(bytes));
    }
    Ok(())
}

/// Counts runs of equal keys in a sorted part.
fn count(sorted: &[Key]) -> Repeats {
    let mut repeats = Repeats { rows: sorted.len() as u64, ..Repeats::default() };
    for run in sorted.chunk_by(|a, b| a == b) {
        repeats.distinct += 1;
        if run.len() > 1 {
            repeats.repeated += run.len() as u64;
            repeats.keys.insert(run[0]);
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
            keys.chunks(333).for_each(|chunk| store.extend(chunk).unwrap());
            let repeats = store.finish().unwrap();
            assert_eq!((repeats.rows, repeats.distinct, repeats.repeated), (5_000, 4_900, 200), "limit {limit}");
            assert_eq!(repeats.keys.len(), 100);
            assert_eq!(memory.spilled() > 0, limit < usize::MAX);
        }
    }
}
