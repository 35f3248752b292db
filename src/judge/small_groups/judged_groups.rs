//! The groups of a rule, as a table.

use std::collections::BTreeMap;

use crate::model::{Segment, SegmentValue};

/// The columns that group the rows of a dataset, ascending.
pub(super) type Grouping<'a> = (&'a str, Vec<&'a str>);

/// The values of a group, in the order of the columns of its [`Grouping`].
pub(super) type Values<'a> = Vec<&'a SegmentValue>;

/// The groups of a measure in which rows were judged.
pub(super) struct JudgedGroups<'a> {
    pub(super) grouping: Grouping<'a>,
    /// Their judged rows.
    pub(super) groups: BTreeMap<Values<'a>, u64>,
}

impl<'a> JudgedGroups<'a> {
    /// The groups of these columns of a dataset.
    pub(super) fn new(dataset: &'a str, columns: &'a [String], groups: &'a [Segment]) -> Self {
        let (columns, order) = in_order(columns);
        let judged = groups.iter().filter(|group| group.passed + group.failed > 0);
        let groups = judged.map(|group| {
            let values = order.iter().filter_map(|at| group.values.get(*at)).collect();
            (values, group.passed + group.failed)
        });
        Self { grouping: (dataset, columns), groups: groups.collect() }
    }

    /// Whether it splits the groups of another grouping.
    pub(super) fn is_finer(&self, (dataset, columns): &Grouping<'_>) -> bool {
        let (own, own_columns) = &self.grouping;
        own == dataset && own_columns.len() > columns.len() && columns.iter().all(|name| own_columns.contains(name))
    }

    /// The places of the columns of a coarser grouping among its own.
    pub(super) fn places(&self, (_, columns): &Grouping<'_>) -> Vec<usize> {
        columns.iter().filter_map(|name| self.grouping.1.iter().position(|own| own == name)).collect()
    }

    /// For each column that another grouping has as well, its place in both.
    pub(super) fn in_common(&self, other: &Self) -> impl Iterator<Item = (usize, usize)> {
        let columns = self.grouping.1.iter().enumerate();
        columns.filter_map(|(own, name)| Some((own, other.grouping.1.iter().position(|other| other == name)?)))
    }
}

/// The columns ascending, and the place that each had.
pub(super) fn in_order(columns: &[String]) -> (Vec<&str>, Vec<usize>) {
    let mut order: Vec<usize> = (0..columns.len()).collect();
    order.sort_by_key(|at| &columns[*at]);
    (order.iter().map(|at| columns[*at].as_str()).collect(), order)
}

/// The values at some places.
pub(super) fn at_places<'a>(values: &[&'a SegmentValue], places: &[usize]) -> Values<'a> {
    places.iter().filter_map(|at| values.get(*at).copied()).collect()
}
