//! `passmuster audit`

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::bail;
use clap::ArgGroup;

use super::args::{self, EngineName, FailOn, Filling, Judging, Reporting};
use super::color::{ColorChoice, Environment};
use super::evidence_options::EvidenceArgs;
use super::exit::{EXIT_CODES, Exit};
use super::limit_args::LimitArgs;
use super::output::{self, Document, FileTarget};
use super::progress::Watch;
use super::quarantine::{self, QuarantineArgs};
use super::reports::Reports;
use super::signals::Signals;
use super::stored::Stored;
use crate::audit::{AuditOptions, Known, RecordSink, audit_written};
use crate::engine::ENGINES;
use crate::evidence::Evidence;
use crate::model::{AuditReport, DatasetStatus, Share, Status, Verdict};
use crate::report::{FailingRows, Safe, json};
use crate::rules::{self, Diagnostics, LoadOptions};
use crate::worklist::Listed;

/// What `--help` begins with.
const EXAMPLE: &str = "\
Example:
  passmuster audit suite.yaml
  passmuster audit suite.yaml --format html --output report.html";

/// Audit datasets against the rules of suites
///
/// Reads every dataset of the suites, counts what breaks their rules, and writes the report to standard output.
/// Everything else goes to standard error.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
#[command(before_help = EXAMPLE, after_help = EXIT_CODES, group = ArgGroup::new("filled").multiple(true).args(["evidence", "quarantine"]))]
pub(super) struct AuditArgs {
    /// The suites, YAML files; several are audited as one, so names of datasets and rules must differ
    #[arg(value_name = "SUITE", required = true)]
    suites: Vec<PathBuf>,

    #[command(flatten)]
    filling: Filling,

    #[command(flatten)]
    reporting: Reporting,

    #[command(flatten)]
    judging: Judging,

    /// Fail the gate only for rules that passed in --baseline or got worse since
    ///
    /// A rule that failed there too is known: it is listed with its counts then and now, keeps its place in the score, and
    /// does not fail the gate. Rules that the baseline does not have, or that measure something else, are not known.
    /// The lowest scores of the gate hold as usual.
    #[arg(long, requires = "baseline", conflicts_with_all = ["sample", "stop_early"])]
    fail_on_new: bool,

    /// How many percentage points the failing share of a known rule may rise, such as 0.1% [default: none]
    #[arg(long, value_name = "SHARE", requires = "fail_on_new", value_parser = args::share)]
    tolerance: Option<Share>,

    /// What measures; `passmuster list engines` names them
    #[arg(long, value_name = "NAME", value_parser = args::engine(), default_value = ENGINES[0].name())]
    engine: EngineName,

    /// Measure with the reference engine too, and report every integer that differs
    ///
    /// The reference engine is plain code that goes row by row, with all rows in memory. Datasets of up to a million rows
    /// are verified whole, and so are those that other rules look into. Of larger ones, rules about rows are verified on a
    /// million rows; the report names the share and the rules that were not verified. A difference ends with exit code 2:
    /// please report it. If no rule could be compared, the exit code is 2 as well.
    #[arg(long, conflicts_with_all = ["sample", "stop_early"])]
    verify: bool,

    /// Read only a sample of the rows, such as 1% or 0.1%, for a first verdict
    ///
    /// Reads parts that are spread evenly over the data. Rules about rows get a 95 % interval of the failing share, and
    /// fail, pass or stay undecided by it. Rules about the whole (`unique`, `row_count`, `fresh` …) are not measured. The
    /// report marks everything as sampled, and a sample never passes the gate: without a failed rule the verdict is
    /// `undecided` and the exit code 0. Compressed text, lines of JSON and small files are read in full.
    #[arg(long, value_name = "SHARE", value_parser = args::share)]
    sample: Option<Share>,

    /// End as soon as the gate cannot pass any more, and name the rules that were not measured
    ///
    /// Datasets are read one after the other. Only failed rules (--fail-on) end an audit early: the lowest scores of the
    /// gate (`min_score`) need all rows.
    #[arg(long, conflicts_with = "sample")]
    stop_early: bool,

    /// How many failing rows of each rule the report names, by file and record; 0 to 10000
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(0..=10_000))]
    failing_rows: u16,

    /// Search where the failing rows of each failed rule are, and which rules fail together
    ///
    /// Names the smallest groups of rows, by the values of one or two columns, that hold most failing rows of the rule, with
    /// the counts on both sides. Only columns with at most 64 different values are used, also months and years of dates;
    /// personal columns never, and no group of fewer than 5 rows is shown. The report then shows values of these columns.
    #[arg(long, conflicts_with_all = ["sample", "stop_early"])]
    where_failing: bool,

    #[command(flatten)]
    limits: LimitArgs,

    /// Show times and memory in the json report too; it then differs between equal audits
    #[arg(long)]
    timings: bool,

    /// Write to FILE what each rule cost, for `explain --cost --profile FILE`
    #[arg(long, value_name = "FILE", conflicts_with_all = ["sample", "stop_early"])]
    profile: Option<PathBuf>,

    /// Write only the report, and errors that prevent it
    #[arg(short, long, conflicts_with = "verbose")]
    quiet: bool,

    /// Show passed rules and files too
    #[arg(short, long)]
    verbose: bool,

    // Their headings hold for all that follows.
    #[command(flatten)]
    evidence: EvidenceArgs,

    #[command(flatten)]
    quarantine: QuarantineArgs,

    /// Write to a folder that is not empty; only the files that are written are replaced
    #[arg(long, requires = "filled", help_heading = "Evidence and quarantine")]
    force: bool,
}

/// Audits, writes the report, and says how the program ends.
pub(super) fn run(args: &AuditArgs, color: ColorChoice, environment: &Environment) -> anyhow::Result<Exit> {
    let signals = Signals::listen()?;
    let limits = args.limits.limits()?;
    let options = AuditOptions {
        load: LoadOptions { gate_compares: args.fail_on_new, ..args.filling.options()? },
        fail_on: args.judging.fail_on.map(|FailOn(severity)| severity),
        min_score: args.judging.min_score,
        new_only: known(args)?,
        select: args.judging.select.clone(),
        engine: args.engine.0,
        verify: args.verify,
        sample: args.sample,
        stop_early: args.stop_early,
        threads: limits.threads,
        timings: true,
        memory: limits.memory,
        spill_dir: limits.spill_dir,
        where_failing: args.where_failing,
        profile: args.profile.is_some(),
        failing_rows: usize::from(args.failing_rows),
    };
    let stderr_color = environment.stderr(color);
    let reports = Reports::plan(&args.reporting, environment)?;
    let profile = args.profile.as_deref().map(|path| FileTarget::new(Document::Profile, path)).transpose()?;
    if let Some(profile) = profile.as_ref().filter(|profile| reports.files().any(|report| report.is_same_as(profile))) {
        bail!(
            "a report and --profile are both written to {}; name another file for one of them",
            profile.given().display()
        );
    }
    let written = match rules::read_suite(&args.suites, &options.load) {
        Ok(written) => written,
        Err(diagnostics) => return Ok(unusable(&diagnostics, stderr_color, args.quiet)),
    };
    reports.spare(&written.suite.inputs)?;
    profile.iter().try_for_each(|file| file.spare_inputs(&written.suite.inputs))?;
    let files: Vec<&FileTarget> = reports.files().chain(&profile).collect();

    let recorder = args.evidence.recorder(&written.suite, args.force)?;
    let collector = args.quarantine.collector(&written.suite, &options.spill_dir, args.force)?;
    let evidence = recorder.iter().map(|recorder| recorder as &dyn RecordSink);
    let sinks: Vec<&dyn RecordSink> =
        evidence.chain(collector.iter().map(|collector| collector as &dyn RecordSink)).collect();
    if let Some(folder) = args.quarantine.folder() {
        let others = files.iter().map(|file| file.given()).chain(args.evidence.folder());
        output::keep_apart(folder, "--quarantine", others)?;
    }
    let watch = Watch::new(signals.clone(), environment.is_watched() && !args.quiet);
    let audited = audit_written(written, &options, &sinks, &watch);
    watch.clear();
    if let Some(exit) = signals.caught() {
        return Ok(output::stopped(exit, "no report was written"));
    }
    let mut audited = match audited {
        Ok(audited) if audited.cancelled => return Ok(output::stopped(Exit::Interrupted, "no report was written")),
        Ok(audited) => audited,
        Err(error) => match error.downcast_ref::<Diagnostics>() {
            Some(diagnostics) => return Ok(unusable(diagnostics, stderr_color, args.quiet)),
            None => return Err(error),
        },
    };

    if let Some(recorder) = &recorder {
        recorder.finish(&audited.report)?;
    }
    let look = args.reporting.look(args.verbose);
    let recorded = args.evidence.folder().filter(|_| reports.list_failing_rows()).map(Evidence::open).transpose()?;
    let listed = recorded.as_ref().map(Listed);
    let failing = listed.as_ref().map(|listed| listed as &dyn FailingRows);
    reports.write(&mut audited.report, failing, args.timings, (color, environment), look)?;
    if let (Some(file), Some(measured)) = (&profile, &audited.profile) {
        file.write(&json::written(measured))?;
    }
    if let Some(collector) = collector
        && !quarantine::split(collector, &audited, &signals, args.quiet)?
    {
        let exit = signals.caught().unwrap_or(Exit::Interrupted);
        output::say(format_args!("exit {}: interrupted, nothing was split", exit.code()));
        return Ok(exit);
    }
    let report = &audited.report;
    let exit = Exit::from_report(report.exit_code);
    if !args.quiet {
        if let Some(diagnostics) = &audited.diagnostics {
            output::say(diagnostics.render(stderr_color).trim_end());
        }
        if let Some(doubt) = &audited.memory_doubt {
            output::say(format_args!("warning: {}", Safe(doubt)));
        }
        for file in files {
            output::say(format_args!("{} written to {}", file.document(), Safe(&file.given().to_string_lossy())));
        }
        if let Some(folder) = args.evidence.folder() {
            output::say(format_args!("evidence written to {}", Safe(&folder.to_string_lossy())));
        }
        conclude(report, exit);
    }
    Ok(exit)
}

/// The result whose failures are known, if the gate compares with one.
fn known(args: &AuditArgs) -> anyhow::Result<Option<Known>> {
    let Some(path) = args.filling.baseline.as_ref().filter(|_| args.fail_on_new) else { return Ok(None) };
    Ok(Some(Known { baseline: Arc::new(Stored::read(path)?.report), tolerance: args.tolerance }))
}

/// Names what could not be audited. The last line says how the program ends, unless all is well.
pub(super) fn conclude(report: &AuditReport, exit: Exit) {
    let errored = || report.datasets.iter().filter(|dataset| dataset.status == DatasetStatus::Errored);
    for dataset in errored() {
        let reason = dataset.error.as_deref().unwrap_or("no reason was given");
        output::say(format_args!("error: {}: {}", Safe(&dataset.name), Safe(reason)));
    }
    let code = exit.code();
    match exit {
        Exit::CouldNotAudit => {
            let names: Vec<_> = errored().map(|dataset| Safe(&dataset.name).to_string()).collect();
            let rules = report.datasets.iter().flat_map(|dataset| &dataset.rules);
            let unjudged = rules.filter(|rule| rule.status == Status::Errored).count();
            match report.verification.as_ref().filter(|verification| !verification.holds()) {
                Some(verification) if verification.differences.is_empty() => {
                    output::say(format_args!("exit {code}: nothing was verified"));
                }
                Some(_) => output::say(format_args!(
                    "exit {code}: the two engines differ, so no number can be relied on; please report it"
                )),
                None if names.is_empty() => {
                    output::say(format_args!("exit {code}: could not judge {unjudged} of the rules"));
                }
                None => output::say(format_args!("exit {code}: could not audit {}", names.join(", "))),
            }
        }
        Exit::Failed if report.stopped.is_some() => {
            output::say(format_args!("exit {code}: gate failed, stopped early"));
        }
        Exit::Failed if report.sampled.as_ref().is_some_and(|sampled| sampled.datasets_sampled > 0) => {
            output::say(format_args!("exit {code}: gate failed on a sample"));
        }
        Exit::Failed => output::say(format_args!("exit {code}: gate failed")),
        Exit::Passed if report.verdict == Verdict::Undecided => output::say(format_args!(
            "exit {code}: the sample does not fail the gate, which is no pass: audit without --sample to certify"
        )),
        Exit::Passed | Exit::Interrupted | Exit::Terminated => {}
    }
}

/// The suites have errors: nothing was audited.
pub(super) fn unusable(diagnostics: &Diagnostics, color: bool, quiet: bool) -> Exit {
    output::say(diagnostics.render(color).trim_end());
    if !quiet {
        // What is in no file is about the command line, or a suite that is not there.
        let is_in_suite = diagnostics.iter().any(|diagnostic| diagnostic.file().is_some());
        let what = if is_in_suite { "the rules have errors, " } else { "" };
        output::say(format_args!("exit {}: {what}nothing was audited", Exit::CouldNotAudit.code()));
    }
    Exit::CouldNotAudit
}
