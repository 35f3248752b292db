//! What the values of a column are, and the type in which they are given.

use rusqlite::types::{Type, ValueRef};

use crate::model::DataType;
use crate::source::column::{BINARY, MIXED_NUMBERS, NULL, SourceColumn};
use crate::source::files::typed_cells::Given;

const INTEGER: u8 = 1;
const REAL: u8 = 1 << 1;
const TEXT: u8 = 1 << 2;
const BLOB: u8 = 1 << 3;

/// The types of the values of a column.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Seen(u8);

impl Seen {
    /// Adds a value.
    #[inline]
    pub(super) fn enter(&mut self, value: ValueRef<'_>) {
        self.0 |= match value.data_type() {
            Type::Integer => INTEGER,
            Type::Real => REAL,
            Type::Text => TEXT,
            Type::Blob => BLOB,
            Type::Null => 0,
        };
    }

    /// The type in which its values are given. Whole numbers of 64 bits and floats together are decimals, which hold both.
    pub(super) const fn given(self) -> Given {
        const BOTH: u8 = INTEGER | REAL;
        match self.0 & !BLOB {
            0 if self.0 == BLOB => Given::Binary,
            INTEGER => Given::Integer,
            REAL => Given::Float,
            BOTH => Given::Decimal,
            _ => Given::Text,
        }
    }

    /// The column as the dataset has it.
    pub(super) fn column(self, name: String) -> SourceColumn {
        let (stored, data_type) = match self.given() {
            Given::Integer => ("int64", DataType::Integer),
            Given::Float => ("float64", DataType::Float),
            Given::Decimal => ("decimal", DataType::Decimal),
            Given::Binary => (BINARY, DataType::Text),
            Given::Text if self.0 & REAL != 0 => (MIXED_NUMBERS, DataType::Text),
            Given::Text if self.0 == 0 => (NULL, DataType::Text),
            _ => ("text", DataType::Text),
        };
        SourceColumn { name, stored: stored.to_owned(), data_type: Some(data_type) }
    }
}
