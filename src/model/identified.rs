//! What the values of columns are: the result of `identify`, as it is written to JSON.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::FileFact;

/// The name and version of the format, the first key of the document.
pub const IDENTIFY_FORMAT: &str = "passmuster.identify/1";

/// What the values of each column of a dataset are. The same data and the same day give the same document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct IdentifyReport {
    /// Always `passmuster.identify/1`.
    pub format: String,
    /// What wrote it.
    pub tool: IdentifyTool,
    /// The day on which it hangs whether somebody can be born.
    pub as_of: String,
    /// The files in order.
    pub files: Vec<FileFact>,
    /// Rows of all files.
    pub rows: u64,
    /// Rows whose record has a fault, such as too few cells: their cells may stand in other columns.
    pub malformed: u64,
    /// What was asked for, in the order of the data.
    pub columns: Vec<IdentifiedColumn>,
}

/// What wrote the document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IdentifyTool {
    /// `passmuster`
    pub name: String,
    /// Its version.
    pub version: String,
}

/// One column. No value of it stands here, only how many there are of each sort.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IdentifiedColumn {
    /// The name.
    pub name: String,
    /// How it is stored: `text`, `int64`, `list` …
    pub stored: String,
    /// Why its values were not looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_read: Option<String>,
    /// Cells that hold nothing: absent, empty, blank, or one of the tokens that were given.
    pub missing: u64,
    /// Cells that are there and cannot be held in the type of the column.
    pub unreadable: u64,
    /// All other cells.
    pub values: u64,
    /// Values of one character over and over, or of digits counted up or down.
    pub placeholders: u64,
    /// Values that say in words or signs that there is none, such as `n/a` or `không rõ`.
    pub stand_ins: u64,
    /// The kinds of identifiers that at least one value is, the likeliest first.
    pub kinds: Vec<IdentifiedKind>,
    /// Values with at least one fault of text.
    pub faulty: u64,
    /// How many values have each fault of text; those without any are left out.
    pub faults: BTreeMap<String, u64>,
    /// In which formats the values are written, where that says something.
    pub formats: Vec<IdentifiedFormat>,
}

/// A kind of identifier beside the values of a column. `passed`, `placeholder`, `shape`, `check_digit` and `inner_fact` add up
/// to the values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IdentifiedKind {
    /// The name.
    pub kind: String,
    /// Whether more than half of the values are of this kind, of a kind for which little speaks at least 95 of 100; zeros that
    /// were lost in front put back, and what stands around a value left out. What nearly any number could be is not likely.
    pub likely: bool,
    /// What speaks for it.
    pub evidence: Evidence,
    /// Values that can be identifiers of this kind.
    pub passed: u64,
    /// Of the others, digits that can be one with one or two zeros put in front.
    pub with_zeros: u64,
    /// Of the others, values that can be one without what stands around them.
    #[serde(default, skip_serializing_if = "MendedTally::is_empty")]
    pub mended: MendedTally,
    /// Values that only fill the cell.
    pub placeholder: u64,
    /// Values of another shape.
    pub shape: u64,
    /// Values whose check digits do not fit.
    pub check_digit: u64,
    /// Values with something inside that cannot be.
    pub inner_fact: u64,
    /// Slips of the fingers among `check_digit` and `inner_fact`, where the kind is likely and more than shape speaks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slips: Option<SlipTally>,
}

impl IdentifiedKind {
    /// Values that are of this kind or would be, with zeros put back or without what stands around them.
    pub fn reached(&self) -> u64 {
        self.passed + self.with_zeros + self.mended.sum()
    }
}

/// Values that can be an identifier without what stands around them; none of them passed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MendedTally {
    /// Without white space before or behind.
    pub spaces: u64,
    /// Without the apostrophe in front.
    pub apostrophe: u64,
    /// Without `.0` behind digits; zeros that were lost in front put back, too.
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

/// Slips of the fingers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SlipTally {
    /// Failing values that were looked through: all of them where few differ, else those of 256 different ones.
    pub sought: u64,
    /// Of these, how many one wrong digit or two swapped neighbours explain.
    pub likely: u64,
    /// Of these, how many two swapped neighbours explain.
    pub swapped: u64,
}

/// How much it says that most values pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// Little: so many digits or letters, or a short list that many texts are in by chance.
    Weak,
    /// A form of its own that few other texts have.
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
    /// Values that say something of it.
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
    /// Of these, those that fit no format that explains more of the values: each value counts for one format.
    pub counted: u64,
}
