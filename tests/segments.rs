//! Rows grouped by `segment`, and rules for each of several columns.

use std::collections::BTreeMap;
use std::path::Path;

use passmuster::engine::MemoryLimit;
use passmuster::model::{AuditReport, SegmentValue, SegmentsReport, Status};
use proptest::prelude::*;

use crate::parity::{Kind, integer, reference, text};
use crate::support::audits::{ALL_MEMORY, audit_files, json, options, run, run_within};
use crate::support::folder::Folder;
use crate::support::reports::{Counts, rules};
use crate::support::two_tables::{self, ALLOWED_FAILURES, CODES, Row, SUITE, TwoTables, partner, row};

/// Passed, failed and not applicable rows of a group.
type Outcomes = [u64; 3];

/// What the report must say of groups: those shown, and those that are shown as one.
fn shown(
    groups: &BTreeMap<Vec<SegmentValue>, Outcomes>,
) -> (BTreeMap<Vec<SegmentValue>, Outcomes>, Option<[u64; 3]>, u64) {
    let judged = |outcomes: &Outcomes| outcomes[0] + outcomes[1];
    let empty = groups.values().filter(|outcomes| judged(outcomes) == 0).count() as u64;
    let mut left: Vec<_> = groups.iter().filter(|(_, outcomes)| judged(outcomes) > 0).collect();
    left.sort_by_key(|(values, outcomes)| (judged(outcomes), (*values).clone()));
    let (mut few, mut together) = (0, [0, 0]);
    let mut at = 0;
    // The smallest ones first, until nothing can be worked out.
    while let Some((_, outcomes)) = left.get(at)
        && (judged(outcomes) < 5 || (few > 0 && together[0] + together[1] < 5))
    {
        few += 1;
        together[0] += outcomes[0];
        together[1] += outcomes[1];
        at += 1;
    }
    let rest = left[at..].iter().map(|(values, outcomes)| ((*values).clone(), **outcomes)).collect();
    (rest, (few > 0).then_some([few, together[0], together[1]]), empty)
}

fn compare_groups(id: &str, report: &SegmentsReport, groups: &BTreeMap<Vec<SegmentValue>, Outcomes>) {
    let (expected, together, empty) = shown(groups);
    let found: BTreeMap<Vec<SegmentValue>, Outcomes> = report
        .shown
        .iter()
        .map(|group| {
            assert_eq!(group.evaluated, group.passed + group.failed);
            (group.values.clone(), [group.passed, group.failed, group.not_applicable])
        })
        .collect();
    let few = report.suppressed.map(|few| [few.groups, few.passed, few.failed]);
    // Which of equally small groups joins the others does not matter.
    if few.is_some_and(|few| few[0] > 0) && few != together {
        let sum = |groups: &BTreeMap<_, Outcomes>, few: Option<[u64; 3]>| {
            let few = few.unwrap_or_default();
            groups.values().fold([few[1], few[2]], |sum, group| [sum[0] + group[0], sum[1] + group[1]])
        };
        assert_eq!((sum(&found, few), found.len()), (sum(&expected, together), expected.len()), "{id}");
    } else {
        assert_eq!((&found, few), (&expected, together), "{id}");
    }
    assert_eq!(report.not_measured, empty, "{id}");
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
                Some(segments) => compare_groups(id, segments, &groups),
                None => assert_eq!(rule.status, Status::NotMeasured, "{id}"),
            }
        }
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
