//! Where failures concentrate: which counts are asked of the engine, and what the report says of them.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::bail;

use super::failing::{has_failing_rows, judges_rows};
use super::options::AuditOptions;
use super::prepare::Prepared;
use crate::engine::{Execution, WantedCounts};
use crate::judge::{fail_together, where_failing};
use crate::model::{ComparedFailures, DatasetReport, RuleReport, Status, Unit};
use crate::plan::{Planned, planned_column};
use crate::rules::BoundRule;

/// The most columns of a dataset by which failing rows are grouped.
const MOST_COLUMNS: usize = 100;

/// The failing rows of each rule, counted by groups.
pub(super) struct FailuresByGroup {
    /// A class for each rule, in their order.
    wanted: WantedCounts,
    /// For each rule the first one that the same rows fail by definition: it measures the same, judged in another way.
    same_rows: Vec<usize>,
    /// For each dataset what it is about.
    columns: BTreeMap<String, Columns>,
}

/// The columns of a dataset that are not used.
struct Columns {
    personal: Vec<String>,
    not_read: Vec<String>,
}

impl FailuresByGroup {
    /// Chooses the columns; `None` where the user does not ask for it.
    ///
    /// # Errors
    /// What does not go together with it.
    pub(super) fn prepare(
        prepared: &Prepared,
        planned: &Planned,
        options: &AuditOptions,
    ) -> anyhow::Result<Option<Self>> {
        if !options.where_failing {
            return Ok(None);
        }
        options.needs_whole("--where-failing")?;
        if !options.engine.counts_failures() {
            bail!(
                "the engine {} does not count failing rows by groups: leave --where-failing out, or choose another --engine",
                options.engine.name()
            );
        }
        let suite = &prepared.written.suite;
        let classes = prepared.bound.iter().zip(&planned.rule_measures).map(|(bound, measures)| {
            let is_about_rows = bound.check.is_about_rows();
            let fails = |measure: &&usize| has_failing_rows(&planned.plan.measures[**measure].kind, is_about_rows);
            measures.iter().filter(fails).copied().collect()
        });
        let mut wanted = WantedCounts { classes: classes.collect(), columns: BTreeMap::new() };
        let measured: Vec<Vec<_>> = wanted
            .classes
            .iter()
            .map(|class| {
                let measures = class.iter().map(|at| &planned.plan.measures[*at]);
                measures.map(|measure| (&measure.dataset, &measure.kind, &measure.filter)).collect()
            })
            .collect();
        let first = |rule: usize| measured.iter().position(|other| *other == measured[rule]).unwrap_or(rule);
        let same_rows = (0..measured.len()).map(first).collect();
        let mut columns = BTreeMap::new();
        for (name, opened) in &prepared.opened.datasets {
            let declared = suite.datasets.iter().find(|dataset| dataset.name == *name);
            let is_personal = |column: &&str| declared.is_some_and(|dataset| dataset.is_personal(column));
            let unreadable = opened.columns().iter().filter(|column| column.data_type.is_none());
            let readable = || opened.columns().iter().filter(|column| column.data_type.is_some());
            let personal = readable().map(|column| column.name.as_str()).filter(is_personal).map(str::to_owned);
            let personal: Vec<String> = personal.collect();
            let usable = readable().filter(|column| !personal.contains(&column.name));
            let mut read = BTreeMap::new();
            let mut not_read: Vec<String> = unreadable.map(|column| column.name.clone()).collect();
            for column in usable {
                match column.data_type {
                    Some(stored) if read.len() < MOST_COLUMNS => {
                        read.insert(column.name.clone(), planned_column(declared, &column.name, stored));
                    }
                    _ => not_read.push(column.name.clone()),
                }
            }
            wanted.columns.insert(name.clone(), read);
            columns.insert(name.clone(), Columns { personal, not_read });
        }
        Ok(Some(Self { wanted, same_rows, columns }))
    }

    /// What the engine is asked for.
    pub(super) const fn wanted(&self) -> &WantedCounts {
        &self.wanted
    }

    /// Adds to each failed rule where its failing rows are.
    ///
    /// # Errors
    /// A rule that counts other failing rows than the engine counted by groups.
    pub(super) fn explain(
        rules: &[BoundRule],
        execution: &Execution,
        reports: &mut [RuleReport],
    ) -> anyhow::Result<()> {
        for ((class, bound), report) in rules.iter().enumerate().zip(reports) {
            if report.failed == 0 || !is_failed(report) {
                continue;
            }
            let dataset = report.rows_of.as_ref().unwrap_or(&report.dataset);
            let Some(counts) = execution.failure_counts.get(dataset) else { continue };
            // Groups of a `segment` have a suppression of their own, which other counts of the same groups would undo.
            let segments =
                rules.iter().filter(|other| other.rule.dataset == *dataset).flat_map(|other| &other.rule.segment);
            let own: BTreeSet<&str> = report.columns.iter().chain(segments).map(String::as_str).collect();
            let judged = if report.unit == Unit::Rows { report.evaluated } else { counts.rows };
            let found = where_failing(counts, class, judged, &own);
            if judges_rows(bound) && found.failing != report.failed {
                bail!(
                    "{} counts {} failing rows, and {} were counted by groups, so neither can be relied on; please report it",
                    report.id,
                    report.failed,
                    found.failing
                );
            }
            if found.failing > 0 {
                report.where_failing = Some(found);
            }
        }
        Ok(())
    }

    /// Adds to each dataset what was compared, and which of its rules fail together.
    pub(super) fn compare(&self, rules: &[BoundRule], execution: &Execution, reports: &mut [DatasetReport]) {
        let failed: BTreeSet<&str> = reports
            .iter()
            .flat_map(|report| &report.rules)
            .filter(|rule| is_failed(rule))
            .map(|rule| rule.id.as_str())
            .collect();
        let failed_id =
            |rule: usize| rules.get(rule).map(|rule| &rule.rule.id).filter(|id| failed.contains(id.as_str()));
        let id = |rule: usize| {
            // That rules with the same rows fail together says nothing: one of them is enough.
            let first = self.same_rows.get(rule).copied().filter(|first| *first != rule);
            failed_id(rule).filter(|_| first.is_none_or(|first| failed_id(first).is_none())).cloned()
        };
        let mut found: BTreeMap<String, ComparedFailures> = BTreeMap::new();
        for (name, counts) in &execution.failure_counts {
            let Some(Columns { personal, not_read }) = self.columns.get(name) else { continue };
            let (together, more_together) = fail_together(counts, &id);
            let in_pairs: BTreeSet<usize> =
                counts.tables.iter().filter(|table| table.by.len() == 2).flat_map(|table| table.by.clone()).collect();
            let grouped_by = counts.columns.iter().map(|column| column.part.of(&column.column));
            found.insert(
                name.clone(),
                ComparedFailures {
                    rows: counts.rows,
                    grouped_by: grouped_by.collect(),
                    in_pairs: in_pairs.len() as u64,
                    left_out: counts.left_out.clone(),
                    not_read: not_read.clone(),
                    personal: personal.clone(),
                    together,
                    more_together,
                },
            );
        }
        for report in reports {
            report.compared_failures = found.remove(&report.name);
        }
    }
}

/// Whether somebody looks for the cause of the failures of a rule.
pub(super) const fn is_failed(rule: &RuleReport) -> bool {
    matches!(rule.status, Status::Failed | Status::Waived | Status::Warned)
}
