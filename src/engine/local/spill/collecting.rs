//! Runs that are being collected: in memory as long as there is room, else on disk.

use std::fmt::Debug;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::engine::local::memory::{KeyMemory, Spill};

/// What comes together and is kept together.
pub(crate) trait Run: Debug + Send + 'static {
    /// Bytes that it takes in memory.
    fn held(&self) -> usize;

    /// Bytes that it takes on disk.
    fn written(&self) -> usize {
        self.held()
    }
}

/// The runs on disk.
pub(crate) trait Disk<R>: Debug + Send + Sized + 'static {
    /// What it must know of the runs before the first.
    type Form: Debug + Copy + Send + Sync + 'static;

    /// None yet, in an unnamed file of the folder. The system removes it when it is closed, however the program ends.
    fn create(folder: &Path, form: Self::Form) -> io::Result<Self>;

    /// Appends runs.
    fn write(&mut self, runs: &[R]) -> io::Result<()>;
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs that are being collected.
#[derive(Debug)]
pub(crate) struct Collecting<R, D: Disk<R>> {
    memory: Arc<KeyMemory>,
    form: D::Form,
    waiting: Mutex<Vec<R>>,
    /// Bytes in memory.
    held: AtomicUsize,
    disk: Mutex<Option<D>>,
}

/// Runs that were collected. Whoever has them gives the held bytes back.
pub(crate) struct Collected<R, D> {
    /// Those in memory.
    pub(crate) waiting: Vec<R>,
    /// Bytes that these take.
    pub(crate) held: usize,
    /// Those on disk.
    pub(crate) disk: Option<D>,
}

impl<R: Run, D: Disk<R>> Collecting<R, D> {
    /// None yet; the memory may ask them to spill.
    pub(crate) fn new(memory: &Arc<KeyMemory>, form: D::Form) -> Arc<Self> {
        let store = Arc::new(Self {
            memory: Arc::clone(memory),
            form,
            waiting: Mutex::default(),
            held: AtomicUsize::new(0),
            disk: Mutex::default(),
        });
        let known: Arc<dyn Spill> = Arc::<Self>::clone(&store);
        memory.register(Arc::downgrade(&known));
        store
    }

    /// The memory that they share with others.
    pub(crate) const fn memory(&self) -> &Arc<KeyMemory> {
        &self.memory
    }

    /// Takes in a run.
    ///
    /// # Errors
    /// Where runs must be spilled and cannot be written.
    pub(crate) fn take_in(&self, run: R) -> io::Result<()> {
        let bytes = run.held();
        {
            let mut waiting = lock(&self.waiting);
            self.held.fetch_add(bytes, Ordering::Relaxed);
            waiting.push(run);
        }
        self.memory.take(bytes)
    }

    /// Ends the collection.
    pub(crate) fn finish(&self) -> Collected<R, D> {
        // Locked to the end: runs that another thread spills in the meantime would be lost.
        let mut disk = lock(&self.disk);
        let waiting = std::mem::take(&mut *lock(&self.waiting));
        Collected { waiting, held: self.held.swap(0, Ordering::Relaxed), disk: disk.take() }
    }
}

impl<R: Run, D: Disk<R>> Spill for Collecting<R, D> {
    fn held(&self) -> usize {
        self.held.load(Ordering::Relaxed)
    }

    fn spill(&self, needed: &dyn Fn() -> bool) -> io::Result<()> {
        let mut disk = lock(&self.disk);
        if !needed() {
            return Ok(());
        }
        let waiting = std::mem::take(&mut *lock(&self.waiting));
        if waiting.is_empty() {
            return Ok(());
        }
        let disk = match &mut *disk {
            Some(disk) => disk,
            none => none.insert(D::create(self.memory.folder(), self.form)?),
        };
        disk.write(&waiting)?;
        let (held, written) = (waiting.iter().map(Run::held).sum(), waiting.iter().map(Run::written).sum());
        drop(waiting);
        self.held.fetch_sub(held, Ordering::Relaxed);
        self.memory.give_back(held);
        self.memory.wrote(written);
        Ok(())
    }
}
