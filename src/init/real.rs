//! Counts and numbers as floats, where a figure need not be exact.

/// A count as a float.
#[expect(clippy::cast_precision_loss, reason = "it is compared with what is expected by chance, not counted")]
pub(super) const fn real(count: u64) -> f64 {
    count as f64
}

/// A small whole number as a float.
#[expect(clippy::cast_precision_loss, reason = "1, 2 or 5")]
pub(super) const fn small(number: i128) -> f64 {
    number as f64
}

/// The greatest count in hundredths.
const MOST: f64 = 1e12;

/// How many hundredths of a number a count is, rounded down.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is from 0 to a trillion")]
pub(super) fn hundredths(count: u64, of: f64) -> u64 {
    let share = real(count) / of * 100.0;
    if share.is_nan() { 0 } else { share.clamp(0.0, MOST) as u64 }
}

/// A whole number that a float is.
#[expect(clippy::cast_possible_truncation, reason = "a number of up to fifteen digits has no more after rounding")]
pub(super) const fn whole(number: f64) -> i128 {
    number as i128
}
