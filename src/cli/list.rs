//! `passmuster list`

use clap::ValueEnum;
use comfy_table::{ContentArrangement, Table, presets};

use super::exit::Exit;
use super::output;
use crate::checks::CHECKS;
use crate::engine::ENGINES;
use crate::identifiers::KINDS;
use crate::model::{AggregateFunction, DataType, Dimension, Function, Severity};
use crate::report::FORMATS;

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
    let keys: &[&str] = if topic == Topic::Checks { &["name", "dimension", "summary"] } else { &["name", "summary"] };
    let item = |row: Vec<&str>| {
        keys.iter().zip(row).map(|(key, cell)| ((*key).to_owned(), serde_json::Value::from(cell))).collect()
    };
    Ok(rows(topic).into_iter().map(item).collect())
}

fn rows(topic: Topic) -> Vec<Vec<&'static str>> {
    let names = |names: &[&'static str]| names.iter().map(|name| vec![*name]).collect();
    match topic {
        Topic::Checks => {
            CHECKS.iter().map(|check| vec![check.name(), check.dimension().name(), check.summary()]).collect()
        }
        Topic::Formats => FORMATS.iter().map(|format| vec![format.name(), format.summary()]).collect(),
        Topic::Dimensions => Dimension::ALL.map(|dimension| vec![dimension.name(), question(dimension)]).into(),
        Topic::Severities => Severity::ALL.map(|severity| vec![severity.name(), meaning(severity)]).into(),
        Topic::Types => DataType::ALL.iter().map(|kind| vec![kind.name()]).collect(),
        Topic::Functions => {
            let row = Function::ALL.iter().map(|(_, name)| vec![*name, "of a row"]);
            row.chain(AggregateFunction::ALL.iter().map(|(_, name)| vec![*name, "of a dataset"])).collect()
        }
        Topic::Identifiers => KINDS.iter().map(|kind| vec![kind.name, kind.summary]).collect(),
        Topic::Engines => names(&ENGINES.iter().map(|engine| engine.name()).collect::<Vec<_>>()),
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
