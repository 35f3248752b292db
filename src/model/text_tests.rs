//! Tests of values as text: identifiers, text faults, formats, personal data.
//!
//! # What they mean
//!
//! Missing cells have nothing to judge. Values that are not stored as text are judged as they would be written.
//!
//! *Uniform.* Each value fits some formats of its family. The format that most values fit is the common one, of equally many
//! the first of the family. Values that do not fit it fail; where no value fits any, all fail. Of the dates 2020-01-02,
//! 2020-03-04 and 05/06/2020 the common format is `YYYY-MM-DD`, and the last one fails.
//!
//! *Personal data.* Each value is compared with the detectors; it may look like several. No row fails.
//!
//! *Tidy.* The faults of all texts of a row count together; each kind of fault is counted once a row.
//!
//! *Identifiers.* A value fails for its first fault. Of a failing value it is counted whether one wrong digit, or two exchanged
//! neighbours, explain it. What a sound personal number says is compared with the other columns: an unparseable date of birth
//! fails the row as unreadable, a missing one says nothing, and sexes and provinces that are not known words or codes are counted
//! and do not fail.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A column with identifiers of one kind, and the columns that must agree with their inner facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentifierTest {
    /// The column.
    pub column: String,
    /// The name of the kind.
    pub kind: String,
    /// Whether a personal number may name a place of registration abroad.
    pub foreign_births: bool,
    /// The column with the date, or the year, of birth.
    pub born: Option<String>,
    /// The column with the sex.
    pub sex: Option<String>,
    /// The column with the code of the province of birth registration.
    pub province: Option<String>,
}

/// Columns whose texts have none of these faults.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TidyTest {
    /// The columns.
    pub columns: Vec<String>,
    /// The names of the faults.
    pub faults: Vec<String>,
}

/// A column whose values must all have one format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UniformTest {
    /// The column.
    pub column: String,
    /// The name of the family of formats.
    pub family: String,
}

/// A column that is searched for personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonalDataTest {
    /// The column.
    pub column: String,
    /// The names of the detectors.
    pub detectors: Vec<String>,
}

impl IdentifierTest {
    /// The columns that the test reads.
    pub fn columns(&self) -> Vec<&str> {
        let beside = [&self.born, &self.sex, &self.province];
        std::iter::once(&self.column).chain(beside.into_iter().flatten()).map(String::as_str).collect()
    }
}

impl fmt::Display for IdentifierTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is {}", self.column, self.kind)?;
        match &self.columns()[1..] {
            [] => Ok(()),
            beside => write!(f, " and agrees with {}", beside.join(", ")),
        }
    }
}

impl fmt::Display for TidyTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} tidy ({} faults)", self.columns.join(", "), self.faults.len())
    }
}

impl fmt::Display for UniformTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.family, self.column)
    }
}

impl fmt::Display for PersonalDataTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {}", self.detectors.join(", "), self.column)
    }
}
