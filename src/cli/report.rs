//! `passmuster report`

use std::path::PathBuf;

use super::args::Reporting;
use super::color::{ColorChoice, Environment};
use super::exit::{Exit, REPORT_EXIT_CODES};
use super::reports::Reports;
use super::stored::Stored;

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
    let reports = Reports::plan(&args.reporting, environment)?;
    let mut stored = Stored::read(&args.result)?;
    reports.spare(&[stored.input()])?;
    let look = args.reporting.look(args.verbose);
    // Times that the result has were asked for when it was written.
    reports.write(&mut stored.report, None, true, (color, environment), look)?;
    Ok(Exit::Passed)
}
