//! `similar` against a reference that compares every pair in the plainest way.

use std::collections::{BTreeMap, BTreeSet};

use passmuster::engine::MemoryLimit;
use passmuster::model::RuleReport;
use passmuster::scalar::fold;
use proptest::prelude::*;

use crate::support::audits::{ALL_MEMORY, run, run_within};
use crate::support::folder::Folder;
use crate::support::reports::{assert_judged, rules};
use crate::support::tables::csv;

const SUITE: &str = r#"
suite: parity
as_of: 2021-06-30
datasets:
  t:
    source: t.csv
    missing: [NA]
    columns:
      d: { type: date }
      n: { type: integer }
    rules:
      - id: all
        check: similar
        compare: &compare
          a: { method: jaro_winkler, weight: 2 }
          b: { method: jaro_winkler, weight: 2 }
          c: { method: damerau, weight: 1.5 }
          d: { method: date, weight: 1.25 }
          n: { method: number, within: 5, weight: 0.5 }
          t: token_set
        swap: [a, b]
        block_on: all
        score: 0.8
        list: 100000
      - id: straight
        check: similar
        compare: { a: levenshtein, b: exact, d: { within: 40 } }
        block_on: all
        overlap: 0
        score: 0.6
        list: 100000
        where: "n > 0"
      - id: keys
        check: similar
        compare: *compare
        swap: [a, b]
        block_on: [c, [prefix(a:1), d]]
        score: 0.8
        list: 100000
      - id: chosen
        check: similar
        compare: *compare
        swap: [a, b]
        score: 0.8
        list: 100000
      - id: many
        check: similar
        compare: *compare
        swap: [a, b]
        block_on: [qgram(t), soundex(a), [phonetic(b), d], sorted(c:2), c]
        score: 0.8
        list: 100000
      - id: capped
        check: similar
        compare: *compare
        swap: [a, b]
        block_on: [qgram(t), phonetic(a), sorted(c:2), c]
        max_pairs: 12
        score: 0.8
        list: 100000
"#;

/// a, b, c, d, n, t as written.
type Row = [String; 6];

/// A row as it compares: folded texts, a day, a number.
#[derive(Clone, Default)]
struct Values {
    texts: [Option<String>; 4],
    day: Option<(i64, [u32; 3])>,
    number: Option<f64>,
}

/// What becomes of a row before it is compared.
enum Entry {
    Takes(Values),
    Unreadable,
    Out,
}

fn cell(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.trim().is_empty() && text.trim() != "NA")
}

fn day(text: &str) -> Option<(i64, [u32; 3])> {
    let parts: Vec<&str> = text.split('-').collect();
    if parts.iter().map(|part| part.len()).collect::<Vec<_>>() != [4, 2, 2] {
        return None;
    }
    let number = |at: usize| parts[at].bytes().all(|b| b.is_ascii_digit()).then(|| parts[at].parse().ok()).flatten();
    let (y, m, d): (u32, u32, u32) = (number(0)?, number(1)?, number(2)?);
    let leap = |y: u32| y.is_multiple_of(4) && (!y.is_multiple_of(100) || y.is_multiple_of(400));
    let length = |y: u32, m: u32| match m {
        2 => 28 + u32::from(leap(y)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    if !(1..=12).contains(&m) || d == 0 || d > length(y, m) {
        return None;
    }
    let years: i64 = (1..y).map(|y| if leap(y) { 366 } else { 365 }).sum();
    let months: u32 = (1..m).map(|m| length(y, m)).sum();
    Some((years + i64::from(months + d), [y, m, d]))
}

fn read(row: &Row, compared: &str) -> Entry {
    let text = |at: usize| cell(&row[at]).map(|text| fold(text).into_owned());
    let mut values = Values { texts: [text(0), text(1), text(2), text(5)], ..Values::default() };
    if let Some(text) = cell(&row[3]) {
        values.day = day(text);
        if values.day.is_none() {
            return Entry::Unreadable;
        }
    }
    if compared.contains('n') {
        if let Some(text) = cell(&row[4]) {
            match text.parse::<i64>() {
                #[expect(clippy::cast_precision_loss, reason = "small numbers")]
                Ok(number) => values.number = Some(number as f64),
                Err(_) => return Entry::Unreadable,
            }
        }
    } else {
        values.texts[2] = None;
        values.texts[3] = None;
    }
    let any = values.texts.iter().any(Option::is_some) || values.day.is_some() || values.number.is_some();
    if any { Entry::Takes(values) } else { Entry::Out }
}

fn of_day((a, one): (i64, [u32; 3]), (b, other): (i64, [u32; 3]), within: Option<f64>) -> f64 {
    if a == b {
        return 1.0;
    }
    let written = |[y, m, d]: [u32; 3]| format!("{y:04}{m:02}{d:02}");
    let (one_text, other_text) = (written(one), written(other));
    let one_digit = strsim::hamming(&one_text, &other_text) == Ok(1);
    // Of equal length, one edit that is not one digit is an exchange.
    let exchanged =
        strsim::hamming(&one_text, &other_text) == Ok(2) && strsim::osa_distance(&one_text, &other_text) == 1;
    let turned = one[0] == other[0] && one[1] == other[2] && one[2] == other[1];
    let slip = if one_digit || exchanged || turned { 0.9 } else { 0.0 };
    #[expect(clippy::cast_precision_loss, reason = "days")]
    let near = within.map_or(0.0, |within| 1.0 - ((a - b).abs() as f64) / within);
    near.max(slip)
}

fn of_words(a: &str, b: &str) -> f64 {
    let words = |text: &str| -> Vec<String> {
        let words: BTreeSet<&str> = text.split(' ').collect();
        words.into_iter().map(str::to_owned).collect()
    };
    let (mut a, mut b) = (words(a), words(b));
    if a > b {
        std::mem::swap(&mut a, &mut b);
    }
    #[expect(clippy::cast_precision_loss, reason = "a few words")]
    let all = (a.len() + b.len()) as f64;
    let (mut left, mut right) = (vec![true; a.len()], vec![true; b.len()]);
    let mut sum = 0.0;
    loop {
        let mut best = (0.0, 0, 0);
        for (i, one) in a.iter().enumerate().filter(|(i, _)| left[*i]) {
            for (j, other) in b.iter().enumerate().filter(|(j, _)| right[*j]) {
                let alike = strsim::jaro_winkler(one, other);
                // Rounded: in the last digit two ways to count may differ.
                if (alike * 1e9).round() > f64::round(best.0 * 1e9) {
                    best = (alike, i, j);
                }
            }
        }
        if best.0 < 0.9 {
            return 2.0 * sum / all;
        }
        (left[best.1], right[best.2]) = (false, false);
        sum += best.0;
    }
}

/// Weights in thousandths and similarities in millionths, of what both have.
type Compared = Vec<(u64, Option<f64>)>;

fn text_pair(a: Option<&String>, b: Option<&String>, of: impl Fn(&str, &str) -> f64) -> Option<f64> {
    Some(of(a?, b?))
}

fn full(x: &Values, y: &Values, swapped: bool) -> Compared {
    let (first, second) = if swapped { (1, 0) } else { (0, 1) };
    let of =
        |a: usize, b: usize, of: &dyn Fn(&str, &str) -> f64| text_pair(x.texts[a].as_ref(), y.texts[b].as_ref(), of);
    #[expect(clippy::cast_precision_loss, reason = "short texts")]
    let osa = |a: &str, b: &str| {
        let longer = a.chars().count().max(b.chars().count());
        1.0 - strsim::osa_distance(a, b) as f64 / longer as f64
    };
    let near = |a: f64, b: f64| (1.0 - (a - b).abs() / 5.0).max(0.0);
    vec![
        (2000, of(0, first, &strsim::jaro_winkler)),
        (2000, of(1, second, &strsim::jaro_winkler)),
        (1500, of(2, 2, &osa)),
        (1250, x.day.zip(y.day).map(|(x, y)| of_day(x, y, None))),
        (500, x.number.zip(y.number).map(|(x, y)| near(x, y))),
        (1000, of(3, 3, &of_words)),
    ]
}

fn straight(x: &Values, y: &Values) -> Compared {
    let exact = |a: &str, b: &str| if a == b { 1.0 } else { 0.0 };
    vec![
        (1000, text_pair(x.texts[0].as_ref(), y.texts[0].as_ref(), strsim::normalized_levenshtein)),
        (1000, text_pair(x.texts[1].as_ref(), y.texts[1].as_ref(), exact)),
        (1000, x.day.zip(y.day).map(|(x, y)| of_day(x, y, Some(40.0)))),
    ]
}

/// The score in millionths, where it is enough.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "shares")]
fn score(compared: &Compared, least: u64, overlap: u64) -> Option<u64> {
    let all: u64 = compared.iter().map(|(weight, _)| weight).sum();
    let there: u64 = compared.iter().filter(|(_, alike)| alike.is_some()).map(|(weight, _)| weight).sum();
    if there == 0 || there * 1_000_000 < overlap * all {
        return None;
    }
    let sum: u64 = compared.iter().filter_map(|(weight, alike)| Some(weight * ((*alike)? * 1e6).round() as u64)).sum();
    (sum >= least * there).then_some(sum / there)
}

/// What must be found: pairs of rows from 1 with their score, candidate pairs, and rows by outcome.
#[derive(Debug, PartialEq, Default)]
struct Expected {
    pairs: Vec<(u64, u64, u64)>,
    candidates: u64,
    clusters: u64,
    largest: u64,
    passed: u64,
    failed: u64,
    not_applicable: u64,
    unreadable: u64,
}

fn expect(
    entries: &[Entry],
    candidate: impl Fn(usize, usize) -> bool,
    alike: impl Fn(&Values, &Values) -> Option<u64>,
) -> Expected {
    let mut expected = Expected::default();
    let mut sets: Vec<usize> = (0..entries.len()).collect();
    for (at, one) in entries.iter().enumerate() {
        for (other_at, other) in entries.iter().enumerate().skip(at + 1) {
            let (Entry::Takes(x), Entry::Takes(y)) = (one, other) else { continue };
            if !candidate(at, other_at) {
                continue;
            }
            expected.candidates += 1;
            if let Some(score) = alike(x, y) {
                expected.pairs.push((at as u64 + 1, other_at as u64 + 1, score));
                let (from, to) = (sets[other_at], sets[at]);
                sets.iter_mut().filter(|set| **set == from).for_each(|set| *set = to);
            }
        }
    }
    let mut sizes: BTreeMap<usize, u64> = BTreeMap::new();
    for (set, entry) in sets.iter().zip(entries) {
        match entry {
            Entry::Takes(_) => *sizes.entry(*set).or_default() += 1,
            Entry::Unreadable => expected.unreadable += 1,
            Entry::Out => expected.not_applicable += 1,
        }
    }
    expected.failed = expected.unreadable;
    for size in sizes.into_values() {
        if size > 1 {
            expected.clusters += 1;
            expected.largest = expected.largest.max(size);
            expected.failed += size;
        } else {
            expected.passed += 1;
        }
    }
    expected
}

fn found(rule: &RuleReport) -> Expected {
    assert_judged(rule);
    let detail = |name: &str| rule.details[name];
    let pairs = rule.pairs.iter().map(|pair| (pair.first.record, pair.second.record, u64::from(pair.score)));
    let found = Expected {
        pairs: pairs.collect(),
        candidates: detail("candidate_pairs"),
        clusters: detail("clusters"),
        largest: detail("largest_cluster"),
        passed: rule.passed,
        failed: rule.failed,
        not_applicable: rule.not_applicable,
        unreadable: rule.unreadable,
    };
    assert_eq!(detail("pairs"), found.pairs.len() as u64);
    found
}

fn compare(rows: &[Row]) {
    let folder = Folder::new();
    let suite = folder.write("suite.yaml", SUITE);
    folder.write("t.csv", csv("a,b,c,d,n,t", rows));
    let report = run(&suite, &[], 2);
    for (threads, memory) in [(1, MemoryLimit::Keys(0)), (16, ALL_MEMORY)] {
        assert_eq!(report, run_within(memory, &suite, &[], threads), "{threads} threads");
    }
    let rules = rules(&report);
    let entries: Vec<Entry> = rows.iter().map(|row| read(row, "abcdnt")).collect();
    let alike = |x: &Values, y: &Values| {
        score(&full(x, y, false), 800_000, 500_000).max(score(&full(x, y, true), 800_000, 500_000))
    };
    let all = expect(&entries, |_, _| true, alike);
    assert_eq!(found(rules["all"]), all);

    let scoped: Vec<Entry> = rows
        .iter()
        .map(|row| match cell(&row[4]).map(str::parse::<i64>) {
            Some(Err(_)) => Entry::Unreadable,
            Some(Ok(1..)) => read(row, "abd"),
            _ => Entry::Out,
        })
        .collect();
    let expected = expect(&scoped, |_, _| true, |x, y| score(&straight(x, y), 600_000, 0));
    assert_eq!(found(rules["straight"]), expected);

    let keys = |at: usize| {
        let Entry::Takes(values) = &entries[at] else { return (None, None) };
        let first = values.texts[0].as_ref().and_then(|text| text.chars().next());
        (values.texts[2].clone(), first.zip(values.day.map(|day| day.0)))
    };
    let share = |a: usize, b: usize| {
        let (one, other) = (keys(a), keys(b));
        (one.0.is_some() && one.0 == other.0) || (one.1.is_some() && one.1 == other.1)
    };
    assert_eq!(found(rules["keys"]), expect(&entries, share, alike));

    let every: BTreeSet<_> = all.pairs.iter().collect();
    for id in ["chosen", "many", "capped"] {
        let found = found(rules[id]);
        assert!(found.pairs.iter().all(|pair| every.contains(pair)), "{id} finds only what is there");
        let listed: BTreeSet<_> = found.pairs.iter().map(|(one, other, _)| (one, other)).collect();
        assert_eq!(listed.len(), found.pairs.len(), "{id} finds each pair once");
        assert_eq!((found.unreadable, found.not_applicable), (all.unreadable, all.not_applicable));
        assert_eq!(found.passed + found.failed, all.passed + all.failed);
        assert!(found.candidates <= all.candidates);
    }
    let capped = rules["capped"];
    assert!(capped.details["candidate_pairs"] <= 12, "the cap holds");
    assert_eq!(capped.details["blocks_capped"] > 0, capped.details["pairs_skipped"] > 0);
    assert_eq!(capped.details["blocks_capped"] > 0, capped.observed.contains("not all: "), "the cap is reported");
}

fn row() -> impl Strategy<Value = Row> {
    let one_of = |pool: &'static [&'static str]| proptest::sample::select(pool).prop_map(str::to_owned);
    let name = || {
        prop_oneof![
            3 => one_of(&["anna", "ana", "Hannah", "martha", "marhta", "Nguyễn", "nguyen", "NGUYỄN", "hoà", "hòa", "", "NA"]),
            1 => "[a-cđàM ]{0,7}",
        ]
    };
    let code = prop_oneof![one_of(&["12345", "12354", "1235", "", "NA", "X1"]), "[0-2]{1,4}"];
    let day = one_of(&[
        "1984-03-12",
        "1984-12-03",
        "1948-03-12",
        "1984-03-21",
        "1984-03-13",
        "1985-04-01",
        "2020-02-30",
        "soon",
        "",
        "NA",
        "0001-01-01",
    ]);
    let number = one_of(&["0", "1", "3", "5", "-2", "9", "x", "", "NA"]);
    let text = prop_oneof![
        one_of(&["12 tran phu", "tran phu 12", "12 trần phú", "tran hung dao", "phu", "", "NA", "a a b"]),
        "([a-b]{1,3} ){0,3}",
    ];
    (name(), name(), code, day, number, text).prop_map(|(a, b, c, d, n, t)| [a, b, c, d, n, t])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_pair_is_judged_as_by_hand(rows in prop::collection::vec(row(), 0..24)) {
        compare(&rows);
    }
}

#[test]
fn tables_of_one_kind_of_row_agree_too() {
    let of = |cells: [&str; 6]| cells.map(str::to_owned);
    let full = of(["Nguyễn", "An", "12345", "1984-03-12", "3", "12 tran phu"]);
    compare(&[]);
    compare(std::slice::from_ref(&full));
    compare(&vec![full.clone(); 40]);
    compare(&vec![of(["", "", "", "", "", ""]); 5]);
    compare(&vec![of(["", "", "", "", "x", ""]); 5]);
    let letters = |n: u32| (0..6).map(|bit| if n >> bit & 1 == 1 { 'a' } else { 'b' }).collect::<String>();
    let rows: Vec<Row> = (0..64).map(|n| of([&letters(n), "", "", "", "1", ""])).collect();
    compare(&rows);
}
