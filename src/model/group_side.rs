//! The datasets of a measure about groups, side by side.

use super::{Covers, DataType, Entities, Expected, Expr, Lookup, Measure, MeasureKind, Reconciliation};

/// One dataset of a measure about groups, entities or expected values.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupSide<'a> {
    /// Its name.
    pub dataset: &'a str,
    /// The columns that identify a group there. None: all rows are one group.
    pub key: &'a [String],
    /// Only rows for which this is true.
    pub filter: Option<&'a Expr>,
    /// The facts that it has: their positions in the measure, their columns there, and the types in which they compare.
    pub facts: Vec<(usize, &'a str, DataType)>,
}

impl Measure {
    /// The sides of a measure about groups: its own dataset, then the others in the order of the measure. None for a measure
    /// about something else.
    pub fn group_sides(&self) -> Vec<GroupSide<'_>> {
        let own = |key| GroupSide { dataset: &self.dataset, key, filter: self.filter.as_ref(), facts: Vec::new() };
        match &self.kind {
            MeasureKind::Reconciles(Reconciliation { by, lookup, .. }) => {
                vec![own(by.columns.as_slice()), side_of(lookup)]
            }
            MeasureKind::Entities(Entities { key, facts, peers, .. }) => {
                let facts = (0..).zip(facts).map(|(at, fact)| (at, fact.column.as_str(), fact.data_type)).collect();
                let first = GroupSide { facts, ..own(key.columns.as_slice()) };
                let others = peers.iter().map(|peer| {
                    let facts = peer.facts.iter().zip(&peer.lookup.facts);
                    let facts = facts.map(|(at, fact)| (*at, fact.column.as_str(), fact.data_type)).collect();
                    GroupSide { facts, ..side_of(&peer.lookup) }
                });
                std::iter::once(first).chain(others).collect()
            }
            MeasureKind::Covers(Covers { column, expected }) => {
                let first = own(std::slice::from_ref(column));
                match expected {
                    Expected::Listed(_) => vec![first],
                    Expected::Keys(lookup) => vec![first, side_of(lookup)],
                }
            }
            MeasureKind::Continuous(continuous) => vec![own(continuous.by.as_slice())],
            MeasureKind::RowCount
            | MeasureKind::Rows(_)
            | MeasureKind::DuplicateKeys(_)
            | MeasureKind::DuplicateRows { .. }
            | MeasureKind::Grouped(_)
            | MeasureKind::Similar(_)
            | MeasureKind::Figure(_)
            | MeasureKind::Outliers(_)
            | MeasureKind::Lag(_)
            | MeasureKind::Uniform(_)
            | MeasureKind::PersonalData(_)
            | MeasureKind::Steady(_)
            | MeasureKind::Columns
            | MeasureKind::Framing
            | MeasureKind::Content { .. }
            | MeasureKind::Values(_)
            | MeasureKind::Digest => Vec::new(),
        }
    }
}

/// The side of another dataset.
fn side_of(lookup: &Lookup) -> GroupSide<'_> {
    GroupSide { dataset: &lookup.dataset, key: &lookup.key.columns, filter: lookup.filter.as_ref(), facts: Vec::new() }
}
