//! Numbers and dates as 64-bit images in the same order.

use crate::model::{DataType, Value};

const SIGN: u64 = 1 << 63;

/// The image of a whole number, a date or a timestamp.
#[inline]
pub(crate) const fn image_of_whole(number: i64) -> u64 {
    number.cast_unsigned() ^ SIGN
}

/// The whole number of an image.
#[inline]
pub(crate) const fn whole_of(image: u64) -> i64 {
    (image ^ SIGN).cast_signed()
}

/// The image of a float that is a number; both zeros have one.
#[inline]
pub(crate) fn image_of_decimal(number: f64) -> u64 {
    let bits = (number + 0.0).to_bits();
    if bits & SIGN == 0 { bits | SIGN } else { !bits }
}

/// The float of an image.
#[inline]
pub(crate) const fn decimal_of(image: u64) -> f64 {
    f64::from_bits(if image & SIGN == 0 { !image } else { image ^ SIGN })
}

/// The value of an image of a type.
pub(crate) fn value_of(image: u64, data_type: DataType) -> Value {
    match data_type {
        DataType::Decimal => Value::Decimal(decimal_of(image)),
        DataType::Date => Value::Date(i32::try_from(whole_of(image)).unwrap_or(i32::MAX)),
        DataType::Datetime => Value::Datetime(whole_of(image)),
        _ => Value::Integer(whole_of(image)),
    }
}

/// The image of a value in a type that is a number or a date.
pub(crate) fn image_of(value: &Value, data_type: DataType) -> Option<u64> {
    Some(match (value, data_type) {
        #[expect(clippy::cast_precision_loss, reason = "a whole number among decimals is one")]
        (Value::Integer(number), DataType::Decimal) => image_of_decimal(*number as f64),
        (Value::Decimal(number), _) if !number.is_nan() => image_of_decimal(*number),
        (Value::Integer(number) | Value::Datetime(number), _) => image_of_whole(*number),
        (Value::Nanoseconds(instant), _) => image_of_whole(instant.micros),
        (Value::Date(day), _) => image_of_whole(i64::from(*day)),
        _ => return None,
    })
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these come out exact")]
mod tests {
    use super::*;

    #[test]
    fn images_keep_the_order_of_numbers() {
        let decimals =
            [f64::NEG_INFINITY, f64::MIN, -1.5, -f64::MIN_POSITIVE, 0.0, 5e-324, 1.0, 1.5, f64::MAX, f64::INFINITY];
        assert!(decimals.map(image_of_decimal).is_sorted());
        assert_eq!(decimals.map(|number| decimal_of(image_of_decimal(number))), decimals);
        assert_eq!(image_of_decimal(-0.0), image_of_decimal(0.0));
        let whole = [i64::MIN, -7, -1, 0, 1, 7, i64::MAX];
        assert!(whole.map(image_of_whole).is_sorted());
        assert_eq!(whole.map(|number| whole_of(image_of_whole(number))), whole);
    }
}
