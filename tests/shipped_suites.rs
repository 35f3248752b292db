//! The suites that ship with the program, on the data that ships with them: every count is known beforehand.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::audits::run;
use crate::support::folder::Folder;
use crate::support::program;
use crate::support::repository::root;

#[path = "../benches/population/mod.rs"]
pub(crate) mod population;

/// Rows of the committed export.
const ROWS: u64 = 2_000;
/// Rows in which every kind of fault occurs.
const FAULT_BLOCK: u64 = 200;

/// Audits and returns the exit code and the result.
pub(crate) fn audit(suite: &str, arguments: &[String]) -> (i32, Value) {
    let output = program::program(root())
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
pub(crate) fn rules(report: &Value) -> BTreeMap<String, Value> {
    let datasets = report["datasets"].as_array().expect("datasets");
    let rules = datasets.iter().flat_map(|dataset| dataset["rules"].as_array().expect("rules"));
    rules.map(|rule| (rule["id"].as_str().expect("an id").to_owned(), rule.clone())).collect()
}

pub(crate) fn counts(rule: &Value) -> (u64, u64) {
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

/// Compares the rules of a suite whose ids begin with those of `expected.csv`, but for the lines that `skip` names by id or
/// kind. Returns the exit code and how many lines were compared.
fn compare_with_expected(suite: &str, folder: &str, skip: &[&str]) -> (i32, u32) {
    let (code, report) = audit(suite, &[]);
    let rules = rules(&report);
    let text = fs::read_to_string(root().join(folder).join("expected.csv")).expect("expected counts");
    let mut wrong = Vec::new();
    let mut compared = 0;
    for line in text.lines().skip(1) {
        let (id, check, failed, population) = expected_line(line);
        if skip.contains(&id) || skip.contains(&check) {
            continue;
        }
        let (name, rule) = rules
            .range(format!("{id}-")..)
            .next()
            .filter(|(name, _)| name.starts_with(&format!("{id}-")))
            .unwrap_or_else(|| panic!("no rule for {id}"));
        let found = counts(rule);
        // A number of rows is one judgement; the number is a detail.
        let wanted = match check {
            "row_count" => (1, failed),
            "frequency" => (1, 0),
            _ => (population, failed),
        };
        compared += 1;
        if found != wanted {
            wrong.push(format!("{name}: {found:?}, expected {wanted:?}"));
        }
    }
    assert!(wrong.is_empty(), "(evaluated, failed)\n{}", wrong.join("\n"));
    (code, compared)
}

#[test]
fn nycflights13_counts_what_duckdb_counted() {
    let (code, compared) = compare_with_expected("rules/nycflights13.yaml", "fixtures/nycflights13", &[]);
    assert_eq!(compared, 32);
    // Orphans of major severity shut the gate.
    assert_eq!(code, 1);
}

#[test]
fn vn_admin_counts_what_duckdb_counted() {
    // Codes that one side stores as a number are refused, not compared (vna66); a row against an expression over another
    // dataset is no rule (vna77).
    let skip = ["vna66", "vna77"];
    let (code, compared) = compare_with_expected("rules/vn-admin.yaml", "fixtures/vn_admin", &skip);
    assert_eq!(compared, 79);
    // One name of 3,321 does not begin with a capital letter.
    assert_eq!(code, 1);
}

/// Rules by id, of tables that come damaged and clean; `truth` are the rules on single columns against the clean table.
fn cells_that_differ(suite: &str, all: &str, truth: std::ops::RangeInclusive<u32>) -> (u64, u64) {
    let rules = rules(&audit(suite, &[]).1);
    let of =
        |id: &str| rules.iter().find(|(name, _)| name.starts_with(&format!("{id}-"))).map(|(_, rule)| counts(rule).1);
    let cells = truth.map(|number| of(&format!("{}{number:02}", &all[..3])).expect("a rule")).sum();
    (of(all).expect("a rule"), cells)
}

#[test]
fn hospital_counts_what_duckdb_counted() {
    let (code, compared) = compare_with_expected("rules/hospital.yaml", "fixtures/hospital", &["hos02"]);
    assert_eq!((code, compared), (1, 62));
    // Rows with a wrong cell, and wrong cells.
    assert_eq!(cells_that_differ("rules/hospital.yaml", "hos02", 3..=19), (407, 509));
}

#[test]
fn beers_counts_what_duckdb_counted() {
    let (code, compared) = compare_with_expected("rules/beers.yaml", "fixtures/beers", &["bee02"]);
    assert_eq!((code, compared), (1, 44));
    assert_eq!(cells_that_differ("rules/beers.yaml", "bee02", 3..=7), (2_410, 4_362));
}

/// Id, kind, rows that break the rule and rows judged, of a line whose middle may hold quoted commas.
pub(crate) fn expected_line(line: &str) -> (&str, &str, u64, u64) {
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
fn registers_are_one_graph_with_known_counts() {
    let (code, report) = audit("rules/registers.yaml", &[]);
    let known = expected(&root().join("fixtures/registers/expected.csv"));
    assert_counts(&report, &known);
    assert_eq!(code, 1);
    let rules = rules(&report);
    for id in known.keys() {
        assert!(rules.contains_key(id), "{id} is no rule of the suite");
    }
    let detail = |id: &str, name: &str| rules[id]["details"][name].as_u64().unwrap_or_else(|| panic!("{id}: {name}"));
    let graph = "one-person-one-story";
    for (name, count) in [
        ("entities", 13),
        ("in_every_dataset", 3),
        ("only_in_citizens", 1),
        ("only_in_tax", 0),
        ("only_in_health", 1),
        ("missing_in_citizens", 2),
        ("missing_in_tax", 5),
        ("missing_in_health", 5),
        ("repeated_in_tax", 1),
        ("without_key_in_tax", 1),
        ("conflicts_of_full_name", 3),
        ("gaps_of_full_name", 0),
        ("conflicts_of_date_of_birth", 3),
        ("gaps_of_date_of_birth", 1),
    ] {
        assert_eq!(detail(graph, name), count, "{name}");
    }
    let sums = "receipts-are-in-the-treasury";
    for (name, count) in [
        ("groups", 5),
        ("matched", 1),
        ("differing", 2),
        ("differing_in_count(*)", 1),
        ("differing_in_sum(amount)", 1),
        ("only_here", 1),
        ("only_there", 1),
        ("without_key_here", 1),
        ("without_key_there", 0),
    ] {
        assert_eq!(detail(sums, name), count, "{name}");
    }
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
fn twenty_four_rules_count_the_same_in_csv_and_parquet() {
    let folder = Folder::new();
    let export = population::Export {
        rows: 20_000,
        seed: 7,
        fault_block: Some(250),
        cards: false,
        columns: Vec::new(),
        csv: true,
        parquet: true,
    };
    population::write(&export, folder.root()).expect("an export");
    for (extension, counted) in [("csv", "expected.csv"), ("parquet", "expected-parquet.csv")] {
        let arguments = data(folder.root(), extension, &["citizens", "provinces"]);
        let (_, report) = audit("rules/citizens-24.yaml", &arguments);
        assert_counts(&report, &expected(&folder.path(counted)));
        // Besides, every dataset has the rule that its files are well formed.
        let written = rules(&report).keys().filter(|id| !id.ends_with(".well_formed")).count();
        assert_eq!(written, 24);
    }
}

#[test]
fn population_counts_the_same_in_csv_and_parquet() {
    let folder = Folder::new();
    let export = population::Export {
        rows: 20_000,
        seed: 3,
        fault_block: Some(500),
        cards: true,
        columns: Vec::new(),
        csv: true,
        parquet: true,
    };
    population::write(&export, folder.root()).expect("an export");
    for (extension, counted) in [("csv", "expected.csv"), ("parquet", "expected-parquet.csv")] {
        let (_, report) = audit("rules/population.yaml", &data(folder.root(), extension, TABLES));
        assert_counts(&report, &expected(&folder.path(counted)));
    }
}

#[test]
fn committed_exports_are_those_of_the_generator() {
    for (name, fault_block) in [("faulty", Some(FAULT_BLOCK)), ("clean", None)] {
        let folder = Folder::new();
        let export = population::Export {
            rows: ROWS,
            seed: 1,
            fault_block,
            cards: true,
            columns: Vec::new(),
            csv: true,
            parquet: false,
        };
        population::write(&export, folder.root()).expect("an export");
        let committed = root().join("fixtures/population").join(name);
        for file in ["citizens.csv", "provinces.csv", "insurance_cards.csv", "expected.csv"] {
            let (fresh, kept) = (fs::read(folder.path(file)), fs::read(committed.join(file)));
            assert!(
                fresh.expect("generated") == kept.expect("committed"),
                "fixtures/population/{name}/{file} is not what the generator writes; see fixtures/population/SOURCE.md"
            );
        }
    }
}

/// A code of a ward or a district is right or wrong on a day.
#[test]
fn wards_and_districts_of_the_pack_are_in_force_on_their_days() {
    let folder = Folder::new();
    let pack = root().join("rules/packs");
    let rules = [
        ("now", "ward, values: { codelist: wards }"),
        ("then", "ward, values: { codelist: wards, at: day }"),
        ("district", "district, values: { codelist: districts, at: day }"),
    ];
    let rules = rules.map(|(id, rest)| format!("      - {{ id: {id}, check: allowed, column: {rest} }}\n")).concat();
    let suite = format!(
        "suite: s\nas_of: 2026-01-01\nextends: [packs/vn-wards.yaml]\ndatasets:\n  d:\n    source: d.csv\n    columns: {{ day: {{ type: date }} }}\n    rules:\n{rules}"
    );
    fs::create_dir_all(folder.path("packs/codes")).unwrap();
    for file in ["vn-wards.yaml", "codes/wards.csv", "codes/districts.csv"] {
        fs::copy(pack.join(file), folder.path("packs").join(file)).unwrap();
    }
    folder.write("suite.yaml", suite);
    // 00070 lived on, 00001 did not, 20333 is new.
    let data = "ward,day,district\n00070,2025-06-30,001\n00070,2025-07-01,001\n00001,2025-06-30,973\n00001,2025-07-01,\n20333,2025-06-30,\n20333,2025-07-01,999\n";
    folder.write("d.csv", data);
    let report = run(&folder.path("suite.yaml"), &[], 2);
    let counts: BTreeMap<&str, (u64, u64)> =
        report.datasets[0].rules.iter().map(|rule| (rule.id.as_str(), (rule.passed, rule.failed))).collect();
    assert_eq!((counts["now"], counts["then"], counts["district"]), ((4, 2), (4, 2), (2, 2)));
    let codes = fs::read_to_string(pack.join("codes/wards.csv")).unwrap();
    let is = |test: fn(&str, &str) -> bool| {
        let dates = codes.lines().skip(1).filter_map(|line| line[6..].split_once(','));
        dates.filter(|(from, to)| test(from, to)).count()
    };
    assert_eq!(is(|_, to| to.is_empty()), 3_321, "in force");
    assert_eq!(is(|from, _| from.is_empty()), 10_035, "in force before");
}
