//! Faults that are accepted until a date: what a waiver does and does not do, and every mistake in one.

use std::fs;

use passmuster::audit::AuditOptions;
use passmuster::model::{AsOf, AuditReport, Band, Score, Status, Verdict, WaiverState};
use passmuster::rules::{Level, LoadOptions, lint, load, waivers_schema};

use crate::support::audits::{ALL_MEMORY, audit_with, json, options};
use crate::support::folder::Folder;
use crate::support::program::{code, run, stderr, stdout};
use crate::support::reports::rule;
use crate::support::repository::root;

/// Ten people: three without a telephone, one born later than the others, all with an id.
const PEOPLE: &str = "id,born,phone,city\n1,1990,091,HN\n2,1991,,HN\n3,1992,092,HN\n4,1993,,HN\n5,1994,093,HN\n\
                      6,1995,,HN\n7,1996,094,HN\n8,1997,095,HN\n9,1998,096,HN\n10,2030,097,HN\n";

/// A suite of three rules; `phone` is added to the rule about telephones, `top` to the suite.
fn suite(phone: &str, top: &str) -> String {
    format!(
        "suite: people
as_of: 2026-11-23
{top}
datasets:
  people:
    source: people.csv
    owner: G01
    columns:
      id: {{ unique: true }}
    rules:
      - {{ id: has-phone, check: required, column: phone{phone} }}
      - {{ id: born-before, check: range, column: born, max: 2020, severity: minor }}
"
    )
}

fn waive(until: &str, more: &str) -> String {
    format!(", waive: {{ until: {until}, by: Population department, because: it is known{more} }}")
}

fn folder(suite: &str, more: &[(&str, &str)]) -> Folder {
    let folder = Folder::of(&[("suite.yaml", suite), ("people.csv", PEOPLE)]);
    for (name, text) in more {
        folder.write(name, text);
    }
    folder
}

fn audit(suite: &str, more: &[(&str, &str)]) -> AuditReport {
    audit_with(&folder(suite, more).path("suite.yaml"), &options(ALL_MEMORY, &[], 2))
}

/// The state of the only waiver, the status of its rule, and whether the gate passed.
fn outcome(report: &AuditReport) -> (WaiverState, Status, bool) {
    let [waiver] = report.waivers.as_slice() else { panic!("{:?}", report.waivers) };
    assert_eq!((waiver.status, waiver.failed), (rule(report, &waiver.rule).status, rule(report, &waiver.rule).failed));
    (waiver.state, waiver.status, report.gate.passed)
}

#[test]
fn a_waived_rule_does_not_shut_the_gate_and_keeps_its_place_in_the_score() {
    let failed = audit(&suite("", ""), &[]);
    let waived = audit(&suite(&waive("2026-12-31", ", at_most: 500"), ""), &[]);
    assert_eq!((failed.verdict, failed.exit_code), (Verdict::Failed, 1));
    assert_eq!((waived.verdict, waived.exit_code), (Verdict::Passed, 0));
    assert_eq!(outcome(&waived), (WaiverState::Active, Status::Waived, true));
    let (before, after) = (&failed.datasets[0], &waived.datasets[0]);
    assert_eq!((before.score, &before.dimensions, &before.vetoes), (after.score, &after.dimensions, &after.vetoes));
    // Three of ten have no telephone.
    assert_eq!((&before.records, after.records.as_ref().unwrap().clean), (&after.records, 7));
    assert_eq!((before.band, &before.coverage), (after.band, &after.coverage));
    let counts = |report: &AuditReport| {
        let rule = rule(report, "has-phone");
        (rule.passed, rule.failed, rule.rate)
    };
    assert_eq!((counts(&failed), counts(&waived)), ((7, 3, Score::parse("70")), (7, 3, Score::parse("70"))));
    assert!(!rule(&waived, "has-phone").fails_gate && !after.fails_gate);
    let owners = |report: &AuditReport| (report.owners[0].rules_failed, report.owners[0].rules_waived);
    assert_eq!((owners(&failed), owners(&waived)), ((2, 0), (1, 1)));
    let waiver = &waived.waivers[0];
    assert_eq!((waiver.days_left, waiver.until.to_string().as_str(), waiver.evaluated), (38, "2026-12-31", 10));
    assert_eq!((waiver.by.as_str(), waiver.because.as_str()), ("Population department", "it is known"));
}

#[test]
fn a_waived_critical_rule_keeps_its_veto_and_minimum_scores_stay() {
    let phone = format!(", severity: critical{}", waive("2026-12-31", ""));
    let report = audit(&suite(&phone, "gate: { min_dimension: { sufficient: 60 } }"), &[]);
    let people = &report.datasets[0];
    assert_eq!((people.vetoes.len(), people.band), (1, Some(Band::Red)));
    // 70 % have a telephone, and the veto cuts that: a waiver raises no score.
    assert_eq!(report.gate.reasons, ["people: sufficient 59.99 is below the minimum 60.00"]);
    assert_eq!(outcome(&report), (WaiverState::Active, Status::Waived, false));
}

#[test]
fn a_waiver_ends_the_day_after_its_last_date() {
    for (until, state, status) in [
        ("2027-06-30", WaiverState::Active, Status::Waived),
        ("2026-12-24", WaiverState::Active, Status::Waived),
        ("2026-12-23", WaiverState::Expiring, Status::Waived),
        ("2026-11-23", WaiverState::Expiring, Status::Waived),
        ("2026-11-22", WaiverState::Expired, Status::Failed),
    ] {
        let report = audit(&suite(&waive(until, ""), ""), &[]);
        assert_eq!(outcome(&report), (state, status, status == Status::Waived), "{until}");
        assert_eq!(report.exit_code, u8::from(status == Status::Failed), "{until}");
    }
    // The date of the audit counts, not the clock and not that of the suite.
    let path = folder(&suite(&waive("2026-12-31", ""), ""), &[]);
    let later = AsOf::parse("2027-01-01T00:00:00+07:00").unwrap();
    let load = LoadOptions { as_of: Some(later), ..options(ALL_MEMORY, &[], 1).load };
    let at = AuditOptions { load, ..options(ALL_MEMORY, &[], 1) };
    // 2026-12-31T17:00 in UTC.
    assert_eq!(audit_with(&path.path("suite.yaml"), &at).waivers[0].state, WaiverState::Expiring);
}

#[test]
fn a_waiver_accepts_so_many_failures_and_no_more() {
    for (limit, status) in [
        ("500", Status::Waived),
        ("3 rows", Status::Waived),
        ("2 rows", Status::Failed),
        ("30%", Status::Waived),
        ("29.9999%", Status::Failed),
        ("0", Status::Failed),
    ] {
        let report = audit(&suite(&waive("2026-12-31", &format!(", at_most: {limit}")), ""), &[]);
        let state = if status == Status::Waived { WaiverState::Active } else { WaiverState::Exceeded };
        assert_eq!(outcome(&report), (state, status, status == Status::Waived), "{limit}");
    }
}

#[test]
fn a_waiver_of_a_rule_that_does_not_fail_is_listed_and_waives_nothing() {
    for (rule, status) in [
        (", at_most: 3 rows", Status::Passed),
        (", at_least: 60%, warn: { at_least: 90% }", Status::Warned),
        (", where: city = 'HN', at_least: 5 rows", Status::Passed),
    ] {
        for until in ["2026-12-31", "2020-01-01"] {
            let report = audit(&suite(&format!("{rule}{}", waive(until, "")), ""), &[]);
            assert_eq!(outcome(&report), (WaiverState::Unneeded, status, true), "{rule}");
        }
    }
}

#[test]
fn what_was_not_measured_is_not_waived() {
    // Nobody lives there, so there is nothing to judge.
    let text = suite(&format!(", where: city = 'HU'{}", waive("2026-12-31", "")), "gate: { unmeasured: fail }");
    assert_eq!(outcome(&audit(&text, &[])), (WaiverState::NotJudged, Status::NotMeasured, false));
    let text = suite("", "").replace("column: phone", &format!("column: fax{}", waive("2026-12-31", "")));
    let report = audit(&text, &[]);
    assert_eq!(outcome(&report), (WaiverState::NotJudged, Status::Errored, false));
    assert_eq!(report.exit_code, 2);
    // Of data that cannot be read.
    let text = suite(&waive("2026-12-31", ""), "").replace("people.csv", "gone.csv");
    let report = audit(&text, &[]);
    assert_eq!((report.waivers[0].state, report.exit_code), (WaiverState::NotJudged, 2));
}

/// Two files that hold the same accept the same.
const FILE: &str = "waivers:
  - rule: has-phone
    until: 2026-12-31
    by: Population department
    because: it is known
";

/// Results of two folders are the same but for the paths of their data and the lines of their suites.
#[track_caller]
fn assert_same(one: &AuditReport, other: &AuditReport) {
    let pathless = |report: &AuditReport| {
        let mut report = report.clone();
        report.datasets.iter_mut().flat_map(|dataset| &mut dataset.files).for_each(|file| file.path.clear());
        report.datasets.iter_mut().flat_map(|dataset| &mut dataset.rules).for_each(|rule| rule.written = None);
        report.digest = None;
        json(&report)
    };
    assert_eq!(pathless(one), pathless(other));
}

#[test]
fn a_file_of_waivers_is_as_good_as_the_rule_itself() {
    let inline = audit(&suite(&waive("2026-12-31", ""), ""), &[]);
    for top in
        ["waivers: accepted/w.yaml", "waivers: [accepted/w.yaml]", "waivers: [accepted/w.yaml, ./accepted/w.yaml]"]
    {
        let in_file = audit(&suite("", top), &[("accepted/w.yaml", FILE)]);
        assert_same(&inline, &in_file);
    }
    // A file that a suite extends names its own, relative to itself.
    let own = suite("", "").replace("suite: people\n", "suite: people\nextends: packs/p.yaml\n");
    let part = [("packs/p.yaml", "waivers: w.yaml\n"), ("packs/w.yaml", FILE)];
    assert_same(&inline, &audit(&own, &part));
    assert_eq!(audit(&suite("", "waivers: w.yaml"), &[("w.yaml", "waivers: []\n")]).waivers, []);
}

#[test]
fn the_rules_hash_does_not_depend_on_waivers() {
    let hash = |text: &str| audit(text, &[("w.yaml", FILE)]).suite.rules_hash;
    let plain = hash(&suite("", ""));
    for text in [
        suite(&waive("2026-12-31", ""), ""),
        suite(&waive("2020-01-01", ", at_most: 5%"), ""),
        suite("", "waivers: w.yaml"),
    ] {
        assert_eq!(hash(&text), plain, "{text}");
    }
}

/// Rules that are made for each of several columns, and a column in short.
const MANY: &str = "suite: people
as_of: 2026-11-23
waivers: w.yaml
datasets:
  people:
    source: people.csv
    columns:
      phone: { required: true }
      \"*orn\": { range: ..1980 }
    rules:
      - { id: filled, check: matches, each: [phone, \"c*\"], pattern: \"0.*\" }
";

#[test]
fn rules_of_columns_and_of_each_of_several_are_named_by_their_ids() {
    let waiver = |id: &str| format!("  - {{ rule: {id}, until: 2027-12-31, by: G01, because: known }}\n");
    let ids = ["people.phone.required", "people.born.range", "filled.city"];
    let file = format!("waivers:\n{}", ids.map(waiver).concat());
    let report = audit(MANY, &[("w.yaml", &file)]);
    assert_eq!((report.verdict, report.waivers.len()), (Verdict::Passed, 3));
    for id in ids {
        assert_eq!(rule(&report, id).status, Status::Waived, "{id}");
    }
    // A rule of the suite that is waived as a whole is waived for each of its columns.
    let each = MANY
        .replace("waivers: w.yaml\n", "")
        .replace("each: [", "waive: { until: 2027-12-31, by: a, because: b }, each: [");
    assert_eq!(rule(&audit(&each, &[]), "filled.city").status, Status::Waived);
    // The columns of the data show that there is no such rule.
    let folder = folder(MANY, &[("w.yaml", &format!("waivers:\n{}", waiver("filled.cit")))]);
    let output = run(&folder, &["audit", "suite.yaml"]);
    let errors = stderr(&output);
    assert_eq!(code(&output), 2, "{errors}");
    assert!(errors.contains("a waiver names the unknown rule `filled.cit`"), "{errors}");
    assert!(errors.contains("did you mean `filled.city`?") && errors.contains("w.yaml:2:"), "{errors}");
    // Of data that cannot be read nobody knows.
    let output = run(&folder, &["audit", "suite.yaml", "--data", "people=gone.csv"]);
    assert!(!stderr(&output).contains("unknown rule `filled.cit`"), "{}", stderr(&output));
}

#[test]
fn on_a_sample_a_limit_is_judged_by_the_interval() {
    let people = (0..400_000).fold("id,phone\n".to_owned(), |text, id| {
        text + &format!("{id},{}\n", if id % 10 == 0 { "" } else { "0912345678901234567890" })
    });
    let run = |limit: &str| {
        let rule = format!("{{ id: has-phone, check: required, column: phone{} }}", waive("2026-12-31", limit));
        let suite = format!(
            "suite: s\nas_of: 2026-11-23\ndatasets:\n  people:\n    source: people.csv\n    rules:\n      - {rule}\n"
        );
        let folder = Folder::of(&[("suite.yaml", &suite), ("people.csv", &people)]);
        let sample = passmuster::model::Share::parse("5%");
        let report = audit_with(&folder.path("suite.yaml"), &AuditOptions { sample, ..options(ALL_MEMORY, &[], 2) });
        assert!(rule_is_sampled(&report));
        (report.waivers[0].state, report.waivers[0].status, report.verdict)
    };
    // A tenth of all rows fails, and the interval is around it.
    for (limit, state, status, verdict) in [
        ("", WaiverState::Active, Status::Waived, Verdict::Undecided),
        (", at_most: 20%", WaiverState::Active, Status::Waived, Verdict::Undecided),
        (", at_most: 10%", WaiverState::NotJudged, Status::Undecided, Verdict::Undecided),
        (", at_most: 5%", WaiverState::Exceeded, Status::Failed, Verdict::Failed),
        (", at_most: 10 rows", WaiverState::Exceeded, Status::Failed, Verdict::Failed),
    ] {
        assert_eq!(run(limit), (state, status, verdict), "{limit}");
    }
}

fn rule_is_sampled(report: &AuditReport) -> bool {
    rule(report, "has-phone").sampled.is_some()
}

#[test]
fn a_waived_rule_does_not_end_an_audit_early() {
    let stop = |text: &str| {
        let folder = folder(text, &[]);
        audit_with(&folder.path("suite.yaml"), &AuditOptions { stop_early: true, ..options(ALL_MEMORY, &[], 2) })
    };
    let report = stop(&suite(&waive("2026-12-31", ""), ""));
    assert_eq!((report.stopped.as_ref(), report.verdict), (None, Verdict::Passed));
    assert_eq!(outcome(&report), (WaiverState::Active, Status::Waived, true));
    for (until, limit, state) in
        [("2026-12-31", ", at_most: 2 rows", WaiverState::Exceeded), ("2026-11-22", "", WaiverState::Expired)]
    {
        let report = stop(&suite(&waive(until, limit), ""));
        assert_eq!(report.stopped.as_ref().unwrap().decided_by, ["has-phone"]);
        assert_eq!(outcome(&report), (state, Status::Failed, false));
    }
}

/// The faults of a suite and its files: file, line, column, message and help of each.
fn faults(suite: &str, more: &[(&str, &str)]) -> Vec<(String, u32, u32, String, String)> {
    let folder = folder(suite, more);
    let found = load(&[folder.path("suite.yaml")], &options(ALL_MEMORY, &[], 1).load).expect_err("a fault");
    found
        .iter()
        .map(|fault| {
            let name =
                fault.file().and_then(|path| path.file_name()).unwrap_or_default().to_string_lossy().into_owned();
            let (line, column) = fault.span().map_or((0, 0), |span| (span.line, span.column));
            (name, line, column, fault.message.clone(), fault.help.clone().unwrap_or_default())
        })
        .collect()
}

/// The only fault of a rule with that `waive`: column behind the `{` of `waive`, message and help.
#[track_caller]
fn assert_refused(waive: &str, column: u32, message: &str, help: &str) {
    let found = faults(&suite(&format!(", waive: {waive}"), ""), &[]);
    let [(file, line, at, found, way_out)] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((file.as_str(), *line, *at), ("suite.yaml", 11, 65 + column), "{found}");
    assert!(found.contains(message), "{found}");
    assert!(way_out.contains(help), "{way_out}");
}

#[test]
fn every_mistake_of_a_waiver_has_its_place_and_a_way_out() {
    assert_refused("{ by: a, because: b }", 0, "`waive` needs `until`", "The last date");
    assert_refused("{ until: 2027-01-01, because: b }", 0, "`waive` needs `by`", "Who accepts the fault");
    assert_refused("{ until: 2027-01-01, by: a }", 0, "`waive` needs `because`", "Why the fault is accepted");
    assert_refused(
        "{ until: never, by: a, because: b }",
        9,
        "`until` takes a date such as 2026-12-31, not `never`",
        "",
    );
    assert_refused("{ until: 31/12/2026, by: a, because: b }", 9, "not `31/12/2026`", "");
    assert_refused("{ until: 2026-02-30, by: a, because: b }", 9, "not `2026-02-30`", "");
    assert_refused("{ until: 2026-12-31T00:00:00, by: a, because: b }", 9, "a date such as 2026-12-31", "");
    assert_refused("{ until: [2026-12-31], by: a, because: b }", 9, "`until` takes a single value, not a list", "");
    assert_refused("{ until: 2027-01-01, by: ' ', because: b }", 25, "`by` is empty", "");
    assert_refused("{ until: 2027-01-01, by: a, because: '' }", 37, "`because` is empty", "");
    let with = |limit: &str| format!("{{ until: 2027-01-01, by: a, because: b, at_most: {limit} }}");
    assert_refused(&with("50"), 49, "`50` is ambiguous: 50% or 50 rows", "write `at_most: 50%` or `at_most: 50 rows`");
    assert_refused(&with("some"), 49, "`at_most` takes a share", "");
    assert_refused(&with("-5"), 49, "`at_most` takes a share", "");
    assert_refused(&with("101%"), 49, "`at_most` takes a share", "a share is from 0% to 100%");
    assert_refused(
        "{ expires: 2027-01-01, until: 2027-01-01, by: a, because: b }",
        2,
        "unknown key `expires`",
        "`until` here",
    );
    assert_refused("{ untl: 2027-01-01, until: 2027-01-01, by: a, because: b }", 2, "unknown key `untl`", "`until`");
    assert_refused("true", 0, "`waive` takes a mapping, not a single value", "until, by, because, …");
    assert_refused("[a]", 0, "`waive` takes a mapping, not a list", "");
    // All that is missing is said at once.
    assert_eq!(faults(&suite(", waive: { at_most: 500 }", ""), &[]).len(), 3);
}

/// The only fault of a file of waivers: line, column, message and help.
#[track_caller]
fn assert_file_refused(text: &str, line: u32, column: u32, message: &str, help: &str) {
    let found = faults(&suite("", "waivers: w.yaml"), &[("w.yaml", text)]);
    let [(_, at_line, at_column, found, way_out)] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((*at_line, *at_column), (line, column), "{found}");
    assert!(found.contains(message), "{found}");
    assert!(way_out.contains(help), "{way_out}");
}

#[test]
fn every_mistake_of_a_file_of_waivers_has_its_place_and_a_way_out() {
    let entry = |rule: &str| format!("waivers:\n  - {{ rule: {rule}, until: 2027-01-01, by: a, because: b }}\n");
    assert_file_refused(
        &entry("has-phones"),
        2,
        13,
        "a waiver names the unknown rule `has-phones`",
        "did you mean `has-phone`?",
    );
    assert_file_refused(&entry("zzz"), 2, 13, "the unknown rule `zzz`", "remove the waiver");
    assert_file_refused(
        &entry("people.*"),
        2,
        13,
        "a waiver names one rule, and `people.*` is a pattern",
        "for each rule",
    );
    assert_file_refused(&entry("[a, b]"), 2, 13, "`rule` takes a single value, not a list", "");
    assert_file_refused(
        "waivers:\n  - { until: 2027-01-01, by: a, because: b }\n",
        2,
        5,
        "a waiver needs `rule`",
        "the id of the rule".trim_start_matches("the "),
    );
    assert_file_refused(
        "waivers:\n  - { rule: has-phone, by: a, because: b }\n",
        2,
        5,
        "a waiver needs `until`",
        "The last date",
    );
    assert_file_refused("waivers:\n  - has-phone\n", 2, 5, "a waiver takes a mapping, not a single value", "rule: ID");
    assert_file_refused(
        "waivers: { has-phone: 2027-01-01 }\n",
        1,
        10,
        "`waivers` takes a list of waivers, not a mapping",
        "- { rule: ID",
    );
    assert_file_refused("waivers:\n", 1, 1, "`waivers` takes a list of waivers, not nothing", "waivers: []");
    assert_file_refused("waivers: [\n", 1, 10, "this is not valid YAML", "");
    assert_file_refused("waivers: []\nrules: []\n", 2, 1, "unknown key `rules` in a file of waivers", "`waivers`");
    let twice = entry("has-phone") + "  - { rule: has-phone, until: 2027-01-01, by: a, because: b }\n";
    assert_file_refused(&twice, 3, 13, "the rule `has-phone` has two waivers", "the other is on line 2 of ");
    let also_inline = faults(&suite(&waive("2027-01-01", ""), "waivers: w.yaml"), &[("w.yaml", FILE)]);
    assert_eq!(also_inline.len(), 1, "{also_inline:?}");
    assert!(also_inline[0].3.contains("has two waivers") && also_inline[0].4.contains("suite.yaml"), "{also_inline:?}");
}

#[test]
fn files_that_hold_no_waivers_are_refused_without_their_lines() {
    let refused = |top: &str, more: &[(&str, &str)], message: &str| {
        let found = faults(&suite("", top), more);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].0.as_str(), found[0].1), ("suite.yaml", 3), "{found:?}");
        assert!(found[0].3.contains(message), "{found:?}");
        assert!(!format!("{found:?}").contains("1991"), "a line of data is shown: {found:?}");
    };
    refused("waivers: gone.yaml", &[], "`gone.yaml` does not exist");
    refused("waivers: folder", &[("folder/a.yaml", "")], "`folder` is a folder, not a file");
    refused("waivers: people.csv", &[], "`people.csv` is not a file of waivers, which begins with `waivers:`");
    refused("waivers: empty.yaml", &[("empty.yaml", "")], "is not a file of waivers");
    refused("waivers: list.yaml", &[("list.yaml", "- rule: has-phone\n  until: 1991\n")], "is not a file of waivers");
    refused("waivers: suite.yaml", &[], "`suite.yaml` is not a file of waivers");
    let huge = format!("waivers: []\n{}", "# a comment\n".repeat(400_000));
    refused("waivers: huge.yaml", &[("huge.yaml", &huge)], "`huge.yaml` is larger than 4 MiB");
    refused("waivers: [{ rule: has-phone }]", &[], "`waivers` takes the name of a file, not a list");
    refused("waivers: { rule: has-phone }", &[], "`waivers` takes the name of a file, not a mapping");
    let folder = folder(&suite("", "waivers: w.yaml"), &[]);
    fs::write(folder.path("w.yaml"), b"waivers: [\xff]").unwrap();
    let output = run(&folder, &["lint", "suite.yaml"]);
    assert!(stdout(&output).contains("`w.yaml` is not UTF-8 text"), "{}", stdout(&output));
    let errors = stderr(&output);
    assert_eq!(errors, "1 error, 0 warnings\n");
}

#[test]
fn no_report_replaces_a_file_of_waivers() {
    let folder = folder(&suite("", "waivers: w.yaml"), &[("w.yaml", FILE)]);
    let output = run(&folder, &["audit", "suite.yaml", "--output", "w.yaml"]);
    assert_eq!(code(&output), 2);
    assert!(
        stderr(&output).contains("refusing to write the report to w.yaml: it is a file of waivers"),
        "{}",
        stderr(&output)
    );
    assert_eq!(folder.read("w.yaml"), FILE);
}

#[test]
fn lint_finds_waivers_that_are_over_or_never_apply() {
    let found = |text: &str, file: &str| -> Vec<(u32, u32, String)> {
        let folder = folder(text, &[("w.yaml", file)]);
        let written = load(&[folder.path("suite.yaml")], &options(ALL_MEMORY, &[], 1).load)
            .unwrap_or_else(|faults| panic!("{faults}"));
        let found = lint(&written);
        assert!(found.iter().all(|lint| lint.level == Level::Warning));
        found
            .iter()
            .map(|lint| {
                let span = lint.diagnostic.span().unwrap();
                (span.line, span.column, lint.diagnostic.message.clone())
            })
            .collect()
    };
    let over = |line, column, id: &str| {
        [(line, column, format!("{id}: its waiver ended on 2026-11-01, 22 days before 2026-11-23"))]
    };
    assert_eq!(found(&suite(&waive("2026-11-01", ""), ""), ""), over(11, 74, "has-phone"));
    assert_eq!(found(&suite(&waive("2026-11-23", ""), ""), ""), []);
    let file = FILE.replace("2026-12-31", "2026-11-01");
    assert_eq!(found(&suite("", "waivers: w.yaml"), &file), over(3, 12, "has-phone"));
    let of_column = file.replace("has-phone", "filled.city");
    assert_eq!(found(MANY, &of_column), over(3, 12, "filled.city"));
    for (rule, limit) in [("", "0"), ("", "0%"), (", at_most: 20 rows", "20 rows"), (", at_most: 2%", "1%")] {
        let found = found(&suite(&format!("{rule}{}", waive("2026-12-31", &format!(", at_most: {limit}"))), ""), "");
        assert!(found.len() == 1 && found[0].2.contains("never applies"), "{rule} {limit} {found:?}");
    }
    assert_eq!(found(&suite(&format!(", at_most: 2 rows{}", waive("2026-12-31", ", at_most: 3 rows")), ""), ""), []);
}

/// Refresh with `passmuster schema waivers > schema/waivers.schema.json`.
#[test]
fn the_published_schema_of_waivers_is_fresh() {
    let published = fs::read_to_string(root().join("schema/waivers.schema.json")).unwrap_or_default();
    let fresh = format!("{:#}\n", waivers_schema());
    assert!(published == fresh, "run `passmuster schema waivers > schema/waivers.schema.json`");
    let validator = jsonschema::validator_for(&waivers_schema()).unwrap();
    let entry = serde_json::json!({ "rule": "a", "until": "2026-12-31", "by": "b", "because": "c", "at_most": 500 });
    assert!(validator.is_valid(&serde_json::json!({ "waivers": [entry] })));
    for (key, value) in [("until", "never"), ("rule", "a.*"), ("at_most", "some"), ("untl", "2026-12-31")] {
        let mut bad = entry.clone();
        bad[key] = value.into();
        assert!(!validator.is_valid(&serde_json::json!({ "waivers": [bad] })), "{key}");
    }
    for key in ["rule", "until", "by", "because"] {
        let mut bad = entry.clone();
        bad.as_object_mut().unwrap().remove(key);
        assert!(!validator.is_valid(&serde_json::json!({ "waivers": [bad] })), "{key}");
    }
}

#[test]
fn failures_are_due_and_then_overdue() {
    for (due, until, days, status) in [
        ("2026-12-01", None, None, Status::Failed),
        ("2026-11-23", None, None, Status::Failed),
        ("2026-11-22", None, Some(1), Status::Failed),
        // A waiver accepts the failures for the gate, and moves no date.
        ("2026-11-13", Some("2026-12-31"), Some(10), Status::Waived),
    ] {
        let keys = format!(", due: {due}{}", until.map(|until| waive(until, "")).unwrap_or_default());
        let report = audit(&suite(&keys, ""), &[]);
        let found = rule(&report, "has-phone");
        assert_eq!((found.due.unwrap().to_string().as_str(), found.overdue_days), (due, days));
        assert_eq!((found.status, report.owners[0].rules_overdue), (status, u32::from(days.is_some())), "{due}");
    }
    // A rule that passes is not overdue, and a date in the past fails no gate.
    let report = audit(&suite(", at_most: 3 rows, due: 2020-01-01", ""), &[]);
    assert_eq!((rule(&report, "has-phone").overdue_days, report.gate.passed), (None, true));
    let report = audit(&suite(", severity: minor, due: 2020-01-01", ""), &[]);
    assert_eq!((rule(&report, "has-phone").overdue_days, report.gate.passed), (Some(2_518), true));
    assert_eq!(audit(&suite("", ""), &[]).suite.rules_hash, report_hash(", due: 2020-01-01"));
    let found = faults(&suite(", due: soon", ""), &[]);
    assert!(found[0].3.contains("`due` takes a date such as 2027-01-31, not `soon`"), "{found:?}");
}

fn report_hash(keys: &str) -> String {
    audit(&suite(keys, ""), &[]).suite.rules_hash
}

#[test]
fn the_report_says_what_repairs_are_worth() {
    let report = audit(&suite("", ""), &[]);
    let found: Vec<_> = report.datasets[0]
        .repairs
        .iter()
        .map(|repair| {
            let points = [repair.score_points, repair.dimension_points, repair.worst_dimension_points];
            (repair.rule.as_str(), points.map(Score::hundredths), repair.clean_records_at_most)
        })
        .collect();
    // correct 90, sufficient 70, clean 100: the cube root of 630,000 is 85.7262, of 900,000 96.5489, of 700,000 88.7904.
    assert_eq!(
        found,
        [("has-phone", [1_082, 3_000, 2_000], 3), ("born-before", [307, 1_000, 0], 0)],
        "{:?}",
        report.datasets[0].score
    );
    assert_eq!(report.datasets[0].repairs[0].clean_records_at_least, 3);
    // A part of the rows has no score to gain.
    let stopped = AuditOptions { stop_early: true, sample: None, ..options(ALL_MEMORY, &[], 1) };
    assert!(audit_with(&folder(&suite("", ""), &[]).path("suite.yaml"), &stopped).datasets[0].repairs.is_empty());
}
