//! What an engine is asked to count.
//!
//! The enums are closed on purpose: the exhaustive matches of an engine do not compile until the engine handles a new
//! measure.
//!
//! # What holds for every measure
//!
//! - *Scope.* A row is in scope where the filter is true. Where the filter is false or unknown, a measure of rows gives *not
//!   applicable*. Where the filter depends on an unparseable cell, a measure of rows fails the row as unreadable; other
//!   measures leave the row out and count it as unreadable.
//! - *Missing.* A cell is missing where it is null, empty, blank or a declared token, also where a stored value is written
//!   like a token. Missing cells have nothing to judge, unless the measure says otherwise.
//! - *Unparseable.* A cell that is not missing and is not of the type that the measure needs. A measure of rows fails the row.
//! - *Keys.* The parts of a key compare as text: textual types as they are written, other types as the canonical text of
//!   their value (the integer `007` is `7`). A decimal written without an exponent keeps all its digits. A row with a missing
//!   part has no key. Of the others, a row with an unparseable part has an unreadable key.
//! - *Order.* No reading depends on the order of rows. Failing rows are named in file order.
//!
//! # Tests of rows
//!
//! | predicate | missing | unparseable | passes |
//! |---|---|---|---|
//! | `Present` | fails | is present | every cell (with `any`: one) is not missing |
//! | `Readable` | not applicable | fails, unreadable | the value parses |
//! | `Matches`, `LengthIn` | not applicable | a value that is not stored as text fails | the text matches; its length is inside |
//! | `Listed` | not applicable, also the date of `at` | fails, unreadable | the list has the value, or not (`negated`) |
//! | `InRange` | not applicable | fails, unreadable | inside; decimals compare with all digits as they are written |
//! | `InTime` | not applicable | fails, unreadable where both ends are there | 0 ≤ delay ≤ `within` |
//! | `Identifier` | not applicable | fails, unreadable | the value is sound, and no other column differs |
//! | `Tidy` | not applicable where all are | has no type | no text has a fault that is looked for |
//! | `Holds` | unknown is not applicable | fails, unreadable where the outcome depends on it | the expression is true |
//! | `Found` | not applicable | fails, unreadable | the other dataset has the key, or not (`negated`) |
//! | `Agrees` | no key: not applicable | a key: fails, unreadable; a fact: fails, unreadable | every row with the key agrees on every fact |
//!
//! In `Agrees` two missing facts agree, a missing and a present one differ. Numbers agree where they differ by at most the
//! tolerance, as decimals with all their digits. Of a dataset with the rows (k 1, v a), (k 2, v b), (k 2, v c):
//!
//! | row | outcome |
//! |---|---|
//! | k 1, v a | passes |
//! | k 1, v missing | fails |
//! | k 2, v b | fails: it does not agree with c; the key is ambiguous |
//! | k 3, v a | not applicable: unmatched |
//! | k missing | not applicable |
//!
//! # Duplicates
//!
//! `DuplicateKeys` fails every row of a key that occurs more than once. In `DuplicateRows` the key is every column that is not
//! ignored: missing cells equal each other, and text compares as it is written, whatever type is declared. Of the keys a, a, a,
//! b, missing: 4 evaluated, 3 duplicated, 1 group, 2 surplus, 1 not applicable.
//!
//! # Others
//!
//! `RowCount` counts rows in scope. `Content` looks at all rows: how many cells are present, and whether two differ as they are
//! written. `Values` is explained at [`Values`].

#![expect(missing_docs, reason = "the text of a variant names its fields")]

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{
    Aggregate, Comparison, Continuous, Covers, DataType, DateNotation, Delay, DelayUnit, Entities, Expr, Grouped,
    IdentifierTest, KeySpec, Lag, Lookup, Outliers, PersonalDataTest, Reconciliation, Similar, Steady, TidyTest,
    UniformTest, Value, ValueList, Values,
};

/// One thing to measure on one dataset. Equal measures are measured once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measure {
    /// The dataset whose rows are counted.
    pub dataset: String,
    /// Only rows for which this is true are in scope.
    pub filter: Option<Expr>,
    /// What is counted.
    pub kind: MeasureKind,
    /// The columns that group the rows, so that outcomes are also counted by group; may be empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub segment: Vec<String>,
}

impl Measure {
    /// A measure over the rows of a dataset for which `filter` is true.
    pub fn new(dataset: &str, filter: Option<Expr>, kind: MeasureKind) -> Self {
        Self { dataset: dataset.to_owned(), filter, kind, segment: Vec::new() }
    }
}

/// The kinds of measures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MeasureKind {
    /// The number of rows in scope. Gives `Reading::Count`.
    RowCount,
    /// A test of each row. Gives `Reading::Rows`.
    Rows(Predicate),
    /// Rows whose key occurs more than once; rows with a missing key part do not count. Gives `Reading::Duplicates`.
    DuplicateKeys(KeySpec),
    /// Duplicate rows, apart from the ignored columns. Missing cells equal each other. Gives `Reading::Duplicates`.
    DuplicateRows { ignore: Vec<String> },
    /// Rows judged by all rows of their group. Gives `Reading::Groups`.
    Grouped(Grouped),
    /// Which of the expected values occur. Gives `Reading::Covered`.
    Covers(Covers),
    /// Which points of a calendar or sequence are present. Gives `Reading::Points`.
    Continuous(Continuous),
    /// Near-duplicate rows. Gives `Reading::Similar`.
    Similar(Similar),
    /// One aggregate. Gives `Reading::Figure`.
    Figure(Aggregate),
    /// Whether several datasets agree on the same entities. Gives `Reading::Entities`.
    Entities(Entities),
    /// Totals of groups here and in another dataset. Gives `Reading::Totals`.
    Reconciles(Reconciliation),
    /// Outliers. Gives `Reading::Rows`.
    Outliers(Outliers),
    /// The delay between two dates of a row. Gives `Reading::Delays`.
    Lag(Lag),
    /// Rows that are not written in the most common format. Gives `Reading::Rows`, with its `formats`.
    Uniform(UniformTest),
    /// Values that look like personal data. Gives `Reading::Detections`.
    PersonalData(PersonalDataTest),
    /// The distribution of the values of a column. Gives `Reading::Distribution`.
    Steady(Steady),
    /// The columns of the files. Gives `Reading::Columns`.
    Columns,
    /// The faults of the files. Gives `Reading::Framing`.
    Framing,
    /// Whether a column has any value, and more than one different value. Gives `Reading::Content`.
    Content { column: String },
    /// What the cells of a column hold. Gives `Reading::Values`.
    Values(Values),
    /// The SHA-256 of the files. Gives `Reading::Digest`.
    Digest,
}

impl MeasureKind {
    /// Whether it gives each row an outcome, so that rows can be grouped by a `segment`.
    pub const fn judges_rows(&self) -> bool {
        match self {
            Self::Rows(_)
            | Self::DuplicateKeys(_)
            | Self::DuplicateRows { .. }
            | Self::Grouped(_)
            | Self::Outliers(_)
            | Self::Similar(_)
            | Self::Uniform(_) => true,
            Self::RowCount
            | Self::Covers(_)
            | Self::Continuous(_)
            | Self::Entities(_)
            | Self::Reconciles(_)
            | Self::Lag(_)
            | Self::PersonalData(_)
            | Self::Steady(_)
            | Self::Figure(_)
            | Self::Columns
            | Self::Framing
            | Self::Content { .. }
            | Self::Values(_)
            | Self::Digest => false,
        }
    }

    /// Whether its reading lists failing rows.
    pub const fn names_rows(&self) -> bool {
        match self {
            Self::Entities(_) | Self::Reconciles(_) => true,
            Self::RowCount
            | Self::Rows(_)
            | Self::DuplicateKeys(_)
            | Self::DuplicateRows { .. }
            | Self::Grouped(_)
            | Self::Covers(_)
            | Self::Continuous(_)
            | Self::Similar(_)
            | Self::Figure(_)
            | Self::Outliers(_)
            | Self::Lag(_)
            | Self::Uniform(_)
            | Self::PersonalData(_)
            | Self::Steady(_)
            | Self::Columns
            | Self::Framing
            | Self::Content { .. }
            | Self::Values(_)
            | Self::Digest => self.judges_rows(),
        }
    }

    /// Whether a sample of the rows answers a measure. Duplicate rows, the number of rows and aggregates need all rows; so does
    /// the framing of files, since blocks of a sample begin where records seem whole.
    pub const fn is_answered_by_sample(&self) -> bool {
        match self {
            Self::Rows(_) | Self::Columns => true,
            // Aggregates of the sample are shown beside what it says about rows.
            Self::Lag(lag) => !lag.judged,
            Self::RowCount
            | Self::DuplicateKeys(_)
            | Self::DuplicateRows { .. }
            | Self::Grouped(_)
            | Self::Covers(_)
            | Self::Continuous(_)
            | Self::Similar(_)
            | Self::Figure(_)
            | Self::Entities(_)
            | Self::Reconciles(_)
            | Self::Outliers(_)
            | Self::Steady(_)
            | Self::Framing
            | Self::Content { .. }
            | Self::Values(_)
            | Self::Uniform(_)
            | Self::PersonalData(_)
            | Self::Digest => false,
        }
    }

    /// The list of values that the measure compares with.
    #[deny(clippy::wildcard_enum_match_arm)]
    pub const fn list(&self) -> Option<&ValueList> {
        match self {
            Self::Rows(predicate) => predicate.list(),
            Self::Covers(covers) => covers.list(),
            Self::RowCount
            | Self::DuplicateKeys(_)
            | Self::DuplicateRows { .. }
            | Self::Grouped(_)
            | Self::Continuous(_)
            | Self::Similar(_)
            | Self::Figure(_)
            | Self::Entities(_)
            | Self::Reconciles(_)
            | Self::Outliers(_)
            | Self::Lag(_)
            | Self::Uniform(_)
            | Self::PersonalData(_)
            | Self::Steady(_)
            | Self::Columns
            | Self::Framing
            | Self::Content { .. }
            | Self::Values(_)
            | Self::Digest => None,
        }
    }

    /// The lookups that the measure needs.
    #[deny(clippy::wildcard_enum_match_arm)]
    pub fn lookups(&self) -> Vec<&Lookup> {
        match self {
            Self::Rows(predicate) => predicate.lookup().into_iter().collect(),
            Self::Covers(covers) => covers.lookup().into_iter().collect(),
            Self::Entities(entities) => entities.peers.iter().map(|peer| &peer.lookup).collect(),
            Self::Reconciles(totals) => vec![&totals.lookup],
            Self::RowCount
            | Self::DuplicateKeys(_)
            | Self::DuplicateRows { .. }
            | Self::Grouped(_)
            | Self::Continuous(_)
            | Self::Similar(_)
            | Self::Figure(_)
            | Self::Outliers(_)
            | Self::Lag(_)
            | Self::Uniform(_)
            | Self::PersonalData(_)
            | Self::Steady(_)
            | Self::Columns
            | Self::Framing
            | Self::Content { .. }
            | Self::Values(_)
            | Self::Digest => Vec::new(),
        }
    }
}

/// A test of one row: passed, failed, not applicable or unreadable.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Predicate {
    /// Every column (with `any`: at least one) is not missing. Applies to every row in scope.
    Present { columns: Vec<String>, any: bool },
    /// The value parses as the declared type of the column, or as `data_type` with `format` if these are given.
    Readable { column: String, data_type: DataType, format: Option<DateNotation> },
    /// The whole value matches the pattern (or does not, where `negated`).
    Matches { column: String, pattern: String, negated: bool },
    /// The value is in the list (or is not, where `negated`).
    Listed { column: String, list: ValueList, negated: bool },
    /// The value is between the bounds, which count as inside unless `exclusive`.
    InRange { column: String, data_type: DataType, min: Option<Value>, max: Option<Value>, exclusive: bool },
    /// The length of the text is between the bounds, both inside.
    LengthIn { column: String, min: Option<u64>, max: Option<u64>, unit: LengthUnit },
    /// The delay is at least 0 and at most this many of its units.
    InTime { delay: Delay, within: i64 },
    /// The value can be an identifier of a kind, and its inner facts agree with other columns.
    Identifier(IdentifierTest),
    /// The texts have none of these faults; a row in which all of them are missing is not applicable.
    Tidy(TidyTest),
    /// The expression is true; an unknown result is not applicable.
    Holds(Expr),
    /// The key occurs in the lookup (or does not, where `negated`). A missing key part is not applicable.
    Found { key: KeySpec, lookup: Lookup, negated: bool },
    /// The row with the same key in the lookup has equal facts. A row with a missing key part, or whose key is not in
    /// the lookup, is not applicable; the reading counts matched, differing and unmatched rows separately.
    Agrees { key: KeySpec, lookup: Lookup, compare: Vec<Comparison> },
}

/// What the length of a text is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LengthUnit {
    /// Unicode scalar values.
    Chars,
    /// Bytes of UTF-8.
    Bytes,
    /// Bytes of a binary value, which is given as hex where it is not UTF-8.
    Binary,
}

impl LengthUnit {
    /// The length of a text.
    pub fn length(self, text: &str) -> u64 {
        let length = match self {
            Self::Chars => text.chars().count(),
            Self::Bytes => text.len(),
            Self::Binary => text.strip_prefix(char::REPLACEMENT_CHARACTER).map_or(text.len(), |hex| hex.len() / 2),
        };
        length as u64
    }
}

impl Predicate {
    /// The columns that the test reads, with duplicates.
    pub fn columns(&self) -> Vec<&str> {
        match self {
            Self::Present { columns, .. } => columns.iter().map(String::as_str).collect(),
            Self::Readable { column, .. }
            | Self::Matches { column, .. }
            | Self::InRange { column, .. }
            | Self::LengthIn { column, .. } => vec![column],
            Self::Listed { column, list, .. } => {
                let at = match list {
                    ValueList::Codelist { at: Some(at), .. } => Some(at.as_str()),
                    _ => None,
                };
                std::iter::once(column.as_str()).chain(at).collect()
            }
            Self::InTime { delay, .. } => vec![&delay.from, &delay.to],
            Self::Identifier(test) => test.columns(),
            Self::Tidy(test) => test.columns.iter().map(String::as_str).collect(),
            Self::Holds(expr) => expr.columns(),
            Self::Found { key, .. } => key.columns.iter().map(String::as_str).collect(),
            Self::Agrees { key, compare, .. } => {
                key.columns.iter().chain(compare.iter().map(|pair| &pair.column)).map(String::as_str).collect()
            }
        }
    }

    /// The column whose values the test judges, if it judges the values of one column. Their shapes are counted where rows
    /// fail.
    #[deny(clippy::wildcard_enum_match_arm)]
    pub fn judged_column(&self) -> Option<&str> {
        match self {
            Self::Readable { column, .. }
            | Self::Matches { column, .. }
            | Self::Listed { column, .. }
            | Self::InRange { column, .. }
            | Self::LengthIn { column, .. } => Some(column),
            Self::Identifier(test) => Some(&test.column),
            Self::Tidy(_) | Self::Holds(_) => {
                let columns = self.columns();
                let first = columns.first()?;
                columns.iter().all(|column| column == first).then_some(*first)
            }
            // What is missing has no shape; the others judge several values.
            Self::Present { .. } | Self::InTime { .. } | Self::Found { .. } | Self::Agrees { .. } => None,
        }
    }

    /// The list of values that the test compares with.
    #[deny(clippy::wildcard_enum_match_arm)]
    pub const fn list(&self) -> Option<&ValueList> {
        match self {
            Self::Listed { list, .. } => Some(list),
            Self::Present { .. }
            | Self::Readable { .. }
            | Self::Matches { .. }
            | Self::InRange { .. }
            | Self::LengthIn { .. }
            | Self::InTime { .. }
            | Self::Identifier(_)
            | Self::Tidy(_)
            | Self::Holds(_)
            | Self::Found { .. }
            | Self::Agrees { .. } => None,
        }
    }

    /// The lookup that the test needs.
    #[deny(clippy::wildcard_enum_match_arm)]
    pub const fn lookup(&self) -> Option<&Lookup> {
        match self {
            Self::Found { lookup, .. } | Self::Agrees { lookup, .. } => Some(lookup),
            Self::Present { .. }
            | Self::Readable { .. }
            | Self::Matches { .. }
            | Self::Listed { .. }
            | Self::InRange { .. }
            | Self::LengthIn { .. }
            | Self::InTime { .. }
            | Self::Identifier(_)
            | Self::Tidy(_)
            | Self::Holds(_) => None,
        }
    }
}

impl fmt::Display for Predicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let not = |negated: bool| if negated { "not " } else { "" };
        match self {
            Self::Present { columns, any } => {
                write!(f, "{} present", columns.join(if *any { " or " } else { " and " }))
            }
            Self::Readable { column, data_type, format } => {
                write!(f, "{column} parses as {data_type}")?;
                format.as_ref().map_or(Ok(()), |format| write!(f, " ({format})"))
            }
            Self::Matches { column, pattern, negated } => write!(f, "{column} {}matches /{pattern}/", not(*negated)),
            Self::Listed { column, list, negated } => match list {
                ValueList::Values(values) if values.len() > 4 => {
                    write!(f, "{column} {}in {} and {} more", not(*negated), values[..3].join(", "), values.len() - 3)
                }
                ValueList::Values(values) => write!(f, "{column} {}in {}", not(*negated), values.join(", ")),
                ValueList::Codelist { name, at } => {
                    write!(f, "{column} {}in code list {name}", not(*negated))?;
                    at.as_ref().map_or(Ok(()), |at| write!(f, " valid at {at}"))
                }
            },
            Self::InRange { column, min, max, exclusive, .. } => {
                write!(f, "{column} between {} and {}", Bound(min.as_ref()), Bound(max.as_ref()))?;
                f.write_str(if *exclusive { " (exclusive)" } else { "" })
            }
            Self::LengthIn { column, min, max, unit } => {
                let unit = match unit {
                    LengthUnit::Chars => "characters",
                    LengthUnit::Bytes | LengthUnit::Binary => "bytes",
                };
                let bound = |bound: &Option<u64>| bound.map_or_else(|| "any".to_owned(), |n| n.to_string());
                write!(f, "{column} has {} to {} {unit}", bound(min), bound(max))
            }
            Self::InTime { delay, within } => {
                let unit = match delay.unit {
                    DelayUnit::Days => "days",
                    DelayUnit::Micros => "microseconds",
                };
                write!(f, "{delay} within {within} {unit}")
            }
            Self::Identifier(test) => test.fmt(f),
            Self::Tidy(test) => test.fmt(f),
            Self::Holds(expr) => expr.fmt(f),
            Self::Found { key, lookup, negated } => write!(f, "{key} {}found in {lookup}", not(*negated)),
            Self::Agrees { key, lookup, compare } => {
                write!(f, "{key} agrees with {lookup} on ")?;
                for (at, pair) in compare.iter().enumerate() {
                    write!(f, "{}{} = {}{}", if at > 0 { ", " } else { "" }, pair.column, pair.to, pair.form)?;
                }
                Ok(())
            }
        }
    }
}

/// One end of a range; an open end is written `any`.
struct Bound<'a>(Option<&'a Value>);

impl fmt::Display for Bound<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(value) => value.fmt(f),
            None => f.write_str("any"),
        }
    }
}

impl fmt::Display for Measure {
    /// One line, as `explain` prints it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            MeasureKind::RowCount => f.write_str("rows")?,
            MeasureKind::Rows(predicate) => write!(f, "rows: {predicate}")?,
            MeasureKind::DuplicateKeys(key) => write!(f, "duplicates of {key}")?,
            MeasureKind::DuplicateRows { ignore } if ignore.is_empty() => f.write_str("duplicate rows")?,
            MeasureKind::DuplicateRows { ignore } => write!(f, "duplicate rows, ignoring {}", ignore.join(", "))?,
            MeasureKind::Grouped(grouped) => grouped.fmt(f)?,
            MeasureKind::Covers(covers) => covers.fmt(f)?,
            MeasureKind::Continuous(continuous) => continuous.fmt(f)?,
            MeasureKind::Similar(similar) => similar.fmt(f)?,
            MeasureKind::Figure(aggregate) => aggregate.fmt(f)?,
            MeasureKind::Entities(entities) => entities.fmt(f)?,
            MeasureKind::Reconciles(totals) => totals.fmt(f)?,
            MeasureKind::Outliers(outliers) => write!(f, "outliers: {outliers}")?,
            MeasureKind::Lag(lag) => lag.fmt(f)?,
            MeasureKind::Uniform(test) => write!(f, "formats: {test}")?,
            MeasureKind::PersonalData(test) => write!(f, "personal data: {test}")?,
            MeasureKind::Steady(wanted) => wanted.fmt(f)?,
            MeasureKind::Columns => f.write_str("columns")?,
            MeasureKind::Framing => f.write_str("faults of the files")?,
            MeasureKind::Content { column } => write!(f, "whether {column} has values")?,
            MeasureKind::Values(wanted) => wanted.fmt(f)?,
            MeasureKind::Digest => f.write_str("digest of the files")?,
        }
        match &self.filter {
            Some(filter) => write!(f, " where {filter}"),
            None => Ok(()),
        }
    }
}
