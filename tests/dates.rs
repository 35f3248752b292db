//! Dates and timestamps as exports write them, and as they are stored.
#![expect(clippy::unwrap_used, reason = "a test whose data cannot be made has failed")]

use std::fmt::Write as _;

use passmuster::model::Status;

use crate::support::audits::{audit_files, run};
use crate::support::folder::Folder;
use crate::support::reports::{four, rule};
use crate::support::tables::Table;

/// A suite about one column of text: how many rows pass `expect` with the condition, fail, are not applicable, are unparseable.
fn counted(column: &str, cells: &[&str], that: &str) -> [u64; 4] {
    let suite = format!(
        "suite: s\nas_of: 2024-06-01\ndatasets:\n  d:\n    source: d.csv\n    columns: {{ t: {column} }}\n    rules:\n      \
         - {{ id: r, check: expect, that: \"{that}\" }}\n"
    );
    let mut csv = "n,t\n".to_owned();
    for (at, cell) in cells.iter().enumerate() {
        writeln!(csv, "{at},\"{cell}\"").unwrap();
    }
    four(&audit_files(&[("suite.yaml", &suite), ("d.csv", &csv)]), "r")
}

#[test]
fn timestamps_without_a_format_are_those_of_databases() {
    let cells = [
        "2024-01-01 12:00:00+00",
        "2024-01-01 13:00:00.0+01",
        "2024-01-01T12:00Z",
        "2024-01-01 12:00:00 +00:00",
        "2024-01-01T12:00:00+0000",
        "2024-01-01T17:30:00+05:30",
        "2024-01-01T12:00:00.0000000Z",
        "2024-01-01 04:00-08:00",
        "2024-01-01 12:00:00",
        "2024-01-01 19:06:40+07:06:40",
        "2024-01-01 24:00:00",
        "2024-01-01 11:59:60",
        "2024-01-01",
    ];
    assert_eq!(counted("{ type: datetime }", &cells, "t = timestamp '2024-01-01 12:00:00'"), [10, 3, 0, 2]);
}

#[test]
fn columns_say_how_their_dates_are_written() {
    for (column, cells, that, counts) in [
        (
            "{ type: date, format: dd-mon-yy, century: 1950 }",
            &["01-JAN-24", "31-dec-99", "1-JAN-24", ""][..],
            "year(t) = 2024",
            [1, 2, 1, 1],
        ),
        (
            "{ type: datetime, format: '%-m/%-d/%Y %-I:%M %p' }",
            &["1/15/2024 3:45 PM", "1/15/2024 15:45 PM"],
            "t = timestamp '2024-01-15 15:45:00'",
            [1, 1, 0, 1],
        ),
        (
            "{ type: datetime, format: unix seconds }",
            &["1705333500", "x"],
            "t = timestamp '2024-01-15 15:45:00'",
            [1, 1, 0, 1],
        ),
        (
            "{ type: datetime, format: unix milliseconds }",
            &["1705333500001", "1705333500.5"],
            "t > timestamp '2024-01-15 15:45:00'",
            [1, 1, 0, 1],
        ),
        ("{ type: date, format: '%Y-%m' }", &["2024-02", "2024-13"], "t = date '2024-02-01'", [1, 1, 0, 1]),
        (
            "{ type: date, format: '%d %B %Y' }",
            &["15 January 2024", "15 Jan 2024"],
            "t = date '2024-01-15'",
            [1, 1, 0, 1],
        ),
        (
            "{ type: date, format: '%d %B %Y', months: vi }",
            &["15 tháng 1 2024", "15 Tháng Một 2024", "15 January 2024"],
            "t = date '2024-01-15'",
            [2, 1, 0, 1],
        ),
        (
            "{ type: date, format: excel 1900 }",
            &["45306", "60", "61", "45306.5"],
            "t >= date '1900-03-01'",
            [2, 2, 0, 2],
        ),
        ("{ type: date, format: excel 1904 }", &["43844", "0"], "t = date '2024-01-15'", [1, 1, 0, 0]),
        (
            "{ type: date, format: [dd/mm/yyyy, mm/dd/yyyy, iso] }",
            &["02/01/2024", "01/13/2024", "2024-01-02", "13/13/2024"],
            "month(t) = 1",
            [3, 1, 0, 1],
        ),
        (
            "{ type: { as: date, format: [dd/mm/yyyy, iso] } }",
            &["02/01/2024", "2024-01-02", "02.01.2024"],
            "t = date '2024-01-02'",
            [2, 1, 0, 1],
        ),
    ] {
        assert_eq!(counted(column, cells, that), counts, "{column}");
    }
}

#[test]
fn the_check_has_a_notation_of_its_own() {
    let suite = "suite: s\ndatasets:\n  d:\n    source: d.csv\n    rules:\n      - { id: two, check: type, column: t, as: date, \
                 format: [dd/mm/yy, dd mmm yy], months: de, century: 1930 }\n      - { id: iso, check: type, column: t, as: date }\n";
    let csv = "t\n29/02/24\n29/02/23\n01 Mär 29\n01 Mar 29\n2024-02-29\n";
    let report = audit_files(&[("suite.yaml", suite), ("d.csv", csv)]);
    assert_eq!(four(&report, "two"), [2, 3, 0, 3]);
    assert_eq!(four(&report, "iso"), [1, 4, 0, 4]);
}

#[test]
fn bounds_are_written_as_the_column_or_in_iso_form() {
    let suite = "suite: s\ndatasets:\n  d:\n    source: d.csv\n    columns:\n      t: { type: date, format: [mm/yyyy, dd/mm/yyyy], \
                 range: 02/2024..2024-03-15 }\n";
    let report =
        audit_files(&[("suite.yaml", suite), ("d.csv", "t\n01/2024\n02/2024\n15/03/2024\n04/2024\n2024-03-01\n")]);
    assert_eq!(four(&report, "d.t.range"), [2, 3, 0, 1]);
    assert_eq!(four(&report, "d.t.type"), [4, 1, 0, 1]);
}

/// Four timestamps; two of them are the same.
const FINE: [&str; 4] = [
    "2024-01-01T00:00:00.000000001",
    "2024-01-01T00:00:00.000000002",
    "2024-01-01T00:00:00.000001",
    "2024-01-01T00:00:00.000000001",
];

/// Rules about nanoseconds, with what each counts over the rows of [`FINE`].
const RULES: [(&str, [u64; 4]); 14] = [
    ("check: unique, columns: t", [2, 2, 0, 0]),
    ("check: unique, columns: [t, n]", [4, 0, 0, 0]),
    ("check: exists_in, columns: t, dataset: e, key: t", [1, 3, 0, 0]),
    ("check: absent_from, columns: t, dataset: e, key: t", [3, 1, 0, 0]),
    ("check: exists_in, columns: [t, k], dataset: e, key: [t, k]", [1, 3, 0, 0]),
    ("check: range, column: t, max: 2024-01-01T00:00:00.000000001", [2, 2, 0, 0]),
    ("check: range, column: t, min: 2024-01-01T00:00:00.000001", [1, 3, 0, 0]),
    ("check: range, column: t, max: 2024-01-01T00:00:00.000001, exclusive: true", [3, 1, 0, 0]),
    (
        "check: allowed, column: t, values: ['2024-01-01T00:00:00.000000001', '2024-01-01T00:00:00.000001000']",
        [3, 1, 0, 0],
    ),
    ("check: expect, that: \"t = timestamp '2024-01-01 00:00:00.000000001'\"", [2, 2, 0, 0]),
    ("check: expect, that: \"t in (timestamp '2024-01-01 00:00:00.000000002')\"", [1, 3, 0, 0]),
    ("check: expect, that: \"t > date '2024-01-01'\"", [4, 0, 0, 0]),
    ("check: expect, that: \"t + interval '1 second' = timestamp '2024-01-01 00:00:01.000000002'\"", [1, 3, 0, 0]),
    ("check: expect, that: \"date_diff(t, date '2024-01-01', 'second') = 0 and year(t) = 2024\"", [4, 0, 0, 0]),
];

/// A suite about the timestamps `t` of two datasets.
fn fine_suite(file: &str, other: &str) -> String {
    let columns = "columns: { t: { type: datetime } }";
    let mut suite = format!(
        "suite: s\nas_of: 2024-06-01\ndatasets:\n  e: {{ source: {other}, {columns} }}\n  d:\n    source: {file}\n    {columns}\n    rules:\n"
    );
    for (at, (rule, _)) in RULES.iter().enumerate() {
        writeln!(suite, "      - {{ id: r{at}, {rule} }}").unwrap();
    }
    suite.push_str(
        "      - { id: aggregates, check: aggregate, that: \"max(t) = timestamp '2024-01-01 00:00:00.000001' and \
         min(t) = timestamp '2024-01-01 00:00:00.000000001' and distinct(t) = 3 and \
         median(t) = timestamp '2024-01-01 00:00:00'\" }\n",
    );
    suite
}

#[test]
fn nanoseconds_count_in_keys_comparisons_bounds_and_lists() {
    use polars_arrow::array::{PrimitiveArray, Utf8ViewArray};
    use polars_arrow::datatypes::{ArrowDataType, TimeUnit};

    let folder = Folder::new();
    let mut csv = "t,n,k\n".to_owned();
    for (at, cell) in FINE.iter().enumerate() {
        writeln!(csv, "{cell},{at},k").unwrap();
    }
    folder.write("d.csv", csv);
    // All whole microseconds in the other dataset.
    folder.write("e.csv", "t,k\n2024-01-01 00:00:00.000001,k\n2024-01-01,k\n");
    let midnight = 1_704_067_200_000_000_000;
    let stored = |nanos: &[i64]| {
        let nanos = PrimitiveArray::from_vec(nanos.iter().map(|nanos| midnight + nanos).collect());
        nanos.to(ArrowDataType::Timestamp(TimeUnit::Nanosecond, None)).boxed()
    };
    let texts = |texts: &[&str]| Utf8ViewArray::from_slice_values(texts).boxed();
    let d = Table::new([("t", stored(&[1, 2, 1000, 1])), ("n", texts(&["0", "1", "2", "3"])), ("k", texts(&["k"; 4]))]);
    let e = Table::new([("t", stored(&[1000, 0])), ("k", texts(&["k"; 2]))]);
    folder.write("d.parquet", d.parquet(1));
    folder.write("whole.parquet", d.parquet(10));
    folder.write("d.arrow", d.arrow());
    folder.write("e.parquet", e.parquet(10));
    for (file, other) in [
        ("d.csv", "e.csv"),
        ("d.parquet", "e.parquet"),
        ("whole.parquet", "e.csv"),
        ("d.arrow", "e.parquet"),
        ("d.csv", "e.parquet"),
    ] {
        let suite = folder.write("suite.yaml", fine_suite(file, other));
        let report = run(&suite, &[], 2);
        for (at, (check, counts)) in RULES.iter().enumerate() {
            assert_eq!(four(&report, &format!("r{at}")), *counts, "{file}, {other}: {check}");
        }
        assert_eq!(
            rule(&report, "aggregates").status,
            Status::Passed,
            "{file}: {}",
            rule(&report, "aggregates").observed
        );
    }
}

#[test]
fn intervals_make_dates_later_and_earlier() {
    for (column, cells, that, counts) in [
        (
            "{ type: date }",
            &["2024-01-31", "2024-02-29"][..],
            "t + interval '1 month' = date '2024-02-29'",
            [1, 1, 0, 0],
        ),
        ("{ type: date }", &["2024-02-29"], "t + interval '36 hours' = timestamp '2024-03-01 12:00:00'", [1, 0, 0, 0]),
        ("{ type: datetime }", &["2024-02-29 23:30"], "t + interval '45 minutes' > date '2024-03-01'", [1, 0, 0, 0]),
        ("{ type: date }", &["9999-12-31", "2024-01-01", "x", ""], "t + interval '1 day' > t", [1, 2, 1, 2]),
        ("{ type: date }", &["0001-01-01"], "t - interval '1 year' < t", [0, 1, 0, 1]),
        (
            "{ type: integer }",
            &["3", "-3"],
            "date_add(date '2024-01-31', t, 'month') = date '2024-04-30'",
            [1, 1, 0, 0],
        ),
    ] {
        assert_eq!(counted(column, cells, that), counts, "{that}");
    }
}

#[test]
fn numbers_are_dates_where_a_format_says_so() {
    use polars_arrow::array::{PrimitiveArray, Utf8ViewArray};

    let folder = Folder::new();
    let days = PrimitiveArray::from([Some(20_240_229_i32), Some(20_230_229), None, Some(1)]).boxed();
    let seconds = PrimitiveArray::from([Some(1_709_164_800_i64), Some(1_709_164_801), None, Some(i64::MAX)]).boxed();
    let serial = PrimitiveArray::from([Some(45_351.5_f64), Some(60.0), None, Some(f64::NAN)]).boxed();
    let names = Utf8ViewArray::from_slice_values(["a", "b", "c", "d"]).boxed();
    let table = Table::new([("n", names), ("day", days), ("seconds", seconds), ("serial", serial)]);
    folder.write("d.parquet", table.parquet(10));
    folder.write("d.arrow", table.arrow());
    for file in ["d.parquet", "d.arrow"] {
        let suite = format!(
            "suite: s\nas_of: 2024-06-01\ndatasets:\n  d:\n    source: {file}\n    columns:\n      day: {{ type: date, format: yyyymmdd }}\n      \
             seconds: {{ type: datetime, format: unix seconds }}\n      serial: {{ type: datetime, format: excel 1900 }}\n    rules:\n      \
             - {{ id: day, check: expect, that: \"day = date '2024-02-29'\" }}\n      \
             - {{ id: seconds, check: expect, that: \"seconds = timestamp '2024-02-29 00:00:00'\" }}\n      \
             - {{ id: serial, check: expect, that: \"serial = timestamp '2024-02-29 12:00:00'\" }}\n      \
             - {{ id: unique, check: unique, columns: [day, seconds] }}\n"
        );
        let report = run(&folder.write("suite.yaml", suite), &[], 2);
        assert_eq!(four(&report, "day"), [1, 2, 1, 2], "{file}");
        assert_eq!(four(&report, "seconds"), [1, 2, 1, 1], "{file}");
        assert_eq!(four(&report, "serial"), [1, 2, 1, 2], "{file}");
        assert_eq!(four(&report, "unique"), [1, 2, 1, 2], "{file}");
        assert_eq!(four(&report, "d.day.type"), [1, 2, 1, 2], "{file}");
    }
}

/// What `identify` shows about dates can be declared.
#[test]
fn formats_that_identify_shows_are_formats() {
    use passmuster::model::DateNotation;
    use passmuster::scalar::DateFormat;
    use passmuster::text::Family;

    for name in Family::Date.formats().iter().filter(|name| **name != "YYYY") {
        let century = name.split(['/', '-', '.']).any(|part| part == "YY").then_some(1950);
        let notation = DateNotation { formats: vec![(*name).to_owned()], century, ..DateNotation::default() };
        assert!(DateFormat::compile(&notation).is_ok(), "{name}: {:?}", DateFormat::compile(&notation));
    }
}
