//! Rows whose outcome turns out after all were seen.

use std::sync::{Mutex, PoisonError};

use crate::engine::Progress;

use crate::engine::local::pass::findings::Findings;
use crate::engine::local::pass::group_by::{GroupBy, Outcome};
use crate::engine::local::pass::tally::Tally;
use crate::engine::local::rows::records::AllRecords;
use crate::engine::local::rows::sink::{LateRow, RowNumber, Sink};

/// Corrects everything that counted such rows as pending or passed: the groups, the counts by batch, the failing rows, and
/// which records are clean.
pub(super) struct LateSink<'a> {
    pub(super) outcome: Outcome,
    pub(super) tally: &'a Mutex<Tally>,
    pub(super) records: &'a AllRecords,
    pub(super) group_by: Option<&'a GroupBy>,
    /// Whether failing rows are no clean records.
    pub(super) are_unclean: bool,
    /// Where failing rows are collected, and for which measure.
    pub(super) findings: Option<(&'a Findings, usize)>,
    pub(super) progress: &'a dyn Progress,
}

impl Sink for LateSink<'_> {
    fn take(&self, late: &[LateRow]) {
        let mut rows: Vec<RowNumber> = late.iter().map(|late| late.row).collect();
        rows.sort_unstable();
        let failed = self.outcome == Outcome::Failed;
        if failed && let Some((findings, measure)) = self.findings {
            findings.enter_late(measure, late);
        }
        if failed && self.are_unclean {
            self.records.mark(&rows);
        }
        let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(group_by) = self.group_by {
            tally.groups.add_late(group_by, self.outcome, &rows);
        }
        if let Some(batch_counts) = &mut tally.batch_counts {
            rows.iter()
                .filter_map(|row| self.records.place_of(*row))
                .for_each(|place| batch_counts.amend(place, failed));
        }
        if failed {
            for row in rows {
                tally.failed_rows.enter_late(row, self.records);
            }
        }
    }

    fn is_stopped(&self) -> bool {
        self.progress.cancelled()
    }
}
