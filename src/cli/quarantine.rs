//! `passmuster audit --quarantine DIR`: collects failing rows during the audit, and splits the inputs after it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use anyhow::{Context, anyhow};

use super::signals::Signals;
use super::{args, output};
use crate::audit::{Audited, FailingRecord, RecordSink, Scene};
use crate::model::{
    Count, DatasetReport, DatasetStatus, QUARANTINE_FORMAT, QuarantineManifest, QuarantinedDataset, Severity,
};
use crate::output_folder::{OutputFolder, file_names};
use crate::quarantine::{KeptMarks, Quarantine, QuarantineError, ToSplit};
use crate::report::{Safe, json};
use crate::rules::Suite;
use crate::source::{Marked, Source};

/// How inputs are split.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Quarantine")]
pub(super) struct QuarantineArgs {
    /// Split each input into its passing and its failing rows, in files like it in the folder DIR
    ///
    /// Failing rows get a last column with the ids of the rules that they failed. Rules about rows of severity major or worse
    /// count; a rule about the whole dataset puts no row there. DIR is made if it does not exist. All files can be read by their
    /// owner alone. See docs/quarantine.md.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["sample", "stop_early"])]
    quarantine: Option<PathBuf>,

    /// Rules of this severity or worse count for --quarantine [default: major]
    #[arg(long, value_name = "SEVERITY", value_parser = args::severity(), requires = "quarantine")]
    quarantine_severity: Option<Severity>,
}

impl QuarantineArgs {
    /// Who collects the failing rows; `None` where nothing is to be split. With `force` the folder need not be empty.
    ///
    /// # Errors
    /// Where the folder cannot be used.
    pub(super) fn collector(&self, suite: &Suite, spill_dir: &Path, force: bool) -> anyhow::Result<Option<Collector>> {
        let Some(folder) = &self.quarantine else { return Ok(None) };
        let folder = OutputFolder::open(folder, force)?;
        output::spare_from_folder(&folder, "--quarantine", &suite.inputs)?;
        Ok(Some(Collector {
            folder,
            severity: self.quarantine_severity.unwrap_or(Severity::Major),
            spill_dir: spill_dir.to_path_buf(),
            places: OnceLock::new(),
            datasets: Mutex::default(),
        }))
    }

    /// The folder, as the user wrote it.
    pub(super) fn folder(&self) -> Option<&Path> {
        self.quarantine.as_deref()
    }
}

/// What a user asks to be split, and the failing rows so far.
pub(super) struct Collector {
    /// Takes both parts of each file.
    folder: OutputFolder,
    /// Rows that fail a rule of this severity or worse are failing rows.
    severity: Severity,
    /// Where failing rows are kept.
    spill_dir: PathBuf,
    /// For each rule, its position among those of its dataset that count.
    places: OnceLock<Vec<Option<u32>>>,
    /// The datasets with such rules.
    datasets: Mutex<BTreeMap<String, Collected>>,
}

/// The failing rows of a dataset.
struct Collected {
    /// The ids of the rules that count.
    rules: Vec<String>,
    rows: KeptMarks,
}

impl RecordSink for Collector {
    fn begin(&self, scene: &Scene<'_>) -> anyhow::Result<BTreeMap<String, Vec<String>>> {
        let mut ids: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        let mut places = Vec::with_capacity(scene.rules.len());
        for bound in scene.rules {
            let rule = &bound.rule;
            let counts = rule.severity >= self.severity && Scene::can_fail_records(bound);
            let ids = counts.then(|| ids.entry(&rule.dataset).or_default());
            places.push(ids.map(|ids| {
                ids.push(rule.id.clone());
                u32::try_from(ids.len() - 1).unwrap_or(u32::MAX)
            }));
        }
        let mut datasets = self.datasets.lock().unwrap_or_else(PoisonError::into_inner);
        for (dataset, rules) in ids {
            // Of a dataset that could not be opened no rows come.
            let Some(opened) = scene.opened.get(dataset) else { continue };
            if let Some(source) = opened.downcast::<Source>() {
                source.check_splittable().with_context(|| format!("--quarantine cannot split {}", Safe(dataset)))?;
            }
            let rows = KeptMarks::new(&self.spill_dir).context("no file for failing rows can be made")?;
            datasets.insert(dataset.to_owned(), Collected { rules, rows });
        }
        self.places.set(places).map_err(|_| anyhow!("an audit begins once"))?;
        Ok(BTreeMap::new())
    }

    fn take(&self, record: &FailingRecord<'_>) -> anyhow::Result<()> {
        let places = self.places.get().map_or(&[][..], Vec::as_slice);
        let rules: Vec<u32> = record.rules.iter().filter_map(|failed| *places.get(failed.rule)?).collect();
        if rules.is_empty() {
            return Ok(());
        }
        let mut datasets = self.datasets.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(collected) = datasets.get_mut(record.dataset) else { return Ok(()) };
        let marked = Marked { file: record.row.file, record: record.row.record, rules };
        collected.rows.push(&marked).with_context(|| {
            format!("failing rows do not fit into {}; name another folder with --spill-dir", self.spill_dir.display())
        })
    }
}

/// Splits the inputs of a finished audit, and says what was split. `false`: the user stopped it, and nothing
/// of it stays.
///
/// # Errors
/// Why an input cannot be split, or a file not be written; nothing of the quarantine stays then.
pub(super) fn split(collector: Collector, audited: &Audited, signals: &Signals, quiet: bool) -> anyhow::Result<bool> {
    let Collector { folder, severity, datasets, .. } = collector;
    let mut collected = datasets.into_inner().unwrap_or_else(PoisonError::into_inner);
    let given = folder.given().to_path_buf();
    // A dataset without a rule is not in the report; it is named here all the same.
    let reports: BTreeMap<&str, &DatasetReport> =
        audited.report.datasets.iter().map(|report| (report.name.as_str(), report)).collect();
    let names: BTreeSet<&str> = audited.datasets.keys().map(String::as_str).chain(reports.keys().copied()).collect();
    let folders = file_names(names.iter().copied());
    let mut quarantine = Quarantine::new(folder);
    for (name, folder) in names.into_iter().zip(&folders) {
        let error = reports.get(name).filter(|report| report.status == DatasetStatus::Errored);
        let source = audited.datasets.get(name).and_then(|dataset| dataset.downcast::<Source>());
        let reason = match (error, source, collected.remove(name)) {
            (Some(report), ..) => format!("it could not be audited: {}", report.error.as_deref().unwrap_or_default()),
            (_, Some(source), Some(Collected { rules, rows })) => {
                let mut rows = rows.rows().context("failing rows cannot be kept")?;
                let go_on = || signals.caught().is_none();
                let dataset = ToSplit { name, folder, source, rules: &rules, go_on: &go_on };
                match quarantine.split(dataset, &mut rows) {
                    Err(error) if error.is_cancelled() => return Ok(false),
                    Err(error) => return Err(nothing_stays(error)),
                    Ok(()) => continue,
                }
            }
            _ => format!("no rule about its rows is {severity} or worse"),
        };
        quarantine.leave_out(name, &reason);
    }
    let manifest = QuarantineManifest {
        format: QUARANTINE_FORMAT.to_owned(),
        tool: audited.report.tool.clone(),
        result: audited.report.digest.clone().unwrap_or_default(),
        severity,
        datasets: quarantine.datasets().to_vec(),
    };
    quarantine.publish(&json::written(&manifest)).map_err(nothing_stays)?;
    for dataset in manifest.datasets.iter().filter(|dataset| !quiet || dataset.not_split.is_some()) {
        output::say(line(dataset, &given));
    }
    Ok(true)
}

fn nothing_stays(error: QuarantineError) -> anyhow::Error {
    anyhow::Error::from(error).context("--quarantine wrote nothing")
}

/// What became of a dataset.
fn line(dataset: &QuarantinedDataset, given: &Path) -> String {
    let name = Safe(&dataset.dataset);
    match (&dataset.not_split, &dataset.folder) {
        (None, Some(folder)) => {
            let rows = if dataset.passing == 1 { "row" } else { "rows" };
            let folder = given.join(folder);
            format!(
                "quarantine: {name}: {} {rows} passing, {} failing, in {}",
                Count(dataset.passing),
                Count(dataset.failing),
                Safe(&folder.to_string_lossy())
            )
        }
        (reason, _) => format!("quarantine: {name}: not split: {}", Safe(reason.as_deref().unwrap_or_default())),
    }
}
