//! From a location to files: a path, a glob, a folder with partitions, or standard input.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::archives::{Archives, is_archive};
use super::error::{Problem, SourceError};
use super::files::archive::{Archive, is_zip};
use super::files::data_file::{DataFile, Partitions, unreadable};
use super::files::format::Format;
use super::files::formats::FORMATS;
use super::left_out::{LeftOut, is_lock};
use super::options::FOLDER_KEYS;
use super::plain_path::plain;
use super::spec::SourceSpec;
use crate::model::{nearest, nfc};

/// Folders are followed this deep; more is a loop of links.
const MAX_DEPTH: usize = 32;

/// The most files of a dataset.
const MAX_FILES: usize = 1_000_000;

/// The name that Hive and Spark give to the folder of rows without a value.
const NO_PARTITION: &str = "__HIVE_DEFAULT_PARTITION__";

/// Finds the files of a dataset and their format.
pub(in crate::source) fn locate(spec: &SourceSpec) -> Result<(Vec<DataFile>, &'static Format), SourceError> {
    let fail = |problem: Problem| problem.at(&spec.location);
    if spec.locations().any(str::is_empty) {
        return Err(fail(Problem::Declaration("the location is empty".to_owned())));
    }
    let left_out = LeftOut::of(spec).map_err(fail)?;
    let mut archives = Archives::default();
    if spec.is_stdin() {
        let file = DataFile::copied(io::stdin().lock(), "-")?;
        let head = file.head().map_err(fail)?;
        if is_zip(&head) && spec.format.is_none_or(|format| !format.claims(&head)) {
            let archive = Archive::open(file.clone()).map_err(fail)?;
            if !archive.is_document() {
                let found =
                    archives.add(archive, Path::new("-"), &Vec::new(), spec, &left_out, partition).map_err(fail)?;
                return files(found, spec, &archives);
            }
        }
        let format = match spec.format {
            Some(format) => format,
            None => Format::recognised(&head),
        };
        return Ok((vec![file], format));
    }
    let found = find_all(spec, &left_out)?;
    if found.len() > MAX_FILES {
        let problem = format!("{} files, more than the {MAX_FILES} that are read", found.len());
        return Err(fail(Problem::BeyondLimit(problem)));
    }
    let found = archives.spread(found, spec, &left_out, partition)?;
    files(found, spec, &archives)
}

/// The files at these paths, and their format.
fn files(
    found: Vec<Found>,
    spec: &SourceSpec,
    archives: &Archives,
) -> Result<(Vec<DataFile>, &'static Format), SourceError> {
    if found.is_empty() {
        return Err(all_excluded().at(&spec.location));
    }
    let format = match spec.format {
        Some(format) => format,
        None => common_format(&found).map_err(|problem| problem.at(&spec.location))?,
    };
    let files = found.into_iter().map(|(path, partitions)| {
        let shown = plain(&path).to_string_lossy().into_owned();
        archives.file(path, &shown, partitions)
    });
    Ok((files.collect::<Result<_, _>>()?, format))
}

/// The problem of a dataset that has no files but excluded ones.
fn all_excluded() -> Problem {
    Problem::Empty("`exclude` leaves out all of its files".to_owned())
}

/// The paths of the files of a dataset as they are now; none for standard input and where they cannot be found.
pub fn data_files(spec: &SourceSpec) -> Vec<PathBuf> {
    if spec.is_stdin() {
        return Vec::new();
    }
    let found = LeftOut::of(spec).ok().and_then(|left_out| find_all(spec, &left_out).ok());
    found.unwrap_or_default().into_iter().map(|(path, _)| path).collect()
}

/// A file with what the folders above it say.
type Found = (PathBuf, Partitions);

/// The files of all places of a dataset, each once, without those that are excluded.
fn find_all(spec: &SourceSpec, left_out: &LeftOut) -> Result<Vec<Found>, SourceError> {
    let mut all: Vec<Found> = Vec::new();
    let mut seen = BTreeSet::new();
    for location in spec.locations() {
        let found = find(spec, location, left_out).map_err(|problem| problem.at(without_secrets(location)))?;
        let count = found.len();
        let kept: Vec<Found> = found.into_iter().filter(|(path, _)| !left_out.excludes(path)).collect();
        if count > 0 && kept.is_empty() {
            return Err(all_excluded().at(location));
        }
        all.extend(kept.into_iter().filter(|(path, _)| seen.insert(plain(path))));
    }
    if spec.options.flag(FOLDER_KEYS.name) == Some(false) {
        for (_, partitions) in &mut all {
            partitions.clear();
        }
    }
    Ok(all)
}

/// The files at a path, in a folder or of a glob.
fn find(spec: &SourceSpec, location: &str, left_out: &LeftOut) -> Result<Vec<Found>, Problem> {
    if let Some(problem) = elsewhere(location) {
        return Err(problem);
    }
    let path = spec.base.join(location);
    let mut found = Vec::new();
    match fs::metadata(&path) {
        Ok(metadata) if metadata.is_dir() => {
            walk(&path, (spec, left_out), &mut Vec::new(), 0, &mut found)?;
            select(&mut found, spec.format);
            if found.is_empty() {
                return Err(Problem::Empty(format!("the folder holds no data files ({})", extensions())));
            }
        }
        Ok(_) => found.push((path, Vec::new())),
        Err(error) if error.kind() == io::ErrorKind::NotFound && is_pattern(location) => {
            found = expand(spec, location, left_out)?;
        }
        Err(error) => {
            return Err(match dangling(&path) {
                Some(target) => Problem::Inaccessible(format!("is a link to {target}: remove it or set it right")),
                None if error.kind() == io::ErrorKind::NotFound => missing(spec, location, &path),
                None => unreadable(&error),
            });
        }
    }
    Ok(found)
}

/// The format of all files, by their names.
fn common_format(files: &[Found]) -> Result<&'static Format, Problem> {
    let mut formats = files.iter().map(|(path, _)| (path, Format::of_path(path)));
    let Some((first_path, first)) = formats.next() else { return Err(Problem::Empty("no data files".to_owned())) };
    if let Some((path, _)) = formats.find(|(_, format)| *format != first) {
        return Err(Problem::Foreign(format!(
            "holds files of different formats (`{}` among them): name one kind with a glob such as `*.csv`",
            path.file_name().unwrap_or_default().to_string_lossy().escape_debug()
        )));
    }
    first.ok_or_else(|| {
        let extension = first_path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        let unread = UNREAD.iter().find(|(extensions, _)| extensions.contains(&extension.as_str()));
        Problem::Foreign(unread.map_or_else(
            || {
                format!(
                    "the file name does not show the format. Formats that are read: {}. Name the format: `format: csv` in a \
                     suite, `--input-format csv` for identify",
                    extensions()
                )
            },
            |(_, problem)| (*problem).to_owned(),
        ))
    })
}

/// Extensions of formats that are not read, and what to do.
const UNREAD: &[(&[&str], &str)] = &[
    (&["mdb", "accdb", "numbers"], "is of a program whose files are not read: export the table as CSV"),
    (&["7z", "rar", "tar"], "is an archive: unpack it"),
    (
        &["lz4", "lzma", "br", "sz"],
        "is packed in a way that is not read: repack it with gzip, zstd or xz, or unpack it",
    ),
];

fn extensions() -> String {
    let all: Vec<String> =
        FORMATS.iter().flat_map(|format| format.extensions).map(|extension| format!(".{extension}")).collect();
    all.join(" ")
}

/// Keeps the data files of a folder. Where a format is declared and none has its extension, all of them.
fn select(found: &mut Vec<Found>, format: Option<&Format>) {
    match format {
        None => {
            found.retain(|(path, _)| Format::of_path(path).is_some() || is_archive(path));
            let gives_way = |path: &Path| Format::of_path(path).is_some_and(Format::gives_way);
            if found.iter().any(|(path, _)| !gives_way(path)) {
                found.retain(|(path, _)| !gives_way(path));
            }
        }
        Some(format) if found.iter().any(|(path, _)| Format::of_path(path) == Some(format)) => {
            found.retain(|(path, _)| Format::of_path(path) == Some(format) || is_archive(path));
        }
        Some(_) => {}
    }
}

/// Collects the files under a folder in the order of their names. Unless they are asked for, without hidden ones and those
/// that start with `_`, which are the notes of other programs.
fn walk(
    folder: &Path,
    (spec, left_out): (&SourceSpec, &LeftOut),
    partitions: &mut Partitions,
    depth: usize,
    found: &mut Vec<Found>,
) -> Result<(), Problem> {
    if depth > MAX_DEPTH {
        let problem = format!("folders are nested more than {MAX_DEPTH} deep: is there a loop of links?");
        return Err(Problem::BeyondLimit(problem));
    }
    let entries = fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let mut names: Vec<_> = entries.map_err(|error| unreadable(&error))?.iter().map(fs::DirEntry::file_name).collect();
    names.sort();
    for name in names {
        let text = name.to_string_lossy();
        let path = folder.join(&name);
        let partition = partition(&text);
        if left_out.hides(&text) {
            continue;
        }
        let Some(is_folder) = is_folder(&path, spec, left_out)? else { continue };
        if is_folder {
            let is_partition = partition.is_some();
            partitions.extend(partition);
            walk(&path, (spec, left_out), partitions, depth + 1, found)?;
            if is_partition {
                partitions.pop();
            }
        } else {
            found.push((path, partitions.clone()));
        }
    }
    Ok(())
}

/// Whether a folder is at a path in a folder or of a glob, and not a file; `None` where what is there is left out.
///
/// # Errors
/// Where there is a link to nothing, or a place that would give bytes for ever, or wait for them.
fn is_folder(path: &Path, spec: &SourceSpec, left_out: &LeftOut) -> Result<Option<bool>, Problem> {
    let shown = || plain(path).to_string_lossy().escape_debug().to_string();
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => Ok(Some(true)),
        Ok(found) if found.is_file() => Ok(Some(false)),
        _ if left_out.excludes(path) => Ok(None),
        // Names of other kinds are no data, whatever has them.
        Ok(_) if spec.format.is_none() && Format::of_path(path).is_none() && !is_archive(path) => Ok(None),
        Ok(_) => Err(Problem::Inaccessible(format!(
            "`{}` is no file but a named pipe, a socket or a device: remove it, or leave it out with `exclude`",
            shown()
        ))),
        Err(error) => Err(Problem::Inaccessible(match dangling(path) {
            Some(target) => {
                format!("the link `{}` leads to {target}: remove it, or leave it out with `exclude`", shown())
            }
            None => format!("`{}`: {}", shown(), unreadable(&error)),
        })),
    }
}

/// The target of a link that leads to nothing, as part of a sentence.
fn dangling(path: &Path) -> Option<String> {
    let target = fs::read_link(path).ok()?;
    let target = target.to_string_lossy().escape_debug().to_string();
    match fs::metadata(path).err()?.kind() {
        io::ErrorKind::NotFound => Some(format!("`{target}`, which does not exist")),
        io::ErrorKind::PermissionDenied => None,
        _ => Some(format!("`{target}`, which cannot be followed: is there a loop of links?")),
    }
}

/// Reads a folder name `key=value`.
fn partition(name: &str) -> Option<(String, Option<String>)> {
    let (key, value) = name.split_once('=').filter(|(key, _)| !key.is_empty())?;
    // Names of columns are compared with composed letters.
    Some((nfc(&unquote(key)).into_owned(), (value != NO_PARTITION).then(|| unquote(value))))
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
fn expand(spec: &SourceSpec, location: &str, left_out: &LeftOut) -> Result<Vec<Found>, Problem> {
    let base = glob::Pattern::escape(&spec.base.to_string_lossy());
    let pattern = Path::new(&base).join(location);
    // Folders before the first wildcard are no partitions: all files have them.
    let fixed = pattern.components().take_while(|part| !is_pattern(&part.as_os_str().to_string_lossy())).count();
    let fixed = fixed.max(spec.base.components().count());
    let options =
        glob::MatchOptions { require_literal_leading_dot: !left_out.reads_hidden, ..glob::MatchOptions::new() };
    let paths = glob::glob_with(&pattern.to_string_lossy(), options)
        .map_err(|error| Problem::Declaration(format!("the glob is not valid: {}", error.msg)))?;
    let mut found = Vec::new();
    for path in paths {
        let path = path.map_err(|error| unreadable(error.error()))?;
        if path.file_name().is_some_and(|name| is_lock(&name.to_string_lossy())) {
            continue;
        }
        let Some(is_folder) = is_folder(&path, spec, left_out)? else { continue };
        let parents = if is_folder { Some(path.as_path()) } else { path.parent() };
        let mut partitions: Vec<_> = parents
            .into_iter()
            .flat_map(|parent| parent.components().skip(fixed))
            .filter_map(|part| partition(&part.as_os_str().to_string_lossy()))
            .collect();
        if is_folder {
            let mut inner = Vec::new();
            walk(&path, (spec, left_out), &mut partitions, 0, &mut inner)?;
            select(&mut inner, spec.format);
            found.extend(inner);
        } else {
            found.push((path, partitions));
        }
    }
    found.sort();
    found.dedup();
    if found.is_empty() {
        return Err(Problem::inaccessible("no file matches: check the glob and the folder it starts from"));
    }
    Ok(found)
}

/// The problem of a missing file: where it was looked for, and the name that may be meant.
fn missing(spec: &SourceSpec, location: &str, path: &Path) -> Problem {
    let wanted = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let folder = path.parent().map(|folder| if folder.as_os_str().is_empty() { Path::new(".") } else { folder });
    let mut problem = "no such file".to_owned();
    match folder.map(fs::read_dir) {
        Some(Ok(entries)) => {
            let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
            let mut names: Vec<String> = names.collect();
            names.sort_unstable();
            if let Some(name) = nearest(&wanted, names.iter().map(String::as_str)) {
                problem = format!("{problem}; did you mean `{}`?", name.escape_debug());
            }
        }
        _ => problem.push_str(": its folder does not exist either"),
    }
    if Path::new(location).is_relative() {
        let start = if spec.base.as_os_str().is_empty() {
            "the path starts at the current folder".to_owned()
        } else {
            let tried = plain(path).to_string_lossy().into_owned();
            format!("looked for as `{}`: the path starts at the folder of the suite", tried.escape_debug())
        };
        problem = format!("{problem} ({start})");
    }
    Problem::Inaccessible(problem)
}

/// Places that are no files, and what to do.
const ELSEWHERE: &[(&[&str], &str)] = &[
    (
        &["http://", "https://", "ftp://", "sftp://"],
        "is on another machine: fetch it first, such as with `curl -fsSO`, and name the file, or pipe it in and write `-`",
    ),
    (
        &["s3://", "s3a://", "gs://", "gcs://", "abfs://", "abfss://", "az://", "wasbs://", "hdfs://"],
        "is in an object store: copy it first with the program of the store, such as `aws s3 cp` or `gcloud storage cp`",
    ),
    (
        &[
            "postgres://",
            "postgresql://",
            "mysql://",
            "mariadb://",
            "sqlserver://",
            "mssql://",
            "oracle://",
            "jdbc:",
            "odbc:",
        ],
        "is a database server: export the table, such as with `\\copy (SELECT …) TO 'x.csv' CSV HEADER` in psql, and name \
         the file; SQLite files are read as they are",
    ),
];

/// What to do about a place that is no file of this machine; files alone are read.
fn elsewhere(location: &str) -> Option<Problem> {
    let lower = location.to_ascii_lowercase();
    let (_, problem) = ELSEWHERE.iter().find(|(starts, _)| starts.iter().any(|start| lower.starts_with(start)))?;
    Some(Problem::foreign(*problem))
}

/// An address without the name and password of a user.
fn without_secrets(location: &str) -> String {
    let Some((scheme, rest)) = location.split_once("://") else { return location.to_owned() };
    let (host, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    match host.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}://…@{host}{path}"),
        None => location.to_owned(),
    }
}
