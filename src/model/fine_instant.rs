//! Timestamps with a part below the microsecond.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A timestamp to the nanosecond. Its order is that of time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct FineInstant {
    /// Whole microseconds since 1970-01-01T00:00:00.
    pub micros: i64,
    /// The nanoseconds after them, 0 to 999.
    pub nanos: u16,
}

impl FineInstant {
    /// A timestamp of whole microseconds since 1970.
    pub const fn of_micros(micros: i64) -> Self {
        Self { micros, nanos: 0 }
    }

    /// A timestamp in nanoseconds since 1970.
    pub fn of_nanos(nanos: i64) -> Self {
        Self { micros: nanos.div_euclid(1_000), nanos: u16::try_from(nanos.rem_euclid(1_000)).unwrap_or_default() }
    }
}
