//! Checks whose rows are judged together, against deliberately naive references on random tables.

use std::collections::{BTreeMap, BTreeSet};

use passmuster::engine::MemoryLimit;
use proptest::prelude::*;

use crate::parity::{Read, Truth, date, decimal, integer, text};
use crate::support::audits::{json, run, run_within};
use crate::support::exact;
use crate::support::reports::{Counts, assert_judged, counts, rules};
use crate::support::two_tables::{self, Row, TwoTables, partner, row};

const SUITE: &str = r#"
suite: parity
as_of: 2021-06-30
codelists:
  dated: { source: codes.csv, key: code, valid_from: from, valid_to: to }
datasets:
  p:
    source: p.csv
    key: k2
    missing: [NA]
    columns:
      w: { type: decimal }
    rules:
      - { id: complete-here, check: complete_from, dataset: t, key: { k2: k } }
  t:
    source: t.csv
    missing: [NA]
    columns:
      n: { type: integer }
      x: { type: decimal }
      d: { type: date }
    rules:
      - { id: determines, check: determines, from: k, to: a }
      - { id: determines-minority, check: determines, from: k, to: a, fails: minority }
      - { id: determines-typed, check: determines, from: n, to: [x, d] }
      - { id: determines-two, check: determines, from: [k, d], to: n, where: "a <> 'abc'" }
      - { id: determines-folded, check: determines, from: k, to: a, as: folded, where: "n > 0" }
      - { id: determines-folded-two, check: determines, from: d, to: [a, k], as: folded }
      - { id: anonymous, check: anonymous, quasi_identifiers: [k], k: 2 }
      - { id: anonymous-two, check: anonymous, quasi_identifiers: [k, n], k: 2, where: "n < 8" }
      - { id: diverse, check: anonymous, quasi_identifiers: k, k: 2, sensitive: a, l: 2 }
      - { id: diverse-two, check: anonymous, quasi_identifiers: k, k: 3, sensitive: [d, a], l: 3, where: "x > 0" }
      - { id: diverse-typed, check: anonymous, quasi_identifiers: k, k: 2, sensitive: [n, x], l: 2, where: "k <> 'k1'" }
      - { id: diverse-decimal, check: anonymous, quasi_identifiers: [k], k: 3, sensitive: x, l: 3 }
      - { id: complete, check: complete_from, dataset: p, key: { k: k2 } }
      - { id: complete-two, check: complete_from, dataset: p, key: { k: k2, a: v }, having: "w > 1", where: "n > 0" }
      - { id: complete-typed, check: complete_from, dataset: p, key: { x: w } }
      - { id: complete-own, check: complete_from, dataset: t, key: { k: a }, having: "n > 0" }
      - { id: covers, check: covers, column: a, values: [abc, "70", "0070", Nguyễn, NA] }
      - { id: covers-typed, check: covers, column: n, values: ["7", "007", "0", "-3", "9"], where: "k <> 'k1'" }
      - { id: covers-decimal, check: covers, column: x, values: ["1.50", "8.0", "1000"] }
      - { id: covers-date, check: covers, column: d, values: ["2020-01-31", "2021-01-01"] }
      - { id: covers-codes, check: covers, column: k, values: { codelist: dated } }
      - { id: covers-typed-codes, check: covers, column: n, values: { codelist: dated } }
      - { id: covers-keys, check: covers, column: k, dataset: p }
      - { id: covers-some-keys, check: covers, column: k, dataset: p, key: k2, having: "w > 1", where: "n > 0" }
      - { id: covers-decimals, check: covers, column: x, dataset: p, key: w }
      - { id: rows-as, check: row_count, same_as: p }
      - { id: rows-near, check: row_count, same_as: p, tolerance: 3 rows, where: "n > 0" }
      - { id: rows-share, check: row_count, same_as: p, tolerance: 50%, having: "w > 1" }
      - { id: days, check: continuous, column: d, every: day }
      - { id: weeks, check: continuous, column: d, every: week, by: [k, a], where: "n > 0" }
      - { id: months, check: continuous, column: d, every: month, by: k }
      - { id: quarters, check: continuous, column: d, every: quarter, from: 2000-01-01, until: 2020-06-30, by: k }
      - { id: half-quarters, check: continuous, column: d, every: quarter, from: 2000-01-01, by: [k, a] }
      - { id: years, check: continuous, column: d, every: year, until: 2010-05-05 }
      - { id: all-years, check: continuous, column: d, every: year, from: 2015-12-31, until: 2025-01-01, where: "n > 0" }
      - { id: numbers, check: continuous, column: n, every: 1, by: k, where: "n < 1000" }
      - { id: far-numbers, check: continuous, column: n, every: 1 }
      - { id: steps, check: continuous, column: n, every: 5, from: -3, until: 12, by: k }
      - { id: more-steps, check: continuous, column: n, every: 10, from: -3, where: "x > 0" }
"#;

const CODES: &str = "code,from,to\nk1,,2020-06-30\nk2,2020-01-01,\nk2,,1999-12-31\nk3,2020-01-01,2021-06-30\n7,,\n";

/// What the report must say of a rule: its counts, and some of its details.
type Expected = (Counts, BTreeMap<&'static str, u64>);

/// More points than 64 bits count, which a report must say.
const UNCOUNTABLE: Expected =
    (Counts { passed: 0, failed: u64::MAX, not_applicable: 0, unreadable: 0 }, BTreeMap::new());

/// In scope, out of scope, or unknown.
fn scope<T>(cell: Read<T>, holds: impl Fn(T) -> bool) -> Truth {
    match cell {
        Ok(Some(value)) => holds(value).into(),
        Ok(None) => Truth::Unknown,
        Err(()) => Truth::Unreadable,
    }
}

/// All parts, or none where one is missing; that comes before one that cannot be parsed.
fn all<const N: usize>(parts: [Read<String>; N]) -> Read<Vec<String>> {
    if parts.contains(&Ok(None)) {
        return Ok(None);
    }
    parts.into_iter().map(|part| part.map(Option::unwrap_or_default)).collect::<Result<Vec<_>, ()>>().map(Some)
}

fn written<T: ToString>(cell: Read<T>) -> Read<String> {
    cell.map(|value| value.map(|value| value.to_string()))
}

fn day(cell: &str) -> Read<String> {
    date(cell).map(|day| day.map(|day| format!("{day:?}")))
}

#[expect(clippy::unnecessary_wraps, reason = "text always reads")]
fn plain(cell: &str) -> Read<String> {
    Ok(text(cell).map(str::to_owned))
}

/// The pool has nothing that Unicode or tone marks write in two ways.
#[expect(clippy::unnecessary_wraps, reason = "text always reads")]
fn folded(cell: &str) -> Read<String> {
    Ok(text(cell).map(|cell| cell.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()))
}

fn determines(
    rows: &[Row],
    scope: impl Fn(&Row) -> Truth,
    sides: impl Fn(&Row) -> (Read<Vec<String>>, Read<Vec<String>>),
) -> Expected {
    let mut counts = Counts::default();
    let mut groups: BTreeMap<Vec<String>, Vec<Vec<String>>> = BTreeMap::new();
    for row in rows {
        match (scope(row), sides(row)) {
            (Truth::Unreadable, _) => counts.unreadable += 1,
            (Truth::Yes, (Ok(Some(from)), Ok(Some(to)))) => groups.entry(from).or_default().push(to),
            (Truth::No | Truth::Unknown, _) | (_, (Ok(None), _) | (_, Ok(None))) => counts.not_applicable += 1,
            (Truth::Yes, _) => counts.unreadable += 1,
        }
    }
    counts.failed = counts.unreadable;
    let mut failing = 0;
    for to in groups.values() {
        if to.iter().any(|other| *other != to[0]) {
            counts.failed += to.len() as u64;
            failing += 1;
        } else {
            counts.passed += to.len() as u64;
        }
    }
    (counts, BTreeMap::from([("groups", failing), ("left_sides", groups.len() as u64)]))
}

/// Cells as they are written; missing ones are equal.
fn as_it_stands(cell: &str) -> Option<String> {
    text(cell).map(str::to_owned)
}

/// How a cell is read.
type Reader = fn(&str) -> Read<String>;

fn anonymous(
    rows: &[Row],
    scope: impl Fn(&Row) -> Truth,
    quasi_identifiers: &[usize],
    k: u64,
    sensitive: &[(usize, Reader)],
    l: usize,
) -> Expected {
    let mut counts = Counts::default();
    let mut groups: BTreeMap<Vec<Option<String>>, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        match scope(row) {
            Truth::Unreadable => counts.unreadable += 1,
            Truth::Yes => {
                let key = quasi_identifiers.iter().map(|at| as_it_stands(&row[*at])).collect();
                groups.entry(key).or_default().push(row);
            }
            Truth::No | Truth::Unknown => counts.not_applicable += 1,
        }
    }
    counts.failed = counts.unreadable;
    let mut details = BTreeMap::from([("groups", groups.len() as u64), ("groups_under_k", 0), ("rows_under_k", 0)]);
    if let Some(smallest) = groups.values().map(Vec::len).min() {
        details.insert("smallest_group", smallest as u64);
    }
    if !sensitive.is_empty() {
        details.extend([("groups_under_l", 0), ("rows_under_l", 0)]);
    }
    for rows in groups.values() {
        let size = rows.len() as u64;
        let few_rows = size < k;
        let few_values = sensitive.iter().any(|(at, read)| {
            let values: BTreeSet<String> = rows.iter().filter_map(|row| read(&row[*at]).ok().flatten()).collect();
            values.len() < l
        });
        let unreadable = |row: &&&Row| sensitive.iter().any(|(at, read)| read(&row[*at]).is_err());
        match rows.iter().filter(unreadable).count() as u64 {
            0 => {}
            unreadable => *details.entry("unreadable_sensitive").or_default() += unreadable,
        }
        if few_rows {
            *details.get_mut("groups_under_k").unwrap() += 1;
            *details.get_mut("rows_under_k").unwrap() += size;
        }
        if few_values {
            *details.get_mut("groups_under_l").unwrap() += 1;
            *details.get_mut("rows_under_l").unwrap() += size;
        }
        if few_rows || few_values { counts.failed += size } else { counts.passed += size }
    }
    (counts, details)
}

/// The keys that rows offer to those that look for them; `None` for one that cannot be parsed, or for which it is unknown whether it counts.
fn offered<R, K>(rows: &[R], scope: impl Fn(&R) -> Truth, key: impl Fn(&R) -> Read<K>) -> Vec<Option<K>> {
    let each = rows.iter().filter_map(|row| match (scope(row), key(row)) {
        (_, Ok(None)) | (Truth::No | Truth::Unknown, _) => None,
        (Truth::Yes, Ok(key)) => Some(key),
        (Truth::Unreadable, _) | (Truth::Yes, Err(())) => Some(None),
    });
    each.collect()
}

/// How many of them are unknown, as a detail.
fn unknown<K>(offered: &[Option<K>]) -> BTreeMap<&'static str, u64> {
    let unknown = offered.iter().filter(|key| key.is_none()).count() as u64;
    (unknown > 0).then_some(("other_unreadable_rows", unknown)).into_iter().collect()
}

/// Rows of a reference that are found here.
fn complete<R, K: PartialEq>(
    reference: &[R],
    having: impl Fn(&R) -> Truth,
    key: impl Fn(&R) -> Read<K>,
    here: &[Option<K>],
) -> Expected {
    let mut counts = Counts::default();
    for row in reference {
        match (having(row), key(row)) {
            (Truth::Unreadable, _) | (Truth::Yes, Err(())) => {
                counts.failed += 1;
                counts.unreadable += 1;
            }
            (Truth::Yes, Ok(key @ Some(_))) if here.contains(&key) => counts.passed += 1,
            (Truth::Yes, Ok(Some(_))) => counts.failed += 1,
            _ => counts.not_applicable += 1,
        }
    }
    (counts, unknown(here))
}

/// Values of a list that occur; `None` is a row whose value cannot be parsed, or for which it is unknown whether it is in scope.
fn covers<K: Ord>(expected: impl IntoIterator<Item = K>, found: impl IntoIterator<Item = Option<K>>) -> Expected {
    covers_keys(expected.into_iter().map(Some).collect(), found)
}

/// Values of another dataset that occur.
fn covers_keys<K: Ord>(offered: Vec<Option<K>>, found: impl IntoIterator<Item = Option<K>>) -> Expected {
    let mut details = unknown(&offered);
    let others = details.values().sum::<u64>();
    let expected: BTreeSet<K> = offered.into_iter().flatten().collect();
    let found: Vec<Option<K>> = found.into_iter().collect();
    let passed = expected.iter().filter(|value| found.iter().flatten().any(|found| found == *value)).count() as u64;
    let unreadable = found.iter().filter(|found| found.is_none()).count() as u64;
    if unreadable > 0 {
        details.insert("unreadable_rows", unreadable);
    }
    let failed = expected.len() as u64 - passed + others;
    (Counts { passed, failed, unreadable: others, ..Counts::default() }, details)
}

/// The values of the rows in scope.
fn values<K>(rows: &[Row], scope: impl Fn(&Row) -> Truth, value: impl Fn(&Row) -> Read<K>) -> Vec<Option<K>> {
    let each = rows.iter().filter_map(|row| match (scope(row), value(row)) {
        (_, Ok(None)) | (Truth::No | Truth::Unknown, _) => None,
        (Truth::Yes, Ok(Some(value))) => Some(Some(value)),
        (Truth::Unreadable, _) | (Truth::Yes, Err(())) => Some(None),
    });
    each.collect()
}

/// One judgement about two numbers of rows, each with those that may or may not count.
fn as_many(rows: [u64; 2], others: [u64; 2], near: impl Fn(u64, u64) -> bool) -> Expected {
    let passes = [rows[0], rows[0] + rows[1]]
        .iter()
        .all(|rows| [others[0], others[0] + others[1]].iter().all(|others| near(*rows, *others)));
    let mut details = BTreeMap::from([("other_rows", others[0])]);
    for (name, count) in [("unreadable_rows", rows[1]), ("other_unreadable_rows", others[1])] {
        if count > 0 {
            details.insert(name, count);
        }
    }
    (Counts { passed: passes.into(), failed: (!passes).into(), ..Counts::default() }, details)
}

/// Days since some day, counted one year and month after the other.
fn days((year, month, day): (i32, u32, u32)) -> i128 {
    let leap = |year: i32| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let years: i128 = (1900..year).map(|year| if leap(year) { 366 } else { 365 }).sum();
    let months: i128 = lengths.iter().take(month as usize - 1).sum();
    years + months + i128::from(leap(year) && month > 2) + i128::from(day)
}

fn month((year, month, _): (i32, u32, u32)) -> i128 {
    i128::from(year) * 12 + i128::from(month) - 1
}

/// Points that are there and points that are not; numbers are `apart`, counted from the first bound.
fn continuous(
    rows: &[Row],
    scope: impl Fn(&Row) -> Truth,
    by: &[usize],
    number: impl Fn(&Row) -> Read<i128>,
    (from, until): (Option<i128>, Option<i128>),
    apart: i128,
) -> Expected {
    let mut groups: BTreeMap<Vec<Option<String>>, BTreeSet<i128>> = BTreeMap::new();
    let (mut outside, mut off_step, mut unreadable) = (0, 0, 0);
    if by.is_empty() && from.is_some() && until.is_some() {
        groups.entry(Vec::new()).or_default();
    }
    let group_of = |row: &Row| by.iter().map(|at| as_it_stands(&row[*at])).collect::<Vec<_>>();
    if !by.is_empty() {
        // Whatever a row says, its group has a row.
        let in_scope = rows.iter().filter(|row| scope(row) == Truth::Yes);
        groups = in_scope.map(|row| (group_of(row), BTreeSet::new())).collect();
    }
    for row in rows {
        let number = match (scope(row), number(row)) {
            (Truth::Unreadable, _) | (Truth::Yes, Err(())) => {
                unreadable += 1;
                continue;
            }
            (Truth::Yes, Ok(Some(number))) => number,
            _ => continue,
        };
        let group = groups.entry(group_of(row)).or_default();
        // Points are numbers of 64 bits.
        let is_far = i64::try_from(number).is_err();
        if is_far || from.is_some_and(|from| number < from) || until.is_some_and(|until| number > until) {
            outside += 1;
        } else if (number - from.unwrap_or_default()) % apart != 0 {
            off_step += 1;
        } else {
            group.insert(number);
        }
    }
    let mut counts = Counts::default();
    let (mut gaps, mut longest, mut with_gaps, mut endless, mut absent) = (0, 0, 0, 0, 0_u128);
    for points in groups.values() {
        let first = from.or_else(|| points.first().copied());
        let last = until.or_else(|| points.last().copied());
        let (Some(first), Some(last)) = (first, last) else {
            endless += 1;
            continue;
        };
        // The last point is the last step up to the bound.
        let last = last - (last.rem_euclid(apart) - first.rem_euclid(apart)).rem_euclid(apart);
        let runs: Vec<u128> = [first - apart]
            .iter()
            .chain(points)
            .zip(points.iter().chain(&[last + apart]))
            .map(|(one, next)| next.abs_diff(*one) / apart.unsigned_abs() - 1)
            .filter(|missing| *missing > 0)
            .collect();
        counts.passed += points.len() as u64;
        absent = runs.iter().fold(absent, |sum, run| sum.saturating_add(*run));
        gaps += runs.len() as u64;
        longest = runs.iter().copied().fold(longest, u128::max);
        with_gaps += u64::from(!runs.is_empty());
    }
    if absent.saturating_add(counts.passed.into()) > u128::from(u64::MAX) {
        return UNCOUNTABLE;
    }
    counts.failed = u64::try_from(absent).unwrap();
    let mut details = BTreeMap::from([("gaps", gaps), ("longest_gap", u64::try_from(longest).unwrap())]);
    if by.is_empty() {
        endless = 0;
    } else {
        details.extend([("groups", groups.len() as u64), ("groups_with_gaps", with_gaps)]);
    }
    for (name, count) in [
        ("outside", outside),
        ("off_step", off_step),
        ("unreadable_rows", unreadable),
        ("groups_without_ends", endless),
    ] {
        if count > 0 {
            details.insert(name, count);
        }
    }
    (counts, details)
}

/// Rows in scope, and rows for which that is unknown.
fn count<R>(rows: &[R], scope: impl Fn(&R) -> Truth) -> [u64; 2] {
    [Truth::Yes, Truth::Unreadable].map(|wanted| rows.iter().filter(|row| scope(row) == wanted).count() as u64)
}

fn reference(t: &[Row], p: &[[String; 3]]) -> BTreeMap<&'static str, Expected> {
    let yes = |_: &Row| Truth::Yes;
    let positive = |row: &Row| scope(integer(&row[1]), |n| n > 0);
    let over_one = |other: &[String; 3]| scope(decimal(&other[2]), |w| w > exact::of(1, 1));
    let keys_of_p = offered(p, |_| Truth::Yes, |other| plain(&other[0]));
    let keys_of_t = offered(t, yes, |row| plain(&row[4]));
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    BTreeMap::from([
        ("determines-minority", {
            let (mut counts, details) = determines(t, yes, |row| (all([plain(&row[4])]), all([plain(&row[0])])));
            let both = |row: &Row| Some((text(&row[4])?.to_owned(), text(&row[0])?.to_owned()));
            let rows = |of: &(String, String)| t.iter().filter(|row| both(row).as_ref() == Some(of)).count();
            // Of the rows that fail, those pass whose right side more rows of their left side have than any other.
            let pass = t.iter().filter_map(both).filter(|mine| {
                let others = || t.iter().filter_map(both).filter(|other| other.0 == mine.0 && other.1 != mine.1);
                others().next().is_some() && others().all(|other| rows(&other) < rows(mine))
            });
            let pass = pass.count() as u64;
            counts.passed += pass;
            counts.failed -= pass;
            (counts, details)
        }),
        ("determines", determines(t, yes, |row| (all([plain(&row[4])]), all([plain(&row[0])])))),
        (
            "determines-typed",
            determines(t, yes, |row| {
                (all([written(integer(&row[1]))]), all([written(decimal(&row[2])), day(&row[3])]))
            }),
        ),
        (
            "determines-two",
            determines(
                t,
                |row| scope(Ok(text(&row[0])), |a| a != "abc"),
                |row| (all([plain(&row[4]), day(&row[3])]), all([written(integer(&row[1]))])),
            ),
        ),
        (
            "determines-folded",
            determines(
                t,
                |row| scope(integer(&row[1]), |n| n > 0),
                |row| (all([plain(&row[4])]), all([folded(&row[0])])),
            ),
        ),
        (
            "determines-folded-two",
            determines(t, yes, |row| (all([day(&row[3])]), all([folded(&row[0]), folded(&row[4])]))),
        ),
        ("anonymous", anonymous(t, yes, &[4], 2, &[], 0)),
        ("anonymous-two", anonymous(t, |row| scope(integer(&row[1]), |n| n < 8), &[4, 1], 2, &[], 0)),
        ("diverse", anonymous(t, yes, &[4], 2, &[(0, folded)], 2)),
        (
            "diverse-typed",
            anonymous(
                t,
                |row| scope(Ok(text(&row[4])), |k| k != "k1"),
                &[4],
                2,
                &[(1, |cell| written(integer(cell))), (2, |cell| written(decimal(cell)))],
                2,
            ),
        ),
        ("diverse-decimal", anonymous(t, yes, &[4], 3, &[(2, |cell| written(decimal(cell)))], 3)),
        ("complete-here", complete(t, yes, |row| plain(&row[4]), &keys_of_p)),
        ("complete", complete(p, |_| Truth::Yes, |other| plain(&other[0]), &keys_of_t)),
        (
            "complete-two",
            complete(
                p,
                over_one,
                |other| all([plain(&other[0]), plain(&other[1])]),
                &offered(t, positive, |row| all([plain(&row[4]), plain(&row[0])])),
            ),
        ),
        (
            "complete-typed",
            complete(
                p,
                |_| Truth::Yes,
                |other| written(decimal(&other[2])),
                &offered(t, yes, |row| written(decimal(&row[2]))),
            ),
        ),
        ("complete-own", complete(t, positive, |row| plain(&row[0]), &keys_of_t)),
        // A token for missing values does not occur, even where it is expected.
        ("covers", covers(texts(&["abc", "70", "0070", "Nguyễn", "NA"]), values(t, yes, |row| plain(&row[0])))),
        (
            "covers-typed",
            covers([7, 0, -3, 9], values(t, |row| scope(Ok(text(&row[4])), |k| k != "k1"), |row| integer(&row[1]))),
        ),
        ("covers-decimal", covers(["1.5", "8", "1000"].map(exact::written), values(t, yes, |row| decimal(&row[2])))),
        ("covers-date", covers([(2020, 1, 31), (2021, 1, 1)], values(t, yes, |row| date(&row[3])))),
        ("covers-codes", covers(texts(&["k2", "k3", "7"]), values(t, yes, |row| plain(&row[4])))),
        ("covers-typed-codes", covers(texts(&["k2", "k3", "7"]), values(t, yes, |row| written(integer(&row[1]))))),
        ("covers-keys", covers_keys(keys_of_p.clone(), values(t, yes, |row| plain(&row[4])))),
        (
            "covers-some-keys",
            covers_keys(offered(p, over_one, |other| plain(&other[0])), values(t, positive, |row| plain(&row[4]))),
        ),
        (
            "covers-decimals",
            covers_keys(
                offered(p, |_| Truth::Yes, |other| written(decimal(&other[2]))),
                values(t, yes, |row| written(decimal(&row[2]))),
            ),
        ),
        ("rows-as", as_many([t.len() as u64, 0], [p.len() as u64, 0], |rows, others| rows == others)),
        ("rows-near", as_many(count(t, positive), [p.len() as u64, 0], |rows, others| rows.abs_diff(others) <= 3)),
        (
            "rows-share",
            as_many([t.len() as u64, 0], count(p, over_one), |rows, others| rows.abs_diff(others) * 2 <= others),
        ),
        ("days", continuous(t, yes, &[], |row| date(&row[3]).map(|day| day.map(days)), (None, None), 1)),
        // A Monday.
        (
            "weeks",
            continuous(
                t,
                positive,
                &[4, 0],
                |row| date(&row[3]).map(|day| day.map(|day| (days(day) - days((1990, 1, 1))).div_euclid(7))),
                (None, None),
                1,
            ),
        ),
        ("months", continuous(t, yes, &[4], |row| date(&row[3]).map(|day| day.map(month)), (None, None), 1)),
        (
            "quarters",
            continuous(
                t,
                yes,
                &[4],
                |row| date(&row[3]).map(|day| day.map(|day| month(day).div_euclid(3))),
                (Some(2000 * 4), Some(2020 * 4 + 1)),
                1,
            ),
        ),
        (
            "half-quarters",
            continuous(
                t,
                yes,
                &[4, 0],
                |row| date(&row[3]).map(|day| day.map(|day| month(day).div_euclid(3))),
                (Some(2000 * 4), None),
                1,
            ),
        ),
        (
            "years",
            continuous(t, yes, &[], |row| date(&row[3]).map(|day| day.map(|day| day.0.into())), (None, Some(2010)), 1),
        ),
        (
            "all-years",
            continuous(
                t,
                positive,
                &[],
                |row| date(&row[3]).map(|day| day.map(|day| day.0.into())),
                (Some(2015), Some(2025)),
                1,
            ),
        ),
        (
            "numbers",
            continuous(t, |row| scope(integer(&row[1]), |n| n < 1000), &[4], |row| integer(&row[1]), (None, None), 1),
        ),
        ("far-numbers", continuous(t, yes, &[], |row| integer(&row[1]), (None, None), 1)),
        ("steps", continuous(t, yes, &[4], |row| integer(&row[1]), (Some(-3), Some(12)), 5)),
        (
            "more-steps",
            continuous(
                t,
                |row| scope(decimal(&row[2]), |x| x > exact::of(0, 1)),
                &[],
                |row| integer(&row[1]),
                (Some(-3), None),
                10,
            ),
        ),
        (
            "diverse-two",
            anonymous(t, |row| scope(decimal(&row[2]), |x| x > exact::of(0, 1)), &[4], 3, &[(3, day), (0, folded)], 3),
        ),
    ])
}

/// Audits the tables in every form, and compares every rule with the reference.
fn compare(t: &[Row], p: &[[String; 3]]) {
    let TwoTables { folder: _folder, suite, parquet } = two_tables::write(SUITE, CODES, t, p);
    let expected = reference(t, p);
    let as_csv = run(&suite, &[], 1);
    let as_parquet = run(&suite, &parquet, 2);
    let spilled = run_within(MemoryLimit::Keys(0), &suite, &[], 2);
    for (report, format) in [(&as_csv, "csv"), (&as_parquet, "parquet"), (&spilled, "csv without memory")] {
        let rules = rules(report);
        for (id, (expected, details)) in &expected {
            let rule = rules.get(id).unwrap_or_else(|| panic!("{id} is not in the report"));
            if *expected == UNCOUNTABLE.0 {
                let reason = rule.reason.as_deref().unwrap_or_default();
                assert!(reason.ends_with("more points between its ends than can be counted"), "{id} {reason}: {t:?}");
                continue;
            }
            if rule.check != "continuous" || rule.evaluated > 0 {
                assert_judged(rule);
            }
            assert_eq!(counts(rule), *expected, "{id} from {format}: {t:?} {p:?}");
            let found: BTreeMap<&str, u64> = rule.details.iter().map(|(name, count)| (name.as_str(), *count)).collect();
            assert_eq!(found, *details, "{id} from {format}: {t:?} {p:?}");
        }
    }
    assert_eq!(json(&as_csv), json(&run(&suite, &[], 16)));
    assert_eq!(json(&as_parquet), json(&run(&suite, &parquet, 1)));
    assert_eq!(json(&as_csv), json(&spilled));
    let within = |bytes| json(&run_within(MemoryLimit::Keys(bytes), &suite, &parquet, 2));
    assert_eq!(json(&as_parquet), within(0));
    assert_eq!(json(&as_parquet), within(400));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn rules_about_groups_agree_with_the_reference(
        t in prop::collection::vec(row(), 0..24),
        p in prop::collection::vec(partner(), 0..8),
    ) {
        compare(&t, &p);
    }
}

#[test]
fn tables_of_one_kind_of_row_agree_too() {
    let full = |cells: [&str; 5]| cells.map(str::to_owned);
    let one = full(["abc", "7", "1.5", "2020-01-31", "k1"]);
    compare(&[], &[]);
    compare(std::slice::from_ref(&one), &[]);
    compare(&vec![one.clone(); 70], &[["k1", "abc", "1.5"].map(str::to_owned)]);
    compare(&vec![full(["", "", "", "", ""]); 65], &[]);
}
