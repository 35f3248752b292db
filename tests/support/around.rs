//! Engines for tests: the local one, with something done before or after it.

use passmuster::engine::{Dataset, Datasets, Engine, Execution, Request, Watch, find};
use passmuster::model::{Measure, Unsupported};
use passmuster::plan::{Costs, Plan};
use passmuster::source::{SourceError, SourceSpec};

/// The local engine.
pub(crate) fn local() -> &'static dyn Engine {
    find("local").unwrap()
}

/// What is done around the local engine.
pub(crate) trait Around: Sync {
    /// Whether a measure is taken.
    fn supports(&self, _: &Measure) -> Result<(), Unsupported> {
        Ok(())
    }

    /// Executes a request by way of [`local`].
    fn execute(&self, request: &Request, datasets: &Datasets, watch: Watch<'_>) -> Execution;
}

/// An engine of that name that does so.
pub(crate) struct AroundLocal<A>(pub(crate) &'static str, pub(crate) A);

impl<A: Around> Engine for AroundLocal<A> {
    fn name(&self) -> &'static str {
        self.0
    }

    fn summary(&self) -> &'static str {
        "is there for a test"
    }

    fn supports(&self, measure: &Measure) -> Result<(), Unsupported> {
        self.1.supports(measure)
    }

    fn open(&self, spec: &SourceSpec, memory: u64) -> Result<Box<dyn Dataset>, SourceError> {
        local().open(spec, memory)
    }

    fn explain(&self, plan: &Plan, datasets: &Datasets, rules_of: &dyn Fn(usize) -> Vec<String>) -> String {
        local().explain(plan, datasets, rules_of)
    }

    fn predict(&self, plan: &Plan, datasets: &Datasets) -> Option<Costs> {
        local().predict(plan, datasets)
    }

    fn hands_on_rows(&self) -> bool {
        true
    }

    fn counts_failures(&self) -> bool {
        true
    }

    fn execute(&self, request: &Request, datasets: &Datasets, watch: Watch<'_>) -> Execution {
        self.1.execute(request, datasets, watch)
    }
}
