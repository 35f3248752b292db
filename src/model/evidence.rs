//! Evidence: the failing rows and groups of an audit, and the manifest of the folder that holds them.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Dimension, Notice, Severity, ToolFacts, Unit};

/// The name and version of the format, the first key of the manifest.
pub const EVIDENCE_FORMAT: &str = "passmuster.evidence/1";

/// What separates the reasons of one rule, if a row has several.
pub const REASON_SEPARATOR: &str = ", ";

/// A row that fails at least one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailingRow {
    /// The file, as the result names it.
    pub file: Arc<str>,
    /// Record number in the file, from 1, without the header.
    pub record: u64,
    /// Line in a text file, from 1, where the record starts.
    pub line: Option<u64>,
    /// A value for each key column: as text, or its token if the column is personal. `None` where it is missing.
    pub key: Vec<Option<String>>,
    /// All rules that the row fails, by ascending id.
    pub failed: Vec<FailedRule>,
    /// The cell of each revealed column, as text. `None` where it is null.
    pub cells: Vec<Option<String>>,
}

/// A rule that a row fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedRule {
    /// Its id.
    pub rule: Arc<str>,
    /// The code of the reason, such as `check_digit` or `cluster 17`, if the rule has several; more than one code is
    /// separated by [`REASON_SEPARATOR`].
    pub reason: Option<Arc<str>>,
}

/// A group, entity or run of points that fails a rule.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FailingGroup {
    /// The id of the rule.
    pub rule: String,
    /// The columns that identify the group; none for a rule about the whole dataset.
    pub key_columns: Vec<String>,
    /// Their values: as text, or tokens if the column is personal. `None` where the value is missing.
    pub key: Vec<Option<String>>,
    /// What each side says, one statement for each side and measure.
    pub says: Vec<Statement>,
    /// The code of the reason: `differs`, `only_here`, `only_there`, `missing`, `gap`, `unparseable`.
    pub why: String,
    /// The first missing point of a gap.
    pub first: Option<String>,
    /// The last missing point of a gap.
    pub last: Option<String>,
}

/// What one side says about a group in one measure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The side: a dataset.
    pub side: String,
    /// What it is about: `rows`, `points`, a total such as `sum(amount)`, or the column of a fact.
    pub measure: String,
    /// A count, for measures that count.
    pub count: Option<u64>,
    /// Any other value as text, exact. `None` where it is missing or not shown.
    pub value: Option<String>,
}

/// The manifest of an evidence folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EvidenceManifest {
    /// Always `passmuster.evidence/1`.
    pub format: String,
    /// SHA-256 of the manifest, as one line of JSON without spaces and without this key.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub digest: String,
    /// The program that wrote the folder.
    pub tool: ToolFacts,
    /// The name of the suite.
    pub suite: String,
    /// SHA-256 of the rules as resolved.
    pub rules_hash: String,
    /// The date or timestamp that counted as "today".
    pub as_of: String,
    /// The digest of the result that the evidence belongs to.
    pub result: String,
    /// How values of personal key columns became tokens; absent if there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<Tokens>,
    /// The datasets, in the order of the result.
    pub datasets: Vec<EvidenceDataset>,
    /// The rules, in the order of the result.
    pub rules: Vec<EvidenceRule>,
    /// Everything partial, left out or revealed that a reader must know.
    pub notices: Vec<Notice>,
}

/// How values became tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tokens {
    /// The function.
    pub how: TokenFunction,
    /// The key.
    pub key: TokenKey,
}

/// The function that makes tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum TokenFunction {
    /// HMAC with SHA-256.
    #[serde(rename = "hmac-sha256")]
    HmacSha256,
}

/// The key under which tokens are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TokenKey {
    /// A file of the user: tokens of two audits with the same file compare.
    File,
    /// A key that lived for one audit: its tokens compare with no others.
    OneAudit,
}

/// A dataset in an evidence folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EvidenceDataset {
    /// Its name in the suite.
    pub name: String,
    /// Its title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The organisation that is responsible for the data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The person to contact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steward: Option<String>,
    /// The paths of its files.
    pub files: Vec<String>,
    /// The table of its failing rows; null if no row is listed.
    pub failing: Option<TableFact>,
    /// The table of its failing groups, entities and points; null if none is listed.
    pub groups: Option<TableFact>,
    /// The key columns of the failing rows.
    pub key: Vec<EvidenceKey>,
    /// The columns whose cells are in the table of failing rows.
    pub revealed: Vec<String>,
    /// Why failing rows or groups are not listed, as a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_listed: Option<String>,
}

/// A table of an evidence folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TableFact {
    /// The name of the file in the folder.
    pub file: String,
    /// Its rows.
    pub rows: u64,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256.
    pub sha256: String,
}

/// A key column of the failing rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EvidenceKey {
    /// Its name.
    pub column: String,
    /// Whether the suite declares it as personal.
    pub personal: bool,
    /// Whether the table has tokens in place of its values.
    pub token: bool,
}

/// A rule in an evidence folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EvidenceRule {
    /// Its id.
    pub id: String,
    /// Its dataset.
    pub dataset: String,
    /// A title for people.
    pub title: String,
    /// The check.
    pub check: String,
    /// Its severity.
    pub severity: Severity,
    /// Its dimension.
    pub dimension: Dimension,
    /// The columns of the dataset that it reads.
    pub columns: Vec<String>,
    /// Who is responsible: the owner of the rule, else that of its dataset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Why the rule exists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// What to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
    /// The date by which the owner must have fixed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
    /// What `failed` and `evaluated` count.
    pub unit: Unit,
    /// How many failed.
    pub failed: u64,
    /// How many were judged.
    pub evaluated: u64,
    /// What was found, as a sentence.
    pub observed: String,
    /// What was expected, as a sentence.
    pub expected: String,
    /// The dataset whose table lists its failing rows, if it is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows_of: Option<String>,
    /// Failing rows of the tables that name the rule.
    pub listed: u64,
    /// Failing groups of the tables that name the rule.
    #[serde(default, skip_serializing_if = "is_none")]
    pub groups: u64,
    /// The most rows, and the most groups, that were to be listed, if that is why not all of them are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
const fn is_none(count: &u64) -> bool {
    *count == 0
}

impl EvidenceManifest {
    /// The dataset of that name.
    pub fn dataset(&self, name: &str) -> Option<&EvidenceDataset> {
        self.datasets.iter().find(|dataset| dataset.name == name)
    }

    /// The rule of that id.
    pub fn rule(&self, id: &str) -> Option<&EvidenceRule> {
        self.rules.iter().find(|rule| rule.id == id)
    }
}

impl EvidenceRule {
    /// The dataset whose table lists its failing rows.
    pub fn listed_in(&self) -> &str {
        self.rows_of.as_deref().unwrap_or(&self.dataset)
    }
}
