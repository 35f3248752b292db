//! Measures of gaps in a calendar or sequence.
//!
//! # What it means
//!
//! The points of a group are those in which its values in scope lie; a missing part of the group equals a missing part. A
//! group reaches from the point of `from` (else of its least value) to that of `until` (else of its greatest). A gap is a run of
//! points in between without a value. A value before the first or after the last point is outside; a number between two
//! points is off the step. A row without a value has no point, but its group exists. A group without ends has neither a bound
//! nor a value at one side. Without `by` all rows are one group, which exists where a row has a value, or both ends are given.
//! A row with an unparseable value or part of the group is unreadable.
//!
//! Every month from 2020-01 until 2020-06, with values in 2020-01, 2020-03 (twice), 2020-06 and 2021-01: 6 expected, 3 found, 2
//! gaps, the longest of 2 points, 1 outside.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Value;

/// The distance between points of a sequence.
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
    /// Whole numbers at this distance.
    Number(u64),
}

impl Step {
    /// The steps of a calendar.
    pub const CALENDAR: [Self; 6] = [Self::Hour, Self::Day, Self::Week, Self::Month, Self::Quarter, Self::Year];

    /// The word for one point.
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

/// Which points of a calendar or sequence are present, from the first to the last, in each group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Continuous {
    /// The column, with dates, datetimes or whole numbers.
    pub column: String,
    /// The distance between its points.
    pub every: Step,
    /// The columns that make up a group; a missing part equals a missing part. None: all rows are one group.
    pub by: Vec<String>,
    /// Every group begins at the point of this value; without it, at that of its smallest value.
    pub from: Option<Value>,
    /// Every group ends at the point of this value; without it, at that of its largest value.
    pub until: Option<Value>,
}

impl Continuous {
    /// The columns that it reads, with duplicates.
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

/// Points that are present or absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointTally {
    /// Points from the first to the last, in all groups. `None`: more than fit 64 bits.
    pub expected: Option<u64>,
    /// Points that are present.
    pub found: u64,
    /// Runs of absent points.
    pub gaps: u64,
    /// Points of the longest of them.
    pub longest_gap: u64,
    /// Groups.
    pub groups: u64,
    /// Groups in which a point is absent.
    pub groups_with_gaps: u64,
    /// Groups without a first or last point, since neither a bound nor a value gives it.
    pub groups_without_ends: u64,
    /// Rows whose number is between two points.
    pub off_step: u64,
    /// Rows whose value is before the first point or after the last one.
    pub outside: u64,
    /// Rows with an unparseable value, or for which the condition is unreadable.
    pub unreadable: u64,
}
