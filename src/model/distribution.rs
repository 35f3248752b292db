//! How the values of a column are distributed.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{DataType, Value};

/// Parts and categories of fewer rows are not told apart.
pub const LEAST_ROWS: u64 = 5;

/// The most categories of a distribution.
pub const MOST_CATEGORIES: u32 = 1_000;

/// The most different values among which categories are looked for.
pub const MOST_DIFFERENT: u32 = 100_000;

/// How the values of a column are distributed, as a rule `steady` stores it for later audits to compare with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Distribution {
    /// The column.
    pub column: String,
    /// Its type.
    pub data_type: DataType,
    /// The condition of the rule (`where`), as it is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// Values.
    pub values: u64,
    /// Rows in scope without a value.
    pub missing: u64,
    /// Rows whose value does not read, or of which it cannot be told whether they are in scope.
    pub unreadable: u64,
    /// Of numbers and dates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub numbers: Option<NumberShape>,
    /// Of texts and booleans.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub categories: Option<CategoryShape>,
}

/// Numbers or dates, by parts between quantiles.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NumberShape {
    /// Where one part ends and the next begins, ascending: at most 99 quantiles, with the number before each that many rows
    /// share. Only such a one is the least or the greatest value.
    pub edges: Vec<String>,
    /// The values of each part: up to and with the first edge, over it up to and with the second, …, over the last. Each has
    /// at least five, or beside a value that many rows share none.
    pub counts: Vec<u64>,
    /// The mean; of dates in days since 1970-01-01, of datetimes in microseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean: Option<f64>,
    /// The deviation of a sample from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stddev: Option<f64>,
}

/// Texts or booleans, by value.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CategoryShape {
    /// The rows of each value with at least five of them. A value stands as the first 128 bits of the SHA-256 over suite, column
    /// and value, in hex.
    pub counts: BTreeMap<String, u64>,
    /// The rows of all other values.
    pub other: u64,
}

/// A distribution that is to be measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Distributed {
    /// The column.
    pub column: String,
    /// The suite, which goes into the names of categories.
    pub suite: String,
    /// The parts of an earlier distribution, of which the values are counted, too.
    pub against: Parts,
}

/// The parts of an earlier distribution.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Parts {
    /// There is none.
    Nothing,
    /// Its edges.
    Edges(Vec<Value>),
    /// Its categories.
    Categories(Vec<String>),
}

/// A distribution that was measured.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct DistributionTally {
    /// Values.
    pub values: u64,
    /// Rows in scope without one.
    pub missing: u64,
    /// Rows that do not read, or of which it cannot be told whether they are in scope.
    pub unreadable: u64,
    /// Of numbers and dates.
    pub numbers: Option<NumberShape>,
    /// Of texts and booleans.
    pub categories: Option<CategoryShape>,
    /// The values in each of the earlier parts; of categories besides those that are in none.
    pub against: Vec<u64>,
    /// More different values than these were found, so there are no categories.
    pub too_many: Option<u32>,
}

/// What an earlier result tells of its rules.
#[derive(Debug, Clone, PartialEq)]
pub struct Baseline {
    /// Where it was read from.
    pub path: String,
    /// Whether it is there for every rule that takes one, and may lack some of them.
    pub of_all: bool,
    /// Its rules by id.
    pub rules: Arc<BTreeMap<String, BaselineRule>>,
    /// What it tells of the rule at hand.
    pub distribution: Option<Arc<Distribution>>,
}

/// One rule of an earlier result.
#[derive(Debug, Clone, PartialEq)]
pub struct BaselineRule {
    /// Its dataset.
    pub dataset: String,
    /// Its check.
    pub check: String,
    /// Its distribution.
    pub distribution: Option<Arc<Distribution>>,
}

impl fmt::Display for Distributed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "distribution of {}", self.column)?;
        match &self.against {
            Parts::Nothing => Ok(()),
            Parts::Edges(edges) => write!(f, " by {} earlier parts", edges.len() + 1),
            Parts::Categories(categories) => write!(f, " by {} earlier categories", categories.len()),
        }
    }
}
