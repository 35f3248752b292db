//! `lag` against a naive reference: the delays of all rows in a list, sorted.

use std::collections::BTreeMap;

use passmuster::model::{AuditReport, Status};
use proptest::prelude::*;

use crate::parity::{Read, read};
use crate::parity_figures::quantile_of;
use crate::support::audits::audit_everywhere;
use crate::support::cells::one_of;
use crate::support::reports::{Counts, counts, rule};

const SUITE: &str = r#"
suite: lag
datasets:
  t:
    source: t.csv
    missing: [NA]
    columns:
      d: { type: date }
      e: { type: date }
      u: { type: datetime }
      v: { type: datetime }
    rules:
      - { id: days, check: lag, from: d, to: e, within: 10d }
      - { id: timestamps, check: lag, from: u, to: v, within: 36h }
      - { id: mixed, check: lag, from: d, to: v, within: 1w }
      - { id: mixed-back, check: lag, from: u, to: e, within: 0d, where: "k = 'a'" }
      - { id: most-days, check: lag, from: d, to: e, within: 10d, quantile: 0.9 }
      - { id: half-timestamps, check: lag, from: u, to: v, within: 90min, quantile: 0.5, where: "k = 'a'" }
"#;

/// k, d, e, u, v as written.
type Row = [String; 5];

/// Days since 2020-01-01 of the few days there are.
fn day(cell: &str) -> Option<i64> {
    ["2020-01-01", "2020-01-02", "2020-01-03", "2020-01-11", "2020-01-12", "2020-02-29"]
        .iter()
        .zip([0, 1, 2, 10, 11, 59])
        .find_map(|(known, day)| (*known == cell).then_some(day))
}

/// Microseconds since 2020-01-01T00:00:00.
fn timestamp(cell: &str) -> Option<i64> {
    let (date, clock) = cell.split_at_checked(10)?;
    let clock = clock.strip_prefix('T')?;
    let parts: Vec<i64> = clock.split([':', '.']).map(|part| part.parse().unwrap()).collect();
    let [hours, minutes, seconds, rest @ ..] = parts.as_slice() else { return None };
    if *hours > 23 {
        return None;
    }
    let micros = rest.first().copied().unwrap_or(0) * 100_000;
    Some((((day(date)? * 24 + hours) * 60 + minutes) * 60 + seconds) * 1_000_000 + micros)
}

fn to_day(timestamp: Read<i64>) -> Read<i64> {
    timestamp.map(|timestamp| timestamp.map(|micros| micros.div_euclid(86_400_000_000)))
}

/// The delay of a row: missing where one of both dates is, unreadable where one cannot be parsed.
fn delay(from: Read<i64>, to: Read<i64>) -> Read<i64> {
    match (from, to) {
        (Ok(None), _) | (_, Ok(None)) => Ok(None),
        (Ok(Some(from)), Ok(Some(to))) => Ok(Some(to - from)),
        _ => Err(()),
    }
}

struct Expected {
    counts: Counts,
    negative: u64,
    /// Delays of 0 or more, the shortest first.
    delays: Vec<i64>,
    unreadable: u64,
}

fn expect(rows: &[Row], lag: impl Fn(&Row) -> Read<i64>, within: i64) -> Expected {
    let mut counts = Counts::default();
    let (mut delays, mut negative) = (Vec::new(), 0);
    for row in rows {
        match lag(row) {
            Ok(None) => counts.not_applicable += 1,
            Err(()) => {
                counts.failed += 1;
                counts.unreadable += 1;
            }
            Ok(Some(delay)) => {
                if (0..=within).contains(&delay) {
                    counts.passed += 1;
                } else {
                    counts.failed += 1;
                }
                if delay < 0 { negative += 1 } else { delays.push(delay) }
            }
        }
    }
    delays.sort_unstable();
    let unreadable = counts.unreadable;
    Expected { counts, negative, delays, unreadable }
}

/// The same as one judgement of a quantile.
fn judged(expected: Expected, hundredths: usize, within: i64) -> Expected {
    // Unparseable rows are late.
    let unreadable = usize::try_from(expected.unreadable).unwrap();
    let all: Vec<i64> = expected.delays.iter().copied().chain(std::iter::repeat_n(i64::MAX, unreadable)).collect();
    let passes = quantile_of(&all, hundredths).map(|delay| delay <= within);
    let counts = Counts {
        passed: u64::from(passes == Some(true)),
        failed: u64::from(passes == Some(false)),
        ..Counts::default()
    };
    Expected { counts, ..expected }
}

fn compare(rows: &[Row]) {
    let report = audit_everywhere(SUITE, "k,d,e,u,v", rows);
    let d = |row: &Row| read(&row[1], day);
    let e = |row: &Row| read(&row[2], day);
    let u = |row: &Row| read(&row[3], timestamp);
    let v = |row: &Row| read(&row[4], timestamp);
    let scoped: Vec<Row> = rows.iter().filter(|row| row[0] == "a").cloned().collect();
    let mut back = expect(&scoped, |row| delay(to_day(u(row)), e(row)), 0);
    back.counts.not_applicable += (rows.len() - scoped.len()) as u64;
    let days = |rows: &[Row]| expect(rows, |row| delay(d(row), e(row)), 10);
    let timestamps = |rows: &[Row]| expect(rows, |row| delay(u(row), v(row)), 36 * 3_600_000_000);
    let expected = BTreeMap::from([
        ("days", days(rows)),
        ("timestamps", timestamps(rows)),
        ("mixed", expect(rows, |row| delay(d(row), to_day(v(row))), 7)),
        ("mixed-back", back),
        ("most-days", judged(days(rows), 90, 10)),
        ("half-timestamps", judged(timestamps(&scoped), 50, 90 * 60_000_000)),
    ]);
    for (id, expected) in expected {
        let rule = rule(&report, id);
        assert_eq!(counts(rule), expected.counts, "{id}: {rows:?}");
        let detail = |name: &str| rule.details.get(name).copied();
        assert_eq!(detail("negative"), Some(expected.negative).filter(|_| detail("negative").is_some()), "{id}");
        let (name, size) = if id.contains("timestamps") { ("seconds", 1_000_000) } else { ("days", 1) };
        for (what, hundredths) in [("median", 50), ("p90", 90), ("p95", 95), ("p99", 99), ("greatest", 100)] {
            let delay = quantile_of(&expected.delays, hundredths).map(|delay| u64::try_from(delay / size).unwrap());
            assert_eq!(detail(&format!("{what}_{name}")), delay, "{id} {what}: {rows:?}");
        }
        if ["most-days", "half-timestamps"].contains(&id) {
            assert_eq!(detail("delays"), Some(expected.delays.len() as u64), "{id}");
            assert_eq!(detail("unreadable_values").unwrap_or(0), expected.unreadable, "{id}");
        }
    }
}

fn row() -> impl Strategy<Value = Row> {
    const DAYS: &[&str] = &[
        "",
        "NA",
        "2020-01-01",
        "2020-01-02",
        "2020-01-03",
        "2020-01-11",
        "2020-01-12",
        "2020-02-29",
        "2020-02-30",
        "x",
    ];
    const MOMENTS: &[&str] = &[
        "",
        "2020-01-01T00:00:00",
        "2020-01-01T01:30:00",
        "2020-01-01T01:30:00.5",
        "2020-01-02T12:00:00",
        "2020-01-11T23:59:59",
        "2020-01-11T25:00:00",
    ];
    (one_of(&["a", "b", ""]), one_of(DAYS), one_of(DAYS), one_of(MOMENTS), one_of(MOMENTS))
        .prop_map(|(k, d, e, u, v)| [k, d, e, u, v])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn delays_agree_with_the_reference(rows in prop::collection::vec(row(), 0..40)) {
        compare(&rows);
    }
}

#[test]
fn delays_of_one_kind_of_row_agree_too() {
    let row = |cells: [&str; 5]| cells.map(str::to_owned);
    let one = row(["a", "2020-01-01", "2020-01-12", "2020-01-01T00:00:00", "2020-01-02T12:00:00"]);
    compare(&[]);
    compare(std::slice::from_ref(&one));
    compare(&vec![one.clone(); 70]);
    compare(&vec![row(["", "", "", "", ""]); 65]);
}

fn audit(columns: &str, rules: &[&str], rows: &[[&str; 2]]) -> AuditReport {
    let rules = rules.iter().fold(String::new(), |all, rule| all + "      - " + rule + "\n");
    let suite = format!("suite: s\ndatasets:\n  t:\n    source: t.csv\n    columns: {columns}\n    rules:\n{rules}");
    let rows: Vec<[String; 2]> = rows.iter().map(|row| row.map(str::to_owned)).collect();
    audit_everywhere(&suite, "f,t", &rows)
}

/// Delays of 0 to 9 days, one record before its event, one without a date, one that cannot be parsed.
#[test]
fn delays_by_hand() {
    let to: Vec<String> = (1..=10).map(|day| format!("2026-03-{day:02}")).collect();
    let mut rows: Vec<[&str; 2]> = to.iter().map(|to| ["2026-03-01", to.as_str()]).collect();
    rows.extend([["2026-03-01", "2026-02-28"], ["2026-03-01", ""], ["2026-02-30", "2026-03-01"]]);
    let rules = [
        "{ id: rows, check: lag, from: f, to: t, within: 7d, at_least: 60% }",
        "{ id: most, check: lag, from: f, to: t, within: 8d, quantile: 0.8 }",
        "{ id: all, check: lag, from: f, to: t, within: 8d, quantile: 0.82 }",
        "{ id: most-read, check: lag, from: f, to: t, within: 9d, quantile: 0.95 }",
    ];
    let report = audit("{ f: { type: date }, t: { type: date } }", &rules, &rows);
    let found = rule(&report, "rows");
    assert_eq!([found.passed, found.failed, found.not_applicable, found.unreadable], [8, 4, 1, 1]);
    assert_eq!((found.details["late"], found.details["negative"]), (2, 1));
    assert_eq!(
        found.observed,
        "3 of 12 rows are not in time, 1 have an unparseable value; delays: median 4 days, 90 % 8 days, 95 % 9 days, 99 % 9 days, \
         longest 9 days"
    );
    assert_eq!(found.status, Status::Passed);
    // With the unparseable one there are 11, and 9 of them come within 8 days: 81.8 %. Fewer than 95 % can be parsed.
    assert_eq!(rule(&report, "most-read").status, Status::Failed);
    let observed = &rule(&report, "most-read").observed;
    assert!(observed.starts_with("fewer than 95 % of the records have a delay that can be parsed;"), "{observed}");
    assert_eq!(rule(&report, "most").status, Status::Passed);
    assert_eq!(rule(&report, "all").status, Status::Failed);
    assert_eq!(
        rule(&report, "most").observed,
        "for 80 % it is at most 8 days; delays: median 4 days, 90 % 8 days, 95 % 9 days, 99 % 9 days, longest 9 days; 1 records \
         come before their event, 1 unparseable values count as late"
    );
    // A rule about the whole dataset makes no record unclean; the rule about rows does.
    assert_eq!(report.datasets[0].records.as_ref().unwrap().clean, 9);
}

#[test]
fn delays_of_few_rows_with_personal_dates_are_not_shown() {
    let columns = "{ f: { type: date, pii: basic }, t: { type: datetime } }";
    let rows = [["2026-03-01", "2026-03-03T06:00:00"], ["2026-03-01", "2026-03-01T23:00:00"]];
    let report = audit(columns, &["{ id: l, check: lag, from: f, to: t, within: 2d }"], &rows);
    let found = rule(&report, "l");
    assert_eq!([found.passed, found.failed], [2, 0]);
    assert_eq!(found.observed, "all 2 rows pass");
    assert!(!found.details.keys().any(|key| key.ends_with("_days")), "{:?}", found.details);
    let rows = rows.repeat(5);
    let report = audit(columns, &["{ id: l, check: lag, from: f, to: t, within: 2d }"], &rows);
    let found = rule(&report, "l");
    assert_eq!(found.observed, "all 10 rows pass; delays: median 0 days");
    assert_eq!(found.details.get("greatest_days"), None);
}
