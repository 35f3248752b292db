//! The datasets of a suite with the columns that they have, and what checks may ask of them.

use std::collections::BTreeMap;

use super::bound::BoundRule;
use super::diagnostic::Faults;
use super::expression::Columns;
use super::schemas::Schemas;
use super::suite::Dataset;
use super::table::{Known, Table, is_text};
use super::written::Written;
use crate::checks::{Declaration, Scope};
use crate::model::{AsOf, DataType, DateNotation, Expr};

/// The datasets of a suite with the columns that they have.
pub struct Catalogue<'a> {
    pub(super) written: &'a Written,
    pub(super) files: Faults,
    pub(super) declared: BTreeMap<&'a str, &'a Dataset>,
    pub(super) tables: BTreeMap<&'a str, Table<'a>>,
    /// Whether the columns are those of the data; otherwise they are what is declared.
    pub(super) has_data: bool,
}

impl<'a> Catalogue<'a> {
    /// Looks up the columns of every dataset of the suite.
    pub fn new(written: &'a Written, schemas: &'a dyn Schemas) -> Self {
        let declared = written.suite.datasets.iter().map(|dataset| (dataset.name.as_str(), dataset)).collect();
        let tables = written.suite.datasets.iter().filter_map(|dataset| {
            let order = schemas.columns(&dataset.name)?;
            let inner = schemas.inner_columns(&dataset.name);
            let stored = inner.iter().chain(order).map(|column| (column.name.as_str(), column)).collect();
            Some((
                dataset.name.as_str(),
                Table { dataset, order, inner, stored, known: Known::Stored, schemas: Some(schemas) },
            ))
        });
        Self { written, files: Faults::of(&written.files), declared, tables: tables.collect(), has_data: true }
    }

    /// The columns as they are declared, before there is data: a rule that does not fit them fits no data. What is not
    /// declared may be anything and is not a fault.
    pub(super) fn before_data(written: &'a Written) -> Self {
        let declared = written.suite.datasets.iter().map(|dataset| (dataset.name.as_str(), dataset)).collect();
        let tables = written.suite.datasets.iter().map(|dataset| {
            let known = Known::Declared { text: is_text(dataset) };
            (
                dataset.name.as_str(),
                Table { dataset, order: &[], inner: &[], stored: BTreeMap::new(), known, schemas: None },
            )
        });
        Self { written, files: Faults::of(&written.files), declared, tables: tables.collect(), has_data: false }
    }

    /// What the check of a bound rule may ask while it judges.
    pub fn scope<'s>(&'s self, bound: &'s BoundRule) -> impl Scope + 's {
        RuleScope { catalogue: self, dataset: &bound.rule.dataset, filter: bound.filter.as_ref() }
    }
}

/// What a check may ask.
pub(super) struct RuleScope<'a> {
    pub(super) catalogue: &'a Catalogue<'a>,
    pub(super) dataset: &'a str,
    pub(super) filter: Option<&'a Expr>,
}

impl Scope for RuleScope<'_> {
    fn suite(&self) -> &str {
        &self.catalogue.written.suite.name
    }

    fn dataset(&self) -> &str {
        self.dataset
    }

    fn filter(&self) -> Option<&Expr> {
        self.filter
    }

    fn as_of(&self) -> AsOf {
        self.catalogue.written.suite.as_of
    }

    fn column_type(&self, dataset: &str, column: &str) -> Option<DataType> {
        self.catalogue.tables.get(dataset)?.effective(column).ok()
    }

    fn list_length(&self, dataset: &str, column: &str) -> Option<String> {
        self.catalogue.tables.get(dataset)?.list_length(column)
    }

    fn columns(&self, dataset: &str) -> Option<Vec<String>> {
        let table = self.catalogue.tables.get(dataset).filter(|table| table.known == Known::Stored);
        table.map(Columns::names)
    }

    fn inner_columns(&self, dataset: &str) -> Vec<(String, Option<DataType>)> {
        let table = self.catalogue.tables.get(dataset);
        let all = |table: &Table<'_>| {
            let inner = table.inner.iter().map(|column| (column.name.clone(), table.effective(&column.name).ok()));
            inner.collect()
        };
        table.map(all).unwrap_or_default()
    }

    fn key(&self, dataset: &str) -> Vec<String> {
        self.catalogue.declared.get(dataset).map(|dataset| dataset.key.clone()).unwrap_or_default()
    }

    fn is_personal(&self, dataset: &str, column: &str) -> bool {
        let declared = self.catalogue.declared.get(dataset).and_then(|dataset| dataset.column(column));
        declared.is_some_and(|column| column.pii.is_some())
    }

    fn format(&self, dataset: &str, column: &str) -> Option<DateNotation> {
        self.catalogue.declared.get(dataset)?.column(column)?.format.clone()
    }

    fn declared(&self) -> Declaration {
        let dataset = self.catalogue.declared.get(self.dataset);
        dataset.map(|dataset| dataset.declared(&self.columns(self.dataset).unwrap_or_default())).unwrap_or_default()
    }
}
