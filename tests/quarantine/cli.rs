//! `passmuster audit --quarantine DIR`, as people run it.

use std::fs;
use std::io::Write as _;
use std::process::{Output, Stdio};

use passmuster::model::QuarantineManifest;
use passmuster::report::json;

use crate::support::folder::Folder;
use crate::support::program::{PROGRAM, code, program, run, stderr};

const SUITE: &str = "
suite: people
datasets:
  people:
    source: people.csv
    rules:
      - { check: required, columns: name }
      - { check: unique, columns: id, severity: critical, id: one-id }
      - { check: matches, column: name, pattern: '[a-z]*', severity: minor }
      - { check: row_count, min: 100, severity: critical }
  other:
    source: other.csv
    rules:
      - { check: row_count, min: 1 }
";

const DATA: &str = "id,name\n1,a\n2,\n3,C\n3,c\n4,D\n";

fn folder() -> Folder {
    Folder::of(&[("suite.yaml", SUITE), ("people.csv", DATA), ("other.csv", "id\n1\n")])
}

fn audit(folder: &Folder, more: &[&str]) -> Output {
    run(folder, &[&["audit", "suite.yaml", "--quarantine", "split"], more].concat())
}

fn manifest(folder: &Folder) -> QuarantineManifest {
    let text = folder.read("split/quarantine.json");
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    let schema = jsonschema::validator_for(&json::quarantine_schema()).unwrap();
    assert!(schema.is_valid(&value), "{text}");
    serde_json::from_value(value).unwrap()
}

/// A run that is refused: its message, and no trace of it.
fn refused(folder: &Folder, more: &[&str]) -> String {
    let output = audit(folder, more);
    assert_eq!(code(&output), 2, "{}", stderr(&output));
    assert!(output.stdout.is_empty());
    stderr(&output)
}

#[test]
fn rows_of_rules_about_rows_are_split() {
    let folder = folder();
    let output = audit(&folder, &[]);
    assert_eq!(code(&output), 1, "{}", stderr(&output));
    let said = stderr(&output);
    assert!(said.contains("quarantine: people: 2 rows passing, 3 failing, in split/people"), "{said}");
    // Its records are well formed, which every dataset is asked for.
    assert!(said.contains("quarantine: other: 1 row passing, 0 failing, in split/other"), "{said}");
    assert_eq!(folder.read("split/people/passing/people.csv"), "id,name\n1,a\n4,D\n");
    assert_eq!(
        folder.read("split/people/failing/people.csv"),
        "id,name,failed_rules\n2,,people.required\n3,C,one-id\n3,c,one-id\n"
    );
    let manifest = manifest(&folder);
    assert_eq!(manifest.datasets.len(), 2);
    let people = manifest.datasets.iter().find(|dataset| dataset.dataset == "people").unwrap();
    assert_eq!((people.passing, people.failing), (2, 3));
    let counts = |id: &str| people.rules.iter().any(|rule| rule == id);
    assert!(counts("people.required") && counts("one-id") && counts("people.well_formed"));
    assert!(!counts("people.row_count") && !counts("people.matches"));
}

#[test]
fn the_manifest_names_the_result_of_the_audit() {
    let folder = folder();
    let output = audit(&folder, &["--format", "json"]);
    let result: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(manifest(&folder).result, result["digest"].as_str().unwrap());
}

#[test]
fn a_dataset_without_a_rule_about_rows_is_not_split() {
    let folder = folder();
    let output = audit(&folder, &["--select", "id:one-id"]);
    let said = stderr(&output);
    assert!(said.contains("quarantine: other: not split: no rule about its rows is major or worse"), "{said}");
    assert!(!folder.path("split/other").exists());
}

#[test]
fn the_severity_decides_which_rules_count() {
    let folder = folder();
    for (severity, failing) in [("minor", 4), ("major", 3), ("critical", 2)] {
        let output = audit(&folder, &["--force", "--quarantine-severity", severity]);
        assert_eq!(code(&output), 1, "{}", stderr(&output));
        let people = manifest(&folder).datasets.into_iter().find(|dataset| dataset.dataset == "people").unwrap();
        assert_eq!(people.failing, failing, "{severity}");
    }
}

#[test]
fn what_is_no_empty_folder_is_refused_before_the_audit() {
    let folder = folder();
    folder.write("split/mine.txt", "mine");
    assert!(refused(&folder, &[]).contains("--force"));
    assert_eq!(code(&audit(&folder, &["--force"])), 1);
    assert_eq!(folder.read("split/mine.txt"), "mine");
    fs::remove_dir_all(folder.path("split")).unwrap();
    folder.write("split", "a file");
    assert!(refused(&folder, &["--force"]).contains("is a file"));
    assert_eq!(folder.read("split"), "a file");
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_is_refused() {
    let folder = folder();
    fs::create_dir(folder.path("real")).unwrap();
    std::os::unix::fs::symlink(folder.path("real"), folder.path("split")).unwrap();
    assert!(refused(&folder, &["--force"]).contains("symbolic link"));
    assert_eq!(fs::read_dir(folder.path("real")).unwrap().count(), 0);
}

#[test]
fn a_folder_of_inputs_is_refused() {
    let folder = folder();
    folder.write("split/people.csv", DATA);
    let said = refused(&folder, &["--force", "--data", "people=split/people.csv"]);
    assert!(said.contains("data of `people`"), "{said}");
    let said = refused(&folder, &["--force", "--data", "people=split"]);
    assert!(said.contains("data of `people`"), "{said}");
    assert_eq!(folder.read("split/people.csv"), DATA);
}

#[test]
fn other_output_is_kept_apart() {
    let folder = folder();
    for more in
        [&["--evidence", "split", "--force"][..], &["--output", "split/report.txt"], &["--profile", "split/p.json"]]
    {
        fs::create_dir(folder.path("split")).unwrap();
        let said = refused(&folder, more);
        assert!(said.contains("one in the other"), "{said}");
        assert_eq!(fs::read_dir(folder.path("split")).unwrap().count(), 0);
        fs::remove_dir(folder.path("split")).unwrap();
    }
}

#[test]
fn a_part_of_the_rows_is_refused() {
    let folder = folder();
    for more in [&["--sample", "50%"][..], &["--stop-early"]] {
        let said = refused(&folder, more);
        assert!(said.contains("cannot be used with"), "{said}");
        assert!(!folder.path("split").exists());
    }
}

#[test]
fn a_dataset_that_cannot_be_audited_is_named() {
    let folder = folder();
    fs::remove_file(folder.path("people.csv")).unwrap();
    let output = audit(&folder, &[]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("quarantine: people: not split: it could not be audited"), "{}", stderr(&output));
    let manifest = manifest(&folder);
    assert!(manifest.datasets.iter().all(|dataset| dataset.not_split.is_some() == (dataset.dataset == "people")));
}

#[test]
fn standard_input_is_split() {
    let folder = folder();
    let mut child = program(&folder)
        .args(["audit", "suite.yaml", "--quarantine", "split", "--data", "people=-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(DATA.as_bytes()).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert_eq!(folder.read("split/people/passing/stdin.csv"), "id,name\n1,a\n4,D\n");
}

#[test]
fn a_dataset_name_that_is_a_path_is_refused() {
    let folder = folder();
    folder.write("suite.yaml", SUITE.replace("  people:", "  \"../people\":"));
    assert!(refused(&folder, &[]).contains("cannot be a name"));
    assert!(!folder.path("split").exists() && !folder.path("people").exists());
}

#[test]
fn three_thousand_files_are_split() {
    let folder = folder();
    for number in 0..3_000 {
        folder.write(format!("data/part={}/p{number}.csv", number % 7), format!("id,name\n{number},a\nx{number},\n"));
    }
    let output = audit(&folder, &["--data", "people=data"]);
    assert_eq!(code(&output), 1, "{}", stderr(&output));
    assert!(stderr(&output).contains("people: 3,000 rows passing, 3,000 failing"), "{}", stderr(&output));
    assert_eq!(folder.read("split/people/failing/part=3/p10.csv"), "id,name,failed_rules\nx10,,people.required\n");
}

/// A limit on the size of files is like a full disk.
#[cfg(unix)]
#[test]
fn a_full_disk_leaves_nothing_and_is_reported() {
    let folder = folder();
    let rows = ",abcdefghij\n".repeat(200_000);
    folder.write("people.csv", format!("id,name\n{rows}"));
    let command = format!("ulimit -f 64; '{PROGRAM}' audit suite.yaml --quarantine split --threads 1");
    let output = std::process::Command::new("sh").args(["-c", &command]).current_dir(&folder).output().unwrap();
    let said = stderr(&output);
    assert_eq!(code(&output), 2, "{said}");
    assert!(said.contains("cannot write to split/people/passing/people.csv"), "{said}");
    assert!(!folder.path("split").exists());
}

/// The signal comes while parts are being written: their drafts are in the folder by then.
#[cfg(target_os = "linux")]
#[test]
fn nothing_is_left_of_a_split_that_is_interrupted() {
    use std::process::Command;

    use crate::support::processes::wait_until;
    for (signal, expected) in [("INT", 130), ("TERM", 143)] {
        let folder = folder();
        folder.write("people.csv", format!("id,name\n{}", "2,\n".repeat(3_000_000)));
        fs::create_dir(folder.path("spill")).unwrap();
        let mut child = program(&folder)
            .args([
                "audit",
                "suite.yaml",
                "--quarantine",
                "split",
                "--spill-dir",
                "spill",
                "--select",
                "id:people.required",
            ])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let drafts = || fs::read_dir(folder.path("split/people/failing")).is_ok_and(|mut files| files.next().is_some());
        let mut ended = false;
        wait_until("parts are being written", || {
            ended = child.try_wait().unwrap().is_some();
            ended || drafts()
        });
        assert!(!ended, "the audit has ended before a signal came");
        let sent = Command::new("sh").args(["-c", &format!("kill -{signal} {}", child.id())]).status().unwrap();
        assert!(sent.success());
        let output = child.wait_with_output().unwrap();
        assert_eq!(code(&output), expected, "{}", stderr(&output));
        assert!(stderr(&output).contains("interrupted, nothing was split"), "{}", stderr(&output));
        assert!(!folder.path("split").exists());
        assert_eq!(fs::read_dir(folder.path("spill")).unwrap().count(), 0);
        let mut left: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["other.csv", "people.csv", "spill", "suite.yaml"]);
    }
}
