//! `passmuster profile`

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::ValueEnum;

use super::args;
use super::color::{ColorChoice, Environment};
use super::exit::Exit;
use super::input_args::{Export, InputArgs};
use super::limit_args::LimitArgs;
use super::output::{self, NamedFormat, Target};
use super::progress::Watch;
use super::signals::Signals;
use crate::engine::local::LocalEngine;
use crate::engine::{Datasets, Engine as _};
use crate::model::{AsOf, DataProfile, Share};
use crate::profile::{ProfileOptions, Profilee, profile};
use crate::report::{Look, Safe, data_profile, write_profile};
use crate::rules::{Input, InputPlace, InputRole, LoadOptions, Suite, read_suite};

/// The exit codes.
const EXIT_CODES: &str = "\
Exit codes:
  0    the datasets were read
  2    something could not be read or written
  130  interrupted (Ctrl-C)
  143  terminated";

/// How the examples begin.
const EXAMPLE: &str = "\
Example: passmuster profile customers.csv orders.csv";

/// Show what datasets contain: types, ranges, frequent values, keys, references
///
/// Give one or several exports, or suites (`.yaml`), whose datasets are then read as they declare it. Counts all rows; only
/// types and identifiers are first guessed from some of them. Values of columns that look personal are never shown.
#[derive(Debug, clap::Args)]
#[command(before_help = EXAMPLE, after_help = EXIT_CODES)]
pub(super) struct ProfileArgs {
    /// Files, folders, globs, or `-` for standard input; or suites
    #[arg(value_name = "FILE|SUITE", required = true)]
    files: Vec<String>,

    /// How to write the report
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    format: OutputFormat,

    /// Write the report to FILE; FILE is only replaced when the report is complete
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,

    #[command(flatten)]
    input: InputArgs,

    /// The date that counts as today, such as 2026-11-01 [default: today in UTC]
    #[arg(long, value_name = "DATE", value_parser = args::as_of)]
    as_of: Option<AsOf>,

    /// Read only a sample of the rows, such as 1%; different values, keys and references are then not counted
    #[arg(long, value_name = "SHARE", value_parser = args::share)]
    sample: Option<Share>,

    #[command(flatten)]
    limits: LimitArgs,

    /// Write only the report
    #[arg(short, long, conflicts_with = "verbose")]
    quiet: bool,

    /// Show quantiles, frequent values and shapes of every column
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
    /// One file for a browser
    Html,
}

/// The formats and the ends of names of their files.
const FORMATS: [NamedFormat; 3] = [("table", &["txt"]), ("json", &["json"]), ("html", &["html", "htm"])];

/// The datasets that are profiled.
pub(super) struct Opened {
    pub(super) profilees: Vec<Profilee>,
    pub(super) datasets: Datasets,
    pub(super) inputs: Vec<Input>,
}

impl Opened {
    /// Opens the datasets of a suite, as it declares them.
    ///
    /// # Errors
    /// Where one cannot be read.
    pub(super) fn of_suite(suite: &Suite, memory: u64) -> anyhow::Result<Self> {
        let mut opened = Self { profilees: Vec::new(), datasets: Datasets::new(), inputs: suite.inputs.clone() };
        for dataset in &suite.datasets {
            opened.datasets.insert(dataset.name.clone(), LocalEngine.open(&dataset.source, memory)?);
            let declared = Some(dataset.clone());
            opened.profilees.push(Profilee { name: dataset.name.clone(), declared, dialect: None });
        }
        Ok(opened)
    }
}

/// Opens exports, each a dataset named after its file.
///
/// # Errors
/// Where one cannot be read.
pub(super) fn open_exports(
    files: &[String],
    input: &InputArgs,
    as_of: AsOf,
    memory: u64,
    quiet: bool,
) -> anyhow::Result<Opened> {
    let mut opened = Opened { profilees: Vec::new(), datasets: Datasets::new(), inputs: Vec::new() };
    if files.iter().filter(|file| *file == "-").count() > 1 {
        bail!("standard input comes once: name it once");
    }
    for file in files {
        let spec = input.spec(file);
        let Export { source, dialect } = input.open(&spec, as_of, memory, quiet)?;
        let name = unused(&dataset_name(file), &opened.datasets);
        opened.inputs.push(Input { role: InputRole::Export, place: InputPlace::Data(spec) });
        opened.datasets.insert(name.clone(), Box::new(source));
        opened.profilees.push(Profilee { name, declared: None, dialect });
    }
    Ok(opened)
}

/// The name of the dataset of a file: that of the file, in letters that a suite needs no quotes for.
fn dataset_name(file: &str) -> String {
    let name = Path::new(file).file_name().unwrap_or_default().to_string_lossy();
    let stem = name.split('.').find(|part| !part.is_empty()).unwrap_or_default();
    let mut plain = String::new();
    for c in stem.chars().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() {
            plain.push(c);
        } else if !plain.ends_with('_') {
            plain.push('_');
        }
    }
    let plain = plain.trim_matches('_');
    if plain.is_empty() { "data".to_owned() } else { plain.to_owned() }
}

/// A name that no dataset has yet.
fn unused(name: &str, datasets: &Datasets) -> String {
    let numbered = (2..).map(|number| format!("{name}_{number}"));
    std::iter::once(name.to_owned()).chain(numbered).find(|name| !datasets.contains_key(name)).unwrap_or_default()
}

/// Opens the datasets of suites, as they declare them.
fn open_suites(suites: &[PathBuf], as_of: Option<AsOf>, memory: u64) -> anyhow::Result<(Opened, AsOf)> {
    let load = LoadOptions {
        params: BTreeMap::new(),
        data: BTreeMap::new(),
        as_of,
        home: std::env::home_dir(),
        baseline: None,
        gate_compares: false,
        today: args::today(),
    };
    let written = read_suite(suites, &load)?;
    Ok((Opened::of_suite(&written.suite, memory)?, written.suite.as_of))
}

/// The page as a text.
fn html_page(profile: &DataProfile) -> String {
    let mut page = Vec::new();
    // Writing to memory does not fail.
    drop(write_profile(profile, &mut page));
    String::from_utf8(page).unwrap_or_default()
}

/// Reads, writes the report, and says how the program ends.
pub(super) fn run(args: &ProfileArgs, color: ColorChoice, environment: &Environment) -> anyhow::Result<Exit> {
    let signals = Signals::listen()?;
    let is_suite = |file: &&String| Path::new(file).extension().is_some_and(|end| end == "yaml" || end == "yml");
    let suites: Vec<PathBuf> = args.files.iter().filter(is_suite).map(PathBuf::from).collect();
    if !suites.is_empty() && suites.len() < args.files.len() {
        bail!("give either suites or files: a suite names the files of its datasets");
    }
    let limits = args.limits.limits()?;
    let memory = limits.memory.of_process();
    let target = Target::new(args.output.as_deref())?;
    let format = match args.format {
        OutputFormat::Table => "table",
        OutputFormat::Json => "json",
        OutputFormat::Html => "html",
    };
    target.agrees_with(format, &FORMATS)?;
    let (opened, as_of) = if suites.is_empty() {
        let as_of = args.as_of.unwrap_or_else(args::today);
        (open_exports(&args.files, &args.input, as_of, memory, args.quiet)?, as_of)
    } else {
        open_suites(&suites, args.as_of, memory)?
    };
    match target.file() {
        Some(file) => file.spare_inputs(&opened.inputs)?,
        None => output::spare_from_stdout(&opened.inputs)?,
    }
    let options = ProfileOptions { missing: args.input.missing(), as_of, sample: args.sample, limits };
    let watch = Watch::new(signals.clone(), environment.is_watched() && !args.quiet);
    let profiled = profile(&opened.profilees, &opened.datasets, &options, &watch);
    watch.clear();
    let stopped = signals.caught().or(matches!(profiled, Ok(None)).then_some(Exit::Interrupted));
    let (None, Some(profiled)) = (stopped, profiled?) else {
        return Ok(output::stopped(stopped.unwrap_or(Exit::Interrupted), "no report was written"));
    };
    let render = |look: &Look| match args.format {
        OutputFormat::Table => data_profile::table(&profiled.profile, look),
        OutputFormat::Json => data_profile::json(&profiled.profile),
        OutputFormat::Html => html_page(&profiled.profile),
    };
    let look = Look { verbose: args.verbose, ..Look::default() };
    target.show((color, environment), look, &render)?;
    if let Some(file) = target.file().filter(|_| !args.quiet) {
        output::say(format_args!("{} written to {}", file.document(), Safe(&file.given().to_string_lossy())));
    }
    Ok(Exit::Passed)
}
