//! Values written in the one form in which keys and facts compare them.

use crate::model::Value;
use crate::scalar::{canonical, civil_from_days};

/// Writes a day as `canonical` does, digit by digit: dates are the most common part of composite keys.
pub(crate) fn write_date(days: i32, out: &mut String) {
    let (year, month, day) = civil_from_days(days);
    if !(0..=9999).contains(&year) {
        out.push_str(&canonical(&Value::Date(days)));
        return;
    }
    let digit = |number: u32| char::from_digit(number % 10, 10).unwrap_or('0');
    let year = year.unsigned_abs();
    out.extend([digit(year / 1000), digit(year / 100), digit(year / 10), digit(year), '-']);
    out.extend([digit(month / 10), digit(month), '-', digit(day / 10), digit(day)]);
}
