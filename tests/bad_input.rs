//! Bad input through the whole program: one clear message, exit 2 (or a counted failure where the data is bad), nothing
//! half-written, no panic.

use std::fs;
use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use polars_arrow::array::Utf8ViewArray;
use serde_json::Value;

use crate::support::folder::Folder;
use crate::support::packed::gzip;
use crate::support::program::program;

use crate::support::tables::Table;

/// A folder with a suite over `data.csv`, in which the program runs.
struct Desk {
    folder: Folder,
}

const SUITE: &str = "suite: s\ndatasets:\n  d:\n    source: data.csv\n    columns:\n      a: { required: true }\n";

impl Desk {
    fn new() -> Self {
        let desk = Self { folder: Folder::new() };
        desk.write("suite.yaml", SUITE)
    }

    fn write(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        self.folder.write(name, content);
        self
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = program(&self.folder);
        command.args(args);
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// Audits and gives the exit code, the report and the text on standard error.
    fn audit(&self) -> (i32, Value, String) {
        let output = self.run(&["audit", "suite.yaml", "--format", "json"]);
        let report = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
        (output.status.code().unwrap(), report, String::from_utf8(output.stderr).unwrap())
    }

    /// Audits a dataset that cannot be read: exit 2, a report that says so, the reason on standard error.
    fn refuses(&self, reason: &str) {
        let (code, report, stderr) = self.audit();
        assert_eq!(code, 2, "{stderr}");
        assert_eq!(report["verdict"], "could_not_audit", "{report}");
        assert_eq!(report["datasets"][0]["status"], "errored");
        assert!(stderr.contains(reason), "{stderr}");
        assert!(!stderr.contains("panicked"), "{stderr}");
    }

    /// Refuses the suite: exit 2, no report, each part of the message on standard error.
    fn refuses_suite(&self, parts: &[&str]) {
        let output = self.run(&["audit", "suite.yaml"]);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert!(output.stdout.is_empty());
        for part in parts {
            assert!(stderr.contains(part), "{part} is not in:\n{stderr}");
        }
        assert!(!stderr.contains("panicked"), "{stderr}");
    }
}

fn rule<'r>(report: &'r Value, id: &str) -> &'r Value {
    let mut rules = report["datasets"].as_array().unwrap().iter().flat_map(|d| d["rules"].as_array().unwrap());
    rules.find(|rule| rule["id"] == id).unwrap_or_else(|| panic!("{id} is not in the report"))
}

#[test]
fn a_missing_file_names_its_path() {
    Desk::new().refuses("data.csv");
}

#[test]
fn one_unreadable_dataset_does_not_stop_the_others() {
    let desk = Desk::new().write("data.csv", "a\n1\n\"\"\n").write(
        "suite.yaml",
        format!("{SUITE}  gone:\n    source: gone.csv\n    rules: [{{ check: row_count, min: 1 }}]\n"),
    );
    let (code, report, stderr) = desk.audit();
    assert_eq!(code, 2);
    assert!(stderr.contains("gone.csv"), "{stderr}");
    assert_eq!(rule(&report, "d.a.required")["failed"], 1);
    assert_eq!(rule(&report, "gone.row_count")["status"], "errored");
}

#[test]
fn an_empty_file_has_no_header() {
    Desk::new().write("data.csv", "").refuses("empty");
}

#[test]
fn a_header_alone_is_not_measured_and_does_not_pass() {
    let (code, report, _) = Desk::new().write("data.csv", "a,b\n").audit();
    assert_eq!(code, 1, "{report}");
    assert_eq!(rule(&report, "d.a.required")["status"], "not_measured");
    assert_eq!(report["datasets"][0]["rows"], 0);
    assert!(report["datasets"][0]["score"].is_null());
    assert!(report["gate"]["reasons"][0].as_str().unwrap().contains("nothing was measured"));
}

#[test]
fn a_folder_without_data_is_refused() {
    let desk = Desk::new();
    fs::create_dir(desk.folder.path("empty")).unwrap();
    desk.write("suite.yaml", SUITE.replace("data.csv", "empty")).refuses("empty");
}

#[test]
fn text_under_a_parquet_name_is_refused() {
    let desk = Desk::new().write("suite.yaml", SUITE.replace("data.csv", "data.parquet"));
    desk.write("data.parquet", "a\n1\n").refuses("data.parquet");
}

fn parquet_bytes() -> Vec<u8> {
    let cells: Vec<String> = (0..500).map(|n| format!("value {n}")).collect();
    Table::new([("a", Utf8ViewArray::from_slice_values(cells).boxed())]).parquet(500)
}

#[test]
fn a_truncated_parquet_file_is_refused() {
    let bytes = parquet_bytes();
    for length in [0, 3, 4, 11, bytes.len() / 2, bytes.len() - 1] {
        let desk = Desk::new().write("suite.yaml", SUITE.replace("data.csv", "data.parquet"));
        desk.write("data.parquet", &bytes[..length]).refuses("data.parquet");
    }
}

#[test]
fn a_damaged_parquet_footer_never_panics() {
    let bytes = parquet_bytes();
    for at in (bytes.len() - 200..bytes.len()).step_by(13) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0xFF;
        let desk = Desk::new().write("suite.yaml", SUITE.replace("data.csv", "data.parquet"));
        let (code, _, stderr) = desk.write("data.parquet", damaged).audit();
        assert!([0, 1, 2].contains(&code), "byte {at}: {code}");
        assert!(!stderr.contains("panicked"), "{stderr}");
    }
}

#[test]
fn a_truncated_gzip_file_is_refused() {
    let whole = gzip("a\n1\n".repeat(10_000).as_bytes());
    Desk::new().write("data.csv", &whole[..whole.len() / 2]).refuses("data.csv");
}

#[test]
fn every_member_of_a_gzip_file_is_read() {
    let mut bytes = gzip(b"a\n1\n2\n");
    bytes.extend(gzip(b"3\n4\n"));
    let (code, report, _) = Desk::new().write("data.csv", bytes).audit();
    assert_eq!((code, &report["datasets"][0]["rows"]), (0, &Value::from(4)));
}

#[test]
fn ten_megabytes_in_one_cell_are_read() {
    let cell = "x".repeat(10 << 20);
    let (code, report, _) = Desk::new().write("data.csv", format!("a,b\n{cell},1\n\"{cell}\",2\n,3\n")).audit();
    assert_eq!(code, 1);
    let required = rule(&report, "d.a.required");
    assert_eq!((&required["passed"], &required["failed"]), (&Value::from(2), &Value::from(1)));
}

#[test]
fn five_thousand_columns_are_read() {
    let names: Vec<String> = (0..5_000).map(|n| format!("c{n}")).collect();
    let row = vec!["1"; 5_000].join(",");
    let desk = Desk::new().write("data.csv", format!("{}\n{row}\n{row}\n", names.join(",")));
    let suite = SUITE.replace("a: { required: true }", "c4999: { required: true }");
    let (code, report, _) = desk.write("suite.yaml", suite).audit();
    assert_eq!((code, &rule(&report, "d.c4999.required")["passed"]), (0, &Value::from(2)));
}

#[test]
fn rules_for_each_of_four_thousand_columns_are_measured() {
    const COLUMNS: usize = 4_000;
    let names: Vec<String> = (0..COLUMNS).map(|n| format!("c{n}")).collect();
    let desk = Desk::new().write("data.csv", format!("{}\n{}\n", names.join(","), vec!["ab"; COLUMNS].join(",")));
    let suite = r#"
suite: s
datasets:
  d:
    source: data.csv
    columns: { "c*": { required: true, length: 2.. } }
    rules:
      - { id: name, check: matches, pattern: '(?i)[\p{L}]{2,50}', each: "*" }
      - { id: kind, check: identifier, kind: iban, each: "c1*" }
      - { id: where, check: matches, pattern: "[a-z]+", each: "*", where: "c7 = 'ab'" }
      - { id: unique, check: unique, each: "*" }
      - { id: by, check: forbidden, values: [x, y], each: "c3*", segment: c9 }
"#;
    let desk = desk.write("suite.yaml", suite);
    let output = desk.run(&["audit", "suite.yaml", "--format", "json", "--memory", "256MiB"]);
    let (report, stderr): (Value, _) =
        (serde_json::from_slice(&output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    // One row of a few kilobytes is no reason to doubt that memory holds it.
    assert!(!stderr.contains("warning"), "{stderr}");
    let rules = report["datasets"][0]["rules"].as_array().unwrap();
    let with = |prefix: &str| names.iter().filter(|name| name.starts_with(prefix)).count();
    let (ones, threes) = (with("c1"), with("c3"));
    assert_eq!(rules.len(), 1 + 5 * COLUMNS + ones + threes);
    let of = |prefix: &str, status: &str| {
        let is = |rule: &&Value| rule["id"].as_str().unwrap().starts_with(prefix) && rule["status"] == status;
        rules.iter().filter(is).count()
    };
    assert_eq!(of("kind.", "failed"), ones);
    for prefix in ["name.", "where.", "unique."] {
        assert_eq!(of(prefix, "passed"), COLUMNS, "{prefix}");
    }
    assert_eq!((of("by.", "passed"), of("d.", "passed")), (threes, 1 + 2 * COLUMNS));
}

#[test]
fn more_rules_than_memory_holds_are_refused() {
    const COLUMNS: usize = 3_000;
    let names: Vec<String> = (0..COLUMNS).map(|n| format!("c{n}")).collect();
    let desk = Desk::new().write("data.csv", format!("{}\n{}\n", names.join(","), vec!["ab"; COLUMNS].join(",")));
    let rules: Vec<String> =
        (0..8).map(|n| format!("      - {{ id: r{n}, check: length, max: {n}, each: '*' }}\n")).collect();
    let suite = format!("suite: s\ndatasets:\n  d:\n    source: data.csv\n    rules:\n{}", rules.concat());
    let output = desk.write("suite.yaml", suite).run(&["audit", "suite.yaml", "--memory", "128MiB"]);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(
        stderr.contains("makes 24,001 rules for the columns at hand") && stderr.contains("--memory: allow"),
        "{stderr}"
    );
}

#[test]
fn a_line_of_json_that_memory_does_not_hold_is_refused() {
    let long = "x".repeat(20 << 20);
    let desk = Desk::new().write("suite.yaml", SUITE.replace("data.csv", "data.ndjson"));
    let desk = desk.write("data.ndjson", format!("{{\"a\": 1}}\n{{\"a\": \"{long}\"}}\n"));
    let run = |memory: &str| {
        let output = desk.run(&["audit", "suite.yaml", "--memory", memory]);
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, stderr) = run("256MiB");
    assert_eq!(code, 2, "{stderr}");
    let reason = "line 2 is longer than 16 MiB: write one object a line, or allow more with --memory";
    assert!(stderr.contains(reason), "{stderr}");
    assert_eq!(run("1GiB").0, 0);
}

#[test]
fn a_record_that_memory_does_not_hold_is_refused() {
    // Cells within their limit, and a record that is beyond its own: line ends are missing.
    let record = vec!["x".repeat(1 << 20); 40].join(",");
    let desk = Desk::new().write("data.csv", format!("a\n1\n{record}\n2\n"));
    let output = desk.run(&["audit", "suite.yaml", "--memory", "256MiB"]);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("line 3 is longer than 32 MiB") && stderr.contains("--memory"), "{stderr}");
}

#[test]
fn row_groups_that_memory_does_not_hold_are_refused() {
    let numbers = |at: i64| polars_arrow::array::PrimitiveArray::from_vec((at..at + 1_000_000).collect()).boxed();
    let names: Vec<String> = (0..12).map(|n| format!("n{n}")).collect();
    let columns = names.iter().zip(0..).map(|(name, at)| (name.as_str(), numbers(at)));
    let desk = Desk::new().write("data.parquet", Table::new(columns).parquet(1_000_000));
    let suite = "suite: s\ndatasets: { d: { source: data.parquet, rules: [{ check: distinct_rows }] } }\n";
    let desk = desk.write("suite.yaml", suite);
    let output = desk.run(&["audit", "suite.yaml", "--memory", "128MiB"]);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    for part in ["what is held of it at a time may need", "--memory is 128 MiB: allow", "smaller row groups"] {
        assert!(stderr.contains(part), "{part} is not in {stderr}");
    }
}

#[test]
fn footers_that_memory_does_not_hold_are_refused() {
    let numbers = polars_arrow::array::PrimitiveArray::from_vec((0..60_000_i64).collect()).boxed();
    let names: Vec<String> = (0..4).map(|n| format!("n{n}")).collect();
    let columns = names.iter().map(|name| (name.as_str(), numbers.clone()));
    let bytes = Table::new(columns).parquet(1);
    let desk = Desk::new().write("data.parquet", bytes).write("suite.yaml", SUITE.replace("data.csv", "data.parquet"));
    let output = desk.run(&["audit", "suite.yaml", "--memory", "128MiB"]);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(
        stderr.contains("its footer describes so many row groups") && stderr.contains("larger row groups"),
        "{stderr}"
    );
}

#[test]
fn repeated_column_names_are_a_counted_fault() {
    let (code, report, _) = Desk::new().write("data.csv", "a,b,a\n1,2,3\n").audit();
    assert_eq!(code, 1);
    let framing = rule(&report, "d.well_formed");
    assert_eq!((&framing["passed"], &framing["failed"]), (&Value::from(1), &Value::from(1)));
    assert_eq!(report["datasets"][0]["faults"][0]["kind"], "repeated_column");
}

#[test]
fn nul_bytes_and_undecodable_bytes_are_counted_with_their_lines() {
    let (code, report, _) = Desk::new().write("data.csv", b"a,b\n1,2\n\0,2\nx,\xe9\n4,5\n").audit();
    assert_eq!(code, 1);
    assert_eq!(rule(&report, "d.well_formed")["failed"], 2);
    let faults: Vec<(&str, u64)> = report["datasets"][0]["faults"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| (fault["kind"].as_str().unwrap(), fault["line"].as_u64().unwrap()))
        .collect();
    assert_eq!(faults, [("nul_byte", 3), ("undecodable", 4)]);
}

#[test]
fn ragged_and_cut_off_records_are_counted_and_the_rest_is_audited() {
    let (code, report, _) = Desk::new().write("data.csv", "a,b\n1,2\n3\n4,5,6\n7,8\n9,\"open\n").audit();
    assert_eq!(code, 1);
    let framing = rule(&report, "d.well_formed");
    assert_eq!((&framing["passed"], &framing["failed"]), (&Value::from(2), &Value::from(3)), "{framing}");
    assert_eq!(rule(&report, "d.a.required")["passed"], 5);
}

#[test]
fn an_unknown_name_is_located_and_the_nearest_named() {
    let desk = |suite: &str| Desk::new().write("data.csv", "a\n1\n").write("suite.yaml", suite);
    desk(&SUITE.replace("required", "requird")).refuses_suite(&["suite.yaml:6:12", "required"]);
    desk(&SUITE.replace("source", "sourc")).refuses_suite(&["suite.yaml:4:5", "source"]);
    let with_rule = |rule: &str| format!("{SUITE}    rules:\n      - {rule}\n");
    desk(&with_rule("{ check: uniqe, columns: a }")).refuses_suite(&["suite.yaml:8:18", "unique"]);
    desk(&with_rule("{ check: exists_in, columns: a, dataset: e, key: a }")).refuses_suite(&["suite.yaml:8:50"]);
    desk(&with_rule("{ check: length, column: a, within: many }")).refuses_suite(&["suite.yaml:8:45"]);
    desk(&with_rule("{ check: matches, column: a, pattern: '[' }")).refuses_suite(&["suite.yaml:8:47"]);
    desk(&with_rule("{ check: matches, column: a, pattern: '(?:a{1000}){1000}' }")).refuses_suite(&["too large"]);
}

#[test]
fn a_constant_fault_of_an_expression_is_refused() {
    let suite = format!(
        "{SUITE}    rules:\n      - {{ check: expect, that: a = 1 / 0 }}\n      - {{ check: expect, that: length(a) > 999999999999999999999999999999999999999 }}\n"
    );
    // Columns of text files are text unless declared, so this is known before any data is read.
    Desk::new().write("suite.yaml", suite).refuses_suite(&["division by zero", "suite.yaml:8:", "suite.yaml:9:"]);
}

#[test]
fn an_unknown_column_is_an_error_of_its_rule_alone() {
    let suite = SUITE.replace("a: {", "amont: { required: true }\n      a: {");
    let (code, report, stderr) = Desk::new().write("data.csv", "a,amount\n1,2\n").write("suite.yaml", suite).audit();
    assert_eq!(code, 2);
    assert!(stderr.contains("amount"), "{stderr}");
    assert_eq!(rule(&report, "d.amont.required")["status"], "errored");
    assert_eq!(rule(&report, "d.a.required")["status"], "passed");
}

#[test]
fn names_that_differ_in_what_is_not_seen_are_told_apart() {
    let suite = SUITE.replace("a: {", "\"h\u{1ecd} t\u{ea}n\": { required: true }\n      a: {")
        + "    rules:\n      - { check: expect, that: '\"h\u{1ecd} t\u{ea}n\" = 1' }\n";
    let desk = Desk::new().write("data.csv", "a,h\u{1ecd}\u{a0}t\u{ea}n\n1,2\n").write("suite.yaml", suite);
    let (code, _, stderr) = desk.audit();
    assert_eq!(code, 2);
    let said = "It looks the same, but";
    assert_eq!(stderr.matches(said).count(), 2, "{stderr}");
}

#[test]
fn all_errors_of_a_suite_come_at_once() {
    let suite = "suite: s\ncolour: red\ndatasets:\n  d:\n    source: data.csv\n    rules:\n      - { check: uniqe }\n      - { check: length, column: a, within: x }\n";
    Desk::new().write("suite.yaml", suite).refuses_suite(&["suite.yaml:2:1", "suite.yaml:7:18", "suite.yaml:8:45"]);
}

#[test]
fn suites_that_extend_each_other_are_refused() {
    let desk = Desk::new().write("suite.yaml", format!("{SUITE}extends: [b.yaml]\n"));
    desk.write("b.yaml", "extends: [suite.yaml]\n").refuses_suite(&["extends"]);
}

#[test]
fn bombs_are_refused() {
    let level = |n: u32| format!("x{n}: &x{n} [{}]\n", vec![format!("*x{}", n.saturating_sub(1)); 10].join(", "));
    let laughs = "suite: s\nx0: &x0 [lol, lol, lol, lol]\n".to_owned() + &(1..10).map(level).collect::<String>();
    Desk::new().write("suite.yaml", laughs).refuses_suite(&["suite.yaml"]);
    Desk::new().write("suite.yaml", "[".repeat(100_000)).refuses_suite(&["suite.yaml"]);
    Desk::new().write("suite.yaml", format!("suite: {}\n", "x".repeat(5 << 20))).refuses_suite(&["suite.yaml"]);
    let deep = format!(
        "{SUITE}    rules:\n      - {{ check: expect, that: '{}a{} = a' }}\n",
        "(".repeat(3_000),
        ")".repeat(3_000)
    );
    Desk::new().write("suite.yaml", deep).refuses_suite(&["suite.yaml:8:"]);
}

#[test]
fn a_row_that_divides_by_zero_or_overflows_is_unreadable() {
    let suite = "suite: s\ndatasets:\n  d:\n    source: data.csv\n    columns:\n      a: { type: integer }\n    rules:\n      - { id: div, check: expect, that: 10 / a > 1 }\n      - { id: over, check: expect, that: a + 1 > 0 }\n";
    let desk =
        Desk::new().write("suite.yaml", suite).write("data.csv", "a\n0\n5\n99999999999999999999999999999999999999\n");
    let (code, report, _) = desk.audit();
    assert_eq!(code, 1);
    let counts = |id| ["passed", "failed", "unreadable"].map(|key| rule(&report, id)[key].as_u64().unwrap());
    assert_eq!(counts("div"), [1, 2, 1]);
    assert_eq!(counts("over"), [2, 1, 1]);
}

#[test]
fn an_output_that_cannot_be_written_leaves_nothing_behind() {
    let desk = Desk::new().write("data.csv", "a\n1\n");
    let path = |name: &str| desk.folder.path(name);
    fs::create_dir(path("folder")).unwrap();
    for target in ["folder", "no/such/folder/report.json", "data.csv", "suite.yaml"] {
        let output = desk.run(&["audit", "suite.yaml", "--output", target]);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{target}: {stderr}");
        assert!(stderr.contains(target), "{stderr}");
    }
    assert_eq!(fs::read(path("data.csv")).unwrap(), b"a\n1\n");
    assert_eq!(fs::read_to_string(path("suite.yaml")).unwrap(), SUITE);
    let names: Vec<_> = fs::read_dir(desk.folder.root()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 3, "{names:?}");
}

#[test]
fn standard_input_is_a_dataset() {
    let desk = Desk::new();
    let mut child = desk
        .command(&["audit", "suite.yaml", "--data", "d=-", "--format", "json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"a,b\n1,2\n1,2\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(rule(&report, "d.a.required")["passed"], 2);
}

#[test]
fn standard_input_is_no_two_datasets() {
    let suite =
        SUITE.replace("data.csv", "\"-\"") + "  e:\n    source: \"-\"\n    columns: { a: { required: true } }\n";
    let output = Desk::new().write("suite.yaml", suite).run(&["audit", "suite.yaml"]);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("d and e both read standard input"), "{stderr}");
}

#[test]
fn no_report_or_message_holds_a_cell() {
    let canary = "CANARY-8842";
    let suite = "suite: s\ndatasets:\n  d:\n    source: data.csv\n    columns:\n      a: { required: true, unique: true, type: integer, matches: 'x', allowed: [y], length: 2 }\n      b: { type: date }\n    rules:\n      - { check: aggregate, that: \"max(c) = 'z' and min(c) <> 'y'\" }\n      - { check: expect, that: \"b > date '2020-01-01' or c = 'q'\" }\n";
    let suite = suite.replace("type: integer, matches: 'x', ", "").replace("length: 2", "length: 2, matches: 'x'");
    let data = format!(
        "a,b,c\n{canary},{canary},{canary}\n{canary},\"{canary}\n{canary}\",{canary},{canary}\n\"{canary},1,2\n"
    );
    let desk = Desk::new().write("suite.yaml", suite).write("data.csv", data);
    for args in [&["audit", "suite.yaml", "--format", "json"][..], &["audit", "suite.yaml", "-v"]] {
        let output = desk.run(args);
        for stream in [&output.stdout, &output.stderr] {
            let text = String::from_utf8_lossy(stream);
            assert!(!text.contains(canary), "{text}");
        }
        assert_ne!(output.status.code(), Some(0));
    }
}
