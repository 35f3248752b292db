//! The suites that ship with the program, on the data that ships with them: every count is known beforehand.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

#[path = "../benches/population/mod.rs"]
mod population;

/// Rows of the committed export.
const ROWS: u64 = 2_000;
/// Rows in which every kind of fault occurs.
const FAULT_BLOCK: u64 = 200;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Audits and returns the exit code and the result.
fn audit(suite: &str, arguments: &[String]) -> (i32, Value) {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_passmuster"))
        .current_dir(root())
        .args(["audit", suite, "--quiet", "--format", "json"])
        .args(arguments)
        .output()
        .expect("the program starts");
    let code = output.status.code().expect("no signal");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(code < 2, "{suite} ended with {code}: {text}");
    (code, serde_json::from_slice(&output.stdout).expect("JSON"))
}

/// The rules of a result by id.
fn rules(report: &Value) -> BTreeMap<String, Value> {
    let datasets = report["datasets"].as_array().expect("datasets");
    let rules = datasets.iter().flat_map(|dataset| dataset["rules"].as_array().expect("rules"));
    rules.map(|rule| (rule["id"].as_str().expect("an id").to_owned(), rule.clone())).collect()
}

fn counts(rule: &Value) -> (u64, u64) {
    (rule["evaluated"].as_u64().expect("evaluated"), rule["failed"].as_u64().expect("failed"))
}

/// `rule,evaluated,failed` as the generator writes it.
fn expected(path: &Path) -> BTreeMap<String, (u64, u64)> {
    let text = fs::read_to_string(path).expect("expected counts");
    text.lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            (cells[0].to_owned(), (cells[1].parse().expect("a number"), cells[2].parse().expect("a number")))
        })
        .collect()
}

/// Compares every rule of the result: those that the generator knows with its counts, all others must pass.
fn assert_counts(report: &Value, expected: &BTreeMap<String, (u64, u64)>) {
    let mut wrong = Vec::new();
    for (id, rule) in rules(report) {
        let found = counts(&rule);
        match expected.get(&id) {
            Some(known) if *known != found => wrong.push(format!("{id}: {found:?}, expected {known:?}")),
            None if found.1 > 0 => wrong.push(format!("{id}: {} failed, expected none", found.1)),
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "(evaluated, failed)\n{}", wrong.join("\n"));
}

fn data(folder: &Path, extension: &str, tables: &[&str]) -> Vec<String> {
    let place = |table: &&str| {
        ["--data".to_owned(), format!("{table}={}", folder.join(format!("{table}.{extension}")).display())]
    };
    tables.iter().flat_map(place).collect()
}

const TABLES: &[&str] = &["citizens", "provinces", "insurance_cards"];

#[test]
fn nycflights13_counts_what_duckdb_counted() {
    let (code, report) = audit("rules/nycflights13.yaml", &[]);
    let rules = rules(&report);
    let text = fs::read_to_string(root().join("fixtures/nycflights13/expected.csv")).expect("expected counts");
    let mut wrong = Vec::new();
    let mut compared = 0;
    for line in text.lines().skip(1) {
        let (id, check, failed, population) = expected_line(line);
        let (name, rule) = rules
            .range(format!("{id}-")..)
            .next()
            .filter(|(name, _)| name.starts_with(&format!("{id}-")))
            .unwrap_or_else(|| panic!("no rule for {id}"));
        let found = counts(rule);
        // A number of rows is one judgement; the number stands beside it.
        let wanted = if check == "row_count" { (1, failed) } else { (population, failed) };
        compared += 1;
        if found != wanted {
            wrong.push(format!("{name}: {found:?}, expected {wanted:?}"));
        }
    }
    assert_eq!(compared, 32);
    assert!(wrong.is_empty(), "(evaluated, failed)\n{}", wrong.join("\n"));
    // Orphans of major severity shut the gate.
    assert_eq!(code, 1);
}

/// Id, kind, rows that break the rule and rows judged, of a line whose middle may hold quoted commas.
fn expected_line(line: &str) -> (&str, &str, u64, u64) {
    let mut cells = Vec::new();
    let (mut start, mut quoted) = (0, false);
    for (at, byte) in line.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b',' if !quoted => {
                cells.push(&line[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    (cells[0], cells[2], cells[4].parse().expect("violations"), cells[5].parse().expect("population"))
}

#[test]
fn faulty_population_counts_every_fault() {
    let (code, report) = audit("rules/population.yaml", &[]);
    assert_eq!(report["as_of"], population::AS_OF);
    assert_counts(&report, &expected(&root().join("fixtures/population/faulty/expected.csv")));
    assert_eq!(code, 1);
    let rules = rules(&report);
    // Every line of the generator is a rule of the suite.
    for id in expected(&root().join("fixtures/population/faulty/expected.csv")).keys() {
        assert!(rules.contains_key(id), "{id} is no rule of the suite");
    }
    assert_eq!(rules["citizens.phone.required"]["status"], "warned");
    // The names that are spelt differently agree: only other names and birthdays differ.
    assert_eq!(rules["card-says-what-the-register-says"]["status"], "warned");
}

#[test]
fn clean_population_scores_100() {
    let arguments = data(Path::new("fixtures/population/clean"), "csv", TABLES);
    let (code, report) = audit("rules/population.yaml", &arguments);
    assert_counts(&report, &expected(&root().join("fixtures/population/clean/expected.csv")));
    assert_eq!(code, 0, "{}", report["gate"]);
    for dataset in report["datasets"].as_array().expect("datasets") {
        assert_eq!(dataset["score"], 100.0, "{}", dataset["name"]);
        for dimension in dataset["dimensions"].as_array().expect("dimensions") {
            assert!(
                matches!(dimension["score"].as_f64(), None | Some(100.0)),
                "{} {} scores {}",
                dataset["name"],
                dimension["dimension"],
                dimension["score"]
            );
        }
        for rule in dataset["rules"].as_array().expect("rules") {
            assert_eq!(rule["status"], "passed", "{}", rule["id"]);
        }
    }
}

#[test]
fn twenty_four_rules_count_alike_in_csv_and_parquet() {
    let folder = tempfile::tempdir().expect("a folder");
    let export = population::Export {
        rows: 20_000,
        seed: 7,
        fault_block: Some(250),
        cards: false,
        columns: Vec::new(),
        csv: true,
        parquet: true,
    };
    population::write(&export, folder.path()).expect("an export");
    for (extension, counted) in [("csv", "expected.csv"), ("parquet", "expected-parquet.csv")] {
        let arguments = data(folder.path(), extension, &["citizens", "provinces"]);
        let (_, report) = audit("rules/citizens-24.yaml", &arguments);
        assert_counts(&report, &expected(&folder.path().join(counted)));
        // Besides, every dataset has the rule that its files are well formed.
        let written = rules(&report).keys().filter(|id| !id.ends_with(".well_formed")).count();
        assert_eq!(written, 24);
    }
}

#[test]
fn population_counts_alike_in_csv_and_parquet() {
    let folder = tempfile::tempdir().expect("a folder");
    let export = population::Export {
        rows: 20_000,
        seed: 3,
        fault_block: Some(500),
        cards: true,
        columns: Vec::new(),
        csv: true,
        parquet: true,
    };
    population::write(&export, folder.path()).expect("an export");
    for (extension, counted) in [("csv", "expected.csv"), ("parquet", "expected-parquet.csv")] {
        let (_, report) = audit("rules/population.yaml", &data(folder.path(), extension, TABLES));
        assert_counts(&report, &expected(&folder.path().join(counted)));
    }
}

#[test]
fn committed_exports_are_those_of_the_generator() {
    for (name, fault_block) in [("faulty", Some(FAULT_BLOCK)), ("clean", None)] {
        let folder = tempfile::tempdir().expect("a folder");
        let export = population::Export {
            rows: ROWS,
            seed: 1,
            fault_block,
            cards: true,
            columns: Vec::new(),
            csv: true,
            parquet: false,
        };
        population::write(&export, folder.path()).expect("an export");
        let committed = root().join("fixtures/population").join(name);
        for file in ["citizens.csv", "provinces.csv", "insurance_cards.csv", "expected.csv"] {
            let (fresh, kept) = (fs::read(folder.path().join(file)), fs::read(committed.join(file)));
            assert!(
                fresh.expect("generated") == kept.expect("committed"),
                "fixtures/population/{name}/{file} is not what the generator writes; see fixtures/population/SOURCE.md"
            );
        }
    }
}
