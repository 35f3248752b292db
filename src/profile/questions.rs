//! Measures that are collected for one pass over the datasets.

use std::collections::BTreeMap;

use crate::model::{AsOf, Lookup, Measure};
use crate::plan::{Plan, PlannedColumn, PlannedDataset};
use crate::source::SourceColumn;

/// A plan that grows.
#[derive(Debug)]
pub(super) struct Questions {
    plan: Plan,
}

impl Questions {
    /// No question yet.
    pub(super) const fn new(as_of: AsOf) -> Self {
        Self {
            plan: Plan {
                datasets: BTreeMap::new(),
                measures: Vec::new(),
                lookups: Vec::new(),
                codelists: BTreeMap::new(),
                as_of,
            },
        }
    }

    /// Makes a dataset known, with how its columns are parsed.
    pub(super) fn about(&mut self, name: &str, columns: &[SourceColumn], planned: &BTreeMap<String, PlannedColumn>) {
        let stored = columns.iter().filter_map(|column| Some((column.name.clone(), column.data_type?)));
        let dataset = PlannedDataset {
            asked: true,
            stored: stored.collect(),
            columns: planned.clone(),
            ..PlannedDataset::default()
        };
        self.plan.datasets.insert(name.to_owned(), dataset);
    }

    /// Asks for a measure; returns its position in the plan.
    pub(super) fn ask(&mut self, measure: Measure) -> usize {
        let lookups: Vec<Lookup> = measure.kind.lookups().into_iter().cloned().collect();
        for lookup in lookups {
            if !self.plan.lookups.contains(&lookup) {
                self.plan.lookups.push(lookup);
            }
        }
        self.plan.measures.push(measure);
        self.plan.measures.len() - 1
    }

    /// Whether nothing is asked.
    pub(super) const fn is_empty(&self) -> bool {
        self.plan.measures.is_empty()
    }

    /// The plan, with the columns that its measures read.
    pub(super) fn into_plan(mut self) -> Plan {
        let read: BTreeMap<String, _> =
            self.plan.datasets.keys().map(|name| (name.clone(), self.plan.columns_read(name))).collect();
        for (name, dataset) in &mut self.plan.datasets {
            dataset.columns.retain(|column, _| read.get(name).is_some_and(|read| read.contains(column)));
        }
        self.plan
    }
}
