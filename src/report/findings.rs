//! What a reader has to act on, one item each: for formats that list problems and nothing else.

use super::Safe;
use super::wording::{Plural, Prose, finding, short_id, verified};
use crate::model::{AuditReport, DatasetReport, DatasetStatus, RuleReport, Status, SuitePlace};

/// The id of the finding about the gate.
pub(super) const GATE: &str = "gate";

/// The id of the finding about a second engine.
pub(super) const VERIFICATION: &str = "verification";

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// The gate fails because of it, or something could not be audited.
    Error,
    /// It needs attention.
    Warning,
    /// Good to know: waived, or nothing was measured.
    Note,
}

/// Something that a reader has to act on.
pub(super) struct Finding<'r> {
    /// Its id: that of a rule, of a dataset that was not audited, or [`GATE`] or [`VERIFICATION`].
    pub(super) id: String,
    /// How bad it is.
    pub(super) level: Level,
    /// A few words.
    pub(super) title: String,
    /// What is wrong, what was expected and how to fix it.
    pub(super) message: String,
    /// The rule, if it is about one.
    pub(super) rule: Option<&'r RuleReport>,
    /// The dataset, if it is about one.
    pub(super) dataset: Option<&'r DatasetReport>,
    /// Where a suite says what is not met.
    pub(super) place: Option<&'r SuitePlace>,
}

impl Finding<'_> {
    /// What stays the same from one result to the next.
    pub(super) fn fingerprint(&self, report: &AuditReport) -> String {
        match self.rule.and_then(|rule| rule.fingerprint.clone()) {
            Some(fingerprint) => fingerprint,
            None => format!("{}/{}", report.suite.name, self.id),
        }
    }
}

/// How bad the outcome of a rule is; `None` where it passed.
pub(super) const fn level(rule: &RuleReport) -> Option<Level> {
    match rule.status {
        Status::Errored => Some(Level::Error),
        Status::Failed | Status::NotMeasured if rule.fails_gate => Some(Level::Error),
        Status::Failed | Status::Undecided | Status::Warned => Some(Level::Warning),
        Status::Waived | Status::NotMeasured => Some(Level::Note),
        Status::Passed => None,
    }
}

/// All findings: the gate, what was not audited, then rules, the worst first.
pub(super) fn findings(report: &AuditReport) -> Vec<Finding<'_>> {
    let mut found = Vec::new();
    let first_place = report.datasets.iter().flat_map(|dataset| &dataset.rules).find_map(|rule| rule.written.as_ref());
    let general = |id: &str, title: &str, message: String| Finding {
        id: id.to_owned(),
        level: Level::Error,
        title: title.to_owned(),
        message,
        rule: None,
        dataset: None,
        place: first_place,
    };
    if !report.gate.reasons.is_empty() {
        let reasons: Vec<String> = report.gate.reasons.iter().map(|reason| Prose(reason).to_string()).collect();
        found.push(general(GATE, "the gate failed", reasons.join("; ")));
    }
    if let Some(verification) = report.verification.as_ref().filter(|verification| !verification.holds()) {
        found.push(general(VERIFICATION, "the result is not verified", verified(verification)));
    }
    for dataset in report.datasets.iter().filter(|dataset| dataset.status == DatasetStatus::Errored) {
        let reason = Prose(dataset.error.as_deref().unwrap_or("no reason was given"));
        let rules = Plural(dataset.rules.len() as u64, "rule");
        found.push(Finding {
            id: format!("{}.not-audited", dataset.name),
            level: Level::Error,
            title: format!("{} could not be audited", Safe(&dataset.name)),
            message: format!("{reason}; {rules} not judged"),
            rule: None,
            dataset: Some(dataset),
            place: dataset.rules.iter().find_map(|rule| rule.written.as_ref()),
        });
    }
    let mut of_rules: Vec<Finding<'_>> = Vec::new();
    for dataset in report.datasets.iter().filter(|dataset| dataset.status != DatasetStatus::Errored) {
        of_rules.extend(dataset.rules.iter().filter_map(|rule| of_rule(dataset, rule)));
    }
    of_rules.sort_by_key(|finding| finding.level);
    found.extend(of_rules);
    found
}

fn of_rule<'r>(dataset: &'r DatasetReport, rule: &'r RuleReport) -> Option<Finding<'r>> {
    let level = level(rule)?;
    let status = rule.status.name();
    Some(Finding {
        id: rule.id.clone(),
        level,
        title: format!(
            "{}: {} ({} rule, {status})",
            Safe(&dataset.name),
            Safe(short_id(&rule.id, dataset)),
            rule.severity.name()
        ),
        message: finding(rule),
        rule: Some(rule),
        dataset: Some(dataset),
        place: rule.written.as_ref(),
    })
}

/// The most characters of a text in a document for programs.
const TEXT_CHARACTERS: usize = 4_000;

/// A text that cannot harm a viewer, in a document for programs.
pub(super) fn text(text: &str) -> String {
    Safe(&shortened(text, TEXT_CHARACTERS)).to_string()
}

/// A text of at most so many characters; what was cut is marked.
pub(super) fn shortened(text: &str, characters: usize) -> String {
    const MARK: &str = " … (cut)";
    if text.chars().nth(characters).is_none() {
        return text.to_owned();
    }
    text.chars().take(characters.saturating_sub(MARK.chars().count())).chain(MARK.chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::shortened;

    #[test]
    fn long_texts_are_cut_and_marked() {
        assert_eq!(shortened("abc", 3), "abc");
        assert_eq!(shortened(&"ệ".repeat(20), 12), "ệệệệ … (cut)");
    }
}
