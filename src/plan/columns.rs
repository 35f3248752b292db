//! Which columns a plan reads.

use std::collections::BTreeSet;

use super::{Parsing, Plan};
use crate::model::{DataType, DateNotation, Expr, Kept, Lookup, Measure, MeasureKind, Predicate};

impl Plan {
    /// The columns that a measure reads of its own dataset, each once.
    pub fn columns_of(&self, measure: &Measure) -> BTreeSet<String> {
        let own: Vec<&str> = match &measure.kind {
            MeasureKind::RowCount | MeasureKind::Columns | MeasureKind::Framing | MeasureKind::Digest => Vec::new(),
            MeasureKind::Content { column } => vec![column.as_str()],
            MeasureKind::Values(wanted) => vec![&wanted.column],
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

    /// The types in which columns of a dataset are parsed, each once: that of the column, and those that a rule names. Any
    /// text is text, so that type is left out.
    pub fn parsings(&self, dataset: &str) -> BTreeSet<Parsing> {
        let Some(planned) = self.datasets.get(dataset) else { return BTreeSet::new() };
        let is_date = |data_type| matches!(data_type, DataType::Date | DataType::Datetime);
        let parsing = |column: &String, data_type: DataType, format: &Option<DateNotation>| {
            let own = planned.columns.get(column).and_then(|planned| planned.format.as_ref());
            let format = format.as_ref().or(own).filter(|_| is_date(data_type)).cloned();
            Parsing { column: column.clone(), data_type, format }
        };
        let columns =
            planned.columns.iter().map(|(column, planned)| parsing(column, planned.data_type, &planned.format));
        let measures = self.measures.iter().filter(|measure| measure.dataset == dataset);
        let named = measures.filter_map(|measure| match &measure.kind {
            MeasureKind::Rows(Predicate::Readable { column, data_type, format }) => {
                Some(parsing(column, *data_type, format))
            }
            _ => None,
        });
        let stored = |column: &str| planned.stored.iter().find(|(name, _)| name == column).map(|(_, stored)| *stored);
        let is_parsed =
            |parsing: &Parsing| stored(&parsing.column).is_some_and(|stored| holds(stored, parsing.data_type));
        columns.chain(named).filter(is_parsed).collect()
    }

    /// The columns that measures and lookups read of a dataset, each once.
    pub fn columns_read(&self, dataset: &str) -> BTreeSet<String> {
        let measures = self.measures.iter().filter(|measure| measure.dataset == dataset);
        let lookups = self.lookups.iter().filter(|lookup| lookup.dataset == dataset);
        measures.flat_map(|measure| self.columns_of(measure)).chain(lookups.flat_map(columns_of_lookup)).collect()
    }
}

/// Whether values that are stored as one type are parsed as another. Any text is text, and no rule parses other pairs.
fn holds(stored: DataType, data_type: DataType) -> bool {
    match (stored, data_type) {
        (_, DataType::Text | DataType::Binary) => false,
        (DataType::Text, _) | (DataType::Date, DataType::Datetime) => true,
        (stored, DataType::Integer) => stored == DataType::Integer,
        (stored, data_type) => stored == data_type || (stored.is_numeric() && data_type.is_numeric()),
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
