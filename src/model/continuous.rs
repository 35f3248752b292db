//! Measures of gaps in a calendar or sequence.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Value;

/// How the points of a sequence follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// Each hour of each day.
    Hour,
    /// Each day of the calendar.
    Day,
    /// Each week, from Monday on.
    Week,
    /// Each month of the calendar.
    Month,
    /// Each quarter of the calendar.
    Quarter,
    /// Each year of the calendar.
    Year,
    /// Whole numbers so far apart.
    Number(u64),
}

impl Step {
    /// The steps of a calendar.
    pub const CALENDAR: [Self; 6] = [Self::Hour, Self::Day, Self::Week, Self::Month, Self::Quarter, Self::Year];

    /// What one point is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
            Self::Number(_) => "number",
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(apart) => apart.fmt(f),
            calendar => f.write_str(calendar.name()),
        }
    }
}

/// Which points of a calendar or sequence are there, from the first to the last, in each group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Continuous {
    /// The column, which holds dates, datetimes or whole numbers.
    pub column: String,
    /// How its points follow each other.
    pub every: Step,
    /// The columns that make up a group; a missing part equals a missing part. None: all rows are one group.
    pub by: Vec<String>,
    /// In the point of this value every group begins; without it, in that of its least value.
    pub from: Option<Value>,
    /// In the point of this value every group ends; without it, in that of its greatest value.
    pub until: Option<Value>,
}

impl Continuous {
    /// The columns that it reads, with repeats.
    pub fn columns(&self) -> Vec<&str> {
        self.by.iter().chain([&self.column]).map(String::as_str).collect()
    }
}

impl fmt::Display for Continuous {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} continuous by {}", self.column, self.every)?;
        if let Some(from) = &self.from {
            write!(f, " from {from}")?;
        }
        if let Some(until) = &self.until {
            write!(f, " until {until}")?;
        }
        if self.by.is_empty() { Ok(()) } else { write!(f, " for each {}", self.by.join(" + ")) }
    }
}

/// Points by whether they are there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointTally {
    /// Points from the first to the last, in all groups. `None`: more than 64 bits hold.
    pub expected: Option<u64>,
    /// Those that are there.
    pub found: u64,
    /// Runs of points that are not.
    pub gaps: u64,
    /// Points of the longest of them.
    pub longest_gap: u64,
    /// Groups.
    pub groups: u64,
    /// Groups in which a point is not there.
    pub groups_with_gaps: u64,
    /// Groups of which neither a bound nor a value tells where they begin, or where they end.
    pub groups_without_ends: u64,
    /// Rows whose number lies between two points.
    pub off_step: u64,
    /// Rows whose value lies before the first point or after the last one.
    pub outside: u64,
    /// Rows that do not read, or of which it cannot be told whether they are in scope.
    pub unreadable: u64,
}
