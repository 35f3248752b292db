//! Failing groups of an execution: collected while measures are completed, and sorted by their names once these are known.

pub(super) mod failing;
pub(super) mod key_filter;
pub(super) mod records;
pub(super) mod sorted;
