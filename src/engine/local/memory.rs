//! The memory that all keys of an execution share.
//!
//! Of the bytes for keys, three quarters hold keys that are being collected or looked up; what exceeds them is spilled
//! to disk, the largest store first. The last quarter is for working through what was collected, a part at a time for
//! each worker.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::{fmt, io};

/// The least bytes that a worker has to work with.
const LEAST_SHARE: usize = 1 << 11;

/// A store that holds keys in memory and can spill them to disk.
pub(crate) trait Spill: fmt::Debug + Send + Sync {
    /// Bytes in memory.
    fn held(&self) -> usize;

    /// Spills all keys in memory to disk, if that is still `needed` once no other thread does so.
    ///
    /// # Errors
    /// Where it cannot be written.
    fn spill(&self, needed: &dyn Fn() -> bool) -> io::Result<()>;
}

/// What keys may take.
#[derive(Debug)]
pub(crate) struct KeyMemory {
    limit: usize,
    workers: usize,
    folder: PathBuf,
    /// Bytes of keys in memory.
    held: AtomicUsize,
    /// Bytes of keys that were spilled to disk.
    spilled: Arc<AtomicU64>,
    stores: Mutex<Vec<Weak<dyn Spill>>>,
}

impl KeyMemory {
    /// Memory for `limit` bytes of keys that so many workers share; what exceeds it goes into `folder`.
    pub(crate) fn new(limit: usize, workers: usize, folder: &Path) -> Arc<Self> {
        Arc::new(Self {
            limit,
            workers: workers.max(1),
            folder: folder.to_owned(),
            held: AtomicUsize::new(0),
            spilled: Arc::default(),
            stores: Mutex::default(),
        })
    }

    /// The memory of one worker that works through one part: what `share` allows.
    pub(crate) fn of_worker(&self) -> Arc<Self> {
        Arc::new(Self {
            limit: self.share(),
            workers: 1,
            folder: self.folder.clone(),
            held: AtomicUsize::new(0),
            spilled: Arc::clone(&self.spilled),
            stores: Mutex::default(),
        })
    }

    /// Bytes that a worker may take to work through a part.
    pub(crate) const fn share(&self) -> usize {
        let share = self.limit / 4 / self.workers;
        if share < LEAST_SHARE { LEAST_SHARE } else { share }
    }

    /// How many workers share the memory.
    pub(crate) const fn workers(&self) -> usize {
        self.workers
    }

    /// Bytes of keys that were spilled to disk.
    pub(crate) fn spilled(&self) -> u64 {
        self.spilled.load(Ordering::Relaxed)
    }

    /// Why keys that memory does not hold could not be kept, and the way out.
    pub(crate) fn explain(&self, error: &io::Error) -> String {
        format!(
            "keys that memory does not hold could not be kept in {} ({error}): free space there, name another folder with \
             --spill-dir, or allow more with --memory",
            self.folder.display()
        )
    }

    /// The folder for spilled keys.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Makes a store known, so that it can be asked to spill.
    pub(crate) fn register(&self, store: Weak<dyn Spill>) {
        let mut stores = self.stores.lock().unwrap_or_else(PoisonError::into_inner);
        // Whenever their number has doubled: thousands of stores are not looked through for each further one.
        if stores.len().is_power_of_two() {
            stores.retain(|store| store.strong_count() > 0);
        }
        stores.push(store);
    }

    /// Enters bytes that are held from now on, and spills keys to disk until all have room.
    pub(crate) fn take(&self, bytes: usize) -> io::Result<()> {
        self.held.fetch_add(bytes, Ordering::Relaxed);
        while self.held.load(Ordering::Relaxed) > self.limit / 4 * 3 {
            let stores: Vec<Arc<dyn Spill>> = {
                let stores = self.stores.lock().unwrap_or_else(PoisonError::into_inner);
                stores.iter().filter_map(Weak::upgrade).collect()
            };
            match stores.iter().max_by_key(|store| store.held()).filter(|store| store.held() > 0) {
                // Other threads wait here while a store is being written: there is no room for more.
                Some(largest) => largest.spill(&|| self.held.load(Ordering::Relaxed) > self.limit / 4 * 3)?,
                None => break,
            }
        }
        Ok(())
    }

    /// Enters bytes that are held for good, if half of the memory holds them all.
    pub(crate) fn try_keep(&self, bytes: usize) -> bool {
        let keep = |held: usize| held.checked_add(bytes).filter(|held| *held <= self.limit / 2);
        self.held.fetch_update(Ordering::Relaxed, Ordering::Relaxed, keep).is_ok()
    }

    /// Bytes that are no longer held.
    pub(crate) fn give_back(&self, bytes: usize) {
        self.held.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Bytes that were spilled to disk.
    pub(crate) fn wrote(&self, bytes: usize) {
        self.spilled.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}
