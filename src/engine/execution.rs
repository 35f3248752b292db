//! What an engine returns.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::failure_counts::FailureCounts;
use crate::model::{ColumnFact, FileFact, FramingTally, Notice, Reading, Segment, Share, Unmeasured, UnparseableTally};
use crate::plan::{Costs, Parsing};

/// Everything that an engine returns.
#[derive(Debug, Clone, Default)]
pub struct Execution {
    /// One entry for each measure of the plan, in its order.
    pub readings: Vec<Result<Reading, Unmeasured>>,
    /// For measures with a `segment`, the outcomes of each group of rows, ascending by values; an error says why the rows
    /// could not be grouped.
    pub segments: BTreeMap<usize, Result<Vec<Segment>, Unmeasured>>,
    /// Facts about each dataset that was read; an error says why it could not be.
    pub datasets: BTreeMap<String, Result<DatasetFacts, Unmeasured>>,
    /// The unparseable cells of the columns of each dataset, over all rows that were read of it. A dataset that was read in
    /// part has none.
    pub unparseable: BTreeMap<String, BTreeMap<Parsing, UnparseableTally>>,
    /// The failing rows of each dataset counted by groups, where that was asked for and some fail.
    pub failure_counts: BTreeMap<String, FailureCounts>,
    /// What was sampled of each dataset, where a sample was asked for.
    pub samples: BTreeMap<String, Drawn>,
    /// What the reader of the report must know.
    pub notices: Vec<Notice>,
    /// Where and why it ended before everything was measured.
    pub stopped: Option<Stopped>,
    /// Worker threads that were used: fewer than asked for where memory does not hold what more of them decode.
    pub threads: usize,
    /// Bytes of keys that were spilled to disk.
    pub spilled_bytes: u64,
    /// Where the limit on memory may not have been kept: why, and what helps.
    pub memory_doubt: Option<String>,
    /// What each part of the plan cost, where that was asked for.
    pub costs: Option<Costs>,
    /// Whether the user stopped the audit.
    pub cancelled: bool,
}

impl Execution {
    /// The reading of a measure, by its position in the plan.
    ///
    /// # Errors
    /// Why there is none.
    pub fn reading(&self, measure: usize) -> Result<&Reading, &Unmeasured> {
        self.readings.get(measure).map_or(Err(&Unmeasured::Stopped), Result::as_ref)
    }

    /// What a scan found out about a dataset, where it was read.
    pub fn facts(&self, dataset: &str) -> Option<&DatasetFacts> {
        self.datasets.get(dataset)?.as_ref().ok()
    }
}

/// What a sample takes of a dataset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Drawn {
    /// A part.
    Part {
        /// The share that was asked for.
        asked: Share,
        /// The share that is read by the sizes of what was drawn, which may differ from that of the rows.
        share: Share,
    },
    /// All of it, for this reason.
    Whole(String),
}

/// An execution that ended early.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stopped {
    /// The dataset that was read in part; `None`: it ended between two passes.
    pub dataset: Option<String>,
    /// The measures that had more failures than their rules allow. Their readings are those up to that place.
    pub decided_by: Vec<usize>,
    /// For each measure whether it was taken, the ones that decided included.
    pub measured: Vec<bool>,
}

/// What a scan finds out about a dataset beside its measures.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DatasetFacts {
    /// Rows that were read.
    pub rows: u64,
    /// Batches in which they came.
    pub batches: u64,
    /// Rows that failed none of the plan's `record_rules` and are well formed.
    pub clean: u64,
    /// The files.
    pub files: Vec<FileFact>,
    /// The columns.
    pub columns: Vec<ColumnFact>,
    /// The faults of the files.
    pub framing: FramingTally,
}
