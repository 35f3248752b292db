//! What a plan is.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::model::{AsOf, CodelistEntry, DataType, DateNotation, Lookup, Measure, Notation, nfc, uncomposed_name};

/// What an engine is to measure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The datasets that could be opened, by name.
    pub datasets: BTreeMap<String, PlannedDataset>,
    /// The distinct measures.
    pub measures: Vec<Measure>,
    /// The distinct lookups that the measures need.
    pub lookups: Vec<Lookup>,
    /// Code lists by name.
    pub codelists: BTreeMap<String, Vec<CodelistEntry>>,
    /// The instant on which relative dates depend.
    pub as_of: AsOf,
}

/// What an engine must know of a dataset.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PlannedDataset {
    /// Whether a rule is about it: then its rows are counted, even where no measure needs them.
    pub asked: bool,
    /// All columns that rules can read, in the order of the dataset, with the type in which they are stored.
    pub stored: Vec<(String, DataType)>,
    /// The columns that are read, with what is declared about them.
    pub columns: BTreeMap<String, PlannedColumn>,
    /// Measures (positions in the plan) whose failing rows are not clean records.
    pub record_rules: BTreeSet<usize>,
}

/// What an engine must know of a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedColumn {
    /// The type in which it is audited.
    pub data_type: DataType,
    /// How dates are written; absent: ISO 8601.
    pub format: Option<DateNotation>,
    /// How numbers and booleans are written.
    pub notation: Notation,
    /// Tokens that mean missing, besides empty and blank.
    pub missing: BTreeSet<String>,
}

/// A column that is parsed as a type.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Parsing {
    /// The column.
    pub column: String,
    /// The type, which is not text.
    pub data_type: DataType,
    /// How dates are written; absent: ISO 8601.
    pub format: Option<DateNotation>,
}

impl Plan {
    /// The codes of a list, in its order; in Unicode normal form C where a rule names the list in that way.
    pub fn codes(&self, name: &str) -> Option<Cow<'_, [CodelistEntry]>> {
        let Some(inner) = uncomposed_name(name) else { return self.codelists.get(name).map(Into::into) };
        let composed = |entry: &CodelistEntry| CodelistEntry { code: nfc(&entry.code).into_owned(), ..entry.clone() };
        Some(self.codelists.get(inner)?.iter().map(composed).collect())
    }

    /// The measures (positions in the plan) that look into a lookup.
    pub fn measures_of_lookup(&self, lookup: usize) -> Vec<usize> {
        let looks = |at: &usize| self.measures[*at].kind.lookups().contains(&&self.lookups[lookup]);
        (0..self.measures.len()).filter(looks).collect()
    }
}
