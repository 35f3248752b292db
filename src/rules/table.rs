//! The columns of one dataset, as they are declared and as the data has them.

use std::collections::BTreeMap;
use std::path::Path;

use super::bound::Misfit;
use super::condition::Condition;
use super::diagnostic::{did_you_mean, quoted};
use super::expression::{ColumnProblem, Columns};
use super::schemas::Schemas;
use super::suite::{ColumnDecl, Dataset};
use super::wildcard;
use crate::model::{DataType, Grouping, Notation, nearest, nfc};
use crate::source::{BINARY, Format, NULL, SourceColumn};

/// What to do where a pattern is given as a column.
pub(super) const PATTERNS: &str = "`each` takes names with `*` and makes a rule for each column that matches";

/// The columns of one dataset, declared and stored.
pub(super) struct Table<'a> {
    pub(super) dataset: &'a Dataset,
    pub(super) order: &'a [SourceColumn],
    pub(super) inner: &'a [SourceColumn],
    /// The columns and those inside of them, by name.
    pub(super) stored: BTreeMap<&'a str, &'a SourceColumn>,
    pub(super) known: Known,
    /// Where the columns come from, if there is data.
    pub(super) schemas: Option<&'a dyn Schemas>,
}

/// What is known of the columns of a dataset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// Which there are, and how they are stored.
    Stored,
    /// What is declared; there is no data yet.
    Declared {
        /// The files are surely delimited text, whose columns are text unless they are declared otherwise.
        text: bool,
    },
}

/// Why a column cannot be used.
pub(super) enum Unfit {
    Unknown,
    Unsupported(String),
    Contradiction(DataType, String),
    /// Cells that are numbers or dates are among texts for which a notation is declared.
    Notation(String),
}

impl Table<'_> {
    /// The type in which a column is audited.
    pub(super) fn effective(&self, name: &str) -> Result<DataType, Unfit> {
        if let Known::Declared { text } = self.known {
            let declared = self.dataset.column(name);
            let text = text && !declared.is_some_and(|column| column.broken_type);
            let declared = declared.and_then(|column| column.data_type);
            return declared.or(text.then_some(DataType::Text)).ok_or(Unfit::Unknown);
        }
        let stored = self.stored(name).ok_or(Unfit::Unknown)?;
        let held = stored.data_type.ok_or_else(|| Unfit::Unsupported(stored.stored.clone()))?;
        let column = self.dataset.column(name);
        if reads_mixed(stored, column, &self.dataset.notation) {
            return Err(Unfit::Notation(stored.stored.clone()));
        }
        let is_date = |declared| matches!(declared, DataType::Date | DataType::Datetime);
        match column.and_then(|column| column.data_type) {
            None => Ok(held),
            Some(DataType::Binary) if stored.stored == BINARY || stored.stored == NULL => Ok(DataType::Binary),
            // Numbers are dates where a format says how: unix seconds, excel 1900, yyyymmdd.
            Some(declared)
                if is_date(declared) && held.is_numeric() && column.is_some_and(|column| column.format.is_some()) =>
            {
                Ok(declared)
            }
            // Text is parsed as declared, cell by cell, and so are numbers: one that the declared type does not hold is
            // unparseable.
            Some(declared)
                if declared == held
                    || (held == DataType::Text && declared != DataType::Binary)
                    || (held.is_numeric() && matches!(declared, DataType::Decimal | DataType::Float))
                    || (held == DataType::Decimal && declared == DataType::Integer) =>
            {
                Ok(declared)
            }
            Some(declared) => Err(Unfit::Contradiction(declared, stored.stored.clone())),
        }
    }

    /// The column of that name. Letters may be composed with their marks or not.
    pub(super) fn stored(&self, name: &str) -> Option<&SourceColumn> {
        self.stored.get(name).or_else(|| self.stored.get(&*nfc(name))).copied()
    }

    /// Whether a column is declared to hold bytes.
    pub(super) fn is_binary(&self, name: &str) -> bool {
        self.dataset.column(name).is_some_and(|column| column.data_type == Some(DataType::Binary))
    }

    /// The column with the number of items of a column of lists, if it is one.
    pub(super) fn list_length(&self, name: &str) -> Option<String> {
        let length = format!("length({name})");
        self.inner.iter().any(|column| column.name == length).then_some(length)
    }

    /// Whether the types of all columns of an expression are known; names that the data does not have are the resolver's.
    pub(super) fn knows(&self, condition: &Condition) -> bool {
        let is_known = |(name, _): (String, usize)| self.effective(&name).is_ok();
        self.known == Known::Stored || condition.parsed.columns().into_iter().all(is_known)
    }

    /// What to declare where the file seems to be written in another way than it is read.
    fn otherwise(&self) -> Option<String> {
        let options = self.schemas?.written_otherwise(self.dataset)?;
        Some(format!(
            "the file looks as if it were written like this: `source: {{ path: …, {options} }}` (`passmuster identify` shows why)"
        ))
    }

    /// The fields of the column that the name begins with, where it has any.
    fn fields(&self, name: &str) -> Option<String> {
        let outer = (self.order.iter().chain(self.inner))
            .filter(|column| name.strip_prefix(column.name.as_str()).is_some_and(|rest| rest.starts_with('.')))
            .max_by_key(|column| column.name.len())?;
        let field = |column: &SourceColumn| {
            let field = column.name.strip_prefix(outer.name.as_str())?.strip_prefix('.')?;
            (!field.contains('.')).then(|| quoted(&shortened(&column.name)))
        };
        let fields: Vec<String> = self.inner.iter().filter_map(field).collect();
        if fields.is_empty() {
            return Some(format!("the column {} has no fields", quoted(&outer.name)));
        }
        Some(format!("the fields of {} are {}", quoted(&outer.name), listed(&fields)))
    }

    /// What to do where one column holds the names of several: the file has another delimiter.
    fn other_delimiter(&self) -> Option<String> {
        let [only] = self.order else { return None };
        let (sign, name) =
            [(';', ";"), ('\t', "\\t"), ('|', "|")].into_iter().find(|(sign, _)| only.name.contains(*sign))?;
        let count = only.name.split(sign).count();
        Some(format!("the file has one column; it has {count} with `source: {{ path: …, delimiter: \"{name}\" }}`"))
    }

    /// The first columns that there are.
    pub(super) fn found(&self) -> Option<String> {
        let names: Vec<String> = self.order.iter().map(|column| quoted(&shortened(&column.name))).collect();
        match names.as_slice() {
            [] => None,
            [only] => Some(format!("the only column is {only}")),
            names => Some(format!("the columns are {}", listed(names))),
        }
    }

    /// What to do where the first line of a text file does not look like a header.
    fn titles(&self) -> Option<String> {
        let options = &self.dataset.source.options;
        if !is_text(self.dataset) || options.count("skip_rows").is_some() || options.count("header_row").is_some() {
            return None;
        }
        let is_made =
            |name: &str| name.strip_prefix("column_").is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()));
        let made = self.order.iter().filter(|column| is_made(&column.name)).count();
        let is_title = self.order.len() == 1 || made * 2 >= self.order.len();
        is_title.then(|| {
            "the first line may be a title: where the names of columns are on a later line, write \
             `source: { path: …, header_row: 3 }` with its number"
                .to_owned()
        })
    }

    /// What to do where the header may be read in a wrong encoding.
    fn other_encoding(&self) -> Option<String> {
        let Some(encoding) = self.dataset.source.options.text("encoding") else {
            let is_replaced = self.order.iter().any(|column| column.name.contains('\u{fffd}'));
            return is_replaced.then(|| {
                "the names of columns are not UTF-8: declare the encoding, such as \
                 `source: { path: …, encoding: windows-1258 }` or windows-1252"
                    .to_owned()
            });
        };
        let first = self.order.first()?;
        Some(format!(
            "read as `encoding: {encoding}`, the first column is called {}: if that is not its name, declare the encoding of \
             the file, or leave `encoding` out for UTF-8",
            quoted(&shortened(&first.name))
        ))
    }

    /// Checks that a column can be used; otherwise what is wrong, and what to do.
    pub(super) fn check(&self, name: &str) -> Result<(), Misfit> {
        if self.known != Known::Stored {
            // Only the data shows whether it exists.
            return Ok(());
        }
        let dataset = quoted(&self.dataset.name);
        match self.effective(name) {
            Ok(_) => Ok(()),
            Err(Unfit::Unknown) => {
                let known = self.order.iter().chain(self.inner).map(|column| column.name.as_str());
                let is_pattern = wildcard::is_pattern(name).then(|| PATTERNS.to_owned());
                let meant = is_pattern.or_else(|| nearest(name, known).map(|near| did_you_mean(name, near)));
                let found = self.fields(name).or_else(|| self.found());
                let help = match meant.or_else(|| self.otherwise()).or_else(|| self.other_delimiter()) {
                    // In a wrong encoding names say nothing.
                    None => self.other_encoding().or_else(|| joined([self.titles(), found])),
                    meant => joined([meant, found]),
                };
                Err(Misfit { message: format!("{dataset} has no column {}", quoted(name)), help })
            }
            Err(Unfit::Unsupported(stored)) => {
                Err(Misfit::new(format!("the column {} is stored as {stored}, which no rule can read", quoted(name))))
            }
            Err(Unfit::Contradiction(declared, stored)) => {
                let help = Some("leave the type out, or declare the type that is stored".to_owned());
                let message = format!("the column {} is declared {declared} but stored as {stored}", quoted(name));
                Err(Misfit { message, help })
            }
            Err(Unfit::Notation(stored)) => {
                let help = "number cells are written with a point, and date cells as 2026-11-30: make all cells of the \
                            column texts, or numbers or dates, or leave the notation of the column out";
                let message = format!(
                    "the column {} is stored as {stored}: no notation can be declared for it, since it would be read into \
                     the numbers and dates as well",
                    quoted(name)
                );
                Err(Misfit { message, help: Some(help.to_owned()) })
            }
        }
    }
}

/// Whether a notation is declared that would read cells which are numbers or dates and not texts.
fn reads_mixed(stored: &SourceColumn, column: Option<&ColumnDecl>, around: &Notation) -> bool {
    let notation = column.map_or(around, |column| &column.notation);
    let is_other = notation.decimal.is_some_and(|sign| sign != Notation::POINT)
        || notation.thousands == Some(Grouping::Sign(Notation::POINT));
    let is_read = |column: &ColumnDecl| column.data_type.is_some();
    stored.mixes_numbers() && is_other && column.is_some_and(is_read)
        || (stored.mixes_dates() || stored.mixes_numbers()) && column.is_some_and(|column| column.format.is_some())
}

impl Columns for Table<'_> {
    fn data_type(&self, name: &str) -> Result<DataType, ColumnProblem> {
        if self.is_binary(name) {
            return Err(ColumnProblem::Unsupported);
        }
        self.effective(name).map_err(|unfit| match unfit {
            Unfit::Unknown => ColumnProblem::Unknown,
            Unfit::Unsupported(_) | Unfit::Contradiction(..) | Unfit::Notation(_) => ColumnProblem::Unsupported,
        })
    }

    fn list_length(&self, name: &str) -> Option<String> {
        self.list_length(name)
    }

    fn found(&self, name: &str) -> Option<String> {
        self.fields(name).or_else(|| self.found()).filter(|_| self.known == Known::Stored)
    }

    fn names(&self) -> Vec<String> {
        match self.known {
            Known::Stored => self.order.iter().chain(self.inner).map(|column| column.name.clone()).collect(),
            Known::Declared { .. } => self.dataset.columns.keys().cloned().collect(),
        }
    }
}

/// What to do, in one sentence after the other; `None` where there is none.
fn joined(sentences: [Option<String>; 2]) -> Option<String> {
    let sentences: Vec<String> = sentences.into_iter().flatten().collect();
    (!sentences.is_empty()).then(|| sentences.join("; "))
}

/// The first of these names, and how many there are.
fn listed(names: &[String]) -> String {
    const SHOWN: usize = 12;
    let more = if names.len() > SHOWN { format!(" … ({SHOWN} of {})", names.len()) } else { String::new() };
    format!("{}{more}", names[..names.len().min(SHOWN)].join(", "))
}

/// A name that fits into a message.
fn shortened(name: &str) -> String {
    const SHOWN: usize = 24;
    if name.chars().count() <= SHOWN {
        return name.to_owned();
    }
    name.chars().take(SHOWN).chain(['…']).collect()
}

/// Whether the cells of a dataset are text for certain.
pub(super) fn is_text(dataset: &Dataset) -> bool {
    let named = || Format::of_path(Path::new(&dataset.source.location));
    dataset.source.format.or_else(named).is_some_and(|format| format.is_text)
}
