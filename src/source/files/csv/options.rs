//! The options of delimited text.

use encoding_rs::{Encoding, UTF_8};

use crate::source::error::Problem;
use crate::source::files::data_file::DataFile;
use crate::source::files::text::encoding;
use crate::source::options::{FormatOption, OptionKind, OptionProblem, Options};

/// Every option.
pub(super) const OPTIONS: &[FormatOption] = &[
    FormatOption {
        name: "delimiter",
        kind: OptionKind::Character,
        default: "a comma; a tab in .tsv and .tab files, a bar in .psv files",
        doc: "The character between cells, or `tab`; by default a comma",
    },
    FormatOption {
        name: "quote",
        kind: OptionKind::CharacterOrNone,
        default: "\"",
        doc: "The quote character, or `none`; by default \"",
    },
    FormatOption {
        name: "header",
        kind: OptionKind::Flag,
        default: "true",
        doc: "Whether the first record holds the column names; true by default",
    },
    FormatOption {
        name: "columns",
        kind: OptionKind::Names,
        default: "column_1, column_2 …",
        doc: "The column names where there is no header",
    },
    FormatOption {
        name: "encoding",
        kind: OptionKind::Encoding,
        default: "UTF-8",
        doc: "The character encoding, such as windows-1258; by default UTF-8",
    },
];

/// What is wrong with options that exclude each other.
pub(super) fn conflicts(options: &Options) -> Vec<OptionProblem> {
    if options.names("columns").is_none() || options.flag("header") == Some(false) {
        return Vec::new();
    }
    vec![OptionProblem {
        option: "columns".to_owned(),
        problem: "`columns` names the columns of a file without a header".to_owned(),
        help: "add `header: false`, or leave the names to the file".to_owned(),
    }]
}

/// How a file is written.
#[derive(Debug)]
pub(super) struct CsvOptions<'o> {
    pub(super) delimiter: u8,
    /// `None` where quotes are ordinary characters.
    pub(super) quote: Option<u8>,
    /// Whether the first record holds the column names.
    pub(super) header: bool,
    /// The column names where there is no header; empty: `column_1`, `column_2` …
    pub(super) columns: &'o [String],
    pub(super) encoding: &'static Encoding,
}

impl<'o> CsvOptions<'o> {
    /// The options of a file, with the defaults of those that are not declared.
    ///
    /// # Errors
    /// Where an encoding is not known, or characters cannot be what they are declared to be.
    pub(super) fn of(file: &DataFile, options: &'o Options) -> Result<Self, Problem> {
        let by_default = if file.has_extension(&["tsv", "tab"]) {
            b'\t'
        } else if file.has_extension(&["psv"]) {
            b'|'
        } else {
            b','
        };
        let read = Self {
            delimiter: options.character("delimiter").flatten().unwrap_or(by_default),
            quote: options.character("quote").unwrap_or(Some(b'"')),
            header: options.flag("header").unwrap_or(true),
            columns: options.names("columns").unwrap_or_default(),
            encoding: options.text("encoding").map_or(Ok(UTF_8), encoding)?,
        };
        check_special("delimiter", read.delimiter)?;
        if let Some(quote) = read.quote {
            check_special("quote", quote)?;
            if quote == read.delimiter {
                return Err(Problem::Declaration("delimiter and quote are the same character".to_owned()));
            }
        }
        Ok(read)
    }
}

/// Delimiters and quotes are single characters that cannot be taken for something else.
fn check_special(what: &str, byte: u8) -> Result<(), Problem> {
    if !byte.is_ascii() || matches!(byte, b'\n' | b'\r' | 0) {
        return Err(Problem::Declaration(format!("the {what} must be one ASCII character other than a line end")));
    }
    Ok(())
}
