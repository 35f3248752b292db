//! Rules that measured nothing are named beside the verdict, or fail the gate.

use serde_json::Value;

use crate::support::folder::Folder;
use crate::support::program::{code, run, stderr, stdout};

/// Three rules of orders measure nothing, and the two of visits.
fn folder(gate: &str) -> Folder {
    let suite = format!(
        "\
suite: shop
as_of: 2026-11-01
{gate}
datasets:
  orders:
    source: orders.csv
    rules:
      - {{ id: some, check: required, column: status }}
      - {{ id: sent, check: required, column: sent, where: \"status = 'Delivered'\" }}
      - {{ id: note, check: matches, column: note, pattern: '[a-z]+' }}
      - {{ id: note-length, check: length, column: note, max: 5 }}
"
    );
    Folder::of(&[("suite.yaml", &suite), ("orders.csv", "status,sent,note\ndelivered,2026-10-01,\nopen,,\n")])
}

const WHY: [&str; 2] = [
    "orders: rule sent measured nothing: no row meets `where` (status = 'Delivered'): `status` has no 'Delivered'; it has \
     'delivered'",
    "orders: rules note, note-length measured nothing: no row has a value to judge in `note`",
];

fn sorted(sentences: &Value) -> Vec<&str> {
    let mut found: Vec<&str> = sentences.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect();
    found.sort_unstable();
    found
}

#[test]
fn the_gate_of_a_suite_says_what_rules_without_a_row_do() {
    let mut wanted = WHY.to_vec();
    wanted.sort_unstable();
    for (gate, word, exit) in [
        ("", "warn", 0),
        ("gate: { unmeasured: warn }", "warn", 0),
        ("gate: { unmeasured: fail }", "fail", 1),
        ("gate: { unmeasured: fail, fail_on: none }", "fail", 1),
        ("gate: { unmeasured: allow }", "allow", 0),
    ] {
        let folder = folder(gate);
        let output = run(&folder, &["audit", "suite.yaml", "--format", "json"]);
        assert_eq!(code(&output), exit, "{gate}: {}", stderr(&output));
        let report: Value = serde_json::from_str(&stdout(&output)).unwrap();
        let found = &report["gate"];
        assert_eq!((found["unmeasured"].as_str(), found["passed"].as_bool()), (Some(word), Some(exit == 0)));
        match word {
            "warn" => assert_eq!(sorted(&found["warnings"]), wanted),
            "fail" => assert_eq!(sorted(&found["reasons"]), wanted),
            _ => assert!(found.get("warnings").is_none(), "{found}"),
        }

        let table = stdout(&run(&folder, &["audit", "suite.yaml"]));
        let flat = table.split_whitespace().collect::<Vec<_>>().join(" ");
        for why in WHY.into_iter().chain([" · 3 rules measured nothing - "]) {
            assert_eq!(flat.contains(why), word != "allow", "{table}");
        }
    }
}

#[test]
fn a_dataset_without_rows_names_all_its_rules_at_once() {
    let folder = folder("");
    folder.write("orders.csv", "status,sent,note\n");
    let report: Value =
        serde_json::from_str(&stdout(&run(&folder, &["audit", "suite.yaml", "--format", "json"]))).unwrap();
    let warnings = sorted(&report["gate"]["warnings"]);
    assert!(warnings.len() == 1 && warnings[0].ends_with("measured nothing: there are no rows to judge"), "{report}");
    for id in ["some", "sent", "note", "note-length"] {
        assert!(warnings[0].contains(id), "{warnings:?}");
    }
}

/// No row that meets `where`, a column that is empty there, and texts that do not occur are different reasons.
#[test]
fn the_reason_says_what_is_in_the_way() {
    let data = "status,sent,full_name,code\ndelivered,,Anna,A-1\ndelivered,,Bob,A-2\nopen,,Carl,B-1\n";
    for (condition, reason) in [
        ("status = 'Delivered'", ": `status` has no 'Delivered'; it has 'delivered'"),
        (
            "'DELIVERED' = status or status = 'opne'",
            ": `status` has no 'DELIVERED'; it has 'delivered', and `status` has no 'opne'; it has 'open'",
        ),
        (
            "status in ('Open', 'lost in the mail')",
            ": `status` has no 'Open'; it has 'open', and `status` has no 'lost in the mail'",
        ),
        ("status = 'open' and code = 'A-1'", ""),
        // Names of persons are not shown.
        ("full_name = 'anna'", ""),
        // Nor what is compared in another way.
        ("not (status = 'x') and status <> 'delivered' and status <> 'open'", ""),
        ("status like 'X%'", ""),
    ] {
        let rule = format!("{{ id: r, check: matches, column: sent, pattern: '[a-z]+', where: \"{condition}\" }}");
        assert_eq!(reason_of(data, &rule), format!("no row meets `where` ({condition}){reason}"), "{condition}");
    }
    let rule = "{ id: r, check: matches, column: sent, pattern: '[a-z]+', where: \"status = 'delivered'\" }";
    let reason = "2 rows meet `where` (status = 'delivered') and none of them has a value to judge in `sent`";
    assert_eq!(reason_of(data, rule), reason);
    let rule = "{ id: r, check: matches, column: sent, pattern: '[a-z]+', where: \"status = 'open'\" }";
    let reason = "1 row meets `where` (status = 'open') and has no value to judge in `sent`";
    assert_eq!(reason_of(data, rule), reason);
    let rule = "{ id: r, check: matches, column: sent, pattern: '[a-z]+' }";
    assert_eq!(reason_of(data, rule), "no row has a value to judge in `sent`");
    // Judgements of the whole dataset, too.
    let rule = "{ id: r, check: aggregate, that: \"avg(length(code)) > 1\", where: \"status = 'OPEN'\" }";
    let reason = "no row meets `where` (status = 'OPEN'): `status` has no 'OPEN'; it has 'open'";
    assert_eq!(reason_of(data, rule), reason);
}

/// A column with more values than groups are counted of says nothing about its texts.
#[test]
fn columns_of_many_values_are_not_searched() {
    let mut data = String::from("status,sent\n");
    data.extend((0..12_000).map(|at| ["delivered ".to_owned(), at.to_string(), ",\n".to_owned()].concat()));
    let rule = "{ id: r, check: matches, column: sent, pattern: '[a-z]+', where: \"status = 'Delivered 1'\" }";
    assert_eq!(reason_of(&data, rule), "no row meets `where` (status = 'Delivered 1')");
}

/// The reason of the rule `r`.
fn reason_of(data: &str, rule: &str) -> String {
    let suite = format!(
        "suite: shop\nas_of: 2026-11-01\ndatasets:\n  orders:\n    source: orders.csv\n    rules:\n      - {rule}\n"
    );
    let folder = Folder::of(&[("suite.yaml", &suite), ("orders.csv", data)]);
    let mut reasons = Vec::new();
    for engine in ["local", "reference"] {
        let output = run(&folder, &["audit", "suite.yaml", "--format", "json", "--engine", engine]);
        let report: Value = serde_json::from_str(&stdout(&output)).unwrap();
        let rules = report["datasets"][0]["rules"].as_array().unwrap();
        let rule = rules.iter().find(|rule| rule["id"] == "r").unwrap();
        assert_eq!(rule["status"], "not_measured", "{rule}");
        reasons.push(rule["reason"].as_str().unwrap().to_owned());
    }
    assert_eq!(reasons[0], reasons[1]);
    reasons.remove(0)
}

#[test]
fn other_words_are_refused() {
    let output = run(&folder("gate: { unmeasured: ignore }"), &["lint", "suite.yaml"]);
    assert!(code(&output) == 2 && stdout(&output).contains("`unmeasured`"), "{}", stdout(&output));
}
