//! Counts worked out by hand for checks on values as texts, and what they refuse.

use std::fs;

use passmuster::model::{AuditReport, Status};
use polars_arrow::array::{PrimitiveArray, Utf8ViewArray};
use polars_arrow::datatypes::ArrowDataType;

use crate::support::audits::run;
use crate::support::folder::Folder;
use crate::support::program::{self, code, stderr, stdout};
use crate::support::reports::{details, four_measured, rule, said};
use crate::support::repository::{fixture, root};
use crate::support::tables::Table;

fn write(rules: &[&str], columns: &str, data: &str) -> Folder {
    let folder = Folder::new();
    let rules = rules.iter().fold(String::new(), |all, rule| all + "      - " + rule + "\n");
    let suite = format!(
        "suite: s\nas_of: 2026-01-01\ndatasets:\n  d:\n    source: d.csv\n    columns: {columns}\n    rules:\n{rules}"
    );
    folder.write("suite.yaml", suite);
    folder.write("d.csv", data);
    folder
}

fn audit(rules: &[&str], columns: &str, data: &str) -> AuditReport {
    run(&write(rules, columns, data).path("suite.yaml"), &[], 2)
}

/// What a command says about a suite that it refuses.
fn refusal(folder: &Folder, command: &str) -> String {
    let output = program::run(folder, &[command, "suite.yaml"]);
    let said = stdout(&output) + &stderr(&output);
    assert_eq!(code(&output), 2, "{said}");
    assert!(!said.contains("panicked"), "{said}");
    said
}

#[test]
fn personal_numbers_are_compared_with_what_other_columns_say() {
    let data = "id,born,sex,place\n\
                001099000001,1999-05-01,Nam,01\n\
                001099000001,1998-05-01,Nam,001\n\
                079303012345,2003-01-01,nam,79\n\
                079303012345,2003-01-01,NỮ,01\n\
                079303012345,2003-02-31,Nữ,79\n\
                079303012345,,Khác,Hà Nội\n\
                003099000001,1999-05-01,Nam,01\n\
                000000000000,1999-05-01,Nam,01\n\
                ,1999-05-01,Nam,01\n";
    let rules = [
        "{ id: alone, check: identifier, column: id, kind: vn.personal_id }",
        "{ id: all, check: identifier, column: id, kind: vn.personal_id, born: born, sex: sex, province: place }",
        "{ id: abroad, check: identifier, column: id, kind: vn.personal_id, foreign_births: true }",
    ];
    let report = audit(&rules, "{ born: { type: date }, id: { pii: basic } }", data);
    assert_eq!(four_measured(&report, "alone"), [6, 2, 1, 0]);
    let alone = [("check_digit", 0), ("inner_fact", 1), ("likely_slips", 1), ("placeholder", 1), ("shape", 0)];
    assert_eq!(details(&report, "alone"), [&alone[..], &[("swapped_neighbours", 1)]].concat());
    assert_eq!(four_measured(&report, "abroad"), [7, 1, 1, 0]);
    assert_eq!(four_measured(&report, "all"), [2, 6, 1, 1]);
    for (name, count) in [
        ("born_differs", 1),
        ("sex_differs", 1),
        ("province_differs", 1),
        ("sex_not_told", 1),
        ("province_not_told", 1),
    ] {
        assert_eq!(rule(&report, "all").details[name], count, "{name}");
    }
    let text = said(&report);
    assert!(!text.contains("079303012345") && !text.contains("001099000001"));
}

#[test]
fn numbers_stored_as_such_are_judged_without_their_zeros() {
    let rules = [
        "{ id: g, check: identifier, column: code, kind: gtin }",
        "{ id: t, check: identifier, column: tax, kind: vn.tax_code }",
        "{ id: p, check: no_personal_data }",
    ];
    let folder = write(&rules, "{}", "");
    // The first tax code began with a zero.
    let table = Table::new([
        ("code", PrimitiveArray::from([Some(8_934_563_138_165_i64), Some(8_934_563_138_164), None]).boxed()),
        ("tax", PrimitiveArray::from_slice([100_047_516_i64, 2_292_818_114, 5_254_893_282]).boxed()),
        ("held", PrimitiveArray::from_slice([79_303_012_345_i64, 5, 7]).boxed()),
    ]);
    let path = folder.path("d.parquet");
    fs::write(&path, table.parquet(3)).unwrap();
    let report = run(&folder.path("suite.yaml"), &[("d", path)], 2);
    assert_eq!(four_measured(&report, "g"), [1, 1, 1, 0]);
    assert_eq!(four_measured(&report, "t"), [2, 1, 0, 0]);
    assert_eq!(rule(&report, "t").details["shape"], 1);
    assert_eq!(four_measured(&report, "p"), [2, 1, 0, 0]);
    assert_eq!(details(&report, "p"), [("held.personal_id", 1)]);
}

#[test]
fn personal_data_is_found_whatever_stores_it() {
    let numbers = [84_912_345_678_i64, 1_090_123_456, 79_303_012_345, 1_700_000_000, 4_539_578_763_621_486, 12];
    let expected = [("held.card", 1), ("held.personal_id", 2), ("held.phone", 1)];
    let rules = ["{ id: p, check: no_personal_data }"];
    let lines: Vec<String> = numbers.iter().map(i64::to_string).collect();
    let csv = format!("held\n{}\n", lines.join("\n"));
    let floats = format!("held\n{}.0\n", lines.join(".0\n"));
    for (columns, data) in [
        ("{}", &csv),
        ("{ held: { type: integer } }", &csv),
        ("{ held: { type: text } }", &csv),
        ("{ held: { type: decimal } }", &csv),
        ("{}", &floats),
        ("{ held: { type: decimal } }", &floats),
    ] {
        let report = audit(&rules, columns, data);
        assert_eq!(four_measured(&report, "p"), [0, 1, 0, 0], "{columns}");
        assert_eq!(details(&report, "p"), expected, "{columns}");
        assert!(rule(&report, "p").observed.contains("4 of 6 values"), "{columns}");
    }
    let folder = write(&rules, "{}", "");
    let decimals = |scale: usize| {
        let units = numbers.map(|number| i128::from(number) * 10_i128.pow(u32::try_from(scale).unwrap()));
        PrimitiveArray::from_slice(units).to(ArrowDataType::Decimal(20, scale)).boxed()
    };
    #[expect(clippy::cast_precision_loss, reason = "below 2^53")]
    let floats = PrimitiveArray::from_slice(numbers.map(|number| number as f64)).boxed();
    let texts = Utf8ViewArray::from_slice_values(&lines).boxed();
    for cells in [PrimitiveArray::from_slice(numbers).boxed(), floats, texts, decimals(0), decimals(2)] {
        let stored = cells.dtype().clone();
        let path = folder.path("d.parquet");
        fs::write(&path, Table::new([("held", cells)]).parquet(6)).unwrap();
        let report = run(&folder.path("suite.yaml"), &[("d", path)], 2);
        assert_eq!(details(&report, "p"), expected, "{stored:?}");
        assert!(rule(&report, "p").observed.contains("4 of 6 values"), "{stored:?}");
    }
}

#[test]
fn a_row_fails_once_however_untidy_it_is() {
    let data = "a,b,n\n\
                fine,fine,1\n\
                \" x  y \",fine,1\n\
                \" x\",\"y \",1\n\
                ,\"Viá»‡t\",1\n\
                ,,1\n\
                \"a\u{A0}b\",fine,0\n\
                \"a\u{A0}b\",fine,x\n";
    let rules = [
        "{ id: all, check: tidy, columns: [a, b] }",
        "{ id: only, check: tidy, column: a, only: double_space }",
        "{ id: allow, check: tidy, columns: [a, b], allow: [edge_space, odd_space] }",
        "{ id: some, check: tidy, column: a, where: n = 1 }",
    ];
    let report = audit(&rules, "{ n: { type: integer } }", data);
    assert_eq!(four_measured(&report, "all"), [1, 5, 1, 0]);
    assert_eq!(details(&report, "all"), [("double_space", 1), ("edge_space", 2), ("mojibake", 1), ("odd_space", 2)]);
    assert_eq!(four_measured(&report, "only"), [4, 1, 2, 0]);
    assert_eq!(four_measured(&report, "allow"), [4, 2, 1, 0]);
    assert_eq!(four_measured(&report, "some"), [1, 3, 3, 1]);
    assert!(rule(&report, "all").observed.ends_with("edge_space 2, odd_space 2, double_space 1, mojibake 1"));
}

#[test]
fn most_values_say_what_the_format_of_a_column_is() {
    let data = "d,c,p\n\
                01/02/2020,Hà Nội,0912345678\n\
                31/12/2020,HUẾ,+84912345678\n\
                12/31/2020,Đà Nẵng,\n\
                2020-01-31,An Giang,0912 345 678\n\
                30/11/2020,123,0987654321\n\
                soon,,n/a\n";
    let rules = [
        "{ id: d, check: uniform, column: d, as: date }",
        "{ id: c, check: uniform, column: c, as: case }",
        "{ id: p, check: uniform, column: p, as: phone, where: c is not null }",
        "{ id: none, check: uniform, column: p, as: date }",
    ];
    let report = audit(&rules, "{}", data);
    assert_eq!(four_measured(&report, "d"), [3, 3, 0, 0]);
    assert_eq!(
        details(&report, "d"),
        [("D/M/YYYY", 2), ("DD/MM/YYYY", 3), ("M/D/YYYY", 1), ("MM/DD/YYYY", 2), ("YYYY-MM-DD", 1)]
    );
    let records: Vec<u64> = rule(&report, "d").failing_rows.iter().map(|row| row.record).collect();
    assert_eq!(records, [3, 4, 6]);
    assert_eq!(four_measured(&report, "c"), [4, 1, 1, 0]);
    let observed = &rule(&report, "c").observed;
    assert!(observed.contains("most are Title Case, the first of several that fit equally many"), "{observed}");
    assert_eq!(four_measured(&report, "p"), [2, 2, 2, 0]);
    assert_eq!(four_measured(&report, "none"), [0, 5, 1, 0]);
    assert!(rule(&report, "none").observed.ends_with("no known format fits"));
}

#[test]
fn columns_not_declared_personal_are_looked_through() {
    let data = "name,mail,note,empty,told\n\
                Nguyễn An,a@example.vn,fine,,1999-01-01\n\
                Trần Bình,b@example.vn,call 0912 345 678,,2000-01-01\n\
                Lê Chi,,GB82 WEST 1234 5698 7654 32,,x\n";
    let rules = [
        "{ id: all, check: no_personal_data }",
        "{ id: bears, check: no_personal_data, share: 0.5 }",
        "{ id: named, check: no_personal_data, columns: mail, detectors: [phone, card] }",
        "{ id: scoped, check: no_personal_data, columns: [note], where: told < date '2000-01-01' }",
    ];
    let report = audit(&rules, "{ mail: { pii: basic }, told: { type: date } }", data);
    assert_eq!(four_measured(&report, "all"), [2, 1, 1, 0]);
    assert_eq!(details(&report, "all"), [("note.iban", 1), ("note.phone", 1)]);
    assert!(rule(&report, "all").observed.contains("note (2 of 3 values: iban, phone)"));
    assert_eq!(four_measured(&report, "bears"), [2, 1, 1, 0]);
    assert_eq!(four_measured(&report, "named"), [1, 0, 0, 0]);
    assert_eq!(four_measured(&report, "scoped"), [1, 0, 0, 0]);
    assert_eq!(rule(&report, "scoped").details["rows_not_in_scope_for_sure"], 1);
    assert_eq!(rule(&report, "all").status, Status::Failed);
    assert!(!said(&report).contains("0912"));
}

#[test]
fn names_of_wards_are_tidy_and_mostly_of_one_spelling() {
    let rules = [
        "{ id: tidy, check: tidy, columns: [name, full_name, name_en, full_name_en] }",
        "{ id: tone, check: uniform, column: name, as: tone }",
        "{ id: ward, check: identifier, column: code, kind: vn.ward_code }",
        "{ id: province, check: identifier, column: province_code, kind: vn.province_code }",
    ];
    let folder = write(&rules, "{}", "");
    let wards = fixture("vn_admin/wards.csv.zst");
    let report = run(&folder.path("suite.yaml"), &[("d", wards)], 2);
    for id in ["tidy", "ward", "province"] {
        assert_eq!(four_measured(&report, id), [3321, 0, 0, 0], "{id}");
    }
    assert_eq!(four_measured(&report, "tone"), [3320, 1, 0, 0]);
    assert_eq!(rule(&report, "tone").details["mark on the first vowel (hòa)"], 3131);
}

#[test]
fn parameters_that_make_no_sense_are_refused_together() {
    let rules = [
        "{ id: a, check: identifier, column: a, kind: vn.personalid }",
        "{ id: b, check: identifier, column: a, kind: iban, born: a, foreign_births: true }",
        "{ id: c, check: identifier, column: a }",
        "{ id: d, check: tidy, column: a, only: [double_spaces] }",
        "{ id: e, check: tidy, column: a, only: [control], allow: [bidi] }",
        "{ id: f, check: uniform, column: a, as: dates }",
        "{ id: g, check: no_personal_data, share: 2 }",
        "{ id: h, check: no_personal_data, detectors: [email, emails] }",
        "{ id: i, check: tidy, column: a, allow: [bidi, bidi] }",
    ];
    let folder = write(&rules, "{ a: {} }", "a\n1\n");
    let said = refusal(&folder, "lint");
    for part in [
        "`kind` does not take `vn.personalid`",
        "did you mean `vn.personal_id`?",
        "iban contains no such fact; only vn.personal_id does",
        "needs `kind`",
        "`only` does not take `double_spaces`",
        "did you mean `double_space`?",
        "`only` lists the faults to look for: leave `allow` out",
        "`as` does not take `dates`",
        "did you mean `date`?",
        "give a share of at least 0 and less than 1",
        "`detectors` does not take `emails`",
        "`bidi` occurs twice",
    ] {
        assert!(said.contains(part), "{part} is not in:\n{said}");
    }
}

#[test]
fn columns_that_do_not_fit_are_errors_of_their_rules() {
    let rules = [
        "{ id: typed, check: identifier, column: x, kind: luhn }",
        "{ id: born, check: identifier, column: a, kind: vn.personal_id, born: a }",
        "{ id: sex, check: identifier, column: a, kind: vn.personal_id, sex: x }",
        "{ id: uniform, check: uniform, column: x, as: number }",
        "{ id: tidy, check: tidy, columns: [a, x] }",
    ];
    let folder = write(&rules, "{ a: { pii: basic }, x: { type: decimal, pii: basic } }", "a,x\n1,2\n");
    let said = refusal(&folder, "audit");
    for part in [
        "typed: x is decimal; this check needs text",
        "born: a is text: declare `type: date`",
        "sex: x is decimal; this check needs text",
        "uniform: x is decimal; this check needs text",
        "tidy: x is decimal; this check needs text",
    ] {
        assert!(said.contains(part), "{part} is not in:\n{said}");
    }
    let rules = ["{ id: absent, check: tidy, column: b }", "{ id: nothing, check: no_personal_data }"];
    let report = audit(&rules, "{ a: { pii: basic }, x: { type: decimal, pii: basic } }", "a,x\n1,2\n");
    for (id, reason) in
        [("absent", "has no column `b`"), ("nothing", "every column that can be read is declared personal")]
    {
        let rule = rule(&report, id);
        assert_eq!(rule.status, Status::Errored, "{id}");
        assert!(rule.reason.as_ref().is_some_and(|told| told.contains(reason)), "{id}: {:?}", rule.reason);
    }
}

#[test]
fn every_kind_is_listed_and_documented() {
    let listed = stdout(&program::run(root(), &["list", "identifiers"]));
    let page = fs::read_to_string(root().join("docs/identifiers.md")).unwrap();
    for name in passmuster::identifiers::NAMES {
        assert!(listed.lines().any(|line| line.split_whitespace().next() == Some(name)), "{name}");
        assert!(page.contains(&format!("`{name}`")), "{name} is not documented");
    }
}
