//! Letters with their marks: composed, as suites and most programs write them, or decomposed, as windows-1258 must.

use passmuster::audit::audit;
use passmuster::model::{AuditReport, Status};
use polars_arrow::array::Utf8ViewArray;
use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization as _;

use crate::support::audits::{ALL_MEMORY, audit_everywhere_beside, options, run};
use crate::support::cells::one_of;
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

/// `Nguyễn` with a letter and two marks, and with a letter that has one of them.
const APART: &str = "Nguye\u{302}\u{303}n";
const HALF: &str = "Nguy\u{ea}\u{303}n";

/// Each rule as it is and with `as: nfc`.
const TWICE: &str = "suite: s
codelists:
  names: [Nguyễn, Trần]
  apart: [Nguye\u{302}\u{303}n]
  dated: { source: dated.csv, key: code, valid_from: from, valid_to: to }
datasets:
  o: { source: o.csv, columns: { n: { type: integer } } }
  t:
    source: t.csv
    missing: [NA, Không]
    columns: { n: { type: integer }, b: { type: date } }
    rules:
      - { id: allowed, check: allowed, column: a, values: [Nguyễn, Trần] }
      - { id: allowed-nfc, check: allowed, column: a, values: [Nguye\u{302}\u{303}n, Trần], as: nfc }
      - { id: apart, check: allowed, column: a, values: { codelist: apart } }
      - { id: codes, check: allowed, column: a, values: { codelist: names } }
      - { id: codes-nfc, check: allowed, column: a, values: { codelist: apart }, as: nfc, where: n > 0 }
      - { id: dated, check: allowed, column: a, values: { codelist: dated, at: b } }
      - { id: dated-nfc, check: allowed, column: a, values: { codelist: dated, at: b }, as: nfc }
      - { id: forbidden, check: forbidden, column: a, values: [Nguyễn] }
      - { id: forbidden-nfc, check: forbidden, column: a, values: [Nguyễn], as: nfc }
      - { id: matches, check: matches, column: a, pattern: 'Nguy.n' }
      - { id: matches-nfc, check: matches, column: a, pattern: 'Nguy.n', as: nfc }
      - { id: not-matches-nfc, check: not_matches, column: a, pattern: 'Nguyễn', as: nfc }
      - { id: unique, check: unique, columns: a }
      - { id: unique-nfc, check: unique, columns: [a], as: nfc }
      - { id: key-nfc, check: unique, columns: [a, n], as: nfc }
      - { id: found, check: exists_in, columns: a, dataset: t, key: [r] }
      - { id: found-nfc, check: exists_in, columns: a, dataset: t, key: [r], as: nfc }
      - { id: absent-nfc, check: absent_from, columns: a, dataset: t, key: [r], as: nfc }
      - { id: covers-nfc, check: covers, column: a, values: [Nguyễn, Nguye\u{302}\u{303}n, Trần], as: nfc }
      - { id: complete-nfc, check: complete_from, dataset: t, key: { r: a }, as: nfc }
      - { id: agrees-nfc, check: agrees, with: t, on: { a: r }, compare: { n: n }, as: nfc }
      - { id: everyone-nfc, check: agrees, with: [o], on: { a: a }, compare: { n: n }, as: nfc }
      - { id: sums-nfc, check: reconciles, with: t, by: { a: r }, measures: [sum(n)], as: nfc }
";

fn both_ways() -> AuditReport {
    // The last two names are missing: a word for it is the same however its letters are written.
    let rows: Vec<[String; 4]> = [
        ["Nguyễn", "Trần", "1", "2021-01-01"],
        [APART, "Nguyễn", "2", "2019-01-01"],
        [HALF, APART, "1", "2021-06-01"],
        ["Lan", "Hoa", "0", "2021-06-01"],
        ["Kho\u{302}ng", "Mai", "5", "2021-06-01"],
        ["", "Mai", "5", ""],
    ]
    .map(|row| row.map(str::to_owned))
    .into();
    audit_both_ways(&rows)
}

fn audit_both_ways(rows: &[[String; 4]]) -> AuditReport {
    let others = [
        ("dated.csv", "code,from,to\nNguyễn,2020-01-01,\nLan,,2020-12-31\n"),
        ("o.csv", "a,n\nNguye\u{302}\u{303}n,1\nLan,0\n"),
    ];
    audit_everywhere_beside(TWICE, "a,r,n,b", rows, &others)
}

fn counted(report: &AuditReport, id: &str) -> ([u64; 3], u64) {
    let mut rules = report.datasets.iter().flat_map(|dataset| &dataset.rules);
    let rule = rules.find(|rule| rule.id == id).unwrap_or_else(|| panic!("no rule {id}"));
    let is_empty = |reason: &str| reason.contains("no rows to judge") || reason.contains("no row has a value to judge");
    let is_judged = rule.reason.as_deref().is_none_or(is_empty);
    assert!(is_judged, "{id}: {:?}", rule.reason);
    ([rule.passed, rule.failed, rule.not_applicable], rule.details.get("pass_as_nfc").copied().unwrap_or_default())
}

#[test]
fn rules_compare_composed_letters_where_they_say_so() {
    let report = both_ways();
    for (id, expected, composed) in [
        // Only `Nguyễn` is in the list; the two other writings of it would be.
        ("allowed", [1, 4, 1], 2),
        // `Không` in another writing is missing once texts are composed.
        ("allowed-nfc", [3, 1, 2], 0),
        // Of the list only the writing of the first of the two; `Nguyễn` and the other would be in it.
        ("apart", [1, 4, 1], 2),
        ("codes", [1, 4, 1], 2),
        ("codes-nfc", [3, 0, 3], 0),
        // On 1 January 2021 the code is valid, in 2019 it is not; `Lan` is not in June 2021.
        ("dated", [1, 4, 1], 1),
        ("dated-nfc", [2, 2, 2], 0),
        ("forbidden", [4, 1, 1], 0),
        ("forbidden-nfc", [1, 3, 2], 0),
        ("matches", [1, 4, 1], 2),
        ("matches-nfc", [3, 1, 2], 0),
        ("not-matches-nfc", [1, 3, 2], 0),
        ("unique", [5, 0, 1], 0),
        ("unique-nfc", [1, 3, 2], 0),
        // The first and the third row have 1.
        ("key-nfc", [2, 2, 2], 0),
        // The other column has `Nguyễn` and the writing with two marks.
        ("found", [2, 3, 1], 0),
        ("found-nfc", [3, 1, 2], 0),
        ("absent-nfc", [1, 3, 2], 0),
        // One expected name, written in two ways, occurs; `Trần` does not.
        ("covers-nfc", [1, 1, 0], 0),
        // Of 4 rows with a name, `Lan` is not in the other column.
        ("complete-nfc", [3, 1, 2], 0),
        // `Nguyễn` there has 2 and 1, so no row agrees with both; nobody there is called `Lan`.
        ("agrees-nfc", [0, 3, 3], 0),
        // `Nguyễn` has 1, 2, 1 and 1, `Lan` has 0 and 0.
        ("everyone-nfc", [1, 1, 0], 0),
    ] {
        assert_eq!(counted(&report, id), (expected, composed), "{id}");
    }
    let rules: Vec<_> = report.datasets.iter().flat_map(|dataset| &dataset.rules).collect();
    let observed = |id: &str| rules.iter().find(|rule| rule.id == id).map(|rule| rule.observed.as_str()).unwrap();
    assert_eq!(observed("allowed"), "4 of 5 rows are not in the list; 2 of them would pass with `as: nfc`");
    assert_eq!(observed("matches"), "4 of 5 rows do not match the pattern; 2 of them would pass with `as: nfc`");
    // Groups here: Nguyễn 4, Lan 0; there: Trần 1, Nguyễn 3, Hoa 0, Mai 10.
    let sums = rules.iter().find(|rule| rule.id == "sums-nfc").unwrap();
    let of = |name: &str| sums.details[name];
    assert_eq!(["groups", "differing", "only_here", "only_there"].map(of), [5, 1, 1, 3]);
}

#[test]
fn every_format_gives_composed_texts_beside_the_stored_ones() {
    let folder = Folder::new();
    let cells = ["Nguyễn", APART, "Lan", HALF];
    folder.write("d.csv", format!("name\n{}\n", cells.join("\n")));
    folder.write("d.ndjson", cells.map(|cell| format!("{{\"name\":\"{cell}\"}}\n")).concat());
    folder.write("d.json", format!("[{}]", cells.map(|cell| format!("{{\"name\":\"{cell}\"}}")).join(",")));
    let table = || Table::new([("name", Utf8ViewArray::from_slice(cells.map(Some)).boxed())]);
    folder.write("d.parquet", table().parquet(2));
    folder.write("d.arrow", table().arrow());
    #[cfg(feature = "sqlite")]
    {
        let connection = rusqlite::Connection::open(folder.path("d.sqlite")).unwrap();
        connection.execute("CREATE TABLE d (name TEXT)", []).unwrap();
        for cell in cells {
            connection.execute("INSERT INTO d VALUES (?1)", [cell]).unwrap();
        }
    }
    std::fs::create_dir(folder.path("parts")).unwrap();
    std::fs::create_dir(folder.path(format!("parts/name={APART}"))).unwrap();
    folder.write(format!("parts/name={APART}/p.csv"), "x\n1\n2\n3\n4\n");
    let sqlite = cfg!(feature = "sqlite").then_some("d.sqlite");
    for file in ["d.csv", "d.ndjson", "d.json", "d.parquet", "d.arrow", "parts"].into_iter().chain(sqlite) {
        let suite = |rules: &str| format!("suite: s\ndatasets:\n  d:\n    source: {file}\n    rules:\n{rules}");
        let plain = "      - { id: plain, check: allowed, column: name, values: [Nguyễn] }\n";
        let nfc = "      - { id: nfc, check: allowed, column: name, values: [Nguyễn], as: nfc }\n";
        let (as_stored, composed) = if file == "parts" { (0, 4) } else { (1, 3) };
        for (rules, wanted) in [
            ([plain, nfc].concat(), &[("plain", as_stored), ("nfc", composed)][..]),
            (nfc.to_owned(), &[("nfc", composed)]),
        ] {
            let report = run(&folder.write("suite.yaml", suite(&rules)), &[], 2);
            for (id, passed) in wanted {
                assert_eq!(counted(&report, id).0, [*passed, 4 - passed, 0], "{file} {id}");
            }
        }
    }
}

#[test]
fn what_cannot_be_composed_is_refused() {
    let folder = Folder::of(&[("d.csv", "a,nfc(a),n\nx,y,1\n")]);
    let suite = |rule: &str| {
        folder.write(
            "suite.yaml",
            format!(
                "suite: s\ndatasets:\n  d:\n    source: d.csv\n    columns: {{ n: {{ type: integer }} }}\n    \
                 rules:\n      - {{ id: r, {rule}, as: nfc }}\n"
            ),
        )
    };
    let options = options(ALL_MEMORY, &[], 1);
    for (rule, message) in [
        ("check: unique, columns: n", "`as: nfc` is about letters, and n is integer: leave it out"),
        ("check: unique, columns: a", "a column nfc(a), which is how `as: nfc` names another one: rename it"),
    ] {
        let shown = match audit(&[suite(rule)], &options, &()) {
            Err(error) => error.to_string(),
            Ok(audited) => {
                format!("{:?}", audited.report.datasets[0].rules.iter().map(|rule| &rule.reason).collect::<Vec<_>>())
            }
        };
        assert!(shown.contains(message), "{shown}");
    }
    // A key may have numbers beside texts.
    let report = run(&suite("check: unique, columns: [n, 'nfc(a)']"), &[], 1);
    assert_eq!(counts(&report, "r"), (Status::Passed, 1, 0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn composed_texts_are_counted_as_a_naive_reference_counts_them(
        rows in prop::collection::vec(prop::array::uniform2(one_of(&["Nguyễn", APART, HALF, "Lan", "", "NA"])), 0..12)
    ) {
        let rows: Vec<[String; 4]> =
            rows.into_iter().map(|[a, r]| [a, r, "1".to_owned(), "2021-06-01".to_owned()]).collect();
        let report = audit_both_ways(&rows);
        let nfc = |text: &str| text.nfc().collect::<String>();
        let there: Vec<&String> = rows.iter().map(|row| &row[0]).filter(|a| !["", "NA"].contains(&a.as_str())).collect();
        let missing = (rows.len() - there.len()) as u64;
        let split = |test: &dyn Fn(&str) -> bool| {
            let passed = there.iter().filter(|a| test(a)).count() as u64;
            [passed, there.len() as u64 - passed, missing]
        };
        let r: Vec<String> = rows.iter().map(|row| nfc(&row[1])).collect();
        prop_assert_eq!(counted(&report, "allowed").0, split(&|a| a == "Nguyễn"));
        let would = there.iter().filter(|a| ***a == APART || ***a == HALF).count() as u64;
        prop_assert_eq!(counted(&report, "allowed").1, would);
        prop_assert_eq!(counted(&report, "matches").1, would);
        prop_assert_eq!(counted(&report, "allowed-nfc").0, split(&|a| nfc(a) == "Nguyễn"));
        prop_assert_eq!(counted(&report, "found-nfc").0, split(&|a| r.contains(&nfc(a))));
        let same = |a: &str| there.iter().filter(|other| nfc(other) == nfc(a)).count();
        prop_assert_eq!(counted(&report, "unique-nfc").0, split(&|a| same(a) == 1));
        prop_assert_eq!(counted(&report, "unique").0, split(&|a| there.iter().filter(|other| **other == a).count() == 1));
    }
}
