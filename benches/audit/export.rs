//! Exports of the population register, generated where they are not there yet.

use std::path::{Path, PathBuf};

use crate::population;

/// Which files a part reads.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Files {
    Both,
    Parquet,
}

/// The folder with the export of that many rows.
pub(crate) fn export(data: &Path, rows: usize, files: Files) -> anyhow::Result<PathBuf> {
    let dir = data.join(format!("population-{rows}"));
    // Written last, so a run that was stopped half-way is done again.
    let has = |name: &str| dir.join(name).exists();
    if !has("expected-parquet.csv") || (files == Files::Both && !has("expected.csv")) {
        let export = population::Export {
            rows: rows as u64,
            seed: 1,
            fault_block: Some(1_000),
            cards: false,
            columns: Vec::new(),
            csv: files == Files::Both,
            parquet: true,
        };
        population::write(&export, &dir)?;
    }
    Ok(dir)
}
