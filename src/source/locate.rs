//! From a location to files: a path, a glob, a folder with partitions, or standard input.

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use tempfile::NamedTempFile;

use super::compressed::Packing;
use super::{Format, SourceError, SourceSpec};

use crate::model::nearest;

/// Folders are followed this deep; more is a loop of links.
const MAX_DEPTH: usize = 32;

/// The most files of a dataset.
const MAX_FILES: usize = 1_000_000;

/// The name that Hive and Spark give to the folder of rows without a value.
const NO_PARTITION: &str = "__HIVE_DEFAULT_PARTITION__";

/// One file of a dataset.
#[derive(Debug, Clone)]
pub(super) struct DataFile {
    path: PathBuf,
    /// The path as the user would write it.
    pub(super) shown: String,
    /// The size as stored.
    pub(super) bytes: u64,
    /// How it is packed.
    pub(super) packing: Packing,
    /// What the folders `key=value` above it say.
    pub(super) partitions: Vec<(String, Option<String>)>,
    stamp: Stamp,
    /// Keeps what came from a pipe.
    spooled: Option<Arc<Spooled>>,
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
    /// Opens the file at its first byte.
    pub(super) fn open(&self) -> Result<File, String> {
        File::open(&self.path).map_err(|error| unreadable(&error))
    }

    /// Whether it is not the file any more that it was when its columns were read.
    pub(super) fn has_changed(&self) -> bool {
        fs::metadata(&self.path).map_or(true, |metadata| Stamp::of(&metadata) != self.stamp)
    }

    /// The stored size; `None` for what came from a pipe.
    pub(super) fn stored_bytes(&self) -> Option<u64> {
        self.spooled.is_none().then_some(self.bytes)
    }

    /// Whether the name, less `.gz` or `.zst`, ends with one of the extensions.
    pub(super) fn has_extension(&self, extensions: &[&str]) -> bool {
        extension(Path::new(&self.shown)).is_some_and(|found| extensions.contains(&found.as_str()))
    }

    /// The first bytes as stored.
    pub(super) fn head(&self) -> Result<Vec<u8>, String> {
        let mut head = Vec::new();
        self.open()?.take(16).read_to_end(&mut head).map_err(|error| unreadable(&error))?;
        Ok(head)
    }

    fn spooled(path: PathBuf, shown: &str, spooled: Spooled) -> Result<Self, SourceError> {
        let mut file = Self::new(path, shown, Vec::new())?;
        file.spooled = Some(Arc::new(spooled));
        Ok(file)
    }

    fn new(path: PathBuf, shown: &str, partitions: Vec<(String, Option<String>)>) -> Result<Self, SourceError> {
        let fail = |problem: String| SourceError { path: shown.to_owned(), problem };
        let metadata = fs::metadata(&path).map_err(|error| fail(unreadable(&error)))?;
        if !metadata.is_file() && !metadata.is_dir() {
            // A pipe can be read once, the audit may need several passes.
            let pipe = File::open(&path).map_err(|error| fail(unreadable(&error)))?;
            return spool(pipe, shown);
        }
        let mut file = Self {
            bytes: metadata.len(),
            stamp: Stamp::of(&metadata),
            path,
            packing: Packing::Plain,
            partitions,
            spooled: None,
            shown: shown.to_owned(),
        };
        file.packing = file.head().and_then(|head| Packing::detect(&head)).map_err(fail)?;
        Ok(file)
    }
}

/// What an operating system error means for the user.
fn unreadable(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "may not be read: check its permissions".to_owned(),
        _ => format!("cannot be read: {error}"),
    }
}

/// The lower-case extension, less a packing.
fn extension(path: &Path) -> Option<String> {
    let lower = |path: &Path| path.extension().map(|found| found.to_string_lossy().to_ascii_lowercase());
    match lower(path)?.as_str() {
        "gz" | "zst" => lower(Path::new(path.file_stem()?)),
        other => Some(other.to_owned()),
    }
}

impl Format {
    /// The format that the extension stands for, below a packing.
    pub fn of_name(path: &Path) -> Option<Self> {
        let found = extension(path)?;
        Self::ALL.iter().find(|(_, _, extensions)| extensions.contains(&found.as_str())).map(|(format, ..)| *format)
    }
}

/// What keeps a copy of a pipe.
#[derive(Debug)]
enum Spooled {
    /// A file without a name, which is gone with the program, however that ends.
    #[cfg(target_os = "linux")]
    Nameless { _file: File },
    /// A file that is removed with its last user.
    Named { _file: NamedTempFile },
}

/// Copies what comes from a pipe to a file of its own.
fn spool(mut pipe: impl Read, shown: &str) -> Result<DataFile, SourceError> {
    let fail = |error: &io::Error| SourceError {
        path: shown.to_owned(),
        problem: format!("cannot be copied to a temporary file: {error}"),
    };
    #[cfg(target_os = "linux")]
    {
        use std::os::fd::AsRawFd;
        let mut file = tempfile::tempfile().map_err(|error| fail(&error))?;
        // Each reader opens it anew through this path, so that each has a place of its own in it.
        let path = PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()));
        if File::open(&path).is_ok() {
            io::copy(&mut pipe, &mut file).map_err(|error| fail(&error))?;
            return DataFile::spooled(path, shown, Spooled::Nameless { _file: file });
        }
    }
    let mut file = NamedTempFile::with_prefix("passmuster-").map_err(|error| fail(&error))?;
    io::copy(&mut pipe, &mut file).map_err(|error| fail(&error))?;
    DataFile::spooled(file.path().to_path_buf(), shown, Spooled::Named { _file: file })
}

/// Finds the files of a dataset and their format.
pub(super) fn locate(spec: &SourceSpec) -> Result<(Vec<DataFile>, Format), SourceError> {
    let fail = |problem: String| SourceError { path: spec.location.clone(), problem };
    if spec.location.is_empty() {
        return Err(fail("the location is empty".to_owned()));
    }
    if spec.location == "-" {
        let file = spool(io::stdin().lock(), "-")?;
        let format = match spec.format {
            Some(format) => format,
            None => sniff(&file).map_err(fail)?,
        };
        return Ok((vec![file], format));
    }
    let path = spec.base.join(&spec.location);
    let metadata = fs::metadata(&path);
    let mut found = Vec::new();
    match &metadata {
        Ok(metadata) if metadata.is_dir() => {
            walk(&path, &mut Vec::new(), 0, &mut found).map_err(fail)?;
            select(&mut found, spec.format);
            if found.is_empty() {
                return Err(fail(format!("the folder holds no data files ({})", extensions())));
            }
        }
        Ok(_) => found.push((path, Vec::new())),
        Err(error) if error.kind() == io::ErrorKind::NotFound && is_pattern(&spec.location) => {
            found = expand(spec).map_err(fail)?;
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(fail(missing(&path))),
        Err(error) => return Err(fail(unreadable(error))),
    }
    if found.len() > MAX_FILES {
        return Err(fail(format!("{} files, more than the {MAX_FILES} that are read", found.len())));
    }
    let format = match spec.format {
        Some(format) => format,
        None => common_format(&found).map_err(fail)?,
    };
    let files = found.into_iter().map(|(path, partitions)| {
        let shown = plain(&path).to_string_lossy().into_owned();
        DataFile::new(path, &shown, partitions)
    });
    Ok((files.collect::<Result<_, _>>()?, format))
}

type Found = (PathBuf, Vec<(String, Option<String>)>);

/// The path without `folder/..` detours, so that a report shows what can be opened from where the program runs.
fn plain(path: &Path) -> PathBuf {
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

/// Tells the format of what came without a name.
fn sniff(file: &DataFile) -> Result<Format, String> {
    let head = file.head()?;
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&head);
    Ok(match text {
        [b'P', b'A', b'R', b'1', ..] => Format::Parquet,
        [b'A', b'R', b'R', b'O', b'W', b'1', ..] => Format::Ipc,
        text if text.trim_ascii_start().starts_with(b"{") => Format::Ndjson,
        _ => Format::Csv,
    })
}

/// The format of all files.
fn common_format(files: &[Found]) -> Result<Format, String> {
    let mut formats = files.iter().map(|(path, _)| (path, Format::of_name(path)));
    let Some((_, first)) = formats.next() else { return Err("no data files".to_owned()) };
    if let Some((path, _)) = formats.find(|(_, format)| *format != first) {
        return Err(format!(
            "holds files of different formats (`{}` among them): name one kind with a glob such as `*.csv`",
            path.file_name().unwrap_or_default().to_string_lossy().escape_debug()
        ));
    }
    let is_sheet = |path: &Path| {
        let extension = path.extension().map(std::ffi::OsStr::to_ascii_lowercase);
        extension.is_some_and(|extension| ["xlsx", "xlsm", "xls", "ods"].iter().any(|sheet| extension == *sheet))
    };
    first.ok_or_else(|| match files.first() {
        Some((path, _)) if is_sheet(path) => "is a spreadsheet: export the sheet as CSV".to_owned(),
        _ => format!(
            "the name does not tell the format ({}): say it, `format: csv` in a suite or --input-format csv on the command \
             line",
            extensions()
        ),
    })
}

fn extensions() -> String {
    let all: Vec<String> =
        Format::ALL.iter().flat_map(|(_, _, extensions)| extensions.iter().map(|end| format!(".{end}"))).collect();
    all.join(" ")
}

/// Keeps the data files of a folder. Where a format is declared and none has its extension, all of them.
fn select(found: &mut Vec<Found>, format: Option<Format>) {
    match format {
        None => found.retain(|(path, _)| Format::of_name(path).is_some()),
        Some(format) if found.iter().any(|(path, _)| Format::of_name(path) == Some(format)) => {
            found.retain(|(path, _)| Format::of_name(path) == Some(format));
        }
        Some(_) => {}
    }
}

/// Collects the files under a folder in the order of their names, less hidden ones and those that start with `_`, which
/// are the notes of other programs.
fn walk(
    folder: &Path,
    partitions: &mut Vec<(String, Option<String>)>,
    depth: usize,
    found: &mut Vec<Found>,
) -> Result<(), String> {
    if depth > MAX_DEPTH {
        return Err(format!("folders are nested more than {MAX_DEPTH} deep: is there a loop of links?"));
    }
    let entries = fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let mut names: Vec<_> = entries.map_err(|error| unreadable(&error))?.iter().map(fs::DirEntry::file_name).collect();
    names.sort();
    for name in names {
        let text = name.to_string_lossy();
        let path = folder.join(&name);
        let partition = partition(&text);
        if text.starts_with('.') || (text.starts_with('_') && partition.is_none()) {
            continue;
        }
        if fs::metadata(&path).map_err(|error| unreadable(&error))?.is_dir() {
            let is_partition = partition.is_some();
            partitions.extend(partition);
            walk(&path, partitions, depth + 1, found)?;
            if is_partition {
                partitions.pop();
            }
        } else {
            found.push((path, partitions.clone()));
        }
    }
    Ok(())
}

/// Reads a folder name `key=value`.
fn partition(name: &str) -> Option<(String, Option<String>)> {
    let (key, value) = name.split_once('=').filter(|(key, _)| !key.is_empty())?;
    Some((unquote(key), (value != NO_PARTITION).then(|| unquote(value))))
}

/// Undoes `%2F` and the like, with which Spark and Hive write what a folder name cannot hold.
fn unquote(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let digits = tail.get(..2).filter(|digits| *first == b'%' && digits.iter().all(u8::is_ascii_hexdigit));
        let byte = digits.and_then(|digits| u8::from_str_radix(str::from_utf8(digits).ok()?, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { tail.get(2..).unwrap_or_default() } else { tail };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

fn is_pattern(location: &str) -> bool {
    location.contains(['*', '?', '['])
}

/// The files of a glob, in the order of their names; folders that match are walked.
fn expand(spec: &SourceSpec) -> Result<Vec<Found>, String> {
    let base = glob::Pattern::escape(&spec.base.to_string_lossy());
    let pattern = Path::new(&base).join(&spec.location);
    // Folders before the first wildcard are no partitions: all files have them.
    let fixed = pattern.components().take_while(|part| !is_pattern(&part.as_os_str().to_string_lossy())).count();
    let fixed = fixed.max(spec.base.components().count());
    let options = glob::MatchOptions { require_literal_leading_dot: true, ..glob::MatchOptions::new() };
    let paths = glob::glob_with(&pattern.to_string_lossy(), options)
        .map_err(|error| format!("the glob is not valid: {}", error.msg))?;
    let mut found = Vec::new();
    for path in paths {
        let path = path.map_err(|error| unreadable(error.error()))?;
        let is_folder = fs::metadata(&path).map_err(|error| unreadable(&error))?.is_dir();
        let parents = if is_folder { Some(path.as_path()) } else { path.parent() };
        let mut partitions: Vec<_> = parents
            .into_iter()
            .flat_map(|parent| parent.components().skip(fixed))
            .filter_map(|part| partition(&part.as_os_str().to_string_lossy()))
            .collect();
        if is_folder {
            let mut inner = Vec::new();
            walk(&path, &mut partitions, 0, &mut inner)?;
            select(&mut inner, spec.format);
            found.extend(inner);
        } else {
            found.push((path, partitions));
        }
    }
    found.sort();
    found.dedup();
    if found.is_empty() {
        return Err("no file matches: check the glob and the folder it starts from".to_owned());
    }
    Ok(found)
}

/// Says that a file is missing, and which one may be meant.
fn missing(path: &Path) -> String {
    let wanted = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let folder = path.parent().map(|folder| if folder.as_os_str().is_empty() { Path::new(".") } else { folder });
    let Some(entries) = folder.and_then(|folder| fs::read_dir(folder).ok()) else {
        return "no such file: its folder is not there either".to_owned();
    };
    let mut names: Vec<String> =
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort_unstable();
    nearest(&wanted, names.iter().map(String::as_str)).map_or_else(
        || "no such file".to_owned(),
        |name| format!("no such file; did you mean `{}`?", name.escape_debug()),
    )
}
