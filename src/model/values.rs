//! What the cells of a column hold, value by value.
//!
//! # What it means
//!
//! Cells are taken as they are stored: text as it is written, other types in the canonical text of their value. Missing cells
//! are counted beside the values. Lengths and shapes are those of cells that are stored as text. Values are counted one by one
//! as long as there are at most `most` different ones, with at most `most` · [`BYTES_OF_VALUE`] bytes together; else none is.
//!
//! The texts `ab`, `ab`, `c` and a missing cell: 3 values, 1 missing, lengths 1 to 2, counts `ab` 2 and `c` 1, shapes `aa` 2 and
//! `a` 1.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::ShapeTally;

/// Bytes of the different values of a column for each value that may be counted.
pub const BYTES_OF_VALUE: usize = 256;

/// A question for the values of a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Values {
    /// The column.
    pub column: String,
    /// The most different values that are counted one by one.
    pub most: u32,
}

impl Values {
    /// The most bytes of the different values that are counted one by one.
    pub const fn most_bytes(&self) -> usize {
        self.most as usize * BYTES_OF_VALUE
    }
}

impl fmt::Display for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "values of {}, up to {} different ones", self.column, self.most)
    }
}

/// The values of a column.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValueTally {
    /// Cells in scope that are not missing.
    pub values: u64,
    /// Cells in scope that are missing.
    pub missing: u64,
    /// Cells in scope that do not fit the type in which they are stored, and rows for which the condition is unreadable.
    pub unreadable: u64,
    /// The shortest and the longest text in characters.
    pub lengths: Option<(u64, u64)>,
    /// How many rows have each value; `None`: there are too many different ones.
    pub counts: Option<BTreeMap<String, u64>>,
    /// How many texts have each shape.
    pub shapes: ShapeTally,
}
