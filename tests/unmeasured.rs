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
    "orders: rule sent measured nothing: no row meets `where` (status = 'Delivered') and has a value to judge in `sent`",
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

#[test]
fn other_words_are_refused() {
    let output = run(&folder("gate: { unmeasured: ignore }"), &["lint", "suite.yaml"]);
    assert!(code(&output) == 2 && stdout(&output).contains("`unmeasured`"), "{}", stdout(&output));
}
