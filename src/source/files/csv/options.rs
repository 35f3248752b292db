//! The options of delimited text.

use std::ops::RangeInclusive;

use encoding_rs::{Encoding, UTF_8};

use super::block::LONGEST;
use super::dialect::{DataEnd, Rules, Widths};
use crate::source::error::Problem;
use crate::source::files::data_file::DataFile;
use crate::source::files::text::encoding;
use crate::source::options::{FormatOption, OptionKind, OptionProblem, Options};
use crate::source::table::MAX_COLUMNS;

/// Every option.
pub(super) const OPTIONS: &[FormatOption] = &[
    FormatOption {
        name: "delimiter",
        kind: OptionKind::Delimiter,
        default: "a comma; a tab in .tsv and .tab files, a bar in .psv files",
        doc: "What is between cells, one character or several, or `tab`; by default a comma",
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
    FormatOption {
        name: "skip_rows",
        kind: OptionKind::Count,
        default: "0",
        doc: "How many lines above the header are not data",
    },
    FormatOption {
        name: "header_row",
        kind: OptionKind::Count,
        default: "the first line that is not empty",
        doc: "The line on which the header begins, from 1; those above are not data",
    },
    FormatOption {
        name: "header_rows",
        kind: OptionKind::Count,
        default: "1",
        doc: "How many records the header has; names are joined by a blank",
    },
    FormatOption {
        name: "footer_rows",
        kind: OptionKind::Count,
        default: "0",
        doc: "How many records at the end are not data",
    },
    FormatOption {
        name: "until",
        kind: OptionKind::Text,
        default: "none",
        doc: "The text that begins the first record which is not data, such as Total",
    },
    FormatOption {
        name: "comment",
        kind: OptionKind::Text,
        default: "none",
        doc: "What lines begin with that are not data, such as #",
    },
    FormatOption {
        name: "trim",
        kind: OptionKind::Flag,
        default: "false; true with widths",
        doc: "Whether white space around cells and names is left out",
    },
    FormatOption {
        name: "escape",
        kind: OptionKind::Character,
        default: "none",
        doc: "The character that makes an ordinary one of the next, such as \\",
    },
    FormatOption {
        name: "widths",
        kind: OptionKind::Widths,
        default: "none",
        doc: "The characters of each cell where that is fixed; the last may be `rest`",
    },
    FormatOption {
        name: "longest_cell",
        kind: OptionKind::Size,
        default: "16MiB",
        doc: "The longest cell that is read; longer ones are missing, and a fault",
    },
];

/// The most records of a footer: they are held until the file ends.
const MOST_FOOTER: u64 = 1_000;

/// The most records of a header.
const MOST_HEADER: u64 = 10;

/// The sizes that the longest cell may have.
const LONGEST_CELL: RangeInclusive<u64> = 1 << 10..=1 << 30;

/// What is wrong with options that exclude each other, or with their values.
pub(super) fn conflicts(options: &Options) -> Vec<OptionProblem> {
    let mut problems = Vec::new();
    let mut refuse = |option: &str, problem: String, help: &str| {
        problems.push(OptionProblem { option: option.to_owned(), problem, help: help.to_owned() });
    };
    let has_no_header = options.flag("header") == Some(false);
    if options.names("columns").is_some() && !has_no_header {
        refuse(
            "columns",
            "`columns` names the columns of a file without a header".to_owned(),
            "add `header: false`, or leave the names to the file",
        );
    }
    for name in ["header_row", "header_rows"] {
        match options.count(name) {
            Some(_) if has_no_header => {
                refuse(name, format!("`{name}` does not go with `header: false`"), "use `skip_rows`, or leave one out");
            }
            Some(0) => refuse(name, format!("`{name}` counts from 1"), "write 1 or more"),
            _ => {}
        }
    }
    if let (Some(row), Some(skipped)) = (options.count("header_row"), options.count("skip_rows"))
        && row <= skipped
    {
        refuse(
            "header_row",
            format!("`header_row: {row}` is one of the lines that `skip_rows: {skipped}` leaves out"),
            "use one of them",
        );
    }
    if options.count("header_rows").is_some_and(|rows| rows > MOST_HEADER) {
        refuse(
            "header_rows",
            format!("`header_rows` is more than {MOST_HEADER}"),
            "use `skip_rows` for lines above it",
        );
    }
    if options.count("footer_rows").is_some_and(|rows| rows > MOST_FOOTER) {
        refuse(
            "footer_rows",
            format!("`footer_rows` is more than {MOST_FOOTER}"),
            "use `until` with the text that begins it",
        );
    }
    if options.count("footer_rows").is_some() && options.text("until").is_some() {
        refuse("until", "`until` and `footer_rows` both say where the data ends".to_owned(), "use one of them");
    }
    for name in ["until", "comment"] {
        let Some(text) = options.text(name) else { continue };
        if text.trim().is_empty() || text.contains(['\n', '\r']) {
            refuse(name, format!("`{name}` takes a text in one line"), "write what such a line begins with");
        }
    }
    if options.count("longest_cell").is_some_and(|bytes| !LONGEST_CELL.contains(&bytes)) {
        refuse("longest_cell", "`longest_cell` is from 1KiB to 1GiB".to_owned(), "write a size between them");
    }
    if options.names("widths").is_some() {
        for name in ["delimiter", "quote", "escape"] {
            let quoteless = name == "quote" && options.character("quote") == Some(None);
            if is_declared(options, name) && !quoteless {
                refuse(name, format!("`{name}` does not go with `widths`"), "leave one out");
            }
        }
    }
    problems.extend(signs(&Signs::of(options, b',')).err());
    problems
}

fn is_declared(options: &Options, name: &str) -> bool {
    options.character(name).is_some() || options.text(name).is_some()
}

/// The signs that have a meaning in a file.
struct Signs {
    delimiter: Vec<u8>,
    quote: Option<u8>,
    escape: Option<u8>,
    comment: Option<Vec<u8>>,
    has_widths: bool,
}

impl Signs {
    fn of(options: &Options, delimiter: u8) -> Self {
        let several = options.text("delimiter").map(|text| text.as_bytes().to_vec());
        let one = || vec![options.character("delimiter").flatten().unwrap_or(delimiter)];
        let has_widths = options.names("widths").is_some();
        Self {
            delimiter: several.unwrap_or_else(one),
            quote: if has_widths { None } else { options.character("quote").unwrap_or(Some(b'"')) },
            escape: options.character("escape").flatten(),
            comment: options.text("comment").map(|text| text.as_bytes().to_vec()),
            has_widths,
        }
    }
}

/// Makes sure that no sign can be taken for another.
fn signs(signs: &Signs) -> Result<(), OptionProblem> {
    let Signs { delimiter, quote, escape, comment, has_widths } = signs;
    let refuse = |option: &str, problem: String, help: &str| {
        Err(OptionProblem { option: option.to_owned(), problem, help: help.to_owned() })
    };
    if let Some(escape) = escape {
        if !is_sign(*escape) || escape.is_ascii_alphanumeric() || *escape == b' ' {
            return refuse(
                "escape",
                "`escape` takes one sign, no letter, digit or blank".to_owned(),
                "the usual one is \\",
            );
        }
        if Some(*escape) == *quote {
            let problem = "`escape` and `quote` are the same character".to_owned();
            return refuse("escape", problem, "leave `escape` out: a doubled quote is one quote");
        }
        if delimiter.contains(escape) {
            return refuse("escape", "`escape` is part of the delimiter".to_owned(), "use another character");
        }
    }
    if let Some(quote) = quote
        && delimiter.len() > 1
        && delimiter.contains(quote)
    {
        let problem = "the quote character is part of the delimiter".to_owned();
        return refuse("quote", problem, "declare `quote: none`, or another delimiter");
    }
    let Some(comment) = comment else { return Ok(()) };
    if !has_widths && (delimiter.starts_with(comment) || comment.starts_with(delimiter)) {
        let problem = "`comment` and the delimiter begin with the same characters".to_owned();
        return refuse("comment", problem, "use other characters, or leave `comment` out");
    }
    if comment.first().is_some_and(|first| Some(*first) == *quote || Some(*first) == *escape) {
        let problem = "`comment` begins with the quote or escape character".to_owned();
        return refuse("comment", problem, "use other characters, or leave `comment` out");
    }
    Ok(())
}

/// How a file is written.
#[derive(Debug)]
pub(super) struct CsvOptions<'o> {
    /// What a file without further rules is written with.
    pub(super) delimiter: u8,
    /// `None` where quotes are ordinary characters.
    pub(super) quote: Option<u8>,
    /// What else it is written with.
    pub(super) rules: Rules,
    /// Whether the first record holds the column names.
    pub(super) header: bool,
    /// How many records the header has.
    pub(super) header_records: usize,
    /// The lines above it that are not data, and the option that says so.
    pub(super) skip: (u64, &'static str),
    /// The column names where there is no header; empty: `column_1`, `column_2` …
    pub(super) columns: &'o [String],
    pub(super) encoding: &'static Encoding,
    /// The longest cell in bytes.
    pub(super) longest: usize,
    options: &'o Options,
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
        let Signs { delimiter, quote, escape, comment, .. } = Signs::of(options, by_default);
        let widths = options.names("widths").map(|written| Widths {
            fixed: written.iter().filter_map(|width| width.parse().ok()).collect(),
            has_rest: written.last().is_some_and(|last| last == "rest"),
        });
        let end = match (options.count("footer_rows"), options.text("until")) {
            (_, Some(text)) => DataEnd::Until(text.to_owned()),
            (None | Some(0), None) => DataEnd::File,
            (Some(rows), None) => DataEnd::Footer(usize::try_from(rows).unwrap_or(usize::MAX)),
        };
        let skip = match (options.count("header_row"), options.count("skip_rows")) {
            (Some(row), _) => (row.saturating_sub(1), "`header_row`"),
            (None, rows) => (rows.unwrap_or_default(), "`skip_rows`"),
        };
        let rows = options.count("header_rows").unwrap_or(1);
        let longest = options.count("longest_cell").map_or(LONGEST, |bytes| usize::try_from(bytes).unwrap_or(LONGEST));
        let trim = options.flag("trim").unwrap_or(widths.is_some());
        let mut read = Self {
            delimiter: 0,
            quote,
            rules: Rules { delimiter: Vec::new(), escape, comment, trim, widths, end },
            header: options.flag("header").unwrap_or(true),
            header_records: usize::try_from(rows).unwrap_or(usize::MAX),
            skip,
            columns: options.names("columns").unwrap_or_default(),
            encoding: options.text("encoding").map_or(Ok(UTF_8), encoding)?,
            longest,
            options,
        };
        read.separate_by(delimiter)?;
        if longest > LONGEST && file.memory / 16 < longest as u64 {
            return Err(Problem::BeyondLimit(format!(
                "`longest_cell: {}MiB` needs {} MiB of memory: allow more with --memory, or declare less",
                longest >> 20,
                longest >> 16
            )));
        }
        if let Some(widths) = &read.rules.widths
            && widths.cells() > MAX_COLUMNS
        {
            return Err(Problem::BeyondLimit(format!("`widths` has more than {MAX_COLUMNS} columns")));
        }
        Ok(read)
    }

    /// Takes the delimiter that the first line of the file names.
    ///
    /// # Errors
    /// Where another one is declared.
    pub(super) fn separate_as_named(&mut self, named: u8) -> Result<(), Problem> {
        if !is_declared(self.options, "delimiter") {
            return self.separate_by(vec![named]);
        }
        if self.rules.delimiter == [named] || self.skip.0 > 0 {
            return Ok(());
        }
        let declared = String::from_utf8_lossy(&self.rules.delimiter);
        let (named, declared) = (char::from(named).escape_debug(), declared.escape_debug());
        Err(Problem::Declaration(format!(
            "its first line says `sep={named}`, and the declared delimiter is `{declared}`: declare `delimiter: \"{named}\"`, or \
             leave that line out with `skip_rows: 1`"
        )))
    }

    fn separate_by(&mut self, delimiter: Vec<u8>) -> Result<(), Problem> {
        if let [one] = delimiter.as_slice() {
            check_special("delimiter", *one)?;
        }
        if let Some(quote) = self.quote {
            check_special("quote", quote)?;
            if delimiter == [quote] {
                return Err(Problem::Declaration("delimiter and quote are the same character".to_owned()));
            }
        }
        let Rules { escape, comment, widths, .. } = &self.rules;
        let has_widths = widths.is_some();
        signs(&Signs {
            delimiter: delimiter.clone(),
            quote: self.quote,
            escape: *escape,
            comment: comment.clone(),
            has_widths,
        })?;
        self.delimiter = delimiter.first().copied().unwrap_or_default();
        self.rules.delimiter = delimiter;
        Ok(())
    }
}

/// Whether a character can have a meaning of its own.
const fn is_sign(byte: u8) -> bool {
    byte.is_ascii() && !matches!(byte, b'\n' | b'\r' | 0)
}

/// Delimiters and quotes are single characters that cannot be taken for something else.
fn check_special(what: &str, byte: u8) -> Result<(), Problem> {
    if !is_sign(byte) {
        return Err(Problem::Declaration(format!("the {what} must be one ASCII character other than a line end")));
    }
    Ok(())
}
