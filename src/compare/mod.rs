//! Two results of a suite: what changed from one to the other, and which failures are known.
//!
//! Pure: it compares the counts of reports, and only those that answer the same question.

mod comparable;
mod diff;
mod growth;
mod known;

pub use diff::{CompareError, compare};
pub use known::{BaselineError, check_baseline, known_failures};
