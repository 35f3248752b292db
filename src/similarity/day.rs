//! Similarity of dates and numbers.

use crate::model::Decimal;
use crate::scalar::civil_from_days;

/// The similarity of dates that differ by one typing slip.
const SLIP: f64 = 0.9;

/// How similar two dates are: 1 if equal; 0.9 if their dates, written YYYYMMDD, differ in one digit or by an exchange
/// of two neighbouring digits, or if day and month are exchanged. Otherwise, with `within`, linear from 1 down to 0 at
/// that many days. The larger value counts.
pub fn day_similarity(a: i32, b: i32, within: Option<u32>) -> f64 {
    if a == b {
        return 1.0;
    }
    let near = within.map_or(0.0, |within| number_similarity(f64::from(a), f64::from(b), f64::from(within)));
    let slipped = is_slip(a, b);
    near.max(if slipped { SLIP } else { 0.0 })
}

fn is_slip(a: i32, b: i32) -> bool {
    let (one, other) = (civil_from_days(a), civil_from_days(b));
    if one.0 == other.0 && one.1 == other.2 && one.2 == other.1 {
        return true;
    }
    let (one, other) = (digits(one), digits(other));
    let differing: Vec<usize> = (0..one.len()).filter(|at| one[*at] != other[*at]).collect();
    match differing.as_slice() {
        [_] => true,
        [first, second] => second - first == 1 && one[*first] == other[*second] && one[*second] == other[*first],
        _ => false,
    }
}

fn digits((year, month, day): (i32, u32, u32)) -> [u8; 8] {
    let mut rest = u64::from(year.unsigned_abs()) * 10_000 + u64::from(month * 100 + day);
    let mut digits = [0; 8];
    for digit in digits.iter_mut().rev() {
        *digit = u8::try_from(rest % 10).unwrap_or_default();
        rest /= 10;
    }
    digits
}

/// How similar two numbers are: linear from 1 if equal down to 0 at a difference of `within`.
pub fn number_similarity(a: f64, b: f64, within: f64) -> f64 {
    // The difference of equal infinities is not a number.
    if a.total_cmp(&b).is_eq() {
        return 1.0;
    }
    let near = 1.0 - (a - b).abs() / within;
    if near > 0.0 { near } else { 0.0 }
}

/// The same for exact numbers, whose difference is exact.
pub fn decimal_similarity(a: Decimal, b: Decimal, within: Decimal) -> f64 {
    // What lies too far apart for a decimal is not similar.
    let share = a.checked_sub(b).and_then(|difference| difference.abs().checked_div(within));
    share.and_then(|share| Decimal::from(1).checked_sub(share)).map_or(0.0, |near| near.max(Decimal::ZERO).to_float())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::scalar::days_from_civil;

    fn day(year: i32, month: u32, day: u32) -> i32 {
        days_from_civil(year, month, day).expect("a day")
    }

    #[test]
    fn slips_of_typing_are_near() {
        let base = day(1984, 3, 12);
        for (other, expected) in [
            (base, 1.0),
            (day(1984, 12, 3), 0.9),
            (day(1948, 3, 12), 0.9),
            (day(1984, 3, 21), 0.9),
            (day(1994, 3, 12), 0.9),
            (day(1984, 3, 13), 0.9),
            (day(1985, 3, 13), 0.0),
            (day(1999, 12, 31), 0.0),
        ] {
            assert!((day_similarity(base, other, None) - expected).abs() < 1e-12, "{other}");
        }
        assert!((day_similarity(day(2020, 1, 31), day(2020, 2, 2), Some(8)) - 0.75).abs() < 1e-12);
    }

    #[test]
    fn numbers_fall_in_a_straight_line() {
        for (a, b, expected) in [(3.0, 3.0, 1.0), (3.0, 4.0, 0.8), (3.0, -2.0, 0.0), (3.0, 100.0, 0.0)] {
            assert!((number_similarity(a, b, 5.0) - expected).abs() < 1e-12, "{a} and {b}");
        }
        assert!((number_similarity(f64::INFINITY, f64::INFINITY, 1.0) - 1.0).abs() < 1e-12);
        assert!(number_similarity(f64::INFINITY, 0.0, 1.0) < 1e-12);
    }

    proptest! {
        #[test]
        fn symmetric_and_bounded(a in -800_000..3_000_000i32, b in -800_000..3_000_000i32, near in -40..40i32) {
            for other in [b, a.saturating_add(near)] {
                for within in [None, Some(1), Some(30)] {
                    let found = day_similarity(a, other, within);
                    prop_assert!((0.0..=1.0).contains(&found));
                    prop_assert_eq!(found.to_bits(), day_similarity(other, a, within).to_bits());
                }
            }
        }
    }
}
