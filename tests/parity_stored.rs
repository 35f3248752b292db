//! Numbers as Parquet stores them (floats of 64 and 32 bits with infinities and what is no number, decimals, whole numbers
//! beyond 64 bits): every engine gives the same results, from any number of threads and any memory.

use std::fs;

use passmuster::engine::MemoryLimit;
use polars_arrow::array::{PrimitiveArray, Utf8ViewArray};
use polars_arrow::datatypes::ArrowDataType as Stored;
use proptest::prelude::*;

use crate::support::audits::{json, run, run_within};
use crate::support::folder::Folder;
use crate::support::tables::{GROUP, Table};

const RULES: &str = r#"
      - { id: unique-f, check: unique, columns: f }
      - { id: unique-s, check: unique, columns: s }
      - { id: unique-e, check: unique, columns: e }
      - { id: unique-two, check: unique, columns: [u, c] }
      - { id: distinct, check: distinct_rows, ignore: [k] }
      - { id: range-f, check: range, column: f, min: 0.1, max: 1e300 }
      - { id: range-s, check: range, column: s, min: 0.1, max: 0.3, exclusive: true }
      - { id: range-e, check: range, column: e, min: -0.1, max: 9007199254740993.0000000001 }
      - { id: range-u, check: range, column: u, min: 1.5, max: 18446744073709551614 }
      - { id: allowed-f, check: allowed, column: f, values: ["0.1", "0.30000000000000004", "0"] }
      - { id: allowed-s, check: allowed, column: s, values: ["0.1", "1.5"] }
      - { id: allowed-e, check: allowed, column: e, values: ["0.10", "0.3", "9007199254740993"] }
      - { id: forbidden-u, check: forbidden, column: u, values: [18446744073709551615, 7] }
      - { id: more, check: expect, that: "f > e or s >= c" }
      - { id: single, check: expect, that: "s = 0.1" }
      - { id: sums, check: expect, that: "u + n > e * 3 - c" }
      - { id: parts, check: expect, that: "e / c > 1.5 and e % c < 2" }
      - { id: rounds, check: expect, that: "round(e, 2) >= abs(c) or round(f, 1) < 0.5" }
      - { id: cases, check: expect, that: "case when n > 1 then e else f end > 0" }
      - { id: casts, check: expect, that: "cast(f as decimal) < cast(e as float) or cast(c as integer) = 1" }
      - { id: sum-f, check: aggregate, that: sum(f) > 1 }
      - { id: sum-s, check: aggregate, that: "sum(s) > 1 and max(s) > 0" }
      - { id: sum-e, check: aggregate, that: "sum(e) > 1 and avg(e) > 0.5" }
      - { id: sum-u, check: aggregate, that: "sum(u) > 1 and avg(u) > 0.5 and max(u) > 7" }
      - { id: middle-f, check: aggregate, that: "median(f) > 0.1 and min(f) < 0.1" }
      - { id: middle-s, check: aggregate, that: "quantile(s, 0.9) > 0.1" }
      - { id: middle-e, check: aggregate, that: "quantile(e, 0.37) > 0.1 and median(c) < 1" }
      - { id: middle-u, check: aggregate, that: "median(u) > 2.5" }
      - { id: spread, check: aggregate, that: "stddev(e) > 1.0123 and stddev(c) > 1.0123" }
      - { id: different, check: aggregate, that: "distinct(f) > 3 and distinct_share(s) > 0.123 and distinct(e) > distinct(u)" }
      - { id: far-f, check: outliers, column: f }
      - { id: far-s, check: outliers, column: s, method: mad, factor: 2 }
      - { id: far-e, check: outliers, column: e, factor: 0.7 }
      - { id: far-u, check: outliers, column: u, method: mad, factor: 1.1 }
      - { id: far-by, check: outliers, column: e, by: k, method: mad, factor: 1.3 }
      - { id: far-c, check: outliers, column: c, method: zscore, factor: 1.37 }
      - { id: steady-f, check: steady, column: f, max: 1 }
      - { id: steady-s, check: steady, column: s, max: 1 }
      - { id: steady-e, check: steady, column: e, max: 1 }
      - { id: steady-u, check: steady, column: u, max: 1 }
      - { id: found, check: exists_in, columns: e, dataset: p, key: f }
      - { id: found-single, check: exists_in, columns: s, dataset: p, key: c }
      - { id: covers, check: covers, column: f, dataset: p, key: e }
      - { id: agrees, check: agrees, with: p, on: k, compare: { e: { tolerance: 0.5 }, f: { tolerance: 0.1 }, u: u } }
      - { id: agrees-two, check: agrees, with: p, on: k, compare: { f: { to: e, tolerance: 0.5 }, s: { to: s, tolerance: 0 } } }
      - { id: totals, check: reconciles, with: p, by: k, measures: [sum(e), sum(f), count(s)] }
      - { id: near, check: reconciles, with: p, by: k, measures: [sum(u), sum(c)], tolerance: 10% }
      - { id: determines, check: determines, from: k, to: [f, e] }
      - { id: anonymous, check: anonymous, quasi_identifiers: [f, c], k: 2 }
      - { id: points, check: continuous, column: u, every: 1, by: k }
      - { id: alike, check: similar, compare: { e: { method: number, within: 0.5 }, f: { method: number, within: 2 }, s: exact }, block_on: all, score: 0.7 }
"#;

/// A row: k, f, s, e in units of 10^-10, c in hundredths, u, n.
type Row = (&'static str, Option<f64>, Option<f32>, Option<i128>, Option<i128>, Option<u64>, Option<i64>);

fn stored(rows: &[Row]) -> Vec<u8> {
    let texts: Vec<Option<&str>> = rows.iter().map(|row| Some(row.0)).collect();
    let exact: PrimitiveArray<i128> = rows.iter().map(|row| row.3).collect();
    let cents: PrimitiveArray<i128> = rows.iter().map(|row| row.4).collect();
    Table::new([
        ("k", Utf8ViewArray::from_slice(texts).boxed()),
        ("f", rows.iter().map(|row| row.1).collect::<PrimitiveArray<f64>>().boxed()),
        ("s", rows.iter().map(|row| row.2).collect::<PrimitiveArray<f32>>().boxed()),
        ("e", exact.to(Stored::Decimal(38, 10)).boxed()),
        ("c", cents.to(Stored::Decimal(9, 2)).boxed()),
        ("u", rows.iter().map(|row| row.5).collect::<PrimitiveArray<u64>>().boxed()),
        ("n", rows.iter().map(|row| row.6).collect::<PrimitiveArray<i64>>().boxed()),
    ])
    .parquet(GROUP)
}

fn row() -> impl Strategy<Value = Row> {
    const TINY: f64 = f64::from_bits(1);
    const UNIT: i128 = 10_i128.pow(10);
    let of = |pool| prop::option::weighted(0.9, prop::sample::select(pool));
    let floats: &[f64] = &[
        0.0,
        -0.0,
        0.1,
        0.2,
        0.1 + 0.2,
        0.5,
        1.5,
        -3.0,
        9_007_199_254_740_992.0,
        1e308,
        -1e308,
        TINY,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::NAN,
    ];
    let singles: &[f32] = &[0.0, -0.0, 0.1, 0.3, 1.5, -2.0, 16_777_216.0, 3.4e38, 1e-45, f32::INFINITY, f32::NAN];
    let exact: &[i128] = &[
        0,
        UNIT / 10,
        UNIT / 10 + 1,
        UNIT * 3 / 10,
        UNIT,
        UNIT * 3 / 2,
        -UNIT / 10,
        9_007_199_254_740_993 * UNIT,
        9_007_199_254_740_993 * UNIT + 1,
        9_007_199_254_740_992 * UNIT,
        10_i128.pow(38) - 1,
        1 - 10_i128.pow(38),
        -1,
    ];
    let cents: &[i128] = &[0, 10, 30, 100, 150, -50, 999_999_999, -999_999_999, 7, 8, 9];
    let whole: &[u64] = &[0, 1, 2, 7, 1 << 53, (1 << 53) + 1, (1 << 63) - 1, 1 << 63, u64::MAX - 1, u64::MAX];
    let small: &[i64] = &[0, 1, 2, -7, i64::MAX, i64::MIN, (1 << 53) + 1];
    (
        prop::sample::select(&["a", "a", "b", "c"][..]),
        prop::option::weighted(0.9, prop::sample::select(floats.to_vec())),
        prop::option::weighted(0.9, prop::sample::select(singles.to_vec())),
        of(exact.to_vec()),
        of(cents.to_vec()),
        prop::option::weighted(0.9, prop::sample::select(whole.to_vec())),
        prop::option::weighted(0.9, prop::sample::select(small.to_vec())),
    )
}

/// Rows of any numbers, or of those that are finite and near to each other.
fn rows() -> impl Strategy<Value = Vec<Row>> {
    let near = |(k, f, s, e, c, u, n): Row| {
        let small = |number: f64| if number.abs() < 1e9 { number } else { 0.25 };
        let single = s.map(|s| if s.abs() < 1e9 { s } else { 0.25 });
        (k, f.map(small), single, e.map(|e| e % 10_i128.pow(11)), c.map(|c| c % 1_000), u.map(|u| u % 1_000), n)
    };
    (prop::collection::vec(row(), 0..30), any::<bool>())
        .prop_map(move |(rows, is_near)| if is_near { rows.into_iter().map(near).collect() } else { rows })
}

fn compare(t: &[Row], p: &[Row]) {
    let folder = Folder::new();
    let suite = folder.write(
        "suite.yaml",
        format!(
            "suite: stored\nas_of: 2021-06-30\ndatasets:\n  p:\n    source: p.parquet\n  t:\n    source: t.parquet\n    rules:{RULES}"
        ),
    );
    fs::write(folder.path("t.parquet"), stored(t)).unwrap();
    fs::write(folder.path("p.parquet"), stored(p)).unwrap();
    let report = run(&suite, &[], 2);
    assert_eq!(json(&report), json(&run_within(MemoryLimit::Keys(0), &suite, &[], 16)), "{t:?} {p:?}");
    assert_eq!(json(&report), json(&run_within(MemoryLimit::Keys(400), &suite, &[], 1)), "{t:?} {p:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn stored_numbers_count_the_same_in_every_engine(t in rows(), p in rows()) {
        compare(&t, &p);
    }
}

#[test]
fn stored_numbers_of_one_kind_count_the_same_too() {
    let one: Row = ("a", Some(0.1), Some(0.1), Some(10_i128.pow(9)), Some(10), Some(u64::MAX), Some(1));
    compare(&[], &[]);
    compare(&[one], &[one]);
    compare(&[one; 40], &[one; 3]);
    compare(&[("a", None, None, None, None, None, None); 9], &[]);
}
