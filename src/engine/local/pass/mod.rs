//! One pass over one dataset.

pub(super) mod early_stop;
pub(super) mod run;
pub(super) mod segments;
