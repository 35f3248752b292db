//! One file of a dataset: its bytes as stored, and whether they stay as they are.

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use super::compressed::{Packing, Unpacked};
use super::reader::DataReader;
use crate::source::error::{Problem, SourceError};

/// The keys and values of the folders `key=value` above a file; no value where a row has none.
pub(in crate::source) type Partitions = Vec<(String, Option<String>)>;

/// One file of a dataset.
#[derive(Debug, Clone)]
pub(in crate::source) struct DataFile {
    stored: Stored,
    /// The path as the user would write it.
    pub(in crate::source) shown: String,
    /// The size as stored.
    pub(in crate::source) bytes: u64,
    /// How it is packed.
    pub(in crate::source) packing: Packing,
    /// What the folders `key=value` above it say.
    pub(in crate::source) partitions: Partitions,
    /// The bytes of memory that the process may take: what the file makes a reader hold at once must be less.
    pub(in crate::source) memory: u64,
}

/// Where the bytes of a file are.
#[derive(Debug, Clone)]
enum Stored {
    /// In a file of the user, which has this stamp as long as nobody writes to it.
    At(PathBuf, Stamp),
    /// In a copy without a name of what came from a pipe, which is gone with its last user.
    Copied(Arc<Mutex<File>>),
    /// In such a copy too, of a member of this archive.
    Member(Arc<Mutex<File>>, Arc<DataFile>),
}

/// What changes when somebody writes to a file or puts another in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stamp {
    bytes: u64,
    modified: Option<SystemTime>,
    identity: (u64, u64),
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        #[cfg(unix)]
        let identity = {
            use std::os::unix::fs::MetadataExt;
            (metadata.dev(), metadata.ino())
        };
        #[cfg(not(unix))]
        let identity = (0, 0);
        Self { bytes: metadata.len(), modified: metadata.modified().ok(), identity }
    }
}

impl DataFile {
    /// The file at that path, or a copy of what comes from the pipe there, since an audit may need several passes.
    ///
    /// # Errors
    /// Where it cannot be read or copied.
    pub(in crate::source) fn at(path: PathBuf, shown: &str, partitions: Partitions) -> Result<Self, SourceError> {
        let fail = |error: &io::Error| unreadable(error).at(shown);
        let metadata = fs::metadata(&path).map_err(|error| fail(&error))?;
        if !metadata.is_file() && !metadata.is_dir() {
            return Self::copied(File::open(&path).map_err(|error| fail(&error))?, shown);
        }
        let stamp = Stamp::of(&metadata);
        Self::new(Stored::At(path, stamp), metadata.len(), shown, partitions)
    }

    /// A copy of what comes from a pipe.
    ///
    /// # Errors
    /// Where it cannot be copied.
    pub(in crate::source) fn copied(mut pipe: impl Read, shown: &str) -> Result<Self, SourceError> {
        let copy = || -> io::Result<(File, u64)> {
            let mut file = tempfile::tempfile()?;
            let bytes = io::copy(&mut pipe, &mut file)?;
            Ok((file, bytes))
        };
        let fail = |error: io::Error| Problem::Inaccessible(format!("cannot be copied to a temporary file: {error}"));
        let (file, bytes) = { copy }().map_err(|error| fail(error).at(shown))?;
        Self::new(Stored::Copied(Arc::new(Mutex::new(file))), bytes, shown, Vec::new())
    }

    /// A member of an archive, unpacked to a file without a name.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub(super) fn member(
        file: File,
        bytes: u64,
        shown: &str,
        partitions: Partitions,
        archive: &Arc<Self>,
    ) -> Result<Self, Problem> {
        let stored = Stored::Member(Arc::new(Mutex::new(file)), Arc::clone(archive));
        Self::new(stored, bytes, shown, partitions).map_err(|error| error.problem)
    }

    fn new(stored: Stored, bytes: u64, shown: &str, partitions: Partitions) -> Result<Self, SourceError> {
        let mut file =
            Self { stored, shown: shown.to_owned(), bytes, packing: Packing::Plain, partitions, memory: u64::MAX };
        let head = file.head().map_err(|problem| problem.at(shown))?;
        file.packing = Packing::detect(&head);
        if file.packing == Packing::Plain
            && let Some(extension) = Path::new(shown).extension()
        {
            let extension = extension.to_string_lossy().to_ascii_lowercase();
            file.packing = Packing::of_beginning(&head, &extension).unwrap_or(Packing::Plain);
        }
        Ok(file)
    }

    /// Opens the file at its first byte.
    ///
    /// # Errors
    /// Where the system does not open it.
    pub(in crate::source) fn open(&self) -> Result<DataReader, Problem> {
        match &self.stored {
            Stored::At(path, _) => {
                let file = File::open(path).map_err(|error| unreadable(&error))?;
                Ok(DataReader::own(file, self.memory))
            }
            Stored::Copied(file) | Stored::Member(file, _) => {
                Ok(DataReader::shared(Arc::clone(file), self.bytes, self.memory))
            }
        }
    }

    /// Whether it was changed or replaced after its columns were read.
    pub(in crate::source) fn has_changed(&self) -> bool {
        match &self.stored {
            Stored::At(path, stamp) => fs::metadata(path).map_or(true, |metadata| Stamp::of(&metadata) != *stamp),
            Stored::Copied(_) => false,
            Stored::Member(_, archive) => archive.has_changed(),
        }
    }

    /// What tells it from every other file of the machine; `None` where the system does not say, and for a copy.
    pub(in crate::source) fn identity(&self) -> Option<(u64, u64)> {
        let Stored::At(_, stamp) = &self.stored else { return None };
        Some(stamp.identity).filter(|identity| *identity != (0, 0))
    }

    /// Its path without the ending of a packing, for a member of an archive the one that it would have if the archive were
    /// unpacked where it is; `None` for a copy.
    pub(in crate::source) fn name_unpacked(&self) -> Option<PathBuf> {
        let shown = Path::new(&self.shown);
        let path = match &self.stored {
            Stored::At(..) => shown.to_owned(),
            Stored::Member(_, archive) => {
                let archive = Path::new(&archive.shown);
                archive.parent()?.join(shown.strip_prefix(archive).ok()?)
            }
            Stored::Copied(_) => return None,
        };
        let is_packed =
            path.extension().is_some_and(|found| PACKED.iter().any(|known| found.eq_ignore_ascii_case(known)));
        Some(if is_packed { path.with_extension("") } else { path })
    }

    /// The first bytes once it is unpacked.
    ///
    /// # Errors
    /// Where they cannot be read.
    pub(in crate::source) fn beginning_unpacked(&self) -> Result<Vec<u8>, Problem> {
        let damaged = |_| Problem::damaged("cannot be unpacked");
        let mut beginning = Vec::new();
        Unpacked::new(self.open()?, self.packing).map_err(damaged)?.append(&mut beginning, STEP)?;
        Ok(beginning)
    }

    /// Whether both hold the same once they are unpacked. Reads them up to the first difference.
    ///
    /// # Errors
    /// Where one of them cannot be read.
    pub(in crate::source) fn has_the_text_of(&self, other: &Self) -> Result<bool, Problem> {
        let damaged = |_| Problem::damaged("cannot be unpacked");
        let mut one = Unpacked::new(self.open()?, self.packing).map_err(damaged)?;
        let mut two = Unpacked::new(other.open()?, other.packing).map_err(damaged)?;
        loop {
            let (mut left, mut right) = (Vec::new(), Vec::new());
            let read = one.append(&mut left, STEP)?;
            two.append(&mut right, STEP)?;
            if left != right {
                return Ok(false);
            }
            if read < STEP {
                return Ok(true);
            }
        }
    }

    /// The stored size, for a member of an archive without its packing there; `None` for what came from a pipe.
    pub(in crate::source) fn stored_bytes(&self) -> Option<u64> {
        (!matches!(self.stored, Stored::Copied(_))).then_some(self.bytes)
    }

    /// Where it is, for a member of an archive its name below that; `None` for what came from a pipe.
    pub(in crate::source) fn path(&self) -> Option<&Path> {
        match &self.stored {
            Stored::At(path, _) => Some(path),
            Stored::Member(..) => Some(Path::new(&self.shown)),
            Stored::Copied(_) => None,
        }
    }

    /// The archive that it is a member of.
    pub(in crate::source) const fn archive(&self) -> Option<&Arc<Self>> {
        if let Stored::Member(_, archive) = &self.stored { Some(archive) } else { None }
    }

    /// Whether the name, less that of a packing, ends with one of the extensions.
    pub(super) fn has_extension(&self, extensions: &[&str]) -> bool {
        extension(Path::new(&self.shown)).is_some_and(|found| extensions.contains(&found.as_str()))
    }

    /// The first bytes as stored.
    ///
    /// # Errors
    /// Where they cannot be read.
    pub(in crate::source) fn head(&self) -> Result<Vec<u8>, Problem> {
        let mut head = Vec::new();
        self.open()?.take(16).read_to_end(&mut head).map_err(|error| unreadable(&error))?;
        Ok(head)
    }
}

/// What an error of the operating system means for the user.
pub(in crate::source) fn unreadable(error: &io::Error) -> Problem {
    Problem::Inaccessible(match error.kind() {
        io::ErrorKind::NotFound => "no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "may not be read: check its permissions".to_owned(),
        _ => format!("cannot be read: {error}"),
    })
}

/// Bytes that are compared at a time.
const STEP: usize = 1 << 16;

/// The endings of names of packed files.
const PACKED: &[&str] = &["gz", "zst", "bz2", "xz"];

/// The lower-case extension, less a packing.
pub(in crate::source) fn extension(path: &Path) -> Option<String> {
    let lower = |path: &Path| path.extension().map(|found| found.to_string_lossy().to_ascii_lowercase());
    match lower(path)?.as_str() {
        packed if PACKED.contains(&packed) => lower(Path::new(path.file_stem()?)),
        other => Some(other.to_owned()),
    }
}
