//! Renders finished audits: one file a format.
//!
//! A format writes an [`AuditReport`] to a writer and uses no files, terminals or environment.

mod annotations;
pub mod changed;
pub mod compared;
mod cyclonedx;
pub mod data_profile;
mod dqv;
mod failing;
mod findings;
mod frame;
mod gitlab;
mod html;
pub mod identified;
mod identity;
pub mod json;
mod junit;
mod language;
pub mod markdown;
mod openlineage;
mod openmetrics;
mod page;
mod reasons;
mod repairs;
mod rows;
mod safe;
mod sarif;
mod shapes;
pub mod spreadsheet;
mod style;
mod table;
mod waivers;
mod where_failing;
mod wording;
mod xlsx;

pub use failing::{FailingRows, ListedDataset};
pub use html::write_profile;
pub use language::Language;
pub use page::reflow;
pub use reasons::reason_in_words;
pub use safe::Safe;

use std::io::{self, Write};

use crate::model::AuditReport;

/// A way to write a report.
pub trait ReportFormat: Sync {
    /// The name used on the command line.
    fn name(&self) -> &'static str;

    /// Its purpose, in one line without a full stop.
    fn summary(&self) -> &'static str;

    /// How names of its files end, without the dot; the first is the usual one.
    fn extensions(&self) -> &'static [&'static str];

    /// Whether people read it on a terminal; then it has times. Other documents are the same bytes for the same input.
    fn is_for_people(&self) -> bool {
        false
    }

    /// Whether it is text, which a terminal can show.
    fn is_text(&self) -> bool {
        true
    }

    /// Whether it lists failing rows where they were recorded.
    fn lists_failing_rows(&self) -> bool {
        false
    }

    /// Writes the whole document; text ends in a line break.
    ///
    /// # Errors
    /// Where it cannot be written.
    fn write(&self, finished: &Finished<'_>, look: &Look, out: &mut dyn Write) -> io::Result<()>;

    /// The document in memory.
    ///
    /// # Errors
    /// Where it cannot be written, which depends on the format alone.
    fn render(&self, finished: &Finished<'_>, look: &Look) -> io::Result<Vec<u8>> {
        let mut document = Vec::new();
        self.write(finished, look, &mut document)?;
        Ok(document)
    }
}

/// A finished audit, as formats get it.
#[derive(Clone, Copy)]
pub struct Finished<'a> {
    /// Its result.
    pub report: &'a AuditReport,
    /// Its failing rows, where they were recorded.
    pub failing: Option<&'a dyn FailingRows>,
}

impl<'a> Finished<'a> {
    /// An audit whose failing rows were not recorded.
    pub const fn new(report: &'a AuditReport) -> Self {
        Self { report, failing: None }
    }
}

/// How a report for people looks. Formats for machines ignore it.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Whether to add colours; the words give the same information without.
    pub color: bool,
    /// The maximum width of a line, in columns of a terminal.
    pub width: usize,
    /// Whether to show also passed rules, files and all counts.
    pub verbose: bool,
    /// Whether to show the details of all datasets, not only of those that need attention.
    pub details: bool,
    /// Whether to show the failed rules of each owner, instead of those of each dataset.
    pub by_owner: bool,
    /// The language of the texts that the program adds.
    pub language: Language,
}

impl Default for Look {
    fn default() -> Self {
        Self { color: false, width: 80, verbose: false, details: false, by_owner: false, language: Language::default() }
    }
}

/// Every format; the first is the default.
pub const FORMATS: &[&dyn ReportFormat] = &[
    &table::Table,
    &json::Json,
    &rows::Ndjson,
    &rows::Csv,
    &xlsx::Xlsx,
    &html::Html,
    &markdown::Markdown,
    &junit::JUnit,
    &sarif::Sarif,
    &annotations::GitHub,
    &gitlab::GitLab,
    &annotations::Azure,
    &openmetrics::OpenMetrics,
    &openlineage::OpenLineage,
    &dqv::Dqv,
    &cyclonedx::CycloneDx,
];

/// The format of that name.
pub fn find(name: &str) -> Option<&'static dyn ReportFormat> {
    FORMATS.iter().copied().find(|format| format.name() == name)
}

/// The first format whose files end so, without regard to case.
pub fn of_extension(extension: &str) -> Option<&'static dyn ReportFormat> {
    let is_one = |known: &&str| known.eq_ignore_ascii_case(extension);
    FORMATS.iter().copied().find(|format| format.extensions().iter().any(is_one))
}
