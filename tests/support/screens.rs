//! Screens that somebody has reviewed, under `tests/snapshots`.
//!
//! A screen that changes fails its test. CONTRIBUTING.md says how to accept a change.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Output;

use regex::Regex;

use crate::support::program::{code, stderr, stdout};
use crate::support::repository::root;

/// The kinds of screens. The name of each screen begins with its kind.
pub(crate) const KINDS: [&str; 12] = [
    "changelog",
    "compared",
    "error",
    "explain",
    "help",
    "identify",
    "list",
    "mistake",
    "profile",
    "report",
    "table",
    "twenty",
];

/// Compares all screens of a kind with the reviewed ones. All that differ are shown, not only the first.
pub(crate) fn compare(kind: &str, screens: &[(String, String)]) {
    assert!(KINDS.contains(&kind));
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(root().join("tests/snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let differ = |name: &str, screen: &str| {
        settings.bind(|| catch_unwind(AssertUnwindSafe(|| insta::assert_snapshot!(name, screen))).is_err())
    };
    let names: Vec<String> = screens.iter().map(|(name, _)| format!("{kind}-{name}")).collect();
    let changed: Vec<&String> =
        names.iter().zip(screens).filter(|(name, (_, screen))| differ(name, screen)).map(|(name, _)| name).collect();
    assert!(changed.is_empty(), "these screens have changed: {changed:#?}");
    for reviewed in reviewed().iter().filter(|name| name.starts_with(&format!("{kind}-"))) {
        assert!(names.contains(reviewed), "no test shows tests/snapshots/{reviewed}.snap any more: delete it");
    }
}

/// The names of the reviewed screens.
pub(crate) fn reviewed() -> Vec<String> {
    let files = fs::read_dir(root().join("tests/snapshots")).into_iter().flatten().map(Result::unwrap);
    let names = files.map(|file| file.file_name().into_string().unwrap());
    names.filter_map(|name| name.strip_suffix(".snap").map(str::to_owned)).collect()
}

/// A call of the program with all that it shows.
pub(crate) fn screen(args: &[&str], output: &Output) -> String {
    let errors = stderr(output);
    let errors = if errors.is_empty() { errors } else { format!("--- standard error\n{errors}") };
    mask(&format!("$ passmuster {}\n{}{errors}--- exit {}\n", args.join(" "), stdout(output), code(output)))
}

/// Replaces what differs from run to run and from version to version: times, memory, the version, digests of results.
pub(crate) fn mask(screen: &str) -> String {
    let times = Regex::new(r"in [\d.]+ s, peak memory [\d.]+ \w+").unwrap();
    let screen = times.replace_all(screen, "in [time], peak memory [memory]");
    let digests = Regex::new(r"\b[0-9a-f]{12}\b").unwrap();
    let screen = digests.replace_all(&screen, "[digest]");
    screen.replace(env!("CARGO_PKG_VERSION"), "[version]")
}
