//! Where a dataset is, and how it is written.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::files::format::Format;
use super::options::Options;

/// What a suite says about where a dataset is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceSpec {
    /// A path, a glob, a folder, or `-` for standard input.
    pub location: String,
    /// Further paths, globs and folders, where the dataset is in several places.
    #[serde(default)]
    pub further: Vec<String>,
    /// The folder that a relative path starts from.
    pub base: PathBuf,
    /// The format, where the name does not show it.
    pub format: Option<&'static Format>,
    /// How the files are written, where that differs from the defaults of the format.
    pub options: Options,
}

impl SourceSpec {
    /// Every place, in order.
    pub fn locations(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.location.as_str()).chain(self.further.iter().map(String::as_str))
    }

    /// Replaces `~/` at the start of places by that folder, as a shell does where it is not in quotes.
    pub fn start_at_home(&mut self, home: &Path) {
        for location in std::iter::once(&mut self.location).chain(&mut self.further) {
            if let Some(rest) = location.strip_prefix("~/") {
                *location = home.join(rest).to_string_lossy().into_owned();
            }
        }
    }

    /// Whether the dataset comes from standard input.
    pub fn is_stdin(&self) -> bool {
        self.location == "-"
    }
}
