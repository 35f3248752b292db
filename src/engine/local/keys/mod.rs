//! What rows are compared by: keys as numbers, and facts that two datasets must agree on.

pub(super) mod compared;
pub(super) mod hashed;
pub(super) mod words;
