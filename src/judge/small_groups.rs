//! Which groups of rows no rule of a report shows, so that no small group can be calculated from others.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::Execution;
use crate::model::{LEAST_SEGMENT_ROWS, Segment, SegmentValue};
use crate::plan::Plan;

/// The fewest groups that are hidden in a total. A single one would be what the shown ones leave of it.
const LEAST_HIDDEN: usize = 2;

/// The columns that group the rows of a dataset, ascending.
type Grouping<'a> = (&'a str, Vec<&'a str>);

/// The values of a group, in the order of the columns of its [`Grouping`].
type Values<'a> = Vec<&'a SegmentValue>;

/// The groups that no rule shows.
///
/// 1. A group with fewer than five judged rows in one rule is hidden in every rule that groups the same dataset by the same
///    columns: with another `where` it may have only some rows more.
/// 2. The hidden groups of a rule are at least two, with at least five judged rows together; else the smallest other group
///    is hidden, too. So they cannot be calculated from the total. The same holds within each group of a coarser grouping
///    of the report (`province` beside `province, sex`), which is a total of its own.
/// 3. Within a hidden group of a coarser grouping all groups are hidden: together they would be that group.
///
/// What is hidden for one rule by the second or the third is hidden in every other rule, too, until nothing changes.
#[derive(Debug, Default)]
pub(super) struct HiddenGroups<'a>(BTreeMap<Grouping<'a>, BTreeSet<Values<'a>>>);

/// The groups of a measure in which rows were judged.
struct JudgedGroups<'a> {
    grouping: Grouping<'a>,
    /// Their judged rows.
    groups: BTreeMap<Values<'a>, u64>,
}

impl<'a> HiddenGroups<'a> {
    /// Those of all measures of an execution.
    pub(super) fn of(plan: &'a Plan, execution: &'a Execution) -> Self {
        let judged = execution.segments.iter().filter_map(|(at, groups)| {
            let measure = plan.measures.get(*at)?;
            Some(JudgedGroups::new(&measure.dataset, &measure.segment, groups.as_ref().ok()?))
        });
        Self::among(&judged.collect::<Vec<_>>())
    }

    fn among(judged: &[JudgedGroups<'a>]) -> Self {
        let mut hidden = Self::default();
        for JudgedGroups { grouping, groups } in judged {
            let small = groups.iter().filter(|(_, rows)| **rows < LEAST_SEGMENT_ROWS);
            hidden.0.entry(grouping.clone()).or_default().extend(small.map(|(values, _)| values.clone()));
        }
        if hidden.0.values().all(BTreeSet::is_empty) {
            return hidden;
        }
        let groupings: Vec<Grouping<'a>> = hidden.0.keys().cloned().collect();
        loop {
            let before = hidden.count();
            for one in judged {
                hidden.hide_within(one, &groupings);
                hidden.hide_beside(one, &[]);
                for coarser in groupings.iter().filter(|coarser| one.is_finer(coarser)) {
                    hidden.hide_beside(one, &one.places(coarser));
                }
            }
            if hidden.count() == before {
                return hidden;
            }
        }
    }

    /// Whether the group with these values is hidden.
    pub(super) fn hides(&self, dataset: &str, columns: &[String], values: &[SegmentValue]) -> bool {
        let (columns, order) = in_order(columns);
        let values: Values<'_> = order.iter().filter_map(|at| values.get(*at)).collect();
        self.0.get(&(dataset, columns)).is_some_and(|hidden| hidden.contains(&values))
    }

    /// Hides the groups that are part of a hidden group of a coarser grouping.
    fn hide_within(&mut self, one: &JudgedGroups<'a>, groupings: &[Grouping<'a>]) {
        for coarser in groupings.iter().filter(|coarser| one.is_finer(coarser)) {
            let places = one.places(coarser);
            let Some(whole) = self.0.get(coarser) else { continue };
            let within: Vec<Values<'a>> =
                one.groups.keys().filter(|values| whole.contains(&at_places(values, &places))).cloned().collect();
            self.0.entry(one.grouping.clone()).or_default().extend(within);
        }
    }

    /// Hides further groups, the smallest first, until the hidden ones cannot be calculated from the total of all groups
    /// with the same values at some places.
    fn hide_beside(&mut self, one: &JudgedGroups<'a>, places: &[usize]) {
        let hidden = self.0.entry(one.grouping.clone()).or_default();
        let mut totals: BTreeMap<Values<'a>, Vec<(u64, &Values<'a>)>> = BTreeMap::new();
        for (values, rows) in &one.groups {
            totals.entry(at_places(values, places)).or_default().push((*rows, values));
        }
        for groups in totals.into_values() {
            let (few, mut others): (Vec<_>, Vec<_>) =
                groups.into_iter().partition(|(_, values)| hidden.contains(*values));
            if few.is_empty() {
                continue;
            }
            let (mut count, mut rows) = (few.len(), few.iter().map(|(rows, _)| rows).sum::<u64>());
            others.sort_unstable();
            for (more, values) in others {
                if count >= LEAST_HIDDEN && rows >= LEAST_SEGMENT_ROWS {
                    break;
                }
                hidden.insert(values.clone());
                count += 1;
                rows += more;
            }
        }
    }

    fn count(&self) -> usize {
        self.0.values().map(BTreeSet::len).sum()
    }
}

impl<'a> JudgedGroups<'a> {
    fn new(dataset: &'a str, columns: &'a [String], groups: &'a [Segment]) -> Self {
        let (columns, order) = in_order(columns);
        let judged = groups.iter().filter(|group| group.passed + group.failed > 0);
        let groups = judged.map(|group| {
            let values = order.iter().filter_map(|at| group.values.get(*at)).collect();
            (values, group.passed + group.failed)
        });
        Self { grouping: (dataset, columns), groups: groups.collect() }
    }

    /// Whether it splits the groups of another grouping.
    fn is_finer(&self, (dataset, columns): &Grouping<'_>) -> bool {
        let (own, own_columns) = &self.grouping;
        own == dataset && own_columns.len() > columns.len() && columns.iter().all(|name| own_columns.contains(name))
    }

    /// The places of the columns of a coarser grouping among its own.
    fn places(&self, (_, columns): &Grouping<'_>) -> Vec<usize> {
        columns.iter().filter_map(|name| self.grouping.1.iter().position(|own| own == name)).collect()
    }
}

/// The columns ascending, and the place that each had.
fn in_order(columns: &[String]) -> (Vec<&str>, Vec<usize>) {
    let mut order: Vec<usize> = (0..columns.len()).collect();
    order.sort_by_key(|at| &columns[*at]);
    (order.iter().map(|at| columns[*at].as_str()).collect(), order)
}

fn at_places<'a>(values: &[&'a SegmentValue], places: &[usize]) -> Values<'a> {
    places.iter().filter_map(|at| values.get(*at).copied()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The groups of one rule: the columns, and for each group its values with its passed rows.
    #[derive(Debug)]
    struct RuleGroups {
        columns: Vec<String>,
        groups: Vec<Segment>,
    }

    fn rule(columns: &str, groups: &[(&str, u64)]) -> RuleGroups {
        let segment = |(values, passed): &(&str, u64)| Segment {
            values: values.split(' ').map(|value| SegmentValue::Value(value.to_owned())).collect(),
            passed: *passed,
            failed: 0,
            not_applicable: 0,
        };
        RuleGroups {
            columns: columns.split(' ').map(str::to_owned).collect(),
            groups: groups.iter().map(segment).collect(),
        }
    }

    /// For each rule the groups with judged rows that are hidden.
    fn hidden(rules: &[RuleGroups]) -> Vec<BTreeSet<String>> {
        let judged: Vec<JudgedGroups<'_>> =
            rules.iter().map(|rule| JudgedGroups::new("d", &rule.columns, &rule.groups)).collect();
        let hidden = HiddenGroups::among(&judged);
        let of = |rule: &RuleGroups| {
            let is = |group: &&Segment| group.passed > 0 && hidden.hides("d", &rule.columns, &group.values);
            rule.groups.iter().filter(is).map(name).collect()
        };
        rules.iter().map(of).collect()
    }

    fn name(group: &Segment) -> String {
        group.values.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    }

    fn names(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn small_groups_of_one_rule_take_the_next_one_along() {
        assert_eq!(hidden(&[rule("p", &[("a", 100), ("b", 5), ("c", 7)])]), [names(&[])]);
        assert_eq!(hidden(&[rule("p", &[("a", 100), ("b", 4), ("c", 7), ("d", 0)])]), [names(&["b", "c"])]);
        assert_eq!(hidden(&[rule("p", &[("a", 100), ("b", 4), ("c", 4)])]), [names(&["b", "c"])]);
        assert_eq!(hidden(&[rule("p", &[("a", 100), ("b", 1), ("c", 1)])]), [names(&["a", "b", "c"])]);
        assert_eq!(hidden(&[rule("p", &[("a", 3)])]), [names(&["a"])]);
    }

    #[test]
    fn a_group_that_is_small_in_one_rule_is_shown_in_none() {
        let rules = [
            rule("p", &[("a", 100), ("b", 3), ("c", 7), ("d", 50)]),
            rule("p", &[("a", 101), ("b", 6), ("c", 90), ("d", 50)]),
            // Without c the total would give b away.
            rule("p", &[("a", 9), ("b", 60), ("d", 8)]),
        ];
        // c joins b in the first rule; in the third b would be alone, so d joins.
        assert_eq!(hidden(&rules), [names(&["b", "c", "d"]), names(&["b", "c", "d"]), names(&["b", "d"])]);
        // Other columns and other datasets are other groups.
        let apart = [rule("p", &[("a", 3), ("b", 50), ("c", 60)]), rule("q", &[("a", 30), ("b", 50)])];
        assert_eq!(hidden(&apart), [names(&["a", "b"]), names(&[])]);
    }

    #[test]
    fn the_order_of_columns_does_not_count() {
        let rules = [rule("p s", &[("a f", 3), ("a m", 50), ("b f", 60)]), rule("s p", &[("f a", 30), ("m b", 9)])];
        assert_eq!(hidden(&rules), [names(&["a f", "a m"]), names(&["f a", "m b"])]);
    }

    #[test]
    fn a_coarser_grouping_is_a_total() {
        let fine = || rule("p s", &[("a f", 3), ("a m", 50), ("b f", 40), ("b m", 41), ("c f", 2), ("c m", 9)]);
        assert_eq!(hidden(&[fine()]), [names(&["a f", "c f"])]);
        // The total of a would give `a f` away, and that of c `c f`.
        let rules = [fine(), rule("p", &[("a", 53), ("b", 81), ("c", 11)])];
        assert_eq!(hidden(&rules), [names(&["a f", "a m", "c f", "c m"]), names(&[])]);
        // What is hidden as a whole is hidden in parts.
        let rules = [fine(), rule("p", &[("a", 53), ("b", 4), ("c", 11)])];
        let all = names(&["a f", "a m", "b f", "b m", "c f", "c m"]);
        assert_eq!(hidden(&rules), [all, names(&["b", "c"])]);
    }

    fn any_rules() -> impl Strategy<Value = Vec<RuleGroups>> {
        let columns = prop::sample::select(vec!["p", "s", "p s", "s p"]);
        let cells = prop::collection::btree_map(("[abc]", "[fm]"), 0_u64..12, 0..6);
        prop::collection::vec((columns, cells), 1..5).prop_map(|rules| {
            let of = |(columns, cells): (&str, BTreeMap<(String, String), u64>)| {
                let mut groups: BTreeMap<String, u64> = BTreeMap::new();
                for ((p, s), rows) in cells {
                    let values: Vec<&str> =
                        columns.split(' ').map(|name| if name == "p" { &*p } else { &*s }).collect();
                    *groups.entry(values.join(" ")).or_default() += rows;
                }
                rule(columns, &groups.iter().map(|(values, rows)| (values.as_str(), *rows)).collect::<Vec<_>>())
            };
            rules.into_iter().map(of).collect()
        })
    }

    /// The value of a group in a column.
    fn value<'r>(rule: &RuleGroups, group: &'r Segment, column: &str) -> &'r SegmentValue {
        &group.values[rule.columns.iter().position(|name| name == column).unwrap()]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

        /// A reader subtracts: what is shown from every total that is shown, within a rule and between rules.
        #[test]
        fn no_small_group_can_be_calculated(rules in any_rules()) {
            let hidden = hidden(&rules);
            let same = |a: &RuleGroups, b: &RuleGroups| {
                a.columns.iter().collect::<BTreeSet<_>>() == b.columns.iter().collect::<BTreeSet<_>>()
            };
            let anything = rules.iter().flat_map(|rule| &rule.groups).any(|group| (1..5).contains(&group.passed));
            prop_assert!(anything || hidden.iter().all(BTreeSet::is_empty), "nothing is hidden without a reason");
            for (rule, of_rule) in rules.iter().zip(&hidden) {
                for group in rule.groups.iter().filter(|group| group.passed > 0) {
                    let is_hidden = of_rule.contains(&name(group));
                    prop_assert!(is_hidden || group.passed >= 5);
                    // Every other rule hides the same group, and the parts of it.
                    for (other, of_other) in rules.iter().zip(&hidden).filter(|_| is_hidden) {
                        let covers = rule.columns.iter().all(|name| other.columns.contains(name));
                        for found in other.groups.iter().filter(|found| covers && found.passed > 0) {
                            let is_part = rule.columns.iter().all(|c| value(rule, group, c) == value(other, found, c));
                            prop_assert!(!is_part || of_other.contains(&name(found)));
                        }
                    }
                }
                // The totals: all rows, and each group of a coarser grouping in the report.
                let mut totals: Vec<Vec<&String>> = vec![Vec::new()];
                let coarser = |other: &&RuleGroups| {
                    !same(other, rule) && other.columns.iter().all(|name| rule.columns.contains(name))
                };
                totals.extend(rules.iter().filter(coarser).map(|other| other.columns.iter().collect()));
                for columns in totals {
                    let mut parts: BTreeMap<Vec<&SegmentValue>, (usize, u64, usize)> = BTreeMap::new();
                    for group in rule.groups.iter().filter(|group| group.passed > 0) {
                        let at = columns.iter().map(|column| value(rule, group, column)).collect();
                        let (groups, rows, shown) = parts.entry(at).or_default();
                        if of_rule.contains(&name(group)) {
                            (*groups, *rows) = (*groups + 1, *rows + group.passed);
                        } else {
                            *shown += 1;
                        }
                    }
                    for (groups, rows, shown) in parts.into_values() {
                        prop_assert!(groups == 0 || shown == 0 || (groups >= 2 && rows >= 5));
                    }
                }
            }
        }
    }
}
