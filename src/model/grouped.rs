//! Measures of groups of rows: each row is judged by all rows of its group.
//!
//! # What they mean
//!
//! A group is made of the rows in scope with the same key. A row with an unparseable part of the key fails as unreadable and
//! belongs to no group.
//!
//! *Determines.* A row needs all parts of both sides; a missing one makes it not applicable. A group fails where it has more
//! than one right side. With `minority`, the rows with the right side that more rows have than any other pass. Where two
//! are equally common (a tie), or there are more than [`Grouped::MOST_RIGHT_SIDES`], none passes.
//!
//! *Anonymous.* A missing quasi-identifier is a value like any other. A sensitive value that is missing or unparseable is
//! none. Texts that look the same (folded, without characters of no width) are one. A group fails where it has fewer than
//! `k` rows, or fewer than `l` different values in a sensitive column.
//!
//! | from, to | determines | with `minority` |
//! |---|---|---|
//! | a, 1 | fails | passes |
//! | a, 1 | fails | passes |
//! | a, 2 | fails | fails |
//! | b, 1 | passes | passes |
//! | b, missing | not applicable | not applicable |

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{ComparisonForm, KeySpec, RowTally};

/// What a group must meet. A row fails if its group fails.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grouped {
    /// All rows of one left side have the same right side. A row with a missing part on either side is not applicable.
    Determines {
        /// The left side.
        from: KeySpec,
        /// The right side.
        to: KeySpec,
        /// How right sides are compared.
        form: ComparisonForm,
        /// Rows with the most common right side of their left side pass.
        minority: bool,
    },
    /// Each row is in a group of at least `k` rows with equal quasi-identifiers, and in each group every sensitive
    /// column has at least `l` different values. A missing quasi-identifier is a value like any other. A sensitive
    /// value that is missing or unparseable does not count, and texts that are equal when folded count as one.
    Anonymous {
        /// What others may know of a person.
        quasi_identifiers: KeySpec,
        /// The smallest size of a group.
        k: u64,
        /// What others must not learn.
        sensitive: Vec<String>,
        /// The smallest number of different values of each sensitive column.
        l: u64,
    },
}

impl Grouped {
    /// A left side with more right sides than this has no most common one.
    pub const MOST_RIGHT_SIDES: usize = 1_000;

    /// The columns that it reads, with duplicates.
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

/// Rows by the outcome of their group.
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

/// Why groups are not anonymous. A group may fail for both reasons.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anonymity {
    /// Rows of the smallest group; 0 where there is none.
    pub smallest: u64,
    /// Groups of fewer than `k` rows.
    pub groups_under_k: u64,
    /// Rows of these groups.
    pub rows_under_k: u64,
    /// Groups in which some sensitive column has fewer than `l` different values.
    pub groups_under_l: u64,
    /// Rows of these groups.
    pub rows_under_l: u64,
    /// Rows of any group with an unparseable sensitive value.
    pub unreadable_sensitive: u64,
}
