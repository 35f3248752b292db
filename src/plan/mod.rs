//! From rules to passes: equal measures become one, every dataset is read as few times as its measures allow.

mod build;
mod cost;
mod explain;
mod sample;
mod sections;
mod shares;

use std::collections::{BTreeMap, BTreeSet};

pub use build::{Planned, StoredColumns, build};
pub use cost::predict;
pub use explain::Explained;
pub use sample::{sample, sample_tells};
pub use sections::Section;
pub use shares::{Cost, Costs, RuleCosts, SharedCost, hundredths};

use crate::model::{AsOf, DataType, Lookup, Measure};
use crate::rules::CodelistEntry;

/// What an engine is to do.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The datasets by name.
    pub datasets: BTreeMap<String, PlannedDataset>,
    /// The distinct measures.
    pub measures: Vec<Measure>,
    /// The distinct lookups.
    pub lookups: Vec<Lookup>,
    /// The passes, in an order in which every lookup is built before it is used.
    pub passes: Vec<Pass>,
    /// Code lists by name.
    pub codelists: BTreeMap<String, Vec<CodelistEntry>>,
    /// The moment on which relative dates hang.
    pub as_of: AsOf,
}

/// What an engine must know of a dataset.
#[derive(Debug, Clone, Default)]
pub struct PlannedDataset {
    /// The columns that are read, with what is declared about them.
    pub columns: BTreeMap<String, PlannedColumn>,
    /// Measures (positions in the plan) whose failing rows are not clean records.
    pub record_rules: Vec<usize>,
}

/// What an engine must know of a column.
#[derive(Debug, Clone)]
pub struct PlannedColumn {
    /// The type in which it is audited.
    pub data_type: DataType,
    /// How dates are written; absent: ISO 8601.
    pub format: Option<String>,
    /// Tokens that stand for nothing, besides empty and blank.
    pub missing: BTreeSet<String>,
}

/// One read of one dataset.
#[derive(Debug, Clone)]
pub struct Pass {
    /// The dataset.
    pub dataset: String,
    /// Passes of one stage may run at the same time; stages run one after the other.
    pub stage: usize,
    /// The columns that are read.
    pub columns: Vec<String>,
    /// The measures (positions in the plan) that this pass feeds.
    pub measures: Vec<usize>,
    /// The lookups (positions in the plan) that this pass builds.
    pub lookups: Vec<usize>,
    /// The same measures and lookups, divided by the columns that they share.
    pub sections: Vec<Section>,
}
