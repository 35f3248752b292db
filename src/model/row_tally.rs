//! Rows by the outcome of a test, and the place of a row.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{OutlierTally, ShapeTally, Spread};

/// Rows by outcome of a row test: every row is in exactly one of `passed`, `failed`, `not_applicable`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RowTally {
    /// Rows that satisfy the test.
    pub passed: u64,
    /// Rows that do not, including unreadable ones.
    pub failed: u64,
    /// Rows out of scope, or with nothing to test.
    pub not_applicable: u64,
    /// Failed rows with a value that is unparseable in the type of the test.
    pub unreadable: u64,
    /// Rows of the other dataset with an unparseable key, or for which its condition is unreadable.
    pub other_unreadable: u64,
    /// For tests against another dataset.
    pub matching: Option<MatchTally>,
    /// For tests that distinguish reasons: how many failed rows each has. A row may have several.
    pub reasons: BTreeMap<String, u64>,
    /// For outliers.
    pub outliers: Option<OutlierTally>,
    /// For tests of uniformity: how many values fit each format.
    pub formats: BTreeMap<String, u64>,
    /// For tests of the values of one column: the shapes of those that are in failed rows and are not missing.
    pub shapes: Option<ShapeTally>,
    /// The distribution of failures over the parts of a sample, if a sample was read.
    pub spread: Option<Spread>,
    /// The first failing rows.
    pub failing_rows: Vec<RowRef>,
}

/// Rows of an `Agrees` test by what the other dataset has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatchTally {
    /// Rows whose key the other dataset has.
    pub matched: u64,
    /// Matched rows with a different fact.
    pub differing: u64,
    /// Rows whose key the other dataset does not have.
    pub unmatched: u64,
    /// Matched rows whose key the other dataset has more than once; they agree only if every counterpart agrees.
    pub ambiguous: u64,
}

/// The place of a row.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct RowRef {
    /// Position of the file in the dataset's list of files, from 0.
    pub file: u32,
    /// Record number in the file, from 1, without the header.
    pub record: u64,
    /// Line in a text file, from 1, where the record starts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
}
