//! Failing rows and groups, one by one: what somebody needs who has to repair them.

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
    /// The measures (positions in the plan) whose failing groups are wanted.
    pub groups: BTreeSet<usize>,
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

/// Why a group, an entity or an expected value fails a measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupReason {
    /// The sides say different things.
    Differs,
    /// Only the dataset of the measure has it.
    OnlyHere,
    /// Only the other dataset has it.
    OnlyThere,
    /// It is expected and does not occur.
    Missing,
    /// A dataset that must have it does not.
    NotEverywhere,
    /// It is a run of absent points.
    Gap,
    /// A side has a value that is not of its type.
    Unparseable,
    /// The sides say different things, and a dataset that must have it does not.
    DiffersNotEverywhere,
    /// A side has a value that is not of its type, and a dataset that must have it does not.
    UnparseableNotEverywhere,
}

impl GroupReason {
    /// Its code, or its two codes.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Differs => "differs",
            Self::OnlyHere => "only_here",
            Self::OnlyThere => "only_there",
            Self::Missing => "missing",
            Self::Gap => "gap",
            Self::Unparseable => "unparseable",
            Self::NotEverywhere => "not_everywhere",
            Self::DiffersNotEverywhere => "differs, not_everywhere",
            Self::UnparseableNotEverywhere => "unparseable, not_everywhere",
        }
    }
}

/// What a side of a group speaks of, by its position in the measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// Its rows.
    Rows,
    /// A total of a reconciliation.
    Total(usize),
    /// A fact of an entity.
    Fact(usize),
    /// The points of a gap.
    Points,
}

/// What a side says of something.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Says {
    /// So many.
    Count(u64),
    /// This value, as text and exact, in so many rows. A total has no rows of its own.
    Value(String, Option<u64>),
    /// So many different values. Where there are very many, only the first of them are stated.
    Distinct(u64),
    /// It is missing in so many rows.
    Missing(u64),
    /// So many values are unparseable.
    Unparseable(u64),
}

/// A statement of one side about a group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct GroupStatement {
    /// The side: 0 is the dataset of the measure; then the others, in the order of the measure.
    pub side: usize,
    /// What it speaks of.
    pub about: About,
    /// What it says.
    pub says: Says,
}

/// A group, an entity, an expected value or a run of points that fails a measure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupFinding<'a> {
    /// The measure, by its position in the plan.
    pub measure: usize,
    /// The values that identify it, as keys compare them; `None` for a missing one. Empty where all rows are one group.
    pub key: &'a [Option<String>],
    /// Why it fails.
    pub reason: GroupReason,
    /// What the sides say, side by side.
    pub says: &'a [GroupStatement],
    /// The first and the last absent point of a gap.
    pub gap: Option<&'a [String; 2]>,
    /// How much it counts in the reading: 1, or the points of a gap.
    pub units: u64,
}

/// Takes failing rows and groups. Rows of one dataset come from one thread at a time and in file order; several datasets may
/// come at the same time. Groups come once all rows have come, one after the other: measure by measure, and in ascending
/// [order](Self::group_order).
pub trait EvidenceSink: Sync {
    /// Takes a failing row; `false`: no further rows of the dataset are wanted.
    fn take(&self, dataset: &str, row: &RowFindings<'_>) -> bool;

    /// What the groups of a measure are ordered by in place of their key, if its order must not be seen.
    fn group_order(&self, measure: usize, key: &[Option<String>]) -> Option<Vec<Option<String>>>;

    /// Takes a failing group; `false`: no further groups are wanted.
    fn take_group(&self, group: &GroupFinding<'_>) -> bool;
}
