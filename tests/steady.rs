//! `steady`: audits that compare with earlier ones, against distances worked out by hand, and baselines that do not fit.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use passmuster::audit::audit;
use passmuster::model::{AuditReport, Distribution, RuleReport, Status};
use passmuster::rules::Diagnostics;
use proptest::prelude::*;

use crate::parity::{Kind, float, text};
use crate::support::audits::{ALL_MEMORY, audit_everywhere, options};
use crate::support::cells::{FAR_DECIMALS, LONG_DECIMALS, NEAR_NOTHING, one_of};
use crate::support::exact::{self, Exact};
use crate::support::folder::Folder;
use crate::support::reports::{rule, sealed};
use crate::support::tables::csv;

/// A folder in which audits follow each other.
struct Desk(Folder);

impl Desk {
    fn new() -> Self {
        Self(Folder::new())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path(name)
    }

    fn write(&self, name: &str, content: &str) -> &Self {
        self.0.write(name, content);
        self
    }

    /// Audits with a baseline for all rules, if one is named.
    fn audit(&self, baseline: Option<&str>) -> Result<AuditReport, String> {
        let mut options = options(ALL_MEMORY, &[], 2);
        options.load.baseline = baseline.map(|name| self.path(name));
        match audit(&[self.path("suite.yaml")], &options, &()) {
            Ok(audited) => Ok(audited.report),
            Err(error) => {
                Err(error.downcast::<Diagnostics>().map_or_else(|error| error.to_string(), |all| all.to_string()))
            }
        }
    }

    /// Audits and stores the result.
    fn store(&self, name: &str, baseline: Option<&str>) -> AuditReport {
        let report = self.audit(baseline).unwrap();
        self.write(name, &serde_json::to_string(&report).unwrap());
        report
    }
}

/// A suite over `t.csv` with these rules, in flow style.
fn suite(columns: &str, rules: &[&str]) -> String {
    let rules = rules.iter().fold(String::new(), |all, rule| all + "      - " + rule + "\n");
    format!("suite: s\ndatasets:\n  t:\n    source: t.csv\n    columns: {columns}\n    rules:\n{rules}")
}

fn column(name: &str, values: impl IntoIterator<Item = impl ToString>) -> String {
    values.into_iter().fold(format!("{name}\n"), |all, value| all + &value.to_string() + "\n")
}

fn distribution<'r>(report: &'r AuditReport, id: &str) -> &'r Distribution {
    rule(report, id).distribution.as_ref().unwrap_or_else(|| panic!("{id} stores nothing"))
}

/// The number after the name of what was measured.
fn measured(rule: &RuleReport) -> f64 {
    let mut words = rule.observed.split([' ', ',', ';']);
    words.find_map(|word| word.parse().ok()).unwrap_or_else(|| panic!("{} has no drift", rule.observed))
}

#[test]
fn the_first_audit_measures_nothing_and_can_become_a_baseline() {
    let desk = Desk::new();
    desk.write(
        "suite.yaml",
        &suite("{ v: { type: integer } }", &["{ id: s, check: steady, column: v, max: 0.1, where: v > 0 }"]),
    );
    desk.write("t.csv", &column("v", (0..=20).map(|v| v.to_string()).chain([String::new(), "x".to_owned()])));
    let report = desk.store("first.json", None);
    let found = rule(&report, "s");
    assert_eq!((found.status, found.evaluated), (Status::NotMeasured, 0));
    assert_eq!(found.reason.as_deref(), Some("no baseline yet: this result can be one"));
    let stored = distribution(&report, "s");
    assert_eq!((stored.values, stored.missing, stored.unreadable), (20, 0, 1));
    assert_eq!((stored.column.as_str(), stored.condition.as_deref()), ("v", Some("v > 0")));
    let numbers = stored.numbers.as_ref().unwrap();
    // Of 1 to 20 four parts of five.
    assert_eq!((numbers.edges.join(" "), numbers.counts.clone()), ("5 10 15".to_owned(), vec![5; 4]));
    assert_eq!((numbers.mean, numbers.stddev), (Some(10.5), Some(35_f64.sqrt())));
    // Nothing has changed.
    let again = desk.store("second.json", Some("first.json"));
    assert_eq!(rule(&again, "s").status, Status::Passed);
    assert_eq!(rule(&again, "s").observed, "stability index 0, 1 unparseable values left out");
    assert_eq!(distribution(&again, "s"), stored);
}

/// A column of 100 numbers; some move from the lower half to the upper one.
#[test]
fn drifts_of_numbers_by_hand() {
    let rules = [
        "{ id: psi, check: steady, column: v, max: 0.0403, bins: 2 }",
        "{ id: psi-tight, check: steady, column: v, max: 0.0401, bins: 2 }",
        "{ id: ks, check: steady, column: v, method: ks, max: 0.1501 }",
        "{ id: ks-between, check: steady, column: v, method: ks, max: 0.1001 }",
        "{ id: ks-tight, check: steady, column: v, method: ks, max: 0.0999 }",
        "{ id: chi2, check: steady, column: v, method: chi2, max: 0.1006, bins: 2 }",
        "{ id: mean, check: steady, column: v, method: mean, max: 0.172 }",
    ];
    let desk = Desk::new();
    desk.write("suite.yaml", &suite("{ v: { type: integer } }", &rules));
    desk.write("t.csv", &column("v", 1..=100));
    desk.store("first.json", None);
    // Ten values of the lower half count twice as much: 41 … 50 become 91 … 100.
    desk.write("t.csv", &column("v", (1..=40).chain(51..=100).chain(91..=100)));
    let report = desk.audit(Some("first.json")).unwrap();
    // Halves of 50 and 50 become 40 and 60: with half a value more of 101, (10 / 101) ln(60.5 / 50.5) - (10 / 101)
    // ln(40.5 / 50.5) = 0.039736.
    assert!((measured(rule(&report, "psi")) - 0.0397).abs() < 1e-9, "{}", rule(&report, "psi").observed);
    assert_eq!(rule(&report, "psi").status, Status::Passed);
    // Up to 50 lie 0.5 of the values then, 0.4 now.
    assert!(
        rule(&report, "ks").observed.starts_with("Kolmogorov-Smirnov distance 0.1, between"),
        "{}",
        rule(&report, "ks").observed
    );
    assert_eq!(rule(&report, "ks").status, Status::Passed);
    // In a part of 5 % it may be as much more.
    assert_eq!(rule(&report, "ks-between").status, Status::NotMeasured);
    assert_eq!(
        rule(&report, "ks-between").reason.as_deref(),
        Some("the stored distribution is too coarse to decide: the distance is between 0.1 and 0.15")
    );
    assert_eq!(rule(&report, "ks-tight").status, Status::Failed);
    // The table 50 50, 40 60: 200 (50 * 60 - 50 * 40)² / (100 * 100 * 90 * 110) = 2.0202, over 200, and the root.
    let chi2 = rule(&report, "chi2");
    assert_eq!(chi2.observed, "Cramér's V 0.1005 (chi-square 2.0202 with 1 degree of freedom)");
    assert_eq!(chi2.status, Status::Passed);
    // The mean moves by 10 * 50 / 100 = 5, of deviations of 29.0115.
    assert!((measured(rule(&report, "mean")) - 0.1723).abs() < 1e-9, "{}", rule(&report, "mean").observed);
    assert_eq!(rule(&report, "mean").status, Status::Failed);
    assert_eq!(rule(&report, "psi-tight").status, Status::Passed);
}

#[test]
fn drifts_of_categories_by_hand() {
    let rules = [
        "{ id: share, check: steady, column: v, method: share, max: 10 }",
        "{ id: share-tight, check: steady, column: v, method: share, max: 9.99 }",
        "{ id: chi2, check: steady, column: v, method: chi2, max: 0.2 }",
        "{ id: psi, check: steady, column: v, max: 0.2 }",
    ];
    let desk = Desk::new();
    desk.write("suite.yaml", &suite("{}", &rules));
    let rows = |counts: &[(&str, usize)]| {
        column("v", counts.iter().flat_map(|(value, count)| vec![(*value).to_owned(); *count]))
    };
    desk.write("t.csv", &rows(&[("Hà Nội", 50), ("Huế", 30), ("Đà Nẵng", 16), ("typo", 4)]));
    let first = desk.store("first.json", None);
    let categories = distribution(&first, "share").categories.as_ref().unwrap();
    assert_eq!((categories.counts.len(), categories.other), (3, 4));
    let mut counts: Vec<u64> = categories.counts.values().copied().collect();
    counts.sort_unstable();
    assert_eq!(counts, [16, 30, 50]);
    let written = desk.0.read("first.json");
    assert!(["Nội", "Huế", "Nẵng", "typo"].iter().all(|value| !written.contains(value)), "no value is in the result");
    assert!(categories.counts.keys().all(|name| name.len() == 32));
    // 40, 30, 18, and 12 whose values the baseline does not name.
    desk.write("t.csv", &rows(&[("Hà Nội", 40), ("Huế", 30), ("Đà Nẵng", 18), ("new", 10), ("typo", 2)]));
    let report = desk.audit(Some("first.json")).unwrap();
    assert_eq!(rule(&report, "share").observed, "share of a category changed by 10 points");
    assert_eq!((rule(&report, "share").status, rule(&report, "share-tight").status), (Status::Passed, Status::Failed));
    // 10²/90 + 0 + 2²/34 + 8²/16 = 1.1111 + 0.1176 + 4 = 5.2288, over 200, and the root.
    assert_eq!(rule(&report, "chi2").observed, "Cramér's V 0.1617 (chi-square 5.2288 with 3 degrees of freedom)");
    // Half a value more in each of four parts of 102: 50.5 40.5, 30.5 30.5, 16.5 18.5, 4.5 12.5.
    let pairs = [(50.5, 40.5), (30.5, 30.5), (16.5, 18.5), (4.5, 12.5)];
    let by_hand: f64 = pairs.iter().map(|(then, now): &(f64, f64)| (now - then) / 102.0 * (now / then).ln()).sum();
    assert!((measured(rule(&report, "psi")) - by_hand).abs() < 5e-5, "{}", rule(&report, "psi").observed);
}

#[test]
fn another_suite_names_the_same_values_otherwise() {
    let desk = Desk::new();
    let written = suite("{}", &["{ id: s, check: steady, column: v, max: 0.2 }"]);
    desk.write("t.csv", &column("v", ["a"; 9]));
    let names = |text: &str| {
        desk.write("suite.yaml", text);
        distribution(&desk.audit(None).unwrap(), "s").categories.as_ref().unwrap().counts.keys().next().cloned()
    };
    assert_ne!(names(&written), names(&written.replace("suite: s", "suite: other")));
    assert_eq!(names(&written), names(&written));
}

#[test]
fn a_distribution_of_too_few_or_too_many_values() {
    let desk = Desk::new();
    let rules = ["{ id: s, check: steady, column: v, max: 0.2 }"];
    desk.write("suite.yaml", &suite("{ v: { type: decimal } }", &rules)).write("t.csv", "v\n1\n2\n3\n4\n\"\"\n");
    let report = desk.audit(None).unwrap();
    assert_eq!((rule(&report, "s").status, &rule(&report, "s").distribution), (Status::NotMeasured, &None));
    assert_eq!(rule(&report, "s").observed, "4 values, and 5 are needed");
    // 1,001 categories of five rows.
    desk.write("suite.yaml", &suite("{}", &rules));
    desk.write("t.csv", &column("v", (0..1_001 * 5).map(|v| format!("c{}", v % 1_001))));
    let report = desk.audit(None).unwrap();
    assert_eq!(rule(&report, "s").status, Status::Errored);
    assert!(rule(&report, "s").reason.as_ref().unwrap().contains("more than 1000 categories of 5 rows"));
    desk.write("t.csv", &column("v", (0..1_000 * 5).map(|v| format!("c{}", v % 1_000))));
    assert_eq!(rule(&desk.audit(None).unwrap(), "s").status, Status::NotMeasured);
    desk.write("t.csv", &column("v", (0..100_001).map(|v| format!("c{v}"))));
    let report = desk.audit(None).unwrap();
    assert!(rule(&report, "s").reason.as_ref().unwrap().contains("more than 100000 different values"));
}

#[test]
fn a_baseline_that_does_not_vary() {
    let desk = Desk::new();
    desk.write(
        "suite.yaml",
        &suite("{ v: { type: decimal } }", &["{ id: s, check: steady, column: v, method: mean, max: 3 }"]),
    );
    desk.write("t.csv", &column("v", [7; 6]));
    desk.store("first.json", None);
    assert_eq!(rule(&desk.audit(Some("first.json")).unwrap(), "s").status, Status::Passed);
    desk.write("t.csv", &column("v", [8; 6]));
    let report = desk.audit(Some("first.json")).unwrap();
    assert_eq!(rule(&report, "s").status, Status::Failed);
    assert_eq!(rule(&report, "s").observed, "the mean has moved, and the baseline does not vary");
}

#[test]
fn values_that_many_rows_share_do_not_blur_the_distance() {
    for data_type in ["integer", "decimal"] {
        let desk = Desk::new();
        let rule_text = "{ id: ks, check: steady, column: v, method: ks, max: 0.05 }";
        desk.write("suite.yaml", &suite(&format!("{{ v: {{ type: {data_type} }} }}"), &[rule_text]));
        let values = |zeros: usize, ones: usize| {
            let shared = std::iter::repeat_n(0, zeros).chain(std::iter::repeat_n(1, ones));
            shared.chain((0..200).map(|at| 10 + at * 5)).chain(std::iter::repeat_n(2_000, 100))
        };
        desk.write("t.csv", &column("v", values(500, 200)));
        let first = desk.store("first.json", None);
        let numbers = distribution(&first, "ks").numbers.as_ref().unwrap();
        assert!(numbers.edges.len() < 100 && numbers.counts.iter().all(|count| *count == 0 || *count >= 5));
        let again = desk.audit(Some("first.json")).unwrap();
        assert_eq!(rule(&again, "ks").status, Status::Passed, "{}", rule(&again, "ks").observed);
        desk.write("t.csv", &column("v", values(440, 260)));
        let later = desk.audit(Some("first.json")).unwrap();
        assert_eq!(rule(&later, "ks").status, Status::Failed, "{}", rule(&later, "ks").observed);
        // What was 0 is now a little less: the stored edges show it.
        let moved: Vec<String> =
            values(500, 200).map(|v| if v == 0 { "-1".to_owned() } else { v.to_string() }).collect();
        desk.write("t.csv", &column("v", moved));
        let later = desk.audit(Some("first.json")).unwrap();
        assert_eq!(rule(&later, "ks").status, Status::Failed, "{}", rule(&later, "ks").observed);
    }
}

#[test]
fn dates_booleans_and_several_columns_compare_too() {
    let desk = Desk::new();
    let rules = [
        "{ id: d, check: steady, column: d, method: ks, max: 0.5 }",
        "{ id: u, check: steady, column: u, method: mean, max: 0.5 }",
        "{ id: b, check: steady, column: b, method: share, max: 5 }",
        "{ id: all, check: steady, each: [d, u, b], max: 0.1 }",
    ];
    let columns = "{ d: { type: date }, u: { type: datetime }, b: { type: boolean } }";
    desk.write("suite.yaml", &suite(columns, &rules));
    let rows = |shift: usize| {
        let rows: Vec<[String; 3]> = (0..60_usize)
            .map(|at| {
                let day = at % 25 + 1 + shift;
                [
                    format!("2026-01-{day:02}"),
                    format!("2026-01-{day:02}T12:00:00.25"),
                    (at % (2 + shift) == 0).to_string(),
                ]
            })
            .collect();
        csv("d,u,b", &rows)
    };
    desk.write("t.csv", &rows(0));
    let first = desk.store("first.json", None);
    let edges = &distribution(&first, "u").numbers.as_ref().unwrap().edges;
    assert!(edges.iter().all(|edge| edge.ends_with("T12:00:00.25")), "{edges:?}");
    let again = desk.audit(Some("first.json")).unwrap();
    for id in ["d", "u", "b", "all.d", "all.u", "all.b"] {
        assert_eq!((rule(&again, id).status, measured(rule(&again, id))), (Status::Passed, 0.0), "{id}");
    }
    desk.write("t.csv", &rows(1));
    let later = desk.audit(Some("first.json")).unwrap();
    // Half of the rows were true, then a third of them.
    assert_eq!(rule(&later, "b").observed, "share of a category changed by 16.6667 points");
    assert_eq!(rule(&later, "b").status, Status::Failed);
    assert_eq!(rule(&later, "d").status, Status::Passed);
}

/// The messages where a baseline does not fit, with the line of the suite.
#[test]
fn baselines_that_do_not_fit_are_refused() {
    let desk = Desk::new();
    let with = |rule: &str| suite("{ v: { type: integer }, w: { type: integer } }", &[rule]);
    let refused = |rule: &str, parts: &[&str]| {
        desk.write("suite.yaml", &with(rule));
        let error = desk.audit(None).expect_err(rule);
        for part in parts.iter().chain(&["suite.yaml:7"]) {
            assert!(error.contains(part), "{part} is not in:\n{error}");
        }
    };
    desk.write("t.csv", "v,w\n1,1\n2,2\n3,3\n4,4\n5,5\n6,6\n");
    desk.write("suite.yaml", &with("{ id: s, check: steady, column: v, max: 0.1 }"));
    desk.store("first.json", None);
    let rule_with = |id: &str, column: &str, rest: &str, file: &str| {
        format!("{{ id: {id}, check: steady, column: {column}, max: 0.1, against: {file}{rest} }}")
    };
    refused(&rule_with("s", "v", "", "gone.json"), &["`gone.json` does not exist"]);
    desk.write("text.json", "{ not json").write("other.json", "{\"format\": \"x\"}");
    refused(&rule_with("s", "v", "", "text.json"), &["`text.json` is not a result of passmuster", "--format json"]);
    refused(&rule_with("s", "v", "", "other.json"), &["`other.json` is not a result of passmuster"]);
    let first = desk.0.read("first.json");
    desk.write("next.json", &first.replace("passmuster.audit/2", "passmuster.audit/3"));
    refused(&rule_with("s", "v", "", "next.json"), &["in the format passmuster.audit/3", "update passmuster"]);
    desk.write("damaged.json", &first.replace("\"rules\":", "\"ruled\":"));
    refused(&rule_with("s", "v", "", "damaged.json"), &["is a damaged result"]);
    desk.write("suite-b.json", &sealed(&first.replace("\"name\":\"s\"", "\"name\":\"b\"")));
    refused(&rule_with("s", "v", "", "suite-b.json"), &["of the suite `b`, not of `s`"]);
    refused(&rule_with("t", "v", "", "first.json"), &["`first.json` has no rule `t`"]);
    refused(&rule_with("s", "w", "", "first.json"), &["was another rule", "of the column `v`"]);
    refused(&rule_with("s", "v", ", where: w > 1", "first.json"), &["was another rule", "without `where`"]);
    refused(&rule_with("t.well_formed", "v", "", "first.json"), &["was another rule", "`well_formed`"]);
    desk.write("absent.json", &sealed(&first.replace("\"distribution\"", "\"distributed\"")));
    refused(&rule_with("s", "v", "", "absent.json"), &["holds no distribution for `s`"]);
    desk.write("crooked.json", &sealed(&first.replace("\"edges\":[]", "\"edges\":[\"9\",\"9\"]")));
    refused(&rule_with("s", "v", "", "crooked.json"), &["has edges that do not ascend"]);
    // Of another type.
    desk.write(
        "suite.yaml",
        &with(&rule_with("s", "v", "", "first.json")).replace("v: { type: integer }", "v: { type: decimal }"),
    );
    let error = desk.audit(None).expect_err("another type");
    assert!(
        error.contains("v is decimal here and integer in the baseline") && error.contains("suite.yaml:7"),
        "{error}"
    );
    // For all rules at once.
    desk.write("suite.yaml", &with("{ id: s, check: steady, column: v, max: 0.1 }"));
    assert!(desk.audit(Some("gone.json")).expect_err("gone").contains("gone.json` does not exist"));
    desk.write("suite.yaml", &with("{ id: new, check: steady, column: v, max: 0.1 }"));
    assert_eq!(rule(&desk.audit(Some("first.json")).unwrap(), "new").status, Status::NotMeasured);
    desk.write("suite.yaml", &with("{ check: row_count, min: 1 }"));
    assert!(desk.audit(Some("first.json")).expect_err("no rule").contains("no rule compares with the baseline"));
    // What the command line names wins, and the path does not change what the suite asks.
    desk.write("suite.yaml", &with(&rule_with("s", "v", "", "first.json")));
    let own = desk.audit(None).unwrap();
    assert_eq!(rule(&own, "s").status, Status::Passed);
    fs::copy(desk.path("first.json"), desk.path("copy.json")).unwrap();
    assert_eq!(desk.audit(Some("copy.json")).unwrap(), own);
    desk.write("suite.yaml", &with("{ id: s, check: steady, column: v, max: 0.1 }"));
    assert_eq!(desk.audit(Some("copy.json")).unwrap().suite.rules_hash, own.suite.rules_hash);
}

/// Results that somebody has changed are refused before anything is read, at the place that names them.
#[test]
fn tampered_baselines_are_refused() {
    let desk = Desk::new();
    let numbers: Vec<String> = (1..=40).map(|at| format!("{at},{}", ["a", "b"][at % 2])).collect();
    desk.write("t.csv", &format!("v,c\n{}\n", numbers.join("\n")));
    let with = |rest: &str| {
        let rules =
            ["v", "c"].map(|column| format!("{{ id: {column}, check: steady, column: {column}, max: 0.1{rest} }}"));
        suite("{ v: { type: integer } }", &[&rules[0], &rules[1]])
    };
    desk.write("suite.yaml", &with(""));
    desk.store("first.json", None);
    let first: serde_json::Value = serde_json::from_str(&desk.0.read("first.json")).unwrap();
    let most = u64::MAX;
    let tampered: [(&str, &str, serde_json::Value, &str); 17] = [
        ("v", "/numbers/stddev", (-1).into(), "has a deviation below 0"),
        ("v", "/numbers/mean", serde_json::Value::Null, ""),
        ("v", "/numbers/edges/0", "900".into(), "has edges that do not ascend"),
        ("v", "/numbers/edges/0", "many".into(), "has an edge that cannot be parsed as integer"),
        ("v", "/numbers/edges/0", "NaN".into(), "has an edge that cannot be parsed as integer"),
        ("v", "/numbers/counts/0", most.into(), "has 40 values, but its parts do not add up to that"),
        ("v", "/numbers/counts/0", 6.into(), "has 40 values, but its parts do not add up to that"),
        ("v", "/numbers/counts", vec![40].into(), "has 1 parts between"),
        ("v", "/values", 41.into(), "has 41 values"),
        ("v", "/missing", most.into(), "counts more rows than there can be"),
        ("v", "/missing", (1_u64 << 53).into(), "counts more rows than there can be"),
        ("v", "/unreadable", most.into(), "counts more rows than there can be"),
        ("v", "/numbers", serde_json::Value::Null, "does not have the parts of a column that is integer"),
        ("c", "/categories/other", most.into(), "has 40 values"),
        ("c", "/categories/counts", serde_json::json!({}), "has 40 values"),
        ("c", "/categories", serde_json::Value::Null, "does not have the parts of a column that is text"),
        ("v", "/missing", (-1).into(), "is a damaged result"),
    ];
    desk.write("suite.yaml", &with(", against: changed.json"));
    for (id, pointer, value, problem) in tampered {
        let mut changed = first.clone();
        let rules = changed["datasets"][0]["rules"].as_array_mut().unwrap();
        let rule = rules.iter_mut().find(|rule| rule["id"] == id).unwrap();
        *rule["distribution"].pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = value.clone();
        desk.write("changed.json", &sealed(&changed.to_string()));
        match desk.audit(None) {
            Ok(_) => assert_eq!(problem, "", "{pointer} {value} is not refused"),
            Err(error) => {
                let line = if id == "v" { "suite.yaml:7:" } else { "suite.yaml:8:" };
                let is_told = !problem.is_empty() && error.contains(problem) && error.contains(line);
                assert!(is_told, "{pointer} {value}: {error}");
            }
        }
    }
    // What is not there cannot be compared with.
    let rules = ["{ id: v, check: steady, column: v, method: mean, max: 0.1, against: changed.json }"];
    desk.write("suite.yaml", &suite("{ v: { type: integer } }", &rules));
    let mut changed = first;
    let rules = changed["datasets"][0]["rules"].as_array_mut().unwrap();
    rules.iter_mut().find(|rule| rule["id"] == "v").unwrap()["distribution"]["numbers"]["mean"] =
        serde_json::Value::Null;
    desk.write("changed.json", &sealed(&changed.to_string()));
    let error = desk.audit(None).expect_err("no mean");
    assert!(error.contains("v had no finite mean in the baseline: take psi or ks"), "{error}");
}

#[test]
fn the_baseline_lies_beside_the_suite() {
    let desk = Desk::new();
    fs::create_dir_all(desk.path("results")).unwrap();
    desk.write("t.csv", &column("v", 1..=9))
        .write("suite.yaml", &suite("{ v: { type: integer } }", &["{ id: s, check: steady, column: v, max: 0 }"]));
    desk.store("results/last.json", None);
    desk.write(
        "suite.yaml",
        &suite(
            "{ v: { type: integer } }",
            &["{ id: s, check: steady, column: v, max: 0, against: results/last.json }"],
        ),
    );
    assert!(Path::new("results/last.json").canonicalize().is_err(), "the working folder is another");
    assert_eq!(rule(&desk.audit(None).unwrap(), "s").status, Status::Passed);
}

const SUITE: &str = r#"
suite: distributions
datasets:
  t:
    source: t.csv
    missing: [NA]
    columns:
      x: { type: decimal }
      b: { type: boolean }
    rules:
      - { id: x, check: steady, column: x, max: 1 }
      - { id: x-where, check: steady, column: x, max: 1, where: "k = 'a'" }
      - { id: k, check: steady, column: k, max: 1 }
      - { id: b, check: steady, column: b, max: 1 }
"#;

/// Edges and values of the parts, in the plainest way.
fn parts(mut values: Vec<Exact>, before: impl Fn(&Exact) -> Option<Exact>) -> (Vec<Exact>, Vec<u64>) {
    values.sort();
    let wanted = (values.len() / 5).clamp(1, 100);
    let quantiles: Vec<Exact> =
        (1..wanted).map(|part| values[(part * values.len()).div_ceil(wanted) - 1].clone()).collect();
    // A value that several quantiles share is between two edges. The parts beside it may be empty.
    let several = |edge: &&Exact| quantiles.iter().filter(|quantile| quantile == edge).count() > 1;
    let shared = quantiles.iter().filter(several);
    let alone: Vec<Exact> = shared.flat_map(|edge| before(edge).into_iter().chain([edge.clone()])).collect();
    let mut edges: Vec<Exact> = quantiles.iter().chain(&alone).cloned().collect();
    edges.sort();
    edges.dedup();
    let (mut kept, mut counts): (Vec<Exact>, Vec<u64>) = (Vec::new(), Vec::new());
    let mut under = 0;
    for edge in edges {
        let to = values.partition_point(|value| *value <= edge);
        if to - under >= 5 || to == under && alone.contains(&edge) {
            kept.push(edge);
            counts.push((to - under) as u64);
            under = to;
        }
    }
    let stays = under == values.len() && kept.last().is_some_and(|edge| alone.contains(edge));
    if values.len() - under < 5 && !stays && kept.pop().is_some() {
        under -= usize::try_from(counts.pop().unwrap()).unwrap();
    }
    counts.push((values.len() - under) as u64);
    (kept, counts)
}

/// The number just before one of the column.
fn before(rows: &[[String; 3]], kind: Kind) -> impl Fn(&Exact) -> Option<Exact> {
    let floats: Vec<f64> = rows.iter().filter_map(|row| float(&row[1]).ok().flatten()).collect();
    move |number| match kind {
        Kind::Float => {
            let float = floats.iter().find(|float| exact::of_float(**float) == *number)?.next_down();
            float.is_finite().then(|| exact::of_float(float))
        }
        Kind::Decimal => {
            let own = (0..=38).find(|places| (number * exact::power(*places)).is_integer())?;
            let digits = (0..=38).find(|digits| exact::abs(number) < exact::power(*digits))?;
            Some(number - exact::of(1, 1) / exact::power(own.max(18).min(38 - digits)))
                .filter(|number| exact::abs(number) < exact::power(38))
        }
    }
}

fn compare(rows: &[[String; 3]], kind: Kind) {
    let report = audit_everywhere(&kind.suite(SUITE), "k,x,b", rows);
    for (id, scope) in [("x", None), ("x-where", Some("a"))] {
        let scoped: Vec<&[String; 3]> = rows.iter().filter(|row| scope.is_none_or(|k| row[0] == k)).collect();
        let read: Vec<_> = scoped.iter().map(|row| kind.read(&row[1])).collect();
        let values: Vec<Exact> = read.iter().filter_map(|read| read.clone().ok().flatten()).collect();
        if values.len() < 5 {
            assert_eq!(rule(&report, id).distribution, None, "{rows:?}");
            continue;
        }
        let found = distribution(&report, id);
        let count = |wanted: Result<Option<Exact>, ()>| read.iter().filter(|read| **read == wanted).count() as u64;
        let expected = (values.len() as u64, count(Ok(None)), count(Err(())));
        assert_eq!((found.values, found.missing, found.unreadable), expected, "{rows:?}");
        let numbers = found.numbers.as_ref().unwrap();
        let size = values.iter().map(exact::abs).max().unwrap();
        let off = exact::of_float(numbers.mean.unwrap()) - exact::mean(&values).unwrap();
        assert!(exact::abs(&off) <= &size * exact::roundings(4) + exact::of_float(1e-323), "{rows:?}");
        let square = exact::variance(&values).unwrap();
        match numbers.stddev.map(exact::of_float) {
            None => assert!(square > exact::of_float(f64::MAX) * exact::of_float(f64::MAX), "{rows:?}"),
            Some(found) => {
                let slack = &square * exact::roundings(64) + &found * exact::of_float(1e-323);
                assert!(exact::abs(&(&found * &found - square)) <= slack, "{rows:?}");
            }
        }
        let (edges, counts) = parts(values, before(rows, kind));
        let found: Vec<Exact> = numbers.edges.iter().map(|edge| kind.read(edge).unwrap().unwrap()).collect();
        assert_eq!((found, numbers.counts.clone()), (edges, counts), "{rows:?}");
    }
    for (id, at, read) in [("k", 0, false), ("b", 2, true)] {
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
        let (mut missing, mut unreadable) = (0, 0);
        for row in rows {
            match text(&row[at]) {
                None => missing += 1,
                Some("true" | "false") => *counts.entry(&row[at]).or_default() += 1,
                Some(_) if read => unreadable += 1,
                Some(value) => *counts.entry(value).or_default() += 1,
            }
        }
        let values: u64 = counts.values().sum();
        if values < 5 {
            assert_eq!(rule(&report, id).distribution, None, "{rows:?}");
            continue;
        }
        let found = distribution(&report, id);
        assert_eq!((found.values, found.missing, found.unreadable), (values, missing, unreadable), "{id}: {rows:?}");
        let mut expected: Vec<u64> = counts.into_values().filter(|count| *count >= 5).collect();
        let other = values - expected.iter().sum::<u64>();
        let categories = found.categories.as_ref().unwrap();
        let mut found: Vec<u64> = categories.counts.values().copied().collect();
        expected.sort_unstable();
        found.sort_unstable();
        assert_eq!((found, categories.other), (expected, other), "{id}: {rows:?}");
    }
}

fn rows(most: usize) -> impl Strategy<Value = Vec<[String; 3]>> {
    const NEAR: &[&str] = &["", "1.5", "-2", "1e3", "nan", "0.1", "2.0", "8", "0.25", "3.25", "7"];
    let row = |x| {
        (one_of(&["", "NA", "a", "a", "b", "c", "Nguyễn"]), one_of(x), one_of(&["", "true", "false", "maybe"]))
            .prop_map(|(k, x, b)| [k, x, b])
    };
    prop::sample::select(vec![NEAR, FAR_DECIMALS, NEAR_NOTHING, LONG_DECIMALS])
        .prop_flat_map(move |x| prop::collection::vec(row(x), 0..most))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 90, ..ProptestConfig::default() })]

    #[test]
    fn distributions_agree_with_the_reference(rows in rows(90), kind in Kind::any()) {
        compare(&rows, kind);
    }
}

#[test]
fn distributions_of_one_kind_of_row_agree_too() {
    let compare = |rows: &[[String; 3]]| [Kind::Decimal, Kind::Float].map(|kind| compare(rows, kind));
    let one = ["a", "1.5", "true"].map(str::to_owned);
    compare(&[]);
    compare(std::slice::from_ref(&one));
    compare(&vec![one; 70]);
    compare(&vec![["", "", ""].map(str::to_owned); 65]);
    let many: Vec<[String; 3]> = (0..1_500_u32)
        .map(|at| [format!("k{}", at % 70), format!("{}.5", at * at % 977), "false".to_owned()])
        .collect();
    compare(&many);
}
