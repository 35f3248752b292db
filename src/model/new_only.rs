//! A gate that only new failures shut.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Incomparable, Severity, Share, Unit};

/// What a gate says that only new failures shut.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NewOnly {
    /// The digest of the result with which it compares; absent for a result of version 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline: Option<String>,
    /// The `as_of` of that result.
    pub as_of: String,
    /// How many percentage points the failing share of a known failure may rise; absent: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tolerance: Option<Share>,
    /// Rules that fail, failed in that result too, and did not get worse: they do not shut the gate.
    pub known: Vec<KnownFailure>,
    /// Rules that fail, and whose outcome cannot be compared with that result: they count for the gate as usual.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_comparable: Vec<IncomparableFailure>,
}

/// A rule that fails; nobody knows whether it failed before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IncomparableFailure {
    /// Its dataset.
    pub dataset: String,
    /// The rule.
    pub rule: String,
    /// Its severity.
    pub severity: Severity,
    /// Why it is not comparable.
    pub why: Incomparable,
    /// The same as a sentence.
    pub reason: String,
}

/// A rule that fails as it failed before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KnownFailure {
    /// Its dataset.
    pub dataset: String,
    /// The rule.
    pub rule: String,
    /// Its severity.
    pub severity: Severity,
    /// What is counted.
    pub unit: Unit,
    /// What failed then.
    pub failed_before: u64,
    /// What was judged then.
    pub evaluated_before: u64,
    /// What fails now.
    pub failed: u64,
    /// What is judged now.
    pub evaluated: u64,
}
