//! What a check makes of its readings.

// A new reading must not be taken for one that the check did not ask for.
#![warn(clippy::wildcard_enum_match_arm)]

use std::collections::BTreeMap;

use super::Problems;
use crate::model::{
    ColumnFact, Count, CoverTally, DelayTally, DetectionTally, Distribution, DistributionTally, DuplicateTally,
    EntityTally, FramingTally, GroupTally, PASS_COMPOSED, PointTally, Reading, RowRef, RowTally, SimilarPair,
    SimilarTally, TotalsTally, Unit, Unmeasured, Value,
};
use crate::scalar::ExpressionError;

/// The exact counts of one rule, before thresholds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Outcome {
    /// What is counted.
    pub unit: Unit,
    /// Rows (or 1 for a rule about the whole dataset) that pass.
    pub passed: u64,
    /// Rows that fail.
    pub failed: u64,
    /// Rows out of scope, or without a value to judge.
    pub not_applicable: u64,
    /// Failed rows with an unparseable value.
    pub unreadable: u64,
    /// What was found, as a sentence without a full stop and without any cell value of a single row.
    pub observed: String,
    /// What was expected, as a sentence without a full stop.
    pub expected: String,
    /// Further exact counts by name.
    pub details: BTreeMap<String, u64>,
    /// The dataset whose rows were counted, if that is not the dataset of the rule.
    pub rows_of: Option<String>,
    /// The distribution of the values, for later audits to compare with.
    pub distribution: Option<Box<Distribution>>,
    /// The first failing rows.
    pub failing_rows: Vec<RowRef>,
    /// Pairs of similar rows.
    pub pairs: Vec<SimilarPair>,
    /// Why nothing was judged, if that needs an explanation.
    pub reason: Option<String>,
}

/// The readings of a rule, in the order of its measures.
#[derive(Debug, Clone)]
pub struct Readings<'a>(pub Vec<Result<&'a Reading, &'a Unmeasured>>);

/// Why a rule cannot be judged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JudgeError {
    /// The engine could not measure what the rule needs.
    #[error(transparent)]
    Unmeasured(Unmeasured),
    /// The engine has no answer for a measure.
    #[error("the engine did not measure this")]
    NoReading,
    /// The engine answered with a reading of another kind.
    #[error("the engine answered with {0}, which this check does not ask for")]
    OtherReading(&'static str),
    /// The parameters do not fit the columns.
    #[error(transparent)]
    Parameters(#[from] Problems),
    /// The condition over aggregates cannot be evaluated.
    #[error(transparent)]
    Condition(#[from] ExpressionError),
    /// A calendar or sequence is too long.
    #[error("{column} has more points between its ends than can be counted")]
    TooManyPoints {
        /// The column whose gaps are counted.
        column: String,
    },
    /// There are too many different values to compare distributions.
    #[error("{column} has more than {limit}: steady compares columns of fewer")]
    TooManyValues {
        /// The column.
        column: String,
        /// How many there may be, and of what.
        limit: String,
    },
}

impl From<JudgeError> for Unmeasured {
    fn from(error: JudgeError) -> Self {
        match error {
            JudgeError::Unmeasured(unmeasured) => unmeasured,
            // A check gets the readings of the measures that it asked for.
            JudgeError::NoReading | JudgeError::OtherReading(_) => Self::broken(error),
            JudgeError::Parameters(_)
            | JudgeError::Condition(_)
            | JudgeError::TooManyPoints { .. }
            | JudgeError::TooManyValues { .. } => Self::unreadable(error.to_string()),
        }
    }
}

/// Generates one getter for a kind of reading that holds one value.
macro_rules! getters {
    ($($(#[$doc:meta])* $name:ident: $variant:ident -> $value:ty;)*) => {
        $($(#[$doc])*
        ///
        /// # Errors
        /// Where it was not measured, or is of another kind.
        pub fn $name(&self, index: usize) -> Result<&'a $value, JudgeError> {
            let reading = self.at(index)?;
            let Reading::$variant(value) = reading else { return Err(unexpected(reading)) };
            Ok(value)
        })*
    };
}

impl<'a> Readings<'a> {
    /// The n-th reading.
    ///
    /// # Errors
    /// Where it could not be measured; the reason is the error.
    pub fn at(&self, index: usize) -> Result<&'a Reading, JudgeError> {
        match self.0.get(index) {
            Some(Ok(reading)) => Ok(reading),
            Some(Err(reason)) => Err(JudgeError::Unmeasured((*reason).clone())),
            None => Err(JudgeError::NoReading),
        }
    }

    getters! {
        /// The n-th reading as rows by outcome.
        rows: Rows -> RowTally;
        /// The n-th reading as rows by how often their key occurs.
        duplicates: Duplicates -> DuplicateTally;
        /// The n-th reading as rows that are similar.
        similar: Similar -> SimilarTally;
        /// The n-th reading as rows by the outcome of their group.
        groups: Groups -> GroupTally;
        /// The n-th reading as values by whether they occur.
        covered: Covered -> CoverTally;
        /// The n-th reading as points by whether they exist.
        points: Points -> PointTally;
        /// The n-th reading as entities by what several datasets say about them.
        entities: Entities -> EntityTally;
        /// The n-th reading as groups by whether their totals agree.
        totals: Totals -> TotalsTally;
        /// The n-th reading as delays.
        delays: Delays -> DelayTally;
        /// The n-th reading as a distribution.
        distribution: Distribution -> DistributionTally;
        /// The n-th reading as faults of files.
        framing: Framing -> FramingTally;
        /// The n-th reading as columns.
        columns: Columns -> [ColumnFact];
        /// The n-th reading as the digest of the files.
        digest: Digest -> str;
        /// The n-th reading as values that look like personal data.
        detections: Detections -> DetectionTally;
    }

    /// The n-th reading as a number of rows, and of rows for which it is unknown whether they are in scope.
    ///
    /// # Errors
    /// Where it was not measured, or is of another kind.
    pub fn count(&self, index: usize) -> Result<(u64, u64), JudgeError> {
        let reading = self.at(index)?;
        let Reading::Count { rows, unreadable } = reading else { return Err(unexpected(reading)) };
        Ok((*rows, *unreadable))
    }

    /// The n-th reading as an aggregate: the value, how many values it was computed from, unreadable values.
    ///
    /// # Errors
    /// Where it was not measured, or is of another kind.
    pub fn figure(&self, index: usize) -> Result<(&'a Value, u64, u64), JudgeError> {
        let reading = self.at(index)?;
        let Reading::Figure { value, values, unreadable } = reading else { return Err(unexpected(reading)) };
        Ok((value, *values, *unreadable))
    }

    /// The n-th reading as what a column holds: all rows, rows in which it is not missing, whether two differ.
    ///
    /// # Errors
    /// Where it was not measured, or is of another kind.
    pub fn content(&self, index: usize) -> Result<(u64, u64, bool), JudgeError> {
        let reading = self.at(index)?;
        let Reading::Content { rows, present, differs } = reading else { return Err(unexpected(reading)) };
        Ok((*rows, *present, *differs))
    }
}

/// Why a reading of another kind than the check asked for cannot be judged.
const fn unexpected(reading: &Reading) -> JudgeError {
    JudgeError::OtherReading(match reading {
        Reading::Count { .. } => "a count",
        Reading::Rows(_) => "rows by outcome",
        Reading::Duplicates(_) => "duplicates",
        Reading::Groups(_) => "groups",
        Reading::Covered(_) => "values that occur",
        Reading::Points(_) => "points that exist",
        Reading::Similar(_) => "similar rows",
        Reading::Figure { .. } => "an aggregate",
        Reading::Entities(_) => "entities",
        Reading::Totals(_) => "totals of groups",
        Reading::Delays(_) => "delays",
        Reading::Detections(_) => "traces of personal data",
        Reading::Distribution(_) => "a distribution",
        Reading::Columns(_) => "columns",
        Reading::Framing(_) => "faults of files",
        Reading::Content { .. } => "what a column holds",
        Reading::Values(_) => "the values of a column",
        Reading::Digest(_) => "a digest",
    })
}

impl Outcome {
    /// The outcome of a test of rows.
    pub fn of_rows(tally: &RowTally, expected: impl Into<String>, failing: &str) -> Self {
        let composed = tally.reasons.get(PASS_COMPOSED).copied();
        let mut details = count_elsewhere(tally.other_unreadable);
        details.extend(composed.map(|rows| (PASS_COMPOSED.to_owned(), rows)));
        Self {
            passed: tally.passed,
            failed: tally.failed,
            not_applicable: tally.not_applicable,
            unreadable: tally.unreadable,
            observed: format!(
                "{}{}{}",
                observed(tally.failed, tally.passed + tally.failed, tally.unreadable, failing),
                passing_composed(composed.unwrap_or_default(), tally.failed),
                unreadable_elsewhere(tally.other_unreadable)
            ),
            expected: expected.into(),
            details,
            failing_rows: tally.failing_rows.clone(),
            ..Self::default()
        }
    }

    /// The outcome of a search for duplicates.
    pub fn of_duplicates(tally: &DuplicateTally, expected: impl Into<String>, failing: &str) -> Self {
        Self {
            passed: tally.evaluated - tally.duplicated,
            failed: tally.duplicated + tally.unreadable,
            not_applicable: tally.not_applicable,
            unreadable: tally.unreadable,
            observed: observed(
                tally.duplicated + tally.unreadable,
                tally.evaluated + tally.unreadable,
                tally.unreadable,
                failing,
            ),
            expected: expected.into(),
            details: BTreeMap::from([("groups".to_owned(), tally.groups), ("surplus".to_owned(), tally.surplus)]),
            failing_rows: tally.failing_rows.clone(),
            ..Self::default()
        }
    }

    /// The outcome of a rule about the whole dataset.
    pub fn of_dataset(passes: bool, observed: impl Into<String>, expected: impl Into<String>) -> Self {
        Self {
            unit: Unit::Dataset,
            passed: u64::from(passes),
            failed: u64::from(!passes),
            observed: observed.into(),
            expected: expected.into(),
            ..Self::default()
        }
    }

    /// The outcome if there was nothing to judge: the rule is not measured.
    pub fn of_nothing(observed: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { unit: Unit::Dataset, observed: observed.into(), expected: expected.into(), ..Self::default() }
    }
}

/// The end of a sentence about failing rows that would pass if texts were composed.
fn passing_composed(rows: u64, failed: u64) -> String {
    match rows {
        0 => String::new(),
        rows if rows == failed => format!("; {} would pass with `as: nfc`", if rows == 1 { "it" } else { "all" }),
        rows => format!("; {} of them would pass with `as: nfc`", Count(rows)),
    }
}

/// The end of a sentence about rows of another dataset with unparseable values.
pub(super) fn unreadable_elsewhere(unreadable: u64) -> String {
    match unreadable {
        0 => String::new(),
        rows => format!("; {} rows of the other dataset have unparseable values", Count(rows)),
    }
}

/// The number of rows of another dataset with unparseable values, if there are any.
pub(super) fn count_elsewhere(unreadable: u64) -> BTreeMap<String, u64> {
    (unreadable > 0).then(|| ("other_unreadable_rows".to_owned(), unreadable)).into_iter().collect()
}

/// `9 of 300 rows are not in the list, 3 have an unparseable value`.
fn observed(failed: u64, evaluated: u64, unreadable: u64, failing: &str) -> String {
    let all = Count(evaluated);
    match (evaluated, failed) {
        (0, _) => "no rows to judge".to_owned(),
        (_, 0) => format!("all {all} rows pass"),
        _ if unreadable == failed => format!("{} of {all} rows have an unparseable value", Count(failed)),
        _ if unreadable > 0 => {
            let (other, unreadable) = (Count(failed - unreadable), Count(unreadable));
            format!("{other} of {all} rows {failing}, {unreadable} have an unparseable value")
        }
        _ => format!("{} of {all} rows {failing}", Count(failed)),
    }
}
