//! The documents of a run: several at once, whole or not at all, and the same from a stored result.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use passmuster::report::FORMATS;

use crate::support::folder::Folder;
use crate::support::program::{PROGRAM, code, program, run, stderr, stdout};

const SUITE: &str = "\
suite: people
datasets:
  people:
    source: people.csv
    owner: Registry
    key: id
    columns:
      id: { pii: none }
      name: { pii: none }
    rules:
      - { id: named, check: required, columns: name, fix: \"Ask = the registry\" }
      - { id: once, check: unique, columns: id }
";

fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("suite.yaml", SUITE);
    folder.write("people.csv", "id,name\n1,An\n2,\n3,Bo\n");
    folder
}

/// The file of a format, as its usual name ends; `-` in front, so that names differ.
fn file_of(format: &str) -> String {
    let extension = FORMATS.iter().find(|known| known.name() == format).unwrap().extensions()[0];
    format!("{format}.{extension}")
}

#[test]
fn all_formats_are_written_at_once_and_again_from_the_stored_result() {
    let folder = folder();
    let options: Vec<String> =
        FORMATS.iter().map(|format| format!("--format={0}={1}", format.name(), file_of(format.name()))).collect();
    let mut args = vec!["audit", "suite.yaml", "--evidence", "ev"];
    args.extend(options.iter().map(String::as_str));
    let output = run(&folder, &args);
    assert_eq!((code(&output), stdout(&output).as_str()), (1, ""), "{}", stderr(&output));
    for format in FORMATS {
        let name = file_of(format.name());
        assert!(stderr(&output).contains(&format!("report written to {name}\n")), "{}", stderr(&output));
        // People see how long the audit took; a stored result does not say it.
        if format.is_for_people() {
            continue;
        }
        let asked = format!("--format={}=again", format.name());
        let output = run(&folder, &["report", "json.json", "--evidence", "ev", &asked]);
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        assert!(fs::read(folder.path("again")).unwrap() == fs::read(folder.path(&name)).unwrap(), "{name}");
        if format.is_text() {
            let output = run(&folder, &["report", "json.json", "--format", format.name()]);
            assert!(output.stdout == fs::read(folder.path(&name)).unwrap(), "{name} on standard output");
        }
    }
}

#[test]
fn the_name_of_a_file_shows_its_format() {
    let folder = folder();
    let output =
        run(&folder, &["audit", "suite.yaml", "--output", "a.csv", "--output", "b.sarif", "--output", "c.txt"]);
    assert_eq!((code(&output), stdout(&output).as_str()), (1, ""), "{}", stderr(&output));
    assert!(folder.read("a.csv").starts_with("suite,as_of,"));
    assert!(folder.read("b.sarif").contains("\"2.1.0\""));
    assert!(folder.read("c.txt").starts_with("FAILED  people"));
}

#[test]
fn standard_output_gets_a_document_only_if_asked() {
    let folder = folder();
    let audit = |args: &[&str]| {
        let output = run(&folder, &[&["audit", "suite.yaml"], args].concat());
        assert_eq!(code(&output), 1, "{args:?}: {}", stderr(&output));
        stdout(&output)
    };
    assert_eq!(audit(&["--format", "csv=r.csv"]), "");
    assert!(audit(&["--format", "table", "--format", "csv=r.csv"]).starts_with("FAILED  people"));
    assert!(audit(&["--format", "csv=r.csv", "--output", "-"]).starts_with("FAILED  people"));
    // With one --output, a format without a file is the format of that file.
    assert_eq!(audit(&["--format", "gitlab", "--output", "r.json", "--format", "csv=r.csv"]), "");
    assert!(folder.read("r.json").contains("check_name"));
}

#[test]
fn two_documents_in_one_place_are_refused() {
    let folder = folder();
    folder.write("old.json", "old");
    for (args, part) in [
        (&["--format", "json=r.json", "--format", "sarif=./r.json"][..], "both go to ./r.json"),
        (&["--format", "json=r.json", "--format", "json=r.json"], "the report as json is asked for twice"),
        (&["--format", "json", "--format", "csv"], "both go to standard output"),
        (&["--format", "json=old.json", "--profile", "old.json"], "name another file for one of them"),
        (&["--format", "json=."], "it is a folder"),
        (&["--format", "csv=people.csv"], "refusing to write the report to people.csv: it is data of `people`"),
        (&["--format", "csv="], "no file is named after `csv=`"),
        (&["--format", "auto=x"], "leave =FILE out"),
        (&["--format", "jsn=x"], "similar value"),
    ] {
        let output = run(&folder, &[&["audit", "suite.yaml"], args].concat());
        assert_eq!((code(&output), stdout(&output).as_str()), (2, ""), "{args:?}");
        assert!(stderr(&output).contains(part), "{args:?}: {}", stderr(&output));
    }
    assert_eq!(folder.read("old.json"), "old");
}

#[cfg(target_os = "linux")]
#[test]
fn a_document_that_cannot_be_written_leaves_all_files_as_they_were() {
    let folder = folder();
    let names: Vec<String> = FORMATS.iter().map(|format| file_of(format.name())).collect();
    for name in &names {
        folder.write(name, "old");
    }
    let before: BTreeSet<_> = fs::read_dir(folder.root()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    for format in FORMATS {
        let name = file_of(format.name());
        // A small document comes first, and is complete when the disk is full.
        let small = if format.name() == "github" { "gitlab" } else { "github" };
        let script = format!(
            "ulimit -f 1; {PROGRAM} audit suite.yaml --format {small}={0} --format {1}={name} -v",
            file_of(small),
            format.name()
        );
        let long = SUITE.replace("Ask = the registry", &"Ask the registry. ".repeat(300));
        folder.write("suite.yaml", long);
        let output = Command::new("sh").args(["-c", &script]).current_dir(folder.root()).output().unwrap();
        assert_eq!(code(&output), 2, "{}: {}", format.name(), stderr(&output));
        assert!(stderr(&output).contains("cannot write the report to"), "{}: {}", format.name(), stderr(&output));
        for name in &names {
            assert_eq!(folder.read(name), "old", "{name} after {}", format.name());
        }
        let after: BTreeSet<_> = fs::read_dir(folder.root()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(after, before, "{}", format.name());
    }
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link_and_one_to_nowhere_is_refused() {
    let folder = folder();
    folder.write("real.csv", "old");
    std::os::unix::fs::symlink("real.csv", folder.path("link.csv")).unwrap();
    std::os::unix::fs::symlink("gone.csv", folder.path("broken.csv")).unwrap();
    assert_eq!(code(&run(&folder, &["audit", "suite.yaml", "--output", "link.csv"])), 1);
    assert!(fs::symlink_metadata(folder.path("link.csv")).unwrap().is_symlink());
    assert!(folder.read("real.csv").starts_with("suite,"));
    let output = run(&folder, &["audit", "suite.yaml", "--output", "broken.csv"]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("a link to a file that does not exist"), "{}", stderr(&output));
    let output = run(&folder, &["audit", "suite.yaml", "--format", "csv=link.csv", "--format", "ndjson=real.csv"]);
    assert!(stderr(&output).contains("both go to real.csv"), "{}", stderr(&output));
}

#[test]
fn evidence_of_another_audit_is_refused() {
    let folder = folder();
    let write = |evidence: &str| {
        let args = ["audit", "suite.yaml", "--format", "json=r.json", "--evidence", evidence];
        assert_eq!(code(&run(&folder, &args)), 1);
    };
    write("one");
    folder.write("people.csv", "id,name\n1,\n2,\n3,Bo\n");
    write("two");
    let output = run(&folder, &["report", "r.json", "--evidence", "one", "--format", "xlsx=r.xlsx"]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("the evidence in one is of another result than r.json"), "{}", stderr(&output));
    assert!(!folder.path("r.xlsx").exists());
}

/// What `auto` writes under each CI system: standard output, and the files besides.
#[test]
fn auto_is_what_the_ci_system_shows() {
    let folder = folder();
    let audit = |variables: &[(&str, &str)]| {
        let mut command = program(&folder);
        for variable in ["GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "GITLAB_CI", "TF_BUILD"] {
            command.env_remove(variable);
        }
        let output = command.args(["audit", "suite.yaml", "--format", "auto"]).envs(variables.iter().copied()).output();
        let output = output.unwrap();
        assert_eq!(code(&output), 1, "{}", stderr(&output));
        stdout(&output)
    };
    let plain = audit(&[]);
    assert!(plain.starts_with("FAILED  people") && !plain.contains("::"), "{plain}");

    folder.write("summary.md", "before\n");
    let summary = folder.path("summary.md");
    let github = audit(&[("GITHUB_ACTIONS", "true"), ("GITHUB_STEP_SUMMARY", summary.to_str().unwrap())]);
    let first = github.lines().next().unwrap();
    let token = first.strip_prefix("::stop-commands::").unwrap();
    assert!(token.len() >= 32, "{first}");
    assert!(github.contains(&format!("\n::{token}::\n::error file=suite.yaml,line=")), "{github}");
    let written = folder.read("summary.md");
    assert!(written.starts_with("before\n### ❌ FAILED – people"), "{written}");
    assert!(!folder.path("gl-code-quality-report.json").exists());

    let gitlab = audit(&[("GITLAB_CI", "true")]);
    assert!(gitlab.starts_with("FAILED  people"), "{gitlab}");
    assert!(folder.read("gl-code-quality-report.json").contains("\"check_name\": \"required\""));

    let azure = audit(&[("TF_BUILD", "True")]);
    assert!(azure.contains("\n##vso[task.logissue type=error;sourcepath=suite.yaml;linenumber="), "{azure}");
}

/// A title is written on a line of its own, and a runner takes lines that begin like this for commands.
#[test]
fn no_text_of_a_suite_is_a_command_in_a_log() {
    let folder = folder();
    let hostile = "title: \"::error::x ##vso[task.setvariable variable=PATH]/evil ##[error]y\"\ndatasets:";
    folder.write("suite.yaml", SUITE.replace("datasets:", hostile));
    let audit = |variable: &str| {
        let output = program(&folder).args(["audit", "suite.yaml", "--format", "auto"]).env(variable, "true").output();
        stdout(&output.unwrap())
    };
    let azure = audit("TF_BUILD");
    for line in azure.lines() {
        let commands = line.matches("##").count();
        assert_eq!(commands, usize::from(line.starts_with("##vso[task.logissue type=")), "{line}");
    }
    let github = audit("GITHUB_ACTIONS");
    let token = github.lines().next().unwrap().strip_prefix("::stop-commands::").unwrap().to_owned();
    let begins = github.find("::error::x").unwrap();
    let ends = github.find(&format!("::{token}::")).unwrap();
    assert!(begins < ends, "commands are off while the table is written");
}
