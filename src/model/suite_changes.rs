//! What changed in the rules from one suite to another, as `passmuster changelog` writes it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The name and version of the format, the first key of the document.
pub const CHANGELOG_FORMAT: &str = "passmuster.changelog/1";

/// What changed from an older suite to a newer one. Both are compared as resolved: comments, order and spelling are no change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SuiteChangelog {
    /// Always `passmuster.changelog/1`.
    pub format: String,
    /// The older suite.
    pub old: ComparedSuite,
    /// The newer suite.
    pub new: ComparedSuite,
    /// Whether nothing has changed.
    pub same: bool,
    /// How many changes there are of each effect.
    pub counts: EffectCounts,
    /// How many changes can break whom.
    pub breaking: BreakingCounts,
    /// The changes: of the suite first, then of its code lists, datasets, columns, rules and waivers.
    pub changes: Vec<SuiteChange>,
}

/// A suite that is compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ComparedSuite {
    /// Its name.
    pub suite: String,
    /// SHA-256 of its rules as resolved.
    pub rules_hash: String,
}

/// How many changes have which effect.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EffectCounts {
    /// Data that passed may fail.
    pub stricter: u64,
    /// Data that failed may pass.
    pub looser: u64,
    /// Neither is known, or both are possible.
    pub other: u64,
}

/// How many changes can break whom.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BreakingCounts {
    /// Those who deliver the data.
    pub producer: u64,
    /// Those who rely on it.
    pub consumer: u64,
}

/// What a change does to the data that passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Whatever passes now passed before; what passed may fail now.
    Stricter,
    /// Whatever passed before passes now; what failed may pass now.
    Looser,
    /// Neither is known, or both are possible.
    Other,
}

impl Effect {
    /// The word used in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stricter => "stricter",
            Self::Looser => "looser",
            Self::Other => "other",
        }
    }
}

/// Whom a change can break.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// Who delivers the data: data that passed may fail.
    Producer,
    /// Who relies on the data: it may break a promise that held.
    Consumer,
}

impl Party {
    /// The word used in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Producer => "producer",
            Self::Consumer => "consumer",
        }
    }
}

/// What of a suite changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SuitePart {
    /// What is declared once.
    Suite,
    /// When the audit passes.
    Gate,
    /// A code list.
    Codelist,
    /// A dataset.
    Dataset,
    /// The declaration of a column, named `dataset.column`.
    Column,
    /// A rule.
    Rule,
    /// The waiver of a rule, named by the rule.
    Waiver,
}

impl SuitePart {
    /// The words used in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Suite => "suite",
            Self::Gate => "gate",
            Self::Codelist => "code list",
            Self::Dataset => "dataset",
            Self::Column => "column",
            Self::Rule => "rule",
            Self::Waiver => "waiver",
        }
    }
}

/// Whether a part is in both suites.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// Only in the newer one.
    Added,
    /// Only in the older one.
    Removed,
    /// In both, with another meaning.
    Changed,
    /// In both, with the same meaning under another name.
    Renamed,
}

impl ChangeKind {
    /// The word used in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
            Self::Renamed => "renamed",
        }
    }
}

/// One part of a suite that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SuiteChange {
    /// What it is.
    pub part: SuitePart,
    /// Its name: the id of a rule, the name of a dataset.
    pub name: String,
    /// Whether it is in both suites.
    pub kind: ChangeKind,
    /// What all its details do together.
    pub effect: Effect,
    /// Whom it can break; nobody where it changes no verdict.
    pub breaks: Vec<Party>,
    /// The name in the older suite, where it was another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renamed_from: Option<String>,
    /// What of it changed; empty where it was added, removed or renamed.
    pub details: Vec<SuiteDetail>,
}

/// One thing that changed of a part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SuiteDetail {
    /// What: a key of the suite, such as a parameter of a check.
    pub what: String,
    /// What it does.
    pub effect: Effect,
    /// Whom it can break.
    pub breaks: Vec<Party>,
    /// What it was; absent where nothing was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<String>,
    /// What it is; absent where nothing is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<String>,
}
