//! Exact decimals: up to 38 digits, as SQL's DECIMAL has them.
//!
//! A decimal is a whole number of 10^-scale. What the operations give is the same for every engine:
//!
//! | operation | result |
//! |---|---|
//! | `a + b`, `a - b` | exact; as many places as the side with more |
//! | `a * b` | exact; the places of both sides together |
//! | `a / b` | rounded to 18 places |
//! | `a % b` | exact; the sign of `a` |
//! | `round(a, n)` | rounded to `n` places |
//!
//! Rounding is half away from zero. A result that needs more than 38 digits loses places by rounding; one with more than 38
//! digits before the point has no value. Trailing zeros behind the point make no difference: 1.50 equals 1.5.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use num_bigint::{BigInt, Sign};
use num_rational::BigRational;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A number of up to 38 digits; up to 38 of them are behind the point.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct Decimal {
    /// Under 10^38 on either side of 0.
    coefficient: i128,
    /// Places behind the point.
    scale: u8,
}

/// What is not a decimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a decimal of up to 38 digits")]
pub struct NotDecimal;

/// 10 to the powers that fit 128 bits.
const POWERS: [i128; 39] = {
    let mut powers = [1; 39];
    let mut at = 1;
    while at < 39 {
        powers[at] = powers[at - 1] * 10;
        at += 1;
    }
    powers
};

/// The first number of too many digits.
const LIMIT: i128 = POWERS[Decimal::DIGITS as usize];

const fn power(places: u8) -> i128 {
    POWERS[places as usize]
}

impl Decimal {
    /// The most digits, and the most places behind the point.
    pub const DIGITS: u8 = 38;

    /// Places behind the point that a quotient has at the most.
    pub const QUOTIENT_PLACES: u8 = 18;

    /// Zero.
    pub const ZERO: Self = Self { coefficient: 0, scale: 0 };

    /// A constant of few digits.
    ///
    /// # Panics
    /// With too many places.
    pub const fn constant(coefficient: i64, scale: u8) -> Self {
        assert!(scale <= Self::DIGITS, "too many places");
        Self { coefficient: coefficient as i128, scale }
    }

    /// A whole number of `10^-scale`; `None` where it has too many digits or places.
    #[inline]
    pub const fn new(coefficient: i128, scale: u8) -> Option<Self> {
        if coefficient > -LIMIT && coefficient < LIMIT && scale <= Self::DIGITS {
            Some(Self { coefficient, scale })
        } else {
            None
        }
    }

    /// The whole number of [`Self::scale`] places that it is.
    #[inline]
    pub const fn coefficient(self) -> i128 {
        self.coefficient
    }

    /// Places behind the point, trailing zeros included.
    #[inline]
    pub const fn scale(self) -> u8 {
        self.scale
    }

    /// Parses an optional sign, digits, an optional fraction and an optional exponent. `None` where that is not the form, or
    /// there are too many digits: nothing is rounded away.
    #[inline]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let (negative, bytes) = match bytes {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            _ => (false, bytes),
        };
        // Up to 18 digits and a point are the usual case.
        if bytes.len() <= 19 {
            let (mut units, mut point) = (0_u64, None);
            for (at, byte) in bytes.iter().enumerate() {
                let digit = byte.wrapping_sub(b'0');
                if digit <= 9 {
                    units = units.wrapping_mul(10).wrapping_add(digit.into());
                } else if *byte == b'.' && point.is_none() && at > 0 && at + 1 < bytes.len() {
                    point = Some(at);
                } else {
                    return Self::parse_long(negative, bytes);
                }
            }
            if bytes.is_empty() || (point.is_none() && bytes.len() > 18) {
                return Self::parse_long(negative, bytes);
            }
            #[expect(clippy::cast_possible_truncation, reason = "at most 19 bytes")]
            let scale = point.map_or(0, |point| bytes.len() - point - 1) as u8;
            let coefficient = i128::from(units);
            return Some(Self { coefficient: if negative { -coefficient } else { coefficient }, scale });
        }
        Self::parse_long(negative, bytes)
    }

    /// The same as suites may write it: digits may be separated by `_`, and as in YAML there need be none on one side of the
    /// point.
    pub fn parse_loosely(text: &str) -> Option<Self> {
        let text = text.replace('_', "");
        let (sign, digits) = text.split_at(usize::from(text.starts_with(['-', '+'])));
        let (whole, fraction) = match digits.split_once('.') {
            Some(("", fraction)) if !fraction.is_empty() => ("0.", fraction),
            Some((whole, "")) => (whole, ""),
            _ => (digits, ""),
        };
        Self::parse(&format!("{sign}{whole}{fraction}"))
    }

    /// The same for any number of digits, and with an exponent.
    #[cold]
    fn parse_long(negative: bool, bytes: &[u8]) -> Option<Self> {
        let end = bytes.iter().position(|byte| matches!(byte, b'e' | b'E')).unwrap_or(bytes.len());
        let (number, exponent) = bytes.split_at(end);
        let exponent: i64 = match exponent {
            [] => 0,
            [_, digits @ ..] => {
                let unsigned = digits.strip_prefix(b"-").or_else(|| digits.strip_prefix(b"+")).unwrap_or(digits);
                if unsigned.is_empty() || !unsigned.iter().all(u8::is_ascii_digit) {
                    return None;
                }
                // An exponent beyond this is beyond all decimals but zero.
                std::str::from_utf8(digits).ok()?.parse::<i64>().unwrap_or(if digits[0] == b'-' {
                    i64::MIN / 2
                } else {
                    i64::MAX / 2
                })
            }
        };
        let (whole, fraction) = match number.iter().position(|byte| *byte == b'.') {
            Some(point) => (&number[..point], &number[point + 1..]),
            None => (number, &[][..]),
        };
        let has_point = number.len() > whole.len();
        if whole.is_empty() || (has_point && fraction.is_empty()) {
            return None;
        }
        let digits = || whole.iter().chain(fraction);
        if !digits().all(u8::is_ascii_digit) {
            return None;
        }
        let zeros = digits().rev().take_while(|digit| **digit == b'0').count();
        let count = whole.len() + fraction.len() - zeros;
        if count == 0 {
            return Some(Self::ZERO);
        }
        // The power of ten of the last digit that is not zero.
        let last =
            exponent.checked_sub(i64::try_from(fraction.len()).ok()?)?.checked_add(i64::try_from(zeros).ok()?)?;
        let mut coefficient = 0_i128;
        for digit in digits().take(count) {
            coefficient = coefficient.checked_mul(10)?.checked_add((digit - b'0').into())?;
        }
        let (scale, zeros) = if last < 0 { (u8::try_from(-last).ok()?, 0) } else { (0, u8::try_from(last).ok()?) };
        let coefficient = coefficient.checked_mul(*POWERS.get(usize::from(zeros))?)?;
        Self::new(if negative { -coefficient } else { coefficient }, scale)
    }

    /// The shortest decimal that parses as this float; `None` where it has too many digits or places, is infinite or NaN.
    pub fn from_float(number: f64) -> Option<Self> {
        /// Decimals of up to 15 digits are the shortest that parse as their floats.
        const SHORT: f64 = 1e15;
        for (scale, by) in [(0, 1.0), (2, 100.0), (4, 10_000.0)] {
            let units = (number * by).round();
            #[expect(clippy::float_cmp, reason = "whether this decimal parses as exactly this float")]
            if units.abs() < SHORT && units / by == number {
                #[expect(clippy::cast_possible_truncation, reason = "a whole number of at most 15 digits")]
                return Some(Self { coefficient: i128::from(units as i64), scale });
            }
        }
        if number.is_finite() { Self::parse(&format!("{number:e}")) } else { None }
    }

    /// The nearest float.
    #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53, and rounded once where it is whole")]
    pub fn to_float(self) -> f64 {
        /// Up to here, both sides of the division are floats without rounding.
        const EXACT: u128 = 1 << f64::MANTISSA_DIGITS;
        if self.scale == 0 {
            return self.coefficient as f64;
        }
        if self.coefficient.unsigned_abs() <= EXACT && self.scale <= 22 {
            return self.coefficient as f64 / power(self.scale) as f64;
        }
        // What the standard library parses is always a number here.
        format!("{}e-{}", self.coefficient, self.scale).parse().unwrap_or(f64::NAN)
    }

    /// The whole number that it is, if it is one.
    pub const fn to_whole(self) -> Option<i128> {
        let power = power(self.scale);
        if self.coefficient % power == 0 { Some(self.coefficient / power) } else { None }
    }

    /// The whole number of 64 bits that it is, if it is one.
    pub fn to_integer(self) -> Option<i64> {
        self.to_whole().and_then(|whole| i64::try_from(whole).ok())
    }

    /// The greatest whole number that is not greater.
    pub const fn floor(self) -> i128 {
        self.coefficient.div_euclid(power(self.scale))
    }

    /// The least whole number that is not less.
    pub const fn ceil(self) -> i128 {
        -(-self.coefficient).div_euclid(power(self.scale))
    }

    /// The whole number before the point.
    pub const fn round_to_zero(self) -> i128 {
        self.coefficient / power(self.scale)
    }

    /// The number with the other sign.
    #[must_use]
    pub const fn negated(self) -> Self {
        Self { coefficient: -self.coefficient, scale: self.scale }
    }

    /// 10 to a power of at most 38.
    #[inline]
    pub const fn power_of_ten(power: u8) -> i128 {
        POWERS[power as usize]
    }

    /// The magnitude.
    #[must_use]
    pub const fn abs(self) -> Self {
        Self { coefficient: self.coefficient.abs(), scale: self.scale }
    }

    /// Rounds half away from zero to so many places.
    #[must_use]
    pub const fn round(self, places: u8) -> Self {
        if places >= self.scale {
            return self;
        }
        Self { coefficient: rounded(self.coefficient, power(self.scale - places)), scale: places }
    }

    /// The coefficient of the same number with `scale` places, which are not fewer than it has; `None` where it does not fit.
    #[inline]
    const fn widened(self, scale: u8) -> Option<i128> {
        if self.scale == scale {
            Some(self.coefficient)
        } else {
            self.coefficient.checked_mul(power(scale - self.scale))
        }
    }

    /// Both numbers in the same places.
    #[inline]
    const fn aligned(self, other: Self) -> Option<(i128, i128, u8)> {
        let scale = if self.scale > other.scale { self.scale } else { other.scale };
        match (self.widened(scale), other.widened(scale)) {
            (Some(one), Some(other)) => Some((one, other, scale)),
            _ => None,
        }
    }

    /// The sum; `None` where it has too many digits before the point.
    #[inline]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        if let Some((one, two, scale)) = self.aligned(other)
            && let Some(sum) = one.checked_add(two)
            && let Some(sum) = Self::new(sum, scale)
        {
            return Some(sum);
        }
        let scale = self.scale.max(other.scale);
        Self::fitting(&(self.units(scale) + other.units(scale)), scale.into())
    }

    /// The difference; `None` where it has too many digits before the point.
    #[inline]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.checked_add(other.negated())
    }

    /// The product; `None` where it has too many digits before the point.
    #[inline]
    pub fn checked_mul(self, other: Self) -> Option<Self> {
        let scale = self.scale + other.scale;
        if let Some(product) = self.coefficient.checked_mul(other.coefficient)
            && let Some(product) = Self::new(product, scale)
        {
            return Some(product);
        }
        Self::fitting(&(BigInt::from(self.coefficient) * other.coefficient), scale.into())
    }

    /// The quotient; `None` where the divisor is zero, or the quotient has too many digits before the point.
    pub fn checked_div(self, other: Self) -> Option<Self> {
        if other.coefficient == 0 {
            return None;
        }
        // One factor of ten is on this side of the division or on the other.
        let places = i16::from(Self::QUOTIENT_PLACES) + i16::from(other.scale) - i16::from(self.scale);
        let up = u8::try_from(places.max(0)).ok()?;
        let down = u8::try_from((-places).max(0)).ok()?;
        if let Some(number) = POWERS.get(usize::from(up)).and_then(|up| self.coefficient.checked_mul(*up))
            && let Some(by) = POWERS.get(usize::from(down)).and_then(|down| other.coefficient.checked_mul(*down))
            && let Some(quotient) = Self::new(quotient_of(number, by), Self::QUOTIENT_PLACES)
        {
            return Some(quotient);
        }
        let number = BigInt::from(self.coefficient) * BigInt::from(10).pow(up.into());
        let by = BigInt::from(other.coefficient) * BigInt::from(10).pow(down.into());
        Self::ratio_of_places(&number, &by, Self::QUOTIENT_PLACES)
    }

    /// The remainder, with the sign of the dividend; `None` where the divisor is zero.
    pub fn checked_rem(self, other: Self) -> Option<Self> {
        if other.coefficient == 0 {
            return None;
        }
        if let Some((one, two, scale)) = self.aligned(other) {
            return Self::new(one % two, scale);
        }
        let scale = self.scale.max(other.scale);
        Self::fitting(&(self.units(scale) % other.units(scale)), scale.into())
    }

    /// A fraction rounded to [`Self::QUOTIENT_PLACES`]; `None` where `by` is zero, or there are too many digits before the
    /// point.
    pub fn ratio(number: &BigInt, by: &BigInt) -> Option<Self> {
        let number = number * BigInt::from(10).pow(Self::QUOTIENT_PLACES.into());
        Self::ratio_of_places(&number, by, Self::QUOTIENT_PLACES)
    }

    /// `number / by` units of `10^-places`, rounded.
    fn ratio_of_places(number: &BigInt, by: &BigInt, places: u8) -> Option<Self> {
        if by.sign() == Sign::NoSign {
            return None;
        }
        // Where there are too many digits, the fraction is rounded to fewer places, and not what was rounded before.
        let mut dropped = 0_u8;
        loop {
            let units = rounded_ratio(number, &(by * BigInt::from(10).pow(dropped.into())));
            let places = places.checked_sub(dropped)?;
            if let Some(found) = i128::try_from(&units).ok().and_then(|units| Self::new(units, places)) {
                return Some(found);
            }
            let digits = u8::try_from(units.magnitude().to_string().len()).ok()?;
            dropped = dropped.checked_add(digits.saturating_sub(Self::DIGITS))?;
        }
    }

    /// A whole number of `10^-places`; places are rounded away where there are too many digits. `None` where there are too
    /// many before the point.
    pub fn fitting(units: &BigInt, places: u32) -> Option<Self> {
        let most = u32::from(Self::DIGITS);
        let digits = u32::try_from(units.magnitude().to_string().len()).ok()?;
        let drop = digits.saturating_sub(most).max(places.saturating_sub(most));
        for drop in [drop, drop + 1] {
            if drop > places {
                return None;
            }
            let kept = if drop == 0 { units.clone() } else { rounded_ratio(units, &BigInt::from(10).pow(drop)) };
            // Rounding up may have added a digit.
            if let Some(found) =
                i128::try_from(&kept).ok().and_then(|kept| Self::new(kept, u8::try_from(places - drop).ok()?))
            {
                return Some(found);
            }
        }
        None
    }

    /// A number below it, as near as [`Self::QUOTIENT_PLACES`] or 38 digits allow; `None` at the least.
    pub fn before(self) -> Option<Self> {
        let number = self.normalized();
        let digits = number.coefficient.unsigned_abs().checked_ilog10().map_or(1, |log| log + 1);
        // Places behind the point that there is room for.
        let room = (u32::from(Self::DIGITS) - digits + u32::from(number.scale)).min(Self::DIGITS.into());
        let places = u8::try_from(room).ok()?.min(Self::QUOTIENT_PLACES.max(number.scale));
        Self::new(number.widened(places)?.checked_sub(1)?, places)
    }

    /// The same number without trailing zeros behind the point.
    #[must_use]
    pub const fn normalized(mut self) -> Self {
        while self.scale > 0 && self.coefficient % 10 == 0 {
            self.coefficient /= 10;
            self.scale -= 1;
        }
        self
    }

    /// It as a fraction.
    pub fn fraction(self) -> BigRational {
        BigRational::new(self.coefficient.into(), power(self.scale).into())
    }

    /// It as a whole number of `10^-scale`; the scale is not less than its own.
    pub fn units(self, scale: u8) -> BigInt {
        BigInt::from(self.coefficient) * power(scale.saturating_sub(self.scale))
    }

    /// The order where a coefficient does not fit in the places of the other number.
    #[cold]
    fn cmp_long(self, other: Self) -> Ordering {
        let scale = self.scale.max(other.scale);
        self.units(scale).cmp(&other.units(scale))
    }
}

/// `number / by`, half away from zero; `by` is over 0.
const fn rounded(number: i128, by: i128) -> i128 {
    let (whole, rest) = (number / by, number % by);
    // Twice the rest might not fit.
    if rest.abs() >= by - rest.abs() { whole + number.signum() } else { whole }
}

/// The same for a divisor of either sign.
const fn quotient_of(number: i128, by: i128) -> i128 {
    if by < 0 { rounded(-number, -by) } else { rounded(number, by) }
}

/// `number / by`, half away from zero.
fn rounded_ratio(number: &BigInt, by: &BigInt) -> BigInt {
    let (whole, rest) = (number / by, number % by);
    if BigInt::from(rest.magnitude() * 2_u32) < BigInt::from(by.magnitude().clone()) {
        whole
    } else if (number.sign() == Sign::Minus) == (by.sign() == Sign::Minus) {
        whole + 1
    } else {
        whole - 1
    }
}

impl From<i64> for Decimal {
    #[inline]
    fn from(number: i64) -> Self {
        Self { coefficient: number.into(), scale: 0 }
    }
}

impl From<u64> for Decimal {
    #[inline]
    fn from(number: u64) -> Self {
        Self { coefficient: number.into(), scale: 0 }
    }
}

impl From<i32> for Decimal {
    fn from(number: i32) -> Self {
        i64::from(number).into()
    }
}

impl Ord for Decimal {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        match self.aligned(*other) {
            Some((one, other, _)) => one.cmp(&other),
            None => self.cmp_long(*other),
        }
    }
}

impl PartialOrd for Decimal {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Decimal {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Decimal {}

impl Hash for Decimal {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // Equal numbers have one form.
        let Self { coefficient, scale } = self.normalized();
        (coefficient, scale).hash(state);
    }
}

impl FromStr for Decimal {
    type Err = NotDecimal;

    fn from_str(text: &str) -> Result<Self, NotDecimal> {
        Self::parse(text).ok_or(NotDecimal)
    }
}

impl TryFrom<String> for Decimal {
    type Error = NotDecimal;

    fn try_from(text: String) -> Result<Self, NotDecimal> {
        text.parse()
    }
}

impl From<Decimal> for String {
    fn from(number: Decimal) -> Self {
        number.to_string()
    }
}

impl fmt::Display for Decimal {
    /// Writes digits without an exponent, needless zeros and a plus sign: equal numbers have one text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut units, mut scale) = (self.coefficient.unsigned_abs(), usize::from(self.scale));
        if scale > 0 {
            // Division of 128 bits is slow.
            while scale > 0 {
                let even = match u64::try_from(units) {
                    Ok(short) if short % 10 == 0 => u128::from(short / 10),
                    Err(_) if units % 10 == 0 => units / 10,
                    _ => break,
                };
                units = even;
                scale -= 1;
            }
        }
        if self.coefficient < 0 {
            f.write_str("-")?;
        }
        if scale == 0 {
            return write!(f, "{units}");
        }
        let power = power(u8::try_from(scale).unwrap_or(Self::DIGITS)).unsigned_abs();
        write!(f, "{}.{:0scale$}", units / power, units % power)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decimal(text: &str) -> Decimal {
        Decimal::parse(text).expect(text)
    }

    fn fraction(number: Decimal) -> BigRational {
        number.fraction()
    }

    #[test]
    fn decimals_keep_to_the_grammar_and_to_38_digits() {
        for (text, written) in [
            ("0", "0"),
            ("-0.00", "0"),
            ("2.50", "2.5"),
            ("+007", "7"),
            ("-1e3", "-1000"),
            ("1.5E-2", "0.015"),
            ("0.30000000000000004", "0.30000000000000004"),
            ("9999999999999999.99", "9999999999999999.99"),
            ("99999999999999999999999999999999999999", "99999999999999999999999999999999999999"),
            ("-0.00000000000000000000000000000000000001", "-0.00000000000000000000000000000000000001"),
            ("1e37", "10000000000000000000000000000000000000"),
            ("1e-38", "0.00000000000000000000000000000000000001"),
            ("0e99999999999999999999", "0"),
            ("100000000000000000000000000000000000000000e-5", "1000000000000000000000000000000000000"),
            ("0000000000000000000000000000000000000000000000001.10000000000000000000000000000000000000000", "1.1"),
            ("1844674407370955161", "1844674407370955161"),
            ("18446744073709551615", "18446744073709551615"),
            ("123456789012345678.9", "123456789012345678.9"),
        ] {
            assert_eq!(decimal(text).to_string(), written, "{text}");
        }
        for text in [
            "",
            "+",
            "-",
            ".",
            ".5",
            "5.",
            "1.e5",
            "e5",
            "1e",
            "1e+",
            "inf",
            "nan",
            "1,5",
            "1 000",
            " 1",
            "1 ",
            "0x1",
            "１",
            "1.2.3",
            "+-1",
            "--1",
            "1e38",
            "1e-39",
            "1e400",
            "1e99999999999999999999",
            "100000000000000000000000000000000000001e0",
            "0.000000000000000000000000000000000000001",
            "1234567890123456789.12345678901234567899",
        ] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }

    #[test]
    fn suites_may_leave_out_one_side_of_the_point() {
        for (text, number) in
            [("1_000.5", Some("1000.5")), (".5", Some("0.5")), ("-.5", Some("-0.5")), ("5.", Some("5"))]
        {
            assert_eq!(Decimal::parse_loosely(text), number.map(decimal), "{text}");
        }
        for text in ["", ".", "-", "_", "1.2.3", "1,5", "x"] {
            assert_eq!(Decimal::parse_loosely(text), None, "{text}");
        }
    }

    #[test]
    fn operations_are_those_of_the_table() {
        const NINES: &str = "99999999999999999999999999999999999999";
        type Operation = fn(Decimal, Decimal) -> Option<Decimal>;
        let (add, sub, mul): (Operation, Operation, Operation) =
            (Decimal::checked_add, Decimal::checked_sub, Decimal::checked_mul);
        let (div, rem): (Operation, Operation) = (Decimal::checked_div, Decimal::checked_rem);
        for (operation, one, other, result) in [
            (add, "0.1", "0.2", Some("0.3")),
            (add, NINES, "0.4", Some(NINES)),
            (add, NINES, "0.5", None),
            (add, "1e37", "1e-38", Some("10000000000000000000000000000000000000")),
            (sub, "0.3", "0.1", Some("0.2")),
            (sub, "1.00", "1", Some("0")),
            (mul, "1.1", "1.1", Some("1.21")),
            (mul, "-0.5", "0.5", Some("-0.25")),
            (mul, "1e20", "1e20", None),
            (mul, "1e-20", "1e-20", Some("0")),
            (mul, "5e-20", "1e-19", Some("0.00000000000000000000000000000000000001")),
            (mul, "1234567890123456789.5", "1234567890123456789.5", Some("1524157875323883676253619888873647310.3")),
            (div, "1", "3", Some("0.333333333333333333")),
            (div, "2", "3", Some("0.666666666666666667")),
            (div, "-2", "3", Some("-0.666666666666666667")),
            (div, "1", "-8", Some("-0.125")),
            (div, "1e-38", "1e-38", Some("1")),
            (div, "1e37", "1e-38", None),
            (div, "1e37", "3", Some("3333333333333333333333333333333333333.3")),
            (
                div,
                "42334526.390498318660294094269464560898",
                "-7125e-17",
                Some("-594168791445590437337.46097220301138102"),
            ),
            (div, "1", "0.00", None),
            (rem, "7.5", "2", Some("1.5")),
            (rem, "-7.5", "2", Some("-1.5")),
            (rem, "7.5", "-2", Some("1.5")),
            (rem, "1e37", "3e-38", Some("0.00000000000000000000000000000000000001")),
            (rem, "1", "0", None),
        ] {
            assert_eq!(operation(decimal(one), decimal(other)), result.map(decimal), "{one} and {other}");
        }
        for (number, places, result) in [
            ("2.5", 0, "3"),
            ("-2.5", 0, "-3"),
            ("2.675", 2, "2.68"),
            ("1.005", 2, "1.01"),
            ("1.5", 3, "1.5"),
            ("0.49", 0, "0"),
        ] {
            assert_eq!(decimal(number).round(places), decimal(result), "{number}");
        }
        for (number, floor, ceil) in [("2.5", 2, 3), ("-2.5", -3, -2), ("2", 2, 2), ("-0.1", -1, 0)] {
            assert_eq!((decimal(number).floor(), decimal(number).ceil()), (floor, ceil), "{number}");
        }
        assert_eq!(
            (decimal("2.00").to_integer(), decimal("2.5").to_integer(), decimal("1e30").to_integer()),
            (Some(2), None, None)
        );
    }

    #[test]
    fn floats_are_their_shortest_decimals() {
        for (number, text) in [
            (0.1, Some("0.1")),
            (-0.0, Some("0")),
            (0.1 + 0.2, Some("0.30000000000000004")),
            (1e22, Some("10000000000000000000000")),
            (5e-324, None),
            (f64::MAX, None),
            (f64::INFINITY, None),
            (f64::NAN, None),
        ] {
            assert_eq!(Decimal::from_float(number), text.map(decimal), "{number}");
        }
        assert_eq!(decimal("9007199254740993.5").to_float().to_bits(), 9_007_199_254_740_994.0_f64.to_bits());
    }

    fn magnitude(number: BigRational) -> BigRational {
        if number < BigRational::from(BigInt::ZERO) { -number } else { number }
    }

    fn number() -> impl Strategy<Value = Decimal> {
        let units = prop_oneof![-20_000_i128..20_000, -(LIMIT - 1)..LIMIT, (-(1_i128 << 70))..(1_i128 << 70)];
        let scale = prop_oneof![0_u8..4, 0..=Decimal::DIGITS];
        (units, scale).prop_map(|(units, scale)| Decimal::new(units, scale).expect("under the limit"))
    }

    proptest! {
        #[test]
        fn sums_differences_and_products_are_exact_or_rounded(one in number(), other in number()) {
            let (a, b) = (fraction(one), fraction(other));
            for (found, exact) in [
                (one.checked_add(other), &a + &b),
                (one.checked_sub(other), &a - &b),
                (one.checked_mul(other), &a * &b),
            ] {
                match found {
                    Some(found) => {
                        // Half a unit of the last place that 38 digits leave.
                        let error = magnitude(fraction(found) - &exact) * BigInt::from(2) * BigInt::from(10).pow(found.scale.into());
                        prop_assert!(error <= BigRational::from(BigInt::from(1)));
                        if found.coefficient.abs() < LIMIT / 10 && found.scale < Decimal::DIGITS {
                            prop_assert_eq!(fraction(found), exact);
                        }
                    }
                    None => prop_assert!(magnitude(exact) > BigRational::from(BigInt::from(LIMIT - 1))),
                }
            }
            prop_assert_eq!(one.cmp(&other), a.cmp(&b));
            prop_assert_eq!(one.to_string() == other.to_string(), one == other);
            prop_assert_eq!(Decimal::parse(&one.to_string()), Some(one));
            if let Some(quotient) = one.checked_div(other) {
                let error = magnitude(fraction(quotient) - &a / &b) * BigInt::from(2) * BigInt::from(10).pow(quotient.scale.into());
                prop_assert!(error <= BigRational::from(BigInt::from(1)));
            }
            if let Some(rest) = one.checked_rem(other) {
                prop_assert_eq!(fraction(rest), &a - (&a / &b).trunc() * &b);
            }
            prop_assert_eq!(one.to_float().to_bits(), format!("{}e-{}", one.coefficient, one.scale).parse::<f64>().unwrap().to_bits());
        }

        #[test]
        fn floats_survive(number: f64) {
            for number in [number, (number * 100.0).round() / 100.0] {
                if let Some(decimal) = Decimal::from_float(number) {
                    prop_assert_eq!(decimal.to_float().total_cmp(&(number + 0.0)), Ordering::Equal);
                    prop_assert_eq!(decimal.to_string(), (number + 0.0).to_string());
                }
            }
        }
    }
}
