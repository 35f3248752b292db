//! Exact sums of decimals, which do not depend on the order.
//!
//! A sum is 320 bits of units of 10^-38. A decimal is less than 10^76 of them, so that more than 2^40 decimals fit. A float
//! counts as the shortest decimal that parses as it: 0.1 is a tenth.

use num_bigint::BigInt;

use crate::model::Decimal;

use crate::engine::local::numbers::fixed::units;
use crate::engine::local::numbers::selection::{ones, runs};
use crate::source::Bits;

/// Words of a sum.
pub(crate) const SUM_WORDS: usize = 5;

/// A number in units, in two's complement, the lowest word first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Sum(pub(crate) [u64; SUM_WORDS]);

impl Sum {
    /// Digits behind the point.
    pub(crate) const PLACES: u8 = Decimal::DIGITS;

    /// One.
    pub(crate) const ONE: Self = {
        let [low, high] = split(Decimal::power_of_ten(Self::PLACES).cast_unsigned());
        Self([low, high, 0, 0, 0])
    };

    /// A number of 256 bits without a sign, the lowest word first.
    #[inline]
    pub(crate) const fn of_words([first, second, third, fourth]: [u64; SUM_WORDS - 1]) -> Self {
        Self([first, second, third, fourth, 0])
    }

    /// A decimal.
    #[inline]
    pub(crate) fn of_decimal(number: Decimal) -> Self {
        let (high, low) = units(number).into_words();
        let ([first, second], [third, fourth]) = (split(low.cast_unsigned()), split(high.cast_unsigned()));
        Self([first, second, third, fourth, if high < 0 { u64::MAX } else { 0 }])
    }

    /// Those of the rows, added up.
    pub(crate) fn of_rows(numbers: &[Decimal], rows: &Bits) -> Self {
        // Numbers of equal places are added up as they are, as long as the sum is a decimal.
        let mut sums = [Decimal::ZERO; Decimal::DIGITS as usize + 1];
        let mut all = Self::default();
        runs(numbers, rows, |numbers, word| {
            ones(numbers, word, |number| {
                let sum = &mut sums[usize::from(number.scale())];
                match sum
                    .coefficient()
                    .checked_add(number.coefficient())
                    .and_then(|all| Decimal::new(all, number.scale()))
                {
                    Some(more) => *sum = more,
                    None => all = all.plus(Self::of_decimal(number)),
                }
            });
        });
        sums.into_iter().map(Self::of_decimal).fold(all, Self::plus)
    }

    /// The shortest decimal that parses as this float; `None` where no decimal does.
    pub(crate) fn of_float(number: f64) -> Option<Self> {
        Decimal::from_float(number).map(Self::of_decimal)
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

    /// In units of 10^-38.
    pub(crate) fn units(self) -> BigInt {
        let bytes: Vec<u8> = self.0.iter().flat_map(|word| word.to_le_bytes()).collect();
        BigInt::from_signed_bytes_le(&bytes)
    }

    /// As it is written.
    pub(crate) fn text(self) -> String {
        const FRACTION: usize = Sum::PLACES as usize;
        let units = self.units().to_string();
        let (sign, digits) = units.strip_prefix('-').map_or(("", units.as_str()), |digits| ("-", digits));
        let padded = format!("{digits:0>width$}", width = FRACTION + 1);
        let (whole, fraction) = padded.split_at(padded.len() - FRACTION);
        let fraction = fraction.trim_end_matches('0');
        format!("{sign}{whole}{}{fraction}", if fraction.is_empty() { "" } else { "." })
    }
}

/// The words of a number, the lower one first.
#[expect(clippy::cast_possible_truncation, reason = "a word at a time")]
const fn split(number: u128) -> [u64; 2] {
    [number as u64, (number >> 64) as u64]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(text: &str) -> Sum {
        Sum::of_decimal(Decimal::parse(text).expect(text))
    }

    #[test]
    fn rows_are_added_up_exactly() {
        let texts = [
            "0.1",
            "99999999999999999999999999999999999999",
            "99999999999999999999999999999999999999",
            "-2.50",
            "1e-38",
            "7",
        ];
        let numbers = texts.map(|text| Decimal::parse(text).expect(text));
        let rows = Bits::from_fn(numbers.len(), |row| row != 5);
        let expected = numbers[..5].iter().map(|number| Sum::of_decimal(*number)).fold(Sum::default(), Sum::plus);
        assert_eq!(Sum::of_rows(&numbers, &rows), expected);
        assert_eq!(expected.text(), "199999999999999999999999999999999999995.60000000000000000000000000000000000001");
    }

    #[test]
    fn decimals_come_back_as_they_were() {
        for number in [
            "0",
            "1",
            "-1",
            "0.1",
            "-0.00000000000000000000000000000000000001",
            "12345678901234567890.123456789012345678",
            "-99999999999999999999999999999999999999",
        ] {
            assert_eq!(sum(number).text(), number);
        }
        assert_eq!(sum("+007.50").text(), "7.5");
        assert_eq!(sum("1"), Sum::ONE);
        for number in [i64::MIN, -1, 0, 1, i64::MAX] {
            assert_eq!(Sum::of_decimal(number.into()).text(), number.to_string());
        }
    }

    #[test]
    fn floats_are_the_shortest_decimals_that_read_as_them() {
        for number in [0.1, -0.3, 1.005, 1e-7, 123_456.78, 0.1 + 0.2, 9_007_199_254_740_993.0, -1e15, 1e20, 4.35] {
            assert_eq!(Sum::of_float(number).map(Sum::text), Some(number.to_string()));
        }
        for number in [f64::NAN, f64::INFINITY, 1e300, 5e-324] {
            assert_eq!(Sum::of_float(number), None, "{number}");
        }
        assert_eq!(Sum::of_float(-0.0), Some(Sum::default()));
    }

    #[test]
    fn sums_hang_on_no_order() {
        let numbers = [
            "0.1",
            "-99999999999999999999999999999999999999",
            "99999999999999999999",
            "-0.00000000000000000000000000000000000001",
            "-99999999999999999999999999999999999999",
            "7",
        ];
        let there = numbers.iter().map(|number| sum(number)).fold(Sum::default(), Sum::plus);
        assert_eq!(there, numbers.iter().rev().map(|number| sum(number)).fold(Sum::default(), Sum::plus));
        assert_eq!(there.text(), "-199999999999999999899999999999999999991.90000000000000000000000000000000000001");
        let decimals = numbers.map(|number| Decimal::parse(number).expect(number));
        assert_eq!(Sum::of_rows(&decimals, &Bits::all(decimals.len())), there);
        let odd = Bits::from_fn(decimals.len(), |row| row % 2 == 1);
        assert_eq!(
            Sum::of_rows(&decimals, &odd).text(),
            "-99999999999999999999999999999999999992.00000000000000000000000000000000000001"
        );
        // 2^40 of the greatest.
        let most = (0..40).fold(sum("99999999999999999999999999999999999999"), |sum, _| sum.plus(sum));
        let whole: BigInt = "99999999999999999999999999999999999999".parse().expect("digits");
        assert_eq!(most.text(), (whole * (1_u64 << 40)).to_string());
    }
}
