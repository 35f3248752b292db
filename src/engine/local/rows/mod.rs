//! Rows: their numbers, and which of them fail.

pub(super) mod records;
pub(super) mod sink;
