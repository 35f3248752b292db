//! Why cells are unparseable.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::DataType;

/// Why a cell is unparseable in the type of its column. Each unparseable cell has one reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnparseableReason {
    /// Nothing in it can be seen, and it is no blank that counts as missing.
    Blank,
    /// It is parseable without the spaces or invisible characters around it.
    Spaces,
    /// A number with a decimal comma.
    DecimalComma,
    /// A number with signs between groups of digits.
    ThousandsGroups,
    /// A number with a currency or percent sign, in brackets, or with the minus behind it.
    Sign,
    /// A number, written otherwise than is declared.
    OtherNotation,
    /// A number with decimal places or an exponent, where whole numbers are declared.
    Fraction,
    /// More digits than the type holds.
    TooManyDigits,
    /// NaN, or infinite.
    NotFinite,
    /// Anything else that is not a number.
    NotANumber,
    /// A date once day and month are exchanged.
    DayAndMonthSwapped,
    /// A year before 0001 or after 9999.
    YearOutOfRange,
    /// Written as a date or time that does not exist, such as the 31st of February.
    NoSuchDate,
    /// A date in another format.
    OtherFormat,
    /// Anything else that is not a date.
    NotADate,
    /// Not one of the words for true and false.
    NotABoolean,
    /// Not a UUID of 36 characters.
    NotAUuid,
}

impl UnparseableReason {
    /// A few words for people.
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Blank => "blank",
            Self::Spaces => "with spaces around",
            Self::DecimalComma => "with a decimal comma",
            Self::ThousandsGroups => "with grouped digits",
            Self::Sign => "with a sign beside the number, or in brackets",
            Self::OtherNotation => "written otherwise than declared",
            Self::Fraction => "not whole",
            Self::TooManyDigits => "with too many digits",
            Self::NotFinite => "NaN or infinite",
            Self::NotANumber => "not a number",
            Self::DayAndMonthSwapped => "with day and month swapped",
            Self::YearOutOfRange => "with a year outside 0001 to 9999",
            Self::NoSuchDate => "a date or time that does not exist",
            Self::OtherFormat => "in another format",
            Self::NotADate => "not a date",
            Self::NotABoolean => "not a word for true or false",
            Self::NotAUuid => "not a UUID",
        }
    }
}

/// The cells of a column that is parsed as one type: those that are unparseable, and why.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UnparseableTally {
    /// How many have which reason.
    pub reasons: BTreeMap<UnparseableReason, u64>,
    /// How many fit which format of dates or numbers, by its position in the list of these formats. A cell may fit several.
    pub formats: BTreeMap<u8, u64>,
    /// Cells that are parseable.
    pub parsed: u64,
}

impl UnparseableTally {
    /// All of them.
    pub fn cells(&self) -> u64 {
        self.reasons.values().sum()
    }

    /// Adds cells with a reason that fit some formats.
    pub fn add(&mut self, reason: UnparseableReason, formats: impl Iterator<Item = u8>, cells: u64) {
        *self.reasons.entry(reason).or_default() += cells;
        for format in formats {
            *self.formats.entry(format).or_default() += cells;
        }
    }

    /// Adds all cells of another part of the column.
    pub fn merge(&mut self, other: Self) {
        for (reason, cells) in other.reasons {
            *self.reasons.entry(reason).or_default() += cells;
        }
        self.parsed += other.parsed;
        for (format, cells) in other.formats {
            *self.formats.entry(format).or_default() += cells;
        }
    }
}

/// The unparseable cells of a column, by reason. It shows no value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UnparseableColumn {
    /// The column.
    pub column: String,
    /// The type in which its cells are unparseable.
    pub data_type: DataType,
    /// The format of dates, if one is declared.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub format: Option<String>,
    /// The unparseable cells among all rows that were read.
    pub cells: u64,
    /// The parseable cells.
    #[serde(default)]
    pub parsed: u64,
    /// How many have which reason; together they are all.
    pub reasons: BTreeMap<UnparseableReason, u64>,
    /// The format that most of them fit, if it is at least half.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub looks_like: Option<LooksLike>,
    /// What to declare, as a sentence; absent if most cells are parseable as it is.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub advice: Option<String>,
}

/// The format that most of some cells fit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LooksLike {
    /// Its name, such as `DD/MM/YYYY`; two, if the cells do not show which one is meant.
    pub formats: Vec<String>,
    /// How many fit it.
    pub cells: u64,
}
