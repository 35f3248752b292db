//! What measures: an engine takes a plan and the sources, and returns one reading for each measure.

pub mod local;

use std::collections::BTreeMap;

use crate::model::{ColumnFact, FileFact, FramingTally, Notice, Reading, Segment};
use crate::plan::{Costs, Plan};
use crate::source::{Sample, Source};

/// An engine.
pub trait Engine: Sync {
    /// The name used in reports.
    fn name(&self) -> &'static str;

    /// Measures everything that the plan asks for. A dataset that cannot be read gives errors for its own measures and
    /// for those that look into it, and leaves the others alone.
    fn execute(
        &self,
        plan: &Plan,
        sources: &BTreeMap<String, Source>,
        limits: &Limits<'_>,
        progress: &dyn Progress,
    ) -> Execution;
}

/// Every engine.
pub const ENGINES: &[&dyn Engine] = &[&local::LocalEngine];

/// What an engine may use.
#[derive(Debug, Clone)]
pub struct Limits<'a> {
    /// Worker threads; 0: one for each processor.
    pub threads: usize,
    /// Memory.
    pub memory: MemoryLimit,
    /// The folder for keys that memory does not hold.
    pub spill_dir: std::path::PathBuf,
    /// Whether to tell what each part of the plan cost.
    pub profile: bool,
    /// How many failing rows a reading names, the first ones in file order.
    pub failing_rows: usize,
    /// Datasets of which only a sample is read for their measures. Lookups into them are read in full.
    pub samples: BTreeMap<String, Sample>,
    /// Ends the execution before everything is measured; passes then run one after the other.
    pub stop: Option<&'a dyn Stop>,
}

/// Says when going on would change nothing.
pub trait Stop: Sync + std::fmt::Debug {
    /// The most failing rows with which it still makes sense to go on; `None`: any number of them. Asked of measures of
    /// rows and of file framing.
    fn most_failures(&self, measure: usize) -> Option<u64>;

    /// Whether the readings so far settle everything. Asked before the first pass and after each; `None` stands for
    /// measures that were not taken.
    fn is_settled(&self, readings: &[Option<&Result<Reading, String>>]) -> bool;
}

/// How much memory may be used. No result hangs on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemoryLimit {
    /// Bytes that the whole process may hold at its peak, with what it holds already.
    Process(u64),
    /// Bytes of keys alone, for callers that keep an eye on the rest themselves.
    Keys(u64),
}

/// How far an audit has come. Called from many threads.
pub trait Progress: Sync {
    /// A pass over a dataset begins; `bytes` are to be read, 0 where that is not known.
    fn begin(&self, dataset: &str, purpose: &str, bytes: u64);

    /// That many more bytes of the dataset were read.
    fn advance(&self, dataset: &str, bytes: u64);

    /// The pass over the dataset has ended.
    fn end(&self, dataset: &str);

    /// Whether the user asked to stop.
    fn cancelled(&self) -> bool;
}

/// For who does not watch: shows nothing, and never stops.
impl Progress for () {
    fn begin(&self, _: &str, _: &str, _: u64) {}
    fn advance(&self, _: &str, _: u64) {}
    fn end(&self, _: &str) {}
    fn cancelled(&self) -> bool {
        false
    }
}

/// Everything an engine returns.
#[derive(Debug, Default)]
pub struct Execution {
    /// One entry for each measure of the plan; an error says why it could not be measured.
    pub readings: Vec<Result<Reading, String>>,
    /// For measures with a `segment`, the outcomes of each group of rows, ascending by values; an error says why they could
    /// not be told apart.
    pub segments: BTreeMap<usize, Result<Vec<Segment>, String>>,
    /// Facts about each dataset of the plan; an error says why it could not be read.
    pub datasets: BTreeMap<String, Result<DatasetFacts, String>>,
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

/// An execution that ended early.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stopped {
    /// The dataset of which a part was read; `None`: it ended between two passes.
    pub dataset: Option<String>,
    /// The measures that had more failures than they bear. Their readings are those up to that place.
    pub decided_by: Vec<usize>,
    /// For each measure whether it was taken, the ones that decided included.
    pub measured: Vec<bool>,
}

/// What a scan tells of a dataset beside its measures.
#[derive(Debug, Clone, Default)]
pub struct DatasetFacts {
    /// Rows.
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
