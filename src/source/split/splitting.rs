//! One file being split.

use std::io::Write;

use super::error::SplitError;
use super::marks::Marks;
use crate::source::error::Problem;

/// What separates rule ids in a cell, unless it separates cells.
pub(in crate::source) const SEPARATOR: char = ';';

/// Takes bytes of a part. polars and the Parquet writer send it to other threads.
pub type PartWriter<'a> = &'a mut (dyn Write + Send);

/// Where both parts of a file go.
pub struct Parts<'a> {
    /// Takes the records that failed no rule.
    pub passing: PartWriter<'a>,
    /// Takes those that failed one, each with the ids of its rules.
    pub failing: PartWriter<'a>,
}

/// One file being split: which of its records failed.
pub struct Splitting<'a, 'm> {
    /// Position of the file in the dataset.
    pub file: u32,
    /// The failing records.
    pub marks: &'a mut Marks<'m>,
    /// The ids of the rules.
    pub ids: &'a [String],
    /// The name of the column of rule ids.
    pub column: &'a str,
    /// Asked now and then whether to go on.
    pub go_on: &'a dyn Fn() -> bool,
}

/// How many records each part of a file has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SplitRows {
    /// Records that failed no rule.
    pub passing: u64,
    /// Records that failed one.
    pub failing: u64,
    /// Those of the failing ones that could not take the ids of their rules: lines that are no JSON object.
    pub without_ids: u64,
}

impl SplitRows {
    /// Records of both parts.
    pub const fn total(&self) -> u64 {
        self.passing + self.failing
    }
}

impl Splitting<'_, '_> {
    /// The next record: the rules that it failed, `None` where it failed none. Counts it.
    pub(in crate::source) fn next(&mut self, rows: &mut SplitRows) -> Result<Option<Vec<u32>>, SplitError> {
        let rules = self.marks.of(self.file, rows.total() + 1)?;
        match rules {
            None => rows.passing += 1,
            Some(_) => rows.failing += 1,
        }
        Ok(rules)
    }

    /// The ids of these rules.
    pub(in crate::source) fn ids(&self, rules: &[u32]) -> Vec<&str> {
        rules.iter().filter_map(|rule| self.ids.get(*rule as usize)).map(String::as_str).collect()
    }

    /// The ids of these rules as one text.
    pub(in crate::source) fn joined(&self, rules: &[u32], separator: char) -> String {
        self.ids(rules).join(separator.encode_utf8(&mut [0; 4]))
    }

    /// Ends the work where nobody waits for it any more.
    pub(in crate::source) fn check(&self) -> Result<(), SplitError> {
        if (self.go_on)() { Ok(()) } else { Err(Problem::Cancelled.into()) }
    }
}
