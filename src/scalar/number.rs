//! Numbers as exports write them: ASCII digits, no grouping, no spaces.

use crate::model::{Decimal, Value};

/// Parses an optional sign and ASCII digits. Leading zeros are accepted (`007` is 7); a number that does not fit 64
/// bits is not: [`parse_long_integer`] is for those.
pub fn parse_integer(text: &str) -> Option<i64> {
    text.parse().ok()
}

/// The same for up to 38 digits.
pub fn parse_long_integer(text: &str) -> Option<Decimal> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.bytes().all(|byte| byte.is_ascii_digit()) { Decimal::parse(text) } else { None }
}

/// Parses an optional sign, digits, an optional fraction and an optional exponent, as the nearest 64-bit float.
///
/// `.5`, `5.`, `inf`, `nan` and grouped digits are refused, and so is a number too large for a float (`1e400`).
pub fn parse_float(text: &str) -> Option<f64> {
    let bytes = text.as_bytes();
    let mut at = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    at = digits(bytes, at)?;
    if bytes.get(at) == Some(&b'.') {
        at = digits(bytes, at + 1)?;
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        at += 1;
        at += usize::from(matches!(bytes.get(at), Some(b'+' | b'-')));
        at = digits(bytes, at)?;
    }
    if at != bytes.len() {
        return None;
    }
    text.parse::<f64>().ok().filter(|number| number.is_finite())
}

/// The same as a 32-bit float, as [`Value::single`] has it.
pub fn parse_single(text: &str) -> Option<f64> {
    parse_float(text).and_then(nearest_single)
}

/// The number rounded to the precision of a 32-bit float; `None` where it is too large for one.
pub fn nearest_single(number: f64) -> Option<f64> {
    #[expect(clippy::cast_possible_truncation, reason = "rounded on purpose")]
    let single = number as f32;
    (single.is_finite() || !number.is_finite()).then(|| Value::single(single))
}

/// The position after one or more digits.
fn digits(bytes: &[u8], from: usize) -> Option<usize> {
    let count = bytes.get(from..)?.iter().take_while(|b| b.is_ascii_digit()).count();
    (count > 0).then_some(from + count)
}

/// Rounds half away from zero to that many digits after the point.
///
/// Works on the shortest decimal that parses to the number, so 2.675 to two digits is 2.68 although the float is
/// slightly smaller.
pub(super) fn round_float(number: f64, digits: usize) -> f64 {
    if digits == 0 || !number.is_finite() {
        return number.round();
    }
    let text = number.abs().to_string();
    let Some((whole, fraction)) = text.split_once('.') else { return number };
    if fraction.len() <= digits {
        return number;
    }
    let (kept, dropped) = fraction.split_at(digits);
    let mut rounded = format!("{whole}{kept}").into_bytes();
    if dropped.as_bytes()[0] >= b'5' {
        increment(&mut rounded);
    }
    rounded.insert(rounded.len() - digits, b'.');
    // Digits and one point are always a number.
    let magnitude: f64 = String::from_utf8_lossy(&rounded).parse().unwrap_or(number.abs());
    magnitude.copysign(number)
}

/// Adds one to a number in ASCII digits.
fn increment(digits: &mut Vec<u8>) {
    for digit in digits.iter_mut().rev() {
        if *digit < b'9' {
            *digit += 1;
            return;
        }
        *digit = b'0';
    }
    digits.insert(0, b'1');
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "rounding gives exactly these floats")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn integers_are_ascii_digits_that_fit() {
        for (text, number) in [
            ("0", 0),
            ("-0", 0),
            ("+7", 7),
            ("007", 7),
            ("00000000000000000000000000000007", 7),
            ("9223372036854775807", i64::MAX),
            ("-9223372036854775808", i64::MIN),
        ] {
            assert_eq!(parse_integer(text), Some(number), "{text}");
        }
        for text in
            ["", "+", "-", "--1", "1 ", " 1", "1.0", "1e3", "1_000", "1,000", "0x1F", "９", "9223372036854775808", "١"]
        {
            assert_eq!(parse_integer(text), None, "{text}");
        }
    }

    #[test]
    fn floats_keep_to_the_grammar() {
        for (text, number) in
            [("0", 0.0), ("2.50", 2.5), ("-1e3", -1000.0), ("+1.5E-2", 0.015), ("00.1", 0.1), ("1e-400", 0.0)]
        {
            assert_eq!(parse_float(text), Some(number), "{text}");
        }
        for text in [
            "", ".", ".5", "5.", "1.e5", "e5", "1e", "1e+", "inf", "-inf", "nan", "NaN", "infinity", "1e400", "-1e400",
            "1,5", "1 000", " 1", "1 ", "0x1p3", "１.５", "1.2.3", "+-1",
        ] {
            assert_eq!(parse_float(text), None, "{text}");
        }
        // The nearest float, also if there are more digits than its precision.
        assert_eq!(parse_float("0.1000000000000000055511151231257827"), Some(0.1));
        assert_eq!(parse_float("9007199254740993"), Some(9_007_199_254_740_992.0));
    }

    #[test]
    fn rounds_half_away_from_zero() {
        for (number, digits, expected) in [
            (2.675, 2, 2.68),
            (-2.675, 2, -2.68),
            (1.005, 2, 1.01),
            (0.5, 0, 1.0),
            (-0.5, 0, -1.0),
            (2.5, 0, 3.0),
            (9.995, 2, 10.0),
            (99.95, 1, 100.0),
            (0.04, 1, 0.0),
            (1e300, 2, 1e300),
            (1e-300, 15, 0.0),
            (3.0, 5, 3.0),
            (1.2345, 3, 1.235),
        ] {
            assert_eq!(round_float(number, digits), expected, "{number} to {digits}");
        }
    }

    proptest! {
        #[test]
        fn integers_round_trip(number: i64) {
            prop_assert_eq!(parse_integer(&number.to_string()), Some(number));
        }

        #[test]
        fn finite_decimals_round_trip(number in any::<f64>().prop_filter("finite", |n| n.is_finite())) {
            prop_assert_eq!(parse_float(&number.to_string()), Some(number));
            prop_assert_eq!(parse_float(&format!("{number:e}")), Some(number));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC*|[-+0-9.eE]{0,30}") {
            if let Some(number) = parse_integer(&text) {
                prop_assert!(text.trim_start_matches(['+', '-']).bytes().all(|b| b.is_ascii_digit()));
                prop_assert_eq!(text.parse::<i128>().ok(), Some(i128::from(number)));
            }
            if let Some(number) = parse_float(&text) {
                prop_assert!(number.is_finite());
                let body = text.trim_start_matches(['+', '-']);
                prop_assert!(body.starts_with(|c: char| c.is_ascii_digit()) && body.ends_with(|c: char| c.is_ascii_digit()));
            }
        }

        #[test]
        fn rounding_stays_within_half_a_unit(number in -1e6..1e6f64, digits in 0usize..6) {
            let unit = 10f64.powi(-i32::try_from(digits).unwrap());
            prop_assert!((round_float(number, digits) - number).abs() <= unit * 0.5 + 1e-9);
        }
    }
}
