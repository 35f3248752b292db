//! Options of formats: what each of them is called and takes, and what a dataset declares.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// An option that a format has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FormatOption {
    /// Its key under `source:` in a suite.
    pub name: &'static str,
    /// What it takes.
    pub kind: OptionKind,
    /// What holds where it is not declared.
    pub default: &'static str,
    /// One line for lists and editors.
    pub doc: &'static str,
}

/// Which members of a zip archive are the data.
pub(super) const MEMBER: FormatOption = FormatOption {
    name: "member",
    kind: OptionKind::Text,
    default: "the only data file",
    doc: "Which files of a zip archive are the data: a name, or a glob such as *.csv",
};

/// How files with different columns are one dataset.
pub(super) const UNION: FormatOption = FormatOption {
    name: "union",
    kind: OptionKind::Word(&["strict", "by_name"]),
    default: "strict",
    doc: "Whether files may have different columns: `strict` (not), or `by_name`; strict by default",
};

/// The column with the name of the file of each row.
pub(super) const FILE_COLUMN: FormatOption = FormatOption {
    name: "file_column",
    kind: OptionKind::Text,
    default: "none",
    doc: "The name of a column that holds the file of each row, such as `file`; by default there is none",
};

/// Whether hidden files are read.
pub(super) const HIDDEN: FormatOption = FormatOption {
    name: "hidden",
    kind: OptionKind::Flag,
    default: "false",
    doc: "Whether files whose names begin with `.` or `_` are read; false by default",
};

/// Files that are left out.
pub(super) const EXCLUDE: FormatOption = FormatOption {
    name: "exclude",
    kind: OptionKind::Names,
    default: "none",
    doc: "Globs of names or paths that are left out, such as `*.bak` or `old/*`",
};

/// Whether the names of folders make columns.
pub(super) const FOLDER_KEYS: FormatOption = FormatOption {
    name: "folder_keys",
    kind: OptionKind::Flag,
    default: "true",
    doc: "Whether folders named key=value add a column; true by default",
};

/// The options that every format has: they say which files are the data, and how several are one dataset.
pub const COMMON_OPTIONS: &[&FormatOption] = &[&UNION, &FILE_COLUMN, &HIDDEN, &EXCLUDE, &FOLDER_KEYS, &MEMBER];

/// What an option takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OptionKind {
    /// One ASCII character, or `tab`.
    Character,
    /// One ASCII character, or `none`.
    CharacterOrNone,
    /// One character or several, or `tab`.
    Delimiter,
    /// Numbers in order; the last one may be `rest`.
    Widths,
    /// A number of bytes, such as `64MiB`.
    Size,
    /// `true` or `false`.
    Flag,
    /// A list of names.
    Names,
    /// The name of a character encoding.
    Encoding,
    /// A whole number, 0 or more.
    Count,
    /// A text.
    Text,
    /// A name, or a whole number; digits in quotes are a name.
    NameOrNumber,
    /// One of these words.
    Word(&'static [&'static str]),
}

impl OptionKind {
    /// What it takes, in words.
    pub const fn expected(self) -> &'static str {
        match self {
            Self::Character => "one ASCII character",
            Self::CharacterOrNone => "one ASCII character, or `none`",
            Self::Delimiter => "one ASCII character, several signs such as `||`, or `tab`",
            Self::Widths => "a list of numbers of characters, such as [5, 10, rest]; only the last may be `rest`",
            Self::Size => "a number of bytes, such as 64MiB",
            Self::Flag => "`true` or `false`",
            Self::Names => "a list of names",
            Self::Encoding => "the name of an encoding, such as windows-1258",
            Self::Count => "a whole number, 0 or more",
            Self::Text => "a text",
            Self::NameOrNumber => "a name, or a number",
            Self::Word(_) => "one of its words",
        }
    }

    const fn takes(self, value: &OptionValue) -> bool {
        matches!(
            (self, value),
            (Self::Character, OptionValue::Character(Some(_)))
                | (Self::CharacterOrNone, OptionValue::Character(_))
                | (Self::Delimiter, OptionValue::Character(Some(_)) | OptionValue::Text(_))
                | (Self::Flag, OptionValue::Flag(_))
                | (Self::Names | Self::Widths, OptionValue::Names(_))
                | (Self::Encoding | Self::Text | Self::Word(_), OptionValue::Text(_))
                | (Self::Count | Self::Size, OptionValue::Count(_))
                | (Self::NameOrNumber, OptionValue::Text(_) | OptionValue::Count(_))
        )
    }
}

impl OptionKind {
    /// Reads a value that is written as one text.
    pub fn read(self, text: &str) -> Option<OptionValue> {
        match self {
            Self::CharacterOrNone if text == "none" => Some(OptionValue::Character(None)),
            Self::Character | Self::CharacterOrNone => one_byte(text).map(OptionValue::from),
            Self::Delimiter => delimiter(text),
            Self::Flag => match text {
                "true" => Some(true.into()),
                "false" => Some(false.into()),
                _ => None,
            },
            Self::Names => {
                let names: Vec<String> = text.split(',').map(|name| name.trim().to_owned()).collect();
                names.iter().all(|name| !name.is_empty()).then(|| names.into())
            }
            Self::Word(words) => words.contains(&text).then(|| text.into()),
            Self::Widths => widths(text.trim_matches(['[', ']']).split(',').map(|width| width.trim().to_owned())),
            Self::Encoding => {
                encoding_rs::Encoding::for_label(text.as_bytes()).map(|_| OptionValue::Text(text.to_owned()))
            }
            Self::Count => text.parse::<u64>().ok().map(OptionValue::from),
            Self::Size => size(text).map(OptionValue::from),
            Self::Text => Some(text.into()),
            Self::NameOrNumber => Some(name_or_number(text)),
        }
    }
}

/// A whole number, or a name, which may be in double quotes.
fn name_or_number(text: &str) -> OptionValue {
    let quoted = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    // `007` and `+7` are no number as a program shows it.
    let number = text.parse::<u64>().ok().filter(|number| number.to_string() == text);
    match (quoted, number) {
        (Some(name), _) => name.into(),
        (None, Some(number)) => number.into(),
        (None, None) => text.into(),
    }
}

/// One ASCII character, or `tab`.
fn one_byte(text: &str) -> Option<u8> {
    match text.as_bytes() {
        _ if matches!(text, "tab" | "\\t") => Some(b'\t'),
        [byte] if byte.is_ascii() => Some(*byte),
        _ => None,
    }
}

/// The longest delimiter in bytes.
const LONGEST_DELIMITER: usize = 16;

/// One character or several, or `tab`.
fn delimiter(text: &str) -> Option<OptionValue> {
    if let Some(byte) = one_byte(text) {
        return Some(byte.into());
    }
    let text = text.replace("\\t", "\t");
    let is_sign = |letter: char| !letter.is_alphanumeric() && !matches!(letter, '\n' | '\r' | '\0');
    (!text.is_empty() && text.len() <= LONGEST_DELIMITER && text.chars().all(is_sign)).then(|| text.into())
}

/// Numbers of characters; the last may be `rest`.
pub fn widths(written: impl IntoIterator<Item = String>) -> Option<OptionValue> {
    let widths: Vec<String> = written.into_iter().collect();
    let (last, others) = widths.split_last()?;
    let is_width = |width: &String| width.parse::<u32>().is_ok_and(|width| width > 0);
    (others.iter().all(is_width) && (last == "rest" || is_width(last))).then(|| widths.into())
}

/// A number of bytes: `65536`, `64KiB`, `64MiB`, `1GiB`.
fn size(text: &str) -> Option<u64> {
    let units = [("KiB", 10), ("MiB", 20), ("GiB", 30), ("", 0)];
    let (number, shift) = units.iter().find_map(|(unit, shift)| Some((text.strip_suffix(unit)?, *shift)))?;
    let number = number.trim().parse::<u64>().ok()?;
    number.checked_mul(1 << shift).filter(|bytes| *bytes > 0)
}

/// The value of an option.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OptionValue {
    /// True or false.
    Flag(bool),
    /// An ASCII character, or none.
    Character(Option<u8>),
    /// Text.
    Text(String),
    /// Names in order.
    Names(Vec<String>),
    /// A whole number.
    Count(u64),
}

impl From<bool> for OptionValue {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<u8> for OptionValue {
    fn from(byte: u8) -> Self {
        Self::Character(Some(byte))
    }
}

impl From<Option<u8>> for OptionValue {
    fn from(byte: Option<u8>) -> Self {
        Self::Character(byte)
    }
}

impl From<u64> for OptionValue {
    fn from(count: u64) -> Self {
        Self::Count(count)
    }
}

impl From<&str> for OptionValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for OptionValue {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Vec<String>> for OptionValue {
    fn from(names: Vec<String>) -> Self {
        Self::Names(names)
    }
}

/// The options that are declared for a dataset, by name. An option that is not among them has its default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Options(BTreeMap<String, OptionValue>);

impl Options {
    /// Declares an option.
    pub fn set(&mut self, name: &str, value: impl Into<OptionValue>) {
        self.0.insert(name.to_owned(), value.into());
    }

    /// These options and one more.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<OptionValue>) -> Self {
        self.set(name, value);
        self
    }

    /// What is declared, in the order of names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &OptionValue)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Leaves only options of these names.
    pub fn retain(&mut self, known: &[FormatOption]) {
        let all = || known.iter().chain(COMMON_OPTIONS.iter().copied());
        self.0.retain(|name, _| all().any(|option| option.name == name));
    }

    /// The character that is declared; `Some(None)` where it is declared that there is none.
    pub fn character(&self, name: &str) -> Option<Option<u8>> {
        if let Some(OptionValue::Character(byte)) = self.0.get(name) { Some(*byte) } else { None }
    }

    /// The flag that is declared.
    pub fn flag(&self, name: &str) -> Option<bool> {
        if let Some(OptionValue::Flag(flag)) = self.0.get(name) { Some(*flag) } else { None }
    }

    /// The text that is declared.
    pub fn text(&self, name: &str) -> Option<&str> {
        if let Some(OptionValue::Text(text)) = self.0.get(name) { Some(text) } else { None }
    }

    /// The whole number that is declared.
    pub fn count(&self, name: &str) -> Option<u64> {
        if let Some(OptionValue::Count(count)) = self.0.get(name) { Some(*count) } else { None }
    }

    /// The names that are declared.
    pub fn names(&self, name: &str) -> Option<&[String]> {
        if let Some(OptionValue::Names(names)) = self.0.get(name) { Some(names) } else { None }
    }

    /// The options that a format of that name and these options does not have, or that have a value of another kind.
    pub(super) fn misfits(&self, format: &str, known: &[FormatOption]) -> Vec<OptionProblem> {
        let misfit = |(name, value): (&String, &OptionValue)| {
            if name == FILE_COLUMN.name && matches!(value, OptionValue::Text(text) if text.trim().is_empty()) {
                return Some(OptionProblem {
                    option: name.clone(),
                    problem: format!("`{name}` is the name of a column, and this one is blank"),
                    help: format!("write a name, such as `{name}: file`, or leave it out"),
                });
            }
            let problem = match known.iter().chain(COMMON_OPTIONS.iter().copied()).find(|option| option.name == name) {
                Some(option) if option.kind.takes(value) => return None,
                Some(option) => format!("`{name}` takes {}", option.kind.expected()),
                None => format!("the format {format} has no option `{}`", name.escape_debug()),
            };
            let names: Vec<&str> = known.iter().map(|option| option.name).collect();
            let help = match names.as_slice() {
                [] => "it has no options".to_owned(),
                names => format!("it has {}", names.join(", ")),
            };
            Some(OptionProblem { option: name.clone(), problem, help })
        };
        self.0.iter().filter_map(misfit).collect()
    }
}

/// Why an option does not fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct OptionProblem {
    /// Its name.
    pub option: String,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub help: String,
}

impl fmt::Display for OptionProblem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.problem, self.help)
    }
}
