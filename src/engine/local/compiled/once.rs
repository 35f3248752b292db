//! Things that are made once.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use crate::engine::local::prepare_error::PrepareError;

/// Things of one kind, each made once.
#[derive(Debug)]
pub(crate) struct Once<K, V>(Mutex<HashMap<K, Arc<V>>>);

impl<K, V> Default for Once<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash, V> Once<K, V> {
    /// The thing of that key, made where nobody has asked for it before.
    ///
    /// # Errors
    /// Those of `make`.
    pub(crate) fn of(&self, key: K, make: impl FnOnce() -> Result<V, PrepareError>) -> Result<Arc<V>, PrepareError> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(made) = known.get(&key) {
            return Ok(Arc::clone(made));
        }
        let made = Arc::new(make()?);
        known.insert(key, Arc::clone(&made));
        Ok(made)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_twice_is_made_once() {
        let once: Once<u8, String> = Once::default();
        let failed = once.of(1, || Err(PrepareError::NoLookup));
        assert_eq!(failed, Err(PrepareError::NoLookup));
        let first = once.of(1, || Ok("made".to_owned())).expect("it is made");
        let again = once.of(1, || Ok("made again".to_owned())).expect("it is known");
        assert!(Arc::ptr_eq(&first, &again));
        assert_eq!(*once.of(2, || Ok("another".to_owned())).expect("it is made"), "another");
    }
}
