//! What is counted for one measure of a pass.

use std::collections::BTreeMap;

use crate::model::{RowTally, ShapeTally};
use crate::source::Place;

use crate::engine::local::measures::aggregates::Partial;
use crate::engine::local::pass::batch_counts::BatchCounts;
use crate::engine::local::pass::group_by::GroupCounts;
use crate::engine::local::rows::failed_rows::FailedRows;

/// What was counted so far.
pub(super) struct Tally {
    pub(super) rows: RowTally,
    pub(super) counted: u64,
    pub(super) unreadable: u64,
    pub(super) failed_rows: FailedRows,
    /// The shapes of the failing values, where those of one column are judged.
    pub(super) shapes: ShapeTally,
    pub(super) groups: GroupCounts,
    pub(super) partials: BTreeMap<Place, Partial>,
    /// Kept where counts by batch are needed.
    pub(super) batch_counts: Option<BatchCounts>,
}

impl Tally {
    /// No row counted yet; at most so many failing rows are named.
    pub(super) fn new(failing_rows: usize) -> Self {
        Self {
            rows: RowTally::default(),
            counted: 0,
            unreadable: 0,
            failed_rows: FailedRows::new(failing_rows),
            shapes: ShapeTally::default(),
            groups: GroupCounts::default(),
            partials: BTreeMap::new(),
            batch_counts: None,
        }
    }
}
