//! The time between two dates or timestamps, in a unit.

use super::civil_from_days;
use crate::model::DAY_MICROS;

/// A unit of `date_diff`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateUnit {
    /// Seconds that have passed.
    Second,
    /// Minutes that have passed.
    Minute,
    /// Hours that have passed.
    Hour,
    /// Days of the calendar, whatever the time of day.
    Day,
    /// Seven of those.
    Week,
    /// Completed months of the calendar.
    Month,
    /// Completed years of the calendar.
    Year,
}

impl DateUnit {
    /// Every unit with its name in suites.
    pub const ALL: &[(Self, &'static str)] = &[
        (Self::Second, "second"),
        (Self::Minute, "minute"),
        (Self::Hour, "hour"),
        (Self::Day, "day"),
        (Self::Week, "week"),
        (Self::Month, "month"),
        (Self::Year, "year"),
    ];

    /// The unit of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(unit, _)| *unit)
    }

    /// The whole units from one instant to another, both in microseconds since 1970; negative if the first is later.
    /// What is left of a unit is dropped. `None` if an instant is on no date.
    pub fn between(self, from: i128, to: i128) -> Option<i64> {
        let passed = |micros: i128| i64::try_from((to - from) / micros).ok();
        let day = |micros: i128| i32::try_from(micros.div_euclid(DAY_MICROS.into())).ok();
        let days = || Some(i64::from(day(to)?) - i64::from(day(from)?));
        match self {
            Self::Second => passed(1_000_000),
            Self::Minute => passed(60 * 1_000_000),
            Self::Hour => passed(i128::from(DAY_MICROS) / 24),
            Self::Day => days(),
            Self::Week => days().map(|days| days / 7),
            Self::Month => Some(completed_months(day(from)?, day(to)?)),
            Self::Year => Some(completed_months(day(from)?, day(to)?) / 12),
        }
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
        use DateUnit::{Day, Hour, Minute, Month, Second, Week, Year};
        let (late, early) = (at(2024, 3, 1, 0, 30), at(2024, 2, 28, 23, 45));
        let units = [(Second, 1_485 * 60), (Minute, 1_485), (Hour, 24), (Day, 2), (Week, 0), (Month, 0), (Year, 0)];
        for (unit, between) in units {
            assert_eq!(unit.between(early, late), Some(between), "{unit:?}");
            assert_eq!(unit.between(late, early), Some(-between), "{unit:?}");
        }
        let months = |from: (i32, u32, u32), to: (i32, u32, u32)| {
            Month.between(at(from.0, from.1, from.2, 0, 0), at(to.0, to.1, to.2, 0, 0))
        };
        assert_eq!(months((2024, 1, 31), (2024, 2, 29)), Some(0));
        assert_eq!(months((2024, 1, 31), (2024, 3, 1)), Some(1));
        assert_eq!(months((2024, 1, 15), (2025, 1, 15)), Some(12));
        assert_eq!(months((2025, 1, 15), (2024, 1, 16)), Some(-11));
        assert_eq!(Year.between(at(2000, 2, 29, 0, 0), at(2021, 2, 28, 0, 0)), Some(20));
        assert_eq!(Week.between(at(2024, 1, 1, 0, 0), at(2024, 1, 15, 0, 0)), Some(2));
    }
}
