//! `passmuster changelog`

use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::args;
use super::color::{ColorChoice, Environment};
use super::exit::{CHANGELOG_EXIT_CODES, Exit};
use super::output::{self, TABLE_OR_JSON, Target};
use crate::model::BreakingCounts;
use crate::report::{Look, changed, json};
use crate::rules::{self, Diagnostics, LoadOptions, Written};

/// Show what changed in the rules from one suite to another, and whom it can break
///
/// Says of each change whether it is stricter, looser or other. Stricter rules and new ones can break the producer: data that
/// passed may fail. Looser and removed ones can break the consumer, who relied on what they promised. Suites are compared as
/// resolved: comments, order, short forms and defaults that are written out are no change. No data is read.
#[derive(Debug, clap::Args)]
#[command(after_help = CHANGELOG_EXIT_CODES)]
pub(super) struct ChangelogArgs {
    /// The older suite
    #[arg(value_name = "OLD")]
    old: PathBuf,

    /// The newer suite
    #[arg(value_name = "NEW")]
    new: PathBuf,

    /// End with exit code 1 if a change can break WHOM
    #[arg(long, value_name = "WHOM", value_enum)]
    fail_on: Option<Whom>,

    /// Give the parameter K of both suites the value V; repeatable
    #[arg(long, value_name = "K=V", value_parser = args::pair)]
    set: Vec<(String, String)>,

    /// How to write the changes
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    format: ChangelogFormat,

    /// Write the changes to FILE; FILE is only replaced when they are complete
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Whom a change must not break.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Whom {
    /// Who delivers the data
    Producer,
    /// Who relies on the data
    Consumer,
    /// One of them
    Any,
}

impl Whom {
    const fn is_hit(self, breaking: BreakingCounts) -> bool {
        match self {
            Self::Producer => breaking.producer > 0,
            Self::Consumer => breaking.consumer > 0,
            Self::Any => breaking.producer > 0 || breaking.consumer > 0,
        }
    }
}

/// The formats of a changelog.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum ChangelogFormat {
    /// For people
    #[default]
    Table,
    /// For programs, the same bytes for the same suites
    Json,
}

/// Compares two suites.
pub(super) fn run(args: &ChangelogArgs, color: ColorChoice, environment: &Environment) -> anyhow::Result<Exit> {
    let target = Target::new(args.output.as_deref())?;
    let options = LoadOptions {
        params: args::once("--set", &args.set)?,
        data: std::collections::BTreeMap::new(),
        as_of: None,
        home: std::env::home_dir(),
        baseline: None,
        // What rules compare with is no part of the rules.
        gate_compares: true,
        today: args::today(),
    };
    let (old, new) = (read(&args.old, &options), read(&args.new, &options));
    let refused: Vec<&Diagnostics> = [&old, &new].into_iter().filter_map(|read| read.as_ref().err()).collect();
    for diagnostics in &refused {
        output::say(diagnostics.render(environment.stderr(color)).trim_end());
    }
    let (Ok(old), Ok(new)) = (&old, &new) else { return Ok(Exit::CouldNotAudit) };
    let inputs: Vec<rules::Input> = [old, new].into_iter().flat_map(|written| written.suite.inputs.clone()).collect();
    target.spare(&inputs)?;
    let format = if args.format == ChangelogFormat::Json { "json" } else { "table" };
    target.agrees_with(format, &TABLE_OR_JSON)?;
    let log = rules::changes(old, new);
    let render = |look: &Look| match args.format {
        ChangelogFormat::Table => changed::render(&log, look),
        ChangelogFormat::Json => json::written(&log),
    };
    target.show((color, environment), Look::default(), &render)?;
    Ok(if args.fail_on.is_some_and(|whom| whom.is_hit(log.breaking)) { Exit::Failed } else { Exit::Passed })
}

/// Reads a suite and everything that is wrong with it.
fn read(path: &Path, options: &LoadOptions) -> Result<Written, Diagnostics> {
    rules::load(&[path.to_path_buf()], options)
}
