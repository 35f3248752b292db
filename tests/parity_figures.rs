//! Figures that hang on all values at once against a naive reference: all values in a list, sorted.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use passmuster::engine::MemoryLimit;
use passmuster::model::{AuditReport, RuleReport, Status};
use proptest::prelude::*;

use crate::parity::{Day, Read, csv, date, decimal, integer, one_of, parquet, run, run_within, text};

/// Audits `t.csv` and the same as Parquet, on several threads and within several limits of memory; all say the same.
pub(crate) fn audit_everywhere<const N: usize>(suite: &str, header: &str, rows: &[[String; N]]) -> AuditReport {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("suite.yaml"), suite).unwrap();
    fs::write(path("t.csv"), csv(header, rows)).unwrap();
    parquet(&path("t.parquet"), header, rows);
    let json = |report: &AuditReport| serde_json::to_string(report).unwrap();
    let data = [("t", path("t.parquet"))];
    let as_csv = run(&path("suite.yaml"), &[], 1);
    for (threads, bytes) in [(2, 0), (16, 500), (2, 1 << 30)] {
        assert_eq!(json(&as_csv), json(&run_within(MemoryLimit::Keys(bytes), &path("suite.yaml"), &[], threads)));
    }
    let as_parquet = run(&path("suite.yaml"), &data, 2);
    for (threads, bytes) in [(1, 0), (16, 500)] {
        assert_eq!(json(&as_parquet), json(&run_within(MemoryLimit::Keys(bytes), &path("suite.yaml"), &data, threads)));
    }
    let of = |report: &AuditReport| -> Vec<(String, [u64; 4])> {
        let rules = report.datasets.iter().flat_map(|dataset| &dataset.rules);
        rules.map(|rule| (rule.id.clone(), [rule.passed, rule.failed, rule.not_applicable, rule.unreadable])).collect()
    };
    let sorted = |mut counts: Vec<(String, [u64; 4])>| {
        counts.retain(|(id, _)| id != "t.well_formed");
        counts.sort();
        counts
    };
    assert_eq!(sorted(of(&as_csv)), sorted(of(&as_parquet)), "{rows:?}");
    as_csv
}

pub(crate) fn rule<'r>(report: &'r AuditReport, id: &str) -> &'r RuleReport {
    let mut rules = report.datasets.iter().flat_map(|dataset| &dataset.rules);
    rules.find(|rule| rule.id == id).unwrap_or_else(|| panic!("{id} is not in the report"))
}

/// A quantile of numbers between the two nearest.
pub(crate) fn quantile_between(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    #[expect(clippy::cast_precision_loss, reason = "small tables")]
    let place = last as f64 * share;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small tables")]
    let (low, way) = (place.floor() as usize, place.fract());
    let high = (low + 1).min(last);
    Some(if sorted[low] >= sorted[high] { sorted[low] } else { sorted[low] * (1.0 - way) + sorted[high] * way })
}

/// The least value with at least so many hundredths of all at or under it.
pub(crate) fn quantile_of<T: Copy>(sorted: &[T], hundredths: usize) -> Option<T> {
    (1..=sorted.len()).find(|under| under * 100 >= hundredths * sorted.len()).map(|under| sorted[under - 1])
}

#[expect(clippy::cast_precision_loss, reason = "small tables")]
pub(crate) fn mean(numbers: &[f64]) -> f64 {
    numbers.iter().sum::<f64>() / numbers.len() as f64
}

#[expect(clippy::cast_precision_loss, reason = "small tables")]
pub(crate) fn deviation(numbers: &[f64]) -> Option<f64> {
    let mean = mean(numbers);
    let squares: f64 = numbers.iter().map(|number| (number - mean).powi(2)).sum();
    (numbers.len() > 1).then(|| (squares / (numbers.len() - 1) as f64).sqrt())
}

fn correlation(pairs: &[[f64; 2]]) -> Option<f64> {
    let side = |at: usize| pairs.iter().map(|pair| pair[at]).collect::<Vec<f64>>();
    let means = [mean(&side(0)), mean(&side(1))];
    let sum = |a: usize, b: usize| pairs.iter().map(|pair| (pair[a] - means[a]) * (pair[b] - means[b])).sum::<f64>();
    let varies = |at: usize| {
        side(at).windows(2).any(|pair| pair[0].partial_cmp(&pair[1]).is_some_and(std::cmp::Ordering::is_ne))
    };
    (varies(0) && varies(1)).then(|| sum(0, 1) / (sum(0, 0) * sum(1, 1)).sqrt())
}

const SUITE: &str = r#"
suite: figures
datasets:
  t:
    source: t.csv
    missing: [NA]
    columns:
      n: { type: integer }
      x: { type: decimal }
      d: { type: date }
    rules:
      - { id: median-n, check: aggregate, that: median(n) > 2 }
      - { id: median-x, check: aggregate, that: median(x) > 2, where: "k <> 'b'" }
      - { id: median-d, check: aggregate, that: "median(d) > date '2000-01-01'" }
      - { id: high-x, check: aggregate, that: "quantile(x, 0.95) > 2" }
      - { id: low-d, check: aggregate, that: "quantile(d, 0.1) > date '2000-01-01'" }
      - { id: high-sum, check: aggregate, that: "quantile(x + 1, 0.75) > 2" }
      - { id: spread-x, check: aggregate, that: stddev(x) > 2 }
      - { id: spread-n, check: aggregate, that: stddev(n * 2) > 2 }
      - { id: together, check: aggregate, that: "correlation(n, x) > 0" }
      - { id: distinct-k, check: aggregate, that: distinct_share(k) > 0.4 }
      - { id: distinct-n, check: aggregate, that: distinct_share(n) > 0.4 }
"#;

/// k, n, x, d as written.
type Row = [String; 4];

fn values<T>(rows: &[Row], read: impl Fn(&Row) -> Read<T>) -> (Vec<T>, u64) {
    let read: Vec<Read<T>> = rows.iter().map(read).collect();
    let unreadable = read.iter().filter(|read| read.is_err()).count() as u64;
    (read.into_iter().filter_map(Result::ok).flatten().collect(), unreadable)
}

fn show(day: Day) -> String {
    format!("{:04}-{:02}-{:02}", day.0, day.1, day.2)
}

/// The figure that a rule must come to, what its condition compares it with, and the values it must leave out.
fn reference(rows: &[Row]) -> BTreeMap<&'static str, (Option<Figure>, u64)> {
    #[expect(clippy::cast_precision_loss, reason = "small tables")]
    let number = |row: &Row| integer(&row[1]).map(|n| n.map(|n| n as f64));
    let sorted = |(mut values, unreadable): (Vec<f64>, u64)| {
        values.sort_by(f64::total_cmp);
        (values, unreadable)
    };
    let (n, n_bad) = sorted(values(rows, number));
    let (x, x_bad) = sorted(values(rows, |row| decimal(&row[2])));
    let not_b = |row: &Row| text(&row[0]).is_some_and(|k| k != "b");
    let scoped: Vec<Row> = rows.iter().filter(|row| not_b(row)).cloned().collect();
    let (scoped_x, scoped_bad) = sorted(values(&scoped, |row| decimal(&row[2])));
    let (mut d, d_bad) = values(rows, |row| date(&row[3]));
    d.sort_unstable();
    let pairs: Vec<[Read<f64>; 2]> = rows.iter().map(|row| [number(row), decimal(&row[2])]).collect();
    let there: Vec<[f64; 2]> = pairs.iter().filter_map(|[n, x]| Some([n.ok().flatten()?, x.ok().flatten()?])).collect();
    let spoilt = pairs.iter().filter(|[n, x]| !n.eq(&Ok(None)) && !x.eq(&Ok(None)) && (n.is_err() || x.is_err()));
    #[expect(clippy::cast_precision_loss, reason = "small tables")]
    let share = |distinct: usize, all: usize| (all > 0).then(|| distinct as f64 / all as f64);
    let (k, _) = values(rows, |row| Ok(text(&row[0]).map(str::to_owned)));
    let (whole, _) = values(rows, |row| integer(&row[1]));
    let more: Vec<f64> = x.iter().map(|x| x + 1.0).collect();
    let twice: Vec<f64> = n.iter().map(|n| n * 2.0).collect();
    let figure = |value: Option<f64>, limit: f64| value.map(|value| Figure::Number(value, limit));
    let day = |day: Option<Day>| day.map(Figure::Day);
    BTreeMap::from([
        ("median-n", (figure(quantile_between(&n, 0.5), 2.0), n_bad)),
        ("median-x", (figure(quantile_between(&scoped_x, 0.5), 2.0), scoped_bad)),
        ("median-d", (day(quantile_of(&d, 50)), d_bad)),
        ("high-x", (figure(quantile_between(&x, 0.95), 2.0), x_bad)),
        ("low-d", (day(quantile_of(&d, 10)), d_bad)),
        ("high-sum", (figure(quantile_between(&more, 0.75), 2.0), x_bad)),
        ("spread-x", (figure(deviation(&x), 2.0), x_bad)),
        ("spread-n", (figure(deviation(&twice), 2.0), n_bad)),
        ("together", (figure(correlation(&there), 0.0), spoilt.count() as u64)),
        ("distinct-k", (figure(share(k.iter().collect::<BTreeSet<_>>().len(), k.len()), 0.4), 0)),
        ("distinct-n", (figure(share(whole.iter().collect::<BTreeSet<_>>().len(), whole.len()), 0.4), n_bad)),
    ])
}

#[derive(Debug)]
enum Figure {
    Number(f64, f64),
    Day(Day),
}

fn compare(rows: &[Row]) {
    let report = audit_everywhere(SUITE, "k,n,x,d", rows);
    for (id, (expected, unreadable)) in reference(rows) {
        let rule = rule(&report, id);
        assert_eq!(rule.details.get("unreadable_values").copied().unwrap_or(0), unreadable, "{id}: {rows:?}");
        let found = rule.observed.split(',').find_map(|part| part.rsplit_once(" = ")).map(|(_, figure)| figure);
        // A comma stands in two of the figures.
        let found = found.unwrap_or_else(|| panic!("{id} shows {}", rule.observed));
        let Some(expected) = expected else {
            assert_eq!((found, rule.status), ("null", Status::NotMeasured), "{id}: {rows:?}");
            continue;
        };
        let passes = match expected {
            Figure::Number(expected, limit) => {
                let found: f64 = found.parse().unwrap_or_else(|_| panic!("{id} shows {}", rule.observed));
                // Of equal values a plain deviation leaves what rounding took: 1.7e-17 of three times 0.1.
                let scale = expected.abs().max(found.abs()).max(1e-3);
                assert!((found - expected).abs() <= scale * 1e-12, "{id}: {found} is not {expected}: {rows:?}");
                found > limit
            }
            Figure::Day(day) => {
                assert_eq!(found, show(day), "{id}: {rows:?}");
                day > (2000, 1, 1)
            }
        };
        assert_eq!(rule.status, if passes { Status::Passed } else { Status::Failed }, "{id}: {rows:?}");
    }
}

fn row() -> impl Strategy<Value = Row> {
    (
        one_of(&["", "NA", "a", "b", "c"]),
        one_of(&["", "NA", "0", "7", "-3", "2", "3", "100", "12x", "9223372036854775808"]),
        one_of(&["", "1.5", "-2", "1e3", "nan", "0.1", "2.0", "8", "0.25"]),
        one_of(&["", "2020-01-31", "2020-02-30", "1999-12-31", "2030-01-01", "2000-01-01"]),
    )
        .prop_map(|(k, n, x, d)| [k, n, x, d])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn figures_agree_with_the_reference(rows in prop::collection::vec(row(), 0..25)) {
        compare(&rows);
    }
}

#[test]
fn figures_of_one_kind_of_row_agree_too() {
    let row = |cells: [&str; 4]| cells.map(str::to_owned);
    compare(&[]);
    compare(&[row(["a", "7", "1.5", "2020-01-31"])]);
    compare(&vec![row(["a", "7", "1.5", "2020-01-31"]); 70]);
    compare(&vec![row(["", "", "", ""]); 65]);
    let far: Vec<Row> =
        (0..40).map(|n| row(["a", &(1_000_000_000 + n).to_string(), &format!("{}.25", n * n), "2020-01-31"])).collect();
    compare(&far);
}

/// Worked out by hand: 1 2 3 4 5 6 7 8 9 100.
#[test]
fn figures_by_hand() {
    let suite = "suite: s\ndatasets:\n  t:\n    source: t.csv\n    columns: { v: { type: integer }, w: { type: decimal } }\n    rules:\n";
    let figures = [
        ("a", "median(v) = 5.5"),
        // The place of 0.95 among ten is 8.55: 9 and 55 hundredths of the way to 100.
        ("b", "quantile(v, 0.95) between 59.049999 and 59.050001"),
        ("c", "quantile(v, 0) = 1 and quantile(v, 1) = 100"),
        // The mean is 14.5; squared deviations sum up to 8182.5; over 9, and the root of it.
        ("d", "stddev(v) between 30.152 and 30.153"),
        ("e", "correlation(v, w) < -0.999999999"),
        ("f", "distinct_share(w) = 1 and distinct_share(v) = 1"),
        ("g", "median(v) = 5"),
    ];
    let rules: String = figures.iter().fold(String::new(), |rules, (id, that)| {
        rules + &format!("      - {{ id: {id}, check: aggregate, that: \"{that}\" }}\n")
    });
    let rows: Vec<[String; 2]> =
        [1, 2, 3, 4, 5, 6, 7, 8, 9, 100].iter().map(|v| [v.to_string(), (-2 * v).to_string()]).collect();
    let report = audit_everywhere(&format!("{suite}{rules}"), "v,w", &rows);
    for (id, that) in figures {
        let expected = if id == "g" { Status::Failed } else { Status::Passed };
        assert_eq!(rule(&report, id).status, expected, "{that}: {}", rule(&report, id).observed);
    }
}
