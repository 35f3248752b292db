//! Decimals as whole numbers of 10^-38, which all of them are.

use ethnum::I256;

use crate::model::Decimal;

/// A decimal in units of 10^-38: under 10^76 on either side of 0, which takes 254 bits with the sign.
#[inline]
pub(crate) fn units(number: Decimal) -> I256 {
    I256::from(number.coefficient()) * I256::from(Decimal::power_of_ten(Decimal::DIGITS - number.scale()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_decimals_have_units() {
        for (text, digits) in [
            ("0", "0"),
            ("1", "100000000000000000000000000000000000000"),
            ("-0.1", "-10000000000000000000000000000000000000"),
            ("-0.00000000000000000000000000000000000001", "-1"),
            (
                "99999999999999999999999999999999999999",
                "9999999999999999999999999999999999999900000000000000000000000000000000000000",
            ),
        ] {
            assert_eq!(units(Decimal::parse(text).expect(text)).to_string(), digits);
        }
    }
}
