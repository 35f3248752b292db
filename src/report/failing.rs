//! Failing rows, as formats list them that have room for rows.

use std::io;

/// The failing rows that an audit recorded.
pub trait FailingRows {
    /// The datasets with failing rows, in the order in which they are listed.
    fn datasets(&self) -> Vec<ListedDataset>;

    /// Gives every failing row of a dataset, in the order of the data.
    ///
    /// # Errors
    /// Where the rows cannot be read, or what `visit` returns.
    fn visit(&self, dataset: &str, visit: &mut dyn FnMut(&ListedRow) -> io::Result<()>) -> io::Result<()>;
}

/// A dataset whose failing rows are listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedDataset {
    /// Its name.
    pub name: String,
    /// How many failing rows are listed.
    pub rows: u64,
    /// The names of its key columns.
    pub key: Vec<String>,
    /// The names of the columns whose cells were asked for.
    pub revealed: Vec<String>,
}

/// A failing row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedRow {
    /// Its file.
    pub file: String,
    /// Its number in the file, from 1.
    pub record: u64,
    /// The line on which it begins, in files of lines.
    pub line: Option<u64>,
    /// Its key.
    pub key: Vec<Option<String>>,
    /// Its cells that were asked for.
    pub cells: Vec<Option<String>>,
    /// The rules that it fails, each with the reason in words where there is one.
    pub failed: Vec<(String, Option<String>)>,
}
