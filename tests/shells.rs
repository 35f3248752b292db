//! The scripts for shells complete in those shells, and the pages of the manual can be read.
//!
//! Where a shell or `man` is not installed its test is left out, and says so; where `CI` is set, it fails.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::process::Command;

use passmuster::checks::CHECKS;
use passmuster::report::FORMATS;

use crate::support::folder::Folder;
use crate::support::program::{code, commands, run, stderr, stdout};
use crate::support::repository::root;

/// A line of a user, and what is completed at its end.
type Case = (&'static str, BTreeSet<String>);

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// Lines that each shell completes alike.
fn cases() -> Vec<Case> {
    let formats: Vec<&str> = FORMATS.iter().map(|format| format.name()).chain(["auto"]).collect();
    let starting = |start: &str| {
        let names = CHECKS.iter().map(|check| check.name()).filter(|name| name.starts_with(start));
        names.collect::<Vec<_>>()
    };
    assert!(starting("re").len() > 1);
    vec![
        ("passmuster li", set(&["lint", "list"])),
        ("passmuster audit --format ", set(&formats)),
        ("passmuster report result.json --format ", set(&formats)),
        ("passmuster audit --fail-on m", set(&["minor", "major"])),
        ("passmuster explain re", set(&starting("re"))),
        ("passmuster explain suit", set(&["suite", "suite.yaml"])),
        ("passmuster list fo", set(&["formats"])),
        ("passmuster schema qu", set(&["quarantine"])),
        ("passmuster completions po", set(&["powershell"])),
        ("passmuster man id", set(&["identify"])),
    ]
}

/// Whether a program is there; where it is not, the test is left out.
#[expect(clippy::disallowed_methods, reason = "in CI nothing is left out")]
fn is_there(program: &str) -> bool {
    let is_there = Command::new(program).arg("--version").output().is_ok();
    if !is_there {
        assert!(std::env::var("CI").is_err(), "{program} is not installed, and in CI nothing is left out");
        let left_out = format!("left out: {program} is not installed\n");
        // Past the harness, which keeps the output of tests that pass.
        std::io::stderr().write_all(left_out.as_bytes()).unwrap();
    }
    is_there
}

/// A folder with the script of a shell in a file of that name, and with a suite.
fn folder_with_script(shell: &str, name: &str) -> Folder {
    let folder = Folder::of(&[("suite.yaml", "")]);
    let output = run(&folder, &["completions", shell]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    folder.write(name, output.stdout);
    folder
}

/// What a program prints; it must succeed and complain about nothing.
fn printed<A: AsRef<OsStr>>(program: &str, args: &[A], folder: &Folder) -> String {
    let mut command = Command::new(program);
    // Nothing of the user's own settings, and a home that can be written to.
    command.args(args).current_dir(folder.root()).env("HOME", folder.root()).env("ZDOTDIR", folder.root());
    for (name, folder) in [("XDG_CONFIG_HOME", "config"), ("XDG_DATA_HOME", "data"), ("XDG_CACHE_HOME", "cache")] {
        command.env(name, folder);
    }
    let output = command.env("TERM", "dumb").output().unwrap();
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""), "{program}");
    stdout(&output)
}

/// The first word of each line: some shells show the help of a value after it.
fn words(text: &str) -> BTreeSet<String> {
    text.lines().filter_map(|line| line.split('\t').next()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

#[test]
fn bash_completes() {
    if !is_there("bash") {
        return;
    }
    let folder = folder_with_script("bash", "passmuster");
    for (line, mut expected) in cases() {
        // bash itself completes files where the function has nothing.
        expected.remove("suite.yaml");
        let script = root().join("tests/shells/complete.bash");
        let mut args = vec!["--norc".as_ref(), script.as_os_str(), "passmuster".as_ref()];
        args.extend(line.split(' ').map(OsStr::new));
        assert_eq!(words(&printed("bash", &args, &folder)), expected, "{line}");
    }
    assert!(
        folder.read("passmuster").contains("complete -F _passmuster -o nosort -o bashdefault -o default passmuster")
    );
}

#[test]
fn zsh_completes() {
    if !is_there("zsh") {
        return;
    }
    for (line, expected) in cases() {
        let folder = folder_with_script("zsh", "_passmuster");
        printed("zsh", &["-n", "_passmuster"], &folder);
        let script = root().join("tests/shells/complete.zsh");
        let args = ["-f".as_ref(), script.as_os_str(), folder.root().as_os_str(), line.as_ref()];
        assert_eq!(words(&printed("zsh", &args, &folder)), expected, "{line}");
    }
}

#[test]
fn fish_completes() {
    if !is_there("fish") {
        return;
    }
    let folder = folder_with_script("fish", "passmuster.fish");
    printed("fish", &["--no-execute", "passmuster.fish"], &folder);
    for (line, expected) in cases() {
        let script = root().join("tests/shells/complete.fish");
        let args = [script.as_os_str(), "passmuster.fish".as_ref(), line.as_ref()];
        assert_eq!(words(&printed("fish", &args, &folder)), expected, "{line}");
    }
}

/// Nothing here runs PowerShell; it completes commands and options.
#[test]
fn the_script_for_powershell_has_every_command() {
    let script = stdout(&run(root(), &["completions", "powershell"]));
    assert!(script.contains("Register-ArgumentCompleter -Native -CommandName 'passmuster'"));
    for command in ["audit", "completions", "man"] {
        assert!(script.contains(&format!("'passmuster;{command}' {{")), "{command}");
    }
    for (open, close) in [('{', '}'), ('(', ')')] {
        assert_eq!(script.matches(open).count(), script.matches(close).count());
    }
}

#[test]
fn pages_of_the_manual_can_be_read() {
    let folder = Folder::new();
    fs::create_dir(folder.path("man")).unwrap();
    let output = run(&folder, &["man", "--output", "man"]);
    assert_eq!((code(&output), stdout(&output), stderr(&output)), (0, String::new(), String::new()));
    let mut names: Vec<String> = fs::read_dir(folder.path("man"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let mut expected: Vec<String> = commands().iter().map(|name| format!("passmuster-{name}.1")).collect();
    expected.push("passmuster.1".to_owned());
    expected.sort();
    assert_eq!(names, expected);
    for (args, name) in [(&["man"][..], "passmuster.1"), (&["man", "lint"], "passmuster-lint.1")] {
        assert_eq!(stdout(&run(&folder, args)), folder.read(&format!("man/{name}")));
    }
    if !is_there("man") {
        return;
    }
    for name in names {
        let page = format!("man/{name}");
        let mut command = Command::new("man");
        command.args(["--warnings", "-l", &page]).current_dir(folder.root());
        let output = command.env("MANWIDTH", "80").env("LC_ALL", "C.UTF-8").output().unwrap();
        assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""), "{name}");
        let text = stdout(&output);
        for heading in ["NAME\n", "SYNOPSIS\n", "DESCRIPTION\n", "OPTIONS\n", "SEE ALSO\n"] {
            assert!(text.contains(heading), "{name}: {heading}");
        }
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{name}");
    }
}

#[test]
fn a_page_that_does_not_exist_is_refused() {
    let output = run(root(), &["man", "adit"]);
    assert_eq!((code(&output), stdout(&output).as_str()), (2, ""));
    let expected = "error: there is no command `adit`, did you mean `audit`?\n  `passmuster --help` names them all\n";
    assert_eq!(stderr(&output), expected);
    let folder = Folder::new();
    let output = run(&folder, &["man", "--output", "gone"]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("create it first"), "{}", stderr(&output));
}
