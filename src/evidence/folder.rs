//! Writes an evidence folder.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::error::EvidenceError;
use super::failing::FailingTable;
use super::groups::GroupsTable;
use super::manifest::{MANIFEST, manifest_text};
use crate::model::{EvidenceManifest, FailingGroup, FailingRow, TableFact};
use crate::output_folder::{Complete, OutputFolder, file_names};

/// An evidence folder under way.
///
/// Tables are written under temporary names. They get their own names when [`Self::finish`] writes the manifest; an audit
/// that ends before leaves nothing behind.
#[derive(Debug)]
pub struct EvidenceFolder {
    /// What the names of the tables of each dataset begin with.
    names: BTreeMap<String, String>,
    /// The tables that are complete. Before the folder, so that it is empty when it goes.
    finished: Finished,
    folder: OutputFolder,
}

/// Complete tables that wait for their names.
type Finished = Arc<Mutex<Vec<Complete>>>;

impl EvidenceFolder {
    /// Makes the folder for the evidence of these datasets, if it does not exist. With `force` it need not be empty.
    ///
    /// # Errors
    /// If it cannot be used, or no file can be made in it.
    pub fn create(folder: &Path, force: bool, datasets: &[&str]) -> Result<Self, EvidenceError> {
        let names = datasets.iter().map(|name| (*name).to_owned()).zip(file_names(datasets.iter().copied())).collect();
        Ok(Self { folder: OutputFolder::open(folder, force)?, names, finished: Finished::default() })
    }

    /// The folder, as the user wrote it and without links.
    pub const fn folder(&self) -> &OutputFolder {
        &self.folder
    }

    /// The name of a table of that dataset.
    fn table_name(&self, dataset: &str, table: &str) -> Result<String, EvidenceError> {
        let name = self.names.get(dataset).ok_or_else(|| EvidenceError::NoDataset { dataset: dataset.to_owned() })?;
        Ok(format!("{name}.{table}.parquet"))
    }

    /// Starts the table of the failing rows of a dataset with these key columns and revealed columns.
    ///
    /// # Errors
    /// If no file can be made.
    pub fn failing_table(
        &self,
        dataset: &str,
        key: &[String],
        revealed: &[String],
    ) -> Result<FailingWriter, EvidenceError> {
        let name = self.table_name(dataset, "failing")?;
        let table = FailingTable::new(&self.folder, name, key, revealed)?;
        Ok(FailingWriter { table, finished: Arc::clone(&self.finished) })
    }

    /// Starts the table of the failing groups of the rules of a dataset.
    ///
    /// # Errors
    /// If no file can be made.
    pub fn groups_table(&self, dataset: &str) -> Result<GroupsWriter, EvidenceError> {
        let name = self.table_name(dataset, "groups")?;
        let table = GroupsTable::new(&self.folder, name)?;
        Ok(GroupsWriter { table, finished: Arc::clone(&self.finished) })
    }

    /// Gives all finished tables their names, and writes the manifest with its digest as the last file.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn finish(self, manifest: EvidenceManifest) -> Result<(), EvidenceError> {
        let mut draft = self.folder.draft(Path::new(MANIFEST))?;
        let written =
            manifest_text(manifest).map_err(io::Error::from).and_then(|text| draft.write_all(text.as_bytes()));
        written.map_err(|error| draft.failed(error))?;
        let mut files = std::mem::take(&mut *self.finished.lock().unwrap_or_else(PoisonError::into_inner));
        files.push(draft.complete()?);
        Ok(self.folder.publish(files)?)
    }
}

/// Writes the failing rows of a dataset.
pub struct FailingWriter {
    table: FailingTable,
    finished: Finished,
}

impl FailingWriter {
    /// Adds the next failing row, in file order.
    ///
    /// # Errors
    /// If it cannot be written, or has another number of values than the table has columns.
    pub fn push(&mut self, row: &FailingRow) -> Result<(), EvidenceError> {
        self.table.push(row)
    }

    /// Completes the table; gives its facts for the manifest.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn finish(self) -> Result<TableFact, EvidenceError> {
        Ok(keep(self.table.finish()?, &self.finished))
    }
}

/// Writes the failing groups of the rules of a dataset.
pub struct GroupsWriter {
    table: GroupsTable,
    finished: Finished,
}

impl GroupsWriter {
    /// Adds the next failing group.
    ///
    /// # Errors
    /// If it cannot be written, or has another number of values than key columns.
    pub fn push(&mut self, group: &FailingGroup) -> Result<(), EvidenceError> {
        self.table.push(group)
    }

    /// Completes the table; gives its facts for the manifest.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn finish(self) -> Result<TableFact, EvidenceError> {
        Ok(keep(self.table.finish()?, &self.finished))
    }
}

/// Puts a complete table among those that get their names at the end; gives its facts.
fn keep((fact, file): (TableFact, Complete), finished: &Finished) -> TableFact {
    finished.lock().unwrap_or_else(PoisonError::into_inner).push(file);
    fact
}
