//! Rows grouped by `segment`, and rules for each of several columns.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use passmuster::engine::MemoryLimit;
use passmuster::model::{AuditReport, SegmentValue, SegmentsReport, Status};
use proptest::prelude::*;

use crate::parity::{Kind, integer, reference, text};
use crate::support::audits::{ALL_MEMORY, audit_files, json, options, run, run_within};
use crate::support::folder::Folder;
use crate::support::program::{code, run as program, stdout};
use crate::support::reports::{Counts, rules};
use crate::support::two_tables::{self, ALLOWED_FAILURES, CODES, Row, SUITE, TwoTables, partner, row};

/// Passed, failed and not applicable rows of a group.
type Outcomes = [u64; 3];

/// The outcomes of the groups of a rule.
type Groups = BTreeMap<Vec<SegmentValue>, Outcomes>;

const fn judged(outcomes: &Outcomes) -> u64 {
    outcomes[0] + outcomes[1]
}

/// Whether the groups of a rule are shown with the right counts, or as one. Gives those that are not shown.
fn compare_groups(id: &str, report: &SegmentsReport, groups: &Groups) -> BTreeSet<Vec<SegmentValue>> {
    for group in &report.shown {
        assert_eq!(group.evaluated, group.passed + group.failed);
        let found = [group.passed, group.failed, group.not_applicable];
        assert_eq!(Some(&found), groups.get(&group.values), "{id}");
    }
    let is_shown = |values: &Vec<SegmentValue>| report.shown.iter().any(|group| group.values == *values);
    let hidden: Groups = groups
        .iter()
        .filter(|(values, outcomes)| judged(outcomes) > 0 && !is_shown(values))
        .map(|(values, outcomes)| (values.clone(), *outcomes))
        .collect();
    let sum = |at: usize| hidden.values().map(|outcomes| outcomes[at]).sum::<u64>();
    let few = report.suppressed.map(|few| [few.groups, few.passed, few.failed]);
    let expected = (!hidden.is_empty()).then(|| [hidden.len() as u64, sum(0), sum(1)]);
    assert_eq!(few, expected, "{id}");
    let safe = hidden.len() >= 2 && sum(0) + sum(1) >= 5;
    assert!(hidden.is_empty() || report.shown.is_empty() || safe, "{id}");
    let empty = groups.values().filter(|outcomes| judged(outcomes) == 0).count() as u64;
    assert_eq!(report.not_measured, empty, "{id}");
    hidden.into_keys().collect()
}

/// A group that one rule hides is hidden by every rule, and no group is hidden without a small one.
fn compare_rules(rules: &[(&str, &SegmentsReport, Groups)]) {
    let hidden: BTreeSet<Vec<SegmentValue>> =
        rules.iter().flat_map(|(id, report, groups)| compare_groups(id, report, groups)).collect();
    for (id, report, _) in rules {
        assert!(report.shown.iter().all(|group| !hidden.contains(&group.values)), "{id}");
    }
    let small = rules.iter().flat_map(|(.., groups)| groups).filter(|(_, outcomes)| (1..5).contains(&judged(outcomes)));
    let small: BTreeSet<_> = small.map(|(values, _)| values.clone()).collect();
    assert!(small.is_subset(&hidden) && small.is_empty() == hidden.is_empty());
}

/// Audits with every rule on grouped rows, and compares each group with the reference on its rows alone.
fn compare(t: &[Row], p: &[[String; 3]], by: &[&str]) {
    let mut suite = SUITE.to_owned();
    let keyed = ["unique", "unique-n", "orphan", "agrees"];
    for id in ALLOWED_FAILURES.iter().map(|(id, _)| *id).chain(keyed) {
        suite = suite.replace(&format!("{{ id: {id},"), &format!("{{ id: {id}, segment: [{}],", by.join(", ")));
    }
    let TwoTables { folder: _folder, suite, parquet } = two_tables::write(&suite, CODES, t, p);
    let as_csv = run(&suite, &[], 1);
    let as_parquet = run(&suite, &parquet[..1], 2);
    let spilled = run_within(MemoryLimit::Keys(0), &suite, &[], 16);
    assert_eq!(json(&as_csv), json(&spilled));

    let value = |row: &Row, name: &str| match name {
        "k" => text(&row[4]).map_or(SegmentValue::Missing, |k| SegmentValue::Value(k.to_owned())),
        _ => match integer(&row[1]) {
            Ok(Some(n)) => SegmentValue::Value(n.to_string()),
            Ok(None) => SegmentValue::Missing,
            Err(()) => SegmentValue::Unreadable,
        },
    };
    let values = |row: &Row| -> Vec<SegmentValue> { by.iter().map(|name| value(row, name)).collect() };
    let mut parts: BTreeMap<Vec<SegmentValue>, Vec<Row>> = BTreeMap::new();
    for row in t {
        parts.entry(values(row)).or_default().push(row.clone());
    }
    let references: BTreeMap<&Vec<SegmentValue>, BTreeMap<&str, Counts>> =
        parts.iter().map(|(values, rows)| (values, reference(rows, p, Kind::Decimal))).collect();
    // Whether a key occurs twice depends on all rows; the group only says where the row is.
    let twice = |key: &dyn Fn(&Row) -> Result<Option<String>, ()>| -> BTreeMap<Vec<SegmentValue>, Outcomes> {
        let mut groups: BTreeMap<Vec<SegmentValue>, Outcomes> = BTreeMap::new();
        for row in t {
            let outcome = match key(row) {
                Err(()) => 1,
                Ok(None) => 2,
                Ok(mine) => usize::from(t.iter().filter(|other| key(other) == Ok(mine.clone())).count() > 1),
            };
            groups.entry(values(row)).or_default()[outcome] += 1;
        }
        groups
    };
    for report in [&as_csv, &as_parquet] {
        let rules = rules(report);
        let mut grouped = Vec::new();
        for id in ALLOWED_FAILURES.iter().map(|(id, _)| *id).chain(keyed) {
            let groups: BTreeMap<Vec<SegmentValue>, Outcomes> = match id {
                "unique" => twice(&|row| Ok(text(&row[4]).map(str::to_owned))),
                "unique-n" => twice(&|row| integer(&row[1]).map(|n| n.map(|n| n.to_string()))),
                _ => references
                    .iter()
                    .map(|(values, counts)| {
                        let Counts { passed, failed, not_applicable, .. } = counts[id];
                        ((*values).clone(), [passed, failed, not_applicable])
                    })
                    .collect(),
            };
            let rule = rules[id];
            match &rule.segments {
                Some(segments) => grouped.push((id, segments, groups)),
                // Its groups have no row to judge.
                None => assert_eq!(rule.status, Status::NotMeasured, "{id}"),
            }
        }
        compare_rules(&grouped);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn every_group_agrees_with_the_reference(
        t in prop::collection::vec(row(), 0..60),
        p in prop::collection::vec(partner(), 0..8),
        by in prop::sample::select(vec![vec!["k"], vec!["n"], vec!["k", "n"]]),
    ) {
        compare(&t, &p, &by);
    }
}

fn audit(suite: &str, data: &str) -> AuditReport {
    audit_files(&[("suite.yaml", suite), ("d.csv", data)])
}

#[test]
fn a_group_that_misses_the_threshold_fails_the_rule() {
    let suite = "suite: s\ndatasets:\n  d:\n    source: d.csv\n    rules:\n      \
                 - { id: r, check: required, column: v, at_least: 80%, segment: s }\n";
    // 16 of 20 pass, but only 6 of 10 in b.
    let lines = (0..20).map(|n| format!("{},{}\n", if n < 10 { "a" } else { "b" }, if n >= 16 { "" } else { "1" }));
    let report = audit(suite, &format!("s,v\n{}", lines.collect::<String>()));
    let rules = rules(&report);
    assert_eq!((rules["r"].passed, rules["r"].failed, rules["r"].status), (16, 4, Status::Failed));
    let segments = rules["r"].segments.as_ref().unwrap();
    let shown: Vec<(String, u64, u64, bool)> = segments
        .shown
        .iter()
        .map(|group| (group.values[0].to_string(), group.passed, group.failed, group.meets))
        .collect();
    assert_eq!(shown, [("b".to_owned(), 6, 4, false), ("a".to_owned(), 10, 0, true)]);
    assert_eq!((segments.failing, segments.suppressed, segments.not_measured), (1, None, 0));
}

/// Ten provinces of 20 rows; of `p0` three rows have a `w`, and no `v` of `p1` is there.
const PROVINCES: &str = "suite: s\ndatasets:\n  d:\n    source: d.csv\n    rules:\n      \
                         - { id: all, check: required, column: v, at_least: 50%, segment: s }\n      \
                         - { id: few, check: required, column: v, where: \"w = '1'\", at_least: 50%, segment: s }\n";

fn provinces() -> String {
    let line = |row: u32| {
        let (province, at) = (row / 20, row % 20);
        let (v, w) = (if province == 1 { "" } else { "1" }, if province > 0 || at < 3 { "1" } else { "0" });
        format!("p{province},{v},{w}\n")
    };
    "s,v,w\n".to_owned() + &(0..200).map(line).collect::<String>()
}

#[test]
fn a_group_that_is_small_in_one_rule_is_hidden_in_all() {
    let report = audit(PROVINCES, &provinces());
    let rules = rules(&report);
    for (id, counts) in [("all", (2, 40, 20, 20)), ("few", (2, 23, 3, 20))] {
        let segments = rules[id].segments.as_ref().unwrap();
        // p1 would give p0 away, and is judged by itself nevertheless: half of all 40 rows pass, and none of its own.
        let few = segments.suppressed.unwrap();
        assert_eq!((few.groups, few.evaluated, few.passed, few.failed), counts, "{id}");
        let shown: Vec<String> = segments.shown.iter().map(|group| group.values[0].to_string()).collect();
        assert_eq!(shown, ["p2", "p3", "p4", "p5", "p6", "p7", "p8", "p9"], "{id}");
        assert_eq!((few.meets, segments.failing, rules[id].status), (false, 1, Status::Failed), "{id}");
    }
    let apart = |id: &str| rules[id].segments.as_ref().unwrap().suppressed.unwrap().judged_apart;
    assert!(apart("all") && !apart("few"));
    // Alone the first rule shows each province.
    let first = PROVINCES.lines().filter(|line| !line.contains("id: few")).map(|line| format!("{line}\n"));
    let report = audit(&first.collect::<String>(), &provinces());
    assert_eq!(self::rules(&report)["all"].segments.as_ref().unwrap().shown.len(), 10);
}

#[test]
fn what_a_result_hides_is_not_judged_again_by_another_threshold() {
    let folder = Folder::of(&[("suite.yaml", PROVINCES), ("d.csv", &provinces())]);
    let audited = program(&folder, &["audit", "suite.yaml", "--format", "json", "--output", "result.json", "-q"]);
    assert_eq!(code(&audited), 1);
    let judge = |suite: &str| -> AuditReport {
        folder.write("changed.yaml", suite);
        let output = program(&folder, &["judge", "result.json", "changed.yaml", "--format", "json", "-q"]);
        serde_json::from_str(&stdout(&output)).unwrap()
    };
    let same = judge(PROVINCES);
    assert_eq!(rules(&same)["all"].segments, rules(&audit(PROVINCES, &provinces()))["all"].segments);
    let changed = judge(&PROVINCES.replace("50%", "40%"));
    assert_eq!(changed.judged.as_ref().unwrap().need_data, ["all"]);
    let rules = rules(&changed);
    assert_eq!((rules["all"].status, rules["few"].status), (Status::Errored, Status::Failed));
    let reason = rules["all"].reason.as_ref().unwrap();
    assert!(reason.contains("needs the data: the result hides the counts of groups"), "{reason}");
}

#[test]
fn too_many_groups_are_an_error_and_no_verdict() {
    let suite = "suite: s\ndatasets:\n  d:\n    source: d.csv\n    rules:\n      \
                 - { id: r, check: required, column: v, segment: s }\n";
    let data = |groups: u32| (0..groups).fold("s,v\n".to_owned(), |data, n| data + &format!("{n},1\n"));
    let report = audit(suite, &data(10_000));
    assert_eq!(rules(&report)["r"].segments.as_ref().unwrap().suppressed.map(|few| few.groups), Some(10_000));
    let report = audit(suite, &data(10_001));
    let rule = rules(&report)["r"];
    assert_eq!(rule.status, Status::Errored);
    assert!(rule.reason.as_ref().unwrap().contains("more than 10000 groups by s"), "{:?}", rule.reason);
}

#[test]
fn each_column_gets_a_rule_of_its_own() {
    let suite = "suite: s\ndatasets:\n  d:\n    source: d.csv\n    columns:\n      \
                 \"*_on\": { type: date, required: true }\n      died_on: { type: text }\n    rules:\n      \
                 - { id: small, check: range, each: [\"score_*\", extra], max: 9 }\n      \
                 - { id: key, check: unique, each: extra }\n";
    let data = "score_1,score_2,extra,born_on,died_on\n1,10,3,2020-01-01,\n2,x,3,never,\n";
    let report = audit(suite, data);
    let rules = rules(&report);
    let counts = |id: &str| [rules[id].passed, rules[id].failed, rules[id].unreadable];
    assert_eq!(counts("small.score_1"), [2, 0, 0]);
    assert_eq!(counts("small.score_2"), [0, 2, 1]);
    assert_eq!(counts("small.extra"), [2, 0, 0]);
    assert_eq!(counts("key.extra"), [0, 2, 0]);
    assert_eq!(counts("d.born_on.required"), [2, 0, 0]);
    assert_eq!(counts("d.born_on.type"), [1, 1, 1]);
    let ids: Vec<&str> = rules.keys().copied().collect();
    let expected = [
        "d.born_on.required",
        "d.born_on.type",
        "d.well_formed",
        "key.extra",
        "small.extra",
        "small.score_1",
        "small.score_2",
    ];
    assert_eq!(ids, expected, "died_on has a declaration of its own");
    assert_eq!(rules["small.score_1"].columns, ["score_1"]);
    assert!(rules["small.score_1"].title.starts_with("score_1: "), "{}", rules["small.score_1"].title);
}

#[test]
fn names_that_no_column_has_are_told() {
    let suite = "suite: s\ndatasets:\n  d:\n    source: d.csv\n    rules:\n      \
                 - { id: r, check: required, each: [\"z_*\", scor, score] }\n";
    let report = audit(suite, "score\n1\n");
    let rules = rules(&report);
    assert_eq!(rules["r.score"].status, Status::Passed);
    assert_eq!(rules["r"].status, Status::Errored);
    assert!(rules["r"].reason.as_ref().unwrap().contains("no column is called `z_*`"), "{:?}", rules["r"].reason);
    let folder = Folder::new();
    folder.write("d.csv", "score\n1\n");
    folder.write("suite.yaml", suite);
    let error = bound_errors(&folder.path("suite.yaml"));
    assert!(error.contains("no column is called `z_*`") && error.contains("did you mean `score`?"), "{error}");
}

/// What the program says of rules that do not fit the data.
fn bound_errors(suite: &Path) -> String {
    let options = options(ALL_MEMORY, &[], 1);
    let audited = passmuster::audit::audit(&[suite.to_owned()], &options, &()).unwrap();
    audited.diagnostics.map(|diagnostics| diagnostics.render(false)).unwrap_or_default()
}
