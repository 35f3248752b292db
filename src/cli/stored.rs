//! Results of earlier audits that a command reads.

use std::path::{Path, PathBuf};

use anyhow::anyhow;

use crate::model::AuditReport;
use crate::results;
use crate::rules::{Input, InputPlace, InputRole};

/// A result and its file.
pub(super) struct Stored {
    path: PathBuf,
    /// The result.
    pub(super) report: AuditReport,
}

impl Stored {
    /// Reads a result.
    ///
    /// # Errors
    /// Why the file is none.
    pub(super) fn read(path: &Path) -> anyhow::Result<Self> {
        let report = results::read(path).map_err(|error| anyhow!("`{}` {error}", path.display()))?;
        Ok(Self { path: path.to_path_buf(), report })
    }

    /// The file, as something that no output replaces.
    pub(super) fn input(&self) -> Input {
        Input { role: InputRole::Result, place: InputPlace::File(self.path.clone()) }
    }
}
