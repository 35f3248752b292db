//! One cell of a sheet: its value, whatever kind of workbook it comes from.

use std::borrow::Cow;
use std::fmt::Write as _;

use jiff::ToSpan as _;
use jiff::civil::{DateTime, date};

use crate::model::{DAY_MICROS, Decimal, FIRST_DATE, LAST_DATE};

/// One cell.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell<'a> {
    /// It holds nothing, or the empty text.
    Empty,
    /// Text.
    Text(Cow<'a, str>),
    /// A whole number.
    Whole(i64),
    /// Another number.
    Number(f64),
    /// Days since 1970-01-01.
    Date(i32),
    /// Microseconds since 1970-01-01T00:00:00.
    Datetime(i64),
    /// A time of day or a duration, in milliseconds.
    Time(i64),
    /// A time in the system of 1904 from 00:00 on, in milliseconds, or one on its first day, 1904-01-01: the numbers are the
    /// same, and the other cells of the column show which.
    FirstDay(i64),
    /// The number 0 in the system of 1900: midnight among times, and no day among dates.
    DayZero,
    /// True or false.
    Boolean(bool),
    /// An error value such as `#N/A`.
    Error,
    /// A formula that no program has calculated.
    Uncalculated,
    /// A date that does not exist, or a time that is none.
    Unreadable,
}

/// Days from 1899-12-30 to 1970-01-01.
const EPOCH_1900: i64 = 25_569;

/// Days from 1904-01-01 to 1970-01-01.
const EPOCH_1904: i64 = 24_107;

const DAY_MILLIS: i64 = DAY_MICROS / 1_000;

/// Serial numbers of dates end here: 9999-12-31.
const LAST_SERIAL: f64 = 2_958_466.0;

impl<'a> Cell<'a> {
    /// A text; the empty one is no value.
    pub(super) fn text(text: impl Into<Cow<'a, str>>) -> Self {
        let text = text.into();
        if text.is_empty() { Self::Empty } else { Self::Text(text) }
    }

    /// A number.
    pub(super) fn number(number: f64) -> Self {
        /// Up to here, a float is a whole number exactly as its digits say.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        if number.fract() != 0.0 || !number.is_finite() {
            return Self::Number(number);
        }
        if number.abs() <= EXACT {
            #[expect(clippy::cast_possible_truncation, reason = "a whole number of at most 53 bits")]
            return Self::Whole(number as i64);
        }
        // The digits that a workbook keeps: 1e18 + 1 is 1000000000000000000.
        Decimal::from_float(number).and_then(Decimal::to_integer).map_or(Self::Number(number), Self::Whole)
    }

    /// A number that is shown as a date or time: days since 1900 or 1904.
    pub(super) fn serial(serial: f64, is_1904: bool, is_duration: bool) -> Self {
        if !serial.is_finite() || serial.abs() >= LAST_SERIAL {
            return Self::Unreadable;
        }
        #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "days of 10,000 years")]
        let millis = (serial * DAY_MILLIS as f64).round() as i64;
        let is_first_day = (0.0..1.0).contains(&serial);
        if is_first_day && is_1904 && !is_duration && millis < DAY_MILLIS {
            return Self::FirstDay(millis);
        }
        if is_first_day && millis == 0 && !is_duration {
            return Self::DayZero;
        }
        if is_duration || is_first_day {
            return Self::Time(millis);
        }
        if serial < 0.0 {
            return Self::Unreadable;
        }
        let (day, time) = (millis.div_euclid(DAY_MILLIS), millis.rem_euclid(DAY_MILLIS));
        let day = match day {
            _ if is_1904 => day - EPOCH_1904,
            // 29 February 1900 is a day for spreadsheets alone.
            60 => return Self::Unreadable,
            0..60 => day - EPOCH_1900 + 1,
            _ => day - EPOCH_1900,
        };
        Self::instant(day, time * 1_000)
    }

    /// A date as text: `2026-11-30`, with a time or without.
    pub(super) fn iso_date(text: &str) -> Self {
        let Ok(instant) = text.trim().parse::<DateTime>() else { return Self::Unreadable };
        let day = i64::from((instant.date() - date(1970, 1, 1)).get_days());
        let time = instant.time();
        let seconds = i64::from(time.hour()) * 3_600 + i64::from(time.minute()) * 60 + i64::from(time.second());
        Self::instant(day, seconds * 1_000_000 + i64::from(time.subsec_nanosecond()) / 1_000)
    }

    /// A duration as text: `PT08H30M00S`.
    pub(super) fn iso_duration(text: &str) -> Self {
        let duration = text.trim().parse::<jiff::SignedDuration>();
        duration.ok().and_then(|duration| i64::try_from(duration.as_millis()).ok()).map_or(Self::Unreadable, Self::Time)
    }

    /// A time on the first day of the system of 1904, as a date.
    pub(super) fn on_first_day(millis: i64) -> Self {
        Self::instant(-EPOCH_1904, millis * 1_000)
    }

    fn instant(day: i64, micros: i64) -> Self {
        match i32::try_from(day) {
            Ok(day) if (FIRST_DATE..=LAST_DATE).contains(&day) => {
                if micros == 0 {
                    Self::Date(day)
                } else {
                    Self::Datetime(i64::from(day) * DAY_MICROS + micros)
                }
            }
            _ => Self::Unreadable,
        }
    }

    /// Appends the text of its value, as it is written in a column of texts; nothing where it has none.
    pub(super) fn write(&self, out: &mut String) {
        // Writing to a text does not fail.
        let _ = match self {
            Self::Text(text) => out.write_str(text),
            Self::Whole(number) => write!(out, "{number}"),
            Self::Number(number) => match Decimal::from_float(*number) {
                Some(decimal) => write!(out, "{decimal}"),
                None => write!(out, "{number:e}"),
            },
            Self::Date(day) => match date(1970, 1, 1).checked_add(i64::from(*day).days()) {
                Ok(date) => write!(out, "{date}"),
                Err(_) => Ok(()),
            },
            Self::Datetime(micros) => match date(1970, 1, 1).at(0, 0, 0, 0).checked_add(micros.microseconds()) {
                Ok(instant) => write!(out, "{instant}"),
                Err(_) => Ok(()),
            },
            Self::Time(millis) | Self::FirstDay(millis) => {
                let (sign, millis) = (if *millis < 0 { "-" } else { "" }, millis.unsigned_abs());
                let (seconds, rest) = (millis / 1_000, millis % 1_000);
                let whole = write!(out, "{sign}{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60);
                if rest > 0 { write!(out, ".{rest:03}") } else { whole }
            }
            Self::DayZero => out.write_str("00:00:00"),
            Self::Boolean(value) => write!(out, "{value}"),
            Self::Empty | Self::Error | Self::Uncalculated | Self::Unreadable => Ok(()),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(cell: &Cell) -> String {
        let mut text = String::new();
        cell.write(&mut text);
        text
    }

    #[test]
    fn serial_numbers_are_dates_of_both_systems() {
        // Counted by hand: 1 is the first day of 1900, 60 a day that did not exist, 61 the first of March.
        for (serial, is_1904, expected) in [
            (1.0, false, "1900-01-01"),
            (59.0, false, "1900-02-28"),
            (60.0, false, ""),
            (61.0, false, "1900-03-01"),
            (25_569.0, false, "1970-01-01"),
            (45_296.0, false, "2024-01-05"),
            (45_296.5, false, "2024-01-05T12:00:00"),
            // Half a millisecond before midnight is the next day.
            (45_296.999_999_999, false, "2024-01-06"),
            (2_958_465.0, false, "9999-12-31"),
            (2_958_466.0, false, ""),
            (-1.0, false, ""),
            (f64::NAN, false, ""),
            (1.0, true, "1904-01-02"),
            (60.0, true, "1904-03-01"),
            (0.0, true, "00:00:00"),
            (-1.0, true, ""),
            (43_834.0, true, "2024-01-05"),
            (0.5, false, "12:00:00"),
            (0.0, false, "00:00:00"),
        ] {
            assert_eq!(written(&Cell::serial(serial, is_1904, false)), expected, "{serial}");
        }
        assert_eq!(written(&Cell::serial(1.0625, false, true)), "25:30:00");
        assert_eq!(written(&Cell::serial(-0.25, false, true)), "-06:00:00");
        assert_eq!(written(&Cell::serial(0.500_000_011_574_074_1, false, false)), "12:00:00.001");
    }

    #[test]
    fn dates_of_open_document_are_texts() {
        assert_eq!(Cell::iso_date("1970-01-02"), Cell::Date(1));
        assert_eq!(Cell::iso_date("1970-01-02T00:00:01"), Cell::Datetime(86_401_000_000));
        assert_eq!(Cell::iso_date("2024-02-30"), Cell::Unreadable);
        assert_eq!(written(&Cell::iso_duration("PT08H30M00S")), "08:30:00");
        assert_eq!(written(&Cell::iso_duration("PT26H00M01.5S")), "26:00:01.500");
        assert_eq!(Cell::iso_duration("tomorrow"), Cell::Unreadable);
    }

    #[test]
    fn numbers_keep_their_digits() {
        for (number, expected) in [
            (7.0, "7"),
            (-0.0, "0"),
            (1.234, "1.234"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1e18, "1000000000000000000"),
        ] {
            assert_eq!(written(&Cell::number(number)), expected);
        }
        assert!(matches!(Cell::number(1e18), Cell::Whole(_)));
        assert!(matches!(Cell::number(1e19), Cell::Number(_)));
        assert_eq!(written(&Cell::number(1e300)), "1e300");
    }
}
