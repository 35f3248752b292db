//! Which columns a plan reads.

use std::collections::BTreeSet;

use super::Plan;
use crate::model::{Expr, Kept, Lookup, Measure, MeasureKind};

impl Plan {
    /// The columns that a measure reads of its own dataset, each once.
    pub fn columns_of(&self, measure: &Measure) -> BTreeSet<String> {
        let own: Vec<&str> = match &measure.kind {
            MeasureKind::RowCount | MeasureKind::Columns | MeasureKind::Framing | MeasureKind::Digest => Vec::new(),
            MeasureKind::Content { column } => vec![column.as_str()],
            MeasureKind::Rows(predicate) => predicate.columns(),
            MeasureKind::DuplicateKeys(key) => key.columns.iter().map(String::as_str).collect(),
            MeasureKind::DuplicateRows { ignore } => {
                let stored = self.datasets.get(&measure.dataset).into_iter().flat_map(|dataset| &dataset.stored);
                stored.map(|(name, _)| name.as_str()).filter(|name| !ignore.iter().any(|i| i == name)).collect()
            }
            MeasureKind::Grouped(grouped) => grouped.columns(),
            MeasureKind::Covers(covered) => vec![&covered.column],
            MeasureKind::Continuous(continuous) => continuous.columns(),
            MeasureKind::Similar(similar) => similar.columns(),
            MeasureKind::Entities(entities) => entities.columns(),
            MeasureKind::Reconciles(totals) => totals.columns(),
            MeasureKind::Figure(aggregate) => aggregate.columns(),
            MeasureKind::Outliers(outliers) => outliers.columns(),
            MeasureKind::Steady(wanted) => vec![&wanted.column],
            MeasureKind::Lag(delays) => vec![&delays.delay.from, &delays.delay.to],
            MeasureKind::Uniform(test) => vec![&test.column],
            MeasureKind::PersonalData(test) => vec![&test.column],
        };
        let filter = measure.filter.as_ref().map(Expr::columns).unwrap_or_default();
        let segment = measure.segment.iter().map(String::as_str);
        own.into_iter().chain(filter).chain(segment).map(str::to_owned).collect()
    }

    /// The columns that measures and lookups read of a dataset, each once.
    pub(super) fn columns_read(&self, dataset: &str) -> BTreeSet<String> {
        let measures = self.measures.iter().filter(|measure| measure.dataset == dataset);
        let lookups = self.lookups.iter().filter(|lookup| lookup.dataset == dataset);
        measures.flat_map(|measure| self.columns_of(measure)).chain(lookups.flat_map(columns_of_lookup)).collect()
    }
}

/// The columns that a lookup reads of its dataset, each once.
pub fn columns_of_lookup(lookup: &Lookup) -> BTreeSet<String> {
    let facts = lookup.facts.iter().map(|fact| fact.column.clone());
    let totals = match &lookup.kept {
        Kept::Totals(totals) => totals.iter().filter_map(|total| total.value.as_ref()).collect(),
        Kept::Keys | Kept::DoubtfulKeys | Kept::Rows => Vec::new(),
    };
    let read = totals.into_iter().chain(&lookup.filter).flat_map(Expr::columns).map(str::to_owned);
    lookup.key.columns.iter().cloned().chain(facts).chain(read).collect()
}
