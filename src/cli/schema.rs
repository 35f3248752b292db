//! `passmuster schema`

use clap::ValueEnum;

use super::exit::Exit;
use super::output;
use crate::{report, rules};

/// Print the JSON Schema of suites, or of what commands write
#[derive(Debug, clap::Args)]
pub(super) struct SchemaArgs {
    /// The document that the schema describes
    #[arg(value_enum, default_value_t)]
    document: Document,
}

/// The documents that have a schema.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Document {
    /// Suites, as written in YAML
    #[default]
    Suite,
    /// Files of waivers, as written in YAML
    Waivers,
    /// Results, as written by `audit --format json`
    Result,
    /// Comparisons, as written by `diff --format json`
    Diff,
    /// Changes of suites, as written by `changelog --format json`
    Changelog,
    /// Manifests of evidence folders, as written by `audit --evidence`
    Evidence,
    /// What datasets contain, as written by `profile --format json`
    Profile,
    /// What columns hold, as written by `identify --format json`
    Identify,
    /// Manifests, as written by `audit --quarantine`
    Quarantine,
}

/// Prints the schema.
pub(super) fn run(args: &SchemaArgs) -> anyhow::Result<Exit> {
    let schema = match args.document {
        Document::Suite => rules::suite_schema(),
        Document::Waivers => rules::waivers_schema(),
        Document::Result => report::json::result_schema(),
        Document::Diff => report::compared::schema(),
        Document::Changelog => report::changed::schema(),
        Document::Evidence => report::json::evidence_schema(),
        Document::Profile => report::data_profile::schema(),
        Document::Identify => report::identified::schema(),
        Document::Quarantine => report::json::quarantine_schema(),
    };
    output::to_stdout(&format!("{schema:#}\n"))?;
    Ok(Exit::Passed)
}
