//! `passmuster list`

use clap::ValueEnum;
use comfy_table::{ContentArrangement, Table, presets};
use serde_json::json;

use super::exit::Exit;
use super::output;
use super::topics::TOPICS;
use crate::checks::CHECKS;
use crate::engine::ENGINES;
use crate::identifiers::KINDS;
use crate::model::{AggregateFunction, DataType, Dimension, Function, Severity};
use crate::report;
use crate::source::{self, FormatOption};

/// The width of a listing, in columns of a terminal.
const WIDTH: u16 = 80;

/// List what suites and commands can name
#[derive(Debug, clap::Args)]
pub(super) struct ListArgs {
    /// What to list
    #[arg(value_enum)]
    topic: Topic,

    /// How to write the list; as json, identifiers come with their patterns, weights and moduli
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    format: ListFormat,
}

/// How a list is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum ListFormat {
    /// For people
    #[default]
    Table,
    /// For programs
    Json,
}

/// What can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Topic {
    /// Kinds of rules, with their dimension
    Checks,
    /// Pages of `explain` besides checks
    Topics,
    /// Report formats
    Formats,
    /// Formats of data, with their extensions and options
    InputFormats,
    /// The six questions about a dataset
    Dimensions,
    /// How much failures matter
    Severities,
    /// Types of columns
    Types,
    /// Functions of expressions
    Functions,
    /// Kinds of identifiers
    Identifiers,
    /// Engines that measure
    Engines,
}

/// Prints one line for each name, or the list as JSON.
pub(super) fn run(args: &ListArgs) -> anyhow::Result<Exit> {
    if args.format == ListFormat::Json {
        output::to_stdout(&(serde_json::to_string_pretty(&items(args.topic)?)? + "\n"))?;
        return Ok(Exit::Passed);
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING).force_no_tty();
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(WIDTH);
    // The form of a function shows its name.
    let shown = usize::from(args.topic == Topic::Functions);
    table.add_rows(rows(args.topic).into_iter().map(|row| row[shown..].to_vec()));
    // Every cell is padded; the first column starts at the edge all the same.
    let lines = table.lines().map(|line| line.get(1..).unwrap_or_default().trim_end().to_owned() + "\n");
    output::to_stdout(&lines.collect::<String>())?;
    Ok(Exit::Passed)
}

/// What is listed, an object each.
fn items(topic: Topic) -> serde_json::Result<Vec<serde_json::Value>> {
    if topic == Topic::Identifiers {
        return KINDS.iter().map(|kind| serde_json::to_value(kind.definition())).collect();
    }
    if topic == Topic::InputFormats {
        return Ok(source::FORMATS.iter().map(|format| input_format(format)).collect());
    }
    let keys: &[&str] = match topic {
        Topic::Checks => &["name", "dimension", "summary"],
        Topic::Functions => &["name", "form", "summary"],
        _ => &["name", "summary"],
    };
    let item = |row: Vec<String>| {
        keys.iter().zip(row).map(|(key, cell)| ((*key).to_owned(), serde_json::Value::from(cell))).collect()
    };
    Ok(rows(topic).into_iter().map(item).collect())
}

/// A format of data as an object.
fn input_format(format: &source::Format) -> serde_json::Value {
    let option =
        |option: &FormatOption| json!({ "name": option.name, "default": option.default, "summary": option.doc });
    json!({
        "name": format.name,
        "extensions": format.extensions,
        "options": format.options.iter().map(option).collect::<Vec<_>>(),
    })
}

fn rows(topic: Topic) -> Vec<Vec<String>> {
    let row = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<String>>();
    match topic {
        Topic::Checks => {
            CHECKS.iter().map(|check| row(&[check.name(), check.dimension().name(), check.summary()])).collect()
        }
        Topic::Topics => TOPICS.iter().map(|topic| row(&[topic.name, topic.summary])).collect(),
        Topic::Formats => report::FORMATS.iter().map(|format| row(&[format.name(), format.summary()])).collect(),
        Topic::InputFormats => {
            let extensions = |format: &source::Format| {
                format.extensions.iter().map(|extension| format!(".{extension}")).collect::<Vec<_>>().join(" ")
            };
            let options = |format: &source::Format| {
                format.options.iter().map(|option| option.name).collect::<Vec<_>>().join(", ")
            };
            source::FORMATS.iter().map(|format| row(&[format.name, &extensions(format), &options(format)])).collect()
        }
        Topic::Dimensions => Dimension::ALL.iter().map(|at| row(&[at.name(), question(*at)])).collect(),
        Topic::Severities => Severity::ALL.iter().map(|at| row(&[at.name(), meaning(*at)])).collect(),
        Topic::Types => DataType::ALL.iter().map(|kind| row(&[kind.name()])).collect(),
        Topic::Functions => {
            let now = ["today", "as_of"]
                .into_iter()
                .zip([("today() -> date or datetime", NOW), ("as_of() -> date or datetime", NOW)]);
            let scalar = Function::ALL.iter().map(|(function, name)| (*name, function_use(*function)));
            let aggregates = AggregateFunction::ALL.iter().map(|(function, name)| (*name, aggregate_use(*function)));
            let all = scalar.chain(now).chain(aggregates);
            all.map(|(name, (form, meaning))| row(&[name, form, meaning])).collect()
        }
        Topic::Identifiers => KINDS.iter().map(|kind| row(&[kind.name, kind.summary])).collect(),
        Topic::Engines => ENGINES.iter().map(|engine| row(&[engine.name(), engine.summary()])).collect(),
    }
}

const fn question(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Correct => "do values obey their domain, each other and the reference",
        Dimension::Sufficient => "is everything there that must be there",
        Dimension::Clean => "is it free of duplicates, junk and damaged text",
        Dimension::Alive => "is it kept up to date, about entities that still exist",
        Dimension::Unified => "are codes, formats, keys and facts the same across datasets",
        Dimension::Shared => "is it fit to hand over",
    }
}

const fn meaning(severity: Severity) -> &'static str {
    match severity {
        Severity::Minor => "good to know",
        Severity::Major => "must be corrected; the default",
        Severity::Critical => "caps its dimension at 59.99 and makes the dataset red",
    }
}

/// The meaning of `today()` and `as_of()`.
const NOW: &str = "the date or timestamp of as_of";

/// How a function over one row is written with the types of its arguments and its result, and what it is. A date is also a
/// timestamp.
const fn function_use(function: Function) -> (&'static str, &'static str) {
    match function {
        Function::Length => ("length(text) -> integer", "the number of characters"),
        Function::Lower => ("lower(text) -> text", "the text in lower case"),
        Function::Upper => ("upper(text) -> text", "the text in upper case"),
        Function::Trim => ("trim(text) -> text", "the text without white space at its ends"),
        Function::Substr => {
            ("substr(text, start integer[, count integer]) -> text", "a part of the text; the first character is 1")
        }
        Function::Replace => ("replace(text, from text, to text) -> text", "the text with every `from` replaced"),
        Function::Coalesce => ("coalesce(any, any, …) -> common type", "the first value that is not missing"),
        Function::Abs => ("abs(number) -> same number", "the number without its sign"),
        Function::Round => {
            ("round(number[, digits integer]) -> same number", "the number rounded, by default to no digits")
        }
        Function::Year => ("year(date) -> integer", "the year"),
        Function::Month => ("month(date) -> integer", "the month, 1 to 12"),
        Function::Day => ("day(date) -> integer", "the day of the month"),
        Function::DateDiff => (
            "date_diff(a date, b date[, 'unit']) -> integer",
            "the days from b to a, or seconds, minutes, hours, weeks, months, years",
        ),
        Function::DateAdd => (
            "date_add(date, count integer, 'unit') -> date or datetime",
            "so many units later; or date + interval '3 hours'",
        ),
        Function::Age => ("age(date[, on date]) -> integer", "the completed years, by default on the date of as_of"),
        Function::Matches => {
            ("matches(text, 'pattern') -> boolean", "whether a regular expression matches the whole text")
        }
        Function::StartsWith => ("starts_with(text, start text) -> boolean", "whether the text begins so"),
        Function::EndsWith => ("ends_with(text, end text) -> boolean", "whether the text ends so"),
        Function::Contains => ("contains(text, part text) -> boolean", "whether the text contains the part"),
    }
}

/// How an aggregate over all rows is written with the types of its arguments and its result, and what it is. Of floats,
/// `avg`, `median` and `quantile` are floats.
const fn aggregate_use(function: AggregateFunction) -> (&'static str, &'static str) {
    match function {
        AggregateFunction::Count => {
            ("count(*), count(any) -> integer", "aggregate: the rows, or the values that are not missing")
        }
        AggregateFunction::Distinct => ("distinct(any) -> integer", "aggregate: the distinct values"),
        AggregateFunction::Min => ("min(any but boolean) -> same type", "aggregate: the smallest value"),
        AggregateFunction::Max => ("max(any but boolean) -> same type", "aggregate: the largest value"),
        AggregateFunction::Sum => ("sum(number) -> number", "aggregate: the sum"),
        AggregateFunction::Avg => ("avg(number) -> number", "aggregate: the arithmetic mean"),
        AggregateFunction::Share => {
            ("share(condition) -> decimal", "aggregate: the share of rows where it is true, 0 to 1")
        }
        AggregateFunction::Median => ("median(number or date) -> number or date", "aggregate: the value in the middle"),
        AggregateFunction::Quantile(_) => (
            "quantile(number or date, 0.95) -> number or date",
            "aggregate: the value at that share of the sorted values",
        ),
        AggregateFunction::Stddev => ("stddev(number) -> float", "aggregate: the standard deviation of a sample"),
        AggregateFunction::Correlation => {
            ("correlation(x number, y number) -> float", "aggregate: Pearson's coefficient of two numbers")
        }
        AggregateFunction::DistinctShare => {
            ("distinct_share(any) -> decimal", "aggregate: the distinct values by all values")
        }
    }
}
