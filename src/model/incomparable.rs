//! Why outcomes of a rule are not comparable.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Why two outcomes of a rule are not comparable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Incomparable {
    /// One of the results does not have the dataset.
    NoDataset,
    /// One of the results does not have the rule.
    NoRule,
    /// One of the results is that of a sample.
    Sample,
    /// One of the audits was stopped early.
    Stopped,
    /// One of them could not judge the rule.
    Errored,
    /// One of them did not measure the rule.
    NotMeasured,
    /// The rule measures something else.
    MeasureChanged,
    /// The columns of the data have changed, and with them what the rule measures.
    SchemaChanged,
    /// One of the results does not say what was measured, and rules or columns have changed.
    MeasureUnknown,
    /// The rule judges the whole dataset, fails in both, and finds something else: no count says which is worse.
    WholeDataset,
    /// Groups of rows that are not shown fail in both, and nobody knows whether they are the same.
    HiddenGroups,
}
