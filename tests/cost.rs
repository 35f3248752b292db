//! What rules cost: `audit --profile` and `explain --cost`.

use std::collections::BTreeMap;
use std::fs;
use std::process::Output;

use serde_json::{Value, json};

use crate::support::folder::Folder;
use crate::support::program::{self, code, run, stderr};

const SUITE: &str = "\
suite: people
as_of: 2026-11-01
datasets:
  people:
    source: people.csv
    columns:
      id: { unique: true, required: true }
      born: { type: date, not_future: true }
      place: { matches: \"[0-9]+\" }
    rules:
      - { id: same-question, check: matches, column: place, pattern: \"[0-9]+\" }
      - { id: known-place, check: exists_in, columns: place, dataset: places, key: code, where: born > '1900-01-01' }
      - { id: adults, check: row_count, min: 1, where: born > '1900-01-01' }
  places:
    source: places.csv
    columns: { code: { required: true } }
";

/// A folder with the suite and its data.
fn folder() -> Folder {
    let folder = Folder::new();
    let people = (0..2_000).fold("id,born,place\n".to_owned(), |text, n| text + &format!("{n},2001-02-03,{}\n", n % 7));
    for (name, text) in [("suite.yaml", SUITE), ("people.csv", &people), ("places.csv", "code\n1\n2\n3\n")] {
        folder.write(name, text);
    }
    folder
}

fn stdout(output: &Output) -> String {
    assert_eq!(code(output), 0, "{}", stderr(output));
    program::stdout(output)
}

/// The one line of an error that ends with exit code 2.
fn refusal(output: &Output) -> String {
    assert_eq!((code(output), program::stdout(output).as_str()), (2, ""));
    stderr(output)
}

fn profiled(args: &[&str]) -> (Folder, Value) {
    let folder = folder();
    let output =
        run(&folder, &[&["audit", "suite.yaml", "--fail-on", "none", "--profile", "cost.json"], args].concat());
    assert_eq!(stderr(&output), "profile written to cost.json\n");
    let text = folder.read("cost.json");
    (folder, serde_json::from_str(&text).unwrap())
}

/// The lines of a table with their shares in hundredths of a percent, `None` where there is no share.
fn shares(table: &str) -> BTreeMap<String, Vec<Option<u32>>> {
    let lines = table.lines().skip(1).take_while(|line| !line.is_empty());
    let share = |text: &str| text.strip_suffix(" %").map(|text| text.replace('.', "").parse().unwrap());
    lines
        .map(|line| {
            let mut cells = line.split("  ").map(str::trim).filter(|cell| !cell.is_empty());
            (cells.next().unwrap().to_owned(), cells.map(share).collect())
        })
        .collect()
}

fn sum(shares: &BTreeMap<String, Vec<Option<u32>>>, column: usize) -> u32 {
    shares.iter().filter(|(name, _)| *name != "total").filter_map(|(_, shares)| shares[column]).sum()
}

#[test]
fn predictions_need_no_rows_and_add_up() {
    let folder = folder();
    let whole = stdout(&run(&folder, &["explain", "--cost", "suite.yaml"]));
    let found = shares(&whole);
    assert_eq!((sum(&found, 0), found["total"][0]), (10_000, Some(10_000)), "{whole}");
    for line in ["(reading)", "(columns)", "(records)", "people.id.unique", "known-place", "places.well_formed"] {
        assert!(found.contains_key(line), "{line}:\n{whole}");
    }
    assert_eq!(found["same-question"], found["people.place.matches"], "one measure, shared equally");
    assert!(found["people.id.unique"] > found["people.id.required"]);
    // Only the header is read: rows that nobody can split change the size alone.
    folder.write("people.csv", "id,born,place\n\"");
    assert_eq!(sum(&shares(&stdout(&run(&folder, &["explain", "--cost", "suite.yaml"]))), 0), 10_000);
}

#[test]
fn a_profile_adds_up_and_tells_all_parts() {
    for threads in ["1", "2"] {
        let (_folder, profile) = profiled(&["--threads", threads]);
        let time = |value: &Value| value.as_u64().unwrap();
        let mut all = 0;
        for dataset in profile["datasets"].as_array().unwrap() {
            all += ["reading", "columns", "records"].map(|part| time(&dataset[part])).iter().sum::<u64>();
        }
        all += profile["rules"].as_array().unwrap().iter().map(|rule| time(&rule["nanoseconds"])).sum::<u64>();
        assert_eq!(all, time(&profile["nanoseconds"]));
        let people = &profile["datasets"][0];
        assert_eq!((&people["name"], &people["rows"]), (&json!("people"), &json!(2_000)));
        assert!(time(&people["reading"]) > 0 && time(&people["columns"]) > 0);
        assert_eq!(people["filters"].as_array().unwrap().len(), 1, "one condition for two rules");
        let shared =
            profile["measures"].as_array().unwrap().iter().find(|part| part["part"] == "rows: place matches /[0-9]+/");
        assert_eq!(shared.unwrap()["rules"], json!(["people.place.matches", "same-question"]));
        assert_eq!(profile["lookups"][0]["rules"], json!(["known-place"]));
        assert_eq!(profile["rules"].as_array().unwrap().len(), 11);
    }
}

#[test]
fn measured_shares_stand_beside_the_predicted_ones() {
    let (folder, _) = profiled(&[]);
    let table = stdout(&run(&folder, &["explain", "--cost", "suite.yaml", "--profile", "cost.json"]));
    let found = shares(&table);
    for column in 0..2 {
        assert_eq!((sum(&found, column), found["total"][column]), (10_000, Some(10_000)), "{table}");
    }
    let rules: Vec<u32> = table
        .lines()
        .skip(4)
        .filter_map(|line| {
            let (name, _) = line.split_once("  ")?;
            (name != "total").then(|| found.get(name)?[1]).flatten()
        })
        .collect();
    assert!(rules.len() == 11 && rules.is_sorted_by(|a, b| a >= b), "the most expensive first: {table}");
}

#[test]
fn rules_outside_of_a_selection_are_told_apart() {
    let (folder, profile) = profiled(&["--select", "id:known-place"]);
    assert_eq!(profile["rules"].as_array().unwrap().len(), 1);
    let table = stdout(&run(&folder, &["explain", "--cost", "suite.yaml", "--profile", "cost.json"]));
    let found = shares(&table);
    assert_eq!(found["people.id.unique"][1], None);
    assert!(table.contains("not measured"), "{table}");
    assert_eq!(sum(&found, 1), 10_000);

    let (folder, _) = profiled(&[]);
    let args = ["explain", "--cost", "suite.yaml", "--profile", "cost.json", "--select", "id:known-place"];
    let found = shares(&stdout(&run(&folder, &args)));
    assert_eq!((sum(&found, 0), sum(&found, 1)), (10_000, 10_000));
    assert_eq!(found["(10 rules not selected)"][0], None);
}

#[test]
fn profiles_that_are_none_are_refused_in_one_line() {
    let (folder, profile) = profiled(&[]);
    let path = |name: &str| folder.path(name);
    let written = |change: &dyn Fn(&mut Value)| {
        let mut changed = profile.clone();
        change(&mut changed);
        changed.to_string()
    };
    let whole = profile.to_string();
    let cases = [
        ("cut.json", whole[..whole.len() / 2].to_owned(), "is not a profile"),
        ("empty.json", String::new(), "is not a profile"),
        ("other.json", "{\"format\": \"passmuster.audit/1\"}".to_owned(), "is not a profile"),
        ("later.json", written(&|profile| profile["format"] = json!("passmuster.profile/2")), "its format is not"),
        ("sums.json", written(&|profile| profile["nanoseconds"] = json!(1)), "do not add up"),
        ("more.json", written(&|profile| profile["rules"][0]["nanoseconds"] = json!(u64::MAX)), "do not add up"),
        (
            "twice.json",
            written(&|profile| {
                let first = profile["rules"][0].clone();
                profile["rules"].as_array_mut().unwrap().push(first);
            }),
            "twice",
        ),
        ("negative.json", written(&|profile| profile["rules"][0]["nanoseconds"] = json!(-1)), "is not a profile"),
        ("foreign.json", written(&|profile| profile["rules_hash"] = json!("0")), "made with other rules"),
    ];
    for (name, text, problem) in cases {
        fs::write(path(name), text).unwrap();
        let message = refusal(&run(&folder, &["explain", "--cost", "suite.yaml", "--profile", name]));
        assert!(message.contains(problem) && message.contains("audit SUITE --profile"), "{name}: {message}");
        assert_eq!(message.lines().count(), 1, "{message}");
    }
    fs::write(path("bytes.json"), [0xff, 0xfe]).unwrap();
    for (name, problem) in [("bytes.json", "not UTF-8"), ("gone.json", "cannot be read"), (".", "is not a file")] {
        let message = refusal(&run(&folder, &["explain", "--cost", "suite.yaml", "--profile", name]));
        assert!(message.contains(problem), "{name}: {message}");
    }
}

#[test]
fn costs_are_about_suites() {
    let folder = folder();
    assert!(refusal(&run(&folder, &["explain", "--cost", "unique"])).contains("is a check"));
    let alone = run(&folder, &["explain", "suite.yaml", "--profile", "cost.json"]);
    assert_eq!(alone.status.code(), Some(2));
}

#[test]
fn a_profile_spares_inputs_and_the_report() {
    let folder = folder();
    for (target, problem) in [
        ("suite.yaml", "a file of the suite"),
        ("people.csv", "data of `people`"),
        ("-", "name a file"),
        ("nowhere/cost.json", "create it first"),
        ("same.json", "name another file for one of them"),
    ] {
        let args = ["audit", "suite.yaml", "--output", "same.json", "--profile", target];
        assert!(refusal(&run(&folder, &args)).contains(problem), "{target}");
    }
    assert_eq!(fs::read_dir(folder.root()).unwrap().count(), 3, "nothing was written");
}

#[test]
fn the_report_is_the_same_with_a_profile() {
    let folder = folder();
    let json = ["audit", "suite.yaml", "--format", "json", "--fail-on", "none"];
    let plain = stdout(&run(&folder, &json));
    assert_eq!(stdout(&run(&folder, &[&json[..], &["--profile", "cost.json"]].concat())), plain);
}

#[test]
fn what_could_not_be_read_is_not_measured() {
    let folder = folder();
    fs::remove_file(folder.path("places.csv")).unwrap();
    let output = run(&folder, &["audit", "suite.yaml", "-q", "--profile", "cost.json"]);
    assert_eq!(output.status.code(), Some(2));
    folder.write("places.csv", "code\n1\n");
    let table = stdout(&run(&folder, &["explain", "--cost", "suite.yaml", "--profile", "cost.json"]));
    let found = shares(&table);
    assert_eq!(found["places.code.required"][1], None, "{table}");
    assert_eq!(sum(&found, 1), 10_000);
}
