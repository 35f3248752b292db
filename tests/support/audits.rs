//! Audits through the library, as tests ask for them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use passmuster::audit::{AuditOptions, audit};
use passmuster::engine::MemoryLimit;
use passmuster::model::{AsOf, AuditReport, Severity};
use passmuster::rules::LoadOptions;

use crate::support::engines;
use crate::support::folder::Folder;
use crate::support::tables::{csv, parquet};

/// As much memory as an audit wants.
pub(crate) const ALL_MEMORY: MemoryLimit = MemoryLimit::Process(u64::MAX);

/// Options of an audit; `data` replaces the locations of datasets.
pub(crate) fn options(memory: MemoryLimit, data: &[(&str, PathBuf)], threads: usize) -> AuditOptions {
    let load = LoadOptions {
        params: BTreeMap::new(),
        data: data.iter().map(|(name, path)| ((*name).to_owned(), path.display().to_string())).collect(),
        as_of: None,
        home: None,
        baseline: None,
        gate_compares: false,
        today: AsOf::parse("2026-11-23").unwrap(),
    };
    AuditOptions { threads, memory, ..AuditOptions::new(load, std::env::temp_dir()) }
}

/// Audits a suite. Panics where it cannot be audited at all.
pub(crate) fn audit_with(suite: &Path, options: &AuditOptions) -> AuditReport {
    audit(&[suite.to_owned()], options, &()).unwrap_or_else(|error| panic!("{error:#}")).report
}

/// Audits a suite; `data` replaces the locations of datasets. Every other engine must give the same result.
pub(crate) fn run(suite: &Path, data: &[(&str, PathBuf)], threads: usize) -> AuditReport {
    let report = run_within(ALL_MEMORY, suite, data, threads);
    engines::compare(&report, suite, data);
    report
}

/// Audits a suite with a limit on memory.
pub(crate) fn run_within(memory: MemoryLimit, suite: &Path, data: &[(&str, PathBuf)], threads: usize) -> AuditReport {
    audit_with(suite, &options(memory, data, threads))
}

/// Audits a suite until the gate cannot pass any more; only critical rules close the gate.
pub(crate) fn run_until(memory: MemoryLimit, suite: &Path, data: &[(&str, PathBuf)], threads: usize) -> AuditReport {
    let critical = Some(Some(Severity::Critical));
    audit_with(suite, &AuditOptions { stop_early: true, fail_on: critical, ..options(memory, data, threads) })
}

/// Audits the `suite.yaml` of some files.
pub(crate) fn audit_files(files: &[(&str, &str)]) -> AuditReport {
    run(&Folder::of(files).path("suite.yaml"), &[], 2)
}

/// A result as the bytes that two audits are compared by.
pub(crate) fn json(report: &AuditReport) -> String {
    serde_json::to_string(report).unwrap()
}

/// Audits a table as CSV and as Parquet, on several threads and within several limits of memory. All results must agree.
pub(crate) fn audit_everywhere<const N: usize>(suite: &str, header: &str, rows: &[[String; N]]) -> AuditReport {
    audit_everywhere_beside(suite, header, rows, &[])
}

/// The same with other files beside the table.
pub(crate) fn audit_everywhere_beside<const N: usize>(
    suite: &str,
    header: &str,
    rows: &[[String; N]],
    files: &[(&str, &str)],
) -> AuditReport {
    let folder = Folder::of(files);
    let suite = folder.write("suite.yaml", suite);
    folder.write("t.csv", csv(header, rows));
    parquet(&folder.path("t.parquet"), header, rows);
    let data = [("t", folder.path("t.parquet"))];
    let as_csv = run(&suite, &[], 1);
    for (threads, bytes) in [(2, 0), (16, 500), (2, 1 << 30)] {
        assert_eq!(json(&as_csv), json(&run_within(MemoryLimit::Keys(bytes), &suite, &[], threads)));
    }
    let as_parquet = run(&suite, &data, 2);
    for (threads, bytes) in [(1, 0), (16, 500)] {
        assert_eq!(json(&as_parquet), json(&run_within(MemoryLimit::Keys(bytes), &suite, &data, threads)));
    }
    let of = |report: &AuditReport| -> Vec<(String, [u64; 4])> {
        let rules = report.datasets.iter().flat_map(|dataset| &dataset.rules);
        rules.map(|rule| (rule.id.clone(), [rule.passed, rule.failed, rule.not_applicable, rule.unreadable])).collect()
    };
    let sorted = |mut counts: Vec<(String, [u64; 4])>| {
        counts.retain(|(id, _)| id != "t.well_formed");
        counts.sort();
        counts
    };
    assert_eq!(sorted(of(&as_csv)), sorted(of(&as_parquet)), "{rows:?}");
    as_csv
}
