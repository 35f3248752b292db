//! The plain engine: every row in memory, every measure a loop over rows, every number exact.
//!
//! It exists to be read and to be compared with. Where another engine gives a different number, one of the two
//! is wrong, and this engine consists of the definition alone: values are those of [`scalar`](crate::scalar), groups are maps,
//! orders are sorted lists, sums are fractions. It neither hashes nor spills nor stops early.

mod aggregates;
mod candidates;
mod data;
mod dates;
mod distributions;
mod groups;
mod lookups;
mod numbers;
mod outliers;
mod predicates;
mod rows;
mod scope;
mod similar;
mod texts;
mod totals;
mod unparseable;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::internal_error::catch_internal_error;
use super::{Dataset, DatasetFacts, Datasets, Engine, Execution, MemoryLimit, Request, Watch};
use crate::memory;
use crate::model::{ColumnFact, Measure, MeasureKind, Notice, Reading, Unmeasured, Unsupported};
use crate::plan::{Costs, Plan};
use crate::source::{Source, SourceError, SourceSpec};

use data::Data;
use rows::Table;
use scope::{Measured, Outcome, Scoped};

/// The plain engine.
#[derive(Debug)]
pub struct ReferenceEngine;

impl Engine for ReferenceEngine {
    fn name(&self) -> &'static str {
        "reference"
    }

    fn summary(&self) -> &'static str {
        "counts row by row in plain code, slowly and in memory, to check other engines"
    }

    fn supports(&self, _: &Measure) -> Result<(), Unsupported> {
        Ok(())
    }

    fn open(&self, spec: &SourceSpec, memory: u64) -> Result<Box<dyn Dataset>, SourceError> {
        Ok(Box::new(Source::open_within(spec, memory)?))
    }

    fn explain(&self, plan: &Plan, _: &Datasets, rules_of: &dyn Fn(usize) -> Vec<String>) -> String {
        let mut text = format!("{} measures, each by a loop over the rows of its dataset.\n", plan.measures.len());
        for (at, measure) in plan.measures.iter().enumerate() {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "\n{}: {measure}", measure.dataset);
            for rule in rules_of(at) {
                let _ = writeln!(text, "  for {rule}");
            }
        }
        text
    }

    fn predict(&self, _: &Plan, _: &Datasets) -> Option<Costs> {
        None
    }

    fn execute(&self, request: &Request, datasets: &Datasets, watch: Watch<'_>) -> Execution {
        // Rows are decoded by that many threads, and counted by one.
        match rayon::ThreadPoolBuilder::new().num_threads(request.limits.threads).build() {
            Ok(pool) => pool.install(|| Self::count(request, datasets, watch)),
            // Without threads of its own it decodes on those that rayon has.
            Err(_) => Self::count(request, datasets, watch),
        }
    }
}

impl ReferenceEngine {
    fn count(request: &Request, datasets: &Datasets, watch: Watch<'_>) -> Execution {
        let plan = &request.plan;
        let data = Data::load(request, datasets, watch.progress);
        let mut execution = Execution { threads: rayon::current_num_threads(), ..Execution::default() };
        let mut unclean: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
        for (at, measure) in plan.measures.iter().enumerate() {
            if watch.progress.cancelled() {
                execution.readings.push(Err(Unmeasured::Cancelled));
                continue;
            }
            let measured = catch_internal_error(|| self::measure(&data, measure, watch));
            let reading = measured.map(|Measured { mut reading, outcomes }| {
                let fails = |at: &usize| matches!(outcomes[*at], Outcome::Failed | Outcome::Unreadable);
                let failing = (0..outcomes.len()).filter(fails);
                if let (Some(named), Ok(table)) = (reading.failing_rows_mut(), data.table(&measure.dataset)) {
                    let first = failing.clone().take(request.want.failing_rows);
                    *named = first.filter_map(|row| Some(table.rows.get(row)?.place.clone())).collect();
                }
                if plan.datasets.get(&measure.dataset).is_some_and(|dataset| dataset.record_rules.contains(&at)) {
                    unclean.entry(&measure.dataset).or_default().extend(failing);
                }
                if !measure.segment.is_empty() && measure.kind.judges_rows() {
                    let table = data.table(&measure.dataset);
                    let segments = table.and_then(|table| groups::segments(&measure.segment, table, &outcomes));
                    execution.segments.insert(at, segments);
                }
                reading
            });
            execution.readings.push(reading);
        }
        for (name, table) in &data.tables {
            let unclean = unclean.remove(name.as_str()).unwrap_or_default();
            let facts = table.as_ref().map(|table| table.facts(&unclean, data.columns(name))).map_err(Clone::clone);
            if let Err(problem) = &facts {
                execution.notices.push(Notice {
                    dataset: Some(name.clone()),
                    rule: None,
                    text: format!("could not be audited: {problem}"),
                });
            }
            execution.datasets.insert(name.clone(), facts);
            for (column, reason) in table.iter().flat_map(|table| &table.lost) {
                execution.notices.push(Notice {
                    dataset: Some(name.clone()),
                    rule: None,
                    text: format!("the column `{}` could not be read: {reason}", column.escape_debug()),
                });
            }
            if let Ok(table) = table {
                execution.unparseable.insert(name.clone(), unparseable::count(table, plan, name));
            }
        }
        if request.most_failures.is_some() {
            let text = "the engine reference does not stop early: all rows were read".to_owned();
            execution.notices.push(Notice { dataset: None, rule: None, text });
        }
        if let MemoryLimit::Process(limit) = request.limits.memory {
            execution.memory_doubt = memory::peak().filter(|peak| *peak > limit).map(|peak| {
                format!(
                    "the engine reference needed {} MiB, more than the {} MiB of --memory: allow more, or use --engine local",
                    peak >> 20,
                    limit >> 20
                )
            });
        }
        execution.samples = data.drawn;
        execution.cancelled = watch.progress.cancelled();
        execution
    }
}

/// Takes one measure.
fn measure(data: &Data<'_>, measure: &Measure, watch: Watch<'_>) -> Result<Measured, Unmeasured> {
    let source = || {
        let source = data.sources.get(measure.dataset.as_str());
        source.ok_or_else(|| Unmeasured::unreadable("the dataset was not opened"))
    };
    let as_of = data.plan.as_of;
    let rows = || Scoped::new(data.table(&measure.dataset)?, measure.filter.as_ref(), as_of);
    match &measure.kind {
        MeasureKind::RowCount => {
            let rows = rows()?;
            Ok(Reading::Count { rows: rows.rows().count() as u64, unreadable: rows.doubts() }.into())
        }
        MeasureKind::Rows(predicate) => predicates::measure(predicate, &rows()?, data),
        MeasureKind::DuplicateKeys(key) => groups::duplicate_keys(key, &rows()?),
        MeasureKind::DuplicateRows { ignore } => {
            let stored = data.plan.datasets.get(&measure.dataset).into_iter().flat_map(|dataset| &dataset.stored);
            let columns: Vec<String> =
                stored.map(|(name, _)| name.clone()).filter(|name| !ignore.contains(name)).collect();
            groups::duplicate_rows(&columns, &rows()?)
        }
        MeasureKind::Grouped(grouped) => groups::measure(grouped, &rows()?),
        MeasureKind::Covers(wanted) => lookups::covers(wanted, &rows()?, data),
        MeasureKind::Continuous(continuous) => dates::continuous(continuous, &rows()?),
        MeasureKind::Similar(similar) => similar::measure(similar, &rows()?),
        MeasureKind::Figure(aggregate) => aggregates::measure(aggregate, &rows()?, as_of),
        MeasureKind::Entities(entities) => lookups::entities(entities, &rows()?, data),
        MeasureKind::Reconciles(totals) => totals::reconcile(totals, &rows()?, data),
        MeasureKind::Outliers(outliers) => outliers::measure(outliers, &rows()?),
        MeasureKind::Lag(wanted) => dates::lag(wanted, &rows()?),
        MeasureKind::Uniform(test) => texts::uniform(test, &rows()?),
        MeasureKind::PersonalData(test) => texts::personal_data(test, &rows()?, as_of),
        MeasureKind::Steady(wanted) => distributions::measure(wanted, &rows()?),
        MeasureKind::Content { column } => texts::content(column, &rows()?),
        MeasureKind::Values(wanted) => texts::values(wanted, &rows()?),
        MeasureKind::Columns => Ok(Reading::Columns(data.columns(&measure.dataset)).into()),
        MeasureKind::Framing => Ok(Reading::Framing(data.table(&measure.dataset)?.framing.clone()).into()),
        MeasureKind::Digest => {
            let digest = source()?.digest(&|| !watch.progress.cancelled());
            let digest = digest.map_err(|error| Unmeasured::unreadable(error.to_string()))?;
            Ok(Reading::Digest(digest).into())
        }
    }
}

impl Table {
    /// What is known of the dataset beside its measures. Rows that are malformed or `unclean` are not clean.
    fn facts(&self, unclean: &BTreeSet<usize>, columns: Vec<ColumnFact>) -> DatasetFacts {
        let clean = self.rows.iter().enumerate().filter(|(at, row)| !row.malformed && !unclean.contains(at));
        DatasetFacts {
            rows: self.rows.len() as u64,
            batches: self.batches,
            clean: clean.count() as u64,
            files: self.files.clone(),
            columns,
            framing: self.framing.clone(),
        }
    }
}
