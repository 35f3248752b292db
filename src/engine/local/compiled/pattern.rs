//! Patterns that many workers match at once.

use crate::scalar::Pattern;

/// A pattern with a clone for each worker: threads that share one wait for each other's scratch memory. Own code: workers have
/// numbers, so a list does what the crate `thread_local` does for threads without.
#[derive(Debug)]
pub(crate) struct PerThread(Vec<Pattern>);

impl PerThread {
    pub(super) fn new(pattern: &Pattern) -> Self {
        Self(vec![pattern.clone(); rayon::current_num_threads().max(1)])
    }

    /// The clone of the worker at hand.
    pub(crate) fn own(&self) -> &Pattern {
        &self.0[rayon::current_thread_index().unwrap_or_default() % self.0.len()]
    }
}
