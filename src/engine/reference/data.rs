//! A plan with all of its datasets in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::engine::internal_error::catch_internal_error;
use crate::engine::{Datasets, Drawn, MemoryLimit, Progress, Request};
use crate::memory;
use crate::model::{ColumnFact, Unmeasured};
use crate::plan::Plan;
use crate::source::{Sample, Source, SourceColumn};

use super::rows::Table;

/// Bytes of rows that are held at the most, whatever memory there is.
const MOST_BYTES: u64 = 4 << 30;

/// The most columns of a dataset without which it is read again.
const MOST_LOST: usize = 8;

/// A plan with all of its datasets in memory.
pub(super) struct Data<'p> {
    pub plan: &'p Plan,
    pub sources: BTreeMap<&'p str, &'p Source>,
    pub tables: BTreeMap<String, Result<Table, Unmeasured>>,
    /// What was drawn of each dataset for which a sample was requested.
    pub drawn: BTreeMap<String, Drawn>,
}

impl<'p> Data<'p> {
    /// Reads the datasets that the plan measures or looks into.
    pub(super) fn load(request: &'p Request, datasets: &'p Datasets, progress: &dyn Progress) -> Self {
        let plan = &request.plan;
        let room = AtomicU64::new(match request.limits.memory {
            // What is worked out of rows (groups, sorted lists) may take twice as much as they do.
            MemoryLimit::Process(bytes) => {
                (bytes.saturating_sub(memory::resident().unwrap_or_default()) / 3).min(MOST_BYTES)
            }
            MemoryLimit::Keys(_) => MOST_BYTES,
        });
        let sources: BTreeMap<&str, &Source> =
            datasets.iter().filter_map(|(name, dataset)| Some((name.as_str(), dataset.downcast()?))).collect();
        let measured = plan.measures.iter().map(|measure| measure.dataset.as_str());
        let needed: BTreeSet<&str> =
            measured.chain(plan.lookups.iter().map(|lookup| lookup.dataset.as_str())).collect();
        let mut tables = BTreeMap::new();
        let mut drawn = BTreeMap::new();
        for (name, planned) in &plan.datasets {
            let Some(source) = sources.get(name.as_str()) else { continue };
            if planned.asked || needed.contains(name.as_str()) {
                // There is one table of a dataset, so that others can look into all of its rows.
                let sample = request.samples.get(name).map(|share| {
                    if plan.lookups.iter().any(|lookup| lookup.dataset == *name) {
                        return Err("other rules look into it".to_owned());
                    }
                    source.sample(*share).map_err(|reason| reason.to_string())
                });
                let drawn_rows = sample.as_ref().and_then(|sample| sample.as_ref().ok());
                let mut lost = source.lost_columns().len();
                let table = loop {
                    let before = room.load(Ordering::Relaxed);
                    let table =
                        catch_internal_error(|| Table::load(name, source, planned, drawn_rows, &room, progress));
                    // A column that cannot be decoded is left out, and the others are read.
                    let now = source.lost_columns().len();
                    if table.is_ok() || now == lost || lost >= MOST_LOST {
                        break table;
                    }
                    lost = now;
                    room.store(before, Ordering::Relaxed);
                };
                if let Some(sample) = sample {
                    let part = |sample: Sample| Drawn::Part { asked: sample.asked(), share: sample.share() };
                    drawn.insert(name.clone(), sample.map_or_else(Drawn::Whole, part));
                }
                tables.insert(name.clone(), table);
            }
        }
        Self { plan, sources, tables, drawn }
    }

    /// The rows of a dataset.
    ///
    /// # Errors
    /// Where it was not read.
    pub(super) fn table(&self, name: &str) -> Result<&Table, Unmeasured> {
        match self.tables.get(name) {
            Some(Ok(table)) => Ok(table),
            Some(Err(problem)) => Err(problem.clone()),
            None => Err(Unmeasured::unreadable("the dataset was not read")),
        }
    }

    /// The rows of a dataset that a measure of another looks into.
    ///
    /// # Errors
    /// Where it was not read.
    pub(super) fn other(&self, name: &str) -> Result<&Table, Unmeasured> {
        match self.tables.get(name) {
            Some(Ok(table)) => Ok(table),
            Some(Err(_)) => Err(Unmeasured::unreadable(format!("dataset {name} could not be read"))),
            None => Err(Unmeasured::unreadable("the other dataset was not read")),
        }
    }

    /// The columns of a dataset as a report shows them.
    pub(super) fn columns(&self, dataset: &str) -> Vec<ColumnFact> {
        let declared = self.plan.datasets.get(dataset).map(|dataset| &dataset.columns);
        let source = self.sources.get(dataset);
        let columns = source.map_or(&[][..], |source| source.columns()).iter();
        let fact = |column: &SourceColumn| ColumnFact {
            name: column.name.clone(),
            stored: column.stored.clone(),
            data_type: declared.and_then(|columns| Some(columns.get(&column.name)?.data_type)).or(column.data_type),
            held: column.data_type,
            series: source.and_then(|source| Some(source.series(&column.name)?.clone())),
        };
        columns.map(fact).collect()
    }
}
