//! Days of the proleptic Gregorian calendar, years 1 to 9999, counted from 1970-01-01.
//!
//! Own code: a cell needs one number and one check whether the date exists, and this is a few lines without an object.

use crate::model::DAY_MICROS;

/// Days of a cycle of 400 years.
const CYCLE_DAYS: i32 = 146_097;
/// Days from 0000-03-01 to 1970-01-01.
const EPOCH_SHIFT: i32 = 719_468;

/// Days from 1970-01-01 to that date; `None` if the date does not exist or the year is not 1 to 9999.
pub fn days_from_civil(year: i32, month: u32, day: u32) -> Option<i32> {
    if !(1..=9999).contains(&year) || day == 0 || day > days_in_month(year, month)? {
        return None;
    }
    // In years that begin in March the leap day comes last, so one linear formula gives the days before a month.
    let (month, day) = (i32::try_from(month).ok()?, i32::try_from(day).ok()?);
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let (cycle, year) = (year / 400, year % 400);
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    Some(cycle * CYCLE_DAYS + year * 365 + year / 4 - year / 100 + day_of_year - EPOCH_SHIFT)
}

/// Year, month and day of the date `days` after 1970-01-01; for any number of days.
pub fn civil_from_days(days: i32) -> (i32, u32, u32) {
    let days = i64::from(days) + i64::from(EPOCH_SHIFT);
    let cycle = days.div_euclid(i64::from(CYCLE_DAYS));
    let day = days.rem_euclid(i64::from(CYCLE_DAYS));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (next, month) = if month < 10 { (0, month + 3) } else { (1, month - 9) };
    // All three are within the ranges of a calendar, and 2^31 days are less than six million years.
    (
        i32::try_from(cycle * 400 + year + next).unwrap_or(i32::MAX),
        u32::try_from(month).unwrap_or(1),
        u32::try_from(day).unwrap_or(1),
    )
}

/// The number of days of a month; `None` for a month that is not 1 to 12.
fn days_in_month(year: i32, month: u32) -> Option<u32> {
    Some(match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => return None,
    })
}

/// The date of a timestamp in microseconds since 1970.
pub(super) fn day_of(micros: i64) -> Option<i32> {
    i32::try_from(micros.div_euclid(DAY_MICROS)).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::Date;

    use super::*;

    #[test]
    fn every_day_of_9999_years_as_jiff_has_it() {
        let mut date = Date::new(1, 1, 1).unwrap();
        let mut days = -719_162;
        loop {
            let (year, month, day) = (i32::from(date.year()), date.month().unsigned_abs(), date.day().unsigned_abs());
            assert_eq!(days_from_civil(year, month.into(), day.into()), Some(days), "{date}");
            assert_eq!(civil_from_days(days), (year, month.into(), day.into()), "{date}");
            if year == 9999 && month == 12 && day == 31 {
                break;
            }
            date = date.tomorrow().unwrap();
            days += 1;
        }
        assert_eq!(days, 2_932_896);
    }

    #[test]
    fn days_that_do_not_exist() {
        for (year, month, day) in [
            (2020, 2, 30),
            (2021, 2, 29),
            (1900, 2, 29),
            (2020, 4, 31),
            (2020, 13, 1),
            (2020, 0, 1),
            (2020, 1, 0),
            (2020, 1, 32),
            (0, 1, 1),
            (10_000, 1, 1),
            (-1, 1, 1),
            (2020, u32::MAX, 1),
            (2020, 1, u32::MAX),
        ] {
            assert_eq!(days_from_civil(year, month, day), None, "{year}-{month}-{day}");
        }
        assert_eq!(days_from_civil(2000, 2, 29), Some(11_016));
        assert_eq!(civil_from_days(i32::MIN).1.clamp(1, 12), civil_from_days(i32::MIN).1);
        assert_eq!(civil_from_days(i32::MAX).2.clamp(1, 31), civil_from_days(i32::MAX).2);
    }
}
