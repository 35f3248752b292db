//! Paths as reports show them.

use std::path::{Component, Path, PathBuf};

/// The path without `folder/..` detours, so that a report shows what can be opened from where the program runs.
pub(super) fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        let last_is_folder = matches!(plain.components().next_back(), Some(Component::Normal(_)));
        match part {
            Component::ParentDir if last_is_folder => drop(plain.pop()),
            Component::CurDir => {}
            other => plain.push(other),
        }
    }
    plain
}
