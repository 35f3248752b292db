//! What a check may ask about its rule, its dataset and the suite.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::model::{AsOf, DataType, DateNotation, Expr};

/// What a check may ask about its rule.
pub trait Scope {
    /// The name of the suite.
    fn suite(&self) -> &str;

    /// The dataset of the rule.
    fn dataset(&self) -> &str;

    /// The condition of the rule (`where`), typed.
    fn filter(&self) -> Option<&Expr>;

    /// The date of the audit, on which relative dates depend.
    fn as_of(&self) -> AsOf;

    /// The effective type of a column: as declared, else as stored. `None` if the type is not known before there is data,
    /// so that no type is wrong; or if there is no such column, or no rule can read its type. For parameters that name
    /// columns, the latter two are refused before `measures` is called.
    fn column_type(&self, dataset: &str, column: &str) -> Option<DataType>;

    /// The column with the number of items of a column of lists, if it is one.
    fn list_length(&self, dataset: &str, column: &str) -> Option<String>;

    /// The columns of a dataset in file order. `None`: they are not known before there is data.
    fn columns(&self, dataset: &str) -> Option<Vec<String>>;

    /// Columns inside of nested columns of a dataset, such as `address.city` and `length(tags)`, with the effective type; `None`
    /// where no rule can read it. Empty before there is data.
    fn inner_columns(&self, dataset: &str) -> Vec<(String, Option<DataType>)>;

    /// Columns of the key that the dataset declares; empty where it declares none.
    fn key(&self, dataset: &str) -> Vec<String>;

    /// Whether a column is declared to hold personal data.
    fn is_personal(&self, dataset: &str, column: &str) -> bool;

    /// How the dates of a column are written, where that is declared.
    fn format(&self, dataset: &str, column: &str) -> Option<DateNotation>;

    /// What is declared about the dataset of the rule.
    fn declared(&self) -> Declaration;
}

/// What is declared about a dataset for those who will use it.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Declaration {
    /// The organisation responsible for the data.
    pub owner: Option<String>,
    /// The person to write to.
    pub steward: Option<String>,
    /// What is declared under `sharing`, by key.
    pub sharing: BTreeMap<String, String>,
    /// The declared encoding of text files, if it is not UTF-8.
    pub encoding: Option<String>,
    /// Columns with a description.
    pub described: BTreeSet<String>,
    /// Columns for which it is declared whether they contain personal data.
    pub classed: BTreeSet<String>,
}

impl Declaration {
    /// What is declared under a key of `sharing`.
    pub fn sharing(&self, key: &str) -> Option<&str> {
        self.sharing.get(key).map(String::as_str)
    }

    /// Whether the column has a description.
    pub fn is_described(&self, column: &str) -> bool {
        self.described.contains(column)
    }

    /// Whether it is declared that the column contains personal data, or that it does not.
    pub fn is_classed(&self, column: &str) -> bool {
        self.classed.contains(column)
    }
}
