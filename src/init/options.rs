//! What is asked of `init`.

use std::collections::BTreeSet;

use crate::engine::Limits;
use crate::model::AsOf;
use crate::source::SourceSpec;

/// A dataset with the words that mean "no value" in it.
#[derive(Debug, Clone)]
pub(super) struct Subject {
    pub(super) name: String,
    pub(super) spec: SourceSpec,
    pub(super) path: String,
    pub(super) missing: BTreeSet<String>,
}

/// The options of `init`.
#[derive(Debug, Clone)]
pub struct InitOptions {
    /// Tokens that count as missing, besides empty and blank and those that are found.
    pub missing: BTreeSet<String>,
    /// The date that counts as "today".
    pub as_of: AsOf,
    /// What may be used.
    pub limits: Limits,
}

/// How much a suite asks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Strictness {
    /// Likely rules are checked and do not close the gate.
    #[default]
    Normal,
    /// Likely rules close the gate, at the share that was seen.
    Strict,
    /// Likely rules are comments.
    Lenient,
}
