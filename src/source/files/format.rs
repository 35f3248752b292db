//! File formats: how each is called and recognised, which options it has, and how its files are opened.

use std::fmt;

use super::data_file::DataFile;
use crate::source::error::Problem;
use crate::source::options::{FormatOption, OptionProblem, Options};
use crate::source::table::Table;

/// A file format. Each is one constant beside its reader, and one line in [`FORMATS`](super::formats::FORMATS).
pub struct Format {
    /// The name used in suites and reports.
    pub name: &'static str,
    /// What its files are, as part of a sentence: `delimited text`.
    pub noun: &'static str,
    /// The extensions of its files, in lower case and without those of packings; the usual one first.
    pub extensions: &'static [&'static str],
    /// Its options.
    pub options: &'static [FormatOption],
    /// Whether its cells are cut out of text, and not stored column by column.
    pub is_text: bool,
    /// Whether the files of one dataset may have different columns.
    pub has_free_columns: bool,
    /// How likely a file that starts with these bytes is of this format.
    pub(super) recognise: fn(head: &[u8]) -> Likelihood,
    /// What is wrong with options that each by itself are in order.
    pub(super) conflicts: fn(&Options) -> Vec<OptionProblem>,
    /// Reads the columns of a file.
    pub(in crate::source) open: Open,
}

/// Opens a file with the options that are declared for it.
type Open = fn(DataFile, &Options) -> Result<Box<dyn Table>, Problem>;

/// How likely a file is of a format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Likelihood {
    /// It is not.
    No,
    /// Nothing speaks against it.
    Possible,
    /// It looks like one.
    Likely,
    /// It starts as no other file does.
    Certain,
}

impl Format {
    /// Whether a file that starts with these bytes is of this format for certain.
    pub(in crate::source) fn claims(&self, head: &[u8]) -> bool {
        (self.recognise)(head) == Likelihood::Certain
    }

    /// Whether a file that starts with these bytes looks like one of this format.
    pub(in crate::source) fn fits(&self, head: &[u8]) -> bool {
        (self.recognise)(head) >= Likelihood::Likely
    }

    /// Whether it has an option of that name.
    pub fn has_option(&self, name: &str) -> bool {
        self.options.iter().any(|option| option.name == name)
    }

    /// Whether that is one of its extensions, in any case.
    pub fn has_extension(&self, extension: &str) -> bool {
        self.extensions.iter().any(|known| known.eq_ignore_ascii_case(extension))
    }

    /// What is wrong with these options: names that it does not have, values of another kind, options that exclude each
    /// other.
    pub fn check(&self, options: &Options) -> Vec<OptionProblem> {
        let mut problems = options.misfits(self.name, self.options);
        problems.extend((self.conflicts)(options));
        problems
    }
}

/// For formats whose options do not exclude each other.
pub(super) const fn no_conflicts(_: &Options) -> Vec<OptionProblem> {
    Vec::new()
}

impl PartialEq for Format {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Format {}

impl fmt::Debug for Format {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name)
    }
}
