//! Keys of a dataset, and what rules of other datasets keep by them and compare.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Aggregate, DataType, Decimal, Expr};

/// The columns that make up a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeySpec {
    /// In the order of comparison.
    pub columns: Vec<String>,
}

/// The keys of a dataset (and some facts by key), collected for rules of other datasets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lookup {
    /// The dataset that has the keys.
    pub dataset: String,
    /// The key; rows with a missing part are left out.
    pub key: KeySpec,
    /// Only rows for which this is true, over the columns of `dataset`.
    pub filter: Option<Expr>,
    /// The facts kept by key, for `Agrees` and `Entities`; in the order of its `compare`.
    pub facts: Vec<Fact>,
    /// What is kept.
    pub kept: Kept,
}

/// What a [`Lookup`] keeps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kept {
    /// The keys, and whether all rows of a key agree.
    Keys,
    /// The same, and also the keys of rows for which the filter is unreadable.
    DoubtfulKeys,
    /// The key and the facts of every row.
    Rows,
    /// These counts and sums by key; a key without columns means the whole dataset.
    Totals(Vec<Aggregate>),
}

/// A value kept by key in a [`Lookup`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// The column of the lookup's dataset.
    pub column: String,
    /// The comparison that it will be used in.
    pub form: ComparisonForm,
    /// The type in which it will be compared.
    pub data_type: DataType,
}

/// A pair of columns that must be equal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The column of this dataset.
    pub column: String,
    /// The column of the other dataset.
    pub to: String,
    /// How they are compared.
    pub form: ComparisonForm,
    /// The type in which both are compared.
    pub data_type: DataType,
}

/// When two values are equal in a [`Comparison`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ComparisonForm {
    /// Equal values.
    Exact,
    /// Equal after Unicode NFC.
    Nfc,
    /// Equal after NFC, lower case, one space between words, and uniform tone marks.
    Folded,
    /// Numbers (or dates, in days) that differ by at most this much.
    ///
    /// The difference of integers and decimals is exact, and so is that of the shortest decimals of two floats.
    Tolerance(Decimal),
}

impl fmt::Display for ComparisonForm {
    /// A remark after a column; empty if values are compared as they are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact => Ok(()),
            Self::Nfc => f.write_str(" (nfc)"),
            Self::Folded => f.write_str(" (folded)"),
            Self::Tolerance(by) => write!(f, " (± {by})"),
        }
    }
}

impl fmt::Display for KeySpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.columns.join(" + "))
    }
}

impl fmt::Display for Lookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.dataset)?;
        if !self.key.columns.is_empty() {
            write!(f, "({})", self.key)?;
        }
        if let Kept::Totals(totals) = &self.kept {
            let totals: Vec<String> = totals.iter().map(ToString::to_string).collect();
            write!(f, " with {}", totals.join(", "))?;
        }
        if !self.facts.is_empty() {
            let columns: Vec<&str> = self.facts.iter().map(|fact| fact.column.as_str()).collect();
            write!(f, " with {}", columns.join(", "))?;
        }
        match &self.filter {
            Some(filter) => write!(f, " where {filter}"),
            None => Ok(()),
        }
    }
}
