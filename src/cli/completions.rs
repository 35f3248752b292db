//! `passmuster completions`

use std::io::Write as _;

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Arg, Command, ValueEnum, ValueHint};
use clap_complete::aot::{self, Generator};

use super::exit::Exit;
use super::output;

/// The arguments of `passmuster completions`.
#[derive(Debug, clap::Args)]
pub(super) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// The shells that have a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Shell {
    /// Bash 4.4 or later
    Bash,
    /// Zsh
    Zsh,
    /// Fish
    Fish,
    /// PowerShell
    #[value(name = "powershell")]
    Pwsh,
}

/// Prints the script for the program.
pub(super) fn run(args: &CompletionsArgs, program: Command) -> anyhow::Result<Exit> {
    let names = command_names(&program);
    let mut program = program.mut_subcommand("man", |man| {
        // Only here: the names are not known before all commands are.
        man.mut_arg("command", |arg| arg.value_parser(PossibleValuesParser::new(names)))
    });
    program.set_bin_name("passmuster");
    program.build();
    let script = match args.shell {
        Shell::Bash => script(&aot::Bash, &program)?,
        Shell::Zsh => with_names_and_files(&script(&aot::Zsh, &program)?),
        Shell::Fish => script(&aot::Fish, &program)? + &values_of_positionals(&program),
        Shell::Pwsh => script(&aot::PowerShell, &program)?,
    };
    output::to_stdout(&script)?;
    Ok(Exit::Passed)
}

/// The names of all commands, for completion.
fn command_names(command: &Command) -> Vec<PossibleValue> {
    let about = |command: &Command| command.get_about().map(ToString::to_string).unwrap_or_default();
    command
        .get_subcommands()
        .map(|command| PossibleValue::new(command.get_name().to_owned()).help(about(command)))
        .collect()
}

/// The script as clap writes it.
fn script(shell: &impl Generator, command: &Command) -> anyhow::Result<String> {
    let mut script = Vec::new();
    shell.try_generate(command, &mut script)?;
    script.flush()?;
    Ok(String::from_utf8(script)?)
}

/// Lines for fish that complete the values of arguments without a name, which clap leaves out.
fn values_of_positionals(command: &Command) -> String {
    let completed = |command: &Command, arg: &Arg| {
        let values: Vec<String> = arg.get_possible_values().iter().map(fish_value).collect();
        if values.is_empty() {
            return String::new();
        }
        let using = format!("__fish_passmuster_using_subcommand {}", command.get_name());
        let only_values = if takes_files(arg) { "" } else { " -f" };
        format!("complete -c passmuster -n \"{using}\"{only_values} -a \"{}\"\n", values.join("\n"))
    };
    let of_command = |command| Command::get_positionals(command).map(move |arg| completed(command, arg));
    command.get_subcommands().flat_map(of_command).collect()
}

/// Whether files are values of an argument too.
fn takes_files(arg: &Arg) -> bool {
    arg.get_value_hint() == ValueHint::AnyPath
}

/// A value with its line of help, between double quotes of fish and then between single ones.
fn fish_value(value: &PossibleValue) -> String {
    let help = value.get_help().map(ToString::to_string).unwrap_or_default();
    let help = help.replace('\\', r"\\").replace('\'', r"\'");
    let text = format!("{}\\t'{help}'", value.get_name());
    text.replace('"', "\\\"").replace('$', "\\$")
}

/// The script for zsh in which `explain` completes files beside names of checks.
///
/// zsh takes names or files for one argument. Only a function of its own offers both.
fn with_names_and_files(script: &str) -> String {
    const ARGUMENT: &str = "'*::subjects ";
    let found = script.find(ARGUMENT).and_then(|at| {
        let start = at + script[at..].find(":((")? + 1;
        let end = start + script[start..].find("))' \\\n")? + 2;
        Some((start, end))
    });
    let Some((start, end)) = found else { return script.to_owned() };
    let (head, names, tail) = (&script[..start], &script[start..end], &script[end..]);
    let function = format!(
        "_passmuster_checks_or_suites() {{\n    _alternative 'checks:check:{names}' 'suites:suite:_files'\n}}\n"
    );
    let head = head.replacen("\n_passmuster() {\n", &format!("\n{function}\n_passmuster() {{\n"), 1);
    format!("{head}_passmuster_checks_or_suites{tail}")
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn zsh_completes_names_and_files_for_the_subjects_of_explain() {
        let mut command = crate::cli::command::Cli::command();
        command.set_bin_name("passmuster");
        command.build();
        let script = script(&aot::Zsh, &command).expect("a script");
        let completed = with_names_and_files(&script);
        assert!(completed.contains("or suites:_passmuster_checks_or_suites' \\\n"), "{completed}");
        assert_eq!(completed.matches("_passmuster_checks_or_suites() {\n    _alternative 'checks:check:((").count(), 1);
    }

    #[test]
    fn help_is_inert_in_fish() {
        let value = PossibleValue::new("a").help(r#"it's "$(x)" \n"#);
        assert_eq!(fish_value(&value), r#"a\t'it\'s \"\$(x)\" \\n'"#);
    }
}
