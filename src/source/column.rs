//! Columns: what a source offers, and the cells of a batch.

use super::bits::Bits;
use super::text_column::TextColumn;
use crate::model::{DataType, Decimal, FineInstant};

/// A column that a source offers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SourceColumn {
    /// Its name; columns without one are called `column_3` after their position.
    pub name: String,
    /// The physical type as people know it: `text`, `int32`, `timestamp[us, UTC]`, `decimal(12,2)`, `list` …
    pub stored: String,
    /// The type in which batches give it; `None` for nested and other types that no rule can read.
    pub data_type: Option<DataType>,
}

/// The stored type of bytes.
pub const BINARY: &str = "binary";

/// The stored type of columns without any value.
pub const NULL: &str = "null";

/// The stored type of text among which number cells with places behind the point are written.
pub(super) const MIXED_NUMBERS: &str = "text and numbers";

/// The stored type of text among which date cells are written.
pub(super) const MIXED_DATES: &str = "text and dates";

/// The stored type of text among which number cells and date cells are written.
pub(super) const MIXED_NUMBERS_AND_DATES: &str = "text, numbers and dates";

impl SourceColumn {
    /// Whether it is text among which number cells with places behind the point are written. They are written with a point,
    /// so they cannot be read in a notation that is declared for texts.
    pub fn mixes_numbers(&self) -> bool {
        self.stored == MIXED_NUMBERS || self.stored == MIXED_NUMBERS_AND_DATES
    }

    /// Whether it is text among which date cells are written, as `2026-11-30`.
    pub fn mixes_dates(&self) -> bool {
        self.stored == MIXED_DATES || self.stored == MIXED_NUMBERS_AND_DATES
    }

    /// The same column with its cells written as text.
    pub(super) fn as_text(&self) -> Self {
        use DataType as T;
        let stored = match self.data_type {
            Some(T::Decimal | T::Float | T::Float32) => MIXED_NUMBERS,
            Some(T::Date | T::Datetime) => MIXED_DATES,
            Some(T::Text) => self.stored.as_str(),
            _ => "text",
        };
        Self { name: self.name.clone(), stored: stored.to_owned(), data_type: Some(T::Text) }
    }

    /// Takes over what is mixed into the same column of another file.
    pub(super) fn mix(&mut self, other: &Self) {
        let numbers = self.mixes_numbers() || other.mixes_numbers();
        let dates = self.mixes_dates() || other.mixes_dates();
        let stored = match (numbers, dates) {
            (true, true) => MIXED_NUMBERS_AND_DATES,
            (true, false) => MIXED_NUMBERS,
            (false, true) => MIXED_DATES,
            (false, false) => return,
        };
        stored.clone_into(&mut self.stored);
    }
}

/// The cells of one column of a batch.
#[derive(Debug)]
pub enum Column {
    /// Text.
    Text(TextColumn),
    /// Whole numbers.
    Integer(Typed<i64>),
    /// Exact numbers, and whole numbers where one of them does not fit 64 bits.
    Decimal(Typed<Decimal>),
    /// Floats.
    Float(Typed<f64>),
    /// Days since 1970-01-01.
    Date(Typed<i32>),
    /// Microseconds since 1970-01-01T00:00:00 (UTC where the file has a zone).
    Datetime(Typed<i64>),
    /// Timestamps; some of them have a part below the microsecond.
    Nanoseconds(Typed<FineInstant>),
    /// True or false.
    Boolean(Typed<bool>),
}

/// Cells of a type other than text.
#[derive(Debug, Clone, Default)]
pub struct Typed<T> {
    /// One value a row; anything where the row is not `valid`.
    pub values: Vec<T>,
    /// Rows that hold a value; `None`: all of them.
    pub valid: Option<Bits>,
    /// Rows whose cell is there but cannot be held in the type (an unsigned number over 2^63, say); not `valid`.
    pub unreadable: Option<Bits>,
}
