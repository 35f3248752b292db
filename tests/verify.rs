//! `--verify`: a second engine finds what the first got wrong, and says what it could not check.

use std::path::Path;

use passmuster::audit::{AuditOptions, audit};
use passmuster::engine::{Datasets, Engine, Execution, MemoryLimit, Request, Watch, find};
use passmuster::model::{AuditReport, Reading, Share, Verdict};

use crate::support::around::{Around, AroundLocal, local};
use crate::support::audits::{ALL_MEMORY, audit_with, options};
use crate::support::folder::Folder;
use crate::support::program::{code, run, stderr};

/// Counts one row too many as failed in every measure of rows.
struct Miscounting;

impl Around for Miscounting {
    fn execute(&self, request: &Request, datasets: &Datasets, watch: Watch<'_>) -> Execution {
        let mut execution = local().execute(request, datasets, watch);
        for reading in &mut execution.readings {
            if let Ok(Reading::Rows(rows)) = reading {
                rows.passed -= 1;
                rows.failed += 1;
            }
        }
        execution
    }
}

static MISCOUNTING: AroundLocal<Miscounting> = AroundLocal("miscounting", Miscounting);

const SUITE: &str = "suite: s
datasets:
  d:
    source: d.csv
    columns: { n: { type: integer } }
    rules:
      - { id: r, check: range, column: n, within: 0..9 }
";

fn verified(suite: &Path, engine: &'static dyn Engine) -> AuditReport {
    audit_with(suite, &AuditOptions { engine, verify: true, ..options(ALL_MEMORY, &[], 2) })
}

fn refusal(suite: &Path, asked: &AuditOptions) -> String {
    format!("{:#}", audit(&[suite.to_owned()], asked, &()).unwrap_err())
}

#[test]
fn a_wrong_count_is_found() {
    let folder = Folder::of(&[("suite.yaml", SUITE), ("d.csv", "n\n1\n2\n30\n")]);
    let suite = folder.path("suite.yaml");
    let right = verified(&suite, local());
    let verification = right.verification.unwrap();
    assert!(verification.holds() && verification.not_verified.is_empty(), "{verification:?}");
    assert_eq!((verification.rules, right.exit_code), (3, 1));

    let wrong = verified(&suite, &MISCOUNTING);
    assert_eq!((wrong.verdict, wrong.exit_code), (Verdict::CouldNotAudit, 2));
    let differences = wrong.verification.unwrap().differences;
    let of_rule = |what: &str| {
        let found = differences.iter().find(|one| one.rule.as_deref() == Some("r") && one.what == what).unwrap();
        (found.found.clone(), found.verified.clone())
    };
    assert_eq!(of_rule("failed"), ("2".to_owned(), "1".to_owned()));
    assert_eq!(of_rule("passed"), ("1".to_owned(), "2".to_owned()));
}

#[test]
fn what_cannot_be_verified_is_refused_before_data_is_read() {
    let folder = Folder::of(&[("suite.yaml", SUITE), ("d.csv", "n\n1\n")]);
    let suite = folder.path("suite.yaml");
    let asked = || AuditOptions { verify: true, ..options(ALL_MEMORY, &[], 2) };
    let reference = find("reference").unwrap();
    for (asked, words) in [
        (AuditOptions { engine: reference, ..asked() }, "leave --verify out"),
        (AuditOptions { stop_early: true, ..asked() }, "leave --sample and --stop-early out"),
        (AuditOptions { sample: Share::parse("10%"), ..asked() }, "leave --sample and --stop-early out"),
        (AuditOptions { engine: reference, verify: false, profile: true, ..asked() }, "leave --profile out"),
    ] {
        let refusal = refusal(&suite, &asked);
        assert!(refusal.contains(words), "{refusal}");
    }
    let piped = run(folder.root(), &["audit", "suite.yaml", "--verify", "--data", "d=-"]);
    assert_eq!(code(&piped), 2);
    assert!(stderr(&piped).contains("can be read once"), "{}", stderr(&piped));
}

#[test]
fn nothing_verified_is_no_success() {
    let rows = "1,a text\n".repeat(10_000);
    let folder = Folder::of(&[("suite.yaml", SUITE), ("d.csv", &format!("n,text\n{rows}"))]);
    // The second engine holds rows in memory, and here there is none for them.
    let limited = AuditOptions { verify: true, ..options(MemoryLimit::Process(1 << 20), &[], 2) };
    let report = audit_with(&folder.path("suite.yaml"), &limited);
    let verification = report.verification.unwrap();
    assert_eq!((verification.rules, report.exit_code), (0, 2));
    let reason = &verification.not_verified[0].reason;
    assert!(reason.contains("holds all rows in memory"), "{reason}");
}

#[test]
fn a_group_that_differs_is_named_once_by_its_first_row() {
    let row = |at: usize| if at.is_multiple_of(7) { "a,2\n" } else { "b,1\n" };
    let rows: String = (0..400_000).map(row).collect();
    let suite = "suite: s
datasets:
  d:
    source: d.csv
    columns: { n: { type: integer } }
    rules:
      - { id: r, check: reconciles, with: e, by: k, measures: sum(n) }
  e: { source: e.csv, columns: { n: { type: integer } } }
";
    let folder = Folder::of(&[("suite.yaml", suite), ("d.csv", &format!("k,n\n{rows}")), ("e.csv", "k,n\na,1\nb,1\n")]);
    let report = verified(&folder.path("suite.yaml"), local());
    let rule = report.datasets[0].rules.iter().find(|rule| rule.id == "r").unwrap();
    let records: Vec<u64> = rule.failing_rows.iter().map(|row| row.record).collect();
    assert_eq!(records, [1, 2]);
    assert!(report.verification.unwrap().holds());
}
