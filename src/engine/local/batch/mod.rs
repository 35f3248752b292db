//! A batch as measures see it: cells, typed and missing, and conditions over them.

pub(super) mod cells;
pub(super) mod computed;
pub(super) mod condition;
pub(super) mod dictionary;
