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

/// A list of permitted or forbidden values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValueList {
    /// Values written in the rule, as text; compared in the column's type.
    Values(Vec<String>),
    /// A code list of the suite, by name. The plan carries its entries.
    Codelist {
        /// Its name in the suite.
        name: String,
        /// The date column at whose date a code must be valid; without it, the audit's `as_of`.
        at: Option<String>,
    },
}
