//! `passmuster judge`

use std::path::PathBuf;

use anyhow::Context as _;

use super::args::{self, FailOn, Judging, Reporting};
use super::audit::{conclude, unusable};
use super::color::{ColorChoice, Environment};
use super::exit::{Exit, JUDGE_EXIT_CODES};
use super::output;
use super::reports::Reports;
use super::stored::Stored;
use crate::audit::{JudgeOptions, judge_result};
use crate::model::AsOf;
use crate::report::Safe;
use crate::rules::{self, Diagnostics, LoadOptions};

/// Judge a stored result again by suites that have changed, without the data
///
/// Applies thresholds, severities, weights, dimensions, bands, the gate, owners and all texts of the suites to the counts
/// of the result. A rule that measures something else than it did, or that the result does not have, needs the data: it is
/// an error and fails the gate. Results of samples and of audits that were stopped early are refused.
#[derive(Debug, clap::Args)]
#[command(after_help = JUDGE_EXIT_CODES)]
pub(super) struct JudgeArgs {
    /// The result, as `audit --format json` wrote it
    #[arg(value_name = "RESULT")]
    result: PathBuf,

    /// The suites, YAML files: those of the audit, as they are now
    #[arg(value_name = "SUITE", required = true)]
    suites: Vec<PathBuf>,

    /// Give the parameter K of the suite the value V; repeatable
    #[arg(long, value_name = "K=V", value_parser = args::pair)]
    set: Vec<(String, String)>,

    /// The date or timestamp that counts as today; it must be that of the result [default: of the suite, else of the
    /// result]
    #[arg(long, value_name = "DATE", value_parser = args::as_of)]
    as_of: Option<AsOf>,

    /// The baseline of the audit, if it had one: rules `steady` are judged only with the same
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,

    #[command(flatten)]
    reporting: Reporting,

    #[command(flatten)]
    judging: Judging,

    /// Write only the report, and errors that prevent it
    #[arg(short, long, conflicts_with = "verbose")]
    quiet: bool,

    /// Show passed rules and files too
    #[arg(short, long)]
    verbose: bool,
}

/// Judges, writes the report, and says how the program ends.
pub(super) fn run(args: &JudgeArgs, color: ColorChoice, environment: &Environment) -> anyhow::Result<Exit> {
    let stderr_color = environment.stderr(color);
    let reports = Reports::plan(&args.reporting, environment)?;
    let stored = Stored::read(&args.result)?;
    let as_of = AsOf::parse(&stored.report.as_of);
    let load = LoadOptions {
        params: args::once("--set", &args.set)?,
        data: std::collections::BTreeMap::new(),
        as_of: args.as_of,
        home: None,
        baseline: args.baseline.clone(),
        gate_compares: false,
        today: as_of.with_context(|| format!("the result names no date: {:?}", stored.report.as_of))?,
    };
    let written = match rules::read_suite(&args.suites, &load) {
        Ok(written) => written,
        Err(diagnostics) => return Ok(unusable(&diagnostics, stderr_color, args.quiet)),
    };
    let mut inputs = written.suite.inputs.clone();
    inputs.push(stored.input());
    reports.spare(&inputs)?;
    let options = JudgeOptions {
        fail_on: args.judging.fail_on.map(|FailOn(severity)| severity),
        min_score: args.judging.min_score,
        select: args.judging.select.clone(),
    };
    let mut judged = match judge_result(stored.report, &written, &options) {
        Ok(judged) => judged,
        Err(error) => match error.downcast_ref::<Diagnostics>() {
            Some(diagnostics) => return Ok(unusable(diagnostics, stderr_color, args.quiet)),
            None => return Err(error),
        },
    };
    let look = args.reporting.look(args.verbose);
    reports.write(&mut judged.report, None, true, (color, environment), look)?;
    let report = &judged.report;
    let exit = Exit::from_report(report.exit_code);
    if !args.quiet {
        if let Some(diagnostics) = &judged.diagnostics {
            output::say(diagnostics.render(stderr_color).trim_end());
        }
        for file in reports.files() {
            output::say(format_args!("{} written to {}", file.document(), Safe(&file.given().to_string_lossy())));
        }
        conclude(report, exit);
    }
    Ok(exit)
}
