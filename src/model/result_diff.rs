//! What changed from one result to another, as `passmuster diff` writes it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Band, DatasetStatus, Incomparable, Score, Severity, Share, Status, Threshold, Unit, Verdict};

/// The name and version of the format, the first key of the document.
pub const DIFF_FORMAT: &str = "passmuster.diff/1";

/// What changed from an older result of a suite to a newer one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ResultDiff {
    /// Always `passmuster.diff/1`.
    pub format: String,
    /// The suite of both results.
    pub suite: String,
    /// The older result.
    pub old: ComparedResult,
    /// The newer result.
    pub new: ComparedResult,
    /// Whether both are the same result.
    pub same: bool,
    /// Over all rules.
    pub counts: ChangeCounts,
    /// The datasets of either result: those with new or worse failures first, then by name.
    pub datasets: Vec<DatasetDiff>,
}

/// A result that is compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ComparedResult {
    /// Its digest; absent in results of version 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// The version of the program that wrote it.
    pub version: String,
    /// The date or timestamp that counted as today.
    pub as_of: String,
    /// SHA-256 of its rules as resolved.
    pub rules_hash: String,
    /// Its verdict.
    pub verdict: Verdict,
}

/// How many rules changed in which way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChangeCounts {
    /// They fail now, and passed before.
    pub new: u64,
    /// The failing share rose.
    pub worse: u64,
    /// Nothing can be said about them.
    pub not_comparable: u64,
    /// They pass now, and failed before.
    pub fixed: u64,
    /// The failing share fell.
    pub better: u64,
    /// The failing share is the same.
    pub unchanged: u64,
}

/// How a rule changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It fails now, and passed before.
    New,
    /// It fails, or passes, as before, and its failing share rose; or a group of its rows fails that did not.
    Worse,
    /// The two outcomes answer different questions, or one of them is absent.
    NotComparable,
    /// It passes now, and failed before.
    Fixed,
    /// It fails, or passes, as before, and its failing share fell.
    Better,
    /// It fails, or passes, as before, with the same failing share.
    Unchanged,
}

impl Change {
    /// The words used in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Worse => "worse",
            Self::NotComparable => "not comparable",
            Self::Fixed => "fixed",
            Self::Better => "better",
            Self::Unchanged => "unchanged",
        }
    }
}

impl ChangeCounts {
    /// Counts one more rule.
    pub const fn add(&mut self, change: Change) {
        let count = match change {
            Change::New => &mut self.new,
            Change::Worse => &mut self.worse,
            Change::NotComparable => &mut self.not_comparable,
            Change::Fixed => &mut self.fixed,
            Change::Better => &mut self.better,
            Change::Unchanged => &mut self.unchanged,
        };
        *count += 1;
    }
}

/// One dataset of two results.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DatasetDiff {
    /// Its name in the suite.
    pub name: String,
    /// In the older result; absent if it is not there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<ComparedDataset>,
    /// In the newer result; absent if it is not there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<ComparedDataset>,
    /// Whether names or stored types of its columns have changed; absent if they are not known of both.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub columns_changed: Option<bool>,
    /// Over its rules.
    pub counts: ChangeCounts,
    /// Its rules by change, then by severity, the worst first, then by id.
    pub rules: Vec<RuleDiff>,
}

/// A dataset in one result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ComparedDataset {
    /// Whether it was audited.
    pub status: DatasetStatus,
    /// Its rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// Its score.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<Score>,
    /// The band of its score.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub band: Option<Band>,
}

/// One rule of two results.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RuleDiff {
    /// Its id.
    pub id: String,
    /// Its fingerprint in the newer result, else in the older one; absent in results of version 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// A title for people.
    pub title: String,
    /// Its severity in the newer result, else in the older one.
    pub severity: Severity,
    /// What is counted.
    pub unit: Unit,
    /// How it changed.
    pub change: Change,
    /// Why it is not comparable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<Incomparable>,
    /// The same as a sentence, or what else must be known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// In the older result.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<ComparedRule>,
    /// In the newer result.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<ComparedRule>,
}

/// A rule in one result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ComparedRule {
    /// Its outcome.
    pub status: Status,
    /// What was judged.
    pub evaluated: u64,
    /// What failed.
    pub failed: u64,
    /// The failing share, floored; absent if nothing was evaluated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failing: Option<Share>,
    /// How many failures it allowed.
    pub threshold: Threshold,
}
