//! Dates and timestamps, so many units later or earlier.

use super::calendar::{civil_from_days, days_from_civil};
use crate::model::{DAY_MICROS, DataType, FIRST_DATE, FineInstant, LAST_DATE, TIMESTAMPS, TimeUnit, Value};

/// The type of a date or a timestamp after a unit is added: hours, minutes and seconds make a date a timestamp.
pub const fn date_add_type(of: DataType, unit: TimeUnit) -> DataType {
    if unit.clock_micros().is_some() { DataType::Datetime } else { of }
}

/// A date or a timestamp `count` units later, or earlier if `count` is negative. Months and years keep the day of the month, or
/// take the last one where the month is shorter. `None` before year 0001 and after year 9999.
pub fn date_add(at: &Value, count: i64, unit: TimeUnit) -> Option<Value> {
    let Some(size) = unit.clock_micros() else { return on_calendar(at, count, unit) };
    let instant = at.instant()?;
    let micros = instant.micros.checked_add(count.checked_mul(size)?)?;
    TIMESTAMPS.contains(&micros).then_some(Value::of_instant(FineInstant { micros, ..instant }))
}

/// The same in whole days, which keep the time of day.
fn on_calendar(at: &Value, count: i64, unit: TimeUnit) -> Option<Value> {
    let instant = at.instant()?;
    let (day, time) = (instant.micros.div_euclid(DAY_MICROS), instant.micros.rem_euclid(DAY_MICROS));
    let day = match unit {
        TimeUnit::Week => day.checked_add(count.checked_mul(7)?)?,
        TimeUnit::Month => months_later(day, count)?,
        TimeUnit::Year => months_later(day, count.checked_mul(12)?)?,
        _ => day.checked_add(count)?,
    };
    let day = i32::try_from(day).ok().filter(|day| (FIRST_DATE..=LAST_DATE).contains(day))?;
    Some(match at {
        Value::Date(_) => Value::Date(day),
        _ => Value::of_instant(FineInstant { micros: i64::from(day) * DAY_MICROS + time, ..instant }),
    })
}

fn months_later(day: i64, count: i64) -> Option<i64> {
    let (year, month, day) = civil_from_days(i32::try_from(day).ok()?);
    let months = (i64::from(year) * 12 + i64::from(month) - 1).checked_add(count)?;
    let (year, month) = (i32::try_from(months.div_euclid(12)).ok()?, u32::try_from(months.rem_euclid(12)).ok()? + 1);
    (28..=day).rev().chain([day]).find_map(|day| days_from_civil(year, month, day)).map(i64::from)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{DATE_UNITS, date_diff, parse_value};
    use super::*;

    fn read(text: &str) -> Value {
        let date = parse_value(text, DataType::Date, None);
        date.or_else(|| parse_value(text, DataType::Datetime, None)).expect("a date or a timestamp")
    }

    #[test]
    fn units_are_added() {
        use TimeUnit::{Day, Hour, Minute, Month, Second, Week, Year};
        for (at, count, unit, then) in [
            ("2024-02-28", 2, Day, Some("2024-03-01")),
            ("2024-02-28", -59, Day, Some("2023-12-31")),
            ("2024-02-28", 1, Week, Some("2024-03-06")),
            ("2024-01-31", 1, Month, Some("2024-02-29")),
            ("2023-01-31", 1, Month, Some("2023-02-28")),
            ("2024-01-15", -13, Month, Some("2022-12-15")),
            ("2024-03-31", -1, Month, Some("2024-02-29")),
            ("2024-02-29", 1, Year, Some("2025-02-28")),
            ("2024-02-29", 4, Year, Some("2028-02-29")),
            ("2024-02-28", 36, Hour, Some("2024-02-29T12:00:00")),
            ("2024-02-28T23:59:59.000000001", 1, Second, Some("2024-02-29T00:00:00.000000001")),
            ("2024-02-28T23:59:59", -90, Minute, Some("2024-02-28T22:29:59")),
            ("2024-01-31T06:00:00", 1, Month, Some("2024-02-29T06:00:00")),
            ("9999-12-31", 1, Day, None),
            ("9999-12-31", 0, Day, Some("9999-12-31")),
            ("9999-12-31T23:59:59", 1, Second, None),
            ("0001-01-01", -1, Day, None),
            ("0001-01-01", -1, Month, None),
            ("0001-01-01T00:00:00", -1, Second, None),
            ("2024-01-01", i64::MAX, Day, None),
            ("2024-01-01", i64::MIN, Month, None),
            ("2024-01-01", i64::MAX, Hour, None),
            ("2024-01-01", i64::MAX, Year, None),
        ] {
            assert_eq!(date_add(&read(at), count, unit), then.map(read), "{at} {count} {unit:?}");
        }
        assert_eq!(date_add(&Value::Integer(1), 1, Day), None);
    }

    proptest! {
        #[test]
        fn what_is_added_lies_between(day in FIRST_DATE..=LAST_DATE, time in 0..DAY_MICROS, count in -200_000..200_000_i64) {
            let at = Value::Datetime(i64::from(day) * DAY_MICROS + time);
            for (unit, name) in DATE_UNITS {
                let Some(Value::Datetime(then)) = date_add(&at, count, *unit) else { continue };
                let found = date_diff(*unit, i128::from(i64::from(day) * DAY_MICROS + time), then.into());
                // A month that is cut short is not completed.
                let months = matches!(unit, TimeUnit::Month | TimeUnit::Year);
                let short = found.is_some_and(|found| months && found.abs() == count.abs() - 1);
                prop_assert!(found == Some(count) || short, "{} {}: {:?}", count, name, found);
            }
        }

        #[test]
        fn jiff_adds_alike(day in FIRST_DATE..=LAST_DATE, count in -50_000..50_000_i64) {
            let date = |days: i32| jiff::civil::date(1970, 1, 1).checked_add(jiff::Span::new().days(days)).unwrap();
            for (unit, span) in [
                (TimeUnit::Day, jiff::Span::new().days(count)),
                (TimeUnit::Week, jiff::Span::new().weeks(count)),
                (TimeUnit::Month, jiff::Span::new().months(count)),
                (TimeUnit::Year, jiff::Span::new().try_years(count).unwrap_or_default()),
            ] {
                if unit == TimeUnit::Year && count.abs() > 19_998 {
                    continue;
                }
                let theirs = date(day).checked_add(span).ok().filter(|date| date.year() >= 1);
                let ours = date_add(&Value::Date(day), count, unit);
                prop_assert_eq!(ours.map(|value| value.to_string()), theirs.map(|date| date.to_string()));
            }
        }
    }
}
