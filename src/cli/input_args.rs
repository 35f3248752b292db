//! How an export is read, where no suite says it, and what can be known of it before its rows are read.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::bail;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use super::args::did_you_mean;
use super::output;
use crate::identifiers::{Context, Detectors, find};
use crate::identify::recognise;
use crate::model::{AsOf, Dialect, yaml};
use crate::report::Safe;
use crate::scalar::civil_from_days;
use crate::source::{
    COMMON_OPTIONS, FORMATS, Format, FormatOption, OptionValue, Options, Source, SourceError, SourceSpec,
};
use crate::text::{Family, FormatSet};

/// How an export is read.
#[derive(Debug, clap::Args)]
pub(super) struct InputArgs {
    /// The format of the export, if its name does not show it
    #[arg(long, value_name = "FORMAT", value_parser = input_format())]
    input_format: Option<&'static Format>,

    /// The character between cells of delimited text, or `tab` [default: a comma; a tab in
    /// .tsv and .tab files, a bar in .psv files]
    #[arg(long, value_name = "CHAR", value_parser = byte)]
    delimiter: Option<u8>,

    /// The quote character of delimited text, or `none` [default: "]
    #[arg(long, value_name = "CHAR", value_parser = quote)]
    quote: Option<Quote>,

    /// The first record of delimited text holds no column names
    #[arg(long)]
    no_header: bool,

    /// The character encoding of delimited text, such as windows-1258 [default: UTF-8]
    #[arg(long, value_name = "NAME", value_parser = encoding)]
    encoding: Option<String>,

    /// Any other option of the format, as a suite writes it under `source`, such as `skip_rows=2`; repeatable. `passmuster list
    /// input-formats` names them
    #[arg(long, value_name = "NAME=VALUE", value_parser = read_with)]
    read_with: Vec<(&'static str, OptionValue)>,

    /// A token that counts as missing, besides empty and blank cells; repeatable
    #[arg(long, value_name = "TOKEN")]
    missing: Vec<String>,
}

/// An export that was opened.
pub(super) struct Export {
    /// Its files and columns.
    pub(super) source: Source,
    /// How it seems to be written, where that differs from how it was read.
    pub(super) dialect: Option<Dialect>,
}

impl InputArgs {
    /// The export at a place, read in this way.
    pub(super) fn spec(&self, file: &str) -> SourceSpec {
        let mut spec = SourceSpec {
            location: file.to_owned(),
            further: Vec::new(),
            base: PathBuf::new(),
            format: self.input_format,
            options: options_of(self),
        };
        if let Some(home) = std::env::home_dir() {
            spec.start_at_home(&home);
        }
        spec
    }

    /// The tokens that count as missing.
    pub(super) fn missing(&self) -> BTreeSet<String> {
        self.missing.iter().cloned().collect()
    }

    /// Opens an export. Refuses names of columns that look like values: without a header they would be shown.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub(super) fn open(&self, spec: &SourceSpec, as_of: AsOf, memory: u64, quiet: bool) -> anyhow::Result<Export> {
        let source = Source::open_within(spec, memory).inspect_err(|_| hint(spec, quiet))?;
        let dialect = dialect(self, as_of, &source, spec)?;
        if let Some(at) = value_among_names(self, as_of, &source) {
            hint(spec, quiet);
            bail!(
                "the name of column {at} of {} looks like a value: if the first record has no names, use --no-header; if it \
                 has, rename the column, because names are shown and values are not",
                spec.location
            );
        }
        Ok(Export { source, dialect })
    }
}

/// The quote character; `None` where quotes are ordinary characters.
#[derive(Debug, Clone, Copy)]
struct Quote(Option<u8>);

fn input_format() -> impl TypedValueParser<Value = &'static Format> {
    let values = FORMATS.iter().map(|format| PossibleValue::new(format.name));
    PossibleValuesParser::new(values).try_map(|name| Format::from_name(&name).ok_or("no such format"))
}

/// Why an option about delimited text cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum CsvOptionError {
    #[error("write one ASCII character, or `tab`")]
    Character,
    #[error("no encoding has that name{}", did_you_mean(.0, COMMON_ENCODINGS))]
    Encoding(String),
    #[error("write NAME=VALUE, such as skip_rows=2")]
    Form,
    #[error("no format has an option `{}`{}", Safe(.0), did_you_mean(.0, option_names()))]
    Option(String),
    #[error("`{0}` takes {1}")]
    Value(&'static str, &'static str),
}

fn options() -> impl Iterator<Item = &'static FormatOption> {
    FORMATS.iter().flat_map(|format| format.options).chain(COMMON_OPTIONS.iter().copied())
}

fn option_names() -> impl Iterator<Item = &'static str> {
    options().map(|option| option.name)
}

/// An option of a format and its value.
fn read_with(text: &str) -> Result<(&'static str, OptionValue), CsvOptionError> {
    let (name, value) = text.split_once('=').ok_or(CsvOptionError::Form)?;
    let option = options().find(|option| option.name == name.trim());
    let option = option.ok_or_else(|| CsvOptionError::Option(name.to_owned()))?;
    let value = option.kind.read(value).ok_or(CsvOptionError::Value(option.name, option.kind.expected()))?;
    Ok((option.name, value))
}

/// Encodings that exports have.
const COMMON_ENCODINGS: [&str; 6] = ["utf-8", "windows-1252", "windows-1258", "utf-16le", "utf-16be", "latin1"];

fn byte(text: &str) -> Result<u8, CsvOptionError> {
    match text.as_bytes() {
        _ if matches!(text, "tab" | "\\t") => Ok(b'\t'),
        [byte] if byte.is_ascii() => Ok(*byte),
        _ => Err(CsvOptionError::Character),
    }
}

fn quote(text: &str) -> Result<Quote, CsvOptionError> {
    if text == "none" { Ok(Quote(None)) } else { byte(text).map(|byte| Quote(Some(byte))) }
}

fn encoding(text: &str) -> Result<String, CsvOptionError> {
    let known = encoding_rs::Encoding::for_label(text.as_bytes());
    known.map(|_| text.to_owned()).ok_or_else(|| CsvOptionError::Encoding(text.to_owned()))
}

/// The first column, counted from one, whose name looks like a value, where names are those of the first record.
fn value_among_names(args: &InputArgs, as_of: AsOf, source: &Source) -> Option<usize> {
    if args.no_header || !source.format().has_option("header") {
        return None;
    }
    let names: Vec<&str> = source.columns().iter().map(|column| column.name.as_str()).collect();
    value_among(&names, as_of)
}

/// The first name, counted from one, that looks like a value.
fn value_among(names: &[&str], as_of: AsOf) -> Option<usize> {
    let context = Context { year: civil_from_days(as_of.day).0, foreign_births: true };
    let kinds = ["us.ssn", "vn.plate", "iban", "vn.health_card"];
    let is_number = |name: &str| {
        let sound = |kind: &&str| find(kind).is_some_and(|kind| kind.judge(name, context).is_ok());
        // Dates and years are names of columns, longer numbers are not.
        let digits = name.bytes().filter(u8::is_ascii_digit).count();
        let is_dialled = name.bytes().all(|byte| byte.is_ascii_digit() || b" .-+()".contains(&byte));
        (digits > 8 && is_dialled) || kinds.iter().any(sound)
    };
    let is_value =
        |name: &str| !is_period(name) && (is_number(name) || !Detectors::EVERY.in_text(name, context).is_empty());
    names.iter().position(|name| is_value(name)).map(|at| at + 1)
}

/// Whether a name is a date, with or without a time, or two of them: `20240101-20240331`, `202401150930`.
fn is_period(name: &str) -> bool {
    let is_day = |text: &str| Family::Date.of(text) != FormatSet::default();
    let are_days = |sign: &str| name.split_once(sign).is_some_and(|(from, to)| is_day(from) && is_day(to));
    is_day(name) || [" - ", " – ", "-", "–", " "].into_iter().any(are_days)
}

/// How the export seems to be written, where that differs from how it was read.
fn dialect(args: &InputArgs, as_of: AsOf, source: &Source, spec: &SourceSpec) -> Result<Option<Dialect>, SourceError> {
    if !source.format().has_option("delimiter") {
        return Ok(None);
    }
    let mut dialect = recognise(&source.beginning()?, &spec.options);
    if let Some(dialect) = &mut dialect {
        // Names are those of the header that is proposed, which may be another record than the one that was read.
        let names: Vec<&str> = dialect.columns.keys().map(String::as_str).collect();
        if !args.no_header && value_among(&names, as_of).is_some() {
            dialect.columns.clear();
            dialect.evidence.retain(|evidence| evidence.option != "format");
            dialect.questions.clear();
        }
    }
    Ok(dialect.filter(|dialect| !dialect.is_empty()).map(|dialect| with_place(dialect, spec)))
}

/// A dialect with what was asked for, so that its declaration is about all files and keeps what was given.
fn with_place(mut dialect: Dialect, spec: &SourceSpec) -> Dialect {
    let mut place = format!("path: {}", yaml(&spec.location));
    if let Some(format) = spec.format {
        // Writing to a string cannot fail.
        _ = write!(place, ", format: {}", format.name);
    }
    let given = spec.options.iter().filter(|(name, _)| !dialect.source.contains_key(*name));
    for (name, value) in given.collect::<Vec<_>>() {
        let value = match value {
            OptionValue::Flag(flag) => flag.to_string(),
            OptionValue::Character(None) => "none".to_owned(),
            OptionValue::Character(Some(byte)) => yaml(&char::from(*byte).to_string()),
            OptionValue::Text(text) => yaml(text),
            OptionValue::Names(names) => {
                format!("[{}]", names.iter().map(|name| yaml(name)).collect::<Vec<_>>().join(", "))
            }
            OptionValue::Count(count) => count.to_string(),
        };
        _ = write!(place, ", {name}: {value}");
    }
    dialect.place = Some(place);
    dialect
}

/// Says on standard error how a file that could not be read seems to be written.
pub(super) fn hint(spec: &SourceSpec, quiet: bool) {
    if quiet {
        return;
    }
    let dialect = Source::beginning_of(spec).and_then(|beginning| recognise(&beginning, &spec.options));
    let dialect = dialect.map(|dialect| with_place(dialect, spec));
    if let Some(declaration) = dialect.as_ref().and_then(Dialect::source_declaration) {
        output::say(format_args!("hint: it looks as if it were written like this: {declaration}"));
    }
}

/// How the export is written, as far as that is said.
fn options_of(args: &InputArgs) -> Options {
    let mut options = Options::default();
    if let Some(delimiter) = args.delimiter {
        options.set("delimiter", delimiter);
    }
    if let Some(Quote(quote)) = args.quote {
        options.set("quote", quote);
    }
    if args.no_header {
        options.set("header", false);
    }
    if let Some(encoding) = &args.encoding {
        options.set("encoding", encoding.as_str());
    }
    for (name, value) in &args.read_with {
        options.set(name, value.clone());
    }
    options
}
