//! `passmuster report`

use std::path::PathBuf;

use super::args::{self, Format};
use super::color::{self, ColorChoice, Environment};
use super::exit::{Exit, REPORT_EXIT_CODES};
use super::output::{self, Target};
use super::stored::Stored;
use crate::report::{FORMATS, Look};

/// Show a stored result in any format
///
/// Writes what `audit` wrote: the same bytes, except for times.
#[derive(Debug, clap::Args)]
#[command(after_help = REPORT_EXIT_CODES)]
pub(super) struct ReportArgs {
    /// The result, as `audit --format json` wrote it
    #[arg(value_name = "RESULT")]
    result: PathBuf,

    /// How to write the report
    #[arg(long, value_name = "FORMAT", value_parser = args::format(), default_value = FORMATS[0].name())]
    format: Format,

    /// Write the report to FILE; FILE is only replaced when the report is complete
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Show passed rules and files too
    #[arg(short, long)]
    verbose: bool,
}

/// Renders the result.
pub(super) fn run(args: &ReportArgs, color: ColorChoice, environment: &Environment) -> anyhow::Result<Exit> {
    let target = Target::new(args.output.as_deref())?;
    let stored = Stored::read(&args.result)?;
    target.spare(&[stored.input()])?;
    target.agrees_with(args.format.0.name(), &args::format_names())?;
    let render = |look: &Look| args.format.0.render(&stored.report, look);
    match &target {
        Target::Stdout => output::to_stdout(&render(&environment.look(color, args.verbose)))?,
        Target::File(file) => file.write(&render(&color::look_in_file(color, args.verbose)))?,
    }
    Ok(Exit::Passed)
}
