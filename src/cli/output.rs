//! Where reports go: standard output, or a file that is either the old one or the whole new one.

use std::fmt::{self, Display};
use std::fs::{self, Metadata};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, bail};

use super::color::{self, ColorChoice, Environment};
use super::exit::Exit;
use crate::output_folder::OutputFolder;
use crate::report::{Look, Safe};
use crate::rules::{Input, InputPlace};
use crate::source::{Format, SourceSpec, data_files};

/// Writes text to standard output and makes sure that it got there.
///
/// A reader that closed the pipe has seen enough: that is no error.
pub(super) fn to_stdout(text: &str) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error).context("cannot write to standard output"),
        _ => Ok(()),
    }
}

/// Writes to standard output as it comes. A reader that closed the pipe has seen enough: that is no error.
pub(super) fn stream_to_stdout(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> anyhow::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {
            // What is left in the buffer has no reader.
            let _unread = out.into_parts();
            Ok(())
        }
        outcome => outcome.context("cannot write to standard output"),
    }
}

/// The bytes of a file; 0 where it does not exist.
pub(super) fn size_of(path: &Path) -> usize {
    fs::metadata(path).map_or(0, |found| usize::try_from(found.len()).unwrap_or(usize::MAX))
}

/// Appends text to a file that others write to as well.
pub(super) fn append(path: &Path, text: &str) -> anyhow::Result<()> {
    let appended = fs::OpenOptions::new().append(true).create(true).open(path);
    appended
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .with_context(|| format!("cannot append to {}", path.display()))
}

/// Writes a line to standard error. If that is closed, nobody can read the line.
///
/// Nothing in it begins a command of Azure Pipelines or GitHub Actions, which read standard error, too.
pub(super) fn say(line: impl Display) {
    let text = line.to_string().replace("##vso[", "# #vso[").replace("##[", "# #[");
    let mut stderr = io::stderr().lock();
    for line in text.lines() {
        // Blanks before it do not hide a command of GitHub Actions.
        let _gone = match line.trim_start().strip_prefix("::") {
            Some(rest) => writeln!(stderr, ": :{rest}"),
            None => writeln!(stderr, "{line}"),
        };
    }
}

/// Says that the user stopped the program, and what is not there therefore.
pub(super) fn stopped(exit: Exit, missing: &str) -> Exit {
    let how = if exit == Exit::Terminated { "terminated" } else { "interrupted" };
    say(format_args!("exit {}: {how}, {missing}", exit.code()));
    exit
}

/// Writes an error with its causes to standard error.
pub(super) fn complain(error: &anyhow::Error) {
    for (at, line) in format!("{error:#}").lines().enumerate() {
        say(format_args!("{}{}", if at == 0 { "error: " } else { "  " }, Safe(line)));
    }
}

/// Ends of names of files that promise a format, with its name for people.
const PROMISES: &[(&str, &str)] = &[
    ("json", "JSON"),
    ("html", "HTML"),
    ("htm", "HTML"),
    ("csv", "CSV"),
    ("tsv", "TSV"),
    ("md", "Markdown"),
    ("xml", "XML"),
    ("yaml", "YAML"),
    ("yml", "YAML"),
    ("pdf", "PDF"),
    ("xlsx", "Excel"),
    ("xls", "Excel"),
    ("parquet", "Parquet"),
];

/// A format by its name, with the ends of names of its files; the first is the usual one.
pub(super) type NamedFormat = (&'static str, &'static [&'static str]);

/// The formats of commands that write for people or as JSON.
pub(super) const TABLE_OR_JSON: [NamedFormat; 2] = [("table", &["txt"]), ("json", &["json"])];

/// Where a report goes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// Standard output.
    Stdout,
    /// A file.
    File(FileTarget),
}

/// What is written to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Document {
    /// The report of an audit.
    Report,
    /// What an audit cost.
    Profile,
    /// Failing rows.
    Evidence,
    /// A page of the manual.
    Manual,
}

impl Document {
    /// The option that names the file.
    const fn option(self) -> &'static str {
        match self {
            Self::Report | Self::Evidence | Self::Manual => "--output",
            Self::Profile => "--profile",
        }
    }
}

impl Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Report => "report",
            Self::Profile => "profile",
            Self::Evidence => "evidence",
            Self::Manual => "manual page",
        })
    }
}

/// A file that can be written, as far as can be known before.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FileTarget {
    /// What it is for.
    document: Document,
    /// As the user wrote it.
    given: PathBuf,
    /// The folder, without links.
    folder: PathBuf,
    /// The file, without links.
    path: PathBuf,
}

impl Target {
    /// The file of that name, or standard output for none, `-` and `/dev/stdout`.
    ///
    /// # Errors
    /// Where no report can be written there.
    pub(super) fn new(path: Option<&Path>) -> anyhow::Result<Self> {
        match path {
            None => Ok(Self::Stdout),
            Some(path) if path == Path::new("-") || path == Path::new("/dev/stdout") => Ok(Self::Stdout),
            Some(path) => Ok(Self::File(FileTarget::new(Document::Report, path)?)),
        }
    }

    /// Makes sure that the name of the file does not promise another format than the one that is written.
    ///
    /// # Errors
    /// With the way out, where `format`, one of `formats`, is not what the name says.
    pub(super) fn agrees_with(&self, format: &str, formats: &[NamedFormat]) -> anyhow::Result<()> {
        let Some(file) = self.file() else { return Ok(()) };
        let ending = file.given.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
        let own = formats.iter().find(|(name, _)| *name == format).map_or(&[][..], |(_, endings)| *endings);
        if own.contains(&ending.as_str()) {
            return Ok(());
        }
        let meant = formats.iter().find(|(_, endings)| endings.contains(&ending.as_str())).map(|(name, _)| *name);
        let promised = PROMISES.iter().find(|(known, _)| *known == ending).map(|(_, promised)| *promised);
        let (Some(promised), meant) = (promised.or(meant), meant) else { return Ok(()) };
        let rename = format!("name a file that ends in .{}", own.first().unwrap_or(&"txt"));
        let help = if let Some(meant) = meant {
            format!("write --format {meant}, or {rename}")
        } else {
            let names: Vec<&str> = formats.iter().map(|(name, _)| *name).collect();
            format!("no report is written as {promised}; {rename}, or choose another --format: {}", names.join(", "))
        };
        bail!(
            "{} is the name of a file in {promised}, and the report is in the format {format}; {help}",
            file.given.display()
        )
    }

    /// Makes sure that the report replaces no input of the run.
    ///
    /// # Errors
    /// With the input that it hits.
    pub(super) fn spare(&self, inputs: &[Input]) -> anyhow::Result<()> {
        match self {
            Self::Stdout => spare_from_stdout(inputs),
            Self::File(file) => file.spare_inputs(inputs),
        }
    }

    /// Shows a report there, as it looks there.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub(super) fn show(
        &self,
        (color, environment): (ColorChoice, &Environment),
        look: Look,
        render: &dyn Fn(&Look) -> String,
    ) -> anyhow::Result<()> {
        match self {
            Self::Stdout => to_stdout(&render(&environment.look(color, look))),
            Self::File(file) => file.write(&render(&color::look_in_file(color, look))),
        }
    }

    /// The file, if it is one.
    pub(super) const fn file(&self) -> Option<&FileTarget> {
        match self {
            Self::Stdout => None,
            Self::File(file) => Some(file),
        }
    }
}

impl FileTarget {
    /// The file of that name.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub(super) fn new(document: Document, given: &Path) -> anyhow::Result<Self> {
        Self::find(document, given).with_context(|| format!("cannot write the {document} to {}", given.display()))
    }

    fn find(document: Document, given: &Path) -> anyhow::Result<Self> {
        if given == Path::new("-") {
            bail!("only the report goes to standard output; name a file");
        }
        let found = match fs::metadata(given) {
            Ok(found) if found.is_dir() => bail!("it is a folder; name a file in it"),
            Ok(found) if !found.is_file() => {
                let help = match document {
                    Document::Report | Document::Evidence => "leave --output out to write to standard output",
                    Document::Profile | Document::Manual => "name a file that can be replaced",
                };
                bail!("it is not a regular file; {help}")
            }
            Ok(found) if found.permissions().readonly() => bail!("it is read-only"),
            Ok(_) => true,
            Err(error) if error.kind() == ErrorKind::NotFound => false,
            Err(error) => return Err(error.into()),
        };
        if !found && fs::symlink_metadata(given).is_ok() {
            bail!("it is a link to a file that does not exist");
        }
        let path = if found {
            fs::canonicalize(given)?
        } else {
            let Some(name) = given.file_name() else { bail!("it names no file") };
            let folder = given.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            let folder = fs::canonicalize(folder).or_else(|error| match error.kind() {
                ErrorKind::NotFound => bail!("the folder {} does not exist; create it first", folder.display()),
                _ => Err(error).with_context(|| format!("the folder {} cannot be used", folder.display())),
            })?;
            folder.join(name)
        };
        let Some(folder) = path.parent().map(Path::to_path_buf) else { bail!("it names no file") };
        // Made and gone again: an audit of an hour must not end at a folder that cannot be written to.
        draft(&folder).with_context(|| format!("no file can be made in {}", folder.display()))?;
        Ok(Self { document, given: given.to_path_buf(), folder, path })
    }

    /// Makes sure that the file is no input of the run, and would not become one.
    ///
    /// # Errors
    /// With the input that it hits.
    pub(super) fn spare_inputs(&self, inputs: &[Input]) -> anyhow::Result<()> {
        let Self { document, given, .. } = self;
        let (given, option) = (given.display(), document.option());
        match inputs.iter().find(|input| self.is_input(&input.place)) {
            Some(Input { role, .. }) => {
                bail!("refusing to write the {document} to {given}: it is {role}; choose another {option}")
            }
            None => Ok(()),
        }
    }

    fn is_input(&self, place: &InputPlace) -> bool {
        match place {
            InputPlace::File(file) => self.is_same(file),
            InputPlace::Data(spec) if spec.is_stdin() => {
                let target = fs::metadata(&self.path);
                matches!((behind(&io::stdin()), target), (Some(a), Ok(b)) if is_same_inode(&a, &b))
            }
            InputPlace::Data(spec) => self.is_data(spec),
        }
    }

    /// Whether the file is, or would become, part of the data at that path, folder or glob.
    fn is_data(&self, spec: &SourceSpec) -> bool {
        let files = data_files(spec);
        files.iter().any(|file| self.is_same(file))
            || spec.locations().any(|location| self.is_data_at(&spec.base.join(location), spec, &files))
    }

    /// The same of one of its places.
    fn is_data_at(&self, location: &Path, spec: &SourceSpec, files: &[PathBuf]) -> bool {
        if self.is_same(location) {
            return true;
        }
        // A declared format makes data of files whose names show none.
        let any_name = spec.format.is_some() && files.iter().all(|file| Format::of_path(file) != spec.format);
        let others = || files.iter().any(|file| Format::of_path(file).is_some_and(|format| !format.gives_way()));
        let is_named = Format::of_path(&self.path).is_some_and(|format| !format.gives_way() || !others());
        let is_data_in = |folder: &Path| (any_name || is_named) && self.is_in(folder);
        if is_data_in(location) {
            return true;
        }
        let Some(pattern) = location.to_str() else { return false };
        let would_match = glob::Pattern::new(pattern).is_ok_and(|pattern| {
            let absolute = std::path::absolute(&self.given).unwrap_or_else(|_| self.path.clone());
            [&self.path, &self.given, &absolute].into_iter().any(|path| pattern.matches_path(path))
        });
        would_match || glob::glob(pattern).is_ok_and(|paths| paths.flatten().any(|path| is_data_in(&path)))
    }

    /// Whether the file is in that folder.
    fn is_in(&self, folder: &Path) -> bool {
        folder.is_dir() && fs::canonicalize(folder).is_ok_and(|folder| self.path.starts_with(folder))
    }

    fn is_same(&self, other: &Path) -> bool {
        fs::canonicalize(other).is_ok_and(|other| other == self.path)
            || matches!((fs::metadata(other), fs::metadata(&self.path)), (Ok(a), Ok(b)) if is_same_inode(&a, &b))
    }

    /// Puts the text in place of what was there, whole or not at all.
    ///
    /// # Errors
    /// Where it cannot be written; what was there before is left as it was.
    pub(super) fn write(&self, text: &str) -> anyhow::Result<()> {
        self.write_with(|file| Ok(file.write_all(text.as_bytes())?))
    }

    /// Puts what `write` writes in place of what was there, whole or not at all. Only the owner can read new evidence.
    ///
    /// # Errors
    /// Where it cannot be written; what was there before is left as it was.
    pub(super) fn write_with(&self, write: impl FnOnce(&mut fs::File) -> anyhow::Result<()>) -> anyhow::Result<()> {
        self.replace(write).with_context(|| format!("cannot write the {} to {}", self.document, self.given.display()))
    }

    fn replace(&self, write: impl FnOnce(&mut fs::File) -> anyhow::Result<()>) -> anyhow::Result<()> {
        self.stage(write)?.publish()
    }

    /// Writes beside the file what will replace it.
    ///
    /// # Errors
    /// Where it cannot be written; what was there before is left as it was.
    pub(super) fn stage(
        &self,
        write: impl FnOnce(&mut fs::File) -> anyhow::Result<()>,
    ) -> anyhow::Result<StagedFile<'_>> {
        let mut file = match self.document {
            Document::Evidence => {
                tempfile::Builder::new().prefix(".passmuster-").suffix(".tmp").tempfile_in(&self.folder)?
            }
            Document::Report | Document::Profile | Document::Manual => draft(&self.folder)?,
        };
        write(file.as_file_mut())?;
        file.flush()?;
        if let Ok(found) = fs::metadata(&self.path) {
            file.as_file().set_permissions(found.permissions())?;
        }
        file.as_file().sync_all()?;
        Ok(StagedFile { target: self, file })
    }

    /// Whether both are the same file.
    pub(super) fn is_same_as(&self, other: &Self) -> bool {
        self.path == other.path || self.is_same(&other.path)
    }

    /// What the file is for.
    pub(super) const fn document(&self) -> Document {
        self.document
    }

    /// The path as the user wrote it.
    pub(super) fn given(&self) -> &Path {
        &self.given
    }
}

/// A complete document beside the file that it will replace; it is removed unless it is published.
pub(super) struct StagedFile<'t> {
    target: &'t FileTarget,
    file: tempfile::NamedTempFile,
}

impl StagedFile<'_> {
    /// Puts it in place.
    ///
    /// # Errors
    /// Where it cannot replace what was there.
    pub(super) fn publish(self) -> anyhow::Result<()> {
        self.file.persist(&self.target.path)?;
        // The report is in place; some file systems cannot sync a folder, and the report is complete without that.
        let _unsupported = fs::File::open(&self.target.folder).and_then(|folder| folder.sync_all());
        Ok(())
    }
}

/// Makes sure that no input of the run is in a folder that is to be filled, and that its files would not become input.
///
/// # Errors
/// With the input that it hits; `option` is what names the folder.
pub(super) fn spare_from_folder(folder: &OutputFolder, option: &str, inputs: &[Input]) -> anyhow::Result<()> {
    let is_inside = |path: &Path| fs::canonicalize(path).is_ok_and(|path| path.starts_with(folder.root()));
    let is_hit = |place: &InputPlace| match place {
        InputPlace::File(file) => is_inside(file),
        InputPlace::Data(spec) if spec.is_stdin() => {
            behind(&io::stdin()).is_some_and(|stdin| holds(folder.root(), &stdin))
        }
        InputPlace::Data(spec) => data_files(spec).iter().any(|file| is_inside(file)) || may_read(spec, folder.root()),
    };
    match inputs.iter().find(|input| is_hit(&input.place)) {
        Some(Input { role, .. }) => bail!(
            "refusing to write to the folder {}: it holds {role}, or its files would become part of it; choose another {option}",
            folder.given().display()
        ),
        None => Ok(()),
    }
}

/// Whether files that appear in that folder would belong to the data at that path, folder or glob.
fn may_read(spec: &SourceSpec, folder: &Path) -> bool {
    spec.locations().any(|location| may_read_at(&spec.base.join(location), folder))
}

/// The same of one of its places.
fn may_read_at(location: &Path, folder: &Path) -> bool {
    let is_in = |outer: &Path| outer.is_dir() && fs::canonicalize(outer).is_ok_and(|outer| folder.starts_with(outer));
    if location.exists() {
        return is_in(location);
    }
    let is_wild = |part: &Component| part.as_os_str().to_string_lossy().contains(['*', '?', '[']);
    let fixed: PathBuf = location.components().take_while(|part| !is_wild(part)).collect();
    // Only files of the folder itself match a pattern for the last part of a path.
    let is_for_names = location.components().skip_while(|part| !is_wild(part)).count() <= 1;
    let matched =
        || glob::glob(&location.to_string_lossy()).is_ok_and(|paths| paths.flatten().any(|path| is_in(&path)));
    if is_for_names { fs::canonicalize(&fixed).is_ok_and(|fixed| fixed == folder) || matched() } else { is_in(&fixed) }
}

/// Whether that file is in the folder, at any depth.
fn holds(folder: &Path, file: &Metadata) -> bool {
    let Ok(entries) = fs::read_dir(folder) else { return false };
    entries.flatten().any(|entry| match entry.metadata() {
        Ok(found) if found.is_dir() => holds(&entry.path(), file),
        Ok(found) => is_same_inode(&found, file),
        Err(_) => false,
    })
}

/// Makes sure that standard output does not go into an input of the run.
///
/// # Errors
/// With the input that it hits.
pub(super) fn spare_from_stdout(inputs: &[Input]) -> anyhow::Result<()> {
    let Some(stdout) = behind(&io::stdout()) else { return Ok(()) };
    let is_stdout = |metadata: &Metadata| is_same_inode(metadata, &stdout);
    let is_at = |path: &Path| fs::metadata(path).is_ok_and(|metadata| is_stdout(&metadata));
    let is_hit = |place: &InputPlace| match place {
        InputPlace::File(file) => is_at(file),
        InputPlace::Data(spec) if spec.is_stdin() => behind(&io::stdin()).is_some_and(|stdin| is_stdout(&stdin)),
        InputPlace::Data(spec) => data_files(spec).iter().any(|file| is_at(file)),
    };
    match inputs.iter().find(|input| is_hit(&input.place)) {
        Some(Input { role, .. }) => {
            bail!("refusing to write to standard output: it goes into {role}; send it to another file")
        }
        None => Ok(()),
    }
}

/// The regular file behind a stream, if there is one.
#[cfg(unix)]
fn behind(stream: &impl std::os::fd::AsFd) -> Option<Metadata> {
    let file = fs::File::from(stream.as_fd().try_clone_to_owned().ok()?);
    file.metadata().ok().filter(Metadata::is_file)
}

#[cfg(not(unix))]
fn behind<T>(_: &T) -> Option<Metadata> {
    // Without inodes there is nothing to compare.
    None
}

/// Makes sure that a folder which is to be filled has nothing to do with what else is written.
///
/// # Errors
/// With the other file or folder; `option` is what names the folder.
pub(super) fn keep_apart<'p>(
    folder: &Path,
    option: &str,
    mut others: impl Iterator<Item = &'p Path>,
) -> anyhow::Result<()> {
    match others.find(|other| is_in_folder(other, folder) || is_in_folder(folder, other)) {
        Some(other) => bail!(
            "{} and the folder {} of {option} are one in the other; choose another place for one of them",
            other.display(),
            folder.display()
        ),
        None => Ok(()),
    }
}

/// Whether a file or folder, which need not exist, is that folder or lies in it.
pub(super) fn is_in_folder(path: &Path, folder: &Path) -> bool {
    let Ok(folder) = fs::canonicalize(folder) else { return false };
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    // The part of the path that exists says where the rest will be.
    absolute.ancestors().find_map(|part| fs::canonicalize(part).ok()).is_some_and(|found| found.starts_with(folder))
}

/// A file without a name, for what cannot be written from its beginning to its end.
pub(super) fn scratch_file() -> io::Result<fs::File> {
    tempfile::tempfile()
}

/// A new file in that folder with the permissions that any new file gets; it is removed unless it is kept.
fn draft(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".passmuster-").suffix(".tmp");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

#[cfg(unix)]
fn is_same_inode(a: &Metadata, b: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

#[cfg(not(unix))]
fn is_same_inode(_: &Metadata, _: &Metadata) -> bool {
    // Without inodes, paths without links are all there is to compare.
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder_with(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, "old").expect("a file");
        }
        folder
    }

    fn target(path: &Path) -> FileTarget {
        FileTarget::new(Document::Report, path).expect("a target")
    }

    fn spec(location: &Path) -> SourceSpec {
        SourceSpec {
            location: location.display().to_string(),
            further: Vec::new(),
            base: PathBuf::new(),
            format: None,
            options: crate::source::Options::default(),
        }
    }

    fn refused(path: &Path) -> String {
        format!("{:#}", FileTarget::new(Document::Report, path).expect_err("refused"))
    }

    #[test]
    fn standard_output_has_three_names() {
        for name in [None, Some("-"), Some("/dev/stdout")] {
            assert_eq!(Target::new(name.map(Path::new)).expect("a target"), Target::Stdout);
        }
    }

    #[test]
    fn a_report_is_whole_and_nothing_else_stays_behind() {
        let folder = folder_with(&["old.json"]);
        for name in ["old.json", "new.json"] {
            let path = folder.path().join(name);
            target(&path).write("new").expect("written");
            assert_eq!(fs::read_to_string(&path).expect("a file"), "new");
        }
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 2);
    }

    #[test]
    fn a_report_that_cannot_be_put_in_place_leaves_no_trace() {
        let folder = folder_with(&[]);
        let path = folder.path().join("report.json");
        let file = target(&path);
        fs::create_dir(&path).expect("a folder in the way");
        assert!(file.write("new").is_err());
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }

    #[test]
    fn what_is_no_file_is_refused() {
        let folder = folder_with(&["a.json"]);
        assert!(refused(folder.path()).contains("is a folder"));
        assert!(refused(&folder.path().join("no/report.json")).contains("create it first"));
        assert!(refused(Path::new("..")).contains("is a folder"));
    }

    #[cfg(unix)]
    #[test]
    fn devices_dead_links_and_read_only_files_are_refused_and_modes_are_kept() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = folder_with(&["a.json", "b.json"]);
        assert!(refused(Path::new("/dev/full")).contains("not a regular file"));
        let link = folder.path().join("link.json");
        symlink(folder.path().join("nothing"), &link).expect("a link");
        assert!(refused(&link).contains("does not exist"));
        let (kept, read_only) = (folder.path().join("a.json"), folder.path().join("b.json"));
        fs::set_permissions(&kept, fs::Permissions::from_mode(0o640)).expect("a mode");
        fs::set_permissions(&read_only, fs::Permissions::from_mode(0o444)).expect("a mode");
        assert!(refused(&read_only).contains("read-only"));
        target(&kept).write("new").expect("written");
        assert_eq!(fs::metadata(&kept).expect("a file").permissions().mode() & 0o777, 0o640);
    }

    #[test]
    fn inputs_are_spared() {
        let folder = folder_with(&["data/part/a.parquet", "b.csv", "notes.txt"]);
        let path = |name: &str| folder.path().join(name);
        for (output, location) in [
            ("b.csv", "b.csv"),
            ("data/../b.csv", "b.csv"),
            ("data/part/a.parquet", "data"),
            ("data/part/new.parquet", "data"),
            ("data/part/new.csv.gz", "data"),
            ("b.csv", "*.csv"),
            ("new.csv", "*.csv"),
            ("data/part/a.parquet", "data/*/*.parquet"),
            ("data/part/new.parquet", "data/*"),
        ] {
            assert!(target(&path(output)).is_data(&spec(&path(location))), "{output} is data of {location}");
        }
        for (output, location) in
            [("new.csv", "b.csv"), ("data/report.json", "data"), ("notes.txt", "*.csv"), ("data.csv", "data")]
        {
            assert!(!target(&path(output)).is_data(&spec(&path(location))), "{output} is no data of {location}");
        }
    }

    #[test]
    fn folders_to_be_filled_spare_inputs() {
        let folder = folder_with(&["data/part/a.parquet", "b.csv", "out/x/passing/b.csv"]);
        let path = |name: &str| folder.path().join(name);
        let spares = |output: &str, place: InputPlace| {
            let target = OutputFolder::open(&path(output), true).expect("a folder");
            let input = Input { role: crate::rules::InputRole::Suite, place };
            spare_from_folder(&target, "--quarantine", &[input]).is_ok()
        };
        for (output, location) in [
            ("data", "data"),
            ("data/out", "data"),
            ("data/part/out", "data"),
            ("out", "out/x/passing/b.csv"),
            ("out", "out/x/*/b.csv"),
            ("", "b.csv"),
            ("data/part", "data/part/*.parquet"),
            ("data/out", "data/*"),
            ("data/new/out", "data/**/*.parquet"),
        ] {
            fs::create_dir_all(path("data/new")).expect("a folder");
            assert!(!spares(output, InputPlace::Data(spec(&path(location)))), "{output} and {location}");
        }
        assert!(!spares("out", InputPlace::File(path("out/x/passing/b.csv"))));
        for (output, location) in
            [("out", "b.csv"), ("out", "data"), ("out", "data/*/*.parquet"), ("out2", "*.csv"), ("out", "*.csv")]
        {
            assert!(spares(output, InputPlace::Data(spec(&path(location)))), "{output} and {location}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn inputs_are_spared_under_other_names() {
        let folder = folder_with(&["b.csv"]);
        let input = folder.path().join("b.csv");
        let (link, hard) = (folder.path().join("link.json"), folder.path().join("hard.json"));
        std::os::unix::fs::symlink(&input, &link).expect("a link");
        fs::hard_link(&input, &hard).expect("a link");
        for other in [link, hard] {
            assert!(target(&other).is_input(&InputPlace::File(input.clone())));
            for location in [&input, &folder.path().join("*.csv"), &folder.path().to_path_buf()] {
                assert!(target(&other).is_data(&spec(location)), "{other:?} is data of {location:?}");
            }
        }
    }
}
