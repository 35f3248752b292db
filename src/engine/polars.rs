//! The in-process engine.
use std::collections::BTreeMap;

use super::{Engine, Execution, Limits, Progress};
use crate::plan::Plan;
use crate::source::Source;

/// The in-process engine: polars reads columnar files, kernels of its own count in one pass.
#[derive(Debug)]
pub struct PolarsEngine;

impl Engine for PolarsEngine {
    fn name(&self) -> &'static str {
        "polars"
    }

    fn execute(&self, _: &Plan, _: &BTreeMap<String, Source>, _: &Limits, _: &dyn Progress) -> Execution {
        Execution::default()
    }
}
