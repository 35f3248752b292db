//! `JUnit` XML, as CI systems read it: a test suite for each dataset, a test case for each rule, and one for the gate.

use std::io::{self, Write};

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::findings::{GATE, VERIFICATION, shortened};
use super::wording::{finding, outcome, remarks, verified};
use super::{Finished, Look, ReportFormat, Safe};
use crate::model::{AuditReport, DatasetReport, DatasetStatus, RuleReport, Status, Verdict};

/// `JUnit` XML.
pub(super) struct JUnit;

/// How many rules a remark names.
const REMARKED: usize = 100;

/// The most characters of a text. Viewers load the whole file.
const TEXT_CHARACTERS: usize = 20_000;

impl ReportFormat for JUnit {
    fn name(&self) -> &'static str {
        "junit"
    }

    fn summary(&self) -> &'static str {
        "JUnit XML: a test case for each rule and one for the gate"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["xml"]
    }

    fn write(&self, finished: &Finished<'_>, _look: &Look, out: &mut dyn Write) -> io::Result<()> {
        let report = finished.report;
        let mut document = Report::new(xml(&report.suite.name));
        document.add_test_suite(gate(report));
        for dataset in &report.datasets {
            let mut suite = TestSuite::new(xml(&dataset.name));
            if dataset.status == DatasetStatus::Errored {
                let reason = dataset.error.as_deref().unwrap_or("no reason was given");
                let status = non_success(NonSuccessKind::Error, "could not be audited", reason);
                suite.add_test_case(case(&dataset.name, "not-audited", status));
            }
            for rule in &dataset.rules {
                suite.add_test_case(rule_case(dataset, rule));
            }
            if !suite.test_cases.is_empty() {
                document.add_test_suite(suite);
            }
        }
        let text = document.to_string().map_err(io::Error::other)?;
        out.write_all(schema_root(&text).as_bytes())
    }
}

/// The root has the attribute `skipped`, which no published schema of `JUnit` allows.
fn schema_root(text: &str) -> String {
    let root_ends =
        text.find("<testsuites").and_then(|at| text[at..].find('>').map(|end| at + end)).unwrap_or_default();
    let (root, rest) = text.split_at(root_ends);
    let Some(from) = root.rfind(" skipped=\"") else { return text.to_owned() };
    let value = &root[from + " skipped=\"".len()..];
    let after = value.find('"').map_or("", |end| &value[end + 1..]);
    [&root[..from], after, rest].concat()
}

/// The gate can fail where no rule does: a lowest score, or a rule that measured nothing.
fn gate(report: &AuditReport) -> TestSuite {
    let mut suite = TestSuite::new(GATE);
    let reasons = report.gate.reasons.join("\n");
    let status = match report.verdict {
        Verdict::Passed => TestCaseStatus::success(),
        Verdict::Failed => non_success(NonSuccessKind::Failure, "the gate failed", &reasons),
        Verdict::CouldNotAudit => non_success(NonSuccessKind::Error, "could not audit", &reasons),
        Verdict::Undecided => skipped("a sample certifies nothing"),
    };
    let mut gate = case(&report.suite.name, GATE, status);
    let remarks: Vec<String> =
        remarks(report, REMARKED).into_iter().map(|(label, text)| format!("{label}: {text}")).collect();
    if !remarks.is_empty() {
        gate.set_system_out(xml(&remarks.join("\n")));
    }
    suite.add_test_case(gate);
    if let Some(verification) = &report.verification {
        let text = verified(verification);
        let status = if verification.holds() {
            TestCaseStatus::success()
        } else {
            non_success(NonSuccessKind::Error, "not verified", &text)
        };
        suite.add_test_case(case(&report.suite.name, VERIFICATION, status));
    }
    suite
}

fn rule_case(dataset: &DatasetReport, rule: &RuleReport) -> TestCase {
    let status = match rule.status {
        Status::Passed | Status::Warned => TestCaseStatus::success(),
        Status::Failed => {
            let mut status = non_success(NonSuccessKind::Failure, &outcome(rule), &finding(rule));
            status.set_type(rule.severity.name());
            status
        }
        Status::Errored => non_success(NonSuccessKind::Error, "not judged", rule.reason.as_deref().unwrap_or_default()),
        Status::NotMeasured if rule.fails_gate => {
            non_success(NonSuccessKind::Failure, "not measured, and the gate asks for it", &outcome(rule))
        }
        Status::NotMeasured => skipped(&format!("not measured: {}", outcome(rule))),
        Status::Undecided => skipped(&format!("undecided: {}", outcome(rule))),
        Status::Waived => skipped(&format!("waived: {}", finding(rule))),
    };
    let mut case = case(&dataset.name, &rule.id, status);
    if rule.status == Status::Warned {
        case.set_system_out(xml(&format!("warned: {}", finding(rule))));
    }
    case
}

fn case(class: &str, name: &str, status: TestCaseStatus) -> TestCase {
    let mut case = TestCase::new(xml(name), status);
    case.set_classname(xml(class));
    case
}

fn non_success(kind: NonSuccessKind, message: &str, text: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_message(xml(message));
    status.set_description(xml(text));
    status
}

fn skipped(message: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_message(xml(message));
    status
}

/// A text as XML 1.0 can hold it: line breaks stay, other controls and what is no character are spelled out.
fn xml(text: &str) -> String {
    let lines: Vec<String> = shortened(text, TEXT_CHARACTERS).lines().map(|line| Safe(line).to_string()).collect();
    lines.join("\n")
}
