//! Reads an evidence folder.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::error::EvidenceError;
use super::failing::FailingReader;
use super::groups::GroupsReader;
use super::manifest::{MANIFEST, digest};
use crate::model::{EVIDENCE_FORMAT, EvidenceDataset, EvidenceManifest, TableFact};

/// An evidence folder whose files are complete and as the audit wrote them.
#[derive(Debug)]
pub struct Evidence {
    folder: PathBuf,
    manifest: EvidenceManifest,
}

impl Evidence {
    /// Opens the folder, and makes sure that each table is the one that the manifest describes.
    ///
    /// # Errors
    /// If it is no evidence folder, a newer program wrote it, or a file is missing or was changed.
    pub fn open(folder: &Path) -> Result<Self, EvidenceError> {
        let manifest = read_manifest(folder)?;
        let evidence = Self { folder: folder.to_path_buf(), manifest };
        for dataset in &evidence.manifest.datasets {
            for table in dataset.failing.iter().chain(&dataset.groups) {
                evidence.verify(table)?;
            }
            let failing = evidence.failing(dataset)?.map(|reader| reader.rows());
            let groups = evidence.groups(dataset)?.map(|reader| reader.rows());
            for (table, rows) in [(&dataset.failing, failing), (&dataset.groups, groups)] {
                if let Some(table) = table.as_ref().filter(|table| rows != Some(table.rows)) {
                    return Err(EvidenceError::Changed { path: evidence.shown(table), what: "number of rows" });
                }
            }
        }
        Ok(evidence)
    }

    /// What the folder says about itself.
    pub const fn manifest(&self) -> &EvidenceManifest {
        &self.manifest
    }

    /// The failing rows of a dataset, in file order; `None` if none is listed.
    ///
    /// # Errors
    /// If the table cannot be read.
    pub fn failing(&self, dataset: &EvidenceDataset) -> Result<Option<FailingReader>, EvidenceError> {
        let path = dataset.failing.as_ref().map(|table| self.folder.join(&table.file));
        path.map(|path| FailingReader::open(&path, dataset)).transpose()
    }

    /// The failing groups of the rules of a dataset; `None` if none is listed.
    ///
    /// # Errors
    /// If the table cannot be read.
    pub fn groups(&self, dataset: &EvidenceDataset) -> Result<Option<GroupsReader>, EvidenceError> {
        let path = dataset.groups.as_ref().map(|table| self.folder.join(&table.file));
        path.map(|path| GroupsReader::open(&path)).transpose()
    }

    /// Compares a table with what the manifest says.
    fn verify(&self, table: &TableFact) -> Result<(), EvidenceError> {
        // A table lies in the folder itself: the manifest cannot point elsewhere.
        if Path::new(&table.file).file_name() != Some(table.file.as_ref()) {
            return Err(EvidenceError::NoTable { path: self.shown(table) });
        }
        let path = self.folder.join(&table.file);
        let failed = |source: io::Error| match source.kind() {
            ErrorKind::NotFound => EvidenceError::NoTable { path: self.shown(table) },
            _ => EvidenceError::Io { path: self.shown(table), source },
        };
        let metadata = fs::metadata(&path).map_err(failed)?;
        if !metadata.is_file() {
            return Err(EvidenceError::NoTable { path: self.shown(table) });
        }
        if metadata.len() != table.bytes {
            return Err(EvidenceError::Changed { path: self.shown(table), what: "size" });
        }
        let mut sha256 = Sha256::new();
        let read = File::open(&path).and_then(|mut file| io::copy(&mut file, &mut HashedInto(&mut sha256)));
        read.map_err(failed)?;
        if hex::encode(sha256.finalize()) == table.sha256 {
            Ok(())
        } else {
            Err(EvidenceError::Changed { path: self.shown(table), what: "SHA-256" })
        }
    }

    fn shown(&self, table: &TableFact) -> String {
        self.folder.join(&table.file).display().to_string()
    }
}

/// Hashes what is written to it.
struct HashedInto<'a>(&'a mut Sha256);

impl io::Write for HashedInto<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Reads the manifest of a folder.
fn read_manifest(folder: &Path) -> Result<EvidenceManifest, EvidenceError> {
    let shown = folder.display().to_string();
    let path = folder.join(MANIFEST);
    match fs::metadata(folder) {
        Ok(found) if found.is_dir() => {}
        Ok(_) => return Err(EvidenceError::NotFolder { path: shown }),
        Err(error) if error.kind() == ErrorKind::NotFound => return Err(EvidenceError::NoFolder { path: shown }),
        Err(source) => return Err(EvidenceError::Io { path: shown, source }),
    }
    let text = match fs::metadata(&path) {
        Ok(found) if found.is_file() => fs::read_to_string(&path),
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => return Err(EvidenceError::NoManifest { path: shown }),
    };
    let path = path.display().to_string();
    let foreign = |found: &str| EvidenceError::Foreign { path: path.clone(), found: found.to_owned() };
    let text = text.map_err(|source| match source.kind() {
        ErrorKind::InvalidData => foreign("it is no text"),
        _ => EvidenceError::Io { path: path.clone(), source },
    })?;
    let value: serde_json::Value = serde_json::from_str(&text).map_err(|_| foreign("it is no JSON, or cut off"))?;
    match value.get("format").and_then(serde_json::Value::as_str) {
        Some(EVIDENCE_FORMAT) => {}
        Some(format) => {
            let newer = format.strip_prefix("passmuster.evidence/").and_then(|version| version.parse::<u32>().ok());
            return Err(match newer {
                Some(version) if version > 1 => EvidenceError::Newer { path, format: format.to_owned() },
                _ => foreign(&format!("its format is `{}`", format.escape_debug())),
            });
        }
        None => return Err(foreign("it has no `format`")),
    }
    let edited = || EvidenceError::Edited { path: path.clone() };
    let manifest: EvidenceManifest = serde_json::from_value(value).map_err(|_| edited())?;
    match digest(&manifest) {
        Ok(digest) if digest == manifest.digest => Ok(manifest),
        _ => Err(edited()),
    }
}
