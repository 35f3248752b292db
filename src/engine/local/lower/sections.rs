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
    // The section of each column; two sections become one where a measure reads columns of both.
    let mut sections: Vec<BTreeSet<&String>> = Vec::new();
    for (_, columns) in measures.iter().chain(lookups).filter(|(_, columns)| !columns.is_empty()) {
        let (joined, mut others): (Vec<_>, Vec<_>) =
            sections.into_iter().partition(|section| columns.iter().any(|column| section.contains(column)));
        others.push(joined.into_iter().flatten().chain(columns).collect());
        sections = others;
    }
    let mut of_column = BTreeMap::new();
    // In the order of their first column, whatever rule came first.
    sections.sort();
    let mut divided: Vec<Section> = Vec::new();
    for (at, columns) in sections.into_iter().enumerate() {
        of_column.extend(columns.iter().map(|column| (*column, at)));
        let columns = columns.into_iter().cloned().collect();
        divided.push(Section { columns, measures: Vec::new(), lookups: Vec::new() });
    }
    if divided.is_empty() {
        divided.push(Section { columns: Vec::new(), measures: Vec::new(), lookups: Vec::new() });
    }
    let place = |columns: &BTreeSet<String>| columns.first().and_then(|column| of_column.get(column)).copied();
    for (measure, columns) in measures {
        divided[place(columns).unwrap_or_default()].measures.push(*measure);
    }
    for (lookup, columns) in lookups {
        divided[place(columns).unwrap_or_default()].lookups.push(*lookup);
    }
    divided
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
