//! How large a dataset is.

use std::collections::BTreeMap;

/// What is known about the size of a dataset before its rows are read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extent {
    /// Stored bytes of all files.
    pub bytes: u64,
    /// Rows, if the files state them.
    pub rows: Option<u64>,
    /// The most rows that there can be, if the sizes of the files say so, and lines of text have as many cells as columns.
    pub most_rows: Option<u64>,
    /// Whether cells are cut out of text, instead of being stored column by column.
    pub is_text: bool,
    /// Bytes of the cells of a column when unpacked, if the files state them.
    pub columns: BTreeMap<String, u64>,
}
