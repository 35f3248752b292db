//! Ends a pass before its last row.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::source::Place;

/// Ends a pass once some measure has more failures than its threshold allows.
///
/// Batches come in any order. When the end is requested, it is only known that the batch that decides is not behind the
/// last one that was begun. All batches up to that one are still measured; then the counts by batch say which one decided.
#[derive(Debug, Default)]
pub(crate) struct EarlyStop {
    requested: AtomicBool,
    last: Mutex<Option<Place>>,
}

impl EarlyStop {
    /// Registers a batch; `false`: it comes after the one that decides and need not be measured.
    pub(crate) fn admits(&self, place: Place) -> bool {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if self.is_requested() {
            return last.is_none_or(|last| place <= last);
        }
        *last = (*last).max(Some(place));
        true
    }

    /// Asks for the end.
    pub(crate) fn request(&self) {
        // Under the lock, so that no batch is admitted as the last after it was requested.
        let _last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        self.requested.store(true, Ordering::Relaxed);
    }

    /// Whether it was requested.
    pub(crate) fn is_requested(&self) -> bool {
        self.requested.load(Ordering::Relaxed)
    }
}
