//! Values of rows, kept until all were seen: in memory as long as there is room, else on disk. They can be read any
//! number of times.

use std::fs::File;
use std::io::{self, Seek as _, SeekFrom};
use std::path::Path;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use rayon::prelude::*;

use crate::engine::local::memory::KeyMemory;
use crate::engine::local::numbers::image::Image;
use crate::engine::local::rows::sink::Sink;
use crate::engine::local::spill::collecting::{self, Collected, Collecting, lock};
use crate::engine::local::spill::partitions::{CHUNK, Out, WORD, read_words};

/// A run of entries that came together.
#[derive(Debug)]
struct Chunk {
    tag: u32,
    words: Vec<u64>,
}

impl Chunk {
    const fn bytes(&self) -> usize {
        self.words.len() * WORD
    }
}

/// A run of entries on disk.
#[derive(Debug, Clone, Copy)]
struct Run {
    tag: u32,
    start: u64,
    words: usize,
}

#[derive(Debug)]
struct Disk {
    file: File,
    end: u64,
    runs: Vec<Run>,
}

impl collecting::Run for Chunk {
    fn held(&self) -> usize {
        self.bytes()
    }
}

impl collecting::Disk<Chunk> for Disk {
    type Form = ();

    fn create(folder: &Path, (): ()) -> io::Result<Self> {
        Ok(Self { file: tempfile::tempfile_in(folder)?, end: 0, runs: Vec::new() })
    }

    fn write(&mut self, chunks: &[Chunk]) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(self.end))?;
        let mut out = Out::new(&mut self.file);
        for chunk in chunks {
            out.write(&chunk.words)?;
            self.runs.push(Run { tag: chunk.tag, start: self.end, words: chunk.words.len() });
            self.end += chunk.bytes() as u64;
        }
        out.flush()
    }
}

/// Values that are being collected. An entry begins with the words of the image of its value.
#[derive(Debug)]
pub(crate) struct Values {
    chunks: Arc<Collecting<Chunk, Disk>>,
    stride: usize,
    /// Words of an image.
    width: usize,
    entries: AtomicU64,
    /// The words of the least and of the greatest image.
    bounds: Mutex<Option<(Vec<u64>, Vec<u64>)>>,
}

impl Values {
    /// A store of entries of `stride` words; the first `width` of them are the image of a value.
    pub(crate) fn new(memory: &Arc<KeyMemory>, width: usize, stride: usize) -> Self {
        let chunks = Collecting::new(memory, ());
        Self { chunks, stride, width, entries: AtomicU64::new(0), bounds: Mutex::default() }
    }

    /// Takes in entries that belong together, such as those of one batch; `tag` identifies them.
    ///
    /// # Errors
    /// Where entries must be spilled and cannot be written.
    pub(crate) fn extend(&self, tag: u32, words: Vec<u64>) -> io::Result<()> {
        let ends = if self.width == 1 {
            let values = words.iter().step_by(self.stride);
            values.clone().min().zip(values.max()).map(|(least, greatest)| (vec![*least], vec![*greatest]))
        } else {
            // Words are in the order of images, the highest first.
            let images = words.chunks_exact(self.stride).map(|entry| &entry[..self.width]);
            images.clone().min().zip(images.max()).map(|(least, greatest)| (least.to_vec(), greatest.to_vec()))
        };
        let Some((least, greatest)) = ends else { return Ok(()) };
        {
            let mut bounds = lock(&self.bounds);
            *bounds = Some(match bounds.take() {
                Some((low, high)) => (low.min(least), high.max(greatest)),
                None => (least, greatest),
            });
        }
        self.entries.fetch_add((words.len() / self.stride) as u64, Ordering::Relaxed);
        self.chunks.take_in(Chunk { tag, words })
    }

    /// Ends the collection.
    pub(crate) fn finish(&self) -> AllValues {
        let Collected { waiting, held, disk } = self.chunks.finish();
        let (file, runs) = disk.map_or((None, Vec::new()), |disk| (Some(Mutex::new(disk.file)), disk.runs));
        AllValues {
            memory: Arc::clone(self.chunks.memory()),
            stride: self.stride,
            chunks: waiting,
            file,
            runs,
            held,
            entries: self.entries.load(Ordering::Relaxed),
            bounds: lock(&self.bounds).take(),
        }
    }
}

/// Collected values.
#[derive(Debug)]
pub(crate) struct AllValues {
    memory: Arc<KeyMemory>,
    stride: usize,
    chunks: Vec<Chunk>,
    file: Option<Mutex<File>>,
    runs: Vec<Run>,
    held: usize,
    entries: u64,
    bounds: Option<(Vec<u64>, Vec<u64>)>,
}

impl Drop for AllValues {
    fn drop(&mut self) {
        self.memory.give_back(self.held);
    }
}

/// Entries that come one after the other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece<'a> {
    /// What they belong to.
    pub tag: u32,
    /// How many entries of the same run come before.
    pub before: usize,
    /// Their words.
    pub words: &'a [u64],
}

impl<'a> Piece<'a> {
    /// The images of the entries, each of which has `stride` words.
    #[inline]
    pub(crate) fn images<I: Image>(&self, stride: usize) -> impl Iterator<Item = I> + use<'a, I> {
        self.words.chunks_exact(stride).map(I::read)
    }
}

impl AllValues {
    /// Entries.
    pub(crate) const fn entries(&self) -> u64 {
        self.entries
    }

    /// Words of an entry.
    pub(crate) const fn stride(&self) -> usize {
        self.stride
    }

    /// The least and the greatest value; where there is none, the least is over the greatest.
    pub(crate) fn bounds<I: Image>(&self) -> (I, I) {
        self.bounds.as_ref().map_or((I::GREATEST, I::LEAST), |(least, greatest)| (I::read(least), I::read(greatest)))
    }

    /// The memory in which they are held.
    pub(crate) fn memory(&self) -> &KeyMemory {
        &self.memory
    }

    /// Reads all entries, in no order, on as many workers as share the memory. Each worker has a state of its own; all
    /// states are returned.
    ///
    /// # Errors
    /// Where entries cannot be read back, or the user stopped the audit.
    pub(crate) fn scan<T: Send>(
        &self,
        watch: &dyn Sink,
        new: impl Fn() -> T + Sync,
        take: impl Fn(&mut T, Piece<'_>) -> io::Result<()> + Sync,
    ) -> io::Result<Vec<T>> {
        let next = AtomicUsize::new(0);
        let all = self.chunks.len() + self.runs.len();
        let work = |_| {
            let mut own = new();
            let (mut bytes, mut words) = (Vec::new(), Vec::new());
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                if at >= all {
                    return Ok(own);
                }
                if watch.is_stopped() {
                    return Err(io::ErrorKind::Interrupted.into());
                }
                if let Some(Chunk { tag, words }) = self.chunks.get(at) {
                    take(&mut own, Piece { tag: *tag, before: 0, words })?;
                } else {
                    let run = self.runs[at - self.chunks.len()];
                    self.read(run, &mut bytes, &mut words, &mut |piece| take(&mut own, piece))?;
                }
            }
        };
        (0..self.memory.workers().min(all.max(1))).into_par_iter().map(work).collect()
    }

    /// Reads a run, whole entries at a time.
    fn read(
        &self,
        run: Run,
        bytes: &mut Vec<u8>,
        words: &mut Vec<u64>,
        visit: &mut dyn FnMut(Piece<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        // Few bytes compared with the share of a worker.
        let most = (CHUNK.min(self.memory.share() / 4) / WORD / self.stride).max(1) * self.stride;
        let mut done = 0;
        while done < run.words {
            let now = most.min(run.words - done);
            read_words(file, run.start + (done * WORD) as u64, now, bytes, words)?;
            visit(Piece { tag: run.tag, before: done / self.stride, words })?;
            done += now;
        }
        Ok(())
    }
}
