//! A file of a dataset whose columns are known.

use std::collections::BTreeMap;

use super::files::data_file::DataFile;
use super::table::Table;

/// One file of a dataset.
#[derive(Debug)]
pub(super) struct OpenFile {
    pub(super) data: DataFile,
    pub(super) table: Box<dyn Table>,
    /// The position of each column in the file.
    pub(super) positions: BTreeMap<String, usize>,
    /// Whether there is nothing in it, not even columns.
    pub(super) is_empty_part: bool,
}
