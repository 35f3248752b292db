//! The distribution of the values of a column.
//!
//! # What it means
//!
//! Values in scope are counted: missing cells beside them, and unparseable ones as unreadable.
//!
//! *Numbers and dates.* With n values there are n / [`LEAST_ROWS`] parts, at least 1 and at most [`NumberShape::MOST_PARTS`]. The
//! edge after the i-th of p parts is the value of rank ⌈i · n / p⌉, from 1; infinite ones are left out. A value on which several
//! edges fall lies alone between two: itself, and the greatest number below it. A part of fewer than [`LEAST_ROWS`] values joins
//! the one after it, the last the one before, unless it is an empty part beside a value that lies alone.
//!
//! *Texts and booleans.* Values with [`LEAST_ROWS`] rows or more are categories, the others are one number. With more than
//! [`MOST_DIFFERENT`] different values, or [`MOST_CATEGORIES`] categories, there are none.
//!
//! The numbers 1 to 10, each once: 2 parts, edge 5, counts 5 and 5. The texts a (six times) and b (twice): a 6, other 2.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{DataType, Value};

/// Parts and categories of fewer rows are merged.
pub const LEAST_ROWS: u64 = 5;

/// The most categories of a distribution.
pub const MOST_CATEGORIES: u32 = 1_000;

/// The most different values among which categories are counted.
pub const MOST_DIFFERENT: u32 = 100_000;

/// The distribution of the values of a column, as a rule `steady` stores it for later audits to compare with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Distribution {
    /// The column.
    pub column: String,
    /// Its type.
    pub data_type: DataType,
    /// The condition of the rule (`where`), as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// Values.
    pub values: u64,
    /// Rows in scope without a value.
    pub missing: u64,
    /// Rows with an unparseable value, or for which the condition is unreadable.
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
    /// The limits between parts, ascending: at most 99 quantiles. Where several quantiles are one value, the limits are
    /// this value and the number before it (before the first date, 0001-01-01, there is none). The smallest or the largest value only if five rows or more share it.
    pub edges: Vec<String>,
    /// The number of values of each part: up to and including the first edge, over it up to and including the second,
    /// …, over the last. Each part has at least five values, or none beside a value on which several quantiles fall.
    pub counts: Vec<u64>,
    /// The mean; for dates in days since 1970-01-01, for datetimes in microseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean: Option<f64>,
    /// The standard deviation of a sample.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stddev: Option<f64>,
}

/// Texts or booleans, by value.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CategoryShape {
    /// The rows of each value with at least five of them. A value is named by the first 128 bits of the SHA-256 over
    /// suite, column and value, in hex.
    pub counts: BTreeMap<String, u64>,
    /// The rows of all other values.
    pub other: u64,
}

/// Whether the distribution of a column is that of an earlier audit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Steady {
    /// The column.
    pub column: String,
    /// The suite, which is part of the names of categories.
    pub suite: String,
    /// The parts of an earlier distribution, whose values are counted, too.
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
    /// Rows that are unparseable, or for which the condition is unreadable.
    pub unreadable: u64,
    /// Of numbers and dates.
    pub numbers: Option<NumberShape>,
    /// Of texts and booleans.
    pub categories: Option<CategoryShape>,
    /// The values in each of the earlier parts; for categories also those in no part.
    pub against: Vec<u64>,
    /// There were more different values than this, so there are no categories.
    pub too_many: Option<u32>,
}

/// The distributions of an earlier result.
#[derive(Debug, Clone, PartialEq)]
pub struct Baseline {
    /// The file that it was read from.
    pub path: String,
    /// Whether it applies to every rule that takes one, and may lack some of them.
    pub of_all: bool,
    /// Its rules by id.
    pub rules: Arc<BTreeMap<String, BaselineRule>>,
    /// What it has for the rule at hand.
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

impl NumberShape {
    /// The most parts.
    pub const MOST_PARTS: u64 = 100;
}

impl Steady {
    /// The name of a category: the first 128 bits of the SHA-256 over suite, column and value, each after its length in bytes
    /// as a 64-bit number, the lowest byte first. Nobody who does not know a value already learns it from its name.
    pub fn category(&self, value: &str) -> [u8; 16] {
        let mut hash = Sha256::new();
        for part in [&self.suite, &self.column, value] {
            // With their lengths, so that no two make the same bytes.
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        let mut name = [0; 16];
        name.iter_mut().zip(hash.finalize()).for_each(|(byte, hashed)| *byte = hashed);
        name
    }
}

impl fmt::Display for Steady {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "distribution of {}", self.column)?;
        match &self.against {
            Parts::Nothing => Ok(()),
            Parts::Edges(edges) => write!(f, " by {} earlier parts", edges.len() + 1),
            Parts::Categories(categories) => write!(f, " by {} earlier categories", categories.len()),
        }
    }
}
