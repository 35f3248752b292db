//! Counts worked out by hand where rules meet awkward cells, keys and formats.

use passmuster::model::Status;
use polars_arrow::array::PrimitiveArray;
use polars_arrow::datatypes::ArrowDataType;

use crate::support::audits::{ALL_MEMORY, audit_files, options, run};
use crate::support::exact;
use crate::support::folder::Folder;
use crate::support::reports::{four, rule, said};
use crate::support::repository::fixture;
use crate::support::tables::Table;

/// A suite over `d.csv` with one declared column and some rules, both in flow style.
fn suite(columns: &str, rules: &[&str]) -> String {
    let rules = rules.iter().fold(String::new(), |all, rule| all + "      - " + rule + "\n");
    format!(
        "suite: s\nas_of: 2026-01-01\ndatasets:\n  d:\n    source: d.csv\n    columns: {columns}\n    rules:\n{rules}"
    )
}

#[test]
fn a_format_declared_with_the_type_serves_every_rule() {
    let columns = r#"{ x: { type: { as: date, format: "%d/%m/%Y" }, not_future: true } }"#;
    let report = audit_files(&[
        ("suite.yaml", &suite(columns, &["{ check: row_count, min: 1 }"])),
        ("d.csv", "x\n31/12/2020\n01/02/2027\n"),
    ]);
    assert_eq!(four(&report, "d.x.type"), [2, 0, 0, 0]);
    assert_eq!(four(&report, "d.x.not_future"), [1, 1, 0, 0]);
}

#[test]
fn a_key_part_that_does_not_read_fails_its_row() {
    let rules = ["{ id: u, check: unique, column: n }", "{ id: f, check: exists_in, column: n, dataset: d, key: n }"];
    let report = audit_files(&[
        ("suite.yaml", &suite("{ n: { type: integer } }", &rules)),
        ("d.csv", "n\n7\n007\nabc\nabc\n8\n\"\"\n"),
    ]);
    assert_eq!(four(&report, "u"), [1, 4, 1, 2]);
    assert_eq!(rule(&report, "u").details["groups"], 1);
    assert_eq!(four(&report, "f"), [3, 2, 1, 2]);
}

#[test]
fn a_condition_that_does_not_read_passes_nothing() {
    let rules = [
        "{ id: u, check: unique, column: id, where: age > 3 }",
        "{ id: most, check: row_count, max: 2, where: age > 3 }",
        "{ id: least, check: row_count, min: 2, where: age > 3 }",
        "{ id: sum, check: aggregate, that: count(id) = 2, where: age > 3 }",
    ];
    let data = "id,age\n1,5\n1,x\n1,6x\n2,9\n3,1\n";
    let report = audit_files(&[("suite.yaml", &suite("{ age: { type: integer } }", &rules)), ("d.csv", data)]);
    assert_eq!(four(&report, "u"), [2, 2, 1, 2]);
    assert_eq!(rule(&report, "most").status, Status::Failed);
    assert_eq!(rule(&report, "least").status, Status::Passed);
    assert_eq!(rule(&report, "sum").details["unreadable_values"], 2);
}

#[test]
fn a_tolerance_is_that_of_the_numbers_as_written() {
    let suite = "suite: s\ndatasets:\n  a:\n    source: d.csv\n    key: k\n    columns: { x: { type: decimal } }\n    rules:\n      - { id: near, check: agrees, with: b, compare: { x: { to: x, tolerance: 0.1 } } }\n  b:\n    source: e.csv\n    key: k\n    columns: { x: { type: decimal } }\n";
    let report = audit_files(&[
        ("suite.yaml", suite),
        ("d.csv", "k,x\n1,1.1\n2,2.0\n3,0.3\n4,1.11\n5,abc\n6,\n"),
        ("e.csv", "k,x\n1,1.0\n2,2.1\n3,0.2\n4,1.0\n5,1\n6,\n"),
    ]);
    assert_eq!(four(&report, "near"), [4, 2, 0, 1]);
}

/// What one row each of two datasets says, the tolerance, and whether they agree.
const LONG_PAIRS: [(&str, &str, &str, bool); 14] = [
    ("100000000000000000001.5", "100000000000000000000.5", "0.1", false),
    ("100000000000000000001.5", "100000000000000000000.5", "0", false),
    ("100000000000000000001.5", "100000000000000000000.5", "1", true),
    ("1234567890123456.7", "1234567890123456.8", "0.05", false),
    ("1234567890123456.7", "1234567890123456.8", "0.1", true),
    ("9223372036854775807", "9223372036854775806", "0.5", false),
    ("9007199254740992", "9007199254740993", "0", false),
    ("9007199254740992", "9007199254740993", "0.5", false),
    ("9007199254740993", "9007199254740994", "1", true),
    ("-123456789012345678.25", "-123456789012345678.75", "0.1", false),
    ("0.30000000000000001", "0.3", "0", false),
    ("0.30000000000000001", "0.300000000000000010", "0", true),
    ("0.1", "0.2", "0.1", true),
    ("1234567890123456789012345678901234", "1234567890123456789012345678901234", "1", true),
];

fn two_tables(with: &str, tolerance: &str, ends: &str) -> String {
    let table =
        |name: &str| format!("  {name}:\n    source: {name}.{ends}\n    columns: {{ n: {{ type: decimal }} }}\n");
    let rule = format!(
        "{{ id: near, check: agrees, with: {with}, on: {{ k: k }}, compare: {{ n: {{ to: n, tolerance: {tolerance} }} }} }}"
    );
    format!("suite: s\ndatasets:\n{}{}    rules:\n      - {rule}\n", table("e"), table("d"))
}

#[test]
fn a_share_leaves_out_what_does_not_read() {
    let rows = |cell: &str| format!("{cell},\n").repeat(50);
    let data = format!("x,y\n{}{}{}", rows("1"), rows("z"), rows("9"));
    let rules = [
        "{ id: s, check: aggregate, that: share(x > 3) = 0.5 }",
        "{ id: t, check: aggregate, that: share(x > 3 or x is null) = 0.5 }",
    ];
    let report = audit_files(&[("suite.yaml", &suite("{ x: { type: integer } }", &rules)), ("d.csv", &data)]);
    for id in ["s", "t"] {
        assert_eq!(rule(&report, id).status, Status::Passed, "{}", rule(&report, id).observed);
        assert_eq!(rule(&report, id).details["unreadable_values"], 50);
    }
    // Where none reads there is no share.
    let report = audit_files(&[("suite.yaml", &suite("{ x: { type: integer } }", &rules)), ("d.csv", "x,y\nz,\n")]);
    assert_eq!(four(&report, "s")[..2], [0, 0], "{}", rule(&report, "s").observed);
}

#[test]
fn a_tolerance_keeps_all_digits() {
    for (here, there, tolerance, agrees) in LONG_PAIRS {
        for with in ["e", "[e]"] {
            let data = |number: &str| format!("k,n\n1,{number}\n");
            let suite = two_tables(with, tolerance, "csv");
            let report = audit_files(&[("suite.yaml", &suite), ("d.csv", &data(here)), ("e.csv", &data(there))]);
            let found = four(&report, "near");
            assert_eq!(found[..2], [u64::from(agrees), u64::from(!agrees)], "{here} {there} {tolerance} {with}");
        }
    }
    // Several rows of a key.
    let report = |with, there: &str| {
        let d = "k,n\n1,9007199254740993\n";
        audit_files(&[("suite.yaml", &two_tables(with, "1", "csv")), ("d.csv", d), ("e.csv", there)])
    };
    let (same, near) =
        ("k,n\n1,9007199254740993\n1,9007199254740993.0\n", "k,n\n1,9007199254740993\n1,9007199254740993.5\n");
    assert_eq!(four(&report("e", same), "near"), [1, 0, 0, 0]);
    assert_eq!(four(&report("e", near), "near"), [1, 0, 0, 0]);
    assert_eq!(four(&report("[e]", near), "near"), [1, 0, 0, 0]);
}

#[test]
fn a_tolerance_keeps_all_digits_of_stored_decimals() {
    let pairs = LONG_PAIRS.iter().filter(|pair| pair.0.len() < 28 && pair.0 != "0.30000000000000001");
    for (here, there, tolerance, agrees) in pairs {
        let folder = Folder::new();
        for (name, number) in [("d", here), ("e", there)] {
            let units = exact::written(number) * exact::written("1e10");
            let cells = PrimitiveArray::from_slice([i128::try_from(units.to_integer()).unwrap()]);
            let cells = cells.to(ArrowDataType::Decimal(38, 10)).boxed();
            let table = Table::new([("k", PrimitiveArray::from_slice([1_i64]).boxed()), ("n", cells)]);
            folder.write(format!("{name}.parquet"), table.parquet(1));
        }
        for with in ["e", "[e]"] {
            folder.write("suite.yaml", two_tables(with, tolerance, "parquet"));
            let found = four(&run(&folder.path("suite.yaml"), &[], 2), "near");
            assert_eq!(found, [u64::from(*agrees), u64::from(!agrees), 0, 0], "{here} {there} {tolerance} {with}");
        }
    }
}

#[test]
fn bounds_of_decimals_keep_all_digits() {
    let passes = |rule: &str, cell: &str| {
        let rule = format!("{{ id: r, column: x, {rule} }}");
        let data = format!("x,y\n{cell},\n");
        let report = audit_files(&[("suite.yaml", &suite("{ x: { type: decimal } }", &[&rule])), ("d.csv", &data)]);
        four(&report, "r") == [1, 0, 0, 0]
    };
    for (rule, cell, expected) in [
        ("check: range, max: 9007199254740992", "9007199254740992.5", false),
        ("check: range, max: 9007199254740992", "9007199254740992", true),
        ("check: range, max: 9007199254740993", "9007199254740993.0", true),
        ("check: range, max: 9007199254740993", "9007199254740994", false),
        ("check: range, min: 9007199254740993", "9007199254740992.9", false),
        ("check: range, min: 5", "4.9999999999999999", false),
        ("check: range, min: 5", "5.0000000000000000001", true),
        ("check: range, max: 5", "5.0000000000000000001", false),
        ("check: range, max: 5", "50e-1", true),
        ("check: range, min: 5, max: 5", "5.000000000000000000000", true),
        ("check: range, min: 5, max: 5", "4.9999999999999999", false),
        ("check: range, min: 5, exclusive: true", "5.0000000000000000001", true),
        ("check: range, min: 5, exclusive: true", "5.00", false),
        ("check: range, max: 0.3, exclusive: true", "0.29999999999999999999", true),
        ("check: range, max: 0.3", "0.30000000000000001", false),
        ("check: allowed, values: [5]", "4.9999999999999999", false),
        ("check: allowed, values: [5]", "5.000", true),
        ("check: allowed, values: ['5e0', '7']", "+5", true),
        ("check: allowed, values: ['4.9999999999999999']", "4.99999999999999990", true),
        ("check: forbidden, values: [5]", "4.9999999999999999", true),
    ] {
        assert_eq!(passes(rule, cell), expected, "{rule}: {cell}");
    }
}

#[test]
fn long_whole_numbers_are_not_rounded() {
    let rules = ["{ id: r, check: range, column: t, min: 1000000000000000001 }", "{ id: u, check: unique, column: x }"];
    let data = "t,x\n1000000000000000000,12345678901234567.1\n1000000000000000001,12345678901234567.2\n";
    let report = audit_files(&[("suite.yaml", &suite("{ x: { type: decimal } }", &rules)), ("d.csv", data)]);
    assert_eq!(four(&report, "r"), [1, 1, 0, 0]);
    assert_eq!(four(&report, "u"), [2, 0, 0, 0]);
}

#[test]
fn keys_of_different_types_are_refused() {
    let suite = suite("{ n: { type: integer } }", &["{ id: f, check: exists_in, column: n, dataset: d, key: t }"]);
    let folder = Folder::of(&[("suite.yaml", &suite), ("d.csv", "n,t\n7,007\n")]);
    let options = options(ALL_MEMORY, &[], 2);
    let error = passmuster::audit::audit(&[folder.path("suite.yaml")], &options, &());
    let error = error.expect_err("they never meet").to_string();
    assert!(error.contains("f: n is integer and t of d is text: declare one type for both"), "{error}");
}

#[test]
fn an_unreadable_dataset_shuts_the_gate() {
    let report = audit_files(&[("suite.yaml", &suite("{ n: { required: true } }", &["{ check: row_count, min: 1 }"]))]);
    assert_eq!(report.gate.reasons, ["d: could not be audited"]);
}

#[test]
fn one_uuid_in_a_list_must_be_one() {
    let rules = ["{ id: f, check: forbidden, column: u, values: [123e4567-e89b-12d3-a456-426614174000] }"];
    let report = audit_files(&[
        ("suite.yaml", &suite("{ u: { type: uuid } }", &rules)),
        ("d.csv", "u\nabc\n123e4567-e89b-12d3-a456-426614174001\n"),
    ]);
    assert_eq!(four(&report, "f"), [1, 1, 0, 1]);
}

#[test]
fn figures_of_personal_columns_are_not_shown() {
    let rules = ["{ id: m, check: aggregate, that: max(id) < 5 }"];
    let report = audit_files(&[
        ("suite.yaml", &suite("{ id: { type: integer, pii: basic } }", &rules)),
        ("d.csv", "id\n4711\n"),
    ]);
    assert_eq!(rule(&report, "m").status, Status::Failed);
    assert!(!said(&report).contains("4711"));
}

#[test]
fn nested_columns_are_columns_like_others() {
    let folder = fixture("formats");
    for name in ["nested.parquet", "nested.arrow"] {
        let suite = suite(
            "{}",
            &[
                "{ id: u, check: unique, column: id }",
                "{ id: big, check: unique, column: big }",
                "{ id: nested, check: required, column: place }",
                "{ id: whole, check: distinct_rows }",
                "{ id: rest, check: distinct_rows, ignore: [place, tags, big] }",
            ],
        );
        let desk = Folder::of(&[("suite.yaml", &suite)]);
        let report = run(&desk.path("suite.yaml"), &[("d", folder.join(name))], 2);
        assert_eq!(four(&report, "u"), [1, 2, 1, 0], "{name}");
        // Whole numbers beyond 2^63.
        assert_eq!(four(&report, "big"), [3, 0, 1, 0], "{name}");
        assert_eq!(four(&report, "nested"), [3, 1, 0, 0], "{name}");
        assert_eq!(four(&report, "whole"), [4, 0, 0, 0], "{name}");
        assert_eq!(four(&report, "rest"), [4, 0, 0, 0], "{name}");
        if name == "nested.parquet" {
            assert_eq!(report.datasets[0].files[0].checksums.unwrap().verified, 10);
        }
    }
}

#[test]
fn a_column_of_conditions_does_not_move_a_rule_to_another_unit() {
    let rules =
        ["{ id: r, check: required, column: a, where: b = '1' }", "{ id: d, check: distinct_rows, ignore: [b] }"];
    let report = audit_files(&[("suite.yaml", &suite("{}", &rules)), ("d.csv", "a,b\n1,1\n2,2\n")]);
    assert_eq!(rule(&report, "r").columns, ["a"]);
    assert!(rule(&report, "d").columns.is_empty());
}

#[test]
fn decimals_of_many_digits_are_compared_digit_by_digit() {
    // As floats, the first two are one number, and so are the last two.
    let ids = [9_007_199_254_740_992_i128, 9_007_199_254_740_993, 9_007_199_254_740_994, 9_007_199_254_740_995];
    let column = PrimitiveArray::from_slice(ids).to(ArrowDataType::Decimal(38, 0)).boxed();
    let rules = [
        "{ id: u, check: unique, column: id }",
        "{ id: r, check: range, column: id, min: 9007199254740993, max: 9007199254740994 }",
        "{ id: a, check: aggregate, that: distinct(id) = 4 }",
    ];
    let text = suite("{}", &rules).replace("d.csv", "d.parquet");
    let folder = Folder::of(&[("suite.yaml", &text)]);
    folder.write("d.parquet", Table::new([("id", column)]).parquet(4));
    let report = run(&folder.path("suite.yaml"), &[], 2);
    assert_eq!(four(&report, "u"), [4, 0, 0, 0]);
    assert_eq!(four(&report, "r"), [2, 2, 0, 0]);
    assert_eq!(rule(&report, "a").status, Status::Passed);
}
