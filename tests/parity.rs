//! Every check against a deliberately naive reference, row by row, on random tables; and the same result from every
//! format and number of threads.

use std::collections::BTreeMap;
use std::slice;

use passmuster::engine::MemoryLimit;
use passmuster::model::{DatasetStatus, Status};
use proptest::prelude::*;

use crate::support::audits::{ALL_MEMORY, json, run, run_until, run_within};
use crate::support::exact::{self, Exact};
use crate::support::reports::{Counts, assert_judged, counts, left_out, once, rules};
use crate::support::tables::GROUP;
use crate::support::two_tables::{self, ALLOWED_FAILURES, CODES, Row, SUITE, TwoTables, partner, row};

/// Yes, no, unknown, or unreadable.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Truth {
    Yes,
    No,
    Unknown,
    Unreadable,
}
use Truth::{No, Unknown, Unreadable, Yes};

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Yes } else { No }
    }
}

fn or(a: Truth, b: Truth) -> Truth {
    match (a, b) {
        (Yes, _) | (_, Yes) => Yes,
        (Unreadable, _) | (_, Unreadable) => Unreadable,
        (Unknown, _) | (_, Unknown) => Unknown,
        _ => No,
    }
}

/// A cell: missing, read, or not to be read.
pub(crate) type Read<T> = Result<Option<T>, ()>;

pub(crate) fn text(cell: &str) -> Option<&str> {
    let trimmed = cell.trim();
    if trimmed.is_empty() || trimmed == "NA" { None } else { Some(cell) }
}

pub(crate) fn read<T>(cell: &str, parse: impl Fn(&str) -> Option<T>) -> Read<T> {
    match text(cell) {
        None => Ok(None),
        Some(cell) => parse(cell).map(Some).ok_or(()),
    }
}

pub(crate) fn integer(cell: &str) -> Read<i128> {
    read(cell, |cell| {
        let digits = cell.strip_prefix(['+', '-']).unwrap_or(cell);
        let plain = !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit());
        plain.then(|| cell.parse().ok()).flatten().filter(|number: &i128| number.unsigned_abs() < 10_u128.pow(38))
    })
}

/// Whether it is written as numbers are.
fn is_number(cell: &str) -> bool {
    cell.chars().all(|c| c.is_ascii_digit() || "+-.e".contains(c))
        && cell.starts_with(|c: char| c.is_ascii_digit() || "+-".contains(c))
        && cell.parse::<f64>().is_ok()
}

/// A decimal: up to 38 digits, and up to 38 places.
pub(crate) fn decimal(cell: &str) -> Read<Exact> {
    read(cell, |cell| if is_number(cell) { Some(exact::written(cell)).filter(is_decimal) } else { None })
}

pub(crate) fn is_decimal(number: &Exact) -> bool {
    let places = (0..=38).find(|places| (number * exact::power(*places)).is_integer());
    places.is_some_and(|places| exact::abs(number) * exact::power(places) < exact::power(38))
}

pub(crate) fn float(cell: &str) -> Read<f64> {
    read(cell, |cell| if is_number(cell) { cell.parse().ok().filter(|number: &f64| number.is_finite()) } else { None })
}

/// The type of a column of numbers.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Kind {
    Decimal,
    Float,
}

impl Kind {
    /// Either.
    pub(crate) fn any() -> impl Strategy<Value = Self> {
        prop::sample::select(&[Self::Decimal, Self::Float][..])
    }

    /// A suite whose decimals are of this type.
    pub(crate) fn suite(self, suite: &str) -> String {
        suite.replace("type: decimal", if self == Self::Decimal { "type: decimal" } else { "type: float" })
    }

    /// The number that a cell is.
    pub(crate) fn read(self, cell: &str) -> Read<Exact> {
        match self {
            Self::Decimal => decimal(cell),
            Self::Float => Ok(float(cell)?.map(exact::of_float)),
        }
    }

    /// The decimal that it is in differences and totals: of a float the shortest that reads as it.
    pub(crate) fn written(self, cell: &str) -> Read<Exact> {
        match self {
            Self::Decimal => decimal(cell),
            Self::Float => Ok(float(cell)?.map(|number| exact::written(&format!("{number:e}")))),
        }
    }
}

/// A day as (year, month, day).
pub(crate) type Day = (i32, u32, u32);

fn real(year: i32, month: u32, day: u32) -> Option<Day> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    (1..=days).contains(&day).then_some((year, month, day))
}

fn parts(cell: &str, sign: char, sizes: [usize; 3]) -> Option<[u32; 3]> {
    let parts: Vec<&str> = cell.split(sign).collect();
    let fits = parts.len() == 3
        && parts.iter().zip(sizes).all(|(part, size)| part.len() == size && part.chars().all(|c| c.is_ascii_digit()));
    fits.then(|| [parts[0].parse().unwrap(), parts[1].parse().unwrap(), parts[2].parse().unwrap()])
}

pub(crate) fn date(cell: &str) -> Read<Day> {
    read(cell, |cell| parts(cell, '-', [4, 2, 2]).and_then(|[y, m, d]| real(i32::try_from(y).unwrap(), m, d)))
}

fn dmy(cell: &str) -> Read<Day> {
    read(cell, |cell| parts(cell, '/', [2, 2, 4]).and_then(|[d, m, y]| real(i32::try_from(y).unwrap(), m, d)))
}

/// Counts rows by truth.
pub(crate) fn tally(rows: &[Row], test: impl Fn(&Row) -> Truth) -> Counts {
    let mut counts = Counts::default();
    for row in rows {
        match test(row) {
            Yes => counts.passed += 1,
            No => counts.failed += 1,
            Unknown => counts.not_applicable += 1,
            Unreadable => {
                counts.failed += 1;
                counts.unreadable += 1;
            }
        }
    }
    counts
}

/// The truth of a test of a cell; missing is unknown.
fn of<T>(cell: Read<T>, test: impl Fn(T) -> bool) -> Truth {
    match cell {
        Ok(Some(value)) => test(value).into(),
        Ok(None) => Unknown,
        Err(()) => Unreadable,
    }
}

fn of_text(cell: &str, test: impl Fn(&str) -> bool) -> Truth {
    text(cell).map_or(Unknown, |cell| test(cell).into())
}

/// Rows by how often their key occurs; rows without a key are not applicable.
fn repeats<K: Ord>(rows: &[Row], key: impl Fn(&Row) -> Option<K>) -> Counts {
    repeats_of(rows, |row| Ok(key(row)))
}

/// The same where keys may be unparseable: such a row fails.
fn repeats_of<K: Ord>(rows: &[Row], key: impl Fn(&Row) -> Read<K>) -> Counts {
    let mut keys: BTreeMap<K, u64> = BTreeMap::new();
    let mut counts = Counts::default();
    for row in rows {
        match key(row) {
            Ok(Some(key)) => *keys.entry(key).or_default() += 1,
            Ok(None) => counts.not_applicable += 1,
            Err(()) => {
                counts.failed += 1;
                counts.unreadable += 1;
            }
        }
    }
    for count in keys.into_values() {
        if count > 1 { counts.failed += count } else { counts.passed += 1 }
    }
    counts
}

/// What the report must say of each rule on `t`, worked out in the plainest way.
pub(crate) fn reference(t: &[Row], p: &[[String; 3]], kind: Kind) -> BTreeMap<&'static str, Counts> {
    let number = |cell: &str| kind.read(cell);
    let zero = exact::of(0, 1);
    let over_one = |other: &[String; 3]| of(number(&other[2]), |w| w > exact::of(1, 1));
    let listed = |key: &str, day: Day| match key {
        "k1" => day <= (2020, 6, 30),
        "k2" => day >= (2020, 1, 1) || day <= (1999, 12, 31),
        "k3" => day >= (2022, 1, 1),
        _ => false,
    };
    let scoped = |scope: bool, truth: Truth| if scope { truth } else { Unknown };
    // Missing compares as unknown, which is out of scope.
    let not_k1 = |row: &Row| text(&row[4]).is_some_and(|k| k != "k1");
    let has = |row: &Row, keep: &dyn Fn(&[String; 3]) -> bool| {
        of_text(&row[4], |k| p.iter().any(|other| text(&other[0]) == Some(k) && keep(other)))
    };
    let partners = |row: &Row| -> Vec<&[String; 3]> {
        let key = text(&row[4]);
        p.iter().filter(|other| key.is_some() && text(&other[0]) == key).collect()
    };
    let numbers: Vec<i128> = t.iter().filter_map(|row| integer(&row[1]).ok().flatten()).collect();
    let decimals: Vec<Exact> =
        t.iter().filter(|row| not_k1(row)).filter_map(|row| number(&row[2]).ok().flatten()).collect();
    let no_numbers = t.iter().filter(|row| integer(&row[1]).is_err()).count();
    let days: Vec<Day> = t.iter().filter_map(|row| date(&row[3]).ok().flatten()).collect();
    let past: Vec<Day> = days.iter().copied().filter(|day| *day <= (2021, 6, 30)).collect();
    #[expect(clippy::cast_precision_loss, reason = "small tables")]
    let count = |n: usize| n as f64;
    BTreeMap::from([
        ("required-a", tally(t, |row| text(&row[0]).is_some().into())),
        ("required-any", tally(t, |row| (text(&row[0]).is_some() || text(&row[1]).is_some()).into())),
        (
            "required-all",
            tally(t, |row| scoped(not_k1(row), (text(&row[0]).is_some() && text(&row[1]).is_some()).into())),
        ),
        ("type-n", tally(t, |row| of(integer(&row[1]), |_| true))),
        ("type-x", tally(t, |row| of(number(&row[2]), |_| true))),
        ("type-d", tally(t, |row| of(date(&row[3]), |_| true))),
        ("type-dmy", tally(t, |row| of(dmy(&row[0]), |_| true))),
        ("matches", tally(t, |row| of_text(&row[0], |a| a.chars().all(|c| c.is_ascii_alphabetic())))),
        ("not-matches", tally(t, |row| of_text(&row[0], |a| !a.chars().all(|c| c.is_ascii_digit())))),
        ("allowed", tally(t, |row| of_text(&row[0], |a| ["abc", "70", "Nguyễn"].contains(&a)))),
        ("forbidden", tally(t, |row| of(integer(&row[1]), |n| n != 7 && n != 0))),
        ("code-now", tally(t, |row| of_text(&row[4], |k| listed(k, (2021, 6, 30))))),
        (
            "code-then",
            tally(t, |row| match (text(&row[4]), date(&row[3])) {
                (None, _) | (_, Ok(None)) => Unknown,
                (_, Err(())) => Unreadable,
                (Some(k), Ok(Some(day))) => listed(k, day).into(),
            }),
        ),
        ("range-n", tally(t, |row| of(integer(&row[1]), |n| (-3..=7).contains(&n)))),
        ("range-x", tally(t, |row| of(number(&row[2]), |x| x > zero && x < exact::of(1000, 1)))),
        ("range-d", tally(t, |row| of(date(&row[3]), |d| d >= (2000, 1, 1)))),
        ("length", tally(t, |row| of_text(&row[0], |a| (3..=4).contains(&a.chars().count())))),
        ("bytes", tally(t, |row| of_text(&row[0], |a| a.len() >= 4))),
        ("not-future", tally(t, |row| of(date(&row[3]), |d| d <= (2021, 6, 30)))),
        ("not-before", tally(t, |row| of(date(&row[3]), |d| d >= (2020, 1, 31)))),
        ("current", tally(t, |row| of(date(&row[3]), |d| d >= (2020, 6, 30)))),
        (
            "active",
            tally(t, |row| match (text(&row[4]), date(&row[3])) {
                (Some("k1" | "k2"), Ok(until)) => until.is_none_or(|day| day >= (2021, 6, 30)).into(),
                (Some("k1" | "k2"), Err(())) => Unreadable,
                _ => Unknown,
            }),
        ),
        (
            "closed",
            tally(t, |row| match date(&row[3]) {
                Ok(closed) => closed.is_none_or(|day| day > (2021, 6, 30)).into(),
                Err(()) => Unreadable,
            }),
        ),
        (
            "fresh",
            once(match (past.iter().max(), days.is_empty()) {
                (Some(newest), _) => Some(*newest >= (2019, 6, 30)),
                (None, false) => Some(false),
                (None, true) => None,
            }),
        ),
        (
            "expect-sum",
            tally(t, |row| match (integer(&row[1]), number(&row[2])) {
                // Where one side is missing, there is nothing to compare the other with, be it a sum that overflows.
                (Ok(None), _) | (_, Ok(None)) => Unknown,
                (Err(()), _) | (_, Err(())) => Unreadable,
                (Ok(Some(n)), _) if (n + 1).unsigned_abs() == 10_u128.pow(38) => Unreadable,
                // A decimal beside a float is the nearest float; a whole number of 64 bits is what it is.
                (Ok(Some(n)), Ok(Some(x))) if kind == Kind::Float && i64::try_from(n + 1).is_err() => {
                    (exact::of_float((n + 1).to_string().parse().unwrap()) > x).into()
                }
                (Ok(Some(n)), Ok(Some(x))) => (exact::whole(n + 1) > x).into(),
            }),
        ),
        (
            "expect-div",
            tally(t, |row| {
                let quotient = match integer(&row[1]) {
                    Err(()) | Ok(Some(0)) => Unreadable,
                    Ok(None) => Unknown,
                    Ok(Some(n)) => (1..=10).contains(&n).into(),
                };
                or(quotient, of_text(&row[0], |a| a == "abc"))
            }),
        ),
        (
            "expect-case",
            tally(t, |row| match date(&row[3]) {
                Err(()) => Unreadable,
                Ok(None) => of_text(&row[0], |a| a.chars().count() > 2),
                Ok(Some(day)) => (day.0 >= 2000).into(),
            }),
        ),
        ("unique", repeats(t, |row| text(&row[4]).map(str::to_owned))),
        ("unique-n", repeats_of(t, |row| integer(&row[1]))),
        (
            "unique-two",
            repeats_of(t, |row| match (text(&row[0]), text(&row[4]), date(&row[3])) {
                (None, ..) | (_, None, _) | (.., Ok(None)) => Ok(None),
                (.., Err(())) => Err(()),
                (Some(_), Some(k), Ok(Some(day))) => Ok(Some((k.to_owned(), day))),
            }),
        ),
        ("distinct", repeats(t, |row| Some([0, 1, 3, 4].map(|at| text(&row[at]).map(str::to_owned))))),
        ("rows", once(Some(t.len() >= 3))),
        ("rows-where", {
            let sevens = t.iter().filter(|row| integer(&row[1]) == Ok(Some(7))).count();
            once(Some(sevens == 2 && t.iter().all(|row| integer(&row[1]).is_ok())))
        }),
        (
            "unique-where",
            repeats_of(t, |row| match (integer(&row[1]), text(&row[4])) {
                (Err(()), _) => Err(()),
                (Ok(Some(1..)), Some(k)) => Ok(Some(k.to_owned())),
                _ => Ok(None),
            }),
        ),
        ("orphan", tally(t, |row| has(row, &|_| true))),
        ("orphan-having", tally(t, |row| has(row, &|other| over_one(other) == Yes))),
        // Where it is unknown whether one exists, it counts as existing.
        (
            "absent-having",
            tally(t, |row| match has(row, &|other| matches!(over_one(other), Yes | Unreadable)) {
                Unknown => Unknown,
                found => (found == No).into(),
            }),
        ),
        (
            "absent",
            tally(t, |row| {
                let found = has(row, &|other| text(&other[1]) == Some("abc"));
                scoped(text(&row[0]).is_some(), if found == Unknown { Unknown } else { (found == No).into() })
            }),
        ),
        (
            "agrees",
            tally(t, |row| match partners(row).as_slice() {
                [] => Unknown,
                partners => partners.iter().all(|other| text(&other[1]) == text(&row[0])).into(),
            }),
        ),
        (
            "agrees-near",
            tally(t, |row| {
                let ours = kind.written(&row[2]);
                let near = |other: &&[String; 3]| match (&ours, kind.written(&other[2])) {
                    (Ok(None), Ok(None)) => true,
                    (Ok(Some(one)), Ok(Some(other))) => exact::abs(&(one - other)) <= exact::of(1, 2),
                    _ => false,
                };
                match partners(row).as_slice() {
                    [] => Unknown,
                    partners if partners.iter().all(near) => Yes,
                    partners if ours.is_err() || partners.iter().any(|other| number(&other[2]).is_err()) => Unreadable,
                    _ => No,
                }
            }),
        ),
        (
            "agrees-whole",
            tally(t, |row| match (text(&row[4]), integer(&row[1])) {
                (None, _) => Unknown,
                (key, n) => {
                    let theirs = || t.iter().filter(|other| text(&other[4]) == key).map(|other| integer(&other[1]));
                    if theirs().any(|their| their.is_err()) {
                        Unreadable
                    } else {
                        theirs().all(|their| their == n).into()
                    }
                }
            }),
        ),
        ("figure-count", left_out(no_numbers, once(Some(numbers.len() == 3)))),
        (
            "figure-distinct",
            left_out(no_numbers, once(Some(numbers.iter().collect::<std::collections::BTreeSet<_>>().len() == 3))),
        ),
        (
            "figure-sum",
            left_out(
                no_numbers,
                once(
                    (!numbers.is_empty())
                        .then(|| exact::sum(&numbers.iter().copied().map(exact::whole).collect::<Vec<_>>()))
                        .and_then(|sum| exact::fitting(&sum, 0))
                        .map(|sum| sum > zero),
                ),
            ),
        ),
        (
            "figure-avg",
            left_out(
                t.iter().filter(|row| not_k1(row) && number(&row[2]).is_err()).count(),
                once(exact::mean(&decimals).map(|mean| mean < exact::of(100, 1))),
            ),
        ),
        (
            "figure-share",
            once(
                (!t.is_empty()).then(|| count(t.iter().filter(|row| row[0] == "abc").count()) / count(t.len()) >= 0.25),
            ),
        ),
        (
            "figure-max",
            left_out(
                t.iter().filter(|row| date(&row[3]).is_err()).count(),
                once(days.iter().max().map(|day| *day >= (2020, 1, 31))),
            ),
        ),
    ])
}

/// Audits the tables as CSV and as Parquet, and compares every rule with the reference.
fn compare(t: &[Row], p: &[[String; 3]], kind: Kind) {
    let TwoTables { folder: _folder, suite, parquet } = two_tables::write(&kind.suite(SUITE), CODES, t, p);
    let expected = reference(t, p, kind);
    let as_csv = run(&suite, &[], 1);
    let as_parquet = run(&suite, &parquet, 2);
    // Without memory for keys all of them go to disk, and lookups become joins.
    let spilled = run_within(MemoryLimit::Keys(0), &suite, &[], 2);
    for (report, format) in [(&as_csv, "csv"), (&as_parquet, "parquet"), (&spilled, "csv without memory")] {
        let rules = rules(report);
        for (id, expected) in &expected {
            let rule = rules.get(id).unwrap_or_else(|| panic!("{id} is not in the report"));
            assert_judged(rule);
            assert_eq!(counts(rule), *expected, "{id} from {format}, {kind:?}: {t:?} {p:?}");
        }
    }
    // The same bytes from any number of threads.
    assert_eq!(json(&as_csv), json(&run(&suite, &[], 16)));
    assert_eq!(json(&as_parquet), json(&run(&suite, &parquet, 1)));
    // And from any memory.
    assert_eq!(json(&as_csv), json(&spilled));
    let within = |bytes| json(&run_within(MemoryLimit::Keys(bytes), &suite, &parquet, 2));
    assert_eq!(json(&as_parquet), within(0));
    assert_eq!(json(&as_parquet), within(400));
}

/// Audits until the gate cannot pass any more, and compares the place with the first at which, batch after batch, the
/// reference counts more failures than some rule allows.
fn compare_early(t: &[Row], p: &[[String; 3]], more: u64) {
    let mut text = SUITE.to_owned();
    for (id, allowed) in ALLOWED_FAILURES {
        let tolerant = format!("{{ id: {id}, severity: critical, at_most: {} rows,", allowed + more);
        text = text.replace(&format!("{{ id: {id},"), &tolerant);
    }
    let TwoTables { folder: _folder, suite, parquet } = two_tables::write(&text, CODES, t, p);
    let report = run_until(ALL_MEMORY, &suite, &parquet, 1);
    for (threads, memory) in [(2, MemoryLimit::Keys(0)), (16, ALL_MEMORY)] {
        let other = run_until(memory, &suite, &parquet, threads);
        assert_eq!(json(&report), json(&other));
    }
    let over = |read: usize| -> Vec<(&str, Counts)> {
        let counted = reference(&t[..read], p, Kind::Decimal);
        let over = ALLOWED_FAILURES.iter().filter(|(id, allowed)| counted[id].failed > allowed + more);
        over.map(|(id, _)| (*id, counted[id].clone())).collect()
    };
    let groups = t.len().div_ceil(GROUP).max(1);
    let ends = (1..=groups).map(|at| t.len().min(at * GROUP));
    let audited = report.datasets.iter().find(|dataset| dataset.name == "t").unwrap();
    match ends.map(|read| (read, over(read))).find(|(_, over)| !over.is_empty()) {
        None => {
            assert_eq!((&report.stopped, audited.status), (&None, DatasetStatus::Audited));
            let expected = reference(t, p, Kind::Decimal);
            audited
                .rules
                .iter()
                .filter_map(|rule| Some((rule, expected.get(rule.id.as_str())?)))
                .for_each(|(rule, expected)| assert_eq!(counts(rule), *expected, "{}: {t:?}", rule.id));
        }
        Some((read, over)) => {
            assert_eq!(audited.status, DatasetStatus::Stopped);
            assert_eq!(audited.files[0].rows, read as u64, "{t:?}");
            for rule in &audited.rules {
                match over.iter().find(|(id, _)| *id == rule.id) {
                    Some((_, expected)) => {
                        assert!(rule.partial && rule.status == Status::Failed, "{}", rule.id);
                        assert_eq!(counts(rule), *expected, "{}: {t:?}", rule.id);
                    }
                    None => assert_eq!((rule.status, rule.evaluated), (Status::NotMeasured, 0), "{}", rule.id),
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn every_check_agrees_with_the_reference(
        t in prop::collection::vec(row(), 0..20),
        p in prop::collection::vec(partner(), 0..8),
        kind in Kind::any(),
    ) {
        compare(&t, &p, kind);
    }

    #[test]
    fn an_early_end_is_where_the_reference_has_it(
        t in prop::collection::vec(row(), 0..30),
        p in prop::collection::vec(partner(), 0..8),
        more in 0..12_u64,
    ) {
        compare_early(&t, &p, more);
    }
}

#[test]
fn tables_of_one_kind_of_row_agree_too() {
    let full = |cells: [&str; 5]| cells.map(str::to_owned);
    let one = full(["abc", "7", "1.5", "2020-01-31", "k1"]);
    let empty = full(["", "", "", "", ""]);
    let other = ["k1", "abc", "1.5"].map(str::to_owned);
    let compare = |t: &[Row], p: &[[String; 3]]| [Kind::Decimal, Kind::Float].map(|kind| compare(t, p, kind));
    compare(&[], &[]);
    let (one_row, one_other) = (slice::from_ref(&one), slice::from_ref(&other));
    compare(one_row, one_other);
    compare(&vec![one.clone(); 70], one_other);
    compare(&vec![empty.clone(); 65], one_other);
    let mut many = vec![one; 64];
    many.push(empty);
    compare(&many, &[]);
}
