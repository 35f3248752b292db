//! What a run reads: the one list that every later output is compared with.

use std::fmt;
use std::path::PathBuf;

use super::diagnostic::quoted;
use crate::source::SourceSpec;

/// Something that a run reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// What it is.
    pub role: InputRole,
    /// Where it is.
    pub place: InputPlace,
}

/// What an input is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InputRole {
    /// A suite, or a file that a suite extends.
    Suite,
    /// The code list of that name.
    Codelist(String),
    /// A file of waivers.
    Waivers,
    /// An earlier result that rules compare with.
    Baseline,
    /// The result of an earlier audit.
    Result,
    /// The dataset of that name.
    Data(String),
    /// The export that `identify` reads.
    Export,
}

/// Where an input is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InputPlace {
    /// One file.
    File(PathBuf),
    /// A file, a folder, a glob or standard input.
    Data(SourceSpec),
}

impl fmt::Display for InputRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Suite => f.write_str("a file of the suite"),
            Self::Codelist(name) => write!(f, "the file of the code list {}", quoted(name)),
            Self::Waivers => f.write_str("a file of waivers"),
            Self::Baseline => f.write_str("a baseline that rules compare with"),
            Self::Result => f.write_str("the result of an earlier audit"),
            Self::Data(name) => write!(f, "data of {}", quoted(name)),
            Self::Export => f.write_str("data of the export"),
        }
    }
}
