//! Numbers and booleans as files write them, declared on suite, dataset or column.

use passmuster::model::{AuditReport, RuleReport};

use crate::support::audits::{audit_files, run};
use crate::support::folder::Folder;
use crate::support::reports::{four, rule};

/// The rules of one table whose numbers are written in some way.
const RULES: &str = "
    rules:
      - { id: sum, check: aggregate, that: sum(amount) = 3716.34 }
      - { id: distinct, check: aggregate, that: distinct(amount) = 6 }
      - { id: keyed, check: unique, columns: amount }
      - { id: listed, check: allowed, column: amount, values: [1234.56, -12.5, 0.5, 999] }
      - { id: tidy-sum, check: expect, that: amount * 2 > 0 }
      - { id: far, check: outliers, column: amount }
      - { id: known, check: exists_in, columns: amount, dataset: plain, key: amount }
      - { id: same, check: agrees, with: plain, on: { id: id }, compare: { amount: amount, share: share } }
      - { id: totals, check: reconciles, with: plain, by: { g: g }, measures: { sum(amount): sum(amount), sum(share): sum(share) } }
      - { id: whole, check: range, column: whole, min: 0 }
      - { id: large, check: row_count, where: amount > 1000, equals: 3 }
";

/// The same table, written plainly and as in Vietnam, Germany or Switzerland.
const PLAIN: &str = "id;g;amount;share;whole\n1;a;1234.56;12.5;1234567\n2;a;1234.56;0;-3\n3;b;-12.5;100;12\n4;b;0.5;1;1\n\
                     5;c;999;;0\n6;c;1260.22;50;2\n7;c;-1000;50;\n";
const EUROPEAN: &str = "id;g;amount;share;whole\n1;a;1.234,56 €;12,5 %;1.234.567\n2;a;€ 1234,56;0%;3-\n3;b;(12,50);100 %;12\n\
                        4;b;0,5;1%;1\n5;c;999;;0\n6;c;1.260,22;50 %;2\n7;c;-1.000;50%;\n";
const SWISS: &str = "id;g;amount;share;whole\n1;a;1'234.56;12.5 %;1’234’567\n2;a;CHF 1'234.56;0%;-3\n3;b;-12.50;100 %;12\n\
                     4;b;0.5;1%;1\n5;c;999.-;;0\n6;c;1260.22;50 %;2\n7;c;-1'000;50%;\n";

fn audit(declared: &str, table: &str) -> AuditReport {
    let plain = "source: { path: plain.csv, delimiter: \";\" }
    decimal: \".\"
    thousands: none
    strip: []
    columns: { id: { type: integer }, amount: { type: decimal }, share: { type: decimal } }";
    let suite = format!(
        "suite: s\ndatasets:\n  plain:\n    {plain}\n  t:\n    source: {{ path: t.csv, delimiter: \";\" }}
    {declared}
    columns: {{ id: {{ type: integer }}, amount: {{ type: decimal, range: -2000..2000 }}, share: {{ type: decimal }}, whole: {{ type: integer }} }}{RULES}"
    );
    audit_files(&[("suite.yaml", &suite), ("plain.csv", PLAIN), ("t.csv", table)])
}

#[test]
fn a_table_has_the_same_counts_however_its_numbers_are_written() {
    let outcomes = |report: &AuditReport| -> Vec<(String, [u64; 4], String)> {
        let rules = report.datasets.iter().find(|dataset| dataset.name == "t").unwrap().rules.iter();
        let outcome = |rule: &RuleReport| {
            let counts = [rule.passed, rule.failed, rule.not_applicable, rule.unreadable];
            (rule.id.clone(), counts, rule.observed.clone())
        };
        rules.map(outcome).collect()
    };
    let plain = audit("missing: []", PLAIN);
    let european =
        "decimal: \",\"\n    thousands: \".\"\n    strip: [\"%\", \"€\"]\n    brackets: negative\n    minus: trailing";
    let swiss = "thousands: \"'\"\n    strip: [\"%\", CHF, \".-\"]";
    for (declared, table) in [(european, EUROPEAN), (swiss, SWISS)] {
        assert_eq!(outcomes(&audit(declared, table)), outcomes(&plain), "{table}");
    }
    assert_eq!(four(&plain, "same"), [7, 0, 0, 0]);
    assert_eq!(four(&plain, "totals"), [3, 0, 0, 0]);
    assert_eq!(four(&plain, "known"), [7, 0, 0, 0]);
    assert_eq!(four(&plain, "keyed"), [5, 2, 0, 0]);
    assert_eq!(four(&plain, "sum"), [1, 0, 0, 0]);
}

#[test]
fn what_is_not_written_as_declared_is_unparseable_and_never_another_number() {
    let suite = |declared: &str| {
        format!("suite: s\ndatasets: {{ d: {{ source: d.csv, columns: {{ n: {{ type: decimal, {declared} }} }} }} }}\n")
    };
    let table = |values: &[&str]| values.iter().fold("n\n".to_owned(), |table, value| table + "\"" + value + "\"\n");
    let cases: [(&str, &[&str], u64); 6] = [
        ("decimal: \",\", thousands: \".\"", &["1.23", "1.2345", "12.34.567", "0.123", "1.234.5", "1,5", "1.234"], 5),
        ("decimal: \",\"", &["1.5", "1.234", "1 234", "2,5"], 3),
        ("thousands: \" \"", &["1 234", "1\u{202F}234.5", "12 34", "1,5", "1 234 "], 3),
        ("strip: [\"%\"]", &["5%", "5 %", "%5", "5%%x", "5 €", "5"], 2),
        ("brackets: negative", &["(5)", "(-5)", "((5))", "5-", "()"], 4),
        ("minus: trailing", &["5-", "-5", "-5-", "(5)"], 2),
    ];
    for (declared, values, unreadable) in cases {
        let report = audit_files(&[("suite.yaml", &suite(declared)), ("d.csv", &table(values))]);
        let judged = rule(&report, "d.n.type");
        assert_eq!((judged.evaluated, judged.unreadable), (values.len() as u64, unreadable), "{declared}");
    }
}

#[test]
fn the_nearest_declaration_wins_key_by_key() {
    let folder = Folder::new();
    folder.write("base.yaml", "decimal: \",\"\nstrip: [\"€\"]\ncodelists: {}\n");
    folder.write("d.csv", "a;b;c\n1.234,5 €;1.5;1.234\n");
    let suite = "suite: s\nextends: [base.yaml]\ndatasets:\n  d:\n    source: { path: d.csv, delimiter: \";\" }\n    thousands: \".\"
    columns:\n      a: { type: decimal, range: 1234.5..1234.5 }\n      b: { type: decimal, decimal: \".\", thousands: none, range: 1.5..1.5 }
      c: { type: integer, range: 1234..1234 }\n";
    let report = run(&folder.write("suite.yaml", suite), &[], 2);
    for column in ["a", "b", "c"] {
        assert_eq!(four(&report, &format!("d.{column}.range")), [1, 0, 0, 0], "{column}");
    }
}

#[test]
fn declared_words_are_booleans_and_never_missing() {
    let suite = "suite: s\ndatasets:\n  d:\n    source: d.csv\n    missing: [\"-\"]\n    columns:
      paid: { type: boolean, true: [Có, x], false: [Không, \"\", \"-\"], required: true }
      usual: { type: boolean, required: true }
      note: { required: true }\n    rules:
      - { id: yes, check: expect, where: paid, that: id <> '' }\n      - { id: either, check: expect, that: paid or not paid }\n";
    let table =
        "id,paid,usual,note\n1,Có,true,-\n2,x,no,a\n3,Không,,b\n4,,-,c\n5,-,1,d\n6,Có,0,\n7,true,0,e\n8, ,0,f\n";
    let report = audit_files(&[("suite.yaml", suite), ("d.csv", table)]);
    // A blank cell is missing, and `true` is no declared word.
    assert_eq!(four(&report, "d.paid.required"), [7, 1, 0, 0]);
    assert_eq!(four(&report, "d.paid.type"), [6, 1, 1, 1]);
    assert_eq!(four(&report, "yes"), [3, 1, 4, 1]);
    assert_eq!(four(&report, "either"), [6, 1, 1, 1]);
    // Other columns keep what is missing.
    assert_eq!(four(&report, "d.usual.required"), [6, 2, 0, 0]);
    assert_eq!(four(&report, "d.note.required"), [6, 2, 0, 0]);
}

#[test]
fn rows_compare_as_they_are_written_and_casts_parse_the_plain_form() {
    let suite = "suite: s\ndecimal: \",\"\ndatasets:\n  d:\n    source: d.csv\n    columns:
      n: { type: decimal, unique: true }\n      t: {}\n    rules:
      - { id: rows, check: distinct_rows, ignore: [t] }
      - { id: cast, check: expect, that: cast(t as decimal) > 0 }\n";
    let report = audit_files(&[("suite.yaml", suite), ("d.csv", "n,t\n\"1,5\",1.5\n\"01,50\",\"1,5\"\n")]);
    assert_eq!(four(&report, "d.n.type"), [2, 0, 0, 0]);
    assert_eq!(four(&report, "d.n.unique"), [0, 2, 0, 0]);
    assert_eq!(four(&report, "rows"), [2, 0, 0, 0]);
    assert_eq!(four(&report, "cast"), [1, 1, 0, 1]);
}
