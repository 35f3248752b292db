//! Two stored results: what changed, and a gate that only new failures shut.

use std::fs;

use passmuster::report::compared;
use serde_json::{Value, json};

use crate::sample;
use crate::support::folder::Folder;
use crate::support::program::{code, run, stderr, stdout};
use crate::support::repository::root;
use crate::support::screens::{compare, screen};

const COLUMNS: [&str; 5] = ["a", "b", "c", "d", "e"];

/// A suite that requires each column, with further rules in flow style.
fn suite(rules: &[&str]) -> String {
    let columns = COLUMNS.map(|name| format!("      {name}: {{ required: true }}\n")).concat();
    let rules = if rules.is_empty() { String::new() } else { format!("    rules: [{}]\n", rules.join(", ")) };
    format!("suite: s\nas_of: 2026-11-01\ndatasets:\n  t:\n    source: t.csv\n    columns:\n{columns}{rules}")
}

/// A thousand rows; in the first ones as many cells of each column are missing.
fn table(missing: [u32; 5]) -> String {
    let row = |row: u32| {
        let cells: Vec<&str> = missing.iter().map(|missing| if row < *missing { "" } else { "x" }).collect();
        cells.join(",") + if row.is_multiple_of(2) { ",even\n" } else { ",odd\n" }
    };
    "a,b,c,d,e,half\n".to_owned() + &(0..1_000).map(row).collect::<String>()
}

/// A folder in which audits follow each other.
struct Desk(Folder);

impl Desk {
    fn new() -> Self {
        Self(Folder::new())
    }

    /// Audits a table by a suite, and stores the result. Gives the exit code and the result.
    fn audit(&self, result: &str, suite: &str, table: &str, args: &[&str]) -> (i32, Value) {
        self.0.write("suite.yaml", suite);
        self.0.write("t.csv", table);
        let all = [&["audit", "suite.yaml", "--format", "json", "-q", "--output", result], args].concat();
        let output = run(&self.0, &all);
        assert_eq!(stderr(&output), "");
        (code(&output), serde_json::from_str(&self.0.read(result)).unwrap())
    }

    fn diff(&self, old: &str, new: &str) -> Value {
        let output = run(&self.0, &["diff", old, new, "--format", "json"]);
        assert_eq!((code(&output), stderr(&output).as_str()), (0, ""));
        serde_json::from_str(&stdout(&output)).unwrap()
    }
}

/// The change of each rule of a dataset, and why it is not comparable.
fn changes(diff: &Value) -> Vec<(String, String)> {
    let rules = diff["datasets"].as_array().unwrap().iter().flat_map(|dataset| dataset["rules"].as_array().unwrap());
    let mut found: Vec<_> = rules
        .map(|rule| {
            let change = rule["change"].as_str().unwrap();
            let why = rule["why"].as_str().map(|why| format!(": {why}")).unwrap_or_default();
            (rule["id"].as_str().unwrap().to_owned(), format!("{change}{why}"))
        })
        .collect();
    found.sort();
    found
}

fn change(diff: &Value, id: &str) -> String {
    changes(diff).into_iter().find(|(found, _)| found == id).unwrap_or_else(|| panic!("{id}: {diff}")).1
}

/// Two audits with every kind of change.
fn two_audits() -> Desk {
    let desk = Desk::new();
    desk.audit("old.json", &suite(&["{ id: rows, check: row_count, min: 10 }"]), &table([10, 0, 20, 5, 7]), &[]);
    let rules = ["{ id: rows, check: row_count, min: 11 }", "{ id: halves, check: required, column: half }"];
    desk.audit("new.json", &suite(&rules), &table([0, 3, 25, 4, 7]), &[]);
    desk
}

#[test]
fn every_kind_of_change_is_told_with_its_counts() {
    let desk = two_audits();
    let diff = desk.diff("old.json", "new.json");
    let expected = [
        ("halves", "not_comparable: no_rule"),
        ("rows", "not_comparable: measure_changed"),
        ("t.a.required", "fixed"),
        ("t.b.required", "new"),
        ("t.c.required", "worse"),
        ("t.d.required", "better"),
        ("t.e.required", "unchanged"),
        ("t.well_formed", "unchanged"),
    ];
    assert_eq!(changes(&diff), expected.map(|(id, change)| (id.to_owned(), change.to_owned())));
    let worse = &diff["datasets"][0]["rules"].as_array().unwrap()[1];
    assert_eq!((&worse["old"]["failed"], &worse["old"]["failing"]), (&20.into(), &2.0.into()));
    assert_eq!((&worse["new"]["failed"], &worse["new"]["failing"]), (&25.into(), &2.5.into()));
    assert_eq!(
        diff["counts"].to_string(),
        r#"{"better":1,"fixed":1,"new":1,"not_comparable":2,"unchanged":2,"worse":1}"#
    );
    // Fingerprints stay.
    let fingerprint = |result: &str| {
        let result: Value = serde_json::from_str(&desk.0.read(result)).unwrap();
        let rules = result["datasets"][0]["rules"].as_array().unwrap().clone();
        rules.iter().find(|rule| rule["id"] == "t.c.required").unwrap()["fingerprint"].clone()
    };
    assert_eq!((&worse["fingerprint"], fingerprint("old.json")), (&fingerprint("new.json"), fingerprint("new.json")));
    assert!(jsonschema::validator_for(&compared::schema()).unwrap().is_valid(&diff));
}

#[test]
fn paths_and_days_and_order_do_not_change_anything() {
    let desk = Desk::new();
    let rules = ["{ id: z, check: required, column: a }", "{ id: y, check: required, column: b }"];
    desk.audit("old.json", &suite(&rules), &table([1; 5]), &[]);
    desk.0.write("moved/t.csv", table([1; 5]));
    let turned = [rules[1], rules[0]];
    desk.audit("new.json", &suite(&turned), &table([1; 5]), &["--data", "t=moved/t.csv", "--as-of", "2026-12-01"]);
    assert!(changes(&desk.diff("old.json", "new.json")).iter().all(|(_, change)| change == "unchanged"));
}

/// The suite in which `a` is there in at least so many rows.
fn required_in(least: &str) -> String {
    suite(&[]).replace("a: { required: true }", &format!("a: {{ required: {{ at_least: {least} }} }}"))
}

#[test]
fn a_changed_threshold_is_said() {
    let desk = Desk::new();
    desk.audit("old.json", &required_in("90%"), &table([10; 5]), &[]);
    desk.audit("new.json", &required_in("99.5%"), &table([10; 5]), &[]);
    let diff = desk.diff("old.json", "new.json");
    assert_eq!(change(&diff, "t.a.required"), "new");
    assert_eq!(diff["datasets"][0]["rules"][0]["reason"], "the threshold was at least 90 % and is at least 99.5 %");
}

#[test]
fn a_rule_that_passes_by_another_threshold_alone_is_not_fixed() {
    let desk = Desk::new();
    // Of 1,000 rows 50 fail.
    desk.audit("old.json", &required_in("99.5%"), &table([50; 5]), &[]);
    for (failing, expected) in
        [(50, "unchanged"), (60, "worse"), (20, "better"), (5, "fixed"), (0, "fixed"), (110, "worse")]
    {
        desk.audit("new.json", &required_in("90%"), &table([failing; 5]), &[]);
        let diff = desk.diff("old.json", "new.json");
        let loosened = "the threshold was at least 99.5 % and is at least 90 %";
        let passes_by_that = (20..100).contains(&failing);
        let reason = format!("{loosened}{}", if passes_by_that { ", and it passes by that" } else { "" });
        assert_eq!(change(&diff, "t.a.required"), expected, "{failing} rows fail");
        assert_eq!(diff["datasets"][0]["rules"][0]["reason"], reason);
    }
}

#[test]
fn the_same_result_and_results_of_other_suites() {
    let desk = two_audits();
    let diff = desk.diff("old.json", "old.json");
    assert_eq!(diff["same"], true);
    assert!(changes(&diff).iter().all(|(_, change)| change == "unchanged"));
    assert!(stdout(&run(&desk.0, &["diff", "old.json", "old.json"])).contains("note: both are the same result"));
    desk.audit("other.json", &suite(&[]).replace("suite: s", "suite: r"), &table([0; 5]), &[]);
    let output = run(&desk.0, &["diff", "old.json", "other.json"]);
    assert_eq!((code(&output), stdout(&output).as_str()), (2, ""));
    assert!(stderr(&output).contains("the older result is of the suite `s` and the newer one of `r`"));
    let output = run(&desk.0, &["diff", "old.json", "new.json", "--format", "json", "--output", "old.json"]);
    assert!(code(&output) == 2 && stderr(&output).contains("refusing to write"), "{}", stderr(&output));
}

#[test]
fn what_is_absent_on_one_side_is_not_comparable() {
    let desk = two_audits();
    // Another type of a column that the rule reads, by the suite and by the data.
    let typed = suite(&[]).replace("a: { required: true }", "a: { required: true, type: integer }");
    desk.audit("typed.json", &typed, &table([0; 5]), &[]);
    assert_eq!(change(&desk.diff("old.json", "typed.json"), "t.a.required"), "not_comparable: measure_changed");
    let unread = run(
        &desk.0,
        &["audit", "suite.yaml", "--data", "t=gone.csv", "--format", "json", "-q", "--output", "gone.json"],
    );
    assert_eq!(code(&unread), 2);
    assert_eq!(change(&desk.diff("old.json", "gone.json"), "t.b.required"), "not_comparable: errored");
    assert_eq!(change(&desk.diff("gone.json", "old.json"), "t.b.required"), "not_comparable: errored");
    desk.audit("empty.json", &suite(&[]), "a,b,c,d,e,half\n", &[]);
    assert_eq!(change(&desk.diff("old.json", "empty.json"), "t.b.required"), "not_comparable: not_measured");
    let more = suite(&[]) + "  u: { source: t.csv, columns: { a: { required: true } } }\n";
    desk.audit("more.json", &more, &table([0; 5]), &[]);
    assert_eq!(change(&desk.diff("old.json", "more.json"), "u.a.required"), "not_comparable: no_dataset");
    assert_eq!(change(&desk.diff("more.json", "old.json"), "u.a.required"), "not_comparable: no_dataset");
}

#[test]
fn a_sample_is_not_comparable_with_all_rows() {
    let folder = sample::people(|row| row % 7 == 0);
    for (result, args) in [("all.json", &[][..]), ("sample.json", &["--sample", "5%"])] {
        let all = [&["audit", "suite.yaml", "--format", "json", "-q", "--output", result], args].concat();
        assert!(code(&run(&folder, &all)) < 2);
    }
    let output = run(&folder, &["diff", "all.json", "sample.json", "--format", "json"]);
    let diff: Value = serde_json::from_str(&stdout(&output)).unwrap();
    let changes = changes(&diff);
    assert!(changes.iter().any(|(_, change)| change == "not_comparable: sample"), "{changes:?}");
    assert!(changes.iter().all(|(_, change)| change == "not_comparable: sample"), "{changes:?}");
    let args = ["audit", "suite.yaml", "--baseline", "sample.json", "--fail-on-new"];
    let output = run(&folder, &args);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("the baseline is the result of a sample"), "{}", stderr(&output));
    let judged = run(&folder, &["judge", "sample.json", "suite.yaml"]);
    assert!(code(&judged) == 2 && stderr(&judged).contains("that of a sample"), "{}", stderr(&judged));
}

/// The result as version 1 of the format had it.
fn older(text: &str) -> String {
    let mut old: Value = serde_json::from_str(text).unwrap();
    old["format"] = "passmuster.audit/1".into();
    old.as_object_mut().unwrap().remove("digest");
    for rule in old["datasets"][0]["rules"].as_array_mut().unwrap() {
        rule.as_object_mut().unwrap().retain(|key, _| key != "measure_hash" && key != "fingerprint");
    }
    old.to_string()
}

#[test]
fn older_results_compare_while_rules_and_columns_are_the_same() {
    let desk = two_audits();
    desk.0.write("version1.json", older(&desk.0.read("new.json")));
    assert_eq!(change(&desk.diff("version1.json", "new.json"), "t.c.required"), "unchanged");
    assert_eq!(change(&desk.diff("version1.json", "old.json"), "t.c.required"), "not_comparable: measure_unknown");
}

/// The gate of a second audit that only new failures shut: its exit code, and the rules that are known.
fn second(first: [u32; 5], then: [u32; 5], args: &[&str]) -> (i32, Vec<String>) {
    let desk = Desk::new();
    desk.audit("old.json", &suite(&[]), &table(first), &[]);
    let all = [&["--baseline", "old.json", "--fail-on-new"], args].concat();
    let (exit, result) = desk.audit("new.json", &suite(&[]), &table(then), &all);
    assert_eq!(result["gate"]["new_only"]["baseline"], digest(&desk, "old.json"));
    let known = result["gate"]["new_only"]["known"].as_array().unwrap();
    // Scores are those of all failures.
    assert_eq!(
        result["datasets"][0]["score"],
        desk.audit("plain.json", &suite(&[]), &table(then), &[]).1["datasets"][0]["score"]
    );
    (exit, known.iter().map(|known| known["rule"].as_str().unwrap().to_owned()).collect())
}

fn digest(desk: &Desk, result: &str) -> Value {
    serde_json::from_str::<Value>(&desk.0.read(result)).unwrap()["digest"].clone()
}

#[test]
fn only_new_failures_shut_the_gate() {
    let known = |ids: &[&str]| ids.iter().map(|id| format!("t.{id}.required")).collect::<Vec<_>>();
    // Known failures, as many as before or fewer.
    assert_eq!(second([10, 5, 0, 0, 0], [10, 4, 0, 0, 0], &[]), (0, known(&["a", "b"])));
    // A rule that passed.
    assert_eq!(second([10, 0, 0, 0, 0], [10, 1, 0, 0, 0], &[]), (1, known(&["a"])));
    // One row of a thousand more is 0.1 percentage points.
    assert_eq!(second([10, 0, 0, 0, 0], [11, 0, 0, 0, 0], &[]), (1, known(&[])));
    assert_eq!(second([10, 0, 0, 0, 0], [11, 0, 0, 0, 0], &["--tolerance", "0.1%"]), (0, known(&["a"])));
    assert_eq!(second([10, 0, 0, 0, 0], [12, 0, 0, 0, 0], &["--tolerance", "0.1%"]), (1, known(&[])));
    assert_eq!(second([10, 0, 0, 0, 0], [12, 0, 0, 0, 0], &["--tolerance", "0.1999%"]), (1, known(&[])));
    // A tolerance is for known failures alone.
    assert_eq!(second([10, 0, 0, 0, 0], [10, 1, 0, 0, 0], &["--tolerance", "50%"]), (1, known(&["a"])));
    // The lowest score holds.
    assert_eq!(second([10, 0, 0, 0, 0], [10, 0, 0, 0, 0], &["--min-score", "99.99"]), (1, known(&["a"])));
}

#[test]
fn what_is_not_comparable_shuts_the_gate_as_usual() {
    let desk = Desk::new();
    let new_only = ["--baseline", "old.json", "--fail-on-new"];
    let failing = "{ id: x, check: allowed, column: half, values: [even] }";
    desk.audit("old.json", &suite(&[failing]), &table([0; 5]), &[]);
    assert_eq!(desk.audit("new.json", &suite(&[failing]), &table([0; 5]), &new_only).0, 0);
    let other = failing.replace("[even]", "[even, uneven]");
    // The report says why.
    for (rule, id, why, reason) in [
        (other, "x", "measure_changed", "the rule measures something else"),
        (failing.replace("id: x", "id: y"), "y", "no_rule", "the older result does not have the rule"),
    ] {
        let (exit, result) = desk.audit("new.json", &suite(&[&rule]), &table([0; 5]), &new_only);
        let expected = json!([{ "dataset": "t", "rule": id, "severity": "major", "why": why, "reason": reason }]);
        assert_eq!((exit, &result["gate"]["new_only"]["not_comparable"]), (1, &expected));
        let screen = stdout(&run(&desk.0, &["report", "new.json"]));
        assert!(screen.contains(&format!("- not comparable: major rule {id}, {reason}")), "{screen}");
    }
    // A rule that was waived failed and was accepted; without the waiver it fails again.
    let waived = failing.replace('}', ", waive: { until: 2026-12-31, by: G, because: It is known } }");
    desk.audit("waived.json", &suite(&[&waived]), &table([0; 5]), &[]);
    let reason = |old: &str, new: &str| {
        let rules = desk.diff(old, new)["datasets"][0]["rules"].clone();
        rules.as_array().unwrap().iter().find(|rule| rule["id"] == "x").unwrap()["reason"].clone()
    };
    desk.audit("failed.json", &suite(&[failing]), &table([0; 5]), &[]);
    assert_eq!(reason("failed.json", "waived.json"), "a waiver accepts its failures now");
    assert_eq!(reason("waived.json", "failed.json"), "no waiver accepts its failures any more");
    desk.audit("old.json", &suite(&[&waived]), &table([0; 5]), &[]);
    assert_eq!(desk.audit("new.json", &suite(&[failing]), &table([0; 5]), &new_only).0, 1);
}

#[test]
fn a_rule_about_the_whole_dataset_that_finds_something_else_is_not_known() {
    let desk = Desk::new();
    let rules = suite(&["{ id: many, check: row_count, min: 5000 }"]);
    let whole = table([0; 5]);
    let half: String = whole.lines().take(501).map(|line| line.to_owned() + "\n").collect::<Vec<_>>().concat();
    desk.audit("old.json", &rules, &whole, &[]);
    let gate = ["--baseline", "old.json", "--fail-on-new"];
    let (same, result) = desk.audit("same.json", &rules, &whole, &gate);
    assert_eq!((same, result["gate"]["new_only"]["known"][0]["rule"].as_str()), (0, Some("many")));
    let (fewer, result) = desk.audit("fewer.json", &rules, &half, &gate);
    assert_eq!((fewer, result["gate"]["new_only"]["known"].as_array().unwrap().len()), (1, 0));
    let diff = desk.diff("old.json", "fewer.json");
    assert_eq!(change(&diff, "many"), "not_comparable: whole_dataset");
}

/// `b` of so many rows is filled, and of so many missing.
fn filled(filled: usize, missing: usize) -> String {
    "b,c\n".to_owned() + &"x,y\n".repeat(filled) + &",y\n".repeat(missing)
}

#[test]
fn fewer_rows_than_must_pass_are_worse_whatever_share_fails() {
    let desk = Desk::new();
    let rules = "suite: s\nas_of: 2026-11-01\ndatasets:\n  t:\n    source: t.csv\n    columns: { b: { required: { at_least: 20 rows } } }\n";
    let gate = ["--baseline", "old.json", "--fail-on-new", "--tolerance", "50%"];
    desk.audit("old.json", rules, &filled(19, 1), &[]);
    for (rows, exit, expected) in [((19, 1), 0, "unchanged"), ((19, 9), 0, "unchanged"), ((2, 0), 1, "worse")] {
        let (found, _) = desk.audit("new.json", rules, &filled(rows.0, rows.1), &gate);
        assert_eq!(
            (found, change(&desk.diff("old.json", "new.json"), "t.b.required").as_str()),
            (exit, expected),
            "{rows:?}"
        );
    }
}

/// Groups of 1,000, 10, 10 and 500 rows; in another rule C and E have three rows only, so both are hidden. 4 rows of one group
/// have no `v`.
fn hidden_groups(failing: &str) -> String {
    let group = |name: &str, rows: usize, in_scope: usize| {
        let row = |row: usize| {
            let v = if name == failing && row < 4 { "" } else { "x" };
            format!("{name},{},{v}\n", if row < in_scope { "1" } else { "2" })
        };
        (0..rows).map(row).collect::<String>()
    };
    "p,w,v\n".to_owned()
        + &[("A", 1_000, 1_000), ("C", 10, 3), ("E", 10, 3), ("D", 500, 500)]
            .map(|(name, rows, in_scope)| group(name, rows, in_scope))
            .concat()
}

#[test]
fn which_hidden_groups_fail_is_not_known() {
    let desk = Desk::new();
    let rules = |least: &str| {
        format!(
            "suite: s\nas_of: 2026-11-01\ndatasets:\n  t:\n    source: t.csv\n    columns: {{ p: {{ pii: none }} }}\n    rules:\n      \
             - {{ id: r, check: required, column: v, segment: p, at_least: {least} }}\n      \
             - {{ id: q, check: required, column: w, where: \"w = '1'\", segment: p }}\n"
        )
    };
    let gate = ["--baseline", "old.json", "--fail-on-new"];
    assert_eq!(desk.audit("old.json", &rules("65%"), &hidden_groups("C"), &[]).0, 1);
    // The failures moved to another hidden group.
    assert_eq!(desk.audit("new.json", &rules("65%"), &hidden_groups("E"), &gate).0, 1);
    assert_eq!(change(&desk.diff("old.json", "new.json"), "r"), "not_comparable: hidden_groups");
    // The same data under another threshold is not fixed.
    assert_eq!(desk.audit("new.json", &rules("50%"), &hidden_groups("C"), &[]).0, 0);
    assert_eq!(change(&desk.diff("old.json", "new.json"), "r"), "unchanged");
}

#[test]
fn judging_again_keeps_what_a_baseline_knows() {
    let desk = Desk::new();
    desk.audit("old.json", &suite(&[]), &table([10, 0, 0, 0, 0]), &[]);
    let gate = ["--baseline", "old.json", "--fail-on-new"];
    assert_eq!(desk.audit("new.json", &suite(&[]), &table([10, 0, 0, 0, 0]), &gate).0, 0);
    let judged = run(&desk.0, &["judge", "new.json", "suite.yaml", "--format", "json"]);
    assert_eq!(code(&judged), 0, "{}", stderr(&judged));
    let result: Value = serde_json::from_str(&stdout(&judged)).unwrap();
    assert_eq!(result["gate"]["new_only"]["known"][0]["rule"], "t.a.required");
}

#[test]
fn a_group_that_fails_for_the_first_time_is_new() {
    let desk = Desk::new();
    let by_half = suite(&[]).replace("a: { required: true }", "a: { required: { at_least: 99%, segment: half } }");
    // 20 of 500 in each half; then all 40 in one.
    let rows = |is_missing: &dyn Fn(u32) -> bool| {
        let row = |row: u32| {
            format!(
                "{},x,x,x,x,{}\n",
                if is_missing(row) { "" } else { "x" },
                if row.is_multiple_of(2) { "even" } else { "odd" }
            )
        };
        "a,b,c,d,e,half\n".to_owned() + &(0..1_000).map(row).collect::<String>()
    };
    let new_only = ["--baseline", "old.json", "--fail-on-new"];
    // All 20 in the even half.
    let even = rows(&|row| row < 40 && row.is_multiple_of(2));
    desk.audit("old.json", &by_half, &even, &[]);
    assert_eq!(desk.audit("new.json", &by_half, &even, &new_only).0, 0);
    let odd = rows(&|row| row < 40 && !row.is_multiple_of(2));
    assert_eq!(desk.audit("new.json", &by_half, &odd, &new_only).0, 1);
    assert_eq!(change(&desk.diff("old.json", "new.json"), "t.a.required"), "worse");
}

#[test]
fn arguments_that_do_not_go_together_are_refused() {
    let desk = two_audits();
    for (args, part) in [
        (&["--fail-on-new"][..], "--baseline <FILE>"),
        (&["--baseline", "old.json", "--tolerance", "1%"], "--fail-on-new"),
        (&["--baseline", "old.json", "--fail-on-new", "--sample", "1%"], "cannot be used with"),
        (&["--baseline", "old.json", "--fail-on-new", "--tolerance", "0.1"], "percent sign"),
        (&["--baseline", "t.csv", "--fail-on-new"], "`t.csv` is not a result of passmuster"),
        (&["--baseline", "old.json", "--fail-on-new", "--format", "json", "--output", "old.json"], "a baseline"),
        (&["--baseline", "old.json"], "no rule compares with the baseline"),
    ] {
        let output = run(&desk.0, &[&["audit", "suite.yaml"], args].concat());
        assert_eq!((code(&output), stdout(&output).as_str()), (2, ""), "{args:?}");
        assert!(stderr(&output).contains(part), "{args:?}: {}", stderr(&output));
    }
    desk.0.write("suite.yaml", suite(&[]).replace("suite: s", "suite: r"));
    let output = run(&desk.0, &["audit", "suite.yaml", "--baseline", "old.json", "--fail-on-new"]);
    assert!(code(&output) == 2 && stderr(&output).contains("of the suite `s`, not of `r`"), "{}", stderr(&output));
}

/// Refresh with `passmuster schema diff > schema/diff.schema.json`.
#[test]
fn the_published_schema_of_comparisons_is_fresh() {
    let published = fs::read_to_string(root().join("schema/diff.schema.json")).unwrap_or_default();
    assert!(published == format!("{:#}\n", compared::schema()), "schema/diff.schema.json is not fresh");
}

#[test]
fn comparisons_as_reviewed() {
    let desk = two_audits();
    let mut screens = Vec::new();
    for (name, args) in [
        ("changes", &["diff", "old.json", "new.json"][..]),
        ("verbose", &["diff", "old.json", "new.json", "-v"]),
        ("same", &["diff", "old.json", "old.json"]),
        (
            "new-failures-only",
            &["audit", "suite.yaml", "--baseline", "old.json", "--fail-on-new", "--tolerance", "0.1%"],
        ),
        ("judged-again", &["judge", "old.json", "suite.yaml"]),
    ] {
        screens.push((name.to_owned(), screen(args, &run(&desk.0, args))));
    }
    compare("compared", &screens);
}
