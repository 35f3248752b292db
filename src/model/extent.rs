//! How large a dataset is.

use std::collections::BTreeMap;

/// What is known of the size of a dataset before its rows are read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extent {
    /// Stored bytes of all files.
    pub bytes: u64,
    /// Rows, where the files tell.
    pub rows: Option<u64>,
    /// Whether cells are cut out of text, and not stored column by column.
    pub is_text: bool,
    /// Bytes of the cells of a column when unpacked, where the files tell.
    pub columns: BTreeMap<String, u64>,
}
