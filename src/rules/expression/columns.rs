//! The columns that an expression may name, and their types.

use crate::model::DataType;

/// The columns that an expression may name.
pub trait Columns {
    /// The type in which a column is audited. Names are compared exactly.
    fn data_type(&self, name: &str) -> Result<DataType, ColumnProblem>;

    /// The column with the number of items of a column of lists, if it is one.
    fn list_length(&self, _name: &str) -> Option<String> {
        None
    }

    /// The first columns that there are instead of the one of that name, or the fields of the column that it begins with, as a
    /// sentence.
    fn found(&self, _name: &str) -> Option<String> {
        None
    }

    /// The names of all columns, for suggestions.
    fn names(&self) -> Vec<String>;
}

/// Why a column cannot be used in an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnProblem {
    /// There is no such column.
    Unknown,
    /// It holds lists, structs or another type that expressions do not have.
    Unsupported,
}
