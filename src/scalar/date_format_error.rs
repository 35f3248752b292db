//! Why the notation of dates does not compile.

/// Why a date format does not compile, and what to write instead. Fields are written as in the format, such as `%Y`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DateFormatError {
    /// A field that keeps its leading zero is asked for without it.
    #[error("`%-` is allowed only before `m`, `d`, `H` or `I`")]
    Unpadded,
    /// A year of two digits.
    #[error(
        "`%y` does not say the century: declare the first of the hundred years, such as `century: 1950` for 1950 to 2049, \
         or write years with four digits and use `%Y`"
    )]
    Century,
    /// A century that does not begin in a year that is read.
    #[error("`century` takes the first of a hundred years, from 1 to 9900, such as 1950")]
    CenturyRange,
    /// A declaration about a field that no format has.
    #[error("no format has {fields}")]
    Unused {
        /// The declaration.
        declared: &'static str,
        /// The fields that it is about.
        fields: &'static str,
    },
    /// The names of months are those of no language that is known.
    #[error("`{}` is not a language whose months are known{near}: write one of {codes}, or the names of the twelve months in a list", .written.escape_debug())]
    Language {
        /// What was written.
        written: String,
        /// The nearest language as a question, or nothing.
        near: String,
        /// The languages.
        codes: String,
    },
    /// The names of months are not twelve different words.
    #[error("`months` takes a language, such as `vi`, or a list of twelve different names, from January on")]
    Months,
    /// A letter that names no field.
    #[error(
        "`%{}` is unknown; a format consists of %Y %y %m %d %b %B %H %I %p %M %S %f %z and text (%% for a percent sign)",
        .field.escape_default()
    )]
    Unknown {
        /// The letter.
        field: char,
    },
    /// A format without a percent sign that is not a name.
    #[error(
        "`{}` is not a format: write one such as `%d/%m/%Y`, `dd/mm/yyyy`, `unix seconds` or `excel 1900`{near}",
        .written.escape_debug()
    )]
    Name {
        /// What was written.
        written: String,
        /// The nearest name as a question, or nothing.
        near: String,
    },
    /// One of several formats.
    #[error("`{}`: {problem}", .written.escape_debug())]
    InList {
        /// The format.
        written: String,
        /// What is wrong with it.
        problem: Box<DateFormatError>,
    },
    /// A percent sign at the end.
    #[error("the format ends in `%`; write `%%` for a percent sign")]
    OpenPercent,
    /// Year or month is missing, or the day before a time.
    #[error("the format lacks {field}: a date needs year, month and day")]
    Lacks {
        /// The field.
        field: &'static str,
    },
    /// A field occurs twice.
    #[error("the format has {field} more than once")]
    Repeated {
        /// The field.
        field: &'static str,
    },
    /// A field of a time occurs without the coarser one.
    #[error("the format has {field} without {coarser}")]
    Without {
        /// The field.
        field: &'static str,
        /// The field that is missing.
        coarser: &'static str,
    },
    /// An offset occurs twice, or without a time of day.
    #[error("%z may occur once, together with a time of day")]
    Offset,
    /// It is unclear where a field of digits ends.
    #[error("a field without a fixed number of digits must not be directly before another digit")]
    RunsOn,
}

impl DateFormatError {
    /// The declaration that is to blame: `format`, `months` or `century`.
    pub const fn declaration(&self) -> &'static str {
        match self {
            Self::Unused { declared, .. } => declared,
            Self::Language { .. } | Self::Months => "months",
            Self::CenturyRange => "century",
            _ => "format",
        }
    }
}
