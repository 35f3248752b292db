//! What measures: an engine takes a plan and opened datasets, and returns one reading for each measure.

mod dataset;
mod evidence;
mod execution;
mod failure_counts;
mod internal_error;
mod request;

pub mod local;
pub mod reference;

pub use dataset::{Dataset, Datasets};
pub use evidence::{
    About, EvidenceSink, Finding, GroupFinding, GroupReason, GroupStatement, Reason, RowFindings, Says, WantedRows,
};
pub use execution::{DatasetFacts, Drawn, Execution, Stopped};
pub use failure_counts::{FailureCounts, GroupTable, GroupedColumn, MOST_CLASSES, MOST_IN_PAIRS, WantedCounts, gain};
pub use request::{Limits, MemoryLimit, Request, Want};

use crate::model::{Measure, Reading, Unmeasured, Unsupported};
use crate::plan::{Costs, Plan};
use crate::source::{SourceError, SourceSpec};

/// An engine.
///
/// # Contract
/// Every engine gives the same integers. What a measure means (formula, ties, missing and unparseable values) is written
/// at its type in [`model`](crate::model), and what each node of [`Expr`](crate::model::Expr) means at that node.
///
/// - *Determinism.* The same request on the same data gives the same readings, segments, facts and notices, whatever
///   [`Limits`] say and in whatever order batches arrive. Between engines that holds for whole datasets; of a sample
///   each engine decides which datasets it can draw one of, and says so in [`Execution::samples`].
/// - *Failing rows* are named in file order: by file, then by record. A reading names the first [`Want::failing_rows`].
/// - *Partial failure.* A dataset that cannot be read costs its own measures, and those that look into it, their reading:
///   each gets the reason as [`Unmeasured`]. `Columns` is still answered for a dataset that was opened. All other
///   readings are as if that dataset were not in the plan. A fault of the engine is [`Unmeasured::Broken`]; it costs the
///   measures of that dataset at the most.
/// - *Completeness.* [`Execution::readings`] has one entry for each measure. What was not measured has its reason; it is
///   never left out and never guessed.
/// - *Facts.* Each dataset of the plan that is `asked` for has an entry in [`Execution::datasets`], also where no measure
///   needs its rows, unless the execution ended before.
pub trait Engine: Sync {
    /// The name used by `--engine` and in reports.
    fn name(&self) -> &'static str;

    /// What it is for, in one line without a full stop.
    fn summary(&self) -> &'static str;

    /// Whether it can take a measure. Those that it cannot take are left out of the plan.
    ///
    /// # Errors
    /// Why it cannot.
    fn supports(&self, measure: &Measure) -> Result<(), Unsupported>;

    /// Finds a dataset and reads its columns, and no more than that. The process may take so many bytes of memory.
    ///
    /// # Errors
    /// Why the dataset cannot be read.
    fn open(&self, spec: &SourceSpec, memory: u64) -> Result<Box<dyn Dataset>, SourceError>;

    /// How it would take the measures of a plan, for people. `rules_of` names the rules that wait for a measure.
    fn explain(&self, plan: &Plan, datasets: &Datasets, rules_of: &dyn Fn(usize) -> Vec<String>) -> String;

    /// What each part of a plan costs, before a row is read; `None` where it has no model of that.
    fn predict(&self, plan: &Plan, datasets: &Datasets) -> Option<Costs>;

    /// Whether it can say what each measure cost, where [`Want::profile`] asks for it.
    fn keeps_costs(&self) -> bool {
        false
    }

    /// Whether it can hand on failing rows, where [`Want::rows`] asks for them.
    fn hands_on_rows(&self) -> bool {
        false
    }

    /// Whether it can count failing rows by groups, where [`Want::counts`] asks for that.
    fn counts_failures(&self) -> bool {
        false
    }

    /// Takes every measure of the request. `datasets` were opened by this engine.
    fn execute(&self, request: &Request, datasets: &Datasets, watch: Watch<'_>) -> Execution;
}

impl std::fmt::Debug for dyn Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// Every engine; the first is the default.
pub const ENGINES: &[&dyn Engine] = &[&local::LocalEngine, &reference::ReferenceEngine];

/// The engine of that name.
pub fn find(name: &str) -> Option<&'static dyn Engine> {
    ENGINES.iter().copied().find(|engine| engine.name() == name)
}

/// Who watches an execution while it runs.
#[derive(Clone, Copy)]
pub struct Watch<'a> {
    /// Sees how far it is, and may end it.
    pub progress: &'a dyn Progress,
    /// Says whether the readings so far settle everything, where the execution may end early.
    pub stop: Option<&'a dyn Stop>,
    /// Takes the failing rows for which [`Want::rows`] asks. Those of a dataset come after its measures were taken; of a
    /// dataset that is sampled, or read in part, none come. Failing groups come last.
    pub evidence: Option<&'a dyn EvidenceSink>,
}

/// Decides when further readings would change no verdict.
pub trait Stop: Sync {
    /// Whether the readings so far settle everything. Asked before the first pass and after each; `None` means a
    /// measure that was not taken yet.
    fn is_settled(&self, readings: &[Option<Result<&Reading, &Unmeasured>>]) -> bool;
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

/// For callers that do not watch: shows no progress, and never stops.
impl Progress for () {
    fn begin(&self, _: &str, _: &str, _: u64) {}
    fn advance(&self, _: &str, _: u64) {}
    fn end(&self, _: &str) {}
    fn cancelled(&self) -> bool {
        false
    }
}
