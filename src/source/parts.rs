//! Where the parts of each file of a dataset go, and splitting one of them.

use std::path::{Component, Path, PathBuf};

use super::error::{Problem, SourceError};
use super::files::compressed::Packing;
use super::files::data_file::DataFile;
use super::files::foreign::foreign;
use super::opened::{Source, certain_format};
use super::split::{Beginning, Parts, SplitError, SplitRows, Splitting, free_name};

impl Source {
    /// A path for a part of each file, in file order: its own name, with the folders in which it lies below the one that all
    /// files have in common. No two are the same.
    pub fn part_paths(&self) -> Vec<PathBuf> {
        let paths: Vec<PathBuf> = self.files.iter().map(|file| path_of(&file.data, self.format.extensions)).collect();
        let common = common_folders(&paths);
        paths.iter().map(|path| path.components().skip(common).collect()).collect()
    }

    /// The name of the column of rule ids in failing parts: `failed_rules`, or with a number where that is taken.
    pub fn failed_rules_column(&self) -> String {
        let names: Vec<&str> = self.columns.iter().map(|column| column.name.as_str()).collect();
        free_name(&names)
    }

    /// Makes sure that every file can be split, as far as that is known before its rows are read.
    ///
    /// # Errors
    /// With the file, what is in the way, and the way out.
    pub fn check_splittable(&self) -> Result<(), SourceError> {
        for (at, file) in self.files.iter().enumerate() {
            file.table.check_splittable().map_err(|problem| self.error(at, problem))?;
        }
        Ok(())
    }

    /// Splits a file, whose position is in `to`.
    ///
    /// # Errors
    /// Where it cannot be read, or where the parts cannot be written.
    pub fn split(&self, to: &mut Splitting, parts: Parts) -> Result<SplitRows, SplitError> {
        let file = self.files.get(to.file as usize).ok_or(SplitError::Order(0))?;
        let Parts { passing, failing } = parts;
        let (mut passing, mut failing) = (Beginning::new(passing), Beginning::new(failing));
        let rows = file.table.split(to, Parts { passing: &mut passing, failing: &mut failing })?;
        if self.format.is_text && !file.is_empty_part {
            for (name, part) in [("passing", passing), ("failing", failing)] {
                check_beginning(name, part.bytes(), file.data.packing)?;
            }
        }
        if file.data.has_changed() {
            return Err(Problem::Changed.into());
        }
        to.marks.end_before(to.file + 1)?;
        Ok(rows)
    }

    /// The path of a file as people know it.
    pub fn shown_file(&self, file: u32) -> &str {
        self.files.get(file as usize).map_or("", |file| &file.data.shown)
    }
}

/// Makes sure that the first row of a text file does not look like the start of another format.
fn check_beginning(part: &str, bytes: &[u8], packing: Packing) -> Result<(), SplitError> {
    let found = Packing::detect(bytes);
    let problem = if found != packing {
        format!("would be taken for a {}", found.name())
    } else if let Some(format) = certain_format(bytes) {
        format!("would be taken for {}", format.noun)
    } else if let Some(problem) = foreign(bytes) {
        let (what, _) = problem.split_once(':').unwrap_or((problem, ""));
        format!("would look as if it {what}")
    } else {
        return Ok(());
    };
    Err(SplitError::unfit(format!(
        "a file that begins with the first of the {part} rows {problem}: give the file a header, or put the first cell of that \
         row into quotes"
    )))
}

/// The path of a file, without what leads upwards; what came from a pipe gets a name.
fn path_of(data: &DataFile, extensions: &[&str]) -> PathBuf {
    if data.stored_bytes().is_none() {
        let packing = data.packing.ending();
        let extension = extensions.first().copied().unwrap_or_default();
        return PathBuf::from(format!("stdin.{extension}{packing}"));
    }
    let parts = data.path().into_iter().flat_map(Path::components);
    parts.filter(|part| matches!(part, Component::Normal(_))).collect()
}

/// How many folders all paths begin with.
fn common_folders(paths: &[PathBuf]) -> usize {
    let folders = |path: &PathBuf| path.components().count().saturating_sub(1);
    let Some((first, others)) = paths.split_first() else { return 0 };
    others.iter().fold(folders(first), |common, path| {
        let same = first.components().zip(path.components()).take_while(|(a, b)| a == b).count();
        common.min(same).min(folders(path))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_keep_the_folders_below_the_common_one() {
        let common = |paths: &[&str]| common_folders(&paths.iter().map(PathBuf::from).collect::<Vec<_>>());
        assert_eq!(common(&["a/b/c.csv"]), 2);
        assert_eq!(common(&["a/b/c.csv", "a/b/d.csv"]), 2);
        assert_eq!(common(&["a/year=1/c.csv", "a/year=2/c.csv"]), 1);
        assert_eq!(common(&["a/c.csv", "a/b/c.csv"]), 1);
        assert_eq!(common(&["c.csv", "b/c.csv"]), 0);
        assert_eq!(common(&[]), 0);
    }
}
