//! `passmuster init`

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use anyhow::{anyhow, bail};

use super::args;
use super::color::{ColorChoice, Environment};
use super::exit::Exit;
use super::input_args::InputArgs;
use super::limit_args::LimitArgs;
use super::output::{self, Target};
use super::profile::{Opened, open_exports};
use super::progress::Watch;
use super::signals::Signals;
use crate::engine::Limits;
use crate::files;
use crate::init::{Base, Export, Grade, InitOptions, Learnt, Strictness, learn_beside};
use crate::model::{AsOf, Dialect, DialectValue};
use crate::profile::Profilee;
use crate::report::Safe;
use crate::rules::{Input, InputPlace, InputRole, LoadOptions, Suite, SuiteLayout, layout, load as load_suite};
use crate::source::{COMMON_OPTIONS, FORMATS, Source, SourceSpec};

/// The exit codes.
const EXIT_CODES: &str = "\
Exit codes:
  0    the suite was written
  2    something could not be read or written
  130  interrupted (Ctrl-C)
  143  terminated";

/// How the examples begin.
const EXAMPLE: &str = "\
Example: passmuster init customers.csv orders.csv -o suite.yaml";

/// Write a suite from exports: the rules that their rows keep
///
/// Reads the exports, proposes rules, and counts for each how many rows keep it. The rules are in three groups: sure (they
/// hold in all rows, and that is no accident), likely (they hold in nearly all; they are checked and do not fail the gate), and
/// to be looked at (they are comments). Values of columns that look personal are never written.
#[derive(Debug, clap::Args)]
#[command(before_help = EXAMPLE, after_help = EXIT_CODES)]
pub(super) struct InitArgs {
    /// Files, folders or globs; each is a dataset, named after its file
    #[arg(value_name = "FILE", required_unless_present = "from")]
    files: Vec<String>,

    /// Read the datasets of this suite as it declares them, and write it with the rules that are new to it; nothing that it says
    /// is changed
    #[arg(long, value_name = "SUITE", conflicts_with_all = [
        "files", "input_format", "delimiter", "quote", "no_header", "encoding", "read_with", "missing",
    ])]
    from: Option<PathBuf>,

    /// Write the suite to FILE, which must not exist yet [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Let likely rules fail the gate, too, at the share of rows that was seen
    #[arg(long, conflicts_with = "lenient")]
    strict: bool,

    /// Check only what is sure; likely rules are comments
    #[arg(long)]
    lenient: bool,

    #[command(flatten)]
    input: InputArgs,

    /// The date that counts as today, such as 2026-11-01 [default: today in UTC]
    #[arg(long, value_name = "DATE", value_parser = args::as_of)]
    as_of: Option<AsOf>,

    #[command(flatten)]
    limits: LimitArgs,

    /// Write only the suite
    #[arg(short, long)]
    quiet: bool,
}

impl InitArgs {
    const fn strictness(&self) -> Strictness {
        match (self.strict, self.lenient) {
            (true, _) => Strictness::Strict,
            (_, true) => Strictness::Lenient,
            _ => Strictness::Normal,
        }
    }
}

/// Refuses a file that exists: a suite may hold the work of a person.
fn refuse_existing(file: &Path) -> anyhow::Result<()> {
    if file.symlink_metadata().is_ok() {
        bail!(
            "{} exists already, and is not replaced: give another name with -o; `--from` adds what is new to a copy of a suite",
            Safe(&file.to_string_lossy())
        );
    }
    Ok(())
}

/// A suite that exists, as it was read.
struct Existing {
    path: PathBuf,
    text: String,
    layout: SuiteLayout,
    suite: Suite,
}

impl Existing {
    /// Reads a suite.
    ///
    /// # Errors
    /// Where it cannot be read, or where no line can be put into it safely.
    fn read(path: &Path, as_of: Option<AsOf>) -> anyhow::Result<Self> {
        let load = LoadOptions {
            params: BTreeMap::new(),
            data: BTreeMap::new(),
            as_of,
            home: std::env::home_dir(),
            baseline: None,
            gate_compares: false,
            today: args::today(),
        };
        let suite = load_suite(&[path.to_owned()], &load)?.suite;
        let shown = path.to_string_lossy();
        let text = files::read(path, LARGEST_SUITE).map_err(|problem| anyhow!("{} {problem}", Safe(&shown)))?;
        let text = String::from_utf8(text).map_err(|_| anyhow!("{} is not UTF-8 text", Safe(&shown)))?;
        let layout = layout(&text).map_err(|problem| {
            anyhow!("rules cannot be added to {} without a change of what is written: {problem}", Safe(&shown))
        })?;
        let elsewhere =
            suite.datasets.iter().find(|dataset| layout.datasets.iter().all(|known| known.name != dataset.name));
        if let Some(dataset) = elsewhere {
            bail!("{} is declared in a suite that {} extends: give that suite to --from", dataset.name, Safe(&shown));
        }
        Ok(Self { path: path.to_owned(), text, layout, suite })
    }

    /// Opens its datasets.
    ///
    /// # Errors
    /// Where one cannot be read.
    fn open(&self, memory: u64) -> anyhow::Result<Opened> {
        if self.suite.datasets.iter().any(|dataset| dataset.source.is_stdin()) {
            bail!(STDIN);
        }
        Opened::of_suite(&self.suite, memory)
    }

    fn base(&self) -> Base<'_> {
        Base { path: &self.path, text: &self.text, layout: self.layout.clone(), datasets: &self.suite.datasets }
    }
}

/// The largest suite, in bytes.
const LARGEST_SUITE: u64 = 4 << 20;

/// Why standard input cannot be read.
const STDIN: &str =
    "a suite is written from data that is read several times, and standard input comes once: save it to a file";

/// Reads, writes the suite, and says how the program ends.
pub(super) fn run(args: &InitArgs, environment: &Environment, color: ColorChoice) -> anyhow::Result<Exit> {
    let signals = Signals::listen()?;
    if args.files.iter().any(|file| file == "-") {
        bail!(STDIN);
    }
    if let Some(output) = &args.output {
        refuse_existing(output)?;
    }
    let target = Target::new(args.output.as_deref())?;
    let limits = args.limits.limits()?;
    let memory = limits.memory.of_process();
    let existing = args.from.as_deref().map(|path| Existing::read(path, args.as_of)).transpose()?;
    let as_of = existing.as_ref().map_or_else(|| args.as_of.unwrap_or_else(args::today), |known| known.suite.as_of);
    let opened = match &existing {
        Some(existing) => existing.open(memory)?,
        None => open_as_written(open_exports(&args.files, &args.input, as_of, memory, args.quiet)?, memory)?,
    };
    match target.file() {
        Some(file) => file.spare_inputs(&opened.inputs)?,
        None => output::spare_from_stdout(&opened.inputs)?,
    }
    let watch = Watch::new(signals.clone(), environment.is_watched() && !args.quiet);
    let base = existing.as_ref().map(Existing::base);
    let learnt = learn_from(args, (&opened, base.as_ref()), as_of, &limits, &watch);
    watch.clear();
    let stopped = signals.caught().or(matches!(learnt, Ok(None)).then_some(Exit::Interrupted));
    let (None, Some(learnt)) = (stopped, learnt?) else {
        return Ok(output::stopped(stopped.unwrap_or(Exit::Interrupted), "no suite was written"));
    };
    let name = args.output.as_deref().and_then(Path::file_stem).map(|name| name.to_string_lossy().into_owned());
    let name = name.or_else(|| opened.profilees.first().map(|first| first.name.clone())).unwrap_or_default();
    let text = match &base {
        Some(base) => learnt.added_to(base, &format!("--- New, by passmuster init on {as_of}."), args.strictness()),
        None => learnt.suite(&name, &title(as_of), args.strictness()),
    };
    if let Some(output) = &args.output {
        refuse_existing(output)?;
    }
    target.show((color, environment), crate::report::Look::default(), &|_| text.clone())?;
    if !args.quiet {
        say_what_next(&learnt, args.output.as_deref());
    }
    Ok(Exit::Passed)
}

/// The first line of the suite.
fn title(as_of: AsOf) -> String {
    format!("Written by passmuster init {} on {as_of} from the rows of that day.", env!("CARGO_PKG_VERSION"))
}

/// Opens datasets again as their files seem to be written.
fn open_as_written(mut opened: Opened, memory: u64) -> anyhow::Result<Opened> {
    for (profilee, input) in opened.profilees.iter_mut().zip(&mut opened.inputs) {
        let (Some(dialect), InputPlace::Data(spec)) = (&profilee.dialect, &input.place) else { continue };
        if dialect.source.is_empty() {
            continue;
        }
        let spec = spoken(spec, dialect);
        let source = Source::open_within(&spec, memory)?;
        opened.datasets.insert(profilee.name.clone(), Box::new(source));
        *input = Input { role: InputRole::Export, place: InputPlace::Data(spec) };
    }
    Ok(opened)
}

/// Where an export is, with the options of its dialect.
fn spoken(spec: &SourceSpec, dialect: &Dialect) -> SourceSpec {
    let mut spec = spec.clone();
    for (name, value) in &dialect.source {
        let mut options = FORMATS.iter().flat_map(|format| format.options).chain(COMMON_OPTIONS.iter().copied());
        let text = match value {
            DialectValue::Flag(flag) => flag.to_string(),
            DialectValue::Count(count) => count.to_string(),
            DialectValue::Text(text) => text.clone(),
        };
        let read = options.find(|option| option.name == name).and_then(|option| option.kind.read(&text));
        if let Some(value) = read {
            spec.options.set(name, value);
        }
    }
    spec
}

/// Learns a suite from what was opened.
fn learn_from(
    args: &InitArgs,
    (opened, base): (&Opened, Option<&Base<'_>>),
    as_of: AsOf,
    limits: &Limits,
    watch: &Watch,
) -> anyhow::Result<Option<Learnt>> {
    let exports: Vec<Export> = if let Some(base) = base {
        let sources = base.datasets.iter().map(|dataset| dataset.source.clone());
        let export = |(spec, profilee): (SourceSpec, &Profilee)| Export {
            profilee: profilee.clone(),
            path: spec.location.clone(),
            spec,
        };
        sources.zip(&opened.profilees).map(export).collect()
    } else {
        let places = opened.inputs.iter().map(|input| &input.place).zip(&opened.profilees);
        let exports = places.filter_map(|(place, profilee)| {
            let InputPlace::Data(spec) = place else { return None };
            let path = path_from(args.output.as_deref(), &spec.location);
            Some(Export { profilee: profilee.clone(), spec: spec.clone(), path })
        });
        exports.collect()
    };
    let options = InitOptions { missing: args.input.missing(), as_of, limits: limits.clone() };
    learn_beside(base, &exports, &opened.datasets, &options, watch)
}

/// A path as the suite at `output` names it: relative to the folder of the suite.
fn path_from(output: Option<&Path>, location: &str) -> String {
    let folder = output.and_then(Path::parent).filter(|folder| !folder.as_os_str().is_empty());
    let Some(folder) = folder.filter(|_| Path::new(location).is_relative()) else { return location.to_owned() };
    let here = std::env::current_dir().and_then(|here| here.canonicalize());
    let (Ok(here), Ok(there)) = (here, folder.canonicalize()) else { return location.to_owned() };
    let shared = here.components().zip(there.components()).take_while(|(a, b)| a == b).count();
    let up = there.components().skip(shared).map(|_| Component::ParentDir);
    let down = here.components().skip(shared);
    let mut path: PathBuf = up.chain(down).collect();
    path.push(location.strip_prefix("./").unwrap_or(location));
    path.to_string_lossy().into_owned()
}

/// Says how many rules were written, what was left out, and what to do next.
fn say_what_next(learnt: &Learnt, output: Option<&Path>) {
    for (dataset, sentence) in learnt.left_out() {
        output::say(format_args!("{dataset}: {}", Safe(sentence)));
    }
    let [sure, likely, look] = [Grade::Sure, Grade::Likely, Grade::Look].map(|grade| learnt.count(grade));
    output::say(format_args!("{sure} sure, {likely} likely, {look} to look at"));
    match output {
        Some(file) => {
            let file = file.to_string_lossy();
            output::say(format_args!("suite written to {0}; next: passmuster audit {0}", Safe(&file)));
        }
        None => {
            output::say(format_args!("next: save it as suite.yaml in this folder, then passmuster audit suite.yaml"));
        }
    }
}
