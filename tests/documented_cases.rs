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

/// "Integers and decimals are exact everywhere", and the table of operations beside it.
#[test]
fn numbers_are_exact() {
    let passes = |columns: &str, checked: &str, data: &str| {
        let found = rule(columns, &format!("      - {{ id: r, {checked} }}\n"), data, E, "r");
        assert_eq!((found.evaluated > 0, found.unreadable), (true, 0), "{checked}: {found:?}");
        found.status == Status::Passed
    };
    let decimals = "a: { type: decimal }, b: { type: decimal }, c: { type: decimal }";
    for (that, row, expected) in [
        ("a + b = c", "0.1,0.2,0.3", true),
        ("a + b = c", "0.10,0.200,0.30000000000000000001", false),
        ("a * b = c", "1.1,1.1,1.21", true),
        ("a - b = c", "9007199254740993,0.5,9007199254740992.5", true),
        ("a / b = c", "1,3,0.333333333333333333", true),
        ("a / b = c", "2,3,0.666666666666666667", true),
        ("a / b = c", "-2,3,-0.666666666666666667", true),
        ("a % b = c", "-7.5,2,-1.5", true),
        ("round(a, 2) = b", "2.675,2.68,0", true),
        ("round(a) = b", "-2.5,-3,0", true),
        ("abs(a) = b", "-0.10,0.1,0", true),
        ("case when a > b then a else b end = c", "0.29999999999999999999,0.3,0.3", true),
        ("cast(cast(a as text) as decimal) = a", "99999999999999999999999999999999999999,0,0", true),
        ("a in (0.1, 0.30000000000000000001)", "0.3,0,0", false),
        ("a between 276768459639.22 and 276768459639.23", "276768459639.23,0,0", true),
        ("cast(a as float) + cast(b as float) = cast(c as float)", "0.1,0.2,0.3", false),
    ] {
        let checked = format!("check: expect, that: \"{that}\"");
        assert_eq!(passes(decimals, &checked, &format!("a,b,c\n{row}\n")), expected, "{that} of {row}");
    }
    // Bounds of 18 digits, which no float holds.
    for (checked, expected) in [
        ("check: range, column: a, within: 9999999999999999.99..9999999999999999.99", true),
        ("check: range, column: a, max: 9999999999999999.98", false),
        ("check: range, column: a, max: 9999999999999999.99, exclusive: true", false),
        ("check: allowed, column: a, values: [9999999999999999.99]", true),
        ("check: allowed, column: a, values: [9999999999999999.98]", false),
    ] {
        assert_eq!(passes(decimals, checked, "a,b,c\n9999999999999999.99,0,0\n"), expected, "{checked}");
    }
    // Sums beyond 64 bits, and means beyond 2^53.
    let integers = "a: { type: integer }, b: { type: integer }";
    let long = "a,b\n9223372036854775807,9223372036854775806\n9223372036854775805,9223372036854775804\n";
    for (that, expected) in [
        ("sum(a) > sum(b)", true),
        ("sum(a) = sum(b)", false),
        ("sum(a) = 18446744073709551612", true),
        ("avg(a) = 9223372036854775806 and avg(b) = 9223372036854775805", true),
        ("median(a) > median(b)", true),
        ("max(a) * 10 = 92233720368547758070", true),
    ] {
        assert_eq!(passes(integers, &format!("check: aggregate, that: \"{that}\""), long), expected, "{that}");
    }
    // "A row with a value that cannot be parsed as its declared type fails", and a difference of `within` is no similarity.
    let similar = |within: &str| {
        let checked = format!(
            "check: similar, compare: {{ a: {{ method: number, within: {within} }} }}, block_on: all, score: 0.4"
        );
        passes("a: { type: integer }", &checked, "a\n9007199254740993\n9007199254740994\n")
    };
    assert_eq!((similar("1"), similar("2")), (true, false));
    let found = rule(
        "a: { type: integer }",
        "      - { id: r, check: similar, compare: { a: { method: number, within: 1 } }, block_on: all, score: 1 }\n",
        "a\n7.0\n7\n",
        E,
        "r",
    );
    assert_eq!((found.failed, found.unreadable), (1, 1));
}

/// "An unsigned integer beyond 2^63", "a number of too many digits is unparseable".
#[test]
fn long_integers_are_keys_and_values() {
    let found = |checked: &str, d: &str, e: &str| {
        let found = rule("a: { type: integer }", &format!("      - {{ id: r, {checked} }}\n"), d, e, "r");
        (found.evaluated, found.failed, found.unreadable)
    };
    let keys = "a\n18446744073709551615\n18446744073709551614\n+018446744073709551615\n7\n";
    assert_eq!(found("check: unique, column: a", keys, E), (4, 2, 0));
    assert_eq!(found("check: range, column: a, max: 18446744073709551614", keys, E), (4, 2, 0));
    assert_eq!(found("check: expect, that: a + 1 > 18446744073709551615", keys, E), (4, 2, 0));
    assert_eq!(found("check: outliers, column: a", "a\n1\n2\n3\n4\n99999999999999999999\n", E), (5, 1, 0));
    let too_long = "a\n1000000000000000000000000000000000000000\n7\n";
    assert_eq!(found("check: range, column: a, min: 0", too_long, E), (2, 1, 1));
}
