//! Which groups of rows no rule of a report shows, so that no small group can be calculated from others.

mod determined;
mod judged_groups;
mod known_sums;

use std::collections::{BTreeMap, BTreeSet};

use self::determined::{next_to_hide, of_same_rows};
use self::judged_groups::{Grouping, JudgedGroups, Values, at_places, in_order};
use crate::engine::Execution;
use crate::model::{LEAST_SEGMENT_ROWS, SegmentValue};
use crate::plan::Plan;

/// The fewest groups that are hidden in a total. A single one would be what the shown ones leave of it.
const LEAST_HIDDEN: usize = 2;

/// The most steps to find out which hidden groups a system of equations determines: about a second.
const MOST_STEPS: u64 = 30_000_000;

/// The groups that no rule shows.
///
/// 1. A group with fewer than five judged rows in one rule is hidden in every rule that groups the same dataset by the same
///    columns: with another `where` it may have only some rows more.
/// 2. The hidden groups of a rule are at least two, with at least five judged rows together; else the smallest other group
///    is hidden, too. So they cannot be calculated from the total. The same holds within each group of a coarser grouping
///    of the report (`province` beside `province, sex`), which is a total of its own.
/// 3. Within a hidden group of a coarser grouping all groups are hidden: together they would be that group.
/// 4. Rules that judge as many rows of a dataset, grouped by different columns, are tables of the same rows. Their groups with
///    the same values in the columns that two of them share add up to the same. Where these sums and the total determine a
///    group with fewer than five rows, another one is hidden, too.
///
/// What is hidden for one rule by the last three is hidden in every other rule, too, until nothing changes.
#[derive(Debug, Default)]
pub(super) struct HiddenGroups<'a>(BTreeMap<Grouping<'a>, BTreeSet<Values<'a>>>);

impl<'a> HiddenGroups<'a> {
    /// Those of all measures of an execution.
    pub(super) fn of(plan: &'a Plan, execution: &'a Execution) -> Self {
        let judged = execution.segments.iter().filter_map(|(at, groups)| {
            let measure = plan.measures.get(*at)?;
            Some(JudgedGroups::new(&measure.dataset, &measure.segment, groups.as_ref().ok()?))
        });
        Self::among(&judged.collect::<Vec<_>>(), MOST_STEPS)
    }

    /// Those among judged groups. To find out what equations determine may take so many steps.
    fn among(judged: &[JudgedGroups<'a>], steps: u64) -> Self {
        let mut hidden = Self::default();
        for JudgedGroups { grouping, groups } in judged {
            let small = groups.iter().filter(|(_, rows)| **rows < LEAST_SEGMENT_ROWS);
            hidden.0.entry(grouping.clone()).or_default().extend(small.map(|(values, _)| values.clone()));
        }
        if hidden.0.values().all(BTreeSet::is_empty) {
            return hidden;
        }
        let groupings: Vec<Grouping<'a>> = hidden.0.keys().cloned().collect();
        let same_rows = of_same_rows(judged);
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
                for tables in &same_rows {
                    let is_hidden = |grouping: &Grouping<'a>, values: &Values<'a>| hidden.has(grouping, values);
                    for (grouping, values) in next_to_hide(tables, &is_hidden, &groupings, steps) {
                        hidden.0.entry(grouping).or_default().insert(values);
                    }
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

    /// Whether a group is hidden.
    fn has(&self, grouping: &Grouping<'a>, values: &Values<'a>) -> bool {
        self.0.get(grouping).is_some_and(|hidden| hidden.contains(values))
    }

    fn count(&self) -> usize {
        self.0.values().map(BTreeSet::len).sum()
    }
}

#[cfg(test)]
mod tests {
    use num_rational::BigRational;
    use proptest::prelude::*;

    use super::*;
    use crate::model::Segment;

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
        hidden_within(rules, MOST_STEPS)
    }

    fn hidden_within(rules: &[RuleGroups], steps: u64) -> Vec<BTreeSet<String>> {
        let judged: Vec<JudgedGroups<'_>> =
            rules.iter().map(|rule| JudgedGroups::new("d", &rule.columns, &rule.groups)).collect();
        let hidden = HiddenGroups::among(&judged, steps);
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

    #[test]
    fn rules_with_other_rows_and_the_same_total_do_not_hide_each_other() {
        // Rows by a, b and c of two scopes; each scope has 132.
        let one = [("b0 c0", 30), ("b0 c1", 60), ("b1 c0", 36), ("b1 c1", 6)];
        let other = [("b0 c0", 20), ("b0 c1", 109), ("b1 c0", 3)];
        let rules = [
            rule("b c", &one),
            rule("a", &[("a0", 66), ("a1", 66)]),
            rule("a c", &[("a0 c0", 30), ("a0 c1", 36), ("a1 c0", 36), ("a1 c1", 30)]),
            rule("b c", &other),
            rule("a", &[("a0", 112), ("a1", 20)]),
            rule("a c", &[("a0 c0", 3), ("a0 c1", 109), ("a1 c0", 20)]),
        ];
        let hidden = hidden(&rules);
        // b0 c1 is all of c1, and with a0 it would give the 3 rows of a0 c0 away.
        let shows = |of_rule: usize, group: &str| !hidden[of_rule].contains(group);
        assert!(!(shows(5, "a0 c0") || shows(3, "b0 c1") && shows(4, "a0")), "{hidden:?}");
    }

    #[test]
    fn all_is_hidden_where_it_takes_too_long_to_find_out() {
        let rules = [
            rule("p s", &[("a f", 3), ("a m", 50), ("b f", 40), ("b m", 41), ("c f", 2), ("c m", 9)]),
            rule("p", &[("a", 53), ("b", 81), ("c", 11)]),
            rule("q", &[("x", 20), ("y", 20)]),
        ];
        let all = |of: &RuleGroups| of.groups.iter().map(name).collect::<BTreeSet<_>>();
        assert_eq!(hidden_within(&rules, 0), [all(&rules[0]), all(&rules[1]), names(&[])]);
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
    /// Whether a sum follows from others, with fractions: each is a row of factors.
    fn follows(sums: &[Vec<BigRational>], wanted: &[BigRational]) -> bool {
        let zero = BigRational::from_integer(0.into());
        let mut rows: Vec<Vec<BigRational>> = sums.to_vec();
        let mut wanted = wanted.to_vec();
        let take = |row: &mut Vec<BigRational>, factor: &BigRational, pivot: &[BigRational]| {
            row.iter_mut().zip(pivot).for_each(|(left, taken)| *left -= factor * taken);
        };
        for column in 0..wanted.len() {
            let Some(at) = rows.iter().position(|row| row[column] != zero) else { continue };
            let mut pivot = rows.swap_remove(at);
            let scale = pivot[column].clone();
            for factor in &mut pivot {
                *factor /= &scale;
            }
            for row in rows.iter_mut().chain([&mut wanted]) {
                let factor = row[column].clone();
                take(row, &factor, &pivot);
            }
        }
        wanted.iter().all(|factor| *factor == zero)
    }

    /// The rows of each combination of values of a, b and c, and the groupings of the rules.
    fn any_tables() -> impl Strategy<Value = (Vec<(String, u64)>, Vec<&'static str>)> {
        let rows = prop::sample::select(vec![0, 0, 1, 2, 3, 4, 5, 6, 9, 20, 30]);
        let sizes = (1..4_usize, 1..5_usize, 1..6_usize);
        let cells = sizes.prop_flat_map(move |(a, b, c)| {
            prop::collection::vec(rows.clone(), a * b * c).prop_map(move |rows| {
                let name = |at: usize| format!("a{} b{} c{}", at % a, at / a % b, at / a / b);
                rows.into_iter().enumerate().filter(|(_, rows)| *rows > 0).map(|(at, rows)| (name(at), rows)).collect()
            })
        });
        let groupings = prop::sample::subsequence(vec!["a", "b", "c", "a b", "b c", "a c", "a b c"], 2..5);
        (cells, groupings)
    }

    /// The values of a combination in some columns.
    fn part(combination: &str, columns: &str) -> String {
        let values = combination.split(' ').filter(|value| columns.contains(&value[..1]));
        values.collect::<Vec<_>>().join(" ")
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

        /// A reader solves the equations of all totals; which groups there are, the reader knows.
        #[test]
        fn no_system_of_equations_gives_a_small_group_away((cells, groupings) in any_tables()) {
            let tables: Vec<(&str, BTreeMap<String, u64>)> = groupings
                .into_iter()
                .map(|columns| {
                    let mut groups: BTreeMap<String, u64> = BTreeMap::new();
                    for (cell, rows) in &cells {
                        *groups.entry(part(cell, columns)).or_default() += rows;
                    }
                    (columns, groups)
                })
                .collect();
            let rules: Vec<RuleGroups> = tables
                .iter()
                .map(|(columns, groups)| {
                    rule(columns, &groups.iter().map(|(values, rows)| (values.as_str(), *rows)).collect::<Vec<_>>())
                })
                .collect();
            let hidden = hidden(&rules);
            // Combinations of values that may have rows.
            let values = |column: &str| cells.iter().map(|(cell, _)| part(cell, column)).collect::<BTreeSet<String>>();
            let mut combinations = Vec::new();
            for a in values("a") {
                for b in values("b") {
                    combinations.extend(values("c").into_iter().map(|c| format!("{a} {b} {c}")));
                }
            }
            combinations
                .retain(|cell| tables.iter().all(|(columns, groups)| groups.contains_key(&part(cell, columns))));
            let sum = |columns: &str, group: &str| -> Vec<BigRational> {
                let is_part = |cell: &String| part(cell, columns) == group;
                combinations.iter().map(|cell| BigRational::from_integer(u8::from(is_part(cell)).into())).collect()
            };
            let mut known = vec![sum("", "")];
            for ((columns, groups), of_rule) in tables.iter().zip(&hidden) {
                known.extend(groups.keys().filter(|group| !of_rule.contains(*group)).map(|group| sum(columns, group)));
            }
            for ((columns, groups), of_rule) in tables.iter().zip(&hidden) {
                // A report that shows nothing but the total says no more than the total.
                for (group, rows) in groups.iter().filter(|(_, rows)| **rows < LEAST_SEGMENT_ROWS) {
                    prop_assert!(of_rule.contains(group));
                    let is_all = groups.len() == 1;
                    prop_assert!(is_all || !follows(&known, &sum(columns, group)), "{columns}: {group} has {rows} rows");
                }
            }
        }
    }
}
