//! How dates are written, as a suite declares it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How the dates and timestamps of a column are written.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DateNotation {
    /// The formats, tried in this order: the first that parses a value counts. Without any, ISO 8601.
    pub formats: Vec<String>,
    /// The language of the names of months, or the names of twelve months. Without any, English.
    pub months: Vec<String>,
    /// The first of the hundred years that years of two digits are among.
    pub century: Option<u64>,
}

impl fmt::Display for DateNotation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.formats.join(" or "))?;
        if !self.months.is_empty() {
            write!(f, ", months: {}", self.months.join(" "))?;
        }
        self.century.map_or(Ok(()), |century| write!(f, ", century: {century}"))
    }
}
