//! Files of the repository.

use std::fs;
use std::path::{Path, PathBuf};

/// The folder of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A file or folder under `fixtures`.
pub(crate) fn fixture(name: &str) -> PathBuf {
    root().join("fixtures").join(name)
}

/// The suites that ship with the program, by name.
pub(crate) fn shipped_suites() -> Vec<PathBuf> {
    let files = fs::read_dir(root().join("rules")).unwrap().map(|entry| entry.unwrap().path());
    let mut suites: Vec<PathBuf> =
        files.filter(|path| path.extension().is_some_and(|extension| extension == "yaml")).collect();
    suites.sort();
    suites
}
