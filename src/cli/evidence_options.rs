//! Options of `passmuster audit` about the evidence folder.

use std::path::PathBuf;

use clap::Args;

use super::output;
use crate::audit::{EvidenceOptions, EvidenceRecorder, Reveal};
use crate::evidence::{EvidenceFolder, TokenMaker};
use crate::rules::Suite;

/// What an audit writes about each failing row and group.
#[derive(Debug, Args)]
#[command(next_help_heading = "Evidence")]
pub(super) struct EvidenceArgs {
    /// Write every failing row to DIR: where it is, its key, the rules that it fails, and why
    ///
    /// For each dataset with failing rows there is a table NAME.failing.parquet, for each with failing groups a table
    /// NAME.groups.parquet, and evidence.json describes them. `passmuster evidence DIR` reads them. Without --reveal no cell is written except the key; a personal key is written
    /// as a token.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["sample", "stop_early"])]
    evidence: Option<PathBuf>,

    /// List at most the first N failing rows, and the first N failing groups, of each rule; the report says how many there are
    #[arg(long, value_name = "N", requires = "evidence", value_parser = clap::value_parser!(u64).range(1..))]
    evidence_limit: Option<u64>,

    /// Show the cells of failing rows, and the facts in which entities differ, except those of personal columns
    #[arg(long, requires = "evidence")]
    reveal: bool,

    /// Show the cells of personal columns, too; the report says so
    #[arg(long, requires = "evidence", requires = "key_file")]
    reveal_personal: bool,

    /// Make the tokens of personal keys under the key in FILE, so that those of two audits compare [default: a key for this
    /// audit alone]
    #[arg(long, value_name = "FILE", requires = "evidence")]
    key_file: Option<PathBuf>,
}

impl EvidenceArgs {
    /// Who records the evidence; `None` where none is asked for. With `force` the folder need not be empty.
    ///
    /// # Errors
    /// Where the folder or the key file cannot be used.
    pub(super) fn recorder(&self, suite: &Suite, force: bool) -> anyhow::Result<Option<EvidenceRecorder>> {
        let Some(folder) = &self.evidence else { return Ok(None) };
        let tokens = match &self.key_file {
            Some(file) => TokenMaker::from_file(file)?,
            None => TokenMaker::for_one_audit()?,
        };
        let reveal = match (self.reveal, self.reveal_personal) {
            (_, true) => Reveal::All,
            (true, false) => Reveal::NotPersonal,
            (false, false) => Reveal::Nothing,
        };
        let datasets: Vec<&str> = suite.datasets.iter().map(|dataset| dataset.name.as_str()).collect();
        let folder = EvidenceFolder::create(folder, force, &datasets)?;
        output::spare_from_folder(folder.folder(), "--evidence", &suite.inputs)?;
        Ok(Some(EvidenceRecorder::new(folder, EvidenceOptions { limit: self.evidence_limit, reveal, tokens })))
    }

    /// The folder, as the user wrote it.
    pub(super) fn folder(&self) -> Option<&std::path::Path> {
        self.evidence.as_deref()
    }
}
