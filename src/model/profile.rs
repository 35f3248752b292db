//! What an audit cost, part by part, as `audit --profile` writes it.

use serde::{Deserialize, Serialize};

/// The name and version of the format, the first key of the document.
pub const PROFILE_FORMAT: &str = "passmuster.profile/1";

/// What an audit cost. Times are nanoseconds of workers: two workers that are busy for a second make two seconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Always [`PROFILE_FORMAT`].
    pub format: String,
    /// The version of the program that was measured.
    pub version: String,
    /// The name of the suite.
    pub suite: String,
    /// The rules that were measured, as in the result of an audit.
    pub rules_hash: String,
    /// Worker threads.
    pub threads: u32,
    /// What all of it cost.
    pub nanoseconds: u64,
    /// Work that is done once for many rules, by dataset.
    pub datasets: Vec<DatasetProfile>,
    /// The distinct measures.
    pub measures: Vec<PartProfile>,
    /// The keys that were collected for rules of other datasets.
    pub lookups: Vec<PartProfile>,
    /// What each rule cost: its part of its measures, their conditions and lookups, each shared equally among the rules
    /// that need it.
    pub rules: Vec<RuleProfile>,
}

/// Work that is done once for many rules of a dataset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatasetProfile {
    /// The name.
    pub name: String,
    /// Rows, as often as they were read.
    pub rows: u64,
    /// Reading, unpacking and decoding.
    pub reading: u64,
    /// Preparing columns for several rules: missing cells, parsed dates and numbers.
    pub columns: u64,
    /// Keeping which rows are clean records, and on which lines they start.
    pub records: u64,
    /// The different conditions (`where`) of its rules.
    pub filters: Vec<FilterProfile>,
}

/// What one condition cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilterProfile {
    /// The condition.
    pub filter: String,
    /// What it cost.
    pub nanoseconds: u64,
}

/// What one measure or lookup cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartProfile {
    /// The dataset that it reads.
    pub dataset: String,
    /// What it is, as `explain` prints it.
    pub part: String,
    /// The rules that need it.
    pub rules: Vec<String>,
    /// Rows that it looked at.
    pub rows: u64,
    /// What it cost, batch by batch.
    pub nanoseconds: u64,
    /// What it cost after the last batch, such as finding duplicate keys.
    pub finishing: u64,
}

/// What one rule cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleProfile {
    /// The id.
    pub id: String,
    /// What it cost.
    pub nanoseconds: u64,
}

/// Why a document is not a profile.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// It is not JSON, or has other fields.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// It is of another format, or of another version of it.
    #[error("its format is not {PROFILE_FORMAT}")]
    Format,
    /// Two of its rules have the same id.
    #[error("it has a rule twice")]
    RepeatedRule,
    /// The costs of its parts are not the cost of the whole.
    #[error("its times do not add up")]
    Times,
}

impl Profile {
    /// Parses a profile.
    ///
    /// # Errors
    /// What is wrong with the document.
    pub fn parse(text: &str) -> Result<Self, ProfileError> {
        let profile: Self = serde_json::from_str(text)?;
        if profile.format != PROFILE_FORMAT {
            return Err(ProfileError::Format);
        }
        let mut ids: Vec<&str> = profile.rules.iter().map(|rule| rule.id.as_str()).collect();
        ids.sort_unstable();
        if ids.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(ProfileError::RepeatedRule);
        }
        match profile.sum() {
            Some(sum) if sum == profile.nanoseconds => Ok(profile),
            _ => Err(ProfileError::Times),
        }
    }

    /// What the rules, and the work that is done once for many of them, cost together; `None` beyond 64 bits.
    fn sum(&self) -> Option<u64> {
        let shared = self.datasets.iter().flat_map(|dataset| [dataset.reading, dataset.columns, dataset.records]);
        self.rules.iter().map(|rule| rule.nanoseconds).chain(shared).try_fold(0, u64::checked_add)
    }
}
