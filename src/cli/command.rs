//! The commands of the program.

use clap::{Parser, Subcommand};

use super::color::ColorChoice;
use super::exit::EXIT_CODES;
use super::{
    audit, changelog, completions, diff, evidence, explain, identify, init, judge, lint, list, man, profile, report,
    schema,
};

/// Checks datasets before anyone relies on them.
///
/// A suite (a YAML file) names datasets and the rules that they must meet. `audit` counts the rows that
/// fail each rule and gives scores; its exit code says whether the data may be used.
#[derive(Debug, Parser)]
#[command(name = "passmuster", version, arg_required_else_help = true, after_help = EXIT_CODES, max_term_width = 100)]
pub(super) struct Cli {
    /// When to colour what is written for people
    ///
    /// `auto` follows `NO_COLOR`, `CLICOLOR_FORCE` and `FORCE_COLOR`; without them it colours on terminals.
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t)]
    pub(super) color: ColorChoice,

    /// What to do.
    #[command(subcommand)]
    pub(super) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Audit datasets against the rules of suites
    Audit(Box<audit::AuditArgs>),
    /// Judge a stored result again by suites that have changed, without the data
    ///
    /// Applies thresholds, severities, weights, bands, the gate and all texts of the suites to the counts of the result. A
    /// rule that measures something else than it did needs the data: it is an error and fails the gate.
    Judge(judge::JudgeArgs),
    /// Show a stored result in any format
    Report(report::ReportArgs),
    /// Show what changed from one stored result to another
    Diff(diff::DiffArgs),
    /// Show what changed in the rules from one suite to another, and whom it can break
    Changelog(changelog::ChangelogArgs),
    /// Find mistakes in suites without reading data
    ///
    /// Finds everything that `audit` would refuse, and rules that are duplicate, contradictory, always true or never
    /// apply. Rules are checked against what the suite declares: types, keys, datasets, baselines. Only `audit` checks
    /// the names of columns that the suite does not declare. Findings go to standard output. Each suite is checked by
    /// itself.
    Lint(lint::LintArgs),
    /// Show the page of a check or a topic, or how a suite would be audited
    Explain(explain::ExplainArgs),
    /// Write a suite from exports: the rules that their rows keep
    Init(Box<init::InitArgs>),
    /// Show what the columns of an export contain: identifiers, text faults, formats
    Identify(identify::IdentifyArgs),
    /// Show what datasets contain: types, ranges, frequent values, keys, references
    Profile(Box<profile::ProfileArgs>),
    /// Show failing rows that `audit --evidence` wrote, or make workbooks for owners
    Evidence(evidence::EvidenceArgs),
    /// List what suites and commands can name
    List(list::ListArgs),
    /// Print the JSON Schema of suites, or of what commands write
    ///
    /// Editors complete and check suites with it: `passmuster schema > suite.schema.json`.
    Schema(schema::SchemaArgs),
    /// Print the script with which a shell completes commands, options and values
    ///
    /// bash: `passmuster completions bash > ~/.local/share/bash-completion/completions/passmuster`
    ///
    /// zsh: `passmuster completions zsh > DIR/_passmuster`, where DIR is a folder of `fpath`
    ///
    /// fish: `passmuster completions fish > ~/.config/fish/completions/passmuster.fish`
    ///
    /// PowerShell: `passmuster completions powershell >> $PROFILE`; it completes commands and options, and no values.
    Completions(completions::CompletionsArgs),
    /// Print the manual page of the program or of a command
    ///
    /// It is roff, as `man` reads it: `passmuster man audit | man -l -`.
    Man(man::ManArgs),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn values_out_of_range_are_refused() {
        for args in [
            &["audit", "s.yaml", "--min-score", "101"][..],
            &["audit", "s.yaml", "--as-of", "2026-02-30"],
            &["audit", "s.yaml", "--threads", "-1"],
            &["audit", "s.yaml", "--threads", "100000"],
            &["audit", "s.yaml", "--memory", "lots"],
            &["audit", "s.yaml", "--memory", "2MiB"],
            &["audit", "s.yaml", "--fail-on", "fatal"],
            &["audit", "s.yaml", "--format", "xml"],
            &["audit", "s.yaml", "-q", "-v"],
            &["audit"],
        ] {
            let error = Cli::try_parse_from([&["passmuster"], args].concat()).expect_err("refused");
            assert_eq!(error.exit_code(), 2, "{args:?}");
        }
    }
}
