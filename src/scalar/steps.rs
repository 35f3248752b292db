//! The position of dates, timestamps and numbers among the points of a calendar or sequence.

use super::calendar::civil_from_days;
use super::typed::canonical;
use crate::model::{DAY_MICROS, Step, Value};

/// Microseconds of an hour.
const HOUR_MICROS: i64 = DAY_MICROS / 24;

/// The number of the point that contains a date; consecutive points have consecutive numbers. A date counts as its
/// first hour; sequences of numbers contain no dates.
pub fn point_of_day(step: Step, days: i32) -> i64 {
    let whole = i64::from(days);
    match step {
        Step::Hour => whole * 24,
        Step::Day | Step::Number(_) => whole,
        // 1970-01-01 was a Thursday.
        Step::Week => (whole + 3).div_euclid(7),
        Step::Month | Step::Quarter | Step::Year => {
            let (year, month, _) = civil_from_days(days);
            let (year, month) = (i64::from(year), i64::from(month) - 1);
            match step {
                Step::Month => year * 12 + month,
                Step::Quarter => year * 4 + month / 3,
                _ => year,
            }
        }
    }
}

/// The number of the point that contains a timestamp.
pub fn point_of_timestamp(step: Step, micros: i64) -> i64 {
    if step == Step::Hour {
        return micros.div_euclid(HOUR_MICROS);
    }
    // Microseconds of 64 bits are under 2^27 days from 1970.
    point_of_day(step, i32::try_from(micros.div_euclid(DAY_MICROS)).unwrap_or_default())
}

/// The number of the point that equals a number, counted from `from`; `None` if it is between two points.
pub fn point_of_number(apart: u64, from: i64, number: i64) -> Option<i64> {
    if apart == 1 {
        return Some(number);
    }
    let (distance, apart) = (i128::from(number) - i128::from(from), i128::from(apart.max(1)));
    (distance % apart == 0).then(|| i64::try_from(distance / apart).ok()).flatten()
}

/// A point as text: the first hour or day that it contains, `2026-03`, `2026-Q1` or `2026` for longer ones, and the number
/// itself in a sequence that is counted from `from`.
pub fn point_text(step: Step, from: i64, point: i64) -> String {
    let day = |days: i64| canonical(&Value::Date(i32::try_from(days).unwrap_or_default())).into_owned();
    match step {
        Step::Hour => format!("{}T{:02}:00", day(point.div_euclid(24)), point.rem_euclid(24)),
        Step::Day => day(point),
        // 1970-01-01 was a Thursday.
        Step::Week => day(point.saturating_mul(7) - 3),
        Step::Month => format!("{:04}-{:02}", point.div_euclid(12), point.rem_euclid(12) + 1),
        Step::Quarter => format!("{:04}-Q{}", point.div_euclid(4), point.rem_euclid(4) + 1),
        Step::Year => format!("{point:04}"),
        Step::Number(0 | 1) => point.to_string(),
        Step::Number(apart) => (i128::from(from) + i128::from(point) * i128::from(apart)).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::days_from_civil;

    fn point(step: Step, (year, month, day): (i32, u32, u32)) -> i64 {
        point_of_day(step, days_from_civil(year, month, day).expect("a day"))
    }

    #[test]
    fn a_point_is_written_as_what_it_contains() {
        for (step, written) in [
            (Step::Hour, "2026-03-05T00:00"),
            (Step::Day, "2026-03-05"),
            (Step::Week, "2026-03-02"),
            (Step::Month, "2026-03"),
            (Step::Quarter, "2026-Q1"),
            (Step::Year, "2026"),
        ] {
            assert_eq!(point_text(step, 0, point(step, (2026, 3, 5))), written);
        }
        assert_eq!(point_text(Step::Hour, 0, -1), "1969-12-31T23:00");
        assert_eq!(point_text(Step::Week, 0, point(Step::Week, (1969, 12, 28))), "1969-12-22");
        assert_eq!(point_text(Step::Number(1), 5, -7), "-7");
        assert_eq!(point_text(Step::Number(10), 5, 3), "35");
        assert_eq!(point_text(Step::Number(u64::MAX), i64::MAX, 1), "27670116110564327422");
    }

    #[test]
    fn points_follow_the_calendar() {
        let month = |day| point(Step::Month, day);
        assert_eq!(month((2020, 1, 31)) + 1, month((2020, 2, 29)));
        assert_eq!(month((2019, 12, 1)) + 1, month((2020, 1, 1)));
        assert_eq!(month((1969, 12, 31)) + 1, month((1970, 1, 1)));
        let quarter = |day| point(Step::Quarter, day);
        assert_eq!(quarter((2020, 1, 1)), quarter((2020, 3, 31)));
        assert_eq!(quarter((2019, 12, 31)) + 1, quarter((2020, 1, 1)));
        // A Sunday and the Monday after it, before and after 1970.
        for [sunday, monday] in [[(2026, 11, 22), (2026, 11, 23)], [(1969, 12, 28), (1969, 12, 29)]] {
            assert_eq!(point(Step::Week, sunday) + 1, point(Step::Week, monday));
        }
        assert_eq!(point(Step::Week, (2026, 11, 23)), point(Step::Week, (2026, 11, 29)));
        assert_eq!(point_of_timestamp(Step::Hour, -1), -1);
        assert_eq!(point_of_timestamp(Step::Hour, HOUR_MICROS), 1);
        assert_eq!(point_of_timestamp(Step::Day, -1), -1);
        assert_eq!(point_of_timestamp(Step::Year, i64::MIN), point_of_timestamp(Step::Year, i64::MIN + 1));
    }

    #[test]
    fn numbers_lie_on_steps_or_between() {
        assert_eq!(point_of_number(1, 5, i64::MIN), Some(i64::MIN));
        assert_eq!(point_of_number(10, 5, 25), Some(2));
        assert_eq!(point_of_number(10, 5, -15), Some(-2));
        assert_eq!(point_of_number(10, 5, 24), None);
        assert_eq!(point_of_number(2, i64::MAX, i64::MIN + 1), Some(-i64::MAX));
        assert_eq!(point_of_number(u64::MAX, i64::MIN, i64::MAX), Some(1));
    }
}
