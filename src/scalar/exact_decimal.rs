//! Decimals with all the digits that they are written with, for where a 64-bit float would drop some.

use std::cmp::Ordering;

use num_bigint::BigInt;
use num_rational::BigRational;

/// The most digits in which a float distinguishes every decimal.
const FLOAT_DIGITS: usize = 15;

/// A decimal: digits, and the power of ten that the last of them counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExactDecimal {
    negative: bool,
    /// Without zeros at either end; none for zero.
    digits: String,
    power: i64,
}

impl ExactDecimal {
    /// Reads what is a decimal; `None` where its exponent fits no 64 bits.
    pub fn parse(text: &str) -> Option<Self> {
        let (number, exponent) = match text.split_once(['e', 'E']) {
            Some((number, exponent)) => (number, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let unsigned = number.strip_prefix(['+', '-']).unwrap_or(number);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        if !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let all = format!("{whole}{fraction}");
        let digits = all.trim_end_matches('0');
        let zeros = i64::try_from(all.len() - digits.len()).ok()?;
        let digits = digits.trim_start_matches('0').to_owned();
        if digits.is_empty() {
            return Some(Self { negative: false, digits, power: 0 });
        }
        let power = i64::from(exponent) - i64::try_from(fraction.len()).ok()? + zeros;
        Some(Self { negative: number.starts_with('-'), digits, power })
    }

    /// The shortest decimal that parses as this float; `None` where it is none.
    pub fn of_float(number: f64) -> Option<Self> {
        Self::parse(&number.to_string())
    }

    /// A whole number.
    pub fn of_integer(number: i64) -> Option<Self> {
        Self::parse(&number.to_string())
    }

    /// A decimal of these parts.
    pub fn of_parts(negative: bool, units: u128, power: i64) -> Self {
        Self { negative, digits: units.to_string(), power }
    }

    /// Its sign, its digits as a whole number, and the power of ten that one of them counts; `None` where the digits
    /// are too many.
    pub fn parts(&self) -> Option<(bool, u128, i64)> {
        let units = if self.digits.is_empty() { 0 } else { self.digits.parse().ok()? };
        Some((self.negative, units, self.power))
    }

    /// As a fraction; `None` where it lies beyond all floats.
    pub fn fraction(&self) -> Option<BigRational> {
        const MOST: u64 = 5_000;
        if self.power.unsigned_abs() > MOST {
            return None;
        }
        let units: BigInt = if self.digits.is_empty() { BigInt::ZERO } else { self.digits.parse().ok()? };
        let power = BigInt::from(10).pow(u32::try_from(self.power.unsigned_abs()).ok()?);
        let units = if self.negative { -units } else { units };
        Some(if self.power < 0 { BigRational::new(units, power) } else { BigRational::from(units * power) })
    }

    /// The order of the magnitudes.
    fn cmp_magnitude(&self, other: &Self) -> Ordering {
        // How many digits are before the point; zero lies under them all.
        let place = |number: &Self| {
            let digits = i64::try_from(number.digits.len()).unwrap_or(i64::MAX);
            (!number.digits.is_empty()).then(|| number.power.saturating_add(digits))
        };
        place(self).cmp(&place(other)).then_with(|| self.digits.cmp(&other.digits))
    }
}

impl Ord for ExactDecimal {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, false) => self.cmp_magnitude(other),
            (true, true) => other.cmp_magnitude(self),
            (negative, _) => {
                if negative {
                    Ordering::Less
                } else {
                    Ordering::Greater
                }
            }
        }
    }
}

impl PartialOrd for ExactDecimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Whether it is plain that this decimal is the shortest one that parses as its float: it is of few digits, and neither
/// very great nor very small. Of others it may be so.
pub fn is_short(text: &str) -> bool {
    /// Beyond, floats may be fewer than decimals.
    const NEAR: usize = 100;
    if text.len() > NEAR || text.bytes().any(|byte| byte | 0x20 == b'e') {
        return false;
    }
    let digits = text.trim_start_matches(['+', '-', '0', '.']);
    digits.len() <= FLOAT_DIGITS || digits.bytes().filter(u8::is_ascii_digit).count() <= FLOAT_DIGITS
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(text: &str) -> ExactDecimal {
        ExactDecimal::parse(text).expect(text)
    }

    #[test]
    fn one_number_has_one_form() {
        for (one, other) in [
            ("0", "-0.000"),
            ("1", "+01.0"),
            ("100", "1e2"),
            ("-0.05", "-5E-2"),
            ("123456789012345678.25", "12345678901234567825e-2"),
        ] {
            assert_eq!(written(one), written(other));
        }
        for bad in ["1e99999999999999999999", "inf", "NaN", "1,5", "1e"] {
            assert_eq!(ExactDecimal::parse(bad), None, "{bad}");
        }
        assert_eq!(ExactDecimal::of_float(0.1), Some(written("0.1")));
        assert_eq!(ExactDecimal::of_float(f64::INFINITY), None);
        assert_eq!(ExactDecimal::of_integer(i64::MIN), Some(written("-9223372036854775808")));
    }

    #[test]
    fn digits_beyond_floats_count_in_the_order() {
        let numbers = [
            "-100000000000000000001",
            "-1e20",
            "-5.0000000000000000001",
            "-5",
            "-4.9999999999999999",
            "-1e-999",
            "0",
            "1e-999",
            "4.9999999999999999",
            "5",
            "5.0000000000000000001",
            "9007199254740992",
            "9007199254740992.5",
            "9007199254740993",
            "1e20",
            "100000000000000000001",
        ];
        for pair in numbers.windows(2) {
            assert!(written(pair[0]) < written(pair[1]), "{pair:?}");
        }
    }

    #[test]
    fn few_digits_are_told_by_a_float() {
        for text in ["0", "-1.5", "123456789012345", "0.000000123456789012345", "-00012345.6789012345"] {
            assert!(is_short(text), "{text}");
            assert_eq!(ExactDecimal::of_float(text.parse().unwrap()), Some(written(text)), "{text}");
        }
        for text in ["1234567890123456", "4.9999999999999999", "1e-400", "1e3"] {
            assert!(!is_short(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_order_is_that_of_fractions(a in "-?[0-9]{1,20}(\\.[0-9]{1,20})?", b in "-?[0-9]{1,20}(\\.[0-9]{1,20})?") {
            let (one, other) = (written(&a), written(&b));
            prop_assert_eq!(one.cmp(&other), one.fraction().cmp(&other.fraction()));
            for (number, text) in [(&one, &a), (&other, &b)] {
                if is_short(text) {
                    let of_float = ExactDecimal::of_float(text.parse().unwrap());
                    prop_assert_eq!(of_float.as_ref(), Some(number));
                }
            }
        }
    }
}
