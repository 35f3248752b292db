//! The folder itself: what may be one, and how files get into it.

use std::collections::BTreeSet;
use std::fs::{self, Metadata};
use std::io::{self, ErrorKind};
use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::draft::{Complete, Draft};
use super::error::{FolderError, FolderProblem};

/// Folders in folders that are looked through for symbolic links.
const MAX_DEPTH: usize = 64;

/// A folder that a command fills. Made here, it is removed again unless files are published in it.
#[derive(Debug)]
pub struct OutputFolder {
    /// As the user wrote it.
    given: PathBuf,
    /// The same without links.
    root: PathBuf,
    /// Whether files may be replaced.
    replaces: bool,
    /// Folders that were made, those inside of others later.
    made: Mutex<Vec<PathBuf>>,
}

impl OutputFolder {
    /// The folder at that path, which is made if it does not exist. With `force` it need not be empty.
    ///
    /// Folders are made with mode 0700, files with mode 0600.
    ///
    /// # Errors
    /// Where it is not empty, no folder, a symbolic link or has one in it, or no file can be made in it.
    pub fn open(given: &Path, force: bool) -> Result<Self, FolderError> {
        Self::find(given, force).map_err(|problem| problem.at(given))
    }

    fn find(given: &Path, force: bool) -> Result<Self, FolderProblem> {
        // Without a slash at the end, which would follow a link.
        let path: PathBuf = given.components().collect();
        let mut made = Vec::new();
        match fs::symlink_metadata(&path) {
            Ok(found) if found.is_symlink() => return Err(FolderProblem::Link),
            Ok(found) if !found.is_dir() => return Err(FolderProblem::File),
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
                if !parent.is_dir() {
                    return Err(FolderProblem::NoParent(parent.to_path_buf()));
                }
                make(&path)?;
                made.push(fs::canonicalize(&path)?);
            }
            Err(error) => return Err(error.into()),
        }
        let root = fs::canonicalize(&path)?;
        let folder = Self { given: given.to_path_buf(), root, replaces: force, made: Mutex::new(made) };
        let is_empty = fs::read_dir(&folder.root)?.next().is_none();
        if !is_empty && !force {
            return Err(FolderProblem::NotEmpty);
        }
        refuse_links(&folder.root, Path::new(""), 0)?;
        // Made and gone again: an audit of an hour must not end at a folder that cannot be written to.
        new_file(&folder.root)?;
        Ok(folder)
    }

    /// The path as the user wrote it.
    pub fn given(&self) -> &Path {
        &self.given
    }

    /// The path without links.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Begins a file at that path in the folder, and makes the folders above it.
    ///
    /// # Errors
    /// Where it cannot be made, or where something other than a file has its name.
    pub fn draft(&self, name: &Path) -> Result<Draft, FolderError> {
        let shown = self.given.join(name);
        let begin = || {
            let mut folder = self.root.clone();
            let mut parts: Vec<Component> = name.components().collect();
            let is_inside = parts.iter().all(|part| matches!(part, Component::Normal(_)));
            parts.pop().filter(|_| is_inside).ok_or(FolderProblem::Outside)?;
            for part in parts {
                folder.push(part);
                match make(&folder) {
                    Ok(()) => self.made.lock().unwrap_or_else(PoisonError::into_inner).push(folder.clone()),
                    Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                        let found = fs::symlink_metadata(&folder)?;
                        if !found.is_dir() {
                            return Err(FolderProblem::NoFile);
                        }
                    }
                    Err(error) => return Err(error.into()),
                }
            }
            self.check_name(&self.root.join(name))?;
            Ok(new_file(&folder)?)
        };
        let file = begin().map_err(|problem: FolderProblem| problem.at(&shown))?;
        Ok(Draft::new(file, name, shown))
    }

    /// Makes sure that a file can get that name; gives what has it now.
    fn check_name(&self, path: &Path) -> Result<Option<Metadata>, FolderProblem> {
        match fs::symlink_metadata(path) {
            Ok(found) if !found.is_file() => Err(FolderProblem::NoFile),
            Ok(_) if !self.replaces => Err(FolderProblem::SameName),
            Ok(found) => Ok(Some(found)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Gives all files their names, in this order. A manifest comes last: if it is there, so are the others.
    ///
    /// # Errors
    /// With the file that could not get its name. Then those that had got theirs are removed, except those that replaced
    /// others.
    pub fn publish(self, files: Vec<Complete>) -> Result<(), FolderError> {
        let mut placed = Vec::new();
        let mut identities = BTreeSet::new();
        for file in files {
            let path = self.root.join(&file.name);
            let place = || {
                let found = self.check_name(&path)?;
                let is_replaced = found.is_some();
                if found.is_some_and(|found| identity(&found).any(|identity| identities.contains(&identity))) {
                    return Err(FolderProblem::SameName);
                }
                file.file.persist(&path).map_err(|error| error.error)?;
                Ok(is_replaced)
            };
            match place() {
                Ok(is_replaced) => {
                    identities.extend(fs::symlink_metadata(&path).iter().flat_map(identity));
                    if !is_replaced {
                        placed.push(path);
                    }
                }
                Err(problem) => {
                    for path in placed {
                        // A file that cannot be removed stays; the error to come has the cause.
                        let _stays = fs::remove_file(path);
                    }
                    return Err(problem.at(&self.given.join(&file.name)));
                }
            }
        }
        // The files are in place; some file systems cannot sync a folder, and the files are complete without that.
        let _unsupported = fs::File::open(&self.root).and_then(|folder| folder.sync_all());
        Ok(())
    }
}

impl Drop for OutputFolder {
    fn drop(&mut self) {
        let made = self.made.get_mut().unwrap_or_else(PoisonError::into_inner);
        for folder in made.iter().rev() {
            // Folders with files in them stay.
            let _not_empty = fs::remove_dir(folder);
        }
    }
}

/// Makes a folder that its owner alone can read.
fn make(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// A new file that its owner alone can read; it is removed unless it is kept.
fn new_file(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    tempfile::Builder::new().prefix(".passmuster-").suffix(".tmp").tempfile_in(folder)
}

/// What makes a file the same under another name, where the system says it.
#[cfg(unix)]
fn identity(found: &Metadata) -> impl Iterator<Item = (u64, u64)> + use<> {
    use std::os::unix::fs::MetadataExt;
    std::iter::once((found.dev(), found.ino()))
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> impl Iterator<Item = (u64, u64)> + use<> {
    std::iter::empty()
}

/// Refuses symbolic links at any depth: something could be written through them.
fn refuse_links(root: &Path, below: &Path, depth: usize) -> Result<(), FolderProblem> {
    if depth > MAX_DEPTH {
        return Ok(());
    }
    for entry in fs::read_dir(root.join(below))? {
        let entry = entry?;
        let kind = entry.file_type()?;
        let path = below.join(entry.file_name());
        if kind.is_symlink() {
            return Err(FolderProblem::LinkInside(path));
        }
        if kind.is_dir() {
            refuse_links(root, &path, depth + 1)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn complete(folder: &OutputFolder, name: &str, text: &str) -> Complete {
        let mut draft = folder.draft(Path::new(name)).expect("a draft");
        draft.write_all(text.as_bytes()).expect("written");
        draft.complete().expect("complete")
    }

    fn refused(path: &Path, force: bool) -> String {
        OutputFolder::open(path, force).expect_err("refused").to_string()
    }

    fn entries(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .expect("a folder")
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn files_get_their_names_together() {
        let parent = tempfile::tempdir().expect("a folder");
        let path = parent.path().join("out");
        let folder = OutputFolder::open(&path, false).expect("a folder");
        let a = complete(&folder, "x/passing/a.csv", "abc");
        assert_eq!(a.bytes(), 3);
        assert_eq!(a.sha256(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        let b = complete(&folder, "manifest.json", "{}");
        assert!(!path.join("x/passing/a.csv").exists() && !path.join("manifest.json").exists());
        folder.publish(vec![a, b]).expect("published");
        assert_eq!(fs::read_to_string(path.join("x/passing/a.csv")).expect("a file"), "abc");
        assert_eq!(entries(&path), ["manifest.json", "x"]);
        assert_eq!(entries(&path.join("x/passing")), ["a.csv"]);
    }

    #[test]
    fn what_was_begun_is_removed() {
        let parent = tempfile::tempdir().expect("a folder");
        let path = parent.path().join("out");
        let folder = OutputFolder::open(&path, false).expect("a folder");
        let whole = complete(&folder, "x/passing/a.csv", "abc");
        let half = folder.draft(Path::new("x/failing/a.csv")).expect("a draft");
        drop((whole, half));
        drop(folder);
        assert!(!path.exists());
    }

    #[test]
    fn names_stay_inside() {
        let parent = tempfile::tempdir().expect("a folder");
        let folder = OutputFolder::open(&parent.path().join("out"), false).expect("a folder");
        for name in ["../a", "a/../../b", "/tmp/a", ""] {
            assert!(folder.draft(Path::new(name)).is_err(), "{name}");
        }
    }

    #[test]
    fn a_folder_that_is_not_empty_needs_force_and_keeps_what_is_not_replaced() {
        let parent = tempfile::tempdir().expect("a folder");
        fs::write(parent.path().join("a.csv"), "old").expect("a file");
        fs::write(parent.path().join("mine.txt"), "mine").expect("a file");
        assert!(refused(parent.path(), false).contains("--force"));
        let folder = OutputFolder::open(parent.path(), true).expect("a folder");
        let a = complete(&folder, "a.csv", "new");
        folder.publish(vec![a]).expect("published");
        assert_eq!(fs::read_to_string(parent.path().join("a.csv")).expect("a file"), "new");
        assert_eq!(fs::read_to_string(parent.path().join("mine.txt")).expect("a file"), "mine");
    }

    #[test]
    fn two_files_of_one_name_are_refused_and_none_is_lost() {
        let parent = tempfile::tempdir().expect("a folder");
        for force in [false, true] {
            let path = parent.path().join(force.to_string());
            let folder = OutputFolder::open(&path, force).expect("a folder");
            let files = vec![complete(&folder, "a.csv", "1"), complete(&folder, "a.csv", "2")];
            let error = folder.publish(files).expect_err("refused").to_string();
            assert!(error.contains("two files"), "{error}");
            assert!(!path.exists());
        }
    }

    #[test]
    fn what_is_no_folder_is_refused() {
        let parent = tempfile::tempdir().expect("a folder");
        let file = parent.path().join("file");
        fs::write(&file, "x").expect("a file");
        assert!(refused(&file, true).contains("is a file"));
        assert!(refused(&parent.path().join("no/out"), true).contains("create it first"));
        let folder = OutputFolder::open(parent.path(), true).expect("a folder");
        assert!(folder.draft(Path::new("file/a.csv")).expect_err("refused").to_string().contains("not a regular file"));
        fs::create_dir(parent.path().join("a.csv")).expect("a folder");
        assert!(folder.draft(Path::new("a.csv")).expect_err("refused").to_string().contains("not a regular file"));
    }

    #[cfg(unix)]
    #[test]
    fn links_are_refused_at_every_place() {
        use std::os::unix::fs::symlink;
        let parent = tempfile::tempdir().expect("a folder");
        let path = |name: &str| parent.path().join(name);
        fs::create_dir_all(path("real/x")).expect("a folder");
        symlink(path("real"), path("link")).expect("a link");
        assert!(refused(&path("link"), true).contains("symbolic link"));
        assert!(refused(&path("link/"), true).contains("symbolic link"));
        symlink(path("nothing"), path("dead")).expect("a link");
        assert!(refused(&path("dead"), true).contains("symbolic link"));
        symlink(path("elsewhere"), path("real/x/passing")).expect("a link");
        let error = refused(&path("real"), true);
        assert!(error.contains("x/passing in it is a symbolic link"), "{error}");
        // A link that appears later.
        fs::remove_file(path("real/x/passing")).expect("removed");
        let folder = OutputFolder::open(&path("real"), true).expect("a folder");
        symlink(parent.path(), path("real/x/passing")).expect("a link");
        assert!(folder.draft(Path::new("x/passing/a.csv")).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_can_read() {
        use std::os::unix::fs::PermissionsExt;
        let parent = tempfile::tempdir().expect("a folder");
        let path = parent.path().join("out");
        let mode = |path: &Path| fs::metadata(path).expect("a file").permissions().mode() & 0o777;
        let folder = OutputFolder::open(&path, false).expect("a folder");
        let draft = folder.draft(Path::new("x/a.csv")).expect("a draft");
        assert_eq!(draft.as_file().metadata().expect("a file").permissions().mode() & 0o777, 0o600);
        let a = draft.complete().expect("complete");
        folder.publish(vec![a]).expect("published");
        assert_eq!((mode(&path), mode(&path.join("x")), mode(&path.join("x/a.csv"))), (0o700, 0o700, 0o600));
    }
}
