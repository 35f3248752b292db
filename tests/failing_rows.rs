//! `audit --evidence`: every failing row with every reason, and no personal value.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Output;

use passmuster::evidence::Evidence;
use passmuster::model::{EvidenceManifest, FailingRow, TokenKey};

use crate::support::audits::{ALL_MEMORY, options};
use crate::support::failing::records_with;
use crate::support::folder::Folder;
use crate::support::program::{PROGRAM, code, run, stderr, stdout};

/// Rows 2 and 3 fail rules; the last of them has a name with a line break and two spaces.
const CITIZENS: &str = "id,name,age,place\n\
    1,Ann,30,A\n\
    2,Bob,200,B\n\
    2,\"Cyd\nand  Co\",x,A\n\
    4,Dan,41,A\n";

const SUITE: &str = "suite: s
datasets:
  citizens:
    source: citizens.csv
    key: id
    owner: Population
    columns:
      id: { pii: none }
      name: { pii: basic, tidy: true }
      age: { type: integer, range: { min: 0, max: 120 }, pii: none }
      place: { pii: none }
    rules:
      - { id: once, check: unique, columns: id, severity: critical }
";

fn folder() -> Folder {
    Folder::of(&[("suite.yaml", SUITE), ("citizens.csv", CITIZENS)])
}

/// Audits with evidence in `out`; gives the manifest and the rows of a dataset.
fn evidence(folder: &Folder, dataset: &str, args: &[&str]) -> (EvidenceManifest, Vec<FailingRow>) {
    let all = [&["audit", "suite.yaml", "--as-of", "2026-11-01", "-q", "--evidence", "out"], args].concat();
    let output = run(folder, &all);
    assert!(code(&output) < 2, "{}", stderr(&output));
    read(&folder.path("out"), dataset)
}

fn read(path: &Path, dataset: &str) -> (EvidenceManifest, Vec<FailingRow>) {
    let evidence = Evidence::open(path).unwrap();
    let manifest = evidence.manifest().clone();
    let facts = manifest.dataset(dataset).unwrap();
    let rows = evidence.failing(facts).unwrap().map(|rows| rows.map(Result::unwrap).collect()).unwrap_or_default();
    (manifest, rows)
}

/// The rules of a row with their reasons.
fn failed(row: &FailingRow) -> Vec<(&str, Option<&str>)> {
    row.failed.iter().map(|failed| (&*failed.rule, failed.reason.as_deref())).collect()
}

#[test]
fn every_failing_row_has_all_its_rules_and_reasons() {
    let (manifest, rows) = evidence(&folder(), "citizens", &[]);
    let places: Vec<_> = rows.iter().map(|row| (&*row.file, row.record, row.line)).collect();
    assert_eq!(places, [("citizens.csv", 2, Some(3)), ("citizens.csv", 3, Some(4))]);
    assert_eq!(failed(&rows[0]), [("citizens.age.range", None), ("once", None)]);
    assert_eq!(
        failed(&rows[1]),
        [
            ("citizens.age.range", Some("unparseable")),
            ("citizens.age.type", Some("unparseable")),
            ("citizens.name.tidy", Some("double_space, line_break")),
            ("once", None),
        ]
    );
    assert_eq!(rows[1].key, [Some("2".to_owned())]);
    assert!(rows.iter().all(|row| row.cells.is_empty()));
    let once = manifest.rule("once").unwrap();
    assert_eq!((once.failed, once.listed, once.limit), (2, 2, None));
    assert_eq!(once.owner.as_deref(), Some("Population"));
    let facts = manifest.dataset("citizens").unwrap();
    assert_eq!(facts.failing.as_ref().unwrap().rows, 2);
    assert!(manifest.tokens.is_none());
}

#[test]
fn a_limit_cuts_each_rule_and_the_report_says_so() {
    let folder = folder();
    let args = ["audit", "suite.yaml", "--evidence", "out", "--evidence-limit", "1", "--format", "json"];
    let output = run(&folder, &args);
    let (manifest, rows) = read(&folder.path("out"), "citizens");
    assert_eq!(rows.iter().map(|row| row.record).collect::<Vec<_>>(), [2, 3]);
    let once = manifest.rule("once").unwrap();
    assert_eq!((once.failed, once.listed, once.limit), (2, 1, Some(1)));
    assert!(!failed(&rows[1]).iter().any(|(rule, _)| *rule == "once"));
    assert!(stdout(&output).contains("the evidence lists the first 1 of 2 failing rows"), "{}", stdout(&output));
}

#[test]
fn personal_keys_are_tokens_and_cells_are_shown_only_where_asked_for() {
    let folder = Folder::of(&[
        ("suite.yaml", &SUITE.replace("id: { pii: none }", "id: { pii: sensitive }")),
        ("citizens.csv", CITIZENS),
    ]);
    folder.write("key", "a secret of twenty bytes");
    set_mode(&folder.path("key"), 0o600);
    let (manifest, rows) = evidence(&folder, "citizens", &[]);
    assert_eq!(manifest.tokens.unwrap().key, TokenKey::OneAudit);
    assert!(manifest.notices.iter().any(|notice| notice.text.contains("do not compare")), "{:?}", manifest.notices);
    let token = rows[0].key[0].clone().unwrap();
    assert!(token.starts_with("token:") && rows[1].key[0].as_ref() == Some(&token), "{token}");

    let (_, again) = evidence(&folder, "citizens", &["--force", "--key-file", "key"]);
    let (manifest, rows) = evidence(&folder, "citizens", &["--force", "--key-file", "key", "--reveal"]);
    assert_eq!(again[0].key, rows[0].key);
    assert_ne!(rows[0].key[0].as_ref(), Some(&token));
    assert_eq!(manifest.tokens.unwrap().key, TokenKey::File);
    assert_eq!(manifest.dataset("citizens").unwrap().revealed, ["age", "place"]);
    assert_eq!(rows[1].cells, [Some("x".to_owned()), Some("A".to_owned())]);
    assert!(manifest.notices.iter().any(|notice| notice.text.contains("2 columns are withheld")));

    let args = ["--force", "--key-file", "key", "--reveal-personal"];
    let (manifest, rows) = evidence(&folder, "citizens", &args);
    assert_eq!(manifest.dataset("citizens").unwrap().revealed, ["id", "name", "age", "place"]);
    assert_eq!(rows[1].cells[1].as_deref(), Some("Cyd\nand  Co"));
    assert!(manifest.notices.iter().any(|notice| notice.text.contains("--reveal-personal")));
}

fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn what_cannot_be_evidence_is_refused_before_data_is_read() {
    let folder = folder();
    for (name, text, mode) in [("open", "a secret of twenty bytes", 0o644), ("empty", "\n", 0o600)] {
        folder.write(name, text);
        set_mode(&folder.path(name), mode);
    }
    let refused = |args: &[&str]| -> String {
        let output: Output = run(&folder, &[&["audit", "suite.yaml"], args].concat());
        assert_eq!(code(&output), 2, "{args:?}");
        assert!(stdout(&output).is_empty());
        stderr(&output)
    };
    for (args, says) in [
        (&["--evidence", "out", "--key-file", "none"][..], "does not exist"),
        (&["--evidence", "out", "--key-file", "open"], "everybody on this machine can read it"),
        (&["--evidence", "out", "--key-file", "empty"], "it is empty"),
        (&["--evidence", "out", "--reveal-personal"], "--key-file"),
        (&["--reveal"], "--evidence"),
        (&["--evidence", "out", "--sample", "1%"], "cannot be used with"),
        (&["--evidence", "out", "--stop-early"], "cannot be used with"),
        (&["--evidence", "out", "--evidence-limit", "0"], "--evidence-limit"),
        (&["--evidence", "citizens.csv"], "citizens.csv"),
        (&["--evidence", "."], "not empty"),
        (&["--evidence", ".", "--force"], "refusing to write"),
        (&["--evidence", "out", "--engine", "reference"], "does not hand on failing rows"),
    ] {
        let error = refused(args);
        assert!(error.contains(says), "{args:?}: {error}");
    }
    assert!(!folder.path("out").exists(), "nothing is left behind");
    std::os::unix::fs::symlink(folder.path("elsewhere"), folder.path("link")).unwrap();
    assert!(refused(&["--evidence", "link"]).contains("link"));
}

/// A limit on the size of files is like a full disk.
#[cfg(unix)]
#[test]
fn a_full_disk_leaves_no_evidence_and_is_reported() {
    let suite = "suite: s\ndatasets:\n  t: { source: t.csv, key: id, columns: { id: { pii: basic }, v: { required: true } } }\n";
    let rows: String = (0..50_000).map(|row| row.to_string() + ",\n").collect();
    let folder = Folder::of(&[("suite.yaml", suite), ("t.csv", &format!("id,v\n{rows}"))]);
    let command = format!("ulimit -f 64; '{PROGRAM}' audit suite.yaml -q --evidence out --threads 1");
    let output = std::process::Command::new("sh").args(["-c", &command]).current_dir(&folder).output().unwrap();
    assert_eq!((code(&output), stdout(&output).as_str()), (2, ""));
    assert!(stderr(&output).contains("cannot write to out/t.failing.parquet"), "{}", stderr(&output));
    assert!(!folder.path("out").exists());
}

/// Nobody can make a folder there, not even an administrator.
#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_cannot_be_written_to_is_refused() {
    let output = run(&folder(), &["audit", "suite.yaml", "-q", "--evidence", "/proc/evidence"]);
    assert_eq!((code(&output), stdout(&output).as_str()), (2, ""));
    assert!(stderr(&output).contains("cannot write to /proc/evidence"), "{}", stderr(&output));
}

#[test]
fn the_same_rows_come_whatever_memory_and_threads_there_are() {
    let row = |at: u32| format!("{},{},{}", at % 9_000, if at.is_multiple_of(7) { "x" } else { "5" }, at % 11);
    let rows: Vec<String> = (0..30_000).map(row).collect();
    let folder = Folder::of(&[
        (
            "suite.yaml",
            "suite: s\ndatasets:\n  t:\n    source: t.csv\n    key: k\n    columns: { n: { type: integer } }\n    rules:\n\
             \x20     - { id: once, check: unique, columns: k }\n\
             \x20     - { id: few, check: allowed, column: c, values: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] }\n",
        ),
        ("t.csv", &format!("k,n,c\n{}\n", rows.join("\n"))),
    ]);
    let wanted: BTreeMap<String, Vec<String>> = BTreeMap::from([("t".to_owned(), vec!["c".to_owned()])]);
    let suite = folder.path("suite.yaml");
    let (report, all) = records_with(&suite, &options(ALL_MEMORY, &[], 1), wanted.clone());
    let failed: BTreeMap<&str, u64> =
        report.datasets[0].rules.iter().map(|rule| (rule.id.as_str(), rule.failed)).collect();
    // 9,000 keys in 30,000 rows all occur at least three times; every seventh number and every eleventh code are wrong.
    assert_eq!((failed["once"], failed["few"], failed["t.n.type"]), (30_000, 2_727, 4_286));
    let [records, cells] = [all.records.into_inner().unwrap().len(), all.cells.lock().unwrap().len()];
    assert_eq!((records, cells), (3, 30_000));
    assert!(
        all.cells
            .into_inner()
            .unwrap()
            .iter()
            .all(|((_, row), cells)| { cells[0] == Some(((row.record - 1) % 11).to_string()) })
    );
    for (threads, bytes) in [(1, 0), (4, 500), (2, 1 << 16)] {
        let memory = passmuster::engine::MemoryLimit::Keys(bytes);
        let (_, again) = records_with(&suite, &options(memory, &[], threads), wanted.clone());
        assert_eq!(again.cells.into_inner().unwrap().len(), 30_000);
    }
}

#[test]
fn files_and_columns_of_any_number_have_evidence() {
    let folder = Folder::new();
    fs::create_dir(folder.path("many")).unwrap();
    for file in 0..3_000 {
        folder.write(format!("many/f{file:04}.csv"), format!("k,n\n{file},1\n{file},x\n"));
    }
    let names: Vec<String> = (0..5_000).map(|at| format!("c{at}")).collect();
    let cells = |last: &str| format!("{}{last}\n", "1,".repeat(4_999));
    folder.write("wide.csv", format!("{}\n{}{}", names.join(","), cells("1"), cells("x")));
    folder.write(
        "suite.yaml",
        "suite: s\ndatasets:\n  many:\n    source: many\n    columns: { n: { type: integer } }\n  wide:\n    source: wide.csv\n\
         \x20   columns: { c4999: { type: integer } }\n",
    );
    let (_, rows) = evidence(&folder, "many", &[]);
    assert_eq!(rows.len(), 3_000);
    assert!(rows.iter().enumerate().all(|(at, row)| *row.file == *format!("many/f{at:04}.csv") && row.record == 2));
    let (manifest, wide) = evidence(&folder, "wide", &["--reveal", "--force"]);
    assert_eq!((wide.len(), wide[0].cells.len()), (1, 5_000));
    let outside: Vec<String> = fs::read_dir(folder.path("out"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(outside.len(), 3, "{outside:?}");
    assert!(manifest.dataset("many").unwrap().failing.is_some());
}

#[test]
fn a_dataset_cannot_be_named_like_a_path() {
    let folder = Folder::of(&[("suite.yaml", &SUITE.replace("citizens:", "../citizens:")), ("citizens.csv", CITIZENS)]);
    let output = run(&folder, &["audit", "suite.yaml", "--evidence", "out"]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("cannot be a name"), "{}", stderr(&output));
    assert!(!folder.path("out").exists());
}

#[test]
fn standard_input_and_packed_files_have_evidence() {
    use std::io::Write as _;
    use std::process::Stdio;
    let folder = folder();
    let mut child = crate::support::program::program(&folder)
        .args(["audit", "suite.yaml", "--data", "citizens=-", "-q", "--evidence", "out"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(CITIZENS.as_bytes()).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1));
    let (_, piped) = read(&folder.path("out"), "citizens");
    assert_eq!(
        piped.iter().map(|row| (&*row.file, row.record, row.line)).collect::<Vec<_>>(),
        [("-", 2, Some(3)), ("-", 3, Some(4))]
    );
    let packed = crate::support::packed::gzip(CITIZENS.as_bytes());
    fs::write(folder.path("citizens.csv.gz"), packed).unwrap();
    let (_, rows) = evidence(&folder, "citizens", &["--force", "--data", "citizens=citizens.csv.gz"]);
    assert_eq!(rows.iter().map(|row| (row.record, row.line)).collect::<Vec<_>>(), [(2, Some(3)), (3, Some(4))]);
}
