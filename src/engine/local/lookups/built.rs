//! The lookups of a plan, each there once it was built.

use std::sync::{Arc, Mutex, PoisonError};

use crate::model::Lookup;
use crate::plan::Plan;

use crate::engine::local::lookups::cogroup::Gathered;
use crate::engine::local::lookups::tables::{Keys, KeysToJoin};

/// A lookup that was built.
#[derive(Debug, Clone)]
pub(crate) enum Built {
    /// Rows are looked up at once.
    Tables(Arc<Keys>),
    /// Rows are joined with it later.
    ToJoin(Arc<KeysToJoin>),
    /// It is put together with what other datasets have.
    Gathered(Arc<Gathered>),
}

/// The lookups of a plan, each there once it was built.
#[derive(Debug)]
pub(crate) struct Lookups(Vec<Mutex<Result<Built, String>>>);

impl Lookups {
    /// Places for `count` lookups.
    pub(crate) fn new(count: usize) -> Self {
        Self((0..count).map(|_| Mutex::new(Err("the other dataset was not read".to_owned()))).collect())
    }

    /// Puts a lookup in its place.
    pub(crate) fn put(&self, at: usize, keys: Result<Built, String>) {
        *self.0[at].lock().unwrap_or_else(PoisonError::into_inner) = keys;
    }

    /// A lookup that answers at once, or why there is none.
    pub(crate) fn get(&self, at: usize) -> Result<Arc<Keys>, String> {
        match self.built(at)? {
            Built::Tables(keys) => Ok(keys),
            Built::ToJoin(_) => Err("the keys of the other dataset are to be joined".to_owned()),
            Built::Gathered(_) => Err("the other dataset was gathered for something else".to_owned()),
        }
    }

    /// What was gathered of another dataset, or why there is nothing.
    pub(crate) fn gathered(&self, lookup: &Lookup, plan: &Plan) -> Result<Arc<Gathered>, String> {
        let at = plan.lookups.iter().position(|known| known == lookup);
        match self.built(at.ok_or("the other dataset is not planned")?)? {
            Built::Gathered(gathered) => Ok(gathered),
            Built::Tables(_) | Built::ToJoin(_) => Err("of the other dataset only keys were collected".to_owned()),
        }
    }

    /// A lookup, or why there is none.
    pub(crate) fn built(&self, at: usize) -> Result<Built, String> {
        self.0[at].lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
