//! One pass over one dataset.

pub(super) mod batch_counts;
mod coded_rows;
mod costs;
pub(super) mod early_stop;
pub(super) mod evidence;
pub(super) mod failure_counts;
pub(super) mod filters;
pub(super) mod findings;
pub(super) mod group_by;
pub(super) mod groups;
pub(super) mod late_sink;
pub(super) mod measure_run;
pub(super) mod run;
pub(super) mod scan;
pub(super) mod section;
pub(super) mod tally;
pub(super) mod value_codes;
