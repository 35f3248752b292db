//! Days in identifiers.

use crate::scalar::days_from_civil;

/// Whether the date exists.
pub(super) fn is_day(year: u64, month: u64, day: u64) -> bool {
    let part = |number: u64| u32::try_from(number).ok();
    let year = i32::try_from(year).ok();
    matches!((year, part(month), part(day)), (Some(y), Some(m), Some(d)) if days_from_civil(y, m, d).is_some())
}
