//! From a plan to passes: every dataset is read as few times as its measures and lookups allow.

mod cost;
mod explain;
mod passes;
mod sample;
mod sections;

use std::collections::BTreeSet;

pub(super) use cost::predict;
pub(super) use explain::explain;
pub(super) use passes::{Pass, read_counted};
pub(super) use sections::Section;

use crate::plan::Plan;

/// The passes of a plan, in an order in which every lookup is built before it is used. Of the datasets in `sampled` only
/// a sample is read.
pub(super) fn lower(plan: &Plan, sampled: &BTreeSet<&str>) -> Vec<Pass> {
    let passes = passes::collect(plan);
    if sampled.is_empty() { passes } else { sample::narrow(plan, passes, sampled) }
}
