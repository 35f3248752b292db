//! Aggregates that depend on all values at once against a naive reference: all values in a list, sorted.

use std::collections::{BTreeMap, BTreeSet};

use passmuster::model::Status;
use proptest::prelude::*;

use crate::parity::{Day, Kind, Read, date, integer, text};
use crate::support::audits::audit_everywhere;
use crate::support::cells::{
    FAR_DECIMALS, FAR_WHOLE, LONG_DECIMALS, LONG_WHOLE, NEAR_NOTHING, SENTINELS, decimals, number_or, one_of,
    whole_numbers,
};
use crate::support::exact::{self, Exact};
use crate::support::reports::rule;

/// The least value with at least so many hundredths of all at or under it.
pub(crate) fn quantile_of<T: Copy>(sorted: &[T], hundredths: usize) -> Option<T> {
    (1..=sorted.len()).find(|under| under * 100 >= hundredths * sorted.len()).map(|under| sorted[under - 1])
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
      - { id: high-n, check: aggregate, that: "quantile(n, 0.75) > 2" }
      - { id: sum-n, check: aggregate, that: sum(n) > 2 }
      - { id: sum-x, check: aggregate, that: sum(x) > 2 }
      - { id: sum-of-sums, check: aggregate, that: sum(x * 1) > 2 }
      - { id: mean-n, check: aggregate, that: avg(n) > 2 }
      - { id: mean-x, check: aggregate, that: avg(x) > 2 }
      - { id: spread-x, check: aggregate, that: stddev(x) > 2.0123 }
      - { id: spread-n, check: aggregate, that: stddev(n * 2) > 2.0123 }
      - { id: spread-plain-n, check: aggregate, that: stddev(n) > 2.0123 }
      - { id: together, check: aggregate, that: "correlation(n, x) > 0.0123" }
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
fn reference(rows: &[Row], kind: Kind) -> BTreeMap<&'static str, (Option<Figure>, u64)> {
    let number = |row: &Row| integer(&row[1]).map(|n| n.map(exact::whole));
    let float = |row: &Row| kind.read(&row[2]);
    let sorted = |(mut values, unreadable): (Vec<Exact>, u64)| {
        values.sort();
        (values, unreadable)
    };
    let (n, n_bad) = sorted(values(rows, number));
    let (x, x_bad) = sorted(values(rows, float));
    let not_b = |row: &Row| text(&row[0]).is_some_and(|k| k != "b");
    let scoped: Vec<Row> = rows.iter().filter(|row| not_b(row)).cloned().collect();
    let (scoped_x, scoped_bad) = sorted(values(&scoped, float));
    let (mut d, d_bad) = values(rows, |row| date(&row[3]));
    d.sort_unstable();
    let pairs: Vec<[Read<Exact>; 2]> = rows.iter().map(|row| [number(row), float(row)]).collect();
    let there: Vec<[Exact; 2]> =
        pairs.iter().filter_map(|[n, x]| Some([n.clone().ok().flatten()?, x.clone().ok().flatten()?])).collect();
    let unreadable = pairs.iter().filter(|[n, x]| !n.eq(&Ok(None)) && !x.eq(&Ok(None)) && (n.is_err() || x.is_err()));
    let share = |distinct: usize, all: usize| {
        let share = (all > 0).then(|| exact::whole(distinct) / exact::whole(all));
        share.map(|share| Figure::Exactly(exact::rounded(&share, 18), exact::of(2, 5)))
    };
    let (k, _) = values(rows, |row| Ok(text(&row[0]).map(str::to_owned)));
    let (whole, _) = values(rows, |row| integer(&row[1]));
    // A sum may have more digits than a decimal.
    let (more, more_bad) = sorted(values(rows, |row| match (kind, kind.read(&row[2])?) {
        (_, None) => Ok(None),
        (Kind::Decimal, Some(x)) => exact::fitting(&(x + exact::of(1, 1)), 38).map(Some).ok_or(()),
        (Kind::Float, Some(_)) => Ok(crate::parity::float(&row[2])?.map(|x| exact::of_float(x + 1.0))),
    }));
    // Twice a number may be more than a whole number holds.
    let (twice, twice_bad) = values(rows, |row| {
        let twice = integer(&row[1])?.map(|n| exact::whole(n) * exact::whole(2));
        twice.map(|twice| exact::fitting(&twice, 0).ok_or(())).transpose()
    });
    let greatest = exact::of_float(f64::MAX);
    // What the figure is exact to, in floats: the greatest of what goes into it.
    let size = |of: &[Exact]| of.iter().map(exact::abs).max().unwrap_or_else(|| exact::of(0, 1));
    let near = |value: Option<Exact>, limit: i64, of: &[Exact]| {
        value.filter(|value| exact::abs(value) <= greatest).map(|value| Figure::Number(value, limit, size(of)))
    };
    // To so many places, as far as 38 digits reach.
    let exactly = |value: Option<Exact>, places: usize| {
        value.and_then(|value| exact::fitting(&value, places)).map(|value| Figure::Exactly(value, exact::of(2, 1)))
    };
    let mean = |of: &[Exact]| match kind {
        Kind::Decimal => exactly(exact::mean(of), 18),
        Kind::Float => near(exact::mean(of), 2, of),
    };
    let of_kind = |value: Option<Exact>, of: &[Exact]| match kind {
        Kind::Decimal => exactly(value, 38),
        Kind::Float => near(value, 2, of),
    };
    let root = |square: Option<Exact>| {
        square
            .filter(|square| *square <= &greatest * &greatest)
            .map(|square| Figure::Root(square, exact::of(20_123, 10_000)))
    };
    // Not against 0, on whose two sides rounding leaves what goes together in no way; nor deviations against a whole number.
    let together = |square: Option<Exact>| square.map(|square| Figure::Root(square, exact::of(123, 10_000)));
    let day = |day: Option<Day>| day.map(Figure::Day);
    let quantile = |of: &[Exact], hundredths| exact::quantile(of, &exact::of(hundredths, 100));
    let sum = |of: &[Exact]| (!of.is_empty()).then(|| exact::sum(of));
    BTreeMap::from([
        ("median-n", (exactly(quantile(&n, 50), 38), n_bad)),
        ("median-x", (of_kind(quantile(&scoped_x, 50), &scoped_x), scoped_bad)),
        ("median-d", (day(quantile_of(&d, 50)), d_bad)),
        ("high-x", (of_kind(quantile(&x, 95), &x), x_bad)),
        ("low-d", (day(quantile_of(&d, 10)), d_bad)),
        ("high-sum", (of_kind(quantile(&more, 75), &more), more_bad)),
        ("high-n", (exactly(quantile(&n, 75), 38), n_bad)),
        ("sum-n", (exactly(sum(&n), 0), n_bad)),
        ("sum-x", (of_kind(sum(&x), &x), x_bad)),
        ("sum-of-sums", (of_kind(sum(&x), &x), x_bad)),
        ("mean-n", (exactly(exact::mean(&n), 18), n_bad)),
        ("mean-x", (mean(&x), x_bad)),
        ("spread-x", (root(exact::variance(&x)), x_bad)),
        ("spread-n", (root(exact::variance(&twice)), twice_bad)),
        ("spread-plain-n", (root(exact::variance(&n)), n_bad)),
        ("together", (together(exact::signed_square_of_correlation(&there)), unreadable.count() as u64)),
        ("distinct-k", (share(k.iter().collect::<BTreeSet<_>>().len(), k.len()), 0)),
        ("distinct-n", (share(whole.iter().collect::<BTreeSet<_>>().len(), whole.len()), n_bad)),
    ])
}

#[derive(Debug)]
enum Figure {
    /// To 15 digits of the greatest number that goes into it.
    Number(Exact, i64, Exact),
    /// To the last digit.
    Exactly(Exact, Exact),
    /// The square of it, with its sign.
    Root(Exact, Exact),
    Day(Day),
}

fn compare(rows: &[Row], kind: Kind) {
    let report = audit_everywhere(&kind.suite(SUITE), "k,n,x,d", rows);
    for (id, (expected, unreadable)) in reference(rows, kind) {
        let rule = rule(&report, id);
        assert_eq!(rule.details.get("unreadable_values").copied().unwrap_or(0), unreadable, "{id}: {rows:?}");
        let found = rule.observed.split(", ").find_map(|part| part.rsplit_once(" = ")).map(|(_, figure)| figure);
        // Thousands are separated by commas.
        let found = found.unwrap_or_else(|| panic!("{id} shows {}", rule.observed)).replace(',', "");
        let Some(expected) = expected else {
            assert_eq!((found.as_str(), rule.status), ("null", Status::NotMeasured), "{id}: {rows:?}");
            continue;
        };
        let number = || exact::of_float(found.parse().unwrap_or_else(|_| panic!("{id} shows {}", rule.observed)));
        // Twice what rounding may take where floats are smallest.
        let least = || exact::of_float(1e-323);
        let near = |found: &Exact, expected: &Exact, slack: Exact| {
            assert!(exact::abs(&(found - expected)) <= slack, "{id}: {} is not {expected}: {rows:?}", rule.observed);
        };
        let passes = match expected {
            Figure::Number(expected, limit, size) => {
                near(&number(), &expected, size * exact::roundings(4) + least());
                number() > exact::of(limit, 1)
            }
            Figure::Exactly(expected, limit) => {
                assert_eq!(exact::written(&found), expected, "{id}: {} {rows:?}", rule.observed);
                expected > limit
            }
            Figure::Root(square, limit) => {
                let found = number();
                // What is left of a correlation of nothing.
                let slack = if id == "together" { exact::of(1, 1 << 50) } else { exact::abs(&found) * least() };
                near(&(&found * exact::abs(&found)), &square, exact::abs(&square) * exact::roundings(64) + slack);
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

/// Rows of a table: near numbers, or those that floats do not hold, or whose squares they do not.
fn rows(most: usize) -> impl Strategy<Value = Vec<Row>> {
    const NEAR: &[&str] = &["", "NA", "0", "7", "-3", "2", "3", "100", "12x", "9223372036854775808"];
    const NEAR_X: &[&str] = &["", "1.5", "-2", "1e3", "nan", "0.1", "2.0", "8", "0.25"];
    let n = prop::sample::select(vec![NEAR, FAR_WHOLE, SENTINELS, LONG_WHOLE]);
    let x = prop::sample::select(vec![NEAR_X, FAR_DECIMALS, NEAR_NOTHING, LONG_DECIMALS]);
    let row = |n, x| {
        (
            one_of(&["", "NA", "a", "b", "c"]),
            number_or(n, whole_numbers()),
            number_or(x, decimals()),
            one_of(&["", "2020-01-31", "2020-02-30", "1999-12-31", "2030-01-01", "2000-01-01"]),
        )
            .prop_map(|(k, n, x, d)| [k, n, x, d])
    };
    (n, x).prop_flat_map(move |(n, x)| prop::collection::vec(row(n, x), 0..most))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn figures_agree_with_the_reference(rows in rows(25), kind in Kind::any()) {
        compare(&rows, kind);
    }
}

#[test]
fn figures_of_one_kind_of_row_agree_too() {
    let compare = |rows: &[Row]| [Kind::Decimal, Kind::Float].map(|kind| compare(rows, kind));
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
        ("b", "quantile(v, 0.95) = 59.05"),
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

/// Aggregates whose intermediate results are beyond the floats, and one that is itself.
#[test]
fn figures_of_far_numbers_by_hand() {
    let suite = "suite: s\ndatasets:\n  t:\n    source: t.csv\n    columns: { v: { type: integer }, w: { type: float }, x: { type: float }, y: { type: integer } }\n    rules:\n";
    // Rows for which it is true, false and unknown.
    let figures = [
        ("median(v) = 9007199254740995", Status::Passed),
        ("median(v) = 9007199254740996", Status::Failed),
        ("median(v) * 2000 > 1e19 and -median(v) < 0 and median(v) / 2 > 1", Status::Passed),
        ("quantile(v, 1) = 9007199254740997", Status::Passed),
        ("avg(v) = 9007199254740995", Status::Passed),
        // Deviations 2 0 0 2, squares 8 over 3.
        ("stddev(v) between 1.63299 and 1.632994", Status::Passed),
        ("stddev(w) between 1.29e200 and 1.292e200", Status::Passed),
        ("stddev(w) = 0", Status::Failed),
        ("correlation(v, w) between 0.94 and 0.9487", Status::Passed),
        ("avg(x) between 4.9e307 and 5.1e307", Status::Passed),
        ("sum(x) > 0", Status::NotMeasured),
        ("stddev(y) = 0 or stddev(x) < 0", Status::Failed),
        ("median(y) = 0", Status::Failed),
    ];
    let rules: String = figures.iter().enumerate().fold(String::new(), |rules, (id, (that, _))| {
        rules + &format!("      - {{ id: r{id}, check: aggregate, that: \"{that}\" }}\n")
    });
    let rows: Vec<[String; 4]> = [
        ["9007199254740993", "1e200", "1.7e308", "-9223372036854775808"],
        ["9007199254740995", "2e200", "1.7e308", "9223372036854775807"],
        ["9007199254740995", "3e200", "-1.6e308", "9223372036854775807"],
        ["9007199254740997", "4e200", "0.2e308", "-9223372036854775808"],
    ]
    .map(|row| row.map(str::to_owned))
    .to_vec();
    let report = audit_everywhere(&format!("{suite}{rules}"), "v,w,x,y", &rows);
    for (id, (that, expected)) in figures.iter().enumerate() {
        let rule = rule(&report, &format!("r{id}"));
        assert_eq!(rule.status, *expected, "{that}: {}", rule.observed);
    }
}

/// Decimals are added, divided and ordered with all their digits, where floats would be off by a rounding.
#[test]
fn figures_of_decimals_by_hand() {
    let suite = "suite: s\ndatasets:\n  t:\n    source: t.csv\n    columns: { v: { type: decimal }, w: { type: decimal }, f: { type: float } }\n    rules:\n";
    let figures = [
        ("sum(v) = 0.7 and sum(v) <> 0.70000000000000000001", Status::Passed),
        // 0.7 / 3, to 18 places.
        ("avg(v) = 0.233333333333333333", Status::Passed),
        ("avg(v) = 0.7 / 3", Status::Passed),
        ("avg(v) * 3 = 0.7", Status::Failed),
        ("share(v > 0.1) = 0.666666666666666667", Status::Passed),
        ("distinct_share(v) = 1", Status::Passed),
        ("median(v) = 0.2 and quantile(v, 0.25) = 0.15", Status::Passed),
        ("max(v) = 0.4 and min(v) = 0.1", Status::Passed),
        ("sum(w) = 10000000000000000000000000000000000000.1", Status::Passed),
        ("max(w) - 10000000000000000000000000000000000000 = 0", Status::Passed),
        ("sum(w) * 9.9 > 0", Status::Passed),
        // More digits before the point than there are: arithmetic is unreadable, a sum is not there.
        ("sum(w * 9) + sum(w * 9) > 0", Status::Failed),
        ("sum(99999999999999999999999999999999999999 + w * 0) > 0", Status::NotMeasured),
        ("sum(f) = 0.7", Status::Failed),
        ("stddev(v) between 0.1527525 and 0.1527526", Status::Passed),
    ];
    let rules: String = figures.iter().enumerate().fold(String::new(), |rules, (id, (that, _))| {
        rules + &format!("      - {{ id: r{id}, check: aggregate, that: \"{that}\" }}\n")
    });
    let rows: Vec<[String; 3]> =
        [["0.1", "10000000000000000000000000000000000000", "0.1"], ["0.2", "0.1", "0.2"], ["0.40", "", "0.4"]]
            .map(|row| row.map(str::to_owned))
            .to_vec();
    let report = audit_everywhere(&format!("{suite}{rules}"), "v,w,f", &rows);
    for (id, (that, expected)) in figures.iter().enumerate() {
        let rule = rule(&report, &format!("r{id}"));
        assert_eq!(rule.status, *expected, "{that}: {}", rule.observed);
    }
}
