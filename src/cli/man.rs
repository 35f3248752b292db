//! `passmuster man`

use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::Command;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::args::did_you_mean;
use super::exit::Exit;
use super::output::{self, Document, FileTarget};

/// The section of the manual for commands of users.
const SECTION: &str = "1";

/// The arguments of `passmuster man`.
#[derive(Debug, clap::Args)]
pub(super) struct ManArgs {
    /// The command [default: the program as a whole]
    #[arg(value_name = "COMMAND")]
    command: Option<String>,

    /// Write the pages of all commands to files in DIR, such as DIR/passmuster-audit.1; with COMMAND its page alone
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,
}

/// Prints the page, or writes the files.
pub(super) fn run(args: &ManArgs, program: Command) -> anyhow::Result<Exit> {
    let mut program = program.disable_help_subcommand(true).subcommand_help_heading("COMMANDS");
    program.build();
    let commands: Vec<&Command> = if let Some(name) = &args.command {
        let Some(command) = program.find_subcommand(name) else {
            let names = program.get_subcommands().map(Command::get_name);
            bail!("there is no command `{name}`{}\n`passmuster --help` names them all", did_you_mean(name, names))
        };
        vec![command]
    } else if args.output.is_some() {
        std::iter::once(&program).chain(program.get_subcommands()).collect()
    } else {
        vec![&program]
    };
    match &args.output {
        Some(folder) => write_files(folder, &commands, &program)?,
        None => {
            for command in commands {
                output::to_stdout(&page(command, &program)?)?;
            }
        }
    }
    Ok(Exit::Passed)
}

/// Writes a file for each page.
fn write_files(folder: &Path, commands: &[&Command], program: &Command) -> anyhow::Result<()> {
    let file = |command: &&Command| {
        let path = folder.join(format!("{}.{SECTION}", page_name(command)));
        Ok((FileTarget::new(Document::Manual, &path)?, page(command, program)?))
    };
    let files: Vec<(FileTarget, String)> = commands.iter().map(file).collect::<anyhow::Result<_>>()?;
    files.iter().try_for_each(|(file, page)| file.write(page))
}

/// The name of the page: `passmuster-audit`.
fn page_name(command: &Command) -> &str {
    command.get_display_name().unwrap_or_else(|| command.get_name())
}

/// The page as roff.
fn page(command: &Command, program: &Command) -> anyhow::Result<String> {
    let usage = command.clone().render_usage().to_string();
    let usage = usage.strip_prefix("Usage: ").unwrap_or(&usage).to_owned();
    let man = Man::new(command.clone().override_usage(usage))
        .section(SECTION)
        // Pages are the same whenever they are made. An empty date would be no argument at all, and shift the others.
        .date(" ")
        .source(concat!("passmuster ", env!("CARGO_PKG_VERSION")))
        .manual("Audit of datasets");
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    if command.get_arguments().next().is_some() {
        man.render_options_section(&mut page)?;
    }
    if command.has_subcommands() {
        man.render_subcommands_section(&mut page)?;
    }
    let mut end = Roff::default();
    if let Some(codes) = command.get_after_help() {
        exit_codes(&mut end, &codes.to_string());
    }
    see_also(&mut end, command, program);
    end.to_writer(&mut page)?;
    Ok(String::from_utf8(page)?)
}

/// The table of exit codes: a line for each, with the code first.
fn exit_codes(page: &mut Roff, codes: &str) {
    page.control("SH", ["EXIT STATUS"]);
    for line in codes.lines().skip(1) {
        let (code, meaning) = line.trim().split_once(' ').unwrap_or((line, ""));
        page.control("TP", []);
        page.text([bold(code)]);
        page.text([roman(meaning.trim())]);
    }
}

/// The other pages.
fn see_also(page: &mut Roff, command: &Command, program: &Command) {
    let others = std::iter::once(program).chain(program.get_subcommands()).map(page_name);
    let others: Vec<&str> = others.filter(|other| *other != page_name(command)).collect();
    page.control("SH", ["SEE ALSO"]);
    // Names of pages are not hyphenated.
    page.control("nh", []);
    let mut line = Vec::new();
    for (at, other) in others.iter().enumerate() {
        line.push(bold(*other));
        line.push(roman(if at + 1 < others.len() { format!("({SECTION}), ") } else { format!("({SECTION})") }));
    }
    page.text(line);
}
