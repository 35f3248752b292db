//! What the columns contain: the result of `identify`, as it is written to JSON.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Dialect, FileFact};

/// The name and version of the format, the first key of the document.
pub const IDENTIFY_FORMAT: &str = "passmuster.identify/1";

/// What the values of each column of a dataset are. The same data and the same date give the same document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct IdentifyReport {
    /// Always `passmuster.identify/1`.
    pub format: String,
    /// The program that wrote it.
    pub tool: IdentifyTool,
    /// The date that counts as "today", so that birth dates are not in the future.
    pub as_of: String,
    /// The files in order.
    pub files: Vec<FileFact>,
    /// Rows of all files.
    pub rows: u64,
    /// Rows whose record has a fault, such as too few cells: their values may be in the wrong column.
    pub malformed: u64,
    /// What else a reader must know about the files, such as lines that are left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
    /// How the files seem to be written, where that differs from how they were read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dialect: Option<Dialect>,
    /// The requested columns, in the order of the data.
    pub columns: Vec<IdentifiedColumn>,
}

/// The program that wrote the document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IdentifyTool {
    /// `passmuster`
    pub name: String,
    /// Its version.
    pub version: String,
}

/// One column. It contains counts only, and none of its values but words that mean "no value".
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IdentifiedColumn {
    /// The name.
    pub name: String,
    /// How it is stored: `text`, `int64`, `list` …
    pub stored: String,
    /// Why its values were not examined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_read: Option<String>,
    /// Missing cells: absent, empty, blank, or one of the given tokens.
    pub missing: u64,
    /// Cells that do not fit the type of the column.
    pub unreadable: u64,
    /// All other cells.
    pub values: u64,
    /// Values of one repeated character, or of digits counted up or down. Round numbers and decimals do not count.
    pub placeholders: u64,
    /// Words or signs that mean "no value", such as `n/a` or `không rõ`.
    pub stand_ins: u64,
    /// How often each of these words occurs, if the column does not look personal.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub stand_in_words: BTreeMap<String, u64>,
    /// The kinds of identifiers that at least one value is, the most likely first.
    pub kinds: Vec<IdentifiedKind>,
    /// Values with at least one text fault.
    pub faulty: u64,
    /// How many values have each text fault; faults that do not occur are left out.
    pub faults: BTreeMap<String, u64>,
    /// The formats of the values, if they give any information.
    pub formats: Vec<IdentifiedFormat>,
}

/// A kind of identifier and how the values of a column fit it. `passed`, `placeholder`, `shape`, `check_digit` and
/// `inner_fact` add up to the values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IdentifiedKind {
    /// The name.
    pub kind: String,
    /// Whether more than half of the values are of this kind, or at least 95 of 100 for a kind with weak evidence. Lost
    /// leading zeros are restored, and what surrounds a value is left out, before they are counted. What nearly any
    /// number could be is not likely.
    pub likely: bool,
    /// The evidence for it.
    pub evidence: Evidence,
    /// Values that can be identifiers of this kind.
    pub passed: u64,
    /// Among the others, digits that are one with one or two zeros put in front.
    pub with_zeros: u64,
    /// Among the others, values that are one without what surrounds them.
    #[serde(default, skip_serializing_if = "MendedTally::is_empty")]
    pub mended: MendedTally,
    /// Placeholders.
    pub placeholder: u64,
    /// Values with another shape.
    pub shape: u64,
    /// Values with wrong check digits.
    pub check_digit: u64,
    /// Values with a wrong inner fact.
    pub inner_fact: u64,
    /// Typing slips among `check_digit` and `inner_fact`, if the kind is likely and has more evidence than its shape.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slips: Option<SlipTally>,
}

impl IdentifiedKind {
    /// Values that are of this kind, or would be with leading zeros restored or without what surrounds them.
    pub fn reached(&self) -> u64 {
        self.passed + self.with_zeros + self.mended.sum()
    }
}

/// Values that are an identifier without what surrounds them; none of them passed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MendedTally {
    /// Without white space before or after.
    pub spaces: u64,
    /// Without the apostrophe in front.
    pub apostrophe: u64,
    /// Without `.0` after digits, with lost leading zeros restored, too.
    pub point_zero: u64,
}

impl MendedTally {
    /// All of them.
    pub fn sum(&self) -> u64 {
        self.spaces + self.apostrophe + self.point_zero
    }

    fn is_empty(&self) -> bool {
        self.sum() == 0
    }
}

/// Typing slips.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SlipTally {
    /// Failing values that were examined: all of them if few are different, else those of 256 different ones.
    pub sought: u64,
    /// Those that one wrong digit or two exchanged neighbours explain.
    pub likely: u64,
    /// Those that two exchanged neighbours explain.
    pub swapped: u64,
}

/// How strong the evidence is if most values pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// Weak: a number of digits or letters, or a short list that many texts are in by chance.
    Weak,
    /// A distinctive form that few other texts have.
    Form,
    /// Dates, places or codes inside, which few other texts of the same shape have.
    InnerFacts,
    /// Check digits, which nine of ten or more other texts of the same shape do not have.
    CheckDigits,
}

impl Evidence {
    /// All, the weakest first.
    pub const ALL: [Self; 4] = [Self::Weak, Self::Form, Self::InnerFacts, Self::CheckDigits];
}

/// Formats of one family, as `uniform` knows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IdentifiedFormat {
    /// `date`, `phone`, `case`, `tone` or `number`.
    pub family: String,
    /// Values that have a format of the family.
    pub values: u64,
    /// How many of them fit each format, most first; a value may fit several.
    pub formats: Vec<FormatCount>,
}

/// How many values fit a format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FormatCount {
    /// The format.
    pub format: String,
    /// Values that fit it.
    pub values: u64,
    /// Those that fit no format that explains more of the values: each value counts for one format.
    pub counted: u64,
}
