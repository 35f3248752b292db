//! What the counts of a rule are counts of.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Step;

/// What the counts of a rule are counts of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Rows.
    #[default]
    Rows,
    /// The whole dataset, judged once.
    Dataset,
    /// Columns.
    Columns,
    /// Values that are expected to occur.
    Values,
    /// Groups of rows.
    Groups,
    /// Entities of several datasets.
    Entities,
    /// Whole numbers of a sequence.
    Numbers,
    /// Hours of a calendar.
    Hours,
    /// Days of a calendar.
    Days,
    /// Weeks of a calendar.
    Weeks,
    /// Months of a calendar.
    Months,
    /// Quarters of a calendar.
    Quarters,
    /// Years of a calendar.
    Years,
    /// Points of a score.
    Points,
}

impl Unit {
    /// The noun for one.
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Rows => "row",
            Self::Dataset => "dataset",
            Self::Columns => "column",
            Self::Values => "value",
            Self::Groups => "group",
            Self::Entities => "entity",
            Self::Numbers => "number",
            Self::Hours => "hour",
            Self::Days => "day",
            Self::Weeks => "week",
            Self::Months => "month",
            Self::Quarters => "quarter",
            Self::Years => "year",
            Self::Points => "point",
        }
    }

    /// The noun for several.
    pub const fn nouns(self) -> &'static str {
        match self {
            Self::Rows => "rows",
            Self::Dataset => "datasets",
            Self::Columns => "columns",
            Self::Values => "values",
            Self::Groups => "groups",
            Self::Entities => "entities",
            Self::Numbers => "numbers",
            Self::Hours => "hours",
            Self::Days => "days",
            Self::Weeks => "weeks",
            Self::Months => "months",
            Self::Quarters => "quarters",
            Self::Years => "years",
            Self::Points => "points",
        }
    }
}

impl From<Step> for Unit {
    fn from(step: Step) -> Self {
        match step {
            Step::Hour => Self::Hours,
            Step::Day => Self::Days,
            Step::Week => Self::Weeks,
            Step::Month => Self::Months,
            Step::Quarter => Self::Quarters,
            Step::Year => Self::Years,
            Step::Number(_) => Self::Numbers,
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.nouns())
    }
}
