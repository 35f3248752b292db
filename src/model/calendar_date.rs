//! A date of the calendar, as suites set it for people: until when, by when.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{AsOf, Value};

/// A date, in days since 1970-01-01; written as `2026-12-31`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CalendarDate(i32);

impl CalendarDate {
    /// Parses `2026-12-31`; a time of day is refused.
    pub fn parse(text: &str) -> Option<Self> {
        AsOf::parse(text).filter(|date| date.whole_day).map(|date| Self(date.day))
    }

    /// The days from the date of `as_of` to this one; negative where this one is over.
    pub fn days_after(self, as_of: AsOf) -> i64 {
        i64::from(self.0) - i64::from(as_of.day)
    }
}

impl fmt::Display for CalendarDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Value::Date(self.0).fmt(f)
    }
}

impl Serialize for CalendarDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for CalendarDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("a date is written as 2026-12-31"))
    }
}

impl JsonSchema for CalendarDate {
    fn schema_name() -> Cow<'static, str> {
        "CalendarDate".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date", "description": "a date such as 2026-12-31" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_they_are_written() {
        for text in ["2026-12-31", "1969-12-31", "2024-02-29", "9999-12-31"] {
            let date = CalendarDate::parse(text).unwrap();
            assert_eq!(date.to_string(), text);
            let json = serde_json::to_string(&date).unwrap();
            assert_eq!(serde_json::from_str::<CalendarDate>(&json).unwrap(), date);
        }
        for text in ["2026-02-29", "2026-12-31T00:00:00", "31/12/2026", "2026", "never", ""] {
            assert_eq!(CalendarDate::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_time_of_day_does_not_count() {
        let date = CalendarDate::parse("2026-12-31").unwrap();
        for (as_of, days) in
            [("2026-12-01", 30), ("2026-12-31", 0), ("2026-12-31T23:59:59", 0), ("2027-01-01T00:00:00", -1)]
        {
            assert_eq!(date.days_after(AsOf::parse(as_of).unwrap()), days, "{as_of}");
        }
    }
}
