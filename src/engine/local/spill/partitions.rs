//! Entries of keys, partitioned by the first bits of the key, in memory as long as there is room, else on disk.
//!
//! An entry is a fixed number of 64-bit words; the first word is spread over all its bits. Equal keys are in the same part, so
//! each part can be processed by itself.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use crate::engine::local::memory::KeyMemory;
use crate::engine::local::spill::collecting::{self, Collected, Collecting, Disk as _, lock};

/// Parts that entries fall into: eight bits of the first word.
pub(crate) const PARTS: usize = 256;

/// How often entries can be partitioned again; after that their first words are equal.
pub(crate) const LAST_LEVEL: u32 = 7;

/// Bytes of a word.
pub(crate) const WORD: usize = size_of::<u64>();

/// Bytes that are written or read at a time.
pub(crate) const CHUNK: usize = 1 << 18;

/// The part of an entry: at level 0 by the first eight bits of its first word, at level 1 by the next eight.
#[inline]
const fn part_of(first: u64, level: u32) -> usize {
    (first >> (56 - 8 * level) & 0xFF) as usize
}

/// Entries, part after part.
#[derive(Debug)]
struct Block {
    words: Vec<u64>,
    /// Where each part ends, in entries.
    ends: Box<[u32; PARTS]>,
}

impl Block {
    /// Partitions entries.
    fn partition(words: &[u64], stride: usize, level: u32) -> Self {
        match stride {
            1 => Self::partition_arrays::<1>(words, level),
            2 => Self::partition_arrays::<2>(words, level),
            3 => Self::partition_arrays::<3>(words, level),
            4 => Self::partition_arrays::<4>(words, level),
            5 => Self::partition_arrays::<5>(words, level),
            _ => Self::partition_slices(words, stride, level),
        }
    }

    fn partition_arrays<const W: usize>(words: &[u64], level: u32) -> Self {
        let (entries, _) = words.as_chunks::<W>();
        let mut ends = Self::starts(entries.iter().map(|entry| entry[0]), level);
        let mut partitioned = vec![[0; W]; entries.len()];
        for entry in entries {
            let end = &mut ends[part_of(entry[0], level)];
            partitioned[*end as usize] = *entry;
            *end += 1;
        }
        Self { words: partitioned.into_flattened(), ends }
    }

    fn partition_slices(words: &[u64], stride: usize, level: u32) -> Self {
        let entries = words.chunks_exact(stride);
        let mut ends = Self::starts(entries.clone().map(|entry| entry[0]), level);
        let mut partitioned = vec![0; entries.len() * stride];
        for entry in entries {
            let end = &mut ends[part_of(entry[0], level)];
            partitioned[*end as usize * stride..][..stride].copy_from_slice(entry);
            *end += 1;
        }
        Self { words: partitioned, ends }
    }

    /// Where each part starts.
    fn starts(firsts: impl Iterator<Item = u64>, level: u32) -> Box<[u32; PARTS]> {
        let mut counts = Box::new([0; PARTS]);
        for first in firsts {
            counts[part_of(first, level)] += 1;
        }
        let mut start = 0;
        for count in counts.iter_mut() {
            start += std::mem::replace(count, start);
        }
        counts
    }

    /// The words of one part.
    fn words(&self, part: usize, stride: usize) -> &[u64] {
        let start = if part == 0 { 0 } else { self.ends[part - 1] as usize };
        self.words.get(start * stride..self.ends[part] as usize * stride).unwrap_or_default()
    }
}

/// Entries on disk.
#[derive(Debug)]
struct Disk {
    file: File,
    end: u64,
    stride: usize,
    /// For each part the runs in which it was written.
    runs: Vec<Vec<Run>>,
}

/// Where a run starts in the file, and how many words it has.
type Run = (u64, usize);

impl collecting::Run for Block {
    fn held(&self) -> usize {
        self.words.len() * WORD
    }
}

impl collecting::Disk<Block> for Disk {
    /// Words of an entry.
    type Form = usize;

    fn create(folder: &Path, stride: usize) -> io::Result<Self> {
        Ok(Self { file: tempfile::tempfile_in(folder)?, end: 0, stride, runs: vec![Vec::new(); PARTS] })
    }

    /// Appends blocks, part by part.
    fn write(&mut self, blocks: &[Block]) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(self.end))?;
        let mut out = Out::new(&mut self.file);
        for (part, runs) in self.runs.iter_mut().enumerate() {
            let mut count = 0;
            for block in blocks {
                let words = block.words(part, self.stride);
                out.write(words)?;
                count += words.len();
            }
            if count > 0 {
                runs.push((self.end, count));
                self.end += (count * WORD) as u64;
            }
        }
        out.flush()
    }
}

/// Entries that are being collected.
#[derive(Debug)]
pub(crate) struct Partitions {
    blocks: Arc<Collecting<Block, Disk>>,
    stride: usize,
    level: u32,
}

impl Partitions {
    /// A store of entries of `stride` words.
    pub(crate) fn new(memory: &Arc<KeyMemory>, stride: usize) -> Self {
        Self::at_level(memory, stride, 0)
    }

    /// A store of entries that were in one part before, partitioned by the next bits.
    pub(crate) fn at_level(memory: &Arc<KeyMemory>, stride: usize, level: u32) -> Self {
        Self { blocks: Collecting::new(memory, stride), stride, level }
    }

    /// Takes in entries.
    ///
    /// # Errors
    /// Where entries must be spilled and cannot be written.
    pub(crate) fn extend(&self, words: &[u64]) -> io::Result<()> {
        if words.is_empty() { Ok(()) } else { self.blocks.take_in(Block::partition(words, self.stride, self.level)) }
    }

    /// Ends the collection.
    pub(crate) fn finish(&self) -> Parts {
        let Collected { waiting, held, disk } = self.blocks.finish();
        let mut parts = Parts {
            memory: Arc::clone(self.blocks.memory()),
            stride: self.stride,
            level: self.level,
            blocks: waiting,
            file: None,
            end: 0,
            runs: Vec::new(),
            held,
        };
        if let Some(disk) = disk {
            parts.attach(disk);
        }
        parts
    }
}

/// Words that are being written to a file.
pub(crate) struct Out<'a> {
    file: &'a mut File,
    buffer: Vec<u8>,
}

impl<'a> Out<'a> {
    /// Writes from where the file is.
    pub(crate) fn new(file: &'a mut File) -> Self {
        Self { file, buffer: Vec::with_capacity(CHUNK) }
    }

    pub(crate) fn write(&mut self, mut words: &[u64]) -> io::Result<()> {
        while !words.is_empty() {
            let room = (CHUNK - self.buffer.len()) / WORD;
            let (now, later) = words.split_at(room.min(words.len()));
            let start = self.buffer.len();
            self.buffer.resize(start + now.len() * WORD, 0);
            let (bytes, _) = self.buffer[start..].as_chunks_mut::<WORD>();
            for (bytes, word) in bytes.iter_mut().zip(now) {
                *bytes = word.to_le_bytes();
            }
            words = later;
            if self.buffer.len() == CHUNK {
                self.flush()?;
            }
        }
        Ok(())
    }

    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.file.write_all(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }
}

/// Collected entries.
#[derive(Debug)]
pub(crate) struct Parts {
    memory: Arc<KeyMemory>,
    stride: usize,
    level: u32,
    blocks: Vec<Block>,
    file: Option<Mutex<File>>,
    end: u64,
    runs: Vec<Vec<Run>>,
    held: usize,
}

impl Drop for Parts {
    fn drop(&mut self) {
        self.memory.give_back(self.held);
    }
}

impl Parts {
    /// Words of an entry.
    pub(crate) const fn stride(&self) -> usize {
        self.stride
    }

    /// How often the entries were partitioned before.
    pub(crate) const fn level(&self) -> u32 {
        self.level
    }

    /// All entries.
    pub(crate) fn entries(&self) -> usize {
        let on_disk: usize = self.runs.iter().flatten().map(|(_, words)| words).sum();
        (on_disk + self.blocks.iter().map(|block| block.words.len()).sum::<usize>()) / self.stride
    }

    /// Entries of a part.
    pub(crate) fn entries_of(&self, part: usize) -> usize {
        let on_disk: usize = self.runs_of(part).iter().map(|(_, words)| words).sum();
        (on_disk + self.in_memory(part).map(<[u64]>::len).sum::<usize>()) / self.stride
    }

    /// Whether entries are on disk.
    pub(crate) const fn on_disk(&self) -> bool {
        self.file.is_some()
    }

    fn attach(&mut self, disk: Disk) {
        self.file = Some(Mutex::new(disk.file));
        self.end = disk.end;
        self.runs = disk.runs;
    }

    /// Spills the entries in memory to disk.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub(crate) fn write_out(&mut self) -> io::Result<()> {
        if self.blocks.is_empty() {
            return Ok(());
        }
        let mut disk = match self.file.take() {
            Some(file) => Disk {
                file: file.into_inner().unwrap_or_else(PoisonError::into_inner),
                end: self.end,
                stride: self.stride,
                runs: std::mem::take(&mut self.runs),
            },
            None => Disk::create(self.memory.folder(), self.stride)?,
        };
        disk.write(&self.blocks)?;
        self.attach(disk);
        self.blocks = Vec::new();
        self.memory.give_back(self.held);
        self.memory.wrote(std::mem::take(&mut self.held));
        Ok(())
    }

    fn runs_of(&self, part: usize) -> &[Run] {
        self.runs.get(part).map(Vec::as_slice).unwrap_or_default()
    }

    /// The entries of a part that are in memory.
    pub(crate) fn in_memory(&self, part: usize) -> impl Iterator<Item = &[u64]> {
        self.blocks.iter().map(move |block| block.words(part, self.stride))
    }

    /// The entries of a part that are on disk, read into memory.
    ///
    /// # Errors
    /// Where they cannot be read.
    pub(crate) fn load(&self, part: usize) -> io::Result<Vec<u64>> {
        let mut words = Vec::with_capacity(self.runs_of(part).iter().map(|(_, words)| words).sum());
        self.read_disk(part, CHUNK, &mut |read| {
            words.extend_from_slice(read);
            Ok(())
        })?;
        Ok(words)
    }

    /// Calls `visit` with all entries of a part, some at a time.
    ///
    /// # Errors
    /// Where they cannot be read, and those of `visit`.
    pub(crate) fn for_each(&self, part: usize, visit: &mut dyn FnMut(&[u64]) -> io::Result<()>) -> io::Result<()> {
        for words in self.in_memory(part).filter(|words| !words.is_empty()) {
            visit(words)?;
        }
        self.read_disk(part, self.chunk(), visit)
    }

    /// A few entries of a part from up to 16 places of it.
    ///
    /// # Errors
    /// Where they cannot be read.
    pub(crate) fn sample(&self, part: usize) -> io::Result<Vec<u64>> {
        const PLACES: usize = 16;
        const EACH: usize = 256;
        let most = EACH * self.stride;
        let mut words = Vec::new();
        let blocks: Vec<&[u64]> = self.in_memory(part).filter(|words| !words.is_empty()).collect();
        for block in blocks.iter().step_by(blocks.len().div_ceil(PLACES).max(1)) {
            words.extend_from_slice(&block[..block.len().min(most)]);
        }
        let runs = self.runs_of(part);
        for (start, count) in runs.iter().step_by(runs.len().div_ceil(PLACES).max(1)) {
            self.read_run(*start, (*count).min(most), CHUNK, &mut |read| {
                words.extend_from_slice(read);
                Ok(())
            })?;
        }
        Ok(words)
    }

    /// Bytes that are read at a time: few compared with the share of a worker.
    fn chunk(&self) -> usize {
        CHUNK.min(self.memory.share() / 4)
    }

    fn read_disk(&self, part: usize, chunk: usize, visit: &mut dyn FnMut(&[u64]) -> io::Result<()>) -> io::Result<()> {
        self.runs_of(part).iter().try_for_each(|(start, count)| self.read_run(*start, *count, chunk, visit))
    }

    /// Reads a run, whole entries at a time.
    fn read_run(
        &self,
        mut start: u64,
        mut count: usize,
        chunk: usize,
        visit: &mut dyn FnMut(&[u64]) -> io::Result<()>,
    ) -> io::Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        let most = (chunk / WORD / self.stride).max(1) * self.stride;
        let (mut bytes, mut words) = (Vec::new(), Vec::new());
        while count > 0 {
            let now = count.min(most);
            read_words(file, start, now, &mut bytes, &mut words)?;
            visit(&words)?;
            start += (now * WORD) as u64;
            count -= now;
        }
        Ok(())
    }
}

/// Reads words from a place of a file, in place of those that are there.
pub(crate) fn read_words(
    file: &Mutex<File>,
    start: u64,
    count: usize,
    bytes: &mut Vec<u8>,
    words: &mut Vec<u64>,
) -> io::Result<()> {
    bytes.resize(count * WORD, 0);
    {
        let mut file = lock(file);
        file.seek(SeekFrom::Start(start))?;
        file.read_exact(bytes)?;
    }
    words.clear();
    words.extend(bytes.as_chunks::<WORD>().0.iter().map(|bytes| u64::from_le_bytes(*bytes)));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_come_back_from_memory_and_disk() {
        for stride in 1..=6 {
            for limit in [0, 10_000, 1 << 30] {
                let memory = KeyMemory::new(limit, 1, &std::env::temp_dir());
                let store = Partitions::new(&memory, stride);
                let entry = |n: u64| (0..stride as u64).map(move |at| n.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ at);
                for batch in 0..30 {
                    let words: Vec<u64> = (0..100).flat_map(|n| entry(batch * 100 + n)).collect();
                    store.extend(&words).expect("the folder can be written");
                }
                let parts = store.finish();
                assert_eq!(
                    (parts.entries(), parts.on_disk()),
                    (3_000, limit < 1 << 30),
                    "stride {stride}, limit {limit}"
                );
                let mut found = Vec::new();
                for part in 0..PARTS {
                    let mut count = 0;
                    let mut take = |words: &[u64]| {
                        count += words.len() / stride;
                        found.extend(words.chunks_exact(stride).map(<[u64]>::to_vec));
                        Ok(())
                    };
                    parts.for_each(part, &mut take).expect("it was written");
                    assert_eq!(count, parts.entries_of(part));
                }
                let mut expected: Vec<Vec<u64>> = (0..3_000).map(|n| entry(n).collect()).collect();
                found.sort();
                expected.sort();
                assert_eq!(found, expected);
                drop(parts);
                assert_eq!(memory.spilled() > 0, limit < 1 << 30);
            }
        }
    }
}
