//! Faults that somebody has accepted until a date.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{CalendarDate, Status, Threshold, Unit};

/// The failures of a rule, accepted until a date. The rule is measured and scored as ever, and does not fail the gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiver {
    /// The last date on which it applies.
    pub until: CalendarDate,
    /// Who accepted the fault.
    pub by: String,
    /// Why.
    pub because: String,
    /// The most failures that are accepted: a limit that rows may not exceed, of the kind of `at_most`; `None`: any number.
    pub at_most: Option<Threshold>,
}

/// What a waiver does in an audit. In the order in which they are reported: what somebody has to act on comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WaiverState {
    /// The rule has more failures than the waiver accepts: it fails.
    Exceeded,
    /// The waiver is over, and the rule fails.
    Expired,
    /// Nothing says whether the rule fails: it was not measured, or a sample leaves it open.
    NotJudged,
    /// The rule does not fail now, so there is nothing to waive.
    Unneeded,
    /// The rule is waived, for at most 30 more days.
    Expiring,
    /// The rule is waived.
    Active,
}

/// A waiver, and what it does in an audit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WaiverReport {
    /// The rule.
    pub rule: String,
    /// Its dataset.
    pub dataset: String,
    /// What the waiver does.
    pub state: WaiverState,
    /// The status of the rule.
    pub status: Status,
    /// The last date on which it applies.
    pub until: CalendarDate,
    /// The days from `as_of` to that date; negative once it is over.
    pub days_left: i64,
    /// Who accepted the fault.
    pub by: String,
    /// Why.
    pub because: String,
    /// The most failures that are accepted; absent: any number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_most: Option<Threshold>,
    /// What `evaluated` and `failed` count.
    #[serde(default)]
    pub unit: Unit,
    /// Rows of the rule that were judged.
    pub evaluated: u64,
    /// Rows of the rule that failed.
    pub failed: u64,
}
