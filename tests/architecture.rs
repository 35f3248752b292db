//! Holds the structure of the crate. One package has no crate walls, so tests replace them: which module may import which,
//! that no files import each other in circles, and which part alone touches files, prints, or uses polars.

mod circles;
mod imports;
mod modules;
mod text;

use std::fs;
use std::path::{Path, PathBuf};

use circles::circles;
use modules::{Modules, rust_files};

use crate::support::repository::root;

/// Each module with what it may import. `cli` and `lib.rs` may import everything.
const FLOORS: &[(&str, &[&str])] = &[
    ("files", &[]),
    ("memory", &[]),
    ("model", &[]),
    ("output_folder", &[]),
    ("compare", &["model"]),
    ("results", &["files", "model"]),
    ("scalar", &["model"]),
    ("similarity", &["model", "scalar"]),
    ("identifiers", &["scalar"]),
    ("text", &["model", "scalar"]),
    ("source", &["model"]),
    ("evidence", &["model", "output_folder", "report", "source"]),
    ("checks", &["model", "scalar", "identifiers", "text"]),
    ("rules", &["files", "model", "results", "scalar", "source", "checks"]),
    ("plan", &["model", "rules"]),
    ("engine", &["memory", "model", "scalar", "similarity", "identifiers", "text", "source", "plan"]),
    ("judge", &["model", "checks", "rules", "plan", "engine"]),
    ("score", &["model"]),
    // The way of points into a score comes from the code that scores.
    ("report", &["model", "score"]),
    ("worklist", &["model", "evidence", "report"]),
    ("quarantine", &["model", "output_folder", "source"]),
    ("identify", &["model", "scalar", "identifiers", "text", "source", "engine"]),
    ("profile", &["model", "scalar", "identifiers", "text", "source", "plan", "engine", "rules", "identify"]),
    (
        "audit",
        &[
            "memory", "model", "compare", "results", "scalar", "text", "source", "checks", "rules", "plan", "engine",
            "judge", "score", "evidence", "identify",
        ],
    ),
    ("init", &["model", "scalar", "source", "rules", "engine", "identify", "profile", "audit"]),
];

/// Who touches files besides `source`, which reads all data, and why.
const TOUCH_FILES: &[(&str, &str)] = &[
    ("files.rs", "reads suites, code lists and results of earlier audits"),
    ("engine/local/spill", "writes and reads what memory does not hold"),
    ("engine/local/measures/uniform.rs", "writes and reads what memory does not hold"),
    ("evidence", "reads evidence folders"),
    ("memory.rs", "asks the system for its memory and that of the process"),
    ("output_folder", "makes the folders that commands fill, and the files in them"),
    ("report/xlsx.rs", "keeps a workbook until it is whole: the format is not written from its beginning to its end"),
    ("quarantine/kept_marks.rs", "keeps the places of failing rows until the input is split"),
    ("cli/output.rs", "writes reports"),
    ("cli/cost.rs", "reads profiles"),
    ("cli/memory.rs", "tries whether files can be made in the folder for spilled keys"),
];

fn source_folder() -> PathBuf {
    root().join("src")
}

#[test]
fn modules_import_only_what_lies_below_them() {
    let modules = Modules::read(&source_folder());
    let mut wrong = Vec::new();
    for used in modules.uses() {
        let (Some(from), Some(to)) = (used.from.first(), used.to.first()) else { continue };
        let Some((_, below)) = FLOORS.iter().find(|(module, _)| module == from) else { continue };
        if from != to && !below.contains(&to.as_str()) {
            let file = modules.0[&used.from].file.display();
            wrong.push(format!("src/{file}:{} imports {to}, which does not lie below {from}", used.line));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_module_has_a_floor() {
    let lib = fs::read_to_string(source_folder().join("lib.rs")).unwrap();
    let modules: Vec<&str> = lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    for module in modules.iter().filter(|module| **module != "cli") {
        assert!(FLOORS.iter().any(|(known, _)| known == module), "{module} has no floor");
    }
    for (module, _) in FLOORS {
        assert!(modules.contains(module), "{module} is no module");
    }
}

#[test]
fn no_files_of_a_folder_import_each_other_in_a_circle() {
    let modules = Modules::read(&source_folder());
    let uses = modules.uses();
    let folders = modules.folders(&[]);
    assert!(folders.len() > 1, "src has no folders");
    let found: Vec<String> = folders.iter().flat_map(|folder| circles(&modules, &uses, folder)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn one_part_alone_touches_files() {
    let modules = Modules::read(&source_folder());
    let may = |file: &Path| file.starts_with("source") || TOUCH_FILES.iter().any(|(may, _)| file.starts_with(may));
    let touches = |path: &[String]| path[0] == "tempfile" || path.starts_with(&["std".to_owned(), "fs".to_owned()]);
    let mut wrong = Vec::new();
    for (file, import) in modules.foreign() {
        if touches(&import.path) && !may(file) {
            wrong.push(format!("src/{}:{} uses {}", file.display(), import.line, import.path.join("::")));
        }
    }
    assert!(wrong.is_empty(), "only src/source touches files\n{}", wrong.join("\n"));
    for (may, _) in TOUCH_FILES {
        let mut files = modules.foreign().filter(|(_, import)| touches(&import.path));
        assert!(files.any(|(file, _)| file.starts_with(may)), "src/{may} touches no file: take it off the list");
    }
}

#[test]
fn crates_stay_where_they_belong() {
    /// A crate, with all whose names begin so, and where alone it may be used.
    const ONLY: &[(&str, &[&str])] = &[
        ("arrow_", &["source/files/ipc"]),
        ("polars", &["source", "evidence"]),
        ("parquet", &["source"]),
        ("calamine", &["source/files/spreadsheet"]),
        ("quick_xml", &["source/files/spreadsheet"]),
        ("zip", &["source/files"]),
        ("rusqlite", &["source/files/sqlite"]),
        ("anyhow", &["audit.rs", "audit", "cli", "init", "profile"]),
        ("clap", &["cli"]),
        ("indicatif", &["cli"]),
        ("rust_xlsxwriter", &["report/xlsx.rs", "worklist"]),
        ("maud", &["report/html"]),
        ("base64", &["report/html"]),
        ("sqlparser", &["rules"]),
        ("granit_parser", &["rules"]),
    ];
    let modules = Modules::read(&source_folder());
    let mut wrong = Vec::new();
    for (file, import) in modules.foreign() {
        let only = ONLY.iter().find(|(name, _)| import.path[0].starts_with(name));
        if let Some((name, places)) = only.filter(|(_, places)| !places.iter().any(|place| file.starts_with(place))) {
            wrong.push(format!("src/{}:{} uses {name}, which belongs to {places:?}", file.display(), import.line));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_the_command_line_prints_and_reads_the_environment() {
    let forbidden = ["println!", "eprintln!", "print!", "eprint!", "std::env::", "process::exit"];
    for file in rust_files(&source_folder()) {
        if file.components().any(|part| part.as_os_str() == "cli") {
            continue;
        }
        let code = text::code(&fs::read_to_string(&file).unwrap());
        for word in forbidden {
            assert!(!code.contains(word), "{} uses {word}", file.display());
        }
    }
}

#[test]
fn errors_are_types() {
    let mut wrong = Vec::new();
    for file in rust_files(&source_folder()) {
        let lines = text::string_errors(&text::code(&fs::read_to_string(&file).unwrap()));
        wrong.extend(lines.iter().map(|line| format!("{}:{line} has a String as error", file.display())));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_check_is_a_file_in_the_catalogue() {
    let mut files: Vec<String> = rust_files(&source_folder().join("checks"))
        .iter()
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .filter(|name| {
            !["mod", "args", "check", "claim", "composed", "outcome", "parameters", "problems", "scope", "scoped"]
                .contains(&name.as_str())
        })
        .collect();
    let mut checks: Vec<&str> = passmuster::checks::CHECKS.iter().map(|check| check.name()).collect();
    files.sort();
    checks.sort_unstable();
    assert_eq!(files, checks);
}

#[test]
fn no_test_asserts_how_long_something_takes() {
    for file in rust_files(&root().join("tests")) {
        let code = text::code(&fs::read_to_string(&file).unwrap());
        for word in ["Instant", "SystemTime", "elapsed"] {
            assert!(!code.contains(word), "{} uses {word}: times depend on the machine", file.display());
        }
    }
}

#[test]
fn integration_tests_are_one_binary() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    assert!(manifest.contains("autotests = false"));
    assert_eq!(manifest.matches("[[test]]").count(), 1, "each further binary links polars again");
    // Every file of the folder is part of it.
    let main = fs::read_to_string(root().join("tests/main.rs")).unwrap();
    for entry in fs::read_dir(root().join("tests")).unwrap().map(Result::unwrap) {
        let path = entry.path();
        let is_code = path.extension().is_some_and(|extension| extension == "rs") || path.join("mod.rs").is_file();
        let name = path.file_stem().unwrap().to_str().unwrap();
        let is_named = name == "main" || main.contains(&format!("mod {name};"));
        assert!(is_named || !is_code, "tests/main.rs does not name {name}");
    }
}
