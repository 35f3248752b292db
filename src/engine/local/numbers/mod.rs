//! Exact arithmetic on numbers, without knowledge of batches.

pub(super) mod decimal_sum;
pub(super) mod fixed;
pub(super) mod float_sum;
pub(super) mod image;
pub(super) mod moments;
pub(super) mod quantile;
pub(super) mod selection;
