//! What is asked of the data before rules are bound to it.

use super::suite::Dataset;
use crate::source::SourceColumn;

/// The columns of the datasets as they are.
pub trait Schemas: Sync {
    /// The columns of a dataset in file order; `None` where it cannot be read.
    fn columns(&self, dataset: &str) -> Option<&[SourceColumn]>;

    /// Columns inside of nested columns of a dataset, which rules may name.
    fn inner_columns(&self, dataset: &str) -> &[SourceColumn];

    /// How the file of a dataset seems to be written, where that differs from what is declared: options of `source` in YAML.
    fn written_otherwise(&self, _dataset: &Dataset) -> Option<String> {
        None
    }
}
