//! Where the time of workers goes, for `--profile`.

pub(super) mod clock;
pub(super) mod costs;
