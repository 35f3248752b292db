//! Lines that CI systems show beside the code: GitHub Actions and Azure Pipelines.

use std::io::{self, Write};

use super::findings::{Finding, Level, findings, shortened};
use super::wording::{Plural, conditions, remarks, verdict_word};
use super::{Finished, Look, ReportFormat, Safe};
use crate::model::AuditReport;

/// Annotations of GitHub Actions.
pub(super) struct GitHub;

/// Annotations of Azure Pipelines.
pub(super) struct Azure;

/// How many annotations of a level GitHub shows for a step.
const GITHUB_SHOWN: usize = 10;

/// The most characters of a message. GitHub cuts messages of more than 4,096 characters, and lists become unreadable before.
const MESSAGE_CHARACTERS: usize = 2_000;

impl ReportFormat for GitHub {
    fn name(&self) -> &'static str {
        "github"
    }

    fn summary(&self) -> &'static str {
        "annotations of GitHub Actions, the first 10 errors, warnings and notes"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["txt"]
    }

    fn write(&self, finished: &Finished<'_>, _look: &Look, out: &mut dyn Write) -> io::Result<()> {
        let all = findings(finished.report);
        // The last note of the step is the summary.
        let levels = [(Level::Error, GITHUB_SHOWN), (Level::Warning, GITHUB_SHOWN), (Level::Note, GITHUB_SHOWN - 1)];
        let mut left_out = Vec::new();
        for (level, shown) in levels {
            let of_level = || all.iter().filter(move |finding| finding.level == level);
            for finding in of_level().take(shown) {
                github_line(finding, out)?;
            }
            let more = of_level().count().saturating_sub(shown) as u64;
            if more > 0 {
                left_out.push(Plural(more, github_word(level)).to_string());
            }
        }
        let summary = summary(finished.report, &left_out);
        writeln!(out, "::notice title={}::{}", github_property("passmuster"), github_message(&summary))
    }
}

const fn github_word(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "notice",
    }
}

/// One annotation, as the workflow commands of GitHub Actions write it.
fn github_line(finding: &Finding<'_>, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "::{} ", github_word(finding.level))?;
    if let Some(place) = finding.place {
        write!(out, "file={},line={},", github_property(&place.file), place.line)?;
    }
    writeln!(out, "title={}::{}", github_property(&finding.title), github_message(&finding.message))
}

/// A message as the runner reads it back.
fn github_message(text: &str) -> String {
    let text = Safe(&shortened(text, MESSAGE_CHARACTERS)).to_string();
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property as the runner reads it back.
fn github_property(text: &str) -> String {
    github_message(text).replace(':', "%3A").replace(',', "%2C")
}

impl ReportFormat for Azure {
    fn name(&self) -> &'static str {
        "azure"
    }

    fn summary(&self) -> &'static str {
        "issues of Azure Pipelines, one line each"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["txt"]
    }

    fn write(&self, finished: &Finished<'_>, _look: &Look, out: &mut dyn Write) -> io::Result<()> {
        let all = findings(finished.report);
        let notes: Vec<&Finding<'_>> = all.iter().filter(|finding| finding.level == Level::Note).collect();
        for finding in &all {
            let kind = match finding.level {
                Level::Error => "error",
                Level::Warning => "warning",
                // Azure Pipelines has no issues that are only good to know.
                Level::Note => continue,
            };
            write!(out, "##vso[task.logissue type={kind}")?;
            if let Some(place) = finding.place {
                write!(out, ";sourcepath={};linenumber={}", azure_property(&place.file), place.line)?;
            }
            let text = format!("{}: {}", finding.title, finding.message);
            writeln!(out, ";code={}]{}", azure_property(&finding.id), azure_message(&text))?;
        }
        let left_out: Vec<String> =
            (!notes.is_empty()).then(|| Plural(notes.len() as u64, "note").to_string()).into_iter().collect();
        writeln!(out, "{}", azure_message(&summary(finished.report, &left_out)))
    }
}

/// A message as the agent reads it back. No further command can begin in it.
fn azure_message(text: &str) -> String {
    let text = Safe(&shortened(text, MESSAGE_CHARACTERS)).to_string();
    text.replace('%', "%AZP25").replace("##", "# #")
}

/// A property as the agent reads it back.
fn azure_property(text: &str) -> String {
    azure_message(text).replace(';', "%3B").replace(']', "%5D")
}

/// The verdict, and what is not among the lines.
fn summary(report: &AuditReport, left_out: &[String]) -> String {
    let conditions = conditions(report);
    let mut text = format!("{} {} as of {}", verdict_word(report.verdict), report.suite.name, report.as_of);
    if !conditions.is_empty() {
        text.push_str(" · ");
        text.push_str(&conditions);
    }
    for (label, remark) in remarks(report, 0) {
        text.extend(["; ", label, ": ", &remark]);
    }
    if !left_out.is_empty() {
        text.push_str("; not listed here: ");
        text.push_str(&left_out.join(", "));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_property_or_begins_a_command() {
        assert_eq!(github_property("a:b,c%\n::error::"), "a%3Ab%2Cc%25\\u{a}%3A%3Aerror%3A%3A");
        assert_eq!(azure_property("a;b]c##vso[x]%"), "a%3Bb%5Dc# #vso[x%5D%AZP25");
        assert_eq!(azure_message("####"), "# ## #");
    }
}
