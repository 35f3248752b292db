//! Columns that tell rows apart.

use crate::model::{ProfiledColumn, ProfiledKey};

/// The share in hundredths of rows that may share the value of a column that is nearly a key.
pub(super) const NEARLY_KEY: u64 = 2;

/// A column that has another value in each row, or in nearly each.
pub(super) fn key(column: &ProfiledColumn) -> Option<ProfiledKey> {
    let (distinct, once) = (column.distinct?, column.once?);
    let rows = column.reads_as.as_ref()?.values;
    let duplicated = rows.saturating_sub(once);
    let is_nearly = rows > 1 && rows > column.missing && distinct > 1 && duplicated * 100 <= rows * NEARLY_KEY;
    is_nearly.then(|| ProfiledKey { columns: vec![column.name.clone()], rows, duplicated, missing: column.missing })
}
