//! Exact sums of decimals, which do not depend on the order.
//!
//! A sum is 192 bits of units of 10^-18. A value has up to 27 digits before the point, so that 2^40 of them fit; digits
//! beyond the 18th behind the point are rounded away, value by value. A float counts as the shortest decimal that
//! parses as it: 0.1 is a tenth.

use std::fmt::Write as _;

use num_bigint::BigInt;

use crate::model::Reconciliation;

/// Words of a sum.
pub(crate) const SUM_WORDS: usize = 3;

/// Digits behind the point.
const FRACTION: usize = Reconciliation::PLACES as usize;

/// Units of a whole.
const UNIT: u64 = 1_000_000_000_000_000_000;

/// The most digits before the point.
const WHOLE: usize = Reconciliation::DIGITS as usize;

/// A number in units, in two's complement, the lowest word first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Sum(pub(crate) [u64; SUM_WORDS]);

impl Sum {
    /// One.
    pub(crate) const ONE: Self = Self([UNIT, 0, 0]);

    /// A whole number.
    pub(crate) fn of_integer(number: i64) -> Self {
        Self::of_magnitude(number.unsigned_abs().into(), 0, number < 0)
    }

    /// A decimal written without exponent; `None` where it is none, or too large.
    pub(crate) fn of_text(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if !is_digits(whole) || !is_digits(fraction) || whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let whole = whole.trim_start_matches('0');
        if whole.len() > WHOLE {
            return None;
        }
        let number = |digits: &str| digits.bytes().fold(0_u128, |number, byte| number * 10 + u128::from(byte - b'0'));
        let (kept, rest) = fraction.split_at(fraction.len().min(FRACTION));
        let mut units = number(kept);
        for _ in kept.len()..FRACTION {
            units *= 10;
        }
        units += u128::from(rest.bytes().next().is_some_and(|digit| digit >= b'5'));
        Some(Self::of_magnitude(number(whole), units, text.starts_with('-')))
    }

    /// The shortest decimal that parses as this float; `None` where it is none, or too large.
    pub(crate) fn of_float(number: f64, buffer: &mut String) -> Option<Self> {
        // A decimal of up to 15 digits is the shortest that parses as its float.
        const SHORT: f64 = 1e15;
        for (scale, units) in [(1.0, UNIT), (100.0, UNIT / 100)] {
            let scaled = (number * scale).round();
            #[expect(clippy::float_cmp, reason = "whether this decimal parses as exactly this float")]
            if scaled.abs() < SHORT && scaled / scale == number {
                #[expect(clippy::cast_possible_truncation, reason = "a whole number of at most 15 digits")]
                let scaled = scaled as i64;
                let units = u128::from(scaled.unsigned_abs()) * u128::from(units);
                return Some(Self::of_magnitude(0, units, scaled < 0));
            }
        }
        buffer.clear();
        write!(buffer, "{number}").ok()?;
        Self::of_text(buffer)
    }

    /// The sum of so many wholes and units.
    fn of_magnitude(whole: u128, units: u128, negative: bool) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "a word at a time")]
        let split = |number: u128| (number as u64, number >> 64);
        let factor = u128::from(UNIT);
        let (low, high) = split(whole);
        let (first, carried) = split(u128::from(low) * factor);
        let (second, third) = split(high * factor + carried);
        let sum = Self([first, second, split(third).0]).plus({
            let (low, high) = split(units);
            Self([low, split(high).0, 0])
        });
        if negative { sum.negated() } else { sum }
    }

    fn negated(self) -> Self {
        Self(self.0.map(|word| !word)).plus(Self([1, 0, 0]))
    }

    /// The sum of both.
    #[inline]
    pub(crate) fn plus(self, other: Self) -> Self {
        let mut carry = false;
        let mut words = [0; SUM_WORDS];
        for ((word, a), b) in words.iter_mut().zip(self.0).zip(other.0) {
            let (sum, first) = a.overflowing_add(b);
            let (sum, second) = sum.overflowing_add(carry.into());
            *word = sum;
            carry = first || second;
        }
        Self(words)
    }

    /// In units.
    pub(crate) fn units(self) -> BigInt {
        let bytes: Vec<u8> = self.0.iter().flat_map(|word| word.to_le_bytes()).collect();
        BigInt::from_signed_bytes_le(&bytes)
    }

    /// As it is written.
    pub(crate) fn text(self) -> String {
        let units = self.units().to_string();
        let (sign, digits) = units.strip_prefix('-').map_or(("", units.as_str()), |digits| ("-", digits));
        let padded = format!("{digits:0>width$}", width = FRACTION + 1);
        let (whole, fraction) = padded.split_at(padded.len() - FRACTION);
        let fraction = fraction.trim_end_matches('0');
        format!("{sign}{whole}{}{fraction}", if fraction.is_empty() { "" } else { "." })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(number: &str) -> Option<String> {
        Sum::of_text(number).map(Sum::text)
    }

    #[test]
    fn decimals_come_back_as_they_were() {
        for number in ["0", "1", "-1", "0.1", "-0.000000000000000001", "123456789012345678901234567.123456789012345678"]
        {
            assert_eq!(text(number).as_deref(), Some(number));
        }
        assert_eq!(text("+007.50").as_deref(), Some("7.5"));
        assert_eq!(text("-.5").as_deref(), Some("-0.5"));
        assert_eq!(text("-0").as_deref(), Some("0"));
        assert_eq!(text("0.9999999999999999995").as_deref(), Some("1"), "rounded at the 18th digit");
        assert_eq!(text("1234567890123456789012345678"), None, "too large");
        for bad in ["", "-", ".", "1e3", "1,5", "nan"] {
            assert_eq!(text(bad), None, "{bad}");
        }
        for number in [i64::MIN, -1, 0, 1, i64::MAX] {
            assert_eq!(Sum::of_integer(number).text(), number.to_string());
        }
        assert_eq!(Sum::ONE.text(), "1");
    }

    #[test]
    fn floats_are_the_shortest_decimals_that_read_as_them() {
        let mut buffer = String::new();
        for number in [0.1, -0.3, 1.005, 1e-7, 123_456.78, 0.1 + 0.2, 9_007_199_254_740_993.0, -1e15, 1e20, 4.35] {
            let sum = Sum::of_float(number, &mut buffer).map(Sum::text);
            assert_eq!(sum, Some(number.to_string()));
        }
        for number in [f64::NAN, f64::INFINITY, 1e300] {
            assert_eq!(Sum::of_float(number, &mut buffer), None, "{number}");
        }
        assert_eq!(Sum::of_float(-0.0, &mut buffer), Some(Sum::default()));
    }

    #[test]
    fn sums_hang_on_no_order() {
        let numbers = ["0.1", "-123456789012345678901234567.5", "99999999999999999999", "-0.000000000000000001", "7"];
        let sum = |numbers: &mut dyn Iterator<Item = &&str>| {
            numbers.filter_map(|number| Sum::of_text(number)).fold(Sum::default(), Sum::plus)
        };
        let there = sum(&mut numbers.iter());
        assert_eq!(there, sum(&mut numbers.iter().rev()));
        assert_eq!(there.text(), "-123456689012345678901234561.400000000000000001");
    }
}
