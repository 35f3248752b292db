//! GitLab's report of code quality: a JSON array with an entry for each problem.
//!
//! Every entry has what GitLab requires: `description`, `check_name`, `fingerprint`, `severity`, `location.path` and
//! `location.lines.begin`.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::findings::{Finding, Level, findings, shortened};
use super::{Finished, Look, ReportFormat, Safe, json as json_format};
use crate::model::{AuditReport, Severity};

/// GitLab's code quality.
pub(super) struct GitLab;

/// The most characters of a description; GitLab shows it on one line.
const DESCRIPTION_CHARACTERS: usize = 2_000;

/// The path of problems that are at no line of a suite.
const NO_PATH: &str = "passmuster";

impl ReportFormat for GitLab {
    fn name(&self) -> &'static str {
        "gitlab"
    }

    fn summary(&self) -> &'static str {
        "GitLab's report of code quality, JSON"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["json"]
    }

    fn write(&self, finished: &Finished<'_>, _look: &Look, out: &mut dyn Write) -> io::Result<()> {
        let all: Vec<Value> = findings(finished.report).iter().map(|finding| entry(finished.report, finding)).collect();
        json_format::write(&all, out)
    }
}

fn entry(report: &AuditReport, finding: &Finding<'_>) -> Value {
    let severity = match (finding.level, finding.rule.map(|rule| rule.severity)) {
        (Level::Note, _) => "info",
        (Level::Error, None) => "blocker",
        (Level::Error, Some(Severity::Critical)) => "critical",
        (Level::Error, Some(_)) => "major",
        (Level::Warning, _) => "minor",
    };
    let text = format!("{}: {}", finding.title, finding.message);
    let (path, line) = finding.place.map_or((NO_PATH, 1), |place| (place.file.as_str(), place.line));
    json!({
        "description": Safe(&shortened(&text, DESCRIPTION_CHARACTERS)).to_string(),
        "check_name": finding.rule.map_or(finding.id.as_str(), |rule| rule.check.as_str()),
        "fingerprint": finding.fingerprint(report),
        "severity": severity,
        "location": { "path": path.strip_prefix("./").unwrap_or(path), "lines": { "begin": line.max(1) } },
    })
}
