//! The failing records of an audit, collected and compared.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;

use passmuster::audit::{AuditOptions, FailingRecord, RecordSink, Scene, audit_written};
use passmuster::model::{AuditReport, DatasetStatus, RowRef, Status};
use passmuster::rules::read_suite;

/// Where a record is, with the codes of the reasons for which it fails a rule.
type Failure = (RowRef, Vec<String>);

/// A record by its dataset and place.
type Record = (String, RowRef);

/// The failing records of each rule in the order in which they came, with the codes of their reasons.
#[derive(Default)]
pub(crate) struct Collected {
    /// The ids of the rules.
    ids: Mutex<Vec<String>>,
    /// By rule.
    pub(crate) records: Mutex<BTreeMap<String, Vec<Failure>>>,
    /// The cells of each record.
    pub(crate) cells: Mutex<BTreeMap<Record, Vec<Option<String>>>>,
    /// The columns that are wanted.
    wanted: BTreeMap<String, Vec<String>>,
}

impl RecordSink for Collected {
    fn begin(&self, scene: &Scene<'_>) -> anyhow::Result<BTreeMap<String, Vec<String>>> {
        *self.ids.lock().unwrap() = scene.rules.iter().map(|bound| bound.rule.id.clone()).collect();
        Ok(self.wanted.clone())
    }

    fn take(&self, record: &FailingRecord<'_>) -> anyhow::Result<()> {
        let ids = self.ids.lock().unwrap();
        let mut records = self.records.lock().unwrap();
        for failed in record.rules {
            let codes = failed.reasons.iter().filter_map(|reason| reason.code().map(String::from)).collect();
            records.entry(ids[failed.rule].clone()).or_default().push((record.row.clone(), codes));
        }
        let place = (record.dataset.to_owned(), record.row.clone());
        assert!(self.cells.lock().unwrap().insert(place, record.cells.to_vec()).is_none(), "a record comes once");
        Ok(())
    }
}

/// The failing records of a suite, with the cells of these columns.
pub(crate) fn records_with(
    suite: &Path,
    options: &AuditOptions,
    wanted: BTreeMap<String, Vec<String>>,
) -> (AuditReport, Collected) {
    let collected = Collected { wanted, ..Collected::default() };
    let written = read_suite(&[suite.to_owned()], &options.load).unwrap_or_else(|error| panic!("{error}"));
    let audited = audit_written(written, options, &[&collected], &()).unwrap_or_else(|error| panic!("{error:#}"));
    (audited.report, collected)
}

/// The failing records of a suite.
pub(crate) fn records(suite: &Path, options: &AuditOptions) -> Collected {
    records_with(suite, options, BTreeMap::new()).1
}

/// Compares failing records with those that a report names, all of them.
pub(crate) fn compare(report: &AuditReport, handed_on: &Collected) {
    let records = handed_on.records.lock().unwrap();
    let audited = report.datasets.iter().filter(|dataset| dataset.status == DatasetStatus::Audited);
    for rule in audited.flat_map(|dataset| &dataset.rules) {
        // Of a group whose totals differ only the first row is named, and files with faults name lines.
        if ["reconciles", "well_formed"].contains(&rule.check.as_str()) || rule.status == Status::Errored {
            continue;
        }
        let none = Vec::new();
        let rows: Vec<&RowRef> = records.get(&rule.id).unwrap_or(&none).iter().map(|(row, _)| row).collect();
        assert_eq!(rows, rule.failing_rows.iter().collect::<Vec<_>>(), "{}", rule.id);
    }
}
