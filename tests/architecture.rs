//! Holds the floors of the crate: a module imports only what lies below it. One package has no crate walls, so a test
//! stands in for them.

use std::fs;
use std::path::{Path, PathBuf};

/// Each module with what it may import. `cli` and `lib.rs` may import everything.
const FLOORS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("scalar", &["model"]),
    ("similarity", &["scalar"]),
    ("identifiers", &["scalar"]),
    ("text", &["scalar"]),
    ("source", &["model"]),
    ("checks", &["model", "scalar", "identifiers", "text"]),
    ("rules", &["model", "scalar", "source", "checks"]),
    ("plan", &["model", "rules"]),
    ("engine", &["model", "scalar", "similarity", "identifiers", "text", "source", "plan"]),
    ("judge", &["model", "checks", "rules", "plan", "engine"]),
    ("score", &["model"]),
    ("report", &["model"]),
    ("identify", &["model", "scalar", "identifiers", "text", "source", "engine"]),
    ("audit", &["model", "scalar", "source", "checks", "rules", "plan", "engine", "judge", "score"]),
];

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// The code of a file without comments and without its unit tests, which may look further.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The modules of this crate that a text names through `crate::`, one by one or in braces.
fn imports(code: &str) -> Vec<String> {
    let word =
        |text: &str| text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut found = Vec::new();
    for (_, rest) in code.match_indices("crate::").map(|(at, sign)| (at, &code[at + sign.len()..])) {
        match rest.strip_prefix('{') {
            Some(group) => found.extend(group.split('}').next().unwrap_or_default().split(',').map(word)),
            None => found.push(word(rest)),
        }
    }
    found.retain(|name| !name.is_empty());
    found
}

fn source_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

#[test]
fn modules_import_only_what_lies_below_them() {
    for (module, below) in FLOORS {
        let folder = source_folder().join(module);
        let mut files = if folder.is_dir() { rust_files(&folder) } else { Vec::new() };
        files.extend(Some(folder.with_extension("rs")).filter(|file| file.is_file()));
        assert!(!files.is_empty(), "{module} has no file");
        for file in files {
            for import in imports(&code(&file)) {
                assert!(
                    import == *module || below.contains(&import.as_str()),
                    "{} imports {import}, which does not lie below {module}",
                    file.display()
                );
            }
        }
    }
}

#[test]
fn every_module_has_a_floor() {
    let lib = fs::read_to_string(source_folder().join("lib.rs")).unwrap();
    let modules = lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    for module in modules.filter(|module| *module != "cli") {
        assert!(FLOORS.iter().any(|(known, _)| *known == module), "{module} has no floor");
    }
}

#[test]
fn only_the_command_line_prints_and_reads_the_environment() {
    let forbidden = ["println!", "eprintln!", "print!", "eprint!", "std::env::", "process::exit"];
    for file in rust_files(&source_folder()) {
        if file.components().any(|part| part.as_os_str() == "cli") {
            continue;
        }
        let code = code(&file);
        for word in forbidden {
            assert!(!code.contains(word), "{} uses {word}", file.display());
        }
    }
}

#[test]
fn every_check_is_a_file_in_the_catalogue() {
    let mut files: Vec<String> = rust_files(&source_folder().join("checks"))
        .iter()
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .filter(|name| !["mod", "args", "outcome", "problems", "scoped"].contains(&name.as_str()))
        .collect();
    let mut checks: Vec<&str> = passmuster::checks::CHECKS.iter().map(|check| check.name()).collect();
    files.sort();
    checks.sort_unstable();
    assert_eq!(files, checks);
}

#[test]
fn the_import_scan_sees_what_it_should() {
    assert_eq!(imports("use crate::model::Score;"), ["model"]);
    assert_eq!(imports("use crate::{model::Score, plan};"), ["model", "plan"]);
    assert_eq!(imports("let x = crate::audit::audit();"), ["audit"]);
}
