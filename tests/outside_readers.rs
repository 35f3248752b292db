//! What the program writes, as programs of others read it: `DuckDB`, pandas and openpyxl.
//!
//! They run in the Python that the environment variable `READERS_PYTHON` names, which has the packages of
//! `tests/outside_readers/requirements.txt`. `.ci/run` makes one. Without it the test is left out, and says so; where `CI`
//! is set, it fails.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::Command;

use serde_json::{Map, Value, json};

use crate::support::folder::Folder;
use crate::support::program::{code, run, stderr, stdout};
use crate::support::repository::root;

const SUITE: &str = r"
suite: outside
datasets:
  ledger:
    source: ledger.csv
    columns: { region: { pii: none }, paid: { type: decimal, pii: none } }
  payments:
    source: payments.csv
    key: id
    columns: { id: { pii: none }, province: { pii: none }, amount: { type: decimal, pii: none }, note: { pii: none } }
    rules:
      - { id: named, check: required, columns: province, owner: Health }
      - { id: bounds, check: range, column: amount, min: 1, owner: Finance }
      - { id: tidy, check: tidy, column: note, owner: Health }
      - id: books
        check: reconciles
        owner: Finance
        with: ledger
        by: { province: region }
        measures: { count(*): count(*), sum(amount): sum(paid) }
  people:
    source: people.parquet
    rules:
      - { id: given, check: required, columns: name }
      - { id: early, check: expect, that: id <= 7 }
";

const PAYMENTS: &str = "id,province,amount,note\r\n1,01,1.5,a\r\n2,01,2.5,\"Đặng, \"\"An\"\"\"\r\n3,02,7, a\r\n4,03,1,a\r\n\
                        5,05,0.1,\"=1+1 \"\r\n6,05,0.2,\"a\nb\"\r\n7,06,x,a\r\n8,06,1,a\r\n9,,9,a\r\n";
const LEDGER: &str = "region,paid\n01,4\n02,6.25\n02,0.5\n04,12\n05,0.31\n06,1\n";

/// The rows of a file.
type Rows = Vec<Map<String, Value>>;

/// Runs the script.
fn script(python: &str, folder: &Folder, args: &[&str]) -> Vec<u8> {
    let script = root().join("tests/outside_readers/read.py");
    let output = Command::new(python).arg(script).args(args).current_dir(folder.root()).output().unwrap();
    assert!(output.status.success(), "{python} {args:?}: {}", stderr(&output));
    output.stdout
}

/// The Python with the readers; `None` where they are left out.
#[expect(clippy::disallowed_methods, reason = "the environment says where the readers are")]
fn python() -> Option<String> {
    let python = std::env::var("READERS_PYTHON").ok();
    if python.is_none() {
        assert!(std::env::var_os("CI").is_none(), "READERS_PYTHON is not set, and in CI no reader is left out");
        let left_out = "left out: outside readers; set READERS_PYTHON to a Python with the packages of \
                        tests/outside_readers/requirements.txt\n";
        // Past the harness, which keeps the output of tests that pass.
        std::io::stderr().write_all(left_out.as_bytes()).unwrap();
    }
    python
}

/// What the program shows of the evidence folder.
fn shown(folder: &Folder, format: &str) -> String {
    let output = run(folder, &["evidence", "out", "--format", format]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    stdout(&output)
}

/// The rows of a Parquet table that are one entry of `evidence --format json`.
fn failing_row(row: &Value) -> Map<String, Value> {
    let failed = row["failed"].as_array().unwrap();
    let each = |name: &str| failed.iter().map(|failed| failed[name].clone()).collect::<Value>();
    let named = |kind: &str, of: &str| {
        let cells = row[of].as_object().unwrap();
        cells.iter().map(|(name, cell)| (format!("{kind}.{name}"), cell.clone())).collect::<Vec<_>>()
    };
    let mut table: Map<String, Value> =
        ["file", "record", "line"].map(|name| (name.to_owned(), row[name].clone())).into_iter().collect();
    table.extend([("rules".to_owned(), each("rule")), ("reasons".to_owned(), each("reason"))]);
    table.extend(named("key", "key"));
    table.extend(named("cell", "cells"));
    table
}

fn failing_group(group: &Value) -> Map<String, Value> {
    let says = group["says"].as_array().unwrap();
    let each = |name: &str| says.iter().map(|says| says[name].clone()).collect::<Value>();
    let key = group["key"].as_object().unwrap();
    let Value::Object(table) = json!({
        "rule": group["rule"],
        "key_columns": key.keys().collect::<Vec<_>>(),
        "key": key.values().collect::<Vec<_>>(),
        "sides": each("side"),
        "measures": each("measure"),
        "counts": each("count"),
        "values": each("value"),
        "why": group["why"],
        "first": group["first"],
        "last": group["last"],
    }) else {
        panic!("an object")
    };
    table
}

/// The entries of `evidence --format json` of a dataset.
fn entries(shown: &Value, list: &str, dataset: &str, table: fn(&Value) -> Map<String, Value>) -> Rows {
    let of_dataset = shown[list].as_array().unwrap().iter().filter(|entry| entry["dataset"] == dataset);
    of_dataset.map(table).collect()
}

/// Each row of the input is in one part, in order; failing rows have the ids of their rules.
fn assert_split(reader: &str, input: &Rows, passing: &Rows, failing: &Rows, failed: &BTreeMap<usize, &str>) {
    let (mut passing, mut failing) = (passing.iter(), failing.iter());
    for (row, cells) in (1..).zip(input) {
        let Some(rules) = failed.get(&row) else {
            assert_eq!(passing.next(), Some(cells), "{reader}: row {row}");
            continue;
        };
        let mut found = failing.next().unwrap().clone();
        assert_eq!(found.remove("failed_rules"), Some(Value::from(*rules)), "{reader}: row {row}");
        assert_eq!(&found, cells, "{reader}: row {row}");
    }
    assert!(passing.next().is_none() && failing.next().is_none(), "{reader}");
}

/// A sheet: its rows, each cell as text.
fn rows_of_sheet(sheet: &Value) -> Vec<Vec<String>> {
    let text = |cell: &Value| cell.as_str().map_or_else(|| cell.to_string(), str::to_owned);
    let rows = sheet["rows"].as_array().unwrap();
    rows.iter().map(|row| row.as_array().unwrap().iter().map(text).collect()).collect()
}

#[test]
fn programs_of_others_read_what_is_written() {
    let Some(python) = python() else { return };
    let folder = Folder::of(&[("suite.yaml", SUITE), ("payments.csv", PAYMENTS), ("ledger.csv", LEDGER)]);
    script(&python, &folder, &["write", "people.parquet"]);
    let audit = ["audit", "suite.yaml", "-q", "--evidence", "out", "--reveal", "--quarantine", "split"];
    let output = run(&folder, &audit);
    assert_eq!(code(&output), 1, "{}", stderr(&output));
    let books = ["evidence", "out", "--by", "owner", "--format", "xlsx", "--output", "books"];
    assert_eq!(code(&run(&folder, &books)), 0);
    folder.write("shown.csv", shown(&folder, "csv"));

    let (payments, people) = ("payments.csv", "people.parquet");
    let part = |dataset: &str, part: &str, file: &str| format!("split/{dataset}/{part}/{file}");
    let parts = [("payments", payments), ("people", people)]
        .map(|(dataset, file)| ["passing", "failing"].map(|name| part(dataset, name, file)));
    let mut files = vec!["read", payments, people, "shown.csv", "books/Health.xlsx", "books/Finance.xlsx"];
    files.extend(["out/payments.failing.parquet", "out/people.failing.parquet", "out/payments.groups.parquet"]);
    files.extend(parts.as_flattened().iter().map(String::as_str));
    let found: Value = serde_json::from_slice(&script(&python, &folder, &files)).unwrap();
    let evidence: Value = serde_json::from_str(&shown(&folder, "json")).unwrap();

    for reader in ["duckdb", "pandas"] {
        let read = |file: &str| serde_json::from_value::<Rows>(found[file][reader].clone()).unwrap();
        for (dataset, count) in [("payments", 5), ("people", 4)] {
            let rows = entries(&evidence, "rows", dataset, failing_row);
            assert_eq!(rows.len(), count, "{dataset}");
            assert_eq!(read(&format!("out/{dataset}.failing.parquet")), rows, "{reader}");
        }
        let groups = entries(&evidence, "groups", "payments", failing_group);
        assert_eq!(groups.len(), 6);
        assert_eq!(read("out/payments.groups.parquet"), groups, "{reader}");

        let failed =
            [(3, "tidy"), (5, "bounds;tidy"), (6, "bounds;tidy"), (7, "payments.amount.type;bounds"), (9, "named")];
        let [passing, failing] = parts[0].each_ref().map(|file| read(file));
        assert_eq!(read(payments).len(), 9);
        assert_split(reader, &read(payments), &passing, &failing, &failed.into());
        let failed = [(4, "given"), (8, "given;early"), (9, "early"), (10, "early")];
        let [passing, failing] = parts[1].each_ref().map(|file| read(file));
        assert_eq!(read(people).len(), 10);
        assert_split(reader, &read(people), &passing, &failing, &failed.into());

        // Of each dataset one line for each failing row and rule, then one for each group.
        let lines = read("shown.csv");
        let mut expected = Vec::new();
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned).replace("null", "");
        let of = |list: &str, dataset: &'static str| {
            evidence[list].as_array().unwrap().iter().filter(move |entry| entry["dataset"] == dataset)
        };
        for dataset in ["payments", "people"] {
            for row in of("rows", dataset) {
                for failed in row["failed"].as_array().unwrap() {
                    expected.push([&row["record"], &row["line"], &failed["rule"], &failed["reason"]].map(text));
                }
            }
            for group in of("groups", dataset) {
                expected.push([&Value::Null, &Value::Null, &group["rule"], &group["why"]].map(text));
            }
        }
        let lines: Vec<[String; 4]> =
            lines.iter().map(|line| ["record", "line", "rule", "reason_code"].map(|name| text(&line[name]))).collect();
        assert_eq!(lines, expected, "{reader}");
    }

    check_workbooks(&found);
}

/// The workbooks of both owners.
fn check_workbooks(found: &Value) {
    for (owner, sheets, rules) in [
        ("Health", &["Rules", "payments"][..], &["tidy", "named"][..]),
        ("Finance", &["Rules", "payments", "payments groups"], &["books", "bounds"]),
    ] {
        let book = found[format!("books/{owner}.xlsx")]["openpyxl"].as_object().unwrap();
        assert_eq!(book.keys().collect::<Vec<_>>(), sheets, "{owner}");
        for sheet in book.values() {
            assert_eq!((&sheet["frozen"], &sheet["formulas"]), (&json!("A2"), &json!(0)), "{owner}");
            assert!(sheet["filter"].as_str().unwrap().starts_with("A1:"), "{owner}");
        }
        let listed: Vec<String> =
            rows_of_sheet(&book["Rules"]).into_iter().skip(1).take(rules.len()).map(|row| row[1].clone()).collect();
        assert_eq!(listed, rules, "{owner}");
    }
    let sheet = |owner: &str, name: &str| rows_of_sheet(&found[format!("books/{owner}.xlsx")]["openpyxl"][name]);
    let place = |row: &Vec<String>| (row[1].clone(), row[3].clone(), row[7].clone());
    let rows: Vec<_> = sheet("Health", "payments").iter().skip(1).map(place).collect();
    let expected = [("3", "3", " a"), ("5", "5", "=1+1 "), ("6", "6", "a\\u{a}b"), ("9", "9", "a")];
    assert_eq!(rows, expected.map(|(record, key, note)| (record.to_owned(), key.to_owned(), note.to_owned())));
    let groups: Vec<String> = sheet("Finance", "payments groups").iter().skip(1).map(|row| row[1].clone()).collect();
    assert_eq!(groups, ["01", "02", "03", "04", "05", "06"].map(|province| format!("province = {province}")));
}

/// What an environment variable names; `None` where the test is left out, which CI does not allow.
#[expect(clippy::disallowed_methods, reason = "the environment says where the programs are")]
fn program_of(variable: &str) -> Option<String> {
    let program = std::env::var(variable).ok();
    assert!(
        program.is_some() || std::env::var_os("CI").is_none(),
        "{variable} is not set, and in CI nothing is left out"
    );
    program
}

/// Lines, workbooks, test results, metrics and catalogues say to programs of others what the result says.
#[test]
fn other_programs_read_every_report() {
    let Some(python) = python() else { return };
    let (Some(soffice), Some(promtool)) = (program_of("SOFFICE"), program_of("PROMTOOL")) else {
        let left_out = "left out: LibreOffice and promtool; set SOFFICE and PROMTOOL\n";
        std::io::stderr().write_all(left_out.as_bytes()).unwrap();
        return;
    };
    let folder = Folder::new();
    let file = |name: &str| folder.path(name).to_str().unwrap().to_owned();
    let formats = [
        "csv=r.csv",
        "ndjson=r.ndjson",
        "xlsx=r.xlsx",
        "junit=r.xml",
        "openmetrics=r.prom",
        "dqv=r.jsonld",
        "json=r.json",
    ];
    let formats: Vec<String> = formats
        .iter()
        .map(|format| format.split_once('=').unwrap())
        .map(|(format, name)| format!("--format={format}={}", file(name)))
        .collect();
    let evidence = file("evidence");
    let mut args = vec!["audit", "rules/population.yaml", "-q", "--evidence", &evidence];
    args.extend(formats.iter().map(String::as_str));
    assert_eq!(code(&run(root(), &args)), 1);

    let result: Value = serde_json::from_str(&folder.read("r.json")).unwrap();
    let rules =
        || result["datasets"].as_array().unwrap().iter().flat_map(|dataset| dataset["rules"].as_array().unwrap());
    let failed: Value = rules().map(|rule| (rule["id"].as_str().unwrap().to_owned(), rule["failed"].clone())).collect();
    let count = |status: &str| rules().filter(|rule| rule["status"] == status).count();

    let script = root().join("tests/outside_readers/formats.py");
    let schemas = root().join("tests/schemas");
    let output = Command::new(python)
        .arg(script)
        .args([folder.root(), schemas.as_path()])
        .args([soffice, promtool])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let read: Value = serde_json::from_slice(&output.stdout).unwrap();
    for reader in ["duckdb ndjson", "duckdb csv", "pandas ndjson", "pandas csv", "pandas xlsx"] {
        assert_eq!(read["lines"][reader], failed, "{reader}");
    }
    for reader in ["prometheus", "openmetrics"] {
        assert_eq!(read["metrics"][reader], failed, "{reader}");
    }
    assert_eq!(read["metrics"]["promtool"], json!([0, ""]));
    // With the gate, which failed.
    assert_eq!(read["junit"], json!({ "failure": count("failed") + 1, "passed": count("passed") + count("warned") }));
    // A score and clean records for each dataset, a score for each of its measured dimensions, a rate for each rule.
    let datasets = result["datasets"].as_array().unwrap();
    let scores = datasets.iter().flat_map(|dataset| dataset["dimensions"].as_array().unwrap());
    let scores = scores.filter(|dimension| dimension["score"].is_number()).count();
    assert_eq!(
        read["dqv"],
        json!({
            "datasets": datasets.len(),
            "metrics": 2 + 6 + rules().count(),
            "measurements": 2 * datasets.len() + scores + rules().count(),
        })
    );
    let book = &read["workbook"];
    let sheets = ["Summary", "Rules", "Columns", "Owners", "Repairs", "citizens failing", "insurance_cards failing"];
    assert_eq!(book["sheets"], json!(sheets));
    assert_eq!(book["frozen"], json!(vec!["A2"; 6]));
    assert_eq!(book["filters"], json!(vec![true; 7]));
    assert_eq!((&book["charts"], &book["pdf"]), (&json!(1), &json!("%PDF")));
    assert_eq!(book["office"], failed, "LibreOffice");
}
