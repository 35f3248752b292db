//! The program as a user meets it: arguments, streams, files, exit codes, signals.

use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::support::folder::Folder;
use crate::support::program::{PROGRAM, code, program, run, stderr, stdout};

const SUITE: &str = "
suite: people
as_of: 2026-11-01
datasets:
  people:
    source: people.csv
    owner: G01
    columns:
      id: { required: true, unique: true }
      name: { required: true, severity: minor }
";
const CLEAN: &str = "id,name\n1,An\n2,Binh\n3,Chi\n";
const FAULTY: &str = "id,name\n1,An\n2,Binh\n2,\n";

/// A folder with the suite and its data.
fn folder(data: &str) -> Folder {
    let folder = Folder::new();
    folder.write("suite.yaml", SUITE);
    folder.write("people.csv", data);
    folder
}

#[test]
fn a_clean_export_passes_and_says_nothing_else() {
    let output = run(&folder(CLEAN), &["audit", "suite.yaml"]);
    assert_eq!((code(&output), stderr(&output).as_str()), (0, ""));
    assert!(stdout(&output).starts_with("PASSED  people as of 2026-11-01 · gate passed\n"), "{}", stdout(&output));
}

#[test]
fn a_faulty_export_fails_with_its_counts() {
    let output = run(&folder(FAULTY), &["audit", "suite.yaml"]);
    assert_eq!(code(&output), 1);
    assert_eq!(stderr(&output).lines().last(), Some("exit 1: gate failed"));
    let text = stdout(&output);
    assert!(text.starts_with("FAILED  people"), "{text}");
    for part in [
        "FAILED  major  people.id.unique",
        "2 of 3 rows share a key",
        "people.csv lines 3, 4 (records 2, 3)",
        "records clean  1 of 3 (33.33 %)",
    ] {
        assert!(text.contains(part), "{part}:\n{text}");
    }
}

#[test]
fn the_gate_can_be_set_from_outside() {
    let folder = folder(FAULTY);
    for (args, expected) in [
        (&["--fail-on", "none"][..], 0),
        (&["--fail-on", "critical"], 0),
        (&["--fail-on", "none", "--min-score", "99.99"], 1),
        (&["--select", "id:people.name.required"], 0),
        (&["--select", "id:people.name.required", "--fail-on", "minor"], 1),
    ] {
        let output = run(&folder, &[&["audit", "suite.yaml", "-q"], args].concat());
        assert_eq!(code(&output), expected, "{args:?}: {}", stderr(&output));
        assert_eq!(stderr(&output), "", "quiet");
    }
}

#[test]
fn json_is_the_same_bytes_at_any_number_of_threads() {
    let folder = folder(FAULTY);
    let json = |threads| run(&folder, &["audit", "suite.yaml", "--format", "json", "--threads", threads]);
    let first = json("1");
    let value: serde_json::Value = serde_json::from_slice(&first.stdout).expect("JSON");
    assert_eq!((&value["verdict"], &value["exit_code"]), (&"failed".into(), &1.into()));
    for threads in ["0", "2", "7"] {
        assert_eq!(json(threads).stdout, first.stdout);
    }
}

#[test]
fn a_report_file_is_whole_and_replaces_the_old_one() {
    let folder = folder(CLEAN);
    let args = ["audit", "suite.yaml", "--format", "json", "--output", "report.json"];
    for _ in 0..2 {
        let output = run(&folder, &args);
        assert_eq!((code(&output), stdout(&output).as_str()), (0, ""));
        assert_eq!(stderr(&output), "report written to report.json\n");
        let text = folder.read("report.json");
        assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok());
    }
    assert_eq!(fs::read_dir(folder.root()).expect("a folder").count(), 3, "nothing else is left");
}

#[test]
fn inputs_and_places_that_hold_no_file_are_refused_before_the_audit() {
    let folder = folder(CLEAN);
    for (target, reason) in [
        ("suite.yaml", "a file of the suite"),
        ("people.csv", "data of `people`"),
        ("./../people.csv/../x", ""),
        (".", "is a folder"),
        ("nowhere/report.json", "create it first"),
    ] {
        let output = run(&folder, &["audit", "suite.yaml", "--output", target]);
        assert_eq!(code(&output), 2, "{target}");
        assert!(stderr(&output).contains(reason), "{target}: {}", stderr(&output));
    }
    assert_eq!(folder.read("people.csv"), CLEAN);
    assert_eq!(folder.read("suite.yaml"), SUITE);
}

/// A name says what is in a file: another program, or a person, opens it by its name.
#[test]
fn an_output_whose_name_promises_another_format_is_refused() {
    let folder = folder(CLEAN);
    for (args, reason) in [
        (
            &["--output", "report.json", "--format", "table"][..],
            "write --format json, or name a file that ends in .txt",
        ),
        (&["--output", "report.PDF"], "no report is written as PDF"),
        (&["--output", "report.csv", "--format", "json"], "name a file that ends in .json"),
        (&["--output", "report.htm", "--format", "json"], "the report is in the format json"),
        (&["--output", "report.parquet"], "no report is written as Parquet"),
    ] {
        for (command, input) in [("audit", "suite.yaml"), ("identify", "people.csv")] {
            let output = run(&folder, &[&[command, input], args].concat());
            assert_eq!((code(&output), stdout(&output).as_str()), (2, ""), "{command} {args:?}");
            assert!(stderr(&output).contains(reason), "{command} {args:?}: {}", stderr(&output));
        }
    }
    assert_eq!(fs::read_dir(folder.root()).expect("a folder").count(), 2, "nothing was written");
    for args in [&["--output", "report.txt"][..], &["--output", "report"], &["--output", "r.json", "--format", "json"]]
    {
        assert_eq!(code(&run(&folder, &[&["audit", "suite.yaml"], args].concat())), 0, "{args:?}");
    }
}

#[test]
fn a_dataset_that_is_not_there_is_named_and_ends_with_2() {
    let output = run(&folder(CLEAN), &["audit", "suite.yaml", "--data", "people=gone.csv"]);
    assert_eq!(code(&output), 2);
    assert!(stdout(&output).starts_with("COULD NOT AUDIT  people"), "{}", stdout(&output));
    assert_eq!(stderr(&output).lines().last(), Some("exit 2: could not audit people"));
}

#[test]
fn a_suite_with_errors_shows_them_and_ends_with_2() {
    let folder = folder(CLEAN);
    folder.write("suite.yaml", SUITE.replace("unique:", "uniqe:"));
    for command in ["audit", "lint"] {
        let output = run(&folder, &[command, "suite.yaml"]);
        assert_eq!(code(&output), 2);
        let text = stdout(&output) + &stderr(&output);
        assert!(text.contains("uniqe") && text.contains("suite.yaml:9"), "{text}");
    }
}

#[test]
fn a_suite_without_faults_lints_clean() {
    let output = run(&folder(CLEAN), &["lint", "suite.yaml"]);
    let said = "no errors and no warnings in suite.yaml\n";
    assert_eq!((code(&output), stdout(&output), stderr(&output).as_str()), (0, String::new(), said));
    let output = run(&folder(CLEAN), &["lint", "suite.yaml", "suite.yaml"]);
    assert_eq!(stderr(&output), "no errors and no warnings in 2 suites\n");
    let output = run(&folder(CLEAN), &["lint", "suite.yaml", "--quiet"]);
    assert_eq!((code(&output), stdout(&output), stderr(&output)), (0, String::new(), String::new()));
}

#[test]
fn every_check_has_a_page_and_unknown_ones_have_a_neighbour() {
    let folder = folder(CLEAN);
    let list = stdout(&run(&folder, &["list", "checks"]));
    for check in passmuster::checks::CHECKS {
        assert!(list.lines().any(|line| line.starts_with(check.name())), "{}", check.name());
        let output = run(&folder, &["explain", check.name()]);
        assert_eq!(code(&output), 0);
        assert!(stdout(&output).starts_with(check.name()));
    }
    for args in [&["explain", "severty"][..], &["explain", "gates"]] {
        let output = run(&folder, args);
        assert_eq!(code(&output), 2);
        assert!(stderr(&output).contains("did you mean `"), "{}", stderr(&output));
    }
    let all = stdout(&run(&folder, &["explain"]));
    let topics = stdout(&run(&folder, &["list", "topics"]));
    let named: Vec<&str> = topics.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(named, ["suite", "where", "gate", "severity", "missing", "dates", "numbers", "segment", "score"]);
    for name in named {
        let output = run(&folder, &["explain", name]);
        assert_eq!(code(&output), 0);
        assert!(stdout(&output).starts_with(&format!("{name}: ")) && all.contains(&format!("\n  {name} ")), "{name}");
    }
    assert_eq!(code(&run(&folder, &["explain", "gate", "--cost"])), 2);
    assert_eq!(code(&run(&folder, &["explain", "--cost"])), 2);
    let output = run(&folder, &["explain", "uniqe"]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("did you mean `unique`?"), "{}", stderr(&output));
}

#[test]
fn no_name_or_value_of_a_suite_steers_a_terminal_that_shows_its_plan() {
    let folder = Folder::new();
    folder.write("d.csv", "a\u{1b}[2J,b\n1,2\n");
    let suite = "suite: s
datasets:
  d:
    source: d.csv
    rules:
      - { check: allowed, column: \"a\\e[2J\", values: [\"\\e[8m\"] }
      - { check: expect, that: \"b = '\\e]0;pwned\\a'\" }
";
    folder.write("suite.yaml", suite);
    let output = run(&folder, &["explain", "suite.yaml"]);
    let text = stdout(&output);
    assert!(output.status.success() && text.contains("\\u{1b}[2J") && !text.contains('\u{1b}'), "{text}");
}

#[test]
fn a_suite_explains_its_plan() {
    let output = run(&folder(CLEAN), &["explain", "suite.yaml"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert!(stdout(&output).contains("people"));
}

#[test]
fn colours_come_when_asked_for() {
    let folder = folder(CLEAN);
    let colored = |args: &[&str], env: &[(&str, &str)]| {
        let output = program(&folder).args(["audit", "suite.yaml"]).args(args).envs(env.iter().copied()).output();
        output.expect("the program starts").stdout.contains(&0x1b)
    };
    assert!(!colored(&[], &[]));
    assert!(colored(&["--color", "always"], &[("NO_COLOR", "1")]));
    assert!(colored(&[], &[("CLICOLOR_FORCE", "1")]));
    assert!(!colored(&[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
}

/// A gate must not turn green because of `| head`, nor complain about it.
#[test]
fn a_closed_pipe_keeps_the_verdict() {
    for (data, expected, message) in [(CLEAN, 0, ""), (FAULTY, 1, "exit 1: gate failed\n")] {
        for args in [&["audit", "suite.yaml"][..], &["audit", "suite.yaml", "--format", "json"]] {
            let (reader, writer) = std::io::pipe().expect("a pipe");
            drop(reader);
            let output = program(&folder(data)).args(args).stdout(writer).stderr(Stdio::piped()).output();
            let output = output.expect("the program starts");
            assert_eq!((code(&output), stderr(&output).as_str()), (expected, message));
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_folder_for_keys_that_cannot_be_written_is_refused_before_the_audit() {
    let folder = folder(CLEAN);
    let output = run(&folder, &["audit", "suite.yaml", "--spill-dir", "nowhere"]);
    assert_eq!((code(&output), stdout(&output).as_str()), (2, ""));
    assert!(stderr(&output).contains("--spill-dir nowhere: no file can be made there"), "{}", stderr(&output));
    let output = run(&folder, &["audit", "suite.yaml", "--spill-dir", ".", "--memory", "1GiB"]);
    assert_eq!((code(&output), stderr(&output).as_str()), (0, ""));
}

#[test]
fn a_full_disk_is_told() {
    let folder = folder(CLEAN);
    for args in [&["audit", "suite.yaml"][..], &["list", "types"], &["schema", "result"], &["--help"]] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("/dev/full");
        let output = program(&folder).args(args).stdout(full).stderr(Stdio::piped()).output();
        let output = output.expect("the program starts");
        assert_eq!(code(&output), 2, "{args:?}");
        assert!(stderr(&output).contains("cannot write to standard output"), "{args:?}: {}", stderr(&output));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_size_limit_leaves_the_old_report() {
    let folder = folder(CLEAN);
    let report = folder.path("report.json");
    fs::write(&report, "old").expect("a report");
    let script = format!("ulimit -f 1; {PROGRAM} audit suite.yaml --format json --output report.json -v");
    let wide = SUITE.replace("owner: G01", &format!("owner: {}", "G".repeat(2_000)));
    folder.write("suite.yaml", wide);
    let output = Command::new("sh").args(["-c", &script]).current_dir(folder.root()).output().expect("a shell");
    assert_eq!(code(&output), 2, "{}", stderr(&output));
    assert!(stderr(&output).contains("cannot write the report to report.json"), "{}", stderr(&output));
    assert_eq!(fs::read_to_string(&report).expect("a report"), "old");
    assert_eq!(fs::read_dir(folder.root()).expect("a folder").count(), 3);
}

/// The audit waits for the end of its input. The first signal asks it to stop, which it does once the input ends; the second
/// ends it at once.
#[cfg(target_os = "linux")]
#[test]
fn signals_end_with_their_own_codes_and_leave_no_report() {
    use crate::support::processes::{wait_for_arrival, wait_for_handler};
    const SIGXFSZ: u32 = 25;
    for (name, signal, expected) in [("INT", 2, 130), ("TERM", 15, 143)] {
        for twice in [false, true] {
            let folder = folder(CLEAN);
            let mut child = program(&folder)
                .args(["audit", "suite.yaml", "--data", "people=-", "--output", "report.txt"])
                .stdin(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .expect("the program starts");
            let mut input = child.stdin.take().expect("a pipe");
            input.write_all(b"id,name\n1,An\n").expect("the program reads");
            // The last one that it learns to handle.
            wait_for_handler(&child, SIGXFSZ);
            let send = || Command::new("sh").args(["-c", &format!("kill -{name} {}", child.id())]).status();
            assert!(send().expect("a shell").success());
            wait_for_arrival(&child, signal);
            let input = Some(input).filter(|_| twice);
            if twice {
                assert!(send().expect("a shell").success());
            }
            assert_eq!(child.wait().expect("it ends").code(), Some(expected), "SIG{name}, twice: {twice}");
            assert!(!folder.path("report.txt").exists());
            drop(input);
        }
    }
}

#[test]
fn a_sample_is_no_pass_and_says_so() {
    let folder = folder(CLEAN);
    let write = |id: &dyn Fn(u32) -> String| {
        let rows: String = (0..80_000).map(|row| id(row) + ",somebody\n").collect();
        folder.write("people.csv", "id,name\n".to_owned() + &rows);
    };
    write(&|row| row.to_string());
    let output = run(&folder, &["audit", "suite.yaml", "--sample", "1%"]);
    assert_eq!(code(&output), 0);
    assert!(stdout(&output).starts_with("UNDECIDED  SAMPLED  people"), "{}", stdout(&output));
    assert!(stderr(&output).contains("which is no pass"), "{}", stderr(&output));
    write(&|row| if row % 100 == 0 { String::new() } else { row.to_string() });
    let output = run(&folder, &["audit", "suite.yaml", "--sample=1%"]);
    assert_eq!((code(&output), stderr(&output).as_str()), (1, "exit 1: gate failed on a sample\n"));
}

#[test]
fn shares_that_are_none_are_refused() {
    for share in ["0%", "100.1%", "1", "%", "-1%", "0.00001%", "1%%"] {
        let output = run(&folder(CLEAN), &["audit", "suite.yaml", &format!("--sample={share}")]);
        assert_eq!(code(&output), 2, "{share}");
        assert!(stderr(&output).contains("such as 1% or 0.1%"), "{share}: {}", stderr(&output));
    }
    let output = run(&folder(CLEAN), &["audit", "suite.yaml", "--sample", "1%", "--stop-early"]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("cannot be used with"), "{}", stderr(&output));
}

#[test]
fn an_early_end_names_what_was_not_measured() {
    let output = run(&folder("id,name\n1,An\n,Binh\n2,\n"), &["audit", "suite.yaml", "--stop-early"]);
    assert_eq!((code(&output), stderr(&output).as_str()), (1, "exit 1: gate failed, stopped early\n"));
    let text = stdout(&output);
    for part in ["FAILED  STOPPED EARLY", "3 rules not measured", "people.id.unique", "FAILED  in part  major"] {
        assert!(text.contains(part), "{part}:\n{text}");
    }
}

/// A pipe gives what it holds once.
#[cfg(unix)]
#[test]
fn a_suite_is_read_once() {
    let folder = folder(CLEAN);
    let suite = folder.path("pipe.yaml");
    assert!(Command::new("mkfifo").arg(&suite).status().expect("mkfifo").success());
    let args = ["audit", "pipe.yaml", "--format", "json", "--output", "report.json", "--profile", "profile.json"];
    let mut audit = program(&folder).args(args).stderr(Stdio::piped()).spawn().expect("the program starts");
    let writer = std::thread::spawn(move || fs::write(suite, SUITE));
    // A second reader would wait for a second writer for ever.
    let ended = (0..600).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(100));
        audit.try_wait().expect("a process").is_some()
    });
    audit.kill().ok();
    let output = audit.wait_with_output().expect("a process");
    assert!(ended && writer.join().expect("a thread").is_ok(), "{}", stderr(&output));
    assert_eq!(code(&output), 0, "{}", stderr(&output));
}
