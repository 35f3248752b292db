//! Outcomes of rows, grouped by the values of some columns.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Score;

/// The most groups of a `segment`.
pub const MOST_SEGMENTS: usize = 10_000;

/// A group of fewer judged rows in one rule is shown by itself in no rule.
pub const LEAST_SEGMENT_ROWS: u64 = 5;

/// The rows that have the same values in the columns of a `segment`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// One value a column.
    pub values: Vec<SegmentValue>,
    /// Rows that pass.
    pub passed: u64,
    /// Rows that fail.
    pub failed: u64,
    /// Rows out of scope, or with nothing to judge.
    pub not_applicable: u64,
}

/// The value of a group in one column.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SegmentValue {
    /// A value, as text.
    Value(String),
    /// Missing.
    Missing,
    /// Unparseable in the type of the column.
    Unreadable,
}

impl fmt::Display for SegmentValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(value) => f.write_str(value),
            Self::Missing => f.write_str("(missing)"),
            Self::Unreadable => f.write_str("(unparseable)"),
        }
    }
}

/// The outcome of a rule in each group of rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SegmentsReport {
    /// The columns that group the rows.
    pub columns: Vec<String>,
    /// Groups with enough judged rows to be shown, the worst first.
    pub shown: Vec<SegmentReport>,
    /// The other groups, as one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suppressed: Option<SuppressedSegments>,
    /// Groups in which nothing was judged.
    pub not_measured: u64,
    /// Groups that do not meet the threshold; the suppressed groups count as one.
    pub failing: u64,
}

/// The outcome of a rule in one group of rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SegmentReport {
    /// One value for each of the columns.
    pub values: Vec<SegmentValue>,
    /// Rows that were judged: `passed + failed`.
    pub evaluated: u64,
    /// Rows that passed.
    pub passed: u64,
    /// Rows that failed.
    pub failed: u64,
    /// Rows out of scope, or with nothing to judge.
    pub not_applicable: u64,
    /// `100 * passed / evaluated`, floored.
    pub rate: Score,
    /// Whether the group meets the threshold of the rule.
    pub meets: bool,
}

/// Groups that are not shown separately: those with so few judged rows, in this rule or in another one of the report, that
/// their counts could reveal single rows, and those from which such a group could be calculated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SuppressedSegments {
    /// How many groups.
    pub groups: u64,
    /// Judged rows in them.
    pub evaluated: u64,
    /// Rows that passed.
    pub passed: u64,
    /// Rows that failed.
    pub failed: u64,
    /// Whether they meet the threshold of the rule: each of them with enough judged rows, and the others together.
    pub meets: bool,
    /// More than one judgement is behind `meets`, so that these counts do not say whether another threshold is met.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub judged_apart: bool,
}
