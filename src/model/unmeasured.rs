//! Why a measure has no reading.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What an engine cannot measure, and why. Rules that need it are *not measured*; nothing is wrong with the data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("the engine {engine} does not measure this: {reason}")]
pub struct Unsupported {
    /// The name of the engine.
    pub engine: String,
    /// What it lacks, as a sentence without a full stop.
    pub reason: String,
}

/// Why a measure has no reading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Unmeasured {
    /// The engine cannot measure it. The rule is *not measured*, which lowers coverage and is no error.
    #[error(transparent)]
    Unsupported(#[from] Unsupported),
    /// The dataset, or one that the measure looks into, cannot be read, or what it holds has no answer: the reason.
    #[error("{0}")]
    Unreadable(String),
    /// The execution ended before it came to this measure.
    #[error("the dataset was not read")]
    Stopped,
    /// The user ended the audit.
    #[error("the audit was stopped")]
    Cancelled,
    /// A fault of the engine itself.
    #[error("an internal error ended the measuring; please report it: {place}")]
    Broken {
        /// The version of the program and the line of its code, without any data.
        place: String,
    },
}

impl Unmeasured {
    /// What cannot be read, or has no answer, for this reason.
    pub fn unreadable(reason: impl Into<String>) -> Self {
        Self::Unreadable(reason.into())
    }

    /// A fault of the program at this place of its code.
    pub fn broken(place: impl fmt::Display) -> Self {
        Self::Broken { place: format!("{} {}, {place}", env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION")) }
    }
}
