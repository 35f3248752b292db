//! `passmuster evidence`

use std::io::{self, BufWriter, Seek as _, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::ValueEnum;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};

use super::color::{ColorChoice, Environment};
use super::exit::Exit;
use super::output::{self, Document, FileTarget};
use crate::evidence::{Evidence, EvidenceFolder};
use crate::model::{EvidenceManifest, Notice, Severity};
use crate::output_folder::{OutputFolder, file_names};
use crate::report::{Look, Safe};
use crate::rules::{Input, InputPlace, InputRole};
use crate::worklist::{self, SHEET_ROWS, Selection, Wanted, WorklistError};

/// Show the failing rows that an audit wrote with --evidence
///
/// Names that the evidence does not have are refused. Several of one option widen the selection, different options narrow
/// it.
#[derive(Debug, clap::Args)]
pub(super) struct EvidenceArgs {
    /// The folder that `audit --evidence DIR` wrote
    #[arg(value_name = "DIR")]
    folder: PathBuf,

    /// Only rules and failing rows of this dataset; repeat it for more
    #[arg(long, value_name = "DATASET")]
    dataset: Vec<String>,

    /// Only this rule, by its id; repeat it for more
    #[arg(long, value_name = "RULE")]
    rule: Vec<String>,

    /// Only rules of this owner; repeat it for more
    #[arg(long, value_name = "OWNER")]
    owner: Vec<String>,

    /// Only rules of this severity or worse
    #[arg(long, value_name = "SEVERITY", value_parser = severity())]
    severity: Option<Severity>,

    /// How to write them
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    format: EvidenceFormat,

    /// Write to this file; for parquet and with --by, the folder to fill
    #[arg(long, value_name = "FILE|DIR")]
    output: Option<PathBuf>,

    /// One workbook for each owner, in the folder of --output
    #[arg(long, value_name = "WHAT", value_enum)]
    by: Option<By>,

    /// Fill a folder that is not empty, and replace files in it
    #[arg(long)]
    force: bool,
}

/// How failing rows are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum EvidenceFormat {
    /// For people: the first rows of each dataset
    #[default]
    Table,
    /// One line for each failing row and rule, and for each failing group
    Csv,
    /// A workbook: the rules, then the failing rows and groups of each dataset
    Xlsx,
    /// All for programs
    Json,
    /// An evidence folder of what was selected
    Parquet,
}

/// What workbooks are made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum By {
    /// Each owner
    Owner,
}

/// Reads a severity.
fn severity() -> impl clap::builder::TypedValueParser<Value = Severity> {
    let values = Severity::ALL.iter().map(|severity| severity.name());
    PossibleValuesParser::new(values)
        .try_map(|name| Severity::ALL.into_iter().find(|known| known.name() == name).ok_or("no such severity"))
}

/// Writes what was selected of the evidence.
pub(super) fn run(args: &EvidenceArgs, color: ColorChoice, environment: &Environment) -> anyhow::Result<Exit> {
    if args.by.is_some() && args.format != EvidenceFormat::Xlsx {
        bail!("--by owner makes workbooks: add --format xlsx");
    }
    let is_binary = matches!(args.format, EvidenceFormat::Xlsx | EvidenceFormat::Parquet);
    let output = args.output.as_deref().filter(|path| *path != Path::new("-"));
    let output = match (output, args.format) {
        (None, EvidenceFormat::Parquet) => bail!("--format parquet fills a folder: add --output DIR"),
        (None, _) if args.by.is_some() => bail!("--by owner fills a folder: add --output DIR"),
        (None, _) if is_binary => bail!("--format xlsx is no text for a terminal: add --output FILE"),
        (output, _) => output,
    };
    let evidence = Evidence::open(&args.folder)?;
    if let Some(output) = output.filter(|output| output::is_in_folder(output, &args.folder)) {
        bail!(
            "refusing to write to {}: it is in the evidence folder itself; choose another --output",
            output.display()
        );
    }
    let wanted = Wanted {
        datasets: args.dataset.clone(),
        rules: args.rule.clone(),
        owners: args.owner.clone(),
        severity: args.severity,
    };
    let selection = Selection::new(&evidence, &wanted)?;
    match output {
        Some(folder) if args.by.is_some() => workbooks(&selection, folder, args.force)?,
        Some(folder) if args.format == EvidenceFormat::Parquet => excerpt(&selection, folder, args.force)?,
        Some(path) => {
            let target = FileTarget::new(Document::Evidence, path)?;
            target.spare_inputs(&audited(&evidence))?;
            target.write_with(|file| {
                if args.format == EvidenceFormat::Xlsx {
                    return Ok(worklist::write_workbook(&selection, SHEET_ROWS, file)?);
                }
                let width = super::color::look_in_file(color, Look::default()).width;
                let mut out = BufWriter::new(file);
                write_text(&selection, args.format, width, &mut out)?;
                Ok(out.flush()?)
            })?;
        }
        None => {
            let width = environment.look(color, Look::default()).width;
            let mut out = BufWriter::new(io::stdout().lock());
            match write_text(&selection, args.format, width, &mut out).and_then(|()| Ok(out.flush()?)) {
                // A reader that closed the pipe has seen enough.
                Err(WorklistError::Io(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
                    // What is left in the buffer has no reader.
                    let _unread = out.into_parts();
                }
                outcome => outcome.context("cannot write the evidence to standard output")?,
            }
        }
    }
    Ok(Exit::Passed)
}

/// The files that the audit of the evidence read, as far as their paths are known here.
fn audited(evidence: &Evidence) -> Vec<Input> {
    let datasets = evidence.manifest().datasets.iter();
    let input = |name: &str, file: &str| Input {
        role: InputRole::Data(name.to_owned()),
        place: InputPlace::File(PathBuf::from(file)),
    };
    datasets.flat_map(|dataset| dataset.files.iter().map(|file| input(&dataset.name, file))).collect()
}

fn write_text(
    selection: &Selection<'_>,
    format: EvidenceFormat,
    width: usize,
    out: impl Write,
) -> Result<(), WorklistError> {
    match format {
        EvidenceFormat::Csv => worklist::write_csv(selection, out),
        EvidenceFormat::Json => worklist::write_json(selection, out),
        EvidenceFormat::Table | EvidenceFormat::Xlsx | EvidenceFormat::Parquet => {
            worklist::write_table(selection, width, out)
        }
    }
}

/// What the workbook of rules without an owner is named after.
const NO_OWNER: &str = "without an owner";

/// Fills a folder with one workbook for each owner.
fn workbooks(selection: &Selection<'_>, folder: &Path, force: bool) -> anyhow::Result<()> {
    let owners = selection.by_owner();
    if owners.is_empty() {
        bail!("no rule of the selection failed: there is no workbook to write");
    }
    let names = file_names(owners.iter().map(|(owner, _)| owner.unwrap_or(NO_OWNER)));
    let folder = OutputFolder::open(folder, force)?;
    let mut files = Vec::new();
    for ((_, selection), name) in owners.iter().zip(names) {
        let mut draft = folder.draft(Path::new(&format!("{name}.xlsx")))?;
        // A workbook is not written from its beginning to its end, and the draft is.
        let mut written = output::scratch_file()?;
        worklist::write_workbook(selection, SHEET_ROWS, &mut written)?;
        let copied = written.rewind().and_then(|()| io::copy(&mut written, &mut draft));
        copied.map_err(|error| draft.failed(error))?;
        files.push(draft.complete()?);
    }
    let count = files.len();
    let given = folder.given().to_path_buf();
    folder.publish(files)?;
    let workbooks = if count == 1 { "workbook" } else { "workbooks" };
    output::say(format_args!("{count} {workbooks} written to {}", Safe(&given.to_string_lossy())));
    Ok(())
}

/// Fills a folder with the evidence of what was selected.
fn excerpt(selection: &Selection<'_>, folder: &Path, force: bool) -> anyhow::Result<()> {
    let names: Vec<&str> = selection.datasets().map(|dataset| dataset.name.as_str()).collect();
    let folder = EvidenceFolder::create(folder, force, &names)?;
    let mut datasets = Vec::new();
    for dataset in selection.datasets() {
        let mut excerpt = dataset.clone();
        if dataset.failing.is_some() {
            let key: Vec<String> = dataset.key.iter().map(|key| key.column.clone()).collect();
            let mut table = folder.failing_table(&dataset.name, &key, &dataset.revealed)?;
            for row in selection.rows(dataset)? {
                table.push(&row?)?;
            }
            excerpt.failing = Some(table.finish()?);
        }
        if dataset.groups.is_some() {
            let mut table = folder.groups_table(&dataset.name)?;
            for group in selection.groups(dataset)? {
                table.push(&group?)?;
            }
            excerpt.groups = Some(table.finish()?);
        }
        datasets.push(excerpt);
    }
    let manifest = selection.manifest();
    let rules = selection.failed_rules().cloned().collect();
    let mut notices = manifest.notices.clone();
    let text = "only a selection of the rules and failing rows of the audit".to_owned();
    if !notices.iter().any(|notice| notice.text == text) {
        notices.push(Notice { dataset: None, rule: None, text });
    }
    folder.finish(EvidenceManifest { datasets, rules, notices, ..manifest.clone() })?;
    Ok(())
}
