//! Failing records of an audit: the rows that an engine hands on, joined with the rules that they fail.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use anyhow::bail;

use super::AuditOptions;
use super::prepare::Prepared;
use crate::engine::{Datasets, EvidenceSink, Execution, GroupFinding, Reason, RowFindings, WantedRows};
use crate::model::{MeasureKind, Notice, Reading, RowRef, RuleReport, Status};
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

/// Takes the failing records and groups of an audit, while it runs.
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

    /// Whether failing groups are taken, too.
    fn takes_groups(&self) -> bool {
        false
    }

    /// What the groups of these rules are ordered by in place of their key, if its order must not be seen.
    fn group_order(&self, _rules: &[usize], _key: &[Option<String>]) -> Option<Vec<Option<String>>> {
        None
    }

    /// Takes a group, an entity, an expected value or a gap that fails these rules, by their positions in [`Scene::rules`]. They
    /// come after all records, one after the other, and those of a rule in ascending order.
    ///
    /// # Errors
    /// Why no further group can be taken; the audit then ends with this error.
    fn take_group(&self, _rules: &[usize], _group: &GroupFinding<'_>) -> anyhow::Result<()> {
        Ok(())
    }

    /// What the reader of the report must know, once all records were taken.
    fn notices(&self) -> Vec<Notice> {
        Vec::new()
    }
}

/// Joins failing rows with rules, and gives them to all who take them.
pub(super) struct Joined<'a> {
    sinks: &'a [&'a dyn RecordSink],
    wanted: WantedRows,
    /// For each measure, the rules whose failing rows or groups are those of the measure.
    rules: Vec<Vec<usize>>,
    /// How many records fail each rule.
    counted: Vec<AtomicU64>,
    /// How many groups fail each measure, as its reading counts them.
    counted_groups: Vec<AtomicU64>,
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
            let is_about_groups = |measure: &usize| !planned.plan.measures[*measure].group_sides().is_empty();
            for measure in measures.iter().filter(|measure| fails(measure) || is_about_groups(measure)) {
                rules[*measure].push(rule);
            }
        }
        let is_wanted = |measure: &usize| !rules[*measure].is_empty();
        let kind = |measure: usize| &planned.plan.measures[measure].kind;
        let names_rows = |measure: &usize| has_failing_rows(kind(*measure), true);
        let measures = (0..rules.len()).filter(is_wanted).filter(names_rows).collect();
        let takes_groups = sinks.iter().any(|sink| sink.takes_groups());
        let is_about_groups =
            |measure: &usize| takes_groups && !planned.plan.measures[*measure].group_sides().is_empty();
        let groups = (0..rules.len()).filter(is_wanted).filter(is_about_groups).collect();
        let columns = columns.into_iter().map(|(dataset, columns)| (dataset, columns.into_iter().collect())).collect();
        Ok(Some(Self {
            sinks,
            wanted: WantedRows { measures, columns, groups },
            counted_groups: rules.iter().map(|_| AtomicU64::new(0)).collect(),
            rules,
            counted: prepared.bound.iter().map(|_| AtomicU64::new(0)).collect(),
            problem: Mutex::default(),
        }))
    }

    /// What the engine is asked for.
    pub(super) const fn wanted(&self) -> &WantedRows {
        &self.wanted
    }

    /// Makes sure that every record and group was taken, and that as many fail each rule as the rule counted.
    ///
    /// # Errors
    /// The first error of a sink; a rule for which the two differ.
    pub(super) fn check(
        self,
        rules: &[BoundRule],
        reports: &[RuleReport],
        execution: &Execution,
    ) -> anyhow::Result<()> {
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
        for measure in self.wanted.groups {
            let handed = self.counted_groups[measure].load(Ordering::Relaxed);
            let counted = execution.reading(measure).ok().and_then(Reading::failing_groups);
            let rule = self.rules[measure].first().and_then(|rule| reports.get(*rule));
            if let (Some(counted), Some(rule)) = (counted.filter(|counted| *counted != handed), rule) {
                bail!(
                    "{} counts {counted} failing {} and {handed} were handed on, so neither can be relied on; please report it",
                    rule.id,
                    rule.unit
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

impl Joined<'_> {
    /// Keeps the first error of a sink; returns whether there was none.
    fn goes_on(&self, taken: anyhow::Result<()>) -> bool {
        let Err(error) = taken else { return true };
        self.problem.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        false
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
        self.sinks.iter().all(|sink| self.goes_on(sink.take(&record)))
    }

    fn group_order(&self, measure: usize, key: &[Option<String>]) -> Option<Vec<Option<String>>> {
        self.sinks.iter().find_map(|sink| sink.group_order(&self.rules[measure], key))
    }

    fn take_group(&self, group: &GroupFinding<'_>) -> bool {
        self.counted_groups[group.measure].fetch_add(group.units, Ordering::Relaxed);
        let rules = &self.rules[group.measure];
        self.sinks.iter().all(|sink| self.goes_on(sink.take_group(rules, group)))
    }
}
