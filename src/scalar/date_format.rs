//! Dates and times as exports write them: strictly in one format, and only dates that exist.
//!
//! Own code: a library accepts other widths, spaces and spellings than the declared format, and what it accepts changes
//! with its version. Then a fault would pass as a date.

use super::calendar::days_from_civil;
use crate::model::FIRST_DATE;

/// Microseconds in a second.
const SECOND: i64 = 1_000_000;
/// Microseconds in a day.
const DAY: i64 = 86_400 * SECOND;
/// 0001-01-01 and the day after 9999-12-31, in microseconds since 1970-01-01.
const RANGE: std::ops::Range<i64> = FIRST_DATE as i64 * DAY..2_932_897 * DAY;

/// How dates and times are written.
///
/// A format is strict: two digits for `%m %d %H %M %S` and four for `%Y`, a date that exists, nothing before or after.
/// Years are 0001 to 9999.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DateFormat(Form);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    /// ISO 8601, with kernels of its own.
    Iso,
    /// As the user wrote it.
    Custom(Vec<Item>),
}

/// One part of a format.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Item {
    /// Literal text.
    Literal(String),
    /// A field with a minimum and a maximum number of digits.
    Digits(Field, usize, usize),
    /// `%b`: the English name of a month in three letters, in upper or lower case.
    MonthName,
    /// `%z`: `Z`, `±HH:MM` or `±HHMM`.
    Offset,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
    Fraction,
}

/// A timestamp as written, not yet converted to UTC.
#[derive(Default)]
struct Timestamp {
    days: i32,
    /// Microseconds since midnight.
    time: i64,
    /// Microseconds that local time is ahead of UTC.
    offset: i64,
}

impl Timestamp {
    fn micros(&self) -> Option<i64> {
        let micros = i64::from(self.days) * DAY + self.time - self.offset;
        RANGE.contains(&micros).then_some(micros)
    }
}

impl DateFormat {
    /// ISO 8601: `2026-11-01` for dates; `2026-11-01T06:00`, with `T` or one space, optional seconds, a fraction of 1 to 9
    /// digits (cut to microseconds) and `Z`, `±HH:MM` or `±HHMM` for datetimes.
    pub const fn iso() -> Self {
        Self(Form::Iso)
    }

    /// Parses a format such as `%d/%m/%Y %H:%M`.
    ///
    /// Fields: `%Y %m %d %H %M %S`, `%-m %-d %-H` (one or two digits), `%b` (Jan … Dec), `%f` (fraction of a second, 1
    /// to 9 digits), `%z` (`Z`, `±HH:MM`, `±HHMM`), `%%`; everything else is literal.
    ///
    /// # Errors
    /// What is wrong with the format.
    pub fn compile(format: &str) -> Result<Self, DateFormatError> {
        let mut items = Vec::new();
        let mut chars = format.chars();
        while let Some(c) = chars.next() {
            let item = if c == '%' { item_of(&mut chars)? } else { Item::Literal(c.to_string()) };
            match (items.last_mut(), item) {
                (Some(Item::Literal(text)), Item::Literal(more)) => text.push_str(&more),
                (_, item) => items.push(item),
            }
        }
        check(&items)?;
        Ok(Self(Form::Custom(items)))
    }

    /// Days since 1970-01-01. A format with a time of day gives a date only at midnight, so that no time is lost.
    pub fn parse_date(&self, text: &str) -> Option<i32> {
        match &self.0 {
            Form::Iso => {
                let bytes = text.as_bytes();
                if bytes.len() == 10 { iso_day(bytes) } else { None }
            }
            Form::Custom(items) => {
                parse(items, text).filter(|timestamp| timestamp.time == 0).map(|timestamp| timestamp.days)
            }
        }
    }

    /// Microseconds since 1970-01-01T00:00:00. An offset is converted to UTC; a date without time is its midnight.
    pub fn parse_datetime(&self, text: &str) -> Option<i64> {
        match &self.0 {
            Form::Iso => iso_timestamp(text.as_bytes())?.micros(),
            Form::Custom(items) => parse(items, text)?.micros(),
        }
    }
}

impl Default for DateFormat {
    fn default() -> Self {
        Self::iso()
    }
}

/// Why a date format does not compile, and what to write instead. Fields are written as in the format, such as `%Y`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DateFormatError {
    /// A field that keeps its leading zero is asked for without it.
    #[error("`%-` is allowed only before `m`, `d` or `H`")]
    Unpadded,
    /// A year of two digits.
    #[error("`%y` does not give the century: write years with four digits and use `%Y`")]
    Century,
    /// A letter that names no field.
    #[error(
        "`%{}` is unknown; a format consists of %Y %m %d %H %M %S %f %b %z and text (%% for a percent sign)",
        .field.escape_default()
    )]
    Unknown {
        /// The letter.
        field: char,
    },
    /// A percent sign at the end.
    #[error("the format ends in `%`; write `%%` for a percent sign")]
    OpenPercent,
    /// Year, month or day is missing.
    #[error("the format lacks {field}: a date needs year, month and day")]
    Lacks {
        /// The field.
        field: &'static str,
    },
    /// A field occurs twice.
    #[error("the format has {field} more than once")]
    Repeated {
        /// The field.
        field: &'static str,
    },
    /// A field of a time occurs without the coarser one.
    #[error("the format has {field} without {coarser}")]
    Without {
        /// The field.
        field: &'static str,
        /// The field that is missing.
        coarser: &'static str,
    },
    /// An offset occurs twice, or without a time of day.
    #[error("%z may occur once, together with a time of day")]
    Offset,
    /// It is unclear where a field of digits ends.
    #[error("a field without a fixed number of digits must not be directly before another digit")]
    RunsOn,
}

/// The item after a `%`.
fn item_of(chars: &mut std::str::Chars<'_>) -> Result<Item, DateFormatError> {
    Ok(match chars.next() {
        Some('Y') => Item::Digits(Field::Year, 4, 4),
        Some('m') => Item::Digits(Field::Month, 2, 2),
        Some('d') => Item::Digits(Field::Day, 2, 2),
        Some('H') => Item::Digits(Field::Hour, 2, 2),
        Some('M') => Item::Digits(Field::Minute, 2, 2),
        Some('S') => Item::Digits(Field::Second, 2, 2),
        Some('f') => Item::Digits(Field::Fraction, 1, 9),
        Some('b') => Item::MonthName,
        Some('z') => Item::Offset,
        Some('%') => Item::Literal("%".to_owned()),
        Some('-') => match chars.next() {
            Some('m') => Item::Digits(Field::Month, 1, 2),
            Some('d') => Item::Digits(Field::Day, 1, 2),
            Some('H') => Item::Digits(Field::Hour, 1, 2),
            _ => return Err(DateFormatError::Unpadded),
        },
        Some('y') => return Err(DateFormatError::Century),
        Some(field) => return Err(DateFormatError::Unknown { field }),
        None => return Err(DateFormatError::OpenPercent),
    })
}

/// Refuses a format that does not define one timestamp.
fn check(items: &[Item]) -> Result<(), DateFormatError> {
    let count = |field: Field| {
        let month_name = |item: &Item| field == Field::Month && *item == Item::MonthName;
        items.iter().filter(|item| matches!(item, Item::Digits(f, ..) if *f == field) || month_name(item)).count()
    };
    let names = [
        (Field::Year, "%Y"),
        (Field::Month, "%m"),
        (Field::Day, "%d"),
        (Field::Hour, "%H"),
        (Field::Minute, "%M"),
        (Field::Second, "%S"),
        (Field::Fraction, "%f"),
    ];
    for (at, (field, name)) in names.into_iter().enumerate() {
        match count(field) {
            0 if at < 3 => return Err(DateFormatError::Lacks { field: name }),
            0 | 1 => {}
            _ => return Err(DateFormatError::Repeated { field: name }),
        }
        // A finer field without the coarser one would not define a time of day.
        if at > 3 && count(field) == 1 && count(names[at - 1].0) == 0 {
            return Err(DateFormatError::Without { field: name, coarser: names[at - 1].1 });
        }
    }
    let offsets = items.iter().filter(|item| **item == Item::Offset).count();
    if offsets > 1 || (offsets == 1 && count(Field::Hour) == 0) {
        return Err(DateFormatError::Offset);
    }
    let runs_on = items.windows(2).any(|pair| match pair {
        [Item::Digits(_, least, most), next] if least < most => match next {
            Item::Digits(..) => true,
            Item::Literal(text) => text.starts_with(|c: char| c.is_ascii_digit()),
            _ => false,
        },
        _ => false,
    });
    if runs_on {
        return Err(DateFormatError::RunsOn);
    }
    Ok(())
}

/// Parses the whole text in the format.
fn parse(items: &[Item], text: &str) -> Option<Timestamp> {
    let mut rest = text.as_bytes();
    let (mut year, mut month, mut day) = (0, 0, 0);
    let mut timestamp = Timestamp::default();
    for item in items {
        match item {
            Item::Literal(literal) => rest = rest.strip_prefix(literal.as_bytes())?,
            Item::Digits(field, least, most) => {
                let count = rest.iter().take(*most).take_while(|b| b.is_ascii_digit()).count();
                if count < *least {
                    return None;
                }
                let (digits, after) = rest.split_at(count);
                let number = digits.iter().fold(0, |number: u32, b| number * 10 + u32::from(b - b'0'));
                rest = after;
                match field {
                    Field::Year => year = number,
                    Field::Month => month = number,
                    Field::Day => day = number,
                    Field::Hour => timestamp.time += hour(number)?,
                    Field::Minute => timestamp.time += minute(number)?,
                    Field::Second => timestamp.time += second(number)?,
                    Field::Fraction => timestamp.time += fraction(digits),
                }
            }
            Item::MonthName => {
                month = month_of(rest.get(..3)?)?;
                rest = &rest[3..];
            }
            Item::Offset => (timestamp.offset, rest) = offset(rest)?,
        }
    }
    if !rest.is_empty() {
        return None;
    }
    timestamp.days = days_from_civil(i32::try_from(year).ok()?, month, day)?;
    Some(timestamp)
}

fn month_of(name: &[u8]) -> Option<u32> {
    const NAMES: [&[u8]; 12] =
        [b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec"];
    (1..).zip(NAMES).find(|(_, known)| name.eq_ignore_ascii_case(known)).map(|(month, _)| month)
}

fn hour(number: u32) -> Option<i64> {
    (number < 24).then(|| i64::from(number) * 3_600 * SECOND)
}

fn minute(number: u32) -> Option<i64> {
    (number < 60).then(|| i64::from(number) * 60 * SECOND)
}

/// Leap seconds are refused, since systems treat them differently.
fn second(number: u32) -> Option<i64> {
    (number < 60).then(|| i64::from(number) * SECOND)
}

/// Microseconds of 1 to 9 digits after the point; finer digits are cut off.
fn fraction(digits: &[u8]) -> i64 {
    let kept = digits.iter().take(6);
    let scale = [1_000_000, 100_000, 10_000, 1_000, 100, 10, 1][kept.len()];
    kept.fold(0, |number, b| number * 10 + i64::from(b - b'0')) * scale
}

/// An offset from UTC in microseconds, and the text after it.
fn offset(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let (sign, bytes) = match bytes.split_first()? {
        (b'Z', rest) => return Some((0, rest)),
        (b'+', rest) => (1, rest),
        (b'-', rest) => (-1, rest),
        _ => return None,
    };
    let hours = hour(two(bytes, 0)?)?;
    let at = if bytes.get(2) == Some(&b':') { 3 } else { 2 };
    let minutes = minute(two(bytes, at)?)?;
    Some((sign * (hours + minutes), &bytes[at + 2..]))
}

/// Two digits at that position.
fn two(bytes: &[u8], at: usize) -> Option<u32> {
    match bytes.get(at..at + 2)? {
        &[tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => Some(u32::from(tens - b'0') * 10 + u32::from(ones - b'0')),
        _ => None,
    }
}

/// `YYYY-MM-DD` at the start.
fn iso_day(bytes: &[u8]) -> Option<i32> {
    let bytes = bytes.get(..10)?;
    if bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let year = two(bytes, 0)? * 100 + two(bytes, 2)?;
    days_from_civil(i32::try_from(year).ok()?, two(bytes, 5)?, two(bytes, 8)?)
}

/// A date, or a date with a time of day, and nothing after it.
fn iso_timestamp(bytes: &[u8]) -> Option<Timestamp> {
    let mut timestamp = Timestamp { days: iso_day(bytes)?, ..Timestamp::default() };
    let rest = &bytes[10..];
    if rest.is_empty() {
        return Some(timestamp);
    }
    if !matches!(rest[0], b'T' | b' ') || rest.get(3) != Some(&b':') {
        return None;
    }
    timestamp.time = hour(two(rest, 1)?)? + minute(two(rest, 4)?)?;
    let mut rest = &rest[6..];
    if rest.first() == Some(&b':') {
        timestamp.time += second(two(rest, 1)?)?;
        rest = &rest[3..];
        if rest.first() == Some(&b'.') {
            let count = rest[1..].iter().take_while(|b| b.is_ascii_digit()).count();
            if !(1..=9).contains(&count) {
                return None;
            }
            timestamp.time += fraction(&rest[1..=count]);
            rest = &rest[count + 1..];
        }
    }
    if !rest.is_empty() {
        (timestamp.offset, rest) = offset(rest)?;
    }
    rest.is_empty().then_some(timestamp)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ISO: DateFormat = DateFormat::iso();

    #[test]
    fn iso_dates_are_strict() {
        assert_eq!(ISO.parse_date("1970-01-01"), Some(0));
        assert_eq!(ISO.parse_date("2024-02-29"), Some(19_782));
        assert_eq!(ISO.parse_date("0001-01-01"), Some(-719_162));
        assert_eq!(ISO.parse_date("9999-12-31"), Some(2_932_896));
        for text in [
            "",
            "31/02/2020",
            "2020-02-30",
            "2023-02-29",
            "2024-1-5",
            "2024-01-5",
            "24-01-05",
            "0000-01-01",
            "2024/01/05",
            "2024-13-01",
            "2024-00-10",
            "2024-01-00",
            "２０２４-01-05",
            "2024-01-05 ",
            " 2024-01-05",
            "2024-01-05x",
            "2024-01-05T00:00:00",
            "+2024-01-05",
            "-024-01-05",
            "2024-01-0٥",
            "20240105",
            "2024-01-051",
            "10000-01-01",
            "2024–01–05",
        ] {
            assert_eq!(ISO.parse_date(text), None, "{text}");
        }
    }

    #[test]
    fn iso_datetimes_are_strict() {
        let base = 19_782 * DAY;
        for (text, micros) in [
            ("2024-02-29", base),
            ("2024-02-29T00:00", base),
            ("2024-02-29 23:59:59", base + DAY - SECOND),
            ("2024-02-29T00:00:00.5", base + 500_000),
            ("2024-02-29T00:00:00.123456789", base + 123_456),
            ("2024-02-29T07:00:00+07:00", base),
            ("2024-02-29T07:00+0700", base),
            ("2024-02-28T17:30:00-06:30", base),
            ("2024-02-29T00:00:00Z", base),
            ("2024-02-29T00:00:00.000001Z", base + 1),
            ("1969-12-31T23:59:59.999999", -1),
        ] {
            assert_eq!(ISO.parse_datetime(text), Some(micros), "{text}");
        }
        for text in [
            "",
            "2024-02-30T00:00",
            "2024-02-29T",
            "2024-02-29T0",
            "2024-02-29T00",
            "2024-02-29T00:0",
            "2024-02-29T24:00",
            "2024-02-29T00:60",
            "2024-02-29T00:00:60",
            "2024-02-29T00:00:",
            "2024-02-29T00:00:0",
            "2024-02-29T00:00:00.",
            "2024-02-29T00:00:00.Z",
            "2024-02-29T00:00:00.1234567890",
            "2024-02-29T00:00:00,5",
            "2024-02-29t00:00",
            "2024-02-29  00:00",
            "2024-02-29T00:00:00z",
            "2024-02-29T00:00:00+7",
            "2024-02-29T00:00:00+07",
            "2024-02-29T00:00:00+07:0",
            "2024-02-29T00:00:00+24:00",
            "2024-02-29T00:00:00+07:60",
            "2024-02-29T00:00:00Z ",
            "2024-02-29T00:00:00ZZ",
            "2024-02-29T00:00:00 UTC",
            "2024-02-29T００:00",
            "0001-01-01T00:00:00+00:01",
            "9999-12-31T23:59:59-00:01",
        ] {
            assert_eq!(ISO.parse_datetime(text), None, "{text}");
        }
    }

    #[test]
    fn custom_formats() {
        let format = |text: &str| DateFormat::compile(text).unwrap();
        let vietnamese = format("%d/%m/%Y");
        assert_eq!(vietnamese.parse_date("29/02/2024"), Some(19_782));
        for text in
            ["31/02/2020", "1/2/2024", "01/13/2024", "01/02/24", "01/02/2024 ", "01-02-2024", "２９/02/2024", ""]
        {
            assert_eq!(vietnamese.parse_date(text), None, "{text}");
        }
        assert_eq!(vietnamese.parse_datetime("29/02/2024"), Some(19_782 * DAY));

        let loose = format("%-d/%-m/%Y");
        assert_eq!(loose.parse_date("5/1/2024"), format("%d/%m/%Y").parse_date("05/01/2024"));
        assert_eq!(loose.parse_date("005/1/2024"), None);

        assert_eq!(format("%d-%b-%Y").parse_date("29-FEB-2024"), Some(19_782));
        assert_eq!(format("%d-%b-%Y").parse_date("29-Fév-2024"), None);
        assert_eq!(format("%Y%m%d").parse_date("20240229"), Some(19_782));
        assert_eq!(format("ngày %d tháng %m năm %Y").parse_date("ngày 29 tháng 02 năm 2024"), Some(19_782));
        assert_eq!(format("%Y%%%m%%%d").parse_date("2024%02%29"), Some(19_782));

        let full = format("%d/%m/%Y %H:%M:%S.%f %z");
        assert_eq!(full.parse_datetime("29/02/2024 07:00:00.25 +07:00"), Some(19_782 * DAY + 250_000));
        assert_eq!(full.parse_datetime("29/02/2024 07:00:00. +07:00"), None);
        // A time of day is not silently dropped.
        let minutes = format("%d/%m/%Y %H:%M");
        assert_eq!(minutes.parse_date("29/02/2024 00:00"), Some(19_782));
        assert_eq!(minutes.parse_date("29/02/2024 00:01"), None);
    }

    #[test]
    fn formats_that_name_no_moment_are_refused() {
        for (format, word) in [
            ("", "lacks %Y"),
            ("%m/%d", "lacks %Y"),
            ("%Y-%m", "lacks %d"),
            ("%d/%m/%y", "%Y"),
            ("%d/%m/%Y %Y", "more than once"),
            ("%d %b %m %Y", "more than once"),
            ("%Y-%m-%d %M", "without %H"),
            ("%Y-%m-%d %H:%M.%f", "without %S"),
            ("%Y-%m-%d%z", "%z"),
            ("%Y-%m-%d %Q", "`%Q` is unknown"),
            ("%Y-%m-%d %", "%%"),
            ("%-d%m%Y", "digit"),
            ("%-Y", "`%-`"),
        ] {
            let error = DateFormat::compile(format).unwrap_err().to_string();
            assert!(error.contains(word), "{format}: {error}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC*|[-0-9T :.+Z/]{0,40}", format in "\\PC*|(%[-YmdHMSfbzy%]|[ /:])*") {
            let _ = ISO.parse_date(&text);
            let _ = ISO.parse_datetime(&text);
            if let Ok(format) = DateFormat::compile(&format) {
                let _ = format.parse_date(&text);
                let _ = format.parse_datetime(&text);
            }
        }

        #[test]
        fn iso_datetimes_read_as_jiff_reads_them(
            day in -719_162..2_932_897i32, micros in 0..DAY, minutes in -1439..1440i32, short: bool
        ) {
            let timestamp = crate::model::Value::Datetime(i64::from(day) * DAY + micros).to_string();
            prop_assert_eq!(ISO.parse_datetime(&timestamp), Some(i64::from(day) * DAY + micros));
            let (sign, ahead) = (if minutes < 0 { '-' } else { '+' }, minutes.abs());
            let colon = if short { "" } else { ":" };
            let zoned = format!("{timestamp}{sign}{:02}{colon}{:02}", ahead / 60, ahead % 60);
            let utc = i64::from(day) * DAY + micros - i64::from(minutes) * 60 * SECOND;
            prop_assert_eq!(ISO.parse_datetime(&zoned), RANGE.contains(&utc).then_some(utc));
        }

        #[test]
        fn what_iso_reads_jiff_reads_alike(text in "[0-9]{4}-[01][0-9]-[0-3][0-9]") {
            let expected = text.parse::<jiff::civil::Date>().ok().filter(|date| date.year() >= 1);
            let ours = ISO.parse_date(&text).map(super::super::civil_from_days);
            let theirs =
                expected.map(|d| (i32::from(d.year()), u32::from(d.month().unsigned_abs()), u32::from(d.day().unsigned_abs())));
            prop_assert_eq!(ours, theirs);
        }
    }
}
