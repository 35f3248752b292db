//! Renders finished audits: one file a format.
//!
//! A format turns an [`AuditReport`] into text and uses no files, terminals or environment.

pub mod compared;
mod frame;
pub mod identified;
pub mod json;
mod page;
mod repairs;
mod safe;
mod shapes;
mod style;
mod table;
mod waivers;
mod where_failing;
mod wording;

pub use page::reflow;
pub use safe::Safe;

use crate::model::AuditReport;

/// A way to write a report.
pub trait ReportFormat: Sync {
    /// The name used on the command line.
    fn name(&self) -> &'static str;

    /// Its purpose, in one line without a full stop.
    fn summary(&self) -> &'static str;

    /// Whether people read it; other documents are the same bytes for the same input.
    fn is_for_people(&self) -> bool {
        false
    }

    /// The whole document, ending in a line break.
    fn render(&self, report: &AuditReport, look: &Look) -> String;
}

/// How a report for people looks. Formats for machines ignore it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Whether to add colours; the words give the same information without.
    pub color: bool,
    /// The maximum width of a line, in columns of a terminal.
    pub width: usize,
    /// Whether to show also passed rules, files and all counts.
    pub verbose: bool,
}

impl Default for Look {
    fn default() -> Self {
        Self { color: false, width: 80, verbose: false }
    }
}

/// Every format; the first is the default.
pub const FORMATS: &[&dyn ReportFormat] = &[&table::Table, &json::Json];

/// The format of that name.
pub fn find(name: &str) -> Option<&'static dyn ReportFormat> {
    FORMATS.iter().copied().find(|format| format.name() == name)
}
