//! A file of a dataset whose columns are known.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::column::SourceColumn;
use super::files::data_file::DataFile;
use super::table::Table;
use crate::model::nfc;

/// One file of a dataset.
#[derive(Debug)]
pub(super) struct OpenFile {
    pub(super) data: DataFile,
    pub(super) table: Box<dyn Table>,
    /// Its columns; letters of names are composed with their marks.
    pub(super) columns: Vec<SourceColumn>,
    /// Columns inside of nested columns, likewise.
    pub(super) inner_columns: Vec<SourceColumn>,
    /// The position of each column in the file.
    pub(super) positions: BTreeMap<String, usize>,
    /// Whether there is nothing in it, not even columns.
    pub(super) is_empty_part: bool,
}

impl OpenFile {
    /// A file whose table was opened.
    pub(super) fn new(data: DataFile, table: Box<dyn Table>, is_empty_part: bool) -> Self {
        let (columns, inner_columns) = (composed(table.columns()), composed(table.inner_columns()));
        let positions = positions(&columns, &inner_columns);
        Self { data, table, columns, inner_columns, positions, is_empty_part }
    }

    /// Takes over the columns of all files, and those inside of them, where a file of the format may have any of them, and columns
    /// of text where cells can be given as text.
    pub(super) fn adopt(&mut self, columns: &[SourceColumn], inner: &[SourceColumn]) {
        if !self.is_empty_part {
            self.table.adopt(columns, inner);
        }
        (self.columns, self.inner_columns) = (composed(self.table.columns()), composed(self.table.inner_columns()));
        self.positions = positions(&self.columns, &self.inner_columns);
    }
}

/// Columns with composed names. A name that another column has already stays as it is.
fn composed(columns: &[SourceColumn]) -> Vec<SourceColumn> {
    let mut taken: BTreeSet<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let mut found = Vec::with_capacity(columns.len());
    let made: Vec<Option<String>> = columns
        .iter()
        .map(|column| match nfc(&column.name) {
            Cow::Owned(name) if !taken.contains(name.as_str()) => Some(name),
            _ => None,
        })
        .collect();
    for (column, name) in columns.iter().zip(&made) {
        let name = name.as_ref().filter(|name| taken.insert(name.as_str())).unwrap_or(&column.name);
        found.push(SourceColumn { name: name.clone(), ..column.clone() });
    }
    found
}

/// The position of each column, inner ones behind the others.
pub(super) fn positions(columns: &[SourceColumn], inner: &[SourceColumn]) -> BTreeMap<String, usize> {
    columns.iter().chain(inner).enumerate().map(|(position, column)| (column.name.clone(), position)).collect()
}
