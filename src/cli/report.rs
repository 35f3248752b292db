//! `passmuster report`

use std::path::PathBuf;

use super::args::{self, Reporting};
use super::color::{ColorChoice, Environment};
use super::exit::{Exit, REPORT_EXIT_CODES};
use super::output::Target;
use super::stored::Stored;
use crate::report::Look;

/// Show a stored result in any format
///
/// Writes what `audit` wrote: the same bytes, except for times.
#[derive(Debug, clap::Args)]
#[command(after_help = REPORT_EXIT_CODES)]
pub(super) struct ReportArgs {
    /// The result, as `audit --format json` wrote it
    #[arg(value_name = "RESULT")]
    result: PathBuf,

    #[command(flatten)]
    reporting: Reporting,

    /// Show passed rules and files too
    #[arg(short, long)]
    verbose: bool,
}

/// Renders the result.
pub(super) fn run(args: &ReportArgs, color: ColorChoice, environment: &Environment) -> anyhow::Result<Exit> {
    let target = Target::new(args.reporting.output.as_deref())?;
    let stored = Stored::read(&args.result)?;
    target.spare(&[stored.input()])?;
    target.agrees_with(args.reporting.format.0.name(), &args::format_names())?;
    let render = |look: &Look| args.reporting.format.0.render(&stored.report, look);
    target.show((color, environment), args.verbose, &render)?;
    Ok(Exit::Passed)
}
