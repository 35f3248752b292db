//! The names that a suite declares and that rules refer to.

use std::collections::BTreeMap;

use super::diagnostic::Span;

/// The names that parameters may use.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Datasets, where each is declared.
    pub(super) datasets: BTreeMap<String, Span>,
    /// Code lists, where each is declared.
    pub(super) codelists: BTreeMap<String, Span>,
}
