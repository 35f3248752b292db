//! The time between two dates of a row.
//!
//! # What it means
//!
//! The delay of a row is `to` − `from`: in days where one of both is a date (of a datetime its day), else in microseconds. Where
//! one end is missing there is no delay. Where both are there and one is unparseable, the row is unreadable. Delays under 0 are
//! counted as negative and are not among the others. Quantiles are delays themselves ([`Quantile::rank`]). The last one, where
//! it is judged, is taken among the delays and all unreadable rows, which count as longer than any delay.
//!
//! | from | to | delay |
//! |---|---|---|
//! | 2020-01-01 | 2020-01-03 | 2 days |
//! | 2020-01-01 | 2020-01-01T23:00:00 | 0 days |
//! | 2020-01-01T23:00:00 | 2020-01-02T01:00:00 | 2 h |
//! | 2020-01-05 | 2020-01-03 | negative |
//! | missing | x | none |

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{DAY_MICROS, Quantile};

/// The time from an event to its record, row by row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delay {
    /// The column of the event: dates or datetimes.
    pub from: String,
    /// The column of the record.
    pub to: String,
    /// The unit: days, if one of both is a date.
    pub unit: DelayUnit,
}

/// The unit of delays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DelayUnit {
    /// Calendar days.
    Days,
    /// Microseconds.
    Micros,
}

/// How long the delays of all rows are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lag {
    /// The two columns.
    pub delay: Delay,
    /// The shares at which quantiles are reported, the shortest delays first.
    pub quantiles: Vec<Quantile>,
    /// Whether the verdict depends on them.
    pub judged: bool,
}

/// The delays of all rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DelayTally {
    /// Delays of 0 or more.
    pub delays: u64,
    /// Rows whose record comes before its event; they are not among the delays.
    pub negative: u64,
    /// Rows left out, since one of their dates is unparseable or the condition is unreadable.
    pub unreadable: u64,
    /// For each quantile the smallest delay with that share at or under it; empty without delays. If the last quantile
    /// is judged, unparseable rows count as longer than any delay; if the quantile is one of those, it is absent here.
    pub quantiles: Vec<i64>,
    /// The longest delay.
    pub greatest: Option<i64>,
}

impl DelayUnit {
    /// A period in the unit, for people: up to two units of a clock, rounded down.
    pub fn show(self, delay: i64) -> String {
        const UNITS: [(i64, &str); 4] =
            [(DAY_MICROS, "d"), (3_600_000_000, "h"), (60_000_000, "min"), (1_000_000, "s")];
        if self == Self::Days {
            return if delay == 1 { "1 day".to_owned() } else { format!("{delay} days") };
        }
        let mut rest = delay;
        let mut parts = Vec::new();
        for (size, name) in UNITS {
            if rest / size > 0 || (parts.is_empty() && name == "s") {
                parts.push(format!("{} {name}", rest / size));
            }
            rest %= size;
        }
        parts.truncate(2);
        parts.join(" ")
    }
}

impl fmt::Display for Delay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "from {} to {}", self.from, self.to)
    }
}

impl fmt::Display for Lag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quantiles: Vec<String> = self.quantiles.iter().map(ToString::to_string).collect();
        write!(f, "delays {} at {}", self.delay, quantiles.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_are_shown_in_the_largest_units() {
        assert_eq!([0, 1, 40].map(|days| DelayUnit::Days.show(days)), ["0 days", "1 day", "40 days"]);
        let second = 1_000_000;
        let shown = [0, 999_999, 59 * second, 3_661 * second, 90_000 * second, 86_400 * second];
        let expected = ["0 s", "0 s", "59 s", "1 h 1 min", "1 d 1 h", "1 d"];
        assert_eq!(shown.map(|micros| DelayUnit::Micros.show(micros)), expected);
    }
}
