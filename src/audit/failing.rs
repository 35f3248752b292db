//! Failing records of an audit: the rows that an engine hands on, joined with the rules that they fail.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use anyhow::bail;

use super::AuditOptions;
use super::prepare::Prepared;
use crate::engine::{Datasets, EvidenceSink, Reason, RowFindings, WantedRows};
use crate::model::{MeasureKind, Notice, RowRef, RuleReport, Status};
use crate::plan::Planned;
use crate::rules::{BoundRule, Suite};

/// What somebody who takes failing records knows before the first one.
pub struct Scene<'a> {
    /// The suite.
    pub suite: &'a Suite,
    /// The rules; failing records name them by their positions here.
    pub rules: &'a [BoundRule],
    /// The datasets that were opened, by name.
    pub opened: &'a Datasets,
    /// The files of each dataset that was opened, in the order in which rows name them.
    pub files: BTreeMap<String, Vec<String>>,
    /// The columns of each dataset that was opened.
    pub columns: BTreeMap<String, Vec<String>>,
}

impl Scene<'_> {
    /// Whether records can fail a rule: it is about rows, and its measures name those that fail.
    pub fn can_fail_records(rule: &BoundRule) -> bool {
        let mut measures = rule.measures.iter().flatten();
        rule.check.is_about_rows() && measures.any(|measure| has_failing_rows(&measure.kind, true))
    }
}

/// A record that fails at least one rule.
#[derive(Debug)]
pub struct FailingRecord<'a> {
    /// Its dataset.
    pub dataset: &'a str,
    /// Where it is.
    pub row: &'a RowRef,
    /// The rules that it fails, ascending.
    pub rules: &'a [RuleFinding],
    /// The names of `cells`.
    pub columns: &'a [String],
    /// The cells that were asked for, as they are stored; `None` for null and empty ones.
    pub cells: &'a [Option<String>],
}

/// A rule that a record fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleFinding {
    /// Its position in [`Scene::rules`].
    pub rule: usize,
    /// Why, at least one.
    pub reasons: Vec<Reason>,
}

/// Takes the failing records of an audit, while it runs.
pub trait RecordSink: Sync {
    /// Prepares for the records; returns the columns of each dataset whose cells are wanted with them.
    ///
    /// # Errors
    /// Why the audit need not begin.
    fn begin(&self, scene: &Scene<'_>) -> anyhow::Result<BTreeMap<String, Vec<String>>>;

    /// Takes a failing record. Those of a dataset come one after the other and in file order; several datasets may come at
    /// the same time.
    ///
    /// # Errors
    /// Why no further record can be taken; the audit then ends with this error.
    fn take(&self, record: &FailingRecord<'_>) -> anyhow::Result<()>;

    /// What the reader of the report must know, once all records were taken.
    fn notices(&self) -> Vec<Notice> {
        Vec::new()
    }
}

/// Joins failing rows with rules, and gives them to all who take them.
pub(super) struct Joined<'a> {
    sinks: &'a [&'a dyn RecordSink],
    wanted: WantedRows,
    /// For each measure, the rules whose failing rows are those of the measure.
    rules: Vec<Vec<usize>>,
    /// How many records fail each rule.
    counted: Vec<AtomicU64>,
    /// The first error of a sink.
    problem: Mutex<Option<anyhow::Error>>,
}

impl<'a> Joined<'a> {
    /// Asks all sinks what they want; `None` where nobody takes failing records.
    ///
    /// # Errors
    /// Those of the sinks.
    pub(super) fn prepare(
        sinks: &'a [&'a dyn RecordSink],
        prepared: &Prepared,
        planned: &Planned,
        options: &AuditOptions,
    ) -> anyhow::Result<Option<Self>> {
        if sinks.is_empty() {
            return Ok(None);
        }
        if options.sample.is_some() || options.stop_early {
            bail!("failing rows are those of a whole audit: leave --sample and --stop-early out");
        }
        if !options.engine.hands_on_rows() {
            bail!("the engine {} does not hand on failing rows: choose another --engine", options.engine.name());
        }
        let opened = &prepared.opened.datasets;
        let names =
            |columns: &[crate::source::SourceColumn]| columns.iter().map(|column| column.name.clone()).collect();
        let scene = Scene {
            suite: &prepared.written.suite,
            rules: &prepared.bound,
            opened,
            files: opened.iter().map(|(name, dataset)| (name.clone(), dataset.files())).collect(),
            columns: opened.iter().map(|(name, dataset)| (name.clone(), names(dataset.columns()))).collect(),
        };
        let mut columns: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for sink in sinks {
            for (dataset, wanted) in sink.begin(&scene)? {
                columns.entry(dataset).or_default().extend(wanted);
            }
        }
        let mut rules: Vec<Vec<usize>> = vec![Vec::new(); planned.plan.measures.len()];
        for (rule, (bound, measures)) in prepared.bound.iter().zip(&planned.rule_measures).enumerate() {
            let is_about_rows = bound.check.is_about_rows();
            let fails = |measure: &&usize| has_failing_rows(&planned.plan.measures[**measure].kind, is_about_rows);
            for measure in measures.iter().filter(fails) {
                rules[*measure].push(rule);
            }
        }
        let measures = (0..rules.len()).filter(|measure| !rules[*measure].is_empty()).collect();
        let columns = columns.into_iter().map(|(dataset, columns)| (dataset, columns.into_iter().collect())).collect();
        Ok(Some(Self {
            sinks,
            wanted: WantedRows { measures, columns },
            rules,
            counted: prepared.bound.iter().map(|_| AtomicU64::new(0)).collect(),
            problem: Mutex::default(),
        }))
    }

    /// What the engine is asked for.
    pub(super) const fn wanted(&self) -> &WantedRows {
        &self.wanted
    }

    /// Makes sure that every record was taken, and that as many fail each rule about rows as the rule counted.
    ///
    /// # Errors
    /// The first error of a sink; a rule for which the two differ.
    pub(super) fn check(self, rules: &[BoundRule], reports: &[RuleReport]) -> anyhow::Result<()> {
        if let Some(problem) = self.problem.into_inner().unwrap_or_else(PoisonError::into_inner) {
            return Err(problem);
        }
        for ((bound, report), handed) in rules.iter().zip(reports).zip(self.counted) {
            if !judges_rows(bound) || report.status == Status::Errored {
                continue;
            }
            let (handed, counted) = (handed.into_inner(), report.failed);
            if handed != counted {
                bail!(
                    "{} counts {counted} failing rows and {handed} were handed on, so neither can be relied on; please report it",
                    report.id
                );
            }
        }
        Ok(())
    }
}

/// Whether a rule counts rows, and nothing else. One about the framing of files counts faults of headers, too.
pub(super) fn judges_rows(bound: &BoundRule) -> bool {
    bound.check.is_about_rows() && bound.measures.iter().flatten().all(|measure| measure.kind.judges_rows())
}

/// Whether the failing rows of a measure are records that fail a rule. Those of totals only show where a group is, and
/// malformed records fail only rules about rows.
pub(super) const fn has_failing_rows(kind: &MeasureKind, is_about_rows: bool) -> bool {
    match kind {
        MeasureKind::Reconciles(_) => false,
        MeasureKind::Framing => is_about_rows,
        kind => kind.names_rows(),
    }
}

impl EvidenceSink for Joined<'_> {
    fn take(&self, dataset: &str, row: &RowFindings<'_>) -> bool {
        let mut failed: BTreeMap<usize, Vec<Reason>> = BTreeMap::new();
        for finding in row.findings {
            for rule in &self.rules[finding.measure] {
                failed.entry(*rule).or_default().push(finding.reason);
            }
        }
        let failed: Vec<RuleFinding> =
            failed.into_iter().map(|(rule, reasons)| RuleFinding { rule, reasons }).collect();
        for RuleFinding { rule, .. } in &failed {
            self.counted[*rule].fetch_add(1, Ordering::Relaxed);
        }
        let columns = self.wanted.columns.get(dataset).map_or(&[][..], Vec::as_slice);
        let record = FailingRecord { dataset, row: &row.row, rules: &failed, columns, cells: row.cells };
        for sink in self.sinks {
            if let Err(error) = sink.take(&record) {
                self.problem.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                return false;
            }
        }
        true
    }
}
