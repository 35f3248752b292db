//! Outliers.
//!
//! # What it means
//!
//! The values in scope of a group (without `by`: all) are held against fences. A row without a value, or with a missing part
//! of the group, is not applicable; where both are there and one is unparseable, the row fails as unreadable. In a group of
//! fewer than [`Outliers::LEAST_VALUES`] values no row is applicable.
//!
//! | method | fences |
//! |---|---|
//! | `Iqr` | Q1 − factor · (Q3 − Q1), Q3 + factor · (Q3 − Q1), quartiles of type 7 ([`Quantile::place`](super::Quantile::place)) |
//! | `Mad` | median ± factor · [`Outliers::MAD_SCALE`] · median of the distances from the median |
//! | `Zscore` | mean ± factor · deviation, √(Σ(x − mean)² / (n − 1)) |
//!
//! A value on a fence passes. The fences of `Iqr` and `Mad` are exact for integers, decimals, dates (days) and datetimes
//! (microseconds). Those of `Zscore`, and all of floats, are computed in 64-bit floats: there a value passes that is beyond a fence
//! by no more than [`Outliers::GRACE`] roundings (2^-52 each) of what the fence is computed from: of the reach and, for floats, of
//! the center (`Iqr`: of both quartiles); all other values count from the mean rounded down (decimals: to a whole number), so
//! that large ones lose nothing. Of infinite floats the mean takes no notice; where a median or quartile is infinite, nothing is
//! too far.
//!
//! Values 1, 2, 3, 4, 100, factor 1.5: Q1 = 2, Q3 = 4, fences −1 and 7; 100 is too far. By `Mad` with 3.5: median 3, distances
//! 2, 1, 0, 1, 97, their median 1, fences −2.1891 and 8.1891.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Decimal, Value};

/// Values that are far from the others, of the dataset or of their group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outliers {
    /// The column of the values: numbers or dates.
    pub column: String,
    /// The method.
    pub method: OutlierMethod,
    /// How many times the spread is too far.
    pub factor: Decimal,
    /// The side.
    pub side: OutlierSide,
    /// The columns that group the rows; empty: all rows are one group.
    pub by: Vec<String>,
}

/// How the distance is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutlierMethod {
    /// Beyond the quartiles, in interquartile ranges.
    Iqr,
    /// From the median, in medians of the distances from it.
    Mad,
    /// From the mean, in standard deviations.
    Zscore,
}

/// The side on which a value may be an outlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutlierSide {
    /// Both.
    Both,
    /// Too large.
    High,
    /// Too small.
    Low,
}

impl Outliers {
    /// With fewer values, none is an outlier.
    pub const LEAST_VALUES: u64 = 5;

    /// How many times the median distance from the median a deviation is where values are normal: 1 / Φ⁻¹(3/4).
    pub const MAD_SCALE: Decimal = Decimal::constant(14_826, 4);

    /// A value so many roundings of a float (2^-52 of what a fence is computed from) beyond a fence is on it.
    pub const GRACE: u32 = 8;

    /// The columns that it reads.
    pub fn columns(&self) -> Vec<&str> {
        std::iter::once(&self.column).chain(&self.by).map(String::as_str).collect()
    }
}

impl OutlierMethod {
    /// Every method with its name in suites and its default factor.
    pub const ALL: &[(Self, &'static str, Decimal)] = &[
        (Self::Iqr, "iqr", Decimal::constant(15, 1)),
        (Self::Mad, "mad", Decimal::constant(35, 1)),
        (Self::Zscore, "zscore", Decimal::constant(3, 0)),
    ];

    /// The unit of the factor, for people.
    pub const fn spread(self) -> &'static str {
        match self {
            Self::Iqr => "interquartile ranges from the quartiles",
            Self::Mad => "median distances from the median",
            Self::Zscore => "standard deviations from the mean",
        }
    }
}

/// What was found, apart from the rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutlierTally {
    /// Groups with enough values.
    pub groups: u64,
    /// Groups with too few.
    pub small_groups: u64,
    /// Rows of these groups.
    pub small_rows: u64,
    /// The smallest and the largest value that are not outliers, if all rows are one group.
    pub fences: Option<(Value, Value)>,
}

impl fmt::Display for Outliers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { column, factor, by, .. } = self;
        write!(f, "{column} within {factor} {}", self.method.spread())?;
        match self.side {
            OutlierSide::Both => {}
            OutlierSide::High => f.write_str(", large values only")?,
            OutlierSide::Low => f.write_str(", small values only")?,
        }
        if by.is_empty() { Ok(()) } else { write!(f, " by {}", by.join(" + ")) }
    }
}
