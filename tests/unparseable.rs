//! Why cells are unparseable: counted once a column, whatever rules, stages, threads and engines read it.

use std::collections::BTreeMap;
use std::fs;

use passmuster::model::{AuditReport, UnparseableColumn, UnparseableReason as Why};
use polars_arrow::array::PrimitiveArray;
use proptest::prelude::*;

use crate::support::audits::{ALL_MEMORY, audit_everywhere, audit_files, json, run, run_within};
use crate::support::folder::Folder;
use crate::support::reports::{rule, said};
use crate::support::tables::Table;

/// What is unparseable in a dataset.
fn unparseable<'r>(report: &'r AuditReport, dataset: &str) -> &'r [UnparseableColumn] {
    &report.datasets.iter().find(|known| known.name == dataset).unwrap().unparseable
}

fn reasons<const N: usize>(counts: [(Why, u64); N]) -> BTreeMap<Why, u64> {
    counts.into()
}

#[test]
fn each_cell_has_one_reason() {
    let suite = "suite: s\ndatasets:\n  d:\n    source: { path: d.csv, delimiter: \";\" }\n    columns:
      n: { type: decimal, range: 0.., unique: true }\n      i: { type: integer }
      d: { type: date, format: \"%d/%m/%Y\", not_future: true, fresh: 30d }
      b: { type: boolean }\n      u: { type: uuid }\n    rules:
      - { id: half, check: expect, where: i > 0, that: n > 0 }\n";
    let table = "n;i;d;b;u\n1,5;1.5;31/12/2024;true;x\n7.234,5;1 234;12/31/2024;Có;\nNaN;9999999999999999999999999999999999999999;31/02/2024;x;y\n\
                 5 %;7;2024-12-31;;6f1b2b1e-8c5f-4a0e-9d63-0a4e3a0b7c11\nabc;;soon;0;\n 7 ;8;;;\n12;9;01/01/0000;1;\n";
    let report = audit_files(&[("suite.yaml", suite), ("d.csv", table)]);
    let found = unparseable(&report, "d");
    let names: Vec<&str> = found.iter().map(|column| column.column.as_str()).collect();
    assert_eq!(names, ["n", "i", "d", "b", "u"]);
    assert_eq!(
        found[0].reasons,
        reasons([(Why::DecimalComma, 2), (Why::NotFinite, 1), (Why::Sign, 1), (Why::NotANumber, 1), (Why::Spaces, 1)])
    );
    assert_eq!(found[1].reasons, reasons([(Why::Fraction, 1), (Why::ThousandsGroups, 1), (Why::TooManyDigits, 1)]));
    assert_eq!(
        found[2].reasons,
        reasons([
            (Why::DayAndMonthSwapped, 1),
            (Why::NoSuchDate, 1),
            (Why::OtherFormat, 1),
            (Why::NotADate, 1),
            (Why::YearOutOfRange, 1),
        ])
    );
    assert_eq!(found[3].reasons, reasons([(Why::NotABoolean, 2)]));
    assert_eq!(found[4].reasons, reasons([(Why::NotAUuid, 2)]));
    for column in found {
        assert_eq!(column.cells, column.reasons.values().sum::<u64>());
        assert_eq!(column.cells, rule(&report, &format!("d.{}.type", column.column)).unreadable, "{}", column.column);
    }
    let shown = said(&report);
    for value in ["7.234,5", "12/31/2024", "soon", "abc", "Có"] {
        assert!(!shown.contains(value), "{value} is shown");
    }
}

#[test]
fn the_format_of_most_values_is_named_with_what_to_declare() {
    let rows =
        (0..2_000).map(|row| format!("{:02}/{:02}/2024\n", row % 28 + 1, row % 12 + 1)).collect::<Vec<_>>().concat();
    let suite = "suite: s\ndatasets: { d: { source: d.csv, columns: { born: { type: date } } } }\n";
    let report = audit_files(&[("suite.yaml", suite), ("d.csv", &format!("born\n{rows}"))]);
    let [born] = unparseable(&report, "d") else { panic!("one column is unparseable") };
    let like = born.looks_like.as_ref().unwrap();
    assert_eq!((like.formats.join(", ").as_str(), like.cells, born.cells), ("DD/MM/YYYY", 2_000, 2_000));
    assert_eq!(born.advice.as_deref(), Some("declare `format: \"%d/%m/%Y\"`"));
    assert_eq!(born.reasons.values().sum::<u64>(), 2_000);
    // Where most cells are parsed, a format for the others would be no help.
    let mixed = format!("born\n{rows}") + &"2024-01-31\n".repeat(2_001);
    let report = audit_files(&[("suite.yaml", suite), ("d.csv", &mixed)]);
    let born = &unparseable(&report, "d")[0];
    assert_eq!((born.cells, born.parsed, born.looks_like.is_some(), &born.advice), (2_000, 2_001, true, &None));
}

#[test]
fn a_column_counts_once_however_many_rules_datasets_and_sections_read_it() {
    let folder = Folder::new();
    let rows =
        (0..9_000).map(|row| format!("{row},{}\n", if row % 9 == 0 { "x" } else { "5" })).collect::<Vec<_>>().concat();
    folder.write("d.csv", format!("id,n\n{rows}"));
    folder.write("e.csv", "id,n\n1,5\n2,y\n");
    let suite = "suite: s\ndatasets:\n  d:\n    source: d.csv\n    columns:
      n: { type: integer, range: 0..9, allowed: [5], unique: true, outliers: mad }\n    rules:
      - { id: one, check: exists_in, columns: n, dataset: e, key: n }\n      - { id: two, check: expect, that: n > 0 }
      - { id: there, check: type, column: id, as: integer }\n      - { id: date, check: type, column: id, as: date }
  e:\n    source: e.csv\n    columns: { n: { type: integer } }\n    rules:
      - { id: three, check: exists_in, columns: n, dataset: d, key: n }\n";
    let suite = folder.write("suite.yaml", suite);
    let report = run(&suite, &[], 1);
    for threads in [2, 8] {
        assert_eq!(json(&report), json(&run_within(ALL_MEMORY, &suite, &[], threads)));
    }
    let found: Vec<(&str, &str, u64)> = unparseable(&report, "d")
        .iter()
        .map(|column| (column.column.as_str(), column.data_type.name(), column.cells))
        .collect();
    assert_eq!(found, [("id", "date", 9_000), ("n", "integer", 1_000)]);
    let e = &unparseable(&report, "e")[0];
    assert_eq!((e.cells, e.parsed), (1, 1));
}

#[test]
fn values_that_a_file_stores_have_reasons_too() {
    let folder = Folder::new();
    let floats = PrimitiveArray::from_slice([1.5, f64::NAN, 2.5, f64::NAN]).boxed();
    fs::write(folder.path("d.parquet"), Table::new([("x", floats)]).parquet(2)).unwrap();
    let suite = "suite: s\ndatasets: { d: { source: d.parquet, columns: { x: { range: 0..9 } } } }\n";
    let report = run(&folder.write("suite.yaml", suite), &[], 2);
    let [x] = unparseable(&report, "d") else { panic!("one column is unparseable") };
    assert_eq!((x.cells, &x.reasons), (2, &reasons([(Why::NotFinite, 2)])));
    assert_eq!(rule(&report, "d.x.range").unreadable, 2);
}

#[test]
fn a_dataset_without_unparseable_cells_says_nothing() {
    let suite = "suite: s\ndatasets: { d: { source: d.csv, columns: { n: { type: integer } } } }\n";
    let report = audit_files(&[("suite.yaml", suite), ("d.csv", "n\n1\n2\n\n")]);
    assert!(unparseable(&report, "d").is_empty());
    assert!(!json(&report).contains("unparseable"));
}

const MANY: &str = "suite: s\ndatasets:\n  t:\n    source: t.csv\n    columns:
      a: { type: decimal }\n      b: { type: integer, decimal: \",\", thousands: \".\", strip: [\"%\"] }
      c: { type: date }\n      d: { type: boolean, true: [x], false: [o] }\n";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn reasons_add_up_to_the_unreadable_cells(
        rows in prop::collection::vec(
            [
                "[-+]?[0-9]{0,3}[., ]?[0-9]{0,3}[%€x]?",
                "[-(]?[0-9]{1,3}([.,][0-9]{3}){0,2}[)%]?",
                "[0-3][0-9][-/.][01][0-9][-/.](19|20|00)[0-9]{2}|(19|20)[0-9]{2}-[01][0-9]-[0-3][0-9]",
                "x|o|true|| ",
            ],
            1..40,
        )
    ) {
        let report = audit_everywhere(MANY, "a,b,c,d", &rows);
        let found = unparseable(&report, "t");
        for name in ["a", "b", "c", "d"] {
            let cells = found.iter().find(|column| column.column == name).map_or(0, |column| {
                assert_eq!(column.cells, column.reasons.values().sum::<u64>());
                column.cells
            });
            prop_assert_eq!(cells, rule(&report, &format!("t.{name}.type")).unreadable, "{}", name);
        }
    }
}
