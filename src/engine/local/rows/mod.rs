//! Rows: their numbers, and which of them fail.

pub(super) mod failed_rows;
pub(super) mod records;
pub(super) mod sink;
