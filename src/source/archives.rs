//! Zip archives among the files of a dataset: which of their members are read.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::error::{Problem, SourceError};
use super::files::archive::{Archive, Member};
use super::files::data_file::{DataFile, Partitions};
use super::files::format::Format;
use super::left_out::LeftOut;
use super::options::{HIDDEN, MEMBER, OptionProblem};
use super::plain_path::plain;
use super::spec::SourceSpec;
use crate::model::nearest;

/// Members that a message names.
const MOST_NAMES: usize = 5;

/// Extensions of archives, which are not read inside of an archive.
const ARCHIVES: &[&str] = &["zip", "7z", "rar", "tar", "tgz", "tbz2", "txz"];

/// A path with what the folders above it say.
type Found = (PathBuf, Partitions);

/// What the name of a folder says: a key and its value.
type Partition = fn(&str) -> Option<(String, Option<String>)>;

/// The archives of a dataset, by the paths of their members that are read.
#[derive(Debug, Default)]
pub(super) struct Archives {
    members: HashMap<PathBuf, (Arc<Archive>, Member)>,
    are_any: bool,
}

/// Whether a file is an archive, as its name says.
pub(super) fn is_archive(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("zip"))
}

impl Archives {
    /// The files of a dataset, with the members of archives in place of these. The path of a member is that of its archive
    /// and its own name.
    ///
    /// # Errors
    /// Where an archive cannot be read, or where it is not clear which members are meant.
    pub(super) fn spread(
        &mut self,
        found: Vec<Found>,
        spec: &SourceSpec,
        left_out: &LeftOut,
        partition: Partition,
    ) -> Result<Vec<Found>, SourceError> {
        let mut files = Vec::with_capacity(found.len());
        for (path, partitions) in found {
            if is_archive(&path) {
                let shown = plain(&path).to_string_lossy().into_owned();
                let archive = DataFile::at(path.clone(), &shown, Vec::new())?;
                let archive = Archive::open(archive).map_err(|problem| problem.at(&shown))?;
                let members = self.add(archive, &path, &partitions, spec, left_out, partition);
                files.extend(members.map_err(|problem| problem.at(&shown))?);
            } else {
                files.push((path, partitions));
            }
        }
        if !self.are_any && spec.options.text(MEMBER.name).is_some() {
            let problem = OptionProblem {
                option: MEMBER.name.to_owned(),
                problem: "`member` names files in a zip archive, and the data is none".to_owned(),
                help: "leave it out".to_owned(),
            };
            return Err(Problem::from(problem).at(&spec.location));
        }
        Ok(files)
    }

    /// Takes an archive and gives the paths of those of its members that are read.
    ///
    /// # Errors
    /// Where it is not clear which ones are meant.
    pub(super) fn add(
        &mut self,
        archive: Archive,
        path: &Path,
        partitions: &Partitions,
        spec: &SourceSpec,
        left_out: &LeftOut,
        partition: Partition,
    ) -> Result<Vec<Found>, Problem> {
        self.are_any = true;
        let archive = Arc::new(archive);
        let mut files = Vec::new();
        for member in choose(&archive, path, spec, left_out)? {
            let mut partitions = partitions.clone();
            if let Some((folders, _)) = member.name.rsplit_once('/') {
                partitions.extend(folders.split('/').filter_map(partition));
            }
            let path = path.join(&member.name);
            self.members.insert(path.clone(), (Arc::clone(&archive), member.clone()));
            files.push((path, partitions));
        }
        Ok(files)
    }

    /// The file at a path: a member of an archive, unpacked, or what lies there.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub(super) fn file(&self, path: PathBuf, shown: &str, partitions: Partitions) -> Result<DataFile, SourceError> {
        match self.members.get(&path) {
            Some((archive, member)) => archive.unpack(member, shown, partitions).map_err(|problem| problem.at(shown)),
            None => DataFile::at(path, shown, partitions),
        }
    }
}

/// The members that are read: those that are declared, or the only data file; none where `exclude` leaves out all.
fn choose<'a>(
    archive: &'a Archive,
    path: &Path,
    spec: &SourceSpec,
    left_out: &LeftOut,
) -> Result<Vec<&'a Member>, Problem> {
    if archive.is_document() {
        return Err(Problem::foreign(
            "is a workbook or another document, and no archive of data files: name it .xlsx or .ods",
        ));
    }
    let declared = spec.options.text(MEMBER.name);
    // A member that is named in full is meant, as a hidden file is whose path is given.
    let is_hidden =
        |member: &Member| declared != Some(&member.name) && member.name.split('/').any(|part| left_out.hides(part));
    let all: Vec<&Member> = archive.members().iter().collect();
    let seen: Vec<&Member> = all.iter().copied().filter(|member| !is_hidden(member)).collect();
    let members: Vec<&Member> =
        seen.iter().copied().filter(|member| !left_out.excludes(&path.join(&member.name))).collect();
    if all.is_empty() {
        return Err(Problem::Empty("the archive is empty: it holds no files".to_owned()));
    }
    if seen.is_empty() {
        let names = names(&all);
        let problem =
            format!("the archive holds hidden files alone, {names}: to read them, write `{}: true`", HIDDEN.name);
        return Err(Problem::Empty(problem));
    }
    // Other files of the dataset may be left.
    if members.is_empty() {
        return Ok(members);
    }
    let chosen = match declared {
        Some(declared) => matching(&members, declared)?,
        None => vec![only_one(&members, spec.format)?],
    };
    if let Some(inner) = chosen.iter().find(|member| is_archive_name(&member.name)) {
        return Err(nested(inner));
    }
    Ok(chosen)
}

/// The member of exactly that name, or those that match it as a glob.
fn matching<'a>(members: &[&'a Member], declared: &str) -> Result<Vec<&'a Member>, Problem> {
    if let Some(member) = members.iter().find(|member| member.name == declared) {
        return Ok(vec![member]);
    }
    let pattern = glob::Pattern::new(declared)
        .map_err(|error| Problem::Declaration(format!("`member` is not a valid glob: {}", error.msg)))?;
    let chosen: Vec<&Member> = members.iter().copied().filter(|member| pattern.matches(&member.name)).collect();
    if chosen.is_empty() {
        let meant = nearest(declared, members.iter().map(|member| member.name.as_str()));
        let hint = meant.map_or_else(
            || format!("it holds {}", names(members)),
            |meant| format!("did you mean `{}`?", meant.escape_debug()),
        );
        return Err(Problem::Declaration(format!(
            "no member of the archive is called `{}`: {hint}",
            declared.escape_debug()
        )));
    }
    Ok(chosen)
}

/// The only data file of an archive.
fn only_one<'a>(members: &[&'a Member], format: Option<&Format>) -> Result<&'a Member, Problem> {
    if let Some(inner) = members.iter().find(|member| is_archive_name(&member.name)) {
        return Err(nested(inner));
    }
    let of_format = |member: &Member| Format::of_path(Path::new(&member.name));
    let mut data: Vec<&Member> = members.iter().copied().filter(|member| of_format(member).is_some()).collect();
    if let Some(format) = format {
        let wanted: Vec<&Member> = members.iter().copied().filter(|member| of_format(member) == Some(format)).collect();
        data = if wanted.is_empty() { members.to_vec() } else { wanted };
    }
    match data.as_slice() {
        [one] => Ok(one),
        [] => Err(Problem::Empty(format!(
            "the archive holds no data file, as names show: it holds {}. Declare `member` and `format` where one of them is",
            names(members)
        ))),
        [first, others @ ..] => {
            let extension = |member: &Member| {
                let name = member.name.rsplit('/').next().unwrap_or_default();
                name.split_once('.').map(|(_, extension)| extension.to_owned())
            };
            let ending =
                extension(first).filter(|ending| others.iter().all(|other| extension(other).as_ref() == Some(ending)));
            let all = ending.map_or_else(String::new, |ending| {
                format!("`member: \"*.{}\"` to read all of them as one dataset, or ", ending.escape_debug())
            });
            Err(Problem::Declaration(format!(
                "the archive holds {} data files, {}: declare {all}`member: \"{}\"` to read one",
                data.len(),
                names(&data),
                first.name.escape_debug()
            )))
        }
    }
}

/// The first names of members.
fn names(members: &[&Member]) -> String {
    let first = members.iter().take(MOST_NAMES).map(|member| format!("`{}`", member.name.escape_debug()));
    let more = if members.len() > MOST_NAMES { ", …" } else { "" };
    format!("{}{more}", first.collect::<Vec<_>>().join(", "))
}

/// The problem of an archive inside of an archive.
fn nested(member: &Member) -> Problem {
    Problem::Foreign(format!(
        "the archive holds another one, `{}`, and archives in archives are not read: unpack the outer one",
        member.name.escape_debug()
    ))
}

/// Whether a name is that of an archive.
fn is_archive_name(name: &str) -> bool {
    let extension = Path::new(name).extension().map(|found| found.to_string_lossy().to_ascii_lowercase());
    extension.is_some_and(|extension| ARCHIVES.contains(&extension.as_str()))
}
