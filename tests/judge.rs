//! Stored results: read, shown again, and judged again without the data.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::folder::Folder;
use crate::support::program::{code, run, stderr, stdout};
use crate::support::reports::sealed;
use crate::support::repository::root;

/// A thousand people: 40 without a telephone, 5 born after the day of the audit, one id twice; 200 of Huế, of whom 30 have no
/// telephone.
const SUITE: &str = "suite: people
as_of: 2026-11-01
datasets:
  people:
    source: people.csv
    owner: G01
    columns:
      id: { unique: true }
      born: { type: date, not_future: { at_most: 10 rows } }
      phone: { required: { at_least: 95% } }
    rules:
      - { id: enough, check: row_count, min: 500 }
";

fn people() -> String {
    let line = |row: u32| {
        let id = if row == 999 { 0 } else { row };
        let born = if row % 200 == 7 { "2027-01-01" } else { "1990-01-31" };
        let city = if row < 200 { "Huế" } else { "Hà Nội" };
        let phone = if row < 30 || (500..510).contains(&row) { "" } else { "0912345678" };
        format!("{id},{born},{phone},{city}\n")
    };
    "id,born,phone,city\n".to_owned() + &(0..1_000).map(line).collect::<String>()
}

/// A folder with a suite, its data and the result of its audit.
fn audited(suite: &str) -> Folder {
    let folder = Folder::of(&[("suite.yaml", suite), ("people.csv", &people())]);
    let output = run(&folder, &["audit", "suite.yaml", "--format", "json", "--output", "result.json", "-q"]);
    assert!(code(&output) < 2, "{}", stderr(&output));
    folder
}

/// Judges the result by a suite. Gives the exit code and the report.
fn judged(folder: &Folder, suite: &str, args: &[&str]) -> (i32, Value) {
    folder.write("changed.yaml", suite);
    // The data is not needed.
    let _absent = fs::remove_file(folder.path("people.csv"));
    let all = [&["judge", "result.json", "changed.yaml", "--format", "json", "-q"], args].concat();
    let output = run(folder, &all);
    assert_eq!(stderr(&output), "");
    (code(&output), serde_json::from_str(&stdout(&output)).unwrap())
}

fn rule<'v>(report: &'v Value, id: &str) -> &'v Value {
    let mut datasets = report["datasets"].as_array().unwrap().iter();
    datasets.find_map(|dataset| dataset["rules"].as_array()?.iter().find(|rule| rule["id"] == id)).unwrap()
}

fn dimension<'v>(report: &'v Value, name: &str) -> &'v Value {
    let dimensions = report["datasets"][0]["dimensions"].as_array().unwrap();
    dimensions.iter().find(|dimension| dimension["dimension"] == name).unwrap()
}

/// A report without what says that it was judged again.
fn bare(mut report: Value) -> Value {
    for key in ["digest", "judged", "timings"] {
        report.as_object_mut().unwrap().remove(key);
    }
    report
}

#[test]
fn judging_by_the_same_suite_gives_the_same_report() {
    let folder = Folder::new();
    for suite in [
        "beers",
        "citizens-24",
        "febrl",
        "hospital",
        "hospital-cells",
        "nycflights13",
        "persons",
        "population",
        "registers",
        "vn-admin",
    ] {
        let (file, result) = (format!("rules/{suite}.yaml"), folder.path(format!("{suite}.json")));
        let result = result.display().to_string();
        let output = run(root(), &["audit", &file, "--format", "json", "--output", &result, "-q"]);
        assert!(code(&output) < 2 || Path::new(&result).exists(), "{suite}: {}", stderr(&output));
        let again = run(root(), &["judge", &result, &file, "--format", "json", "-q"]);
        assert_eq!(code(&again), code(&output), "{suite}: {}", stderr(&again));
        let audited: Value = serde_json::from_str(&folder.read(&format!("{suite}.json"))).unwrap();
        let report: Value = serde_json::from_str(&stdout(&again)).unwrap();
        assert_eq!(report["judged"]["digest"], audited["digest"]);
        assert_eq!(report["judged"]["need_data"], Value::Array(Vec::new()), "{suite}");
        assert!(bare(report) == bare(audited), "{suite} is judged otherwise");
        // And a report shows the same bytes.
        let shown = run(root(), &["report", &result, "--format", "json"]);
        assert_eq!((code(&shown), stdout(&shown)), (0, folder.read(&format!("{suite}.json"))));
    }
}

#[test]
fn thresholds_are_applied_to_the_stored_counts() {
    let folder = audited(SUITE);
    // 40 of 1,000 have no telephone.
    for (least, expected, status) in [("96%", 1, "passed"), ("96.0001%", 1, "failed"), ("95%", 1, "passed")] {
        let (exit, report) = judged(&folder, &SUITE.replace("95%", least), &[]);
        let phone = rule(&report, "people.phone.required");
        assert_eq!((phone["status"].as_str(), phone["failed"].as_u64()), (Some(status), Some(40)), "{least}");
        // Two rows share an id.
        assert_eq!(exit, expected);
    }
    let loose = SUITE.replace("unique: true", "unique: { at_most: 2 rows }");
    let (exit, report) = judged(&folder, &loose, &[]);
    assert_eq!((exit, rule(&report, "people.id.unique")["status"].as_str()), (0, Some("passed")));
    assert_eq!(report["judged"]["need_data"], Value::Array(Vec::new()));
    // 5 of 1,000 are born later.
    let (exit, report) = judged(&folder, &loose.replace("at_most: 10 rows", "at_most: 4 rows"), &[]);
    assert_eq!((exit, rule(&report, "people.born.not_future")["status"].as_str()), (1, Some("failed")));
    let (exit, _) = judged(&folder, SUITE, &["--fail-on", "critical"]);
    assert_eq!(exit, 0);
    let (exit, _) = judged(&folder, SUITE, &["--fail-on", "none", "--min-score", "99.99"]);
    assert_eq!(exit, 1);
}

#[test]
fn severities_weights_bands_and_texts_are_applied() {
    let folder = audited(SUITE);
    let (_, before) = judged(&folder, SUITE, &[]);
    // Sufficient: 960 of 1,000 telephones, and enough rows: (96 + 100) / 2.
    assert_eq!(dimension(&before, "sufficient")["score"], 98.0);
    // (3 * 96 + 100) / 4
    let heavy =
        SUITE.replace("at_least: 95%", "at_least: 95%, weight: 3, title: Telephone, because: Notices, owner: G02");
    let (_, report) = judged(&folder, &heavy, &[]);
    assert_eq!(dimension(&report, "sufficient")["score"], 97.0);
    let phone = rule(&report, "people.phone.required");
    let texts = ["title", "because", "owner"].map(|key| phone[key].as_str().unwrap());
    assert_eq!(texts, ["Telephone", "Notices", "G02"]);
    // A critical rule that fails cuts its dimension, and makes the dataset red.
    let critical = SUITE.replace("unique: true", "unique: { severity: critical }");
    let (exit, report) = judged(&folder, &critical, &[]);
    assert_eq!((exit, dimension(&report, "clean")["score"].as_f64()), (1, Some(59.99)));
    assert_eq!(report["datasets"][0]["band"], "red");
    let bands = format!("{SUITE}bands: {{ green: 99.99, amber: 99.98 }}\n");
    let (_, report) = judged(&folder, &bands, &[]);
    assert_eq!(report["datasets"][0]["band"], "red");
    assert_eq!(before["datasets"][0]["band"], "green");
    // Which records are clean depends on severities, and not on counts of rules.
    let minor = SUITE.replace("unique: true", "unique: { severity: minor }");
    let (exit, report) = judged(&folder, &minor, &[]);
    assert_eq!((exit, &report["datasets"][0]["records"]), (0, &Value::Null));
    let notice = report["notices"][0]["text"].as_str().unwrap();
    assert!(notice.contains("which records are clean, and what repairs are worth, needs the data"), "{notice}");
}

#[test]
fn groups_are_judged_again() {
    let suite = SUITE.replace("at_least: 95%", "at_least: 95%, segment: city");
    let folder = audited(&suite);
    // Of 200 in Huế 30 have no telephone: 85 %; of 800 in Hà Nội 10: 98.75 %.
    for (least, failing, status) in [("95%", 1, "failed"), ("85%", 0, "passed"), ("99%", 2, "failed")] {
        let (_, report) = judged(&folder, &suite.replace("95%", least), &[]);
        let phone = rule(&report, "people.phone.required");
        assert_eq!((phone["segments"]["failing"].as_u64(), phone["status"].as_str()), (Some(failing), Some(status)));
    }
}

#[test]
fn waivers_are_applied() {
    let folder = audited(SUITE);
    let waiver = "unique: { waive: { until: 2026-12-31, by: G01, because: It is known } }";
    let (exit, report) = judged(&folder, &SUITE.replace("unique: true", waiver), &[]);
    assert_eq!((exit, rule(&report, "people.id.unique")["status"].as_str()), (0, Some("waived")));
    assert_eq!(report["waivers"][0]["rule"], "people.id.unique");
}

#[test]
fn what_measures_something_else_needs_the_data() {
    let folder = audited(SUITE);
    let needs = |changed: &str, ids: &[&str]| {
        let (exit, report) = judged(&folder, changed, &[]);
        let found = report["judged"]["need_data"].as_array().unwrap();
        assert_eq!(found, ids, "{changed}");
        assert_eq!((exit, report["verdict"].as_str()), (2, Some("could_not_audit")));
        for id in ids {
            assert_eq!(
                (rule(&report, id)["status"].as_str(), rule(&report, id)["evaluated"].as_u64()),
                (Some("errored"), Some(0))
            );
            assert!(rule(&report, id)["reason"].as_str().unwrap().starts_with("needs the data: "));
        }
    };
    needs(&SUITE.replace("min: 500", "min: 501"), &["enough"]);
    needs(&SUITE.replace("min: 500", "min: 500, where: city = 'Huế'"), &["enough"]);
    needs(
        &SUITE.replace("type: date,", "type: date, format: '%Y-%m-%d',"),
        &["people.born.not_future", "people.born.type"],
    );
    needs(
        &SUITE.replace("owner: G01", "missing: [NA]"),
        &["people.born.not_future", "people.born.type", "people.id.unique", "people.phone.required"],
    );
    needs(&SUITE.replace("at_least: 95%", "at_least: 95%, segment: city"), &["people.phone.required"]);
    needs(&SUITE.replace("id: { unique: true }", "id: { unique: true, required: true }"), &["people.id.required"]);
    needs(
        &SUITE.replace("people.csv", "{ path: people.csv, delimiter: ';' }"),
        &[
            "enough",
            "people.born.not_future",
            "people.born.type",
            "people.id.unique",
            "people.phone.required",
            "people.well_formed",
        ],
    );
    // Another path is not another measure.
    let (_, report) = judged(&folder, &SUITE.replace("people.csv", "moved/people.csv"), &[]);
    assert_eq!(report["judged"]["need_data"], Value::Array(Vec::new()));
    // A rule that the suite does not have any more is left out, and said to be.
    let (exit, report) = judged(&folder, &SUITE.replace("unique: true", ""), &[]);
    assert_eq!((exit, &report["judged"]["dropped"][0]), (0, &"people.id.unique".into()));
    let notices: Vec<&str> =
        report["notices"].as_array().unwrap().iter().filter_map(|notice| notice["text"].as_str()).collect();
    assert!(
        notices.contains(&"1 rule of the result is not in the suite and left out: people.id.unique"),
        "{notices:?}"
    );
}

#[test]
fn rules_for_each_column_are_bound_to_the_stored_columns() {
    let each = format!("{SUITE}      - {{ id: filled, check: required, each: '*o*', at_least: 95% }}\n");
    let folder = audited(&each);
    let (_, report) = judged(&folder, &each.replace("'*o*', at_least: 95%", "'*o*', at_least: 97%"), &[]);
    let status = ["born", "phone"].map(|column| rule(&report, &format!("filled.{column}"))["status"].as_str().unwrap());
    assert_eq!(status, ["passed", "failed"]);
}

#[test]
fn results_that_cannot_be_judged_again_are_refused() {
    let folder = audited(SUITE);
    let refused = |args: &[&str], part: &str| {
        let output = run(&folder, args);
        assert_eq!((code(&output), stdout(&output).as_str()), (2, ""), "{args:?}");
        assert!(stderr(&output).contains(part), "{args:?}: {}", stderr(&output));
    };
    folder.write("other.yaml", SUITE.replace("suite: people", "suite: others"));
    refused(&["judge", "result.json", "other.yaml"], "the result is of the suite \"people\", not of \"others\"");
    refused(&["judge", "result.json", "suite.yaml", "--as-of", "2026-11-02"], "--as-of 2026-11-01");
    refused(
        &["judge", "result.json", "suite.yaml", "--output", "result.json", "--format", "json"],
        "it is the result of an earlier audit",
    );
    refused(
        &["report", "result.json", "--output", "result.json", "--format", "json"],
        "it is the result of an earlier audit",
    );
    refused(&["report", "result.json", "--output", "new.json", "--format", "csv"], "write --format json");
    let early = run(
        &folder,
        &[
            "audit",
            "suite.yaml",
            "--stop-early",
            "--fail-on",
            "minor",
            "--format",
            "json",
            "-q",
            "--output",
            "early.json",
        ],
    );
    assert!(code(&early) < 2);
    if folder.read("early.json").contains("\"stopped\"") {
        refused(&["judge", "early.json", "suite.yaml"], "stopped early");
    }
    let text = folder.read("result.json");
    folder.write("old.json", older(&text));
    refused(&["judge", "old.json", "suite.yaml"], "does not say what its rules measured");
}

/// The result as version 1 of the format had it.
fn older(text: &str) -> String {
    let mut old: Value = serde_json::from_str(text).unwrap();
    old["format"] = "passmuster.audit/1".into();
    old.as_object_mut().unwrap().remove("digest");
    for dataset in old["datasets"].as_array_mut().unwrap() {
        for rule in dataset["rules"].as_array_mut().unwrap() {
            rule.as_object_mut().unwrap().retain(|key, _| key != "measure_hash" && key != "fingerprint");
        }
    }
    old.to_string()
}

#[test]
fn files_that_are_no_results_are_refused() {
    let folder = audited(SUITE);
    let text = folder.read("result.json");
    let cut = &text[..text.len() / 2];
    let next = text.replace("passmuster.audit/2", "passmuster.audit/7");
    let edited = text.replacen("\"failed\": 40", "\"failed\": 0", 1).replacen("\"passed\": 960", "\"passed\": 1000", 1);
    let unsealed = text.lines().filter(|line| !line.starts_with("  \"digest\"")).collect::<Vec<_>>().join("\n");
    let sum = sealed(&text.replacen("\"failed\": 40", "\"failed\": 41", 1));
    for (content, part) in [
        ("", "is not a result of passmuster"),
        ("id,name\n1,An\n", "is not a result of passmuster"),
        ("[1, 2]", "is not a result of passmuster"),
        ("{\"success\": true}", "is not a result of passmuster"),
        ("{\"format\": \"passmuster.identify/1\"}", "is a document in the format passmuster.identify/1"),
        (cut, "is cut off: its JSON ends too early"),
        (&next, "was written by a newer passmuster (0.1.0), in the format passmuster.audit/7"),
        (&edited, "its digest does not match"),
        (&unsealed, "its digest is absent"),
        (&sum, "the counts of people.phone.required do not add up"),
        ("{\"format\": \"passmuster.audit/2\"}", "is a damaged result"),
    ] {
        folder.write("bad.json", content);
        for args in [&["report", "bad.json"][..], &["judge", "bad.json", "suite.yaml"]] {
            let output = run(&folder, args);
            assert_eq!((code(&output), stdout(&output).as_str()), (2, ""));
            assert!(
                stderr(&output).starts_with("error: `bad.json` ") && stderr(&output).contains(part),
                "{part}: {}",
                stderr(&output)
            );
        }
    }
    for (path, part) in [("gone.json", "does not exist"), (".", "is a folder")] {
        assert!(stderr(&run(&folder, &["report", path])).contains(part));
    }
    // Whoever reorders the keys or adds spaces changes nothing.
    folder.write("compact.json", serde_json::from_str::<Value>(&text).unwrap().to_string());
    assert_eq!(code(&run(&folder, &["report", "compact.json"])), 0);
    folder.write("old.json", older(&text));
    let (old, new) = (run(&folder, &["report", "old.json"]), run(&folder, &["report", "result.json"]));
    assert_eq!((code(&old), stdout(&old)), (0, stdout(&new)));
}
