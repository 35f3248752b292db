//! Bounds that are a little wider than the values, at round numbers.

use super::real::{small, whole};

/// The greatest number whose bounds are rounded; greater ones lose digits on the way.
const GREATEST: f64 = 1e15;

/// A round number: a coefficient and the places behind the point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Round {
    coefficient: i128,
    exponent: i32,
}

impl Round {
    fn text(self) -> String {
        let Self { coefficient, exponent } = self;
        if let Ok(zeros @ 1..) = u32::try_from(exponent) {
            return (coefficient * 10_i128.pow(zeros.min(18))).to_string();
        }
        let places = exponent.unsigned_abs() as usize;
        if places == 0 || coefficient == 0 {
            return coefficient.to_string();
        }
        let digits = format!("{:0>width$}", coefficient.unsigned_abs(), width = places + 1);
        let (whole, part) = digits.split_at(digits.len() - places);
        let part = part.trim_end_matches('0');
        let sign = if coefficient < 0 { "-" } else { "" };
        if part.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") }
    }
}

/// A step of 1, 2 or 5 times a power of ten, at least as great as `least`: the coefficient and the power.
fn step(least: f64) -> (i128, i32) {
    let exponent = i32::try_from(whole(least.log10().floor())).unwrap_or_default().clamp(-12, 15);
    let power = 10_f64.powi(exponent);
    for coefficient in [1, 2, 5] {
        if small(coefficient) * power >= least {
            return (coefficient, exponent);
        }
    }
    (1, exponent + 1)
}

/// Bounds around numbers from `least` to `greatest`, wider by part of their distance and rounded outward to a step of 1, 2 or
/// 5. Zero is a bound where no number is on its other side. `is_whole`: the numbers are whole, and so are the bounds.
///
/// `None` where all numbers are the same, or where they are too great to be rounded.
pub(super) fn outward(least: f64, greatest: f64, is_whole: bool) -> Option<(String, String)> {
    let span = greatest - least;
    let is_fit = span > 0.0 && least.abs() < GREATEST && greatest.abs() < GREATEST;
    if !is_fit {
        return None;
    }
    let (coefficient, exponent) = step(if is_whole { (span / 5.0).max(1.0) } else { span / 5.0 });
    let size = small(coefficient) * 10_f64.powi(exponent);
    let at = |steps: f64| Round { coefficient: whole(steps) * coefficient, exponent };
    let mut low = at(((least - span * 0.1) / size).floor());
    let mut high = at(((greatest + span * 0.25) / size).ceil());
    if least >= 0.0 && low.coefficient < 0 {
        low.coefficient = 0;
    }
    if greatest <= 0.0 && high.coefficient > 0 {
        high.coefficient = 0;
    }
    // A number of up to a tenth of the greatest above zero begins at zero.
    if least >= 0.0 && least * 10.0 <= greatest {
        low.coefficient = 0;
    }
    Some((low.text(), high.text()))
}

/// A round count of characters that is at least as great: one of 1, 2, 3, 5 and so on up to ten, then of wider steps.
pub(super) fn length(greatest: u64) -> u64 {
    const STEPS: [u64; 12] = [5, 10, 20, 30, 50, 80, 100, 150, 200, 255, 500, 1_000];
    let wished = greatest + greatest / 4 + 1;
    STEPS.into_iter().find(|step| *step >= wished).unwrap_or_else(|| wished.div_ceil(1_000) * 1_000)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bounds_are_round_and_wider() {
        for (least, greatest, whole, expected) in [
            (1.0, 97.0, true, ("0", "140")),
            (0.001, 0.128, false, ("0", "0.2")),
            (8.4, 32.0, false, ("5", "40")),
            (1956.0, 2013.0, true, ("1940", "2040")),
            (-12.5, 40.0, false, ("-20", "60")),
            (-40.0, -3.0, true, ("-50", "0")),
            (1_000_000.0, 9_000_000.0, true, ("0", "12000000")),
            (0.0, 1.0, true, ("0", "2")),
        ] {
            let found = outward(least, greatest, whole).expect("bounds");
            assert_eq!((found.0.as_str(), found.1.as_str()), expected, "{least}..{greatest}");
        }
        assert_eq!(outward(3.0, 3.0, true), None);
        assert_eq!(outward(0.0, 1e18, true), None);
        assert_eq!(outward(f64::NAN, 1.0, true), None);
    }

    #[test]
    fn lengths_are_round_and_greater() {
        assert_eq!([3, 4, 9, 40, 255, 300, 2_000].map(length), [5, 10, 20, 80, 500, 500, 3_000]);
    }

    proptest! {
        #[test]
        fn no_bound_cuts_a_value_off(least in -1e14..1e14_f64, span in 1e-3..1e14_f64, whole: bool) {
            let (low, high) = outward(least, least + span, whole).expect("bounds");
            let (low, high): (f64, f64) = (low.parse().unwrap(), high.parse().unwrap());
            prop_assert!(low <= least && least + span <= high, "{low}..{high}");
        }
    }
}
