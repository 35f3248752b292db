//! A dataset that an engine has opened.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;

use crate::source::{Beginning, Source, SourceColumn};

/// A dataset that an engine has opened: its columns are known, its rows are not read. Only the engine that opened it
/// knows what is behind it.
pub trait Dataset: Any + fmt::Debug + Send + Sync {
    /// The columns in the order of the dataset.
    fn columns(&self) -> &[SourceColumn];

    /// Columns inside of nested columns, which rules may name: `address.city`, `length(tags)`.
    fn inner_columns(&self) -> &[SourceColumn];

    /// The first and last bytes of its first file, where that is delimited text.
    fn beginning(&self) -> Option<Beginning>;

    /// How many rows there are, where this is known before they are read.
    fn rows(&self) -> Option<u64>;

    /// The paths of its files as reports show them, in the order in which rows name them.
    fn files(&self) -> Vec<String>;
}

impl dyn Dataset {
    /// What is behind it, for the engine that opened it; `None` for another.
    pub fn downcast<T: Dataset>(&self) -> Option<&T> {
        (self as &dyn Any).downcast_ref()
    }
}

/// The datasets of a suite that could be opened, by name.
pub type Datasets = BTreeMap<String, Box<dyn Dataset>>;

impl Dataset for Source {
    fn columns(&self) -> &[SourceColumn] {
        self.columns()
    }

    fn inner_columns(&self) -> &[SourceColumn] {
        self.inner_columns()
    }

    fn beginning(&self) -> Option<Beginning> {
        self.format().has_option("delimiter").then(|| self.beginning().ok()).flatten()
    }

    fn rows(&self) -> Option<u64> {
        self.extent().rows
    }

    fn files(&self) -> Vec<String> {
        self.paths().map(str::to_owned).collect()
    }
}
