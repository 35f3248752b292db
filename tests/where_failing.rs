//! Where failing rows are: `audit --where-failing`.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;

use passmuster::audit::{AuditOptions, audit};
use passmuster::engine::{Datasets, Execution, FailureCounts, MemoryLimit, Request, Watch};
use passmuster::model::{AuditReport, SegmentValue, ValuePart};
use proptest::prelude::*;

use crate::support::around::{Around, AroundLocal, local};
use crate::support::audits::{ALL_MEMORY, audit_with, options};
use crate::support::folder::Folder;
use crate::support::program::{code, program, run, stderr, stdout};
use crate::support::reports::rule;
use crate::support::tables::{csv, parquet};

/// Keeps what was counted by groups.
struct Counting(Mutex<Option<FailureCounts>>);

impl Around for Counting {
    fn execute(&self, request: &Request, datasets: &Datasets, watch: Watch<'_>) -> Execution {
        let execution = local().execute(request, datasets, watch);
        *self.0.lock().unwrap() = execution.failure_counts.get("t").cloned();
        execution
    }
}

static COUNTING: AroundLocal<Counting> = AroundLocal("counting", Counting(Mutex::new(None)));
/// Tests take turns.
static TURN: Mutex<()> = Mutex::new(());

/// What is counted by groups of the failing rows of `t`.
fn counted(
    suite: &Path,
    data: &[(&str, std::path::PathBuf)],
    memory: MemoryLimit,
    threads: usize,
) -> Option<FailureCounts> {
    let _turn = TURN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let options = AuditOptions { engine: &COUNTING, where_failing: true, ..options(memory, data, threads) };
    audit_with(suite, &options);
    COUNTING.1.0.lock().unwrap().take()
}

const SUITE: &str = "suite: s
missing: [\"-\"]
datasets:
  t:
    source: t.csv
    columns:
      d: { type: date, format: \"%d/%m/%Y\" }
      n: { type: integer }
      x: { type: integer }
    rules:
      - { id: low, check: range, column: x, within: 0..5 }
      - { id: once, check: unique, columns: k }
      - { id: sound, check: required, columns: a }
";

/// The value of a row by which it is grouped, worked out from its text.
fn value(column: &str, part: ValuePart, row: &[String; 5]) -> SegmentValue {
    let at = ["a", "n", "d", "x", "k"].iter().position(|name| *name == column).unwrap();
    let text = row[at].trim();
    if text.is_empty() || text == "-" {
        return SegmentValue::Missing;
    }
    let known = match column {
        "n" | "x" => text.parse::<i64>().ok().map(|number| number.to_string()),
        "d" => text.parse::<u32>().is_err().then(|| text.split('/').collect::<Vec<_>>()).and_then(
            |parts| match parts[..] {
                [day, month, year] => Some(match part {
                    ValuePart::Whole => format!("{year}-{month}-{day}"),
                    ValuePart::Month => format!("{year}-{month}"),
                    ValuePart::Year => year.to_owned(),
                }),
                _ => None,
            },
        ),
        _ => Some(row[at].clone()),
    };
    known.map_or(SegmentValue::Unreadable, SegmentValue::Value)
}

/// Whether a row fails each of the three rules.
fn fails(rows: &[[String; 5]], row: &[String; 5]) -> [bool; 3] {
    let missing = |cell: &String| cell.trim().is_empty() || cell == "-";
    let low = !missing(&row[3]) && row[3].trim().parse::<i64>().map_or(true, |x| !(0..=5).contains(&x));
    let twice = !missing(&row[4]) && rows.iter().filter(|other| other[4] == row[4]).count() > 1;
    [low, twice, missing(&row[0])]
}

fn compare(counts: &FailureCounts, rows: &[[String; 5]]) {
    let failed: Vec<[bool; 3]> = rows.iter().map(|row| fails(rows, row)).collect();
    let failing = |class: usize| failed.iter().filter(|failed| failed[class]).count() as u64;
    assert_eq!(counts.rows, rows.len() as u64);
    // Rules that are made for the columns come first.
    let classes = counts.failing.len() - 3;
    assert_eq!(counts.failing[classes..], [failing(0), failing(1), failing(2)]);
    let expected: Vec<usize> = (0..counts.failing.len()).filter(|class| counts.failing[*class] >= 5).collect();
    let mut counted = counts.counted.clone();
    counted.sort_unstable();
    assert_eq!(counted, expected);
    for table in &counts.tables {
        let groups: Vec<usize> = rows
            .iter()
            .map(|row| {
                let place = |column: &usize| {
                    let column = &counts.columns[*column];
                    let value = value(&column.column, column.part, row);
                    column.values.binary_search(&value).unwrap_or_else(|_| panic!("{value} of {}", column.column))
                };
                let places: Vec<usize> = table.by.iter().map(place).collect();
                places[0] * table.width + places.get(1).copied().unwrap_or_default()
            })
            .collect();
        let count = |is_counted: &dyn Fn(usize) -> bool| {
            let mut counted = vec![0_u64; table.rows.len()];
            groups.iter().enumerate().filter(|(row, _)| is_counted(*row)).for_each(|(_, group)| counted[*group] += 1);
            counted
        };
        assert_eq!(table.rows, count(&|_| true), "{:?}", table.by);
        for (class, found) in counts.counted.iter().zip(&table.failing) {
            if let Some(rule) = class.checked_sub(classes) {
                assert_eq!(found, &count(&|row| failed[row][rule]), "{:?} {rule}", table.by);
            }
        }
    }
    let pairs = counts.tables.iter().filter(|table| table.by.len() == 2).count();
    let parts = |column: &str| counts.columns.iter().filter(|known| known.column == column).count();
    let all: usize = counts.columns.len();
    let of_one_column: usize =
        ["a", "n", "d", "x", "k"].map(|name| parts(name) * parts(name).saturating_sub(1) / 2).iter().sum();
    assert_eq!(pairs, all * all.saturating_sub(1) / 2 - of_one_column);
    for (first, second) in (0..counts.counted.len()).flat_map(|a| (a + 1..counts.counted.len()).map(move |b| (a, b))) {
        if let [Some(a), Some(b)] = [first, second].map(|at| counts.counted[at].checked_sub(classes)) {
            let both = failed.iter().filter(|failed| failed[a] && failed[b]).count() as u64;
            assert_eq!(counts.both.get(&(first, second)).copied().unwrap_or_default(), both);
        }
    }
}

fn texts(values: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::sample::select(values).prop_map(str::to_owned)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn counts_by_groups_agree_with_the_reference(rows in prop::collection::vec(
        (
            texts(&["a", "b", "Hà Nội", "-", "", " "]),
            texts(&["1", "01", "2", "-", "no"]),
            texts(&["05/03/2026", "17/03/2026", "01/04/2026", "31/12/1999", "", "soon"]),
            texts(&["1", "5", "6", "-7", "x", ""]),
            texts(&["k1", "k2", "k3", "k4", "k5", "k6", "k7", "k8", "k9", ""]),
        ).prop_map(|(a, n, d, x, k)| [a, n, d, x, k]),
        1..60,
    )) {
        let folder = Folder::new();
        let suite = folder.write("suite.yaml", SUITE);
        let header = "a,n,d,x,k";
        folder.write("t.csv", csv(header, &rows));
        parquet(&folder.path("t.parquet"), header, &rows);
        let all = counted(&suite, &[], ALL_MEMORY, 1);
        if let Some(counts) = &all {
            compare(counts, &rows);
        }
        let as_parquet = [("t", folder.path("t.parquet"))];
        for (threads, bytes) in [(1, 1 << 30), (4, 0), (3, 700)] {
            prop_assert_eq!(&counted(&suite, &[], MemoryLimit::Keys(bytes), threads), &all);
            prop_assert_eq!(&counted(&suite, &as_parquet, MemoryLimit::Keys(bytes), threads), &all);
        }
    }
}

/// A thousand rows, a tenth of them of source B; of those of March all have an unparseable date, and one elsewhere.
fn deliveries() -> String {
    let row = |row: u32| {
        let source = if row % 10 == 7 { "B" } else { ["A", "C"][row as usize % 2] };
        let month = 1 + row / 10 % 4;
        let signed = if source == "B" && month == 3 || row == 500 { "soon" } else { "2026-01-01" };
        let phone = if signed == "soon" || row == 1 { "" } else { "x" };
        format!("{row},{source},2026-{month:02}-{:02},{signed},{phone},N{}\n", 1 + row % 28, row % 3)
    };
    "id,source,received,signed,phone,full_name\n".to_owned() + &(0..1_000).map(row).collect::<String>()
}

const DELIVERIES: &str = "suite: s
as_of: 2026-11-01
datasets:
  t:
    source: t.csv
    key: [id]
    columns:
      received: { type: date }
      signed: { type: date }
      phone: { required: true }
";

#[test]
fn the_report_names_the_smallest_groups_and_the_rules_that_fail_together() {
    let folder = Folder::of(&[("suite.yaml", DELIVERIES), ("t.csv", &deliveries())]);
    let output = run(&folder, &["audit", "suite.yaml", "--where-failing", "--format", "json"]);
    assert_eq!((code(&output), stderr(&output).as_str()), (1, "exit 1: gate failed\n"));
    let report: AuditReport = serde_json::from_str(&stdout(&output)).unwrap();
    let found = |id: &str| {
        let found = rule(&report, id).where_failing.clone().unwrap();
        let groups = found.groups.iter().map(|group| {
            let of: Vec<String> = group.of.iter().map(ToString::to_string).collect();
            (of.join(" and "), group.failing, group.rows)
        });
        (found.failing, found.rows, groups.collect::<Vec<_>>())
    };
    // 25 rows of B in March, and row 500.
    let in_march = ("month of received = 2026-03 and source = B".to_owned(), 25, 25);
    assert_eq!(found("t.signed.type"), (26, 1_000, vec![in_march]));
    // The same and row 1.
    assert_eq!(found("t.phone.required"), (27, 1_000, vec![("signed = (unparseable)".to_owned(), 26, 26)]));
    let compared = report.datasets[0].compared_failures.clone().unwrap();
    assert_eq!(compared.grouped_by, ["month of received", "signed", "source"]);
    assert_eq!(compared.personal, ["phone", "full_name"]);
    assert_eq!(compared.left_out, ["id"]);
    let [together] = compared.together.as_slice() else { panic!("{compared:?}") };
    assert_eq!(together.rules, ["t.phone.required", "t.signed.type"]);
    // 26 × 1,000 ÷ (27 × 26) = 37.03.
    assert_eq!((together.both, together.each, together.lift_percent), (26, [27, 26], 3_703));
    assert!(!stdout(&output).contains("\"N1\""), "no value of a personal column is shown");
}

#[test]
fn one_month_is_named_rather_than_its_days() {
    let row = |row: u32| match row % 10 {
        0 => format!("2025-01-{:02},\n", [3, 9, 14][row as usize / 10 % 3]),
        _ => format!("2025-{:02}-{:02},x\n", 2 + row % 2, 1 + row % 25),
    };
    let rows = "d,v\n".to_owned() + &(0..300).map(row).collect::<String>();
    let suite =
        "suite: s\ndatasets:\n  t:\n    source: t.csv\n    columns: { d: { type: date }, v: { required: true } }\n";
    let folder = Folder::of(&[("suite.yaml", suite), ("t.csv", &rows)]);
    let output = run(&folder, &["audit", "suite.yaml", "--where-failing", "-q"]);
    let lines: Vec<String> =
        stdout(&output).lines().filter(|line| line.contains("where: ")).map(str::to_owned).collect();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("month of d = 2025-01: 30 of 30 failing rows"), "{lines:?}");
}

#[test]
fn rules_with_the_same_rows_are_not_said_to_fail_together() {
    let twin = "    rules:\n      - { id: by-source, check: required, column: phone, segment: source }\n";
    let together = |suite: &str| -> Vec<[String; 2]> {
        let folder = Folder::of(&[("suite.yaml", suite), ("t.csv", &deliveries())]);
        let options = AuditOptions { where_failing: true, ..options(ALL_MEMORY, &[], 2) };
        let report = audit_with(&folder.path("suite.yaml"), &options);
        let together = report.datasets[0].compared_failures.as_ref().unwrap().together.iter();
        together.map(|pair| pair.rules.clone()).collect()
    };
    let once = together(DELIVERIES);
    assert_eq!(once, [["t.phone.required", "t.signed.type"].map(str::to_owned)]);
    assert_eq!(together(&(DELIVERIES.to_owned() + twin)).len(), 1);
}

#[test]
fn data_from_standard_input_is_searched_as_well() {
    let folder = Folder::of(&[("suite.yaml", DELIVERIES), ("t.csv", &deliveries())]);
    let found = |data: &[&str]| -> Vec<serde_json::Value> {
        let args = [&["audit", "suite.yaml", "--where-failing", "--format", "json", "-q"], data].concat();
        let input = std::fs::File::open(folder.path("t.csv")).unwrap();
        let output = program(&folder).args(args).stdin(input).output().unwrap();
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let rules = report["datasets"][0]["rules"].as_array().unwrap();
        rules.iter().map(|rule| rule["where_failing"].clone()).collect()
    };
    let from_file = found(&[]);
    assert!(from_file.iter().any(serde_json::Value::is_object));
    assert_eq!(found(&["--data", "t=-"]), from_file);
}

#[test]
fn without_it_nothing_is_searched() {
    let folder = Folder::of(&[("suite.yaml", DELIVERIES), ("t.csv", &deliveries())]);
    let report = audit_with(&folder.path("suite.yaml"), &options(ALL_MEMORY, &[], 2));
    assert!(report.datasets[0].compared_failures.is_none());
    assert!(report.datasets[0].rules.iter().all(|rule| rule.where_failing.is_none()));
}

#[test]
fn a_stored_result_keeps_it_for_rules_that_still_fail() {
    let folder = Folder::of(&[("suite.yaml", DELIVERIES), ("t.csv", &deliveries())]);
    let audit =
        run(&folder, &["audit", "suite.yaml", "--where-failing", "--format", "json", "--output", "r.json", "-q"]);
    assert_eq!(code(&audit), 1, "{}", stderr(&audit));
    folder.write("suite.yaml", DELIVERIES.replace("required: true", "required: { at_least: 90% }"));
    let output = run(&folder, &["judge", "r.json", "suite.yaml", "--format", "json"]);
    let report: AuditReport = serde_json::from_str(&stdout(&output)).unwrap();
    assert!(rule(&report, "t.signed.type").where_failing.is_some());
    assert!(rule(&report, "t.phone.required").where_failing.is_none());
    assert!(report.datasets[0].compared_failures.is_some());
    let tables: BTreeMap<bool, String> = [true, false]
        .map(|again| {
            let args: &[&str] = if again { &["report", "r.json"] } else { &["judge", "r.json", "suite.yaml"] };
            (again, stdout(&run(&folder, args)))
        })
        .into_iter()
        .collect();
    assert!(tables.values().all(|table| table.contains("month of received = 2026-03 and source = B")), "{tables:?}");
}

#[test]
fn what_does_not_go_together_is_refused() {
    let folder = Folder::of(&[("suite.yaml", DELIVERIES), ("t.csv", &deliveries())]);
    for (args, message) in [
        (&["--sample", "10%"][..], "cannot be used with"),
        (&["--stop-early"], "cannot be used with"),
        (&["--engine", "reference"], "does not count failing rows by groups"),
    ] {
        let output = run(&folder, &[&["audit", "suite.yaml", "--where-failing"], args].concat());
        assert_eq!(code(&output), 2, "{args:?}");
        assert!(stderr(&output).contains(message), "{args:?}: {}", stderr(&output));
    }
}

#[test]
fn hundreds_of_columns_and_rules_are_searched_within_limits_that_are_stated() {
    let names: Vec<String> = (0..150).map(|at| format!("c{at:03}")).collect();
    let rows = (0..200).map(|row| {
        let cells: Vec<String> =
            (0..150).map(|at| if row % 20 == 0 { String::new() } else { (row * at % 3).to_string() }).collect();
        cells.join(",") + "\n"
    });
    let columns = names.iter().map(|name| format!("      {name}: {{ required: true }}\n"));
    let suite =
        "suite: s\ndatasets:\n  t:\n    source: t.csv\n    columns:\n".to_owned() + &columns.collect::<String>();
    let folder =
        Folder::of(&[("suite.yaml", &suite), ("t.csv", &(names.join(",") + "\n" + &rows.collect::<String>()))]);
    let options = AuditOptions { where_failing: true, ..options(ALL_MEMORY, &[], 2) };
    let report = audit(&[folder.path("suite.yaml")], &options, &()).unwrap().report;
    let compared = report.datasets[0].compared_failures.clone().unwrap();
    assert_eq!((compared.grouped_by.len(), compared.not_read.len(), compared.in_pairs), (100, 50, 16));
    assert_eq!((compared.together.len(), compared.more_together), (10, 100 * 99 / 2 - 10));
    let reasons = report.datasets[0].rules.iter().filter_map(|rule| rule.where_failing.as_ref()?.reason.as_deref());
    let unsearched = reasons.filter(|reason| reason.starts_with("100 other rules have more failing rows"));
    assert_eq!(unsearched.count(), 50);
}
