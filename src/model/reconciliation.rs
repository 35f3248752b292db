//! Totals of groups in two datasets.
//!
//! # What it means
//!
//! A group is made of the rows in scope with the same key; without columns all rows are one group, which both datasets have. It
//! passes where both datasets have it and every total agrees: |here − there| ≤ tolerance, or ≤ percent of |there|. Counts are of
//! rows, or of values that are not missing. Sums are exact; a float counts as the shortest decimal that parses as it. Missing
//! values add nothing. An unparseable value, and a float that no decimal equals, fails its group. Of a failing group its first
//! row is named.
//!
//! | group | here | there | |
//! |---|---|---|---|
//! | a | 0.1, 0.2 | 0.3 | passes |
//! | b | 1, missing | 1 | passes |
//! | c | 1, x | 1 | fails, unreadable |
//! | d | 5 | no row | fails: only here |

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Aggregate, Decimal, KeySpec, Lookup, RowRef};

/// Totals of groups that two datasets must agree on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reconciliation {
    /// The columns of a group in this dataset; without columns, all rows are one group.
    pub by: KeySpec,
    /// The totals of this dataset: counts and sums.
    pub totals: Vec<Aggregate>,
    /// The same totals of the other dataset, by its groups.
    pub lookup: Lookup,
    /// The tolerance between two totals.
    pub tolerance: Tolerance,
}

/// How much a total may differ from the expected one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tolerance {
    /// By this much.
    Amount(Decimal),
    /// By this many percent of the total of the other dataset.
    Percent(Decimal),
}

impl Tolerance {
    /// Not at all.
    pub const NONE: Self = Self::Amount(Decimal::ZERO);

    /// Parses `0.5` or `0.5%`; neither may be negative.
    pub fn parse(text: &str) -> Option<Self> {
        let number = |text: &str| {
            let plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b'_');
            if plain { Decimal::parse_loosely(text) } else { None }
        };
        match text.trim().strip_suffix('%') {
            Some(percent) => number(percent.trim_end()).map(Self::Percent),
            None => number(text.trim()).map(Self::Amount),
        }
    }
}

impl fmt::Display for Tolerance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Amount(by) => write!(f, "{by}"),
            Self::Percent(by) => write!(f, "{by}%"),
        }
    }
}

impl Reconciliation {
    /// The columns that are read of this dataset, with duplicates.
    pub fn columns(&self) -> Vec<&str> {
        let totals = self.totals.iter().filter_map(|total| total.value.as_ref()).flat_map(super::Expr::columns);
        self.by.columns.iter().map(String::as_str).chain(totals).collect()
    }
}

impl fmt::Display for Reconciliation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let totals: Vec<String> = self.totals.iter().map(ToString::to_string).collect();
        f.write_str(&totals.join(", "))?;
        if !self.by.columns.is_empty() {
            write!(f, " by {}", self.by)?;
        }
        write!(f, " as in {}", self.lookup)?;
        if self.tolerance != Tolerance::NONE {
            write!(f, " (± {})", self.tolerance)?;
        }
        Ok(())
    }
}

/// Groups by whether their totals agree.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TotalsTally {
    /// Different groups of both datasets.
    pub groups: u64,
    /// Groups of both whose totals agree.
    pub matched: u64,
    /// Groups of both in which at least one total differs or is unreadable.
    pub differing: u64,
    /// Groups in this dataset only.
    pub only_here: u64,
    /// Groups in the other dataset only.
    pub only_there: u64,
    /// Failed groups with an unparseable value, or one that is too large to add.
    pub unreadable: u64,
    /// For each total, the groups of both datasets on which it differs.
    pub differing_by_total: Vec<u64>,
    /// The totals of the whole, here and there, if there are no groups and every value is parseable.
    pub whole: Vec<(String, String)>,
    /// This dataset.
    pub here: TotalsSide,
    /// The other dataset.
    pub there: TotalsSide,
    /// The first rows of failing groups of this dataset.
    pub failing_rows: Vec<RowRef>,
}

/// One dataset of a reconciliation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TotalsSide {
    /// Rows in scope with a missing part of the group.
    pub without_key: u64,
    /// Rows with an unparseable group, or for which the condition is unreadable.
    pub unreadable: u64,
    /// Values that are unparseable, or too large to add.
    pub unreadable_values: u64,
}
