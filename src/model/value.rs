//! Types and values of cells, literals and aggregates.

use std::fmt;

use jiff::civil::{Date, DateTime};
use num_bigint::BigInt;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Decimal, FineInstant};

/// The declared type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DataType {
    /// Any text, compared byte for byte.
    Text,
    /// A whole number of up to 38 digits.
    Integer,
    /// An exact number of up to 38 digits.
    Decimal,
    /// A 64-bit float.
    Float,
    /// A 32-bit float: the number that is written the shortest. What is compared with it is rounded to its precision.
    Float32,
    /// A calendar date.
    Date,
    /// A timestamp without time zone, or converted to UTC.
    Datetime,
    /// True or false.
    Boolean,
    /// A UUID in its 36-character form; stored as text.
    Uuid,
    /// Bytes. What is UTF-8 is given as it is, anything else as U+FFFD and its bytes in hex.
    Binary,
}

impl DataType {
    /// Every type, in the order of the documentation.
    pub const ALL: &[Self] = &[
        Self::Text,
        Self::Integer,
        Self::Decimal,
        Self::Float,
        Self::Float32,
        Self::Date,
        Self::Datetime,
        Self::Boolean,
        Self::Uuid,
        Self::Binary,
    ];

    /// The name used in suites and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "integer",
            Self::Decimal => "decimal",
            Self::Float => "float",
            Self::Float32 => "float32",
            Self::Date => "date",
            Self::Datetime => "datetime",
            Self::Boolean => "boolean",
            Self::Uuid => "uuid",
            Self::Binary => "binary",
        }
    }

    /// The type of that name, if there is one.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }

    /// Whether values are numbers.
    pub const fn is_numeric(self) -> bool {
        matches!(self, Self::Integer | Self::Decimal | Self::Float | Self::Float32)
    }

    /// Whether values are floats.
    pub const fn is_float(self) -> bool {
        matches!(self, Self::Float | Self::Float32)
    }

    /// The type in which numbers of both types compare: a float where one of them is, an integer where both are.
    #[must_use]
    pub const fn with_number(self, other: Self) -> Self {
        match (self, other) {
            (Self::Float32, _) | (_, Self::Float32) => Self::Float32,
            (Self::Float, _) | (_, Self::Float) => Self::Float,
            (Self::Integer, Self::Integer) => Self::Integer,
            _ => Self::Decimal,
        }
    }

    /// Whether values are stored as text.
    pub const fn is_textual(self) -> bool {
        matches!(self, Self::Text | Self::Uuid | Self::Binary)
    }
}

impl fmt::Display for DataType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One typed value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Value {
    /// SQL NULL.
    Null,
    /// Text.
    Text(String),
    /// A whole number of 64 bits; a longer one is a [`Self::Decimal`].
    Integer(i64),
    /// An exact number.
    Decimal(Decimal),
    /// A 64-bit float.
    Float(f64),
    /// Days since 1970-01-01.
    Date(i32),
    /// Microseconds since 1970-01-01T00:00:00.
    Datetime(i64),
    /// A timestamp with nanoseconds below the microsecond; one without them is a `Datetime`, see [`Value::of_instant`].
    Nanoseconds(FineInstant),
    /// True or false.
    Boolean(bool),
}

impl Value {
    /// The type of the value; `None` for null.
    pub const fn data_type(&self) -> Option<DataType> {
        Some(match self {
            Self::Null => return None,
            Self::Text(_) => DataType::Text,
            Self::Integer(_) => DataType::Integer,
            Self::Decimal(_) => DataType::Decimal,
            Self::Float(_) => DataType::Float,
            Self::Date(_) => DataType::Date,
            Self::Datetime(_) | Self::Nanoseconds(_) => DataType::Datetime,
            Self::Boolean(_) => DataType::Boolean,
        })
    }

    /// A timestamp to the nanosecond.
    pub const fn of_instant(instant: FineInstant) -> Self {
        match instant.nanos {
            0 => Self::Datetime(instant.micros),
            _ => Self::Nanoseconds(instant),
        }
    }

    /// The value, of a timestamp its whole microseconds.
    #[must_use]
    pub fn to_microsecond(self) -> Self {
        match self {
            Self::Nanoseconds(instant) => Self::Datetime(instant.micros),
            value => value,
        }
    }

    /// A date (its midnight) or a timestamp, to the nanosecond.
    pub fn instant(&self) -> Option<FineInstant> {
        match self {
            Self::Date(days) => Some(FineInstant::of_micros(i64::from(*days).saturating_mul(DAY_MICROS))),
            Self::Datetime(micros) => Some(FineInstant::of_micros(*micros)),
            Self::Nanoseconds(instant) => Some(*instant),
            _ => None,
        }
    }

    /// A number as the nearest float.
    pub fn to_float(&self) -> Option<f64> {
        match self {
            #[expect(clippy::cast_precision_loss, reason = "the nearest float")]
            Self::Integer(number) => Some(*number as f64),
            Self::Decimal(number) => Some(number.to_float()),
            Self::Float(number) => Some(*number),
            _ => None,
        }
    }

    /// An exact number as a decimal.
    pub fn to_decimal(&self) -> Option<Decimal> {
        match self {
            Self::Integer(number) => Some(Decimal::from(*number)),
            Self::Decimal(number) => Some(*number),
            _ => None,
        }
    }

    /// A 32-bit float as the 64-bit float that is written the same: 0.1 stays 0.1.
    pub fn single(number: f32) -> f64 {
        let wide = f64::from(number);
        #[expect(clippy::float_cmp, reason = "whole numbers of up to 24 bits")]
        if wide.trunc() == wide && wide.abs() < 16_777_216.0 || !wide.is_finite() {
            return wide;
        }
        number.to_string().parse().unwrap_or(wide)
    }

    /// An exact number: of 64 bits where it is whole and fits.
    pub fn of_decimal(number: Decimal) -> Self {
        number.to_integer().map_or(Self::Decimal(number), Self::Integer)
    }

    /// A number divided by another, rounded as [`Decimal`] says; `None` where the divisor is zero.
    pub fn quotient(number: &BigInt, by: &BigInt) -> Option<Self> {
        Decimal::ratio(number, by).map(Self::of_decimal)
    }
}

/// The first date, 0001-01-01, in days since 1970. There is none before it.
pub const FIRST_DATE: i32 = -719_162;

/// The last date, 9999-12-31, in days since 1970. There is none after it.
pub const LAST_DATE: i32 = 2_932_896;

/// The timestamps from the first microsecond of 0001-01-01 to the last one of 9999-12-31, in microseconds since 1970.
pub const TIMESTAMPS: std::ops::Range<i64> = FIRST_DATE as i64 * DAY_MICROS..(LAST_DATE as i64 + 1) * DAY_MICROS;

/// Microseconds in a day.
pub const DAY_MICROS: i64 = 86_400_000_000;

/// The calendar date `days` after 1970-01-01; years outside -9999 to 9999 give `None`.
fn civil_date(days: i64) -> Option<Date> {
    jiff::civil::date(1970, 1, 1).checked_add(jiff::Span::new().try_days(days).ok()?).ok()
}

impl fmt::Display for Value {
    /// Writes the canonical text: ISO 8601 dates, `true`/`false`, the shortest decimal that parses to the same number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Text(text) => f.write_str(text),
            Self::Integer(number) => write!(f, "{number}"),
            Self::Decimal(number) => write!(f, "{number}"),
            Self::Float(number) => write!(f, "{}", number + 0.0),
            Self::Boolean(flag) => write!(f, "{flag}"),
            Self::Date(days) => match civil_date(i64::from(*days)) {
                Some(date) => write!(f, "{date}"),
                None => write!(f, "day {days}"),
            },
            Self::Nanoseconds(FineInstant { micros, nanos }) => {
                let below = format!("{:06}{nanos:03}", micros.rem_euclid(1_000_000));
                write!(f, "{}.{}", Self::Datetime(micros - micros.rem_euclid(1_000_000)), below.trim_end_matches('0'))
            }
            Self::Datetime(micros) => {
                let (days, rest) = (micros.div_euclid(DAY_MICROS), micros.rem_euclid(DAY_MICROS));
                match civil_date(days) {
                    Some(date) => {
                        let seconds = rest / 1_000_000;
                        write!(f, "{date}T{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)?;
                        match rest % 1_000_000 {
                            0 => Ok(()),
                            fraction => {
                                let digits = format!("{fraction:06}");
                                write!(f, ".{}", digits.trim_end_matches('0'))
                            }
                        }
                    }
                    None => write!(f, "microsecond {micros}"),
                }
            }
        }
    }
}

/// The instant that counts as "now" for every relative date of an audit.
///
/// A plain date means the whole day: spans in days count back from the date, spans in hours from its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AsOf {
    /// Days since 1970-01-01 of the date.
    pub day: i32,
    /// The last microsecond that is not in the future, since 1970-01-01T00:00:00.
    pub instant: i64,
    /// Whether only a date was given.
    pub whole_day: bool,
}

impl AsOf {
    /// The whole day `day` days after 1970-01-01.
    pub fn from_day(day: i32) -> Self {
        Self { day, instant: (i64::from(day) + 1) * DAY_MICROS - 1, whole_day: true }
    }

    /// A timestamp, in microseconds since 1970-01-01T00:00:00.
    pub fn from_instant(instant: i64) -> Self {
        Self { day: i32::try_from(instant.div_euclid(DAY_MICROS)).unwrap_or(i32::MAX), instant, whole_day: false }
    }

    /// Parses `2026-11-01`, `2026-11-01T06:00:00`, or a timestamp with `Z` or an offset, which becomes UTC.
    pub fn parse(text: &str) -> Option<Self> {
        let epoch = jiff::civil::date(1970, 1, 1);
        if let Some(date) = text.parse::<Date>().ok().filter(|_| text.len() == 10) {
            let days = date.since((jiff::Unit::Day, epoch)).ok()?.get_days();
            return Some(Self::from_day(days));
        }
        if text.contains('[') {
            // The name of a time zone.
            return None;
        }
        if let Ok(instant) = text.parse::<jiff::Timestamp>() {
            return Some(Self::from_instant(instant.as_microsecond()));
        }
        // Behind a date, `T` and a time without an offset there is no sign.
        let is_plain = text.get(10..).is_none_or(|time| !time.contains(['+', '-', 'Z', 'z']));
        let timestamp: DateTime = text.parse().ok().filter(|_| is_plain)?;
        let since = timestamp.since((jiff::Unit::Microsecond, epoch.at(0, 0, 0, 0))).ok()?;
        Some(Self::from_instant(since.get_microseconds()))
    }

    /// The date or the timestamp as a value.
    pub fn value(self) -> Value {
        if self.whole_day { Value::Date(self.day) } else { Value::Datetime(self.instant) }
    }

    /// The earliest date and the earliest microsecond that are within `span` before this instant.
    ///
    /// Days, weeks, months and years count back on the calendar from the date. Hours, minutes and seconds count back
    /// from the instant (the end of the day if only a date was given).
    pub fn earliest(self, span: TimeSpan) -> Option<(i32, i64)> {
        let count = i64::from(span.count);
        if let Some(size) = span.unit.clock_micros() {
            return self.earliest_micros(count.checked_mul(size)?);
        }
        let back = match span.unit {
            TimeUnit::Week => jiff::Span::new().try_weeks(count),
            TimeUnit::Month => jiff::Span::new().try_months(count),
            TimeUnit::Year => jiff::Span::new().try_years(count),
            _ => jiff::Span::new().try_days(count),
        };
        let date = civil_date(i64::from(self.day))?.checked_sub(back.ok()?).ok()?;
        let days = date.since((jiff::Unit::Day, jiff::civil::date(1970, 1, 1))).ok()?.get_days();
        Some((days, i64::from(days) * DAY_MICROS))
    }

    fn earliest_micros(self, span: i64) -> Option<(i32, i64)> {
        let end = if self.whole_day { self.instant + 1 } else { self.instant };
        let micros = end.checked_sub(span)?;
        // A date means its whole day, so it counts while any part of the day is within the span.
        Some((i32::try_from(micros.div_euclid(DAY_MICROS)).ok()?, micros))
    }
}

impl fmt::Display for AsOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value().fmt(f)
    }
}

/// A unit of a [`TimeSpan`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TimeUnit {
    /// `s`
    Second,
    /// `min`
    Minute,
    /// `h`
    Hour,
    /// `d`
    Day,
    /// `w`
    Week,
    /// `mo`
    Month,
    /// `y`
    Year,
}

impl TimeUnit {
    /// Units with their spellings; the first is canonical.
    const SPELLINGS: &[(Self, &[&str])] = &[
        (Self::Second, &["s", "sec", "second", "seconds"]),
        (Self::Minute, &["min", "minute", "minutes"]),
        (Self::Hour, &["h", "hour", "hours"]),
        (Self::Day, &["d", "day", "days"]),
        (Self::Week, &["w", "week", "weeks"]),
        (Self::Month, &["mo", "month", "months"]),
        (Self::Year, &["y", "year", "years"]),
    ];

    /// Microseconds of a unit of the clock; `None` for units of the calendar.
    pub const fn clock_micros(self) -> Option<i64> {
        match self {
            Self::Second => Some(1_000_000),
            Self::Minute => Some(60 * 1_000_000),
            Self::Hour => Some(3_600 * 1_000_000),
            Self::Day | Self::Week | Self::Month | Self::Year => None,
        }
    }
}

/// A period such as `30d`, `36h` or `2 years`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeSpan {
    /// How many units.
    pub count: u32,
    /// The unit.
    pub unit: TimeUnit,
}

impl TimeSpan {
    /// Parses a count and a unit, with or without a space between.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let split = text.find(|c: char| !c.is_ascii_digit())?;
        let (count, unit) = (text[..split].parse().ok()?, text[split..].trim_start());
        let (unit, _) = TimeUnit::SPELLINGS.iter().find(|(_, names)| names.contains(&unit))?;
        Some(Self { count, unit: *unit })
    }
}

impl fmt::Display for TimeSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = TimeUnit::SPELLINGS.iter().find(|(unit, _)| *unit == self.unit).map_or("", |(_, names)| names[0]);
        write!(f, "{}{name}", self.count)
    }
}
