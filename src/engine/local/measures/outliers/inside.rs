//! What exact fences and those of floats have in common.

use crate::model::{Outliers, Quantile, Value};

use crate::engine::local::numbers::moments::FixedSum;

/// How far rounding may move a fence, as a share of what it is computed from.
pub(super) const ROUNDING: f64 = Outliers::GRACE as f64 * f64::EPSILON;

/// The quartiles.
pub(super) const QUARTILES: [Quantile; 2] = [Quantile::percent(25), Quantile::percent(75)];

/// The least and the greatest value that are not too far.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fences<I> {
    /// Their images.
    pub(super) inside: (I, I),
    /// The fences as they are shown.
    pub(super) shown: (Value, Value),
}

/// The deviation of a sample with this sum of squares.
#[expect(clippy::cast_precision_loss, reason = "deviations are 64-bit floats")]
pub(super) fn deviation(squares: &FixedSum, count: u64) -> f64 {
    (squares.over(count) * (count as f64 / (count - 1) as f64)).sqrt()
}
