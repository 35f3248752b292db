//! Failing rows, one by one: what somebody needs who has to repair them.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::model::RowRef;

/// Which failing rows are wanted, and what of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WantedRows {
    /// The measures (positions in the plan) whose failing rows are wanted.
    pub measures: BTreeSet<usize>,
    /// For each dataset the columns whose cells are wanted of its failing rows.
    pub columns: BTreeMap<String, Vec<String>>,
}

/// Why a row fails a measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The measure has one reason.
    Sole,
    /// A value is not of its type.
    Unparseable,
    /// The condition of the rule is unparseable for the row, so it is unknown whether the row is in scope.
    ConditionUnparseable,
    /// One of the reasons that the measure distinguishes, by its code.
    Named(&'static str),
    /// The row is similar to others: the number of its cluster, from 1 in file order.
    Cluster(u64),
}

impl Reason {
    /// Its code; `None` where there is one reason only.
    pub fn code(self) -> Option<Cow<'static, str>> {
        match self {
            Self::Sole => None,
            Self::Unparseable => Some("unparseable".into()),
            Self::ConditionUnparseable => Some("condition_unparseable".into()),
            Self::Named(code) => Some(code.into()),
            Self::Cluster(number) => Some(format!("cluster {number}").into()),
        }
    }
}

/// A measure that a row fails. With several reasons there is a finding for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Its position in the plan.
    pub measure: usize,
    /// Why the row fails.
    pub reason: Reason,
}

/// A row that fails at least one measure.
#[derive(Debug)]
pub struct RowFindings<'a> {
    /// Where it is.
    pub row: RowRef,
    /// The measures that it fails, ascending.
    pub findings: &'a [Finding],
    /// The cells of the wanted columns as they are stored; `None` for null and empty ones.
    pub cells: &'a [Option<String>],
}

/// Takes failing rows. Those of one dataset come from one thread at a time and in file order; several datasets may come at
/// the same time.
pub trait EvidenceSink: Sync {
    /// Takes a failing row; `false`: no further rows of the dataset are wanted.
    fn take(&self, dataset: &str, row: &RowFindings<'_>) -> bool;
}
