//! Values far from the rest.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Value;

/// Values that lie far from the others, of the dataset or of their group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outliers {
    /// The column of the values: numbers or dates.
    pub column: String,
    /// How far is told.
    pub method: OutlierMethod,
    /// How many times the measure of spread is too far.
    pub factor: f64,
    /// On which side.
    pub side: OutlierSide,
    /// The columns whose values make a group; empty: all rows are one.
    pub by: Vec<String>,
}

/// How it is told what is far from the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutlierMethod {
    /// Beyond the quartiles, in distances between them.
    Iqr,
    /// From the median, in medians of the distances from it.
    Mad,
    /// From the mean, in deviations.
    Zscore,
}

/// On which side a value may be far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutlierSide {
    /// Either.
    Both,
    /// Too great.
    High,
    /// Too small.
    Low,
}

impl Outliers {
    /// With fewer values nothing is told of any.
    pub const LEAST_VALUES: u64 = 5;

    /// The columns that it reads.
    pub fn columns(&self) -> Vec<&str> {
        std::iter::once(&self.column).chain(&self.by).map(String::as_str).collect()
    }
}

impl OutlierMethod {
    /// Every method with its name in suites and the factor that is usual.
    pub const ALL: &[(Self, &'static str, f64)] =
        &[(Self::Iqr, "iqr", 1.5), (Self::Mad, "mad", 3.5), (Self::Zscore, "zscore", 3.0)];

    /// What stands behind the factor, for people.
    pub const fn spread(self) -> &'static str {
        match self {
            Self::Iqr => "distances between the quartiles of them",
            Self::Mad => "median distances of the median",
            Self::Zscore => "deviations of the mean",
        }
    }
}

/// What was found beside the rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutlierTally {
    /// Groups with enough values.
    pub groups: u64,
    /// Groups with too few.
    pub small_groups: u64,
    /// Rows of those.
    pub small_rows: u64,
    /// The least and the greatest value that are not too far, where all rows are one group.
    pub fences: Option<(Value, Value)>,
}

impl fmt::Display for Outliers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { column, factor, by, .. } = self;
        write!(f, "{column} within {factor} {}", self.method.spread())?;
        match self.side {
            OutlierSide::Both => {}
            OutlierSide::High => f.write_str(", high ones")?,
            OutlierSide::Low => f.write_str(", low ones")?,
        }
        if by.is_empty() { Ok(()) } else { write!(f, " by {}", by.join(" + ")) }
    }
}
