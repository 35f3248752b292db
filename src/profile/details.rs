//! What is known of a column beside what a profile shows.

use std::collections::BTreeMap;

use crate::model::ShapeTally;

/// What is known of a column beside what may be shown. It may hold personal values.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ColumnDetails {
    /// How many rows each value has; `None` where there are too many different ones.
    pub counts: Option<BTreeMap<String, u64>>,
    /// How many values have each shape.
    pub shapes: ShapeTally,
}
