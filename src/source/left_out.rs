//! Which files of a folder, a glob or an archive are no data: hidden ones, notes of other programs, and those that `exclude`
//! names.

use std::path::{Path, PathBuf};

use super::error::Problem;
use super::options::{EXCLUDE, HIDDEN};
use super::spec::SourceSpec;

/// What is left out of the files of a dataset.
pub(super) struct LeftOut {
    patterns: Vec<glob::Pattern>,
    base: PathBuf,
    /// Whether hidden files are read.
    pub(super) reads_hidden: bool,
}

impl LeftOut {
    /// What a dataset declares.
    ///
    /// # Errors
    /// Where a pattern is not valid.
    pub(super) fn of(spec: &SourceSpec) -> Result<Self, Problem> {
        let patterns = spec.options.names(EXCLUDE.name).unwrap_or_default().iter().map(|written| {
            let invalid = |error: glob::PatternError| {
                let written = written.escape_debug();
                Problem::Declaration(format!("`exclude`: the glob `{written}` is not valid: {}", error.msg))
            };
            glob::Pattern::new(written).map_err(invalid)
        });
        Ok(Self {
            patterns: patterns.collect::<Result<_, _>>()?,
            base: spec.base.clone(),
            reads_hidden: spec.options.flag(HIDDEN.name) == Some(true),
        })
    }

    /// Whether a pattern of `exclude` is that of the name of a file, or of its path or an end of it.
    pub(super) fn excludes(&self, path: &Path) -> bool {
        let path = path.strip_prefix(&self.base).unwrap_or(path);
        let parts: Vec<_> = path.components().collect();
        let ends = (0..parts.len()).map(|from| parts[from..].iter().collect::<PathBuf>());
        ends.into_iter().any(|end| self.patterns.iter().any(|pattern| pattern.matches_path(&end)))
    }

    /// Whether a file or folder of that name is no data, whatever is in it.
    pub(super) fn hides(&self, name: &str) -> bool {
        is_lock(name) || (!self.reads_hidden && is_hidden(name))
    }
}

/// Whether a name is that of a hidden file, or of a note of another program. A folder `_year=2024` holds data.
fn is_hidden(name: &str) -> bool {
    name.starts_with('.') || (name.starts_with('_') && !name.contains('='))
}

/// Whether a file only says that Excel or `LibreOffice` has another one open.
pub(super) fn is_lock(name: &str) -> bool {
    name.starts_with("~$") || (name.starts_with(".~lock.") && name.ends_with('#'))
}
