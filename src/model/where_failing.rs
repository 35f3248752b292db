//! Where the failing rows of a rule are, and which rules fail together.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{SegmentValue, Share};

/// A group of fewer rows is not shown, and neither is one with fewer failing rows.
pub const LEAST_GROUP_ROWS: u64 = 5;

/// The most different values of a column by which failing rows are grouped; a missing value counts as one.
pub const MOST_GROUP_VALUES: usize = 64;

/// Groups of rows, by the values of one or two columns, that hold most failing rows of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WhereFailing {
    /// The dataset whose rows were counted; absent if it is that of the rule.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rows_of: Option<String>,
    /// Its rows.
    pub rows: u64,
    /// Its rows that fail the rule.
    pub failing: u64,
    /// The groups, those that hold most first; no row is in two of them.
    pub groups: Vec<Concentration>,
    /// Why there is none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
}

/// The rows with certain values, many of them failing a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Concentration {
    /// One or two columns with the value that all rows of the group have.
    pub of: Vec<GroupValue>,
    /// Rows of the group that fail the rule.
    pub failing: u64,
    /// Rows of the group.
    pub rows: u64,
    /// The share of the failing rows that the group holds, floored.
    pub share_of_failing: Share,
    /// The share of all rows that the group holds, floored.
    pub share_of_rows: Share,
}

/// A column and the value that all rows of a group have in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct GroupValue {
    /// The column.
    pub column: String,
    /// What of its values is compared.
    pub part: ValuePart,
    /// The value.
    pub value: SegmentValue,
}

/// What of the values of a column is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ValuePart {
    /// The whole value.
    Whole,
    /// The month of a date, as `2026-03`.
    Month,
    /// The year of a date.
    Year,
}

impl ValuePart {
    /// The part of a column in words.
    pub fn of(self, column: &str) -> String {
        match self {
            Self::Whole => column.to_owned(),
            Self::Month => format!("month of {column}"),
            Self::Year => format!("year of {column}"),
        }
    }
}

impl fmt::Display for GroupValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {}", self.part.of(&self.column), self.value)
    }
}

/// Two rules that fail in the same rows more often than chance explains.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FailTogether {
    /// The two rules, by id.
    pub rules: [String; 2],
    /// Rows that fail both.
    pub both: u64,
    /// Rows that fail each of them.
    pub each: [u64; 2],
    /// The lift in hundredths, floored: `both × rows ÷ (each[0] × each[1])`. 100 is what chance gives.
    pub lift_percent: u64,
}

/// What was compared of the failing rows of a dataset, and which of its rules fail in the same rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ComparedFailures {
    /// Rows of the dataset.
    pub rows: u64,
    /// What rows were grouped by: `column`, `month of column` or `year of column`.
    pub grouped_by: Vec<String>,
    /// How many of these were also taken two by two: the most telling ones, where there are many.
    pub in_pairs: u64,
    /// Columns with one value, or with more than 64.
    pub left_out: Vec<String>,
    /// Columns of types that no rule can read, and those beyond the first 100 that could be used.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub not_read: Vec<String>,
    /// Personal columns, which are never used.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub personal: Vec<String>,
    /// Pairs of rules that fail in the same rows at least twice as often as chance gives, those with most rows first.
    pub together: Vec<FailTogether>,
    /// Further such pairs that are not listed.
    pub more_together: u64,
}
