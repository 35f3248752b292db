//! Measures of the values in a column against the values that are expected.
//!
//! # What it means
//!
//! Expected values that occur in the rows in scope are found. Values compare as keys do. A value of a list that is not of the
//! type of the column cannot occur, and is not found. Listed values that are equal as keys are expected once; those that are
//! not found are named in the order of the list. Missing cells are no value. An unparseable value, and a row with a value of
//! which it is not known whether it is in scope, are counted as unreadable.
//!
//! | expected | column | found | not found |
//! |---|---|---|---|
//! | A, B, C | A, a, C, C, missing | A, C | B |

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Lookup, ValueList};

/// How many absent values a reading lists.
pub const NAMED_VALUES: usize = 5;

/// Which of the expected values occur in a column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Covers {
    /// The column; missing values do not count.
    pub column: String,
    /// The expected values.
    pub expected: Expected,
}

/// Values that are expected to occur.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expected {
    /// The values of a list that are valid on the date of the audit.
    Listed(ValueList),
    /// The distinct keys of a lookup.
    Keys(Lookup),
}

impl Covers {
    /// The list that it needs.
    pub const fn list(&self) -> Option<&ValueList> {
        match &self.expected {
            Expected::Listed(list) => Some(list),
            Expected::Keys(_) => None,
        }
    }

    /// The lookup that it needs.
    pub const fn lookup(&self) -> Option<&Lookup> {
        match &self.expected {
            Expected::Listed(_) => None,
            Expected::Keys(lookup) => Some(lookup),
        }
    }
}

impl fmt::Display for Covers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} covers ", self.column)?;
        match &self.expected {
            Expected::Listed(ValueList::Values(values)) => write!(f, "{} values", values.len()),
            Expected::Listed(ValueList::Codelist { name, .. }) => write!(f, "code list {name}"),
            Expected::Keys(lookup) => lookup.fmt(f),
        }
    }
}

/// Expected values that occur or do not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoverTally {
    /// Distinct expected values.
    pub expected: u64,
    /// Those that occur.
    pub found: u64,
    /// The first values of a list that do not occur, in its order; never keys of another dataset.
    pub missing: Vec<String>,
    /// Rows with an unparseable value, or for which the condition is unreadable.
    pub unreadable: u64,
    /// Rows of the other dataset with an unparseable key, or for which its condition is unreadable.
    pub other_unreadable: u64,
}
