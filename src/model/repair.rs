//! What the repair of a finding is worth.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Dimension, Score};

/// What a dataset gains if all failures of one rule are repaired, and nothing else changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RepairReport {
    /// The rule.
    pub rule: String,
    /// Its dimension.
    pub dimension: Dimension,
    /// The points that the score of the dataset gains: the difference of two scores, each floored to two decimals.
    pub score_points: Score,
    /// The points that the dimension of the rule gains.
    pub dimension_points: Score,
    /// The points that the lowest score among the dimensions gains.
    pub worst_dimension_points: Score,
    /// The fewest records that become clean. A row may fail several rules, so the counts of the rules give limits.
    pub clean_records_at_least: u64,
    /// The most records that become clean; where both are equal, the number is exact.
    pub clean_records_at_most: u64,
}
