//! The shapes of failing values in a result.

use std::collections::BTreeMap;

use passmuster::audit::AuditOptions;
use passmuster::engine::MemoryLimit;
use passmuster::model::{AuditReport, ShapesReport, Share};
use proptest::prelude::*;

use crate::support::audits::{ALL_MEMORY, audit_everywhere, audit_files, audit_with, json, options, run, run_within};
use crate::support::folder::Folder;
use crate::support::program::{code, run as program, stderr, stdout};
use crate::support::reports::{rule, said};

/// A suite with these rules over the dataset `d`.
fn suite(columns: &str, rules: &[&str]) -> String {
    let rules = rules.iter().fold(String::new(), |rules, rule| rules + &format!("      - {{ {rule} }}\n"));
    format!("suite: s\ndatasets:\n  d:\n    source: d.csv\n    columns: {{ {columns} }}\n    rules:\n{rules}")
}

/// The shapes of a rule as one line: what is shown, then values and number of the other shapes.
fn shapes(report: &AuditReport, id: &str) -> Option<String> {
    rule(report, id).shapes.as_ref().map(line)
}

fn line(shapes: &ShapesReport) -> String {
    let shown = shapes.shown.iter().map(|shown| format!("{} {}", shown.shape, shown.values));
    let other = shapes.other.map(|other| format!("{} in {}", other.values, other.shapes));
    let too_many = shapes.too_many.then(|| "too many".to_owned());
    shown.chain(other).chain(too_many).collect::<Vec<_>>().join(", ")
}

/// One column `v` with each value so many times.
fn column(values: &[(&str, usize)]) -> String {
    let lines = values.iter().map(|(value, times)| format!("{value}\n").repeat(*times));
    std::iter::once("v,w\n".to_owned()).chain(lines.map(|lines| lines.replace('\n', ",\n"))).collect()
}

#[test]
fn failing_values_are_shown_by_their_shape() {
    let rules = ["id: r, check: matches, column: v, pattern: '[0-9]{12}'"];
    // 12 digits pass; missing values are not judged.
    let data =
        column(&[("079203001234", 9), ("", 7), ("79203001234", 20), ("A1234567", 6), ("B7654321", 3), ("x y", 8)]);
    let report = audit_files(&[("suite.yaml", &suite("", &rules)), ("d.csv", &data)]);
    assert_eq!(rule(&report, "r").failed, 37);
    assert_eq!(shapes(&report, "r").unwrap(), "9{11} 20, A9{7} 9, a a 8");
    assert_eq!(rule(&report, "r").shapes.as_ref().unwrap().column, "v");
    let said = said(&report);
    for value in ["79203001234", "A1234567", "B7654321", "x y"] {
        assert!(!said.contains(value), "{value}");
    }
}

#[test]
fn few_values_are_never_shown() {
    let rules = ["id: r, check: forbidden, column: v, values: [a, '12', bb, 'c-', 'D.']"];
    let shown = |data: &str| {
        let report = audit_files(&[("suite.yaml", &suite("", &rules)), ("d.csv", data)]);
        shapes(&report, "r")
    };
    // Nothing fails, or 4 values do.
    assert_eq!(shown(&column(&[("x", 9)])), None);
    assert_eq!(shown(&column(&[("x", 9), ("a", 4)])).unwrap(), "4 in 1");
    // 37 - 30 would be the two bb and five digits: the two would stand alone.
    assert_eq!(shown(&column(&[("a", 30), ("12", 5), ("bb", 2)])).unwrap(), "a 30, 7 in 2");
    assert_eq!(shown(&column(&[("a", 30), ("12", 5), ("bb", 2), ("c-", 3)])).unwrap(), "a 30, 99 5, 5 in 2");
}

/// Each check that judges the values of one column has shapes, and no other check.
#[test]
fn rules_about_one_column_have_shapes() {
    let rules = [
        "id: matches, check: matches, column: v, pattern: x",
        "id: not_matches, check: not_matches, column: v, pattern: .*",
        "id: allowed, check: allowed, column: v, values: [x]",
        "id: forbidden, check: forbidden, column: v, values: [Ab-1]",
        "id: length, check: length, column: v, max: 3",
        "id: type, check: type, column: v, as: integer",
        "id: identifier, check: identifier, column: v, kind: iban",
        "id: range, check: range, column: n, max: 5",
        "id: not_future, check: not_future, column: day",
        "id: not_before, check: not_before, column: day, date: 2031-01-01",
        "id: expect, check: expect, that: n < 5 and n <> 5",
        "id: tidy, check: tidy, columns: t",
        // Several columns, missing values, and rows that turn out to fail once all were seen.
        "id: two, check: expect, that: n < length(v)",
        "id: required, check: required, column: w",
        "id: unique, check: unique, column: v",
        "id: exists_in, check: exists_in, column: v, dataset: d, key: w",
        "id: uniform, check: uniform, column: v, as: date",
    ];
    let suite = suite("n: { type: integer }, day: { type: date }", &rules);
    let data = "v,n,day,w,t\n".to_owned() + &"Ab-1,123,2030-12-31,,a  b\n".repeat(5);
    let report = audit_files(&[("suite.yaml", &suite), ("d.csv", &data)]);
    for (id, expected) in [
        ("matches", "Aa-9 5"),
        ("not_matches", "Aa-9 5"),
        ("allowed", "Aa-9 5"),
        ("forbidden", "Aa-9 5"),
        ("length", "Aa-9 5"),
        ("type", "Aa-9 5"),
        ("identifier", "Aa-9 5"),
        ("range", "999 5"),
        ("not_future", "9{4}-99-99 5"),
        ("not_before", "9{4}-99-99 5"),
        ("expect", "999 5"),
        ("tidy", "a  a 5"),
    ] {
        assert_eq!(rule(&report, id).failed, 5, "{id}: {:?}", rule(&report, id).reason);
        assert_eq!(shapes(&report, id).as_deref(), Some(expected), "{id}");
    }
    for id in ["two", "required", "unique", "exists_in", "uniform"] {
        assert_eq!(shapes(&report, id), None, "{id}");
    }
}

/// A row can fail because it is unknown whether it is in scope: its value is counted, and a missing one is not.
#[test]
fn rows_of_an_unparseable_condition_have_the_shape_of_their_value() {
    let rules = ["id: r, check: matches, column: v, pattern: x, where: n > 5"];
    let suite = suite("n: { type: integer }", &rules);
    let data = "v,n\n".to_owned() + &"12,oops\n".repeat(6) + &",oops\n".repeat(3) + &"x,9\n34,1\n5,9\n".repeat(5);
    let report = audit_files(&[("suite.yaml", &suite), ("d.csv", &data)]);
    assert_eq!(rule(&report, "r").failed, 14);
    assert_eq!(shapes(&report, "r").unwrap(), "99 6, 9 5");
}

#[test]
fn more_than_a_thousand_shapes_are_too_many() {
    let rules = ["id: r, check: matches, column: v, pattern: x", "id: n, check: range, column: n, max: 0"];
    let folder = Folder::new();
    // So many different shapes of a and 9, one in each row.
    let bits = |number: usize| (0..11).map(|bit| if number >> bit & 1 == 0 { 'a' } else { '9' }).collect::<String>();
    for (different, expected) in [(1_000, "6000 in 1000"), (1_001, "too many")] {
        let lines = (0..different * 6).map(|row| format!("{},1\n", bits(row % different)));
        folder.write("d.csv", format!("v,n\n{}", lines.collect::<String>()));
        let suite = folder.write("suite.yaml", suite("n: { type: integer }", &rules));
        let report = run(&suite, &[], 1);
        let shown = shapes(&report, "r").unwrap();
        if different == 1_000 {
            // Six of each: the five first are shown.
            let (first, rest) = shown.rsplit_once(", ").unwrap();
            assert_eq!((first.split(", ").count(), rest), (5, "5970 in 995"));
        } else {
            assert_eq!(shown, expected);
        }
        assert_eq!(shapes(&report, "n").unwrap(), format!("9 {}", different * 6));
        for (threads, memory) in [(2, ALL_MEMORY), (16, MemoryLimit::Keys(0))] {
            assert_eq!(json(&report), json(&run_within(memory, &suite, &[], threads)));
        }
    }
}

#[test]
fn hostile_values_have_harmless_shapes() {
    let rules = [
        "id: r, check: forbidden, column: v, values: [x], where: v = 'x'",
        "id: m, check: matches, column: v, pattern: x",
    ];
    let hostile = "=cmd|'/C calc'!A0 \u{1b}[31m\u{202e}\u{200b}{9}\u{7f}";
    let data = format!("v\n{}", format!("{hostile}\n").repeat(5));
    let folder = Folder::of(&[("suite.yaml", &suite("", &rules)), ("d.csv", &data)]);
    let report = run(&folder.path("suite.yaml"), &[], 2);
    assert_eq!(shapes(&report, "m").unwrap(), "=aaa|'/A a{4}'!A9 □[99a□□•9•□ 5");
    let output = program(&folder, &["audit", "suite.yaml", "-v"]);
    assert_eq!(code(&output), 1, "{}", stderr(&output));
    let table = stdout(&output);
    assert!(table.contains("shapes: \"=aaa|'/A a{4}'!A9 □[99a□□•9•□\" 5"), "{table}");
    assert!(!stdout(&program(&folder, &["audit", "suite.yaml"])).contains("shapes:"));
}

#[test]
fn judging_again_keeps_shapes() {
    let rules = ["id: r, check: matches, column: v, pattern: x"];
    let folder = Folder::of(&[("suite.yaml", &suite("", &rules)), ("d.csv", &column(&[("12", 7), ("x", 9)]))]);
    let audited = program(&folder, &["audit", "suite.yaml", "--format", "json", "--output", "result.json", "-q"]);
    assert_eq!(code(&audited), 1);
    folder.write("lenient.yaml", suite("", &["id: r, check: matches, column: v, pattern: x, at_most: 90%"]));
    let judged = program(&folder, &["judge", "result.json", "lenient.yaml", "--format", "json", "-q"]);
    assert_eq!(code(&judged), 0, "{}", stderr(&judged));
    let report: AuditReport = serde_json::from_str(&stdout(&judged)).unwrap();
    assert_eq!(shapes(&report, "r").unwrap(), "99 7");
}

#[test]
fn a_sample_has_its_shapes_and_a_stopped_audit_none() {
    let rules = ["id: r, check: matches, column: v, pattern: x, severity: critical"];
    let lines: String = (0..200_000).map(|row| if row % 4 == 0 { "x\n" } else { "123\n" }).collect();
    let folder = Folder::of(&[("suite.yaml", &suite("", &rules)), ("d.csv", &format!("v\n{lines}"))]);
    let path = folder.path("suite.yaml");
    let sampled = audit_with(&path, &AuditOptions { sample: Share::parse("10%"), ..options(ALL_MEMORY, &[], 2) });
    let failed = rule(&sampled, "r").failed;
    assert!(failed < 150_000);
    assert_eq!(shapes(&sampled, "r").unwrap(), format!("999 {failed}"));
    let stopped = audit_with(&path, &AuditOptions { stop_early: true, ..options(ALL_MEMORY, &[], 2) });
    assert!(rule(&stopped, "r").partial);
    assert_eq!(shapes(&stopped, "r"), None);
}

/// A shape, worked out otherwise: character by character, then runs of the result.
fn naive_shape(text: &str) -> String {
    let kinds: Vec<char> = text
        .chars()
        .map(|c| match c {
            'a'..='z' | 'ử' => 'a',
            'A'..='Z' | 'Đ' => 'A',
            '0'..='9' => '9',
            '\u{200b}' | '\t' => '□',
            '–' => '•',
            c => c,
        })
        .collect();
    kinds
        .chunk_by(|a, b| a == b)
        .map(|run| if run.len() > 3 { format!("{}{{{}}}", run[0], run.len()) } else { run.iter().collect() })
        .collect()
}

/// What is to be shown of failing values, by the definition.
fn expected(values: &[&str]) -> Option<String> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for value in values {
        *counts.entry(naive_shape(value)).or_default() += 1;
    }
    let mut ranked: Vec<(String, u64)> = counts.into_iter().collect();
    ranked.sort_by_key(|(shape, count)| (u64::MAX - count, shape.clone()));
    let mut shown: Vec<(String, u64)> = Vec::new();
    while shown.len() < 5 && ranked.first().is_some_and(|(_, count)| *count >= 5) {
        shown.push(ranked.remove(0));
    }
    let left = |ranked: &[(String, u64)]| ranked.iter().map(|(_, count)| count).sum::<u64>();
    if (1..5).contains(&left(&ranked)) {
        ranked.extend(shown.pop());
    }
    let mut parts: Vec<String> = shown.iter().map(|(shape, count)| format!("{shape} {count}")).collect();
    if !ranked.is_empty() {
        parts.push(format!("{} in {}", left(&ranked), ranked.len()));
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    /// In every format, with every number of threads, within every limit of memory, and in every engine.
    #[test]
    fn shapes_agree_with_the_definition(
        rows in prop::collection::vec(("|NA|[a-c]{1,2}|A[0-9]{4}|[0-9]{1,5}| ?Đử–x\u{200b}?|a\ta", "|[0-9]{1,4}|x|-3"), 0..60),
    ) {
        let suite = "suite: s\ndatasets:\n  t:\n    source: t.csv\n    missing: [NA]\n    columns: { n: { type: integer } }\n    \
                     rules:\n      - { id: text, check: matches, column: v, pattern: '[0-9]+' }\n      \
                     - { id: number, check: range, column: n, max: 99 }\n";
        let rows: Vec<[String; 2]> = rows.into_iter().map(|(v, n)| [v, n]).collect();
        let report = audit_everywhere(suite, "v,n", &rows);
        let is_missing = |cell: &str| cell.trim().is_empty() || cell == "NA";
        let texts = rows.iter().map(|[v, _]| v.as_str()).filter(|v| !is_missing(v));
        let texts: Vec<&str> = texts.filter(|v| !v.bytes().all(|byte| byte.is_ascii_digit())).collect();
        prop_assert_eq!(shapes(&report, "text"), expected(&texts));
        let numbers = rows.iter().map(|[_, n]| n.as_str()).filter(|n| !is_missing(n));
        let numbers: Vec<&str> = numbers.filter(|n| n.parse::<i32>().map_or(true, |n| n > 99)).collect();
        prop_assert_eq!(shapes(&report, "number"), expected(&numbers));
    }
}
