//! `passmuster identify`

use std::path::PathBuf;

use anyhow::bail;
use clap::ValueEnum;

use super::args::{self, did_you_mean};
use super::color::{ColorChoice, Environment};
use super::exit::Exit;
use super::input_args::{Export, InputArgs, hint};
use super::output::{self, TABLE_OR_JSON, Target};
use super::progress::Watch;
use super::signals::Signals;
use crate::identify::{IdentifyOptions, identify};
use crate::model::AsOf;
use crate::report::{Look, Safe, identified};
use crate::rules::{Input, InputPlace, InputRole};
use crate::source::Source;

/// The exit codes.
const EXIT_CODES: &str = "\
Exit codes:
  0    the dataset was read
  2    something could not be read or written
  130  interrupted (Ctrl-C)
  143  terminated";

/// Show what the columns of an export contain
///
/// Reads the export once. Shows for each column: the kinds of identifiers that its values can be, how many values pass, and
/// the evidence; missing cells, placeholders, likely typing errors, text faults, and the formats of dates, numbers and
/// telephone numbers. Only counts are shown, never a value. `passmuster list identifiers` names the kinds.
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(super) struct IdentifyArgs {
    /// A file, a folder, a glob, or `-` for standard input
    #[arg(value_name = "FILE")]
    file: String,

    /// Read only these columns, such as a,b; repeatable
    #[arg(long, value_name = "NAMES")]
    columns: Vec<String>,

    /// How to write the report
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    format: OutputFormat,

    /// Write the report to FILE; FILE is only replaced when the report is complete
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,

    #[command(flatten)]
    input: InputArgs,

    /// The date used to check that birth dates are not in the future, such as 2026-11-01 [default: today in UTC]
    #[arg(long, value_name = "DATE", value_parser = args::as_of)]
    as_of: Option<AsOf>,

    /// Worker threads; 0 means one for each processor
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u16).range(0..=1024))]
    threads: u16,

    /// Write only the report
    #[arg(short, long, conflicts_with = "verbose")]
    quiet: bool,

    /// Show every kind that at least one value matches
    #[arg(short, long)]
    verbose: bool,
}

/// How the report is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum OutputFormat {
    /// For people
    #[default]
    Table,
    /// For programs, the same bytes for the same data and day
    Json,
}

/// How many columns a message names.
const MOST_NAMED: usize = 12;

/// The columns that were asked for. Refuses those that do not exist.
fn asked(args: &IdentifyArgs, source: &Source) -> anyhow::Result<Vec<String>> {
    let names = || source.columns().iter().map(|column| column.name.as_str());
    let parts = |text: &String| -> Vec<String> {
        // A name may hold a comma.
        if names().any(|name| name == text) { vec![text.clone()] } else { text.split(',').map(str::to_owned).collect() }
    };
    let asked: Vec<String> = args.columns.iter().flat_map(parts).collect();
    let unknown: Vec<String> = asked
        .iter()
        .filter(|wanted| names().all(|name| name != **wanted))
        .map(|wanted| format!("there is no column `{}`{}", Safe(wanted), did_you_mean(wanted, names())))
        .collect();
    if !unknown.is_empty() {
        let known: Vec<String> = names().take(MOST_NAMED).map(|name| Safe(name).to_string()).collect();
        let more = match names().count() - known.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        bail!("{}: {}; there are {}{more}", args.file, unknown.join("; "), known.join(", "));
    }
    Ok(asked)
}

/// Reads, writes the report, and says how the program ends.
pub(super) fn run(args: &IdentifyArgs, color: ColorChoice, environment: &Environment) -> anyhow::Result<Exit> {
    let signals = Signals::listen()?;
    let as_of = args.as_of.unwrap_or_else(args::today);
    let spec = args.input.spec(&args.file);
    let target = Target::new(args.output.as_deref())?;
    let inputs = [Input { role: InputRole::Export, place: InputPlace::Data(spec.clone()) }];
    match target.file() {
        Some(file) => file.spare_inputs(&inputs)?,
        None => output::spare_from_stdout(&inputs)?,
    }
    let format = if args.format == OutputFormat::Json { "json" } else { "table" };
    target.agrees_with(format, &TABLE_OR_JSON)?;
    let Export { source, dialect } = args.input.open(&spec, as_of, u64::MAX, args.quiet)?;
    let options = IdentifyOptions {
        columns: asked(args, &source).inspect_err(|_| hint(&spec, args.quiet))?,
        missing: args.input.missing(),
        as_of,
        threads: args.threads.into(),
    };
    let watch = Watch::new(signals.clone(), environment.is_watched() && !args.quiet);
    let identified = identify(&source, &args.file, &options, &watch);
    watch.clear();
    let stopped = signals.caught().or(matches!(identified, Ok(None)).then_some(Exit::Interrupted));
    let (None, Some(mut report)) = (stopped, identified?) else {
        return Ok(output::stopped(stopped.unwrap_or(Exit::Interrupted), "no report was written"));
    };
    report.dialect = dialect;
    let render = |look: &Look| match args.format {
        OutputFormat::Table => identified::table(&report, look),
        OutputFormat::Json => identified::json(&report),
    };
    let look = Look { verbose: args.verbose, ..Look::default() };
    target.show((color, environment), look, &render)?;
    if let Some(file) = target.file().filter(|_| !args.quiet) {
        output::say(format_args!("{} written to {}", file.document(), Safe(&file.given().to_string_lossy())));
    }
    Ok(Exit::Passed)
}
