//! The lookups of a plan that were built so far.

use std::sync::{Arc, Mutex, PoisonError};

use crate::model::Lookup;
use crate::plan::Plan;

use crate::engine::local::lookups::cogroup::Gathered;
use crate::engine::local::lookups::tables::{Keys, KeysToJoin};
use crate::engine::local::prepare_error::PrepareError;

/// A lookup that was built.
#[derive(Debug, Clone)]
pub(crate) enum Built {
    /// Rows are looked up at once.
    Tables(Arc<Keys>),
    /// Rows are joined with it later.
    ToJoin(Arc<KeysToJoin>),
    /// It is grouped with the entries of other datasets.
    Gathered(Arc<Gathered>),
}

/// The lookups of a plan that were built so far.
#[derive(Debug)]
pub(crate) struct Lookups(Vec<Mutex<Result<Built, PrepareError>>>);

impl Lookups {
    /// Places for `count` lookups.
    pub(crate) fn new(count: usize) -> Self {
        Self((0..count).map(|_| Mutex::new(Err(PrepareError::LookupNotBuilt))).collect())
    }

    /// Puts a lookup in its place.
    pub(crate) fn put(&self, at: usize, keys: Result<Built, PrepareError>) {
        *self.0[at].lock().unwrap_or_else(PoisonError::into_inner) = keys;
    }

    /// A lookup in which rows are looked up at once, or why there is none.
    pub(crate) fn get(&self, at: usize) -> Result<Arc<Keys>, PrepareError> {
        match self.built(at)? {
            Built::Tables(keys) => Ok(keys),
            Built::ToJoin(_) => Err(PrepareError::LookupToJoin),
            Built::Gathered(_) => Err(PrepareError::LookupOfGroups),
        }
    }

    /// The entries that were gathered of another dataset, or why there are none.
    pub(crate) fn gathered(&self, lookup: &Lookup, plan: &Plan) -> Result<Arc<Gathered>, PrepareError> {
        let at = plan.lookups.iter().position(|known| known == lookup);
        match self.built(at.ok_or(PrepareError::NoGathering)?)? {
            Built::Gathered(gathered) => Ok(gathered),
            Built::Tables(_) | Built::ToJoin(_) => Err(PrepareError::LookupOfKeys),
        }
    }

    /// A lookup, or why there is none.
    pub(crate) fn built(&self, at: usize) -> Result<Built, PrepareError> {
        self.0[at].lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
