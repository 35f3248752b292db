//! Reports on hand-made results: what people see, what programs get.

use passmuster::model::{
    AuditReport, Difference, GateReport, NotVerified, Records, Share, Status, Verdict, Verification, VerifiedSample,
};
use passmuster::report::{FORMATS, Look, find, json};
use unicode_width::UnicodeWidthStr;

use crate::support::made::report;
use crate::support::reports::rendered;
use crate::support::repository::root;
use crate::support::screens::compare;

fn table(report: &AuditReport, look: &Look) -> String {
    rendered("table", report, look)
}

#[test]
fn formats_have_distinct_names_and_find_each_other() {
    for format in FORMATS {
        assert_eq!(find(format.name()).map(passmuster::report::ReportFormat::summary), Some(format.summary()));
    }
    assert!(find("xml").is_none());
}

#[test]
fn the_table_is_as_reviewed() {
    let everything = report("citizens");
    let screen = |name: &str, report: &AuditReport, look: Look| (name.to_owned(), table(report, &look));
    let look = Look::default();
    let screens = [
        screen("everything-80", &everything, look),
        screen("everything-120", &everything, Look { width: 120, ..look }),
        screen("everything-verbose", &everything, Look { verbose: true, ..look }),
        screen("passed-without-rows", &passed_without_rows(), look),
        screen("not-verified", &not_verified(), look),
    ];
    compare("table", &screens);
}

/// Twenty datasets of three owners; three of them fail.
fn twenty_datasets() -> AuditReport {
    let mut made = report("citizens");
    let pattern = made.datasets[1].clone();
    let long = "a-register-with-a-name-that-no-table-has-room-for-";
    made.datasets = (0..20)
        .map(|at| {
            let mut dataset = pattern.clone();
            dataset.name = if at == 3 { format!("{long}{at}") } else { format!("register-{at}") };
            dataset.owner = Some(["Health", "Finance", "Transport"][at % 3].to_owned());
            let fails = at < 3;
            dataset
                .rules
                .retain(|rule| fails || rule.status == Status::Passed || at == 5 && rule.status == Status::Waived);
            for (number, rule) in dataset.rules.iter_mut().enumerate() {
                rule.id = format!("{}.rule-{number}", dataset.name);
                rule.owner = (number == 1).then(|| "Finance".to_owned());
            }
            dataset.fails_gate = fails;
            if !fails {
                dataset.faults.clear();
                dataset.unparseable.clear();
            }
            dataset
        })
        .collect();
    made.waivers.clear();
    made
}

#[test]
fn twenty_datasets_fit_on_a_screen() {
    let made = twenty_datasets();
    let look = Look::default();
    let overview = |width: usize| {
        let text = table(&made, &Look { width, ..look });
        let lines = text.lines().skip_while(|line| !line.starts_with('┌')).take_while(|line| !line.is_empty());
        let overview: Vec<&str> = lines.collect();
        assert_eq!(overview.len(), 25, "a line for each dataset: {overview:#?}");
        assert!(overview.iter().all(|line| line.width() <= width), "{width}: {overview:#?}");
        for at in (0..20).filter(|at| *at != 3) {
            assert!(overview.iter().any(|line| line.contains(&format!(" register-{at} "))), "{width}: register-{at}");
        }
        overview.join("\n")
    };
    assert!(overview(60).contains('…'), "a long name is cut in its middle");
    overview(80);
    overview(120);
    let details = |look: Look| {
        let text = table(&made, &look);
        text.lines().filter(|line| line.starts_with("register-") || line.starts_with("a-register-")).count()
    };
    assert_eq!(details(look), 4, "three that fail, and one with a waived rule");
    assert_eq!(details(Look { details: true, ..look }), 20);
    let by_owner = Look { by_owner: true, ..look };
    assert_eq!(details(by_owner), 0);
    let mut screens = [60, 80, 120].map(|width| (width.to_string(), table(&made, &Look { width, ..look }))).to_vec();
    screens.push(("by-owner".to_owned(), table(&made, &by_owner)));
    compare("twenty", &screens);
}

#[test]
fn an_owner_sees_every_rule_to_act_on_once() {
    let made = twenty_datasets();
    let text = table(&made, &Look { by_owner: true, width: 120, ..Look::default() });
    for rule in made.datasets.iter().flat_map(|dataset| &dataset.rules) {
        let open = !matches!(rule.status, Status::Passed | Status::NotMeasured);
        let seen = text.lines().filter(|line| line.ends_with(&format!(": {}", rule.id))).count();
        assert_eq!(seen, usize::from(open), "{}", rule.id);
    }
}

/// A short one that a second engine does not confirm.
fn not_verified() -> AuditReport {
    let difference = |rule: Option<&str>, what: &str| Difference {
        dataset: "citizens".into(),
        rule: rule.map(str::to_owned),
        what: what.into(),
        found: "1234".into(),
        verified: "1233".into(),
    };
    let mut report = passed_without_rows();
    report.verification = Some(Verification {
        engine: "reference".into(),
        rules: 2,
        integers: 31,
        differences: vec![difference(Some("citizens.id.unique"), "failed"), difference(None, "rows")],
        sampled: vec![VerifiedSample {
            dataset: "citizens".into(),
            share: Share::parse("12.5%").unwrap(),
            rows: 1_000_000,
        }],
        not_verified: vec![NotVerified {
            dataset: "citizens".into(),
            rule: "citizens.id.unique".into(),
            reason: "a sample cannot answer it: it is about all rows".into(),
        }],
    });
    report.verdict = Verdict::CouldNotAudit;
    report.exit_code = 2;
    report
}

/// A short one: it passed, of one owner, without times.
fn passed_without_rows() -> AuditReport {
    let mut report = report("citizens");
    report.verdict = Verdict::Passed;
    report.exit_code = 0;
    report.gate = GateReport { passed: true, reasons: Vec::new(), ..report.gate };
    report.datasets.remove(0);
    report.datasets[0].rules.drain(..4);
    report.waivers.clear();
    report.datasets[0].fails_gate = false;
    report.datasets[0].records = Some(Records { total: 0, clean: 0, rules: 3, rate: None, unclean_by: Vec::new() });
    report.datasets[0].score = None;
    report.timings = None;
    report.owners.truncate(1);
    report.owners[0].fail_gate = 0;
    report
}

#[test]
fn no_line_of_the_table_is_wider_than_asked() {
    let names =
        ["citizens".into(), "x".repeat(200), "市民台帳".repeat(30), "a long name of words ".repeat(9), "ñ́".repeat(90)];
    for name in names {
        for (width, verbose) in [(80, false), (80, true), (60, true), (132, true)] {
            let text = table(&report(&name), &Look { width, verbose, ..Look::default() });
            for line in text.lines() {
                assert!(line.width() <= width, "{} > {width}: {line}", line.width());
                assert_eq!(line.trim_end(), line, "no blanks at the end");
                // A frame that opens closes.
                assert_eq!(line.trim_start().starts_with('│'), line.ends_with('│'), "{line}");
            }
        }
    }
}

#[test]
fn nothing_from_data_reaches_the_terminal_as_a_command() {
    let hostile = "a\u{1b}]52;c;eA==\u{7}b\rOK\u{9b}31m\u{202e}c\u{200b}\u{0}\n::error::d";
    for verbose in [false, true] {
        let text = table(&report(hostile), &Look { verbose, ..Look::default() });
        let bad = text.chars().find(|c| {
            c.is_control() && *c != '\n'
                || ('\u{200b}'..='\u{200f}').contains(c)
                || ('\u{202a}'..='\u{202e}').contains(c)
        });
        assert_eq!(bad, None, "{text}");
        assert!(!text.lines().any(|line| line.starts_with("::")), "{text}");
    }
}

#[test]
fn colours_say_nothing_that_words_do_not() {
    let report = report("citizens");
    let plain = table(&report, &Look::default());
    let colored = table(&report, &Look { color: true, ..Look::default() });
    assert!(colored.contains("\u{1b}[") && !plain.contains('\u{1b}'));
    let mut stripped = String::new();
    let mut rest = colored.as_str();
    while let Some(at) = rest.find("\u{1b}[") {
        stripped.push_str(&rest[..at]);
        rest = &rest[at + rest[at..].find('m').expect("an escape ends") + 1..];
    }
    stripped.push_str(rest);
    assert_eq!(stripped, plain);
}

#[test]
fn json_is_its_schema_and_reads_back() {
    let look = Look::default();
    let schema = jsonschema::validator_for(&json::result_schema()).expect("a schema");
    let mut bare = report("citizens");
    bare.timings = None;
    bare.gate.min_dimension.clear();
    bare.suite.title = None;
    for report in [report("citizens"), report("a\u{1b}\u{202e}\"\\"), bare] {
        let text = rendered("json", &report, &look);
        assert!(text.ends_with("}\n"));
        assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "controls are escaped");
        let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let errors: Vec<_> =
            schema.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{errors:#?}");
        let back: AuditReport = serde_json::from_str(&text).expect("the model");
        assert_eq!(back, report);
        assert_eq!(rendered("json", &back, &look), text);
        assert_eq!(value.get("timings").is_some(), report.timings.is_some());
    }
}

#[test]
fn json_refuses_what_is_not_a_result() {
    let schema = jsonschema::validator_for(&json::result_schema()).expect("a schema");
    let mut value = serde_json::to_value(report("citizens")).expect("JSON");
    value["datasets"][1]["rules"][0]["status"] = "fine".into();
    assert!(!schema.is_valid(&value));
}

/// `jq -r '.datasets[].rules[] | [.dataset, .id, …] | @csv'` takes scalars only.
#[test]
fn rules_are_flat_enough_for_a_spreadsheet() {
    let value = serde_json::to_value(report("citizens")).expect("JSON");
    let datasets = value["datasets"].as_array().expect("a list");
    let rules: Vec<_> = datasets.iter().flat_map(|dataset| dataset["rules"].as_array().expect("a list")).collect();
    assert_eq!(rules.len(), 6);
    for rule in rules {
        for key in [
            "dataset",
            "id",
            "check",
            "dimension",
            "severity",
            "weight",
            "status",
            "evaluated",
            "passed",
            "failed",
            "not_applicable",
            "unreadable",
            "rate",
            "observed",
            "expected",
            "title",
        ] {
            let cell = &rule[key];
            assert!(cell.is_string() || cell.is_number(), "{key} is {cell}");
        }
    }
}

/// Refresh with `passmuster schema result > schema/result.schema.json`.
#[test]
fn the_published_schema_of_results_is_fresh() {
    let path = root().join("schema/result.schema.json");
    let published = std::fs::read_to_string(path).expect("the published schema");
    assert_eq!(published, format!("{:#}\n", json::result_schema()));
}
