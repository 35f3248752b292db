//! What was learnt of a dataset.

use std::collections::BTreeSet;

use super::grade::{Graded, GradedColumn};

/// What was learnt of one dataset.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct LearntDataset {
    pub(super) name: String,
    /// `source:` as it is written.
    pub(super) source: String,
    pub(super) missing: BTreeSet<String>,
    /// The column that identifies a row.
    pub(super) key: Option<String>,
    pub(super) columns: Vec<GradedColumn>,
    pub(super) rules: Vec<Graded>,
    /// What a person has to decide, as sentences.
    pub(super) questions: Vec<String>,
    /// What was not looked at, as sentences.
    pub(super) left_out: Vec<String>,
}
