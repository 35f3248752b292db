//! Groups the measures of a pass that share a column, directly or through others.
//!
//! An engine can work through a run of rows section by section: only the columns of one section are unpacked at a time,
//! and are still in the cache when their last rule is measured.

use std::collections::{BTreeMap, BTreeSet};

/// Measures and lookups of a pass that share columns, and share none with the rest of the pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::engine::local) struct Section {
    /// The columns that they read.
    pub columns: Vec<String>,
    /// Measures (positions in the plan).
    pub measures: Vec<usize>,
    /// Lookups (positions in the plan).
    pub lookups: Vec<usize>,
}

/// Divides a pass. `measures` and `lookups` come with the columns that they read; those that read none go to the first
/// section.
pub(super) fn divide(measures: &[(usize, BTreeSet<String>)], lookups: &[(usize, BTreeSet<String>)]) -> Vec<Section> {
    let read: BTreeSet<&String> = measures.iter().chain(lookups).flat_map(|(_, columns)| columns).collect();
    let places: BTreeMap<&String, usize> = read.iter().enumerate().map(|(place, column)| (*column, place)).collect();
    let mut joined = Joined::new(read.len());
    for (_, columns) in measures.iter().chain(lookups) {
        let mut places = columns.iter().map(|column| places[column]);
        if let Some(first) = places.next() {
            places.for_each(|other| joined.join(first, other));
        }
    }
    // In the order of their first column, whatever rule came first.
    let mut divided: Vec<Section> = Vec::new();
    let mut of_first: BTreeMap<usize, usize> = BTreeMap::new();
    let empty = || Section { columns: Vec::new(), measures: Vec::new(), lookups: Vec::new() };
    for (place, column) in read.iter().enumerate() {
        let at = *of_first.entry(joined.first(place)).or_insert_with(|| {
            divided.push(empty());
            divided.len() - 1
        });
        divided[at].columns.push((*column).clone());
    }
    if divided.is_empty() {
        divided.push(empty());
    }
    let mut place = |columns: &BTreeSet<String>| {
        let column = columns.first()?;
        of_first.get(&joined.first(places[column])).copied()
    };
    for (measure, columns) in measures {
        divided[place(columns).unwrap_or_default()].measures.push(*measure);
    }
    for (lookup, columns) in lookups {
        divided[place(columns).unwrap_or_default()].lookups.push(*lookup);
    }
    divided
}

/// Columns, by their places, that are joined because something reads both: each points to one before it, or to itself.
struct Joined(Vec<usize>);

impl Joined {
    fn new(columns: usize) -> Self {
        Self((0..columns).collect())
    }

    /// The first of the columns that are joined with a column. What was followed points there from now on, so that long
    /// chains are followed once.
    fn first(&mut self, place: usize) -> usize {
        let mut first = place;
        while self.0[first] != first {
            first = self.0[first];
        }
        let mut at = place;
        while self.0[at] != first {
            at = std::mem::replace(&mut self.0[at], first);
        }
        first
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.first(one), self.first(other));
        self.0[one.max(other)] = one.min(other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads(columns: &[&str]) -> BTreeSet<String> {
        columns.iter().map(|column| (*column).to_owned()).collect()
    }

    #[test]
    fn measures_that_share_columns_stay_together() {
        let measures = [
            (0, reads(&["d"])),
            (1, reads(&["a"])),
            (2, reads(&[])),
            (3, reads(&["b", "c"])),
            (4, reads(&["c", "d"])),
            (5, reads(&["e"])),
        ];
        let divided = divide(&measures, &[(0, reads(&["a"])), (1, reads(&["f"]))]);
        let found: Vec<(String, &[usize], &[usize])> = divided
            .iter()
            .map(|section| (section.columns.concat(), section.measures.as_slice(), section.lookups.as_slice()))
            .collect();
        let expected: [(String, &[usize], &[usize]); 4] = [
            ("a".to_owned(), &[1, 2], &[0]),
            ("bcd".to_owned(), &[0, 3, 4], &[]),
            ("e".to_owned(), &[5], &[]),
            ("f".to_owned(), &[], &[1]),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_pass_without_columns_is_one_section() {
        let divided = divide(&[(3, reads(&[])), (4, reads(&[]))], &[]);
        assert_eq!(divided, [Section { columns: vec![], measures: vec![3, 4], lookups: vec![] }]);
    }
}
