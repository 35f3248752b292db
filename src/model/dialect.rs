//! How a file of delimited text is written, as far as it shows.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a file seems to be written, where that differs from how it was read: declarations to paste into a suite, with their
/// evidence. It holds no value of a cell; names of columns, signs and words for totals alone come from the file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Dialect {
    /// The file that was looked at: the first one of the dataset.
    pub file: String,
    /// Whether it was looked at in full; otherwise its first MiB and, if it is not packed, its last 64 KiB.
    pub whole: bool,
    /// Options under `source` of a dataset, besides its path.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub source: BTreeMap<String, DialectValue>,
    /// The decimal sign of the dataset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decimal: Option<String>,
    /// The sign between groups of three digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thousands: Option<String>,
    /// What is to be declared of single columns.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<String, DialectColumn>,
    /// Why, in counts.
    pub evidence: Vec<DialectEvidence>,
    /// What the file does not show for certain, as sentences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub questions: Vec<String>,
}

impl Dialect {
    /// Whether there is nothing to declare and nothing to ask.
    pub fn is_empty(&self) -> bool {
        self.has_no_declaration() && self.questions.is_empty()
    }

    /// Whether there is nothing to declare.
    pub fn has_no_declaration(&self) -> bool {
        self.source.is_empty() && self.decimal.is_none() && self.thousands.is_none() && self.columns.is_empty()
    }
}

/// The value of an option.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum DialectValue {
    /// True or false.
    Flag(bool),
    /// A whole number.
    Count(u64),
    /// A text.
    Text(String),
}

/// What is to be declared of a column.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DialectColumn {
    /// How its dates are written; its type is `date`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Its decimal sign, where columns differ.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decimal: Option<String>,
    /// The sign between groups of three digits, where columns differ.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thousands: Option<String>,
}

/// The evidence for a declaration: so many of so many, and what they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DialectEvidence {
    /// The option: `delimiter`, `encoding`, `decimal` …
    pub option: String,
    /// How many show it.
    pub count: u64,
    /// Of so many.
    pub of: u64,
    /// What they are, as the rest of a sentence that begins with both numbers.
    pub what: String,
}
