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
    /// What was asked for, with the options that were given, as YAML to write under `source` of a dataset. Absent: the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
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

    /// What to write under `source` of a dataset, as YAML in one line; `None` where nothing is to be declared there.
    pub fn source_declaration(&self) -> Option<String> {
        let options = self.source_options()?;
        let place = self.place.clone().unwrap_or_else(|| format!("path: {}", yaml(&self.file)));
        Some(format!("source: {{ {place}, {options} }}"))
    }

    /// The options under `source` besides the path, as YAML in one line; `None` where there are none.
    pub fn source_options(&self) -> Option<String> {
        let option = |(name, value): (&String, &DialectValue)| match value {
            DialectValue::Flag(flag) => format!("{name}: {flag}"),
            DialectValue::Count(count) => format!("{name}: {count}"),
            DialectValue::Text(text) => format!("{name}: {}", yaml(text)),
        };
        let options: Vec<String> = self.source.iter().map(option).collect();
        (!options.is_empty()).then(|| options.join(", "))
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

/// A text in YAML: as it is where nothing in it has a meaning, else in double quotes.
pub fn yaml(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '/' | '_' | '-');
    let is_word = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/') && text.chars().all(is_plain);
    let means = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"];
    if is_word && !means.contains(&text.to_ascii_lowercase().as_str()) {
        return text.to_owned();
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            // Marks on letters show with them.
            ' ' | '\'' | '\u{300}'..='\u{36f}' => out.push(c),
            // Characters that do not show are written by their number.
            c if c.escape_debug().len() > 1 => {
                let number = u32::from(c);
                let written = if number > 0xffff { format!("\\U{number:08x}") } else { format!("\\u{number:04x}") };
                out.push_str(&written);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
