//! Where the failing rows of a rule are: the smallest groups of rows that hold most of them, and the rules that fail together.

use std::collections::BTreeSet;

use crate::engine::{FailureCounts, GroupTable, MOST_CLASSES, gain};
use crate::model::{Concentration, FailTogether, GroupValue, LEAST_GROUP_ROWS, MOST_GROUP_VALUES, Share, WhereFailing};

/// The most groups that are shown of a rule.
const MOST_GROUPS: usize = 3;

/// The share of the failing rows that the groups must hold together.
const LEAST_HELD: f64 = 0.5;

/// The least gain of all groups together.
const LEAST_GAIN: f64 = 0.3;

/// What a further group, or a second column, must add to the gain to be worth naming.
const WORTH_NAMING: f64 = 0.05;

/// The probability that chance gives what is shown must be less than this.
const CHANCE: f64 = 0.01;

/// The most pairs of rules that are listed.
const MOST_TOGETHER: usize = 10;

/// The least lift of rules that fail together, in hundredths.
const LEAST_LIFT: u128 = 200;

/// Why no groups hold most failing rows of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum Nowhere {
    /// Every row fails.
    #[error("all rows that are judged fail")]
    AllFail,
    /// There is nothing to compare.
    #[error("fewer than {LEAST_GROUP_ROWS} rows fail, too few to search")]
    TooFew,
    /// It has too few failing rows to be among the rules that are counted by groups.
    #[error("{MOST_CLASSES} other rules have more failing rows, and only these were searched")]
    NotSearched,
    /// No column can be used.
    #[error("no column that the rule does not read has 2 to {MOST_GROUP_VALUES} values")]
    NoColumn,
    /// Failing rows are spread like others.
    #[error("no values of one or two columns hold most of its failing rows, and few others")]
    Spread,
}

/// Finds the groups of rows that hold most failing rows of a class. Columns of `own` are not used: a rule about a column says
/// itself which of its values fail. The rule judges so many rows; in a group they are at most all of its rows, so that the scope
/// of a rule is not taken for a cause.
pub fn where_failing(counts: &FailureCounts, class: usize, judged: u64, own: &BTreeSet<&str>) -> WhereFailing {
    let failing = counts.failing.get(class).copied().unwrap_or_default();
    let found = search(counts, class, [failing, judged], own);
    let (groups, reason) = match found {
        Ok(groups) => (groups, None),
        Err(reason) => (Vec::new(), Some(reason.to_string())),
    };
    WhereFailing { rows_of: None, rows: counts.rows, failing, groups, reason }
}

/// A table with the groups of it that hold most.
struct Found<'c> {
    table: &'c GroupTable,
    /// Positions of the groups.
    groups: Vec<usize>,
    gain: f64,
}

fn search(
    counts: &FailureCounts,
    class: usize,
    [failing, judged]: [u64; 2],
    own: &BTreeSet<&str>,
) -> Result<Vec<Concentration>, Nowhere> {
    if failing >= judged {
        return Err(Nowhere::AllFail);
    }
    if failing < LEAST_GROUP_ROWS {
        return Err(Nowhere::TooFew);
    }
    let Some(at) = counts.counted.iter().position(|counted| *counted == class) else {
        return Err(Nowhere::NotSearched);
    };
    let is_free = |column: &usize| !own.contains(counts.columns[*column].column.as_str());
    let tables: Vec<&GroupTable> =
        counts.tables.iter().filter(|table| table.by.iter().all(is_free) && is_safe(table)).collect();
    if tables.is_empty() {
        return Err(Nowhere::NoColumn);
    }
    let all = [failing, judged];
    // What is shown was chosen from so many.
    let choices: usize = tables.iter().map(|table| table.rows.len()).sum();
    let best = |columns: usize| -> Option<Found<'_>> {
        let of_so_many = tables.iter().filter(|table| table.by.len() == columns);
        let found = of_so_many.filter_map(|table| best_groups(table, &table.failing[at], all, counts.rows));
        // Of those that tell about as much the one with fewest groups, then the first, which has the first columns.
        found.reduce(|best, found| {
            let is_smaller = found.groups.len() < best.groups.len() && found.gain + WORTH_NAMING > best.gain;
            let is_larger = found.groups.len() > best.groups.len() && found.gain < best.gain + WORTH_NAMING;
            if is_smaller || !is_larger && found.gain > best.gain { found } else { best }
        })
    };
    let chosen = match (best(1), best(2)) {
        (Some(one), Some(two)) => Some(if two.gain >= one.gain + WORTH_NAMING { two } else { one }),
        (one, two) => one.or(two),
    };
    let found = chosen.filter(|found| found.gain >= LEAST_GAIN).ok_or(Nowhere::Spread)?;
    let held = |of: &[u64]| found.groups.iter().map(|group| of[*group]).sum::<u64>();
    if is_chance([held(&found.table.failing[at]), held(&found.table.rows).min(judged)], all, choices) {
        return Err(Nowhere::Spread);
    }
    let concentration = |group: &usize| {
        let (failing_here, rows_here) = (found.table.failing[at][*group], found.table.rows[*group]);
        Concentration {
            of: values_of(counts, found.table, *group),
            failing: failing_here,
            rows: rows_here,
            share_of_failing: Share::of(failing_here, failing),
            share_of_rows: Share::of(rows_here, counts.rows),
        }
    };
    Ok(found.groups.iter().map(concentration).collect())
}

/// Whether all groups of a table but the small ones may be shown, by this rule and others: the small ones must not be what is
/// left.
fn is_safe(table: &GroupTable) -> bool {
    let small = || table.rows.iter().filter(|rows| (1..LEAST_GROUP_ROWS).contains(*rows));
    small().next().is_none() || small().count() > 1 && small().sum::<u64>() >= LEAST_GROUP_ROWS
}

/// The groups of a table with the greatest gain, as few as tell most. Small groups are passed over, and so are those beside
/// which only few rows are left.
fn best_groups<'c>(table: &'c GroupTable, failing: &[u64], all: [u64; 2], rows: u64) -> Option<Found<'c>> {
    let is_shown = |group: &usize| {
        let others = rows - table.rows[*group];
        failing[*group] >= LEAST_GROUP_ROWS && (others == 0 || others >= LEAST_GROUP_ROWS)
    };
    let mut groups: Vec<(f64, usize)> = (0..table.rows.len())
        .filter(is_shown)
        .map(|group| (gain([failing[group], table.rows[group].min(all[1])], all), group))
        .filter(|(gain, _)| *gain >= WORTH_NAMING)
        .collect();
    groups.sort_by(|(a, left), (b, right)| b.total_cmp(a).then(left.cmp(right)));
    groups.truncate(MOST_GROUPS);
    let held: u64 = groups.iter().map(|(_, group)| failing[*group]).sum();
    #[expect(clippy::cast_precision_loss, reason = "a limit")]
    let is_most = held as f64 >= LEAST_HELD * all[0] as f64;
    is_most.then(|| Found {
        table,
        gain: groups.iter().map(|(gain, _)| gain).sum(),
        groups: groups.into_iter().map(|(_, group)| group).collect(),
    })
}

/// Whether chance explains that groups with so many rows hold so many failing rows, chosen from so many groups: by the bound
/// of Chernoff on the tail of a binomial distribution (Hoeffding, "Probability inequalities for sums of bounded random
/// variables", JASA 58, 1963, theorem 1), which holds without replacement too (ibid., section 6).
#[expect(clippy::cast_precision_loss, reason = "a bound")]
fn is_chance([held, rows]: [u64; 2], [failing, all]: [u64; 2], choices: usize) -> bool {
    let (found, expected) = (held as f64 / failing as f64, rows as f64 / all as f64);
    if found <= expected {
        return true;
    }
    let part = |found: f64, expected: f64| if found == 0.0 { 0.0 } else { found * (found / expected).ln() };
    let divergence = part(found, expected) + part(1.0 - found, 1.0 - expected);
    (choices as f64).ln() - failing as f64 * divergence > CHANCE.ln()
}

/// The columns and values of a group.
fn values_of(counts: &FailureCounts, table: &GroupTable, group: usize) -> Vec<GroupValue> {
    let places = [group / table.width, group % table.width];
    let value = |(column, place): (&usize, usize)| {
        let column = &counts.columns[*column];
        GroupValue { column: column.column.clone(), part: column.part, value: column.values[place].clone() }
    };
    table.by.iter().zip(places).map(value).collect()
}

/// The pairs of failed rules that fail in the same rows at least twice as often as chance gives, and how many more than are
/// listed. `id` names the rule of a class; classes without one are passed over.
pub fn fail_together(counts: &FailureCounts, id: &dyn Fn(usize) -> Option<String>) -> (Vec<FailTogether>, u64) {
    let pair = |((first, second), both): (&(usize, usize), &u64)| {
        let classes = [counts.counted[*first], counts.counted[*second]];
        let each = classes.map(|class| counts.failing[class]);
        let lift = u128::from(*both) * u128::from(counts.rows) * 100 / (u128::from(each[0]) * u128::from(each[1]));
        if *both < LEAST_GROUP_ROWS || lift < LEAST_LIFT {
            return None;
        }
        let rules = [id(classes[0])?, id(classes[1])?];
        let (rules, each) = if rules[0] <= rules[1] {
            (rules, each)
        } else {
            let [first, second] = rules;
            ([second, first], [each[1], each[0]])
        };
        Some(FailTogether { rules, both: *both, each, lift_percent: u64::try_from(lift).unwrap_or(u64::MAX) })
    };
    let mut pairs: Vec<FailTogether> = counts.both.iter().filter_map(pair).collect();
    pairs.sort_by(|a, b| b.both.cmp(&a.both).then_with(|| a.rules.cmp(&b.rules)));
    let more = pairs.len().saturating_sub(MOST_TOGETHER) as u64;
    pairs.truncate(MOST_TOGETHER);
    (pairs, more)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::GroupedColumn;
    use crate::model::{SegmentValue, ValuePart};

    fn column(name: &str, values: &[&str]) -> GroupedColumn {
        let values = values.iter().map(|value| SegmentValue::Value((*value).to_owned())).collect();
        GroupedColumn { column: name.to_owned(), part: ValuePart::Whole, values }
    }

    /// 1,000 rows by source (A, B) and unit (x, y), and how many of each group fail.
    fn counts(failing: [u64; 4]) -> FailureCounts {
        let rows = [400, 100, 450, 50];
        let by_source = |of: [u64; 4]| vec![of[0] + of[1], of[2] + of[3]];
        let by_unit = |of: [u64; 4]| vec![of[0] + of[2], of[1] + of[3]];
        let table = |by: Vec<usize>, width, rows, failing| GroupTable { by, width, rows, failing: vec![failing] };
        FailureCounts {
            rows: 1_000,
            failing: vec![failing.iter().sum()],
            counted: vec![0],
            columns: vec![column("source", &["A", "B"]), column("unit", &["x", "y"])],
            left_out: Vec::new(),
            tables: vec![
                table(vec![0], 1, by_source(rows), by_source(failing)),
                table(vec![1], 1, by_unit(rows), by_unit(failing)),
                table(vec![0, 1], 2, rows.to_vec(), failing.to_vec()),
            ],
            both: std::iter::empty().collect(),
        }
    }

    fn shown(counts: &FailureCounts, own: &[&str]) -> Vec<String> {
        let found = where_failing(counts, 0, counts.rows, &own.iter().copied().collect());
        assert_eq!(found.groups.is_empty(), found.reason.is_some());
        let words = |group: &Concentration| {
            let of: Vec<String> = group.of.iter().map(ToString::to_string).collect();
            format!("{}: {} of {}", of.join(" and "), group.failing, group.rows)
        };
        found.groups.iter().map(words).collect()
    }

    #[test]
    fn the_smallest_groups_that_hold_most_are_shown() {
        // Nearly all failures are in B and y: the pair holds fewer other rows.
        assert_eq!(shown(&counts([1, 2, 2, 45]), &[]), ["source = B and unit = y: 45 of 50"]);
        // All of B fail as often: the second column adds nothing.
        assert_eq!(shown(&counts([2, 1, 90, 10]), &[]), ["source = B: 100 of 500"]);
        // A column that the rule reads is not used.
        assert_eq!(shown(&counts([1, 2, 2, 45]), &["unit"]), ["source = B: 47 of 500"]);
        assert!(shown(&counts([1, 2, 2, 45]), &["unit", "source"]).is_empty());
    }

    #[test]
    fn what_chance_gives_is_not_shown() {
        assert!(shown(&counts([20, 5, 22, 3]), &[]).is_empty());
        // 5 of 6 in half of the rows.
        assert!(shown(&counts([1, 0, 5, 0]), &[]).is_empty());
        assert!(shown(&counts([0, 0, 0, 4]), &[]).is_empty());
        assert!(shown(&counts([400, 100, 450, 50]), &[]).is_empty());
    }

    #[test]
    fn the_scope_of_a_rule_is_no_cause() {
        // All 500 rows that the rule judges are of source B, and 50 of them fail.
        let counts = counts([0, 0, 45, 5]);
        assert_eq!(where_failing(&counts, 0, 500, &BTreeSet::new()).groups, []);
        assert_ne!(where_failing(&counts, 0, 1_000, &BTreeSet::new()).groups, []);
    }

    #[test]
    fn several_values_of_one_column_hold_most_together() {
        let mut counts = counts([0, 0, 0, 0]);
        counts.columns = vec![column("source", &["A", "B", "C", "D"])];
        counts.failing = vec![100];
        counts.tables = vec![GroupTable {
            by: vec![0],
            width: 1,
            rows: vec![700, 100, 100, 100],
            failing: vec![vec![4, 45, 3, 48]],
        }];
        assert_eq!(shown(&counts, &[]), ["source = D: 48 of 100", "source = B: 45 of 100"]);
    }

    #[test]
    fn small_groups_are_not_shown() {
        let mut counts = counts([0, 0, 0, 0]);
        counts.columns = vec![column("source", &["A", "B", "C"])];
        counts.failing = vec![9];
        // B has four failing rows, or few rows are left beside what could be shown.
        for rows in [[900, 94, 6], [990, 4, 6], [996, 2, 2]] {
            counts.tables =
                vec![GroupTable { by: vec![0], width: 1, rows: rows.to_vec(), failing: vec![vec![5, 4, 0]] }];
            assert!(shown(&counts, &[]).is_empty());
        }
    }

    #[test]
    fn rules_that_fail_together_have_their_lift() {
        let counts = FailureCounts {
            rows: 1_000,
            failing: vec![50, 40, 500],
            counted: vec![2, 0, 1],
            both: [((0, 1), 25), ((0, 2), 20), ((1, 2), 30)].into_iter().collect(),
            ..FailureCounts::default()
        };
        let id = |class: usize| Some(["b", "a", "c"][class].to_owned());
        let (pairs, more) = fail_together(&counts, &id);
        // 30 × 1,000 ÷ (50 × 40) = 15.
        let expected = FailTogether { rules: ["a".into(), "b".into()], both: 30, each: [40, 50], lift_percent: 1_500 };
        assert_eq!((pairs, more), (vec![expected], 0));
    }
}
