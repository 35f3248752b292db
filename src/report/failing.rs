//! Failing rows, as formats list them that have room for rows.

use std::io;

use crate::model::FailingRow;

/// The failing rows that an audit recorded.
pub trait FailingRows {
    /// The datasets with failing rows, in the order in which they are listed.
    fn datasets(&self) -> Vec<ListedDataset>;

    /// What is not listed and why, a sentence each.
    fn left_out(&self) -> Vec<String>;

    /// Gives every failing row of a dataset, in the order of the data.
    ///
    /// # Errors
    /// Where the rows cannot be read, or what `visit` returns.
    fn visit(&self, dataset: &str, visit: &mut dyn FnMut(&FailingRow) -> io::Result<()>) -> io::Result<()>;
}

/// A dataset whose failing rows are listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedDataset {
    /// Its name.
    pub name: String,
    /// The names of its key columns.
    pub key: Vec<String>,
    /// The names of the columns whose cells were asked for.
    pub revealed: Vec<String>,
}
