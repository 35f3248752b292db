//! `passmuster lint`

use std::path::PathBuf;

use super::args::{ColorChoice, Filling};
use super::color::Environment;
use super::exit::{Exit, LINT_EXIT_CODES};
use super::output;
use crate::rules::{self, Level};

/// Find mistakes in suites without reading data
///
/// Beside everything that `audit` would refuse, finds rules that are duplicate, contradictory, dead or always true.
/// What it finds goes to standard output.
#[derive(Debug, clap::Args)]
#[command(after_help = LINT_EXIT_CODES)]
pub(super) struct LintArgs {
    /// The suites, YAML files
    #[arg(value_name = "SUITE", required = true)]
    suites: Vec<PathBuf>,

    #[command(flatten)]
    filling: Filling,
}

/// Prints what is wrong with the suites.
pub(super) fn run(args: &LintArgs, color: ColorChoice, environment: &Environment) -> anyhow::Result<Exit> {
    let color = environment.stdout(color);
    let options = args.filling.options()?;
    let (text, exit) = match rules::load(&args.suites, &options) {
        Err(diagnostics) => (format!("{}\n", diagnostics.render(color)), Exit::CouldNotAudit),
        Ok(suite) => {
            let lints = rules::lint(&suite);
            let exit = match lints.iter().map(|lint| lint.level).max() {
                None => Exit::Passed,
                Some(Level::Warning) => Exit::Failed,
                Some(Level::Error) => Exit::CouldNotAudit,
            };
            let texts = lints.iter().map(|lint| lint.diagnostic.render(lint.level == Level::Warning, color) + "\n");
            (texts.collect::<Vec<_>>().join("\n"), exit)
        }
    };
    output::to_stdout(&text)?;
    Ok(exit)
}
