//! One entity graph over several datasets: which datasets have an entity, and whether they agree on it.
//!
//! # What it means
//!
//! Rows in scope of all datasets with the same key are one entity. An entity is judged where two datasets have it, or all with
//! `everywhere`. It fails where a fact conflicts, or where `everywhere` is asked and a dataset lacks it. A fact agrees where all
//! rows, of every dataset that has the fact, say the same: two missing values do; a missing and a present one conflict, and are
//! a gap where all others agree. Numbers agree where the least and the greatest differ by at most the tolerance. An unparseable
//! fact conflicts, and makes the failed entity unreadable.
//!
//! | key | here | there | |
//! |---|---|---|---|
//! | 1 | a | a | passes |
//! | 2 | a | missing | fails: a gap |
//! | 3 | a, a | b | fails: it conflicts |
//! | 4 | a | no row | not judged, or fails with `everywhere` |

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{ComparisonForm, DataType, KeySpec, Lookup, RowRef};

/// Facts about the same entities in this dataset and in others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entities {
    /// The key in this dataset.
    pub key: KeySpec,
    /// The facts that must agree; this dataset has all of them.
    pub facts: Vec<SharedFact>,
    /// The other datasets.
    pub peers: Vec<Peer>,
    /// Whether an entity must be in every dataset.
    pub everywhere: bool,
}

/// A fact that several datasets have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SharedFact {
    /// The column of this dataset.
    pub column: String,
    /// How values are compared.
    pub form: ComparisonForm,
    /// The type in which all datasets are compared.
    pub data_type: DataType,
}

/// Another dataset of an entity graph.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Peer {
    /// Its rows by key.
    pub lookup: Lookup,
    /// For each fact of the lookup, its position among those of the graph.
    pub facts: Vec<usize>,
}

impl Entities {
    /// The columns that are read of this dataset, with duplicates.
    pub fn columns(&self) -> Vec<&str> {
        self.key.columns.iter().chain(self.facts.iter().map(|fact| &fact.column)).map(String::as_str).collect()
    }
}

impl fmt::Display for Entities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "entities by {} agree", self.key)?;
        for (at, fact) in self.facts.iter().enumerate() {
            write!(f, "{}{}{}", if at > 0 { ", " } else { " on " }, fact.column, fact.form)?;
        }
        for (at, peer) in self.peers.iter().enumerate() {
            write!(f, "{}{}", if at > 0 { "; " } else { ": " }, peer.lookup)?;
        }
        f.write_str(if self.everywhere { "; each in every dataset" } else { "" })
    }
}

/// Entities by whether the datasets of a graph agree on them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct EntityTally {
    /// Distinct keys over all datasets.
    pub entities: u64,
    /// Entities in every dataset.
    pub in_every: u64,
    /// Judged entities: those in at least two datasets, or all of them if they must be in every one.
    pub judged: u64,
    /// Judged entities that are absent where they are required, or that have a conflict.
    pub failed: u64,
    /// Failed entities with an unparseable fact.
    pub unreadable: u64,
    /// Judged entities that have a conflict.
    pub conflicting: u64,
    /// For each fact, the judged entities in which it conflicts.
    pub conflicts: Vec<u64>,
    /// For each fact, those of them in which it is missing in some rows and equal in all others.
    pub gaps: Vec<u64>,
    /// This dataset, then the others.
    pub sides: Vec<EntitySide>,
    /// The first rows of this dataset whose entity fails.
    pub failing_rows: Vec<RowRef>,
}

/// One dataset of an entity graph.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntitySide {
    /// Entities that it has.
    pub entities: u64,
    /// Entities in this dataset only.
    pub only: u64,
    /// Entities that it has in more than one row.
    pub repeated: u64,
    /// Rows in scope with a missing key part.
    pub without_key: u64,
    /// Rows with an unparseable key, or for which the condition is unreadable.
    pub unreadable: u64,
}
