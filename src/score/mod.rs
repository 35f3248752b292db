//! Verdicts → scores that can be traced to integers.
//!
//! A rule's rate is `passed / evaluated`. Rates are combined as exact fractions and floored to hundredths at the end,
//! so no score is ever rounded up, and 100.00 means zero failures.

mod dataset;
mod gate;
mod interval;
mod segments;

pub use dataset::{DatasetScore, rate, score_dataset};
pub use gate::{Asked, judge_gate, owners};
pub use interval::{Interval, Sampled, interval, judge_sample};
pub use segments::judge_segments;
