//! Two random tables and a suite of nearly every check about single rows and keys.

use std::path::PathBuf;

use proptest::prelude::*;

use crate::support::cells::{decimals, number_or, one_of, whole_numbers};
use crate::support::folder::Folder;
use crate::support::tables::{csv, parquet};

/// The suite over `t.csv` and `p.csv`.
pub(crate) const SUITE: &str = r#"
suite: parity
as_of: 2021-06-30
codelists:
  dated:
    source: codes.csv
    key: code
    valid_from: from
    valid_to: to
datasets:
  p:
    source: p.csv
    key: k2
    missing: [NA]
    columns:
      v: {}
      w: { type: decimal }
    rules:
      - { id: back, check: exists_in, columns: k2, dataset: t, key: k }
  t:
    source: t.csv
    missing: [NA]
    columns:
      n: { type: integer }
      x: { type: decimal }
      d: { type: date }
    rules:
      - { id: required-a, check: required, columns: a }
      - { id: required-any, check: required, any_of: [a, n] }
      - { id: required-all, check: required, columns: [a, n], where: "k <> 'k1'" }
      - { id: type-n, check: type, column: n }
      - { id: type-x, check: type, column: x }
      - { id: type-d, check: type, column: d }
      - { id: type-dmy, check: type, column: a, as: date, format: "%d/%m/%Y" }
      - { id: matches, check: matches, column: a, pattern: '[A-Za-z]+' }
      - { id: not-matches, check: not_matches, column: a, pattern: '\d+' }
      - { id: allowed, check: allowed, column: a, values: [abc, "70", Nguyễn] }
      - { id: forbidden, check: forbidden, column: n, values: [7, 0] }
      - { id: code-now, check: allowed, column: k, values: { codelist: dated } }
      - { id: code-then, check: allowed, column: k, values: { codelist: dated, at: d } }
      - { id: range-n, check: range, column: n, within: -3..7 }
      - { id: range-x, check: range, column: x, min: 0, max: 1000, exclusive: true }
      - { id: range-d, check: range, column: d, within: 2000-01-01.. }
      - { id: length, check: length, column: a, within: 3..4 }
      - { id: bytes, check: length, column: a, min: 4, unit: bytes }
      - { id: not-future, check: not_future, column: d }
      - { id: not-before, check: not_before, column: d, date: 2020-01-31 }
      - { id: current, check: current, column: d, within: 1y }
      - { id: fresh, check: fresh, column: d, within: 2y }
      - { id: active, check: active, status: k, values: [k1, k2], until: d }
      - { id: closed, check: active, closed: d }
      - { id: expect-sum, check: expect, that: "n + 1 > x" }
      - { id: expect-div, check: expect, that: "10 / n >= 1 or a = 'abc'" }
      - { id: expect-case, check: expect, that: "case when d is null then length(a) > 2 else year(d) >= 2000 end" }
      - { id: unique, check: unique, columns: k }
      - { id: unique-n, check: unique, columns: n }
      - { id: unique-two, check: unique, columns: [k, d], where: "a is not null" }
      - { id: distinct, check: distinct_rows, ignore: [x] }
      - { id: rows, check: row_count, min: 3 }
      - { id: rows-where, check: row_count, equals: 2, where: "n = 7" }
      - { id: unique-where, check: unique, columns: k, where: "n > 0" }
      - { id: orphan, check: exists_in, columns: k, dataset: p }
      - { id: orphan-having, check: exists_in, columns: k, dataset: p, having: "w > 1" }
      - { id: absent-having, check: absent_from, columns: k, dataset: p, having: "w > 1" }
      - { id: absent, check: absent_from, columns: k, dataset: p, having: "v = 'abc'", where: "a is not null" }
      - { id: agrees, check: agrees, with: p, on: { k: k2 }, compare: { a: v } }
      - { id: agrees-near, check: agrees, with: p, on: { k: k2 }, compare: { x: { to: w, tolerance: 0.5 } } }
      - { id: agrees-whole, check: agrees, with: t, on: { k: k }, compare: { n: { to: n, tolerance: 0.5 } } }
      - { id: figure-count, check: aggregate, that: "count(n) = 3" }
      - { id: figure-distinct, check: aggregate, that: "distinct(n) = 3" }
      - { id: figure-sum, check: aggregate, that: "sum(n) > 0" }
      - { id: figure-avg, check: aggregate, that: "avg(x) < 100", where: "k <> 'k1'" }
      - { id: figure-share, check: aggregate, that: "share(a = 'abc') >= 0.25" }
      - { id: figure-max, check: aggregate, that: "max(d) >= date '2020-01-31'" }
"#;

/// The code list of the suite.
pub(crate) const CODES: &str = "code,from,to\nk1,,2020-06-30\nk2,2020-01-01,\nk2,,1999-12-31\nk3,2022-01-01,\n";

/// One row: a, n, x, d, k as written in the file.
pub(crate) type Row = [String; 5];

/// A row of `t`.
pub(crate) fn row() -> impl Strategy<Value = Row> {
    (
        one_of(&[
            "",
            "  ",
            "NA",
            " NA ",
            "abc",
            "ABC",
            "Nguyễn",
            "x y",
            "0070",
            "70",
            "a\"b",
            "a,b",
            "two\nlines",
            "31/12/2020",
            "30/02/2020",
            "=1+1",
        ]),
        number_or(
            &[
                "",
                "NA",
                "0",
                "7",
                "007",
                "+7",
                "-3",
                "9223372036854775807",
                "9223372036854775808",
                "-9223372036854775808",
                "9007199254740993",
                "9007199254740992",
                "12x",
                " 5",
                "1.0",
                "99999999999999999999999999999999999999",
            ],
            whole_numbers(),
        ),
        number_or(
            &[
                "",
                "NA",
                "1.5",
                "1.50",
                "-2",
                "1e3",
                "nan",
                "inf",
                "0.1",
                "abc",
                "2.0",
                "8",
                "9007199254740994",
                "9007199254740993.5",
                "9007199254740993.50",
                "-1.7e308",
                "1e308",
                "1e-200",
            ],
            decimals(),
        ),
        one_of(&[
            "",
            "NA",
            "2020-01-31",
            "2020-02-30",
            "1999-12-31",
            "2030-01-01",
            "2020-06-30",
            "31/02/2020",
            "2020-1-1",
        ]),
        one_of(&["", "k1", "k2", "k3", "k4", "k 4", "a key of more than fifteen bytes", "NA"]),
    )
        .prop_map(|(a, n, x, d, k)| [a, n, x, d, k])
}

/// A row of `p`: k2, v, w as written in the file.
pub(crate) fn partner() -> impl Strategy<Value = [String; 3]> {
    (
        one_of(&["", "k1", "k2", "k3", "NA", "a key of more than fifteen bytes"]),
        one_of(&["", "abc", "ABC", "NA", "x y"]),
        number_or(
            &["", "1.5", "2", "abc", "0.4", "1.4999999999999999999", "1.00000000000000001", "9007199254740994.0000001"],
            decimals(),
        ),
    )
        .prop_map(|(k, v, w)| [k, v, w])
}

/// The rules about single rows, and the failures that each allows where a test gives it a tolerance.
pub(crate) const ALLOWED_FAILURES: &[(&str, u64)] = &[
    ("required-a", 0),
    ("required-any", 1),
    ("required-all", 3),
    ("type-n", 2),
    ("type-x", 0),
    ("type-d", 4),
    ("type-dmy", 6),
    ("matches", 5),
    ("not-matches", 1),
    ("allowed", 9),
    ("forbidden", 2),
    ("code-now", 8),
    ("code-then", 3),
    ("range-n", 4),
    ("range-x", 5),
    ("range-d", 1),
    ("length", 7),
    ("bytes", 7),
    ("not-future", 1),
    ("not-before", 3),
    ("current", 5),
    ("active", 2),
    ("closed", 6),
    ("expect-sum", 5),
    ("expect-div", 5),
    ("expect-case", 2),
];

/// The tables as files beside a suite.
pub(crate) struct TwoTables {
    pub(crate) folder: Folder,
    pub(crate) suite: PathBuf,
    /// What replaces the CSV files of the suite by the same tables as Parquet.
    pub(crate) parquet: [(&'static str, PathBuf); 2],
}

/// Writes a suite, its code list, and both tables as CSV and as Parquet.
pub(crate) fn write(suite: &str, codes: &str, t: &[Row], p: &[[String; 3]]) -> TwoTables {
    let (of_t, of_p) = ("a,n,x,d,k", "k2,v,w");
    let folder = Folder::new();
    folder.write("codes.csv", codes);
    folder.write("t.csv", csv(of_t, t));
    folder.write("p.csv", csv(of_p, p));
    let files = [("t", folder.path("t.parquet")), ("p", folder.path("p.parquet"))];
    parquet(&files[0].1, of_t, t);
    parquet(&files[1].1, of_p, p);
    TwoTables { suite: folder.write("suite.yaml", suite), folder, parquet: files }
}
