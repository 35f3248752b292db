//! Failing rows counted by groups: what somebody needs who searches for their cause.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::model::{SegmentValue, ValuePart};
use crate::plan::PlannedColumn;

/// The most classes of failures of a dataset that are counted: those with most rows.
pub const MOST_CLASSES: usize = 100;

/// The most columns that are taken in pairs.
pub const MOST_IN_PAIRS: usize = 16;

/// Which failing rows are counted, and by what.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WantedCounts {
    /// Classes of failures: a row is in a class if it fails at least one of these measures (positions in the plan).
    pub classes: Vec<BTreeSet<usize>>,
    /// For each dataset the columns by which its rows are grouped, where they have few values.
    pub columns: BTreeMap<String, BTreeMap<String, PlannedColumn>>,
}

impl WantedCounts {
    /// Whether failures of some of these measures are counted.
    pub fn is_about(&self, measures: &[usize]) -> bool {
        self.classes.iter().flatten().any(|measure| measures.contains(measure))
    }
}

/// Rows of a dataset, counted by groups.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FailureCounts {
    /// Rows of the dataset.
    pub rows: u64,
    /// Rows in each class.
    pub failing: Vec<u64>,
    /// The classes that were counted by groups, those with most rows first.
    pub counted: Vec<usize>,
    /// What rows were grouped by.
    pub columns: Vec<GroupedColumn>,
    /// Columns with one value, or with more than [`MOST_GROUP_VALUES`](crate::model::MOST_GROUP_VALUES).
    pub left_out: Vec<String>,
    /// The groups by one column each, and those by two.
    pub tables: Vec<GroupTable>,
    /// Rows in two classes, for each pair of `counted`, by their positions there; the smaller first.
    pub both: BTreeMap<(usize, usize), u64>,
}

/// A column, or a part of its dates, by which rows are grouped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupedColumn {
    /// The column.
    pub column: String,
    /// What of it.
    pub part: ValuePart,
    /// Its different values, ascending.
    pub values: Vec<SegmentValue>,
}

/// Counts of the groups by one or two columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupTable {
    /// One or two positions in [`FailureCounts::columns`], ascending.
    pub by: Vec<usize>,
    /// How many values the second column has; 1 where there is none.
    pub width: usize,
    /// Rows of each group. The group of two values is at the position of the first, times `width`, and that of the second.
    pub rows: Vec<u64>,
    /// The same of each class in [`FailureCounts::counted`].
    pub failing: Vec<Vec<u64>>,
}

/// How well a group tells failing rows from others: the share of the `failing` rows that it holds, less the share of all other
/// rows that it holds (Youden, "Index for rating diagnostic tests", Cancer 3, 1950). 1: it holds all of them and no other; 0:
/// as many as chance gives.
#[expect(clippy::cast_precision_loss, reason = "a measure for comparison")]
pub fn gain([failing, rows]: [u64; 2], [all_failing, all_rows]: [u64; 2]) -> f64 {
    let share = |part: u64, whole: u64| if whole == 0 { 0.0 } else { part as f64 / whole as f64 };
    share(failing, all_failing) - share(rows.saturating_sub(failing), all_rows.saturating_sub(all_failing))
}
