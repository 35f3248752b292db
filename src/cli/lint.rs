//! `passmuster lint`

use std::path::PathBuf;

use super::args::Filling;
use super::color::{ColorChoice, Environment};
use super::exit::{Exit, LINT_EXIT_CODES};
use super::output;
use crate::report::Safe;
use crate::rules::{self, Level};

/// The arguments of `passmuster lint`.
#[derive(Debug, clap::Args)]
#[command(after_help = LINT_EXIT_CODES)]
pub(super) struct LintArgs {
    /// The suites, YAML files
    #[arg(value_name = "SUITE", required = true)]
    suites: Vec<PathBuf>,

    #[command(flatten)]
    filling: Filling,

    /// Write only what was found, without the line that counts it
    #[arg(short, long)]
    quiet: bool,
}

/// Prints what is wrong with the suites.
pub(super) fn run(args: &LintArgs, color: ColorChoice, environment: &Environment) -> anyhow::Result<Exit> {
    let color = environment.stdout(color);
    let options = args.filling.options()?;
    let mut worst = None;
    let mut texts = Vec::new();
    let (mut errors, mut warnings) = (0_usize, 0_usize);
    for path in &args.suites {
        match rules::load(std::slice::from_ref(path), &options) {
            Err(diagnostics) => {
                worst = worst.max(Some(Level::Error));
                errors += diagnostics.len();
                texts.push(format!("{}\n", diagnostics.render(color).trim_end()));
            }
            Ok(suite) => {
                for lint in rules::lint(&suite) {
                    worst = worst.max(Some(lint.level));
                    *if lint.level == Level::Error { &mut errors } else { &mut warnings } += 1;
                    texts
                        .push(lint.diagnostic.render(lint.level == Level::Warning, color).trim_end().to_owned() + "\n");
                }
            }
        }
    }
    output::to_stdout(&texts.join("\n"))?;
    if worst.is_none() && !args.quiet {
        let suites = match args.suites.as_slice() {
            [only] => only.display().to_string(),
            several => format!("{} suites", several.len()),
        };
        output::say(format_args!("no errors and no warnings in {}", Safe(&suites)));
    }
    if worst.is_some() && !args.quiet {
        let counted = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
        anstream::eprintln!("{}, {}", counted(errors, "error"), counted(warnings, "warning"));
    }
    Ok(match worst {
        None => Exit::Passed,
        Some(Level::Warning) => Exit::Failed,
        Some(Level::Error) => Exit::CouldNotAudit,
    })
}
