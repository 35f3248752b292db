//! `passmuster diff`

use std::path::PathBuf;

use clap::ValueEnum;

use super::color::{ColorChoice, Environment};
use super::exit::{DIFF_EXIT_CODES, Exit};
use super::output::{TABLE_OR_JSON, Target};
use super::stored::Stored;
use crate::compare::compare;
use crate::report::{Look, compared, json};

/// Show what changed from one stored result to another
///
/// Says for each rule whether its failures are new, fixed, worse, better or unchanged, with the counts of both results. Only
/// counts of the same question are compared; of the other rules it says why they are not comparable.
#[derive(Debug, clap::Args)]
#[command(after_help = DIFF_EXIT_CODES)]
pub(super) struct DiffArgs {
    /// The older result, as `audit --format json` wrote it
    #[arg(value_name = "OLD")]
    old: PathBuf,

    /// The newer result of the same suite
    #[arg(value_name = "NEW")]
    new: PathBuf,

    /// How to write the comparison
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    format: DiffFormat,

    /// Write the comparison to FILE; FILE is only replaced when the comparison is complete
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Show rules without a change, and all that are not comparable
    #[arg(short, long)]
    verbose: bool,
}

/// The formats of a comparison.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum DiffFormat {
    /// For people
    #[default]
    Table,
    /// For programs, the same bytes for the same results
    Json,
}

/// Compares two results.
pub(super) fn run(args: &DiffArgs, color: ColorChoice, environment: &Environment) -> anyhow::Result<Exit> {
    let target = Target::new(args.output.as_deref())?;
    let (old, new) = (Stored::read(&args.old)?, Stored::read(&args.new)?);
    target.spare(&[old.input(), new.input()])?;
    let format = if args.format == DiffFormat::Json { "json" } else { "table" };
    target.agrees_with(format, &TABLE_OR_JSON)?;
    let diff = compare(&old.report, &new.report)?;
    let render = |look: &Look| match args.format {
        DiffFormat::Table => compared::render(&diff, look),
        DiffFormat::Json => json::written(&diff),
    };
    target.show((color, environment), Look { verbose: args.verbose, ..Look::default() }, &render)?;
    Ok(Exit::Passed)
}
