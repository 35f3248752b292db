//! What is asked of an engine.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::evidence::WantedRows;
use super::failure_counts::WantedCounts;
use crate::model::Share;
use crate::plan::Plan;

/// What an engine is to do. Plain data: with a way to the same data, another process or another machine can be asked
/// the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// The measures.
    pub plan: Plan,
    /// Read only about this share of the rows of these datasets, where rows can be left out. Lookups are read in full.
    pub samples: BTreeMap<String, Share>,
    /// For each measure the most failing rows with which it makes sense to go on, or `None` for any number; only of
    /// measures of rows and of file framing. Where it is given, passes run one after the other, and the execution ends
    /// as soon as a measure has more failing rows.
    pub most_failures: Option<Vec<Option<u64>>>,
    /// What is wanted beside the readings.
    pub want: Want,
    /// What may be used.
    pub limits: Limits,
}

/// What is wanted beside the readings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Want {
    /// How many failing rows a reading names, the first ones in file order.
    pub failing_rows: usize,
    /// The failing rows and groups that are handed on one by one.
    pub rows: Option<WantedRows>,
    /// The failing rows that are counted by groups.
    pub counts: Option<WantedCounts>,
    /// What each part of the plan costs.
    pub profile: bool,
}

/// What an engine may use. No result depends on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Worker threads; 0: one for each processor.
    pub threads: usize,
    /// Memory.
    pub memory: MemoryLimit,
    /// The folder to which keys spill that memory does not hold.
    pub spill_dir: PathBuf,
}

/// How much memory may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemoryLimit {
    /// Bytes that the whole process may hold at its peak, with what it holds already.
    Process(u64),
    /// Bytes of keys alone, for callers that watch the rest themselves.
    Keys(u64),
}

impl MemoryLimit {
    /// The bytes that the whole process may hold.
    pub const fn of_process(self) -> u64 {
        match self {
            Self::Process(bytes) => bytes,
            Self::Keys(_) => u64::MAX,
        }
    }
}
