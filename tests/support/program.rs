//! The program as a user runs it.

use std::path::Path;
use std::process::{Command, Output, Stdio};

/// The path of the program.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_passmuster");

/// The program in a folder, without standard input and without the settings of the environment that change its output.
pub(crate) fn program(folder: &(impl AsRef<Path> + ?Sized)) -> Command {
    let mut command = Command::new(PROGRAM);
    command.current_dir(folder).stdin(Stdio::null());
    for variable in ["NO_COLOR", "CLICOLOR_FORCE", "FORCE_COLOR", "CI", "COLUMNS"] {
        command.env_remove(variable);
    }
    command
}

pub(crate) fn run(folder: &(impl AsRef<Path> + ?Sized), args: &[&str]) -> Output {
    program(folder).args(args).output().unwrap()
}

/// The exit code. Panics where a signal ended the program.
pub(crate) fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The names of all commands, as `--help` lists them.
pub(crate) fn commands() -> Vec<String> {
    let output = run(".", &["--help"]);
    assert_eq!(code(&output), 0);
    let help = stdout(&output);
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    // The rest of a summary that is longer than a line is further in.
    let names = lines.filter_map(|line| line.strip_prefix("  ")).filter(|line| !line.starts_with(' '));
    let names = names.filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}
