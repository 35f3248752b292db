//! `passmuster report`

use std::path::PathBuf;

use anyhow::bail;

use super::args::Reporting;
use super::color::{ColorChoice, Environment};
use super::exit::{Exit, REPORT_EXIT_CODES};
use super::reports::Reports;
use super::stored::Stored;
use crate::evidence::Evidence;
use crate::report::FailingRows;
use crate::worklist::Listed;

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

    /// The evidence folder of the same audit: a workbook then lists the failing rows
    #[arg(long, value_name = "DIR")]
    evidence: Option<PathBuf>,

    /// Show passed rules and files too
    #[arg(short, long)]
    verbose: bool,
}

/// Renders the result.
pub(super) fn run(args: &ReportArgs, color: ColorChoice, environment: &Environment) -> anyhow::Result<Exit> {
    let reports = Reports::plan(&args.reporting, environment)?;
    let mut stored = Stored::read(&args.result)?;
    reports.spare(&[stored.input()])?;
    let evidence = args.evidence.as_deref().map(Evidence::open).transpose()?;
    if let (Some(evidence), Some(folder)) = (&evidence, &args.evidence)
        && stored.report.digest.as_ref() != Some(&evidence.manifest().result)
    {
        bail!(
            "the evidence in {} is of another result than {}; name the folder that the same audit filled",
            folder.display(),
            args.result.display()
        );
    }
    let listed = evidence.as_ref().map(Listed);
    let failing = listed.as_ref().map(|listed| listed as &dyn FailingRows);
    let look = args.reporting.look(args.verbose);
    // Times that the result has were asked for when it was written.
    reports.write(&mut stored.report, failing, true, (color, environment), look)?;
    Ok(Exit::Passed)
}
