//! Small cases in which a count could be read differently from the documentation. Each gives the sentence that decides it.

use passmuster::model::{RuleReport, Status};

use crate::support::audits::audit_files;

/// Audits `d.csv` (and `e.csv`) by rules, and returns the rule of that id.
fn rule(columns: &str, rules: &str, d: &str, e: &str, id: &str) -> RuleReport {
    let suite = format!(
        "suite: s\nas_of: 2026-11-01\ndatasets:\n  d:\n    source: d.csv\n    columns: {{ {columns} }}\n    rules:\n{rules}  e: {{ source: e.csv }}\n"
    );
    let report = audit_files(&[("suite.yaml", &suite), ("d.csv", d), ("e.csv", e)]);
    let mut rules = report.datasets.into_iter().flat_map(|dataset| dataset.rules);
    rules.find(|rule| rule.id == id).unwrap()
}

const E: &str = "id\n1\n";

/// "Unparseable values are left out and counted, once for each column or expression."
#[test]
fn a_value_that_several_aggregates_leave_out_is_counted_once() {
    let rules =
        "      - { id: r, check: aggregate, that: \"min(x) > 0 and max(x) < 9 and avg(x) > 1 and count(*) > 0\" }\n";
    let found = rule("x: { type: integer }", rules, "x\n5\nbad\n7\n", E, "r");
    assert_eq!((found.status, found.unreadable), (Status::Passed, 1));
    assert!(found.observed.ends_with("1 unparseable value left out"), "{}", found.observed);
    assert_eq!(found.details["unreadable_values"], 1);
}

/// "`date_diff(a, b)` is the days of the calendar from `b` to `a`, whatever the time of day."
#[test]
fn date_diff_counts_days_of_the_calendar_and_other_units() {
    for (that, passes) in [
        ("date_diff(closed, opened) = 5", true),
        ("date_diff(opened, closed) = -5", true),
        ("date_diff(closed, opened, 'day') = 5", true),
        ("date_diff(closed, opened, 'hour') = 97", true),
        ("date_diff(closed, opened, 'minute') = 5821", true),
        ("date_diff(closed, opened, 'second') = 349260", true),
        ("date_diff(closed, opened, 'week') = 0", true),
        ("date_diff(closed, opened, 'month') = 0", true),
        ("date_diff(closed, '2020-01-06', 'year') = 3", true),
        ("date_diff(closed, '2020-01-05', 'year') = 4", true),
        ("date_diff(closed, '2023-12-05', 'month') = 1", true),
        ("date_diff(closed, opened) = 4", false),
    ] {
        let rules = format!("      - {{ id: r, check: expect, that: \"{that}\" }}\n");
        let columns = "opened: { type: datetime }, closed: { type: date }";
        let found = rule(columns, &rules, "opened,closed\n2023-12-31T22:59:00,2024-01-05\n", E, "r");
        assert_eq!((found.evaluated, found.passed == 1), (1, passes), "{that}: {found:?}");
    }
}

/// "If several fit equally many, it is the first of them in this list."
#[test]
fn of_formats_that_fit_equally_many_the_first_listed_wins() {
    let failing = |family: &str, values: &str| {
        let rules = format!("      - {{ id: r, check: uniform, column: v, as: {family} }}\n");
        let found = rule("v: { type: text }", &rules, &format!("v\n{values}"), E, "r");
        found.failing_rows.iter().map(|row| row.record).collect::<Vec<_>>()
    };
    assert_eq!(failing("date", "01/2011\n19-2-2020\n"), [1]);
    assert_eq!(failing("date", "2020\n2020-05\n"), [1]);
    assert_eq!(failing("phone", "+84912345678\n0084912345678\n"), [1]);
    assert_eq!(failing("number", "1.2E+3\n1 234.5\n"), [1]);
}

/// "`delimiter`: one character", also a tab as YAML writes it.
#[test]
fn a_tab_is_a_delimiter_however_it_is_written() {
    for written in ["\"\\t\"", "'\\t'", "tab", "'\t'"] {
        let suite = format!(
            "suite: s\ndatasets:\n  d:\n    source: {{ path: d.csv, delimiter: {written} }}\n    columns: {{ b: {{ required: true }} }}\n"
        );
        let report = audit_files(&[("suite.yaml", &suite), ("d.csv", "a\tb\n1\t2\n3\t\n")]);
        let rule = report.datasets[0].rules.iter().find(|rule| rule.check == "required").unwrap();
        assert_eq!((rule.passed, rule.failed), (1, 1), "{written}");
    }
}

/// "A prefix of the numbering plan of libphonenumber": 140, 160 and 1210 to 1213 among them.
#[test]
fn mobile_numbers_are_those_of_the_numbering_plan() {
    let rules = "      - { id: r, check: identifier, column: v, kind: vn.mobile }\n";
    let d = "v\n0121078772\n+84121378772\n0140123456\n0160123456\n0912345670\n0121478772\n0150123456\n";
    let found = rule("v: { type: text }", rules, d, E, "r");
    assert_eq!(found.failing_rows.iter().map(|row| row.record).collect::<Vec<_>>(), [6, 7]);
}

/// "Without regard to case" by the full case folding of Unicode, and ligatures.
#[test]
fn folded_text_knows_every_case() {
    let rules = "      - { id: r, check: agrees, with: e, on: { id: id }, compare: { a: { to: a, as: folded } } }\n";
    let d = "id,a\n1,ſ\n2,ﬁne\n3,ŉ\n4,ß\n5,ΣΊΣΥΦΟΣ\n6,ĳs\n7,ﬀ\n8,f\n";
    let e = "id,a\n1,S\n2,FINE\n3,ʼN\n4,SS\n5,σίσυφος\n6,IJS\n7,FF\n8,ff\n";
    let found = rule("a: { type: text }", rules, d, e, "r");
    assert_eq!(found.failing_rows.iter().map(|row| row.record).collect::<Vec<_>>(), [8]);
}

/// "A comparison with a missing value is unknown, whatever the other side is."
#[test]
fn a_comparison_with_a_missing_value_is_unknown() {
    let columns = "born: { type: date }, issued: { type: date }";
    let d = "id,born,issued\n1,2026-13-99,\n2,,x\n3,2026-13-99,2026-01-01\n4,2025-01-01,2026-01-01\n5,,\n";
    for that in ["issued > born", "born < issued", "not issued <= born"] {
        let rules = format!("      - {{ id: r, check: expect, that: \"{that}\" }}\n");
        let found = rule(columns, &rules, d, E, "r");
        let counts = [found.passed, found.failed, found.not_applicable, found.unreadable];
        assert_eq!(counts, [1, 1, 3, 1], "{that}");
    }
}

/// "A correlation that is zero but for rounding is zero."
#[test]
fn a_correlation_of_nothing_is_zero() {
    let rules = "      - { id: r, check: aggregate, that: \"correlation(x, y) = 0\" }\n";
    let d = "x,y\n1.1,0.3\n1.1,0.1\n1.1,0.1\n19.6,0.3\n19.6,0.1\n19.6,0.1\n";
    let found = rule("x: { type: decimal }, y: { type: decimal }", rules, d, E, "r");
    assert_eq!(found.status, Status::Passed, "{}", found.observed);
}

/// "A value of a personal column is shown only if at least five rows share or surround it."
#[test]
fn single_values_of_personal_columns_are_judged_and_not_shown() {
    let observed = |pii: &str, check: &str, rows: usize| {
        let columns =
            format!("paid: {{ type: integer, pii: {pii} }}, on: {{ type: date, pii: {pii} }}, in: {{ type: date }}");
        let rows: Vec<String> = (1..=rows).map(|at| format!("{},2026-10-{:02},2026-11-01", at * 1_000, at)).collect();
        let rules = format!("      - {{ id: r, {check} }}\n");
        let found = rule(&columns, &rules, &format!("paid,on,in\n{}\n", rows.join("\n")), E, "r");
        assert_ne!(found.status, Status::Errored, "{found:?}");
        (found.observed.contains("(not shown)"), found.observed)
    };
    for (check, rows, hidden) in [
        ("check: aggregate, that: \"min(paid) > 0\"", 20, true),
        ("check: aggregate, that: \"max(paid) > 0\"", 20, true),
        ("check: aggregate, that: \"quantile(paid, 0.99) > 0\"", 20, true),
        ("check: aggregate, that: \"quantile(paid, 0.01) > 0\"", 20, true),
        ("check: aggregate, that: \"quantile(paid, 0.75) > 0\"", 20, false),
        ("check: aggregate, that: \"median(paid) > 0\"", 20, false),
        ("check: aggregate, that: \"median(paid) > 0\"", 8, true),
        ("check: aggregate, that: \"quantile(on, 0.9) > '2026-01-01'\"", 20, true),
        ("check: aggregate, that: \"avg(paid) > 0\", where: paid < 5000", 20, true),
        ("check: aggregate, that: \"avg(paid) > 0\", where: paid < 6000", 20, false),
        ("check: aggregate, that: \"sum(paid) > 0\", where: paid = 3000", 20, true),
        ("check: aggregate, that: \"count(paid) > 0\", where: paid = 3000", 20, false),
        ("check: fresh, column: on, within: 90d", 20, true),
        ("check: lag, from: on, to: in, within: 30d, quantile: 0.95", 20, true),
        ("check: lag, from: on, to: in, within: 30d, quantile: 0.5", 20, false),
    ] {
        let (is_hidden, sentence) = observed("basic", check, rows);
        assert_eq!(is_hidden, hidden, "{check}: {sentence}");
        let (is_hidden, sentence) = observed("none", check, rows);
        assert!(!is_hidden, "{check}: {sentence}");
    }
}
