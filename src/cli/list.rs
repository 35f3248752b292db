//! `passmuster list`

use clap::ValueEnum;
use comfy_table::{ContentArrangement, Table, presets};
use serde_json::json;

use super::exit::Exit;
use super::output;
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
    /// Report formats
    Formats,
    /// Formats of data, with their extensions and options
    InputFormats,
    /// The six questions asked of a dataset
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
    table.add_rows(rows(args.topic));
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
    let keys: &[&str] = if topic == Topic::Checks { &["name", "dimension", "summary"] } else { &["name", "summary"] };
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
            let rows = Function::ALL.iter().map(|(_, name)| row(&[name, "of a row"]));
            rows.chain(AggregateFunction::ALL.iter().map(|(_, name)| row(&[name, "of a dataset"]))).collect()
        }
        Topic::Identifiers => KINDS.iter().map(|kind| row(&[kind.name, kind.summary])).collect(),
        Topic::Engines => ENGINES.iter().map(|engine| row(&[engine.name(), engine.summary()])).collect(),
    }
}

const fn question(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Correct => "do values obey their domain, each other and the reference",
        Dimension::Sufficient => "is there what must be there",
        Dimension::Clean => "is it free of duplicates, junk and damaged text",
        Dimension::Alive => "is it kept up to date, about entities that still exist",
        Dimension::Unified => "are codes, formats, keys and facts the same across datasets",
        Dimension::Shared => "is it fit to hand over",
    }
}

const fn meaning(severity: Severity) -> &'static str {
    match severity {
        Severity::Minor => "worth knowing",
        Severity::Major => "must be mended; the default",
        Severity::Critical => "caps its dimension at 59.99 and makes the dataset red",
    }
}
