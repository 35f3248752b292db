//! Measures of groups of rows: what the rows of a group say together decides about each of them.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{ComparisonForm, KeySpec, RowTally};

/// What is asked of each group. A row fails where its group does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grouped {
    /// All rows of one left side have the same right side. A row with a missing part on either side is not applicable.
    Determines {
        /// The left side.
        from: KeySpec,
        /// The right side.
        to: KeySpec,
        /// What counts as the same right side.
        form: ComparisonForm,
        /// Rows with the most common right side of their left side pass.
        minority: bool,
    },
    /// Rows hide in a group of at least `k` that say the same on the quasi-identifiers, and of which each sensitive column
    /// has at least `l` different values. A missing quasi-identifier is a value like any other; a sensitive value that is
    /// missing or does not read is none, and texts that differ in writing alone are one.
    Anonymous {
        /// What others may know of a person.
        quasi_identifiers: KeySpec,
        /// The least size of a group.
        k: u64,
        /// What others must not learn.
        sensitive: Vec<String>,
        /// The least number of different values of each sensitive column.
        l: u64,
    },
}

impl Grouped {
    /// The columns that it reads, with repeats.
    pub fn columns(&self) -> Vec<&str> {
        let (one, two) = match self {
            Self::Determines { from, to, .. } => (&from.columns, &to.columns),
            Self::Anonymous { quasi_identifiers, sensitive, .. } => (&quasi_identifiers.columns, sensitive),
        };
        one.iter().chain(two).map(String::as_str).collect()
    }
}

impl fmt::Display for Grouped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Determines { from, to, form, minority } => {
                write!(f, "{from} determines {to}{}", if *minority { ", minority" } else { "" })?;
                match form {
                    ComparisonForm::Nfc => f.write_str(" (nfc)"),
                    ComparisonForm::Folded => f.write_str(" (folded)"),
                    ComparisonForm::Exact | ComparisonForm::Tolerance(_) => Ok(()),
                }
            }
            Self::Anonymous { quasi_identifiers, k, sensitive, l } => {
                write!(f, "groups of {quasi_identifiers} of at least {k} rows")?;
                if sensitive.is_empty() { Ok(()) } else { write!(f, " and {l} values of {}", sensitive.join(", ")) }
            }
        }
    }
}

/// Rows by what became of their group.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct GroupTally {
    /// The rows by outcome.
    pub rows: RowTally,
    /// Groups.
    pub groups: u64,
    /// Groups that fail.
    pub failing: u64,
    /// For tests of anonymity.
    pub anonymity: Option<Anonymity>,
}

/// Why groups hide nobody. A group may do so for both reasons.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anonymity {
    /// Rows of the smallest group; 0 where there is none.
    pub smallest: u64,
    /// Groups of fewer than `k` rows.
    pub groups_under_k: u64,
    /// Rows of those.
    pub rows_under_k: u64,
    /// Groups in which some sensitive column has fewer than `l` different values.
    pub groups_under_l: u64,
    /// Rows of those.
    pub rows_under_l: u64,
    /// Rows of any group with a sensitive value that does not read.
    pub unreadable_sensitive: u64,
}
