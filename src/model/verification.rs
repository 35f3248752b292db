//! What a second engine found of the same plan.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Share;

/// The integers of an audit beside those of a second engine.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Verification {
    /// The second engine.
    pub engine: String,
    /// Rules whose integers were compared.
    pub rules: u32,
    /// Integers that were compared.
    pub integers: u64,
    /// Every integer that differs.
    pub differences: Vec<Difference>,
    /// What was compared on a sample of the rows, the same one for both engines.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub sampled: Vec<VerifiedSample>,
    /// Rules that were not compared.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub not_verified: Vec<NotVerified>,
}

impl Verification {
    /// Whether some rule was compared, and no integer differs.
    pub fn holds(&self) -> bool {
        self.rules > 0 && self.differences.is_empty()
    }
}

/// An integer that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Difference {
    /// The dataset.
    pub dataset: String,
    /// The rule; absent where it is a fact about the dataset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Which integer: its path in the result.
    pub what: String,
    /// As the engine of the audit has it; `-` where it has none.
    pub found: String,
    /// As the second engine has it; `-` where it has none.
    pub verified: String,
}

/// A dataset that both engines read the same sample of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VerifiedSample {
    /// The dataset.
    pub dataset: String,
    /// The share of its rows.
    pub share: Share,
    /// The rows that were read.
    pub rows: u64,
}

/// A rule that was not compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NotVerified {
    /// Its dataset.
    pub dataset: String,
    /// The rule.
    pub rule: String,
    /// Why not.
    pub reason: String,
}
