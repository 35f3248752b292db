//! Markdown for a comment on a merge request and for the summary of a step: the verdict, the datasets, and the rules that
//! need attention, within a number of bytes.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::findings::{Finding, Level, findings, shortened};
use super::wording::{Plural, Prose, conditions, remarks, verdict_word};
use super::{Finished, Look, ReportFormat, Safe};
use crate::model::{AuditReport, Count, DatasetReport, DatasetStatus, Status, Verdict, WaiverState};

/// Markdown.
pub(super) struct Markdown;

/// The most bytes of a comment. GitHub takes 65,536 characters, and a bot may add some.
const COMMENT_BYTES: usize = 64_000;

/// The most bytes of the summary of a step. GitHub takes 1 MiB for all that a step writes.
pub const STEP_SUMMARY_BYTES: usize = 1_000_000;

/// The bytes that are kept for what must not be left out: how much is left out.
const RESERVE: usize = 1_000;

/// The most characters of a cell or an item.
const TEXT_CHARACTERS: usize = 600;

impl ReportFormat for Markdown {
    fn name(&self) -> &'static str {
        "markdown"
    }

    fn summary(&self) -> &'static str {
        "a comment for a merge request, under 64 kB"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["md"]
    }

    fn write(&self, finished: &Finished<'_>, _look: &Look, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(within(finished.report, COMMENT_BYTES).as_bytes())
    }
}

/// The document in at most so many bytes. What does not fit is counted.
pub fn within(report: &AuditReport, bytes: usize) -> String {
    let mut page = Page { text: String::new(), room: bytes.saturating_sub(RESERVE) };
    head(&mut page, report);
    datasets(&mut page, report);
    rules(&mut page, report);
    waivers(&mut page, report);
    notices(&mut page, report);
    let rules: usize = report.datasets.iter().map(|dataset| dataset.rules.len()).sum();
    let count = |status| {
        let all = report.datasets.iter().flat_map(|dataset| &dataset.rules);
        all.filter(|rule| rule.status == status).count() as u64
    };
    let counts: Vec<String> = Status::ALL
        .into_iter()
        .map(|status| (status, count(status)))
        .filter(|(_, rules)| *rules > 0)
        .map(|(status, rules)| format!("{} {}", Count(rules), status.name()))
        .collect();
    let all = Plural(rules as u64, "rule");
    let line = if counts.is_empty() { all.to_string() } else { format!("{all}: {}", counts.join(", ")) };
    // It has room in the reserve.
    let _infallible = writeln!(page.text, "\n{line} · passmuster {}", escaped(&report.tool.version));
    page.text
}

/// A document of limited size.
struct Page {
    text: String,
    room: usize,
}

impl Page {
    /// Adds a part if it fits.
    fn add(&mut self, part: &str) -> bool {
        let fits = self.text.len() + part.len() <= self.room;
        if fits {
            self.text.push_str(part);
        }
        fits
    }

    /// Adds as many items as fit in a part of the room that is left, in percent, and says how many there are besides.
    fn list(
        &mut self,
        heading: &str,
        items: impl ExactSizeIterator<Item = String>,
        (one, several): (&str, &str),
        percent: usize,
    ) {
        let all = items.len();
        if all == 0 {
            return;
        }
        let whole = self.room;
        self.room = self.text.len() + whole.saturating_sub(self.text.len()) * percent / 100;
        let mut shown = 0;
        if self.add(heading) {
            shown = items.take_while(|item| self.add(item)).count();
        }
        self.room = whole;
        let more = (all - shown) as u64;
        if more > 0 {
            // Short, and there are few lists: the reserve has room for it.
            let _infallible = writeln!(self.text, "\n{} more {}", Count(more), if more == 1 { one } else { several });
        }
    }
}

/// The verdict and why.
fn head(page: &mut Page, report: &AuditReport) {
    let sign = match report.verdict {
        Verdict::Passed => "✅",
        Verdict::Failed => "❌",
        Verdict::Undecided => "❔",
        Verdict::CouldNotAudit => "⛔",
    };
    let name = escaped(&report.suite.name);
    page.add(&format!("### {sign} {} – {name} as of {}\n", verdict_word(report.verdict), escaped(&report.as_of)));
    if let Some(title) = &report.suite.title {
        page.add(&format!("\n{}\n", escaped(title)));
    }
    let conditions = conditions(report);
    if !conditions.is_empty() {
        page.add(&format!("\n{}\n", escaped(&conditions)));
    }
    let reasons = report.gate.reasons.iter().map(|reason| format!("- {}\n", escaped(reason)));
    page.list("\n", reasons, ("reason", "reasons"), 30);
    let warnings = report.gate.warnings.iter().map(|warning| format!("- warning: {}\n", escaped(warning)));
    page.list("\n", warnings, ("warning", "warnings"), 20);
    let unjudged = report.gate.unjudged.iter().map(|reason| format!("- not judged: {}\n", escaped(reason)));
    page.list("\n", unjudged, ("condition", "conditions"), 20);
    for (label, remark) in remarks(report, 12) {
        page.add(&format!("\n{}\n", escaped(&format!("{label}: {remark}"))));
    }
}

/// A line for each dataset.
fn datasets(page: &mut Page, report: &AuditReport) {
    let heading = "\n| dataset | rows | clean | score | failed rules |\n|---|--:|--:|--:|--:|\n";
    page.list(heading, report.datasets.iter().map(dataset_line), ("dataset", "datasets"), 40);
}

fn dataset_line(dataset: &DatasetReport) -> String {
    let gate = if dataset.fails_gate { " ❌" } else { "" };
    let rows = match (dataset.status, dataset.rows) {
        (DatasetStatus::Errored, _) => "could not be audited".to_owned(),
        (DatasetStatus::NotReached, _) => "not read".to_owned(),
        (DatasetStatus::Sampled, _) => "a sample".to_owned(),
        (DatasetStatus::Stopped, _) => "in part".to_owned(),
        (DatasetStatus::Audited, rows) => rows.map(|rows| Count(rows).to_string()).unwrap_or_default(),
    };
    let clean = dataset.records.as_ref().and_then(|records| Some((records.clean, records.rate?)));
    let clean = clean.map(|(clean, rate)| format!("{} ({rate} %)", Count(clean))).unwrap_or_default();
    let score = match (dataset.score, dataset.band) {
        (Some(score), Some(band)) => format!("{score} {}", band.name()),
        (Some(score), None) => score.to_string(),
        (None, _) => "–".to_owned(),
    };
    let failed = dataset.rules.iter().filter(|rule| rule.status == Status::Failed).count();
    let failed = match dataset.status {
        DatasetStatus::Errored | DatasetStatus::NotReached => "–".to_owned(),
        _ => format!("{failed} of {}", dataset.rules.len()),
    };
    format!("| {}{gate} | {rows} | {clean} | {score} | {failed} |\n", escaped(&dataset.name))
}

/// The problems, the worst first.
fn rules(page: &mut Page, report: &AuditReport) {
    let all = findings(report);
    let of_level =
        |level| all.iter().filter(|finding| finding.level == level && finding.rule.is_some()).collect::<Vec<_>>();
    let errored: Vec<&Finding<'_>> =
        all.iter().filter(|finding| finding.rule.is_none() && finding.dataset.is_some()).collect();
    page.list("\n#### Could not be audited\n\n", errored.into_iter().map(item), ("dataset", "datasets"), 50);
    for (heading, level, nouns) in [
        ("\n#### Fails the gate\n\n", Level::Error, ("rule that fails the gate", "rules that fail the gate")),
        ("\n#### Needs attention\n\n", Level::Warning, ("rule that needs attention", "rules that need attention")),
    ] {
        page.list(heading, of_level(level).into_iter().map(item), nouns, 85);
    }
}

fn item(finding: &Finding<'_>) -> String {
    let place = finding.place.map(|place| format!(" ({}:{})", escaped(&place.file), place.line)).unwrap_or_default();
    format!("- **{}**{place}: {}\n", escaped(&finding.title), escaped(&finding.message))
}

/// The waivers that somebody has to act on.
fn waivers(page: &mut Page, report: &AuditReport) {
    let due: Vec<_> = report.waivers.iter().filter(|waiver| waiver.state != WaiverState::Active).collect();
    let lines = due.into_iter().map(|waiver| {
        let word = match waiver.state {
            WaiverState::Exceeded => "exceeded",
            WaiverState::Expired => "expired",
            WaiverState::NotJudged => "not judged",
            WaiverState::Unneeded => "not needed any more",
            WaiverState::Expiring => "expires soon",
            WaiverState::Active => "active",
        };
        let (rule, by) = (escaped(&waiver.rule), escaped(&waiver.by));
        format!("- **{rule}**: {word}, accepted until {} by {by}\n", waiver.until)
    });
    page.list("\n#### Waivers to act on\n\n", lines, ("waiver", "waivers"), 70);
}

/// What else a reader must know.
fn notices(page: &mut Page, report: &AuditReport) {
    let lines = report.notices.iter().map(|notice| {
        let about = notice.rule.as_ref().or(notice.dataset.as_ref());
        let about = about.map(|about| format!("{}: ", escaped(about))).unwrap_or_default();
        format!("- {about}{}\n", escaped(&notice.text))
    });
    page.list("\n#### Notes\n\n", lines, ("note", "notes"), 100);
}

/// A text on one line in which nothing is markup, a link, a mention or an image, wherever it is on its line.
///
/// Signs of markup get a backslash, as `CommonMark` allows for all of ASCII. An `@` would mention a person or begin an address, a
/// `#` an issue, and `https://` and `www.` become links by themselves: a space without width breaks them.
fn escaped(text: &str) -> String {
    let text = Safe(&shortened(&Prose(text).to_string(), TEXT_CHARACTERS)).to_string();
    let mut out = String::with_capacity(text.len() + 16);
    for (at, c) in text.char_indices() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '@' => out.push_str("@&#8203;"),
            '#' => out.push_str("\\#&#8203;"),
            ':' if text[at..].starts_with("://") => out.push_str(":&#8203;"),
            '.' if text[..at].to_ascii_lowercase().ends_with("www") => out.push_str("&#8203;."),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '$' => {
                out.push('\\');
                out.push(c);
            }
            // They would make a list, a heading or a rule of a line that begins so.
            '-' | '+' | '=' if at == 0 => {
                out.push('\\');
                out.push(c);
            }
            '.' | ')' if at > 0 && text[..at].bytes().all(|byte| byte.is_ascii_digit()) => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_markup() {
        assert_eq!(
            escaped("<script>|`x`\n[a](http://b) ![i](j) @all #1 WWW.x"),
            "&lt;script&gt;\\|\\`x\\` \\[a\\](http:&#8203;//b) !\\[i\\](j) @&#8203;all \\#&#8203;1 WWW&#8203;.x"
        );
        assert_eq!(["- a", "1. b", "12) c", "--- d"].map(escaped), ["\\- a", "1\\. b", "12\\) c", "\\--- d"]);
    }
}
