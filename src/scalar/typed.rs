//! Cells as typed values: parsing, comparing, and one text for equal keys.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt::Write as _;

use super::{
    DateFormat, civil_from_days, is_uuid, parse_boolean, parse_float, parse_integer, parse_long_integer, parse_single,
};
use crate::model::{DAY_MICROS, DataType, Decimal, Value};

/// Parses a cell as a type; `None` if it is unparseable. Without a format, dates and times are ISO 8601.
pub fn parse_value(text: &str, data_type: DataType, format: Option<&DateFormat>) -> Option<Value> {
    const ISO: &DateFormat = &DateFormat::iso();
    let format = format.unwrap_or(ISO);
    match data_type {
        DataType::Text | DataType::Binary => Some(Value::Text(text.to_owned())),
        DataType::Integer => {
            parse_integer(text).map(Value::Integer).or_else(|| parse_long_integer(text).map(Value::of_decimal))
        }
        DataType::Decimal => Decimal::parse(text).map(Value::Decimal),
        DataType::Float => parse_float(text).map(Value::Float),
        DataType::Float32 => parse_single(text).map(Value::Float),
        DataType::Date => format.parse_date(text).map(Value::Date),
        DataType::Datetime => format.parse_instant(text).map(Value::of_instant),
        DataType::Boolean => parse_boolean(text).map(Value::Boolean),
        DataType::Uuid => is_uuid(text).then(|| Value::Text(text.to_owned())),
    }
}

/// The order of two values of one type, of two numbers, or of a date (as its midnight) and a datetime.
///
/// Integers and decimals compare exactly, and so does a whole number of 64 bits with a float, whichever type holds it. Any
/// other decimal becomes the nearest float to be compared with one. Text compares byte for byte. False comes before true. `None` for
/// null, for not-a-number and for types that do not compare.
pub fn compare(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Text(left), Value::Text(right)) => Some(left.as_bytes().cmp(right.as_bytes())),
        (Value::Integer(left), Value::Integer(right)) | (Value::Datetime(left), Value::Datetime(right)) => {
            Some(left.cmp(right))
        }
        (Value::Decimal(left), Value::Decimal(right)) => Some(left.cmp(right)),
        (Value::Integer(left), Value::Decimal(right)) => Some(Decimal::from(*left).cmp(right)),
        (Value::Decimal(left), Value::Integer(right)) => Some(left.cmp(&Decimal::from(*right))),
        (Value::Float(left), Value::Float(right)) => left.partial_cmp(right),
        (Value::Integer(left), Value::Float(right)) => compare_mixed(*left, *right),
        (Value::Float(left), Value::Integer(right)) => compare_mixed(*right, *left).map(Ordering::reverse),
        (Value::Decimal(left), Value::Float(right)) => compare_decimal(*left, *right),
        (Value::Float(left), Value::Decimal(right)) => compare_decimal(*right, *left).map(Ordering::reverse),
        (Value::Date(left), Value::Date(right)) => Some(left.cmp(right)),
        (Value::Boolean(left), Value::Boolean(right)) => Some(left.cmp(right)),
        // Dates and timestamps, to the nanosecond.
        _ => Some(left.instant()?.cmp(&right.instant()?)),
    }
}

/// 2^63, the first float above every 64-bit integer.
const TWO_63: f64 = 9_223_372_036_854_775_808.0;

/// The integer that equals a float without fraction; `None` outside 64 bits or with a fraction.
pub(super) fn whole(number: f64) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "the range is checked, so the cast is exact")]
    let cast = || number as i64;
    (number.trunc().total_cmp(&number).is_eq() && (-TWO_63..TWO_63).contains(&number)).then(cast)
}

/// A decimal compared with a float: a whole number of 64 bits exactly, as an integer, any other as the nearest float.
pub fn compare_decimal(decimal: Decimal, float: f64) -> Option<Ordering> {
    match decimal.to_integer() {
        Some(integer) => compare_mixed(integer, float),
        None => decimal.to_float().partial_cmp(&float),
    }
}

/// An integer compared with a float, without rounding the integer.
pub fn compare_mixed(integer: i64, float: f64) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    let floor = float.floor();
    Some(match whole(floor) {
        Some(floored) => integer.cmp(&floored).then(if float > floor { Ordering::Less } else { Ordering::Equal }),
        None if float > 0.0 => Ordering::Less,
        None => Ordering::Greater,
    })
}

/// The text that equal values of one type share, and equal numbers of all types: decimal digits, of a float those of the
/// shortest decimal that parses as it (`2` for 2.0), ISO 8601, `true` and `false`. Null is `null`, so keys with a missing part are left out before.
pub fn canonical(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Text(text) => Cow::Borrowed(text),
        other => {
            let mut text = String::new();
            write_canonical(other, &mut text);
            Cow::Owned(text)
        }
    }
}

/// Appends the [`canonical`] text.
fn write_canonical(value: &Value, out: &mut String) {
    // Writing to a string cannot fail.
    let _ = match value {
        Value::Null => out.write_str("null"),
        Value::Text(text) => out.write_str(text),
        Value::Integer(number) => write!(out, "{number}"),
        Value::Decimal(number) => write!(out, "{number}"),
        // The shortest decimal of a large float may differ from the integer that it equals, and -0 equals 0.
        Value::Float(number) => match whole(*number + 0.0) {
            Some(integer) => write!(out, "{integer}"),
            None => write!(out, "{number}"),
        },
        Value::Boolean(flag) => write!(out, "{flag}"),
        Value::Date(days) => write_day(*days, out),
        Value::Nanoseconds(_) => write!(out, "{value}"),
        Value::Datetime(micros) => {
            let (days, time) = (micros.div_euclid(DAY_MICROS), micros.rem_euclid(DAY_MICROS));
            let (seconds, fraction) = (time / 1_000_000, time % 1_000_000);
            // All i64 microseconds are within 2^31 days of 1970.
            let written = write_day(i32::try_from(days).unwrap_or(i32::MAX), out)
                .and_then(|()| write!(out, "T{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60));
            if fraction != 0 {
                let _ = write!(out, ".{fraction:06}");
                out.truncate(out.trim_end_matches('0').len());
            }
            written
        }
    };
}

fn write_day(days: i32, out: &mut String) -> std::fmt::Result {
    let (year, month, day) = civil_from_days(days);
    write!(out, "{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "the values are chosen to be exact")]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::DateNotation;

    fn nanos(micros: i64, nanos: u16) -> Value {
        Value::of_instant(crate::model::FineInstant { micros, nanos })
    }

    #[test]
    fn numbers_compare_exactly() {
        let integer = 9_007_199_254_740_993; // 2^53 + 1 has no float
        for (left, right, expected) in [
            (Value::Integer(integer), Value::Float(9_007_199_254_740_992.0), Some(Ordering::Greater)),
            (Value::Float(9_007_199_254_740_992.0), Value::Integer(integer), Some(Ordering::Less)),
            (Value::Integer(i64::MAX), Value::Float(TWO_63), Some(Ordering::Less)),
            (Value::Integer(i64::MIN), Value::Float(-TWO_63), Some(Ordering::Equal)),
            (Value::Integer(0), Value::Float(-0.0), Some(Ordering::Equal)),
            // A whole number counts the same, whichever type holds it.
            (
                Value::Decimal(9_007_199_254_740_993_i64.into()),
                Value::Float(9_007_199_254_740_992.0),
                Some(Ordering::Greater),
            ),
            (Value::Float(-TWO_63), Value::Decimal((i64::MIN + 1).into()), Some(Ordering::Less)),
            (Value::Integer(-1), Value::Float(-0.5), Some(Ordering::Less)),
            (Value::Integer(-1), Value::Float(-1.5), Some(Ordering::Greater)),
            (Value::Integer(1), Value::Float(f64::INFINITY), Some(Ordering::Less)),
            (Value::Integer(1), Value::Float(f64::NEG_INFINITY), Some(Ordering::Greater)),
            (Value::Integer(1), Value::Float(f64::NAN), None),
            (Value::Float(f64::NAN), Value::Float(f64::NAN), None),
            (Value::Date(1), Value::Datetime(DAY_MICROS), Some(Ordering::Equal)),
            (Value::Datetime(DAY_MICROS + 1), Value::Date(1), Some(Ordering::Greater)),
            (nanos(DAY_MICROS, 1), Value::Date(1), Some(Ordering::Greater)),
            (Value::Datetime(DAY_MICROS), nanos(DAY_MICROS, 1), Some(Ordering::Less)),
            (nanos(-1, 999), Value::Datetime(0), Some(Ordering::Less)),
            (nanos(0, 1), nanos(0, 2), Some(Ordering::Less)),
            (nanos(0, 1), nanos(0, 1), Some(Ordering::Equal)),
            (nanos(0, 0), Value::Date(0), Some(Ordering::Equal)),
            (nanos(0, 1), Value::Integer(0), None),
            (Value::Text("Z".into()), Value::Text("a".into()), Some(Ordering::Less)),
            (Value::Text("é".into()), Value::Text("z".into()), Some(Ordering::Greater)),
            (Value::Boolean(false), Value::Boolean(true), Some(Ordering::Less)),
            (Value::Null, Value::Null, None),
            (Value::Text("1".into()), Value::Integer(1), None),
        ] {
            assert_eq!(compare(&left, &right), expected, "{left} against {right}");
        }
    }

    #[test]
    fn equal_values_share_their_text() {
        for (value, text) in [
            (Value::Integer(-7), "-7"),
            (Value::Float(2.0), "2"),
            (Value::Float(-0.0), "0"),
            (Value::Float(0.1), "0.1"),
            (Value::Float(-0.5), "-0.5"),
            (Value::Float(9_223_372_036_854_774_784.0), "9223372036854774784"),
            (Value::Boolean(true), "true"),
            (Value::Date(0), "1970-01-01"),
            (Value::Date(-719_162), "0001-01-01"),
            (Value::Datetime(-1), "1969-12-31T23:59:59.999999"),
            (Value::Datetime(500_000), "1970-01-01T00:00:00.5"),
            (nanos(500_000, 0), "1970-01-01T00:00:00.5"),
            (nanos(500_000, 10), "1970-01-01T00:00:00.50000001"),
            (nanos(-1, 999), "1969-12-31T23:59:59.999999999"),
            (nanos(0, 1), "1970-01-01T00:00:00.000000001"),
            (Value::Text("00070".into()), "00070"),
        ] {
            assert_eq!(canonical(&value), text);
        }
    }

    #[test]
    fn cells_read_in_their_type() {
        assert_eq!(parse_value("00070", DataType::Text, None), Some(Value::Text("00070".into())));
        assert_eq!(parse_value("00070", DataType::Integer, None), Some(Value::Integer(70)));
        assert_eq!(parse_value("2024-02-29", DataType::Date, None), Some(Value::Date(19_782)));
        assert_eq!(parse_value("29/02/2024", DataType::Date, None), None);
        let format =
            DateFormat::compile(&DateNotation { formats: vec!["%d/%m/%Y".into()], ..DateNotation::default() }).unwrap();
        assert_eq!(parse_value("29/02/2024", DataType::Date, Some(&format)), Some(Value::Date(19_782)));
        assert_eq!(parse_value("x", DataType::Uuid, None), None);
    }

    proptest! {
        #[test]
        fn canonical_text_is_that_of_display(
            days in -719_162..2_932_897i32, micros in 0..DAY_MICROS, below in 0..1000_u16
        ) {
            let micros = i64::from(days) * DAY_MICROS + micros;
            for value in [Value::Date(days), Value::Datetime(micros), nanos(micros, below)] {
                prop_assert_eq!(canonical(&value).into_owned(), value.to_string());
                prop_assert_eq!(parse_value(&value.to_string(), value.data_type().unwrap(), None), Some(value));
            }
        }

        #[test]
        fn canonical_text_agrees_with_compare(integer: i64, decimal: f64) {
            for decimal in [decimal, integer as f64] {
                let (left, right) = (Value::Integer(integer), Value::Float(decimal));
                let equal = compare(&left, &right) == Some(Ordering::Equal);
                prop_assert_eq!(canonical(&left) == canonical(&right), equal);
            }
        }

        #[test]
        fn mixed_comparison_is_that_of_wide_integers(integer: i64, other: i64) {
            let decimal = other as f64;
            // A float of this size is a whole number that i128 holds.
            let expected = i128::from(integer).cmp(&(decimal as i128));
            prop_assert_eq!(compare(&Value::Integer(integer), &Value::Float(decimal)), Some(expected));
        }
    }
}
