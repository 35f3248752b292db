//! One entity graph over several datasets: which of them have an entity, and whether they say the same about it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{ComparisonForm, DataType, KeySpec, Lookup, RowRef};

/// Facts about the same entities in this dataset and in others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entities {
    /// The key in this dataset.
    pub key: KeySpec,
    /// What must agree; this dataset has all of it.
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
    /// What counts as the same.
    pub form: ComparisonForm,
    /// The type in which all datasets are compared.
    pub data_type: DataType,
}

/// Another dataset of an entity graph.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Peer {
    /// Its rows by key.
    pub lookup: Lookup,
    /// For each fact of the lookup, its place among those of the graph.
    pub facts: Vec<usize>,
}

impl Entities {
    /// The columns that are read of this dataset, with repeats.
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

/// Entities by what the datasets of a graph say of them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct EntityTally {
    /// Different keys over all datasets.
    pub entities: u64,
    /// Those that every dataset has.
    pub in_every: u64,
    /// Those that are judged: in at least two datasets or, where they must be in every one, all.
    pub judged: u64,
    /// Judged entities that are missing where they must not be, or of which something conflicts.
    pub failed: u64,
    /// Failed entities of which a fact does not read.
    pub unreadable: u64,
    /// Judged entities of which something conflicts.
    pub conflicting: u64,
    /// For each fact the judged entities on which it conflicts.
    pub conflicts: Vec<u64>,
    /// For each fact those of them of which some rows say nothing, and all others say the same.
    pub gaps: Vec<u64>,
    /// This dataset, then the others.
    pub sides: Vec<EntitySide>,
    /// The first rows of this dataset of which the entity fails.
    pub sample: Vec<RowRef>,
}

/// One dataset of an entity graph.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntitySide {
    /// Entities that it has.
    pub entities: u64,
    /// Entities that it alone has.
    pub only: u64,
    /// Entities that it has in more than one row.
    pub repeated: u64,
    /// Rows in scope with a missing key part.
    pub without_key: u64,
    /// Rows whose key does not read, or of which it cannot be told whether they are in scope.
    pub unreadable: u64,
}
