//! Measures of what a column holds against what it should hold.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Lookup, ValueList};

/// How many of the values that do not occur a reading names.
pub const NAMED_VALUES: usize = 5;

/// Which of the values expected occur in a column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Covered {
    /// The column; missing values are none.
    pub column: String,
    /// The values expected.
    pub expected: Expected,
}

/// Values that are expected to occur.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expected {
    /// Those of a list, as far as they are valid on the day of the audit.
    Listed(ValueList),
    /// The different keys of a lookup.
    Keys(Lookup),
}

impl Covered {
    /// The lookup that it needs.
    pub const fn lookup(&self) -> Option<&Lookup> {
        match &self.expected {
            Expected::Listed(_) => None,
            Expected::Keys(lookup) => Some(lookup),
        }
    }
}

impl fmt::Display for Covered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} covers ", self.column)?;
        match &self.expected {
            Expected::Listed(ValueList::Values(values)) => write!(f, "{} values", values.len()),
            Expected::Listed(ValueList::Codelist { name, .. }) => write!(f, "code list {name}"),
            Expected::Keys(lookup) => lookup.fmt(f),
        }
    }
}

/// Values expected by whether they occur.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoverTally {
    /// Different values expected.
    pub expected: u64,
    /// Those of them that occur.
    pub found: u64,
    /// The first of a list that do not, in its order; none of the keys of another dataset.
    pub missing: Vec<String>,
    /// Rows whose value does not read, or of which it cannot be told whether they are in scope.
    pub unreadable: u64,
    /// Rows of the other dataset whose key does not read, or of which it cannot be told whether they count.
    pub other_unreadable: u64,
}
