//! The time between two dates or timestamps, in a unit.

use super::civil_from_days;
use crate::model::{DAY_MICROS, TimeUnit};

/// The units of `date_diff` with their names in suites.
pub const DATE_UNITS: &[(TimeUnit, &str)] = &[
    (TimeUnit::Second, "second"),
    (TimeUnit::Minute, "minute"),
    (TimeUnit::Hour, "hour"),
    (TimeUnit::Day, "day"),
    (TimeUnit::Week, "week"),
    (TimeUnit::Month, "month"),
    (TimeUnit::Year, "year"),
];

/// The unit of `date_diff` of that name.
pub fn date_unit(name: &str) -> Option<TimeUnit> {
    DATE_UNITS.iter().find(|(_, known)| *known == name).map(|(unit, _)| *unit)
}

/// The whole units from one instant to another, both in microseconds since 1970; negative if the first is later. Seconds,
/// minutes and hours are those that have passed, days those of the calendar, weeks seven of those, months and years
/// completed ones. The rest of a unit is dropped. `None` if an instant is on no date.
pub fn date_diff(unit: TimeUnit, from: i128, to: i128) -> Option<i64> {
    let day = |micros: i128| i32::try_from(micros.div_euclid(DAY_MICROS.into())).ok();
    let days = || Some(i64::from(day(to)?) - i64::from(day(from)?));
    if let Some(size) = unit.clock_micros() {
        return i64::try_from((to - from) / i128::from(size)).ok();
    }
    match unit {
        TimeUnit::Week => days().map(|days| days / 7),
        TimeUnit::Month => Some(completed_months(day(from)?, day(to)?)),
        TimeUnit::Year => Some(completed_months(day(from)?, day(to)?) / 12),
        _ => days(),
    }
}

/// Completed months from one date to another. From 31 January the first month is completed on 1 March where February
/// is shorter.
fn completed_months(from: i32, to: i32) -> i64 {
    if to < from {
        return -completed_months(to, from);
    }
    let ((year, month, day), (to_year, to_month, to_day)) = (civil_from_days(from), civil_from_days(to));
    (i64::from(to_year) - i64::from(year)) * 12 + i64::from(to_month) - i64::from(month) - i64::from(to_day < day)
}

#[cfg(test)]
mod tests {
    use super::super::days_from_civil;
    use super::*;

    fn at(year: i32, month: u32, day: u32, hour: i64, minute: i64) -> i128 {
        let days = days_from_civil(year, month, day).expect("a date");
        i128::from(i64::from(days) * DAY_MICROS + (hour * 60 + minute) * 60_000_000)
    }

    #[test]
    fn units_are_whole_and_signed() {
        use TimeUnit::{Day, Hour, Minute, Month, Second, Week, Year};
        let (late, early) = (at(2024, 3, 1, 0, 30), at(2024, 2, 28, 23, 45));
        let units = [(Second, 1_485 * 60), (Minute, 1_485), (Hour, 24), (Day, 2), (Week, 0), (Month, 0), (Year, 0)];
        for (unit, between) in units {
            assert_eq!(date_diff(unit, early, late), Some(between), "{unit:?}");
            assert_eq!(date_diff(unit, late, early), Some(-between), "{unit:?}");
        }
        let months = |from: (i32, u32, u32), to: (i32, u32, u32)| {
            date_diff(Month, at(from.0, from.1, from.2, 0, 0), at(to.0, to.1, to.2, 0, 0))
        };
        assert_eq!(months((2024, 1, 31), (2024, 2, 29)), Some(0));
        assert_eq!(months((2024, 1, 31), (2024, 3, 1)), Some(1));
        assert_eq!(months((2024, 1, 15), (2025, 1, 15)), Some(12));
        assert_eq!(months((2025, 1, 15), (2024, 1, 16)), Some(-11));
        assert_eq!(date_diff(Year, at(2000, 2, 29, 0, 0), at(2021, 2, 28, 0, 0)), Some(20));
        assert_eq!(date_diff(Week, at(2024, 1, 1, 0, 0), at(2024, 1, 15, 0, 0)), Some(2));
    }
}
