//! Verdicts → scores that can be traced to integers.
//!
//! A rule's rate is `passed / evaluated`. Rates are combined as exact fractions and floored to hundredths at the end,
//! so no score is ever rounded up, and 100.00 means zero failures.

mod dataset;
mod fraction;
mod gate;
mod repair;
mod trail;
mod units;

pub use dataset::{DatasetScore, score_dataset};
pub use gate::{Asked, judge_gate, owners};
pub use repair::repairs;
pub use trail::{DimensionTrail, RuleTrail, ScoreTrail, UnitTrail};
