//! The entries of code lists.

use serde::{Deserialize, Serialize};

/// One code, and when it is valid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodelistEntry {
    /// The code, as text.
    pub code: String,
    /// The first day (days since 1970-01-01) on which it is valid; `None`: always before.
    pub valid_from: Option<i32>,
    /// The last day on which it is valid; `None`: for ever.
    pub valid_to: Option<i32>,
}
