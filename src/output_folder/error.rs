//! Why a folder cannot be filled.

use std::io;
use std::path::{Path, PathBuf};

/// Why a folder cannot be filled. Every message names the path and what to do.
#[derive(Debug, thiserror::Error)]
#[error("cannot write to {}: {problem}", .path.display())]
pub struct FolderError {
    /// The folder as the user wrote it, or the file in it.
    pub path: PathBuf,
    /// What is wrong.
    pub problem: FolderProblem,
}

/// What is wrong with a folder or with a file in it.
#[derive(Debug, thiserror::Error)]
pub enum FolderProblem {
    /// Something else has that name.
    #[error("it is a file; name a folder")]
    File,
    /// It may lead anywhere.
    #[error("it is a symbolic link, which is not followed; name the folder that it points to")]
    Link,
    /// A part of the path may lead anywhere.
    #[error("{} in it is a symbolic link, which is not followed; remove it, or name another folder", .0.display())]
    LinkInside(PathBuf),
    /// Only the last folder of a path is made.
    #[error("the folder {} does not exist; create it first", .0.display())]
    NoParent(PathBuf),
    /// Files of somebody else may be in it.
    #[error("the folder is not empty; name another one, or add --force to replace the files that this command writes")]
    NotEmpty,
    /// Something that is no file has the name of a file.
    #[error("it exists and is not a regular file; remove it, or name another folder")]
    NoFile,
    /// Two files of the run have one name, for example where a file system does not distinguish `A` from `a`.
    #[error("two files of the run have this name in the file system; name a folder of another file system")]
    SameName,
    /// A name that leaves the folder.
    #[error("the name leads out of the folder")]
    Outside,
    /// The system refuses.
    #[error("{0}")]
    System(#[from] io::Error),
}

impl FolderProblem {
    /// The error of the file or folder at that path.
    pub(super) fn at(self, path: &Path) -> FolderError {
        FolderError { path: path.to_path_buf(), problem: self }
    }
}
