//! Keys and facts of one dataset, kept for rules about others.

pub(super) mod build;
pub(super) mod built;
pub(super) mod cogroup;
pub(super) mod join;
pub(super) mod matching;
pub(super) mod tables;
pub(super) mod total_columns;
