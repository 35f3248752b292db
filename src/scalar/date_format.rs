//! Dates and times as exports write them: strictly in the declared formats, and only dates that exist.
//!
//! Own code: a library accepts other widths, spaces and spellings than the declared format, and what it accepts changes
//! with its version. Then a fault would pass as a date.

use super::calendar::days_from_civil;
use super::date_format_error::DateFormatError;
use super::date_letters::fields_of_letters;
use super::month_names::{MonthNames, Names};
use super::serial_date::SerialDate;
use crate::model::{DAY_MICROS as DAY, DateNotation, FineInstant, TIMESTAMPS, nearest};

/// Microseconds in a second.
const SECOND: i64 = 1_000_000;

/// How dates and times are written: one format, or several that are tried in their order.
///
/// A format is strict: two digits for `%m %d %H %M %S` and four for `%Y`, a date that exists, nothing before or after.
/// Years are 0001 to 9999.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DateFormat {
    first: Form,
    others: Vec<Form>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    /// ISO 8601, with kernels of its own.
    Iso,
    /// A number.
    Serial(SerialDate),
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
    /// `%y`: the year of two digits, with the first of the hundred years.
    ShortYear(u32),
    /// `%b` and `%B`: the short and the full name of a month, in any case.
    MonthName(Names),
    /// `%p`: AM or PM, in any case.
    HalfDay(Names),
    /// `%z`: `Z`, `±HH`, `±HHMM`, `±HH:MM` or `±HH:MM:SS`.
    Offset,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Year,
    Month,
    Day,
    Hour,
    /// An hour of half a day, 1 to 12.
    HalfDayHour,
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
    /// Nanoseconds after them.
    nanos: u16,
    /// Microseconds that local time is ahead of UTC.
    offset: i64,
}

impl Timestamp {
    fn instant(&self) -> Option<FineInstant> {
        let micros = i64::from(self.days) * DAY + self.time - self.offset;
        TIMESTAMPS.contains(&micros).then_some(FineInstant { micros, nanos: self.nanos })
    }
}

impl Timestamp {
    /// Adds 1 to 9 digits after the point of a second.
    fn take_fraction(&mut self, digits: &[u8]) {
        const SCALES: [u32; 10] =
            [1_000_000_000, 100_000_000, 10_000_000, 1_000_000, 100_000, 10_000, 1_000, 100, 10, 1];
        let number = digits.iter().fold(0, |number, b| number * 10 + u32::from(b - b'0'));
        let nanos = number * SCALES[digits.len()];
        self.time += i64::from(nanos / 1_000);
        self.nanos = u16::try_from(nanos % 1_000).unwrap_or_default();
    }
}

impl DateFormat {
    /// ISO 8601: `2026-11-01` for dates; `2026-11-01T06:00`, with `T` or one space, optional seconds, a fraction of 1 to 9
    /// digits and `Z`, `±HH`, `±HHMM`, `±HH:MM` or `±HH:MM:SS` for datetimes.
    pub const fn iso() -> Self {
        Self { first: Form::Iso, others: Vec::new() }
    }

    /// Parses formats such as `%d/%m/%Y %H:%M`.
    ///
    /// Fields: `%Y %m %d %H %I %M %S`, `%-m %-d %-H %-I` (one or two digits), `%y` (with a century), `%b` and `%B` (names of
    /// months), `%p` (AM or PM), `%f` (fraction of a second, 1 to 9 digits), `%z` (an offset), `%%`; everything else is
    /// literal. Or letters (`dd/mm/yyyy`), `iso`, or the name of a way to count dates (`unix seconds`, `excel 1900`).
    ///
    /// # Errors
    /// What is wrong with a format.
    pub fn compile(notation: &DateNotation) -> Result<Self, DateFormatError> {
        let names = MonthNames::of(&notation.months)?;
        let century = match notation.century {
            Some(century) => match u32::try_from(century) {
                Ok(first @ 1..=9900) => Some(first),
                _ => return Err(DateFormatError::CenturyRange),
            },
            None => None,
        };
        let of = |written: &String| {
            form(written, &names, century).map_err(|problem| match notation.formats.as_slice() {
                [_] => problem,
                _ => DateFormatError::InList { written: written.clone(), problem: Box::new(problem) },
            })
        };
        let mut forms = notation.formats.iter().map(of).collect::<Result<Vec<_>, _>>()?;
        let has = |wanted: fn(&Item) -> bool| {
            forms.iter().any(|form| matches!(form, Form::Custom(items) if items.iter().any(wanted)))
        };
        if century.is_some() && !has(|item| matches!(item, Item::ShortYear(_))) {
            return Err(DateFormatError::Unused { declared: "century", fields: "a year of two digits (%y)" });
        }
        if !notation.months.is_empty() && !has(|item| matches!(item, Item::MonthName(_) | Item::HalfDay(_))) {
            return Err(DateFormatError::Unused { declared: "months", fields: "the name of a month (%b or %B)" });
        }
        if forms.is_empty() {
            return Ok(Self::iso());
        }
        Ok(Self { first: forms.remove(0), others: forms })
    }

    /// Days since 1970-01-01. A format with a time of day gives a date only at midnight, so that no time is lost.
    pub fn parse_date(&self, text: &str) -> Option<i32> {
        self.first.parse_date(text).or_else(|| self.others.iter().find_map(|form| form.parse_date(text)))
    }

    /// A timestamp. An offset is converted to UTC; a date without time is its midnight.
    pub fn parse_instant(&self, text: &str) -> Option<FineInstant> {
        self.first.parse_instant(text).or_else(|| self.others.iter().find_map(|form| form.parse_instant(text)))
    }
}

impl Form {
    fn parse_date(&self, text: &str) -> Option<i32> {
        match self {
            Self::Iso => {
                let bytes = text.as_bytes();
                if bytes.len() == 10 { iso_day(bytes) } else { None }
            }
            Self::Serial(serial) => {
                let instant = serial.parse(text)?;
                let is_midnight = instant.micros.rem_euclid(DAY) == 0 && instant.nanos == 0;
                i32::try_from(instant.micros.div_euclid(DAY)).ok().filter(|_| is_midnight)
            }
            Self::Custom(items) => parse(items, text)
                .filter(|timestamp| (timestamp.time, timestamp.nanos) == (0, 0))
                .map(|timestamp| timestamp.days),
        }
    }

    fn parse_instant(&self, text: &str) -> Option<FineInstant> {
        match self {
            Self::Iso => iso_timestamp(text.as_bytes())?.instant(),
            Self::Serial(serial) => serial.parse(text),
            Self::Custom(items) => parse(items, text)?.instant(),
        }
    }
}

impl Default for DateFormat {
    fn default() -> Self {
        Self::iso()
    }
}

/// Names of formats, and formats in letters that are often meant.
const NAMES: [&str; 17] = [
    "iso",
    "unix seconds",
    "unix milliseconds",
    "excel 1900",
    "excel 1904",
    "dd/mm/yyyy",
    "mm/dd/yyyy",
    "dd-mm-yyyy",
    "dd.mm.yyyy",
    "yyyy-mm-dd",
    "yyyymmdd",
    "dd-mon-yy",
    "dd-mon-yyyy",
    "dd/mm/yy",
    "yyyy-mm",
    "mm/yyyy",
    "dd/mm/yyyy hh:mm:ss",
];

/// One format as written: with percent signs, in letters, or by its name.
fn form(format: &str, names: &MonthNames, century: Option<u32>) -> Result<Form, DateFormatError> {
    let name = format.trim().to_ascii_lowercase().replace(['_', '-'], " ");
    if name == "iso" {
        return Ok(Form::Iso);
    }
    if let Some((_, serial)) = SerialDate::NAMES.iter().find(|(known, _)| *known == name) {
        return Ok(Form::Serial(*serial));
    }
    if format == "%s" {
        return Ok(Form::Serial(SerialDate::UnixSeconds));
    }
    if format.contains('%') {
        return custom(format, names, century).map(Form::Custom);
    }
    let unknown = || {
        let near = nearest(format, NAMES).map_or(String::new(), |near| format!(" (did you mean `{near}`?)"));
        DateFormatError::Name { written: format.to_owned(), near }
    };
    let fields = fields_of_letters(format).filter(|fields| fields.contains('%')).ok_or_else(unknown)?;
    custom(&fields, names, century).map(Form::Custom)
}

/// The parts of a format with percent signs.
fn custom(format: &str, names: &MonthNames, century: Option<u32>) -> Result<Vec<Item>, DateFormatError> {
    let mut items = Vec::new();
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        let item = if c == '%' { item_of(&mut chars, names, century)? } else { Item::Literal(c.to_string()) };
        match (items.last_mut(), item) {
            (Some(Item::Literal(text)), Item::Literal(more)) => text.push_str(&more),
            (_, item) => items.push(item),
        }
    }
    check(&items)?;
    Ok(items)
}

/// The item after a `%`.
fn item_of(chars: &mut std::str::Chars<'_>, names: &MonthNames, century: Option<u32>) -> Result<Item, DateFormatError> {
    Ok(match chars.next() {
        Some('Y') => Item::Digits(Field::Year, 4, 4),
        Some('y') => Item::ShortYear(century.ok_or(DateFormatError::Century)?),
        Some('m') => Item::Digits(Field::Month, 2, 2),
        Some('d') => Item::Digits(Field::Day, 2, 2),
        Some('H') => Item::Digits(Field::Hour, 2, 2),
        Some('I') => Item::Digits(Field::HalfDayHour, 2, 2),
        Some('M') => Item::Digits(Field::Minute, 2, 2),
        Some('S') => Item::Digits(Field::Second, 2, 2),
        Some('f') => Item::Digits(Field::Fraction, 1, 9),
        Some('b') => Item::MonthName(names.short.clone()),
        Some('B') => Item::MonthName(names.full.clone()),
        Some('p') => Item::HalfDay(names.halves.clone()),
        Some('z') => Item::Offset,
        Some('%') => Item::Literal("%".to_owned()),
        Some('-') => match chars.next() {
            Some('m') => Item::Digits(Field::Month, 1, 2),
            Some('d') => Item::Digits(Field::Day, 1, 2),
            Some('H') => Item::Digits(Field::Hour, 1, 2),
            Some('I') => Item::Digits(Field::HalfDayHour, 1, 2),
            _ => return Err(DateFormatError::Unpadded),
        },
        Some(field) => return Err(DateFormatError::Unknown { field }),
        None => return Err(DateFormatError::OpenPercent),
    })
}

/// The field that an item fills; AM and PM, offsets and text fill none.
const fn field_of(item: &Item) -> Option<Field> {
    match item {
        Item::Digits(field, ..) => Some(*field),
        Item::ShortYear(_) => Some(Field::Year),
        Item::MonthName(_) => Some(Field::Month),
        Item::HalfDay(_) | Item::Offset | Item::Literal(_) => None,
    }
}

/// Refuses a format that does not define one timestamp.
fn check(items: &[Item]) -> Result<(), DateFormatError> {
    let count = |field: Field| items.iter().filter(|item| field_of(item) == Some(field)).count();
    let halves = items.iter().filter(|item| matches!(item, Item::HalfDay(_))).count();
    let hours = count(Field::Hour) + count(Field::HalfDayHour);
    let fields = [
        (count(Field::Year), "%Y"),
        (count(Field::Month), "%m"),
        (count(Field::Day), "%d"),
        (hours, if count(Field::HalfDayHour) > 0 { "%I" } else { "%H" }),
        (count(Field::Minute), "%M"),
        (count(Field::Second), "%S"),
        (count(Field::Fraction), "%f"),
    ];
    for (at, (count, name)) in fields.into_iter().enumerate() {
        match count {
            0 if at < 2 => return Err(DateFormatError::Lacks { field: name }),
            0 | 1 => {}
            _ => return Err(DateFormatError::Repeated { field: name }),
        }
        // A finer field without the coarser one would not define a time of day. A month alone is its first day.
        if at > 2 && count == 1 && fields[at - 1].0 == 0 {
            return Err(match at {
                3 => DateFormatError::Lacks { field: "%d" },
                _ => DateFormatError::Without { field: name, coarser: fields[at - 1].1 },
            });
        }
    }
    match (count(Field::HalfDayHour), halves) {
        (0, 0) | (1, 1) => {}
        (0, _) => return Err(DateFormatError::Without { field: "%p", coarser: "%I" }),
        (_, 0) => return Err(DateFormatError::Without { field: "%I", coarser: "%p" }),
        _ => return Err(DateFormatError::Repeated { field: "%p" }),
    }
    let offsets = items.iter().filter(|item| **item == Item::Offset).count();
    if offsets > 1 || (offsets == 1 && hours == 0) {
        return Err(DateFormatError::Offset);
    }
    let is_open = |item: &Item| match item {
        Item::Digits(_, least, most) => least < most,
        Item::MonthName(names) => names.has_digit(true),
        _ => false,
    };
    let is_digit = |item: &Item| match item {
        Item::Digits(..) | Item::ShortYear(_) => true,
        Item::Literal(text) => text.starts_with(|c: char| c.is_ascii_digit()),
        Item::MonthName(names) => names.has_digit(false),
        Item::HalfDay(_) | Item::Offset => false,
    };
    if items.windows(2).any(|pair| is_open(&pair[0]) && is_digit(&pair[1])) {
        return Err(DateFormatError::RunsOn);
    }
    Ok(())
}

/// Parses the whole text in the format.
fn parse(items: &[Item], text: &str) -> Option<Timestamp> {
    let mut rest = text;
    let (mut year, mut month, mut day) = (0, 0, 1);
    let (mut hour_of_half, mut half) = (None, 1);
    let mut timestamp = Timestamp::default();
    for (at, item) in items.iter().enumerate() {
        // Of names that begin alike, such as `jan` and `jan.`, one fits what follows.
        let fit = |after: &str| match items.get(at + 1) {
            None => after.is_empty(),
            Some(Item::Literal(literal)) => after.starts_with(literal.as_str()),
            Some(_) => true,
        };
        match item {
            Item::Literal(literal) => rest = rest.strip_prefix(literal.as_str())?,
            Item::Digits(field, least, most) => {
                let count = rest.bytes().take(*most).take_while(u8::is_ascii_digit).count();
                if count < *least {
                    return None;
                }
                let (digits, after) = rest.split_at(count);
                let number = digits.bytes().fold(0, |number: u32, b| number * 10 + u32::from(b - b'0'));
                rest = after;
                match field {
                    Field::Year => year = number,
                    Field::Month => month = number,
                    Field::Day => day = number,
                    Field::Hour => timestamp.time += hour(number)?,
                    Field::HalfDayHour => hour_of_half = Some(number).filter(|number| (1..=12).contains(number)),
                    Field::Minute => timestamp.time += minute(number)?,
                    Field::Second => timestamp.time += second(number)?,
                    Field::Fraction => timestamp.take_fraction(digits.as_bytes()),
                }
                if *field == Field::HalfDayHour && hour_of_half.is_none() {
                    return None;
                }
            }
            Item::ShortYear(first) => {
                let number = two(rest.as_bytes(), 0)?;
                year = first + (number + 100 - first % 100) % 100;
                rest = &rest[2..];
            }
            Item::MonthName(names) => (month, rest) = names.strip(rest, fit)?,
            Item::HalfDay(names) => (half, rest) = names.strip(rest, fit)?,
            Item::Offset => {
                let (offset, after) = offset(rest.as_bytes())?;
                timestamp.offset = offset;
                // All bytes of an offset are letters of ASCII.
                rest = &rest[rest.len() - after.len()..];
            }
        }
    }
    if !rest.is_empty() {
        return None;
    }
    if let Some(number) = hour_of_half {
        timestamp.time += hour(number % 12 + if half == 2 { 12 } else { 0 })?;
    }
    timestamp.days = days_from_civil(i32::try_from(year).ok()?, month, day)?;
    Some(timestamp)
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

/// An offset from UTC in microseconds, and the text after it.
fn offset(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let (sign, bytes) = match bytes.split_first()? {
        (b'Z', rest) => return Some((0, rest)),
        (b'+', rest) => (1, rest),
        (b'-', rest) => (-1, rest),
        _ => return None,
    };
    let mut ahead = hour(two(bytes, 0)?)?;
    let mut rest = &bytes[2..];
    if let Some(digits) = rest.strip_prefix(b":") {
        ahead += minute(two(digits, 0)?)?;
        rest = &digits[2..];
        // The mean time of a place before there were time zones, as PostgreSQL writes it.
        if let Some(digits) = rest.strip_prefix(b":") {
            ahead += second(two(digits, 0)?)?;
            rest = &digits[2..];
        }
    } else if let Some(minutes) = two(rest, 0) {
        ahead += minute(minutes)?;
        rest = &rest[2..];
    }
    Some((sign * ahead, rest))
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
            timestamp.take_fraction(&rest[1..=count]);
            rest = &rest[count + 1..];
        }
    }
    // One space is allowed before `+07:00`.
    if let Some(after) = rest.strip_prefix(b" ").filter(|after| !after.is_empty()) {
        rest = after;
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

    fn micros(format: &DateFormat, text: &str) -> Option<i64> {
        format.parse_instant(text).map(|instant| instant.micros)
    }

    fn compile(format: &str) -> Result<DateFormat, DateFormatError> {
        DateFormat::compile(&DateNotation { formats: vec![format.to_owned()], ..DateNotation::default() })
    }

    /// A timestamp as it is parsed with declared formats, months and century.
    fn read(formats: &[&str], months: &[&str], century: Option<u64>, text: &str) -> Option<String> {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let notation = DateNotation { formats: owned(formats), months: owned(months), century };
        let instant = DateFormat::compile(&notation).unwrap().parse_instant(text)?;
        Some(crate::model::Value::of_instant(instant).to_string())
    }

    #[test]
    fn nanoseconds_are_kept() {
        for (format, text, timestamp) in [
            ("iso", "2024-02-29T00:00:00.123456789", Some("2024-02-29T00:00:00.123456789")),
            ("iso", "2024-02-29T00:00:00.000000001Z", Some("2024-02-29T00:00:00.000000001")),
            ("iso", "2024-02-29T00:00:00.1234567+07", Some("2024-02-28T17:00:00.1234567")),
            ("iso", "1969-12-31T23:59:59.999999999", Some("1969-12-31T23:59:59.999999999")),
            ("iso", "9999-12-31T23:59:59.999999999", Some("9999-12-31T23:59:59.999999999")),
            ("%d/%m/%Y %H:%M:%S.%f", "29/02/2024 00:00:00.000000010", Some("2024-02-29T00:00:00.00000001")),
            ("unix seconds", "-0.000000001", Some("1969-12-31T23:59:59.999999999")),
        ] {
            assert_eq!(read(&[format], &[], None, text).as_deref(), timestamp, "{text}");
        }
        assert_eq!(compile("%Y-%m-%d %H:%M:%S.%f").unwrap().parse_date("2024-02-29 00:00:00.000000001"), None);
    }

    #[test]
    fn halves_of_the_day() {
        let us = &["%-m/%-d/%Y %-I:%M %p"];
        for (text, timestamp) in [
            ("1/15/2024 3:45 PM", Some("2024-01-15T15:45:00")),
            ("1/15/2024 03:45 am", Some("2024-01-15T03:45:00")),
            ("12/31/2024 12:00 AM", Some("2024-12-31T00:00:00")),
            ("12/31/2024 12:59 p.m.", Some("2024-12-31T12:59:00")),
            ("1/15/2024 13:45 PM", None),
            ("1/15/2024 0:45 AM", None),
            ("1/15/2024 3:45", None),
            ("1/15/2024 3:45 XM", None),
        ] {
            assert_eq!(read(us, &[], None, text).as_deref(), timestamp, "{text}");
        }
        assert_eq!(read(&["h:mm tt dd/mm/yyyy"], &["vi"], None, "3:05 CH 02/01/2024").unwrap(), "2024-01-02T15:05:00");
    }

    #[test]
    fn names_of_months() {
        let january = Some("2024-01-15T00:00:00");
        for (format, months, text, timestamp) in [
            ("%d %B %Y", &[][..], "15 January 2024", january),
            ("%d %B %Y", &[], "15 JANUARY 2024", january),
            ("%d %B %Y", &[], "15 Jan 2024", None),
            ("%d %b %Y", &[], "15 January 2024", None),
            ("%d.%b.%Y", &[], "15.jan.2024", january),
            ("%d %b %Y", &[], "15 Jan. 2024", january),
            ("%d %B %Y", &["vi"], "15 tháng 1 2024", january),
            ("%d %B %Y", &["vi"], "15 Tháng Một 2024", january),
            ("%d %B %Y", &["vi"], "15 tha\u{301}ng 1 2024", january),
            ("%d %B %Y", &["vi"], "15 Tháng mười hai 2024", Some("2024-12-15T00:00:00")),
            ("%d %B, %Y", &["vi"], "15 THÁNG 12, 2024", Some("2024-12-15T00:00:00")),
            ("%d %B %Y", &["vi"], "15 tháng 13 2024", None),
            ("%d %b %Y", &["vi"], "15 thg 1 2024", january),
            ("%d %b %Y", &["fr"], "15 janv. 2024", january),
            ("%d %b %Y", &["fr"], "15 déc 2024", Some("2024-12-15T00:00:00")),
            ("%d. %B %Y", &["de"], "15. März 2024", Some("2024-03-15T00:00:00")),
            ("%d %B %Y", &["PL"], "15 stycznia 2024", january),
            (
                "%d/%b/%Y",
                &["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"],
                "15/viii/2024",
                Some("2024-08-15T00:00:00"),
            ),
        ] {
            assert_eq!(read(&[format], months, None, text).as_deref(), timestamp, "{format} {text}");
        }
    }

    #[test]
    fn years_of_two_digits_are_among_the_declared_hundred() {
        for (century, text, year) in [
            (1950, "01-JAN-24", Some("2024-01-01T00:00:00")),
            (1950, "01-JAN-49", Some("2049-01-01T00:00:00")),
            (1950, "01-JAN-50", Some("1950-01-01T00:00:00")),
            (1900, "01-JAN-00", Some("1900-01-01T00:00:00")),
            (1900, "29-FEB-00", None),
            (2000, "29-FEB-00", Some("2000-02-29T00:00:00")),
            (1901, "01-JAN-00", Some("2000-01-01T00:00:00")),
            (9900, "31-DEC-99", Some("9999-12-31T00:00:00")),
            (1, "01-JAN-00", Some("0100-01-01T00:00:00")),
            (1950, "01-JAN-2024", None),
            (1950, "01-JAN-4", None),
        ] {
            assert_eq!(read(&["%d-%b-%y"], &[], Some(century), text).as_deref(), year, "{century} {text}");
        }
    }

    #[test]
    fn formats_are_tried_in_their_order() {
        let formats = ["dd/mm/yyyy", "mm/dd/yyyy", "iso", "excel 1900", "%Y-%m"];
        for (text, timestamp) in [
            ("02/03/2024", Some("2024-03-02T00:00:00")),
            ("02/13/2024", Some("2024-02-13T00:00:00")),
            ("2024-02-13T06:00+07", Some("2024-02-12T23:00:00")),
            ("2024-02", Some("2024-02-01T00:00:00")),
            ("45292", Some("2024-01-01T00:00:00")),
            ("32/01/2024", None),
        ] {
            assert_eq!(read(&formats, &[], None, text).as_deref(), timestamp, "{text}");
        }
        assert_eq!(read(&["%s"], &[], None, "1704110400").unwrap(), "2024-01-01T12:00:00");
        assert_eq!(read(&["Unix_Seconds"], &[], None, "1704110400").unwrap(), "2024-01-01T12:00:00");
        assert_eq!(compile("unix milliseconds").unwrap().parse_date("1704067200000"), Some(19_723));
        assert_eq!(compile("unix milliseconds").unwrap().parse_date("1704067200001"), None);
        assert_eq!(read(&["%Y-%m-%d %H:%M:%S%z"], &[], None, "2023-02-10 15:41:33+01").unwrap(), "2023-02-10T14:41:33");
    }

    #[test]
    fn declarations_that_mean_nothing_are_refused() {
        let refused = |formats: &[&str], months: &[&str], century| {
            let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
            let notation = DateNotation { formats: owned(formats), months: owned(months), century };
            DateFormat::compile(&notation).unwrap_err().to_string()
        };
        assert!(refused(&["%d/%m/%Y"], &[], Some(1950)).contains("no format has a year of two digits"));
        assert!(refused(&["%d/%m/%Y"], &["vi"], None).contains("no format has the name of a month"));
        assert!(refused(&["%d %b %Y"], &["vn"], None).contains("did you mean `vi`?"));
        assert!(refused(&["%d %b %Y"], &["Jan", "Feb"], None).contains("twelve different names"));
        assert!(refused(&["%d %b %y"], &[], Some(0)).contains("from 1 to 9900"));
        assert!(refused(&["%d %b %y"], &[], Some(9_901)).contains("from 1 to 9900"));
        assert!(refused(&["%-d%B%Y"], &["vi"], None).contains("fixed number of digits"));
        assert!(refused(&["unix second"], &[], None).contains("did you mean `unix seconds`?"));
        assert!(refused(&["iso", "dd.mm"], &[], None).contains("`dd.mm`: the format lacks %Y"));
        assert!(refused(&["dd/mm/yyy"], &[], None).contains("did you mean `dd/mm/yyyy`?"));
    }

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
        for (text, expected) in [
            ("2024-02-29", base),
            ("2024-02-29T00:00", base),
            ("2024-02-29 23:59:59", base + DAY - SECOND),
            ("2024-02-29T00:00:00.5", base + 500_000),
            ("2024-02-29T00:00:00.123456789", base + 123_456),
            ("2024-02-29T07:00:00+07:00", base),
            ("2024-02-29T07:00+0700", base),
            ("2024-02-28T17:30:00-06:30", base),
            ("2024-02-29 00:00:00+00", base),
            ("2024-02-29 07:00:00.5+07", base + 500_000),
            ("2024-02-29 00:00:00 +00:00", base),
            ("2024-02-29 05:30+0530", base),
            ("2024-02-29 07:06:40+07:06:40", base),
            ("2024-02-28T16:00-08:00", base),
            ("2024-02-29T00:00:00.1234567Z", base + 123_456),
            ("2024-02-29T00:00:00Z", base),
            ("2024-02-29T00:00:00.000001Z", base + 1),
            ("1969-12-31T23:59:59.999999", -1),
        ] {
            assert_eq!(micros(&ISO, text), Some(expected), "{text}");
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
            "2024-02-29T00:00:00+070",
            "2024-02-29T00:00:00+07:00:",
            "2024-02-29T00:00:00+07:00:60",
            "2024-02-29T00:00:00  +07:00",
            "2024-02-29T00:00:00 ",
            "2024-02-29 +07",
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
            assert_eq!(micros(&ISO, text), None, "{text}");
        }
    }

    #[test]
    fn custom_formats() {
        let format = |text: &str| compile(text).unwrap();
        let vietnamese = format("%d/%m/%Y");
        assert_eq!(vietnamese.parse_date("29/02/2024"), Some(19_782));
        for text in
            ["31/02/2020", "1/2/2024", "01/13/2024", "01/02/24", "01/02/2024 ", "01-02-2024", "２９/02/2024", ""]
        {
            assert_eq!(vietnamese.parse_date(text), None, "{text}");
        }
        assert_eq!(micros(&vietnamese, "29/02/2024"), Some(19_782 * DAY));

        let loose = format("%-d/%-m/%Y");
        assert_eq!(loose.parse_date("5/1/2024"), format("%d/%m/%Y").parse_date("05/01/2024"));
        assert_eq!(loose.parse_date("005/1/2024"), None);

        assert_eq!(format("%d-%b-%Y").parse_date("29-FEB-2024"), Some(19_782));
        assert_eq!(format("%d-%b-%Y").parse_date("29-Fév-2024"), None);
        assert_eq!(format("%Y%m%d").parse_date("20240229"), Some(19_782));
        assert_eq!(format("ngày %d tháng %m năm %Y").parse_date("ngày 29 tháng 02 năm 2024"), Some(19_782));
        assert_eq!(format("%Y%%%m%%%d").parse_date("2024%02%29"), Some(19_782));

        let full = format("%d/%m/%Y %H:%M:%S.%f %z");
        assert_eq!(micros(&full, "29/02/2024 07:00:00.25 +07:00"), Some(19_782 * DAY + 250_000));
        assert_eq!(micros(&full, "29/02/2024 07:00:00. +07:00"), None);
        // A time of day is not silently dropped.
        let minutes = format("%d/%m/%Y %H:%M");
        assert_eq!(minutes.parse_date("29/02/2024 00:00"), Some(19_782));
        assert_eq!(minutes.parse_date("29/02/2024 00:01"), None);
    }

    #[test]
    fn formats_that_name_no_moment_are_refused() {
        for (format, word) in [
            ("", "is not a format"),
            ("%m/%d", "lacks %Y"),
            ("%Y-%m %H", "lacks %d"),
            ("%Y", "lacks %m"),
            ("%d/%m/%y", "century: 1950"),
            ("dd/mm/yy", "century: 1950"),
            ("%Y-%m-%d %I:%M", "%I without %p"),
            ("%Y-%m-%d %H:%M %p", "%p without %I"),
            ("%Y-%m-%d %H %I", "more than once"),
            ("%Y-%m-%d %s", "`%s` is unknown"),
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
            let error = compile(format).unwrap_err().to_string();
            assert!(error.contains(word), "{format}: {error}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC*|[-0-9T :.+Z/]{0,40}", format in "\\PC*|(%[-YmdHIMSfbBpzy%]|[ /:dmyhst])*") {
            let _ = ISO.parse_date(&text);
            let _ = micros(&ISO, &text);
            if let Ok(format) = compile(&format) {
                let _ = format.parse_date(&text);
                let _ = format.parse_instant(&text);
            }
        }

        #[test]
        fn iso_datetimes_read_as_jiff_reads_them(
            day in -719_162..2_932_897i32, time in 0..DAY, minutes in -1439..1440i32, short: bool
        ) {
            let timestamp = crate::model::Value::Datetime(i64::from(day) * DAY + time).to_string();
            prop_assert_eq!(micros(&ISO, &timestamp), Some(i64::from(day) * DAY + time));
            let (sign, ahead) = (if minutes < 0 { '-' } else { '+' }, minutes.abs());
            let colon = if short { "" } else { ":" };
            let zoned = format!("{timestamp}{sign}{:02}{colon}{:02}", ahead / 60, ahead % 60);
            let utc = i64::from(day) * DAY + time - i64::from(minutes) * 60 * SECOND;
            prop_assert_eq!(micros(&ISO, &zoned), TIMESTAMPS.contains(&utc).then_some(utc));
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
