//! Markdown for a comment on a merge request: the verdict, the datasets, and the rules that need attention.

use crate::model::AuditReport;

/// The most bytes of a summary of a step.
pub const STEP_SUMMARY_BYTES: usize = 1_000_000;

/// The document in at most so many bytes.
pub fn within(_report: &AuditReport, _bytes: usize) -> String {
    String::new()
}
