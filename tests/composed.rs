//! Letters with their marks: composed, as suites and most programs write them, or decomposed, as windows-1258 must.

use passmuster::model::{AuditReport, Status};
use polars_arrow::array::Utf8ViewArray;

use crate::support::audits::run;
use crate::support::folder::Folder;
use crate::support::tables::Table;

/// `Họ tên` with a letter and a mark for each of its two letters with a mark below.
const DECOMPOSED: &str = "Ho\u{323} te\u{302}n";

fn counts(report: &AuditReport, id: &str) -> (Status, u64, u64) {
    let mut rules = report.datasets.iter().flat_map(|dataset| &dataset.rules);
    let rule =
        rules.find(|rule| rule.id == id).unwrap_or_else(|| panic!("no rule {id}: {:?}", report.datasets[0].error));
    (rule.status, rule.evaluated, rule.failed)
}

/// Text in windows-1258, whose letters have marks behind them.
fn windows_1258(text: &str) -> Vec<u8> {
    let (bytes, _, unmappable) = encoding_rs::WINDOWS_1258.encode(text);
    assert!(!unmappable, "{text:?}");
    bytes.into_owned()
}

#[test]
fn a_legacy_code_page_reads_as_composed_letters() {
    let folder = Folder::new();
    // The mark below `o` and the tones of `ễ` are characters of their own in this encoding.
    let text = "Ho\u{323} tên;x\nNguyê\u{303}n;1\nTrâ\u{300}n;2\nTô\u{309}ng cô\u{323}ng;3\n";
    folder.write("d.csv", windows_1258(text));
    let suite = |more: &str| {
        format!(
            "suite: s
datasets:
  d:
    source: {{ path: d.csv, delimiter: ';', encoding: windows-1258{more} }}
    columns:
      Họ tên: {{ allowed: [Nguyễn, Trần], matches: '[A-Z][a-zễầổộ]+' }}
    rules:
      - {{ id: e, check: expect, that: \"length(\\\"Họ tên\\\") < 7\" }}
"
        )
    };
    let report = run(&folder.write("suite.yaml", suite("")), &[], 2);
    assert_eq!(counts(&report, "d.Họ tên.allowed"), (Status::Failed, 3, 1));
    assert_eq!(counts(&report, "d.Họ tên.matches"), (Status::Failed, 3, 1));
    // `Nguyễn` has six letters, `Trần` four, `Tổng cộng` nine.
    assert_eq!(counts(&report, "e"), (Status::Failed, 3, 1));
    let report = run(&folder.write("suite.yaml", suite(", until: Tổng cộng")), &[], 2);
    assert_eq!(counts(&report, "d.Họ tên.allowed"), (Status::Passed, 2, 0));
}

#[test]
fn names_of_columns_are_the_same_however_their_letters_are_written() {
    let folder = Folder::new();
    folder.write("d.csv", format!("{DECOMPOSED},id\nAn,1\n,2\n"));
    let texts = Utf8ViewArray::from_slice([Some("An"), None]).boxed();
    folder.write("d.parquet", Table::new([(DECOMPOSED, texts)]).parquet(5));
    folder.write("d.ndjson", format!("{{\"{DECOMPOSED}\":\"An\"}}\n{{\"Họ tên\":null}}\n"));
    for file in ["d.csv", "d.parquet", "d.ndjson"] {
        for name in ["Họ tên", DECOMPOSED] {
            let suite = format!(
                "suite: s
datasets:
  d:
    source: {file}
    columns:
      {name}: {{ type: text, length: 2..2 }}
    rules:
      - {{ id: r, check: required, columns: {name} }}
      - {{ id: e, check: expect, that: \"\\\"{name}\\\" = 'An'\" }}
"
            );
            let report = run(&folder.write("suite.yaml", suite), &[], 1);
            assert_eq!(counts(&report, "r"), (Status::Failed, 2, 1), "{file} {name:?}");
            assert_eq!(counts(&report, "e"), (Status::Passed, 1, 0), "{file} {name:?}");
            assert_eq!(report.datasets[0].columns[0].name, "Họ tên");
        }
    }
}

#[test]
fn values_in_utf_8_stay_as_they_are() {
    let folder = Folder::new();
    folder.write("d.csv", format!("name\n{DECOMPOSED}\nHọ tên\n"));
    let suite = "suite: s
datasets:
  d:
    source: d.csv
    columns: { name: { allowed: [Họ tên], tidy: true, unique: true } }
";
    let report = run(&folder.write("suite.yaml", suite), &[], 1);
    assert_eq!(counts(&report, "d.name.allowed"), (Status::Failed, 2, 1));
    assert_eq!(counts(&report, "d.name.tidy"), (Status::Failed, 2, 1));
    assert_eq!(counts(&report, "d.name.unique"), (Status::Passed, 2, 0));
}
