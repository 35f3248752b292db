//! Files that would count twice: under two names, once more packed, or once more in an archive.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::error::{Problem, SourceError};
use super::files::data_file::DataFile;
use super::files::format::Format;
use super::open_file::OpenFile;

/// Makes sure that no file is read twice.
///
/// Files are compared whose names would be the same if packed ones and archives were unpacked where they are.
///
/// # Errors
/// Where two files are the same, or one cannot be read.
pub(super) fn check(files: &[OpenFile], format: &Format) -> Result<(), SourceError> {
    let mut seen: BTreeMap<(u64, u64), &DataFile> = BTreeMap::new();
    let mut unpacked: BTreeMap<PathBuf, Vec<&DataFile>> = BTreeMap::new();
    for file in files.iter().filter(|file| !file.is_empty_part).map(|file| &file.data) {
        if let Some(identity) = file.identity()
            && let Some(other) = seen.insert(identity, file)
        {
            return Err(twice(file, other, "is the same file as"));
        }
        if let Some(name) = file.name_unpacked() {
            unpacked.entry(name).or_default().push(file);
        }
    }
    for files in unpacked.into_values().filter(|files| files.len() > 1) {
        // Every file is read to its first difference from few others, however many archives have a member of that name.
        let mut alike: BTreeMap<Vec<u8>, Vec<&DataFile>> = BTreeMap::new();
        for file in files {
            let fail = |problem: Problem| problem.at(&file.shown);
            let beginning = file.beginning_unpacked().map_err(fail)?;
            // A header alone counts no row, so empty days may be equal.
            let is_one_line = memchr::memchr2(b'\n', b'\r', beginning.trim_ascii_end()).is_none();
            if format.has_option("delimiter") && is_one_line && file.archive().is_some() {
                continue;
            }
            let others = alike.entry(beginning).or_default();
            for other in others.iter() {
                if file.has_the_text_of(other).map_err(fail)? {
                    return Err(twice(file, other, "holds the same as"));
                }
            }
            others.push(file);
        }
    }
    Ok(())
}

fn twice(file: &DataFile, other: &DataFile, how: &str) -> SourceError {
    let problem = format!(
        "{how} `{}`, so that its rows would count twice: leave one of them out, such as with `exclude`",
        other.shown.escape_debug()
    );
    Problem::Declaration(problem).at(&file.shown)
}
