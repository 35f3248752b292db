//! What a quarantine holds: the manifest beside the parts of split datasets.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Severity, ToolFacts};

/// The name and version of the format, the first key of the document.
pub const QUARANTINE_FORMAT: &str = "passmuster.quarantine/1";

/// What the folder of a quarantine holds. It is written last: where it is, all files that it names are complete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct QuarantineManifest {
    /// Always `passmuster.quarantine/1`.
    pub format: String,
    /// The program that wrote it.
    pub tool: ToolFacts,
    /// The digest of the result of the audit.
    pub result: String,
    /// Rows that fail a rule of this severity or worse are in the failing parts.
    pub severity: Severity,
    /// The datasets, by name.
    pub datasets: Vec<QuarantinedDataset>,
}

/// A dataset, split or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct QuarantinedDataset {
    /// Its name in the suite.
    pub dataset: String,
    /// Why it was not split; absent where it was.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub not_split: Option<String>,
    /// The folder of its parts, below that of the manifest; absent where it was not split.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub folder: Option<String>,
    /// The last column of the failing parts, which holds the ids of the failed rules.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub column: Option<String>,
    /// The rules that put a row into a failing part: those about rows, of the severity or worse.
    pub rules: Vec<String>,
    /// Rows that failed none of these rules.
    pub passing: u64,
    /// Rows that failed one.
    pub failing: u64,
    /// The files, in file order.
    pub files: Vec<QuarantinedFile>,
}

/// A file and its two parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct QuarantinedFile {
    /// The path of the input.
    pub input: String,
    /// Its rows that failed none of the rules.
    pub passing: QuarantinedPart,
    /// Its rows that failed one.
    pub failing: QuarantinedPart,
    /// Failing rows that could not take the ids of their rules: lines that are no JSON object.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub without_ids: u64,
}

/// A part of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct QuarantinedPart {
    /// Its path below the folder of the manifest.
    pub path: String,
    /// Its rows.
    pub rows: u64,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of its bytes, in hex.
    pub sha256: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
const fn is_zero(count: &u64) -> bool {
    *count == 0
}
