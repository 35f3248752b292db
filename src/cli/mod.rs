//! The command line: arguments, terminal, exit codes. Only this module prints, and only it reads the environment.

mod args;
mod audit;
mod changelog;
mod ci_system;
mod color;
mod command;
mod completions;
mod cost;
mod diff;
mod evidence;
mod evidence_options;
mod exit;
mod explain;
mod identify;
mod init;
mod input_args;
mod judge;
mod limit_args;
mod lint;
mod list;
mod man;
mod memory;
mod output;
mod profile;
mod progress;
mod quarantine;
mod report;
mod reports;
mod schema;
mod signals;
mod stored;
mod topics;

use std::panic;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};

use color::{ColorChoice, Environment};
use command::{Cli, Command};
use exit::Exit;

use crate::source::{last_panic, quiet_panics};

/// Runs the program with the arguments and environment of the process.
///
/// Never panics: what went wrong inside becomes one line and exit code 2.
pub fn main() -> ExitCode {
    // Messages of panics may contain cell values: so nothing is printed here, and only the places are kept.
    panic::set_hook(Box::new(|_| {}));
    quiet_panics();
    let exit = panic::catch_unwind(run).unwrap_or_else(|_| {
        let place = last_panic().map_or_else(|| "an unknown place".to_owned(), |place| place.to_string());
        let version = env!("CARGO_PKG_VERSION");
        output::say(format_args!(
            "error: passmuster {version} broke at {place}: this is a bug in the program, please report this line"
        ));
        Exit::CouldNotAudit
    });
    exit.into()
}

fn run() -> Exit {
    let environment = Environment::read();
    let command = Cli::command().color(environment.help_color());
    let cli = match command.try_get_matches().and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(answer) => return usage(&answer, &environment),
    };
    let outcome = match &cli.command {
        Command::Audit(args) => audit::run(args, cli.color, &environment),
        Command::Diff(args) => diff::run(args, cli.color, &environment),
        Command::Changelog(args) => changelog::run(args, cli.color, &environment),
        Command::Judge(args) => judge::run(args, cli.color, &environment),
        Command::Report(args) => report::run(args, cli.color, &environment),
        Command::Lint(args) => lint::run(args, cli.color, &environment),
        Command::Explain(args) => explain::run(args, cli.color, &environment),
        Command::Identify(args) => identify::run(args, cli.color, &environment),
        Command::Init(args) => init::run(args, &environment, cli.color),
        Command::Profile(args) => profile::run(args, cli.color, &environment),
        Command::Evidence(args) => evidence::run(args, cli.color, &environment),
        Command::List(args) => list::run(args),
        Command::Schema(args) => schema::run(args),
        Command::Completions(args) => completions::run(args, Cli::command()),
        Command::Man(args) => man::run(args, Cli::command()),
    };
    outcome.unwrap_or_else(|error| {
        output::complain(&error);
        Exit::CouldNotAudit
    })
}

/// Prints help or version where they were asked for, else what is wrong with the arguments.
fn usage(answer: &clap::Error, environment: &Environment) -> Exit {
    let text = answer.render();
    let render = |color: bool| if color { text.ansi().to_string() } else { text.to_string() };
    if answer.use_stderr() {
        output::say(render(environment.stderr(ColorChoice::Auto)).trim_end());
        return Exit::CouldNotAudit;
    }
    match output::to_stdout(&render(environment.stdout(ColorChoice::Auto))) {
        Ok(()) => Exit::Passed,
        Err(error) => {
            output::complain(&error);
            Exit::CouldNotAudit
        }
    }
}
