//! What holds between two columns of a dataset: keys of two, dependencies, orders of dates. The rows that were looked at show
//! which pairs are worth a question; the answers come from all rows.

use std::collections::{BTreeMap, HashMap};

use crate::engine::Execution;
use crate::model::{
    CompareOp, ComparisonForm, DataType, Expr, Grouped, KeySpec, Measure, MeasureKind, Predicate, ProfiledColumn,
    ProfiledDataset, ProfiledDependency, ProfiledKey, ProfiledOrder, Reading,
};

use super::keys::NEARLY_KEY;
use super::look::{LookedAt, NO_VALUE};
use super::questions::Questions;

/// The most columns whose pairs are looked at: those with the fewest different values.
const MOST_COLUMNS: usize = 60;

/// The most dependencies that are counted in all rows.
const MOST_DEPENDENCIES: usize = 200;

/// The most keys of two columns that are counted in all rows.
const MOST_KEYS: usize = 12;

/// With more combinations of values than this for each row, two columns have other values in nearly all rows by chance.
const MOST_CHANCE: u128 = 10;

/// The most columns of dates whose order is counted.
const MOST_DATES: usize = 10;

/// Exceptions from a dependency, in hundredths of the rows: a few may be mistakes.
const FEW_EXCEPTIONS: u64 = 6;

/// Exceptions from an order of dates, in hundredths of the rows.
const FEW_ORDERS: u64 = 5;

/// The rows that show a dependency at the least: those whose value of the first column other rows have too.
const LEAST_SHOWN: u64 = 20;

/// What is asked about the pairs of a dataset: positions of measures.
#[derive(Debug, Default)]
pub(super) struct AskedOfPairs {
    keys: Vec<(String, String, usize)>,
    dependencies: Vec<(String, String, usize)>,
    /// Two columns of dates: whether the first is not after the second, and the other way round.
    orders: Vec<(String, String, [usize; 2])>,
    duplicate_rows: Option<usize>,
    /// What was left out.
    pub(super) left_out: Vec<String>,
}

/// A column that may be part of a pair.
struct Part<'a> {
    column: &'a ProfiledColumn,
    codes: &'a [u32],
    distinct: u64,
}

impl Part<'_> {
    fn name(&self) -> String {
        self.column.name.clone()
    }
}

/// Asks about the pairs that are worth it. `parsed` are the types of the columns, in their order.
pub(super) fn ask(dataset: &ProfiledDataset, looked_at: &[LookedAt], questions: &mut Questions) -> AskedOfPairs {
    let mut asked = AskedOfPairs::default();
    let measure = |kind: MeasureKind| Measure::new(&dataset.name, None, kind);
    let key = |columns: &[String]| KeySpec { columns: columns.to_vec() };
    let rows = looked_at.iter().map(|column| column.codes.len()).max().unwrap_or_default();
    let mut parts: Vec<Part<'_>> = dataset
        .columns
        .iter()
        .zip(looked_at)
        .filter(|(column, looked_at)| looked_at.codes.len() == rows && column.not_read.is_none() && column.values > 0)
        .map(|(column, looked_at)| {
            let distinct = column.distinct.unwrap_or(column.values);
            Part { column, codes: &looked_at.codes, distinct }
        })
        .collect();
    parts.sort_by_key(|part| part.distinct);
    if parts.len() > MOST_COLUMNS {
        asked.left_out.push(format!(
            "pairs are looked for among the {MOST_COLUMNS} columns with the fewest different values; the other {} were left out",
            parts.len() - MOST_COLUMNS
        ));
        parts.truncate(MOST_COLUMNS);
    }
    for (from, to) in dependencies(&parts, &mut asked.left_out) {
        let kind = MeasureKind::Grouped(Grouped::Determines {
            from: key(&[from.name()]),
            to: key(&[to.name()]),
            form: ComparisonForm::Exact,
            minority: true,
        });
        asked.dependencies.push((from.name(), to.name(), questions.ask(measure(kind))));
    }
    let has_key = has_key_without_exception(dataset);
    // Of rows that nearly all differ in one column hardly any are equal, and that key shows them.
    if dataset.keys.is_empty() && dataset.rows > 0 && !parts.is_empty() {
        asked.duplicate_rows = Some(questions.ask(measure(MeasureKind::DuplicateRows { ignore: Vec::new() })));
    }
    if !has_key {
        for (one, other) in keys(&parts, dataset.rows) {
            let kind = MeasureKind::DuplicateKeys(key(&[one.name(), other.name()]));
            asked.keys.push((one.name(), other.name(), questions.ask(measure(kind))));
        }
    }
    let mut dates: Vec<(&ProfiledColumn, DataType)> = dataset
        .columns
        .iter()
        .filter_map(|column| Some((column, column.reads_as.as_ref()?.data_type)))
        .filter(|(_, data_type)| matches!(data_type, DataType::Date | DataType::Datetime))
        .collect();
    if dates.len() > MOST_DATES {
        asked.left_out.push(format!(
            "the order of dates is looked for among the first {MOST_DATES} columns of dates; the other {} were left out",
            dates.len() - MOST_DATES
        ));
        dates.truncate(MOST_DATES);
    }
    for (at, (one, one_type)) in dates.iter().enumerate() {
        for (other, other_type) in &dates[at + 1..] {
            let of = |column: &ProfiledColumn, data_type: DataType| {
                Box::new(Expr::Column { name: column.name.clone(), data_type })
            };
            let mut not_after = |left: Box<Expr>, right: Box<Expr>| {
                let holds = Expr::Compare { op: CompareOp::LessOrEqual, left, right };
                questions.ask(measure(MeasureKind::Rows(Predicate::Holds(holds))))
            };
            let forth = not_after(of(one, *one_type), of(other, *other_type));
            let back = not_after(of(other, *other_type), of(one, *one_type));
            asked.orders.push((one.name.clone(), other.name.clone(), [forth, back]));
        }
    }
    asked
}

/// Fills in what the answers say.
pub(super) fn answer(asked: &AskedOfPairs, execution: &Execution, dataset: &mut ProfiledDataset) {
    if has_key_without_exception(dataset) {
        dataset.duplicate_rows = Some(0);
    }
    if let Some(Ok(Reading::Duplicates(tally))) = asked.duplicate_rows.map(|at| execution.reading(at)) {
        dataset.duplicate_rows = Some(tally.duplicated);
    }
    for (one, other, measure) in &asked.keys {
        let Ok(Reading::Duplicates(tally)) = execution.reading(*measure) else { continue };
        if tally.evaluated > 1 && tally.duplicated * 100 <= tally.evaluated * NEARLY_KEY {
            dataset.keys.push(ProfiledKey {
                columns: vec![one.clone(), other.clone()],
                rows: tally.evaluated,
                duplicated: tally.duplicated,
                missing: tally.not_applicable,
            });
        }
    }
    dataset.keys.sort_by_key(|key| (key.columns.len(), key.duplicated, key.missing));
    for (from, to, measure) in &asked.dependencies {
        let Ok(Reading::Groups(tally)) = execution.reading(*measure) else { continue };
        let rows = tally.rows.passed + tally.rows.failed;
        if rows > 0 && tally.rows.failed * 100 <= rows * FEW_EXCEPTIONS {
            dataset.dependencies.push(ProfiledDependency {
                from: from.clone(),
                to: to.clone(),
                rows,
                groups: tally.groups,
                exceptions: tally.rows.failed,
            });
        }
    }
    dataset.dependencies.sort_by_key(|found| (found.exceptions, found.groups));
    for (one, other, [forth, back]) in &asked.orders {
        let (Ok(Reading::Rows(forth)), Ok(Reading::Rows(back))) = (execution.reading(*forth), execution.reading(*back))
        else {
            continue;
        };
        // An unparseable date is in no order.
        let rows = forth.passed + forth.failed - forth.unreadable;
        let ways = [(one, other, forth), (other, one, back)];
        let kept = ways
            .into_iter()
            .filter(|(.., tally)| rows > 0 && (tally.failed - tally.unreadable) * 100 <= rows * FEW_ORDERS);
        // Dates that are always the same day are in both orders.
        if let Some((before, after, tally)) = kept.min_by_key(|(.., tally)| tally.failed) {
            dataset.date_orders.push(ProfiledOrder {
                before: before.clone(),
                after: after.clone(),
                rows,
                exceptions: tally.failed - tally.unreadable,
            });
        }
    }
    dataset.date_orders.sort_by_key(|order| order.exceptions);
}

/// Whether a column has another value in each row.
fn has_key_without_exception(dataset: &ProfiledDataset) -> bool {
    dataset.keys.iter().any(|key| key.duplicated == 0 && key.missing == 0 && key.rows == dataset.rows)
}

/// Pairs in which the first column seems to decide the second, the clearest first.
fn dependencies<'p, 'a>(parts: &'p [Part<'a>], left_out: &mut Vec<String>) -> Vec<(&'p Part<'a>, &'p Part<'a>)> {
    let mut found = Vec::new();
    for from in parts {
        // Each value of a key decides everything.
        if from.distinct < 2 || from.distinct * 2 > from.column.values {
            continue;
        }
        for to in parts {
            // Wrong values are different values, too.
            let is_image = to.distinct >= 2 && to.distinct <= from.distinct * 2 + 10;
            if from.column.name == to.column.name || !is_image {
                continue;
            }
            if let Some(exceptions) = exceptions(from.codes, to.codes) {
                found.push((exceptions, from, to));
            }
        }
    }
    found.sort_by_key(|(exceptions, from, to)| (*exceptions, from.distinct, to.distinct));
    if found.len() > MOST_DEPENDENCIES {
        left_out.push(format!(
            "{} dependencies were counted in all rows; {} less clear ones were left out",
            MOST_DEPENDENCIES,
            found.len() - MOST_DEPENDENCIES
        ));
        found.truncate(MOST_DEPENDENCIES);
    }
    found.into_iter().map(|(_, from, to)| (from, to)).collect()
}

/// The exceptions from a dependency among rows that show it, in thousandths; `None` where there are too many, or where
/// knowing the first column says little about the second.
fn exceptions(from: &[u32], to: &[u32]) -> Option<u64> {
    let mut groups: BTreeMap<u32, BTreeMap<u32, u64>> = BTreeMap::new();
    let mut all: BTreeMap<u32, u64> = BTreeMap::new();
    for (from, to) in from.iter().zip(to).filter(|(from, to)| **from != NO_VALUE && **to != NO_VALUE) {
        *groups.entry(*from).or_default().entry(*to).or_default() += 1;
        *all.entry(*to).or_default() += 1;
    }
    let rows: u64 = all.values().sum();
    let (mut shown, mut exceptions) = (0, 0);
    for group in groups.values() {
        let of_group: u64 = group.values().sum();
        if of_group > 1 {
            shown += of_group;
            exceptions += of_group - group.values().max().copied().unwrap_or_default();
        }
    }
    let without = rows - all.values().max().copied().unwrap_or_default();
    // Of all rows as many as of those that show it.
    let without = without * shown / rows.max(1);
    let holds =
        shown >= LEAST_SHOWN && exceptions * 100 <= shown * FEW_EXCEPTIONS && exceptions * 4 <= without && without > 0;
    holds.then(|| exceptions * 1_000 / shown)
}

/// Pairs that seem to have other values in each row.
fn keys<'p, 'a>(parts: &'p [Part<'a>], rows: u64) -> Vec<(&'p Part<'a>, &'p Part<'a>)> {
    let mut found = Vec::new();
    // A column that has another value in most rows makes nearly any pair a key.
    let is_part = |part: &&Part<'_>| part.distinct > 1 && part.distinct * 2 <= rows;
    let parts: Vec<&Part<'_>> = parts.iter().filter(is_part).collect();
    for (at, one) in parts.iter().enumerate() {
        for other in &parts[at + 1..] {
            let product = u128::from(one.distinct) * u128::from(other.distinct);
            if product < u128::from(rows) || product > u128::from(rows) * MOST_CHANCE {
                continue;
            }
            let mut seen: HashMap<(u32, u32), u64> = HashMap::new();
            let codes = one.codes.iter().zip(other.codes);
            for (one, other) in codes.filter(|(one, other)| **one != NO_VALUE && **other != NO_VALUE) {
                *seen.entry((*one, *other)).or_default() += 1;
            }
            let all: u64 = seen.values().sum();
            let repeated: u64 = seen.values().filter(|count| **count > 1).sum();
            if all > 1 && repeated * 100 <= all * NEARLY_KEY {
                found.push((repeated, one.distinct.saturating_mul(other.distinct), *one, *other));
            }
        }
    }
    found.sort_by_key(|(repeated, product, ..)| (*repeated, *product));
    found.truncate(MOST_KEYS);
    found.into_iter().map(|(.., one, other)| (one, other)).collect()
}
