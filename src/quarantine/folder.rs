//! The folder of a quarantine: a folder for each dataset, with `passing` and `failing` in it.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::MANIFEST;
use super::error::QuarantineError;
use crate::model::{QuarantinedDataset, QuarantinedFile, QuarantinedPart};
use crate::output_folder::{Complete, Draft, OutputFolder};
use crate::source::{Marked, Marks, Parts, Source, SplitError, SplitRows, Splitting};

/// A quarantine under way. Nothing of it stays unless it is published.
#[derive(Debug)]
pub struct Quarantine {
    // Before the folder, so that it is empty when it goes.
    files: Vec<Complete>,
    folder: OutputFolder,
    datasets: Vec<QuarantinedDataset>,
}

/// A dataset to be split.
#[derive(Clone, Copy)]
pub struct ToSplit<'a> {
    /// Its name in the suite.
    pub name: &'a str,
    /// The name of its folder, see [`file_names`](crate::output_folder::file_names).
    pub folder: &'a str,
    /// Its files.
    pub source: &'a Source,
    /// The ids of the rules that put a row into a failing part. Marks name them by their positions.
    pub rules: &'a [String],
    /// Asked now and then whether to go on.
    pub go_on: &'a dyn Fn() -> bool,
}

impl Quarantine {
    /// Fills that folder.
    pub const fn new(folder: OutputFolder) -> Self {
        Self { folder, files: Vec::new(), datasets: Vec::new() }
    }

    /// The folder.
    pub const fn folder(&self) -> &OutputFolder {
        &self.folder
    }

    /// The datasets so far.
    pub fn datasets(&self) -> &[QuarantinedDataset] {
        &self.datasets
    }

    /// Notes that a dataset is not split, and why.
    pub fn leave_out(&mut self, name: &str, reason: &str) {
        self.datasets.push(QuarantinedDataset {
            dataset: name.to_owned(),
            not_split: Some(reason.to_owned()),
            folder: None,
            column: None,
            rules: Vec::new(),
            passing: 0,
            failing: 0,
            files: Vec::new(),
        });
    }

    /// Splits a dataset. `marked` are its failing rows in file order.
    ///
    /// # Errors
    /// Where a file cannot be read or split, or a part cannot be written. The quarantine is then not to be published.
    pub fn split(
        &mut self,
        dataset: ToSplit,
        marked: &mut dyn Iterator<Item = io::Result<Marked>>,
    ) -> Result<(), QuarantineError> {
        let ToSplit { name, folder, source, rules, go_on } = dataset;
        let column = source.failed_rules_column();
        let at = |file: u32| move |error| QuarantineError::Input { path: source.shown_file(file).to_owned(), error };
        let mut marks = Marks::new(marked).map_err(at(0))?;
        let (mut files, mut passing_rows, mut failing_rows) = (Vec::new(), 0, 0);
        let mut last = 0;
        for (file, path) in (0..).zip(source.part_paths()) {
            let part = |part: &str| self.folder.draft(&PathBuf::from(folder).join(part).join(&path));
            let (mut passing, mut failing) = (part("passing")?, part("failing")?);
            let mut to = Splitting { file, marks: &mut marks, ids: rules, column: &column, go_on };
            let split = source.split(&mut to, Parts { passing: &mut passing, failing: &mut failing });
            let rows = split.map_err(|error| match error {
                SplitError::Output(error) if failing.is_broken() => failing.failed(error).into(),
                SplitError::Output(error) => passing.failed(error).into(),
                error => at(file)(error),
            })?;
            files.push(self.complete(source.shown_file(file), rows, passing, failing)?);
            passing_rows += rows.passing;
            failing_rows += rows.failing;
            last = file;
        }
        marks.end_before(u32::MAX).map_err(at(last))?;
        self.datasets.push(QuarantinedDataset {
            dataset: name.to_owned(),
            not_split: None,
            folder: Some(folder.to_owned()),
            column: Some(column),
            rules: rules.to_vec(),
            passing: passing_rows,
            failing: failing_rows,
            files,
        });
        Ok(())
    }

    fn complete(
        &mut self,
        input: &str,
        rows: SplitRows,
        passing: Draft,
        failing: Draft,
    ) -> Result<QuarantinedFile, QuarantineError> {
        let mut part = |draft: Draft, rows| {
            let complete = draft.complete()?;
            let part = QuarantinedPart {
                path: shown(complete.name()),
                rows,
                bytes: complete.bytes(),
                sha256: complete.sha256().to_owned(),
            };
            self.files.push(complete);
            Ok::<_, QuarantineError>(part)
        };
        Ok(QuarantinedFile {
            input: input.to_owned(),
            passing: part(passing, rows.passing)?,
            failing: part(failing, rows.failing)?,
            without_ids: rows.without_ids,
        })
    }

    /// Gives all files their names, the manifest at last.
    ///
    /// # Errors
    /// Where they cannot get them.
    pub fn publish(mut self, manifest: &str) -> Result<(), QuarantineError> {
        let mut draft = self.folder.draft(Path::new(MANIFEST))?;
        if let Err(error) = draft.write_all(manifest.as_bytes()) {
            return Err(draft.failed(error).into());
        }
        self.files.push(draft.complete()?);
        Ok(self.folder.publish(self.files)?)
    }
}

/// A path with `/` on all systems.
fn shown(path: &Path) -> String {
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}
