//! Checks on groups, on values expected and on other datasets: counts worked out by hand, and bad parameters.

use std::fmt::Write as _;

use passmuster::audit::{AuditOptions, Selector, audit};
use passmuster::engine::MemoryLimit;
use passmuster::model::{AuditReport, DatasetStatus, RowRef, RuleReport, Share, Status};

use crate::support::audits::{ALL_MEMORY, audit_files, audit_with, options, run_within};
use crate::support::folder::Folder;
use crate::support::program::{self, stdout};
use crate::support::reports::{self, assert_judged, four_measured, rule, said};

/// Audits with options of its own.
fn audited_with(files: &[(&str, &str)], change: impl FnOnce(&mut AuditOptions)) -> AuditReport {
    let folder = Folder::of(files);
    let mut options = options(ALL_MEMORY, &[], 2);
    change(&mut options);
    audit_with(&folder.path("suite.yaml"), &options)
}

/// The faults of a suite, as lines of the suite and messages.
fn refused(suite: &str, files: &[(&str, &str)]) -> String {
    let folder = Folder::of(files);
    let path = folder.write("suite.yaml", suite);
    match audit(&[path], &options(ALL_MEMORY, &[], 1), &()) {
        Err(error) => format!("{error:#}"),
        Ok(audited) => audited.diagnostics.map(|faults| faults.to_string()).expect("the suite is bad"),
    }
}

/// Passed, failed, not applicable, unreadable.
#[track_caller]
fn assert_counts(report: &AuditReport, id: &str, counts: [u64; 4], details: &[(&str, u64)]) {
    assert_eq!(four_measured(report, id), counts, "{id}: {}", rule(report, id).observed);
    assert_eq!(reports::details(report, id), details, "{id}");
}

fn lines(rule: &RuleReport) -> Vec<u64> {
    rule.failing_rows.iter().filter_map(|row: &RowRef| row.line).collect()
}

#[test]
fn one_ward_has_one_province() {
    let suite = "suite: s\ndatasets:\n  d:\n    source: d.csv\n    missing: [NA]\n    columns: { n: { type: integer } }\n    rules:\n      - { id: exact, check: determines, from: ward, to: province }\n      - { id: folded, check: determines, from: ward, to: province, as: folded }\n      - { id: nfc, check: determines, from: ward, to: province, as: nfc }\n      - { id: typed, check: determines, from: n, to: [ward, province] }\n      - { id: some, check: determines, from: ward, to: province, where: n > 1 }\n";
    // Hoà and Hòa are one word folded; the last province is written with a combining mark.
    let data =
        "ward,province,n\nA,Hoà Bình,1\nA,Hòa  bình,01\nA,NA,1\nB,Huế,2\nB,Hue\u{302}\u{301},2\nC,X,x\n,X,3\nC,X,3\n";
    let report = audit_files(&[("suite.yaml", suite), ("d.csv", data)]);
    assert_counts(&report, "exact", [2, 4, 2, 0], &[("groups", 2), ("left_sides", 3)]);
    assert_eq!(lines(rule(&report, "exact")), [2, 3, 5, 6]);
    assert_eq!(rule(&report, "exact").observed, "4 of 6 rows have a ward with more than one province");
    assert_counts(&report, "folded", [6, 0, 2, 0], &[("groups", 0), ("left_sides", 3)]);
    assert_counts(&report, "nfc", [4, 2, 2, 0], &[("groups", 1), ("left_sides", 3)]);
    assert_counts(&report, "typed", [1, 5, 2, 1], &[("groups", 2), ("left_sides", 3)]);
    assert_counts(&report, "some", [1, 3, 4, 1], &[("groups", 1), ("left_sides", 2)]);
}

#[test]
fn nobody_stands_out() {
    let suite = "suite: s\ndatasets:\n  d:\n    source: d.csv\n    columns: { year: { type: integer, pii: basic } }\n    rules:\n      - { id: two, check: anonymous, quasi_identifiers: [year, sex], k: 2 }\n      - { id: three, check: anonymous, quasi_identifiers: [year, sex], k: 3 }\n      - { id: diverse, check: anonymous, quasi_identifiers: [year, sex], k: 2, sensitive: ill, l: 2 }\n      - { id: none, check: anonymous, quasi_identifiers: year, k: 2, where: sex = 'x' }\n";
    // Groups: 1990 f (3 rows, two illnesses), 1990 m (2, one), 1991 without a sex (2, one and nothing), 01990 m (1).
    let data = "year,sex,ill\n1990,f,flu\n1990,f,flu\n1990,f,cold\n1990,m,flu\n1990,m,flu\n1991,,flu\n1991,\" \",\n01990,m,flu\n";
    let report = audit_files(&[("suite.yaml", suite), ("d.csv", data)]);
    let k = |groups, rows| [("groups", 4), ("groups_under_k", groups), ("rows_under_k", rows), ("smallest_group", 1)];
    assert_counts(&report, "two", [7, 1, 0, 0], &k(1, 1));
    assert_counts(&report, "three", [3, 5, 0, 0], &k(3, 5));
    let both = [
        ("groups", 4),
        ("groups_under_k", 1),
        ("groups_under_l", 3),
        ("rows_under_k", 1),
        ("rows_under_l", 5),
        ("smallest_group", 1),
    ];
    assert_counts(&report, "diverse", [3, 5, 0, 0], &both);
    assert_eq!(
        rule(&report, "diverse").observed,
        "5 of 8 rows are in a group that is too small or too uniform; the smallest of 4 groups has 1"
    );
    assert_eq!(rule(&report, "none").status, Status::NotMeasured);
    let text = said(&report);
    for value in ["1990", "1991", "flu", "cold"] {
        assert!(!text.contains(value), "{value} is in the report");
    }
}

#[test]
fn one_value_in_many_writings_is_no_diversity() {
    let columns = "{ amount: { type: decimal }, code: { type: integer }, case: { type: uuid } }";
    let rule = |column: &str| {
        format!("      - {{ id: {column}, check: anonymous, quasi_identifiers: g, k: 2, sensitive: {column}, l: 2 }}\n")
    };
    let rules: String = ["ill", "amount", "code", "case"].map(rule).concat();
    let suite = format!("suite: s\ndatasets:\n  d:\n    source: d.csv\n    columns: {columns}\n    rules:\n{rules}");
    let uuid = "6fa459ea-ee8a-3ca4-894e-db77e160355e";
    let data = [
        "g,ill,amount,code,case".to_owned(),
        format!("a,flu,1000,1,{uuid}"),
        format!("a,Flu ,1000.0,zz,{}", uuid.to_uppercase()),
        "a,flu\u{200B},1e3,yy,none".to_owned(),
        "a,\u{200B},,01,".to_owned(),
        format!("b,hay  fever,1000,1,{uuid}"),
        format!("b,hay\u{A0}fever \u{200B}s,1001,2,{}", uuid.replace('6', "7")),
    ];
    let report = audit_files(&[("suite.yaml", &suite), ("d.csv", &(data.join("\n") + "\n"))]);
    let details = |unreadable: u64| {
        let mut details = vec![
            ("groups", 2),
            ("groups_under_k", 0),
            ("groups_under_l", 1),
            ("rows_under_k", 0),
            ("rows_under_l", 4),
            ("smallest_group", 2),
        ];
        details.extend((unreadable > 0).then_some(("unreadable_sensitive", unreadable)));
        details
    };
    for (id, unreadable) in [("ill", 0), ("amount", 0), ("code", 2), ("case", 1)] {
        assert_counts(&report, id, [2, 4, 0, 0], &details(unreadable));
    }
    assert_eq!(
        self::rule(&report, "code").observed,
        "4 of 6 rows are in a group that is too small or too uniform; the smallest of 2 groups has 2; 2 rows have an unparseable sensitive value"
    );
}

#[test]
fn a_row_without_a_value_covers_nothing_in_scope_or_not() {
    let suite = "suite: s\ndatasets:\n  d:\n    source: d.csv\n    columns: { n: { type: integer } }\n    rules:\n      - { id: list, check: covers, column: k, values: [a, b], where: n > 0 }\n      - { id: keys, check: covers, column: k, dataset: o, where: n > 0 }\n  o: { source: o.csv, key: k }\n";
    let data = "k,n\na,1\n,x\nb,y\n,1\n";
    let report = audit_files(&[("suite.yaml", suite), ("d.csv", data), ("o.csv", "k\na\nb\n")]);
    for id in ["list", "keys"] {
        assert_counts(&report, id, [1, 1, 0, 0], &[("unreadable_rows", 1)]);
    }
}

const REGISTERS: &str = "suite: s
codelists:
  sexes: { values: [f, m, x] }
datasets:
  births:
    source: births.csv
    key: child
    columns: { child: { type: integer } }
  people:
    source: people.csv
    key: id
    columns:
      id: { type: integer }
      sex: { covers: { codelist: sexes } }
    rules:
      - { id: complete, check: complete_from, dataset: births, where: sex <> 'm' }
      - { id: valid, check: complete_from, dataset: births, key: { id: child }, having: annulled = 'no' }
      - { id: as-many, check: row_count, same_as: births }
      - { id: nearly, check: row_count, same_as: births, tolerance: 40% }
      - { id: nearer, check: row_count, same_as: births, tolerance: 1 row }
      - { id: covers, check: covers, column: id, values: [\"1\", \"02\", \"9\", \"8\", \"7\", \"6\", \"5\", \"11\"] }
      - { id: keys, check: covers, column: id, dataset: births }
";
const BIRTHS: &str = "child,annulled\n1,no\n2,no\n03,yes\nx,no\n,no\n4,\n2,no\n";
const PEOPLE: &str = "id,sex\n1,f\n2,m\n3,f\n4x,m\n5,\n";

#[test]
fn nothing_of_the_reference_is_missing() {
    let report = audit_files(&[("suite.yaml", REGISTERS), ("births.csv", BIRTHS), ("people.csv", PEOPLE)]);
    // 1 and 3 are there as f; 2 occurs twice and is an m, 4 does not occur, x cannot be parsed, one has no key.
    assert_counts(&report, "complete", [2, 4, 1, 1], &[]);
    let complete = rule(&report, "complete");
    assert_eq!((complete.rows_of.as_deref(), lines(complete)), (Some("births"), vec![3, 5, 7, 8]));
    assert_eq!(complete.observed, "3 of 6 rows of births are missing here, 1 have an unparseable value");
    assert_counts(&report, "valid", [3, 1, 3, 1], &[("other_unreadable_rows", 1)]);
    // No record of either dataset is unclean for that.
    for dataset in &report.datasets {
        let records = dataset.records.clone().unwrap();
        // Each has one unparseable number.
        assert_eq!(records.total - records.clean, 1, "{}", dataset.name);
    }
    assert_counts(&report, "as-many", [0, 1, 0, 0], &[("other_rows", 7)]);
    assert_eq!(rule(&report, "as-many").observed, "5 rows, 7 in births");
    assert_counts(&report, "nearly", [1, 0, 0, 0], &[("other_rows", 7)]);
    assert_counts(&report, "nearer", [0, 1, 0, 0], &[("other_rows", 7)]);
    assert_counts(&report, "people.sex.covers", [2, 1, 0, 0], &[]);
    assert_eq!(rule(&report, "people.sex.covers").observed, "1 of 3 values do not occur: x");
    assert_counts(&report, "covers", [3, 5, 0, 0], &[("unreadable_rows", 1)]);
    assert_eq!(rule(&report, "covers").observed, "5 of 8 values do not occur: 9, 8, 7, 6, 11");
    assert_counts(&report, "keys", [3, 2, 0, 1], &[("other_unreadable_rows", 1), ("unreadable_rows", 1)]);
    assert_eq!(
        rule(&report, "keys").observed,
        "1 of 4 values do not occur; 1 rows of the other dataset have unparseable values"
    );
    // The table names lines of the reference's file.
    let files = [("suite.yaml", REGISTERS), ("births.csv", BIRTHS), ("people.csv", PEOPLE)];
    let folder = Folder::of(&files);
    let text = stdout(&program::run(&folder, &["audit", "suite.yaml", "--select", "complete"]));
    assert!(text.contains("births.csv lines 3, 5, 7, 8"), "{text}");
}

/// Unparseable rows of the other dataset are counted, and a row fails wherever they could make it fail.
#[test]
fn unparseable_rows_of_the_other_dataset_are_counted() {
    let suite = "suite: s
datasets:
  offices:
    source: offices.csv
    columns: { id: { type: integer }, open: { type: integer } }
  returns:
    source: returns.csv
    columns: { office: { type: integer }, is_open: { type: integer } }
    rules:
      - { id: all, check: covers, column: office, dataset: offices, key: id }
      - { id: open, check: covers, column: office, dataset: offices, key: id, having: open = 1 }
      - { id: known, check: exists_in, columns: office, dataset: offices, key: id, having: open = 1 }
      - { id: closed, check: absent_from, columns: office, dataset: offices, key: id, having: open = 0 }
      - { id: same, check: agrees, with: offices, on: { office: id }, compare: { is_open: open } }
";
    // 4 may be open or not, one office has an unparseable number, one has none.
    let offices = "id,open\n1,1\n2,1\n3,0\n4,?\n?,1\n,1\n";
    let returns = "office,is_open\n1,1\n2,2\n3,0\n4,1\n9,1\n";
    let files = [("suite.yaml", suite), ("offices.csv", offices), ("returns.csv", returns)];
    for memory in [ALL_MEMORY, MemoryLimit::Keys(0)] {
        let report = audited_with(&files, |options| options.memory = memory);
        assert_counts(&report, "all", [4, 1, 0, 1], &[("other_unreadable_rows", 1)]);
        assert_eq!(
            rule(&report, "all").observed,
            "all 4 values occur; 1 rows of the other dataset have unparseable values"
        );
        assert_counts(&report, "open", [2, 2, 0, 2], &[("other_unreadable_rows", 2)]);
        assert_counts(&report, "known", [2, 3, 0, 0], &[("other_unreadable_rows", 2)]);
        // 3 is closed; 4 could be.
        assert_counts(&report, "closed", [3, 2, 0, 0], &[("other_unreadable_rows", 1)]);
        let same = [("ambiguous", 0), ("differing", 2), ("matched", 4), ("other_unreadable_rows", 1), ("unmatched", 1)];
        assert_counts(&report, "same", [2, 2, 1, 1], &same);
    }
}

/// A rule without its place, which is in another folder in each audit.
fn placeless(report: &AuditReport, id: &str) -> RuleReport {
    RuleReport { written: None, ..rule(report, id).clone() }
}

#[test]
fn a_reference_is_read_though_no_rule_about_it_is_selected() {
    let files = [("suite.yaml", REGISTERS), ("births.csv", BIRTHS), ("people.csv", PEOPLE)];
    for id in ["complete", "as-many", "keys"] {
        let report = audited_with(&files, |options| options.select = vec![Selector::Id(id.to_owned())]);
        let whole = audit_files(&files);
        assert_eq!(placeless(&report, id), placeless(&whole, id));
        let names: Vec<&str> = report.datasets.iter().map(|dataset| dataset.name.as_str()).collect();
        // The files whose rows are named are in the report; nothing was asked of them.
        assert_eq!(names.contains(&"births"), id == "complete", "{names:?}");
        assert!(report.gate.reasons.iter().all(|reason| reason.starts_with("people: ")), "{:?}", report.gate.reasons);
    }
}

#[test]
fn an_early_end_measures_other_datasets_in_the_same_way() {
    let files = [("suite.yaml", REGISTERS), ("births.csv", BIRTHS), ("people.csv", PEOPLE)];
    let report = audited_with(&files, |options| {
        options.stop_early = true;
        options.select = ["complete", "as-many", "keys"].map(|id| Selector::Id(id.to_owned())).to_vec();
    });
    assert!(!report.gate.passed);
    let decided = report.stopped.as_ref().expect("it ended early").decided_by.clone();
    assert!(!decided.is_empty());
    let whole = audit_files(&files);
    for id in decided {
        assert_eq!(placeless(&report, &id), placeless(&whole, &id));
    }
}

#[test]
fn a_sample_tells_nothing_of_groups_and_other_datasets() {
    let mut rows = String::from("id,g\n");
    (0..60_000).for_each(|row| writeln!(rows, "{row},{}", row % 7).unwrap());
    let suite = "suite: s\ndatasets:\n  a:\n    source: a.csv\n    rules:\n      - { id: d, check: determines, from: id, to: g }\n      - { id: k, check: anonymous, quasi_identifiers: g, k: 2 }\n      - { id: c, check: covers, column: g, values: [\"0\"] }\n      - { id: n, check: continuous, column: h, every: 1 }\n      - { id: rows, check: row_count, same_as: b }\n  b:\n    source: b.csv\n    rules:\n      - { id: all, check: complete_from, dataset: a, key: { id: id } }\n      - { id: other, check: row_count, same_as: a }\n";
    let suite = suite
        .replace("column: h", "column: g")
        .replace("    rules:\n      - { id: d", "    columns: { g: { type: integer } }\n    rules:\n      - { id: d");
    let report = audited_with(&[("suite.yaml", &suite), ("a.csv", &rows), ("b.csv", "id\n1\n2\n")], |options| {
        options.sample = Share::parse("5%");
    });
    let status = |name: &str| report.datasets.iter().find(|dataset| dataset.name == name).unwrap().status;
    assert_eq!((status("a"), status("b")), (DatasetStatus::Sampled, DatasetStatus::Audited));
    for id in ["d", "k", "c", "n", "rows", "all", "other"] {
        assert_eq!(rule(&report, id).status, Status::NotMeasured, "{id}");
        assert!(rule(&report, id).reason.as_ref().unwrap().contains("a sample"), "{id}");
    }
}

#[test]
fn no_gap_in_a_calendar() {
    let suite = "suite: s\ndatasets:\n  d:\n    source: d.csv\n    columns:\n      day: { type: date }\n      at: { type: { as: datetime, format: \"%d/%m/%Y %H:%M\" } }\n      n: { type: integer }\n    rules:\n      - { id: months, check: continuous, column: day, every: month }\n      - { id: offices, check: continuous, column: day, every: month, by: office, from: 2020-01-01, until: 2020-04-30 }\n      - { id: days, check: continuous, column: day, every: day, where: office = 'B' }\n      - { id: hours, check: continuous, column: at, every: hour, from: 2020-01-01, until: 2020-01-01 }\n      - { id: weeks, check: continuous, column: at, every: week }\n      - { id: numbers, check: continuous, column: n, every: 1 }\n      - { id: tens, check: continuous, column: n, every: 10, from: 10 }\n";
    let data = "day,at,office,n\n2020-01-31,01/01/2020 00:30,A,10\n2020-02-29,01/01/2020 01:59,A,20\n2020-04-30,01/01/2020 01:00,A,21\n2020-02-01,01/01/2020 23:59,B,40\n2020-02-03,31/12/2019 23:59,B,7\n2020-02-30,06/01/2020 00:00,B,x\n2019-12-31,20/01/2020 00:00,C,40\n,,,\n";
    let report = audit_files(&[("suite.yaml", suite), ("d.csv", data)]);
    // December to April, without March.
    assert_counts(&report, "months", [4, 1, 0, 0], &[("gaps", 1), ("longest_gap", 1), ("unreadable_rows", 1)]);
    assert_eq!(
        rule(&report, "months").observed,
        "1 of 5 months are missing, in 1 gap of up to 1; 1 rows have an unparseable value"
    );
    // A lacks March, B all but February, C everything: its only day lies before the first. So does the office without a
    // name, whose only row has no day.
    assert_counts(
        &report,
        "offices",
        [4, 12, 0, 0],
        &[
            ("gaps", 5),
            ("groups", 4),
            ("groups_with_gaps", 4),
            ("longest_gap", 4),
            ("outside", 1),
            ("unreadable_rows", 1),
        ],
    );
    assert_counts(&report, "days", [2, 1, 0, 0], &[("gaps", 1), ("longest_gap", 1), ("unreadable_rows", 1)]);
    // Hours 0, 1 and 23 of 24.
    assert_counts(&report, "hours", [3, 21, 0, 0], &[("gaps", 1), ("longest_gap", 21), ("outside", 3)]);
    // Weeks of 2019-12-30, 2020-01-06 and 2020-01-20.
    assert_counts(&report, "weeks", [3, 1, 0, 0], &[("gaps", 1), ("longest_gap", 1)]);
    // 7, 10, 20, 21 and 40, of 34 numbers.
    assert_counts(&report, "numbers", [5, 29, 0, 0], &[("gaps", 3), ("longest_gap", 18), ("unreadable_rows", 1)]);
    let tens = [("gaps", 1), ("longest_gap", 1), ("off_step", 1), ("outside", 1), ("unreadable_rows", 1)];
    assert_counts(&report, "tens", [3, 1, 0, 0], &tens);
}

#[test]
fn nothing_at_all_is_one_gap_where_something_must_be() {
    let suite = "suite: s\ndatasets:\n  d:\n    source: d.csv\n    columns: { day: { type: date } }\n    rules:\n      - { id: open, check: continuous, column: day, every: day }\n      - { id: from, check: continuous, column: day, every: day, from: 2020-01-01 }\n      - { id: until, check: continuous, column: day, every: day, until: 2020-01-01, by: office }\n      - { id: both, check: continuous, column: day, every: day, from: 2020-01-01, until: 2020-01-31 }\n      - { id: by, check: continuous, column: day, every: day, from: 2020-01-01, until: 2020-01-31, by: office }\n      - { id: none, check: continuous, column: day, every: day, from: 2020-01-01, until: 2020-01-31, by: office, where: office = 'B' }\n      - { id: one, check: continuous, column: day, every: day, from: 2020-01-01, until: 2020-01-01 }\n";
    for (data, unreadable) in [("day,office\n,A\n", 0), ("day,office\nz,A\ny,A\n", 2)] {
        let report = audit_files(&[("suite.yaml", suite), ("d.csv", data)]);
        let with_zeros = |mut details: Vec<(&'static str, u64)>| {
            details.extend((unreadable > 0).then_some(("unreadable_rows", unreadable)));
            details
        };
        assert_counts(&report, "both", [0, 31, 0, 0], &with_zeros(vec![("gaps", 1), ("longest_gap", 31)]));
        assert_counts(&report, "one", [0, 1, 0, 0], &with_zeros(vec![("gaps", 1), ("longest_gap", 1)]));
        let details = with_zeros(vec![("gaps", 1), ("groups", 1), ("groups_with_gaps", 1), ("longest_gap", 31)]);
        assert_counts(&report, "by", [0, 31, 0, 0], &details);
        for (id, reason) in [
            ("open", "give `from` and `until`"),
            ("from", "give `until` too"),
            ("until", "give `from` too"),
            ("none", "there are no groups"),
        ] {
            assert_eq!(rule(&report, id).status, Status::NotMeasured, "{id}");
            assert!(rule(&report, id).reason.as_deref().is_some_and(|text| text.ends_with(reason)), "{id}");
        }
        assert_eq!(rule(&report, "until").details["groups_without_ends"], 1);
    }
}

#[test]
fn a_group_without_any_value_lacks_all_its_points() {
    let rule = "check: continuous, column: day, every: month, by: office";
    let suite = format!(
        "suite: s\ndatasets:\n  d:\n    source: d.csv\n    columns: {{ day: {{ type: date }} }}\n    rules:\n      - {{ id: both, {rule}, from: 2026-01-01, until: 2026-03-31 }}\n      - {{ id: open, {rule} }}\n"
    );
    for (values, unreadable) in [(["", ""], 0), (["z", "y"], 2), (["", "z"], 1)] {
        let [one, two] = values;
        let data = format!("office,day\nA,2026-01-05\nA,2026-02-05\nA,2026-03-05\nB,{one}\nB,{two}\n");
        let report = audit_files(&[("suite.yaml", &suite), ("d.csv", &data)]);
        let with_zeros = |mut details: Vec<(&'static str, u64)>| {
            details.extend((unreadable > 0).then_some(("unreadable_rows", unreadable)));
            details
        };
        let details = with_zeros(vec![("gaps", 1), ("groups", 2), ("groups_with_gaps", 1), ("longest_gap", 3)]);
        assert_counts(&report, "both", [3, 3, 0, 0], &details);
        // It is unknown what is expected of B; the report says so.
        let details =
            vec![("gaps", 0), ("groups", 2), ("groups_with_gaps", 0), ("groups_without_ends", 1), ("longest_gap", 0)];
        assert_counts(&report, "open", [3, 0, 0, 0], &with_zeros(details));
    }
}

#[test]
fn points_far_apart_are_counted_in_any_memory() {
    // Numbers over all 64 bits, in 40 groups, each with some that follow each other.
    let mut data = String::from("n,g\n");
    let mut groups: Vec<Vec<i64>> = vec![Vec::new(); 40];
    let mut noise = 1_u64;
    for row in 0..6_000_usize {
        noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let number = match row % 4 {
            0 => (noise.cast_signed() >> (noise % 60)) / 64,
            1 => i64::try_from(row).unwrap(),
            _ => 500_000_000_000 + i64::try_from(noise >> 50).unwrap(),
        };
        groups[row % 40].push(number);
        writeln!(data, "{number},{}", row % 40).unwrap();
    }
    let suite = "suite: s\ndatasets:\n  d:\n    source: d.csv\n    columns: { n: { type: integer } }\n    rules:\n      - { id: by, check: continuous, column: n, every: 1, by: g }\n      - { id: all, check: continuous, column: n, every: 1 }\n";
    let expected = |groups: Vec<Vec<i64>>| {
        let (mut found, mut missing, mut gaps, mut longest) = (0_u64, 0_u64, 0_u64, 0_u64);
        for mut points in groups {
            points.sort_unstable();
            points.dedup();
            found += points.len() as u64;
            for pair in points.windows(2) {
                let between = pair[1].abs_diff(pair[0]) - 1;
                missing += between;
                gaps += u64::from(between > 0);
                longest = longest.max(between);
            }
        }
        [found, missing, gaps, longest]
    };
    let folder = Folder::of(&[("suite.yaml", suite), ("d.csv", &data)]);
    for memory in [ALL_MEMORY, MemoryLimit::Keys(0), MemoryLimit::Keys(60_000)] {
        let report = run_within(memory, &folder.path("suite.yaml"), &[], 2);
        for (id, wanted) in [("by", expected(groups.clone())), ("all", expected(vec![groups.concat()]))] {
            let rule = rule(&report, id);
            assert_judged(rule);
            let found = [rule.passed, rule.failed, rule.details["gaps"], rule.details["longest_gap"]];
            assert_eq!(found, wanted, "{id}, {memory:?}");
        }
    }
}

#[test]
fn more_points_than_can_be_counted_are_an_error() {
    let suite = "suite: s\ndatasets:\n  d:\n    source: d.csv\n    columns: { n: { type: integer } }\n    rules:\n      - { id: far, check: continuous, column: n, every: 1 }\n      - { id: twos, check: continuous, column: n, every: 2, from: -9223372036854775808 }\n";
    let data = "n\n-9223372036854775808\n9223372036854775807\n9223372036854775806\n";
    let report = audit_files(&[("suite.yaml", suite), ("d.csv", data)]);
    assert_eq!(rule(&report, "far").status, Status::Errored);
    let half = 1_u64 << 63;
    assert_counts(&report, "twos", [2, half - 2, 0, 0], &[("gaps", 1), ("longest_gap", half - 2), ("off_step", 1)]);
}

/// A suite whose rules are on lines 12 and later, one a line.
fn bad(rules: &[&str]) -> String {
    let mut suite = "suite: s\ncodelists:\n  c: { values: [A] }\ndatasets:\n  e:\n    source: e.csv\n  d:\n    source: d.csv\n    key: k\n    columns: { n: { type: integer }, t: { type: date }, at: { type: datetime } }\n    rules:\n".to_owned();
    for (at, rule) in rules.iter().enumerate() {
        writeln!(suite, "      - {{ id: r{at}, {rule} }}").unwrap();
    }
    suite
}

/// Refuses each of these rules at its line, all at once.
#[track_caller]
fn assert_refused(rules: &[(&str, &str)]) {
    let suite = bad(&rules.iter().map(|(rule, _)| *rule).collect::<Vec<_>>());
    let text = refused(&suite, &[("d.csv", "k,n,t,at,x\n"), ("e.csv", "k,n\n")]);
    for (at, (rule, message)) in rules.iter().enumerate() {
        assert!(text.contains(message), "{rule}: `{message}` is not in\n{text}");
        assert!(text.contains(&format!("suite.yaml:{}:", 12 + at)), "{rule} is not located in\n{text}");
    }
}

#[test]
fn parameters_without_sense_are_refused_all_at_once() {
    assert_refused(&[
        ("check: determines, from: k, to: k", "k is on both sides"),
        ("check: determines, from: k, to: x, as: fuzzy", "fuzzy"),
        ("check: determines, from: k", "needs `to`"),
        ("check: anonymous, quasi_identifiers: [k], k: 0", "`k` must be at least 2"),
        ("check: anonymous, quasi_identifiers: [k], k: 1", "`k` must be at least 2"),
        ("check: anonymous, quasi_identifiers: [k], k: few", "whole number"),
        ("check: anonymous, quasi_identifiers: [], k: 2", "empty"),
        ("check: anonymous, quasi_identifiers: [k], k: 3, l: 2", "name the columns for `l`"),
        ("check: anonymous, quasi_identifiers: [k], k: 3, sensitive: x", "give the number of different values"),
        ("check: anonymous, quasi_identifiers: [k], k: 3, sensitive: x, l: 1", "`l` must be at least 2"),
        ("check: anonymous, quasi_identifiers: [k], k: 3, sensitive: x, l: 4", "3 rows cannot have 4 different values"),
        ("check: anonymous, quasi_identifiers: [k, x], k: 3, sensitive: x, l: 2", "x is also a quasi-identifier"),
        ("check: continuous, column: n, every: 0", "`0` is neither hour"),
        ("check: continuous, column: n, every: fortnight", "`fortnight` is neither hour"),
        ("check: continuous, column: n, every: 10", "give it with `from: …`"),
        ("check: continuous, column: n, every: 1, by: n", "it cannot be grouped by"),
        ("check: covers, column: k", "give the expected values"),
        ("check: covers, column: k, values: [A], dataset: e", "not both"),
        ("check: covers, column: k, values: [A], key: k", "`key` belongs to `dataset`"),
        ("check: covers, column: k, values: { codelist: c, at: t }", "leave `at` out"),
        ("check: covers, column: k, dataset: e, key: [k, n]", "a key of one column"),
        ("check: covers, column: k, dataset: nowhere", "unknown dataset"),
        ("check: row_count, same_as: e, min: 3", "not both"),
        ("check: row_count, min: 3, tolerance: 1%", "`tolerance` belongs to `same_as`"),
        ("check: row_count, same_as: e, tolerance: 120%", "`120%` is neither"),
        ("check: row_count, same_as: e, tolerance: -1", "`-1` is neither"),
        ("check: complete_from, key: [k]", "needs `dataset`"),
        ("check: complete_from, dataset: nowhere", "unknown dataset"),
    ]);
}

#[test]
fn parameters_that_do_not_fit_the_columns_are_refused_all_at_once() {
    assert_refused(&[
        ("check: determines, from: k, to: n, as: folded", "n is integer; only text compares that way"),
        ("check: determines, from: k, to: gone", "no column `gone`"),
        ("check: anonymous, quasi_identifiers: [k, gone], k: 2", "no column `gone`"),
        ("check: covers, column: k, dataset: e", "e declares no key"),
        ("check: covers, column: n, dataset: e, key: k", "n is integer and k of e is text"),
        ("check: covers, column: k, dataset: d", "k always contains its own values"),
        ("check: complete_from, dataset: e", "name the columns of the key here and in e"),
        ("check: complete_from, dataset: d", "always contains its own keys"),
        ("check: complete_from, dataset: e, key: { n: k }", "n is integer and k of e is text"),
        ("check: complete_from, dataset: e, key: { k: gone }", "no column `gone`"),
        ("check: row_count, same_as: d", "as many rows as itself"),
        ("check: row_count, same_as: e, having: gone = 'x'", "gone"),
        ("check: continuous, column: n, every: 1, by: gone", "no column `gone`"),
    ]);
    // What follows from declared types is reported before any file is read.
    assert_refused(&[
        ("check: continuous, column: n, every: day", "n is integer: give the distance"),
        ("check: continuous, column: t, every: hour", "t is date, which has no hours"),
        ("check: continuous, column: t, every: 1", "t is date: give hour, day"),
        ("check: continuous, column: x, every: 1", "x is text: declare"),
        ("check: continuous, column: t, every: day, from: 2020-02-30", "cannot be parsed as date"),
        ("check: continuous, column: t, every: day, from: 2020-02-03, until: 2020-02-01", "`until` is before `from`"),
        ("check: covers, column: n, values: [A]", "cannot be parsed as integer"),
    ]);
}
