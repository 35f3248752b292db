//! Dates that are written as numbers: the time since 1970 of Unix, and the days of spreadsheets.

use super::calendar::days_from_civil;
use crate::model::{DAY_MICROS, FineInstant, TIMESTAMPS};

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SerialDate {
    /// Seconds since 1970, with a fraction of up to 9 digits.
    UnixSeconds,
    /// Milliseconds since 1970.
    UnixMilliseconds,
    /// Days of Excel: 1 is 1900-01-01. 60 would be a 29 February 1900, which never was.
    Excel1900,
    /// Days of Excel on early Macintoshes: 0 is 1904-01-01.
    Excel1904,
}

/// The most digits before the point.
const WHOLE_DIGITS: usize = 17;

/// The most digits behind the point of a day; further ones are below what Excel stores.
const DAY_DIGITS: usize = 18;

impl SerialDate {
    /// Every kind with its name.
    pub(super) const NAMES: [(&'static str, Self); 4] = [
        ("unix seconds", Self::UnixSeconds),
        ("unix milliseconds", Self::UnixMilliseconds),
        ("excel 1900", Self::Excel1900),
        ("excel 1904", Self::Excel1904),
    ];

    /// The timestamp of a number.
    pub(super) fn parse(self, text: &str) -> Option<FineInstant> {
        let (is_negative, digits) = text.strip_prefix('-').map_or((false, text), |digits| (true, digits));
        let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(whole, part)| (whole, Some(part)));
        let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number(whole) || whole.len() > WHOLE_DIGITS || !fraction.is_none_or(is_number) {
            return None;
        }
        let number: i64 = whole.parse().ok()?;
        let fraction = fraction.unwrap_or_default();
        let (micros, nanos) = match self {
            Self::UnixSeconds if fraction.len() <= 9 => {
                let below: i128 = format!("{fraction:0<9}").parse().ok()?;
                let nanos = i128::from(number) * 1_000_000_000 + below;
                let nanos = if is_negative { -nanos } else { nanos };
                (i64::try_from(nanos.div_euclid(1_000)).ok()?, u16::try_from(nanos.rem_euclid(1_000)).ok()?)
            }
            Self::UnixMilliseconds if fraction.is_empty() && !digits.contains('.') => {
                (number.checked_mul(1_000)? * if is_negative { -1 } else { 1 }, 0)
            }
            Self::Excel1900 | Self::Excel1904 if !is_negative => (self.excel(number, fraction)?, 0),
            _ => return None,
        };
        TIMESTAMPS.contains(&micros).then_some(FineInstant { micros, nanos })
    }

    /// Microseconds of a day of Excel and its fraction, which Excel stores to about a millisecond: rounded to one.
    fn excel(self, day: i64, fraction: &str) -> Option<i64> {
        const DAY_MILLIS: u128 = 86_400_000;
        let digits = &fraction[..fraction.len().min(DAY_DIGITS)];
        let scale = 10_u128.pow(u32::try_from(digits.len()).ok()?);
        let part: u128 = if digits.is_empty() { 0 } else { digits.parse().ok()? };
        let millis = i64::try_from((part * DAY_MILLIS + scale / 2) / scale).ok()?;
        let (day, millis) = (day + millis / 86_400_000, millis % 86_400_000);
        let first = match (self, day) {
            (Self::Excel1904, _) => days_from_civil(1904, 1, 1)?,
            (_, 1..=59) => days_from_civil(1899, 12, 31)?,
            (_, 61..) => days_from_civil(1899, 12, 30)?,
            _ => return None,
        };
        i64::from(first).checked_add(day)?.checked_mul(DAY_MICROS)?.checked_add(millis * 1_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Value;

    fn read(kind: SerialDate, text: &str) -> Option<String> {
        kind.parse(text).map(|instant| Value::of_instant(instant).to_string())
    }

    #[test]
    fn days_of_excel_skip_the_29_february_1900() {
        for (text, timestamp) in [
            ("1", Some("1900-01-01T00:00:00")),
            ("59", Some("1900-02-28T00:00:00")),
            ("60", None),
            ("60.5", None),
            ("59.99999999999", None),
            ("61", Some("1900-03-01T00:00:00")),
            ("45292", Some("2024-01-01T00:00:00")),
            ("45292.5", Some("2024-01-01T12:00:00")),
            ("45292.5208333333", Some("2024-01-01T12:30:00")),
            ("45292.99999999999", Some("2024-01-02T00:00:00")),
            ("45292.123456789012345678901234567890", Some("2024-01-01T02:57:46.667")),
            ("2958465", Some("9999-12-31T00:00:00")),
            ("2958466", None),
            ("0", None),
            ("-1", None),
            ("", None),
            (".5", None),
            ("45292.", None),
            ("4.5e4", None),
            ("45,292", None),
            ("2024-01-01", None),
            ("99999999999999999", None),
            ("999999999999999999", None),
        ] {
            assert_eq!(read(SerialDate::Excel1900, text).as_deref(), timestamp, "{text}");
        }
        for (text, timestamp) in [
            ("0", Some("1904-01-01T00:00:00")),
            ("60", Some("1904-03-01T00:00:00")),
            ("43830", Some("2024-01-01T00:00:00")),
            ("2957003", Some("9999-12-31T00:00:00")),
            ("2957004", None),
            ("-1", None),
        ] {
            assert_eq!(read(SerialDate::Excel1904, text).as_deref(), timestamp, "{text}");
        }
    }

    #[test]
    fn times_of_unix() {
        for (text, timestamp) in [
            ("0", Some("1970-01-01T00:00:00")),
            ("1704110400", Some("2024-01-01T12:00:00")),
            ("1704110400.25", Some("2024-01-01T12:00:00.25")),
            ("-1", Some("1969-12-31T23:59:59")),
            ("-0.5", Some("1969-12-31T23:59:59.5")),
            ("-62135596800", Some("0001-01-01T00:00:00")),
            ("-62135596801", None),
            ("253402300799", Some("9999-12-31T23:59:59")),
            ("253402300800", None),
            ("1704110400000000", None),
            ("+1", None),
            ("1.", None),
            ("1.0000000001", None),
            ("1e9", None),
            ("١", None),
        ] {
            assert_eq!(read(SerialDate::UnixSeconds, text).as_deref(), timestamp, "{text}");
        }
        for (text, timestamp) in [
            ("1704110400123", Some("2024-01-01T12:00:00.123")),
            ("-1", Some("1969-12-31T23:59:59.999")),
            ("1704110400123.5", None),
            ("1704110400123.", None),
            ("99999999999999999", None),
        ] {
            assert_eq!(read(SerialDate::UnixMilliseconds, text).as_deref(), timestamp, "{text}");
        }
    }
}
